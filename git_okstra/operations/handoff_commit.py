"""The commit that a hand-off makes: what is staged, or one commit in place of all (`--squash`).

The commit is made first and written into the intent, then the branch moves from the value that was seen. So whoever
finds the intent knows by the branch alone how far it came. What a squash takes the place of is kept by a ref before the
branch moves. Each move is announced to our own hooks, which refuse others in this phase.
"""

from __future__ import annotations

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import committing, refs, repository
from git_okstra.operations import handoff_ground, handoff_intent, moving
from git_okstra.operations.context import Context
from git_okstra.operations.handoff_ground import Grounds
from git_okstra.operations.handoff_intent import Intent


def stands(intent: Intent, tip: str) -> bool:
    """Whether the task branch is where an earlier hand-off left it: before its commit, or at it."""
    return tip in (intent.head, intent.made)


def is_squashed(ctx: Context, head: str, fork: str, there: str | None, message: str | None = None) -> bool:
    """Whether the branch is one commit on the base already, which is not made anew: the remote has it, or its message
    is the one that is wanted."""
    if committing.parents(ctx.common_dir, head) != [fork]:
        return False
    return there == head or (message is not None and committing.message(ctx.common_dir, head) == message.strip("\n"))


def require_squashable(ctx: Context, task: Task, where: Grounds) -> None:
    """Raise OkstraError `squash-refused` when the remote's branch has commits that the squash would lack."""
    if where.there is None or handoff_ground.is_inside(ctx, where.there, where.fork):
        return
    raise OkstraError(
        "squash-refused",
        f"the branch '{task.branch}' of '{where.remote}' is at {where.there[:12]}, which the squash would lack; "
        "others may have it already",
        "hand it over as it is: git okstra handoff without --squash",
    )


def squash(ctx: Context, task: Task, place: Reservation, intent: Intent, message: str) -> tuple[Intent, str]:
    """One commit with the tree of the branch on `intent.onto`; the intent with it, and the ref that keeps the old tip.

    `message` is the file with the message. Raises `branch-moved`, `git-failed`.
    """
    stamp = intent.began.replace("-", "").replace(":", "")
    backup = f"refs/okstra/backup/{task.key.group}/{task.key.task}/{stamp}-{intent.head[:12]}"
    if not intent.made:
        text = committing.checked_message(place.path, message)
        tree = refs.read(ctx.common_dir, f"{intent.head}^{{tree}}") or ""
        made = committing.commit_tree(place.path, tree, [intent.onto], text)
        intent = handoff_intent.save(ctx, task, replace(intent, made=made))
    if refs.read(ctx.common_dir, backup) is None:
        refs.update(ctx.common_dir, [(backup, intent.head, None)], "okstra handoff: before the squash")
    _move(ctx, task, place, intent, "okstra handoff: squash")
    with ctx.store.locked():
        history = ctx.store.history(task.key.group, task.key.task)
        if (intent.head, intent.made) not in history.squashes:
            event = ctx.event(journal.SQUASHED, None, old=intent.head, new=intent.made, backup=backup)
            ctx.store.append(task.key.group, task.key.task, event)
    return intent, backup


def commit_staged(ctx: Context, task: Task, place: Reservation, intent: Intent, message: str) -> Intent:
    """Commit what is staged, if anything; the intent with the commit. Raises `branch-moved`, `git-failed`."""
    if not intent.made:
        tree = committing.staged_tree(place.path)
        if tree == refs.read(ctx.common_dir, f"{intent.head}^{{tree}}"):
            return intent
        text = committing.checked_message(place.path, message)
        made = committing.commit_tree(place.path, tree, [intent.head], text)
        intent = handoff_intent.save(ctx, task, replace(intent, made=made))
    _move(ctx, task, place, intent, "okstra handoff: commit")
    return intent


def _move(ctx: Context, task: Task, place: Reservation, intent: Intent, reason: str) -> None:
    """Have the task branch at the commit that was made, if it is not there yet."""
    if refs.branch(ctx.common_dir, task.branch) == intent.made:
        return
    change = (f"refs/heads/{task.branch}", intent.made, intent.head)
    moving.update(ctx.common_dir, [change], reason, git_dir=repository.admin_directory(place.path))
