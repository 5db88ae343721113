"""What stands of an operation on a task: its events, and whether everything is as the operation left it."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Any

from git_okstra.core import journal, names, tasks
from git_okstra.core.names import TASK
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import refs
from git_okstra.operations import ground, plans, recording
from git_okstra.operations.context import Context
from git_okstra.state import locks
from git_okstra.state.operation_log import Change

_MOVES_TASK_BRANCH = ("merged", journal.SQUASHED, journal.UNDONE)


class Facts:
    """An operation's change of one task, beside the task as it is now."""

    def __init__(self, ctx: Context, task: Task, change: Change) -> None:
        self.ctx, self.task, self.change = ctx, task, change
        self.written = ctx.store.written(task.key.group, task.key.task)
        self.events = [event for one in change.events if (event := journal.event_from(one)) is not None]
        self.numbers = {number for event in self.events for number in _about(event)}
        if not self.events:
            # A stage that was released is open in the journal as before: to take it again is no event.
            both = change.before.get("reservations", {}), change.after.get("reservations", {})
            self.numbers = set(map(int, set(both[0]) ^ set(both[1])))
        """The stages (TASK for the task itself) that the operation's events speak of."""
        stand = set(map(id, journal.standing(self.written)))
        marks = [journal.mark(event) for event in self.written]
        self._places: list[int] = []
        for event in reversed(self.events):
            wanted = journal.mark(event)
            fitting = [n for n, mark in enumerate(marks) if mark == wanted and n not in self._places]
            self._places += fitting[-1:]
        self.standing = [self.written[place] for place in sorted(self._places) if id(self.written[place]) in stand]
        self._stand = stand

    @functools.cached_property
    def now(self) -> dict[str, object]:
        """The state of the task as a record would have it now."""
        return recording.summary(recording.state(self.ctx, self.ctx.store, self.change.name))

    @functools.cached_property
    def was(self) -> dict[str, object]:
        """The state before, as comparable with `now`."""
        return recording.summary(self.change.before)

    def held(self, when: str) -> dict[int, Reservation]:
        """The reservations `before` or `after`, of the stages that the operation was about; not what was only begun to
        be made by a command that was cut short."""
        found = getattr(self.change, when).get("reservations", {})
        known = {name: entry for name, entry in found.items() if int(name) in self.numbers}
        every = {int(name): tasks.Reservation(**_known(entry)) for name, entry in known.items()}
        return {number: one for number, one in every.items() if when == "after" or one.state != tasks.RESERVING}

    def half_done(self) -> list[str]:
        """What of the operation was cut short, or is being done at the moment."""
        record = self.ctx.registry.record(self.task.key)
        return [
            f"{tasks.called(self.task.id, number)} is half {'made' if one.state == tasks.RESERVING else 'given back'}"
            for number, one in sorted(record.reservations.items() if record else ())
            if number in self.numbers and one.state != tasks.ACTIVE
        ]

    def tips(self) -> dict[str, tuple[str | None, str | None]]:
        """The branches that the operation moved, made or deleted: ref to where it was before and after."""
        mine = {names.branch(self.task.branch, number) for number in self.numbers if number != TASK}
        if TASK in self.numbers or any(event.event in _MOVES_TASK_BRANCH for event in self.events):
            mine.add(self.task.branch)
        before, after = self.change.before.get("refs", {}), self.change.after.get("refs", {})
        pairs = {ref: (before.get(ref), after.get(ref)) for ref in sorted({*before, *after})}
        return {
            ref: pair for ref, pair in pairs.items() if pair[0] != pair[1] and ref.removeprefix("refs/heads/") in mine
        }

    def at_work(self) -> list[str]:
        """The stages of the operation that a living process works on under a lease."""
        record = self.ctx.registry.record(self.task.key)
        return [
            f"{tasks.called(self.task.id, number)} is at work under a process of {names.printable(one.owner)}"
            for number, one in sorted(record.reservations.items() if record else ())
            if number in self.numbers
            and locks.is_held(self.ctx.registry.lease_path(self.task.key, number, one.generation))
        ]

    def changed(self, name: str) -> bool:
        """Whether the operation changed the file (`task` or `plan`) and it is not as before already."""
        return self.was.get(name) != self.change.after.get(name) and self.now.get(name) != self.was.get(name)

    def later(self) -> list[journal.Event]:
        """The standing events after the operation's that concern the same stages, or the task."""
        last = max(self._places, default=len(self.written))
        return [
            event
            for event in self.written[last + 1 :]
            if id(event) in self._stand
            and event.event != journal.UNDONE
            and (event.stage is None or event.stage in self.numbers or TASK in self.numbers)
        ]

    def built_on(self, undone: Collection[str]) -> list[str]:
        """What was done since to the same stages, or from them; `undone` are marks that do not count."""
        later = [event for event in self.later() if journal.mark(event) not in undone]
        found = [
            f"{names.printable(event.owner)} has built on it since: {event.event}"
            + (f" (stage {event.stage})" if event.stage is not None else "")
            for event in later
        ]
        stored = plans.stored(self.ctx, self.task)
        history = self.ctx.store.history(self.task.key.group, self.task.key.task)
        kinds = {event.event for event in self.events}
        if stored is not None and kinds & {"started", "done", "restored"}:
            for number in sorted(self.numbers - {TASK}):
                based = ground.started_from(stored.plan, history, number)
                if based:
                    found.append(f"{ground.listed(based)} started from stage {number}")
        return found + self._opened_from_merge(history)

    def _opened_from_merge(self, history: journal.History) -> list[str]:
        """The stages that were opened from a commit which the task branch got by the operation, and would lose."""
        before, after = self.tips().get(f"refs/heads/{self.task.branch}", (None, None))
        trees = [refs.read(self.ctx.common_dir, f"{commit}^{{tree}}") for commit in (before, after) if commit]
        if before is None or after is None or trees[0] == trees[1]:
            return []  # a squash has the files of the tip that it took the place of
        bases = {number: stage.base for number, stage in history.stages.items() if stage.state and stage.base}
        own = {base for base in bases.values() if base not in ground.contained(self.ctx, [base], before)}
        there = ground.contained(self.ctx, own, after)
        based = [number for number, base in sorted(bases.items()) if base in there]
        return [f"{ground.listed(based)} started from the task branch as it is now"] if based else []

    def moved(self) -> list[str]:
        """What is neither as the operation left it nor as it was before."""
        found = []
        for ref, (before, after) in self.tips().items():
            now = refs.read(self.ctx.common_dir, ref)
            if now not in (before, after):
                branch = ref.removeprefix("refs/heads/")
                where = f"is at {now[:12]} now" if now else "is gone"
                found.append(f"the branch '{branch}' {where}; the operation left it at {str(after)[:12]}")
        for ref in self._judged():
            left, now = self.change.after.get("refs", {}).get(ref), refs.read(self.ctx.common_dir, ref)
            if now is not None and left is not None and now != left:
                found.append(f"'{ref.removeprefix('refs/heads/')}' has commits that were added since")
        for name in ("task", "plan"):
            if self.changed(name) and self.now.get(name) != self.change.after.get(name):
                found.append(f"{name}.toml of {names.printable(self.task.id)} was changed since")
        return found

    def _judged(self) -> list[str]:
        """The branches that the operation left where they were, but allowed commits on: what was added since would be
        judged by other rules, or by none."""
        kinds = {event.event for event in self.events}
        if "phase" in kinds:
            return sorted(self.change.after.get("refs", {}))
        flat = any(one.flat for one in self.held("after").values())
        reopened = {event.stage for event in self.events if event.event == "reopened" and event.stage is not None}
        branches = [names.branch(self.task.branch, number) for number in sorted(reopened)]
        return [f"refs/heads/{branch}" for branch in (*branches, *([self.task.branch] if flat else []))]


def _known(entry: dict[str, object]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name in tasks.Reservation.__slots__}


def _about(event: journal.Event) -> list[int]:
    """The stages that an event is about; an `undone` one names them."""
    named = event.data.get("stages")
    if event.event == journal.UNDONE and isinstance(named, list):
        return [number for number in named if isinstance(number, int)]
    return [TASK if event.stage is None else event.stage]
