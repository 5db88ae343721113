"""reference-transaction, `prepared`: may these governed branches be moved so?

The old value that git gives cannot be relied on (it is zero for `git branch -f`), so the present one is read. Commits
are judged as they were made (git-replace(1) and grafts do not count), from where the hooks last saw the branch: what
was added while they were off is judged with the next commit.
"""

from __future__ import annotations

import os

from git_okstra.core import policy
from git_okstra.core.refusals import Refusal
from git_okstra.git import process, refs
from git_okstra.hooks import ground
from git_okstra.operations import judging
from git_okstra.state.policies import Policies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def judge(common_dir: str, git_dir: str, caller: str, transaction: str) -> list[Refusal]:
    """Every refusal of a transaction, its lines being `<old> <new> <ref>`; `caller` is the pid of the git that asks."""
    kept = Policies(common_dir)
    refused: list[Refusal] = []
    for new, branch in _branches(transaction):
        holder = kept.holder(branch)
        if holder is not None:
            found = _judge_one(common_dir, kept, holder, branch, new)
            if found:
                found[-1].hint += _way_back(git_dir, caller, new)
            refused += found
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
    return refused


def _way_back(git_dir: str, caller: str, new: str) -> str:
    """How the files of a worktree are put back when git wrote them before it asked (githooks(5)); else empty."""
    verb = _verb(caller)
    if verb == "merge" and os.path.exists(f"{git_dir}/MERGE_HEAD"):
        return "\nthe files were merged already; put them back: git merge --abort"
    if verb not in ("merge", "pull", "reset", "checkout", "switch"):
        return ""
    written = process.git(["diff-index", "--cached", "--quiet", new], cwd=os.getcwd(), check=False).status == 0
    return f"\nthe files were written already; put them back: git read-tree -m -u {new[:12]} HEAD" if written else ""


def _verb(caller: str) -> str:
    """The git command that runs the hook, from proc(5); empty where that cannot be known."""
    try:
        with open(f"/proc/{caller}/cmdline", "rb") as file:
            words = iter(os.fsdecode(file.read()).split("\0")[1:])
    except OSError:
        return ""
    for word in words:
        if word in ("-C", "-c"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""
