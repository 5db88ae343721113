"""Which commit a stage starts from (specification, section 5, "stage")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import PlannedStage
from git_okstra.core.records import dataclass

ANCHOR = "anchor"
DEPENDENCY = "dependency"
TASK_HEAD = "task-head"


@dataclass(frozen=True, slots=True)
class Base:
    """The commit to start from, and which row of the table gave it: `anchor`, `dependency` or `task-head`."""

    commit: str
    rule: str


def decide(
    stage: PlannedStage,
    history: journal.History,
    *,
    anchor: str,
    task_head: str,
    are_ancestors: Callable[[Sequence[str], str], Mapping[str, bool]],
    flat: bool = False,
) -> Base:
    """The base of `stage`: the anchor, the one dependency's recorded head, or the task branch's HEAD with all in it.

    `are_ancestors(heads, task_head)` answers for each head whether it is an ancestor. With `flat` the task branch
    itself serves as the stage's branch, so the base is always its HEAD and every dependency must be in it.

    Raises OkstraError `stage-not-ready` when a dependency is not done, `dependencies-not-merged` when one of several is
    done but not in the task branch.
    """
    heads: dict[int, str] = {}
    undone = []
    for number in stage.depends_on:
        record = history.stage(number)
        if record.state == journal.DONE and record.head is not None:
            heads[number] = record.head
        else:
            undone.append(number)
    if undone:
        verb = "done" if history.stage(undone[0]).state == journal.OPEN else "stage"
        raise OkstraError(
            "stage-not-ready",
            f"stage {stage.number} depends on {_listed(undone)}, which {'is' if len(undone) == 1 else 'are'} not done",
            f"first: git okstra {verb} {undone[0]}\nor take what is ready: git okstra stage auto",
        )
    if not heads and not flat:
        return Base(anchor, ANCHOR)
    if len(heads) == 1 and not flat:
        return Base(next(iter(heads.values())), DEPENDENCY)
    known = are_ancestors(list(heads.values()), task_head) if heads else {}
    missing = [number for number, head in heads.items() if not known[head]]
    if missing:
        numbers = " ".join(map(str, missing))
        raise OkstraError(
            "dependencies-not-merged",
            f"stage {stage.number} starts from the task branch, which does not have {_listed(missing)} yet",
            f"git okstra merge {numbers}\nor in one go: git okstra stage {stage.number} --merge-deps",
        )
    return Base(task_head, TASK_HEAD)


def _listed(numbers: Sequence[int]) -> str:
    words = [str(number) for number in numbers]
    if len(words) == 1:
        return f"stage {words[0]}"
    return f"stages {', '.join(words[:-1])} and {words[-1]}"
