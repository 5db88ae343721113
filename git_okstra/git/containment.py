"""Whether work is in a branch though its commits are not: recognising rebase, cherry-pick and squash merges.

A wrong "yes" would let work be thrown away, so every answer rests on the exact text of patches or on exact trees.
git-cherry(1) is not used: its patch ids leave out white space, file modes and all that empty commits say.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence

from git_okstra.git import changes, merges, process

CANDIDATES = 5000
"""The most commits of the other branch that are compared, newest first; work further down is not recognised."""

_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HUNK = re.compile(rb"@@ -[0-9,]+ \+[0-9,]+ @@")
_PATCH = (
    "-c",
    "diff.suppressBlankEmpty=false",
    "diff-tree",
    "--patch",
    "--root",
    "-r",
    "--full-index",
    "--unified=3",
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--submodule=short",
    "--ignore-submodules=none",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


def is_contained(git_dir: str, tip: str, into: str, commits: Sequence[str] | None = None) -> bool:
    """Whether the changes of the commit `tip` are in the history of the commit `into`, under other ids.

    Three questions, each a sufficient answer: is the patch of every commit there, one by one (rebased, cherry-picked);
    would merging `tip` change nothing; is the patch of the whole range there as one commit (squashed). `commits` are
    those to be accounted for by the first question; all that `tip` has and `into` lacks when they are not given.

    A range that undid itself again is never contained: nothing shows that anybody took it over.
    """
    if commits is None:
        commits = process.git(["rev-list", tip, f"^{into}"], git_dir=git_dir).text.split()
    if not commits:
        return True
    fork = process.git(["merge-base", into, tip], git_dir=git_dir, check=False).text
    if not fork or fork == into:
        return False  # nothing in common, or nothing there that came since
    own = _patches(git_dir, commits)
    squashed = _digest(process.git([*_PATCH, fork, tip], git_dir=git_dir).out.split(b"\n"))
    candidates = _candidates(git_dir, into, tip, [*commits, tip], fork)
    theirs = Counter(_patches(git_dir, candidates).values())
    # A merge has no patch of its own, an empty commit nothing that could be found again: neither is vouched for here.
    # Counted, because the same change made in two places, by two commits, gives one digest twice.
    if len(own) == len(commits) and Counter(own.values()) <= theirs:
        return True
    if squashed is None:
        return False
    merged = merges.merged_tree(git_dir, into, tip, drivers=False)
    if merged is not None and not merged.conflicted:
        there = process.git(["rev-parse", f"{into}^{{tree}}"], git_dir=git_dir).text
        if merged.tree == there:
            return True
    return squashed in theirs


def _candidates(git_dir: str, into: str, tip: str, commits: Sequence[str], fork: str) -> list[str]:
    """The commits of `into` that `tip` lacks and that touch a path which one of `commits` touches."""
    listed = process.git(
        ["diff-tree", "--stdin", "--root", "-r", "--no-commit-id", "--name-only", "--no-renames", "-z"],
        git_dir=git_dir,
        input="".join(f"{commit}\n" for commit in commits).encode(),
    ).out
    paths = {os.fsdecode(path) for path in listed.split(b"\0") if path}
    paths.update(changes.paths_between(git_dir, fork, tip))
    asked = f"{into}\n^{tip}\n"
    if not any("\n" in path for path in paths):  # such a path cannot be named here: then all commits are looked at
        asked += "--\n" + "".join(f"{path}\n" for path in sorted(paths))
    args = ["rev-list", "--no-merges", "--full-history", f"--max-count={CANDIDATES}", "--stdin"]
    return process.git(["--literal-pathspecs", *args], git_dir=git_dir, input=os.fsencode(asked)).text.split()


def _patches(git_dir: str, commits: Sequence[str]) -> dict[str, bytes]:
    """The digest of the patch of each commit that has one; merges and empty commits have none."""
    if not commits:
        return {}
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    out = process.git([*_PATCH, "--stdin"], git_dir=git_dir, input=asked, timeout=None).out
    found: dict[str, bytes] = {}
    commit, lines = "", list[bytes]()
    for line in [*out.split(b"\n"), b"0" * 40]:
        if not _COMMIT.fullmatch(line):  # no line of a patch looks like an id: they begin with a sign or a word
            lines.append(line)
            continue
        digest = _digest(lines) if commit else None
        if digest is not None:
            found[commit] = digest
        commit, lines = line.decode(), []
    return found


def _digest(lines: Sequence[bytes]) -> bytes | None:
    """A digest of the patch without what depends on the rest of the file: line numbers and, for text, blob ids."""
    digest = hashlib.sha256()
    empty, blobs = True, b""
    for line in lines:
        if not line:
            continue
        empty = False
        if line.startswith(b"index "):
            blobs = line
            continue
        if line.startswith(b"Binary files "):
            digest.update(blobs + b"\n")
        digest.update(_HUNK.sub(b"@@", line, count=1) + b"\n" if line.startswith(b"@@ ") else line + b"\n")
    return None if empty else digest.digest()
