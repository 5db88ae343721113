"""The timeline: who worked on what when, the speed-up, and the critical path."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core import timeline
from git_okstra.core.journal import Event
from git_okstra.core.plan import Plan
from git_okstra.core.timeline import Timeline
from support import plans
from support.timelines import event, journals, shown


def minutes(seen: Timeline) -> dict[int, list[tuple[int, int, str, bool, bool]]]:
    return {
        row.number: [(span.begin // 60, span.end // 60, span.owner, span.running, span.given_up) for span in row.spans]
        for row in seen.rows
    }


def test_a_plan_worked_off_by_two() -> None:
    seen = shown(
        *(event("started", 0, 1), event("done", 10, 1), event("merged", 11, 1, commit="x")),
        *(event("started", 12, 2), event("started", 13, 3, "ben"), event("done", 20, 2), event("done", 33, 3, "ben")),
        *(event("merged", 34, 2, commit="y"), event("merged", 35, 3, commit="z"), event("started", 40, 4)),
    )
    assert minutes(seen) == {
        1: [(0, 10, "ann", False, False)],
        2: [(12, 20, "ann", False, False)],
        3: [(13, 33, "ben", False, False)],
        4: [(40, 100, "ann", True, False)],
    }
    assert [[time // 60 for time in row.merged] for row in seen.rows] == [[11], [34], [35], []]
    assert (seen.begin, seen.end, seen.elapsed) == (0, 6000, 6000)
    assert (seen.working, seen.busy) == ((10 + 8 + 20 + 60) * 60, (10 + 21 + 60) * 60)
    assert seen.speed_up == pytest.approx(98 / 91)
    assert (seen.critical, seen.critical_seconds) == ((1, 3, 4), 90 * 60)
    assert seen.owners == ("ann", "ben")


def test_reopened_and_taken_again_by_another() -> None:
    seen = shown(
        *(event("started", 0, 1), event("done", 10, 1), event("reopened", 20, 1, "ben"), event("done", 25, 1, "ben")),
        *(event("started", 30, 2), event("taken-over", 35, 2, "cho"), event("done", 40, 2, "cho")),
    )
    assert minutes(seen) == {
        1: [(0, 10, "ann", False, False), (20, 25, "ben", False, False)],
        2: [(30, 35, "ann", False, False), (35, 40, "cho", False, False)],
    }
    assert [row.seconds for row in seen.rows] == [900, 600]


def test_a_stage_that_was_given_back_is_not_worked_on_until_somebody_takes_it() -> None:
    given_back = (event("started", 0, 1), event("released", 10, 1))
    assert minutes(shown(*given_back)) == {1: [(0, 10, "ann", False, False)]}
    seen = shown(*given_back, event("done", 50, 1))
    assert minutes(seen) == {1: [(0, 10, "ann", False, False)]}


def test_what_was_given_up_counts_for_nothing_until_it_is_restored() -> None:
    abandoned = (event("started", 0, 1), event("abandoned", 10, 1))
    seen = shown(*abandoned)
    assert minutes(seen) == {1: [(0, 10, "ann", False, True)]}
    assert (seen.working, seen.busy, seen.speed_up, seen.critical) == (0, 0, None, ())
    again = (event("started", 20, 1, "ben"), event("removed", 30, 1, "ben"))
    assert minutes(shown(*abandoned, *again)) == {1: [(0, 10, "ann", False, True), (20, 30, "ben", False, True)]}
    seen = shown(*abandoned, *again, event("restored", 50, 1, "ben"))
    assert minutes(seen) == {
        1: [(0, 10, "ann", False, True), (20, 30, "ben", False, False), (50, 100, "ben", True, False)]
    }
    assert seen.working == 60 * 60


def test_a_merged_stage_whose_worktree_goes_was_worked_on_all_the_same() -> None:
    seen = shown(event("started", 0, 1), event("done", 10, 1), event("removed", 20, 1, keeps=True))
    assert minutes(seen) == {1: [(0, 10, "ann", False, False)]}


def test_a_task_that_is_removed_and_one_that_begins_anew() -> None:
    life = (event("task-started", 0), event("started", 1, 1), event("removed", 5))
    assert minutes(shown(*life)) == {1: [(1, 5, "ann", False, False)]}
    assert shown(*life, event("task-started", 9)) == Timeline((), None, None, 0, 0, (), 0)


def test_clocks_that_disagree_take_no_time() -> None:
    seen = shown(event("started", 10, 1), event("done", 4, 1), event("started", 200, 2), now=100)
    assert minutes(seen) == {1: [(10, 10, "ann", False, False)], 2: [(200, 200, "ann", True, False)]}
    assert (seen.working, seen.speed_up) == (0, None)


def test_a_time_that_is_none_is_that_of_the_event_before() -> None:
    seen = shown(Event("started", "?", "ann", 1), event("phase", 7), event("done", 9, 1), Event("reopened", "", "b", 1))
    assert minutes(seen) == {1: [(7, 9, "ann", False, False), (9, 100, "b", True, False)]}


def test_a_stage_that_the_plan_lost_is_shown_without_a_title() -> None:
    seen = shown(event("started", 0, 9), event("abandoned", 5, 9))
    assert [(row.number, row.title) for row in seen.rows] == [(9, "")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60),
        ("1970-01-01T01:01:00+01:00", 60),
        ("1970-01-01T00:01:00", 60),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:00", None),
    ],
)
def test_seconds_of(text: str, seconds: int | None) -> None:
    assert timeline.seconds_of(text) == seconds


@settings(plans.UNHURRIED, max_examples=60)
@given(journals(), st.integers(-5, 80))
def test_what_holds_of_every_journal(drawn: tuple[Plan, list[Event]], now: int) -> None:
    plan, events = drawn
    seen = shown(*events, now=now, plan=plan)
    for row in seen.rows:
        assert row.spans
        for span in row.spans:
            assert seen.begin is not None and seen.end is not None
            assert seen.begin <= span.begin <= span.end <= seen.end
            assert not (span.running and span.given_up)
        assert sum(span.running for span in row.spans) <= 1
        assert 0 <= row.seconds <= sum(span.end - span.begin for span in row.spans)
    assert seen.working == sum(row.seconds for row in seen.rows)
    assert seen.critical_seconds <= seen.working
    assert seen.busy <= seen.working
    assert seen.busy <= seen.elapsed
    if seen.speed_up is None:
        assert seen.working == 0
    else:
        assert 1 <= seen.speed_up <= len(seen.rows)
    for one, other in itertools.pairwise(seen.critical):
        assert one in plan.require(other).depends_on
    seconds = {row.number: row.seconds for row in seen.rows}
    assert seen.critical_seconds == sum(seconds.get(number, 0) for number in seen.critical)
    longest = max((sum(seconds.get(number, 0) for number in chain) for chain in chains(plan)), default=0)
    assert seen.critical_seconds == longest


def chains(plan: Plan) -> Iterator[tuple[int, ...]]:
    """Every way through the plan, from any stage back to one that depends on nothing."""

    def back(number: int) -> Iterator[tuple[int, ...]]:
        before = plan.require(number).depends_on
        for other in before:
            for chain in back(other):
                yield (*chain, number)
        if not before:
            yield (number,)

    for stage in plan.stages:
        yield from back(stage.number)
