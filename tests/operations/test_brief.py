"""brief: what somebody who begins a stage, or judges the task, is told."""

from __future__ import annotations

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.operations import brief, phase
from support import plans as some_plans
from support.repositories import ScratchRepository
from support.workbench import Ticket


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    return Ticket(repository, some_plans.of({1: (), 2: (), 3: (1, 2)}), title="A title")


def told(ticket: Ticket, number: int | None, where: int | None = None) -> brief.Brief:
    return brief.stage(ticket.context(None if where is None else ticket.path(where)), ticket.task, number)


def test_without_a_number_it_is_where_one_stands_then_ones_own_then_the_first_ready(ticket: Ticket) -> None:
    assert told(ticket, None).number == 1
    ticket.open(2)
    assert told(ticket, None).number == 2
    ticket.open(1)
    assert told(ticket, None, where=1).number == 1
    with pytest.raises(OkstraError) as refused:
        told(ticket, None)
    assert refused.value.code == "ambiguous-stage"
    ticket.done(1, allow_empty=True)
    ticket.done(2, allow_empty=True)
    assert told(ticket, None).number == 3
    ticket.merge()
    ticket.open(3)
    ticket.done(3, allow_empty=True)
    with pytest.raises(OkstraError) as refused:
        told(ticket, None)
    assert refused.value.code == "nothing-ready"


def test_it_says_what_the_dependencies_changed_and_who_works_beside(ticket: Ticket) -> None:
    head = ticket.work(1)
    ticket.open(2)
    found = told(ticket, 3)
    one, two = found.dependencies
    assert (one.head, [subject for _, subject in one.commits]) == (head, ["a change"])
    assert "s1/a.txt | 1 +" in one.diffstat
    assert (two.head, two.commits) == (None, ())
    assert (found.base, found.waits) == (None, "stage 3 depends on stage 2, which is not done")
    assert found.others == ((2, "stage 2", ("s2/**",)),)
    assert found.files == ("s3/**",)


def test_the_base_is_the_one_that_the_stage_will_start_from(ticket: Ticket) -> None:
    assert told(ticket, 1).base == ticket.tip()
    ticket.work(1)
    ticket.work(2)
    assert told(ticket, 3).waits.startswith("stage 3 starts from the task branch, which does not have")
    ticket.merge()
    assert (told(ticket, 3).base, told(ticket, 3).rule) == (ticket.tip(), "task-head")
    base = told(ticket, 3).base
    ticket.open(3)
    ticket.repository.commit({"x": "x\n"}, cwd=ticket.path())
    assert told(ticket, 3).base == base
    assert told(ticket, 3).path == f"{ticket.path(3)}"


def test_the_packet_of_the_gate_leaves_the_base_branch_out(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.repository.commit({"on-main.txt": "x\n"})
    ticket.git("merge", "-q", "main", "-m", "main comes in", cwd=ticket.path())
    ticket.merge()
    found = brief.packet(ticket.context(), ticket.task)
    assert found.since == ticket.repository.head
    assert "s1/a.txt" in found.diffstat
    assert "on-main" not in found.diffstat
    assert {reason.kind for reason in found.reasons} == {"stage-not-done"}
    assert [fact.merged for fact, _ in found.stages] == [True, False, False]
    assert found.standing.verdict is None


def test_it_completes_a_move_of_the_phase_that_was_cut_short(ticket: Ticket) -> None:
    ctx = ticket.context()
    with ctx.store.locked():
        ctx.store.append(
            *ticket.task.key[1:],
            ctx.event("phase", None, **{"from": "implementation", "to": "final-verification", "head": ticket.tip()}),
        )
    assert told(ticket, 1).phase.name == "final-verification"
    assert phase.show(ticket.context(), ticket.task).phase.name == "final-verification"
