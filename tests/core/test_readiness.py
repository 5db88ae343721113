"""The state of each stage, what may be opened, and why nothing can be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import journal, readiness
from git_okstra.core.journal import History, StageRecord
from git_okstra.core.plan import Plan
from support import plans

STATES = [None, journal.OPEN, journal.DONE, journal.ABANDONED]


def record(number: int, state: str | None, flat: bool = False) -> StageRecord:
    head = f"h{number}" if state == journal.DONE else None
    return StageRecord(number, state, base=None if state is None else "b", head=head, flat=flat)


@st.composite
def grounds(draw: st.DrawFn) -> tuple[Plan, History, dict[int, str]]:
    """A plan, any history of its stages (an orderly one or not), and where their branches are."""
    plan = plans.of(draw(plans.graphs()))
    numbers = [stage.number for stage in plan.stages]
    records = {each: record(each, draw(st.sampled_from(STATES)), draw(st.booleans())) for each in numbers}
    heads = {each: draw(st.sampled_from([f"h{each}", "elsewhere"])) for each in numbers if draw(st.booleans())}
    return plan, History(records), heads


@given(grounds(), st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)))
def test_every_stage_has_the_state_that_its_record_and_its_refs_give(
    ground: tuple[Plan, History, dict[int, str]], reserving: set[int], merged: set[int]
) -> None:
    plan, history, heads = ground
    found = readiness.states(plan, history, reserving=reserving, heads=heads, merged=merged)
    assert list(found) == [stage.number for stage in plan.stages]
    done = {number for number in found if history.stage(number).state == journal.DONE}
    for stage in plan.stages:
        number, one = stage.number, history.stage(stage.number)
        moved = not one.flat and heads.get(number, one.head) != one.head
        expected = {
            journal.OPEN: "open",
            journal.ABANDONED: "abandoned",
            journal.DONE: "stale" if moved else "merged" if number in merged else "done",
            None: "ready" if set(stage.depends_on) <= done else "waiting",
        }[one.state]
        assert found[number] == ("reserving" if number in reserving else expected)


@given(grounds(), st.sets(st.integers(1, 12)))
def test_what_may_be_opened_is_free_unstarted_and_has_its_dependencies_done(
    ground: tuple[Plan, History, dict[int, str]], held: set[int]
) -> None:
    plan, history, _ = ground
    found = readiness.openable(plan, history, held)
    assert found == sorted(set(found))
    states = readiness.states(plan, history)
    for stage in plan.stages:
        free = stage.number not in held and history.stage(stage.number).state in (None, journal.ABANDONED)
        ready = all(states[each] in ("done", "merged") for each in stage.depends_on)
        assert (stage.number in found) == (free and ready)


@given(plans.graphs(), st.data())
def test_who_takes_whatever_may_be_opened_comes_to_the_end_of_every_plan(
    graph: dict[int, set[int]], data: st.DataObject
) -> None:
    plan, records = plans.of(graph), dict[int, StageRecord]()
    for _ in graph:
        number = data.draw(st.sampled_from(readiness.openable(plan, History(records), ())))
        records[number] = record(number, journal.DONE)
    assert readiness.openable(plan, History(records), ()) == []
    assert readiness.nothing_ready(plan, History(records), {}).hint == "git okstra merge"


@given(grounds(), st.dictionaries(st.integers(1, 12), st.just("ben")))
def test_the_reason_why_nothing_is_ready_counts_every_stage_once(
    ground: tuple[Plan, History, dict[int, str]], held: dict[int, str]
) -> None:
    plan, history, _ = ground
    error = readiness.nothing_ready(plan, history, held)
    assert error.code == "nothing-ready"
    if all(history.stage(stage.number).state == journal.DONE for stage in plan.stages):
        assert "every stage is done" in error.message
        return
    listed = error.message.partition("stages ")[2]
    numbers = [int(word.strip(",;")) for word in listed.split() if word.strip(",;").isdigit()]
    assert sorted(numbers) == [stage.number for stage in plan.stages]
    for part in listed.split("; "):
        for number in (int(word.strip(",")) for word in part.split() if word.strip(",").isdigit()):
            one = history.stage(number)
            if "done" in part:
                assert one.state == journal.DONE
            elif "open" in part:
                assert number in held or one.state == journal.OPEN


def test_a_stage_that_was_given_up_is_to_be_opened_again_once_what_it_needs_is_done() -> None:
    plan = plans.of({1: (), 2: (1,), 3: ()})
    states = {1: readiness.OPEN, 2: readiness.ABANDONED, 3: readiness.ABANDONED}
    assert readiness.to_open(plan, states) == [3]
    assert readiness.to_open(plan, {**states, 1: readiness.STALE}) == [2, 3]


def test_nothing_is_ready_while_the_plan_is_not_approved() -> None:
    plan = plans.of({1: (), 2: (1,)})
    found = readiness.states(plan, journal.History(), approved=False)
    assert found == {1: readiness.WAITING, 2: readiness.WAITING}
