"""Runs the console script, or a piece of Python, without starting an interpreter each time.

A process that has imported all of `git okstra` forks a child for each run, and the child calls what the console script
calls: its own process and session, with the directory, environment, umask and streams that it is given. Nothing carries
over from one run to the next but the loaded modules. What a start-up does (what is imported when, the entry point that
was installed) is proved elsewhere: by transcripts, races, tests/cli/test_startup.py and tests/test_packaging.py.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, BinaryIO

from support import processes, sealing
from support.processes import Ended, Where

SCRIPT = os.path.join(sealing.SCRIPTS, "git-okstra")
"""The console script of the running interpreter."""

_SERVER = r"""
import atexit, gc, importlib, json, os, pkgutil, signal, socket, struct, sys, time, traceback

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
    gate = streams.pop() if asked["gated"] else None
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        # Made anew: a stream remembers what kind of file it was opened on.
        before = getattr(sys, name)
        line_buffering = number == 2 or os.isatty(number)
        made = open(number, mode, encoding=before.encoding, errors=before.errors, closefd=False)
        if mode == "w":
            made.reconfigure(line_buffering=line_buffering)
        setattr(sys, name, made)
    os.umask(asked["umask"])
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    if asked["gated"]:
        os.read(gate, 1)  # ends when all are let go
        os.close(gate)
    sys.argv = asked["argv"]
    try:
        if asked["other"]:
            for number in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            os.execvp(sys.argv[0], sys.argv)
        elif asked["code"] is None:
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
    data, streams, _, _ = socket.recv_fds(control, 1 << 20, 4)
    if not data:
        break
    while not data.endswith(b"\n"):
        data += control.recv(1 << 20)
    asked = json.loads(data)
    pid = asked["wait"] if "wait" in asked else os.fork()
    if pid == 0:
        child(asked, streams)
    for fd in streams:
        os.close(fd)
    if "wait" not in asked:
        control.sendall(struct.pack("i", pid))
    if "wait" in asked or not asked["gated"]:
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
        meanwhile: Callable[[int], None] | None = None,
        deaf: bool = False,
    ) -> Ended:
        """As `processes.run`, for what this process can stand in for; returns when the session of a crash has ended.

        `meanwhile` is called with its pid, in a thread, while it runs; with `deaf` nobody reads its standard output.
        """
        with self._busy, ExitStack() as pipes:
            ours, theirs = _three_pipes(pipes)
            if deaf:
                _turn_away(theirs)
            if input is None:  # an end of file of another kind
                os.dup2(nothing := os.open(os.devnull, os.O_RDONLY), theirs[0], inheritable=False)
                os.close(nothing)
            try:
                pid = self._started(words, cwd, env, theirs)
            finally:
                for fd in theirs:
                    os.close(fd)
            if meanwhile is not None:
                beside = threading.Thread(target=meanwhile, args=(pid,))
                beside.start()
                pipes.callback(beside.join)
            try:
                out, err = _exchange(*ours, (input or "").encode(), time.monotonic() + timeout)
            except TimeoutError:
                os.killpg(pid, signal.SIGKILL)
                self._number()
                raise subprocess.TimeoutExpired(words, timeout) from None
            status = self._number()
            if status < 0 or meanwhile or "OKSTRA_CRASH_AT" in (env or {}):
                processes.await_end_of_session(pid)
            return Ended(tuple(words), status, os.fsdecode(out), os.fsdecode(err))

    def race(
        self,
        n: int,
        words: Callable[[int], Sequence[str]],
        *,
        cwd: Where | Callable[[int], Where] | None = None,
        env: Callable[[int], Mapping[str, str]] | None = None,
        timeout: float = processes.PATIENCE,
    ) -> list[Ended]:
        """As `processes.race`; each waits right before it would begin to read its command line.

        Commands that this process cannot stand in for take part as they are.
        """
        with self._busy, ExitStack() as files, open(os.devnull, "rb") as nothing:
            gate, opener = os.pipe()
            started = []
            try:
                for i in range(n):
                    out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(2))
                    streams = [nothing.fileno(), out.fileno(), err.fileno(), gate]
                    where, more = cwd(i) if callable(cwd) else cwd, env(i) if env else None
                    started.append((words(i), self._started(words(i), where, more, streams), out, err))
            finally:
                os.close(gate)
                os.close(opener)
            self._control.settimeout(timeout)
            try:
                statuses = [self._asked({"wait": pid}) for _, pid, _, _ in started]
            except TimeoutError:
                for _, pid, _, _ in started:
                    with suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)
                raise
            for stream in (stream for _, _, *both in started for stream in both):
                stream.seek(0)
            return [
                Ended(tuple(one), status, os.fsdecode(out.read()), os.fsdecode(err.read()))
                for (one, _, out, err), status in zip(started, statuses, strict=True)
            ]

    def _started(
        self, words: Sequence[str], cwd: Where | None, env: Mapping[str, str] | None, streams: Sequence[int]
    ) -> int:
        """Have it started with these three streams, and with a fourth wait until that comes to its end; its pid."""
        where = os.getcwd() if cwd is None else os.path.abspath(cwd)
        os.stat(f"{where}/.")  # raises what the child would meet
        other = not self.stands_in_for(words, env)
        code = None if other or words[0] == SCRIPT else words[2]
        asked = {
            "argv": list(words) if code is None else ["-c", *words[3:]],
            "code": code,
            "other": other,
            "cwd": where,
            "env": os.environ | dict(env or {}),
            "umask": _umask(),
            "gated": len(streams) == 4,
        }
        return self._asked(asked, streams)

    def _asked(self, asked: Mapping[str, Any], streams: Sequence[int] = ()) -> int:
        data = json.dumps(asked).encode() + b"\n"
        sent = socket.send_fds(self._control, [data], streams) if streams else 0
        self._control.sendall(data[sent:])
        return self._number()

    def _number(self) -> int:
        (number,) = struct.unpack("i", self._control.recv(4, socket.MSG_WAITALL))
        return int(number)


def _three_pipes(pipes: ExitStack) -> tuple[list[BinaryIO], list[int]]:
    """Our ends, closed with `pipes`, of standard input, output and error, and theirs."""
    given, write = os.pipe()
    read_out, out = os.pipe()
    read_err, err = os.pipe()
    ours = [os.fdopen(write, "wb", 0), os.fdopen(read_out, "rb", 0), os.fdopen(read_err, "rb", 0)]
    for stream in ours:
        pipes.enter_context(stream)
    return ours, [given, out, err]


def _turn_away(theirs: list[int]) -> None:
    """Have what is written to standard output meet a pipe that nobody reads; our end of it is at its end."""
    reading, writing = os.pipe()
    os.close(reading)
    os.dup2(writing, theirs[1], inheritable=False)
    os.close(writing)


def _exchange(given: BinaryIO, out: BinaryIO, err: BinaryIO, rest: bytes, end: float) -> tuple[bytes, bytes]:
    """Write `rest` and read what is said until both outputs are closed. Raises TimeoutError when it takes too long."""
    said = {out: b"", err: b""}
    under_way = len(said)
    os.set_blocking(given.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(given, selectors.EVENT_WRITE)
        for stream in said:
            selector.register(stream, selectors.EVENT_READ)
        while under_way:
            ready = selector.select(end - time.monotonic())
            if not ready and time.monotonic() > end:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is given:
                    with suppress(BrokenPipeError):
                        rest = rest[os.write(given.fileno(), rest[:65536]) :] if rest else rest
                        if rest:
                            continue
                    selector.unregister(given)
                    given.close()
                elif chunk := os.read(key.fd, 65536):
                    said[key.fileobj] += chunk  # type: ignore[index]
                else:
                    selector.unregister(key.fileobj)
                    under_way -= 1
    return said[out], said[err]


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter reads when it starts, and never again."""
    return {name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG", "LD_"))}


def _umask() -> int:
    with suppress(OSError), open("/proc/self/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    # Elsewhere it can only be asked for by setting it, which other threads would notice.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


_shared: dict[str, Preloaded] = {}


def _server(words: Sequence[str], env: Mapping[str, str] | None, purpose: str = "") -> Preloaded | None:
    """The one server of this test process for that purpose, if it can stand in for that command."""
    if purpose not in _shared:
        _shared[purpose] = Preloaded()
    return _shared[purpose] if _shared[purpose].stands_in_for(words, env) else None


def close() -> None:
    """End the shared servers."""
    while _shared:
        _shared.popitem()[1].close()


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


def race(
    n: int,
    words: Callable[[int], Sequence[str]],
    *,
    cwd: Where | Callable[[int], Where] | None = None,
    env: Callable[[int], Mapping[str, str]] | None = None,
) -> list[Ended]:
    """`processes.race`, without a start of Python where that makes no difference; then they start closer together."""
    # A server of its own: other commands may be run beside the race.
    server = _server(words(0), env(0) if env else None, "race")
    return (server.race if server else processes.race)(n, words, cwd=cwd, env=env)
