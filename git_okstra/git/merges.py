"""Merging: in a worktree (git-merge(1)), without one (git-merge-tree(1)), and recognising what is merged already."""

from __future__ import annotations

import os
from dataclasses import dataclass

from git_okstra.git import process, refs


def merge(worktree: str, commit: str, message: str, hold: int | None) -> process.Result:
    """`git merge --no-ff` of `commit`; the result's status is 1 when it stopped on conflicts."""
    return process.git(
        ["merge", "--no-ff", "--no-edit", "-m", message, commit],
        cwd=worktree,
        hold=hold,
        check=False,
        timeout=None,
    )


def conclude(worktree: str, hold: int | None) -> process.Result:
    """Commit a merge whose conflicts are resolved, with the message that was prepared."""
    return process.git(["commit", "--no-edit"], cwd=worktree, hold=hold, check=False, timeout=None)


def abort(worktree: str) -> process.Result:
    """`git merge --abort`."""
    return process.git(["merge", "--abort"], cwd=worktree, check=False)


def merge_head(worktree: str) -> str | None:
    """The commit that a merge under way in the worktree brings in, or None when there is no such merge."""
    found = process.git(["rev-parse", "--verify", "--quiet", "MERGE_HEAD"], cwd=worktree, check=False)
    return found.text if found.status == 0 and found.text else None


@dataclass(frozen=True, slots=True)
class MergedTree:
    """What merging would give: the tree, and the paths in conflict (then the tree holds conflict markers)."""

    tree: str
    conflicted: tuple[str, ...]


def merged_tree(git_dir: str, ours: str, theirs: str) -> MergedTree | None:
    """The tree that merging `theirs` into `ours` would give, written without touching any worktree.

    None when the two have no common ancestor (git refuses to merge unrelated histories).
    """
    args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs]
    result = process.git(args, git_dir=git_dir, check=False)
    if result.status not in (0, 1):
        if "unrelated histories" in result.complaint:
            return None
        raise process.failure(args, result)
    tree, *paths = os.fsdecode(result.out).split("\0")
    return MergedTree(tree, tuple(sorted({path for path in paths if path})))


def containing_branches(git_dir: str, tip: str) -> list[str]:
    """Full names of the branches, local and remote-tracking, that `tip` is reachable from."""
    args = ["for-each-ref", f"--contains={tip}", "--format=%(refname)", "refs/heads", "refs/remotes"]
    return os.fsdecode(process.git(args, git_dir=git_dir).out).split("\n")[:-1]


def is_contained(git_dir: str, tip: str, into: str) -> bool:
    """Whether the changes of `tip` are in `into` though its commits are not: rebased, cherry-picked or squash merged.

    Three questions, each a sufficient answer: is every commit's patch there (git-cherry(1)); would merging `tip` change
    nothing; is the patch of the whole range there as one commit.
    """
    cherry = process.git(["cherry", into, tip], git_dir=git_dir, check=False)
    if cherry.status != 0:
        return False
    if not any(line.startswith(b"+") for line in cherry.out.splitlines()):
        return not _has_merges(git_dir, tip, into)
    merged = merged_tree(git_dir, into, tip)
    if merged is None:
        return False
    if not merged.conflicted and merged.tree == refs.read(git_dir, f"{into}^{{tree}}"):
        return True
    fork = process.git(["merge-base", into, tip], git_dir=git_dir, check=False)
    if fork.status != 0:
        return False
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "okstra"), ("EMAIL", "okstra@invalid"), ("DATE", "1000000000 +0000"))
    }
    args = ["commit-tree", f"{tip}^{{tree}}", "-p", fork.text, "-m", "squash"]
    squash = process.git(args, git_dir=git_dir, env=identity).text
    return process.git(["cherry", into, squash], git_dir=git_dir).out.startswith(b"-")


def _has_merges(git_dir: str, tip: str, into: str) -> bool:
    # git cherry passes merges over, so a merge that changes something of its own is not vouched for by it.
    return bool(process.git(["rev-list", "--merges", "-n1", tip, f"^{into}"], git_dir=git_dir).out)
