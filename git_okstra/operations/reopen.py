"""`git okstra reopen`: a stage that is done is taken back to open, for more work on it."""

from __future__ import annotations

import os

from git_okstra.core import journal, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task
from git_okstra.operations import ground, plans
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Reopened:
    """The stage, the head it had recorded, and the stages that were started from that head."""

    number: int
    head: str | None
    dependents: tuple[int, ...]


def reopen(ctx: Context, task: Task, number: int, *, dry_run: bool = False) -> Reopened:
    """Take stage `number` of `task` back to open; one that is open already stays so.

    Raises `plan-missing`, `no-such-stage`, `stage-not-done`, `held`, `taken-over`, and `open-stages` when the
    task's own worktree serves another stage now.
    """
    plan = plans.require_stored(ctx, task).plan
    plan.require(number)
    with ctx.registry.locked(), ctx.store.locked():
        reservation = ground.own_reservation(ctx, task, number, "reopen")
        history = ctx.store.history(task.key.group, task.key.task)
        record = history.stage(number)
        if record.state not in (journal.OPEN, journal.DONE):
            why = "was given up" if record.state == journal.ABANDONED else "was never opened"
            raise OkstraError(
                "stage-not-done", f"stage {number} of {names.printable(task.id)} {why}", f"git okstra stage {number}"
            )
        if record.state == journal.DONE:
            if record.flat:
                ground.require_no_other_flat(ctx, task, number, history)
            if not dry_run:
                ctx.store.append(task.key.group, task.key.task, ctx.event("reopened", number, head=record.head))
    if record.state == journal.OPEN:
        ctx.note(f"stage {number} is open already")
    dependents = ground.started_from(plan, history, number)
    if dependents and record.state == journal.DONE:
        ctx.note(f"{ground.listed(dependents)} started from its recorded head and will not see what is changed now")
    _tell_where(ctx, number, reservation)
    return Reopened(number, record.head, tuple(dependents))


def _tell_where(ctx: Context, number: int, reservation: Reservation | None) -> None:
    if reservation is None:
        ctx.note(f"it has no worktree now; to have it made again: git okstra stage {number}")
    elif not os.path.isdir(reservation.path):
        ctx.note(f"its worktree '{names.printable(reservation.path)}' is gone; see: git okstra doctor --repair")
