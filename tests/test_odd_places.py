"""The short story with the real command under odd names of all kinds, and with git's variables set."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support import tickets
from support.repositories import ScratchRepository
from support.short_story import Story
from support.tickets import Command

Make = Callable[[str], ScratchRepository]


@pytest.mark.parametrize(
    ("repository_name", "home", "ticket"),
    [
        ('it\'s "the" $shop;', "`home`'\"%s\\", 'it\'s "7" $(x) %s'),
        ("-shop", "-home", "-x"),
        ("-C", "--home=x", "--help"),
        ("가게", "집", "결제-12"),
        ("shop 🛒", "🏠", "🚀 dev 7"),
        ("s" * 64, "h" * 64, "t" * 64),
        ("Straße", "a#b?c*[d]{e}~", "DEV-7/checkout:page"),
    ],
    ids=["spaces and quotes", "dashes", "options", "Korean", "emoji", "64 characters", "special to git"],
)
def test_names(
    okstra: Command,
    make_repository: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    repository_name: str,
    home: str,
    ticket: str,
) -> None:
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / home}")
    Story(okstra, make_repository(repository_name), ticket).play()


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "{repository}/.git"},
        {"GIT_DIR": ".git", "GIT_WORK_TREE": "."},
        {"GIT_DIR": "{repository}/.git", "GIT_WORK_TREE": "{repository}", "GIT_INDEX_FILE": "{repository}/.git/index"},
    ],
    ids=lambda variables: " ".join(variables),
)
def test_variables_of_git(okstra: Command, repository: ScratchRepository, variables: Mapping[str, str]) -> None:
    env = {name: value.format(repository=repository.path) for name, value in variables.items()}
    where = repository if variables["GIT_DIR"] == ".git" else repository.path.parent
    Story(okstra, where, env=env).play(inside=False)


def test_a_work_tree_somewhere_else(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    """As with a repository for dot files: the directory of the files is not that of `.git`."""
    bare = tmp_path / "dots.git"
    repository.git("clone", "-q", "--bare", f"{repository.path}", f"{bare}")
    (tmp_path / "files").mkdir()
    env = {"GIT_DIR": f"{bare}", "GIT_WORK_TREE": f"{tmp_path / 'files'}"}
    Story(okstra, tmp_path, env=env).play(inside=False)


def test_okstra_home_behind_a_symlink(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / 'link' / 'okstra'}")
    Story(okstra, repository).play()
    (path,) = (tmp_path / "disk" / "okstra" / "worktrees" / "shop" / "dev").glob("dev-1")
    assert okstra("path", "task", cwd=path).out == f"{path}\n"
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / 'disk' / 'okstra'}")
    assert okstra("start", "feat", "DEV-1", "--json", cwd=repository).json()["status"] == "reused"


def test_okstra_home_given_relatively_or_with_a_tilde(
    okstra: Command, repository: ScratchRepository, environment: Mapping[str, str]
) -> None:
    words = ("start", "feat", "DEV-1", "--base", "main")
    there = okstra(*words, cwd=repository, env={"OKSTRA_HOME": "~/ours"}).out
    assert there == f"{environment['HOME']}/ours/worktrees/shop/dev/dev-1\n"
    there = okstra("start", "feat", "DEV-2", "--base", "main", cwd=repository, env={"OKSTRA_HOME": "../near"}).out
    assert there == f"{repository.path.parent}/near/worktrees/shop/dev/dev-2\n"


@pytest.mark.parametrize("ticket", ["DEV-1\nDEV-2", "\n", "DEV-1\n", "a\rb", "a\x1b[31mb"])
def test_a_control_character_in_an_id_is_refused(okstra: Command, repository: ScratchRepository, ticket: str) -> None:
    before = tree(repository.path)
    for words in (("start", "--base", "main"), ("start", "--group", ticket)):
        named = ["feat", "DEV-1"] if "--group" in words else ["feat", ticket]
        refused = okstra(*words, "--", *named, cwd=repository, check=False).require_error("bad-name")
        assert "control character" in refused.err
        assert len(refused.err.splitlines()) == 2
        assert "\x1b" not in refused.err
    assert tree(repository.path) == before
    assert not tickets.home().exists()


def test_a_repository_whose_name_gives_no_project_id(okstra: Command, make_repository: Make) -> None:
    for name in ("---", "new\nline"):
        repository = make_repository(name)
        refused = okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository, check=False)
        refused.require_error("bad-name")
        assert "project id" in refused.err
        assert "git okstra config set project.id NAME" in refused.err
        assert not tickets.home().exists()
    okstra("config", "set", "project.id", "fine", cwd=repository)
    Story(okstra, repository).play()


@pytest.mark.parametrize("option", ["--title", "--branch", "--base"])
def test_what_is_not_utf_8_is_refused(okstra: Command, repository: ScratchRepository, option: str) -> None:
    text = os.fsdecode(b"caf\xe9")
    refused = okstra("start", "feat", "DEV-1", f"{option}={text}", cwd=repository, check=False)
    refused.require_error("bad-name")
    assert "caf\\udce9" in refused.err
    assert not tickets.home().exists()


def test_a_newline_in_the_name_of_okstra_home_is_refused(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    env = {"OKSTRA_HOME": f"{tmp_path}/new\nline"}
    refused = okstra("start", "feat", "DEV-1", cwd=repository, env=env, check=False).require_error("bad-config")
    assert "new\\nline" in refused.err
    assert "OKSTRA_HOME=DIR" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_newline_above_the_repository_is_nothing_to_us(okstra: Command, make_repository: Make) -> None:
    Story(okstra, make_repository("new\nline/shop")).play()


@pytest.mark.parametrize("ticket", ["a//b", "shop#7", "🚀/7", "./x", "x/"])
def test_ids_that_look_like_a_key_or_a_stage(okstra: Command, repository: ScratchRepository, ticket: str) -> None:
    path = okstra("start", "feat", ticket, cwd=repository).out
    okstra("start", "feat", "DEV-1", cwd=repository)
    assert okstra("path", ticket, cwd=repository).out == path
    assert okstra("status", "--task", ticket, "--json", cwd=repository).json()["task"]["id"] == ticket
    okstra("remove", ticket, cwd=repository)
    assert okstra("restore", ticket, cwd=repository).out == path


def tree(root: Path) -> dict[str, tuple[int, int, int]]:
    """Everything below: path to mode, size and mtime."""
    found = {}
    for path in [root, *root.rglob("*")]:
        stat_ = path.lstat()
        found[f"{path}"] = (stat_.st_mode, stat_.st_size, stat_.st_mtime_ns)
    return found
