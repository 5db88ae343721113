"""phase: moves are explicit and recorded, what is missing is said, and a move that a crash cut short is completed."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

import pexpect
import pytest

from git_okstra.core import lifecycle
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.operations import phase, plans
from git_okstra.operations.context import Context
from support import plans as some_plans
from support import processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Ticket


def now(ticket: Ticket) -> Any:
    return ticket.context().store.task(*ticket.task.key)


def move(ticket: Ticket, name: str, **more: Any) -> phase.Moved:
    return phase.change(ticket.context(OKSTRA_OWNER="ann"), now(ticket), name, **more)


def test_a_full_task_goes_through_its_phases_in_order(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, None, lifecycle="full")
    for name in ("error-analysis", "implementation-planning", "implementation"):
        assert phase.show(ticket.context(), now(ticket)).missing == ()
        assert move(ticket, "next").phase.name == name == now(ticket).phase
    events = [(event.owner, event.data["from"], event.data["to"]) for event in ticket.events("phase")]
    assert events == [
        ("ann", "requirements-discovery", "error-analysis"),
        ("ann", "error-analysis", "implementation-planning"),
        ("ann", "implementation-planning", "implementation"),
    ]


def test_moving_back_is_recorded_too(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, None, lifecycle="full")
    move(ticket, "implementation")
    commit = ticket.commit(0, {"a": "x\n"})
    move(ticket, "requirements-discovery")
    assert [event.data["head"] for event in ticket.events("phase")] == [repository.head, commit]
    found = lifecycle.intervals(ticket.context().store.events(*ticket.task.key[1:]), now(ticket).phase)
    assert [(one.phase, one.head) for one in found] == [
        ("requirements-discovery", repository.head),
        ("implementation", commit),
        ("requirements-discovery", None),
    ]


def test_the_phase_one_is_in_and_a_dry_run_record_nothing(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, None, lifecycle="full")
    assert not move(ticket, "requirements-discovery").moved
    assert move(ticket, "next", dry_run=True).moved
    assert ticket.events("phase") == []
    assert now(ticket).phase == "requirements-discovery"


def test_what_is_missing_is_said(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: ()}), lifecycle="full")
    plans.import_plan(ticket.context(), ticket.task, some_plans.of({1: (), 2: ()}))
    for wanted, code in (
        ("implementation", "plan-not-approved"),
        ("final-verification", "phase-not-ready"),
        ("release-handoff", "phase-not-ready"),
        ("coffee-break", "no-such-phase"),
    ):
        with pytest.raises(OkstraError) as refused:
            move(ticket, wanted)
        assert refused.value.code == code
    move(ticket, "implementation-planning")
    (missing,) = phase.show(ticket.context(), now(ticket)).missing
    assert missing.code == "plan-not-approved"


def test_nothing_comes_after_the_last_phase() -> None:
    with pytest.raises(OkstraError) as refused:
        lifecycle.target("light", "release-handoff", "next")
    assert refused.value.code == "no-such-phase"
    assert "is the last phase" in refused.value.message


def test_a_move_that_was_killed_is_completed_or_never_was(okstra: Command, repository: ScratchRepository) -> None:
    path = tickets.start(okstra, repository, None, "DEV-1", "--lifecycle", "full")
    ctx = Context(str(path), os.environ)
    key = TaskKey("shop", "dev", "dev-1")

    def seen() -> str:
        task = ctx.store.task(*key)
        assert task is not None
        return phase.show(ctx, task).phase.name

    # The move there and back is the same, so that the points are.
    points = processes.crash_points(okstra.words("phase", "error-analysis", "--yes"), cwd=path)
    places = [at for at, name in enumerate(points, 1) if "journal" in name or "task.toml" in name]
    assert len(places) == 4
    after = []
    for at in places:
        before = seen()
        wanted = "requirements-discovery" if before == "error-analysis" else "error-analysis"
        assert processes.crash(okstra.words("phase", wanted, "--yes"), at=at, cwd=path).killed
        after.append(seen() == wanted)
        moves = [event.data["to"] for event in ctx.store.events(*key[1:]) if event.event == "phase"]
        assert moves[-1] == seen()
        assert all(one != other for one, other in itertools.pairwise(moves))
        # Another command completes what the log has of the one that was killed: then the next has the same points.
        okstra("config", "set", "trash.keep", f"{at}d", cwd=path)
    assert after == [False, True, True, True]


def test_on_a_terminal_it_asks(okstra: Callable[..., Ended], repository: ScratchRepository) -> None:
    path = tickets.start(okstra, repository, None, "DEV-1", "--lifecycle", "full")
    words = okstra.words("phase", "next")  # type: ignore[attr-defined]
    for answer, status, then in (("n", 1, "requirements-discovery"), ("y", 0, "error-analysis")):
        child = pexpect.spawn(words[0], words[1:], cwd=f"{path}", encoding="utf-8", timeout=60)
        child.expect_exact("move DEV-1 from requirements-discovery to error-analysis?")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == status
        assert okstra("phase", cwd=path).out == f"{then}\n"
