"""Work that goes on beside this process, and commands that end with everything they started.

A *worker* is a forked copy of this process with a session of its own, so that no terminal's Ctrl-C reaches it; it tells
what it does by lines of JSON. It ends when it is told to (SIGTERM, which raises KeyboardInterrupt as everywhere), or
when this process is gone, however that ended: the kernel tells it (prctl(2), PR_SET_PDEATHSIG), and elsewhere than on
Linux a pipe that only we hold open.

A *command* of a worker leads a process group of its own. On Linux the worker is the parent of everything whose parent
dies (PR_SET_CHILD_SUBREAPER), so what a command started is found even where it left its group (setsid, a daemon); on
other systems only the group is. The command itself dies with its worker there (PR_SET_PDEATHSIG again).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from git_okstra.git import descent, process, stopping

_PATIENCE = 4 * descent.GRACE
"""Seconds in which a worker that was told to end has ended its command and itself."""

_TICK = 0.05
_REAP = 5.0
"""Seconds after which orphans that came to an end are looked for, at the latest."""
_CHUNK = 1 << 16
_PDEATHSIG, _SUBREAPER = 1, 36  # linux/prctl.h
_BEGAN, _ENDED = "command", "command-over"
_QUIET = ("git fsmonitor--daemon", "git maintenance", "git gc")
"""What git leaves running by itself: it is ended like everything else, but nobody needs to be told."""


class Worker:
    """A worker as the process that started it sees it. `fd` is readable when there is something to `hear`."""

    def __init__(self, work: Callable[[Channel], None]) -> None:
        """Start one, which does `work` and ends. Raises OSError."""
        self.fd, told = os.pipe()
        lifeline, self._lifeline = os.pipe()
        self._begun = b""
        self._command: int | None = None
        """The process group of the command that it runs."""
        _library()  # loaded once, not in each worker
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal waits until both know who they are.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, stopping.SIGNALS)
        try:
            parent = os.getpid()
            self.pid = os.fork()
            if self.pid == 0:
                _be_worker(work, told, lifeline, parent, mask)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(told)
        os.close(lifeline)
        os.set_blocking(self.fd, False)

    def hear(self) -> tuple[list[dict[str, Any]], bool]:
        """What it has told since the last time, and whether it has come to its end and is no more."""
        over = False
        while True:
            try:
                chunk = os.read(self.fd, _CHUNK)
            except BlockingIOError:
                break
            if not chunk:
                over = True
                break
            self._begun += chunk
        *lines, self._begun = self._begun.split(b"\n")
        said = [json.loads(line) for line in lines]
        for message in said:
            if message["kind"] == _BEGAN:
                self._command = message["pid"]
            elif message["kind"] == _ENDED:
                self._command = None
        if over:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            os.close(self.fd)
            self._let_go()
            _kill_group(self._command)  # a worker that was killed could not see to it
        return [message for message in said if message["kind"] not in (_BEGAN, _ENDED)], over

    def tell_to_end(self) -> None:
        """Ask it to end its command and itself; it is heard of until it has."""
        self._let_go()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it and its command at once."""
        _kill_group(self.pid)
        _kill_group(self._command)

    def _let_go(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def end_all(workers: Sequence[Worker]) -> None:
    """Have all of them end, and what they run; those that take too long are killed. Returns when none is left."""
    for worker in workers:
        worker.tell_to_end()
    left, deadline = list(workers), time.monotonic() + _PATIENCE
    try:
        while left and time.monotonic() < deadline:
            select.select([worker.fd for worker in left], [], [], _TICK)
            left = [worker for worker in left if not worker.hear()[1]]
    finally:  # also when a second Ctrl-C does not want to wait
        for worker in left:
            worker.kill()
        for worker in left:
            os.set_blocking(worker.fd, True)
            while not worker.hear()[1]:
                pass


class Channel:
    """A worker as it sees itself: where it tells what it does, and runs its command."""

    def __init__(self, fd: int, lifeline: int) -> None:
        self._fd = fd
        self._lifeline = lifeline

    def tell(self, kind: str, **data: Any) -> None:
        """Say something to the process that started us; nothing when that is gone."""
        line = json.dumps({"kind": kind, **data}).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):
            while line:
                line = line[os.write(self._fd, line) :]

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str | None],
        heard: Callable[[bytes], None],
        timeout: float | None = None,
        sign: Callable[[], object] = lambda: None,
        every: float | None = None,
    ) -> Ended:
        """Run a command in `cwd`, `env` added to the scrubbed environment, and hand what it writes to `heard`.

        Its standard input is empty. However this is left, nothing it started runs on. `timeout` is in seconds. A
        command that cannot be started ends with 127, as a shell has it. Every so many seconds `sign` is called; what
        that raises ends the command, and is raised here.
        """
        process.trace(words, cwd)
        try:
            with stopping.shielded():
                child = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env={**process.scrubbed_environment(env), "PWD": cwd},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                    preexec_fn=_die_with_parent,
                )
        except OSError as error:
            heard(f"{words[0]}: {error.strerror or error}\n".encode())
            return Ended(127, False, ())
        left: list[str] = []
        try:
            self.tell(_BEGAN, pid=child.pid)
            timed_out = self._listen(child, heard, timeout, sign, every)
            if not timed_out:
                left = [one.command for one in descent.descendants() if one.pid != child.pid]
        finally:
            _end(child, heard)
            self.tell(_ENDED)
        told = tuple(one for one in left if not one.startswith(_QUIET))
        return Ended(124 if timed_out else child.returncode, timed_out, told)

    def _listen(
        self,
        child: subprocess.Popen[bytes],
        heard: Callable[[bytes], None],
        timeout: float | None,
        sign: Callable[[], object],
        every: float | None,
    ) -> bool:
        """Hand on what the child writes until it ends; whether its time was over before that."""
        assert child.stdout is not None
        began = time.monotonic()
        out, end = child.stdout.fileno(), None if timeout is None else began + timeout
        due = None if every is None else began + every
        with contextlib.ExitStack() as ends:
            exited = _exit_descriptor(child.pid, ends)
            watched = [out, self._lifeline, *([] if exited is None else [exited])]
            while True:
                moments = [moment - time.monotonic() for moment in (end, due) if moment is not None]
                pause = min(_TICK if exited is None else _REAP, *moments, _REAP)
                ready, _, _ = select.select(watched, [], [], max(0.0, pause))
                _reap_orphans(child.pid)
                if due is not None and every is not None and time.monotonic() >= due:
                    sign()
                    due = time.monotonic() + every
                if self._lifeline in ready:
                    raise KeyboardInterrupt  # whoever started us is gone
                if out in ready:
                    chunk = os.read(out, _CHUNK)
                    if chunk:
                        heard(chunk)
                        continue
                    watched.remove(out)  # it closed its output, and may go on
                # Not reaped yet, so that its id still stands for the group, whose other members go with it.
                if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                    return False
                if end is not None and time.monotonic() >= end:
                    return True


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit status (negative: a signal), whether its time was over, and the command lines of
    what it had left running, which is ended."""

    status: int
    timed_out: bool
    left: tuple[str, ...]


def _be_worker(
    work: Callable[[Channel], None], told: int, lifeline: int, parent: int, mask: set[int | signal.Signals]
) -> None:
    """What the forked copy does; never returns."""
    status = 1
    try:
        os.setsid()
        _close_all_but({0, 1, 2, told, lifeline})
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)  # what is said goes through the channel; a trace may go to standard error
        _prctl(_PDEATHSIG, signal.SIGTERM)
        _prctl(_SUBREAPER, 1)
        channel = Channel(told, lifeline)
        try:
            stopping.listen()
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            if os.getppid() == parent:
                work(channel)
                status = 0
        except KeyboardInterrupt:
            channel.tell("stopped")
        except Exception as error:  # the last line of defence, as at the door
            channel.tell("fault", text=f"{type(error).__name__}: {error}")
            if os.environ.get("OKSTRA_TRACE", "0") not in ("", "0"):
                import traceback

                traceback.print_exc()
        finally:
            _end_descendants(lambda: None)
    finally:
        os._exit(status)


def _close_all_but(keep: set[int]) -> None:
    """Close the descriptors that the fork copied, above all the pipes of other workers."""
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        numbers = list(range(256))
    for fd in numbers:
        if fd not in keep:
            with contextlib.suppress(OSError):
                os.close(fd)


def _kill_group(leader: int | None) -> None:
    if leader is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def _die_with_parent() -> None:
    _prctl(_PDEATHSIG, signal.SIGKILL)


_loaded: Any = None


def _library() -> Any:
    global _loaded
    if _loaded is None and sys.platform == "linux":
        import ctypes

        _loaded = ctypes.CDLL(None, use_errno=True)
    return _loaded


def _prctl(option: int, value: int) -> None:
    library = _library()
    if library is not None:
        library.prctl(option, value, 0, 0, 0)


def _reap_orphans(command: int) -> None:
    """Let go of orphans that have ended, which are ours; our own child is left for whoever waits for it."""
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == command:
                return
            os.waitpid(ended.si_pid, 0)


def _exit_descriptor(pid: int, ends: contextlib.ExitStack) -> int | None:
    """A descriptor that is readable when the child has ended, where there are such (Linux 5.3)."""
    if sys.platform != "linux":
        return None
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return None
    ends.callback(os.close, fd)
    return fd


def _end(child: subprocess.Popen[bytes], heard: Callable[[bytes], None]) -> None:
    """End the child with its group and all its descendants, while what they still write is read."""
    assert child.stdout is not None
    out = child.stdout.fileno()
    os.set_blocking(out, False)

    def drain() -> None:
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(out, _CHUNK):
                heard(chunk)

    try:
        if _library() is None:
            _end_group(child.pid, drain)
        _end_descendants(drain)
    finally:
        _kill_group(child.pid)
        child.wait()
        drain()
        child.stdout.close()


def _end_group(leader: int, meanwhile: Callable[[], None]) -> None:
    """Tell a group to end, and wait a moment for its leader, our child: where nothing more can be found."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGTERM)
    deadline = time.monotonic() + descent.GRACE
    while os.waitid(os.P_PID, leader, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None and time.monotonic() < deadline:
        meanwhile()
        time.sleep(0.01)


def _end_descendants(meanwhile: Callable[[], None]) -> None:
    """End everything that descends from this process, gently first. What was ended is reaped but for our own child."""
    descent.tell([one.pid for one in descent.descendants()], signal.SIGTERM)
    deadline = time.monotonic() + descent.GRACE
    while left := descent.descendants():
        meanwhile()
        if time.monotonic() >= deadline:
            descent.tell([one.pid for one in left], signal.SIGKILL)
        time.sleep(0.01)
