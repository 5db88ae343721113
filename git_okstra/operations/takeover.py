"""`git okstra takeover`: a stage whose owner is gone gets another one, and everything in its worktree stays as it is.

The reservation is the point of no return: it names the new owner, and in `former` the old one until the journal has its
event. Whoever finds it so completes the journal; both are written under the registry and the store lock, so that a
`done` that was being checked meanwhile is either recorded before or refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from git_okstra.core import journal, leases, names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import changes, refs, repository
from git_okstra.operations import claiming, leasing, plans, policing, removable, who
from git_okstra.operations.context import Context
from git_okstra.state import locks


@dataclass(frozen=True, slots=True)
class Taken:
    """`decision` is `leases.TAKE`, `ASK` or `MINE`, `before` the reservation as it was; `generation` is the present
    one, or the one to come. `active` is when somebody was last seen at work there, `uncommitted` are the paths in its
    worktree that no commit holds."""

    number: int
    decision: str
    before: Reservation
    owner: str
    generation: int
    active: str
    uncommitted: tuple[str, ...]


def foretell(ctx: Context, task: Task, number: int) -> Taken:
    """What `takeover` would do; nothing is changed.

    Raises `held` when the owner is not gone, `busy` while the stage is being opened or removed, `stage-not-open`
    when nobody holds it, and `no-such-stage`.
    """
    record, present = _require_held(ctx, task, number)
    decision = _decide(ctx, record, present)
    generation = present.generation + (decision != leases.MINE)
    status = changes.Status()
    if repository.admin_directory(present.path) is not None:
        status = changes.status(present.path)
    else:
        gone = names.printable(present.path)
        ctx.note(f"its worktree '{gone}' is gone; have it made again: git okstra doctor --repair")
    committed = refs.committed(ctx.common_dir, [present.branch]).get(present.branch, 0)
    active = who.last_seen(present, ctx.now(), committed, who.newest(present.path, status))
    return Taken(number, decision, present, ctx.owner, generation, who.stamp(active), status.paths)


def takeover(ctx: Context, task: Task, number: int, foretold: Taken) -> Taken:
    """Make the caller the owner of the stage, as it was foretold and confirmed; its own stays as it is.

    Raises what `foretell` does, also when that has changed meanwhile.
    """
    with ctx.registry.locked():
        record, present = _require_held(ctx, task, number)
        if present.owner not in (foretold.before.owner, ctx.owner):
            raise tasks.held(record, present)  # somebody was faster
        decision = _decide(ctx, record, present)
        with ctx.store.locked():
            record, present = _settled(ctx, record, present)
            if decision != leases.MINE:
                if replace(present, former=foretold.before.former) != foretold.before:
                    raise removable.changed(task, number)
                if decision == leases.ASK and foretold.decision != leases.ASK:
                    raise removable.changed(task, number)
                coming = replace(
                    present,
                    owner=ctx.owner,
                    since=ctx.now(),
                    pid=ctx.pid,
                    pid_start=ctx.pid_start,
                    generation=foretold.generation,
                    renewed="",
                    former=present.owner,
                )
                record = claiming.with_reservation(record, coming)
                ctx.registry.save(record)
                claiming.forget_lease(ctx, task.key, present)
                _settled(ctx, record, coming)
    policing.refresh(ctx, task.key)
    return replace(foretold, decision=decision)


def settle(ctx: Context, key: TaskKey, number: int) -> None:
    """Complete a takeover whose process is gone; nothing when there is none."""
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        present = record.reservation(number) if record else None
        if record is not None and present is not None and record.repository == ctx.common_dir:
            with ctx.store.locked():
                _settled(ctx, record, present)


def _require_held(ctx: Context, task: Task, number: int) -> tuple[TaskRecord, Reservation]:
    """The record, and the active reservation of the stage in it."""
    record = ctx.registry.record(task.key)
    present = record.reservation(number) if record else None
    if record is None or present is None:
        plans.require_stored(ctx, task).plan.require(number)
        raise OkstraError(
            "stage-not-open",
            f"nobody holds stage {number} of {names.printable(task.id)}, so there is nobody to take it over from",
            f"open it: git okstra stage {number}",
        )
    alive = locks.is_held(ctx.registry.hold_path(task.key, number))
    removable.require_quiet(ctx, record, number, alive=alive)
    if present.state != tasks.ACTIVE:
        doing = "opened" if present.state == tasks.RESERVING else "removed or brought back"
        raise OkstraError(
            "stage-not-open",
            f"stage {number} of {names.printable(task.id)} was being {doing} by {names.printable(present.owner)}, "
            "whose process is gone",
            f"finish that, and have it: git okstra stage {number}",
        )
    return record, present


def _decide(ctx: Context, record: TaskRecord, present: Reservation) -> str:
    return leases.decide_takeover(
        record,
        present.number,
        owner=ctx.owner,
        repository=ctx.common_dir,
        state=leasing.state(ctx, record.key, present),
    )


def _settled(ctx: Context, record: TaskRecord, present: Reservation) -> tuple[TaskRecord, Reservation]:
    """Complete the takeover that the reservation says is under way, if any. Called under registry and store lock."""
    if not present.former:
        return record, present
    place = (record.key.group, record.key.task)
    told = [event for event in ctx.store.events(*place) if event.event == journal.TAKEN_OVER]
    if not any((event.stage, event.data.get("generation")) == (present.number, present.generation) for event in told):
        data = {"from": present.former, "generation": present.generation}
        event = journal.Event(journal.TAKEN_OVER, present.since, present.owner, present.number, data)
        ctx.store.append(*place, event)
    present = replace(present, former="")
    record = claiming.with_reservation(record, present)
    ctx.registry.save(record)
    return record, present
