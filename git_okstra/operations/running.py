"""`git okstra run`: the stages of a plan worked off by a command, several at a time, closed and merged as they end.

One loop decides (`core.scheduling`) from the journal, the refs and the registry, starts a worker for each stage
(`run_worker`), hears what the workers tell, and merges. It keeps nothing of its own: whatever ends it, the next run
sees the same and goes on, and two runs at once share out the stages, each being held by the worker that has it.
Whoever iterates over the events drives it; left before its end, all that it started is ended first.
"""

from __future__ import annotations

import select
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from git_okstra.core import leases, lifecycle, names, ports, readiness, scheduling, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.scheduling import Decision, Situation
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import process, supervising
from git_okstra.operations import ground, leasing, merge, places, plans, recording, run_files, run_worker
from git_okstra.operations.brief import Brief
from git_okstra.operations.context import Context
from git_okstra.operations.run_worker import Job
from git_okstra.operations.targets import Target
from git_okstra.state import locks
from git_okstra.state import ports as probing

LOOK_AGAIN = 1.0
"""Seconds after which what somebody else does is looked at again."""

FOLLOW = 0.2
"""Seconds between two looks at what the commands write, for somebody who watches."""

COUNT = 2.0
"""Seconds between two counts of a stage's commits and changed files, for somebody who watches."""

_AT_ONCE = 1 << 20
"""Bytes of a log that are read at a time."""

PASSES = 6
"""How often a stage may be refused, without anybody having it, before that counts as a failure."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be run: the stages `numbers` (none: all), the command `words` (an agent's when `agent` names one), and
    how. `timeout` is in seconds for each attempt, `retries` the attempts after the first; `again` tells what to type to
    run one stage again; `follow` asks for what the commands write, and for counts."""

    numbers: tuple[int, ...]
    words: tuple[str, ...]
    agent: str | None
    jobs: int
    render: Callable[[Brief], str]
    again: Callable[[int], str]
    fail_fast: bool = False
    retries: int = 0
    timeout: float | None = None
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: what, when (RFC 3339, UTC), to which stage if to one, and more by name.

    `began`, `opening`, `opened`, `started`, `output`, `progress`, `exited`, `done`, `merged`, `retrying`, `failed`,
    `stopped`, `left`, `note`, `tick` (nothing; it is time to paint), and last of all `ended`.
    """

    kind: str
    time: str
    stage: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a run would do: the stages in the order in which it would begin them, each with `merge`, `resume` or `open`
    and the turn in which, if all take equally long; the stages that are merged; those that cannot be worked on, with
    what stands in their way; those that another run works on; and those in which this command runs itself."""

    steps: tuple[tuple[int, str, int], ...]
    merged: tuple[int, ...]
    left: Mapping[int, tuple[int, ...]]
    awaited: tuple[int, ...]
    around: frozenset[int] = frozenset()


def foretell(ctx: Context, task: Task, request: Request) -> Foretold:
    """What `run` would do, if everything went well. Raises as `run` does at its beginning."""
    run = _Run(ctx, task, request)
    now = run.look()
    states, steps, turn = dict(now.states), [], 1
    merged = tuple(number for number in run.wanted if states[number] == readiness.MERGED)
    decision = run.decide(now)
    while decision.merge or decision.open:
        steps += [(number, "merge", turn) for number in decision.merge]
        steps += [(one, "resume" if states[one] == readiness.OPEN else "open", turn) for one in decision.open]
        states |= dict.fromkeys((*decision.merge, *decision.open), readiness.MERGED)
        done = {number for number, state in states.items() if state == readiness.MERGED}
        for stage in run.plan.stages:
            if states[stage.number] == readiness.WAITING and done.issuperset(stage.depends_on):
                states[stage.number] = readiness.READY
        turn += bool(decision.open)
        decision = run.decide(Situation(states, elsewhere=now.elsewhere, held=now.held))
    return Foretold(tuple(steps), merged, decision.left, decision.awaited, run.around)


def run(ctx: Context, task: Task, request: Request) -> Iterator[Event]:
    """Work the stages off; what happens, as it happens.

    Raises, before the first event, `plan-missing`, `plan-not-approved`, `no-such-stage`, `no-such-task` when the task
    has no worktree; with the first, when there is something to do, `phase-not-ready` in a phase that allows no commits
    of stages, and `dirty-worktree`, `wrong-branch` or `merge-in-progress` when nothing could be merged.
    """
    return _Run(ctx, task, request).events()


@dataclass(slots=True)
class _Under:
    """A stage under way: its worker, where its command writes, how far that was read, and what to count from."""

    worker: supervising.Worker
    port: int
    log: str = ""
    read: int = 0
    path: str = ""
    base: str = ""
    counted: float = 0.0
    ended: bool = False
    """Whether it has said how it went."""


class _Run:
    def __init__(self, ctx: Context, task: Task, request: Request) -> None:
        self.ctx, self.task, self.request = ctx, task, request
        self.plan = plans.require_approved(ctx, task)
        self.wanted = scheduling.wanted(self.plan, request.numbers)
        places.reservation(ctx, Target(task))
        # One worktree serves one stage at a time.
        self.jobs = 1 if task.in_place else request.jobs
        self.under: dict[int, _Under] = {}
        within = ctx.environ.get(run_worker.WITHIN, "").split()
        self.around = frozenset(one for one in self.wanted if names.stage_key(task.key, one) in within)
        self.attempts: Counter[int] = Counter()
        self.failed: dict[int, OkstraError] = {}
        self.stopped: set[int] = set()
        self.passed: Counter[int] = Counter()
        self.not_before: dict[int, float] = {}
        self.directory = ""

    # -- deciding

    def look(self) -> Situation:
        """How things stand now."""
        ctx, task = self.ctx, self.task
        history = ctx.store.history(task.key.group, task.key.task)
        facts = ground.stage_facts(ctx, task, self.plan, history)
        states = ground.states(self.plan, history, facts)
        for number in self.wanted:
            if history.stage(number).flat and states[number] == readiness.DONE:
                states[number] = readiness.MERGED
        elsewhere: set[int] = set()
        held: set[int] = set()
        for number in self.wanted:
            if number in self.under or states[number] == readiness.MERGED:
                continue
            if run_files.is_taken(ctx, task, number):
                # A stage in which we run ourselves does not end before we do: waiting for it would never end.
                (held if number in self.around else elsewhere).add(number)
                continue
            entry = facts.record.reservation(number) if facts.record else None
            if entry is None:
                continue
            if entry.state == tasks.ACTIVE:
                held |= {number} if entry.owner != self.owner(number) else set()
            elif locks.is_held(ctx.registry.hold_path(task.key, number)):
                held.add(number)
            elif entry.state == tasks.RESERVING:
                states[number] = readiness.READY  # whoever was opening it is gone: it is taken up
        # Somebody else may have brought in by now what failed here.
        failed = tuple(number for number in self.failed if states[number] != readiness.MERGED)
        return Situation(states, tuple(self.under), failed, elsewhere, held)

    def decide(self, now: Situation) -> Decision:
        """What to do next."""
        retried = {number for number, count in self.attempts.items() if count}
        return scheduling.decide(
            self.plan, self.wanted, now, jobs=self.jobs, fail_fast=self.request.fail_fast, retried=retried
        )

    def owner(self, number: int) -> str:
        """In whose name a stage is opened: each has its own, so that no two commands count as the same owner."""
        return f"{self.ctx.owner}/s{number}"

    # -- the loop

    def events(self) -> Iterator[Event]:
        """See `run`."""
        now = self.look()
        if any(now.states[number] != readiness.MERGED for number in self.wanted):
            self._require_phase()
            if not self.task.in_place:
                merge.require_fit(self.ctx, self.task)  # or all the work would be done, and none of it brought in
        # The workers change the task before this process may, and the operation is its.
        recording.expect(f"{self.task.key.group}/{self.task.key.task}")
        self.directory = run_files.new_run(self.ctx, self.task)
        command, agent = list(self.request.words), self.request.agent
        yield self._event("began", run=self.directory, stages=list(self.wanted), jobs=self.jobs, command=command,
                          agent=agent)  # fmt: skip
        try:
            yield from self._loop()
        finally:
            supervising.end_all([one.worker for one in self.under.values()])
        yield from self._ended()

    def _loop(self) -> Iterator[Event]:
        while True:
            if self.request.fail_fast and self.failed and self.under:
                yield from self._stop_all()
            now = self.look()
            decision = self.decide(now)
            moment = time.monotonic()
            due = {one for one in (*decision.merge, *decision.open) if self.not_before.get(one, 0) <= moment}
            # Opened first, which goes on beside us while we merge.
            for number in decision.open:
                if number in due:
                    yield self._start(number, now.states[number] == readiness.OPEN)
            for number in decision.merge:
                if number in due:
                    yield from self._merge(number)
            if due.intersection(decision.merge):
                continue  # what depends on them may be ready now
            if decision.over:
                return
            put_off = len(due) < len(decision.merge) + len(decision.open)
            patience = LOOK_AGAIN / 4 if put_off else LOOK_AGAIN if decision.awaited or now.held else None
            until = None if patience is None else time.monotonic() + patience
            working = set(self.under)
            while working == set(self.under) and (until is None or time.monotonic() < until):
                yield from self._hear(until)

    def _start(self, number: int, resumed: bool) -> Event:
        self.attempts[number] += 1
        path = names.worktree_path(self.ctx.home, self.task.key, number)
        taken = {one.port for one in self.under.values()}
        blocks = [block for block in ports.blocks(path) if block not in taken]
        port = next((one for one in blocks if probing.are_free(range(one, one + ports.BLOCK))), blocks[0])
        job = Job(
            task=self.ctx.store.task(*self.task.key) or self.task,
            number=number,
            attempt=self.attempts[number],
            run=self.directory,
            owner=self.owner(number),
            words=self.request.words,
            agent=self.request.agent is not None,
            port=port,
            timeout=self.request.timeout,
            again=self.request.again(number),
            render=self.request.render,
        )
        worker = supervising.Worker(lambda channel: run_worker.work(self.ctx, job, channel))
        self.under[number] = _Under(worker, port)
        return self._event("opening", number, resumed=resumed, attempt=job.attempt)

    def _hear(self, until: float | None) -> Iterator[Event]:
        """Wait for what the workers tell, and say it."""
        patience = None if until is None else max(0.0, until - time.monotonic())
        if self.request.follow:
            patience = FOLLOW if patience is None else min(patience, FOLLOW)
        by_fd = {one.worker.fd: number for number, one in self.under.items()}
        ready, _, _ = select.select(list(by_fd), [], [], patience)
        for fd in ready:
            yield from self._hear_from(by_fd[fd])
        if self.request.follow:
            for number in list(self.under):
                yield from self._followed(number)
            yield self._event("tick")

    def _hear_from(self, number: int) -> Iterator[Event]:
        under = self.under[number]
        said, over = under.worker.hear()
        for message in said:
            yield from self._told(number, under, message)
        if over:
            del self.under[number]
            if not under.ended:
                error = OkstraError(
                    "command-failed",
                    "the process that worked on it was killed",
                    f"go on where it stands: {self.request.again(number)}",
                )
                yield from self._refused(number, error, tried=True)

    def _told(self, number: int, under: _Under, message: dict[str, Any]) -> Iterator[Event]:
        kind = message.pop("kind")
        if kind in ("opened", "started", "exited", "note", "done"):
            under.path = message.get("path", under.path)
            under.base = message.get("base", under.base)
            if kind == "started":
                under.log, under.read = message["log"], 0
            if kind == "exited":
                yield from self._followed(number, rest=True)
            under.ended = under.ended or kind == "done"
            yield self._event(kind, number, **message)
            return
        under.ended = True
        if kind == "stopped":
            self.stopped.add(number)
            error = OkstraError(
                "command-failed",
                "it was told to end",
                f"go on where it stands: {self.request.again(number)}",
            )
            yield from self._refused(number, error, tried=False)
        elif kind == "fault":
            error = OkstraError(
                "internal",
                f"a fault in git okstra: {message['text']}",
                "see where, and report it: OKSTRA_TRACE=1 git okstra …",
            )
            yield from self._refused(number, error, tried=False)
        else:
            error = OkstraError(message["code"], message["message"], message["hint"])
            if kind == "passed" and self.passed[number] < PASSES:
                # Somebody was faster, or is at it in this moment: the next look tells.
                self.passed[number] += 1
                self.attempts[number] -= 1
                self.not_before[number] = time.monotonic() + LOOK_AGAIN / 2
            else:
                yield from self._refused(number, error, tried=message.get("tried", False))

    def _refused(self, number: int, error: OkstraError, *, tried: bool) -> Iterator[Event]:
        """A stage could not be brought to its end: it is tried again, or has failed."""
        fields = {"code": error.code, "message": error.message, "hint": error.hint}
        if tried and self.attempts[number] <= self.request.retries:
            left = self.request.retries - self.attempts[number]
            yield self._event("retrying", number, attempt=self.attempts[number] + 1, retries_left=left, **fields)
            return
        self.failed[number] = error
        yield self._event("failed", number, **fields)

    def _stop_all(self) -> Iterator[Event]:
        supervising.end_all([one.worker for one in self.under.values()])
        stopped = [number for number, one in self.under.items() if not one.ended]
        self.under.clear()
        self.stopped |= set(stopped)
        for number in stopped:
            yield self._event("stopped", number)

    def _merge(self, number: int) -> Iterator[Event]:
        found: dict[int, str | None] = {}
        refused: OkstraError | None = None
        try:
            found = dict(merge.merge(self.ctx, self.task, [number], take_back=True).merged)
        except OkstraError as error:
            refused = error
        for note in self.ctx.notes:
            yield self._event("note", number, text=note)
        self.ctx.notes.clear()
        for one, commit in found.items():
            yield self._event("merged", one, commit=commit)
        if refused is not None and refused.code == "busy":
            self.not_before[number] = time.monotonic() + LOOK_AGAIN / 4
        elif refused is not None:
            yield from self._refused(number, refused, tried=False)

    def _ended(self) -> Iterator[Event]:
        now = self.look()
        decision = self.decide(now)
        merged = [number for number in self.wanted if now.states[number] == readiness.MERGED]
        left = {}
        for number in self.wanted:
            if number in merged or number in self.failed or number in self.stopped:
                continue
            causes = decision.left.get(number, ())
            fields: dict[str, Any] = {"because": list(causes)}
            if number in now.held and not causes:
                record = self.ctx.registry.record(self.task.key)
                entry = record.reservation(number) if record else None
                if record is not None and entry is not None:
                    yield self._held(record, entry)
                    continue
            left[number] = causes
            yield self._event("left", number, **fields)
        yield self._event(
            "ended",
            merged=merged,
            failed={str(number): error.code for number, error in sorted(self.failed.items()) if number not in merged},
            stopped=sorted(self.stopped),
            left=sorted(left),
            complete=len(merged) == len(self.wanted),
        )

    def _held(self, record: TaskRecord, entry: Reservation) -> Event:
        """Somebody else has the stage, and nothing else is left to do."""
        number = entry.number
        if number in self.around and run_files.is_taken(self.ctx, self.task, number):
            return self._held_by_us(number)
        message = tasks.held(record, entry).message
        hint = (
            f"close it when it is finished: git okstra done {number}\n"
            f"or have it given back for a run: git okstra release {number}"
        )
        if leasing.state(self.ctx, record.key, entry) in (leases.GONE, leases.EXPIRED):
            owner = names.typed(self.owner(number))
            hint = f"its owner is gone; have a run take it over: OKSTRA_OWNER={owner} git okstra takeover {number}"
        return self._failed_held(number, message, hint)

    def _held_by_us(self, number: int) -> Event:
        """The stage is worked on by a run whose command started this one."""
        waiting = [one for one in self.wanted if number in self.plan.ancestors(one)]
        message = f"stage {number} is the one in which this command runs"
        hint = "end this command: the run that started it closes and merges the stage"
        if waiting:
            message += f", and {ground.listed(waiting)} {'wait' if len(waiting) > 1 else 'waits'} for it"
            hint += f"\nafter that: {self.request.again(waiting[-1])}"
        return self._failed_held(number, message, hint)

    def _failed_held(self, number: int, message: str, hint: str) -> Event:
        self.failed[number] = OkstraError("held", message, hint)
        return self._event("failed", number, code="held", message=message, hint=hint)

    # -- for somebody who watches

    def _followed(self, number: int, *, rest: bool = False) -> Iterator[Event]:
        """The lines that the command of a stage has written since the last time, and now and then what it changed."""
        under = self.under[number]
        if not self.request.follow or not under.log:
            return
        while True:
            before = under.read
            lines, under.read = _lines_from(under.log, before, rest=rest)
            for line in lines:
                yield self._event("output", number, text=line)
            if not rest or under.read == before:
                break  # nobody comes back for the rest of it
        moment = time.monotonic()
        if not rest and under.path and moment - under.counted >= COUNT:
            under.counted = moment
            commits, changed = _counted(under.path, under.base)
            yield self._event("progress", number, commits=commits, files=changed)

    def _event(self, kind: str, stage: int | None = None, **data: Any) -> Event:
        return Event(kind, self.ctx.now(), stage, data)

    def _require_phase(self) -> None:
        phase = lifecycle.require(self.task.phase)
        if phase.stage_commits == "none":
            raise OkstraError(
                "phase-not-ready",
                f"the task is in the phase {phase.name}, which allows no commits of stages",
                f"a person moves it: git okstra phase {lifecycle.IMPLEMENTATION}",
            )


def _lines_from(log: str, offset: int, *, rest: bool) -> tuple[list[str], int]:
    """The whole lines of a log from an offset on (with `rest` the last one too, whole or not), and the new offset."""
    try:
        with open(log, "rb") as file:
            file.seek(offset)
            data = file.read(_AT_ONCE)
    except OSError:
        return [], offset
    # What was read in part only ends in the middle of a line, also when it is the rest.
    end = len(data) if rest and len(data) < _AT_ONCE else data.rfind(b"\n") + 1
    if not end and len(data) > 1 << 16:
        end = len(data)  # a line that has no end is shown in pieces
    lines = data[:end].decode("utf-8", "replace").split("\n")
    return (lines[:-1] if lines[-1] == "" else lines), offset + end


def _counted(path: str, base: str) -> tuple[int, int]:
    """The commits since `base` in a worktree, and the files that differ from it, untracked ones too."""
    commits = process.git(["rev-list", "--count", f"{base}..HEAD"], cwd=path, check=False).text
    asked = ["--no-optional-locks", "-c", "core.quotePath=false"]
    changed = process.git([*asked, "diff", "--name-only", "--no-renames", base], cwd=path, check=False).out
    untracked = process.git([*asked, "ls-files", "--others", "--exclude-standard"], cwd=path, check=False).out
    return int(commits or 0), len({*changed.splitlines(), *untracked.splitlines()})
