"""Running real commands: one, several at the same instant, and one that dies as if by `kill -9`."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from git_okstra.core import errors

Where = str | os.PathLike[str]

PATIENCE = 100.0
"""Seconds after which a command that hangs is ended; less than pytest's own limit, so that its output is shown."""

_ERROR = re.compile(r"^okstra: error \[([a-z-]+)\]: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (negative: the signal that killed it), and what it wrote."""

    words: tuple[str, ...]
    status: int
    out: str
    err: str

    @property
    def killed(self) -> bool:
        """Whether it was ended by SIGKILL."""
        return self.status == -signal.SIGKILL

    @property
    def error(self) -> str | None:
        """The code of the error that git okstra reported, in words or as JSON; None when it reported none."""
        found = _ERROR.search(self.err)
        if found:
            return found[1]
        return self.json()["error"]["code"] if self.out.startswith('{\n  "error": ') else None

    def json(self) -> Any:
        """Standard output read as one JSON document."""
        return json.loads(self.out)

    def require_success(self) -> Ended:
        """Itself; fails the test when the command did not end with 0."""
        assert self.status == 0, f"exit status {self.status}\n{self}"
        return self

    def require_error(self, code: str) -> Ended:
        """Itself; fails the test unless git okstra refused with this code and the exit status that belongs to it."""
        assert self.error == code, f"expected the error '{code}', got '{self.error}'\n{self}"
        assert self.status == errors.CODES[code][0], f"exit status {self.status} does not belong to '{code}'\n{self}"
        return self

    def __str__(self) -> str:
        """The command with all it wrote, for the message of a failing test."""
        return f"$ {shlex.join(self.words)}\n--- stdout\n{self.out}--- stderr\n{self.err}"


def run(
    words: Sequence[str],
    *,
    cwd: Where | None = None,
    env: Mapping[str, str] | None = None,
    input: str | None = None,  # noqa: A002 (subprocess's own word)
    timeout: float = PATIENCE,
) -> Ended:
    """Run a command to its end. `env` is added to the (sealed) environment; without `input` standard input is empty."""
    done = subprocess.run(
        words,
        cwd=cwd,
        env=os.environ | dict(env or {}),
        input=None if input is None else input.encode(),
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Ended(tuple(words), done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))


def race(
    n: int,
    words: Callable[[int], Sequence[str]],
    *,
    cwd: Where | Callable[[int], Where] | None = None,
    env: Callable[[int], Mapping[str, str]] | None = None,
    timeout: float = PATIENCE,
) -> list[Ended]:
    """Run `words(0)` … `words(n - 1)` at the same instant; how each ended, in that order.

    Each process is started and then waits to read from one pipe that all share; the pipe is closed when the last one
    is there, and all go at once. `env(i)` is added to the environment of the i-th.
    """
    gate, opener = os.pipe()
    started = []
    try:
        for i in range(n):
            out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
            child = subprocess.Popen(
                ["sh", "-c", 'read -r go; exec "$@" </dev/null', "sh", *words(i)],
                cwd=cwd(i) if callable(cwd) else cwd,
                env=os.environ | dict(env(i) if env else {}),
                stdin=gate,
                stdout=out,
                stderr=err,
            )
            started.append((child, out, err))
    finally:
        os.close(gate)
        os.close(opener)
    ended = []
    try:
        for i, (child, out, err) in enumerate(started):
            status = child.wait(timeout)
            out.seek(0)
            err.seek(0)
            ended.append(Ended(tuple(words(i)), status, os.fsdecode(out.read()), os.fsdecode(err.read())))
    finally:
        for child, out, err in started:
            if child.poll() is None:
                child.kill()
                child.wait()
            out.close()
            err.close()
    return ended


def require_no_fault(ended: Ended) -> Ended:
    """The same; fails the test on a traceback and on a fault of git okstra."""
    assert "Traceback (most recent call last)" not in ended.err, f"{ended}"
    assert ended.error != "internal", f"{ended}"
    return ended


def crash_points(
    words: Sequence[str],
    *,
    cwd: Where | None = None,
    env: Mapping[str, str] | None = None,
    run: Callable[..., Ended] = run,
) -> list[str]:
    """The names of the points (see git_okstra/crashpoints.py) that the command passes, in order; it must succeed.

    The name at index N - 1 is where `crash(words, at=N)` stops it. Each process that takes part counts for itself: the
    first one that reaches N gives the name. `run` is what runs it.
    """
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "points")
        run(words, cwd=cwd, env={**(env or {}), "OKSTRA_CRASH_LOG": log}).require_success()
        if not os.path.exists(log):
            return []
        with open(log, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(" ", 1) for line in file]
    first: dict[int, str] = {}
    for number, name in lines:
        first.setdefault(int(number), name)
    return [first[number] for number in sorted(first)]


def crash(
    words: Sequence[str],
    *,
    at: int,
    cwd: Where | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
) -> Ended:
    """Run the command in a session of its own; with all its children it dies at its `at`-th point, as by `kill -9`.

    Returns when the last of them is gone. A command that never reaches that point ends as usual: look at `killed`.
    """
    child = subprocess.Popen(
        words,
        cwd=cwd,
        env=os.environ | dict(env or {}) | {"OKSTRA_CRASH_AT": str(at)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise
    await_end_of_session(child.pid)
    return Ended(tuple(words), child.returncode, os.fsdecode(out), os.fsdecode(err))


def await_end_of_session(session: int) -> None:
    """Wait until no process of the session runs: a dying git may finish one more system call."""
    end = time.monotonic() + 10
    while time.monotonic() < end and any(_runs_in(session, pid) for pid in _processes() if pid.isdigit()):
        time.sleep(0.002)


def _processes() -> list[str]:
    return os.listdir("/proc") if os.path.isdir("/proc") else []


def _runs_in(session: int, pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, _parent, _group, its_session = file.read().rpartition(b")")[2].split()[:4]
    except OSError:
        return False
    return int(its_session) == session and state not in (b"Z", b"X")
