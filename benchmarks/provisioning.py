"""Opening worktrees, one and ten at once, each paired with plain git; ratios of medians, written as a table.

    python benchmarks/provisioning.py [RUNS]

What was made is removed between the runs, outside of the time. Beside the clock stands the time that the processors
worked: what several do at once shows on the clock alone, and on a busy machine only the other can be trusted.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile

import repositories
from commands import environment, run

TEN = range(2, 12)

Spent = tuple[float, float]
"""Seconds by the clock, and seconds that the processors worked."""


def spent(words: list[str], cwd: str, env: dict[str, str]) -> Spent:
    """Run to the end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    clock = run(words, cwd, env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Bench:
    """A repository with a task whose plan has one stage for a single opening and ten for an opening of ten."""

    def __init__(self, scratch: str, name: str, files: int, commits: int) -> None:
        self.env = {**environment(scratch), "OKSTRA_HOME": f"{scratch}/home-{name}"}
        self.scratch = scratch
        self.name = name
        self.path = repositories.make(f"{scratch}/{name}", files=files, commits=commits, env=self.env)
        plan = f"{scratch}/plan.toml"
        with open(plan, "w", encoding="utf-8") as file:
            for number in (1, *TEN):
                file.write(f'[[stage]]\nnumber = {number}\ntitle = "s{number}"\nfiles = ["d{number}/**"]\n')
        self.okstra("start", "feat", "DEV-1", "--base", "main")
        self.okstra("plan", "import", plan)
        self.okstra("plan", "approve", "--yes")

    def okstra(self, *words: str) -> Spent:
        """Run git okstra."""
        return spent(["git-okstra", *words], self.path, self.env)

    def ours(self, numbers: range | list[int]) -> Spent:
        """Open the stages with one command, and take them away again; what the opening took."""
        opening = self.okstra("stage", *map(str, numbers))
        for number in numbers:
            self.okstra("remove", str(number), "-D")
        run(["sh", "-c", 'rm -rf "$OKSTRA_HOME"/worktrees/.trash'], self.scratch, self.env)
        return opening

    def theirs(self, count: int) -> Spent:
        """Add as many worktrees with git, one after the other, and take them away; what the adding took."""
        adds = [f'git worktree add -q -b b{n} "{self.scratch}/w{n}" main' for n in range(count)]
        adding = spent(["sh", "-c", " && ".join(adds)], self.path, self.env)
        for n in range(count):
            run(["git", "worktree", "remove", "--force", f"{self.scratch}/w{n}"], self.path, self.env)
            run(["git", "branch", "-q", "-D", f"b{n}"], self.path, self.env)
        return adding

    def row(self, what: str, numbers: range | list[int], against: str, runs: int) -> None:
        """Measure in turn and print one row; the first pair is not counted."""
        pairs = [(self.ours(numbers), self.theirs(len(numbers))) for _ in range(runs + 1)][1:]
        cells = []
        for kind in (0, 1):
            a, b = (statistics.median(one[side][kind] for one in pairs) for side in (0, 1))
            ratio = statistics.median(x[kind] / y[kind] for x, y in pairs)
            cells.append(f"{a * 1000:.0f} | {b * 1000:.0f} | {ratio:.2f}")
        print(f"| {what}, {self.name} | {against} | {' | '.join(cells)} |", flush=True)


def main(runs: int) -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory(prefix="okstra-bench-") as place:
        scratch = os.path.realpath(place)
        git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
        print(f"Python {platform.python_version()}, git {git}, {os.cpu_count()} processors; {runs} pairs, medians.\n")
        print("| ours | against | ms | ms | ratio | CPU ms | CPU ms | ratio |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name, files, commits in (("small", 10, 10), ("medium", 1000, 5000), ("large", 50_000, 1)):
            bench = Bench(scratch, name, files, commits)
            bench.row("`stage N`", [1], "`git worktree add -b`", runs)
            bench.row("`stage N…` for ten", TEN, "ten `git worktree add -b`", max(1, runs // 3))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
