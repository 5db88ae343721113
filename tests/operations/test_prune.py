"""`prune`: finished tasks go, every other one is explained, and only what is old and ours leaves the trash for good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from git_okstra.core.names import TASK
from git_okstra.operations import prune, start
from git_okstra.operations.prune import Pruned
from git_okstra.state import trash
from support import plans
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: (1,)})


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    """Both stages are done and merged into the task branch."""
    ticket = Belongings(repository, PLAN)
    ticket.work(1)
    ticket.merge(1)
    ticket.work(2)
    ticket.merge(2)
    return ticket


def run(ticket: Belongings, *, dry_run: bool = False, **env: str) -> Pruned:
    return prune.prune(ticket.context(**env), dry_run=dry_run)


def left(ticket: Belongings) -> str:
    """Why the task stays; it is as it was."""
    before = ticket.worktrees(), ticket.refs("refs/heads"), ticket.listed()
    pruned = run(ticket)
    assert pruned.removed == ()
    assert [one.key for one in pruned.left] == ["shop/dev/dev-1"]
    assert (ticket.worktrees(), ticket.refs("refs/heads"), ticket.listed()) == before
    return pruned.left[0].reason


def land(ticket: Belongings, way: str) -> None:
    """Bring the task into its base branch."""
    git, branch = ticket.git, ticket.branch()
    ticket.repository.commit({"other": "main moved on\n"})
    if way == "merge":
        git("merge", "-q", "--no-ff", "--no-edit", branch)
    elif way == "squash":
        git("merge", "-q", "--squash", branch)
        git("commit", "-q", "-m", "squashed")
    elif way == "rebase":
        for stage in (1, 2):
            git("cherry-pick", ticket.history.stage(stage).head or "")
    elif way == "remote":
        merged = git("commit-tree", f"{branch}^{{tree}}", "-p", "main", "-p", branch, "-m", "merged there")
        git("update-ref", "refs/remotes/origin/main", merged)
    git("reset", "-q", "--hard")


# -- what goes


@pytest.mark.parametrize("way", ["merge", "squash", "rebase", "remote"])
def test_a_task_whose_work_is_in_its_base_goes_with_its_stages(ticket: Belongings, way: str) -> None:
    land(ticket, way)
    pruned = run(ticket)
    assert [one.number for one in pruned.removed] == [2, 1, TASK]
    assert (pruned.left, pruned.emptied) == ((), ())
    assert ticket.worktrees() == {}
    assert ticket.refs("refs/heads").keys() == {"refs/heads/main"}
    assert {entry.purpose for entry in ticket.listed()} == {"prune"}
    assert run(ticket) == Pruned((), (), ())
    ticket.restore("DEV-1")
    assert ticket.path().exists()


def test_a_task_merged_by_fast_forward_goes(repository: ScratchRepository) -> None:
    ticket = alone(repository)
    ticket.commit(TASK, {"a": "a\n"})
    repository.git("merge", "-q", "--ff-only", ticket.branch())
    assert [one.number for one in run(ticket).removed] == [TASK]


def test_anybody_may_prune_what_is_finished(ticket: Belongings) -> None:
    land(ticket, "merge")
    assert len(run(ticket, OKSTRA_OWNER="bob").removed) == 3


def test_a_dry_run_says_what_would_go_and_changes_nothing(ticket: Belongings) -> None:
    land(ticket, "merge")
    before = ticket.worktrees(), ticket.refs("refs"), ticket.entry()
    pruned = run(ticket, dry_run=True)
    assert [(one.number, one.trash) for one in pruned.removed] == [(2, ""), (1, ""), (TASK, "")]
    assert (ticket.worktrees(), ticket.refs("refs"), ticket.entry()) == before


def test_of_several_tasks_the_finished_ones_go(ticket: Belongings) -> None:
    start.start(ticket.context(), start.Request("fix", "BUG-1", base="main"))
    land(ticket, "merge")
    pruned = run(ticket)
    assert len(pruned.removed) == 3
    assert [(one.key, one.reason) for one in pruned.left] == [("shop/bug/bug-1", "it has no commit of its own yet")]


# -- what stays, and why


def alone(repository: ScratchRepository) -> Belongings:
    """A task without a plan."""

    class Planless(Belongings):
        def approve(self, plan: object) -> None:
            pass

    return Planless(repository, PLAN)


def test_what_is_not_in_the_base_stays(ticket: Belongings) -> None:
    assert left(ticket) == "its work is not in 'main'"
    land(ticket, "merge")
    ticket.commit(TASK, {"later": "x\n"})
    assert left(ticket) == "its work is not in 'main'"


def test_what_is_not_begun_stays(repository: ScratchRepository) -> None:
    ticket = alone(repository)
    assert left(ticket) == "it has no commit of its own yet"


@pytest.mark.parametrize("way", ["merge --ff-only main", "reset -q --hard main", "rebase -q main"])
def test_what_only_followed_its_base_is_not_begun(repository: ScratchRepository, way: str) -> None:
    """Its branch lies on `main`, beyond where it began, as that of a merged task does."""
    ticket = alone(repository)
    repository.commit({"other": "x\n"})
    repository.git(*way.split(), cwd=ticket.path())
    assert ticket.tip() == repository.head
    assert left(ticket) == "it has no commit of its own yet"


def test_stages_that_are_not_done_keep_it(repository: ScratchRepository) -> None:
    ticket = Belongings(repository, PLAN)
    ticket.work(1)
    ticket.merge(1)
    land(ticket, "merge")
    assert left(ticket) == "stage 2 is not done"
    ticket.open(2)
    assert left(ticket) == "stage 2 is still open"
    ticket.commit(2)
    ticket.done(2)
    assert left(ticket) == "stage 2 is done but not merged"


@pytest.mark.parametrize("kind", ["dirty", "locked", "occupied", "stale stage", "branch gone", "merge"])
def test_whatever_speaks_against_removing_it_keeps_it(ticket: Belongings, kind: str) -> None:
    land(ticket, "merge")
    if kind == "dirty":
        (ticket.path(2) / "new").write_text("new\n")
        assert "1 untracked file(s) that no commit holds: new" in left(ticket)
    elif kind == "locked":
        ticket.git("worktree", "lock", f"{ticket.path(1)}")
        assert "is locked" in left(ticket)
    elif kind == "occupied":
        if sys.platform != "linux":
            pytest.skip("who stands where is known on Linux alone")
        sleeper = subprocess.Popen(["sleep", "60"], cwd=ticket.path())
        try:
            assert f"{sleeper.pid} (sleep)" in left(ticket)
        finally:
            sleeper.kill()
            sleeper.wait()
    elif kind == "stale stage":
        ticket.commit(1, {"s1/later": "x\n"}, "after it was done")
        assert "after it was done" in left(ticket)
    elif kind == "branch gone":
        ticket.git("switch", "-q", "--detach", cwd=ticket.path())
        ticket.git("branch", "-D", ticket.branch())
        assert "not merged" in left(ticket) or "is gone" in left(ticket)
    else:
        ticket.git("switch", "-q", "--detach", cwd=ticket.path(1))
        ticket.git("commit", "-q", "--allow-empty", "-m", "adrift", cwd=ticket.path(1))
        assert "adrift" in left(ticket)


def test_a_task_that_was_given_back_is_not_okstras_to_remove(ticket: Belongings) -> None:
    land(ticket, "merge")
    for number in (1, 2, TASK):
        ticket.release(number)
    pruned = run(ticket)
    assert pruned.removed == ()
    assert set(ticket.worktrees()) == {f"{ticket.path(number)}" for number in (TASK, 1, 2)}


def test_a_base_that_is_no_branch_keeps_it(repository: ScratchRepository) -> None:
    class OnTag(Belongings):
        def approve(self, plan: object) -> None:
            pass

    repository.git("tag", "v1")
    ticket = OnTag(repository, PLAN, base="v1")
    ticket.commit(TASK, {"a": "a\n"})
    assert "'v1' is no branch" in left(ticket)


def test_worktrees_that_okstra_does_not_hold_are_left_alone(ticket: Belongings, tmp_path: Path) -> None:
    """Merged ones, and ones whose directory is away for now: `git worktree prune` would drop these."""
    ticket.git("worktree", "add", "-q", "-b", "theirs", f"{tmp_path / 'theirs'}")
    ticket.git("worktree", "add", "-q", "-b", "away", f"{tmp_path / 'away'}")
    (tmp_path / "away").rename(tmp_path / "on a stick")
    land(ticket, "merge")
    run(ticket)
    assert ticket.worktrees() == {f"{tmp_path / 'theirs'}": "theirs", f"{tmp_path / 'away'}": "away"}


def test_a_repository_without_tasks_has_nothing_to_prune(repository: ScratchRepository) -> None:
    class Nobody(Belongings):
        def __init__(self) -> None:
            self.repository, self.git = repository, repository.git

    assert run(Nobody()) == Pruned((), (), ())
    assert not (repository.path / ".git" / "okstra").exists()


def test_a_task_that_cannot_be_read_keeps_no_other_from_going(ticket: Belongings) -> None:
    start.start(ticket.context(), start.Request("fix", "BUG-1", base="main"))
    land(ticket, "merge")
    store = ticket.context().store
    Path(store.task_directory("bug", "bug-1"), "task.toml").write_text("no = toml =\n")
    pruned = run(ticket)
    assert len(pruned.removed) == 3
    assert pruned.left[0].key == "shop/bug/bug-1"
    assert "cannot be used" in pruned.left[0].reason


# -- the trash


def age(ticket: Belongings, trash_id: str, removed_at: str = "2020-01-01T00:00:00Z") -> trash.Entry:
    """Make an entry as old as that."""
    from dataclasses import replace

    store = ticket.context().store
    entry = trash.load(store, trash_id)
    assert entry is not None
    trash.save(store, replace(entry, removed_at=removed_at))
    return entry


@pytest.fixture
def two_removed(ticket: Belongings) -> tuple[trash.Entry, trash.Entry]:
    """Stage 1 was removed years ago, stage 2 just now."""
    (old,), (new,) = ticket.remove(1), ticket.remove(2)
    age(ticket, old.trash)
    by_id = {entry.id: entry for entry in ticket.listed()}
    return by_id[old.trash], by_id[new.trash]


def test_what_is_old_goes_for_good(ticket: Belongings, two_removed: tuple[trash.Entry, trash.Entry]) -> None:
    old, new = two_removed
    ticket.git("config", f"branch.{old.branch}.remote", "origin")
    ticket.git("config", f"branch.{new.branch}.remote", "origin")
    assert run(ticket, dry_run=True).emptied == (old.id,)
    assert Path(old.place).exists()
    assert run(ticket).emptied == (old.id,)
    assert not Path(old.place).parent.exists()
    assert ticket.context().store.trash_ids() == [new.id]
    assert all(name.startswith(f"refs/okstra/trash/{new.id}/") for name in ticket.refs("refs/okstra"))
    assert ticket.git.run("config", f"branch.{old.branch}.remote").status == 1
    assert ticket.git("config", f"branch.{new.branch}.remote") == "origin"
    assert refusal(lambda: ticket.restore(old.id)).code == "no-such-trash"
    ticket.restore(new.id)


@pytest.mark.parametrize(("keep", "gone"), [("100d", 0), ("0s", 2), ("7d", 1), ("1h", 1)])
def test_how_long_it_is_kept_is_a_setting(
    ticket: Belongings, two_removed: tuple[trash.Entry, trash.Entry], keep: str, gone: int
) -> None:
    if keep == "100d":
        age(ticket, two_removed[0].id, ticket.context().now())
    assert len(run(ticket, OKSTRA_TRASH_KEEP=keep).emptied) == gone


def test_the_branch_of_an_abandoned_stage_outlives_the_trash(repository: ScratchRepository) -> None:
    ticket = Belongings(repository, PLAN)
    ticket.open(1)
    tip = ticket.commit(1)
    (gone,) = ticket.abandon(1)
    age(ticket, gone.trash)
    assert run(ticket).emptied == (gone.trash,)
    assert ticket.refs("refs/okstra") == {"refs/okstra/abandoned/feat-dev-1-s1": tip}


def test_read_only_directories_are_no_hindrance(ticket: Belongings) -> None:
    deep = ticket.path(1) / "cache" / "module@v1" / "sub"
    deep.mkdir(parents=True)
    (deep / "file").write_text("x\n")
    ticket.git("config", "core.excludesFile", "/dev/null")
    for path in (deep, deep.parent):
        path.chmod(0o555)
    (gone,) = ticket.remove(1, force_dirty=True)
    age(ticket, gone.trash)
    assert run(ticket).emptied == (gone.trash,)


def test_the_trash_of_other_repositories_is_left_alone(ticket: Belongings, tmp_path: Path) -> None:
    other = Path(os.environ["OKSTRA_HOME"], "worktrees", ".trash", "20200101T000000-other-1", "worktree")
    other.mkdir(parents=True)
    (other / "file").write_text("theirs\n")
    assert run(ticket, OKSTRA_TRASH_KEEP="0s").emptied == ()
    assert (other / "file").exists()


def test_an_entry_cannot_have_anything_else_deleted(ticket: Belongings, tmp_path: Path) -> None:
    """Its path comes from a file that anybody may have written."""
    from dataclasses import replace

    (gone,) = ticket.remove(1)
    entry = age(ticket, gone.trash)
    precious = tmp_path / "precious" / "worktree"
    precious.mkdir(parents=True)
    trash.save(ticket.context().store, replace(entry, place=f"{precious}", removed_at="2020-01-01T00:00:00Z"))
    run(ticket)
    assert precious.exists()


def test_what_points_out_of_the_trash_is_not_followed(ticket: Belongings, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("theirs\n")
    (ticket.path(1) / "link").symlink_to(outside)
    (gone,) = ticket.remove(1, force_dirty=True)
    age(ticket, gone.trash)
    assert run(ticket).emptied == (gone.trash,)
    assert (outside / "file").read_text() == "theirs\n"


def test_half_made_registrations_that_were_set_aside_go_when_they_are_old(ticket: Belongings) -> None:
    import time

    root = Path(ticket.context().store.root, "trash")
    root.mkdir(exist_ok=True)
    (root / ".half-made-dev-1-1000000000").mkdir()
    (root / f".half-made-dev-1-{time.time_ns()}").mkdir()
    (root / ".gone-20200101T000000-dev-1").mkdir()
    run(ticket)
    assert [path.name.rpartition("-")[0] for path in root.iterdir()] == [".half-made-dev-1"]
