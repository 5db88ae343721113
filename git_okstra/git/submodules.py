"""Work that only a submodule of a worktree has: uncommitted files, and commits that no remote is known to have.

A submodule of a linked worktree has a repository of its own inside that worktree's git directory
(gitsubmodules(7)), so whatever it alone has goes when the worktree goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from git_okstra.core.records import dataclass
from git_okstra.git import process

_GITLINK = "160000"


@dataclass(frozen=True, slots=True)
class SubmoduleWork:
    """A submodule with work of its own: its path from the worktree's root, and how much of what."""

    path: str
    uncommitted: int
    commits: int


def work(worktree: str, base: str | None = None) -> list[SubmoduleWork]:
    """The initialised submodules, at any depth, that have work of their own, sorted by path.

    Counted are changed and untracked files, and commits on HEAD, branches and the stash that are on no remote-tracking
    branch. The commits which `base`, a commit of the worktree's repository, records for its submodules are known to
    others and do not count.
    """
    return sorted(_walk(worktree, base, ""), key=lambda one: one.path)


def _walk(worktree: str, base: str | None, above: str) -> Iterator[SubmoduleWork]:
    listed = process.git(["ls-files", "--stage", "-z"], cwd=worktree).out
    entries = [os.fsdecode(entry).partition("\t") for entry in listed.split(b"\0") if entry]
    paths = sorted({path for head, _, path in entries if head.startswith(_GITLINK)})
    for path in paths:
        here = os.path.join(worktree, path)
        if not os.path.lexists(f"{here}/.git"):
            continue  # not initialised: an empty directory
        recorded = _recorded(worktree, base, path) if base else None
        uncommitted, commits = _uncommitted(here), _unpublished(here, recorded)
        if uncommitted or commits:
            yield SubmoduleWork(above + path, uncommitted, commits)
        yield from _walk(here, recorded, f"{above}{path}/")


def _recorded(worktree: str, base: str, path: str) -> str | None:
    """The commit that `base` records for the submodule at `path`, if the submodule has it."""
    args = ["--literal-pathspecs", "ls-tree", "-z", base, "--", path]
    entry = process.git(args, cwd=worktree, check=False).text.rstrip("\0")
    words = entry.partition("\t")[0].split(" ")
    if len(words) != 3 or words[0] != _GITLINK:
        return None
    there = process.git(["cat-file", "-e", f"{words[2]}^{{commit}}"], cwd=os.path.join(worktree, path), check=False)
    return words[2] if there.status == 0 else None


def _uncommitted(submodule: str) -> int:
    # Nested submodules speak for themselves; their work is not counted twice.
    args = ["--no-optional-locks", "status", "--porcelain=v2", "-z", "--untracked-files=normal", "--no-renames"]
    out = process.git([*args, "--ignore-submodules=dirty"], cwd=submodule, timeout=None).out
    return sum(entry[:2] in (b"1 ", b"u ", b"? ") for entry in out.split(b"\0"))


def _unpublished(submodule: str, recorded: str | None) -> int:
    born = process.git(["rev-parse", "--verify", "--quiet", "HEAD"], cwd=submodule, check=False).status == 0
    heads = (["HEAD"] if born else []) + ["--branches", "--glob=refs/stash*"]
    args = ["rev-list", "--count", *heads, "--not", "--remotes", *([recorded] if recorded else [])]
    return int(process.git(args, cwd=submodule).text or "0")
