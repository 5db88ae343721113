"""Killed at every numbered point, a command leaves what the next one puts right: nothing lost, nothing left over.

For each command the points of one undisturbed run are recorded; then, from the same beginning each time, a fresh run
is killed at each of them. `docs/testing.md` says which commands are killed where.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.arena import Arenas, Scenario, killed_and_put_right
from support.beginnings import (
    a_dirty_stage,
    a_done_stage,
    a_removed_stage,
    a_stage,
    a_task,
    nothing,
    two_done_stages,
)
from support.tickets import Command

SCENARIOS = {
    "start": Scenario(("start", "feat", "DEV-1"), "main", nothing, 2, makes_worktree=True),
    "stage": Scenario(("stage", "1"), "task", a_task, 2, makes_worktree=True),
    "done": Scenario(("done", "1"), "task", a_stage),
    "reopen": Scenario(("reopen", "1"), "task", a_done_stage),
    "merge": Scenario(("merge",), "task", two_done_stages, 2, doctor_mends=False),
    "remove": Scenario(("remove", "1", "-f", "-D"), "task", a_dirty_stage, 3, nothing_left="stage-not-open"),
    "remove task": Scenario(("remove", "dev-1", "-f", "-D"), "main", a_task, 2, nothing_left="no-such-task"),
    "restore": Scenario(("restore", "1"), "task", a_removed_stage, 3, nothing_left="no-such-trash"),
    "abandon": Scenario(("abandon", "1", "-f"), "task", a_dirty_stage, 3, nothing_left="stage-not-open"),
    "release": Scenario(("release", "1"), "task", a_dirty_stage, 2, nothing_left="stage-not-open"),
}


@pytest.fixture(scope="module")
def arenas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arenas]:
    made = Arenas(SCENARIOS, tmp_path_factory)
    yield made
    made.close()


CHUNKS = [(name, chunk) for name, scenario in SCENARIOS.items() for chunk in range(scenario.chunks)]


@pytest.mark.parametrize(("name", "chunk"), CHUNKS)
def test_what_a_killed_command_leaves_is_put_right(
    name: str,
    chunk: int,
    okstra: Command,
    arenas: Arenas,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arena = arenas(name, okstra, monkeypatch)
    total, parts = len(arena.points), SCENARIOS[name].chunks
    assert total >= 3 * parts, arena.points
    numbers = range(chunk * total // parts + 1, (chunk + 1) * total // parts + 1)
    killed_and_put_right(arena, name, numbers, by_doctor=arena.scenario.doctor_mends)
