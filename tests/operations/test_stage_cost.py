"""What `stage` and `start` start besides the checkout: processes are counted, never timed."""

from __future__ import annotations

import os
import re

import pytest

from git_okstra.operations import stages
from support import plans
from support.hooked import CONFIGURED
from support.repositories import ScratchRepository
from support.workbench import Ticket

HOOKS_PATH = [] if CONFIGURED else ["config"]
"""An old git's `core.hooksPath` is asked for once a command, since ours takes its place in the new worktree."""

HOOK = ["hook"] if CONFIGURED else []
"""Beside hooks that the configuration names git alone knows whether there is one after a checkout."""


def verbs(traced: str) -> list[str]:
    """The git commands that were started, in their order."""
    found = []
    for line in traced.splitlines():
        if line.startswith("okstra: trace: git "):
            words = re.sub(r" (-C|-c) \S+| --git-dir=\S+", "", line.removeprefix("okstra: trace: git")).split()
            found.append(words[0])
    return found


@pytest.fixture(autouse=True)
def _traced_with_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKSTRA_TRACE", "1")
    monkeypatch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)


def test_a_stage_is_four_gits(repository: ScratchRepository, capfd: pytest.CaptureFixture[str]) -> None:
    """The registration, `core.hooksPath`, the checkout, and the project's settings at the base, for the hooks."""
    ticket = Ticket(repository, plans.of({1: (), 2: (), 3: (), 4: (1,)}))
    ticket.work(1)
    for number in (2, 4):
        capfd.readouterr()
        ticket.open(number)
        found = verbs(capfd.readouterr().err)
        assert found == ["worktree", *HOOKS_PATH, "reset", *HOOK, "cat-file"], f"stage {number}"
    ticket.open(2)
    assert verbs(capfd.readouterr().err) == []


def test_without_our_hooks_git_is_asked_for_its_own(
    repository: ScratchRepository, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKSTRA_HOOKS_INSTALL", "false")
    ticket = Ticket(repository, plans.of({1: ()}))
    capfd.readouterr()
    ticket.open(1)
    assert verbs(capfd.readouterr().err) == ["worktree", "reset", "hook"]


def test_each_of_several_stages_is_two_gits(repository: ScratchRepository, capfd: pytest.CaptureFixture[str]) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: (), 3: ()}))
    capfd.readouterr()
    found = stages.open_several(ticket.context(), ticket.task, [1, 2, 3])
    assert [one.error for one in found] == [None] * 3
    several = sorted(verbs(capfd.readouterr().err))
    assert several == sorted([*["worktree", "reset", *HOOK] * 3, *HOOKS_PATH, "cat-file"])


def test_a_hook_of_the_users_own_is_run_and_costs_what_it_must(
    repository: ScratchRepository, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = repository.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\necho "$@" >>"$PWD/.git-said"\n')
    hook.chmod(0o755)
    ticket = Ticket(repository, plans.of({1: (), 2: ()}))
    for number, place in ((1, hook), (2, repository.path / ".husky" / "post-checkout")):
        if place != hook:
            place.parent.mkdir()
            os.rename(hook if CONFIGURED else f"{hook}.before-okstra", place)
            repository.git("config", "core.hooksPath", os.fspath(place.parent))
        capfd.readouterr()
        path = ticket.open(number)
        found = verbs(capfd.readouterr().err)
        assert found == ["worktree", *HOOKS_PATH, "reset", "hook", "cat-file"]
        assert (path / ".git-said").read_text() == f"{'0' * 40} {ticket.tip(number)} 1\n"
