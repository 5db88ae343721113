"""What the hooks add to git's own commands, governed and not: ratios of medians, written as a table.

    python benchmarks/hooks.py [RUNS]

Each command is run in turn with the hooks and with hooks off, in the same repository. What is counted is the time that
the processors worked, which tells more than a clock where others work too. Three places: the main worktree
and a branch of one's own (nothing there is governed), a governed worktree and a branch of one's own, and the branch of
the stage itself.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial

from commands import environment
from table import spent

OFF = ["-c", "core.hooksPath=/dev/null"]
OFF += [
    word
    for event in ("pre-commit", "pre-push", "post-checkout", "reference-transaction")
    for word in ("-c", f"hook.okstra-{event}.enabled=false")
]
REFS = 1000
COMMITS = 50

Prepare = Callable[[], None]


class Bench:
    """A repository with a task, its plan approved, and one stage open; the hooks are installed."""

    def __init__(self, scratch: str) -> None:
        self.env = environment(scratch)
        self.main = f"{scratch}/shop"
        self.stage = f"{scratch}/okstra/worktrees/shop/dev/dev-1-s1"
        self.rows: list[str] = []
        os.makedirs(self.main)
        self.git("init", "-q", "-b", "main")
        self.git("commit", "-q", "--allow-empty", "-m", "first commit")
        self.okstra("start", "feat", "DEV-1", "--base", "main")
        plan = f"{scratch}/plan.toml"
        with open(plan, "w", encoding="utf-8") as file:
            file.write('[[stage]]\nnumber = 1\ntitle = "one"\nfiles = ["s1/**"]\n')
        self.okstra("plan", "import", plan, "--task", "DEV-1")
        self.okstra("plan", "approve", "--yes", "--task", "DEV-1")
        self.okstra("stage", "1", "--task", "DEV-1")
        self.other = f"{scratch}/other"
        spent(["git", "init", "-q", "-b", "main", self.other], scratch, self.env)
        self.git("commit", "-q", "--allow-empty", "-m", "first commit", cwd=self.other)
        updates = "".join(f"create refs/heads/b{number} HEAD\n" for number in range(REFS))
        subprocess.run(
            ["git", "update-ref", "--stdin"], cwd=self.other, env=self.env, input=updates.encode(), check=True
        )

    def git(self, *words: str, cwd: str | None = None) -> None:
        """Run git, hooks off."""
        spent(["git", *OFF, *words], cwd or self.main, self.env)

    def okstra(self, *words: str) -> None:
        """Run git okstra."""
        spent(["git-okstra", *words], self.main, self.env)

    def accepted(self, cwd: str) -> None:
        """Commit with hooks."""
        spent(["git", "commit", "-q", "--allow-empty", "-m", "x"], cwd, self.env)

    def measure(self, what: str, where: str, cwd: str, words: list[str], runs: int, prepare: Prepare) -> None:
        """One row: the command with hooks and with hooks off, each prepared alike."""
        pairs = []
        for _ in range(runs + 1):
            prepare()
            with_hooks = spent(["git", *words], cwd, self.env)[1]
            prepare()
            pairs.append((with_hooks, spent(["git", *OFF, *words], cwd, self.env)[1]))
        ours, plain = (statistics.median(one[side] for one in pairs[1:]) for side in (0, 1))
        ratio = statistics.median(a / b for a, b in pairs[1:])
        self.rows.append(f"| {what} | {where} | {ours * 1000:.0f} | {plain * 1000:.0f} | {ratio:.2f} |")

    def line(self, cwd: str, tip: str, prefix: str) -> str:
        """Fifty commits on `tip`, each with a file of its own; the last of them."""
        stream = [
            f"commit refs/okstra-bench/line\ncommitter B <b@example.com> {1700000000 + number} +0000\ndata 1\nx\n"
            + (f"from {tip}\n" if number == 0 else "")
            + f"M 100644 inline {prefix}/f{number}\ndata 1\nx\n"
            for number in range(COMMITS)
        ]
        subprocess.run(
            ["git", *OFF, "fast-import", "--quiet", "--force"],
            cwd=cwd, env=self.env, input="\n".join(stream).encode(), check=True,
        )  # fmt: skip
        return self.read(cwd, "refs/okstra-bench/line")

    def read(self, cwd: str, revision: str) -> str:
        """The commit that a revision names."""
        done = subprocess.run(["git", "rev-parse", revision], cwd=cwd, env=self.env, capture_output=True, check=True)
        return done.stdout.decode().strip()


def main(runs: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(os.path.realpath(scratch))
        base = bench.read(bench.main, "main")
        last = bench.line(bench.stage, base, "s1")
        # A base beside the line, for the rebase to move it to.
        bench.git("commit", "-q", "--allow-empty", "-m", "newer base")
        newer = bench.read(bench.main, "main")
        places = [
            ("main worktree", bench.main, "own"),
            ("governed worktree, own branch", bench.stage, "own-too"),
            ("branch of the stage", bench.stage, "feat-dev-1-s1"),
        ]
        for where, cwd, branch in places:

            def on(commit: str, cwd: str = cwd, branch: str = branch) -> Prepare:
                return lambda: bench.git("checkout", "-q", "-B", branch, commit, cwd=cwd)

            # With hooks, so that what stands on the branch is accepted before the next commit comes.
            words = ["commit", "-q", "--allow-empty", "-m", "x"]
            on(base)()
            bench.measure("`commit`", where, cwd, words, runs, partial(bench.accepted, cwd))
            words = ["rebase", "-q", newer]
            bench.measure(f"`rebase` of {COMMITS} commits", where, cwd, words, max(1, runs // 5), on(last))
            if branch == "feat-dev-1-s1":
                continue

            def forget(cwd: str = cwd) -> None:
                names = "".join(f"delete refs/remotes/other/b{number}\n" for number in range(REFS))
                words = ["git", *OFF, "update-ref", "--stdin"]
                subprocess.run(words, cwd=cwd, env=bench.env, input=names.encode(), check=False)

            words = ["fetch", "-q", bench.other, "refs/heads/b*:refs/remotes/other/b*"]
            bench.measure(f"`fetch` of {REFS:,} refs", where, cwd, words, max(1, runs // 5), forget)

            def take_away(cwd: str = cwd) -> None:
                subprocess.run(
                    ["git", *OFF, "worktree", "remove", "--force", f"{scratch}/new"],
                    cwd=cwd, env=bench.env, check=False, stderr=subprocess.DEVNULL,
                )  # fmt: skip

            words = ["worktree", "add", "-q", "--detach", f"{scratch}/new"]
            bench.measure("`worktree add`", where, cwd, words, runs, take_away)
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    about = f"Python {platform.python_version()}, git {git}, {os.cpu_count()} processors"
    print(f"{about}; {runs} pairs ({max(1, runs // 5)} of the long ones), medians.\n")
    print("| command | where | with hooks, CPU ms | hooks off, CPU ms | ratio |\n| --- | --- | ---: | ---: | ---: |")
    print("\n".join(bench.rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
