"""`start`: where the base comes from, what is the same task, what a worktree gets, and what stays as it was."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest

from git_okstra.operations import start
from git_okstra.operations.context import Context
from support import tickets
from support.belongings import refusal
from support.processes import Where
from support.repositories import Git, ScratchRepository
from support.tickets import Command


def begin(where: Where, ticket: str = "DEV-1", *, env: Mapping[str, str] | None = None, **asked: Any) -> start.Started:
    """`start feat TICKET` in `where`, in process, with `main` as base if nothing else is said."""
    request = start.Request("feat", ticket, **{"base": "main", **asked})
    return start.start(Context(os.fspath(where), {**os.environ, **(env or {})}), request)


def everything(*roots: Path) -> dict[str, tuple[int, int, int]]:
    """Every path below the roots with its mode, size and time of last change; refs are files too."""
    found = {}
    for root in roots:
        for path in [root, *root.rglob("*")] if root.exists() else []:
            told = path.lstat()
            found[f"{path}"] = (told.st_mode, told.st_size, told.st_mtime_ns)
    return found


# -- the base


class Terminal:
    """The command on a terminal, on which somebody answers."""

    def __init__(self, okstra: Command, where: Where, *words: str) -> None:
        command, *args = okstra.words(*words)
        self.child = pexpect.spawn(command, args, cwd=os.fspath(where), timeout=60, encoding="utf-8")

    def answer(self, text: str) -> None:
        """Wait for the question and type the answer."""
        self.child.expect_exact("number, or any commit")
        self.shown = self.child.before
        self.child.sendline(text)

    def end(self) -> tuple[int, str]:
        """The exit status, and what was shown since the last question."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, self.child.before


@pytest.fixture
def two_bases(repository: ScratchRepository) -> ScratchRepository:
    """A repository with `main` and `dev`, each with a commit of its own, and the branch `mine` checked out."""
    repository.git("switch", "-q", "-c", "dev")
    repository.commit({"dev": "dev\n"})
    repository.git("switch", "-q", "main")
    repository.commit({"main": "main\n"})
    repository.git("switch", "-q", "-c", "mine")
    return repository


def base_of(ticket: str = "dev-1") -> str:
    """The recorded base of the task."""
    return tickets.reservations()[f"shop/dev/{ticket}#0"].base


@pytest.mark.parametrize(
    ("typed", "revision"), [("2", "dev"), ("3", "mine"), ("", "main"), ("main~1", "main~1"), ("dev", "dev")]
)
def test_on_a_terminal_the_base_is_asked_for_once(
    okstra: Command, two_bases: ScratchRepository, typed: str, revision: str
) -> None:
    terminal = Terminal(okstra, two_bases, "start", "feat", "DEV-1")
    terminal.answer(typed)
    menu = [line.strip().removeprefix("okstra:").strip() for line in terminal.shown.splitlines()]
    assert menu[1:4] == ["1) main", "2) dev", "3) mine"]
    status, shown = terminal.end()
    assert status == 0, shown
    assert base_of() == two_bases.git("rev-parse", revision)
    again = Terminal(okstra, two_bases, "start", "feat", "DEV-1")
    status, shown = again.end()
    assert status == 0, shown
    assert "has been open since" in shown
    assert "number" not in shown


def test_an_answer_that_is_no_commit_starts_nothing(okstra: Command, two_bases: ScratchRepository) -> None:
    terminal = Terminal(okstra, two_bases, "start", "feat", "DEV-1")
    terminal.answer("99")
    status, shown = terminal.end()
    assert (status, "[bad-revision]" in shown) == (2, True)
    assert tickets.reservations() == {}
    terminal = Terminal(okstra, two_bases, "start", "feat", "DEV-1")
    terminal.child.expect_exact("number, or any commit")
    terminal.child.sendintr()
    status, shown = terminal.end()
    assert (status, "[interrupted]" in shown) == (130, True)
    assert tickets.branches(two_bases).keys() == {"main", "dev", "mine"}


@pytest.mark.parametrize("words", [("--json",), ("--base", "dev")])
def test_on_a_terminal_json_and_a_given_base_ask_nothing(
    okstra: Command, two_bases: ScratchRepository, words: tuple[str, ...]
) -> None:
    status, shown = Terminal(okstra, two_bases, "start", "feat", "DEV-1", *words).end()
    assert (status, "base-required" in shown) == ((2, True) if words == ("--json",) else (0, False))
    assert "number, or" not in shown


def test_a_configured_base_is_not_asked_for(okstra: Command, two_bases: ScratchRepository) -> None:
    okstra("config", "set", "start.base", "dev", cwd=two_bases)
    status, shown = Terminal(okstra, two_bases, "start", "feat", "DEV-1").end()
    assert status == 0, shown
    assert base_of() == two_bases.git("rev-parse", "dev")


def test_a_terminal_on_standard_input_alone_is_nobody_to_ask(okstra: Command, two_bases: ScratchRepository) -> None:
    words = okstra.words("start", "feat", "DEV-1")
    child = pexpect.spawn("sh", ["-c", '"$@" 2>said', "sh", *words], cwd=os.fspath(two_bases), encoding="utf-8")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    assert "[base-required]" in (two_bases.path / "said").read_text()


def test_a_remote_base_sets_no_upstream_and_fetch_fetches_first(
    git: Git, repository: ScratchRepository, tmp_path: Path
) -> None:
    clone = ScratchRepository(tmp_path / "clone")
    git("clone", "-q", f"{repository.path}", f"{clone.path}")
    clone.git("config", "branch.autoSetupMerge", "always")
    before = clone.head
    after = repository.commit({"new": "new\n"})
    assert begin(clone, "DEV-1", base="origin/main").task.base_commit == before
    assert begin(clone, "DEV-2", base="origin/main", fetch=True).task.base_commit == after
    assert clone.git.run("config", "--get-regexp", "^branch[.]feat-").out == ""
    assert clone.git("for-each-ref", "--format=%(upstream)", "refs/heads/feat-*").strip() == ""
    later = repository.commit({"newer": "newer\n"})
    assert begin(clone, "DEV-3", base="origin/main", fetch=True, dry_run=True).task.base_commit == after
    env = {"OKSTRA_START_FETCH": "true"}
    assert begin(clone, "DEV-3", base="origin/main", env=env).task.base_commit == later


def test_a_fetch_that_fails_starts_nothing(git: Git, repository: ScratchRepository, tmp_path: Path) -> None:
    clone = ScratchRepository(tmp_path / "clone")
    git("clone", "-q", f"{repository.path}", f"{clone.path}")
    shutil.rmtree(repository.path)
    assert refusal(lambda: begin(clone, fetch=True)).code == "git-failed"
    assert tickets.reservations() == {}
    assert tickets.branches(clone).keys() == {"main"}
    assert begin(clone).status == "created"


# -- the same task


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DEV-1", "dev-1"),
        (unicodedata.normalize("NFC", "Café-1"), unicodedata.normalize("NFD", "CAFÉ-1")),
        (unicodedata.normalize("NFD", "결제-1"), unicodedata.normalize("NFC", "결제-1")),
        ("Straße", "STRASSE"),
        ("DEV-1", " DEV-1 "),
    ],
)
def test_ids_equal_by_case_or_unicode_form_are_one_task(repository: ScratchRepository, one: str, other: str) -> None:
    first, second = begin(repository, one), begin(repository, other)
    assert (first.status, second.status) == ("created", "reused")
    assert second.path == first.path
    assert second.task.id == one.strip()
    assert len(tickets.reservations()) == 1
    assert refusal(lambda: begin(repository, other, exclusive=True)).code == "held"


def test_a_worktree_that_was_deleted_is_named_and_made_again_by_doctor(
    okstra: Command, repository: ScratchRepository
) -> None:
    path = Path(begin(repository).path)
    repository.commit({"work": "work\n"}, cwd=path)
    shutil.rmtree(path)
    refused = refusal(lambda: begin(repository))
    assert (refused.code, f"{path}" in refused.message) == ("worktree-missing", True)
    assert "git okstra doctor --repair" in refused.hint
    assert refusal(lambda: begin(repository, dry_run=True)).code == "worktree-missing"
    okstra("doctor", "--repair", cwd=repository)
    assert begin(repository).status == "reused"
    assert (path / "work").read_text() == "work\n"
    tickets.require_order(repository)


# -- inside a linked worktree that is not ours


@pytest.fixture
def foreign(repository: ScratchRepository, tmp_path: Path) -> Path:
    """A linked worktree of the user's, on the branch `mine`."""
    repository.git("worktree", "add", "-q", "-b", "mine", f"{tmp_path / 'mine'}")
    return tmp_path / "mine"


def test_a_foreign_worktree_is_bound_as_it_is(repository: ScratchRepository, foreign: Path) -> None:
    commit = repository.commit({"sub/work": "work\n"}, cwd=foreign)
    (foreign / "notes").write_text("mine\n")
    before = everything(foreign)
    done = begin(foreign / "sub")
    assert (done.status, done.path, done.task.branch) == ("skipped-in-worktree", f"{foreign}", "mine")
    assert done.task.base_commit == repository.head
    assert everything(foreign) == before
    assert repository.git("rev-parse", "mine") == commit
    assert tickets.worktrees(repository) == {f"{foreign}": "mine"}
    (entry,) = tickets.reservations().values()
    assert (entry.in_place, entry.path) == (True, f"{foreign}")
    assert begin(repository).path == f"{foreign}"  # the same task from anywhere
    assert begin(foreign, "DEV-2").status == "created"  # it serves one task


def test_a_worktree_of_its_own_can_be_asked_for_in_a_foreign_one(repository: ScratchRepository, foreign: Path) -> None:
    done = begin(foreign, own_worktree=True)
    assert (done.status, done.task.branch) == ("created", "feat-dev-1")
    assert tickets.worktrees(repository) == {f"{foreign}": "mine", done.path: "feat-dev-1"}
    tickets.require_order(repository, foreign=["mine"])


# -- what is made


def post_checkout(repository: ScratchRepository, body: str) -> None:
    """Give the repository that post-checkout hook."""
    hook = repository.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{body}\n")
    hook.chmod(0o755)


def test_the_post_checkout_hook_runs_once_when_all_is_there(repository: ScratchRepository, tmp_path: Path) -> None:
    """As for `git worktree add` (githooks(5)); the checkout itself, which is ours, runs without hooks."""
    log = tmp_path / "log"
    post_checkout(repository, f'echo "$*|$(pwd)|$(cat README.md)|$(git status --porcelain)" >>"{log}"')
    done = begin(repository)
    assert log.read_text() == f"{'0' * 40} {repository.head} 1|{done.path}|# shop|\n"
    assert begin(repository).status == "reused"
    assert len(log.read_text().splitlines()) == 1
    repository.git("worktree", "add", "-q", f"{tmp_path / 'other'}")
    by_git, by_us = (line.partition("|")[0] for line in reversed(log.read_text().splitlines()))
    assert by_git == by_us


def test_hooks_of_the_repository_do_not_run_for_what_is_ours(repository: ScratchRepository, tmp_path: Path) -> None:
    """`reset --hard` and `worktree add` would run these: they are our way to make a worktree, nothing the user did."""
    for name in ("post-index-change", "reference-transaction"):
        hook = repository.path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\necho {name} >>"{tmp_path / "log"}"\nexit 1\n')
        hook.chmod(0o755)
    assert begin(repository).status == "created"
    assert not (tmp_path / "log").exists()


def test_a_failing_post_checkout_hook_is_told_and_harms_nothing(okstra: Command, repository: ScratchRepository) -> None:
    post_checkout(repository, "echo no network >&2; exit 7")
    done = okstra("start", "feat", "DEV-1", cwd=repository)
    assert "the post-checkout hook exited with 7: no network" in done.err
    tickets.require_order(repository)


def test_a_dry_run_leaves_everything_as_it_was(
    repository: ScratchRepository, foreign: Path, make_repository: Callable[[str], ScratchRepository]
) -> None:
    home = tickets.home()
    for _ in ("in a repository that knows nothing of us", "beside another task"):
        before = everything(repository.path, foreign, home)
        done = begin(repository, "DEV-2", dry_run=True)
        assert (done.status, done.path) == ("created", f"{home}/worktrees/shop/dev/dev-2")
        assert begin(foreign, "DEV-3", dry_run=True).status == "skipped-in-worktree"
        assert begin(repository, "DEV-4", dry_run=True, adopt=True, branch="mine2", group="g").path.endswith("/g/dev-4")
        assert refusal(lambda: begin(repository, "DEV-5", dry_run=True, branch="mine")).code == "branch-exists"
        assert refusal(lambda: begin(repository, "DEV-5", dry_run=True, base="nowhere")).code == "bad-revision"
        assert everything(repository.path, foreign, home) == before
        begin(repository)
    before = everything(repository.path, foreign, home)
    assert begin(repository, dry_run=True).status == "reused"
    assert refusal(lambda: begin(repository, dry_run=True, env={"OKSTRA_OWNER": "bob"})).code == "held"
    assert everything(repository.path, foreign, home) == before
