"""`git okstra status`: one task in detail, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from git_okstra.core import advice, names, readiness, syncing, tasks
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.operations import listing, merge_intent, sync_intent, verdict
from git_okstra.operations.context import Context


def _can_be_synced(stage: listing.StageRow, states: Mapping[int, str]) -> bool:
    """Whether what it lacks is where it is taken from: of several dependencies, that is the task branch."""
    return len(stage.depends_on) == 1 or all(states[number] == readiness.MERGED for number in stage.lacks)


@dataclass(frozen=True, slots=True)
class Status:
    """The task's row, the stage whose merge stopped if one did, the stages to open now, what leads on; the verdict.

    `syncing` are the stages (`names.TASK` for the task) whose bringing up to date is not over.
    """

    row: listing.TaskRow
    merging: int | None
    ready: tuple[int, ...]
    advice: tuple[str, ...]
    standing: verdict.Standing
    syncing: tuple[int, ...] = ()


Made = Callable[[], Status]
"""Makes the status as far as it is known: what leads on, and the verdict, come last."""


def status(ctx: Context, task: Task, told: Callable[[Made, listing.Pending], None] | None = None) -> Status:
    """Everything about `task`, and meanwhile to `told` what is known, as `listing.rows` tells it.

    Raises `damaged-file` or `newer-format` when it cannot be read.
    """

    def known(made: listing.Made, pending: listing.Pending) -> None:
        assert told is not None
        told(lambda: Status(made()[0], None, (), (), verdict.Standing(None)), pending)

    row = listing.require_row(ctx, task, known if told is not None else None)
    states = {stage.number: stage.state for stage in row.stages}
    troubled = tuple(stage.number for stage in row.stages if stage.trouble)
    stopped = merge_intent.load(ctx, task)
    openable = row.plan if row.approved and row.owner is not None else None
    ready = readiness.to_open(openable, states) if openable else []
    standing = verdict.standing(ctx, task)
    left = tuple(number for number in [names.TASK, *states] if sync_intent.is_left(ctx, task, number))
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
        behind=[stage.number for stage in row.stages if stage.lacks and _can_be_synced(stage, states)],
        syncing=[syncing.name(number) for number in left],
    )
    merging = stopped.number if stopped else None
    return Status(row, merging, tuple(ready), lines, standing, left)
