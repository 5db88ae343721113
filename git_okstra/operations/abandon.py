"""`git okstra abandon`: a stage is given up; its branch is kept under `refs/okstra/abandoned/`."""

from __future__ import annotations

from git_okstra.core import journal, names, removal, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.core.tasks import Task, TaskRecord
from git_okstra.operations import claiming, ground, releasing, removable, remove, trashing
from git_okstra.operations.context import Context
from git_okstra.operations.remove import Removed


def abandon(ctx: Context, task: Task, number: int, *, force_dirty: bool = False, dry_run: bool = False) -> Removed:
    """Give stage `number` up: its worktree goes to the trash, and it may be opened anew.

    `force_dirty` takes along what is uncommitted or on no branch. Raises `stage-not-open`, `stage-closed` when it is
    merged, `open-stages` when others started from it, and what `remove` raises.
    """
    settled = {} if dry_run else releasing.settle_task(ctx, task)
    history = ctx.store.history(task.key.group, task.key.task)
    stage = history.stage(number)
    if stage.state not in (journal.OPEN, journal.DONE):
        if number in settled:
            return Removed((remove.from_entry(settled[number]),))
        raise OkstraError(
            "stage-not-open",
            f"stage {number} of {names.printable(task.id)} is not open, so there is nothing to give up",
            f"see the stages: git okstra status --task {task.key.task}",
        )
    _require_unused(ctx, task, number, history)
    record = ctx.registry.record(task.key)
    if record is None:
        raise removable.nothing_held(task, names.TASK)
    unheld = record.reservation(number) is None
    if unheld:
        # It was given back and its branch left alone: it is taken hold of again, to be given up like any other.
        record = _with_unheld(ctx, task, record, stage)
    (one,) = remove.examine_all(ctx, task, record, [number], "abandon", deletes_branch=False)
    found = removal.reasons(one.facts, force_dirty=force_dirty, force_unmerged=False)
    if found:
        raise removal.refusal(found, removable.short_command(ctx, "abandon", task, number))
    if one.reservation.flat:
        ctx.note(f"stage {number} has no branch of its own; its commits stay on '{task.branch}'")
    if dry_run:
        return Removed((remove.foretold(task, one),))
    if unheld:
        _take_hold(ctx, task, record, number)
    return Removed((remove.take_away(ctx, task, replace(one, stage=stage), trashing.ABANDON),))


def _require_unused(ctx: Context, task: Task, number: int, history: journal.History) -> None:
    if removable.merged_head(ctx, task, history.stage(number)) and not history.stage(number).flat:
        raise OkstraError(
            "stage-closed",
            f"stage {number} is merged into '{task.branch}'; giving it up would not take it out again",
            f"for more work on it: git okstra reopen {number}\n"
            f"to free its worktree: {removable.short_command(ctx, 'remove', task, number)}",
        )
    plan = removable.task_plan(ctx, task)
    based = ground.started_from(plan, history, number) if plan else []
    if based:
        raise OkstraError(
            "open-stages",
            f"{ground.listed(based)} started from stage {number}",
            f"give that up first: {removable.short_command(ctx, 'abandon', task, based[-1])}",
        )


def _with_unheld(ctx: Context, task: Task, record: TaskRecord, stage: journal.StageRecord) -> TaskRecord:
    own = record.reservation(names.TASK)
    reservation = claiming.new_reservation(
        ctx,
        stage.number,
        branch=task.branch if stage.flat else names.branch(task.branch, stage.number),
        path=own.path if stage.flat and own else names.worktree_path(ctx.home, task.key, stage.number),
        base=stage.base or task.base_commit,
        flat=stage.flat,
    )
    generation = claiming.next_generation(record, stage.number)
    taken = replace(reservation, state=tasks.ACTIVE, generation=generation)
    return claiming.with_reservation(record, taken)


def _take_hold(ctx: Context, task: Task, record: TaskRecord, number: int) -> None:
    with ctx.registry.locked():
        present, taken = ctx.registry.record(task.key), record.reservations[number]
        free = present is not None and present.reservation(number) is None
        if present is None or not free or claiming.next_generation(present, number) != taken.generation:
            raise removable.changed(task, number)
        claiming.require_free_branch(ctx, task, taken.branch, number)
        claiming.save(ctx, claiming.with_reservation(present, taken))
