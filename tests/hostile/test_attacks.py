"""Deliberate attacks: by another user, by what a repository is configured to run, by names, by the environment."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support import snapshots, tickets
from support.repositories import ScratchRepository
from support.tickets import Command
from support.worlds import World

ADDRESS = ("--task", "dev-1")

# -- the directory of git okstra


@pytest.mark.parametrize("place", ["", "registry", "registry/tasks", "worktrees"])
def test_nothing_is_changed_where_everybody_may_write(world: World, place: str) -> None:
    (world.home / place).chmod(0o777)
    before = snapshots.snapshot(world.home)
    for words in (["start", "feat", "DEV-9", "--base", "main"], ["remove", "3", "-f"], ["stage", "4"]):
        refused = world.run(words).require_error("unsafe-home")
        assert f"chmod go-w '{(world.home / place)}'" in refused.err
    assert snapshots.snapshot(world.home) == before
    world.run(["list"]).require_success()
    assert "unsafe-home" in world.run(["doctor"]).out


def test_a_registry_of_another_user_is_refused(world: World) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give a directory away")
    os.chown(world.home / "registry", 12345, -1)
    refused = world.run(["stage", "4", "--task", "dev-1"]).require_error("unsafe-home")
    assert "owned by another user (uid 12345)" in refused.err


def test_a_home_that_everybody_may_replace_is_refused(world: World) -> None:
    world.root.chmod(0o777)
    refused = world.run(["start", "feat", "DEV-9", "--base", "main"]).require_error("unsafe-home")
    assert f"'{world.root}' is writable by everybody" in refused.err
    world.root.chmod(0o1777)  # as /tmp is
    world.run(["start", "feat", "DEV-9", "--base", "main"]).require_success()
    world.root.chmod(0o755)


def test_a_home_that_is_a_file_is_refused_by_those_who_write(okstra: Command, repository: ScratchRepository) -> None:
    tickets.home().write_text("mine\n")
    okstra("list", cwd=repository)
    okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository, check=False).require_error("cannot-write")
    assert tickets.home().read_text() == "mine\n"


# -- symbolic links where files or directories of ours should be


TASK = "shop/.git/okstra/tasks/dev/dev-1"
DIRECTORIES = (
    "home/registry", "home/registry/tasks/shop/dev", "home/registry/branches", "home/worktrees/.trash",
    "home/worktrees/shop/dev/dev-1-s3", "shop/.git/okstra/trash", "shop/.git/okstra/hooks", "shop/.git/okstra/policy",
    "shop/.git/okstra/policy/tips", TASK, f"{TASK}/reports",
)  # fmt: skip
FILES = (
    "home/registry/lock", "home/registry/tasks/shop/dev/dev-1.json", "shop/.git/okstra/lock",
    "shop/.git/okstra/config.toml", f"{TASK}/journal.jsonl", f"{TASK}/task.toml", f"{TASK}/merge.json",
)  # fmt: skip
QUICK = (["remove", "3", "-f", "-D", *ADDRESS], ["doctor", "--repair"])
LONG = (
    ["stage", "4", *ADDRESS], ["done", "3", "--allow-empty", *ADDRESS], ["merge", "--abort", *ADDRESS],
    ["hooks", "install"], ["verify", *ADDRESS], ["restore", "4", *ADDRESS], ["config", "set", "trash.keep", "9d"],
    ["prune"], *QUICK,
)  # fmt: skip


def plant(world: World, place: str, goal: str) -> None:
    world.restore()
    path = world.root / place
    assert os.path.lexists(path), place
    path.rename(f"{path}.was")
    path.symlink_to(world.canary / goal)


@pytest.mark.parametrize(("places", "goal"), [(DIRECTORIES, "inner"), (FILES, "precious")])
def test_a_symlink_in_the_place_of_ours_leads_nothing_astray(world: World, places: tuple[str, ...], goal: str) -> None:
    for number, place in enumerate(places):
        plant(world, place, goal)
        world.run(QUICK[number % len(QUICK)])


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("goal", ["inner", "precious"])
def test_symlinks_at_length(world: World, goal: str) -> None:
    for place in DIRECTORIES + FILES:
        for words in LONG:
            plant(world, place, goal)
            world.run(words)


def test_links_and_copies_do_not_leave_the_worktree(world: World) -> None:
    (world.repository / "deep").symlink_to(world.canary)
    (world.repository / ".git/info/exclude").write_text("deep\nnode_modules\n")
    (world.repository / "node_modules").symlink_to(world.canary / "inner")
    for setting in ("worktree.link", "worktree.copy"):
        for name in ("deep/inner", "node_modules", "../canary", f"{world.canary}", ".git/config"):
            world.run(["config", "set", setting, json.dumps([name])])
            world.run(["stage", "4", "--task", "dev-1"])
            world.run(["remove", "4", "-f", "-D", "--task", "dev-1"])
            world.run(["config", "unset", setting])


# -- what a repository is configured to run


SCRIPTED = """\
[core]
	fsmonitor = {mark}
	sshCommand = {mark}
	editor = {mark}
	pager = {mark}
	askPass = {mark}
	hooksPath = {hooks}
	attributesFile = {attributes}
	alternateRefsCommand = {mark}
[alias]
	status = !{mark}
	log = !{mark}
	okstra-status = !{mark}
[diff]
	external = {mark}
[diff "evil"]
	command = {mark}
	textconv = {mark}
[filter "evil"]
	clean = {mark}
	smudge = {mark}
[merge "evil"]
	driver = {mark}
[gpg]
	program = {mark}
[log]
	showSignature = true
[credential]
	helper = !{mark}
[sequence]
	editor = {mark}
[pager]
	log = {mark}
	worktree = {mark}
"""


def _configure(world: World) -> Path:
    """Have git's configuration name a program of ours wherever it can name one; what that program writes to."""
    ran = world.root / "ran"
    mark, hooks, attributes = (world.root / name for name in ("mark", "evil-hooks", "attributes"))
    mark.write_text(f'#!/bin/sh\necho "$0 $*" >>"{ran}"\nexit 1\n')
    mark.chmod(0o755)
    hooks.mkdir()
    events = (
        "pre-commit post-checkout post-index-change reference-transaction post-merge pre-auto-gc fsmonitor-watchman"
    )
    for event in events.split():
        (hooks / event).symlink_to(mark)
    attributes.write_text("* diff=evil filter=evil merge=evil\n")
    with (world.repository / ".git/config").open("a") as file:
        file.write(SCRIPTED.format(mark=mark, hooks=hooks, attributes=attributes))
    return ran


def _ran(log: Path) -> set[str]:
    """The programs that were run, by the words they were run with."""
    found = set(log.read_text().splitlines()) if log.exists() else set()
    log.unlink(missing_ok=True)
    return found


def test_looking_runs_nothing_that_git_status_does_not(world: World) -> None:
    log = _configure(world)
    stage = world.home / "worktrees/shop/dev/dev-1-s3"
    world.ticket.git.run("-c", "alias.status=", "status", cwd=stage)
    by_git = {line.split()[0] for line in _ran(log)}
    assert by_git  # git itself asks the file system monitor
    looking = [
        ["list"], ["list", "--all"], ["status", *ADDRESS], ["log", *ADDRESS], ["doctor"], ["brief", "3", *ADDRESS],
        ["plan", "show", *ADDRESS], ["plan", "check", *ADDRESS], ["config", "list"], ["hooks", "status"], ["restore"],
        ["phase", *ADDRESS],
    ]  # fmt: skip
    for words in looking:
        world.run(words)
        programs = {line.split()[0] for line in _ran(log)}
        assert programs <= by_git, f"{words}: {programs}"
    for words in (["path", *ADDRESS], ["path", "3", *ADDRESS], ["--version"], ["help"]):
        world.run(words)
        assert not _ran(log), words
