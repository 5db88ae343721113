"""`git okstra phase`: shows the phase of a task, or moves it. A phase changes here and nowhere else."""

from __future__ import annotations

from git_okstra.core import closing, journal, lifecycle, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.lifecycle import Phase
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Task
from git_okstra.git import refs
from git_okstra.operations import plans, verdict
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Shown:
    """The phase a task is in, and the one after it with what is missing before it may begin."""

    task: Task
    phase: Phase
    following: Phase | None
    missing: tuple[OkstraError, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The task, the phase it was in, the one it is in now; `voided` says that a verdict that held lost its force."""

    task: Task
    before: Phase
    phase: Phase
    moved: bool
    voided: bool


def show(ctx: Context, task: Task) -> Shown:
    """Where the task is and what comes next."""
    task = settle(ctx, task)
    here = lifecycle.require(task.phase)
    after = lifecycle.following(here)
    return Shown(task, here, after, tuple(_missing(ctx, task, after)) if after else ())


def change(ctx: Context, task: Task, wanted: str, *, dry_run: bool = False) -> Moved:
    """Move the task to the phase `wanted`, or to the `next` one, because a person says so.

    Raises `no-such-phase`, and `phase-not-ready` or `plan-not-approved` with all that is missing.
    """
    task = settle(ctx, task)
    here = lifecycle.require(task.phase)
    phase = lifecycle.target(task.lifecycle, here.name, wanted)
    missing = _missing(ctx, task, phase) if phase != here else []
    if missing:
        named = f"{names.printable(task.id)} cannot go to {phase.name}"
        only = missing[0]
        single = OkstraError(only.code, f"{named}: {only.message}", only.hint)
        raise single if len(missing) == 1 else closing.refusal(missing, named)
    voided = lifecycle.voids(phase.name) and verdict.standing(ctx, task).holds
    if not dry_run and phase != here:
        with ctx.store.locked():
            task = move(ctx, task, phase.name)
    return Moved(task, here, phase, phase != here, voided)


def move(ctx: Context, task: Task, name: str) -> Task:
    """Record that the task is in the phase `name` from now on. Called under the store lock; the rules were asked.

    The journal comes first: `settle` completes a move that was cut short between the two files.
    """
    present = ctx.store.task(*task.key) or task
    if present.phase == name:
        return present
    branches = {number: names.branch(task.branch, number) for number in _open_or_done(ctx, task)}
    tips = refs.listed(ctx.common_dir, *(f"refs/heads/{branch}" for branch in (task.branch, *branches.values())))
    stages = {str(number): tips[f"refs/heads/{b}"] for number, b in branches.items() if f"refs/heads/{b}" in tips}
    head = tips.get(f"refs/heads/{task.branch}")
    event = ctx.event("phase", None, **{"from": present.phase, "to": name, "head": head, "stages": stages})
    ctx.store.append(task.key.group, task.key.task, event)
    return _save(ctx, replace(present, phase=name))


def settle(ctx: Context, task: Task) -> Task:
    """The task, a move of its phase that was cut short being completed."""
    if _recorded(ctx, task) in (None, task.phase):
        return task
    with ctx.store.locked():
        now = ctx.store.task(*task.key) or task
        recorded = _recorded(ctx, now)
        return now if recorded in (None, now.phase) else _save(ctx, replace(now, phase=recorded or now.phase))


def _save(ctx: Context, task: Task) -> Task:
    """The one place that writes a phase; what is derived from it for the hooks is made anew from here."""
    ctx.store.save_task(task)
    return task


def _recorded(ctx: Context, task: Task) -> str | None:
    """The phase of the journal's last move since the task was started; None when it was never moved."""
    known = {phase.name for phase in lifecycle.PHASES}
    events = journal.since_start(ctx.store.events(task.key.group, task.key.task))
    moves = [journal.text(event, "to") for event in events if event.event == "phase"]
    return next((name for name in reversed(moves) if name in known), None)


def _open_or_done(ctx: Context, task: Task) -> list[int]:
    stages = ctx.store.history(task.key.group, task.key.task).stages
    return [number for number, stage in sorted(stages.items()) if stage.state and not stage.flat]


def _missing(ctx: Context, task: Task, phase: Phase) -> list[OkstraError]:
    stored = plans.stored(ctx, task)
    unproven = "" if lifecycle.voids(phase.name) else verdict.standing(ctx, task).objection
    return lifecycle.missing(phase, plan_approved=stored.valid if stored else None, unproven=unproven)
