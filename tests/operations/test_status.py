"""`status`: which stages it calls ready, and what it says to do next."""

from __future__ import annotations

import pytest

from git_okstra.operations import plans as planning
from git_okstra.operations import status
from support import plans
from support.belongings import Belongings
from support.repositories import ScratchRepository


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, plans.of({1: (), 2: (1,)}))


def shown(ticket: Belongings) -> tuple[list[str], tuple[int, ...], tuple[str, ...]]:
    """The states of the stages, those that are ready, and what to do next."""
    found = status.status(ticket.context(), ticket.task)
    return [stage.state for stage in found.row.stages], found.ready, found.advice


def test_a_stage_that_was_given_up_is_ready_again(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.abandon(1)
    assert shown(ticket) == (["abandoned", "waiting"], (1,), ("git okstra stage 1",))


def test_one_that_was_given_up_waits_when_what_it_needs_was_taken_back(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.open(2)
    ticket.abandon(2)
    assert shown(ticket)[:2] == (["done", "abandoned"], (2,))
    ticket.reopen(1)
    assert shown(ticket) == (["open", "abandoned"], (), ("git okstra done 1",))


def test_nothing_is_ready_while_the_plan_is_not_approved(ticket: Belongings) -> None:
    planning.import_plan(ticket.context(), ticket.task, plans.of({1: (), 2: (1,), 3: ()}))
    states, ready, advice = shown(ticket)
    assert (states, ready) == (["waiting"] * 3, ())
    assert advice == ("git okstra plan check", "git okstra plan approve")
