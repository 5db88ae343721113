"""The directories that a sparse checkout needs, found in a commit; and git taking them as they are named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.core.sparse import Wanted
from git_okstra.git import sparse, worktrees
from support.repositories import ScratchRepository

LINKS = {
    "app/shared": "../lib/core",  # to a directory
    "app/one": "../lib/util/f",  # to a file
    "app/round": "../lib/alias/f",  # through a directory that is a link
    "app/nowhere": "../lib/none",
    "app/out": "../../../etc",
    "app/absolute": "/etc/passwd",
    "app/self": "self",
    "lib/alias": "far",
    "lib/far": "../far",
    "top": "docs/f",
}
TREE = ("app/f", "app/deep/f", "lib/core/f", "lib/util/f", "far/f", "docs/f", "big/x/f", "big/y/f")


@pytest.fixture
def linked(repository: ScratchRepository) -> ScratchRepository:
    for link, target in LINKS.items():
        (repository.path / link).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, repository.path / link)
    repository.commit(dict.fromkeys(TREE, "x\n"))
    repository.git("add", "-A")
    repository.commit(message="links")
    return repository


def needed(repository: ScratchRepository, *paths: str, whole: tuple[str, ...] = ()) -> list[str] | None:
    wanted = Wanted(frozenset(whole), frozenset(paths))
    return sparse.directories(f"{repository.path}/.git", repository.head, [wanted])


def test_a_file_needs_its_directory_and_a_new_path_one_of_its_own(repository: ScratchRepository) -> None:
    repository.commit({"a/b/f": "x\n", "c/f": "x\n"})
    assert needed(repository, "a/b/f", "README.md") == ["a/b"]
    assert needed(repository, "a", "c/f") == ["a", "c"]
    assert needed(repository, "d/new", whole=("e/f",)) == ["d/new", "e/f"]
    assert needed(repository, "README.md") == []
    assert needed(repository, "a/*", "a/b/?") == ["a/*", "a/b/?"], "a path is never a pattern"


def test_what_symlinks_lead_to_is_needed_too(linked: ScratchRepository) -> None:
    docs = ["docs"]  # a link in the root is checked out with it
    assert needed(linked, "big/x/f") == ["big/x", *docs]
    assert needed(linked, "app/f") == ["app", *docs, "far", "lib"]
    assert needed(linked, "app/deep/f") == ["app/deep", *docs, "far", "lib"]
    os.symlink("../new\nline", linked.path / "docs" / "odd")
    linked.commit({"new\nline/f": "x\n"})
    linked.git("add", "-A")
    linked.commit(message="to a name that git cannot list")
    assert needed(linked, "docs/f") is None
    os.unlink(linked.path / "docs" / "odd")
    os.symlink("..", linked.path / "big" / "root")
    linked.git("add", "-A")
    linked.commit(message="to the root")
    assert needed(linked, "big/x/f") is None


@pytest.mark.parametrize("name", ["plain", 'quo"te', '"', "back\\slash", "st*r", "결제", "-n", "#x", "!y"])
def test_git_takes_any_name_as_it_is(repository: ScratchRepository, tmp_path: Path, name: str) -> None:
    repository.commit({f"{name}/f": "x\n", "other/f": "y\n"})
    path = tmp_path / "linked"
    worktrees.add(f"{repository.path}/.git", f"{path}", "b", repository.head, None)
    sparse.set_cone(f"{path}", [name], None)
    repository.git("reset", "-q", "--hard", cwd=path)
    assert sorted(one.name for one in path.iterdir()) == sorted([".git", "README.md", name])
    assert repository.git("status", "--porcelain", cwd=path) == ""
    assert sparse.is_sparse(f"{repository.path}/.git/worktrees/linked")
    assert not sparse.is_sparse(f"{repository.path}/.git")
