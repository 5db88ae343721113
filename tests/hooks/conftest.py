"""A ticket whose worktrees are held by installed hooks, made once for each module and had back before each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.operations import policing
from support import repositories
from support.hooked import PLAN, Held
from support.workbench import Snapshot


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Held, Snapshot, str]:
    root = tmp_path_factory.mktemp("held").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKSTRA_HOME", f"{root}/home")
        patch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)
        held = Held(repositories.make_repository(root / "shop"), PLAN)
        held.open(1)
        held.open(2)
        held.commit(1, {"s1/a.txt": "a\n"}, "own work")
        return held, Snapshot(held, root / "kept"), f"{root}/home"


@pytest.fixture
def held(_made: tuple[Held, Snapshot, str], monkeypatch: pytest.MonkeyPatch) -> Held:
    """Task DEV-1 with its plan approved, stages 1 (one commit) and 2 (none) open, and the hooks installed."""
    held, snapshot, home = _made
    monkeypatch.setenv("OKSTRA_HOME", home)
    monkeypatch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)
    snapshot.restore()
    policing.refresh(held.context(), held.task.key)  # the copy has other inodes
    return held


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets `start` install the hooks in repositories that the test makes itself."""
    monkeypatch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)
    assert os.environ["OKSTRA_HOME"]
