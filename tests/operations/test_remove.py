"""`remove`: refuses while work would be lost, says all that speaks against it, and loses nothing when made to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.git import worktrees
from git_okstra.operations import remove
from git_okstra.operations.context import Context
from git_okstra.operations.targets import Target
from git_okstra.state import trash
from support import plans
from support.belongings import Belongings, files, refusal
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: (1,), 3: (), 4: ()})
BOB = {"OKSTRA_OWNER": "bob"}


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    return Belongings(repository, PLAN)


def untouched(ticket: Belongings, *numbers: int) -> None:
    """Nothing happened to these: reservation, worktree, branch, and nothing is in the trash."""
    for number in numbers:
        entry = ticket.entry(number)
        assert entry is not None
        assert (entry.state, entry.trash, entry.purpose) == ("active", "", "")
        assert ticket.worktrees()[f"{ticket.path(number)}"] == ticket.branch(number)
    assert ticket.listed() == []
    assert ticket.refs("refs/okstra") == {}
    assert ticket.events("removed") == []


# -- what goes


def test_a_clean_stage_without_commits_goes_whole(ticket: Belongings) -> None:
    ticket.open(1)
    tip = ticket.tip(1)
    (gone,) = ticket.remove(1)
    assert (gone.key, gone.number, gone.path) == (ticket.task.key, 1, f"{ticket.path(1)}")
    assert (gone.branch, gone.tip, gone.uncommitted) == ("feat-dev-1-s1", tip, 0)
    assert gone.restore == f"git okstra restore {gone.trash}"
    assert re.fullmatch(r"[0-9]{8}T[0-9]{6}-dev-1-s1", gone.trash)
    assert not ticket.path(1).exists()
    assert ticket.refs("refs/heads").keys() == {"refs/heads/main", "refs/heads/feat-dev-1"}
    assert ticket.worktrees().keys() == {f"{ticket.path()}"}
    assert ticket.entry(1) is None
    assert ticket.history.stage(1).state is None
    assert ticket.refs("refs/okstra") == {f"refs/okstra/trash/{gone.trash}/head": tip}
    (event,) = ticket.events("removed")
    assert (event.stage, event.data["tip"], event.data["keeps"]) == (1, tip, False)
    assert ticket.context().store.trash_ids() == [gone.trash]


def test_a_removed_stage_can_be_opened_anew(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1)
    ticket.remove(1, force_unmerged=True)
    path = ticket.open(1)
    assert not (path / "s1").exists()
    assert ticket.history.stage(1).state == journal.OPEN


def test_a_merged_stage_goes_without_being_asked_and_stays_done(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.merge(1)
    ticket.remove(1)
    stage = ticket.history.stage(1)
    assert (stage.state, stage.head) == (journal.DONE, head)
    (event,) = ticket.events("removed")
    assert event.data["keeps"] is True
    ticket.open(2)  # what depends on it goes on


def test_a_task_goes_with_all_its_stages(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.open(3)
    ticket.commit(3)
    ticket.merge(1)
    gone = ticket.remove(force_unmerged=True)
    assert [one.number for one in gone] == [3, 1, TASK]
    assert ticket.worktrees() == {}
    assert ticket.refs("refs/heads").keys() == {"refs/heads/main"}
    assert ticket.context().registry.record(ticket.task.key) is None
    assert ticket.context().store.open_tasks() == []
    assert ticket.history.task == journal.REMOVED
    assert {entry.number for entry in ticket.listed()} == {TASK, 1, 3}


def test_a_dry_run_says_what_would_go_and_changes_nothing(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    gone = ticket.remove(dry_run=True, force_dirty=True)
    assert [(one.number, one.trash, one.uncommitted) for one in gone] == [(1, "", 5), (TASK, "", 0)]
    assert ticket.belongings(1) == before
    untouched(ticket, TASK, 1)


def test_ignored_files_are_no_reason_to_refuse_and_go_along(ticket: Belongings) -> None:
    path = ticket.open(1)
    (ticket.repository.path / ".git/info").mkdir(exist_ok=True)
    (ticket.repository.path / ".git/info/exclude").write_text(".env\n")
    (path / ".env").write_text("SECRET=1\n")
    ticket.remove(1)
    (entry,) = ticket.listed()
    assert Path(entry.place, ".env").read_text() == "SECRET=1\n"


# -- what is refused


@pytest.mark.parametrize("kind", ["changed", "staged", "untracked", "deleted", "conflicted", "untracked directory"])
def test_what_no_commit_holds_is_refused_and_named(ticket: Belongings, kind: str) -> None:
    path = ticket.open(1)
    name = "README.md"
    if kind == "changed":
        (path / name).write_text("changed\n")
    elif kind == "staged":
        (path / name).write_text("changed\n")
        ticket.git("add", name, cwd=path)
    elif kind == "untracked":
        name = "new file"
        (path / name).write_text("new\n")
    elif kind == "deleted":
        (path / name).unlink()
    elif kind == "untracked directory":
        name = "new/"
        (path / "new").mkdir()
        (path / "new" / "file").write_text("new\n")
    else:
        ticket.commit(1, {name: "ours\n"})
        ticket.repository.commit({name: "theirs\n"})
        assert ticket.git.run("merge", "main", cwd=path).status == 1
    before = ticket.belongings(1)
    error = refusal(lambda: ticket.remove(1, force_unmerged=True))
    assert error.code == "dirty-worktree"
    assert name in error.message
    assert error.hint.endswith("git okstra remove 1 -D -f")
    assert ticket.belongings(1) == before
    untouched(ticket, 1)
    ticket.remove(1, force_dirty=True, force_unmerged=True)
    assert not path.exists()


def test_configuration_cannot_hide_what_is_untracked(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("config", "status.showUntrackedFiles", "no")
    (path / "new").write_text("new\n")
    assert refusal(lambda: ticket.remove(1)).code == "dirty-worktree"


def test_commits_on_no_other_branch_are_refused_and_named(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1, {"s1/a": "a\n"}, "the first")
    tip = ticket.commit(1, {"s1/b": "b\n"}, "the second")
    error = refusal(lambda: ticket.remove(1, force_dirty=True))
    assert error.code == "unmerged-commits"
    assert "2 commits that are on no other branch" in error.message
    assert "the first" in error.message
    assert "the second" in error.message
    assert f"git branch NAME {tip[:12]}" in error.hint
    untouched(ticket, 1)
    ticket.remove(1, force_unmerged=True)
    assert ticket.git("cat-file", "-t", tip) == "commit"


@pytest.mark.parametrize("where", ["branch", "remote", "task"])
def test_commits_that_another_branch_has_are_nobody_to_ask_about(ticket: Belongings, where: str) -> None:
    ticket.open(1)
    tip = ticket.commit(1)
    if where == "branch":
        ticket.git("branch", "kept", tip)
    elif where == "remote":
        ticket.git("update-ref", "refs/remotes/origin/kept", tip)
    else:
        ticket.git("merge", "-q", "--no-ff", "--no-edit", tip, cwd=ticket.path())
    ticket.remove(1)


def test_a_tag_is_no_branch(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.git("tag", "kept", ticket.commit(1))
    assert refusal(lambda: ticket.remove(1)).code == "unmerged-commits"


@pytest.mark.parametrize("way", ["squash", "cherry-pick"])
def test_a_stage_merged_under_other_ids_is_recognised(ticket: Belongings, way: str) -> None:
    ticket.open(1)
    ticket.commit(1, {"s1/a": "a\n"})
    ticket.commit(1, {"s1/b": "b\n"})
    ticket.commit(TASK, {"README.md": "moved on\n"})
    if way == "squash":
        ticket.git("merge", "-q", "--squash", ticket.branch(1), cwd=ticket.path())
        ticket.git("commit", "-q", "-m", "squashed", cwd=ticket.path())
    else:
        ticket.git("cherry-pick", f"main..{ticket.branch(1)}", cwd=ticket.path())
    ticket.remove(1)
    # its own commits are not in the task branch, so it is not done by that
    assert ticket.history.stage(1).state is None


def test_a_task_merged_into_its_base_needs_no_asking(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.merge(1)
    ticket.git("merge", "-q", "--squash", ticket.branch())
    ticket.git("commit", "-q", "-m", "squashed")
    assert [one.number for one in ticket.remove()] == [1, TASK]


def test_a_detached_head_is_looked_at_too(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("switch", "-q", "--detach", cwd=path)
    ticket.commit(1, {"s1/a": "a\n"}, "adrift")
    error = refusal(lambda: ticket.remove(1))
    assert error.code == "unmerged-commits"
    assert "adrift" in error.message
    before = ticket.belongings(1)
    ticket.remove(1, force_unmerged=True)
    ticket.git("reflog", "expire", "--expire=all", "--all")
    ticket.git("gc", "-q", "--prune=now")
    ticket.restore("1")
    assert ticket.belongings(1) == before


def test_a_worktree_with_another_branch_keeps_that_branch(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("switch", "-q", "-c", "another", cwd=path)
    other = ticket.commit(1)
    ticket.remove(1)
    assert ticket.refs("refs/heads")["refs/heads/another"] == other
    assert not path.exists()
    ticket.restore("1")
    assert ticket.worktrees()[f"{path}"] == "another"


def test_a_branch_that_another_worktree_has_is_refused(ticket: Belongings, tmp_path: Path) -> None:
    path = ticket.open(1)
    ticket.git("switch", "-q", "--detach", cwd=path)
    ticket.git("worktree", "add", "-q", f"{tmp_path / 'other'}", ticket.branch(1))
    error = refusal(lambda: ticket.remove(1, force_dirty=True, force_unmerged=True))
    assert error.code == "wrong-branch"
    assert f"git -C '{tmp_path / 'other'}' switch --detach" in error.hint
    assert ticket.entry(1) is not None
    ticket.git("switch", "-q", "--detach", cwd=tmp_path / "other")
    ticket.remove(1)
    assert (tmp_path / "other" / "README.md").exists()


def test_a_locked_worktree_is_refused_with_its_reason(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("worktree", "lock", "--reason", "on a stick", f"{path}")
    error = refusal(lambda: ticket.remove(1, force_dirty=True, force_unmerged=True))
    assert error.code == "worktree-locked"
    assert error.message.endswith(": on a stick")
    assert f"git worktree unlock '{path}'" in error.hint
    ticket.git("worktree", "unlock", f"{path}")
    ticket.remove(1)


@pytest.mark.skipif(sys.platform != "linux", reason="who stands where is known on Linux alone")
def test_a_worktree_in_which_a_process_stands_is_refused(ticket: Belongings) -> None:
    path = ticket.open(1)
    (path / "deep").mkdir()
    sleeper = subprocess.Popen(["sleep", "60"], cwd=path / "deep")
    try:
        error = refusal(lambda: ticket.remove(1, force_dirty=True, force_unmerged=True))
        assert error.code == "worktree-occupied"
        assert f"{sleeper.pid} (sleep)" in error.message
    finally:
        sleeper.kill()
        sleeper.wait()
    ticket.remove(1)


@pytest.mark.skipif(sys.platform != "linux", reason="who stands where is known on Linux alone")
@pytest.mark.parametrize("stays", [False, True])
def test_a_git_that_passes_through_is_no_occupant(ticket: Belongings, stays: bool) -> None:
    """A prompt or an editor asks git for the status all the time."""
    path = ticket.open(1)
    waiting = subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=path, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert waiting.stdin is not None
    real = worktrees.occupants

    def look(place: str) -> list[tuple[int, str]]:
        found = real(place)
        if not stays:
            waiting.communicate()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worktrees, "occupants", look)
        if stays:
            assert refusal(lambda: ticket.remove(1)).code == "worktree-occupied"
            waiting.communicate()
        else:
            ticket.remove(1)


def test_everything_that_speaks_against_it_is_said_at_once(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.commit(1, message="only here")
    ticket.git("worktree", "lock", f"{ticket.path(1)}")
    path = ticket.open(3)
    (path / "new").write_text("new\n")
    (ticket.path() / "loose").write_text("new\n")
    error = refusal(lambda: ticket.remove())
    assert error.code == "worktree-locked"
    assert error.message.startswith("4 things speak against it:")
    for part in ("is locked", "stage 1 of DEV-1 has 1 commit", "stage 3 of DEV-1 has 1 untracked", "task DEV-1 has 1"):
        assert part in error.message
    assert error.hint.endswith("git okstra remove task -f -D")
    untouched(ticket, TASK, 1, 3)


def test_an_open_stage_of_someone_else_is_refused(ticket: Belongings) -> None:
    ticket.open(1)
    error = refusal(lambda: ticket.remove(1, env=BOB, force_dirty=True, force_unmerged=True))
    assert (error.code, error.status) == ("held", 3)
    error = refusal(lambda: ticket.remove(env=BOB, force_dirty=True, force_unmerged=True))
    assert error.code == "held"
    assert "stage 1" in error.message
    assert "task DEV-1" in error.message
    untouched(ticket, TASK, 1)


def test_a_merged_stage_of_someone_else_may_be_removed_by_anyone(ticket: Belongings) -> None:
    ticket.work(1)
    ticket.merge(1)
    ticket.remove(1, env=BOB)
    (entry,) = ticket.listed()
    assert entry.removed_by == "bob"
    assert entry.owner != "bob"


def test_a_stage_that_others_started_from_is_refused_until_it_is_merged(ticket: Belongings) -> None:
    head = ticket.work(1)
    ticket.open(2)
    ticket.git("branch", "kept", head)
    error = refusal(lambda: ticket.remove(1))
    assert error.code == "unmerged-commits"
    assert "stage 2 started from it" in error.message
    assert "git okstra merge 1" in error.hint
    ticket.merge(1)
    ticket.remove(1)
    assert ticket.history.stage(1).state == journal.DONE


def test_a_merge_that_is_not_through_is_refused(ticket: Belongings) -> None:
    ticket.work(1, {"s1/a": "one\n"})
    ticket.commit(TASK, {"s1/a": "other\n"})
    with pytest.raises(OkstraError):
        ticket.merge(1)
    error = refusal(lambda: ticket.remove(force_dirty=True, force_unmerged=True))
    assert error.code == "merge-in-progress"
    assert "git okstra merge --abort" in error.hint
    untouched(ticket, TASK, 1)


@pytest.mark.parametrize("verb", ["remove", "abandon"])
def test_a_stage_whose_merge_is_not_through_stays(ticket: Belongings, verb: str) -> None:
    for number in (1, 2):
        ticket.work(number, {f"s{number}/a": "one\n"})
    ticket.commit(TASK, {"s2/a": "other\n"})
    with pytest.raises(OkstraError):
        ticket.merge()
    force = {"force_dirty": True, **({"force_unmerged": True} if verb == "remove" else {})}
    error = refusal(lambda: getattr(ticket, verb)(2, **force))
    assert (error.code, "the merge of stage 2" in error.message) == ("merge-in-progress", True)
    untouched(ticket, TASK, 1, 2)
    ticket.remove(1, force_dirty=True)


def test_a_worktree_with_another_one_that_lies_inside_is_refused(ticket: Belongings) -> None:
    """That one would go along, and is not ours."""
    path = ticket.open(1)
    ticket.git("worktree", "add", "-q", "-b", "theirs", f"{path / 'theirs'}")
    error = refusal(lambda: ticket.remove(1, force_dirty=True, force_unmerged=True))
    assert error.code == "worktree-occupied"
    assert f"git worktree move '{path / 'theirs'}'" in error.hint
    ticket.git("worktree", "remove", f"{path / 'theirs'}")
    ticket.remove(1)


def test_what_nobody_holds_cannot_be_removed(ticket: Belongings) -> None:
    assert refusal(lambda: ticket.remove(1)).code == "stage-not-open"
    ticket.remove()
    assert refusal(lambda: ticket.remove()).code == "no-such-task"


# -- submodules


@pytest.fixture
def with_submodule(ticket: Belongings, tmp_path: Path) -> Path:
    """The worktree of stage 1, with the submodule `lib` initialised."""
    lib = ScratchRepository(tmp_path / "lib")
    lib.path.mkdir()
    lib.git("init", "-q", "-b", "main")
    lib.commit({"lib": "lib\n"})
    ticket.git("config", "--global", "protocol.file.allow", "always")
    ticket.git("submodule", "--quiet", "add", f"{lib.path}", "lib", cwd=ticket.path())
    ticket.git("commit", "-q", "-m", "with lib", cwd=ticket.path())
    path = ticket.open(1)
    ticket.git("submodule", "--quiet", "update", "--init", cwd=path)
    return path


def test_a_submodule_without_work_of_its_own_is_no_reason(ticket: Belongings, with_submodule: Path) -> None:
    ticket.remove(1)
    assert not with_submodule.exists()


def test_a_submodule_with_work_of_its_own_is_refused_and_comes_back(ticket: Belongings, with_submodule: Path) -> None:
    inside = with_submodule / "lib"
    ticket.git("switch", "-q", "-c", "own", cwd=inside)
    own = ticket.repository.commit({"own": "x\n"}, cwd=inside)
    (inside / "new").write_text("new\n")
    assert refusal(lambda: ticket.remove(1)).code == "dirty-worktree"
    error = refusal(lambda: ticket.remove(1, force_dirty=True))
    assert error.code == "submodule-work"
    assert "'lib'" in error.message
    before = files(with_submodule)
    ticket.remove(1, force_dirty=True, force_unmerged=True)
    ticket.restore("1")
    assert files(with_submodule) == before
    assert ticket.git("rev-parse", "HEAD", cwd=inside) == own
    assert ticket.git("status", "--porcelain", cwd=inside) == "?? new"
    assert ticket.git("submodule", "status", cwd=with_submodule).startswith(f"+{own} lib")


# -- what is damaged or not ours


def test_a_worktree_whose_directory_is_gone_can_still_be_removed(ticket: Belongings) -> None:
    ticket.open(1)
    tip = ticket.commit(1)
    shutil.rmtree(ticket.path(1))
    assert refusal(lambda: ticket.remove(1)).code == "unmerged-commits"
    (gone,) = ticket.remove(1, force_unmerged=True)
    assert gone.tip == tip
    assert ticket.worktrees().keys() == {f"{ticket.path()}"}
    assert ticket.entry(1) is None


@pytest.mark.parametrize("damage", ["pruned", "no .git", "no index", "damaged index"])
def test_a_worktree_that_git_cannot_read_is_taken_along_only_when_forced(ticket: Belongings, damage: str) -> None:
    path = ticket.open(1)
    (path / "precious").write_text("precious\n")
    admin = Path(ticket.git("rev-parse", "--absolute-git-dir", cwd=path))
    if damage == "pruned":
        shutil.rmtree(admin)
    elif damage == "no .git":
        (path / ".git").unlink()
    elif damage == "no index":
        (admin / "index").unlink()
    else:
        (admin / "index").write_bytes(b"no index at all, but long enough to be one")
    assert refusal(lambda: ticket.remove(1)).code == "dirty-worktree"
    ticket.remove(1, force_dirty=True)
    (entry,) = ticket.listed()
    assert Path(entry.place, "precious").read_text() == "precious\n"
    assert ticket.worktrees().keys() == {f"{ticket.path()}"}
    assert ticket.git.run("worktree", "list").status == 0


@pytest.mark.parametrize("what", ["repository", "other worktree", "file"])
def test_what_somebody_put_in_its_place_is_left_alone(ticket: Belongings, what: str) -> None:
    path = ticket.open(1)
    ticket.git("worktree", "remove", f"{path}")
    if what == "repository":
        ticket.git("init", "-q", f"{path}")
        (path / "theirs").write_text("theirs\n")
    elif what == "other worktree":
        ticket.git("worktree", "add", "-q", "-b", "theirs", f"{path}")
        (path / "theirs").write_text("theirs\n")
    else:
        path.write_text("theirs\n")
    ctx = ticket.context()
    (gone,) = remove.remove(ctx, Target(ticket.task, 1), force_dirty=True, force_unmerged=True).items
    assert gone.uncommitted == 0
    assert any("left alone" in note for note in ctx.notes)
    assert (path if what == "file" else path / "theirs").read_text() == "theirs\n"
    assert ticket.entry(1) is None
    if what == "other worktree":
        assert ticket.worktrees()[f"{path}"] == "theirs"


def test_a_worktree_added_by_hand_on_our_branch_is_ours(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("worktree", "remove", f"{path}")
    ticket.git("worktree", "add", "-q", f"{path}", ticket.branch(1))
    ticket.remove(1)
    assert not path.exists()


def test_a_worktree_that_was_moved_is_found(ticket: Belongings, tmp_path: Path) -> None:
    path = ticket.open(1)
    (path / "new").write_text("new\n")
    moved = tmp_path / "elsewhere"
    ticket.git("worktree", "move", f"{path}", f"{moved}")
    assert refusal(lambda: ticket.remove(1)).code == "dirty-worktree"
    (gone,) = ticket.remove(1, force_dirty=True)
    assert gone.path == f"{moved}"
    assert not moved.exists()
    assert ticket.restore("1").path == f"{moved}"
    assert (moved / "new").read_text() == "new\n"
    entry = ticket.entry(1)
    assert entry is not None
    assert entry.path == f"{moved}"


def test_bystanders_are_left_alone(ticket: Belongings, tmp_path: Path) -> None:
    """A worktree whose directory is away for now (a stick, a mount) stays registered."""
    other = tmp_path / "other"
    ticket.git("worktree", "add", "-q", "-b", "bystander", f"{other}")
    other.rename(tmp_path / "away")
    ticket.open(1)
    ticket.remove()
    assert ticket.worktrees() == {f"{other}": "bystander"}


def test_a_branch_that_is_gone_does_not_hinder(ticket: Belongings) -> None:
    path = ticket.open(1)
    ticket.git("switch", "-q", "--detach", cwd=path)
    ticket.git("branch", "-D", ticket.branch(1))
    (gone,) = ticket.remove(1)
    assert gone.tip is None
    ticket.restore("1")
    assert path.exists()


def test_a_branch_that_moves_meanwhile_is_not_deleted(ticket: Belongings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody commits between the look and the removal: their commit was never asked about."""
    path = ticket.open(1)
    look = remove.examine_all

    def look_and_be_late(*args: object, **more: object) -> object:
        found = look(*args, **more)  # type: ignore[arg-type]
        ticket.commit(1, message="just in time")
        return found

    monkeypatch.setattr(remove, "examine_all", look_and_be_late)
    error = refusal(lambda: ticket.remove(1))
    assert error.code == "branch-moved"
    untouched(ticket, 1)
    assert ticket.git("log", "-1", "--format=%s", cwd=path) == "just in time"


def test_the_directory_that_cannot_be_moved_leaves_everything_as_it_was(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    home = Path(os.environ["OKSTRA_HOME"], "worktrees", ".trash")
    home.mkdir(mode=0o700)
    # What a full disk or a read-only file system answers; root may write anywhere, so a file is put in the way.
    real = os.rename

    def failing(source: str, target: str) -> None:
        if f"{target}".endswith("/worktree"):
            raise OSError(30, "Read-only file system")
        real(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", failing)
        error = refusal(lambda: ticket.remove(1, force_dirty=True))
    assert error.code == "cannot-write"
    assert "Read-only file system" in error.message
    assert ticket.belongings(1) == before
    untouched(ticket, 1)
    assert list(home.iterdir()) == []
    ticket.remove(1, force_dirty=True)


def test_a_trash_that_cannot_be_made_leaves_everything_as_it_was(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    blocked = Path(os.environ["OKSTRA_HOME"], "worktrees", ".trash")
    blocked.write_text("a file is in the way\n")
    assert refusal(lambda: ticket.remove(1, force_dirty=True)).code == "cannot-write"
    assert ticket.belongings(1) == before
    untouched(ticket, 1)
    assert not [path for path in Path(ticket.context().registry.root, "holds").rglob("*") if path.is_file()]
    blocked.unlink()
    ticket.remove(1, force_dirty=True)


def test_on_another_mount_the_trash_lies_beside_the_worktree(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    real = os.rename

    def other_mount(source: str, target: str) -> None:
        if f"{target}".endswith("/worktree") and "/worktrees/.trash/" in f"{target}":
            raise OSError(18, "Invalid cross-device link")
        real(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", other_mount)
        (gone,) = ticket.remove(1, force_dirty=True)
    (entry,) = ticket.listed()
    beside = ticket.path(1).parent / ".okstra-trash"
    assert entry.place == f"{beside}/{gone.trash}/worktree"
    ticket.restore(gone.trash)
    assert ticket.belongings(1) == before
    assert not beside.exists()


# -- in place and flat


@pytest.fixture
def in_place(repository: ScratchRepository, tmp_path: Path) -> Belongings:
    """A task bound to a linked worktree that okstra did not make."""
    path = tmp_path / "mine"
    repository.git("worktree", "add", "-q", "-b", "mine", f"{path}")
    return InPlace(repository, path)


class InPlace(Belongings):
    """The task is bound in place."""

    def __init__(self, repository: ScratchRepository, path: Path) -> None:
        self.place = path
        super().__init__(repository, PLAN)

    def context(self, where: object = None, **env: str):  # type: ignore[no-untyped-def]
        return super().context(self.place, **env)

    def path(self, number: int = TASK) -> Path:
        return self.place


def test_a_task_in_place_gives_back_the_reservation_alone(in_place: Belongings) -> None:
    in_place.commit(TASK, {"own": "x\n"})
    (in_place.path() / "new").write_text("new\n")
    tip = in_place.git("rev-parse", "mine")
    (gone,) = in_place.remove()
    assert (gone.trash, gone.restore, gone.branch) == ("", "", "mine")
    assert in_place.entry() is None
    assert in_place.history.task == journal.REMOVED
    assert in_place.git("rev-parse", "mine") == tip
    assert (in_place.path() / "new").exists()
    assert not Path(in_place.git("rev-parse", "--absolute-git-dir", cwd=in_place.path()), "okstra").exists()
    assert in_place.listed() == []
    assert in_place.context().store.trash_ids() == []


def test_a_flat_stage_gives_back_the_reservation_alone(ticket: Belongings) -> None:
    ticket.open(1, flat=True)
    tip = ticket.commit(TASK, {"s1/a": "a\n"})
    ticket.done(1)
    (gone,) = ticket.remove(1)
    assert gone.trash == ""
    assert ticket.tip() == tip
    assert ticket.entry(1) is None
    assert ticket.history.stage(1).state == journal.DONE
    assert ticket.worktrees() == {f"{ticket.path()}": ticket.branch()}


def test_a_flat_stage_that_is_open_may_be_opened_again(ticket: Belongings) -> None:
    ticket.open(1, flat=True)
    ticket.remove(1)
    assert ticket.history.stage(1).state is None
    ticket.open(1)


# -- ids and places


def test_two_removals_in_one_second_get_two_ids(ticket: Belongings) -> None:
    ids = set()
    for _ in range(3):
        ticket.open(1)
        (gone,) = ticket.remove(1)
        ids.add(gone.trash)
    assert len(ids) == 3
    assert {entry.id for entry in ticket.listed()} == ids


def test_an_id_is_never_given_twice(ticket: Belongings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when it is free again: the journal tells operations apart by it."""
    monkeypatch.setattr(Context, "now", lambda _: "2025-01-02T03:04:05Z")
    for number in range(3):
        ticket.open(1)
        (gone,) = ticket.remove(1)
        ticket.restore(gone.trash)
        assert len(ticket.events("removed")) == number + 1
        assert len(ticket.events("restored")) == number + 1


def test_the_place_of_another_repositorys_trash_is_not_taken(ticket: Belongings) -> None:
    ctx = ticket.context()
    home = Path(os.environ["OKSTRA_HOME"], "worktrees", ".trash")
    (home / "20250102T030405-dev-1-s3").mkdir(parents=True)
    wanted = (ctx.store, "2025-01-02T03:04:05Z", ticket.task.key, 3, f"{home}")
    assert trash.free_id(*wanted) == "20250102T030405-dev-1-s3.2"
    Path(ctx.store.trash_path("20250102T030405-dev-1-s3.2")).mkdir(parents=True)
    assert trash.free_id(*wanted) == "20250102T030405-dev-1-s3.3"


def test_the_trash_is_closed_to_others(ticket: Belongings) -> None:
    ticket.open(1)
    ticket.remove(1)
    (entry,) = ticket.listed()
    for path in (Path(entry.place).parents[0], Path(entry.place).parents[1]):
        assert path.stat().st_mode & 0o077 == 0


def test_a_trashed_worktree_leads_git_nowhere(ticket: Belongings) -> None:
    """Its `.git` would lead to whoever gets the name next, and git writes to where it leads."""
    ticket.open(1)
    ticket.remove(1)
    (entry,) = ticket.listed()
    ticket.open(1)
    assert not Path(entry.place, ".git").exists()
    assert ticket.worktrees()[f"{ticket.path(1)}"] == ticket.branch(1)
