"""Running the commands of the gate, one after the other, their output kept in files and heard while it comes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Protocol

from git_okstra.core.gate import Ran
from git_okstra.core.tasks import Task
from git_okstra.git import changes, tracked, watching
from git_okstra.state import files


class Watcher(Protocol):
    """Who is told what goes on."""

    def begins(self, number: int, total: int, command: str) -> None:
        """Command `number` of `total`, from 1, begins."""

    def wrote(self, data: bytes) -> None:
        """It wrote something."""

    def ended(self, ran: Ran) -> None:
        """It came to an end."""


def run(
    task: Task, commands: Sequence[str], *, path: str, logs: str, timeout: float, watcher: Watcher
) -> tuple[Ran, ...]:
    """Run the commands in the worktree at `path`, each within `timeout` seconds; the logs go into the directory `logs`.

    One that fails does not keep the next from running, so that all failures are known at once. One that leaves files
    changed does: what comes after it would run on something else than the commit.
    """
    found: list[Ran] = []
    before = _differing(path) if commands else frozenset()
    soiled = False
    for number, command in enumerate(commands, 1):
        if soiled:
            found.append(Ran(command))
            continue
        watcher.begins(number, len(commands), command)
        log = os.path.join(logs, f"command-{number}.log")
        status, seconds = _run(command, path, log, timeout, watcher, {"OKSTRA_TASK": str(task.key)})
        left = sorted(_differing(path) - before)
        found.append(Ran(command, status, seconds, log, tuple(left)))
        soiled = bool(left)
        watcher.ended(found[-1])
    return tuple(found)


def _run(
    command: str, path: str, log: str, timeout: float, watcher: Watcher, env: dict[str, str | None]
) -> tuple[int, float]:
    """Its exit status, and how many seconds it took."""
    began = time.monotonic()
    with files.Log(log) as file:

        def heard(data: bytes) -> None:
            file.write(data)
            watcher.wrote(data)

        status = watching.watch(command, cwd=path, heard=heard, env=env, timeout=timeout)
    return status, time.monotonic() - began


def _differing(path: str) -> frozenset[str]:
    """The paths that are not as in HEAD, or of which git was told not to see it."""
    return frozenset({*changes.status(path, as_made=True).paths, *tracked.concealed(path)})
