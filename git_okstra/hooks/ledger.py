"""The tip ledger at a push: what came to a governed branch while hooks were off is refused before it leaves."""

from __future__ import annotations

from git_okstra.core.refusals import Refusal
from git_okstra.hooks import ground
from git_okstra.state.policies import Policies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def judge(common_dir: str, branches: Iterable[str]) -> list[Refusal]:
    """Every refusal of what those governed branches hold beyond what the hooks have accepted."""
    kept = Policies(common_dir)
    refused: list[Refusal] = []
    for branch in dict.fromkeys(branches):
        holder, seen = kept.holder(branch), kept.tip(branch)
        if holder is None or not seen:
            continue
        from git_okstra.git import refs
        from git_okstra.operations import judging

        tip = refs.branch(common_dir, branch)
        task = ground.task(common_dir, holder[0])
        if tip not in (None, seen) and (holder[1] == 0 or holder[1] in task.stages):
            refused += judging.update(common_dir, task, holder[1], seen=seen, present=tip, new=tip or "")
    return refused
