"""`takeover`: a stage whose owner is gone gets another one, and all that is in its worktree stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from git_okstra.core import journal, leases
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.core.records import replace
from git_okstra.operations import claiming, doctor, done, leasing, reopen, stage, takeover
from git_okstra.operations.takeover import Taken
from support import plans, sealing
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: (1,)})
BOB = {"OKSTRA_OWNER": "bob"}


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def take(ticket: Belongings, number: int = 1, **env: str) -> Taken:
    ctx = ticket.context(**{**BOB, **env})
    return takeover.takeover(ctx, ticket.task, number, takeover.foretell(ctx, ticket.task, number))


def open_under_a_lease(ticket: Belongings) -> subprocess.Popen[str]:
    """Stage 1, on which a process of the default owner works under a lease."""
    ticket.open(1)
    return ticket.under_a_lease(1)


def renewed(ticket: Belongings, when: str) -> None:
    """Let the reservation of stage 1 be one that was renewed then, by a process that is not to be seen."""
    ctx = ticket.context()
    with ctx.registry.locked():
        record, entry = ctx.registry.record(ticket.task.key), ticket.entry(1)
        assert record is not None and entry is not None
        ctx.registry.save(claiming.with_reservation(record, replace(entry, renewed=when, pid=0, pid_start=0)))


def test_the_worktree_stays_as_it_is_and_the_journal_says_from_whom(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1)
    ticket.leave_in(1)
    before, tip, was = ticket.belongings(1), ticket.tip(1), ticket.entry(1)
    taken = take(ticket)
    assert was is not None
    assert (taken.decision, taken.before, taken.owner, taken.generation) == (leases.ASK, was, "bob", 2)
    assert taken.uncommitted == ("README.md", "link", "script", "staged only", "결제 'new'")
    assert (ticket.belongings(1), ticket.tip(1)) == (before, tip)
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.owner, entry.generation, entry.former) == ("bob", 2, "")
    (event,) = ticket.events("taken-over")
    assert (event.owner, event.stage, event.data) == ("bob", 1, {"from": was.owner, "generation": 2})
    assert (ticket.history.stage(1).owner, ticket.history.stage(1).state) == ("bob", journal.OPEN)
    again = take(ticket)
    assert (again.decision, again.generation) == (leases.MINE, 2)
    assert len(ticket.events("taken-over")) == 1
    assert doctor.examine(ticket.context()) == []


def test_the_former_owner_closes_and_reopens_nothing(ticket: Belongings) -> None:
    ticket.work(1)
    take(ticket)
    assert refusal(lambda: ticket.reopen(1)).code == "held"
    reopen.reopen(ticket.context(**BOB), ticket.task, 1)
    assert refusal(lambda: ticket.done(1)).code == "held"
    late = {**BOB, "OKSTRA_TASK": f"{ticket.task.key}", "OKSTRA_STAGE": "1", "OKSTRA_LEASE": "1"}
    assert refusal(lambda: done.done(ticket.context(**late), ticket.task, 1)).code == "taken-over"
    assert refusal(lambda: stage.open_stage(ticket.context(**late), ticket.task, 1)).code == "taken-over"
    late["OKSTRA_LEASE"] = "2"
    assert done.done(ticket.context(**late), ticket.task, 1).commits == 1


def test_a_stage_that_is_taken_over_while_it_is_checked_is_not_closed(repository: ScratchRepository) -> None:
    verify = (f"OKSTRA_OWNER=bob {sealing.SCRIPTS}/git-okstra takeover 1 --yes",)
    ticket = Belongings(repository, Plan((PlannedStage(1, "one", (), ("s1/**",), verify=verify),)))
    ticket.open(1)
    ticket.commit(1)
    renewed(ticket, "")
    assert refusal(lambda: ticket.done(1)).code == "held"
    assert ticket.history.stage(1).state == journal.OPEN
    assert ticket.events("done") == []


def test_nobody_is_driven_out_while_at_work_and_whoever_was_killed_is_certainly_gone(ticket: Belongings) -> None:
    with open_under_a_lease(ticket) as process:
        assert refusal(lambda: take(ticket)).code == "held"
        os.kill(process.pid, signal.SIGKILL)
    left = Path(ticket.context().registry.lease_path(ticket.task.key, 1, 1))
    assert left.exists()
    assert take(ticket).decision == leases.TAKE
    assert not left.exists()
    assert refusal(lambda: leasing.renew(ticket.context(), ticket.task.key, 1, 1)).code == "taken-over"


def test_a_lease_that_nobody_sees_holds_until_it_expires(ticket: Belongings) -> None:
    ticket.open(1)
    leasing.renew(ticket.context(), ticket.task.key, 1, 1)
    assert refusal(lambda: take(ticket)).code == "held"
    renewed(ticket, "2026-01-01T00:00:00Z")
    assert take(ticket).decision == leases.ASK


def test_what_changed_since_it_was_foretold_is_not_taken(ticket: Belongings) -> None:
    ticket.open(1)
    bob = ticket.context(**BOB)
    foretold = takeover.foretell(bob, ticket.task, 1)
    take(ticket, OKSTRA_OWNER="cho")
    assert refusal(lambda: takeover.takeover(bob, ticket.task, 1, foretold)).code == "held"
    foretold = takeover.foretell(bob, ticket.task, 1)
    cho = ticket.context(OKSTRA_OWNER="cho")
    leasing.lease(cho, ticket.task.key, 1).end()
    # The same owner works under a new lease: that is another answer than the one that was confirmed.
    leasing.lease(cho, ticket.task.key, 1).renew()
    assert refusal(lambda: takeover.takeover(bob, ticket.task, 1, foretold)).code in ("busy", "held")


def test_what_nobody_has_is_not_taken_over(ticket: Belongings) -> None:
    assert refusal(lambda: take(ticket)).code == "stage-not-open"
    ticket.open(1)
    ticket.release(1)
    assert refusal(lambda: take(ticket)).code == "stage-not-open"


def test_a_worktree_that_is_gone_is_no_reason(ticket: Belongings) -> None:
    shutil.rmtree(ticket.open(1))
    assert take(ticket).uncommitted == ()


def test_a_takeover_that_was_cut_short_is_completed_by_doctor(ticket: Belongings) -> None:
    ticket.open(1)
    path = Path(ticket.context().registry.record_path(ticket.task.key))
    document = json.loads(path.read_text())
    (stage,) = [entry for entry in document["reservations"] if entry["number"] == 1]
    former = stage["owner"]
    stage.update(owner="bob", generation=2, former=former)
    path.write_text(json.dumps(document))
    (found,) = doctor.examine(ticket.context())
    assert (found.code, found.repairable) == ("takeover-unjournaled", True)
    doctor.repair(ticket.context())
    assert doctor.examine(ticket.context()) == []
    (event,) = ticket.events("taken-over")
    assert (event.owner, event.data) == ("bob", {"from": former, "generation": 2})


def test_a_registry_that_was_lost_comes_back_with_the_new_owner(ticket: Belongings) -> None:
    ticket.open(1)
    take(ticket)
    shutil.rmtree(Path(ticket.context().home, "registry"))
    doctor.repair(ticket.context())
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.owner, entry.generation) == ("bob", 2)
