"""What the hot commands load and start: `--version` and `path` next to nothing, `list` one git per worktree and two.

What each git hook loads is held by tests/hooks/test_cost.py.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from support import processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = dict.fromkeys(range(1, 10), ())

HEAVY = {
    "argparse", "asyncio", "click", "concurrent", "contextlib", "dataclasses", "datetime", "dulwich", "filelock",
    "importlib", "inspect", "json", "logging", "pathlib", "re", "rich", "shutil", "socket", "subprocess", "tempfile",
    "threading", "tomli_w", "tomllib", "typing",
}  # fmt: skip

RUN = "import sys; sys.argv = ['git-okstra', *sys.argv[1:]]; from git_okstra.cli.entry import main; main()"


def imported(code: str, *args: str, cwd: Path) -> tuple[set[str], Ended]:
    """The modules that the interpreter imports for `code`, from the moment it starts, and how it ended."""
    ended = processes.run([sys.executable, "-X", "importtime", "-c", code, *args], cwd=cwd).require_success()
    lines = [line.rpartition("|")[2].strip() for line in ended.err.splitlines() if line.startswith("import time:")]
    return set(lines), ended


def loaded(*args: str, cwd: Path) -> tuple[set[str], str]:
    """What `git okstra ARGS` imports beyond what the interpreter does by itself, and what it prints."""
    own, _ = imported("import os, sys", cwd=cwd)
    found, ended = imported(RUN, *args, cwd=cwd)
    return found - own, ended.out


def require_light(modules: set[str], ours: set[str]) -> None:
    assert {name for name in modules if name.startswith("git_okstra")} == {f"git_okstra{name}" for name in ours}
    assert {name for name in modules if name.partition(".")[0] in HEAVY} == set()
    assert len(modules) < 20, sorted(modules)


def test_version_loads_nothing_but_the_door(tmp_path: Path) -> None:
    modules, out = loaded("--version", cwd=tmp_path)
    assert out.startswith("git-okstra version ")
    require_light(modules, {"", ".cli", ".cli.entry"})


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    """A task worktree with a stage."""
    path = tickets.start(okstra, repository, PLAN)
    okstra("stage", "3", cwd=path)
    return path


@pytest.mark.parametrize(
    ("args", "where", "suffix"),
    [
        ([], "main", ""),
        ([], "task", ""),
        ([], "stage", "-s3"),
        (["3"], "main", "-s3"),
        (["3"], "task", "-s3"),
        (["03"], "stage/deep/down", "-s3"),
        (["task"], "stage", ""),
        (["task"], "main", ""),
    ],
)
def test_path_loads_and_starts_next_to_nothing(
    task: Path, repository: ScratchRepository, tmp_path: Path, args: list[str], where: str, suffix: str
) -> None:
    stage = Path(f"{task}-s3")
    (stage / "deep" / "down").mkdir(parents=True)
    here = {"main": repository.path, "task": task, "stage": stage, "stage/deep/down": stage / "deep" / "down"}[where]
    modules, out = loaded("path", *args, cwd=here)
    assert out == f"{task}{suffix}\n"
    require_light(modules, {"", ".cli", ".cli.entry", ".cli.quick", ".git", ".git.repository", ".core", ".core.errors"})
    assert git_calls(okstra_script(), "path", *args, cwd=here, tmp_path=tmp_path)[0] == []


def okstra_script() -> str:
    found = shutil.which("git-okstra")
    assert found
    return found


def git_calls(*words: str, cwd: Path, tmp_path: Path) -> tuple[list[str], Ended]:
    """Every git that the command starts, by its arguments; written down by a `git` that stands first on PATH."""
    log, place = tmp_path / "calls", tmp_path / "first-on-path"
    real = shutil.which("git")
    place.mkdir(exist_ok=True)
    (place / "git").write_text(f'#!/bin/sh\necho "$*" >>"{log}"\nexec "{real}" "$@"\n')
    (place / "git").chmod(0o755)
    log.write_text("")
    path = f"{place}{os.pathsep}{os.environ['PATH']}"
    ended = processes.run(words, cwd=cwd, env={"PATH": path, "OKSTRA_TRACE": "1"}).require_success()
    calls = log.read_text().splitlines()
    # OKSTRA_TRACE shows every one of them.
    assert sum(line.startswith("okstra: trace: ") for line in ended.err.splitlines()) == len(calls)
    return calls, ended


def verbs(calls: list[str]) -> Counter[str]:
    known = ("status", "for-each-ref", "rev-list", "rev-parse", "worktree", "symbolic-ref", "reset", "hook")
    return Counter(next((verb for verb in known if f" {verb} " in f" {call} "), call) for call in calls)


def many_commits(repository: ScratchRepository, count: int) -> None:
    """That many commits on main, quickly."""
    mark = "committer Ada <ada@example.com> 1767607200 +0000\ndata 1\nx\n"
    first = f"commit refs/heads/main\n{mark}from refs/heads/main^0\n\n"
    repository.git("fast-import", "--quiet", input=first + f"commit refs/heads/main\n{mark}\n" * (count - 1))
    repository.git("reset", "-q", "--hard")


@pytest.mark.parametrize("history", ["short", "long", "commit-graph"])
def test_list_starts_one_git_for_each_worktree_and_two(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, history: str
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    for number in PLAN:
        tickets.work(okstra, repository, task, number, close=number % 2 == 0)
    behind = 5 if history == "short" else 1000
    many_commits(repository, behind)
    if history == "commit-graph":
        repository.git("commit-graph", "write", "--reachable")
    calls, ended = git_calls(okstra_script(), "list", "--json", cwd=repository.path, tmp_path=tmp_path)
    (row,) = ended.json()["tasks"]
    assert (row["ahead"], row["behind"]) == (0, behind)
    assert [stage["ahead"] for stage in row["stages"]] == [1] * 9
    assert len(tickets.worktrees(repository)) == 10
    assert verbs(calls)["status"] == 10
    assert len(calls) <= 12, calls

    calls, ended = git_calls(okstra_script(), "list", "--no-dirty", "--json", cwd=repository.path, tmp_path=tmp_path)
    assert [stage["ahead"] for stage in ended.json()["tasks"][0]["stages"]] == [1] * 9
    assert len(calls) <= 2, calls


@pytest.mark.parametrize("history", ["replaced", "12,000 commits"])
def test_list_starts_one_git_and_one_more_where_history_cannot_be_read_in_process(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, history: str
) -> None:
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    task = tickets.start(okstra, repository, PLAN, "DEV-1", "--base", "origin/main")
    tickets.work(okstra, repository, task, 1)
    behind = 3 if history == "replaced" else 12_000
    many_commits(repository, behind)
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    if history == "replaced":
        same = repository.git("commit-tree", "-m", "the same again", "-p", "HEAD~2", "HEAD~1^{tree}")
        repository.git("replace", "HEAD~1", same)
    calls, ended = git_calls(okstra_script(), "list", "--no-dirty", "--json", cwd=repository.path, tmp_path=tmp_path)
    (row,) = ended.json()["tasks"]
    assert (row["ahead"], row["behind"], row["stages"][0]["ahead"]) == (0, behind, 1)
    assert verbs(calls) == {"for-each-ref": 1, "rev-list": 1}


LISTING = {
    "", ".crashpoints", ".cli", ".cli.entry", ".cli.answers", ".cli.documents", ".cli.json_answer",
    ".cli.quick_answer", ".cli.speaking",
    ".core", ".core.agent_defaults", ".core.conflicts", ".core.errors", ".core.formats", ".core.guard_defaults",
    ".core.journal", ".core.lifecycle", ".core.names", ".core.plan", ".core.plan_fields", ".core.plan_reading",
    ".core.readiness", ".core.records", ".core.setting_values", ".core.settings", ".core.syncing", ".core.tasks",
    ".git", ".git.ancestry", ".git.changes", ".git.commit_graph", ".git.known_history", ".git.loose", ".git.objects",
    ".git.process", ".git.refs", ".git.repository", ".git.spawning", ".git.stopping", ".git.worktrees",
    ".operations", ".operations.context", ".operations.known_conflicts", ".operations.listing", ".operations.plans",
    ".operations.projects", ".operations.targets",
    ".state", ".state.config", ".state.files", ".state.json_files", ".state.locks", ".state.registry", ".state.store",
}  # fmt: skip

STATUS = {
    ".core.advice", ".core.verdicts", ".git.commit_facts", ".operations.merge_intent", ".operations.status",
    ".operations.sync_intent", ".operations.verdict",
}  # fmt: skip

DRAWN = {".cli.list_text", ".cli.painting", ".cli.tables", ".core.columns"}
"""What draws the table of `list` for a person."""

DRAWN_STATUS = {".cli.status_text", ".cli.painting", ".cli.tables", ".core.columns", ".core.plan_drawing"}

READERS = {"contextlib", "datetime", "importlib", "json", "re", "tomllib", "typing"}
"""What reading our files costs: tomllib and json, and what they need."""


@pytest.mark.parametrize(
    ("args", "ours"),
    [
        (("list", "--json"), LISTING),
        (("list", "--json", "--no-dirty"), LISTING),
        (("status", "--json"), LISTING | STATUS),
        (("list",), LISTING | DRAWN),
        (("status",), LISTING | STATUS | DRAWN_STATUS),
    ],
)
def test_list_and_status_load_what_they_read_with(
    okstra: Command, repository: ScratchRepository, args: tuple[str, ...], ours: set[str]
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    tickets.work(okstra, repository, task, 1)
    repository.git("commit-graph", "write", "--reachable")
    modules, out = loaded(*args, cwd=repository.path)
    assert ('"ahead": 1' if "--json" in args else "+1") in out
    assert {name for name in modules if name.startswith("git_okstra")} == {f"git_okstra{name}" for name in ours}
    assert {name for name in modules if name.partition(".")[0] in HEAVY - READERS} == set()


@pytest.mark.parametrize(
    "args",
    [
        ("list", "--json"),
        ("list", "--no-dirty", "--json"),
        ("list", "--json", "--all", "--json"),
        ("status", "--json"),
        ("status", "--json", "DEV-1"),
        ("list", "--json", "more"),
        ("list", "--json", "--nodirty"),
        ("list", "--json", "--help"),
        ("status", "--json", "--task", "DEV-9"),
        ("status", "--json", "--"),
    ],
)
def test_the_quick_answer_is_that_of_the_full_command(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, args: tuple[str, ...]
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    tickets.work(okstra, repository, task, 1)
    for where in (repository.path, task, tmp_path / "nowhere"):
        where.mkdir(exist_ok=True)
        quick, full = quick_and_full(where, args)
        assert quick == full


def test_the_quick_answer_in_words_is_that_of_the_full_command(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    tickets.work(okstra, repository, task, 1)
    (tmp_path / "nowhere").mkdir()
    for where, args in (
        (task, ("list",)),
        (task, ("list", "--all", "--no-dirty")),
        (task, ("list", "--long")),
        (task, ("status",)),
        (repository.path, ("status", "DEV-9")),
        (tmp_path / "nowhere", ("list",)),
    ):
        quick, full = quick_and_full(where, args)
        assert [unaged(part) for part in quick[1:]] == [unaged(part) for part in full[1:]]
        assert quick[0] == full[0]


def quick_and_full(where: Path, args: tuple[str, ...]) -> list[tuple[int, str, str]]:
    """How the console script ends, and how the command does that click leads to."""
    code = "import sys; from git_okstra.cli import dispatch; sys.exit(dispatch.run(sys.argv[1:]))"
    both = [processes.run([*words, *args], cwd=where) for words in ([okstra_script()], [sys.executable, "-c", code])]
    return [(ended.status, ended.out, ended.err) for ended in both]


def unaged(text: str) -> list[list[str]]:
    """The words of each line, without those that say how old something is."""
    return [[word for word in line.split() if not word.rstrip("smhd").isdecimal()] for line in text.splitlines()]


def test_the_quick_options_of_list_are_those_of_the_full_command() -> None:
    from git_okstra.cli import list as full
    from git_okstra.cli import quick_answer

    assert {name for option in full.command.params for name in option.opts} == quick_answer._LIST


def test_how_many_gits_start_and_stage_need(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    where = repository.path
    first, _ = git_calls(okstra_script(), "start", "feat", "DEV-1", "--base", "main", cwd=where, tmp_path=tmp_path)
    second, _ = git_calls(okstra_script(), "start", "feat", "DEV-2", "--base", "main", cwd=where, tmp_path=tmp_path)
    again, _ = git_calls(okstra_script(), "start", "feat", "DEV-2", cwd=where, tmp_path=tmp_path)
    task = tickets.start(okstra, repository, PLAN, "DEV-3")
    stage, _ = git_calls(okstra_script(), "stage", "1", cwd=task, tmp_path=tmp_path)
    reused, _ = git_calls(okstra_script(), "stage", "1", cwd=task, tmp_path=tmp_path)
    counts = [len(calls) for calls in (first, second, again, stage, reused)]
    # Not more than there are; fewer are welcome.
    assert all(count <= limit for count, limit in zip(counts, (9, 7, 0, 6, 0), strict=True)), counts
