"""Commands where the registry and the store are full, against the same commands where they are empty.

python benchmarks/full_registry.py [RUNS]
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

from commands import environment, make_repository
from table import HEAD, Spent, about, paired, show, spent

TASKS = 10_000
EVENTS = 100_000


class Project:
    """A repository with a task and a plan of many stages, in a home of its own."""

    def __init__(self, scratch: str, name: str, stages: int) -> None:
        self.env = {**environment(scratch), "OKSTRA_HOME": f"{scratch}/home-{name}"}
        self.path = f"{scratch}/{name}"
        self.name = name
        make_repository(self.path, 10, self.env)
        with open(f"{scratch}/plan.toml", "w", encoding="utf-8") as file:
            for number in range(1, stages + 1):
                file.write(f'[[stage]]\nnumber = {number}\ntitle = "s{number}"\nfiles = ["d{number}/**"]\n')
        self("start", "feat", "DEV-1")
        self("plan", "import", f"{scratch}/plan.toml")
        self("plan", "approve", "--yes")

    def __call__(self, *words: str) -> Spent:
        """Run git okstra."""
        return spent(["git-okstra", *words], self.path, self.env)

    def fill(self) -> None:
        """Have the registry know `TASKS` tasks more, and the store their journals of `EVENTS` events in all."""
        registry = f"{self.env['OKSTRA_HOME']}/registry"
        store = f"{self.path}/.git/okstra/tasks"
        with open(f"{registry}/tasks/{self.name}/dev/dev-1.json", encoding="utf-8") as file:
            record = json.load(file)
        with open(f"{store}/dev/dev-1/journal.jsonl", encoding="utf-8") as file:
            events = (file.readline() * (EVENTS // TASKS)).encode()
        os.makedirs(f"{registry}/tasks/{self.name}/old")
        for number in range(TASKS):
            key, branch = f"{self.name}/old/old-{number}", f"feat-old-{number}"
            entry = {**record["reservations"][0], "branch": branch, "path": f"{registry}/none/{key}"}
            taken = {**record, "key": key, "id": f"old-{number}", "branch": branch, "reservations": [entry]}
            index = {"branch": branch, "key": key}
            for path, document in ((f"tasks/{key}", taken), (f"branches/{self.name}/{branch}", index)):
                with open(f"{registry}/{path}.json", "w", encoding="utf-8") as text:
                    json.dump(document, text)
            os.makedirs(f"{store}/old/old-{number}")
            with open(f"{store}/old/old-{number}/journal.jsonl", "wb") as journal:
                journal.write(events)


def rows(runs: int) -> None:
    """Measure and print the rows."""
    with tempfile.TemporaryDirectory(prefix="okstra-bench-") as place:
        scratch = os.path.realpath(place)
        full, empty = (Project(scratch, name, runs + 1) for name in ("full", "empty"))
        full.fill()
        for what, words in (
            ("start", lambda n: ("start", "feat", f"NEW-{n}", "--base", "main")),
            ("stage N", lambda n: ("stage", str(n + 1), "--task", "DEV-1")),
            ("list --json --no-dirty", lambda n: ("list", "--json", "--no-dirty")),
        ):
            pairs = paired(lambda n, w=words: full(*w(n)), lambda n, w=words: empty(*w(n)), runs)
            show(f"`{what}`, {TASKS:,} tasks, {EVENTS:,} events", "with none", pairs, "1.2")


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{about(times)}\n\n{HEAD}")
    rows(times)
