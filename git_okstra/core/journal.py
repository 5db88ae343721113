"""The journal folded: what a task's events say of its stages.

Events are only ever added. The fold is total: an event that is unknown (written by a newer version) or impossible
where it stands changes nothing, so that an old journal is always readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from git_okstra.core.records import dataclass, field, replace

OPEN = "open"
DONE = "done"
ABANDONED = "abandoned"

STARTED = "started"
RELEASED = "released"
REMOVED = "removed"
SQUASHED = "squashed"
TAKEN_OVER = "taken-over"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal. `stage` is None for what concerns the task; `data` holds commits and the rest."""

    event: str
    time: str
    owner: str
    stage: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The JSON object of the line."""
        head: dict[str, Any] = {"time": self.time, "event": self.event, "owner": self.owner}
        if self.stage is not None:
            head["stage"] = self.stage
        return {**head, **self.data}


def event_from(document: Mapping[str, Any]) -> Event | None:
    """The event in a JSON object, or None when it is none."""
    event, time, owner, stage = (document.get(name) for name in ("event", "time", "owner", "stage"))
    if not (isinstance(event, str) and isinstance(time, str) and isinstance(owner, str)):
        return None
    if stage is not None and (not isinstance(stage, int) or isinstance(stage, bool) or stage < 1):
        return None
    rest = {name: value for name, value in document.items() if name not in ("event", "time", "owner", "stage")}
    return Event(event, time, owner, stage, rest)


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What the journal says of one stage.

    `state` is `open`, `done`, `abandoned`, or None when it is as if it had never been opened. `head` is the commit
    recorded by the last `done`; `merges` the merge commits that brought it into the task branch; `flat` whether the
    task branch serves as its branch; `before` the record that a `restored` event brings back; `generation` the lease
    under which it was last taken over, 1 when it never was.
    """

    number: int
    state: str | None = None
    base: str | None = None
    head: str | None = None
    owner: str | None = None
    since: str | None = None
    flat: bool = False
    merges: tuple[str, ...] = ()
    before: StageRecord | None = None
    generation: int = 1


@dataclass(frozen=True, slots=True)
class History:
    """The folded journal: stage records by number, and whether the task is `started`, `released` or `removed`.

    `squashes` are the hand-offs that made one commit of the task branch: (the tip it had, the commit), in their order.
    """

    stages: Mapping[int, StageRecord] = field(default_factory=dict)
    task: str | None = None
    squashes: tuple[tuple[str, str], ...] = ()

    def stage(self, number: int) -> StageRecord:
        """The record of a stage; an empty one when nothing happened to it."""
        return self.stages.get(number) or StageRecord(number)

    def started(self) -> dict[int, str]:
        """The stages that stand on the plan as it is: number to `open` or `done`."""
        return {
            number: record.state
            for number, record in sorted(self.stages.items())
            if record.state in (OPEN, DONE) and record.state is not None
        }


def fold(events: Iterable[Event]) -> History:
    """What the events, in the order they were written, say of the stages."""
    stages: dict[int, StageRecord] = {}
    task: str | None = None
    squashes: list[tuple[str, str]] = []
    for event in events:
        if event.stage is not None:
            before = stages.get(event.stage)
            after = step(before or StageRecord(event.stage), event)
            if before is not None or after != StageRecord(event.stage):
                stages[event.stage] = after
        elif event.event == "plan-imported":
            # An abandoned stage is ready again; editing the plan drops it altogether.
            stages = {number: record for number, record in stages.items() if record.state != ABANDONED}
        elif event.event == "task-started":
            if task != RELEASED:
                stages, squashes = {}, []
            task = STARTED
        elif event.event == "restored":
            task = STARTED
        elif event.event in (RELEASED, REMOVED):
            task = event.event
        elif event.event == SQUASHED:
            old, new = (event.data.get(name) for name in ("old", "new"))
            if isinstance(old, str) and isinstance(new, str):
                squashes.append((old, new))
    return History(stages, task, tuple(squashes))


def since_start(events: Iterable[Event]) -> list[Event]:
    """The events of the task's present life: those since it was started anew, this start included."""
    found: list[Event] = []
    state: str | None = None
    for event in events:
        if event.stage is None and event.event == "task-started":
            if state != RELEASED:
                found = []
            state = STARTED
        elif event.stage is None and event.event in ("restored", RELEASED, REMOVED):
            state = event.event
        found.append(event)
    return found


def text(event: Event, name: str) -> str | None:
    """What the event says under `name`, if that is a text."""
    value = event.data.get(name)
    return value if isinstance(value, str) else None


def step(record: StageRecord, event: Event) -> StageRecord:
    """The record of a stage after one more event of it."""
    if event.event == "started":
        return StageRecord(
            record.number,
            OPEN,
            base=text(event, "base"),
            owner=event.owner,
            since=event.time,
            flat=event.data.get("flat") is True,
            before=record.before,
        )
    if event.event == "done" and record.state in (OPEN, DONE):
        return replace(record, state=DONE, head=text(event, "head"), since=event.time)
    if event.event == "reopened" and record.state == DONE:
        return replace(record, state=OPEN, since=event.time)
    if event.event == TAKEN_OVER and record.state in (OPEN, DONE):
        generation = event.data.get("generation")
        return replace(
            record, owner=event.owner, generation=generation if type(generation) is int else record.generation
        )
    if event.event == "abandoned" and record.state in (OPEN, DONE):
        gone = replace(record, before=None)
        return StageRecord(record.number, ABANDONED, owner=event.owner, since=event.time, before=gone)
    if event.event == "merged" and record.state == DONE:
        commit = text(event, "commit")
        return replace(record, merges=(*record.merges, commit) if commit else record.merges)
    if event.event == "removed" and event.data.get("keeps") is not True:
        return StageRecord(record.number, before=replace(record, before=None))
    if event.event == "restored" and record.state in (None, ABANDONED) and record.before is not None:
        return record.before
    return record
