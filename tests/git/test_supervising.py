"""Workers and their commands: what they tell, what they leave, and how all of it ends."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from git_okstra.git import descent, supervising
from git_okstra.git.supervising import Channel, Worker


def heard_out(worker: Worker) -> list[dict[str, Any]]:
    """All that a worker tells until its end."""
    found: list[dict[str, Any]] = []
    while True:
        select.select([worker.fd], [], [], 60)
        said, over = worker.hear()
        found += said
        if over:
            return found


def running(words: list[str], place: Path, **more: Any) -> Callable[[Channel], None]:
    """Work that runs a command and tells how it ended, and what it wrote."""

    def work(channel: Channel) -> None:
        wrote: list[bytes] = []
        ended = channel.run(words, cwd=f"{place}", env={}, heard=wrote.append, **more)
        said = b"".join(wrote).decode()
        channel.tell("ended", status=ended.status, late=ended.timed_out, left=list(ended.left), said=said)

    return work


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize(
    ("words", "ended"),
    [
        (["sh", "-c", "echo out; echo err >&2; exit 3"], (3, False, "out\nerr\n")),
        (["sh", "-c", "kill -9 $$"], (-9, False, "")),
        (["no-such-program"], (127, False, "no-such-program: No such file or directory\n")),
        (["sh", "-c", "exec >&- 2>&-; sleep 0.2; exit 4"], (4, False, "")),
        (["sh", "-c", "trap 'echo ended; exit' TERM; sleep 600 & wait"], (124, True, "ended\n")),
    ],
)
def test_a_command_ends_as_it_ends(words: list[str], ended: tuple[int, bool, str], tmp_path: Path) -> None:
    limit = 0.3 if ended[1] else None
    (told,) = heard_out(Worker(running(words, tmp_path, timeout=limit)))
    assert (told["status"], told["late"], told["said"]) == ended


def test_what_it_starts_ends_with_it_also_without_any_help_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "_library", lambda: None)
    monkeypatch.setattr(descent, "_all_processes", list)
    monkeypatch.setattr(supervising, "_exit_descriptor", lambda _pid, _ends: None)
    words = ["sh", "-c", "sleep 600 & echo $!"]
    (told,) = heard_out(Worker(running(words, tmp_path)))
    assert (told["status"], told["left"]) == (0, [])
    end = time.monotonic() + 10
    while not is_gone(int(told["said"])):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_sign_that_fails_ends_the_command(tmp_path: Path) -> None:
    def refuse() -> None:
        raise ValueError("no longer")

    said = heard_out(Worker(running(["sleep", "600"], tmp_path, sign=refuse, every=0.05)))
    assert said == [{"kind": "fault", "text": "ValueError: no longer"}]


def test_workers_are_told_to_end_and_killed_when_they_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "_PATIENCE", 0.3)

    def stubborn(channel: Channel) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        channel.tell("ready", pid=os.getpid())
        time.sleep(600)

    workers = [Worker(stubborn), Worker(running(["sleep", "600"], tmp_path))]
    select.select([workers[0].fd], [], [], 60)
    supervising.end_all(workers)
    assert all(is_gone(worker.pid) for worker in workers)


def test_a_fault_is_told(tmp_path: Path) -> None:
    def faulty(channel: Channel) -> None:
        channel.tell("begun")
        raise RuntimeError("a fault")

    assert heard_out(Worker(faulty)) == [{"kind": "begun"}, {"kind": "fault", "text": "RuntimeError: a fault"}]
