"""A system call that fails, git that fails or hangs: one clear message, nothing lost, and the same command goes on."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import preloaded, sampling, tickets
from support.arena import Arena, Arenas, Scenario, put_right
from support.beginnings import a_dirty_stage, a_removed_stage, a_stage, a_task, nothing, two_done_stages
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

SCENARIOS = {
    "start": Scenario(("start", "feat", "DEV-1"), "main", nothing),
    "start with hooks": Scenario(
        ("start", "feat", "DEV-1"), "main", nothing, environment={"OKSTRA_HOOKS_INSTALL": "true"}
    ),
    "stage": Scenario(("stage", "1"), "task", a_task),
    "done": Scenario(("done", "1"), "task", a_stage),
    "merge": Scenario(("merge",), "task", two_done_stages),
    "remove": Scenario(("remove", "1", "-f", "-D"), "task", a_dirty_stage, nothing_left="stage-not-open"),
    "restore": Scenario(("restore", "1"), "task", a_removed_stage, nothing_left="no-such-trash"),
    "config set": Scenario(("config", "set", "trash.keep", "5d"), "main", a_task),
}
KEEPS_MORE = {"status", "rev-parse", "diff-index", "ls-files"}
"""Calls of `remove` whose failure does not stop `-f`: what they cannot tell apart is all kept, and not counted."""
REASONS = ("EIO", "ENOSPC", "EROFS")


@pytest.fixture(scope="module")
def arenas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arenas]:
    made = Arenas(SCENARIOS, tmp_path_factory)
    yield made
    made.close()


def require_put_right(arena: Arena, ended: Ended, what: str) -> None:
    """What failed says so in one message of ours, and the same command then comes to the usual end."""
    try:
        # What is only derived, or only tidies up, may fail unsaid.
        assert ended.status == 0 or ended.error is not None, f"{ended}"
        assert ended.status == 0 or "hint:" in ended.err, f"{ended}"
        if arena.scenario.words == ("merge",) and ended.status != 0 and "merge --abort" in ended.err:
            arena.fast.run("merge", "--abort", cwd=arena.where)
        put_right(arena)
    except AssertionError as error:
        raise AssertionError(f"{what}\nfirst {ended}\nthen {error}") from None


def fail_at(name: str, arenas: Arenas, okstra: Command, patch: pytest.MonkeyPatch, most: int | None) -> None:
    arena = arenas(name, okstra, patch)
    calls = [(number, point) for number, point in enumerate(arena.points, 1) if point.endswith(": before")]
    writes = [one for one in calls if not one[1].startswith("git ")]
    for number, point in sampling.of(writes, most, f"failing writes of {name}"):
        reason = REASONS[number % len(REASONS)]
        ended = arena.run(OKSTRA_CRASH_FAIL=f"{reason}@{number}")
        require_put_right(arena, ended, f"{name}, {reason} at {number}: {point}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_write_that_fails(name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(name, arenas, okstra, monkeypatch, 2)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", SCENARIOS)
def test_each_write_that_fails(name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(name, arenas, okstra, monkeypatch, None)


SHIM = """#!/bin/sh
# The real git, but for the call that is to fail: it does nothing at all, or all it should and then fails.
printf x >>"$SHIM_COUNT"
if [ "$(wc -c <"$SHIM_COUNT")" -eq "$SHIM_AT" ]; then
    case $SHIM_HOW in
        hang) exec sleep 1000 ;;
        after-*) PATH=$SHIM_PATH git "$@"; exit "${SHIM_HOW#after-}" ;;
        *) echo "fatal: injected" >&2; exit "$SHIM_HOW" ;;
    esac
fi
PATH=$SHIM_PATH exec git "$@"
"""
HOWS = ("1", "128", "139", "after-1")


@pytest.fixture
def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment in which git is one that can be made to fail; SHIM_AT and SHIM_HOW are to be added."""
    place = tmp_path / "shim" / "git"
    place.parent.mkdir()
    place.write_text(SHIM)
    place.chmod(0o755)
    path = os.environ["PATH"]
    return {"PATH": f"{place.parent}:{path}", "SHIM_PATH": path, "SHIM_COUNT": f"{tmp_path / 'count'}"}


def fail_git(
    name: str,
    arenas: Arenas,
    okstra: Command,
    patch: pytest.MonkeyPatch,
    shim: dict[str, str],
    most: int | None,
) -> None:
    arena = arenas(name, okstra, patch)
    calls = [point for point in arena.points if point.startswith("git ") and point.endswith(": before")]
    for number, point in sampling.of(list(enumerate(calls, 1)), most, f"failing git calls of {name}"):
        if name == "remove" and point.split()[1].rstrip(":") in KEEPS_MORE:
            continue
        how = HOWS[number % len(HOWS)]
        Path(shim["SHIM_COUNT"]).write_text("")
        ended = arena.run(**shim, SHIM_AT=f"{number}", SHIM_HOW=how)
        require_put_right(arena, ended, f"{name}, git ends with {how} at {number}: {point}")


@pytest.mark.parametrize("name", SCENARIOS)
def test_git_that_fails(
    name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch, shim: dict[str, str]
) -> None:
    fail_git(name, arenas, okstra, monkeypatch, shim, 2)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", SCENARIOS)
def test_git_that_fails_at_each_call(
    name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch, shim: dict[str, str]
) -> None:
    fail_git(name, arenas, okstra, monkeypatch, shim, None)


def test_git_that_hangs(okstra: Command, repository: ScratchRepository, shim: dict[str, str]) -> None:
    impatient = (
        "from git_okstra.git import process\n"
        "process.git.__kwdefaults__['timeout'] = 0.5\n"
        "from git_okstra.cli.entry import main; import sys; sys.argv.pop(0); main()"
    )
    words = okstra.words("start", "feat", "DEV-1", "--base", "main")
    ended = preloaded.run(
        [sys.executable, "-c", impatient, *words], cwd=repository, env={**shim, "SHIM_AT": "5", "SHIM_HOW": "hang"}
    )
    ended.require_error("git-failed")
    assert "did not finish within 0.5 seconds" in ended.err
    assert "OKSTRA_TRACE=1" in ended.err
    okstra(*words[1:], cwd=repository)
    tickets.require_order(repository)
    assert shutil.which("git")


@pytest.mark.parametrize("words", [("stage", "2"), ("merge",)])
def test_a_checkout_that_hangs_ends_when_its_time_is_over(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """What git waits for ends with it, and holds nothing: the same command goes on at once."""
    task = tickets.start(okstra, repository, {1: (), 2: ()})
    tickets.work(okstra, repository, task, 1)
    stuck = tmp_path / "stuck"
    stuck.touch()
    repository.git("config", "filter.slow.smudge", f"test ! -e '{stuck}' || exec sleep 1000; cat")
    (repository.path / ".git/info/attributes").write_text("* filter=slow\n")
    ended = okstra(*words, cwd=task, env={"OKSTRA_CHECKOUT_TIMEOUT": "1s"}, check=False)
    assert "did not finish within 1 seconds" in ended.require_error("git-failed").err
    assert "git okstra config set checkout.timeout 2h" in ended.err
    stuck.unlink()
    okstra(*words, cwd=task)
    tickets.require_order(repository)
