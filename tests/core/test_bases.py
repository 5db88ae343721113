"""The base of a stage: the table of the specification, held against a second reading of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import bases, journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import History, StageRecord
from git_okstra.core.plan import Plan
from support import plans

ANCHOR, TASK_HEAD = "anchor", "task-head"


def history(done: Mapping[int, str], open_stages: Sequence[int] = ()) -> History:
    """The stages in `done` with their recorded heads, and some that are open."""
    records = {number: StageRecord(number, journal.DONE, base="b", head=head) for number, head in done.items()}
    records |= {number: StageRecord(number, journal.OPEN, base="b") for number in open_stages}
    return History(records)


def asked(merged: Sequence[str], questions: list[list[str]]) -> object:
    """An `are_ancestors` that knows what is in the task branch, and writes down what it was asked."""

    def are_ancestors(heads: Sequence[str], of: str) -> dict[str, bool]:
        assert of == TASK_HEAD
        questions.append(list(heads))
        return {head: head in merged for head in heads}

    return are_ancestors


def decide(plan: Plan, number: int, done: Mapping[int, str], merged: Sequence[str] = (), **more: bool) -> bases.Base:
    return bases.decide(
        plan.require(number),
        history(done),
        anchor=ANCHOR,
        task_head=TASK_HEAD,
        are_ancestors=asked(merged, []),  # type: ignore[arg-type]
        **more,
    )


PLAN = plans.of({1: (), 2: (1,), 3: (1,), 4: (2, 3)})


def test_without_dependencies_it_is_the_anchor() -> None:
    assert decide(PLAN, 1, {}) == bases.Base(ANCHOR, "anchor")


def test_with_one_dependency_it_is_the_head_that_was_recorded_merged_or_not() -> None:
    assert decide(PLAN, 2, {1: "h1"}) == bases.Base("h1", "dependency")
    assert decide(PLAN, 2, {1: "h1"}, ["h1"]) == bases.Base("h1", "dependency")


def test_with_several_it_is_the_task_branch_once_all_are_in_it() -> None:
    assert decide(PLAN, 4, {1: "h1", 2: "h2", 3: "h3"}, ["h2", "h3"]) == bases.Base(TASK_HEAD, "task-head")


def test_a_dependency_that_is_not_merged_is_named_with_the_command_that_merges_it() -> None:
    with pytest.raises(OkstraError) as caught:
        decide(PLAN, 4, {1: "h1", 2: "h2", 3: "h3"}, ["h2"])
    assert caught.value.code == "dependencies-not-merged"
    assert "stage 3" in caught.value.message
    assert "stage 2" not in caught.value.message
    assert caught.value.hint.splitlines()[0] == "git okstra merge 3"
    assert "git okstra stage 4 --merge-deps" in caught.value.hint


def test_a_dependency_that_is_open_is_not_done() -> None:
    with pytest.raises(OkstraError) as caught:
        bases.decide(
            PLAN.require(2),
            history({}, [1]),
            anchor=ANCHOR,
            task_head=TASK_HEAD,
            are_ancestors=asked([], []),  # type: ignore[arg-type]
        )
    assert caught.value.code == "stage-not-ready"
    assert "git okstra done 1" in caught.value.hint


@given(plans.graphs(), st.data())
def test_every_case_follows_the_table(graph: dict[int, set[int]], data: st.DataObject) -> None:
    plan = plans.of(graph)
    done = {number: f"h{number}" for number in data.draw(st.sets(st.sampled_from(sorted(graph))))}
    merged = data.draw(st.sets(st.sampled_from(sorted(done.values()) or ["none"])))
    number, flat = data.draw(st.sampled_from(sorted(graph))), data.draw(st.booleans())
    needed = graph[number]
    questions: list[list[str]] = []
    try:
        found: object = bases.decide(
            plan.require(number),
            history(done),
            anchor=ANCHOR,
            task_head=TASK_HEAD,
            are_ancestors=asked(sorted(merged), questions),  # type: ignore[arg-type]
            flat=flat,
        )
    except OkstraError as error:
        found = error.code
    heads = [done.get(each) for each in sorted(needed)]
    if None in heads:
        expected: object = "stage-not-ready"
    elif flat or len(needed) > 1:
        expected = bases.Base(TASK_HEAD, "task-head") if set(heads) <= merged else "dependencies-not-merged"
    else:
        expected = bases.Base(str(heads[0]), "dependency") if heads else bases.Base(ANCHOR, "anchor")
    assert found == expected
    # One walk answers for all of them; none is made where the answer cannot matter.
    assert len(questions) <= 1
    assert all(sorted(question) == sorted(str(head) for head in heads) for question in questions)
