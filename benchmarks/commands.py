"""Start-up and listing, each paired with what a user would otherwise type.

    python benchmarks/commands.py [RUNS]

Everything happens in a directory of its own, with a HOME and an OKSTRA_HOME of its own, and with byte code, as an
installed program has it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable

from table import HEAD, about, paired, show, spent

Command = Callable[[int], list[str]]

BIN = os.path.dirname(os.path.abspath(sys.executable))
OPEN = 99
"""Stages with a worktree, beside that of the task."""

BARE = [sys.executable, "-I", "-S", "-c", "pass"]


def environment(scratch: str) -> dict[str, str]:
    """A sealed environment below `scratch`."""
    return {
        "PATH": os.pathsep.join([BIN, os.environ["PATH"]]),
        "HOME": scratch,
        "OKSTRA_HOME": f"{scratch}/okstra",
        "OKSTRA_OWNER": "bench",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "bench" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }


def make_repository(path: str, files: int, env: dict[str, str]) -> None:
    """A repository with one commit of `files` small files in directories of fifty."""
    os.makedirs(path)
    spent(["git", "init", "-q", "-b", "main"], path, env)
    for number in range(files):
        folder = f"{path}/d{number // 50}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/f{number}", "w", encoding="utf-8") as file:
            file.write(f"{number}\n" * 40)
    spent(["git", "add", "."], path, env)
    spent(["git", "commit", "-qm", "one"], path, env)


def prepare(scratch: str, env: dict[str, str]) -> str:
    """A repository of 1,000 files with a task of `OPEN` open stages; where it is."""
    repository = f"{scratch}/medium"
    make_repository(repository, 1000, env)
    with open(f"{scratch}/plan.toml", "w", encoding="utf-8") as file:
        for number in range(1, OPEN + 1):
            file.write(f'[[stage]]\nnumber = {number}\ntitle = "s{number}"\nfiles = ["d{number}/**"]\n')
    spent(["git-okstra", "start", "feat", "DEV-1"], repository, env)
    spent(["git-okstra", "plan", "import", f"{scratch}/plan.toml"], repository, env)
    spent(["git-okstra", "plan", "approve", "--yes"], repository, env)
    for number in range(1, OPEN + 1):
        spent(["git-okstra", "stage", str(number)], repository, env)
    return repository


def rows(runs: int) -> None:
    """Measure and print the rows."""
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="okstra-bench-"))
    try:
        env = environment(scratch)
        repository = prepare(scratch, env)

        table: list[tuple[str, Command, str, Command, str]] = [
            ("`git-okstra --version`", lambda _: ["git-okstra", "--version"], "bare Python", lambda _: BARE, "1.6"),
            ("`git-okstra path 3`", lambda _: ["git-okstra", "path", "3"], "bare Python", lambda _: BARE, "2.0"),
            (
                f"`list --json --no-dirty`, {OPEN + 1} worktrees",
                lambda _: ["git-okstra", "list", "--json", "--no-dirty"],
                "bare Python",
                lambda _: BARE,
                "3.0",
            ),
            (
                f"`list --json`, {OPEN + 1} worktrees of 1,000 files",
                lambda _: ["git-okstra", "list", "--json"],
                "`git worktree list`, then `git status` in each",
                lambda _: [
                    "sh",
                    "-c",
                    "git worktree list --porcelain | sed -n 's/^worktree //p' | xargs -P2 -I{} git -C {} status -s",
                ],
                "1.15",
            ),
        ]
        for ours, command, theirs, other, bar in table:
            mine, its = (lambda n, words=words: spent(words(n), repository, env) for words in (command, other))
            show(ours, theirs, paired(mine, its, runs), bar)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    print(f"{about(times)}\n\n{HEAD}")
    rows(times)
