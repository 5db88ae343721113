"""What the hooks start and load: nothing but the shell where nothing is governed, one Python where something is judged.

Processes are counted by strace(1), which sees each execve(2).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from git_okstra.core import policy
from git_okstra.state.policies import Policies
from support import processes
from support.hooked import CONFIGURED, HOOKS_OFF, Held, require_refused

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is missing")

_LINE = re.compile(r'^(\d+) +(?:execve\("([^"]+)"|<\.\.\. execve resumed>)')


def started(*words: str, cwd: os.PathLike[str], log: Path, status: int = 0) -> list[str]:
    """The programs that a git command starts, in their order: `git`, `python`, `sh` (a hook by its name)."""
    ended = processes.run(
        ["strace", "-f", "-qq", "-s", "300", "-e", "trace=execve", "-e", "signal=none", "-o", os.fspath(log), *words],
        cwd=cwd,
    )
    assert ended.status == status, f"{ended}"
    names = [os.path.basename(path) for path in _executed(log.read_text())]
    return ["python" if name.startswith("python") else name for name in names]


def _executed(trace: str) -> list[str]:
    """The paths that were executed; strace breaks the line of a call in two when another process's comes between."""
    found, begun = [], {}
    for line in trace.splitlines():
        match = _LINE.match(line)
        if match:
            path = match[2] or begun.pop(match[1])
            if line.endswith(" = 0"):
                found.append(path)
            elif line.endswith("<unfinished ...>"):
                begun[match[1]] = path
    return found


@pytest.fixture
def log(held: Held, tmp_path: Path) -> Path:
    held.git("branch", "warm", cwd=held.path(1))  # the first hook after a change of git's configuration reads it
    return tmp_path / "execve"


def added(held: Held, log: Path, *words: str, number: int | None = None) -> Counter[str]:
    """What a git command starts beyond what it starts with hooks off."""
    cwd = held.repository.path if number is None else held.path(number)
    without = Counter(started("git", *HOOKS_OFF, *words, cwd=cwd, log=log))
    found = Counter(started("git", *words, cwd=cwd, log=log)) - without
    if CONFIGURED:  # a shell becomes the hook, and reference-transaction serves the whole repository
        del found["sh"], found["reference-transaction"]
    return found


def test_outside_governed_worktrees_nothing_but_the_shell_is_started(held: Held, log: Path) -> None:
    held.git("init", "-q", "--bare", "../there.git")
    held.git("branch", "x")
    held.git("branch", "y")
    assert not added(held, log, "commit", "--allow-empty", "-qm", "x")
    assert not added(held, log, "fetch", "-q", ".", "+main:refs/remotes/o/main")
    assert not added(held, log, "update-ref", "refs/heads/x", "main")
    assert added(held, log, "checkout", "-q", "x") == {"post-checkout": 1}
    assert not added(held, log, "merge", "-q", "--no-ff", "-m", "m", "y")
    assert added(held, log, "push", "-qf", "../there.git", "x:refs/heads/x") == {"pre-push": 1}


def test_for_ungoverned_refs_nothing_but_the_shell_is_started(held: Held, log: Path) -> None:
    for words in (
        ("branch", "-f", "own"),
        ("update-ref", "refs/heads/own", "HEAD~1"),
        ("fetch", "-q", ".", "+main:refs/remotes/o/main"),
        ("tag", "-f", "v1"),
        ("update-ref", "refs/okstra/x", "HEAD"),
    ):
        held.git("update-ref", "refs/heads/own", "main")
        found = added(held, log, *words, number=1)
        assert found.keys() <= {"reference-transaction"}, (words, found)


def test_a_plain_allowed_commit_starts_python_once(held: Held, log: Path) -> None:
    held.write(1, "s1/x")
    found = started("git", "commit", "-qm", "x", cwd=held.path(1), log=log)
    assert found.count("python") == 1, found
    assert CONFIGURED or found.count("reference-transaction") == 2, found
    assert CONFIGURED or found[found.index("reference-transaction") :].count("git") <= 1, found


@pytest.mark.parametrize("options", [("-n",), ("--amend",)])
def test_other_commits_start_python_once_a_transaction(held: Held, log: Path, options: tuple[str, ...]) -> None:
    held.write(1, "s1/x")
    found = started("git", "commit", *options, "-qm", "x", cwd=held.path(1), log=log)
    assert found[found.index("reference-transaction") :].count("python") == 1, found
    after = found[len(found) - found[::-1].index("reference-transaction") :]
    assert "python" not in after, found


def test_a_rebase_is_judged_once(held: Held, log: Path) -> None:
    for name in "bcd":
        held.commit(1, {f"s1/{name}": name})
    held.base_commit({"base.txt": "x\n"})
    assert started("git", "rebase", "-q", "main", cwd=held.path(1), log=log).count("python") == 1


def test_a_refusal_starts_python_once(held: Held, log: Path) -> None:
    held.write(1, "src/x")
    assert started("git", "commit", "-qm", "x", cwd=held.path(1), log=log, status=1).count("python") == 1
    assert started("git", "commit", "-nqm", "x", cwd=held.path(1), log=log, status=128).count("python") == 1


def test_a_commit_in_a_sparse_worktree_starts_no_more(held: Held, log: Path) -> None:
    held.write(1, "s1/x")
    plain = Counter(started("git", "commit", "-qm", "x", cwd=held.path(1), log=log))
    held.git("sparse-checkout", "set", "--cone", "s1", cwd=held.path(1))
    held.write(1, "s1/y")
    started("git", "commit", "-qm", "y", cwd=held.path(1), log=log)  # the configuration of all has changed
    held.write(1, "s1/z")
    assert Counter(started("git", "commit", "-qm", "z", cwd=held.path(1), log=log)) <= plain


# -- modules

HEAVY = {
    "ast", "asyncio", "click", "collections", "contextlib", "dataclasses", "datetime", "dulwich", "enum", "filelock",
    "functools", "importlib", "inspect", "json", "logging", "pathlib", "re", "rich", "shutil", "signal", "socket",
    "subprocess", "tempfile", "threading", "tomli_w", "tomllib", "typing", "unicodedata",
}  # fmt: skip

JUDGE = "import sys; sys.path.insert(0, {root!r}); from git_okstra.hooks import door; sys.exit(door.main({words!r}))"


def loaded(held: Held, event: str, *rest: str, stdin: str) -> set[str]:
    """What the door imports for an event that is allowed, beyond what the interpreter has by itself."""
    common = os.fspath(held.repository.path / ".git")
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(policy.__file__))))

    def imported(code: str) -> set[str]:
        words = [sys.executable, "-I", "-S", "-X", "importtime", "-c", code]
        ended = processes.run(words, cwd=held.path(1), input=stdin).require_success()
        assert "BLOCKED" not in ended.err, f"{ended}"
        lines = [line.rpartition("|")[2].strip() for line in ended.err.splitlines() if line.startswith("import time:")]
        return set(lines)

    words = [event, common, f"{common}/worktrees/{held.path(1).name}", event, *rest]
    return imported(JUDGE.format(root=root, words=words)) - imported("import sys")


RULES = {
    "", "core", "core.errors", "core.patterns", "core.policy", "core.policy_text", "core.refusals", "crashpoints",
    "hooks", "hooks.door", "hooks.ground", "state", "state.files", "state.policies",
}  # fmt: skip
"""What every judgement needs."""

GIT = {
    "core.records", "git", "git.changes", "git.loose", "git.merges", "git.process", "git.refs", "git.repository",
    "git.spawning", "git.stopping", "operations", "operations.judging",
}  # fmt: skip
"""What it takes to judge commits: refs are read, git is asked for what they change."""

OWN = {
    "pre-commit": {"hooks.pre_commit"},
    "reference-transaction": {"hooks.reference_transaction", *GIT},
    "pre-push": {"core.pushing", "hooks.ledger", "hooks.pre_push", *GIT},
    "post-checkout": {"core.names", "hooks.post_checkout"},
}
"""What each event loads of ours beside RULES."""

STARTING = {"collections", "contextlib", "enum", "functools", "signal"}
SHOWING = {"collections", "contextlib", "enum", "functools", "re", "typing", "unicodedata"}
NOT_LIGHT = {"reference-transaction": STARTING, "pre-push": STARTING, "post-checkout": SHOWING}
"""What of HEAVY starting a process, or showing a name, cannot do without."""


def said(held: Held) -> dict[str, tuple[tuple[str, ...], str]]:
    """Every event that Python is asked about: its arguments, and its standard input."""
    new = held.loose({"s1/x": "x"}, held.tip(1))
    moved = f"{held.tip(1)} {new} refs/heads/{held.branch(1)}\n"
    pushed = f"refs/heads/{held.branch(1)} {held.tip(1)} refs/heads/mine {'0' * 40}\n"
    return {
        "pre-commit": ((held.branch(1),), "s1/x\0/"),
        "reference-transaction": (("1",), moved),
        "pre-push": ((), pushed),
        "post-checkout": (("switched",), ""),
    }


@pytest.mark.parametrize("event", OWN)
def test_a_hook_loads_the_rules_of_its_event_and_nothing_else(held: Held, event: str) -> None:
    rest, stdin = said(held)[event]
    if event == "post-checkout":
        held.git("switch", "-q", "--detach", cwd=held.path(1))
    found = loaded(held, event, *rest, stdin=stdin)
    assert {name.partition(".")[2] for name in found if name.startswith("git_okstra")} == RULES | OWN[event]
    assert {name.partition(".")[0] for name in found} & HEAVY == NOT_LIGHT.get(event, set())


@pytest.mark.skipif(CONFIGURED, reason="git runs the user's own hooks itself")
def test_hooks_that_we_have_no_rule_for_start_no_python(held: Held, log: Path) -> None:
    place = held.repository.path / ".git" / "hooks"
    for event in ("pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-merge", "pre-rebase"):
        (place / event).write_text("#!/bin/sh\nexit 0\n")
        (place / event).chmod(0o755)
    held.write(1, "s1/x")
    started("git", "commit", "-qm", "x", cwd=held.path(1), log=log)  # from here on all of them are known
    held.git("branch", "side", "HEAD~1", cwd=held.path(1))
    held.git("switch", "-q", "--detach", "side", cwd=held.path(1))
    found = started("git", "merge", "-q", "--no-ff", "-m", "m", held.branch(1), cwd=held.path(1), log=log)
    assert {"pre-merge-commit", "commit-msg", "prepare-commit-msg", "post-merge"} <= set(found)
    assert "python" not in found, found


def test_a_governed_branch_that_has_moved_is_read_afresh(held: Held) -> None:
    """The files tell whether what they were made from has changed."""
    kept = Policies(os.fspath(held.repository.path / ".git"))
    assert kept.task("dev,dev-1") is not None
    held.done(1)
    assert kept.task("dev,dev-1") is None
    held.write(1, "src/x")
    require_refused(held.git.run("commit", "-qnm", "x", cwd=held.path(1)), "commit-plan")
    assert kept.task("dev,dev-1") is not None
