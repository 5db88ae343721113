"""Stages that get in each other's way, or in another task's: one flat stage at a time, one branch for one stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from git_okstra.core import journal, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.operations import claiming, ground, reopen, stage
from support import plans, tickets
from support.belongings import Belongings, refusal
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Ticket

PLAN = plans.of({1: (), 2: (), 3: (1, 2), 4: ()})


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def refused(code: str, call: Callable[[], object]) -> OkstraError:
    error = refusal(call)
    assert error.code == code
    return error


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have `act` happen once, right after the base of a stage was decided and before it is taken."""
    decide, acts = stage._base, [act]

    def wrapped(*args: Any, **more: Any) -> Any:
        found = decide(*args, **more)
        if acts:
            acts.pop()()
        return found

    monkeypatch.setattr(stage, "_base", wrapped)


def reserve_flat(ticket: Ticket, number: int) -> None:
    """Have a stage be about to be opened in the task's worktree, by a process that goes no further."""

    def wanted() -> tasks.Reservation:
        where, tip = str(ticket.path()), ticket.tip()
        return claiming.new_reservation(ctx, number, branch=ticket.branch(), path=where, base=tip, flat=True)

    ctx = ticket.context()
    claiming.claim(ctx, ticket.task, number, wanted, settle=lambda: None)


def test_no_second_flat_stage_slips_in_after_the_ground_was_looked_at(
    ticket: Belongings, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: ticket.open(2, flat=True))
    error = refused("open-stages", lambda: ticket.open(1, flat=True))
    assert "stage 2 is open in the task's own worktree" in error.message
    assert {one.number for one in ticket.history.stages.values() if one.state == journal.OPEN} == {2}


def test_a_flat_stage_that_is_only_reserved_counts_too(ticket: Belongings, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: reserve_flat(ticket, 2))
    error = refused("open-stages", lambda: ticket.open(1, flat=True))
    assert error.hint == "when it is open, or to finish opening it: git okstra stage 2"
    assert not tickets.reservations().keys() & {"shop/dev/dev-1#1"}


def test_a_flat_stage_is_not_taken_back_while_another_is_being_opened(ticket: Belongings) -> None:
    ticket.open(1, flat=True)
    ticket.commit(0, {"s1/a.txt": "a\n"})
    ticket.done(1)
    reserve_flat(ticket, 2)
    refused("open-stages", lambda: reopen.reopen(ticket.context(), ticket.task, 1))


def test_of_flat_stages_opened_at_one_instant_one_is_open(
    okstra: Command, race: Callable[..., list[Ended]], ticket: Belongings
) -> None:
    ended = race(3, lambda i: okstra.words("stage", "124"[i], "--flat"), cwd=ticket.path())
    assert sorted(one.status for one in ended) == [0, 1, 1]
    assert [one.error for one in ended if one.status] == ["open-stages"] * 2
    assert [one.state for one in ticket.history.stages.values()] == [journal.OPEN]


# -- whose a branch is


def test_the_branch_of_a_stage_to_come_is_not_given_to_another_task(
    okstra: Command, repository: ScratchRepository, ticket: Belongings
) -> None:
    ended = okstra("start", "feat", "Y", "--base", "main", "--branch", "feat-dev-1-s1", cwd=repository, check=False)
    assert "is to be that of stage 1 of DEV-1" in ended.require_error("name-collision").err
    assert "hint: give this one another branch: git okstra start feat Y --branch NAME" in ended.err
    okstra("start", "feat", "Y", "--base", "main", "--branch", "other", cwd=repository)
    # what only looks like one is free
    okstra("start", "feat", "Z", "--base", "main", "--branch", "feat-dev-2-s1", cwd=repository)


def test_a_stage_whose_branch_another_task_has_can_do_without(okstra: Command, repository: ScratchRepository) -> None:
    okstra("start", "feat", "Y", "--base", "main", "--branch", "feat-dev-1-s1", cwd=repository)
    ticket = Belongings(repository, PLAN)
    for foretold in ((), ("--dry-run",)):
        ended = okstra("stage", "1", *foretold, cwd=ticket.path(), check=False).require_error("name-collision")
        assert "hint: do without a branch of its own: git okstra stage 1 --flat\n" in ended.err
    passed = okstra("stage", "auto", cwd=ticket.path())
    assert passed.out == f"{ticket.path(2)}\n"
    assert "stage 1 was passed over: the branch 'feat-dev-1-s1' belongs to task Y (shop/default/y)" in passed.err
    assert okstra("stage", "1", "--flat", cwd=ticket.path()).out == f"{ticket.path()}\n"


# -- auto


def test_auto_passes_over_a_stage_whose_dependency_has_moved(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.work(2)
    ticket.commit(1, {"s1/late.txt": "late\n"})
    ctx = ticket.context()
    assert stage.open_next(ctx, ticket.task, merge_deps=True).number == 4
    assert ctx.notes == ["stage 3 was passed over: the branch of stage 1 moved after the stage was done"]
    error = refused("stage-stale", lambda: stage.open_next(ticket.context(), ticket.task, merge_deps=True))
    assert "git okstra done 1" in error.hint


def test_auto_sends_nobody_to_a_merge_that_has_nothing_to_do(repository: ScratchRepository) -> None:
    ticket = Belongings(repository, plans.of({1: ()}))
    ticket.work(1)
    assert refused("nothing-ready", lambda: stage.open_next(ticket.context(), ticket.task)).hint == "git okstra merge"
    ticket.merge()
    error = refused("nothing-ready", lambda: stage.open_next(ticket.context(), ticket.task))
    assert error.message == "nothing is ready, because every stage is done and merged"
    assert error.hint == "see what leads on: git okstra status"


def test_who_may_not_give_a_stage_up_is_told_only_what_would_work(okstra: Command, ticket: Belongings) -> None:
    path = ticket.open(2)
    (path / "loose").write_text("not committed\n")
    ended = okstra("abandon", "2", cwd=ticket.path(), env={"OKSTRA_OWNER": "bob"}, check=False).require_error("held")
    hints = [
        line.partition("hint: ")[2] for line in ended.err.splitlines() if "hint: git okstra" in line or "OWNER" in line
    ]
    assert all("OKSTRA_OWNER=" in hint for hint in hints)
    assert "to the trash" not in ended.err
    assert ground.own_reservation(ticket.context(), ticket.task, 2, "abandon") is not None


# -- what was given back while it was open


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("again", [True, False])
def test_a_stage_that_was_given_back_comes_again_as_it_was_opened(ticket: Belongings, first: bool, again: bool) -> None:
    path = ticket.open(1, flat=first)
    ticket.release(1)
    assert ticket.open(1, flat=again) == path
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.flat, entry.branch) == (first, ticket.branch(0 if first else 1))
