"""Opening worktrees, one and ten at once, each paired with plain git.

    python benchmarks/provisioning.py [RUNS]

What was made is removed between the runs, outside of the time.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence

import repositories
from commands import environment
from table import HEAD, Spent, about, paired, show, spent

TEN = range(2, 12)
SIZES = (("small", 10, 10), ("medium", 1000, 5000), ("large", 50_000, 1))
"""Names, files and commits of the repositories."""


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
            part = ", ".join(f'"d{number}/**"' for number in range(max(1, files // 50 // 100)))
            file.write(f'[[stage]]\nnumber = 12\ntitle = "a part"\nfiles = [{part}]\n')
        self.okstra("start", "feat", "DEV-1", "--base", "main")
        self.okstra("plan", "import", plan)
        self.okstra("plan", "approve", "--yes")

    def okstra(self, *words: str) -> Spent:
        """Run git okstra."""
        return spent(["git-okstra", *words], self.path, self.env)

    def ours(self, numbers: range | list[int], *options: str) -> Spent:
        """Open the stages with one command, and take them away again; what the opening took."""
        opening = self.okstra("stage", *map(str, numbers), *options)
        for number in numbers:
            self.okstra("remove", str(number), "-D")
        spent(["sh", "-c", 'rm -rf "$OKSTRA_HOME"/worktrees/.trash'], self.scratch, self.env)
        return opening

    def theirs(self, count: int) -> Spent:
        """Add as many worktrees with git, one after the other, and take them away; what the adding took."""
        adds = [f'git worktree add -q -b b{n} "{self.scratch}/w{n}" main' for n in range(count)]
        adding = spent(["sh", "-c", " && ".join(adds)], self.path, self.env)
        for n in range(count):
            spent(["git", "worktree", "remove", "--force", f"{self.scratch}/w{n}"], self.path, self.env)
            spent(["git", "branch", "-q", "-D", f"b{n}"], self.path, self.env)
        return adding

    def row(self, what: str, numbers: range | list[int], against: str, runs: int, bar: str, *options: str) -> None:
        """Measure in turn and print one row."""
        pairs = paired(lambda _: self.ours(numbers, *options), lambda _: self.theirs(len(numbers)), runs)
        show(f"{what}, {self.name}", against, pairs, bar)


def rows(runs: int, sizes: Sequence[tuple[str, int, int]] = SIZES) -> None:
    """Measure and print the rows."""
    with tempfile.TemporaryDirectory(prefix="okstra-bench-") as place:
        scratch = os.path.realpath(place)
        for name, files, commits in sizes:
            bench = Bench(scratch, name, files, commits)
            large = name == "large"
            bench.row("`stage N`", [1], "`git worktree add -b`", runs, "0.95" if large else "")
            if large:
                bench.row("`stage N --sparse`, 1% of the files", [12], "the same", runs, "0.15", "--sparse")
            bar = "" if name == "small" else "0.6"
            bench.row("`stage N…` for ten", TEN, "ten `git worktree add -b`", max(1, runs // 3), bar)


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    print(f"{about(times)}\n\n{HEAD}")
    rows(times)
