"""The plan's own questions: stages, digest, order, ancestors and dependents."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from support import plans

DIAMOND = {1: [], 2: [1], 3: [1], 4: [2, 3]}


def numbers(plan: Plan) -> list[int]:
    return [stage.number for stage in plan.order()]


def test_stages_are_sorted_and_dependencies_said_once() -> None:
    plan = Plan((PlannedStage(3, "c", (2, 1, 2)), PlannedStage(1, "a")))
    assert [stage.number for stage in plan.stages] == [1, 3]
    assert plan.require(3).depends_on == (1, 2)


def test_a_stage_is_found_or_refused() -> None:
    plan = plans.of(DIAMOND)
    assert plan.stage(3) == plan.stages[2]
    assert plan.stage(9) is None
    with pytest.raises(OkstraError) as caught:
        plan.require(9)
    assert caught.value.code == "no-such-stage"
    assert caught.value.message == "the plan has no stage 9; it has 1, 2, 3, 4"


def test_lines_do_not_make_stages_unequal() -> None:
    one = PlannedStage(1, "a", line=3, lines={"files": 4, "files[1]": 6})
    assert one == PlannedStage(1, "a")
    assert hash(one) == hash(PlannedStage(1, "a"))
    assert [one.line_of("title"), one.line_of("files"), one.line_of("files", 0), one.line_of("files", 1)] == [
        3,
        4,
        4,
        6,
    ]


def test_order_takes_the_lowest_number_that_is_ready() -> None:
    assert numbers(plans.of({1: [5], 2: [], 3: [2], 4: [], 5: []})) == [2, 3, 4, 5, 1]
    assert numbers(plans.of(DIAMOND)) == [1, 2, 3, 4]


@plans.UNHURRIED
@given(plans.graphs())
def test_order_respects_dependencies(graph: dict[int, set[int]]) -> None:
    order = numbers(plans.of(graph))
    assert sorted(order) == sorted(graph)
    for place, number in enumerate(order):
        assert graph[number] <= set(order[:place])
        # Nothing that was ready as early has a lower number.
        ready = [other for other in order[place:] if graph[other] <= set(order[:place])]
        assert number == min(ready)


@plans.UNHURRIED
@given(st.dictionaries(st.integers(-2, 12), st.sets(st.integers(-2, 14))))
def test_every_question_ends_on_a_faulty_plan(graph: dict[int, set[int]]) -> None:
    plan = plans.of(graph)
    assert sorted(numbers(plan)) == sorted(graph)
    for number in graph:
        assert plan.ancestors(number) <= graph.keys()


@plans.UNHURRIED
@given(plans.graphs())
def test_ancestors_are_a_closure(graph: dict[int, set[int]]) -> None:
    plan = plans.of(graph)
    for number, direct in graph.items():
        assert plan.ancestors(number) == direct.union(*(plan.ancestors(other) for other in direct))


def test_digest_has_its_form_and_stays_what_it_is() -> None:
    """The digest of an approved plan must not change with a new version of the program."""
    stage = PlannedStage(1, "스키마", (), ("src/**", "a"), ("make test",))
    plan = Plan((stage, PlannedStage(2, "b", (1,), ("b",))))
    assert plan.digest() == "sha256:338dc1be2e78eb1542f7fab2c34128ea805b6d0eb9890b2e6e75bb0b84560fc8"


@plans.UNHURRIED
@given(plans.plans())
def test_digest_ignores_what_is_not_content(plan: Plan) -> None:
    shuffled = [
        dataclasses.replace(stage, files=tuple(reversed(stage.files)), line=7, lines={"files": 8})
        for stage in reversed(plan.stages)
    ]
    assert Plan(tuple(shuffled), plan.title + "x").digest() == plan.digest()


@plans.UNHURRIED
@given(plans.plans(), st.data())
def test_digest_changes_with_any_content(plan: Plan, data: st.DataObject) -> None:
    victim = data.draw(st.sampled_from(plan.stages))
    changed = data.draw(
        st.sampled_from(
            [
                {"number": 100},
                {"title": victim.title + "x"},
                {"depends_on": (*victim.depends_on, 100)},
                {"files": (*victim.files, "another")},
                {"files": ()},
                {"verify": (*victim.verify, "another")},
                {"verify": ("another", *victim.verify)},
            ]
        )
    )
    stages = [dataclasses.replace(stage, **changed) if stage is victim else stage for stage in plan.stages]
    assert Plan(tuple(stages)).digest() != plan.digest()
    assert Plan(tuple(stage for stage in plan.stages if stage is not victim)).digest() != plan.digest()


def test_digest_tells_fields_apart() -> None:
    stages = [
        PlannedStage(1, "a", (), ("b", "c"), ()),
        PlannedStage(1, "a", (), ("b",), ("c",)),
        PlannedStage(1, "a", (), (), ("b", "c")),
        PlannedStage(1, "a", (), (), ("c", "b")),
        PlannedStage(1, "a", (), (), ("bc",)),
        PlannedStage(1, "a\ud800", (), (), ("bc",)),
    ]
    assert len({Plan((stage,)).digest() for stage in stages}) == len(stages)
