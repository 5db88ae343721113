"""Which processes run below this one, and which were started with a certain variable: told by proc(5), on Linux alone.

Elsewhere nothing is ever found. What is found may have ended by the time that it is looked at.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

GRACE = 2.0
"""Seconds in which what was told to end may clean up before it is killed."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its id, and its command line."""

    pid: int
    command: str


def descendants() -> list[Process]:
    """Everything that runs below this process."""
    parents = _parents()
    below: dict[int, list[int]] = {}
    for pid, (parent, _) in parents.items():
        below.setdefault(parent, []).append(pid)
    found, ahead = [], [os.getpid()]
    while ahead:
        children = below.get(ahead.pop(), [])
        ahead += children
        found += [pid for pid in children if not parents[pid][1]]
    return [Process(pid, _command_line(pid)) for pid in sorted(found)]


def marked(variable: str, fits: Callable[[str], bool]) -> list[Process]:
    """The processes that were started with `variable` in their environment, and a value that fits.

    Not among them is what this process descends from, and what descends from its parent as it does: they have the
    variable from whoever started all of them.
    """
    name, found = variable.encode() + b"=", []
    for pid in _all_processes():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            values = (each[len(name) :] for each in file.read().split(b"\0") if each.startswith(name))
            if any(fits(os.fsdecode(value)) for value in values):
                found.append(pid)
    if not found:
        return []
    parents, above = _parents(), os.getppid()
    kin = {os.getpid(), *_ancestors(os.getpid(), parents)}
    others = (pid for pid in found if pid not in kin and above not in _ancestors(pid, parents))
    return [Process(pid, _command_line(pid)) for pid in others if is_alive(pid)]


def end(processes: Sequence[Process]) -> None:
    """End processes that are not our children: they are told to, and killed when they take too long."""
    tell([one.pid for one in processes], signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while any(is_alive(one.pid) for one in processes) and time.monotonic() < deadline:
        time.sleep(0.02)
    tell([one.pid for one in processes if is_alive(one.pid)], signal.SIGKILL)


def tell(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes; one that is gone, or somebody else's, is passed over."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def _parents() -> dict[int, tuple[int, bool]]:
    """Of every process its parent, and whether it has ended and only waits to be let go."""
    found: dict[int, tuple[int, bool]] = {}
    for pid in _all_processes():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
            state, its_parent, *_ = file.read().rpartition(b")")[2].split()
            found[pid] = int(its_parent), state in (b"Z", b"X")
    return found


def _ancestors(pid: int, parents: dict[int, tuple[int, bool]]) -> set[int]:
    found: set[int] = set()
    while pid in parents and (pid := parents[pid][0]) > 1 and pid not in found:
        found.add(pid)
    return found


def _all_processes() -> list[int]:
    if sys.platform != "linux":
        return []
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _command_line(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return os.fsdecode(file.read()).rstrip("\0").replace("\0", " ")
    except OSError:
        return ""
