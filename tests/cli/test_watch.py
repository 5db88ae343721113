"""`watch` and `conflicts --watch`: kept up to date, on a screen that is given back, in lines, or in documents."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from support import tickets
from support.repositories import ScratchRepository
from support.terminals import Terminal
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: ()}
OFTEN = ("--interval", "0.1")
SCREEN, BACK = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    """A task whose stage 1 is open."""
    task = tickets.start(okstra, repository, PLAN)
    tickets.work(okstra, repository, task, 1, close=False)
    return task


class Watching:
    """A command that goes on, and what it writes."""

    def __init__(self, words: list[str], cwd: Path, env: dict[str, str] | None = None) -> None:
        self.child = subprocess.Popen(
            words,
            cwd=cwd,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.communicate()

    @property
    def out(self) -> IO[str]:
        assert self.child.stdout is not None
        return self.child.stdout

    def line(self) -> str:
        """The next line, without its time."""
        return self.out.readline().rstrip("\n").partition(" ")[2]

    def document(self) -> Any:
        """The next document."""
        return json.loads(self.out.readline())


def test_each_change_is_a_document_and_git_is_asked_nothing_without_one(
    okstra: Command, repository: ScratchRepository, task: Path, tmp_path: Path
) -> None:
    log, place = tmp_path / "calls", tmp_path / "first-on-path"
    place.mkdir()
    (place / "git").write_text(f'#!/bin/sh\necho "$*" >>"{log}"\nexec "{shutil.which("git")}" "$@"\n')
    (place / "git").chmod(0o755)
    env = {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    with Watching(okstra.words("watch", *OFTEN, "--json"), task, env) as watching:
        first = watching.document()
        assert first.pop("time").endswith("Z")
        assert first.pop("schema") == "okstra.watch/1"
        now = okstra("status", "--json", cwd=task).json()
        assert first == {name: value for name, value in now.items() if name != "schema"}

        calls = log.read_text()
        time.sleep(0.5)
        assert log.read_text() == calls

        Path(f"{task}-s1", "s1", "file").write_text("other\n")
        assert watching.document()["task"]["stages"][0]["dirty"] is True
        repository.git("commit", "-qam", "more", cwd=f"{task}-s1")
        seen = watching.document()["task"]["stages"][0]
        if seen["dirty"]:  # seen between the two that a commit does
            seen = watching.document()["task"]["stages"][0]
        assert (seen["ahead"], seen["dirty"]) == (2, False)
        watching.child.send_signal(signal.SIGTERM)
        assert watching.child.wait() == 143
        assert watching.child.communicate() == ("", "")


def test_without_a_terminal_a_line_says_what_changed_until_the_task_is_removed(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    with Watching(okstra.words("watch", *OFTEN, "--task", "DEV-1"), repository.path) as watching:
        owner = okstra("list", "--json", cwd=task).json()["tasks"][0]["owner"]
        assert [watching.line() for _ in range(3)] == [
            f"task DEV-1: phase implementation; open; owner {owner}",
            f"stage 1: open; owner {owner}",
            "stage 2: ready",
        ]
        Path(f"{task}-s1", "new").write_text("new\n")
        assert watching.line() == "stage 1: uncommitted changes"
        Path(f"{task}-s1", "new").unlink()
        assert watching.line() == "stage 1: no uncommitted changes"
        okstra("done", "1", cwd=task)
        assert watching.line() == "stage 1: open -> done"
        okstra("abandon", "1", cwd=task)
        okstra("remove", "task", "-D", cwd=repository)
        rest = watching.out.read()
        assert watching.child.wait() == 0
        assert "-> removed; owner" in rest
        assert watching.child.stderr is not None
        assert watching.child.stderr.read() == "okstra: task DEV-1 is removed, so nothing more will change\n"


def test_a_repository_that_goes_away_ends_it(okstra: Command, repository: ScratchRepository, task: Path) -> None:
    with Watching(okstra.words("watch", *OFTEN, "--task", "DEV-1"), repository.path) as watching:
        watching.line()
        (repository.path / ".git").rename(repository.path / "away")
        _, err = watching.child.communicate()
        assert watching.child.returncode == 128
        assert "okstra: error [not-a-repository]: the repository '" in err


def test_a_reader_that_goes_away_ends_it(okstra: Command, task: Path) -> None:
    with Watching(okstra.words("watch", "--json"), task) as watching:
        watching.document()
        watching.out.close()
        assert watching.child.wait(20) == 0


@pytest.fixture
def screen(okstra: Command, task: Path) -> Iterator[Terminal]:
    """A terminal with `watch` on it."""
    with Terminal(okstra.words("watch", *OFTEN), cwd=task, columns=100, rows=20) as seen:
        seen.shows("q ends")
        yield seen


def given_back(seen: Terminal) -> bool:
    """Whether the terminal is as it was: its screen, the cursor, and what is typed is shown."""
    return seen.written.count(SCREEN) == seen.written.count(BACK) == 1 and b"\x1b[?25h" in seen.written and seen.echoes


def test_the_screen_is_kept_up_to_date_and_given_back(screen: Terminal, task: Path) -> None:
    assert screen.lines[0] == "DEV-1"
    assert not screen.echoes
    Path(f"{task}-s1", "new").write_text("new\n")
    screen.shows("+1 *")
    screen.type("x")
    screen.resize(40, 8)
    screen.until(lambda seen: len(seen.lines) == 8 and "lines more than the screen has rows" in seen.lines[-2])
    assert screen.lines[-1].endswith("q ends")
    screen.type("q")
    assert screen.end() == 0
    assert given_back(screen)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_and_the_terminal_is_given_back(screen: Terminal, number: int, status: int) -> None:
    if number == signal.SIGINT:
        screen.type("\x03")
    else:
        os.kill(screen.pid, number)
    assert screen.end() == status
    assert given_back(screen)
    assert screen.written.endswith(BACK)  # nobody needs to be told


def test_conflicts_come_and_go_as_the_files_change(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    both = (
        '[[stage]]\nnumber = 1\ntitle = "one"\nfiles = ["**"]\n[[stage]]\nnumber = 2\ntitle = "two"\nfiles = ["**"]\n'
    )
    task = tickets.start(okstra, repository)
    okstra("plan", "import", "-", "--format", "toml", cwd=task, input=both)
    okstra("plan", "approve", "--yes", cwd=task)
    okstra("stage", "1", "2", cwd=task)
    with Watching(okstra.words("conflicts", "--watch", *OFTEN), task) as watching:
        assert watching.line() == "no conflict"
        Path(f"{task}-s1", "same").write_text("one\n")
        Path(f"{task}-s2", "same").write_text("two\n")
        assert watching.line() == "conflict between stage 1 and stage 2: same"
        Path(f"{task}-s2", "same").unlink()
        assert watching.line() == "no conflict any more between stage 1 and stage 2"
    with Terminal(okstra.words("conflicts", "--watch", *OFTEN), cwd=task) as seen:
        seen.shows("no conflict between 2 stages, task branch and base")
        Path(f"{task}-s2", "same").write_text("two\n")
        seen.shows("stage 1 and stage 2:")
        seen.type("q")
        assert seen.end() == 0


def test_what_cannot_be_answered_for_a_while_is_said_once_and_it_goes_on(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    plan = repository.path / ".git/okstra/tasks/dev/dev-1/plan.toml"
    with Watching(okstra.words("conflicts", "--watch", *OFTEN, "--json"), task) as watching:
        assert watching.document()["conflicts"] == []
        plan.rename(f"{plan}.away")
        assert watching.document()["error"]["code"] == "plan-missing"
        Path(f"{task}-s1", "new").write_text("new\n")  # asked again, and the same as before
        time.sleep(0.5)
        Path(f"{plan}.away").rename(plan)
        assert [line["uncommitted"] for line in watching.document()["lines"]] == [True, False, False]
