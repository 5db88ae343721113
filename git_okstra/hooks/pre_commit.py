"""pre-commit: may a commit with these paths be made on this branch? What is said here, reference-transaction would say
too, but only after the message was written."""

from __future__ import annotations

import os

from git_okstra.core import policy
from git_okstra.core.refusals import Refusal
from git_okstra.hooks import ground
from git_okstra.state.policies import Policies


def judge(common_dir: str, branch: str, staged: bytes) -> list[Refusal]:
    """Every refusal of a commit on the governed `branch`; `staged` are the paths that differ from HEAD, each ended by
    NUL, and a slash after them all.

    Raises ValueError when the slash is missing: git died before it had said everything.
    """
    holder = Policies(common_dir).holder(branch)
    if holder is None:
        return []
    place, number = holder
    *names, end = staged.split(b"\0")
    if end != b"/":
        raise ValueError("git did not say what is staged")
    paths = [os.fsdecode(path) for path in names]
    return policy.judge_paths(ground.task(common_dir, place), number, paths)
