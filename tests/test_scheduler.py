"""Many work on one task at once, at random: the journal has one legal history, and everything on disk agrees with it.

The seed is printed when a test fails; `OKSTRA_TEST_SEED=N` runs that one. `make soak` runs the long form.
"""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from git_okstra.state.store import Store
from support import processes, tickets
from support.legality import Model
from support.preloaded import Preloaded
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

TESTS = Path(__file__).parent
WORKER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from support import crowd; crowd.main()"

PLAN = {1: (), 2: (), 3: (1,), 4: (1, 2), 5: (2,), 6: (3, 4), 7: (4, 5), 8: (6,), 9: (6, 7), 10: (7,), 11: (8, 9)}
PLAN[12] = (9, 10, 11)

ANY = int(os.environ.get("OKSTRA_TEST_SEED", random.randrange(10**6)))


def work_at_once(
    okstra: Command, repository: ScratchRepository, seed: int, workers: int, commands: int, patience: float = 100.0
) -> None:
    """Let them work, then hold everything against everything."""
    task = tickets.start(okstra, repository, PLAN)
    words = [sys.executable, "-c", WORKER, f"{TESTS}", f"{seed}"]
    fast = Preloaded()
    try:
        ended = fast.race(
            workers,
            lambda i: [*words, f"{i}", f"{commands}"],
            cwd=task,
            env=lambda i: {"OKSTRA_OWNER": f"agent-{i}"},
            timeout=patience,
        )
    finally:
        fast.close()
    told = [json.loads(line) for one in ended for line in one.require_success().out.splitlines()]
    assert len(told) == workers * commands
    try:
        for one in told:
            require_sane(one)
        require_legal(okstra, repository, task, told)
        require_agreement(okstra, repository)
    except AssertionError as error:
        lines = [f"{one['owner']} {one['step']}: {' '.join(one['words'])} -> {one['status']}" for one in told]
        raise AssertionError(f"OKSTRA_TEST_SEED={seed}\n{error}\n" + "\n".join(lines)) from None


def require_sane(one: dict[str, Any]) -> None:
    """A command succeeds, or refuses in a sentence with what to type; git never fails, nothing is found damaged."""
    ended = Ended(("git", "okstra", *one["words"]), one["status"], one["out"], one["err"])
    processes.require_no_fault(ended)
    if one["words"] == ["work"]:
        return
    assert ended.status in (0, 1, 2, 3), f"{ended}"
    if ended.status and ended.error is not None:
        assert ended.error not in ("usage", "git-failed", "damaged-file", "worktree-missing"), f"{ended}"
        assert ended.json()["error"]["hint"], f"{ended}"


def require_legal(okstra: Command, repository: ScratchRepository, task: Path, told: list[dict[str, Any]]) -> None:
    """The journal is a legal history, and tells of just the stages that somebody was told to have."""
    events = [event.document() for event in Store(f"{repository.path}/.git").events("dev", "dev-1")]
    model = Model(PLAN)
    model.read(events)
    shown = "\n".join(json.dumps(event) for event in events)
    assert not model.wrong, "\n".join([*model.wrong, shown])
    for base, heads in model.bases:
        inside = [repository.git.run("merge-base", "--is-ancestor", head, base).status == 0 for head in heads]
        assert any(inside), f"{base} has none of {heads}\n{shown}"
    for head, commit in model.merged:
        assert head in repository.git("rev-list", "--parents", "-1", commit).split(), f"{commit} does not merge {head}"
    started = [(event["owner"], event["stage"]) for event in events if event["event"] == "started"]
    created = [
        (one["owner"], json.loads(one["out"])["stage"]["number"])
        for one in told
        if one["words"][0] == "stage" and one["status"] == 0 and json.loads(one["out"])["status"] == "created"
    ]
    for one in started:
        created.remove(one)
    listed = okstra("list", "--json", cwd=repository).json()["tasks"][0]
    for stage in listed["stages"]:
        state = model.stages[stage["number"]].state if stage["number"] in model.stages else "free"
        agreeing = {"free": ("ready", "waiting"), "open": ("open",), "done": ("done", "merged", "stale")}
        assert stage["state"] in agreeing.get(state, (state,)), f"{stage}\n{shown}"


def require_agreement(okstra: Command, repository: ScratchRepository) -> None:
    """Registry, store, worktrees and branches agree, nothing is left over, and doctor has nothing to say."""
    doctor = okstra("doctor", "--json", cwd=repository, check=False)
    assert doctor.status == 0, f"{doctor}"
    entries = tickets.reservations()
    held = {entry.path: entry.branch for entry in entries.values()}
    assert {entry.state for entry in entries.values()} == {"active"}
    there = tickets.worktrees(repository)
    assert held.items() <= there.items(), (held, there)
    given_back = there.items() - held.items()
    assert all(branch.startswith("feat-dev-1-s") for _, branch in given_back), given_back
    assert set(held.values()) <= tickets.branches(repository).keys()
    assert tickets.leftovers(repository) == []
    assert repository.git("fsck", "--no-dangling", "--no-progress") == ""


@pytest.mark.parametrize("seed", [1, 2, pytest.param(ANY, id="any")])
def test_six_work_on_one_task_at_once(okstra: Command, repository: ScratchRepository, seed: int) -> None:
    work_at_once(okstra, repository, seed, workers=6, commands=8)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", [ANY + n for n in range(5)])
def test_sixteen_work_on_one_task_at_once(okstra: Command, repository: ScratchRepository, seed: int) -> None:
    work_at_once(okstra, repository, seed, workers=16, commands=50, patience=3600.0)
