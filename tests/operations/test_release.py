"""`release`: the reservation is given back, and nothing else happens; also giving back what could not be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_okstra.core import journal, tasks
from git_okstra.core.names import TASK
from git_okstra.core.tasks import Reservation
from git_okstra.operations import claiming, releasing, start
from git_okstra.state import locks
from support import plans
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: (1,)})
BOB = {"OKSTRA_OWNER": "bob"}


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def marker(ticket: Belongings, number: int) -> Path:
    return Path(ticket.git("rev-parse", "--absolute-git-dir", cwd=ticket.path(number)), "okstra")


def test_worktree_and_branch_stay_and_the_stage_is_free(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.leave_in(1)
    before, tip = ticket.belongings(1), ticket.tip(1)
    given = ticket.release(1)
    assert (given.path, given.branch) == (f"{path}", ticket.branch(1))
    assert ticket.entry(1) is None
    assert not marker(ticket, 1).exists()
    after = ticket.belongings(1)
    assert {name: after[name] for name in after if name != "under way"} == {
        name: before[name] for name in before if name != "under way"
    }
    assert ticket.tip(1) == tip
    assert ticket.listed() == []
    (event,) = ticket.events("released")
    assert event.stage == 1


def test_whoever_opens_it_next_gets_the_worktree_as_it_is(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1)
    (path / "new").write_text("new\n")
    ticket.release(1)
    from git_okstra.operations import stage

    opened = stage.open_stage(ticket.context(**BOB), ticket.task, 1)
    assert (opened.path, opened.owner) == (f"{path}", "bob")
    assert (path / "new").read_text() == "new\n"
    assert (path / "s1").exists()
    assert marker(ticket, 1).exists()


def test_a_task_is_free_and_its_stages_stand_when_it_is_taken_again(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.release(1)
    ticket.release()
    assert ticket.context().registry.record(ticket.task.key) is None
    assert ticket.history.task == journal.RELEASED
    assert ticket.context().store.open_tasks() == []
    again = start.start(ticket.context(**BOB), start.Request("feat", "DEV-1", adopt=True))
    assert again.owner == "bob"
    assert ticket.history.stage(1).head == head


def test_a_task_with_stages_that_are_held_is_refused(ticket: Belongings) -> None:
    ticket.open(1)
    error = refusal(lambda: ticket.release())
    assert error.code == "open-stages"
    assert "stage 1 of DEV-1 is still held" in error.message
    assert error.hint == "first: git okstra release 1"
    assert ticket.entry() is not None


def test_what_someone_else_holds_is_refused(ticket: Belongings) -> None:
    ticket.open(1)
    error = refusal(lambda: ticket.release(1, env=BOB))
    assert (error.code, error.status) == ("held", 3)
    assert refusal(lambda: ticket.release(env=BOB)).code in ("held", "open-stages")
    assert ticket.entry(1) is not None


def test_what_nobody_holds_cannot_be_given_back(ticket: Belongings) -> None:
    assert refusal(lambda: ticket.release(1)).code == "stage-not-open"
    ticket.release()
    assert refusal(lambda: ticket.release()).code == "no-such-task"


def test_a_dry_run_changes_nothing(ticket: Belongings) -> None:
    path = ticket.open(1)
    assert ticket.release(1, dry_run=True).path == f"{path}"
    assert ticket.entry(1) is not None
    assert marker(ticket, 1).exists()
    assert ticket.events("released") == []


def test_a_worktree_that_is_gone_is_no_hindrance(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("worktree", "remove", f"{path}")
    ticket.release(1)
    assert ticket.entry(1) is None


def test_a_moved_worktree_is_found(ticket: Belongings, tmp_path: Path) -> None:
    path = ticket.open(1)
    ticket.git("worktree", "move", f"{path}", f"{tmp_path / 'moved'}")
    assert ticket.release(1).path == f"{tmp_path / 'moved'}"


def test_a_flat_stage_leaves_the_tasks_marker_alone(ticket: Belongings) -> None:
    ticket.open(1, flat=True)
    ticket.release(1)
    assert marker(ticket, TASK).read_text() == "dev/dev-1 0\n"


# -- what could not be made


class Unmade:
    """Stage 1 is being opened, by this very process."""

    def __init__(self, ticket: Belongings) -> None:
        self.ctx = ticket.context()
        self.key = ticket.task.key
        wanted = claiming.new_reservation(
            self.ctx, 1, branch=ticket.branch(1), path=f"{ticket.path(1)}", base=ticket.tip()
        )
        claim = claiming.claim(self.ctx, ticket.task, 1, lambda: wanted, settle=lambda: None)
        assert claim.hold is not None
        self.reservation: Reservation = claim.reservation
        self.hold: locks.Hold = claim.hold

    def withdraw(self, *, made: bool = False) -> None:
        releasing.withdraw_unmade(self.ctx, self.key, self.reservation, self.hold, made=made)
        assert not locks.is_held(self.ctx.registry.hold_path(self.key, 1))


def test_without_a_worktree_the_reservation_is_withdrawn(ticket: Belongings) -> None:
    Unmade(ticket).withdraw()
    assert ticket.entry(1) is None


@pytest.mark.parametrize("made", [True, False])
def test_a_branch_is_deleted_only_when_it_was_made_for_it(ticket: Belongings, made: bool) -> None:
    ticket.git("branch", ticket.branch(1), ticket.tip())
    Unmade(ticket).withdraw(made=made)
    assert (f"refs/heads/{ticket.branch(1)}" in ticket.refs("refs/heads")) is not made


@pytest.mark.parametrize("kind", ["with a commit", "checked out"])
def test_a_branch_in_use_is_never_deleted(ticket: Belongings, kind: str, tmp_path: Path) -> None:
    ticket.git("branch", ticket.branch(1), ticket.tip())
    if kind == "checked out":
        ticket.git("worktree", "add", "-q", f"{tmp_path / 'theirs'}", ticket.branch(1))
    else:
        ticket.git("branch", "-f", ticket.branch(1), ticket.repository.commit({"a": "a\n"}))
    unmade = Unmade(ticket)
    unmade.withdraw(made=True)
    assert f"refs/heads/{ticket.branch(1)}" in ticket.refs("refs/heads")
    assert ticket.entry(1) is None


def test_a_worktree_that_stands_is_left_for_the_next_run_to_finish(ticket: Belongings) -> None:
    unmade = Unmade(ticket)
    ticket.git("worktree", "add", "-q", "--no-checkout", "-b", ticket.branch(1), f"{ticket.path(1)}")
    unmade.withdraw(made=True)
    entry = ticket.entry(1)
    assert entry is not None
    assert entry.state == tasks.RESERVING
    assert (ticket.open(1) / "README.md").exists()


def test_what_somebody_else_put_there_is_no_worktree_of_ours(ticket: Belongings) -> None:
    unmade = Unmade(ticket)
    ticket.git("init", "-q", f"{ticket.path(1)}")
    unmade.withdraw()
    assert ticket.entry(1) is None
