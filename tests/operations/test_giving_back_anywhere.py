"""Removing and bringing back in all kinds of repositories and places, and of what was never quite made."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.operations import doctor, prune
from support import plans, preloaded, processes
from support.belongings import Belongings, files, refusal
from support.processes import Ended
from support.repositories import ScratchRepository
from support.workbench import Snapshot

PLAN = plans.of({1: (), 2: (1,)})


def there_and_back(ticket: Belongings) -> None:
    """Stage and task are removed with all that is in them, and come back; then they are abandoned and pruned."""
    ticket.open(1)
    ticket.commit(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    gone = ticket.remove(force_dirty=True, force_unmerged=True)
    assert ticket.worktrees() == {}
    ticket.git("gc", "-q", "--prune=now")
    for one in reversed(gone):
        ticket.restore(one.trash)
    assert ticket.belongings(1) == before
    assert ticket.listed() == []
    assert [one for one in doctor.examine(ticket.context()) if one.severity != "note"] == []
    ticket.abandon(1, force_dirty=True)
    assert ticket.refs("refs/okstra/abandoned").keys() == {f"refs/okstra/abandoned/{ticket.branch(1)}"}
    assert ticket.listed()[0].number == 1
    assert len(prune.prune(ticket.context(OKSTRA_TRASH_KEEP="0s")).emptied) == 1
    assert ticket.listed() == []


def test_in_a_bare_repository(repository: ScratchRepository, tmp_path: Path) -> None:
    repository.git("clone", "-q", "--bare", f"{repository.path}", f"{tmp_path / 'bare.git'}")
    there_and_back(Belongings(ScratchRepository(tmp_path / "bare.git"), PLAN))


def test_in_a_repository_with_sha256(tmp_path: Path) -> None:
    repository = ScratchRepository(tmp_path / "long")
    repository.path.mkdir()
    repository.git("init", "-q", "-b", "main", "--object-format=sha256")
    repository.commit({"README.md": "# long\n"})
    there_and_back(Belongings(repository, PLAN))


def test_with_a_separate_git_directory(tmp_path: Path) -> None:
    repository = ScratchRepository(tmp_path / "apart")
    repository.path.mkdir()
    repository.git("init", "-q", "-b", "main", "--separate-git-dir", f"{tmp_path / 'git dir'}")
    repository.commit({"README.md": "# apart\n"})
    there_and_back(Belongings(repository, PLAN))


def test_in_oddly_named_places(
    make_repository: Callable[[str], ScratchRepository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKSTRA_HOME", str(tmp_path / ' a "b" 결제 %s'))
    there_and_back(Belongings(make_repository("-it's; a $shop"), PLAN, title="x"))


def test_with_ids_of_any_script(repository: ScratchRepository) -> None:
    from git_okstra.operations import remove, start
    from git_okstra.operations.targets import Target

    ticket = Belongings(repository, PLAN)
    for task_id in ("결제-12", "Ünï.cödé_9", "x" * 64, "a.b.2"):
        task = start.start(ticket.context(), start.Request("fix", task_id, base="main")).task
        (gone,) = remove.remove(ticket.context(), Target(task)).items
        assert ticket.restore(task_id).task_id == task_id
        remove.remove(ticket.context(), Target(task))
        assert len(ticket.listed()) == 1
        prune.prune(ticket.context(OKSTRA_TRASH_KEEP="0s"))
        assert gone.branch == task.branch


def test_on_another_file_system_it_stays_there(repository: ScratchRepository) -> None:
    home = Path(os.environ["OKSTRA_HOME"])
    home.mkdir(exist_ok=True)
    candidates = [Path(place) for place in ("/dev/shm", "/var/tmp", "/tmp") if os.access(place, os.W_OK)]
    other = next((place for place in candidates if place.stat().st_dev != home.stat().st_dev), None)
    if other is None:
        pytest.skip("there is no second file system to write to")
    ticket = Belongings(repository, PLAN)
    path = ticket.open(1)
    ticket.leave_in(1)
    place = other / f"okstra-test-{os.getpid()}"
    try:
        place.mkdir()
        subprocess.run(["cp", "-a", path, place / "wt"], check=True)
        shutil.rmtree(path)
        ticket.git("worktree", "repair", f"{place / 'wt'}")
        before = files(place / "wt")
        (gone,) = ticket.remove(1, force_dirty=True)
        (entry,) = ticket.listed()
        assert entry.place == f"{place}/.okstra-trash/{gone.trash}/worktree"
        assert [one.name for one in place.iterdir()] == [".okstra-trash"]
        ticket.restore("1")
        assert files(place / "wt") == before
        assert [one.name for one in place.iterdir()] == ["wt"]
        ticket.remove(1, force_dirty=True)
        assert len(prune.prune(ticket.context(OKSTRA_TRASH_KEEP="0s")).emptied) == 1
        assert list(place.iterdir()) == []
    finally:
        shutil.rmtree(place)


def test_by_git_itself_from_the_worktree_that_goes(repository: ScratchRepository) -> None:
    """`git -C` waits for us in that directory, which is no reason to refuse; somebody's shell in it would be."""
    ticket = Belongings(repository, PLAN)
    path = ticket.open(1)
    done = ticket.git.run("-C", f"{path}", "okstra", "remove", "1")
    assert done.status == 0, f"{done}"
    assert not path.exists()
    path = ticket.open(1)
    if os.path.isdir("/proc"):
        shell = processes.run(["sh", "-c", "git okstra remove 1; exit $?"], cwd=path)
        shell.require_error("worktree-occupied")


@pytest.mark.parametrize("variables", [{"GIT_DIR": ".git"}, {"GIT_INDEX_FILE": "/nowhere", "GIT_PREFIX": "x/"}])
def test_with_gits_variables_set(
    repository: ScratchRepository, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = Belongings(repository, PLAN)
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    with monkeypatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        (gone,) = ticket.remove(1, force_dirty=True)
        ticket.restore(gone.trash)
    assert ticket.belongings(1) == before


def test_from_another_repository_of_the_project_nothing_can_be_removed(
    repository: ScratchRepository, tmp_path: Path
) -> None:
    ticket = Belongings(repository, PLAN)
    clone = ScratchRepository(tmp_path / "elsewhere" / "shop")
    repository.git("clone", "-q", f"{repository.path}", f"{clone.path}")

    class There(Belongings):
        def __init__(self) -> None:
            self.repository, self.git, self.task = clone, clone.git, ticket.task

    assert refusal(lambda: There().remove()).code == "held"
    assert refusal(lambda: There().release()).code == "held"
    assert ticket.entry() is not None


def test_a_task_in_place_is_pruned_without_touching_it(repository: ScratchRepository, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    repository.git("worktree", "add", "-q", "-b", "mine", f"{path}")

    class InPlace(Belongings):
        def context(self, where: object = None, **env: str) -> Any:
            return super().context(path, **env)

        def approve(self, plan: object) -> None:
            pass

    ticket = InPlace(repository, PLAN)
    repository.commit({"a": "a\n"}, cwd=path)
    repository.git("merge", "-q", "mine")
    assert [one.number for one in prune.prune(ticket.context()).removed] == [TASK]
    assert ticket.worktrees() == {f"{path}": "mine"}
    assert ticket.entry() is None


@pytest.mark.timeout(600)
def test_what_was_never_quite_opened_can_be_removed(
    repository: ScratchRepository, okstra: Any, crash: Callable[..., Ended], tmp_path: Path
) -> None:
    ticket = Belongings(repository, PLAN)
    before = Snapshot(ticket, tmp_path / "kept")
    words = okstra.words("stage", "1")
    points = preloaded.crash_points(words, cwd=repository)
    removed = 0
    for number in range(3, len(points) + 1, 6):
        before.restore()
        assert crash(words, at=number, cwd=repository).killed
        if ticket.entry(1) is not None:
            ticket.remove(1, force_dirty=True, force_unmerged=True)
            removed += 1
            assert ticket.worktrees().keys() == {f"{ticket.path()}"}, points[number - 1]
            assert ticket.refs("refs/heads").keys() == {"refs/heads/main", "refs/heads/feat-dev-1"}, points[number - 1]
            assert ticket.restore("1").number == 1
            assert ticket.history.stage(1).state == journal.OPEN
            assert (ticket.path(1) / "README.md").exists(), points[number - 1]
            assert ticket.git("status", "--porcelain", cwd=ticket.path(1)) == "", points[number - 1]
        assert (ticket.open(1) / "README.md").exists()
    assert removed > 3


def test_a_refused_ref_update_leaves_it_to_be_finished(repository: ScratchRepository) -> None:
    """A hook of the user's may refuse the deletion of a branch: then nothing is lost, and the next run goes on."""
    ticket = Belongings(repository, PLAN)
    ticket.open(1)
    ticket.leave_in(1)
    before = ticket.belongings(1)
    hook = repository.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" = prepared ] && grep -q feat-dev-1-s1 && exit 1\nexit 0\n')
    hook.chmod(0o755)
    with pytest.raises(OkstraError) as caught:
        ticket.remove(1, force_dirty=True)
    assert caught.value.code == "git-failed"
    entry = ticket.entry(1)
    assert entry is not None
    assert entry.state == "releasing"
    hook.unlink()
    (gone,) = ticket.remove(1)
    ticket.restore(gone.trash)
    assert ticket.belongings(1) == before
