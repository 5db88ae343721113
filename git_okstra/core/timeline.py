"""Who worked on which stage when, from the journal; how much it helped to work side by side, and what could not.

Times are seconds since 1970. The order of the journal is the truth and its times are only what clocks said: where they
contradict it (an end before its beginning, written on another machine), what lies between took no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from git_okstra.core import journal
from git_okstra.core.journal import Event, StageRecord
from git_okstra.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which one owner had the stage open; `running` when that lasts.

    One that is `given_up` came to nothing: the stage was abandoned, or removed as if it had never been opened. It is
    shown, and counts for nothing.
    """

    begin: int
    end: int
    owner: str
    running: bool = False
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One stage that somebody worked on: its title (empty when the plan lost it), its spans, when it was merged.

    `seconds` is how long it was worked on.
    """

    number: int
    title: str
    spans: tuple[Span, ...]
    merged: tuple[int, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stages by number, and what follows.

    `begin` and `end` enclose everything, None when nothing happened. `working` is the sum of all stages, `busy` the
    time in which at least one was worked on. `critical` is the chain of dependencies that was worked on longest, for
    `critical_seconds`: more hands would not have made the task shorter than that.
    """

    rows: tuple[Row, ...]
    begin: int | None
    end: int | None
    working: int
    busy: int
    critical: tuple[int, ...]
    critical_seconds: int

    @property
    def elapsed(self) -> int:
        """Seconds from the first event to the last, pauses included."""
        return 0 if self.begin is None or self.end is None else self.end - self.begin

    @property
    def speed_up(self) -> float | None:
        """How many times as long the stages one after another would have taken, pauses left out of both: at least 1 and
        at most the number of stages. None when no time has passed."""
        return self.working / self.busy if self.busy else None

    @property
    def owners(self) -> tuple[str, ...]:
        """Whoever worked on anything, in the order of their first work."""
        spans = sorted((span for row in self.rows for span in row.spans), key=lambda span: span.begin)
        return tuple(dict.fromkeys(span.owner for span in spans))


def timeline(plan: Plan, events: Iterable[Event], now: int) -> Timeline:
    """The timeline of a task's present life. What is still open lasts until `now`."""
    works = _works(events)
    titles = {stage.number: stage.title for stage in plan.stages}
    rows = []
    for number, work in sorted(works.items()):
        spans = tuple(
            replace(span, end=max(span.begin, now)) if span.running else span for span in [*work.lost, *work.spans]
        )
        if spans:
            kept = [span for span in spans if not span.given_up]
            spans = tuple(sorted(spans, key=lambda span: (span.begin, span.end)))
            rows.append(Row(number, titles.get(number, ""), spans, tuple(work.merged), _covered(kept)))
    times = [time for row in rows for span in row.spans for time in (span.begin, span.end)]
    times += [time for row in rows for time in row.merged]
    seconds = {row.number: row.seconds for row in rows}
    critical = _critical(plan, seconds)
    return Timeline(
        tuple(rows),
        min(times, default=None),
        max(times, default=None),
        sum(seconds.values()),
        _covered(span for row in rows for span in row.spans if not span.given_up),
        critical,
        sum(seconds[number] for number in critical),
    )


def seconds_of(time: str) -> int | None:
    """The seconds of a time in RFC 3339, in UTC where it does not say; None when that is no time."""
    try:
        found = datetime.fromisoformat(time)
        return int((found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


@dataclass(slots=True)
class _Work:
    """A stage on the way through the journal; `last_lost` are the spans that `restored` brings back."""

    record: StageRecord
    spans: list[Span]
    lost: list[Span]
    last_lost: list[Span]
    merged: list[int]

    def close(self, time: int) -> None:
        if self.spans and self.spans[-1].running:
            last = self.spans[-1]
            self.spans[-1] = replace(last, end=max(last.begin, time), running=False)

    def lose(self) -> None:
        self.last_lost = [replace(span, given_up=True) for span in self.spans]
        self.lost += self.last_lost
        self.spans = []

    def regain(self) -> None:
        found, self.last_lost = self.last_lost, []
        self.lost = self.lost[: len(self.lost) - len(found)]
        self.spans = [replace(span, given_up=False) for span in found]


def _works(events: Iterable[Event]) -> Mapping[int, _Work]:
    works: dict[int, _Work] = {}
    present = journal.since_start(events)
    time = next((said for event in present if (said := seconds_of(event.time)) is not None), 0)
    for event in present:
        said = seconds_of(event.time)
        time = time if said is None else said
        if event.stage is None:
            if event.event in (journal.RELEASED, journal.REMOVED):
                for work in works.values():
                    work.close(time)
            continue
        work = works.setdefault(event.stage, _Work(StageRecord(event.stage), [], [], [], []))
        before, after = work.record, journal.step(work.record, event)
        work.record = after
        if event.event == "merged" and before.state == journal.DONE:
            work.merged.append(time)
        # Begun again while it was open, or taken over: from here on it is another's.
        anew = event.event == journal.STARTED or (before.state == journal.OPEN and before.owner != after.owner)
        # Who gives it back (released) works on it no more, though the stage stays open.
        if after.state != journal.OPEN or anew or event.event == journal.RELEASED:
            work.close(time)
        if before.state in (journal.OPEN, journal.DONE) and after.state in (None, journal.ABANDONED):
            work.lose()
        elif event.event == "restored" and before.state != after.state:
            work.regain()
        if after.state == journal.OPEN and (before.state != journal.OPEN or anew):
            work.spans.append(Span(time, time, event.owner, running=True))
    return works


def _covered(spans: Iterable[Span]) -> int:
    """The seconds that lie in at least one of the spans."""
    total, until = 0, None
    for begin, end in sorted((span.begin, span.end) for span in spans):
        total += max(0, end - (begin if until is None else max(begin, until)))
        until = end if until is None else max(until, end)
    return total


def _critical(plan: Plan, seconds: Mapping[int, int]) -> tuple[int, ...]:
    """The chain of dependencies with the most seconds; of several the first in the order of the plan."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {}
    for stage in plan.order():
        before = max(
            (best[other] for other in stage.depends_on if other in best), key=lambda chain: chain[0], default=(0, ())
        )
        total = before[0] + seconds.get(stage.number, 0)
        best[stage.number] = total, (*before[1], stage.number) if total else ()
    return max(best.values(), key=lambda chain: chain[0], default=(0, ()))[1]
