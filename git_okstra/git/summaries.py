"""What a range of commits says and changes, for people: subjects and bodies, and lines added and removed."""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.git import process


def messages(git_dir: str, old: str | None, new: str) -> list[tuple[str, str, str]]:
    """The commits that `new` has and `old` has not, without merges, oldest first: (id, subject, body)."""
    args = ["log", "--no-merges", "--reverse", "--topo-order", "-z", "--format=%H%n%s%n%b", "--no-show-signature"]
    out = process.git([*args, new, *([f"^{old}"] if old else []), "--"], git_dir=git_dir).out
    found = []
    for entry in out.split(b"\0"):
        if entry.strip():
            commit, _, said = entry.decode("utf-8", "replace").partition("\n")
            subject, _, body = said.partition("\n")
            found.append((commit, subject, body))
    return found


def changed_lines(git_dir: str, old: str, new: str) -> list[tuple[str, int | None, int | None]]:
    """The files that differ between two commits: (path, lines added, lines removed), None for binary files."""
    args = ["diff-tree", "-r", "--no-renames", "--numstat", "-z", "--no-ext-diff", "--no-textconv", old, new]
    found: list[tuple[str, int | None, int | None]] = []
    for entry in process.git(args, git_dir=git_dir).out.split(b"\0"):
        if entry:
            added, removed, path = os.fsdecode(entry).split("\t", 2)
            found.append((path, _number(added), _number(removed)))
    return found


def merge_base(git_dir: str, head: str, others: Sequence[str]) -> str | None:
    """The best common ancestor of `head` and any of `others`, or None when there is none."""
    if not others:
        return None
    found = process.git(["merge-base", head, *others], git_dir=git_dir, env=process.AS_MADE, check=False)
    return found.text.split("\n")[0] or None if found.status == 0 else None


def count(git_dir: str, old: str, new: str) -> int:
    """How many commits `new` has that `old` has not."""
    return int(process.git(["rev-list", "--count", new, f"^{old}"], git_dir=git_dir).text)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
