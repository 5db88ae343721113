"""The last verdict, what voids it, and what it is held against."""

from __future__ import annotations

from typing import Any

import pytest

from git_okstra.core import verdicts
from git_okstra.core.journal import Event
from git_okstra.core.verdicts import Present

NOW = Present("c1", "t1", "d1", "s1")


def event(name: str, stage: int | None = None, **data: Any) -> Event:
    return Event(name, "2026-11-24T10:00:00Z", "ada", stage, data)


def verified(verdict: str = "accepted", **more: Any) -> Event:
    return event("verified", **{"verdict": verdict, "commit": "c1", "tree": "t1", "plan": "d1", "report": "r",
                                "sha256": "s1", **more})  # fmt: skip


@pytest.mark.parametrize(
    ("after", "voided"),
    [
        ([], ""),
        ([event("phase", **{"from": "implementation", "to": "final-verification"})], ""),
        ([event("phase", **{"from": "final-verification", "to": "release-handoff"})], ""),
        ([event("phase", to="implementation")], "the task went back to implementation"),
        ([event("phase", to="error-analysis")], "the task went back to error-analysis"),
        ([event("phase", to="what a newer version has")], "the task went to what a newer version has"),
        ([event("reopened", 2), event("done", 2)], "stage 2 was taken back to open since"),
        ([event("started", 3)], "stage 3 was opened since"),
        ([event("done", 3)], "stage 3 was closed anew since"),
        ([event("abandoned", 3)], "stage 3 was given up since"),
        ([event("merged", 3), event("removed", 3), event("something")], ""),
        ([event("released"), event("task-started")], ""),
    ],
)
def test_what_voids_it(after: list[Event], voided: str) -> None:
    found = verdicts.last([verified(), *after])
    assert found is not None
    assert found.voided == voided
    assert bool(verdicts.weakness(found, NOW)) == bool(voided)


def test_the_last_one_counts_and_a_task_that_begins_anew_has_none() -> None:
    found = verdicts.last([verified(), verified("rejected"), event("phase", to="implementation")])
    assert found is not None
    assert not found.accepted
    assert verdicts.last([]) is None
    assert verdicts.last([event("task-started"), verified(), event("removed"), event("task-started")]) is None
    assert verdicts.last([verified(commit=3)]) is None


@pytest.mark.parametrize(
    ("now", "weak"),
    [
        (NOW, ""),
        (Present("c2", "t1", "d1", "s1"), ""),
        (Present("c2", "t2", "d1", "s1"), "is for c1, and the task branch is at c2 now"),
        (Present(None, None, "d1", "s1"), "is for c1, and the task branch is gone"),
        (Present("c1", "t1", "", "s1"), "is for another plan than there is now"),
        (Present("c1", "t1", None, "s1"), "is for another plan than there is now"),
        (Present("c1", "t1", "d1", None), "has another report than was written"),
    ],
)
def test_what_it_is_held_against(now: Present, weak: str) -> None:
    found = verdicts.last([verified()])
    assert found is not None
    assert verdicts.weakness(found, now) == weak


def test_why_there_is_none_that_holds() -> None:
    assert verdicts.objection(None, "") == "there is none yet"
    found, bad = verdicts.last([verified()]), verdicts.last([verified("rejected")])
    assert verdicts.objection(found, "") == ""
    assert verdicts.objection(found, "is void: x") == "that of 2026-11-24T10:00:00Z is void: x"
    assert verdicts.objection(bad, "") == "the last one, of 2026-11-24T10:00:00Z, is rejected"
