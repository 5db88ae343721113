"""`stage --sparse`: a worktree with what the stage needs, in which everything else goes on as in a whole one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.git import changes, checkout, index_file, repository, sparse
from git_okstra.operations import doctor, stages
from support import preloaded, repositories, tickets
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Ticket

PLAN = Plan(
    (
        PlannedStage(1, "One", (), ("app/**", "lib/new.py")),
        PlannedStage(2, "Two", (1,), ("docs/a.md",)),
        PlannedStage(3, "Three", (), ("*.md",)),
    )
)
FILES = ("app/a", "app/deep/b", "lib/c", "lib/more/d", "docs/a.md", "big/e", "big/more/f", "tool/run")
OF_ONE = ["app/a", "app/deep/b", "app/run", "lib/c", "tool/run"]
OF_TWO = ["docs/a.md"]


def there(path: Path) -> list[str]:
    """The files of a worktree, but README.md and git's."""
    found = {f"{one.relative_to(path)}" for one in path.rglob("*") if not one.is_dir()}
    return sorted(found - {"README.md", ".git"})


@pytest.fixture
def linked(repository: ScratchRepository) -> ScratchRepository:
    repository.commit(dict.fromkeys(FILES, "x\n"))
    os.symlink("../tool/run", repository.path / "app" / "run")
    repository.git("add", "-A")
    repository.commit(message="a link")
    return repository


@pytest.fixture
def ticket(linked: ScratchRepository) -> Ticket:
    return Ticket(linked, PLAN)


def test_a_sparse_stage_is_worked_on_closed_and_merged_as_any_other(ticket: Ticket) -> None:
    path = ticket.open(1, sparse=True)
    assert there(path) == OF_ONE
    ticket.commit(1, {"app/a": "new\n", "app/made/g": "new\n", "lib/new.py": "new\n"})
    assert not changes.status(f"{path}").dirty
    head = ticket.done(1).head
    assert ticket.git("diff", "--name-only", f"{head}~1", head).split() == ["app/a", "app/made/g", "lib/new.py"]
    ticket.merge(1)
    assert there(ticket.path()) == sorted([*FILES, "app/made/g", "app/run", "lib/new.py"])
    assert there(ticket.open(2, sparse=True)) == OF_TWO
    assert doctor.examine(ticket.context()) == []


def test_no_file_of_it_is_as_new_as_its_index_which_git_would_read_again(ticket: Ticket) -> None:
    index = Path(repository.admin_directory(f"{ticket.open(1, sparse=True)}") or "", "index")
    written = int(index.stat().st_mtime)
    assert [one.path for one in index_file.entries(index.read_bytes(), 20, written)] == []
    found = list(index_file.entries(index.read_bytes(), 20))
    assert sorted(os.fsdecode(one.path) for one in found if not one.skipped) == sorted([*OF_ONE, "README.md"])


def test_it_is_given_again_as_it_is_and_told_how_to_have_it_otherwise(ticket: Ticket) -> None:
    ticket.open(1, sparse=True)
    whole = ticket.context()
    assert stages.open_several(whole, ticket.task, [1], sparse=False)[0].opened is not None
    assert "stays sparse" in whole.notes[0]
    assert there(ticket.open(1)) == OF_ONE
    other = ticket.open(3)
    again = ticket.context()
    stages.open_several(again, ticket.task, [3], sparse=True)
    assert "stays whole" in again.notes[0]
    assert "big/e" in there(other)


def test_one_that_was_removed_or_given_back_is_as_it_was(okstra: Command, ticket: Ticket) -> None:
    path = ticket.open(1, sparse=True)
    removed = okstra("remove", "1", cwd=ticket.repository).out.rstrip("\n")
    assert not path.exists()
    okstra("restore", removed, cwd=ticket.repository)
    assert there(path) == OF_ONE
    okstra("release", "1", cwd=ticket.repository)
    given = okstra("stage", "1", "--json", cwd=ticket.repository).json()["stage"]
    assert (given["sparse"], there(path)) == (True, OF_ONE)
    assert not changes.status(f"{path}").dirty


def test_the_settings_decide_where_nothing_is_asked_for(okstra: Command, ticket: Ticket) -> None:
    okstra("config", "set", "worktree.sparse", "true", cwd=ticket.repository)
    okstra("config", "set", "worktree.sparse_always", "big/more,README.md", cwd=ticket.repository)
    assert there(ticket.open(1)) == [*OF_ONE[:3], "big/e", "big/more/f", *OF_ONE[3:]]
    assert "big/e" in there(ticket.path())  # a task is never sparse
    ticket.commit(1, {"app/a": "y\n"})
    ticket.done(1)
    assert "tool/run" in there(ticket.open(2, sparse=False))
    assert changes.status(f"{ticket.path(2)}").paths == ()


def test_a_stage_that_may_need_anything_is_whole_and_a_note_says_why(ticket: Ticket) -> None:
    ctx = ticket.context()
    assert stages.open_several(ctx, ticket.task, [3], sparse=True)[0].opened is not None
    assert "'*.md' may mean a file in any directory" in ctx.notes[0]
    assert "big/e" in there(ticket.path(3))
    assert not sparse.is_sparse(repository.admin_directory(f"{ticket.path(3)}") or "")


def test_several_at_once_are_each_given_their_own(ticket: Ticket) -> None:
    ticket.approve(Plan(tuple(PlannedStage(n, f"{n}", (), (path,)) for n, path in ((1, "app/a"), (2, "big/more/")))))
    found = stages.open_several(ticket.context(), ticket.task, [1, 2], sparse=True)
    assert [one.error for one in found] == [None, None]
    assert there(ticket.path(1)) == ["app/a", "app/deep/b", "app/run", "tool/run"]
    assert there(ticket.path(2)) == ["big/e", "big/more/f"]


@pytest.mark.parametrize("point", ["git worktree: after", "git sparse-checkout: after", "mark: after"])
def test_one_that_is_killed_while_it_is_registered_comes_as_it_was_asked_for(
    okstra: Command, linked: ScratchRepository, point: str
) -> None:
    ticket = Ticket(linked, PLAN)
    ticket.approve(Plan((*PLAN.stages, PlannedStage(4, "Four", (), ("app/**", "lib/new.py")))))
    points = preloaded.crash_points(okstra.words("stage", "4", "--sparse"), cwd=linked)
    preloaded.crash(okstra.words("stage", "1", "--sparse"), at=points.index(point) + 1, cwd=linked)
    if point == "git worktree: after":
        admin = linked.path / ".git" / "worktrees" / "dev-1-s1"
        (admin / "config.worktree.lock").touch()  # as a git that was killed leaves it
    given = okstra("stage", "1", "--json", cwd=linked).json()
    assert (given["status"], given["stage"]["sparse"]) == ("created", True)
    assert there(ticket.path(1)) == OF_ONE
    tickets.require_order(linked)


def test_a_checkout_that_was_cut_short_is_completed_to_no_more_than_it_was(ticket: Ticket, tmp_path: Path) -> None:
    path = ticket.open(1, sparse=True)
    (path / "app" / "a").unlink()
    (path / "lib" / "c").write_text("half of i")
    (path / "big").mkdir()
    (path / "big" / "e").write_text("a person's own\n")
    os.unlink(f"{repository.admin_directory(f'{path}')}/index")
    moved = checkout.complete(f"{path}", "HEAD", f"{tmp_path / 'rescue'}", timeout=60.0)
    assert sorted(moved) == ["big/e", "lib/c"]
    assert (tmp_path / "rescue" / "big" / "e").read_text() == "a person's own\n"
    assert there(path) == sorted([*OF_ONE, "big/e"])
    assert not changes.status(f"{path}").dirty


def test_a_deleted_worktree_comes_back_sparse(okstra: Command, ticket: Ticket) -> None:
    path = ticket.open(1, sparse=True)
    shutil.rmtree(path)
    okstra("doctor", "--repair", cwd=ticket.repository)
    assert there(path) == OF_ONE
    assert not changes.status(f"{path}").dirty


def test_in_a_bare_repository_everything_goes_on(okstra: Command, linked: ScratchRepository, tmp_path: Path) -> None:
    linked.git("clone", "-q", "--bare", f"{linked.path}", f"{tmp_path / 'bare.git'}")
    bare = ScratchRepository(tmp_path / "bare.git")
    ticket = Ticket(bare, PLAN)
    assert there(ticket.open(1, sparse=True)) == OF_ONE
    assert there(ticket.open(3)) == sorted([*FILES, "app/run"])
    assert bare.git("rev-parse", "--is-bare-repository") == "true"
    assert doctor.examine(ticket.context()) == []
    assert repositories.Git(ticket.path(3))("status", "--porcelain") == ""
