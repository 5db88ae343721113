"""Refs read from git's files are what git says, and what is not plainly there is left to git."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.git import loose, refs
from support import processes
from support.repositories import ScratchRepository

NAMES = ("main", "loose", "packed", "moved", "gone", "none", "deep/er", "결제-12", "a+b#c=d", "tagged", "fine.b")


@pytest.fixture
def several(repository: ScratchRepository) -> ScratchRepository:
    """Branches in a file of their own, in packed-refs, in both with different values, and one that was deleted."""
    for name in ("packed", "moved", "gone", "deep/er", "결제-12", "tagged"):
        repository.git("branch", name)
    repository.git("tag", "tagged")
    repository.git("tag", "-a", "-m", "x", "annotated")
    repository.git("pack-refs", "--all")
    later = repository.commit({"b": "b\n"})
    repository.git("branch", "-f", "moved", later)
    repository.git("branch", "-D", "gone")
    for name in ("loose", "a+b#c=d", "fine.b"):
        repository.git("branch", name)
    repository.git("update-ref", "refs/remotes/origin/main", later)
    repository.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    return repository


def test_a_branch_is_where_git_says(several: ScratchRepository, tmp_path: Path) -> None:
    several.git("worktree", "add", "-q", f"{tmp_path / 'linked'}", "loose")
    for git_dir in (several.path / ".git", several.path / ".git" / "worktrees" / "linked"):
        for name in NAMES:
            by_git = several.git.run("rev-parse", "--verify", "--quiet", f"refs/heads/{name}").out.strip() or None
            assert loose.branch(f"{git_dir}", name) == by_git, name


@pytest.mark.parametrize(
    "name", ["main~0", "main@{0}", "a..b", ".", "..", "../heads/main", "/main", "main/", "", "a b"]
)
def test_a_name_that_git_takes_apart_is_left_to_git(several: ScratchRepository, name: str) -> None:
    assert loose.branch(f"{several.path}/.git", name) is loose.UNKNOWN


def test_what_is_in_another_form_is_left_to_git(several: ScratchRepository) -> None:
    git_dir = several.path / ".git"
    assert loose.branch(f"{git_dir}", "alias") is loose.UNKNOWN
    assert refs.branch(f"{git_dir}", "alias") == several.head
    for content in ("", "0123\n", "g" * 40 + "\n"):
        (git_dir / "refs/heads/odd").write_text(content)
        assert loose.branch(f"{git_dir}", "odd") is loose.UNKNOWN
    (git_dir / "refs/heads/odd").unlink()
    os.symlink("main", git_dir / "refs/heads/odd")
    assert loose.branch(f"{git_dir}", "odd") is loose.UNKNOWN
    os.mkfifo(git_dir / "refs/heads/pipe")
    assert loose.branch(f"{git_dir}", "pipe") is loose.UNKNOWN


def test_with_reftable_git_is_asked(tmp_path: Path) -> None:
    made = processes.run(["git", "init", "-q", "--ref-format=reftable", "-b", "main", f"{tmp_path / 'r'}"])
    if made.status == 0:
        repository = ScratchRepository(tmp_path / "r")
        repository.commit()
        assert refs.branch(f"{repository.path}/.git", "main") == repository.head
        assert refs.head_branch(f"{repository.path}") == "main"
    else:  # an old git: only what it would find on disk
        os.makedirs(tmp_path / "git" / "reftable")
        (tmp_path / "git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
        assert loose.branch(f"{tmp_path / 'git'}", "main") is loose.UNKNOWN
        assert loose.head_branch(f"{tmp_path / 'git'}") is loose.UNKNOWN


def test_head_is_on_the_branch_that_git_says(several: ScratchRepository, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    several.git("worktree", "add", "-q", f"{linked}", "deep/er")
    admin = f"{several.path}/.git/worktrees/linked"
    assert (loose.head_branch(f"{several.path}/.git"), loose.head_branch(admin)) == ("main", "deep/er")
    assert loose.head(admin) == refs.head(f"{linked}") == several.git("rev-parse", "deep/er")
    several.git("switch", "-q", "--detach", cwd=linked)
    assert loose.head_branch(admin) is None
    assert loose.head(admin) == several.git("rev-parse", "deep/er")
    assert refs.head_branch(f"{linked}") is None
    several.git("switch", "-q", "--orphan", "unborn", cwd=linked)
    assert refs.head_branch(f"{linked}") == "unborn"
    assert loose.head(admin) is loose.UNKNOWN
    Path(admin, "HEAD").write_text("ref: refs/remotes/origin/main\n")
    assert loose.head_branch(admin) is loose.UNKNOWN


@pytest.mark.parametrize(
    "name", ["main", "packed", "moved", "gone", "tagged", "alias", "annotated", "origin/main", "origin", "HEAD"]
)
def test_a_short_name_stands_for_the_ref_that_git_says(several: ScratchRepository, name: str) -> None:
    by_git = several.git.run("rev-parse", "--symbolic-full-name", "--verify", "--quiet", name).out.strip() or None
    assert refs.full_name(f"{several.path}/.git", name) == by_git
    if name in ("main", "packed", "moved", "origin/main"):
        assert loose.full_name(f"{several.path}/.git", name) == by_git
