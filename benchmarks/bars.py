"""Every bar that was set, in one table: ours against what one would otherwise type, each pair run in turn.

    python benchmarks/bars.py [RUNS] [--deep]

With `--deep` the questions of ancestry are asked of a million commits instead of a hundred thousand; either repository
is made once and stays in the user's cache. What the hooks add is a table of its own, `benchmarks/hooks.py`.
"""

from __future__ import annotations

import sys

import commands
import full_registry
import history
import provisioning
import reservations
from table import HEAD, about

DEEP = "--deep"


def main(runs: int, depth: int) -> None:
    """Measure and print the table, row by row."""
    print(f"{about(runs)} Of what takes long fewer pairs.\n\n{HEAD}")
    commands.rows(runs)
    provisioning.rows(max(1, runs // 3))
    history.rows(max(1, runs // 2), depth)
    reservations.rows(max(1, runs // 2))
    full_registry.rows(runs)


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != DEEP]
    main(int(words[0]) if words else 10, 1_000_000 if DEEP in sys.argv else 100_000)
