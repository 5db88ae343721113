"""Questions about commits: their messages, files and stats, and whether a merge is git's own work; and a commit that no
ref names."""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.git import process

_NOBODY = {"NAME": "git okstra", "EMAIL": "okstra@localhost", "DATE": "@0 +0000"}


def merged_by_hand(git_dir: str, merges: Sequence[str]) -> set[str]:
    """Those of the merges of two parents that are not what git makes of the two by itself (`git log --remerge-diff`).

    One that had conflicts is among them, however it was resolved.
    """
    if not merges:
        return set()
    args = ["log", "--no-walk=unsorted", "--remerge-diff", "--raw", "--no-renames", "--no-abbrev", "-z", "--format=%H"]
    asked = "".join(f"{commit}\n" for commit in merges).encode()
    out = process.git(
        [*args, "--ignore-submodules=none", "--no-ext-diff", "--no-show-signature", "--stdin"],
        git_dir=git_dir,
        input=asked,
        env=process.AS_MADE,
        timeout=None,
    ).out
    found, commit = set(), ""
    fields = iter(os.fsdecode(out).split("\0"))
    for entry in fields:
        words = entry.lstrip("\n")
        if words.startswith(":"):
            next(fields, None)
            found.add(commit)
        elif words:
            commit = words.strip()
    return found


def tree(git_dir: str, commit: str) -> str | None:
    """The tree of a commit as it was made, or None when there is no such commit."""
    args = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}"]
    found = process.git(args, git_dir=git_dir, env=process.AS_MADE, check=False)
    return found.text if found.status == 0 and found.text else None


def subjects(git_dir: str, commits: Sequence[str]) -> dict[str, str]:
    """The first line of the message of each commit."""
    if not commits:
        return {}
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    args = ["log", "--no-walk=unsorted", "-z", "--format=%H %s", "--no-show-signature", "--stdin"]
    out = os.fsdecode(process.git(args, git_dir=git_dir, input=asked, env=process.AS_MADE).out)
    return dict(line.split(" ", 1) for line in out.split("\0") if line)


def diffstat(git_dir: str, old: str, new: str) -> str:
    """What changed between two commits, as `git diff --stat` shows it in 80 columns."""
    args = ["diff-tree", "--stat=80", "-r", "--no-renames", "--no-color", "--no-ext-diff", old, new]
    return os.fsdecode(process.git(args, git_dir=git_dir).out).rstrip("\n")


def content(git_dir: str, commit: str, path: str) -> bytes | None:
    """The content of a file in a commit; None when it has no such file."""
    found = process.git(["cat-file", "blob", f"{commit}:{path}"], git_dir=git_dir, env=process.AS_MADE, check=False)
    return found.out if found.status == 0 else None


def fork(git_dir: str, head: str, others: Sequence[str]) -> str | None:
    """The best commit that `head` has in common with all that `others` reach together (git-merge-base(1)), or None."""
    found = process.git(["merge-base", head, *others], git_dir=git_dir, env=process.AS_MADE, check=False)
    return found.text if found.status == 0 and found.text else None


def common(git_dir: str, commits: Sequence[str]) -> str | None:
    """The best commit that all of them have in their history (git-merge-base(1)), or None."""
    found = process.git(["merge-base", "--octopus", *commits], git_dir=git_dir, check=False)
    return found.text if found.status == 0 and found.text else None


def commit_tree(git_dir: str, tree: str, parents: Sequence[str], message: str) -> str:
    """A commit object that no ref names (git-commit-tree(1)), as nobody's work; git gc takes it away again."""
    who = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in _NOBODY.items()}
    args = ["commit-tree", "--no-gpg-sign", tree, *(word for parent in parents for word in ("-p", parent))]
    return process.git(args, git_dir=git_dir, input=message.encode(), env=who).text
