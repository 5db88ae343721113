"""Work that only a submodule has: found at any depth, and nothing else taken for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.git import submodules
from git_okstra.git.submodules import SubmoduleWork
from support.repositories import ScratchRepository


@pytest.fixture
def worktree(make_repository: Callable[[str], ScratchRepository], tmp_path: Path) -> Path:
    """A linked worktree with the submodule `lib dir/lib`, which has a submodule `deep` of its own; all initialised."""
    deep, lib, shop = (make_repository(name) for name in ("deep", "lib", "shop"))
    for repository in (deep, lib, shop):
        repository.git("config", "--global", "protocol.file.allow", "always")
    lib.git("submodule", "--quiet", "add", f"{deep.path}", "deep")
    lib.git("commit", "-q", "-m", "with deep")
    shop.git("submodule", "--quiet", "add", f"{lib.path}", "lib dir/lib")
    shop.git("commit", "-q", "-m", "with lib")
    path = tmp_path / "linked"
    shop.git("worktree", "add", "-q", "-b", "topic", f"{path}")
    shop.git("submodule", "--quiet", "update", "--init", "--recursive", cwd=path)
    return path


LIB, DEEP = "lib dir/lib", "lib dir/lib/deep"


def test_fresh_submodules_have_no_work(worktree: Path) -> None:
    assert submodules.work(f"{worktree}") == []


def test_submodules_that_are_not_initialised_have_none(worktree: Path, repository_of: ScratchRepository) -> None:
    repository_of.git("submodule", "--quiet", "deinit", "--force", "--all", cwd=worktree)
    assert submodules.work(f"{worktree}") == []


@pytest.fixture
def repository_of(worktree: Path) -> ScratchRepository:
    """For git and commits wherever they are wanted."""
    return ScratchRepository(worktree)


@pytest.mark.parametrize("path", [LIB, DEEP])
def test_changed_and_untracked_files_count(worktree: Path, path: str) -> None:
    (worktree / path / "README.md").write_text("changed\n")
    (worktree / path / "new").write_text("new\n")
    assert submodules.work(f"{worktree}") == [SubmoduleWork(path, 2, 0)]


def test_ignored_files_do_not_count(worktree: Path) -> None:
    (worktree / LIB / "build").write_text("x\n")
    (worktree.parent / "shop/.git/worktrees/linked/modules" / LIB / "info").mkdir(exist_ok=True)
    (worktree.parent / "shop/.git/worktrees/linked/modules" / LIB / "info" / "exclude").write_text("build\n")
    assert submodules.work(f"{worktree}") == []


def test_the_configuration_cannot_hide_changes(worktree: Path, repository_of: ScratchRepository) -> None:
    repository_of.git("config", "submodule.lib dir/lib.ignore", "all")
    repository_of.git("config", "diff.ignoreSubmodules", "all")
    repository_of.git("config", "--global", "status.showUntrackedFiles", "no")
    (worktree / LIB / "new").write_text("new\n")
    assert submodules.work(f"{worktree}") == [SubmoduleWork(LIB, 1, 0)]


@pytest.mark.parametrize("path", [LIB, DEEP])
def test_commits_that_were_not_pushed_count(worktree: Path, path: str, repository_of: ScratchRepository) -> None:
    inside = worktree / path
    repository_of.git("switch", "-q", "-c", "own", cwd=inside)
    repository_of.commit({"own": "1\n"}, cwd=inside)
    repository_of.commit({"own": "2\n"}, cwd=inside)
    repository_of.git("switch", "-q", "--detach", "HEAD~2", cwd=inside)
    repository_of.commit({"detached": "3\n"}, cwd=inside)
    found = {one.path: one for one in submodules.work(f"{worktree}")}
    assert found[path].commits == 3
    repository_of.git("push", "-q", "origin", "own", "HEAD:refs/heads/other", cwd=inside)
    assert all(one.commits == 0 for one in submodules.work(f"{worktree}"))


def test_the_stash_of_a_submodule_counts(worktree: Path, repository_of: ScratchRepository) -> None:
    (worktree / LIB / "README.md").write_text("changed\n")
    repository_of.git("stash", cwd=worktree / LIB)
    (found,) = submodules.work(f"{worktree}")
    assert (found.path, found.uncommitted) == (LIB, 0)
    assert found.commits > 0


def test_what_the_base_records_is_known_to_others(worktree: Path, repository_of: ScratchRepository) -> None:
    """A submodule may have been fetched by id: then its commit is on no remote-tracking branch, and still not ours."""
    inside = worktree / LIB
    head = repository_of.git("rev-parse", "HEAD", cwd=inside)
    tree = repository_of.git("rev-parse", "HEAD^{tree}", cwd=inside)
    elsewhere = repository_of.git("commit-tree", tree, "-p", head, "-m", "fetched by id", cwd=inside)
    repository_of.git("checkout", "-q", elsewhere, cwd=inside)
    repository_of.git("commit", "-q", "-a", "-m", "record it", cwd=worktree)
    base = repository_of.git("rev-parse", "HEAD", cwd=worktree)
    assert submodules.work(f"{worktree}") == [SubmoduleWork(LIB, 0, 1)]
    assert submodules.work(f"{worktree}", base) == []
    repository_of.commit({"own": "1\n"}, cwd=inside)
    assert submodules.work(f"{worktree}", base) == [SubmoduleWork(LIB, 0, 1)]


def test_a_worktree_without_submodules_has_none(repository: ScratchRepository) -> None:
    (repository.path / "new").write_text("new\n")
    assert submodules.work(f"{repository.path}") == []
