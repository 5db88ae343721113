"""`restore`: everything comes back as it was, or nothing is touched and the way is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from git_okstra.core import journal
from git_okstra.core.names import TASK
from git_okstra.operations import doctor, done, restore
from support import plans
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: (1,), 3: (), 4: ()})
BOB = {"OKSTRA_OWNER": "bob"}


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def require_nothing_left(ticket: Belongings) -> None:
    """The trash is empty, on every side, and doctor has nothing to say."""
    ctx = ticket.context()
    assert ticket.listed() == []
    assert ticket.refs("refs/okstra") == {}
    assert list(Path(f"{ctx.store.root}/trash").iterdir()) == []
    assert list(Path(ctx.home, "worktrees", ".trash").iterdir()) == []
    assert [found for found in doctor.examine(ctx) if found.severity != "note"] == []


# -- what comes back


def test_everything_in_a_worktree_comes_back(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1)
    path = ticket.leave_in(1)
    before, history, tip = ticket.belongings(1), ticket.history.stage(1), ticket.tip(1)
    (gone,) = ticket.remove(1, force_dirty=True, force_unmerged=True)
    assert gone.uncommitted == 5
    back = ticket.restore(gone.trash)
    assert (back.key, back.number, back.task_id) == (ticket.task.key, 1, "DEV-1")
    assert (back.path, back.branch, back.tip) == (f"{path}", ticket.branch(1), tip)
    assert ticket.belongings(1) == before
    assert ticket.tip(1) == tip
    after = ticket.history.stage(1)
    assert (after.state, after.base, after.owner) == (history.state, history.base, history.owner)
    entry = ticket.entry(1)
    assert entry is not None
    assert (entry.state, entry.trash, entry.purpose, entry.path) == ("active", "", "", f"{path}")
    require_nothing_left(ticket)
    ticket.git("commit", "-q", "-a", "-m", "go on", cwd=path)


def test_a_removal_and_restoration_are_in_the_journal(ticket: Belongings) -> None:
    ticket.open(1)
    (gone,) = ticket.remove(1)
    ticket.restore("1")
    (event,) = ticket.events("restored")
    assert (event.stage, event.data["operation"]) == (1, f"restore-{gone.trash}")


@pytest.mark.parametrize("name", ["1", "s1", "DEV-1#1", "dev-1-s1", "feat-dev-1-s1"])
def test_a_stage_can_be_named_as_elsewhere(ticket: Belongings, name: str) -> None:
    ticket.open(1)
    ticket.remove(1)
    assert ticket.restore(name).number == 1


@pytest.mark.parametrize("name", ["DEV-1", "dev-1", "dev/dev-1"])
def test_a_task_that_is_removed_can_be_named(ticket: Belongings, name: str) -> None:
    ticket.remove()
    assert ticket.restore(name).number == TASK


def test_the_newest_of_a_name_comes_back_and_an_older_one_by_its_id(ticket: Belongings) -> None:
    ids = []
    for number in range(3):
        path = ticket.open(1)
        (path / "draft").write_text(f"{number}\n")
        ids += [one.trash for one in ticket.remove(1, force_dirty=True)]
    assert [entry.id for entry in ticket.listed()] == ids[::-1]
    ticket.restore("1")
    assert (ticket.path(1) / "draft").read_text() == "2\n"
    ticket.remove(1, force_dirty=True)
    ticket.restore(ids[0])
    assert (ticket.path(1) / "draft").read_text() == "0\n"


def test_a_merge_in_conflict_comes_back_and_can_be_concluded(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1, {"README.md": "ours\n"})
    ticket.repository.commit({"README.md": "theirs\n"})
    assert ticket.git.run("merge", "main", cwd=path).status == 1
    before = ticket.belongings(1)
    ticket.remove(1, force_dirty=True, force_unmerged=True)
    ticket.git("reflog", "expire", "--expire=all", "--all")
    ticket.git("gc", "-q", "--prune=now")
    ticket.restore("1")
    assert ticket.belongings(1) == before
    (path / "README.md").write_text("both\n")
    ticket.git("commit", "-q", "-a", "--no-edit", cwd=path)
    assert ticket.git("log", "-1", "--format=%P", cwd=path).count(" ") == 1


def test_a_rebase_under_way_comes_back_and_can_be_continued(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1, {"README.md": "ours\n"})
    ticket.commit(1, {"s1/later": "later\n"}, "later")
    ticket.repository.commit({"README.md": "theirs\n"})
    assert ticket.git.run("rebase", "main", cwd=path).status == 1
    before = ticket.belongings(1)
    ticket.remove(1, force_dirty=True, force_unmerged=True)
    ticket.git("gc", "-q", "--prune=now")
    ticket.restore("1")
    assert ticket.belongings(1) == before
    (path / "README.md").write_text("both\n")
    ticket.git("add", "README.md", cwd=path)
    ticket.git("rebase", "--continue", cwd=path, env={"GIT_EDITOR": "true"})
    assert ticket.git("log", "-1", "--format=%s", ticket.branch(1)) == "later"


def test_a_done_stage_comes_back_done_with_its_head(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.remove(1, force_unmerged=True)
    assert ticket.history.stage(1).state is None
    ticket.restore("1")
    after = ticket.history.stage(1)
    assert (after.state, after.head) == (journal.DONE, head)
    ticket.merge(1)


def test_a_merged_stage_comes_back(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.merge(1)
    ticket.remove(1)
    ticket.restore("1")
    assert ticket.history.stage(1).head == head
    assert ticket.tip(1) == head


def test_an_older_round_of_a_stage_comes_back_as_it_was_then(ticket: Belongings) -> None:
    """It was opened anew and removed again since: the journal's last word is not the entry's."""
    head = ticket.work(1)
    (first,) = ticket.remove(1, force_unmerged=True)
    ticket.commit(TASK, {"docs.md": "moved on\n"})
    ticket.open(1)
    ticket.remove(1)
    ticket.restore(first.trash)
    after = ticket.history.stage(1)
    assert (after.state, after.head) == (journal.DONE, head)
    assert done.done(ticket.context(), ticket.task, 1).already


def test_a_task_comes_back_and_then_its_stages(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.open(3)
    ticket.leave_in(3)
    ticket.merge(1)
    states, before = dict(ticket.history.started()), ticket.belongings(3)
    task = ticket.context().store.task(*ticket.task.key)
    gone = {one.number: one.trash for one in ticket.remove(force_dirty=True, force_unmerged=True)}
    error = refusal(lambda: ticket.restore(gone[3]))
    assert error.code == "restore-blocked"
    assert f"git okstra restore {gone[TASK]}" in error.hint
    ticket.restore("DEV-1")
    assert ticket.context().store.task(*ticket.task.key) == task
    ticket.restore(gone[3])
    ticket.restore(gone[1])
    assert ticket.history.started() == states
    assert ticket.history.stage(1).head == head
    assert ticket.belongings(3) == before
    require_nothing_left(ticket)


def test_what_comes_back_is_the_callers(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.remove(1)
    ticket.restore("1", env=BOB)
    entry = ticket.entry(1)
    assert entry is not None
    assert entry.owner == "bob"
    assert refusal(lambda: ticket.remove(1)).code == "held"


def test_an_abandoned_stage_comes_back_open(ticket: Belongings) -> None:
    ticket.open(1)
    tip = ticket.commit(1)
    ticket.abandon(1)
    ticket.restore("1")
    assert ticket.history.stage(1).state == journal.OPEN
    assert ticket.tip(1) == tip
    require_nothing_left(ticket)


def test_the_branch_comes_back_with_its_upstream(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.git("config", f"branch.{ticket.branch(1)}.remote", "origin")
    ticket.git("config", f"branch.{ticket.branch(1)}.merge", "refs/heads/x")
    ticket.remove(1)
    ticket.restore("1")
    assert ticket.git("config", f"branch.{ticket.branch(1)}.merge") == "refs/heads/x"


def test_a_name_that_git_has_given_to_another_worktree_is_no_hindrance(ticket: Belongings, tmp_path: Path) -> None:
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    ticket.remove(1, force_dirty=True)
    other = tmp_path / "dev-1-s1"
    ticket.git("worktree", "add", "-q", "-b", "other", f"{other}")
    ticket.restore("1")
    assert ticket.belongings(1) == before
    assert ticket.worktrees()[f"{other}"] == "other"
    assert ticket.git("status", "--porcelain", cwd=other) == ""
    require_nothing_left(ticket)


def test_submodules_are_found_under_another_name(ticket: Belongings, tmp_path: Path) -> None:
    lib = ScratchRepository(tmp_path / "lib")
    lib.path.mkdir()
    lib.git("init", "-q", "-b", "main")
    lib.commit({"lib": "lib\n"})
    ticket.git("config", "--global", "protocol.file.allow", "always")
    for name in ("lib", "deep/er lib"):
        ticket.git("submodule", "--quiet", "add", f"{lib.path}", name, cwd=ticket.path())
    ticket.git("commit", "-q", "-m", "with lib", cwd=ticket.path())
    path = ticket.open(1)
    ticket.git("submodule", "--quiet", "update", "--init", cwd=path)
    before = ticket.git("submodule", "status", cwd=path)
    assert len(before.splitlines()) == 2
    ticket.remove(1)
    ticket.git("worktree", "add", "-q", "-b", "other", f"{tmp_path / 'dev-1-s1'}")
    ticket.restore("1")
    assert ticket.git("submodule", "status", cwd=path) == before
    for name in ("lib", "deep/er lib"):
        assert "worktrees/dev-1-s11/modules" in ticket.git("rev-parse", "--absolute-git-dir", cwd=path / name)
        assert ticket.git("status", "--porcelain", cwd=path / name) == ""


def test_relative_links_stay_relative(ticket: Belongings) -> None:
    """As `worktree.useRelativePaths` of newer git makes them."""
    path = ticket.open(1)
    admin = Path(ticket.git("rev-parse", "--absolute-git-dir", cwd=path))
    (path / ".git").write_text(f"gitdir: {admin.relative_to(path.anchor)}\n".replace("gitdir: ", f"gitdir: {up(path)}"))
    (admin / "gitdir").write_text(f"{up(admin)}{path.relative_to(path.anchor)}/.git\n")
    before = (path / ".git").read_text(), (admin / "gitdir").read_text()
    assert ticket.git("status", "--porcelain", cwd=path) == ""
    ticket.remove(1)
    ticket.restore("1")
    assert ticket.git("status", "--porcelain", cwd=path) == ""
    for text, origin in zip(((path / ".git").read_text(), (admin / "gitdir").read_text()), (path, admin), strict=True):
        target = text.removeprefix("gitdir: ").rstrip("\n")
        assert not target.startswith("/")
        assert (origin / target).exists()
    assert len(before) == 2


def up(path: Path) -> str:
    return "../" * (len(path.parts) - 1)


# -- what was damaged


def test_a_directory_that_was_gone_comes_back_from_the_index(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1, {"s1/a": "committed\n"})
    (path / "s1" / "b").write_text("staged\n")
    ticket.git("add", "-A", cwd=path)
    shutil.rmtree(path)
    ticket.remove(1, force_unmerged=True)
    ticket.restore("1")
    assert (path / "s1" / "a").read_text() == "committed\n"
    assert (path / "s1" / "b").read_text() == "staged\n"
    assert ticket.git("status", "--porcelain", cwd=path) == "A  s1/b"
    require_nothing_left(ticket)


def test_what_was_deleted_from_the_trash_comes_back_from_the_index(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.commit(1, {"s1/a": "committed\n"})
    (gone,) = ticket.remove(1, force_unmerged=True)
    shutil.rmtree(Path(ticket.listed()[0].place).parent)
    ctx = ticket.context()
    restore.restore(ctx, gone.trash)
    assert any("is gone from" in note for note in ctx.notes)
    assert (path / "s1" / "a").read_text() == "committed\n"
    assert ticket.git("status", "--porcelain", cwd=path) == ""


def test_a_worktree_that_git_had_forgotten_comes_back_registered(ticket: Belongings) -> None:
    path = ticket.open(1)
    tip = ticket.commit(1, {"s1/a": "committed\n"})
    (path / "s1" / "a").write_text("changed\n")
    shutil.rmtree(ticket.git("rev-parse", "--absolute-git-dir", cwd=path))
    ticket.remove(1, force_dirty=True, force_unmerged=True)
    ticket.restore("1")
    assert ticket.worktrees()[f"{path}"] == ticket.branch(1)
    assert ticket.git("rev-parse", "HEAD", cwd=path) == tip
    assert ticket.git("status", "--porcelain", cwd=path) == " M s1/a"
    require_nothing_left(ticket)


# -- what is refused


def blocked(ticket: Belongings, what: str = "1") -> str:
    """The message of the refusal; the entry is still there, whole."""
    before = ticket.listed()
    journal_before = ticket.context().store.events("dev", "dev-1")
    error = refusal(lambda: ticket.restore(what))
    assert error.code == "restore-blocked"
    assert ticket.listed() == before
    assert ticket.context().store.events("dev", "dev-1") == journal_before
    assert ticket.entry(1) is None
    assert Path(before[0].place).exists()
    return error.message


def test_a_path_that_is_taken_is_named_and_left_alone(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.remove(1)
    path.mkdir()
    (path / "theirs").write_text("theirs\n")
    assert f"'{path}' is taken" in blocked(ticket)
    assert [one.name for one in path.iterdir()] == ["theirs"]
    (path / "theirs").unlink()
    ticket.restore("1")  # an empty directory takes nothing


def test_a_branch_that_exists_again_is_named(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1)
    ticket.remove(1, force_unmerged=True)
    ticket.git("branch", ticket.branch(1), "main")
    assert f"the branch '{ticket.branch(1)}' exists again" in blocked(ticket)
    ticket.git("branch", "-m", ticket.branch(1), "theirs")
    ticket.restore("1")
    assert ticket.git("rev-parse", "theirs") == ticket.git("rev-parse", "main")


def test_a_branch_that_somebody_made_again_where_it_was_is_used(ticket: Belongings) -> None:
    ticket.open(1)
    tip = ticket.commit(1)
    ticket.remove(1, force_unmerged=True)
    ticket.git("branch", ticket.branch(1), tip)
    ticket.restore("1")
    assert ticket.worktrees()[f"{ticket.path(1)}"] == ticket.branch(1)


def test_a_branch_that_is_checked_out_elsewhere_is_named(ticket: Belongings, tmp_path: Path) -> None:
    ticket.open(1)
    tip = ticket.commit(1)
    ticket.remove(1, force_unmerged=True)
    ticket.git("worktree", "add", "-q", "-b", ticket.branch(1), f"{tmp_path / 'theirs'}", tip)
    assert f"{tmp_path / 'theirs'}" in blocked(ticket)


def test_a_stage_that_somebody_opened_since_is_held(ticket: Belongings) -> None:
    ticket.open(1)
    (gone,) = ticket.remove(1)
    ticket.open(1)
    error = refusal(lambda: ticket.restore(gone.trash))
    assert (error.code, error.status) == ("held", 3)
    assert [entry.id for entry in ticket.listed()] == [gone.trash]


def test_a_stage_of_an_earlier_task_does_not_come_into_a_later_one(ticket: Belongings) -> None:
    from git_okstra.operations import start

    ticket.open(1)
    gone = {one.number: one.trash for one in ticket.remove()}
    start.start(ticket.context(), start.Request("fix", "DEV-1", base="main"))
    error = refusal(lambda: ticket.restore(gone[1]))
    assert error.code == "restore-blocked"
    assert "started anew on 'fix-dev-1'" in error.message
    assert refusal(lambda: ticket.restore(gone[TASK])).code == "held"


@pytest.mark.parametrize("what", ["nothing", "7", "20200101T000000-dev-1-s1", "20200101T000000-x", "../x", "-", "a\nb"])
def test_what_the_trash_does_not_hold_is_said(ticket: Belongings, what: str) -> None:
    ticket.open(1)
    ticket.remove(1)
    error = refusal(lambda: ticket.restore(what))
    assert (error.code, error.status) == ("no-such-trash", 2)
    assert error.hint.endswith("git okstra restore")


def test_what_is_back_already_is_said_to_its_owner_and_to_others(ticket: Belongings) -> None:
    """Run again after it was cut short at the very end, it has nothing left to do."""
    ticket.open(1)
    (gone,) = ticket.remove(1)
    ticket.restore(gone.trash)
    assert ticket.restore(gone.trash).path == f"{ticket.path(1)}"
    assert refusal(lambda: ticket.restore(gone.trash, env=BOB)).code == "held"
    assert refusal(lambda: ticket.restore("1")).code == "no-such-trash"
    assert refusal(lambda: ticket.restore("1", env=BOB)).code == "no-such-trash"
    assert refusal(lambda: ticket.restore("20200101T000000-dev-1-s1")).code == "no-such-trash"


def test_a_dry_run_changes_nothing(ticket: Belongings) -> None:
    ticket.open(1)
    (gone,) = ticket.remove(1)
    back = ticket.restore("1", dry_run=True)
    assert back.path == f"{ticket.path(1)}"
    assert [entry.id for entry in ticket.listed()] == [gone.trash]
    assert ticket.entry(1) is None
    assert not ticket.path(1).exists()


def test_a_task_in_the_trash_is_seen_from_a_repository_without_open_tasks(ticket: Belongings) -> None:
    ticket.remove()
    assert [entry.number for entry in ticket.listed()] == [TASK]


def test_an_entry_that_cannot_be_read_is_named_and_hides_no_other(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.open(3)
    (first,), (second,) = ticket.remove(1), ticket.remove(3)
    path = Path(ticket.context().store.trash_path(first.trash), "entry.json")
    for content, code in (('{"format": 99}', "newer-format"), ("{", "damaged-file"), ("{}", "damaged-file")):
        path.write_text(content)
        assert [entry.id for entry in ticket.listed()] == [second.trash]
        assert refusal(lambda: ticket.restore(first.trash)).code == code
