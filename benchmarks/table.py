"""How the benchmarks measure and show: pairs run in turn, by the clock and by the time that the processors worked.

A and B run in turn, so that a machine whose speed drifts slows both; the first pair is not counted. The clock says what
several processors gain, and is worth little where others work too; the processors' time is the steadier measure.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable

Spent = tuple[float, float]
"""Seconds by the clock, and seconds that the processors worked for the command and all it started."""

Measure = Callable[[int], Spent]
"""Does it once, being told how often it was done before."""

Pairs = list[tuple[Spent, Spent]]

HEAD = (
    "| ours | against | ms | ms | ratio | CPU ms | CPU ms | ratio | bar |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def spent(words: list[str], cwd: str, env: dict[str, str]) -> Spent:
    """Run to the end; fails when the command does."""
    before, begun = worked(), time.perf_counter()
    subprocess.run(words, cwd=cwd, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun, worked() - before


def worked() -> float:
    """Seconds that the processors worked for the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def here(work: Callable[[], object]) -> Spent:
    """Do it in this process."""
    before, begun = time.process_time(), time.perf_counter()
    work()
    return time.perf_counter() - begun, time.process_time() - before


def paired(ours: Measure, theirs: Measure, runs: int) -> Pairs:
    """Both in turn."""
    return [(ours(n), theirs(n)) for n in range(runs + 1)][1:]


def show(what: str, against: str, pairs: Pairs, bar: str = "") -> None:
    """Print one row: the medians of both, and of the ratios pair by pair."""
    cells = []
    for kind in (0, 1):
        a, b = (statistics.median(one[side][kind] for one in pairs) for side in (0, 1))
        ratio = statistics.median(x[kind] / max(y[kind], 1e-6) for x, y in pairs)
        cells.append(f"{a * 1000:.{1 if a < 0.01 else 0}f} | {b * 1000:.{1 if b < 0.01 else 0}f} | {ratio:.2f}")
    print(f"| {what} | {against} | {' | '.join(cells)} | {bar} |", flush=True)


def about(runs: int) -> str:
    """What was measured with, in one line."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return f"Python {platform.python_version()}, git {git}, {os.cpu_count()} processors; {runs} pairs, medians."
