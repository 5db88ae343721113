"""Questions of ancestry in a deep repository, each paired with git's own answer.

python benchmarks/history.py [RUNS [COMMITS]]
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile

import repositories
from commands import environment
from table import HEAD, Spent, about, here, paired, show, spent

from git_okstra.git import ancestry

ASK = """
import sys
from git_okstra.git import ancestry
with ancestry.Ancestry(sys.argv[1]) as graph:
    graph.are_ancestors(sys.argv[3:], sys.argv[2])
"""


def repository(commits: int, env: dict[str, str]) -> str:
    """A repository of that many commits, made once: it stays in `git-okstra-bench` of the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = f"{cache}/git-okstra-bench/deep-{commits}"
    if not os.path.isdir(path):
        making = f"{path}.{os.getpid()}.tmp"
        repositories.make(making, files=10, commits=commits, env=env)
        os.rename(making, path)
    return path


def rows(runs: int, commits: int) -> None:
    """Measure and print the rows."""
    with tempfile.TemporaryDirectory(prefix="okstra-bench-") as place:
        env = environment(os.path.realpath(place))
        path = repository(commits, env)
        listed = repositories.git(path, env, "rev-list", "--first-parent", "main").split("\n")
        head, old, heads = listed[0], listed[-2], listed[: len(listed) // 100 * 100 : len(listed) // 100][:50]

        def ask(*asked: str) -> Spent:
            return spent([sys.executable, "-I", "-c", ASK, f"{path}/.git", head, *asked], path, env)

        def ask_git(*asked: str) -> Spent:
            lines = [f"git merge-base --is-ancestor {commit} {head}" for commit in asked]
            return spent(["sh", "-c", " && ".join(lines)], path, env)

        def in_process() -> None:
            with ancestry.Ancestry(f"{path}/.git") as graph:
                graph.is_ancestor(old, head)

        bare, deep = "`git merge-base --is-ancestor`", f"{commits:,} commits"
        shutil.rmtree(f"{path}/.git/objects/info/commit-graphs", ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}/.git/objects/info/commit-graph")
        pairs = paired(lambda _: ask(old), lambda _: ask_git(old), min(runs, 2))
        show(f"one old ancestor, whole process, {deep} without commit-graph", bare, pairs, "1.5")
        repositories.git(path, env, "commit-graph", "write", "--reachable")
        pairs = paired(lambda _: ask(*heads), lambda _: ask_git(*heads), runs)
        show(f"50 heads, whole process, {deep} with commit-graph", f"fifty {bare}", pairs, "0.3")
        pairs = paired(lambda _: here(in_process), lambda _: ask_git(old), runs)
        show("one old ancestor in the same, in process", bare, pairs, "1.0")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    times, depth = given + [5, 1_000_000][len(given) :]
    print(f"{about(times)}\n\n{HEAD}")
    rows(times, depth)
