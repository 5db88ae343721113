"""A repository in which everything of ours that can lie on disk does, and a canary beside it that nothing may touch."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from git_okstra.core.plan import Plan, PlannedStage
from support import preloaded, repositories
from support.workbench import Ticket
from support.worlds import World

settings.register_profile(
    "hostile",
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # each example is seconds of git: what failed is told as it was
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

PLAN = Plan(
    tuple(PlannedStage(n, f"Stage {n}", (), (f"s{n}/**", *(["both"] if n in (1, 5) else []))) for n in range(1, 6))
)


def _make(root: Path) -> World:
    """Stage 1 merged, 2 done, 3 open, 4 in the trash, 5 in a merge that stopped; a report, a hand-off cut short."""
    ticket = Ticket(repositories.make_repository(root / "shop"), PLAN)
    repository = ticket.repository
    ticket.work(1, {"both": "one\n"})
    ticket.merge()
    ticket.work(2)
    ticket.open(3)
    ticket.open(4)
    ticket.open(5)
    ticket.commit(5, {"both": "five\n"})
    ticket.done(5)
    cwd = f"{repository.path}"
    script = preloaded.SCRIPT
    preloaded.run([script, "remove", "4", "--task", "dev-1"], cwd=cwd).require_success()
    preloaded.run([script, "config", "set", "verify.timeout", "60s"], cwd=cwd).require_success()
    preloaded.run([script, "config", "set", "trash.keep", "7d", "--scope", "global"], cwd=cwd).require_success()
    (repository.path / ".okstra.toml").write_text('[policy]\ndocs = ["docs/**"]\n\n[worktree]\nlink = []\n')
    preloaded.run([script, "verify", "--task", "dev-1"], cwd=cwd)
    assert preloaded.run([script, "merge", "5", "--task", "dev-1"], cwd=cwd).error == "merge-conflict"
    store = ticket.context().store
    names = [
        "action",
        "head",
        "onto",
        "remote",
        "into",
        "base",
        "message",
        "title",
        "body",
        "began",
        "owner",
        "id",
        "made",
    ]
    intent = {"format": 1, **dict.fromkeys(names, ""), "action": "commit", "head": ticket.tip(), "pid": 1, "id": "x"}
    Path(store.handoff_path("dev", "dev-1")).write_text(json.dumps(intent))
    return World(root, ticket)


@pytest.fixture(scope="package")
def _made(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("world").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKSTRA_HOME", f"{root}/now/home")
        patch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)
        (root / "now").mkdir()
        world = _make(root / "now")
        shutil.copytree(root / "now", root / "then", symlinks=True)
    return world


@pytest.fixture
def world(_made: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world as it was made; PATH begins with programs that leave a mark on the canary when they are run."""
    monkeypatch.setenv("OKSTRA_HOME", f"{_made.home}")
    monkeypatch.setenv("PATH", f"{_made.shims}:{os.environ['PATH']}")
    monkeypatch.delenv("OKSTRA_HOOKS_INSTALL", raising=False)
    _made.restore()
    return _made
