"""`abandon`: a stage is given up, its branch is kept, and it may be opened anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_okstra.core import journal
from git_okstra.core.names import TASK
from git_okstra.operations import abandon
from support import plans
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: (1,), 3: ()})
KEPT = "refs/okstra/abandoned/feat-dev-1-s1"
BOB = {"OKSTRA_OWNER": "bob"}


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def test_its_branch_is_kept_and_its_worktree_goes(ticket: Belongings) -> None:
    path = ticket.open(1)
    tip = ticket.commit(1)
    (gone,) = ticket.abandon(1)
    assert (gone.number, gone.branch, gone.tip) == (1, ticket.branch(1), tip)
    assert ticket.refs("refs/okstra/abandoned") == {KEPT: tip}
    assert ticket.refs("refs/heads").keys() == {"refs/heads/main", "refs/heads/feat-dev-1"}
    assert not path.exists()
    assert ticket.entry(1) is None
    stage = ticket.history.stage(1)
    assert stage.state == journal.ABANDONED
    (event,) = ticket.events("abandoned")
    assert (event.data["tip"], event.data["kept"]) == (tip, KEPT)
    assert [entry.purpose for entry in ticket.listed()] == ["abandon"]


def test_it_may_be_opened_anew_and_given_up_again(ticket: Belongings) -> None:
    tips = []
    for number in range(3):
        path = ticket.open(1)
        assert not (path / "s1").exists()
        tips.append(ticket.commit(1, {"s1/a": f"{number}\n"}))
        ticket.abandon(1)
    assert ticket.refs("refs/okstra/abandoned") == {KEPT: tips[0], f"{KEPT}.2": tips[1], f"{KEPT}.3": tips[2]}


def test_a_done_stage_may_be_given_up(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.abandon(1)
    assert ticket.refs("refs/okstra/abandoned") == {KEPT: head}
    assert ticket.history.stage(1).state == journal.ABANDONED


def test_what_is_uncommitted_is_refused_unless_forced(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1)
    (path / "new").write_text("new\n")
    error = refusal(lambda: ticket.abandon(1))
    assert error.code == "dirty-worktree"
    assert error.hint.endswith("git okstra abandon 1 -f")
    assert ticket.history.stage(1).state == journal.OPEN
    ticket.abandon(1, force_dirty=True)
    assert Path(ticket.listed()[0].place, "new").read_text() == "new\n"


def test_what_is_on_no_branch_is_refused_unless_forced(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("switch", "-q", "--detach", cwd=path)
    ticket.commit(1, message="adrift")
    error = refusal(lambda: ticket.abandon(1))
    assert (error.code, "adrift" in error.message) == ("unmerged-commits", True)
    assert error.hint.endswith("git okstra abandon 1 -f")
    ticket.abandon(1, force_dirty=True)


@pytest.mark.parametrize("reason", ["worktree-locked", "wrong-branch"])
def test_what_cannot_be_forced(ticket: Belongings, reason: str, tmp_path: Path) -> None:
    path = ticket.open(1)
    if reason == "worktree-locked":
        ticket.git("worktree", "lock", f"{path}")
    else:
        ticket.git("switch", "-q", "--detach", cwd=path)
        ticket.git("worktree", "add", "-q", f"{tmp_path / 'other'}", ticket.branch(1))
    assert refusal(lambda: ticket.abandon(1, force_dirty=True)).code == reason
    assert ticket.history.stage(1).state == journal.OPEN


def test_a_stage_of_someone_else_is_held(ticket: Belongings) -> None:
    ticket.open(1)
    error = refusal(lambda: ticket.abandon(1, env=BOB, force_dirty=True))
    assert (error.code, error.status) == ("held", 3)


def test_a_merged_stage_cannot_be_given_up(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.merge(1)
    error = refusal(lambda: ticket.abandon(1))
    assert error.code == "stage-closed"
    assert "git okstra remove 1" in error.hint


def test_a_stage_that_others_started_from_cannot_be_given_up(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.open(2)
    error = refusal(lambda: ticket.abandon(1))
    assert (error.code, error.message) == ("open-stages", "stage 2 started from stage 1")
    assert error.hint.endswith("git okstra abandon 2")
    ticket.abandon(2)
    ticket.abandon(1)


@pytest.mark.parametrize("number", [1, 9])
def test_what_is_not_open_cannot_be_given_up(ticket: Belongings, number: int) -> None:
    assert refusal(lambda: ticket.abandon(number)).code == "stage-not-open"


def test_a_dry_run_changes_nothing(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1)
    (gone,) = ticket.abandon(1, dry_run=True)
    assert (gone.trash, gone.path) == ("", f"{path}")
    assert ticket.history.stage(1).state == journal.OPEN
    assert path.exists()
    assert ticket.refs("refs/okstra") == {}


@pytest.mark.parametrize("worktree", ["there", "removed by hand"])
def test_a_stage_that_was_given_back_can_be_given_up(ticket: Belongings, worktree: str) -> None:
    path = ticket.open(1)
    tip = ticket.commit(1)
    ticket.release(1)
    if worktree != "there":
        ticket.git("worktree", "remove", f"{path}")
    (gone,) = ticket.abandon(1)
    assert gone.tip == tip
    assert ticket.refs("refs/okstra/abandoned") == {KEPT: tip}
    assert not path.exists()
    assert ticket.entry(1) is None
    assert ticket.history.stage(1).state == journal.ABANDONED


def test_a_flat_stage_leaves_its_commits_on_the_task_branch(ticket: Belongings) -> None:
    ticket.open(1, flat=True)
    tip = ticket.commit(TASK, {"s1/a": "a\n"})
    ctx = ticket.context()
    (gone,) = abandon.abandon(ctx, ticket.task, 1).items
    assert gone.trash == ""
    assert any("its commits stay on 'feat-dev-1'" in note for note in ctx.notes)
    assert ticket.tip() == tip
    assert ticket.history.stage(1).state == journal.ABANDONED
    assert ticket.refs("refs/okstra") == {}
    assert ticket.worktrees() == {f"{ticket.path()}": ticket.branch()}


def test_a_name_in_the_way_is_gone_round(ticket: Belongings) -> None:
    ticket.git("update-ref", f"{KEPT}/below", "main")
    ticket.open(1)
    tip = ticket.commit(1)
    ticket.abandon(1)
    assert ticket.refs("refs/okstra/abandoned")[f"{KEPT}.2"] == tip
