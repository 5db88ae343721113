"""Told to stop at any moment, or read by nobody, every command that changes something can be run again.

test_signals.py stops commands at their numbered points; here the clock does, while git is at work as well as between.
A seed chooses what is stopped, when and by which signal; it is printed, and OKSTRA_TEST_SEED=N replays it as closely as
a clock can. `make soak` takes every command, often.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import test_crashes
import test_crashes_further
from support import preloaded, processes, sampling
from support.arena import Arena, Arenas, put_right
from support.tickets import Command

SCENARIOS = {**test_crashes.SCENARIOS, **test_crashes_further.SCENARIOS}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(scope="module")
def arenas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arenas]:
    made = Arenas(SCENARIOS, tmp_path_factory)
    yield made
    made.close()


def stop(arena: Arena, log: Path, draw: random.Random, took: float) -> str:
    """Have the command told to stop at some moment after its first step; what was done, for a message."""
    number, alone, after = draw.choice(SIGNALS), draw.random() < 0.5, draw.random() * took

    def tell(pid: int) -> None:
        while not log.exists() and Path(f"/proc/{pid}/cwd").exists():
            time.sleep(0.001)
        time.sleep(after)
        with suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(pid, number)

    arena.begin()
    log.unlink(missing_ok=True)
    told = f"{number.name}{' alone' if alone else ''} after {after:.3f} s"
    ended = arena.fast.ended(
        [preloaded.SCRIPT, *arena.scenario.words], cwd=arena.where, env={"OKSTRA_CRASH_LOG": f"{log}"}, meanwhile=tell
    )
    processes.require_no_fault(ended)
    assert ended.status in (0, 128 + number), f"{told}\n{ended}"
    assert ended.status == 0 or "error [interrupted]" in ended.err, f"{told}\n{ended}"
    return told


def stopped(name: str, arenas: Arenas, okstra: Command, patch: pytest.MonkeyPatch, log: Path, times: int) -> None:
    arena = arenas(name, okstra, patch)
    draw = random.Random(f"{sampling.SEED} {name}")
    arena.begin()
    before = time.monotonic()
    arena.run()
    took = time.monotonic() - before
    for _ in range(times):
        told = stop(arena, log, draw, took)
        try:
            put_right(arena)
        except AssertionError as error:
            raise AssertionError(f"OKSTRA_TEST_SEED={sampling.SEED} {name}: {told}\n{error}") from None


def unread(name: str, arenas: Arenas, okstra: Command, patch: pytest.MonkeyPatch) -> None:
    """What is said breaks off, what is done does not."""
    arena = arenas(name, okstra, patch)
    arena.begin()
    ended = arena.fast.ended([preloaded.SCRIPT, *arena.scenario.words], cwd=arena.where, deaf=True)
    processes.require_no_fault(ended)
    assert ended.status in (0, 1), f"{ended}"
    put_right(arena)


@pytest.mark.parametrize("name", sampling.of(sorted(SCENARIOS), 3, "commands that are stopped"))
def test_a_command_that_is_stopped_at_some_moment_can_be_run_again(
    name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopped(name, arenas, okstra, monkeypatch, tmp_path / "log", 1)
    unread(name, arenas, okstra, monkeypatch)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_each_command_that_is_stopped_at_some_moment_can_be_run_again(
    name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopped(name, arenas, okstra, monkeypatch, tmp_path / "log", 12)
    unread(name, arenas, okstra, monkeypatch)
