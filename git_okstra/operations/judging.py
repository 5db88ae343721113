"""Gathering what `core.policy` judges: the commits that an update adds to a governed branch, each with its own changes.

Asked by reference-transaction, and afterwards by whoever looks for what got past the hooks.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import policy
from git_okstra.core.policy import Commit
from git_okstra.core.refusals import Refusal
from git_okstra.git import changes, merges, refs


def update(
    common_dir: str, task: policy.Task, number: int, *, seen: str, present: str | None, new: str
) -> list[Refusal]:
    """Every refusal of moving the branch of `number` (0: the task) from `present` to the commit `new`.

    `seen` is what the hooks last accepted there, empty when they never did: what was added since is judged too, and
    going back to it is always allowed. `present` is None for a branch that is being made.
    """
    if new == seen:
        return []
    refused = _judged(common_dir, task, number, seen, present, new)
    if refused and present and seen and present != seen:
        refused[-1].hint += f"\nhooks were off when the branch was moved; go back: git reset --soft {seen[:12]}"
    return refused


def _judged(common_dir: str, task: policy.Task, number: int, seen: str, present: str | None, new: str) -> list[Refusal]:
    shut = policy.closed(task, number)
    if shut is not None:
        return [shut]
    began = task.start_of(number)
    there = refs.existing(common_dir, [seen, present or "", began])
    start = next((one for one in (seen, began if number else "", present) if one in there), "")
    refused = policy.judge(task, number, added(common_dir, task, number, start, new))
    former = seen if seen in there else present
    if former and not refs.is_ancestor(common_dir, former, new):
        keeps = not began or refs.is_ancestor(common_dir, began, new)
        rewound = policy.judge_rewind(task, number, new=new, keeps_start=keeps)
        refused += [rewound] if rewound else []
    return refused


def added(common_dir: str, task: policy.Task, number: int, start: str, new: str) -> list[Commit]:
    """The commits that `new` has and that neither `start`, nor the base branch, nor what the branch may take over has;
    newest first. A merge with what it changes by itself."""
    known = task.known_to(number) + refs.base_tips(common_dir, task.base_ref, task.branch)
    found = changes.commits_with_paths(common_dir, new, refs.existing(common_dir, [start, *known]))
    fresh = {commit for commit, _, _ in found}
    return [_commit(common_dir, fresh, *one) for one in found]


def _commit(common_dir: str, fresh: set[str], commit: str, parents: Sequence[str], paths: Sequence[str]) -> Commit:
    own = merges.own_paths(common_dir, commit, parents, paths)
    news = sum(parent in fresh for parent in parents[1:])
    return Commit(commit, own, merge=len(parents) > 1, new_parents=news)
