"""What became of a merge that was begun: concluding it, giving it up, and putting right what a dead process left.

All of this is called with the hold: no other okstra, and no git that one started, is at work in the task worktree.
State follows the refs: when the stage's head is in the task branch the merge has happened, whoever committed it.
"""

from __future__ import annotations

from git_okstra.core import closing, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import changes, merges, process, refs, unfinished
from git_okstra.operations import ground, merge_intent, provisioning
from git_okstra.operations.context import Context
from git_okstra.operations.merge_intent import Intent
from git_okstra.state import files, locks

LOCK_PATIENCE = 1.0
"""Seconds that a git of the user's own gets to give a lock file back, before it counts as a dead one's."""

WAYS_ON = (
    "resolve them, git add them, then: git okstra merge --continue\nor give this merge up: git okstra merge --abort"
)


def settle(ctx: Context, task: Task, place: Reservation, hold: locks.Hold) -> tuple[int, str] | None:
    """Put right what a merge left that is not over; the stage and its merge commit when it could be concluded.

    Raises `merge-in-progress` when a person has to go on with it.
    """
    intent = merge_intent.load(ctx, task)
    if intent is None:
        return None
    commit = recorded(ctx, task, place, intent)
    if commit is not None:
        return intent.number, commit
    require_not_waiting(place, intent)
    return _finish(ctx, task, place, intent, hold)


def require_clean(place: Reservation, branch: str) -> None:
    """Raise OkstraError `merge-in-progress`, `wrong-branch` or `dirty-worktree` unless git can merge in the worktree.

    Untracked files count: after a crash, what the merge wrote has to be told from what was there.
    """
    begun = unfinished.kind(place.path)
    if begun:
        raise foreign(place, begun)
    here = refs.head_branch(place.path)
    if here != branch:
        raise closing.wrong_branch(place.path, here, branch)
    status = changes.status(place.path)
    if status.dirty:
        raise closing.dirty(place.path, status.paths)


def require_not_waiting(place: Reservation, intent: Intent) -> None:
    """Raise OkstraError `merge-in-progress` when a person has to go on with the merge, or with another one there."""
    begun = merges.merge_head(place.path)
    if begun not in (None, intent.head):
        raise foreign(place, "merge")
    if begun is not None:
        conflicted = changes.status(place.path).conflicted
        if intent.stopped or conflicted:
            raise _waiting(place, intent, conflicted)


def conclude(ctx: Context, task: Task, place: Reservation, intent: Intent, hold: locks.Hold) -> tuple[int, str] | None:
    """Conclude the merge on a person's word, its conflicts being resolved; what `settle` gives.

    Raises `merge-conflict` while conflicts are left, `no-merge` when it was given up by hand meanwhile.
    """
    commit = recorded(ctx, task, place, intent)
    if commit is not None:
        return intent.number, commit
    require_resolved(place, intent)
    if intent.stopped and merges.merge_head(place.path) is None:
        merge_intent.drop(ctx, task)
        raise no_merge(place)
    return _finish(ctx, task, place, intent, hold)


def give_up(ctx: Context, task: Task, place: Reservation, *, dry_run: bool) -> int | None:
    """Take the merge back and forget it; the number of its stage. Raises `no-merge`, `merge-in-progress`."""
    try:
        intent = merge_intent.load(ctx, task)
    except OkstraError as error:
        if error.code != "damaged-file":
            raise
        if not dry_run:
            take_back(ctx, place)
            merge_intent.drop(ctx, task)
        return None
    if intent is None:
        raise no_merge(place)
    begun = merges.merge_head(place.path)
    if begun not in (None, intent.head):
        raise foreign(place, "merge")
    if dry_run:
        return intent.number
    if recorded(ctx, task, place, intent) is not None:
        ctx.note(f"stage {intent.number} was merged already, and stays so")
        return intent.number
    if not intent.stopped:
        clear_dead_locks(ctx, place)
        if begun is None:
            put_back(ctx, place, intent.before, intent.head, certain=True)
    take_back(ctx, place)
    merge_intent.drop(ctx, task)
    return intent.number


def recorded(ctx: Context, task: Task, place: Reservation, intent: Intent) -> str | None:
    """The merge commit, now in the journal and the intent forgotten; None when the head is not in the task branch.

    A git that was killed right after it moved the branch has left traces of a merge under way: they go too.
    """
    now = refs.branch(ctx.common_dir, task.branch)
    if now is None or not ground.contained(ctx, [intent.head], now):
        return None
    commit = _merge_commit(ctx, intent, now)
    with ctx.store.locked():
        record = ctx.store.history(task.key.group, task.key.task).stage(intent.number)
        if commit not in record.merges:
            event = ctx.event("merged", intent.number, commit=commit, head=intent.head)
            ctx.store.append(task.key.group, task.key.task, event)
    if unfinished.kind(place.path) == "merge" and merges.merge_head(place.path) == intent.head:
        unfinished.forget_merge(place.path)
    merge_intent.drop(ctx, task)
    return commit


def stopped(ctx: Context, task: Task, place: Reservation, intent: Intent, result: process.Result) -> OkstraError:
    """The error for a merge at which a person has to go on: conflicts, or a hook that refused the commit."""
    merge_intent.save(ctx, task, replace(intent, stopped=True))
    conflicted = changes.status(place.path).conflicted
    if conflicted:
        return _conflict(place, intent, conflicted)
    said = "".join(f"\n    {names.printable(line)}" for line in (result.complaint or result.text).splitlines()[-15:])
    return OkstraError(
        "merge-in-progress",
        f"git did not commit the merge of stage {intent.number} in '{names.printable(place.path)}':{said}",
        "when that is mended: git okstra merge --continue\nor give this merge up: git okstra merge --abort",
    )


def require_resolved(place: Reservation, intent: Intent) -> None:
    """Raise `merge-conflict` while conflicts are left, `merge-in-progress` when another merge is under way there."""
    if merges.merge_head(place.path) not in (None, intent.head):
        raise foreign(place, "merge")
    conflicted = changes.status(place.path).conflicted
    if conflicted:
        raise _conflict(place, intent, conflicted)


def no_merge(place: Reservation) -> OkstraError:
    """The refusal when there is no merge of ours to continue or to give up."""
    begun = unfinished.kind(place.path)
    if begun:
        return foreign(place, begun)
    return OkstraError("no-merge", "no merge of a stage is under way", "begin one: git okstra merge")


def foreign(place: Reservation, begun: str) -> OkstraError:
    """The refusal when something that is not ours is not finished in the task worktree."""
    at = f"git -C {names.quoted(place.path)} {begun}"
    return OkstraError(
        "merge-in-progress",
        f"a {begun} that git okstra did not begin is not finished in '{names.printable(place.path)}'",
        f"finish it: {at} --continue\nor give it up: {at} --abort",
    )


def _finish(ctx: Context, task: Task, place: Reservation, intent: Intent, hold: locks.Hold) -> tuple[int, str] | None:
    """Commit the merge if git has come so far, else take back what it wrote."""
    cut_short = not intent.stopped and clear_dead_locks(ctx, place)
    if merges.merge_head(place.path) is None:
        if not intent.stopped:
            put_back(ctx, place, intent.before, intent.head, certain=cut_short)
        merge_intent.drop(ctx, task)
        return None
    here = refs.head_branch(place.path)
    if here != task.branch:
        raise closing.wrong_branch(place.path, here, task.branch)
    merge_intent.save(ctx, task, replace(intent, stopped=False))
    result = unfinished.conclude_merge(place.path, hold.fd)
    commit = recorded(ctx, task, place, intent)
    if commit is None:
        raise stopped(ctx, task, place, intent, result)
    return intent.number, commit


def put_back(
    ctx: Context, place: Reservation, before: str, head: str, *, certain: bool, abort: str = "git okstra merge --abort"
) -> None:
    """Take back what a merge of `head` that was cut short wrote; what is nowhere else goes to the trash.

    Unless it is `certain` that git wrote there, it must show; otherwise what is uncommitted may be the user's own, and
    OkstraError `dirty-worktree` asks.
    """
    status = changes.status(place.path)
    if not status.dirty or process.git(["rev-parse", "HEAD"], cwd=place.path).text != before:
        return
    would_be = merges.merged_tree(ctx.common_dir, before, head)
    target = would_be.tree if would_be else head
    if not (certain or status.conflicted or unfinished.written_paths(place.path, before, target)):
        error = closing.dirty(place.path, status.paths)
        back = f"or go back to before the merge, and have them moved to the trash: {abort}"
        raise OkstraError(error.code, error.message, f"{error.hint}\n{back}")
    added = changes.added_between(ctx.common_dir, before, target)
    provisioning.rescue_differing(ctx, place.path, before, added)


def clear_dead_locks(ctx: Context, place: Reservation) -> bool:
    """Remove the lock files of the git that died with its okstra in that worktree; whether there was one."""
    import time

    end = time.monotonic() + LOCK_PATIENCE
    while found := unfinished.locks(place.path, ctx.common_dir, place.branch):
        if time.monotonic() > end:
            for path in found:
                files.remove(path)
            return True
        time.sleep(0.02)
    return False


def take_back(ctx: Context, place: Reservation) -> None:
    """`git merge --abort`, if a merge is under way there; what was worked on is copied into the trash first."""
    begun = merges.merge_head(place.path)
    if begun is None:
        return
    would_be = merges.merged_tree(ctx.common_dir, process.git(["rev-parse", "HEAD"], cwd=place.path).text, begun)
    if would_be:  # git takes away what was resolved and what was staged meanwhile
        provisioning.keep_copies(ctx, place.path, unfinished.edited(place.path, would_be.tree))
    result = merges.abort(place.path)
    if result.status != 0:
        raise process.failure(["merge", "--abort"], result)


def _merge_commit(ctx: Context, intent: Intent, now: str) -> str:
    """The oldest commit since `before` that has the stage's head as a parent; else where the branch is now."""
    asked = ["rev-list", "--reverse", "--topo-order", "--parents", now, f"^{intent.before}"]
    for line in process.git(asked, git_dir=ctx.common_dir).text.split("\n"):
        commit, *parents = line.split() or [""]
        if len(parents) > 1 and intent.head in parents:
            return commit
    return now


def _waiting(place: Reservation, intent: Intent, conflicted: tuple[str, ...]) -> OkstraError:
    what = f"with conflicts in {closing.shown_paths(conflicted)}" if conflicted else "and its conflicts are resolved"
    return OkstraError(
        "merge-in-progress",
        f"the merge of stage {intent.number} is not finished in '{names.printable(place.path)}', {what}",
        WAYS_ON if conflicted else "go on: git okstra merge --continue\nor give it up: git okstra merge --abort",
    )


def _conflict(place: Reservation, intent: Intent, conflicted: tuple[str, ...]) -> OkstraError:
    return OkstraError(
        "merge-conflict",
        f"stage {intent.number} conflicts with the task branch in {closing.shown_paths(conflicted)}, "
        f"in '{names.printable(place.path)}'",
        WAYS_ON,
    )
