"""verify --preview: the combined tree before anybody merges, nothing touched; and the checkout that --run makes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import preview
from support import gates, plans, processes, tickets
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Ticket

EVERYTHING = Plan(
    tuple(PlannedStage(number, f"stage {number}", tuple(others), ("**",)) for number, others in
          {1: (), 2: (), 3: (2,), 4: ()}.items())
)  # fmt: skip


def look(ticket: Ticket, *commands: str) -> preview.Previewed:
    gates.configure(ticket, *commands)
    return preview.preview(ticket.context(), ticket.task, run=bool(commands), watcher=gates.Heard())


def state(ticket: Ticket) -> tuple[str, ...]:
    """Every ref, and the status of the task's worktree."""
    refs = ticket.git("for-each-ref", "--format=%(refname) %(objectname)")
    return refs, ticket.git("status", "--porcelain", cwd=ticket.path()), ticket.git("worktree", "list", "--porcelain")


def test_the_tree_is_what_merging_gives_and_nothing_is_touched(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: (1,), 3: (), 4: ()}))
    ticket.work(1)
    ticket.merge()
    ticket.work(2)
    ticket.work(3)
    before = state(ticket)
    found = look(ticket)
    assert state(ticket) == before
    assert (found.already, found.merged, found.left, found.conflicts) == ((1,), (2, 3), (4,), ())
    ticket.merge()
    assert found.tree == ticket.git("rev-parse", f"{ticket.tip()}^{{tree}}")


def test_conflicts_are_named_with_files_and_stages(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, EVERYTHING)
    ticket.work(1, {"same.txt": "one\n", "one.txt": "x\n"})
    ticket.work(2, {"same.txt": "two\n"})
    ticket.work(3, {"three.txt": "x\n"})
    ticket.work(4, {"four.txt": "x\n"})
    found = look(ticket)
    assert found.merged == (1, 4)
    assert found.conflicts == (
        preview.Conflict(2, ("same.txt",), against=(1,)),
        preview.Conflict(3, stands_on=(2,)),
    )
    assert not found.passes


def test_the_commands_run_on_the_outcome_in_a_checkout_that_goes_again(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: ()}))
    ticket.work(1)
    ticket.work(2)
    before = state(ticket)
    found = look(ticket, "cat s1/a.txt s2/a.txt && pwd", "test -e s3")
    assert state(ticket) == before
    assert [one.status for one in found.commands] == [0, 1]
    assert not found.passes
    log = Path(found.commands[0].log).read_text().splitlines()
    assert log[:2] == ["a", "a"]
    assert log[2].startswith(f"{os.environ['OKSTRA_HOME']}/previews/shop/dev-1-")
    assert not Path(log[2]).exists()
    assert not any((repository.path / ".git/okstra/previews").iterdir())


def test_a_command_that_leaves_changes_does_not_pass_and_what_setup_made_is_not_its_doing(
    repository: ScratchRepository,
) -> None:
    ticket = Ticket(repository, plans.of({1: ()}))
    ticket.work(1)
    repository.git("okstra", "config", "set", "worktree.setup", "echo x >from-setup")
    found = look(ticket, "cat from-setup", "touch made", "true")
    assert [(one.status, one.changed) for one in found.commands] == [(0, ()), (0, ("made",)), (None, ())]
    assert not found.passes
    assert look(ticket, "true").passes


def test_without_a_plan_there_is_nothing_to_preview(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, None)
    with pytest.raises(OkstraError) as refused:
        look(ticket)
    assert refused.value.code == "plan-missing"


def test_a_preview_that_was_killed_is_cleared_away(okstra: Command, repository: ScratchRepository) -> None:
    path = tickets.start(okstra, repository, {1: ()})
    tickets.work(okstra, repository, path, 1)
    okstra("config", "set", "verify.commands", "true", cwd=path)
    before = repository.git("worktree", "list", "--porcelain")
    words = okstra.words("verify", "--preview", "--run")
    points = processes.crash_points(words, cwd=path)
    first = next(number for number, name in enumerate(points, 1) if name == "hold: taken")
    for at in range(first, len(points) + 1, 6):
        assert processes.crash(words, at=at, cwd=path).killed
    okstra("verify", "--preview", "--run", cwd=path)
    assert repository.git("worktree", "list", "--porcelain") == before
    assert list((tickets.home() / "previews" / "shop").iterdir()) == []
    okstra("doctor", cwd=path)
