"""`git okstra release`: a reservation is given back; worktree and branch are left alone."""

from __future__ import annotations

from git_okstra.core import tasks
from git_okstra.core.names import TASK
from git_okstra.core.records import dataclass
from git_okstra.operations import leasing, releasing, removable
from git_okstra.operations.context import Context
from git_okstra.operations.targets import Target
from git_okstra.state import locks


@dataclass(frozen=True, slots=True)
class Released:
    """What was left where it is."""

    path: str
    branch: str


def release(ctx: Context, target: Target, *, dry_run: bool = False) -> Released:
    """Give the target's reservation back. Whoever opens it next gets the worktree as it is.

    Raises `stage-not-open` or `no-such-task` when nobody holds it, `held` when someone else does, `open-stages` for a
    task of which stages are held, `busy` while another process is at it.
    """
    task, number = target.task, target.number
    if not dry_run:
        releasing.settle_task(ctx, task)
    record = ctx.registry.record(task.key)
    reservation = record.reservation(number) if record else None
    if record is None or reservation is None:
        raise removable.nothing_held(task, number)
    alive = locks.is_held(ctx.registry.hold_path(task.key, number))
    removable.require_quiet(ctx, record, number, alive=alive)
    leasing.require_present(ctx, record, number)
    tasks.require_owner(record, number, ctx.owner, releasing.RELEASE)
    stages = sorted(other for other in record.reservations if other != TASK)
    if number == TASK and stages:
        raise releasing.open_stages(task, stages, releasing.RELEASE)
    path = releasing.worktree_of(ctx, task.key, reservation) or reservation.path
    if not dry_run:
        releasing.release(ctx, task, reservation)
    return Released(path, reservation.branch)
