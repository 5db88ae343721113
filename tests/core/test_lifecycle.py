"""The phases: which lifecycle has which, what is missing before one begins, and the intervals of a task's life."""

from __future__ import annotations

from typing import Any

import pytest

from git_okstra.core import lifecycle
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import Event
from git_okstra.core.lifecycle import Interval

NAMES = [phase.name for phase in lifecycle.PHASES]


def event(name: str, stage: int | None = None, **data: Any) -> Event:
    return Event(name, "2026-11-24T10:00:00Z", "ada", stage, data)


def moved(before: str, after: str, head: str | None) -> Event:
    return event("phase", None, **{"from": before, "to": after, "head": head})


def test_light_has_the_last_three_and_full_all() -> None:
    assert [phase.name for phase in lifecycle.phases("full")] == NAMES
    assert [phase.name for phase in lifecycle.phases("light")] == NAMES[3:]


@pytest.mark.parametrize("here", NAMES)
def test_next_is_the_one_after_and_nothing_comes_after_the_last(here: str) -> None:
    if here == NAMES[-1]:
        with pytest.raises(OkstraError, match="is the last phase"):
            lifecycle.target("full", here, "next")
    else:
        assert lifecycle.target("full", here, "next").name == NAMES[NAMES.index(here) + 1]


@pytest.mark.parametrize("wanted", ["", "Implementation", "error-analysis", "nowhere"])
def test_a_phase_that_the_lifecycle_has_not_is_refused(wanted: str) -> None:
    with pytest.raises(OkstraError) as refused:
        lifecycle.target("light", "implementation", wanted)
    assert refused.value.code == "no-such-phase"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("approved", [None, True, False])
@pytest.mark.parametrize("unproven", ["", "there is none yet"])
def test_what_is_missing(name: str, approved: bool | None, unproven: str) -> None:
    found = lifecycle.missing(lifecycle.require(name), plan_approved=approved, unproven=unproven)
    wanted = []
    if name == "implementation" and approved is False:
        wanted.append("plan-not-approved")
    if name in NAMES[4:] and unproven:
        wanted.append("phase-not-ready")
    assert [error.code for error in found] == wanted
    assert all(error.hint for error in found)


def test_a_life_that_never_moved_is_one_interval() -> None:
    assert lifecycle.intervals([], "implementation") == [Interval("implementation")]
    assert lifecycle.intervals([event("task-started")], "error-analysis") == [Interval("error-analysis")]


def test_each_move_ends_an_interval_at_its_head() -> None:
    events = [
        event("task-started", None, head="h0"),
        moved("implementation", "final-verification", "h1"),
        event("reopened", 1),
        moved("final-verification", "implementation", None),
        event("phase", None, to="nowhere"),  # of another version: it says not from where
    ]
    assert lifecycle.intervals(events, "implementation") == [
        Interval("", "h0"),
        Interval("implementation", "h1"),
        Interval("final-verification", None),
        Interval("implementation"),
    ]


def test_a_task_that_was_removed_and_started_again_begins_anew_and_one_that_was_released_goes_on() -> None:
    before = [event("task-started"), moved("a", "b", "h1")]
    assert len(lifecycle.intervals([*before, event("removed"), event("task-started")], "b")) == 1
    assert len(lifecycle.intervals([*before, event("released"), event("task-started")], "b")) == 2
    assert len(lifecycle.intervals([*before, event("removed"), event("restored")], "b")) == 2
    # A stage's removal is none of the task.
    assert len(lifecycle.intervals([*before, event("released"), event("removed", 1), event("task-started")], "b")) == 2
