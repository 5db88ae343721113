"""Our search for the repository finds what git's own finds, wherever one stands and whatever the environment says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from git_okstra.git import repository as discovery
from support import processes
from support.repositories import ScratchRepository

Make = Callable[[str], ScratchRepository]


def by_git(where: Path, env: Mapping[str, str]) -> tuple[str, str, str | None] | None:
    """Common directory, git directory and worktree root as git tells them, without symlinks."""
    asked = ["git", "rev-parse", "--path-format=absolute", "--git-common-dir", "--git-dir"]
    ended = processes.run(asked, cwd=where, env=env)
    if ended.status != 0:
        return None
    common, git_dir = (os.path.realpath(line) for line in ended.out.splitlines())
    root = processes.run([*asked[:2], "--show-toplevel"], cwd=where, env=env)
    return common, git_dir, os.path.realpath(root.out.rstrip("\n")) if root.status == 0 else None


def by_us(where: Path, env: Mapping[str, str]) -> tuple[str, str, str | None] | None:
    found = discovery.discover(f"{where}", os.environ | dict(env))
    return None if found is None else (found.common_dir, found.git_dir, found.worktree)


def require_same(where: Path, env: Mapping[str, str] | None = None) -> tuple[str, str, str | None] | None:
    wanted = by_git(where, env or {})
    assert by_us(where, env or {}) == wanted
    return wanted


def test_in_main_and_linked_worktrees_and_below(repository: ScratchRepository, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "-q", f"{linked}")
    for root in (repository.path, linked):
        (root / "deep" / "down").mkdir(parents=True)
        for where in (root, root / "deep", root / "deep" / "down"):
            found = require_same(where)
            assert found is not None
            assert found[2] == f"{root}"
    assert require_same(tmp_path) is None


def test_in_git_directories(repository: ScratchRepository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "-q", f"{tmp_path / 'linked'}")
    for inside in ("", "refs", "refs/heads", "objects", "worktrees/linked"):
        found = require_same(repository.path / ".git" / inside)
        assert found is not None
        assert found[2] is None


def test_in_a_bare_repository_and_its_worktrees(repository: ScratchRepository, tmp_path: Path) -> None:
    bare = tmp_path / "shop.git"
    repository.git("clone", "-q", "--bare", f"{repository.path}", f"{bare}")
    repository.git("worktree", "add", "-q", f"{tmp_path / 'linked'}", cwd=bare)
    assert require_same(bare) == (f"{bare}", f"{bare}", None)
    assert require_same(bare / "refs") is not None
    assert require_same(tmp_path / "linked") == (f"{bare}", f"{bare}/worktrees/linked", f"{tmp_path / 'linked'}")


def test_with_a_git_file(repository: ScratchRepository, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    repository.git("init", "-q", "--separate-git-dir", f"{elsewhere}")
    assert require_same(repository.path) == (f"{elsewhere}", f"{elsewhere}", f"{repository.path}")
    # As some lay it out: a bare repository in a hidden directory, and beside it a file that points there.
    (tmp_path / "project").mkdir()
    repository.git("clone", "-q", "--bare", f"{repository.path}", f"{tmp_path / 'project' / '.bare'}")
    (tmp_path / "project" / ".git").write_text("gitdir: ./.bare\n")
    repository.git("worktree", "add", "-q", "../main", "main", cwd=tmp_path / "project" / ".bare")
    assert require_same(tmp_path / "project" / "main") is not None


def test_in_a_submodule(repository: ScratchRepository, make_repository: Make) -> None:
    library = make_repository("library")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"{library.path}", "lib/it")
    found = require_same(repository.path / "lib" / "it")
    assert found is not None
    assert found[0] == f"{repository.path}/.git/modules/lib/it"


def test_through_symlinks(repository: ScratchRepository, tmp_path: Path) -> None:
    (repository.path / "deep").mkdir()
    (tmp_path / "link").symlink_to(repository.path)
    (tmp_path / "deep").symlink_to(repository.path / "deep")
    for where in (tmp_path / "link", tmp_path / "link" / "deep", tmp_path / "deep"):
        assert require_same(where) is not None


def test_past_what_only_looks_like_a_repository(repository: ScratchRepository) -> None:
    (repository.path / "a" / ".git").mkdir(parents=True)
    (repository.path / "a" / "HEAD").touch()
    assert require_same(repository.path / "a") is not None


@pytest.mark.parametrize("ceiling", ["", "a", "a/b", "a/b/c"])
def test_not_past_a_ceiling(repository: ScratchRepository, ceiling: str) -> None:
    (repository.path / "a" / "b" / "c").mkdir(parents=True)
    env = {"GIT_CEILING_DIRECTORIES": f"/nowhere:{repository.path / ceiling}"}
    found = [require_same(repository.path / where, env) for where in ("a/b/c", "a/b", "a", "")]
    assert found[-1] is not None


@pytest.mark.parametrize(
    "env",
    [
        {"GIT_DIR": "{shop}/.git"},
        {"GIT_DIR": "../shop/.git"},
        {"GIT_DIR": "{shop}/.git", "GIT_WORK_TREE": "{shop}"},
        {"GIT_DIR": "{shop}/.git", "GIT_WORK_TREE": "."},
        {"GIT_DIR": "{shop}/.git/worktrees/linked"},
        {"GIT_DIR": "{linked}/.git"},
        {"GIT_DIR": "{shop}/.git/worktrees/linked", "GIT_COMMON_DIR": "{shop}/.git", "GIT_WORK_TREE": "{linked}"},
        {"GIT_DIR": "{shop}/.gitt"},
        {"GIT_DIR": ""},
    ],
    ids=lambda env: " ".join(f"{name}={value}" for name, value in env.items()),
)
def test_where_the_environment_says(repository: ScratchRepository, tmp_path: Path, env: dict[str, str]) -> None:
    linked = tmp_path / "linked"
    repository.git("worktree", "add", "-q", f"{linked}")
    (tmp_path / "elsewhere").mkdir()
    given = {name: value.format(shop=repository.path, linked=linked) for name, value in env.items()}
    wanted, found = by_git(tmp_path / "elsewhere", given), by_us(tmp_path / "elsewhere", given)
    if wanted is not None and "GIT_WORK_TREE" not in env:
        # git takes the working directory for the worktree then; for us it is where that git directory belongs.
        assert found is not None
        assert found[2] == f"{linked if 'linked' in env['GIT_DIR'] else repository.path}"
        wanted = (*wanted[:2], found[2])
    assert found == wanted
