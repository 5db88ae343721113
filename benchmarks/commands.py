"""Whole commands, each paired with what a user would otherwise type; ratios of medians, written as a table.

    python benchmarks/commands.py [RUNS]

A and B run in turn, so that a machine whose speed drifts slows both. Beside the time that passed the time counts that
the processors worked for the command and all it started, which other work on the machine disturbs less. Everything
happens in a directory of its own, with a HOME and an OKSTRA_HOME of its own, and with byte code, as an installed
program has it.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

Command = Callable[[int], list[str]]

BIN = os.path.dirname(os.path.abspath(sys.executable))
OPEN = 99
"""Stages with a worktree, beside that of the task."""

TASKS = 10_000
"""Other tasks in a registry that is full."""

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


def run(words: list[str], cwd: str, env: dict[str, str]) -> tuple[float, float]:
    """Run to the end; seconds that passed, and that the processors worked. Fails when the command does."""
    before, begun = worked(), time.perf_counter()
    subprocess.run(words, cwd=cwd, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun, worked() - before


def worked() -> float:
    """Seconds that the processors worked for the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def pair(ours: Command, theirs: Command, cwd: str, env: dict[str, str], runs: int) -> list[tuple[float, float, float]]:
    """Of the time that passed and of the processors': the medians of ours and theirs in seconds, and that of the ratios
    pair by pair. One warm-up is not counted."""
    measured = [(run(ours(n), cwd, env), run(theirs(n), cwd, env)) for n in range(runs + 1)][1:]
    return [
        (
            statistics.median(a[kind] for a, _ in measured),
            statistics.median(b[kind] for _, b in measured),
            statistics.median(a[kind] / b[kind] for a, b in measured),
        )
        for kind in (0, 1)
    ]


def make_repository(path: str, files: int, env: dict[str, str]) -> None:
    """A repository with one commit of `files` small files in directories of fifty."""
    os.makedirs(path)
    run(["git", "init", "-q", "-b", "main"], path, env)
    for number in range(files):
        folder = f"{path}/d{number // 50}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/f{number}", "w", encoding="utf-8") as file:
            file.write(f"{number}\n" * 40)
    run(["git", "add", "."], path, env)
    run(["git", "commit", "-qm", "one"], path, env)


def prepare(scratch: str, env: dict[str, str], runs: int) -> str:
    """A repository of 1,000 files with a task of `OPEN` open stages and enough ready ones to open; where it is."""
    repository = f"{scratch}/medium"
    make_repository(repository, 1000, env)
    count = OPEN + runs + 1
    with open(f"{scratch}/plan.toml", "w", encoding="utf-8") as file:
        for number in range(1, count + 1):
            file.write(f'[[stage]]\nnumber = {number}\ntitle = "s{number}"\nfiles = ["d{number}/**"]\n')
    run(["git-okstra", "start", "feat", "DEV-1"], repository, env)
    run(["git-okstra", "plan", "import", f"{scratch}/plan.toml"], repository, env)
    run(["git-okstra", "plan", "approve", "--yes"], repository, env)
    for number in range(1, OPEN + 1):
        run(["git-okstra", "stage", str(number)], repository, env)
    return repository


def fill_registry(home: str) -> str:
    """A home beside this one, whose registry knows `TASKS` tasks more; where it is."""
    full = f"{home}-full"
    shutil.copytree(f"{home}/registry", f"{full}/registry")
    with open(f"{home}/registry/tasks/medium/dev/dev-1.json", encoding="utf-8") as file:
        record = json.load(file)
    record["reservations"] = [entry for entry in record["reservations"] if entry["number"] == 0]
    os.makedirs(f"{full}/registry/tasks/medium/old")
    for number in range(TASKS):
        key, branch = f"medium/old/old-{number}", f"feat-old-{number}"
        entry = {**record["reservations"][0], "branch": branch, "path": f"{full}/worktrees/{key}"}
        taken = {**record, "key": key, "id": f"old-{number}", "branch": branch, "reservations": [entry]}
        for path, document in ((f"tasks/{key}", taken), (f"branches/medium/{branch}", {"branch": branch, "key": key})):
            with open(f"{full}/registry/{path}.json", "w", encoding="utf-8") as file:
                json.dump(document, file)
    return full


def main() -> None:
    """Measure and print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="okstra-bench-"))
    try:
        env = environment(scratch)
        repository = prepare(scratch, env, runs)

        def stage(n: int) -> list[str]:
            return ["git-okstra", "stage", str(OPEN + 1 + n)]

        def worktree(n: int) -> list[str]:
            return ["git", "worktree", "add", "-b", f"b{n}", f"{scratch}/w{n}", "main"]

        full = fill_registry(env["OKSTRA_HOME"])

        def start_among_many(n: int) -> list[str]:
            return ["env", f"OKSTRA_HOME={full}", "git-okstra", "start", "feat", f"MANY-{n}", "--base", "main"]

        def start_alone(n: int) -> list[str]:
            return ["git-okstra", "start", "feat", f"FEW-{n}", "--base", "main"]

        def list_among_many(_: int) -> list[str]:
            return ["env", f"OKSTRA_HOME={full}", "git-okstra", "list", "--json", "--no-dirty"]

        rows: list[tuple[str, Command, str, Command]] = [
            ("`git-okstra --version`", lambda _: ["git-okstra", "--version"], "bare Python", lambda _: BARE),
            ("`git-okstra path 3`", lambda _: ["git-okstra", "path", "3"], "bare Python", lambda _: BARE),
            (
                f"`list --json --no-dirty`, {OPEN + 1} worktrees",
                lambda _: ["git-okstra", "list", "--json", "--no-dirty"],
                "bare Python",
                lambda _: BARE,
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
            ),
            ("`stage N`, 1,000 files", stage, "`git worktree add -b`", worktree),
            (
                f"`list --json --no-dirty`, registry of {TASKS:,} tasks",
                list_among_many,
                "the same with none",
                lambda _: ["git-okstra", "list", "--json", "--no-dirty"],
            ),
            (f"`start`, registry of {TASKS:,} tasks", start_among_many, "the same with none", start_alone),
        ]
        git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
        print(f"Python {platform.python_version()}, git {git}, {os.cpu_count()} processors; {runs} pairs, medians.\n")
        print("| ours | ms | against | ms | ratio | of CPU time |\n| --- | ---: | --- | ---: | ---: | ---: |")
        for ours, command, theirs, other in rows:
            (a, b, ratio), (*_, work) = pair(command, other, repository, env, runs)
            print(f"| {ours} | {a * 1000:.0f} | {theirs} | {b * 1000:.0f} | {ratio:.2f} | {work:.2f} |", flush=True)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
