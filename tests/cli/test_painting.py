"""`list` and `status` on a terminal: what is known stands there at once, and the rest is filled in."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from support import tickets
from support.repositories import ScratchRepository
from support.terminals import Terminal
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (1,)}


class Gate:
    """Has `git status` hang in the worktrees where it is shut, by an fsmonitor hook (githooks(5))."""

    def __init__(self, repository: ScratchRepository, place: Path) -> None:
        self._place = place
        hook = place / "wait"
        hook.write_text(f'#!/bin/sh\nwhile [ -e "{place}/shut" ]; do sleep 0.02; done\nexit 1\n')
        hook.chmod(0o755)
        repository.git("config", "core.fsmonitor", f"{hook}")

    def shut(self) -> None:
        (self._place / "shut").touch()

    def open(self) -> None:
        (self._place / "shut").unlink()


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    """A task whose stage 1 is done, and whose stage 2 is open and dirty."""
    task = tickets.start(okstra, repository, PLAN)
    tickets.work(okstra, repository, task, 1)
    tickets.work(okstra, repository, task, 2, close=False)
    Path(f"{task}-s2", "new").write_text("new\n")
    return task


@pytest.fixture
def gate(repository: ScratchRepository, task: Path, tmp_path: Path) -> Gate:
    return Gate(repository, tmp_path)


def on_terminal(okstra: Command, *args: str, cwd: Path, columns: int = 100, rows: int = 24) -> Terminal:
    return Terminal(okstra.words(*args), cwd=cwd, columns=columns, rows=rows)


def table(seen: Terminal) -> list[list[str]]:
    """The cells of what is on the screen."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in seen.lines]


def test_list_stands_there_while_git_status_hangs_and_is_filled_in(okstra: Command, task: Path, gate: Gate) -> None:
    gate.shut()
    with on_terminal(okstra, "list", cwd=task) as seen:
        seen.shows("+1 …")
        assert [row[:4] for row in table(seen)] == [
            ["TASK", "STATE", "BRANCH", "+/-"],
            ["DEV-1", "open", "feat-dev-1", "…"],
            ["1 stage 1", "done", "feat-dev-1-s1", "+1 …"],
            ["2 stage 2", "open", "feat-dev-1-s2", "+1 …"],
            ["3 stage 3", "ready"],
        ]
        assert not seen.echoes
        seen.type("typed\r")  # would move what is painted if it were shown
        gate.open()
        assert seen.end() == 0
        assert [row[:4] for row in table(seen)] == [
            ["TASK", "STATE", "BRANCH", "+/-"],
            ["DEV-1", "open", "feat-dev-1", "="],
            ["1 stage 1", "done", "feat-dev-1-s1", "+1"],
            ["2 stage 2", "open", "feat-dev-1-s2", "+1 *"],
            ["3 stage 3", "ready"],
        ]
        assert seen.scrolled == []
        assert seen.echoes


def test_before_the_branches_are_known_nothing_is_said_of_them(
    okstra: Command, task: Path, tmp_path: Path, repository: ScratchRepository
) -> None:
    place = tmp_path / "first-on-path"
    place.mkdir()
    real = repository.git("--exec-path")
    script = f'#!/bin/sh\ncase "$*" in *for-each-ref*) while [ -e "{tmp_path}/shut" ]; do sleep 0.02; done;; esac\n'
    (place / "git").write_text(f'{script}exec "{real}/git" "$@"\n')
    (place / "git").chmod(0o755)
    (tmp_path / "shut").touch()
    env = {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    with Terminal(okstra.words("list"), cwd=task, env=env, columns=100) as seen:
        seen.shows("3 stage 3")
        assert [row[:4] for row in table(seen)[1:4]] == [
            ["DEV-1", "open", "feat-dev-1", "…"],
            ["1 stage 1", "…", "feat-dev-1-s1", "…"],  # it may be merged, or stale
            ["2 stage 2", "open", "feat-dev-1-s2", "…"],
        ]
        (tmp_path / "shut").unlink()
        assert seen.end() == 0


def test_of_what_is_taller_than_the_screen_lines_come_in_order_as_they_are_known(
    okstra: Command, task: Path, gate: Gate
) -> None:
    gate.shut()
    with on_terminal(okstra, "list", cwd=task, rows=5) as seen:
        seen.shows("TASK")
        assert len(seen.lines) == 1
        gate.open()
        assert seen.end() == 0
        rows = [*seen.scrolled, *seen.lines]
        assert [row.split()[0] for row in rows] == ["TASK", "DEV-1", "1", "2", "3"]
        assert (
            len({row.find(cell) for row, cell in zip(rows[:4], ("BRANCH", "feat", "feat", "feat"), strict=True)}) == 1
        )
        assert b"A\x1b[" not in seen.written  # nothing was painted over


def test_status_stands_there_while_git_status_hangs_and_is_filled_in(okstra: Command, task: Path, gate: Gate) -> None:
    whole = okstra("status", cwd=task).out.splitlines()
    gate.shut()
    with on_terminal(okstra, "status", cwd=task, columns=160, rows=40) as seen:
        seen.shows("+1 …")
        assert seen.lines[0] == "DEV-1"
        assert "  branch  feat-dev-1 (…)" in seen.lines
        assert not any(line.startswith("next:") for line in seen.lines)
        gate.open()
        assert seen.end() == 0
        assert [line.split()[:4] for line in seen.lines] == [line.split()[:4] for line in whole]


def test_a_window_made_narrower_meanwhile_gets_the_whole_answer_below(okstra: Command, task: Path, gate: Gate) -> None:
    gate.shut()
    with on_terminal(okstra, "list", cwd=task, columns=100) as seen:
        seen.shows("+1 …")
        seen.resize(60, 24)
        gate.open()
        assert seen.end() == 0
        last = seen.lines[-5:]
        assert [line.split()[0] for line in last] == ["TASK", "DEV-1", "1", "2", "3"]
        assert all(len(line) <= 60 for line in last)


def test_interrupted_it_takes_back_what_was_not_whole(okstra: Command, task: Path, gate: Gate) -> None:
    gate.shut()
    with on_terminal(okstra, "list", cwd=task) as seen:
        seen.shows("+1 …")
        os.kill(seen.pid, signal.SIGINT)
        assert seen.end() == 130
        assert [line.partition(":")[0] for line in seen.lines] == ["okstra", "okstra"]
        assert "error [interrupted]" in seen.lines[0]
        assert seen.echoes
    gate.open()


def test_what_stands_there_in_the_end_is_torn_nowhere(okstra: Command, task: Path) -> None:
    for args in (("list",), ("status",), ("list", "--long")):
        for columns, env in ((80, {"NO_COLOR": "1"}), (40, {"TERM": "dumb"}), (40, {"NO_COLOR": ""})):
            with Terminal(okstra.words(*args), cwd=task, env=env, columns=columns, rows=60) as seen:
                assert seen.end() == 0
                assert seen.scrolled == []
                first = "TASK" if args[0] == "list" else "DEV-1"
                assert [line.split()[0] for line in seen.lines if line.split()[:1] == [first]] == [first]
                if args[0] == "list":
                    assert len(seen.lines) == 5
                assert (b"\x1b[1m" in seen.written) == (env == {"NO_COLOR": ""})
                if env.get("TERM") == "dumb":
                    assert b"\x1b" not in seen.written
