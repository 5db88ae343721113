"""Runs the console script, or a piece of Python, without starting an interpreter each time.

A process that has imported all of `git okstra` forks a child for each run, and the child calls what the console script
calls: its own process and session, with the directory, environment, umask and streams that it is given. Nothing carries
over from one run to the next but the loaded modules. What a start-up does (what is imported when, the entry point that
was installed) is proved elsewhere: by transcripts, races, tests/cli/test_startup.py and tests/test_packaging.py.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from support import processes, sealing
from support.processes import Ended, Where

SCRIPT = os.path.join(sealing.SCRIPTS, "git-okstra")
"""The console script of the running interpreter."""

_SERVER = r"""
import atexit, gc, importlib, json, os, pkgutil, socket, struct, sys, time, traceback

import git_okstra
for found in pkgutil.walk_packages(git_okstra.__path__, "git_okstra."):
    importlib.import_module(found.name)
from git_okstra.cli import entry

control = socket.socket(fileno=int(sys.argv[1]))
os.chdir("/")  # what a test looks at is nobody's working directory
gc.freeze()


def child(asked, streams):
    control.close()
    os.setsid()
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    os.umask(asked["umask"])
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.argv = asked["argv"]
    try:
        if asked["code"] is None:
            entry.main()
        else:
            exec(compile(asked["code"], "<string>", "exec"), {"__name__": "__main__"})
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if status == 1 and end.code != 1:
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
    except OSError:
        status = 120  # as the interpreter does
    sys.stderr.flush()
    os._exit(status & 255)


while True:
    data, streams, _, _ = socket.recv_fds(control, 1 << 20, 3)
    if not data:
        break
    while not data.endswith(b"\n"):
        data += control.recv(1 << 20)
    pid = os.fork()
    if pid == 0:
        child(json.loads(data), streams)
    for fd in streams:
        os.close(fd)
    control.sendall(struct.pack("i", pid))
    control.sendall(struct.pack("i", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
"""


class Preloaded:
    """The process that forks. It ends with `close`, or when this one does."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._read_at_start = _read_at_start(os.environ)
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-c", _SERVER, f"{theirs.fileno()}"],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._busy = threading.Lock()

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._server.wait(processes.PATIENCE)

    def run(self, *args: str, cwd: Where, env: Mapping[str, str] | None = None) -> Ended:
        """`git okstra ARGS` in `cwd`, to its end. Fails the test on a traceback and on a fault of ours."""
        return processes.require_no_fault(self.ended([SCRIPT, *args], cwd=cwd, env=env))

    def points(self, *args: str, cwd: Where) -> list[str]:
        """The names of the points that it passes, in order; it must succeed."""
        return processes.crash_points([SCRIPT, *args], cwd=cwd, run=self.ended)

    def crash(self, *args: str, at: int, cwd: Where) -> Ended:
        """Have it die with all its children at its `at`-th point."""
        ended = self.ended([SCRIPT, *args], cwd=cwd, env={"OKSTRA_CRASH_AT": f"{at}"})
        assert ended.killed, f"point {at} was not reached\n{ended}"
        return ended

    def stands_in_for(self, words: Sequence[str], env: Mapping[str, str] | None = None) -> bool:
        """Whether a run of this command here is what a new process would be."""
        ours = words[0] == SCRIPT or list(words[:2]) == [sys.executable, "-c"]
        return ours and _read_at_start(os.environ | dict(env or {})) == self._read_at_start

    def ended(
        self,
        words: Sequence[str],
        *,
        cwd: Where | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002
        timeout: float = processes.PATIENCE,
    ) -> Ended:
        """As `processes.run`, for the console script or `python -c CODE`; returns when its session has ended."""
        where = os.getcwd() if cwd is None else os.path.abspath(cwd)
        os.stat(f"{where}/.")  # raises what the child would meet
        code = None if words[0] == SCRIPT else words[2]
        asked: dict[str, Any] = {
            "argv": list(words) if code is None else ["-c", *words[3:]],
            "code": code,
            "cwd": where,
            "env": os.environ | dict(env or {}),
            "umask": _umask(),
        }
        with (
            self._busy,
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            open(os.devnull, "rb") as nothing,
        ):
            if input is not None:
                given.write(input.encode())
                given.seek(0)
            streams = [(nothing if input is None else given).fileno(), out.fileno(), err.fileno()]
            data = json.dumps(asked).encode() + b"\n"
            self._control.sendall(data[socket.send_fds(self._control, [data], streams) :])
            pid = self._number()
            if not select.select([self._control], [], [], timeout)[0]:
                os.killpg(pid, signal.SIGKILL)
                self._number()
                raise subprocess.TimeoutExpired(words, timeout, out.read(), err.read())
            status = self._number()
            if status < 0 or "OKSTRA_CRASH_AT" in asked["env"]:
                processes.await_end_of_session(pid)
            for told in (out, err):
                told.seek(0)
            return Ended(tuple(words), status, os.fsdecode(out.read()), os.fsdecode(err.read()))

    def _number(self) -> int:
        (number,) = struct.unpack("i", self._control.recv(4, socket.MSG_WAITALL))
        return int(number)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter reads when it starts, and never again."""
    return {name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG", "LD_"))}


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_shared: list[Preloaded] = []


def _server(words: Sequence[str], env: Mapping[str, str] | None) -> Preloaded | None:
    """The one server of this test process, if it can stand in for that command."""
    if not _shared:
        _shared.append(Preloaded())
    return _shared[0] if _shared[0].stands_in_for(words, env) else None


def close() -> None:
    """End the shared server."""
    while _shared:
        _shared.pop().close()


def run(
    words: Sequence[str],
    *,
    cwd: Where | None = None,
    env: Mapping[str, str] | None = None,
    input: str | None = None,  # noqa: A002
) -> Ended:
    """`processes.run`, without a start of Python where that makes no difference."""
    server = _server(words, env)
    return (server.ended if server else processes.run)(words, cwd=cwd, env=env, input=input)


def crash_points(words: Sequence[str], *, cwd: Where | None = None, env: Mapping[str, str] | None = None) -> list[str]:
    """`processes.crash_points`, without a start of Python where that makes no difference."""
    return processes.crash_points(words, cwd=cwd, env=env, run=run)


def crash(words: Sequence[str], *, at: int, cwd: Where | None = None, env: Mapping[str, str] | None = None) -> Ended:
    """`processes.crash`, without a start of Python where that makes no difference."""
    server = _server(words, env)
    if server is None:
        return processes.crash(words, at=at, cwd=cwd, env=env)
    return server.ended(words, cwd=cwd, env={**(env or {}), "OKSTRA_CRASH_AT": f"{at}"})
