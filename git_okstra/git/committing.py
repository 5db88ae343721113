"""Making a commit of a tree that is known (git-commit-tree(1)), as `git commit` would have made it: signed where that
is configured, its message looked at by the commit-msg hook."""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.core.errors import OkstraError
from git_okstra.git import process


def staged_tree(worktree: str) -> str:
    """The tree that the index of a worktree stands for. Raises `git-failed` while it has conflicts."""
    return process.git(["write-tree"], cwd=worktree).text


def parents(git_dir: str, commit: str) -> list[str]:
    """The parents of a commit."""
    return process.git(["rev-parse", f"{commit}^@"], git_dir=git_dir, env=process.AS_MADE).text.split()


def message(git_dir: str, commit: str) -> str:
    """The message of a commit."""
    return process.git(["log", "-1", "--format=%B", "--no-show-signature", commit], git_dir=git_dir).text.strip("\n")


def checked_message(worktree: str, path: str) -> str:
    """The message in the file at `path` as the commit-msg hook leaves it (githooks(5)).

    Raises OkstraError `git-failed` when the hook refuses it.
    """
    args = ["hook", "run", "--ignore-missing", "commit-msg", "--", path]
    result = process.git(args, cwd=worktree, check=False, timeout=None)
    if result.status != 0:
        raise OkstraError(
            "git-failed",
            f"the commit-msg hook refuses the message: {result.complaint or f'exit status {result.status}'}",
            "write one that it takes: git okstra handoff --message-file FILE",
        )
    with open(path, "rb") as file:
        return os.fsdecode(file.read())


def commit_tree(worktree: str, tree: str, onto: Sequence[str], text: str) -> str:
    """Make a commit of `tree` on the parents `onto`; its id. No ref is moved. Raises `git-failed`."""
    signed = process.git(["config", "--type=bool", "--get", "commit.gpgSign"], cwd=worktree, check=False)
    args = ["commit-tree", *(["-S"] if signed.text == "true" else []), *(word for one in onto for word in ("-p", one))]
    return process.git([*args, tree], cwd=worktree, input=os.fsencode(text), timeout=None).text
