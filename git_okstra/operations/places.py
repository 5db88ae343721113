"""Where a task or stage is: `git okstra path` and `exec`."""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import leases, lifecycle, names, roster, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Reservation, Task
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


def require_agent(ctx: Context, task: Task, agent: str) -> None:
    """Raise OkstraError `agent-not-allowed` unless the roster lets `agent` work in the phase that the task is in."""
    profiles = {phase.name: ctx.settings.get(roster.setting(phase.name)) for phase in lifecycle.PHASES}
    roster.require_agent(profiles, task.phase, agent)


def execute(ctx: Context, target: Target, command: Sequence[str], agent: str | None = None) -> None:
    """Become `command` in the target's worktree, with `OKSTRA_TASK` and `OKSTRA_STAGE` set; `agent` is who asks.

    Raises what `reservation` raises, `agent-not-allowed`, and `usage` when there is no such command.
    """
    if agent is not None:
        require_agent(ctx, target.task, agent)
    found = reservation(ctx, target)
    env = {"OKSTRA_TASK": str(target.task.key)}
    if target.number != names.TASK:
        env["OKSTRA_STAGE"] = str(target.number)
    before = {name: ctx.environ.get(name) for name in ("OKSTRA_TASK", "OKSTRA_STAGE")}
    if ctx.environ.get(leases.VARIABLE) and before != {"OKSTRA_STAGE": None, **env}:
        env[leases.VARIABLE] = ""  # a lease of another stage is none of this one
    process.replace(command, cwd=found.path, env=env)
