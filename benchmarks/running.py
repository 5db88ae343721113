"""A plan of eight independent stages whose command sleeps a second, four at a time against one after the other.

    python benchmarks/running.py [RUNS]

The bar is 0.4 of the time passed. On a busy machine the work besides the sleeping tells in both.
"""

from __future__ import annotations

import os
import sys
import tempfile

import repositories
from commands import environment
from table import HEAD, Spent, about, paired, show, spent

STAGES = 8
WORK = "sleep 1; mkdir -p d$OKSTRA_STAGE && echo x >d$OKSTRA_STAGE/new && git add . && git commit -qm work"


class Bench:
    """A repository in which each turn has a task of its own."""

    def __init__(self, scratch: str) -> None:
        self.env = {**environment(scratch), "OKSTRA_HOME": f"{scratch}/home"}
        self.path = repositories.make(f"{scratch}/small", files=100, commits=1, env=self.env)
        self.plan = f"{scratch}/plan.toml"
        self.turns = 0
        with open(self.plan, "w", encoding="utf-8") as file:
            for number in range(1, STAGES + 1):
                file.write(f'[[stage]]\nnumber = {number}\ntitle = "s{number}"\nfiles = ["d{number}/**"]\n')

    def turn(self, jobs: int) -> Spent:
        """Work a new task off."""
        self.turns += 1
        task = f"DEV-{self.turns}"
        self.okstra("start", "feat", task, "--base", "main")
        self.okstra("plan", "import", self.plan, "--task", task)
        self.okstra("plan", "approve", "--yes", "--task", task)
        return self.okstra("run", "-j", str(jobs), "--task", task, "--", "sh", "-c", WORK)

    def okstra(self, *words: str) -> Spent:
        """Run git okstra."""
        return spent(["git-okstra", *words], self.path, self.env)


def rows(runs: int) -> None:
    """Measure in turn, and print one row."""
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(os.path.realpath(scratch))
        pairs = paired(lambda _: bench.turn(4), lambda _: bench.turn(1), runs)
    show(f"`run -j 4`, {STAGES} stages that sleep a second", "`run -j 1`", pairs, "0.40")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{about(count)}\n\n{HEAD}")
    rows(count)
