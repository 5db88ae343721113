"""Questions of ancestry in a deep repository, each paired with git's own answer; written as a table.

python benchmarks/history.py [RUNS [COMMITS]]
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import repositories
from commands import environment, run

from git_okstra.git import ancestry

ASK = """
import sys
from git_okstra.git import ancestry
with ancestry.Ancestry(sys.argv[1]) as graph:
    graph.are_ancestors(sys.argv[3:], sys.argv[2])
"""


def paired(ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> tuple[float, float, float]:
    """Medians of both in seconds, and of the ratios; the first pair is not counted."""
    pairs = [(ours(), theirs()) for _ in range(runs + 1)][1:]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def in_process(common_dir: str, commit: str, head: str) -> float:
    """The seconds that one question takes, opening included."""
    begun = time.perf_counter()
    with ancestry.Ancestry(common_dir) as graph:
        graph.is_ancestor(commit, head)
    return time.perf_counter() - begun


def main(runs: int, commits: int) -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory(prefix="okstra-bench-") as place:
        scratch = os.path.realpath(place)
        env = environment(scratch)
        path = repositories.make(f"{scratch}/deep", files=10, commits=commits, env=env)
        listed = repositories.git(path, env, "rev-list", "--first-parent", "main").split("\n")
        head, old, heads = listed[0], listed[-2], listed[: len(listed) // 100 * 100 : len(listed) // 100][:50]
        git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
        print(f"Python {platform.python_version()}, git {git}, {os.cpu_count()} processors; {runs} pairs, medians;")
        print(f"{commits:,} commits.\n")
        print("| ours | ms | against | ms | ratio |\n| --- | ---: | --- | ---: | ---: |")

        def show(what: str, against: str, found: tuple[float, float, float]) -> None:
            a, b, ratio = found
            print(f"| {what} | {a * 1000:.0f} | {against} | {b * 1000:.0f} | {ratio:.2f} |", flush=True)

        def ask(*asked: str) -> float:
            return run([sys.executable, "-I", "-c", ASK, f"{path}/.git", head, *asked], path, env)

        def ask_git(*asked: str) -> float:
            lines = [f"git merge-base --is-ancestor {commit} {head}" for commit in asked]
            return run(["sh", "-c", " && ".join(lines)], path, env)

        bare = "`git merge-base --is-ancestor`"
        show(
            "one old ancestor, no commit-graph, whole process", bare, paired(lambda: ask(old), lambda: ask_git(old), 2)
        )
        repositories.git(path, env, "commit-graph", "write", "--reachable")
        found = paired(lambda: ask(*heads), lambda: ask_git(*heads), runs)
        show("50 heads, commit-graph, whole process", f"fifty {bare}", found)
        found = paired(lambda: in_process(f"{path}/.git", old, head), lambda: ask_git(old), runs)
        show("one old ancestor, commit-graph, in process", bare, found)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [5, 1_000_000][len(given) :]))
