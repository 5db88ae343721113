"""What a run does next with the stages of a plan (`git okstra run`): which it opens, which it merges, which must wait.

A stage is opened once everything it depends on is merged; what failed stops its dependents and nothing else. Everything
is decided anew from the states, so that a run can be stopped and repeated, and several runs can share a plan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from git_okstra.core import readiness
from git_okstra.core.plan import Plan

OPENABLE = (readiness.READY, readiness.ABANDONED, readiness.OPEN)
"""States in which a stage can be worked on; one that is open was begun by an earlier run."""

MERGEABLE = (readiness.DONE, readiness.STALE)
"""States in which a stage is to be merged; what is stale is refused there, with the way out."""


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand: the `states` of all stages; those that this run has `running`, and those that `failed`
    in it for good; those that another run works on (`elsewhere`); and those that somebody else has (`held`)."""

    states: Mapping[int, str]
    running: Collection[int] = ()
    failed: Collection[int] = ()
    elsewhere: Collection[int] = ()
    held: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`merge` are the stages to merge now, then `open` those to open, each in order; `awaited` those that another run
    works on and this one needs; `left` every stage that cannot be worked on, with the stages that stand in its way
    (none for one that somebody else has). `over` says that nothing is left to do or to wait for."""

    merge: tuple[int, ...]
    open: tuple[int, ...]
    awaited: tuple[int, ...]
    left: Mapping[int, tuple[int, ...]]
    over: bool


def wanted(plan: Plan, asked: Sequence[int]) -> tuple[int, ...]:
    """The stages that a run works on, dependencies first: those `asked` for with all they stand on, or every one.

    Raises OkstraError `no-such-stage`.
    """
    among: set[int] = set()
    for number in asked:
        among |= {plan.require(number).number, *plan.ancestors(number)}
    return tuple(stage.number for stage in plan.order() if not asked or stage.number in among)


def decide(
    plan: Plan,
    wanted: Sequence[int],
    now: Situation,
    *,
    jobs: int,
    fail_fast: bool = False,
    retried: Collection[int] = (),
) -> Decision:
    """What to do next with the stages `wanted`, of which at most `jobs` run at a time.

    With `fail_fast` nothing new is begun once a stage has failed. `retried` are stages that failed before and are to be
    tried again: they go last, so that they do not keep the others waiting.
    """
    left: dict[int, tuple[int, ...]] = {}
    merge: list[int] = []
    ready: list[int] = []
    awaited: list[int] = []
    for number in wanted:
        state = now.states[number]
        stage = plan.require(number)
        if state == readiness.MERGED or number in now.failed or number in now.running:
            continue
        causes = {one for one in stage.depends_on if one in now.failed}
        causes |= {cause for one in stage.depends_on if one in left for cause in left[one] or (one,)}
        if causes:
            left[number] = tuple(sorted(causes))
        elif number in now.elsewhere:
            awaited.append(number)
        elif number in now.held and state not in MERGEABLE:
            left[number] = ()
        elif any(now.states[one] != readiness.MERGED for one in stage.depends_on):
            continue  # what it stands on is under way
        elif state in MERGEABLE:
            merge.append(number)
        elif state in OPENABLE:
            ready.append(number)
    if fail_fast and now.failed:
        return Decision((), (), (), left, not now.running)
    ready.sort(key=lambda number: number in retried)  # stable: otherwise in the plan's order
    begun = tuple(ready[: max(0, jobs - len(now.running))])
    return Decision(tuple(merge), begun, tuple(awaited), left, not (merge or begun or now.running or awaited))
