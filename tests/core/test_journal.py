"""The fold of the journal: total, and right about each stage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import journal

NAMES = [
    "started",
    "done",
    "reopened",
    "abandoned",
    "merged",
    "removed",
    "restored",
    "plan-imported",
    "task-started",
    "squashed",
    "taken-over",
]
EVENTS = st.builds(
    journal.Event,
    st.sampled_from([*NAMES, "released", "invented-later"]),
    st.just("2026-11-22T08:00:00Z"),
    st.sampled_from(["ann", "ben"]),
    st.one_of(st.none(), st.integers(1, 4)),
    st.fixed_dictionaries({"head": st.just("h"), "base": st.just("b"), "commit": st.just("m"), "keeps": st.booleans()}),
)


def event(name: str, stage: int | None = 1, owner: str = "ann", **data: object) -> journal.Event:
    return journal.Event(name, "2026-11-22T08:00:00Z", owner, stage, data)


@given(st.lists(EVENTS, max_size=30))
def test_any_sequence_folds_to_a_legal_state(events: list[journal.Event]) -> None:
    for number, record in journal.fold(events).stages.items():
        assert record.number == number
        assert record.state in (None, journal.OPEN, journal.DONE, journal.ABANDONED)
        if record.state == journal.DONE:
            assert record.head is not None
        if record.state == journal.OPEN:
            assert record.base is not None
        if record.merges:
            assert record.state in (journal.OPEN, journal.DONE)


@given(st.lists(EVENTS, max_size=30))
def test_events_survive_being_written_and_read(events: list[journal.Event]) -> None:
    assert [journal.event_from(one.document()) for one in events] == events


@given(st.lists(EVENTS, max_size=20))
def test_an_unknown_event_changes_nothing(events: list[journal.Event]) -> None:
    before = journal.fold(events)
    assert journal.fold([*events, event("invented-later"), event("invented-later", None)]) == before


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers()))))
def test_any_object_is_an_event_or_none(document: dict[str, object]) -> None:
    found = journal.event_from(document)
    assert found is None or isinstance(found.event, str)


def test_a_stage_from_open_to_merged() -> None:
    history = journal.fold(
        [event("started", base="b1"), event("done", head="h1", base="b1"), event("merged", commit="m1", head="h1")]
    )
    record = history.stage(1)
    assert (record.state, record.base, record.head, record.merges) == (journal.DONE, "b1", "h1", ("m1",))
    assert history.started() == {1: journal.DONE}


def test_done_and_merged_mean_nothing_for_a_stage_that_was_never_opened() -> None:
    history = journal.fold([event("done", head="h"), event("merged", commit="m")])
    assert history.stage(1).state is None


def test_an_abandoned_stage_is_superseded_by_a_new_start_and_dropped_by_a_new_plan() -> None:
    events = [event("started", base="b"), event("abandoned")]
    assert journal.fold(events).stage(1).state == journal.ABANDONED
    assert journal.fold([*events, event("plan-imported", None)]).stage(1).state is None
    assert journal.fold([*events, event("started", base="c"), event("done", head="h")]).stage(1).state == journal.DONE


def test_removing_and_restoring_bring_the_state_back() -> None:
    events = [event("started", base="b"), event("done", head="h"), event("removed", keeps=False)]
    assert journal.fold(events).stage(1).state is None
    back = journal.fold([*events, event("restored")]).stage(1)
    assert (back.state, back.head, back.base) == (journal.DONE, "h", "b")


def test_a_merged_stage_stays_done_when_its_worktree_is_removed() -> None:
    events = [event("started", base="b"), event("done", head="h"), event("removed", keeps=True)]
    assert journal.fold(events).stage(1).state == journal.DONE


def test_a_task_started_anew_after_removal_forgets_its_stages_but_not_after_release() -> None:
    begun = [event("task-started", None), event("started", base="b")]
    assert journal.fold([*begun, event("removed", None), event("task-started", None)]).stages == {}
    released = journal.fold([*begun, event("released", None), event("task-started", None)])
    assert released.stage(1).state == journal.OPEN
    assert released.task == journal.STARTED


def test_squashes_are_kept_in_their_order_and_half_ones_mean_nothing() -> None:
    events = [
        event("squashed", None, old="a", new="b"),
        event("squashed", None, old="c"),
        event("squashed", None, old=1, new="d"),
        event("squashed", 1, old="e", new="f"),
        event("squashed", None, old="c", new="d"),
    ]
    assert journal.fold(events).squashes == (("a", "b"), ("c", "d"))
    anew = [event("task-started", None), *events, event("removed", None), event("task-started", None)]
    assert journal.fold(anew).squashes == ()


# -- what mutation testing found nobody looking at


def test_every_field_of_a_stage_comes_from_the_event_that_set_it() -> None:
    def at(time: str, name: str, owner: str = "ada", **data: object) -> journal.Event:
        return journal.Event(name, time, owner, 1, data)

    events = [at("t1", "started", "ada", base="b", flat=True), at("t2", "done", head="h")]
    opened = journal.StageRecord(1, journal.OPEN, "b", None, "ada", "t1", flat=True)
    assert journal.fold(events[:1]).stages[1] == opened
    assert journal.fold([at("t1", "started", base="b", flat=1)]).stages[1].flat is False
    done = journal.StageRecord(1, journal.DONE, "b", "h", "ada", "t2", flat=True)
    assert journal.fold(events).stages[1] == done
    assert journal.fold([*events, at("t3", "merged")]).stages[1].merges == ()
    assert journal.fold([*events, at("t3", "merged", commit="m")]).stages[1].merges == ("m",)
    reopened = journal.StageRecord(1, journal.OPEN, "b", "h", "ada", "t3", flat=True)
    assert journal.fold([*events, at("t3", "reopened")]).stages[1] == reopened
    gone = journal.StageRecord(1, journal.ABANDONED, owner="eve", since="t3", before=done)
    assert journal.fold([*events, at("t3", "abandoned", "eve")]).stages[1] == gone
    removed = journal.fold([*events, at("t3", "abandoned"), at("t4", "removed")]).stages[1]
    assert removed.before is not None
    assert removed.before.before is None  # the past is one record deep, however often a stage is removed


@pytest.mark.parametrize(
    "wrong",
    [{"event": 1}, {"time": None}, {"owner": []}, {"stage": True}, {"stage": 0}, {"stage": -1}, {"stage": "1"}],
)
def test_a_line_with_one_wrong_field_is_no_event(wrong: dict[str, object]) -> None:
    right = {"event": "done", "time": "t", "owner": "ada", "stage": 1}
    assert journal.event_from(right) is not None
    assert journal.event_from(right | wrong) is None


def test_a_takeover_changes_the_owner_and_nothing_else() -> None:
    begun = [event("started", base="b")]
    for more in ([], [event("done", head="h")]):
        before = journal.fold([*begun, *more]).stage(1)
        after = journal.fold(
            [*begun, *more, event("taken-over", owner="ben", **{"from": "ann", "generation": 2})]
        ).stage(1)
        assert (after.owner, after.generation) == ("ben", 2)
        assert journal.replace(after, owner="ann", generation=1) == before
    odd = journal.fold([*begun, event("taken-over", owner="ben", generation="two")]).stage(1)
    assert (odd.owner, odd.generation) == ("ben", 1)
    assert journal.fold([event("taken-over")]).stages == {}
