"""Installing and taking out, killed at each point: the next command puts it right, and no hook of anybody is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.operations import hooking
from git_okstra.operations.context import Context
from support import processes
from support.hooked import CONFIGURED
from support.repositories import ScratchRepository
from support.tickets import Command

OWN = "#!/bin/sh\necho own >&2\n"


@pytest.fixture
def with_own(repository: ScratchRepository, fresh: None) -> ScratchRepository:
    for event in ("pre-push", "post-checkout"):
        path = repository.path / ".git" / "hooks" / event
        path.write_text(OWN)
        path.chmod(0o755)
    return repository


def outside(repository: ScratchRepository) -> dict[str, bytes]:
    """What is not ours of git's directory, and may be written by us."""
    root = repository.path / ".git"
    found = {path.name: path.read_bytes() for path in (root / "hooks").iterdir() if not path.name.endswith(".sample")}
    return found | {"config": (root / "config").read_bytes()}


def require_own_runs(repository: ScratchRepository) -> None:
    assert "own" in repository.git.run("switch", "-q", "main").err


def test_install_killed_anywhere(with_own: ScratchRepository, okstra: Command) -> None:
    ctx = Context(os.fspath(with_own), os.environ)
    before = outside(with_own)
    words = okstra.words("hooks", "install")
    points = processes.crash_points(words, cwd=with_own)
    whole = outside(with_own)
    okstra("hooks", "uninstall", "--yes", cwd=with_own)
    assert outside(with_own) == before
    ours = ("share", "rename pre-push", "rename post-checkout", "rename config")
    interesting = [number for number, name in enumerate(points, 1) if name.startswith(ours)]
    assert len(interesting) >= (2 if CONFIGURED else 8), points
    for number in interesting:
        assert processes.crash(words, at=number, cwd=with_own).killed
        require_own_runs(with_own)
        hooking.install(ctx)
        assert outside(with_own) == whole, points[number - 1]
        hooking.uninstall(ctx)
        assert outside(with_own) == before, points[number - 1]
        assert processes.crash(words, at=number, cwd=with_own).killed
        hooking.uninstall(ctx)
        assert outside(with_own) == before, points[number - 1]


def test_uninstall_killed_anywhere(with_own: ScratchRepository, okstra: Command) -> None:
    ctx = Context(os.fspath(with_own), os.environ)
    before = outside(with_own)
    hooking.install(ctx)
    whole = outside(with_own)
    words = okstra.words("hooks", "uninstall", "--yes")
    points = processes.crash_points(words, cwd=with_own)
    hooking.install(ctx)
    ours = ("rename pre-push", "rename post-checkout", "rename config", "remove common.sh")
    killed = 0
    for number in [number for number, name in enumerate(points, 1) if name.startswith(ours)]:
        killed += processes.crash(words, at=number, cwd=with_own).killed
        require_own_runs(with_own)
        hooking.uninstall(ctx)
        assert outside(with_own) == before, points[number - 1]
        hooking.install(ctx)
        killed += processes.crash(words, at=number, cwd=with_own).killed
        hooking.install(ctx)
        assert outside(with_own) == whole, points[number - 1]
    assert killed >= (2 if CONFIGURED else 8)


@pytest.mark.usefixtures("fresh")
def test_what_git_has_put_behind_our_lines_stays_what_it_is(repository: ScratchRepository, tmp_path: Path) -> None:
    ctx = Context(os.fspath(repository), os.environ)
    (tmp_path / "more").write_text("[user]\n\tname = From There\n")
    hooking.install(ctx)
    repository.git("config", "--add", "include.path", os.fspath(tmp_path / "more"))
    repository.git("config", "core.other", "x")
    hooking.uninstall(ctx)
    assert repository.git("config", "user.name") == "From There"
    assert "okstra" not in (repository.path / ".git" / "config").read_text()


@pytest.mark.usefixtures("fresh")
def test_a_directory_that_was_not_there_is_gone_again(repository: ScratchRepository) -> None:
    import shutil

    shutil.rmtree(repository.path / ".git" / "hooks")
    ctx = Context(os.fspath(repository), os.environ)
    hooking.install(ctx)
    hooking.uninstall(ctx)
    assert not (repository.path / ".git" / "hooks").exists()


@pytest.mark.usefixtures("fresh")
def test_start_without_hooks_leaves_them_out_for_good(repository: ScratchRepository, okstra: Command) -> None:
    okstra("start", "feat", "DEV-1", "--base", "main", "--no-hooks", cwd=repository)
    okstra("start", "feat", "DEV-2", "--base", "main", cwd=repository)
    assert not hooking.installed(Context(os.fspath(repository), os.environ))
    okstra("hooks", "install", cwd=repository)
    okstra("start", "feat", "DEV-3", "--base", "main", cwd=repository)
    assert all(one.active for one in hooking.status(Context(os.fspath(repository), os.environ)))


def test_the_push_guard_is_installed_and_taken_out_by_one_command(
    repository: ScratchRepository, okstra: Command, fresh: None
) -> None:
    okstra("hooks", "install", cwd=repository)
    governed = repository.path / ".git" / "okstra" / "governed.config"
    for option, there in (("--push-guard", True), ("--no-push-guard", False)):
        assert okstra("hooks", "install", option, "--dry-run", "--json", cwd=repository).json()["status"] == "created"
        assert ("pushInsteadOf" in governed.read_text()) != there
        assert okstra("hooks", "install", option, "--json", cwd=repository).json()["status"] == "created"
        assert ("pushInsteadOf" in governed.read_text()) == there
        assert okstra("hooks", "install", option, "--json", cwd=repository).json()["status"] == "reused"
