"""One of many who work on a task at once: random commands one after the other, each in a process of its own.

It runs in a copy of a process that has loaded everything (support/preloaded.py), so that a command costs a fork; what
each command gave goes to standard output, one JSON object a line. Who does what next is drawn from the seed. What can
be drawn depends on what the others did meanwhile: the same seed gives the same intentions, not the same interleaving.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile

from git_okstra.cli import entry
from git_okstra.core import tasks
from git_okstra.core.names import TaskKey
from git_okstra.state.registry import Registry

KEY = TaskKey("shop", "dev", "dev-1")
STAGES = 12

# The verbs, and how often each is drawn; what leads on is drawn more often than what takes back.
WEIGHTS = {
    "auto": 8,
    "stage": 5,
    "work": 14,
    "done": 10,
    "merge": 6,
    "reopen": 3,
    "abandon": 3,
    "remove": 3,
    "restore": 2,
    "release": 2,
    "list": 2,
    "status": 2,
    "doctor": 1,
    "repair": 1,
    "phase": 2,
    "verify": 2,
    "remove task": 1,
}


def main() -> None:
    """`sys.argv[1:]` are seed, number of the worker, and how many commands it runs."""
    seed, worker, count = (int(word) for word in sys.argv[1:4])
    me = f"agent-{worker}"
    draw = random.Random(f"{seed}/{worker}")
    for step in range(count):
        (verb,) = draw.choices(list(WEIGHTS), list(WEIGHTS.values()))
        words = _words(verb, draw, me)
        told = _okstra(words) if words else _work(draw, me, f"{worker}-{step}")
        sys.stdout.write(json.dumps({"owner": me, "step": step, "words": words or ["work"], **told}) + "\n")
    sys.stdout.flush()


def _words(verb: str, draw: random.Random, me: str) -> list[str]:
    """The command line; a stage that is given back is mostly one's own, if one has any."""
    mine, held = _held(me), _held()
    any_stage = str(draw.choice(held) if held and draw.random() < 0.7 else draw.randint(1, STAGES))
    own = str(draw.choice(mine)) if mine and draw.random() < 0.9 else any_stage
    if verb in ("work", "done") and not mine:
        verb = "auto"
    more = [word for word in ("-f", "-D") if draw.random() < 0.6]
    return {
        "auto": ["stage", "auto", "--json", *(["--merge-deps"] if draw.random() < 0.5 else [])],
        "stage": ["stage", any_stage, "--json", *(["--merge-deps"] if draw.random() < 0.5 else [])],
        "work": [],
        "done": ["done", own, "--json"],
        "merge": ["merge", "--json", *([any_stage] if draw.random() < 0.3 else [])],
        "reopen": ["reopen", own, "--json"],
        "abandon": ["abandon", own, "--json", *(["-f"] if "-f" in more else [])],
        "remove": ["remove", any_stage, "--json", *more],
        "restore": ["restore", any_stage, "--json"],
        "release": ["release", own, "--json"],
        "list": ["list", "--json"],
        "status": ["status", "--json"],
        "doctor": ["doctor", "--json"],
        "repair": ["doctor", "--repair", "--json"],
        "phase": ["phase", "implementation", "--yes", "--json"],
        "verify": ["verify", "--json"],
        "remove task": ["remove", "dev-1", "--json"],
    }[verb]


def _held(owner: str | None = None) -> list[int]:
    """The stages that this owner has, or anybody."""
    record = Registry(os.environ["OKSTRA_HOME"]).record(KEY)
    entries = record.reservations.items() if record else ()
    return sorted(
        number for number, one in entries if number and owner in (None, one.owner) and one.state == tasks.ACTIVE
    )


def _work(draw: random.Random, me: str, name: str) -> dict[str, object]:
    """Commit a file to a stage that one holds, as a person would; what git said when it was refused."""
    mine = _held(me)
    if not mine:
        return {"status": 0, "out": "", "err": "nothing is held"}
    number = draw.choice(mine)
    record = Registry(os.environ["OKSTRA_HOME"]).record(KEY)
    place = record.reservation(number) if record else None
    path = place.path if place else ""
    try:
        os.makedirs(f"{path}/s{number}", exist_ok=True)
        with open(f"{path}/s{number}/{name}", "w", encoding="utf-8") as file:
            file.write(name)
    except OSError as error:
        return {"status": 1, "out": "", "err": str(error)}
    for words in (["add", "-A"], ["commit", "-qm", f"work of {name}"]):
        ended = subprocess.run(["git", "-C", path, *words], capture_output=True, text=True, check=False)
        if ended.returncode:
            break
    return {"status": ended.returncode, "out": "", "err": ended.stderr, "stage": number}


def _okstra(words: list[str]) -> dict[str, object]:
    """`git okstra WORDS` in a fork of this process."""
    sys.stdout.flush()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            status = 70  # what no command ends with
            try:
                os.dup2(out.fileno(), 1)
                os.dup2(err.fileno(), 2)
                sys.argv = ["git-okstra", *words]
                entry.main()
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 0
            finally:
                sys.stdout.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        out.seek(0)
        err.seek(0)
        return {"status": status, "out": out.read().decode(), "err": err.read().decode()}
