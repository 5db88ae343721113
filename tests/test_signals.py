"""Told to stop at any point, a command says so in one message, takes its children along, and can be run again.

Each command is stopped at some of its numbered points (drawn anew each time; `OKSTRA_TEST_SEED=N` draws the same), and
in `make soak` at every one: Ctrl-C and its like to the whole process group, as a terminal sends it, and to the process
alone, as `kill` does.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core.journal import DONE
from support import plans, preloaded, processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Snapshot, Ticket

SEED = int(os.environ.get("OKSTRA_TEST_SEED", random.randrange(10**6)))

WAYS = ["SIGINT", "SIGINT alone", "SIGTERM", "SIGTERM alone", "SIGHUP alone"]

STATUS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


def nothing(ticket: Ticket) -> None:
    pass


def an_open_stage(ticket: Ticket) -> None:
    ticket.open(1)
    ticket.commit(1)


def two_done_stages(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.work(2)


def all_merged(ticket: Ticket) -> None:
    two_done_stages(ticket)
    ticket.merge()


def accepted(ticket: Ticket) -> None:
    all_merged(ticket)
    Path(ticket.path(), "untracked").unlink(missing_ok=True)
    preloaded.run([preloaded.SCRIPT, "verify"], cwd=ticket.path()).require_success()


COMMANDS: dict[str, tuple[tuple[str, ...], Callable[[Ticket], None]]] = {
    "start": (("start", "fix", "DEV-2", "--base", "main"), nothing),
    "stage": (("stage", "1"), nothing),
    "done": (("done", "1"), an_open_stage),
    "merge": (("merge",), two_done_stages),
    "verify": (("verify",), all_merged),
    "handoff": (("handoff", "--action", "commit", "--yes"), accepted),
    "remove": (("remove", "1", "-f", "-D"), an_open_stage),
}

GONE = {"remove": "stage-not-open"}
"""What a command says that finds its work done."""


def require_stops(words: tuple[str, ...], ticket: Ticket, at: int, way: str, gone: str) -> None:
    """Stop the command at that point; then it can be run again."""
    env = {"OKSTRA_CRASH_AT": f"{at}", "OKSTRA_CRASH_SIGNAL": way}
    where = ticket.path()
    stopped = preloaded.run([preloaded.SCRIPT, *words], cwd=where, env=env)
    assert "Traceback" not in stopped.err, f"{stopped}"
    if stopped.status != 0:  # at the last points all is done
        assert stopped.status == STATUS[way.split()[0]], f"{stopped}"
        assert stopped.err.count("error [") == 1, f"{stopped}"
        assert "okstra: error [interrupted]: stopped before it was done\n" in stopped.err, f"{stopped}"
    assert tickets.leftovers(ticket.repository) == [], f"{stopped}"
    again = processes.require_no_fault(preloaded.run([preloaded.SCRIPT, *words], cwd=where))
    assert again.status == 0 or again.error == gone, f"{stopped}\n{again}"
    doctor = preloaded.run([preloaded.SCRIPT, "doctor"], cwd=where)
    assert doctor.status == 0, f"{stopped}\n{again}\n{doctor}"


def stopped_everywhere(repository: ScratchRepository, tmp_path: Path, name: str, share: int | None) -> None:
    words, prepare = COMMANDS[name]
    ticket = Ticket(repository, plans.of({1: (), 2: ()}))
    prepare(ticket)
    snapshot = Snapshot(ticket, tmp_path / "kept")
    points = preloaded.crash_points([preloaded.SCRIPT, *words], cwd=ticket.path())
    draw = random.Random(f"{SEED}/{name}")
    numbers = range(1, len(points) + 1)
    for at in numbers if share is None else draw.sample(numbers, share):
        way = draw.choice(WAYS)
        snapshot.restore()
        try:
            require_stops(words, ticket, at, way, GONE.get(name, ""))
        except AssertionError as error:
            point = f"{name}, {way} at {at} of {len(points)}: {points[at - 1]}"
            raise AssertionError(f"OKSTRA_TEST_SEED={SEED}\n{point}\n{error}") from None


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_stopped_can_be_run_again(repository: ScratchRepository, tmp_path: Path, name: str) -> None:
    stopped_everywhere(repository, tmp_path, name, 3)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_at_every_point_a_command_can_be_run_again(
    repository: ScratchRepository, tmp_path: Path, name: str
) -> None:
    stopped_everywhere(repository, tmp_path, name, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("verb", ["done", "verify"])
def test_the_commands_of_a_check_end_with_it(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, verb: str, number: signal.Signals
) -> None:
    command = f"echo $$ >'{tmp_path}/pid.new'; mv '{tmp_path}/pid.new' '{tmp_path}/pid'; sleep 1000 & wait"
    plan = tickets.plan_text({1: ()})
    if verb == "done":
        plan += f'verify = ["""{command}"""]\n'
    else:
        okstra("config", "set", "verify.commands", command, cwd=repository)
    task = Path(okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository).out.rstrip("\n"))
    okstra("plan", "import", "-", "--format", "toml", cwd=task, input=plan)
    okstra("plan", "approve", "--yes", cwd=task)
    tickets.work(okstra, repository, task, 1, close=verb == "verify")
    child = subprocess.Popen(
        okstra.words(verb), cwd=task, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    while not (tmp_path / "pid").exists():
        assert child.poll() is None, child.communicate()
        time.sleep(0.01)
    os.kill(child.pid, number)
    _, err = child.communicate(timeout=processes.PATIENCE)
    assert child.returncode == 128 + number
    assert err.count(b"okstra: error [interrupted]") == 1
    leader = int((tmp_path / "pid").read_text())
    assert ends(leader)
    assert tickets.leftovers(repository) == []


def ends(leader: int) -> bool:
    """Whether the group is gone, or is soon: what was killed waits for init to bury it."""
    for _ in range(500):
        try:
            os.killpg(leader, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("words", [("stage", "1"), ("stage", "1", "--json"), ("list",), ("status", "--json"), ("log",)])
def test_a_pipe_that_nobody_reads_changes_nothing_but_what_is_said(
    repository: ScratchRepository, words: tuple[str, ...]
) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: ()}))
    reading, writing = os.pipe()
    os.close(reading)
    child = subprocess.Popen(
        [preloaded.SCRIPT, *words], cwd=ticket.path(), stdout=writing, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    os.close(writing)
    _, err = child.communicate(timeout=processes.PATIENCE)
    assert child.returncode == 1
    assert b"Traceback" not in err
    assert b"rror" not in err
    if words[0] == "stage":
        assert tickets.reservations()["shop/dev/dev-1#1"].state == "active"
    tickets.require_order(repository)


def test_a_merge_goes_on_where_nobody_read_of_it(okstra: Command, repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: ()}))
    two_done_stages(ticket)
    ended = Ended((), *_through("git-okstra merge | head -0", ticket.path()))
    assert ended.err.count("Traceback") == 0, f"{ended}"
    assert {number: record.state for number, record in ticket.history.stages.items()} == {1: DONE, 2: DONE}
    assert all(record.merges for record in ticket.history.stages.values())
    tickets.require_order(repository)


def _through(line: str, where: Path) -> tuple[int, str, str]:
    path = f"{os.path.dirname(preloaded.SCRIPT)}:{os.environ['PATH']}"
    ended = processes.run(["sh", "-c", line], cwd=where, env={"PATH": path})
    return ended.status, ended.out, ended.err
