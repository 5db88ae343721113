"""Merging: in a worktree (git-merge(1)), and without one (git-merge-tree(1))."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from git_okstra.core.records import dataclass
from git_okstra.git import changes, process


def merge(worktree: str, commit: str, message: str, hold: int | None, timeout: float) -> process.Result:
    """`git merge --no-ff` of `commit`, which may take so many seconds; status 1 when it stopped on conflicts."""
    from git_okstra.git import checkout

    return process.git(
        ["merge", "--no-ff", "--no-edit", "-m", message, commit],
        cwd=worktree,
        hold=hold,
        check=False,
        timeout=timeout,
        slow=checkout.SLOW,
    )


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


def merged_tree(git_dir: str, ours: str, theirs: str, *, drivers: bool = True) -> MergedTree | None:
    """The tree that merging `theirs` into `ours` would give, written without touching any worktree.

    Without `drivers` a file that a configured merge driver (gitattributes(5)) would have to merge is in conflict: one
    that keeps "ours" would make anything look merged. None when the two have no common ancestor (git refuses to merge
    unrelated histories).
    """
    args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs]
    result = process.git(args, git_dir=git_dir, env=None if drivers else _failing_drivers(git_dir), check=False)
    if result.status not in (0, 1):
        if "unrelated histories" in result.complaint:
            return None
        raise process.failure(args, result)
    tree, *paths = os.fsdecode(result.out).split("\0")
    return MergedTree(tree, tuple(sorted({path for path in paths if path})))


def own_paths(git_dir: str, commit: str, parents: Sequence[str], paths: Collection[str]) -> tuple[str, ...]:
    """The paths that a commit changes by itself, sorted; `paths` are those it changes against every parent.

    Of a merge of two only what it did beyond what git makes of the two: a file that both sides had changed differs from
    both parents though nobody touched it. And one that is as in one parent, where git would have taken the other's, was
    put back by the merge.
    """
    if len(parents) != 2:
        return tuple(sorted(paths))
    alone = merged_tree(git_dir, *parents)
    if alone is None:
        return tuple(sorted(paths))
    differing = set(changes.paths_between(git_dir, alone.tree, commit))
    touched = {path for path in paths if path in differing or path in alone.conflicted}
    return tuple(sorted(touched | (differing - {*alone.conflicted})))


def _failing_drivers(git_dir: str) -> dict[str, str]:
    """The environment (git-config(1), GIT_CONFIG_COUNT) in which every configured merge driver reports a conflict."""
    args = ["config", "--null", "--name-only", "--get-regexp", r"^merge\..*\.driver$"]
    found = process.git(args, git_dir=git_dir, check=False).out
    names = [os.fsdecode(name) for name in found.split(b"\0") if name]
    env = {"GIT_CONFIG_COUNT": str(len(names))}
    for number, name in enumerate(names):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": "false"}
    return env
