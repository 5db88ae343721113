"""Taking a key: reserve under the registry lock, let git work outside of it, then confirm or withdraw.

A reservation is the intent of the operation: it names branch, base and path before anything is made. While its process
lives, that process has the hold; whoever finds a `reserving` entry without one resumes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.operations.context import Context
from git_okstra.state import files, locks, policies


@dataclass(slots=True)
class Claim:
    """The outcome: `tasks.TAKE`, `REUSE` or `RESUME`, the reservation, and the hold while it is being provisioned."""

    decision: str
    reservation: Reservation
    hold: locks.Hold | None


def claim(
    ctx: Context,
    task: Task,
    number: int,
    wanted: Callable[[], Reservation],
    *,
    exclusive: bool = False,
    still_true: Callable[[], bool] = lambda: True,
    settle: Callable[[], object],
) -> Claim:
    """Take `number` (a stage, or `names.TASK`) of `task` for the caller.

    `wanted` makes the reservation when the key is free; it runs outside the lock, and `still_true` tells under the lock
    whether what it was based on still holds (otherwise it is asked again). `settle` finishes a release that was cut
    short. Raises `held`, `busy`, `name-collision`, and whatever `wanted` and `still_true` raise.
    """
    prepared: Reservation | None = None
    while True:
        if prepared is None and _free(ctx, task.key, number):
            prepared = wanted()
        with ctx.registry.locked():
            record = ctx.registry.record(task.key)
            hold_path = ctx.registry.hold_path(task.key, number)
            decision = tasks.decide_claim(
                record,
                number,
                owner=ctx.owner,
                repository=ctx.common_dir,
                alive=locks.is_held(hold_path),
                exclusive=exclusive,
            )
            present = record.reservation(number) if record else None
            if decision == tasks.REUSE and present is not None:
                return Claim(decision, present, None)
            if decision == tasks.RESUME and present is not None and record is not None:
                mine = replace(present, owner=ctx.owner, pid=ctx.pid, pid_start=ctx.pid_start)
                return Claim(decision, mine, _reserve(ctx, task, record, mine))
            if decision == tasks.TAKE:
                if prepared is None or not still_true():
                    prepared = None
                    continue
                require_free_branch(ctx, task, prepared.branch, number)
                prepared = replace(prepared, generation=next_generation(record, number))
                return Claim(decision, prepared, _reserve(ctx, task, record, prepared))
        if decision == tasks.SETTLE:
            settle()
        elif not locks.await_hold(hold_path, ctx.registry.lock_timeout):
            raise OkstraError(
                "busy",
                f"your other process {present.pid if present else '?'} has been opening it for long",
                "wait for it, or stop it and run the same command again",
            )


def foretell(ctx: Context, key: TaskKey, number: int, *, exclusive: bool = False) -> str:
    """What `claim` would decide now, nothing being changed. Raises `held`, `busy`."""
    return tasks.decide_claim(
        ctx.registry.record(key),
        number,
        owner=ctx.owner,
        repository=ctx.common_dir,
        alive=locks.is_held(ctx.registry.hold_path(key, number)),
        exclusive=exclusive,
    )


def require_free_branch(ctx: Context, task: Task, branch: str, number: int = names.TASK) -> None:
    """Raise OkstraError `name-collision` when another task of the project holds the branch, or will for a stage.

    `number` is the stage that is to have it.
    """
    holder = ctx.registry.branch_holder(task.key.project, branch)
    other = ctx.registry.record(holder) if holder not in (None, task.key) else None
    if other is not None:
        said = f"belongs to {_called(other)}; {tasks.called(task.id, number)} ({task.key}) would share it"
    elif number == names.TASK and (found := _stage_to_come(ctx, task, branch)):
        other, stage = found
        said = f"is to be that of {tasks.describe(other, stage)} ({other.key}), once it is opened"
    else:
        return
    if number == names.TASK:
        again = tasks.start_command(task.id, task.category, task.key.group)
        hint = f"give this one another branch: {again} --branch NAME"
    else:
        hint = f"do without a branch of its own: git okstra stage {number} --flat\n"
        hint += f"or, when task {names.printable(other.id)} is needed no more: git okstra remove {other.key.task}"
    raise OkstraError("name-collision", f"the branch '{branch}' {said}", hint)


def _called(record: TaskRecord) -> str:
    return f"{tasks.describe(record, names.TASK)} ({record.key})"


def _stage_to_come(ctx: Context, task: Task, branch: str) -> tuple[TaskRecord, int] | None:
    """The other task one of whose stages is to have a branch of this name, and the stage."""
    parent, number = names.parent_branch(branch)
    holder = ctx.registry.branch_holder(task.key.project, parent) if parent else None
    record = ctx.registry.record(holder) if holder not in (None, task.key) else None
    return (record, number) if record is not None and record.branch == parent else None


def confirm(ctx: Context, key: TaskKey, number: int, hold: locks.Hold) -> None:
    """Mark the reservation active and give the hold back."""
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        reservation = record.reservation(number) if record else None
        if record is not None and reservation is not None:
            save(ctx, with_reservation(record, replace(reservation, state=tasks.ACTIVE)))
        hold.drop()


def withdraw(ctx: Context, key: TaskKey, number: int, hold: locks.Hold | None) -> None:
    """Take the reservation back: nothing was made under it, or what was made is somebody's to keep."""
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        if record is not None:
            drop_reservation(ctx, record, number)
        if hold is not None:
            hold.drop()


def drop_reservation(ctx: Context, record: TaskRecord, number: int) -> None:
    """Write the record without the reservation. Called under the registry lock.

    The derived files come first, so that after a crash between the two the entry is still there to be met again; but
    not for the last reservation: whoever names the task must still find it then.
    """
    gone = record.reservation(number)
    rest = {other: entry for other, entry in record.reservations.items() if other != number}
    after = replace(record, reservations=rest)
    if gone is not None and tasks.was_ready(gone):
        # Whoever takes it next is told apart from what still works for this one.
        after = replace(after, generations={**record.generations, number: gone.generation})
    if after.reservations:
        derive(ctx, after)
    ctx.registry.save(after)
    if not after.reservations:
        derive(ctx, after)
    if gone is not None:
        forget_lease(ctx, record.key, gone)
        ctx.registry.forget_branch(record.key.project, gone.branch)


def forget_lease(ctx: Context, key: TaskKey, reservation: Reservation) -> None:
    """Take away what a killed process left of the lease of a reservation that is over. Called under the registry
    lock."""
    path = ctx.registry.lease_path(key, reservation.number, reservation.generation)
    if os.path.exists(path) and not locks.is_held(path):
        files.remove(path)


def save(ctx: Context, record: TaskRecord) -> None:
    """Write the record, and before it the store's files that follow from it. Called under the registry lock."""
    derive(ctx, record)
    ctx.registry.save(record)


def derive(ctx: Context, record: TaskRecord) -> None:
    """Write the store's file of paths, whether the task is open, and which branches are governed, as the record has
    it."""
    there = {number: entry for number, entry in record.reservations.items() if entry.state == tasks.ACTIVE}
    with ctx.store.locked():
        ctx.store.save_paths(record.key.group, record.key.task, {number: one.path for number, one in there.items()})
        policies.Policies(ctx.common_dir).govern(
            policies.place(record.key), {number: one.branch for number, one in there.items() if not one.flat}
        )


def with_reservation(record: TaskRecord, reservation: Reservation) -> TaskRecord:
    """The record with one reservation put in."""
    return replace(record, reservations={**record.reservations, reservation.number: reservation})


def next_generation(record: TaskRecord | None, number: int) -> int:
    """The generation of a reservation that is made anew."""
    return record.generations.get(number, 0) + 1 if record else 1


def new_reservation(
    ctx: Context,
    number: int,
    *,
    branch: str,
    path: str,
    base: str,
    in_place: bool = False,
    flat: bool = False,
    sparse: bool = False,
) -> Reservation:
    """A reservation by this process, `reserving`."""
    return Reservation(
        number,
        tasks.RESERVING,
        owner=ctx.owner,
        branch=branch,
        path=path,
        base=base,
        since=ctx.now(),
        pid=ctx.pid,
        pid_start=ctx.pid_start,
        in_place=in_place,
        flat=flat,
        sparse=sparse,
    )


def _free(ctx: Context, key: TaskKey, number: int) -> bool:
    record = ctx.registry.record(key)
    return record is None or (record.repository == ctx.common_dir and record.reservation(number) is None)


def _reserve(ctx: Context, task: Task, record: TaskRecord | None, reservation: Reservation) -> locks.Hold:
    hold = locks.Hold(ctx.registry.hold_path(task.key, reservation.number))
    fresh = TaskRecord(task.key, task.id, task.category, task.branch, ctx.common_dir)
    ctx.registry.save(with_reservation(record or fresh, reservation))
    return hold
