"""Remotes: their addresses, the tips they have now (git-ls-remote(1)), and a push that can only move forward."""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.core.errors import OkstraError
from git_okstra.git import process


def listed(git_dir: str) -> list[str]:
    """The names of the remotes."""
    return [name for name in process.git(["remote"], git_dir=git_dir).text.split("\n") if name]


def addresses(git_dir: str, remote: str) -> list[str]:
    """Where the remote is: as configured (for pushes first), then as git rewrites that (`url.<base>.insteadOf`)."""
    found: list[str] = []
    for words in (
        ["config", "--get-all", f"remote.{remote}.pushurl"],
        ["config", "--get-all", f"remote.{remote}.url"],
        ["remote", "get-url", "--push", "--", remote],
    ):
        ended = process.git(words, git_dir=git_dir, check=False)
        found += ended.text.split("\n") if ended.status == 0 and ended.text else []
    return list(dict.fromkeys(found))


def tips(git_dir: str, remote: str, branches: Sequence[str]) -> dict[str, str]:
    """The commits that the remote's branches are at now; one that is not there is left out. Asks the network.

    Raises OkstraError `git-failed` when the remote cannot be asked.
    """
    wanted = {f"refs/heads/{branch}": branch for branch in branches}
    args = ["ls-remote", "--refs", "--", remote, *wanted]
    result = process.git(args, git_dir=git_dir, check=False, timeout=None)
    if result.status != 0:
        raise OkstraError(
            "git-failed",
            f"the remote '{remote}' cannot be asked: {result.complaint or f'exit status {result.status}'}",
            f"see whether it is there: git ls-remote {remote}\nthen run the same command again",
        )
    pairs = (os.fsdecode(line).split("\t", 1) for line in result.out.split(b"\n") if b"\t" in line)
    # A pattern also matches the end of a longer name.
    return {wanted[ref]: commit for commit, ref in pairs if ref in wanted}


def fetch_commit(git_dir: str, remote: str, branch: str) -> None:
    """Get the commits of a remote's branch, and leave every ref and FETCH_HEAD as they are. Raises `git-failed`."""
    args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="]
    process.git([*args, "--", remote, f"refs/heads/{branch}"], git_dir=git_dir, timeout=None)


def push(worktree: str, remote: str, commit: str, branch: str) -> process.Result:
    """Push exactly `commit` to a remote's branch; no option or refspec that could force is among the words.

    git compares with what the remote has at that moment, by commits as they were made, and the remote takes the new
    value only if it still has that (pack-protocol's old and new id). Hooks run as for any push.
    """
    # git would explain about the environment that has it look at commits as they were made.
    words = [
        "-c",
        "advice.graftFileDeprecated=false",
        "push",
        "--porcelain",
        "--no-follow-tags",
        "--no-force-with-lease",
        "--no-force-if-includes",
    ]
    return process.git(
        [*words, "--", remote, f"{commit}:refs/heads/{branch}"],
        cwd=worktree,
        env=process.AS_MADE,
        check=False,
        timeout=None,
    )
