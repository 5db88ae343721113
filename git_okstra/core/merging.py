"""Which stages are merged into the task branch, and in which order (specification, section 5, "merge")."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from git_okstra.core import closing, journal, names, readiness
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.core.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Decision:
    """`order` are the stages to merge, dependencies first; `merged` those (of what was asked for) in the task
    branch already; `left` the remaining stages of the plan with their states; `heads` the commits to merge."""

    order: tuple[int, ...]
    merged: tuple[int, ...]
    left: Mapping[int, str]
    heads: Mapping[int, str] = field(default_factory=dict)


def decide(
    plan: Plan,
    history: journal.History,
    states: Mapping[int, str],
    *,
    merged: Collection[int],
    asked: Sequence[int] = (),
) -> Decision:
    """What merging the stages `asked` (all that are done when none is) comes to.

    `states` are those of `readiness.states`; `merged` the stages whose recorded head is in the task branch. A stage
    that is asked for brings its dependencies along. When none is asked for, a done stage whose dependency was taken
    back stays where it is.

    Raises OkstraError `no-such-stage`, `stage-not-done`, `stage-not-ready` (a dependency was taken back) and
    `stage-stale`, all reasons in one.
    """
    for number in asked:
        plan.require(number)
    done = {stage.number for stage in plan.stages if history.stage(stage.number).state == journal.DONE}
    inside = {number for number in done if number in merged or history.stage(number).flat}
    wanted: set[int] = set()
    errors: list[OkstraError] = []
    for number in dict.fromkeys(asked or sorted(done)):
        if number not in done:
            errors.append(_not_done(plan.require(number), states))
            continue
        if number in inside:
            continue
        undone = sorted(plan.ancestors(number) - done)
        if not undone:
            wanted |= ({number} | plan.ancestors(number)) - inside
        elif asked:
            errors.append(_not_ready(number, undone))
    stale = {number for number in wanted | set(asked) if states.get(number) == readiness.STALE}
    errors += [_stale(number, wanted - stale) for number in sorted(stale)]
    if errors:
        raise closing.refusal(errors, "the stages cannot be merged")
    order = tuple(stage.number for stage in plan.order() if stage.number in wanted)
    left = {stage.number: states[stage.number] for stage in plan.stages if stage.number not in inside | wanted}
    heads = {number: history.stage(number).head or "" for number in order}
    return Decision(order, tuple(sorted(inside & set(asked) if asked else inside)), left, heads)


def message(stage: PlannedStage, task_id: str, branch: str) -> str:
    """The message of the merge commit, from the plan."""
    title = names.printable(" ".join(stage.title.split()))
    subject = f"Merge stage {stage.number}: {title}" if title else f"Merge stage {stage.number}"
    return f"{subject}\n\nTask: {names.printable(task_id)}\nBranch: {branch}\n"


def branch_moved(branch: str, head: str, path: str, *, lost: Sequence[int], commit: str, forward: bool) -> OkstraError:
    """The refusal for a task branch that no longer holds what it held: the merges of the stages `lost`, or its anchor.

    `commit` is the newest that it should hold; `forward` says that the branch only has to go forward to get there.
    """
    merges = "the merge of stage" if len(lost) == 1 else "the merges of stages"
    what = f"{merges} {', '.join(map(str, lost))}" if lost else "the commit its first stage started from"
    back = f"merge --ff-only {commit[:12]}" if forward else f"reset --keep {commit[:12]}"
    anew = f"\nor, if that was meant, merge anew: git okstra merge {' '.join(map(str, lost))}" if lost else ""
    return OkstraError(
        "branch-moved",
        f"the task branch '{branch}' was moved to {head[:12]} and has lost {what}",
        f"put it back: git -C {names.quoted(path)} {back}{anew}",
    )


def _not_done(stage: PlannedStage, states: Mapping[int, str]) -> OkstraError:
    state = states[stage.number]
    hint = f"git okstra done {stage.number}" if state == readiness.OPEN else f"git okstra stage {stage.number}"
    if state == readiness.WAITING:
        hint = "see what it waits for: git okstra status"
    return OkstraError("stage-not-done", f"stage {stage.number} is {state}, not done", hint)


def _not_ready(number: int, undone: Sequence[int]) -> OkstraError:
    listed = ", ".join(map(str, undone))
    return OkstraError(
        "stage-not-ready",
        f"stage {number} stands on stage {listed}, which {'is' if len(undone) == 1 else 'are'} not done any more",
        f"close it first: git okstra done {undone[0]}",
    )


def _stale(number: int, others: Collection[int]) -> OkstraError:
    rest = f"\nor leave it out for now: git okstra merge {' '.join(map(str, sorted(others)))}" if others else ""
    return OkstraError(
        "stage-stale",
        f"the branch of stage {number} moved after the stage was done",
        f"check and record it again: git okstra done {number}{rest}",
    )
