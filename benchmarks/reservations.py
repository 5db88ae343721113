"""Fifty processes started at once, each of which takes one reservation of its own and has it on disk when it ends.

    python benchmarks/reservations.py [RUNS]

Against as many that start and do nothing. What a process waits for the registry's lock is its own account.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from commands import BARE, environment
from table import HEAD, Spent, about, paired, show, worked

PROCESSES = 50

TAKE = """
import sys, time
sys.path.insert(0, sys.argv[1])
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import RESERVING, Reservation, TaskRecord
from git_okstra.state.registry import Registry
number = int(sys.argv[3])
key = TaskKey("bench", "dev", "dev-%d" % number)
branch = "feat-dev-%d" % number
one = Reservation(0, RESERVING, "bench", branch, "/w/%d" % number, "0" * 40, "2026-01-01T00:00:00Z", 1, 1)
registry = Registry(sys.argv[2], 60)
begun = time.monotonic()
with registry.locked():
    waited = time.monotonic() - begun
    registry.save(TaskRecord(key, "DEV-%d" % number, "feat", branch, "/r/.git", {0: one}))
print(waited)
"""


class Crowd:
    """Starts processes at once, in a home of okstra's own for each time."""

    def __init__(self, scratch: str) -> None:
        self.scratch = scratch
        self.env = environment(scratch)
        self.longest: list[float] = []
        """Of each time the longest wait, as a part of the whole."""

    def take(self, n: int) -> Spent:
        """Fifty reservations."""
        home = f"{self.scratch}/home-{n}"
        os.makedirs(home, 0o700)
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        words = [sys.executable, "-I", "-S", "-c", TAKE, root, home]
        took, said = self._at_once([[*words, str(number)] for number in range(PROCESSES)])
        assert len(os.listdir(f"{home}/registry/tasks/bench/dev")) == PROCESSES
        self.longest.append(max(map(float, said)) / took[0])
        return took

    def nothing(self, _: int) -> Spent:
        """Fifty that do nothing."""
        return self._at_once([BARE] * PROCESSES)[0]

    def _at_once(self, commands: list[list[str]]) -> tuple[Spent, list[str]]:
        before, begun = worked(), time.perf_counter()
        running = [subprocess.Popen(words, env=self.env, stdout=subprocess.PIPE, text=True) for words in commands]
        said = [one.communicate()[0] for one in running]
        took = time.perf_counter() - begun, worked() - before
        assert all(one.returncode == 0 for one in running)
        return took, said


def rows(runs: int) -> None:
    """Measure and print the row, and the longest wait below it."""
    with tempfile.TemporaryDirectory(prefix="okstra-bench-") as place:
        crowd = Crowd(os.path.realpath(place))
        pairs = paired(crowd.take, crowd.nothing, runs)
        show(f"{PROCESSES} processes at once, one reservation each", "as many bare Pythons", pairs, "2.5")
        waited = statistics.median(crowd.longest[1:])
        print(f"| … the longest wait for the lock | the whole | | | {waited:.2f} | | | | 0.1 |", flush=True)


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{about(times)}\n\n{HEAD}")
    rows(times)
