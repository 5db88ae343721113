"""`git okstra prune`: finished tasks go to the trash, and what has been in the trash for long goes for good."""

from __future__ import annotations

import os

from git_okstra.core import journal, removal
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task, TaskRecord
from git_okstra.git import containment, process, refs
from git_okstra.operations import emptying, ground, projects, releasing, removable, remove, run_files, trashing
from git_okstra.operations.context import Context
from git_okstra.operations.remove import Gone

_OWN_COMMIT = ("commit", "cherry-pick", "revert", "am")
"""How the reflog message begins of what adds a commit to a branch, rather than taking somebody else's over."""


@dataclass(frozen=True, slots=True)
class Left:
    """A task that stays, by its key, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, what stays, and the ids of the trash entries, and of the runs, that are gone for good."""

    removed: tuple[Gone, ...]
    left: tuple[Left, ...]
    emptied: tuple[str, ...]
    runs: tuple[str, ...] = ()


def prune(ctx: Context, *, dry_run: bool = False) -> Pruned:
    """Remove every task whose work is in its base branch, whoever holds it, and empty the old trash; what old runs
    wrote goes with it.

    Worktrees that okstra does not hold are not looked at, and `git worktree prune` is never run.
    """
    project = projects.project(ctx)
    removed: list[Gone] = []
    left: list[Left] = []
    for place in ctx.store.open_tasks() if project is not None else ():
        try:
            task = ctx.store.task(str(project), *place)
            if task is not None:
                _prune_task(ctx, task, removed, dry_run=dry_run)
        except OkstraError as error:
            left.append(Left("/".join((str(project), *place)), "; ".join(error.message.split("\n  "))))
    emptied = tuple(emptying.empty(ctx, dry_run=dry_run))
    return Pruned(tuple(removed), tuple(left), emptied, tuple(run_files.expire(ctx, dry_run=dry_run)))


def _prune_task(ctx: Context, task: Task, removed: list[Gone], *, dry_run: bool) -> None:
    """Remove the task with its stages. Raises the error that says why it stays."""
    if not dry_run:
        removed += [remove.from_entry(entry) for entry in releasing.settle_task(ctx, task).values()]
    record = ctx.registry.record(task.key)
    if record is None or record.reservation(TASK) is None:
        if ctx.store.history(task.key.group, task.key.task).task == journal.REMOVED:
            return  # settling has finished its removal just now
        raise OkstraError("no-such-task", "nobody holds it, so it is not okstra's to remove")
    _require_finished(ctx, task, record)
    examined = remove.examine_all(ctx, task, record, sorted(record.reservations, reverse=True), "prune", anyone=True)
    found = [
        reason for one in examined for reason in removal.reasons(one.facts, force_dirty=False, force_unmerged=False)
    ]
    if found:
        raise removal.refusal(found, "")
    for one in examined:
        removed.append(remove.foretold(task, one) if dry_run else remove.take_away(ctx, task, one, trashing.PRUNE))


def _require_finished(ctx: Context, task: Task, record: TaskRecord) -> None:
    """Raise the error that says what is left to do, if anything is."""
    history = ctx.store.history(task.key.group, task.key.task)
    plan = removable.task_plan(ctx, task)
    numbers = (
        {*record.reservations, *(stage.number for stage in plan.stages if plan)} if plan else {*record.reservations}
    )
    states = {number: history.stage(number) for number in sorted(numbers) if number != TASK}
    started = [number for number, stage in states.items() if stage.state == journal.OPEN]
    if started:
        raise OkstraError("open-stages", f"{_are(started)} still open")
    unfinished = [number for number, stage in states.items() if stage.state != journal.DONE]
    if unfinished:
        raise OkstraError("open-stages", f"{_are(unfinished)} not done")
    unmerged = [number for number, stage in states.items() if not removable.merged_head(ctx, task, stage)]
    if unmerged:
        raise OkstraError("unmerged-commits", f"{_are(unmerged)} done but not merged")
    tip = refs.branch(ctx.common_dir, task.branch)
    if tip is None:
        raise OkstraError("branch-missing", f"its branch '{task.branch}' is gone")
    bases = refs.base_tips(ctx.common_dir, task.base_ref, task.branch)
    if not bases:
        raise OkstraError("unmerged-commits", f"its base '{task.base_ref}' is no branch that it could be merged into")
    if not _has_own_commit(ctx, task, tip, bool(states)):
        raise OkstraError("no-commits", "it has no commit of its own yet")
    if not any(_is_in(ctx, tip, base) for base in bases):
        raise OkstraError("unmerged-commits", f"its work is not in '{task.base_ref}'")


def _are(numbers: list[int]) -> str:
    return f"{ground.listed(numbers)} {'is' if len(numbers) == 1 else 'are'}"


def _is_in(ctx: Context, tip: str, base: str) -> bool:
    return tip in ground.contained(ctx, [tip], base) or containment.is_contained(ctx.common_dir, tip, base)


def _has_own_commit(ctx: Context, task: Task, tip: str, staged: bool) -> bool:
    """Whether somebody committed to the branch; one that only followed its base branch looks merged but is not begun.

    A branch without a reflog gets the benefit of the doubt.
    """
    if not ground.commits_between(ctx, task.base_commit, tip):
        return False
    if staged:
        return True
    args = ["reflog", "show", "--format=%gs", f"refs/heads/{task.branch}", "--"]
    messages = os.fsdecode(process.git(args, git_dir=ctx.common_dir, check=False).out).splitlines()
    merged = any(message.startswith("merge ") and "Fast-forward" not in message for message in messages)
    return not messages or merged or any(message.startswith(_OWN_COMMIT) for message in messages)
