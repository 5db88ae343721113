"""The facts that decisions about stages stand on, few git calls or many stages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.git import refs
from git_okstra.operations import ground
from support import plans
from support.repositories import ScratchRepository
from support.workbench import Ticket

PLAN = plans.of({1: (), 2: (1,), 3: (), 4: ()})


def facts(ticket: Ticket) -> ground.StageFacts:
    return ground.stage_facts(ticket.context(), ticket.task, PLAN, ticket.history)


def test_where_the_branches_are_and_which_recorded_heads_are_in(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, PLAN)
    heads = {number: ticket.work(number) for number in (1, 3)}
    ticket.merge(1)
    heads[2] = ticket.tip(1)
    ticket.open(2)
    found = facts(ticket)
    assert (found.heads, found.merged, found.task_head) == (heads, {1}, ticket.tip())
    assert found.record is not None
    assert found.reserving == set()
    assert ground.states(PLAN, ticket.history, found) == {1: "merged", 2: "open", 3: "done", 4: "ready"}
    ticket.commit(1, {"s1/b.txt": "b\n"})
    ticket.git("worktree", "remove", str(ticket.path(3)))
    ticket.git("branch", "-q", "-D", ticket.branch(3))
    found = facts(ticket)
    assert found.heads == {1: ticket.tip(1), 2: heads[2]}
    assert ground.states(PLAN, ticket.history, found) == {1: "stale", 2: "open", 3: "done", 4: "ready"}


def test_one_git_process_however_many_stages(
    repository: ScratchRepository, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = Ticket(repository, PLAN)
    for number in (1, 2, 3, 4):
        ticket.work(number)
    history, ctx = ticket.history, ticket.context()
    capfd.readouterr()
    monkeypatch.setenv("OKSTRA_TRACE", "1")
    ground.stage_facts(ctx, ticket.task, PLAN, history)
    calls = [line for line in capfd.readouterr().err.splitlines() if "okstra: trace:" in line]
    assert len(calls) == 1
    assert "for-each-ref" in calls[0]


def test_a_recorded_head_that_is_no_longer_in_the_repository_is_in_no_branch(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, PLAN)
    head = ticket.tip()
    gone = "1" * len(head)
    assert ground.contained(ticket.context(), [gone, head], head) == {head}
    assert ground.contained(ticket.context(), [head], None) == set()


def test_the_base_branch_is_followed_here_and_at_the_remotes(
    make_repository: Callable[[str], ScratchRepository], tmp_path: Path
) -> None:
    upstream = make_repository("upstream")
    upstream.git("clone", "-q", str(upstream.path), str(tmp_path / "shop"))
    shop = ScratchRepository(tmp_path / "shop")
    ticket = Ticket(shop, PLAN)
    mine = shop.commit({"mine.txt": "mine\n"})
    theirs = upstream.commit({"theirs.txt": "theirs\n"})
    shop.git("fetch", "-q")
    assert refs.base_tips(ticket.context().common_dir, ticket.task.base_ref, ticket.task.branch) == sorted(
        [mine, theirs]
    )


@pytest.mark.parametrize("base", ["origin/main", "HEAD~0", "v1", "refs/heads/main"])
def test_a_base_that_is_no_local_branch(
    make_repository: Callable[[str], ScratchRepository], tmp_path: Path, base: str
) -> None:
    upstream = make_repository("upstream")
    upstream.git("clone", "-q", str(upstream.path), str(tmp_path / "shop"))
    shop = ScratchRepository(tmp_path / "shop")
    shop.git("tag", "v1")
    ticket = Ticket(shop, PLAN, base=base)
    tips = {"origin/main": [shop.git("rev-parse", "origin/main")], "refs/heads/main": [shop.head]}
    assert refs.base_tips(ticket.context().common_dir, ticket.task.base_ref, ticket.task.branch) == tips.get(base, [])
