"""Usage and manual pages reach the user: with and without a terminal, with and without man(1), through git too."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect
import pytest

from git_okstra.cli import dispatch
from git_okstra.cli import help as help_command
from support import commands, manual_pages
from support.commands import Leaf
from support.processes import Ended
from support.repositories import Git

LEAVES = list(commands.leaves())

needs_man = pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")


def on_a_terminal(words: list[str], env: Mapping[str, str]) -> tuple[str, int]:
    """What a command shows on a terminal of 100 columns, without overstriking, and its exit status."""
    child = pexpect.spawn(
        words[0], words[1:], env={**os.environ, **env}, dimensions=(60, 100), encoding="utf-8", timeout=60
    )
    said = child.read()
    child.close()
    assert isinstance(said, str)
    return re.sub(r".\x08|\x1b\[[0-9;]*m", "", said).replace("\r\n", "\n"), child.exitstatus


# -- usage


def test_h_prints_the_usage_with_every_command(git: Git, tmp_path: Path) -> None:
    ended = git.run("okstra", "-h", cwd=tmp_path).require_success()
    assert ended.out.startswith("Usage: git okstra [OPTIONS] COMMAND [ARGS]...\n")
    listed = [line.split()[0] for line in ended.out.partition("\nCommands:\n")[2].splitlines() if line.strip()]
    assert listed == list(dispatch.COMMANDS)
    assert ended.err == ""


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)
def test_every_command_prints_its_usage(leaf: Leaf, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch.run([*leaf.words, option]) == 0
    said = capsys.readouterr()
    usage = f"Usage: git okstra {leaf.name} [OPTIONS] {leaf.arguments}".rstrip()
    assert " ".join(said.out.partition("\n\n")[0].split()) == usage
    assert said.err == ""


@pytest.mark.parametrize("words", [["stage", "-h"], ["plan", "import", "--help"]])
def test_usage_is_printed_outside_of_a_repository_too(words: list[str], git: Git, tmp_path: Path) -> None:
    ended = git.run("okstra", *words, cwd=tmp_path).require_success()
    assert ended.out.startswith(f"Usage: git okstra {' '.join(words[:-1])} ")


def test_without_a_command_the_usage_is_printed_and_the_exit_status_is_2(git: Git, tmp_path: Path) -> None:
    for words in ([], ["plan"], ["config"]):
        ended = git.run("okstra", *words, cwd=tmp_path)
        assert ended.status == 2
        assert f"Usage: git okstra {' '.join([*words, '[OPTIONS]'])} COMMAND" in ended.out + ended.err


def test_an_unknown_command_names_the_near_miss(okstra: Callable[..., Ended]) -> None:
    ended = okstra("stauts", check=False).require_error("usage")
    assert "git okstra status" in ended.err
    okstra("help", "stauts", check=False).require_error("usage")


# -- the manual


@pytest.mark.parametrize("name", dispatch.COMMANDS)
def test_help_without_a_terminal_prints_the_usage(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch.run(["help", name]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: git okstra {name} ")


def test_help_alone_without_a_terminal_prints_the_usage_of_all(okstra: Callable[..., Ended]) -> None:
    assert okstra("help").out.startswith("Usage: git okstra [OPTIONS] COMMAND [ARGS]...\n")


@needs_man
@pytest.mark.parametrize("name", ["", "stage", "reopen", "config", "tour"])
def test_help_on_a_terminal_shows_the_manual_page(name: str, tmp_path: Path) -> None:
    said, status = on_a_terminal(["git", "okstra", "help", *name.split()], {"MANPATH": f"{tmp_path}"})
    page = manual_pages.Page(help_command.page(name or None))
    assert status == 0
    assert said.lstrip().startswith(f"{page.title[0]}(1)")
    assert all(f"\n{heading}\n" in said for heading in page.sections)


@pytest.mark.parametrize("name", ["", "stage"])
def test_help_on_a_terminal_without_man_prints_the_usage(
    name: str, okstra: Callable[..., Ended], tmp_path: Path
) -> None:
    words = okstra.words("help", *name.split())  # type: ignore[attr-defined]
    said, status = on_a_terminal(words, {"PATH": f"{tmp_path}"})
    assert status == 0
    assert said.startswith(f"Usage: git okstra {name} ".replace("  ", " "))


@needs_man
@pytest.mark.parametrize("words", [["okstra", "--help"], ["help", "okstra"], ["help", "git-okstra-stage"]])
def test_git_opens_the_manual_page(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "man1").symlink_to(manual_pages.DIRECTORY)
    said, status = on_a_terminal(["git", *words], {"MANPATH": f"{tmp_path}"})
    assert status == 0
    assert said.lstrip().startswith("GIT-OKSTRA-STAGE(1)" if words[-1].endswith("stage") else "GIT-OKSTRA(1)")
    assert "\nEXAMPLES\n" in said
