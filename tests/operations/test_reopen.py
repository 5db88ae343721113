"""`reopen`: a stage that is done is open again, with everything it had; and which stage is meant without a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.operations import reopen, targets
from support import plans
from support.processes import Ended
from support.repositories import ScratchRepository
from support.workbench import Ticket

PLAN = plans.of({1: (), 2: (1,), 3: ()})


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    return Ticket(repository, PLAN)


def refused(ticket: Ticket, number: int, **env: str) -> OkstraError:
    before = ticket.events("reopened")
    with pytest.raises(OkstraError) as caught:
        reopen.reopen(ticket.context(**env), ticket.task, number)
    assert ticket.events("reopened") == before
    return caught.value


def test_a_stage_taken_back_is_open_with_its_base_and_can_be_closed_again(ticket: Ticket) -> None:
    head = ticket.work(1)
    base = ticket.history.stage(1).base
    assert ticket.reopen(1) == reopen.Reopened(1, head, ())
    record = ticket.history.stage(1)
    assert (record.state, record.base) == (journal.OPEN, base)
    again = ticket.commit(1, {"s1/b.txt": "b\n"})
    assert ticket.done(1).head == again
    assert [event.event for event in (*ticket.events("reopened"),)] == ["reopened"]


def test_it_tells_which_stages_stand_on_what_was_recorded(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.open(2)
    ctx = ticket.context()
    assert reopen.reopen(ctx, ticket.task, 1).dependents == (2,)
    assert "stage 2 started from its recorded head" in ctx.notes[0]


def test_a_dry_run_changes_nothing(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.reopen(1, dry_run=True)
    assert ticket.history.stage(1).state == journal.DONE


def test_a_stage_that_is_open_stays_open(ticket: Ticket) -> None:
    ticket.open(1)
    ctx = ticket.context()
    reopen.reopen(ctx, ticket.task, 1)
    assert ctx.notes == ["stage 1 is open already"]
    assert ticket.events("reopened") == []


def test_what_is_not_done_cannot_be_taken_back(ticket: Ticket) -> None:
    assert refused(ticket, 1).code == "stage-not-done"
    assert refused(ticket, 9).code == "no-such-stage"


def test_only_the_owner_takes_a_stage_back(ticket: Ticket) -> None:
    ticket.work(1)
    assert refused(ticket, 1, OKSTRA_OWNER="ben").code == "held"


def test_a_stage_without_worktree_is_taken_back_and_made_again(ticket: Ticket) -> None:
    from git_okstra.operations import claiming

    head = ticket.work(1)
    ctx = ticket.context()
    with ctx.registry.locked():
        record = ctx.registry.record(ticket.task.key)
        assert record is not None
        claiming.drop_reservation(ctx, record, 1)
    ticket.git("worktree", "remove", str(ticket.path(1)))
    reopen.reopen(ctx, ticket.task, 1)
    assert any("git okstra stage 1" in note for note in ctx.notes)
    here = ticket.open(1)
    assert ticket.git("rev-parse", "HEAD", cwd=here) == head
    assert ticket.done(1).commits == 1


def test_the_tasks_own_worktree_serves_one_stage_at_a_time(ticket: Ticket) -> None:
    here = ticket.open(1, flat=True)
    ticket.repository.commit({"s1/a.txt": "a\n"}, cwd=here)
    ticket.done(1)
    ticket.open(3, flat=True)
    assert refused(ticket, 1).code == "open-stages"


def test_who_takes_back_at_the_same_time_does_it_once(
    ticket: Ticket, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    ticket.work(1)
    ended = race(4, lambda _: okstra.words("reopen", "1"), cwd=ticket.path(1))
    assert [one.status for one in ended] == [0] * 4
    assert len(ticket.events("reopened")) == 1


# -- which stage is meant


def test_a_number_is_taken_as_it_is(ticket: Ticket) -> None:
    assert targets.stage_number(ticket.context(), ticket.task, 7) == 7


def test_without_a_number_it_is_the_stage_whose_worktree_one_stands_in(ticket: Ticket) -> None:
    ticket.work(1)
    here = ticket.open(3)
    (here / "s3").mkdir()
    ticket.open(2)
    assert targets.stage_number(ticket.context(here / "s3"), ticket.task, None) == 3
    assert targets.stage_number(ticket.context(ticket.path(1)), ticket.task, None) == 1


def test_else_it_is_the_only_one_that_is_ones_own(ticket: Ticket) -> None:
    from git_okstra.operations import stage

    ticket.open(1)
    stage.open_stage(ticket.context(OKSTRA_OWNER="ben"), ticket.task, 3)
    assert targets.stage_number(ticket.context(), ticket.task, None) == 1
    assert targets.stage_number(ticket.context(OKSTRA_OWNER="ben"), ticket.task, None) == 3
    with pytest.raises(OkstraError) as caught:
        targets.stage_number(ticket.context(OKSTRA_OWNER="eve"), ticket.task, None)
    assert (caught.value.code, caught.value.status) == ("ambiguous-stage", 2)
    assert "3 (ben)" in caught.value.message


def test_of_those_in_the_states_asked_for(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.open(3)
    assert targets.stage_number(ticket.context(), ticket.task, None, ("done",)) == 1
    assert targets.stage_number(ticket.context(), ticket.task, None, ("open",)) == 3
    with pytest.raises(OkstraError) as caught:
        targets.stage_number(ticket.context(), ticket.task, None, ("open", "done"))
    assert ": 1, 3" in caught.value.message


def test_when_there_is_none_the_answer_says_so(ticket: Ticket) -> None:
    with pytest.raises(OkstraError) as caught:
        targets.stage_number(ticket.context(), ticket.task, None)
    assert caught.value.code == "ambiguous-stage"
    assert "no stage of DEV-1 is open" in caught.value.message
