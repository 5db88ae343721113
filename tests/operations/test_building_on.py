"""What a stage builds on cannot be taken away while that stage is being opened, nor be built on while it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import RELEASING
from git_okstra.git import merges
from git_okstra.operations import abandon, claiming, merge_recovery, provisioning, remove, trashing
from git_okstra.operations.targets import Target
from git_okstra.state import locks
from support import plans, tickets
from support.belongings import refusal
from support.repositories import ScratchRepository
from support.workbench import Ticket


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    """Stages 1 and 2 are done; 3 starts from 1."""
    made = Ticket(repository, plans.of({1: (), 2: (), 3: (1,)}))
    made.work(1)
    made.work(2)
    return made


def give_up(ticket: Ticket, number: int) -> None:
    abandon.abandon(ticket.context(), ticket.task, number)


def take_away(ticket: Ticket, number: int, **more: bool) -> None:
    remove.remove(ticket.context(), Target(ticket.task, number), **more)


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], object]) -> list[OkstraError]:
    """Have `act` tried when that function of the module is called; what it was refused with."""
    real, errors = getattr(module, name), []

    def wrapped(*args: Any, **more: Any) -> Any:
        errors.append(refusal(act))
        return real(*args, **more)

    monkeypatch.setattr(module, name, wrapped)
    return errors


@pytest.mark.parametrize(
    "act", [lambda ticket: give_up(ticket, 1), lambda ticket: take_away(ticket, 1, force_unmerged=True)]
)
def test_a_stage_from_which_another_is_being_opened_stays(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch, act: Callable[[Ticket], None]
) -> None:
    errors = meanwhile(monkeypatch, provisioning, "register", lambda: act(ticket))
    ticket.open(3)
    (error,) = errors
    assert (error.code, error.message) == ("busy", "stage 3 is being opened from stage 1")
    assert "to finish opening it: git okstra stage 3" in error.hint
    tickets.require_order(ticket.repository)


def test_a_stage_is_not_given_up_when_another_started_from_it_after_the_look(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = remove.examine_all

    def slow(*args: Any, **more: Any) -> Any:
        found = look(*args, **more)
        ticket.open(3)
        return found

    monkeypatch.setattr(remove, "examine_all", slow)
    assert refusal(lambda: give_up(ticket, 1)).code == "busy"
    tickets.require_order(ticket.repository)


def test_a_reopened_stage_from_which_another_started_is_kept(ticket: Ticket) -> None:
    ticket.open(3)
    ticket.reopen(1)
    assert "stage 3 started from it" in refusal(lambda: take_away(ticket, 1)).message


def test_a_stage_that_is_being_merged_is_not_given_up(ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = meanwhile(monkeypatch, merges, "merge", lambda: give_up(ticket, 1))
    ticket.merge(1)
    assert [error.code for error in errors] == ["merge-in-progress"]
    tickets.require_order(ticket.repository)


def half_given_up(ticket: Ticket, number: int) -> None:
    """As a process leaves it that is killed before it moves anything."""
    registry = ticket.context().registry
    record = registry.record(ticket.task.key)
    assert record is not None
    entry = replace(record.reservations[number], state=RELEASING, purpose=trashing.ABANDON, trash="gone")
    with registry.locked():
        registry.save(claiming.with_reservation(record, entry))


def test_what_is_half_given_up_is_put_right_before_another_starts_from_it(ticket: Ticket) -> None:
    half_given_up(ticket, 1)
    ticket.open(3)
    assert ticket.tip(3) == ticket.tip(1)
    tickets.require_order(ticket.repository)


def test_what_is_half_given_up_is_put_right_before_it_is_merged(ticket: Ticket) -> None:
    half_given_up(ticket, 1)
    assert [number for number, _ in ticket.merge().merged] == [1, 2]
    tickets.require_order(ticket.repository)


@pytest.mark.parametrize("act", [lambda ticket: ticket.open(3), lambda ticket: ticket.merge(1)])
def test_nothing_builds_on_what_is_being_given_up(ticket: Ticket, act: Callable[[Ticket], None]) -> None:
    half_given_up(ticket, 1)
    hold = locks.Hold(ticket.context().registry.hold_path(ticket.task.key, 1))
    error = refusal(lambda: act(ticket))
    assert error.code == "busy"
    assert "stage 1 of DEV-1 is being removed by process " in error.message
    hold.drop()


def test_a_stage_that_is_reopened_before_it_is_merged_is_left_out(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, acts = merge_recovery.require_clean, [lambda: ticket.reopen(1)]

    def wrapped(*args: Any) -> None:
        real(*args)
        if acts:
            acts.pop()()

    monkeypatch.setattr(merge_recovery, "require_clean", wrapped)
    assert [number for number, _ in ticket.merge().merged] == [2]
