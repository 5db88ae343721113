"""reference-transaction, `prepared`: may these governed branches be moved so?

The old value that git gives cannot be relied on (it is zero for `git branch -f`), so the present one is read. Commits
are judged as they were made (git-replace(1) and grafts do not count), from where the hooks last saw the branch: what
was added while they were off is judged with the next commit.
"""

from __future__ import annotations

import os
import time

from git_okstra.core import policy
from git_okstra.core.refusals import Refusal
from git_okstra.git import process, refs
from git_okstra.hooks import ground
from git_okstra.operations import judging
from git_okstra.state.policies import Policies

JUST_NOW = 3.0
"""Seconds within which git asks about a commit that it has made."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def judge(common_dir: str, transaction: str) -> list[Refusal]:
    """Every refusal of a transaction, its lines being `<old> <new> <ref>`."""
    kept = Policies(common_dir)
    refused: list[Refusal] = []
    for new, branch in _branches(transaction):
        holder = kept.holder(branch)
        if holder is not None:
            refused += _judge_one(common_dir, kept, holder, branch, new)
    return list(dict.fromkeys(refused))


def _branches(transaction: str) -> Iterable[tuple[str, str]]:
    """The new value and short name of every branch in it."""
    for line in transaction.split("\n"):
        words = line.split(" ", 2)
        if len(words) == 3 and "refs/heads/" in words[2]:
            yield words[1], words[2].partition("refs/heads/")[2]


def _judge_one(common_dir: str, kept: Policies, holder: tuple[str, int], branch: str, new: str) -> list[Refusal]:
    present = refs.branch(common_dir, branch)
    if new == (present or ""):
        return []
    if kept.announced(branch, present or "0" * len(new), new):
        kept.allow(branch, new)
        return []
    place, number = holder
    task = ground.task(common_dir, place)
    if number and number not in task.stages:
        return [policy.unplanned(task, number)]
    if not new.strip("0"):
        return [] if present is None else [policy.deletion(task, number)]
    refused = judging.update(common_dir, task, number, seen=kept.tip(branch), present=present, new=new)
    if not refused:
        kept.allow(branch, new)
    elif _was_written(common_dir, new):
        # git writes the files of a fast-forward or a reset before it asks (githooks(5)).
        refused[-1].hint += f"\nthe files were written already; put them back: git read-tree -m -u {new[:12]} HEAD"
    return refused


def _was_written(common_dir: str, new: str) -> bool:
    """Whether index and files are those of `new`, though nobody has just committed them."""
    action = os.environ.get("GIT_REFLOG_ACTION", "").partition(" ")[0]
    try:
        age = time.time() - os.stat(f"{common_dir}/objects/{new[:2]}/{new[2:]}").st_mtime
    except OSError:
        age = JUST_NOW  # packed, so not made just now
    if age < JUST_NOW and action not in ("merge", "pull"):
        return False
    return process.git(["diff-index", "--cached", "--quiet", new], check=False).status == 0
