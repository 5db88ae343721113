"""Which paths git tracks in a worktree, by its index (git-ls-files(1)): the question for all paths is one git call."""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.core import linking
from git_okstra.git import process


def concealed(worktree: str) -> tuple[str, ...]:
    """The tracked files whose changes git was told not to see, sorted: "assume unchanged", and "skip worktree" though
    the file is there (git-update-index(1)). A sparse checkout has none."""
    out = process.git(["ls-files", "-v", "-z"], cwd=worktree).out
    found = []
    for line in os.fsdecode(out).split("\0"):
        tag, _, path = line.partition(" ")
        if tag.islower() or (tag == "S" and os.path.lexists(os.path.join(worktree, path))):
            found.append(path)
    return tuple(sorted(found))


def files(worktrees: Sequence[str]) -> dict[str, list[str]]:
    """For each worktree the files that are tracked or that git would add (`/` between names), as many worktrees at a
    time as there are processors. One of which git cannot tell is left out."""
    args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    results = process.git_in_each(args, worktrees, min(len(worktrees), os.cpu_count() or 1))
    return {
        worktree: os.fsdecode(result.out).split("\0")[:-1]
        for worktree, result in zip(worktrees, results, strict=True)
        if result.status == 0
    }


def entries(worktree: str, paths: Sequence[str]) -> dict[str, str]:
    """The tracked ones among `paths` (relative to the worktree's root, `/` between names), each with the index entry.

    The entry is the path itself, the first one inside it, or a parent of it: an entry that is a parent is a symlink, a
    submodule or a file, since git keeps no directories. Names are taken literally, whatever characters they hold.
    The worktree is one that is checked out; before that its index is empty.
    """
    if not paths:
        return {}
    parents = {path: linking.parents(path) for path in paths}
    # A pathspec matches everything inside a directory, and the parents are asked about for themselves alone: a pattern
    # is compared with whole entries only. `**/` makes it one, and brings at most namesakes from deeper down.
    alone = {parent for each in parents.values() for parent in each}
    pathspecs = [
        *(f":(literal){path}" for path in paths),
        *(f":(glob)**/{linking.literal(parent)}" for parent in sorted(alone)),
    ]
    out = process.git(["ls-files", "-z", "--", *pathspecs], cwd=worktree).out
    found: dict[str, str] = {}
    for entry in (os.fsdecode(name) for name in out.split(b"\0") if name):
        for path in paths:
            if entry == path or entry in parents[path] or entry.startswith(f"{path}/"):
                found.setdefault(path, entry)
    return found
