"""Leases: who works for long says so, and what lost its stage is refused, also under the same owner's name."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from git_okstra.core import leases
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.operations import done, leasing, reopen
from support import plans
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: ()})


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def under(ticket: Belongings, generation: int, number: int = 1) -> dict[str, str]:
    return {"OKSTRA_TASK": f"{ticket.task.key}", "OKSTRA_STAGE": f"{number}", "OKSTRA_LEASE": f"{generation}"}


def begin(ticket: Belongings, number: int = 1, **env: str) -> leasing.Lease:
    return leasing.lease(ticket.context(**env), ticket.task.key, number)


def state(ticket: Belongings, number: int = 1, **env: str) -> str:
    entry = ticket.entry(number)
    assert entry is not None
    return leasing.state(ticket.context(**env), ticket.task.key, entry)


def test_a_lease_is_renewed_and_ended(ticket: Belongings) -> None:
    ticket.open(1)
    lease = begin(ticket)
    assert lease.environment == under(ticket, 1)
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.generation, bool(entry.renewed), state(ticket)) == (1, True, leases.LIVE)
    assert lease.renew().renewed >= entry.renewed
    lease.end()
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.generation, entry.renewed, state(ticket)) == (1, "", leases.NONE)


def test_renewing_under_another_generation_is_refused(ticket: Belongings) -> None:
    ticket.open(1)
    error = refusal(lambda: leasing.renew(ticket.context(), ticket.task.key, 1, 2))
    assert error.code == "taken-over"
    ticket.release(1)
    assert refusal(lambda: leasing.renew(ticket.context(), ticket.task.key, 1, 1)).code == "taken-over"
    ticket.remove()
    assert refusal(lambda: leasing.renew(ticket.context(), ticket.task.key, 1, 1)).code == "taken-over"


def test_one_process_has_the_lease(ticket: Belongings) -> None:
    ticket.open(1)
    lease = begin(ticket)
    assert refusal(lambda: begin(ticket)).code == "busy"
    assert refusal(lambda: begin(ticket, OKSTRA_OWNER="bob")).code == "held"
    assert refusal(lambda: begin(ticket, 2)).code == "stage-not-open"
    lease.end()
    begin(ticket).end()


def test_the_lease_of_a_killed_process_is_gone_and_its_successor_has_the_next_one(ticket: Belongings) -> None:
    ticket.open(1)
    with ticket.under_a_lease(1) as process:
        assert state(ticket) == leases.LIVE
        os.kill(process.pid, signal.SIGKILL)
    assert state(ticket) == leases.GONE
    left = Path(ticket.context().registry.lease_path(ticket.task.key, 1, 1))
    assert left.exists()
    lease = begin(ticket)
    assert lease.generation == 2
    assert not left.exists()
    for late in (done.done, reopen.reopen):
        with pytest.raises(OkstraError) as refused:
            late(ticket.context(**under(ticket, 1)), ticket.task, 1)
        assert refused.value.code == "taken-over"
    lease.end()


def test_what_works_under_a_lease_that_is_over_changes_nothing(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1)
    late = under(ticket, 3)
    before = ticket.entry(1)
    for refused in (
        refusal(lambda: ticket.release(1, env=late)),
        refusal(lambda: ticket.abandon(1, env=late)),
        refusal(lambda: ticket.remove(1, env=late)),
    ):
        assert refused.code == "taken-over"
    assert ticket.entry(1) == before
    ticket.done(1)
    # Anyone may take away what is done, but for those who lost it.
    assert refusal(lambda: ticket.remove(1, env=late, force_unmerged=True)).code == "taken-over"
    ticket.remove(1, env={**late, "OKSTRA_STAGE": "2"}, force_unmerged=True)


def test_a_stage_that_was_given_back_comes_with_a_new_generation(ticket: Belongings) -> None:
    def generation() -> int:
        entry = ticket.entry(1)
        assert entry is not None
        return entry.generation

    ticket.open(1)
    assert generation() == 1
    ticket.release(1)
    ticket.open(1)
    assert generation() == 2
    (gone,) = ticket.remove(1)
    ticket.restore(gone.trash)
    assert generation() == 3
    ticket.release(1)
    ticket.abandon(1)
    ticket.open(1)
    assert generation() == 5


def test_a_record_without_generations_is_read(ticket: Belongings) -> None:
    ticket.open(1)
    path = Path(ticket.context().registry.record_path(ticket.task.key))
    document = json.loads(path.read_text())
    for entry in document["reservations"]:
        for name in ("generation", "renewed", "former"):
            del entry[name]
    path.write_text(json.dumps(document))
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.generation, entry.renewed) == (1, "")
    assert entry == replace(entry, renewed="2026-01-01T00:00:00Z")  # a sign of life makes no other reservation of it
    document["generations"] = {"2": "many"}
    path.write_text(json.dumps(document))
    assert refusal(lambda: ticket.entry(1)).code == "damaged-file"


def test_a_lease_whose_lock_is_not_to_be_seen_goes_by_the_clock(ticket: Belongings) -> None:
    ticket.open(1)
    leasing.renew(ticket.context(), ticket.task.key, 1, 1)
    assert state(ticket) == leases.VALID
