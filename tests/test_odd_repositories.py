"""The short story with the real command in every kind of repository, and wherever one may stand in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.processes import Where
from support.repositories import Git, ScratchRepository
from support.short_story import Story
from support.tickets import Command

ODD_REPOSITORIES: dict[str, Callable[[Git, ScratchRepository, Path], Where]] = {}


def repository_kind(make: Callable[[Git, ScratchRepository, Path], Where]) -> Callable[..., Where]:
    ODD_REPOSITORIES[make.__name__.replace("_", " ")] = make
    return make


@repository_kind
def the_bare_directory(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    git("clone", "-q", "--bare", f"{repository.path}", f"{tmp_path / 'bare.git'}")
    return tmp_path / "bare.git"


@repository_kind
def a_linked_worktree_of_a_bare_repository(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    bare = the_bare_directory(git, repository, tmp_path)
    git("worktree", "add", "-q", "-b", "mine", f"{tmp_path / 'mine'}", cwd=bare)
    return tmp_path / "mine"


@repository_kind
def a_bare_repository_under_the_name_dot_git(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    """The layout in which all worktrees lie beside `.bare`, to which a `.git` file points."""
    git("clone", "-q", "--bare", f"{repository.path}", f"{tmp_path / 'all' / '.bare'}")
    (tmp_path / "all" / ".git").write_text("gitdir: ./.bare\n")
    return tmp_path / "all"


@repository_kind
def a_subdirectory(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    (repository.path / "sub" / "deep").mkdir(parents=True)
    return repository.path / "sub" / "deep"


@repository_kind
def a_detached_head(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    repository.git("switch", "-q", "--detach")
    return repository


@repository_kind
def the_git_directory(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    return repository.path / ".git"


@repository_kind
def deep_in_the_git_directory(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    return repository.path / ".git" / "refs" / "heads"


@repository_kind
def a_symlink_to_the_repository(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    (tmp_path / "link").symlink_to(repository.path)
    return tmp_path / "link"


@repository_kind
def sha256(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    made = ScratchRepository(tmp_path / "long")
    git("init", "-q", "--object-format=sha256", f"{made.path}")
    made.commit({"README.md": "# long\n"})
    return made


@repository_kind
def a_separate_git_directory(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    made = ScratchRepository(tmp_path / "apart")
    git("init", "-q", f"--separate-git-dir={tmp_path / 'git dir'}", f"{made.path}")
    made.commit({"README.md": "# apart\n"})
    return made


@repository_kind
def a_shallow_clone(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    for number in range(3):
        repository.commit({"README.md": f"{number}\n"})
    git("clone", "-q", "--depth=1", f"file://{repository.path}", f"{tmp_path / 'shallow'}")
    assert (tmp_path / "shallow" / ".git" / "shallow").exists()
    return tmp_path / "shallow"


@repository_kind
def a_partial_clone(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit({"README.md": "another\n", "big": "big\n"})
    git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repository.path}", f"{tmp_path / 'partial'}")
    return tmp_path / "partial"


@repository_kind
def a_submodule(git: Git, repository: ScratchRepository, tmp_path: Path) -> Where:
    """Standing in the submodule: it is a repository of its own, whose git directory lies in the other's."""
    return with_submodule(repository, tmp_path).path / "lib"


def with_submodule(repository: ScratchRepository, tmp_path: Path) -> ScratchRepository:
    """The repository with an initialised submodule `lib`."""
    lib = ScratchRepository(tmp_path / "lib")
    lib.path.mkdir()
    lib.git("init", "-q")
    lib.commit({"README.md": "# lib\n"})
    repository.git("config", "--global", "protocol.file.allow", "always")
    repository.git("submodule", "--quiet", "add", f"{lib.path}", "lib")
    repository.git("commit", "-q", "-m", "a submodule")
    return repository


@pytest.mark.parametrize("kind", ODD_REPOSITORIES)
def test_repositories(okstra: Command, git: Git, repository: ScratchRepository, tmp_path: Path, kind: str) -> None:
    Story(okstra, ODD_REPOSITORIES[kind](git, repository, tmp_path)).play()


def test_a_repository_with_a_submodule(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    Story(okstra, with_submodule(repository, tmp_path)).play()
