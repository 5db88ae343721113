"""A plan of eight independent stages whose command sleeps a second, four at a time against one after the other.

    python benchmarks/running.py [RUNS]

The bar is 0.4 of the time passed. On a busy machine the work besides the sleeping tells in both.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile

import repositories
from commands import environment, run

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

    def turn(self, jobs: int) -> float:
        """Work a new task off; the seconds that it took."""
        self.turns += 1
        task = f"DEV-{self.turns}"
        self.okstra("start", "feat", task, "--base", "main")
        self.okstra("plan", "import", self.plan, "--task", task)
        self.okstra("plan", "approve", "--yes", "--task", task)
        return self.okstra("run", "-j", str(jobs), "--task", task, "--", "sh", "-c", WORK)

    def okstra(self, *words: str) -> float:
        """Run git okstra."""
        return run(["git-okstra", *words], self.path, self.env)[0]


def main() -> None:
    """Measure in turn, and print a table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(os.path.realpath(scratch))
        pairs = [(bench.turn(4), bench.turn(1)) for _ in range(runs)]
    version = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    print(f"Python {platform.python_version()}, git {version}, {os.cpu_count()} processors; {runs} pairs, medians.\n")
    print("| ours | s | against | s | ratio |\n| --- | ---: | --- | ---: | ---: |")
    four, one = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"| `run -j 4`, {STAGES} stages that sleep a second | {four:.1f} | `run -j 1` | {one:.1f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
