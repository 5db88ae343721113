"""Giving a key back: `releasing` under the registry lock, the work outside of it, then the reservation goes.

While its process lives, that process has the hold. A `releasing` entry without one was cut short; whoever meets it
calls `settle`, which finishes it, or takes it back where nothing has been moved yet. The reservation says how:
`purpose` is the verb, and `trash` the id of the operation, under which the trash has its entry and the journal its
event.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import refs, worktrees
from git_okstra.operations import claiming, moving, removable, restoring, trashing
from git_okstra.operations.context import Context
from git_okstra.state import locks, trash
from git_okstra.state.trash import Entry

RELEASE = "release"


def settle(ctx: Context, key: TaskKey, number: int) -> Entry | None:
    """Finish or take back a release or restoration whose process is gone; nothing when there is none.

    Returns the trash entry when a removal was finished. A note says what was done. Raises what the step that is left
    raises (`restore-blocked`, `cannot-write`); then it is as it was.
    """
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        reservation = record.reservation(number) if record else None
        path = ctx.registry.hold_path(key, number)
        if record is None or reservation is None or record.repository != ctx.common_dir:
            return None
        if reservation.state != tasks.RELEASING or locks.is_held(path):
            return None
        hold = locks.Hold(path)
    with _given_back(ctx, hold):
        task = ctx.store.task(*key)
        if task is None:
            raise OkstraError(
                "damaged-file",
                f"task {names.printable(record.id)} is being released, but the store does not know it",
                "git okstra doctor --repair",
            )
        what = tasks.describe(record, number)
        if reservation.purpose == restoring.RESTORE:
            _settle_restoration(ctx, key, reservation, hold, what)
            return None
        if not _has_entry(reservation):
            _finish_without_entry(ctx, task, reservation)
            return None
        entry = trash.load(ctx.store, reservation.trash)
        stands = removable.standing(ctx, key, reservation).path if entry is None else ""
        if stands or (entry is not None and not trashing.moved(entry)):
            _take_back(ctx, task, reservation, entry)
            ctx.note(f"the removal of {what} was cut short before anything was moved; it was taken back")
            return None
        entry = _finish(ctx, entry or trashing.write_entry(ctx, task, reservation, 0))
        ctx.note(
            f"finished the removal of {what}, which was cut short; to bring it back: git okstra restore {entry.id}"
        )
        return entry


def settle_task(ctx: Context, task: Task) -> dict[int, Entry]:
    """`settle` everything of one task; the trash entries of the removals that were finished, by number."""
    record = ctx.registry.record(task.key)
    finished = {}
    for number, reservation in sorted(record.reservations.items() if record else ()):
        entry = settle(ctx, task.key, number) if reservation.state == tasks.RELEASING else None
        if entry is not None:
            finished[number] = entry
    return finished


def remove(
    ctx: Context,
    task: Task,
    reservation: Reservation,
    purpose: str,
    *,
    tip: str | None,
    uncommitted: int,
    require: Callable[[TaskRecord], None] = lambda record: None,
) -> Entry | None:
    """Take a reservation away with worktree and branch; the trash entry, None when it had neither of its own.

    `reservation`, `tip` and `uncommitted` are what the decision was based on: raises `busy` or `branch-moved` when they
    have changed since, and then nothing was done. `require` is asked under the registry lock and may refuse it. Also
    raises `cannot-write` when the directory cannot be moved.
    """
    hold, going = _begin(ctx, task, reservation, purpose, require)
    with _given_back(ctx, hold):
        if not _has_entry(going):
            _finish_without_entry(ctx, task, going)
            return None
        entry: Entry | None = None
        try:
            entry = trashing.write_entry(ctx, task, going, uncommitted)
            if entry.tip != tip:
                raise OkstraError(
                    "branch-moved",
                    f"the branch '{entry.branch}' moved while it was looked at",
                    "look at it, then run the same command again",
                )
            return _finish(ctx, entry)
        except OkstraError:
            if entry is None or not trashing.moved(entry):
                _take_back(ctx, task, going, entry, before=reservation)
            raise


def release(ctx: Context, task: Task, reservation: Reservation) -> None:
    """Give a reservation back and leave worktree and branch alone. Raises `busy` when it has changed since."""
    hold, going = _begin(ctx, task, reservation, RELEASE)
    with _given_back(ctx, hold):
        _finish_without_entry(ctx, task, going)


def restore(ctx: Context, entry: Entry) -> Reservation:
    """Bring back what the entry has, for the caller; the reservation as it is then.

    Raises `held`, `restore-blocked`, `no-such-trash`, `name-collision`.
    """
    with ctx.registry.locked():
        record = ctx.registry.record(entry.key)
        if record is not None and (record.repository != ctx.common_dir or record.reservation(entry.number) is not None):
            present = record.reservation(entry.number) or record.reservations[min(record.reservations)]
            raise tasks.held(record, present, elsewhere=record.repository != ctx.common_dir)
        if entry.number != TASK and (record is None or record.reservation(TASK) is None):
            raise task_first(ctx, entry)
        claiming.require_free_branch(ctx, entry.task, entry.branch, entry.number)
        now = trash.load(ctx.store, entry.id)
        if now is None or now.emptying:
            raise OkstraError(
                "no-such-trash", f"'{entry.id}' is in the trash no more", "see what is: git okstra restore"
            )
        coming = replace(
            entry.reservation,
            state=tasks.RELEASING,
            owner=ctx.owner,
            path=entry.path,
            since=ctx.now(),
            pid=ctx.pid,
            pid_start=ctx.pid_start,
            trash=entry.id,
            purpose=restoring.RESTORE,
            generation=claiming.next_generation(record, entry.number),
            renewed="",
            former="",
        )
        hold = locks.Hold(ctx.registry.hold_path(entry.key, entry.number))
        fresh = TaskRecord(entry.key, entry.task.id, entry.task.category, entry.task.branch, ctx.common_dir)
        ctx.registry.save(claiming.with_reservation(record or fresh, coming))
    with _given_back(ctx, hold):
        try:
            restoring.forward(ctx, entry, hold)
        except OkstraError:
            if entry.place and not restoring.moved(entry):
                _drop(ctx, entry.key, coming)
            raise
        restoring.clear(ctx, entry)
        return _activate(ctx, entry.key, coming)


def task_first(ctx: Context, entry: Entry) -> OkstraError:
    """The refusal to bring back a stage of a task that is not there, naming what to bring back first."""
    ids = [one.id for one in trash.entries(ctx.store) if one.key == entry.key and one.number == TASK]
    task = entry.task
    hint = (
        f"bring the task back first: git okstra restore {ids[-1]}"
        if ids
        else f"start the task first: git okstra start {task.category} {names.quoted(task.id)}"
    )
    return OkstraError(
        "restore-blocked",
        f"nobody holds task {names.printable(task.id)}, so its stage {entry.number} has no place to come back to",
        f"{hint}\nthen: git okstra restore {entry.id}",
    )


def withdraw_unmade(
    ctx: Context, key: TaskKey, reservation: Reservation, hold: locks.Hold, *, made: bool = False
) -> None:
    """Provisioning failed: take the reservation back if no worktree stands, else leave it for the next run to resume.

    With `made` a branch of the reservation's that is still at its base and checked out nowhere is deleted: a run before
    this one made it. (A branch that this run made, provisioning has taken back itself; any other is not ours.)
    """
    there = removable.standing(ctx, key, reservation)
    if there.linked or there.admin:
        with ctx.registry.locked():
            hold.drop()
        return
    if made and not reservation.flat and not reservation.in_place:
        with ctx.store.worktrees_locked():
            at_base = refs.branch(ctx.common_dir, reservation.branch) == reservation.base
            if at_base and not removable.checked_out(ctx, reservation.branch, ""):
                change = (f"refs/heads/{reservation.branch}", None, reservation.base)
                moving.update(ctx.common_dir, [change], "okstra: take back")
    claiming.withdraw(ctx, key, reservation.number, hold)


def _begin(
    ctx: Context,
    task: Task,
    reservation: Reservation,
    purpose: str,
    require: Callable[[TaskRecord], None] = lambda record: None,
) -> tuple[locks.Hold, Reservation]:
    """Set the reservation to `releasing` and take the hold; both. `require` may refuse it, under the registry lock."""
    number = reservation.number
    going = replace(reservation, state=tasks.RELEASING, pid=ctx.pid, pid_start=ctx.pid_start, purpose=purpose)
    with ctx.registry.locked():
        record = ctx.registry.record(task.key)
        path = ctx.registry.hold_path(task.key, number)
        present = record.reservation(number) if record else None
        if record is None or present != reservation or locks.is_held(path):
            raise removable.changed(task, number)
        require(record)
        others = sorted(other for other in record.reservations if other != TASK)
        if number == TASK and others:
            raise open_stages(task, others, purpose)
        if _has_entry(going):
            trash_id = trash.free_id(ctx.store, ctx.now(), task.key, number, trashing.home_trash(ctx))
            going = replace(going, trash=trash_id)
        else:
            going = replace(going, trash=f"{ctx.now()}-{ctx.pid}-{os.urandom(3).hex()}")
        hold = locks.Hold(path)
        try:
            # Not `claiming.save`: the derived files go on naming the task, so that whoever names it can settle this.
            ctx.registry.save(claiming.with_reservation(record, going))
            if _has_entry(going):
                trashing.make_room(ctx, going.trash)
        except OkstraError:
            ctx.registry.save(record)
            hold.drop()
            raise
    return hold, going


def open_stages(task: Task, numbers: list[int], verb: str) -> OkstraError:
    """The refusal to give a task back while stages of it are held."""
    listed = ", ".join(str(number) for number in numbers)
    hint = f"git okstra {verb} {numbers[0]}"
    return OkstraError(
        "open-stages",
        f"stage{'' if len(numbers) == 1 else 's'} {listed} of {names.printable(task.id)} "
        f"{'is' if len(numbers) == 1 else 'are'} still held",
        f"first: {hint}" if verb == RELEASE else "run the same command again: it takes them along",
    )


def _finish(ctx: Context, entry: Entry) -> Entry:
    entry = trashing.forward(ctx, entry)
    trashing.write_journal(ctx, entry)
    _drop(ctx, entry.key, replace(entry.reservation, trash=entry.id))
    return entry


def _finish_without_entry(ctx: Context, task: Task, reservation: Reservation) -> None:
    """What has no worktree or branch of its own, or leaves them alone: marker, journal, reservation."""
    stage = None if reservation.number == TASK else reservation.number
    if not reservation.flat:
        there = worktree_of(ctx, task.key, reservation)
        if there:
            worktrees.unmark(there)
    record = ctx.store.history(task.key.group, task.key.task).stage(stage) if stage is not None else None
    data: dict[str, object] = {"operation": reservation.trash, "branch": reservation.branch}
    if reservation.purpose == RELEASE:
        event = ctx.event("released", stage, **data)
    elif reservation.purpose == trashing.ABANDON:
        event = ctx.event("abandoned", stage, **data)
    else:
        keeps = {} if record is None else {"keeps": removable.merged_head(ctx, task, record)}
        event = ctx.event("removed", stage, **data, **keeps, purpose=reservation.purpose)
    with ctx.store.locked():
        if not trashing.recorded(ctx, task, reservation.trash):
            ctx.store.append(task.key.group, task.key.task, event)
    _drop(ctx, task.key, reservation)


def worktree_of(ctx: Context, key: TaskKey, reservation: Reservation) -> str:
    """The directory of the worktree that carries our marker for the reservation; empty when there is none."""
    if reservation.in_place:
        return reservation.path
    there = removable.standing(ctx, key, reservation)
    return there.path if there.linked else ""


def _settle_restoration(ctx: Context, key: TaskKey, reservation: Reservation, hold: locks.Hold, what: str) -> None:
    entry = trash.load(ctx.store, reservation.trash)
    if entry is not None and not restoring.moved(entry):
        _drop(ctx, key, reservation)
        ctx.note(f"{what} was about to come back from the trash; it stays there: git okstra restore {entry.id}")
        return
    if entry is not None:
        restoring.forward(ctx, entry, hold)
        restoring.clear(ctx, entry)
    _activate(ctx, key, reservation)
    ctx.note(f"finished bringing {what} back, which was cut short")


def _take_back(
    ctx: Context, task: Task, going: Reservation, entry: Entry | None, *, before: Reservation | None = None
) -> None:
    """Nothing was moved, or it is moved back: the reservation is as it was before."""
    if entry is not None:
        trashing.back(ctx, entry)
    else:
        trashing.discard(ctx, going.trash)
    if before is None:
        opened = trashing.was_opened(ctx.store.history(task.key.group, task.key.task), going.number)
        state = tasks.ACTIVE if opened else tasks.RESERVING
        before = replace(going, state=state, trash="", purpose="")
    with ctx.registry.locked():
        record = ctx.registry.record(task.key)
        present = record.reservation(going.number) if record else None
        if record is not None and present is not None and present.trash == going.trash:
            claiming.save(ctx, claiming.with_reservation(record, before))


def _drop(ctx: Context, key: TaskKey, reservation: Reservation) -> None:
    """Take the reservation out of the registry if it still is that of this operation."""
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        present = record.reservation(reservation.number) if record else None
        if record is not None and present is not None and present.trash == reservation.trash:
            claiming.drop_reservation(ctx, record, reservation.number)


def _activate(ctx: Context, key: TaskKey, coming: Reservation) -> Reservation:
    active = replace(coming, state=tasks.ACTIVE, trash="", purpose="")
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        if record is not None:
            claiming.save(ctx, claiming.with_reservation(record, active))
    return active


def _has_entry(reservation: Reservation) -> bool:
    return reservation.purpose != RELEASE and not reservation.in_place and not reservation.flat


@contextlib.contextmanager
def _given_back(ctx: Context, hold: locks.Hold) -> Iterator[None]:
    """Drop the hold at the end, under the registry lock as it must be."""
    try:
        yield
    finally:
        with ctx.registry.locked():
            hold.drop()
