"""Which stages are merged, in which order, and which refuse."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import journal, merging, readiness
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import History, StageRecord
from git_okstra.core.plan import Plan, PlannedStage
from support import plans

PLAN = plans.of({1: (), 2: (1,), 3: (1,), 4: (2, 3)})


def record(number: int, state: str | None = journal.DONE, *, flat: bool = False) -> StageRecord:
    return StageRecord(number, state, base="b", head=f"h{number}", flat=flat)


def decide(
    plan: Plan,
    records: Sequence[StageRecord],
    asked: Sequence[int] = (),
    merged: Sequence[int] = (),
    moved: Sequence[int] = (),
) -> merging.Decision:
    history = History({one.number: one for one in records})
    heads = {one.number: "elsewhere" if one.number in moved else str(one.head) for one in records}
    states = readiness.states(plan, history, heads=heads, merged=merged)
    return merging.decide(plan, history, states, merged=merged, asked=asked)


def refused(*args: object, **named: object) -> OkstraError:
    with pytest.raises(OkstraError) as caught:
        decide(*args, **named)  # type: ignore[arg-type]
    return caught.value


DONE = [record(number) for number in (1, 2, 3, 4)]


def test_all_that_are_done_dependencies_first() -> None:
    found = decide(PLAN, [record(1), record(3)])
    assert (found.order, found.merged, found.left) == ((1, 3), (), {2: "ready", 4: "waiting"})
    assert decide(PLAN, DONE).order == (1, 2, 3, 4)


def test_a_stage_that_is_asked_for_brings_what_it_stands_on() -> None:
    assert decide(PLAN, DONE, [4]).order == (1, 2, 3, 4)
    assert decide(PLAN, DONE, [3]).order == (1, 3)
    assert decide(PLAN, DONE, [3], merged=[1]).order == (3,)


def test_what_is_merged_already_is_skipped() -> None:
    found = decide(PLAN, DONE, merged=[1, 2])
    assert (found.order, found.merged) == ((3, 4), (1, 2))
    found = decide(PLAN, DONE, [2], merged=[1, 2])
    assert (found.order, found.merged) == ((), (2,))


def test_a_flat_stage_is_in_the_task_branch_from_the_start() -> None:
    found = decide(PLAN, [record(1, flat=True), record(2)])
    assert (found.order, found.merged) == ((2,), (1,))


def test_nothing_done_is_nothing_to_do() -> None:
    assert decide(PLAN, [record(1, journal.OPEN)]).order == ()


@pytest.mark.parametrize(
    ("records", "asked", "code", "hint"),
    [
        ([], [9], "no-such-stage", "git okstra plan show"),
        ([], [1], "stage-not-done", "git okstra stage 1"),
        ([record(1, journal.OPEN)], [1], "stage-not-done", "git okstra done 1"),
        ([], [2], "stage-not-done", "git okstra status"),
        ([record(1, journal.OPEN), record(2)], [2], "stage-not-ready", "git okstra done 1"),
    ],
)
def test_what_is_asked_for_and_cannot_be_merged_is_refused(
    records: list[StageRecord], asked: list[int], code: str, hint: str
) -> None:
    error = refused(PLAN, records, asked)
    assert error.code == code
    assert hint in error.hint


def test_a_done_stage_whose_dependency_was_taken_back_is_left_when_nobody_asks_for_it() -> None:
    found = decide(PLAN, [record(1, journal.OPEN), record(2)])
    assert (found.order, found.left) == ((), {1: "open", 2: "done", 3: "waiting", 4: "waiting"})


def test_a_stage_that_is_merged_stays_so_whatever_became_of_its_dependency() -> None:
    records = [record(1, journal.OPEN), record(2)]
    assert decide(PLAN, records, [2], merged=[2]).merged == (2,)
    assert decide(PLAN, records, merged=[2]).order == ()


def test_a_branch_that_moved_after_done_is_refused_and_the_others_can_be_merged_without_it() -> None:
    error = refused(PLAN, [record(1), record(2), record(3)], moved=[3])
    assert error.code == "stage-stale"
    assert "git okstra done 3" in error.hint
    assert "git okstra merge 1 2" in error.hint


def test_a_branch_that_moved_after_it_was_merged_stands_in_nobody_elses_way() -> None:
    assert decide(PLAN, [record(1), record(2)], merged=[1], moved=[1]).order == (2,)
    assert refused(PLAN, [record(1), record(2)], [1], merged=[1], moved=[1]).code == "stage-stale"


def test_all_reasons_come_at_once() -> None:
    error = refused(PLAN, [record(1), record(2, journal.OPEN), record(3)], [1, 2, 3], moved=[1, 3])
    assert all(word in error.message for word in ("[stage-not-done]", "[stage-stale]", "stage 1", "stage 2", "stage 3"))
    assert error.message.count("[stage-stale]") == 2


@given(plans.graphs(), st.data())
def test_the_order_is_sound_complete_and_comes_to_an_end(graph: dict[int, set[int]], data: st.DataObject) -> None:
    plan, numbers = plans.of(graph), sorted(graph)
    states = st.sampled_from([journal.DONE, journal.DONE, journal.OPEN, None])
    records = [record(each, data.draw(states), flat=data.draw(st.booleans())) for each in numbers]
    done = {one.number for one in records if one.state == journal.DONE}
    inside = {one.number for one in records if one.flat} & done | data.draw(
        st.sets(st.sampled_from(sorted(done) or [0]))
    ) & done
    whole = {each for each in done if plan.ancestors(each) <= done}
    asked = data.draw(st.lists(st.sampled_from(sorted(whole - inside) or [0]), unique=True)) if whole - inside else []
    found = decide(plan, records, asked, sorted(inside))
    placed = list(found.order)
    assert len(set(placed)) == len(placed)
    assert set(placed) <= done - inside
    for index, number in enumerate(placed):
        assert plan.ancestors(number) <= inside | set(placed[:index])
    assert set(asked) <= set(placed)
    if not asked:
        assert set(placed) == {each for each in whole | set().union(*map(plan.ancestors, whole)) if each not in inside}
    again = decide(plan, records, asked, sorted(inside | set(placed)))
    assert again.order == ()
    assert set(again.left).isdisjoint(placed)


def test_the_message_comes_from_the_plan_and_is_one_line_and_a_body() -> None:
    stage = PlannedStage(3, "  Draw\n the\ttotal ")
    assert merging.message(stage, "DEV-9436", "feat-dev-9436-s3") == (
        "Merge stage 3: Draw the total\n\nTask: DEV-9436\nBranch: feat-dev-9436-s3\n"
    )
    assert merging.message(PlannedStage(4, ""), "x", "feat-x-s4").startswith("Merge stage 4\n\n")
