"""`git okstra restore`: what is in the trash, and bringing it back."""

from __future__ import annotations

import os
import re

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import refs
from git_okstra.operations import plans, releasing, restoring, targets, trashing
from git_okstra.operations.context import Context
from git_okstra.state import trash
from git_okstra.state.trash import Entry

_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}-")


@dataclass(frozen=True, slots=True)
class Restored:
    """What is back: the task or stage, its id as typed, and where it stands."""

    key: TaskKey
    number: int
    task_id: str
    path: str
    branch: str
    tip: str | None


def listed(ctx: Context) -> list[Entry]:
    """What is in the trash of this repository and can come back, newest first. Changes nothing."""
    return [entry for entry in reversed(trash.entries(ctx.store)) if not entry.emptying and not _on_its_way(ctx, entry)]


def restore(ctx: Context, what: str, *, dry_run: bool = False) -> Restored:
    """Bring back the entry of that id, or the newest one of the task or stage called `what`, for the caller.

    Run again after it was cut short, it finishes. Raises `no-such-trash`, `held` when somebody has taken the key since,
    `restore-blocked` when path or branch is taken or the stage's task is not there, `busy`.
    """
    entry = trash.load(ctx.store, what) if what in ctx.store.trash_ids() else None
    task, number = (entry.task, entry.number) if entry else _named(ctx, what)
    before = _reservation(ctx, task.key, number)
    if not dry_run:
        releasing.settle(ctx, task.key, number)
    present = _reservation(ctx, task.key, number)
    back = present is not None and _is_back(ctx, what, task, before, present)
    if present is not None and back and present.owner == ctx.owner:
        tip = refs.branch(ctx.common_dir, present.branch)
        return Restored(task.key, number, task.id, present.path, present.branch, tip)
    if not back:
        entry = trash.load(ctx.store, entry.id) if entry else _newest(ctx, what, task.key, number)
    record = ctx.registry.record(task.key)
    if record is not None and present is not None:
        raise tasks.held(record, present, elsewhere=record.repository != ctx.common_dir)
    if entry is None or entry.emptying:
        raise _no_such(what)
    _require_its_task(ctx, entry)
    restoring.require_possible(ctx, entry)
    if entry.place and not os.path.lexists(entry.place):
        ctx.note(f"the directory is gone from '{entry.place}'; the files come back as the index has them")
        entry = replace(entry, place="")
        if not dry_run:
            trash.save(ctx.store, entry)
    if not dry_run:
        releasing.restore(ctx, entry)
    return Restored(entry.key, entry.number, entry.task.id, entry.path, entry.branch, entry.tip)


def _is_back(ctx: Context, what: str, task: Task, before: Reservation | None, present: Reservation) -> bool:
    """Whether what is asked for was being brought back, when that was cut short, and is back now."""
    if present.state != tasks.ACTIVE:
        return False
    if _STAMP.match(what):
        return what not in ctx.store.trash_ids() and trashing.recorded(ctx, task, f"restore-{what}")
    return before is not None and before.state == tasks.RELEASING and before.purpose == restoring.RESTORE


def _named(ctx: Context, what: str) -> tuple[Task, int]:
    """The task and stage that `what`, a name or an id that the trash had once, speaks of."""
    stamp = _STAMP.match(what)
    name = re.sub(r"\.[0-9]+$", "", what[stamp.end() :]) if stamp else what
    try:
        target = targets.what(ctx, name, removed=True)
    except OkstraError as error:
        if error.code not in ("no-such-task", "bad-name"):
            raise
        raise _no_such(what) from None
    return target.task, target.number


def _newest(ctx: Context, what: str, key: TaskKey, number: int) -> Entry:
    found = [entry for entry in listed(ctx) if entry.key == key and entry.number == number]
    if not found or _STAMP.match(what):
        raise _no_such(what)
    return found[0]


def _no_such(what: str) -> OkstraError:
    return OkstraError(
        "no-such-trash", f"the trash holds no '{names.printable(what)}'", "see what it holds: git okstra restore"
    )


def _reservation(ctx: Context, key: TaskKey, number: int) -> Reservation | None:
    record = ctx.registry.record(key)
    return record.reservation(number) if record else None


def _on_its_way(ctx: Context, entry: Entry) -> bool:
    """Whether an operation that is not over yet is moving it."""
    reservation = _reservation(ctx, entry.key, entry.number)
    return reservation is not None and reservation.trash == entry.id


def _require_its_task(ctx: Context, entry: Entry) -> None:
    """A stage comes back into the task it was taken from, which has to be there."""
    if entry.number == TASK:
        return
    if _reservation(ctx, entry.key, TASK) is None:
        raise releasing.task_first(ctx, entry)
    plan = plans.stored(ctx, entry.task)
    if plan is not None and all(stage.number != entry.number for stage in plan.plan.stages):
        raise OkstraError(
            "restore-blocked",
            f"the plan of {names.printable(entry.task.id)} has no stage {entry.number} any more, so nothing would show "
            "it and nothing could close it",
            f"put it back into the plan: git okstra plan edit --task {entry.key.task}\n"
            f"then: git okstra restore {entry.id}",
        )
    now = ctx.store.task(*entry.key)
    if now is not None and now.branch != entry.task.branch:
        raise OkstraError(
            "restore-blocked",
            f"task {names.printable(now.id)} was started anew on '{now.branch}'; this stage belongs to "
            f"'{entry.task.branch}'",
            f"its commits are there: git branch NAME {str(entry.tip)[:12]}",
        )
