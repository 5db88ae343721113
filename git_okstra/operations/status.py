"""`git okstra status`: one task in detail, and what to do next."""

from __future__ import annotations

from git_okstra.core import advice, readiness, tasks
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.operations import listing, merge_intent, verdict
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Status:
    """The task's row, the stage whose merge stopped if one did, the stages to open now, what leads on; the verdict."""

    row: listing.TaskRow
    merging: int | None
    ready: tuple[int, ...]
    advice: tuple[str, ...]
    standing: verdict.Standing


def status(ctx: Context, task: Task) -> Status:
    """Everything about `task`. Raises `damaged-file` or `newer-format` when it cannot be read."""
    row = listing.require_row(ctx, task)
    states = {stage.number: stage.state for stage in row.stages}
    troubled = tuple(stage.number for stage in row.stages if stage.trouble)
    stopped = merge_intent.load(ctx, task)
    openable = row.plan if row.approved and row.owner is not None else None
    ready = readiness.to_open(openable, states) if openable else []
    standing = verdict.standing(ctx, task)
    lines = advice.following(
        states,
        ready=ready,
        merging=stopped is not None,
        task_state=row.state,
        start=tasks.start_command(task.id, task.category, task.key.group),
        has_plan=row.plan is not None,
        approved=row.approved,
        trouble=bool(row.trouble) or bool(troubled),
        own=[stage.number for stage in row.stages if stage.owner == ctx.owner],
        accepted=standing.holds,
    )
    merging = stopped.number if stopped else None
    return Status(row, merging, tuple(ready), lines, standing)
