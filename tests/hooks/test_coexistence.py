"""The hooks of others keep running, whoever comes first: plain ones, husky, lefthook and pre-commit, the real ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.operations import hooking
from git_okstra.operations.context import Context
from support import processes, sealing
from support.hooked import PLAN, Held, rules
from support.processes import Ended
from support.repositories import ScratchRepository


class Others:
    """A repository in which another tool, or somebody by hand, has hooks for pre-commit and pre-push."""

    def __init__(self, repository: ScratchRepository, log: Path) -> None:
        self.repository, self.git, self.log = repository, repository.git, log

    def install(self, where: Path) -> None:
        """Install the other's hooks, as one would type it there."""
        raise NotImplementedError

    def ran(self) -> str:
        """What has run since the last time."""
        text = self.log.read_text() if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        return text


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)


BODY = (
    'echo "$HOOK $*" >>"$HOOK_LOG"\n'
    'case $HOOK in pre-push) sed "s/^/read /" >>"$HOOK_LOG" ;; esac\n'
    'case $HOOK_FAILS in "$HOOK") echo "$HOOK says no"; exit 7 ;; esac\n'
)


class ByHand(Others):
    """Files in git's own directory."""

    def install(self, where: Path) -> None:
        for event in ("pre-commit", "pre-push", "commit-msg"):
            script(self.repository.path / ".git" / "hooks" / event, f"HOOK={event}\n{BODY}")


class Husky(Others):
    """`core.hooksPath` in the repository's configuration, relative to each worktree."""

    def install(self, where: Path) -> None:
        for event in ("pre-commit", "pre-push", "commit-msg"):
            script(where / ".husky" / event, f"HOOK={event}\n{BODY}")
        processes.run(["husky"], cwd=where).require_success()


class Lefthook(Others):
    """Files in git's own directory; what was there is renamed and not run any more."""

    def install(self, where: Path) -> None:
        for event in ("pre-commit", "pre-push", "commit-msg"):
            script(where / ".lefthook" / event / "record", f"HOOK={event}\n{BODY}")
        events = [
            f"{event}:\n  scripts:\n    record:\n      runner: sh\n      use_stdin: true\n"
            for event in ("pre-commit", "pre-push", "commit-msg")
        ]
        (where / "lefthook.yml").write_text("".join(events))
        processes.run(["lefthook", "install"], cwd=where).require_success()


class PreCommit(Others):
    """Files in git's own directory; what was there is renamed and goes on running."""

    def install(self, where: Path) -> None:
        script(where / "record", BODY)
        hooks = [
            f"      - {{id: {event}, name: {event}, language: system, stages: [{event}], always_run: true,"
            f" verbose: true, pass_filenames: false, entry: env HOOK={event} ./record}}\n"
            for event in ("pre-commit", "pre-push")
        ]
        (where / ".pre-commit-config.yaml").write_text("repos:\n  - repo: local\n    hooks:\n" + "".join(hooks))
        words = ["pre-commit", "install", "-t", "pre-commit", "-t", "pre-push"]
        processes.run(words, cwd=where).require_success()


@pytest.fixture(scope="session")
def node_tools(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where husky and lefthook are, installed from npm for this session; skipped where that cannot be done."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing")
    place = tmp_path_factory.mktemp("npm")
    words = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "husky@9", "lefthook@2"]
    if processes.run(words, cwd=place).status != 0:
        pytest.skip("husky and lefthook cannot be installed from npm")
    return os.fspath(place / "node_modules" / ".bin")


@pytest.fixture(params=[ByHand, Husky, Lefthook, PreCommit], ids=lambda kind: kind.__name__)
def others(
    request: pytest.FixtureRequest, repository: ScratchRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Others:
    places = [sealing.SCRIPTS, os.environ["PATH"]]
    if request.param in (Husky, Lefthook):
        places.insert(0, request.getfixturevalue("node_tools"))
    elif request.param is PreCommit and shutil.which("pre-commit", path=sealing.SCRIPTS) is None:
        pytest.skip("pre-commit is missing")
    monkeypatch.setenv("PATH", os.pathsep.join(places))
    monkeypatch.setenv("HOOK_LOG", os.fspath(tmp_path / "hooks.log"))
    monkeypatch.setenv("HOOK_FAILS", "")
    monkeypatch.setenv("LEFTHOOK_QUIET", "meta,summary,execution_info")
    monkeypatch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)
    repository.git("init", "-q", "--bare", os.fspath(tmp_path / "there.git"))
    repository.git("remote", "add", "origin", os.fspath(tmp_path / "there.git"))
    kind: Callable[[ScratchRepository, Path], Others] = request.param
    return kind(repository, tmp_path / "hooks.log")


def require_both_run(held: Held, others: Others, number: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit and a push: theirs run, with what they are to be given, and may refuse; so do ours."""
    where = held.repository.path if number is None else held.path(number)
    name, branch = ("base", "side") if number is None else (f"s{number}/x", held.branch(number))
    if number is None:
        held.git.run("switch", "-q", "-c", "side", cwd=where)
    others.ran()

    def commit(path: str) -> Ended:
        (where / path).parent.mkdir(exist_ok=True)
        (where / path).write_text(others.log.name + str(len(list(where.iterdir()))) + path)
        held.git("add", "-f", path, cwd=where)
        return held.git.run("commit", "-m", "x", cwd=where)

    commit(name).require_success()
    assert "pre-commit" in others.ran()
    held.git.run("push", "-q", "origin", branch, cwd=where).require_success()
    pushed = others.ran()
    assert "pre-push" in pushed
    if not isinstance(others, PreCommit):  # which reads for itself what git says
        assert f"pre-push origin {held.git('remote', 'get-url', 'origin')}\n" in pushed, pushed
        assert f"read refs/heads/{branch} {held.git('rev-parse', branch)} refs/heads/{branch}" in pushed, pushed
    monkeypatch.setenv("HOOK_FAILS", "pre-commit")
    assert commit(name + "2").status != 0
    monkeypatch.setenv("HOOK_FAILS", "pre-push")
    held.git("commit", "-qn", "--allow-empty", "-m", "new to the remote", cwd=where)
    assert held.git.run("push", "-q", "origin", f"{branch}:refs/heads/other", cwd=where).status != 0
    monkeypatch.setenv("HOOK_FAILS", "")
    held.git("reset", "-q", "--hard", cwd=where)
    assert rules(held.git.run("push", "-q", "origin", "HEAD:main", cwd=where)) == ["push-protected"]
    if number is not None:
        assert rules(commit("evil")) == ["commit-plan"]
        held.git("reset", "-q", "--hard", cwd=where)


def start(repository: ScratchRepository) -> Held:
    held = Held(repository, PLAN)
    held.open(1)
    return held


def in_linked(held: Held, others: Others) -> None:
    """What the tool needs in each worktree is not in git's directory; its own configuration files are not committed."""
    if isinstance(others, Husky):
        others.install(held.path(1))
    for name in ("lefthook.yml", ".lefthook", ".pre-commit-config.yaml", "record"):
        source, target = held.repository.path / name, held.path(1) / name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, target)
    exclude = held.repository.path / ".git" / "info" / "exclude"
    exclude.write_text("lefthook.yml\n.lefthook\n.pre-commit-config.yaml\nrecord\n.husky\n")


def test_who_was_there_before_goes_on(others: Others, monkeypatch: pytest.MonkeyPatch) -> None:
    others.install(others.repository.path)
    held = start(others.repository)
    in_linked(held, others)
    assert all(one.active for one in hooking.status(held.context()))
    require_both_run(held, others, 1, monkeypatch)
    require_both_run(held, others, None, monkeypatch)
    assert not hooking.install(held.context())


def test_who_comes_later_runs_too_once_ours_are_installed_again(
    others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = start(others.repository)
    others.install(others.repository.path)
    in_linked(held, others)
    hooking.install(held.context())
    assert all(one.active for one in hooking.status(held.context()))
    require_both_run(held, others, 1, monkeypatch)
    require_both_run(held, others, None, monkeypatch)


def test_status_tells_what_another_has_overwritten(others: Others) -> None:
    held = start(others.repository)
    others.install(others.repository.path)
    off = {(one.governed, one.event) for one in hooking.status(held.context()) if not one.active}
    expected = {
        ByHand: {(False, "pre-push")},
        Husky: {(False, "pre-push"), (False, "post-checkout")},
        Lefthook: {(False, "pre-push")},
        PreCommit: set(),
    }
    assert off == expected[type(others)]


def test_uninstall_leaves_everything_as_it_was(others: Others) -> None:
    others.install(others.repository.path)
    config = others.repository.path / ".git" / "config"
    config.write_bytes(config.read_bytes().rstrip(b"\n"))
    before = tree(others.repository.path / ".git")
    ctx = Context(os.fspath(others.repository), os.environ)
    for _ in range(2):
        hooking.install(ctx)
    assert tree(others.repository.path / ".git") != before
    hooking.uninstall(ctx)
    assert tree(others.repository.path / ".git") == before


def test_uninstall_leaves_alone_what_came_later(others: Others, tmp_path: Path) -> None:
    pristine = tmp_path / "kept"
    shutil.copytree(others.repository.path, pristine / "a", symlinks=True)
    ctx = Context(os.fspath(others.repository), os.environ)
    hooking.install(ctx)
    others.install(others.repository.path)
    hooking.install(ctx)
    hooking.uninstall(ctx)
    found = tree(others.repository.path / ".git")
    shutil.rmtree(others.repository.path)
    shutil.copytree(pristine / "a", others.repository.path, symlinks=True)
    others.install(others.repository.path)
    assert found == tree(others.repository.path / ".git")


def test_a_hook_that_is_added_later_runs(held: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_LOG", os.fspath(tmp_path / "log"))
    for event in ("commit-msg", "post-commit", "post-rewrite"):
        script(held.repository.path / ".git" / "hooks" / event, f"HOOK={event}\n{BODY}")
    held.write(1, "s1/x")
    held.git("commit", "-qm", "x", cwd=held.path(1))
    held.git("commit", "-qn", "--amend", "-m", "y", cwd=held.path(1))
    ran = [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()]
    assert ran == ["commit-msg", "post-commit", "post-commit", "post-rewrite"]


@pytest.mark.parametrize("others", [Lefthook], indirect=True, ids=["Lefthook"])
def test_who_is_installed_from_a_governed_worktree(others: Others, monkeypatch: pytest.MonkeyPatch) -> None:
    """There our directory is the one that counts: lefthook puts its hooks into it, pre-commit refuses."""
    held = start(others.repository)
    others.install(held.path(1))
    assert {one.event for one in hooking.status(held.context()) if not one.active} == {"pre-commit", "pre-push"}
    assert rules(held.git.run("commit", "--allow-empty", "-m", "x", cwd=held.path())) == ["commit-task"]
    hooking.install(held.context())
    assert all(one.active for one in hooking.status(held.context()))
    (held.repository.path / ".git" / "info" / "exclude").write_text("lefthook.yml\n.lefthook\n")
    require_both_run(held, others, 1, monkeypatch)


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of git's directory but ours: mode and content."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] != "okstra" and not name.startswith(("info/lefthook", "index")):
            found[name] = (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
    return found
