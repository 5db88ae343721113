"""Where a task or stage is: `git okstra path` and `exec`."""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Reservation
from git_okstra.git import process
from git_okstra.operations import plans, provisioning
from git_okstra.operations.context import Context
from git_okstra.operations.targets import Target


def reservation(ctx: Context, target: Target) -> Reservation:
    """The active reservation of the target, its directory being there.

    Raises `no-such-task` or `stage-not-open` when nobody has it, `plan-missing` or `no-such-stage` when there is no
    such stage, `worktree-missing` when the directory is gone.
    """
    task, number = target.task, target.number
    record = ctx.registry.record(task.key)
    found = record.reservation(number) if record and record.repository == ctx.common_dir else None
    if found is None and number == names.TASK:
        raise OkstraError(
            "no-such-task",
            f"task {names.printable(task.id)} has no worktree of ours now",
            f"have it made again: {tasks.start_command(task.id, task.category, task.key.group)}",
        )
    if found is None:
        plans.require_stored(ctx, task).plan.require(number)
        raise OkstraError(
            "stage-not-open",
            f"stage {number} of {names.printable(task.id)} has no worktree now",
            f"open it: git okstra stage {number}",
        )
    provisioning.require_worktree(found)
    return found


def execute(ctx: Context, target: Target, command: Sequence[str]) -> None:
    """Become `command` in the target's worktree, with `OKSTRA_TASK` and `OKSTRA_STAGE` set.

    Raises what `reservation` raises, and `usage` when there is no such command.
    """
    found = reservation(ctx, target)
    env = {"OKSTRA_TASK": str(target.task.key)}
    if target.number != names.TASK:
        env["OKSTRA_STAGE"] = str(target.number)
    process.replace(command, cwd=found.path, env=env)
