"""Moving branches by okstra itself: announced to its hooks, which serve the whole repository on a new git.

An announcement is a record of branch, old and new value that allows just this move, once; it is taken back when the
move is over, whatever came of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.git import refs
from git_okstra.state.policies import Policies

_HEADS = "refs/heads/"


def update(
    common_dir: str, changes: Sequence[tuple[str, str | None, str | None]], reason: str, *, git_dir: str | None = None
) -> None:
    """`git.refs.update`, which the hooks know of beforehand. Raises `branch-moved`, `git-failed`, `cannot-write`.

    `git_dir` is that of the worktree which has the branch checked out, so that its HEAD's reflog has the move, too.
    """
    kept = Policies(common_dir)
    announced = [
        (ref.removeprefix(_HEADS), old, new)
        for ref, new, old in changes
        if ref.startswith(_HEADS) and kept.governs(ref.removeprefix(_HEADS))
    ]
    for branch, old, new in announced:
        zeros = "0" * len(new or old or "")
        kept.announce(branch, old or zeros, new or zeros)
    try:
        refs.update(git_dir or common_dir, changes, reason)
        for branch, _, new in announced:
            if new is not None:
                kept.save_tip(branch, new)  # an old git runs its hooks in the worktrees of tasks alone
    finally:
        for branch, _, _ in announced:
            kept.withdraw(branch)
