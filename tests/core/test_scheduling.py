"""What a run does next: any plan, any stage failing, any order in which the commands end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import readiness, scheduling
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan
from git_okstra.core.scheduling import Situation
from support import plans


class World:
    """A plan that is worked off: the states of the stages, and what is under way."""

    def __init__(self, plan: Plan, asked: list[int]) -> None:
        self.plan = plan
        self.states = dict.fromkeys((stage.number for stage in plan.stages), readiness.WAITING)
        self.running: list[int] = []
        self.failed: set[int] = set()
        self.wanted = scheduling.wanted(plan, asked)
        self.opened: list[int] = []

    def ripen(self) -> None:
        done = {n for n, state in self.states.items() if state in (readiness.DONE, readiness.MERGED)}
        for stage in self.plan.stages:
            if self.states[stage.number] == readiness.WAITING and done.issuperset(stage.depends_on):
                self.states[stage.number] = readiness.READY

    def decide(self, jobs: int, fail_fast: bool) -> scheduling.Decision:
        self.ripen()
        now = Situation(self.states, self.running, self.failed)
        return scheduling.decide(self.plan, self.wanted, now, jobs=jobs, fail_fast=fail_fast)

    def merged(self) -> set[int]:
        return {number for number, state in self.states.items() if state == readiness.MERGED}


@plans.UNHURRIED
@given(plans.graphs(), st.integers(1, 4), st.booleans(), st.data())
def test_a_plan_is_worked_off_whatever_fails(
    graph: dict[int, set[int]], jobs: int, fail_fast: bool, data: st.DataObject
) -> None:
    plan = plans.of(graph)
    asked = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    world = World(plan, asked)
    bad = data.draw(st.sets(st.sampled_from(sorted(graph)), max_size=3))
    conflicting = data.draw(st.sets(st.sampled_from(sorted(graph)), max_size=2))
    for _ in range(4 * len(graph) + 4):
        decision = world.decide(jobs, fail_fast)
        for number in decision.open:
            assert number in world.wanted
            assert plan.require(number).depends_on == tuple(
                one for one in plan.require(number).depends_on if world.states[one] == readiness.MERGED
            )
            assert not (fail_fast and world.failed)
            world.opened.append(number)
            world.running.append(number)
            world.states[number] = readiness.OPEN
        assert len(world.running) <= jobs
        for number in decision.merge:
            assert world.states[number] == readiness.DONE
            if number in conflicting:
                world.failed.add(number)
            else:
                world.states[number] = readiness.MERGED
        if decision.over:
            break
        if not decision.merge:
            assert world.running, "nothing is under way, and it is not over"
            number = data.draw(st.sampled_from(world.running))
            world.running.remove(number)
            if number in bad:
                world.failed.add(number)
            else:
                world.states[number] = readiness.DONE
    else:
        pytest.fail("it does not come to an end")
    assert len(world.opened) == len(set(world.opened))
    wanted, failed = set(world.wanted), world.failed & set(world.wanted)
    if fail_fast and failed:
        return
    # All that does not stand on a failed stage is in; what does is left, and the stages in its way are named.
    standing = {number for number in wanted - failed if plan.ancestors(number) & failed}
    assert world.merged() == wanted - failed - standing
    left = world.decide(jobs, fail_fast).left
    assert set(left) == standing
    for number, causes in left.items():
        assert set(causes) <= plan.ancestors(number) & failed
        assert causes


@given(plans.graphs(), st.data())
def test_a_stage_that_is_asked_for_brings_along_what_it_stands_on(
    graph: dict[int, set[int]], data: st.DataObject
) -> None:
    plan = plans.of(graph)
    asked = data.draw(st.lists(st.sampled_from(sorted(graph))))
    found = scheduling.wanted(plan, asked)
    assert set(found) == set(asked).union(*(plan.ancestors(number) for number in asked)) if asked else set(graph)
    for index, number in enumerate(found):
        assert plan.ancestors(number) <= set(found[:index])
    with pytest.raises(OkstraError) as refused:
        scheduling.wanted(plan, [99])
    assert refused.value.code == "no-such-stage"


def test_what_others_have_is_waited_for_or_left() -> None:
    plan = plans.of({1: (), 2: (1,), 3: (), 4: (3,)})
    states = {1: "open", 2: "waiting", 3: "open", 4: "waiting"}
    decision = scheduling.decide(plan, (1, 2, 3, 4), Situation(states, elsewhere=(1,), held=(3,)), jobs=9)
    assert (decision.open, decision.awaited, dict(decision.left)) == ((), (1,), {3: (), 4: (3,)})
    assert not decision.over
    assert scheduling.decide(plan, (3, 4), Situation(states, held=(3,)), jobs=9).over
    # Whoever has it, a stage that is done is merged.
    done = states | {3: "done"}
    assert scheduling.decide(plan, (3, 4), Situation(done, held=(3,)), jobs=9).merge == (3,)


def test_what_was_tried_before_goes_last() -> None:
    plan = plans.of({1: (), 2: (), 3: ()})
    now = Situation({1: "open", 2: "ready", 3: "abandoned"})
    assert scheduling.decide(plan, (1, 2, 3), now, jobs=2).open == (1, 2)
    assert scheduling.decide(plan, (1, 2, 3), now, jobs=2, retried={1}).open == (2, 3)
