"""Starts a program, feeds it, and gathers what it writes; for git, which a command starts several times.

It does what `subprocess.run` does and imports nothing of it: that import alone takes longer than most git calls.
The child gets three streams, at most one descriptor more, our process group, and no signal that Python ignores for
itself. However `spawned` is left, the child has ended and its descriptors are closed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from git_okstra.git import stopping

_CHUNK = 1 << 16
"""Bytes that are read or written at once; a pipe of Linux holds as many."""

_GRACE = 0.25
"""Seconds in which a child that got Ctrl-C with us may clean up before it is told to end."""

_LONG_GRACE = 2.0
"""Seconds in which a child that was told to end, for it did not hear the signal, may clean up before it is killed."""

# Python ignores the first two for itself, and an ignored signal stays so in a child; the third see `spawned`.
_DEFAULT_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)


def spawned(
    words: Sequence[str],
    env: Mapping[str, str],
    *,
    input: bytes | None = None,  # noqa: A002 (subprocess's own word)
    inherit: int | None = None,
    timeout: float | None = None,
    reader: Callable[[bytes], bool] | None = None,
) -> tuple[int, bytes, bytes]:
    """Run a program in our directory to its end; exit status (negative: a signal), standard output, standard error.

    `words[0]` is looked up on this process's PATH. Without `input` its standard input is empty. `inherit` is a
    descriptor whose open file it shares, under a number that it is not told. Its output is complete when the last
    process that it started has closed it. `timeout` is in seconds, None for no limit. Standard output goes to `reader`
    as it comes, if there is one; once that returns True nothing more is wanted, and the program is killed as one that
    ended well.

    Raises OSError when it cannot be started, TimeoutError (an OSError too) when it is killed for taking too long.
    """
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        # Inherited from whoever started us: the kernel would throw away how our children end.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    deadline = None if timeout is None else time.monotonic() + timeout
    ours: set[int] = set()
    pid = 0
    try:
        out, out_end = _pipe(ours)
        err, err_end = _pipe(ours)
        actions: list[tuple[int, ...] | tuple[int, int, str, int, int]]
        actions = [(os.POSIX_SPAWN_CLOSE, fd) for fd in _inheritable() if fd != inherit]
        talk = None
        if input is None:
            actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
        else:
            asked, talk = _pipe(ours)
            actions.append((os.POSIX_SPAWN_DUP2, asked, 0))
        actions += [(os.POSIX_SPAWN_DUP2, out_end, 1), (os.POSIX_SPAWN_DUP2, err_end, 2)]
        if inherit is not None:
            # Every descriptor of ours is close-on-exec, a copy is not; the number of this pipe is free in the child.
            actions.append((os.POSIX_SPAWN_DUP2, inherit, err_end))
        # A signal waits until the child's number is known, or the child would be left behind.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, stopping.SIGNALS)
        try:
            pid = os.posix_spawnp(
                words[0], list(words), env, file_actions=actions, setsigdef=_DEFAULT_SIGNALS, setsigmask=mask
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for fd in ours - {out, err, talk}:
            _close(fd, ours)
        said = _exchange(out, err, talk, input or b"", ours, deadline, reader)
        if said is None:
            return 0, b"", b""
        status = _wait(pid, deadline)
        pid = 0
        return status, *said
    except KeyboardInterrupt:
        # A git that is killed leaves its lock files; one that is told to end removes them.
        for grace, number in ((_GRACE, signal.SIGTERM), (_LONG_GRACE, signal.SIGKILL)):
            with contextlib.suppress(TimeoutError):
                if pid:
                    _wait(pid, time.monotonic() + grace)
                    pid = 0
            if pid:
                os.kill(pid, number)
        raise
    finally:
        for fd in ours:
            os.close(fd)
        if pid:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _pipe(ours: set[int]) -> tuple[int, int]:
    """A new pipe, noted in `ours`; its numbers are above those of the standard streams, which the child's replace."""
    reading, writing = os.pipe()
    if reading > 2 and writing > 2:
        ours |= {reading, writing}
        return reading, writing
    try:
        return _pipe(ours)  # while these take up the low numbers
    finally:
        os.close(reading)
        os.close(writing)


def _inheritable() -> list[int]:
    """The descriptors, besides the standard streams, that a child would get: those that our own parent left open."""
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        numbers = list(range(256))
    found = []
    for fd in numbers:
        with contextlib.suppress(OSError):  # the listing's own one, closed by now
            if fd > 2 and os.get_inheritable(fd):
                found.append(fd)
    return found


def _exchange(
    out: int,
    err: int,
    talk: int | None,
    rest: bytes | memoryview,
    ours: set[int],
    deadline: float | None,
    reader: Callable[[bytes], bool] | None,
) -> tuple[bytes, bytes] | None:
    """Write `rest` to `talk` while reading `out` and `err` to their ends; each is closed when it is done with.

    None when `reader`, which gets what comes from `out`, wants no more.
    """
    said: dict[int, list[bytes]] = {out: [], err: []}
    poller = select.poll()
    for fd in said:
        poller.register(fd, select.POLLIN)
    if talk is not None:
        os.set_blocking(talk, False)
        poller.register(talk, select.POLLOUT)
    rest = memoryview(rest)
    under_way = 2 if talk is None else 3
    while under_way:
        for fd, _ in poller.poll(_milliseconds(deadline)):
            if fd == talk:
                try:
                    rest = rest[os.write(fd, rest[:_CHUNK]) :]
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    rest = rest[:0]  # it ended, or wants no more
                if rest:
                    continue
            else:
                chunk = os.read(fd, _CHUNK)
                if chunk and fd == out and reader is not None:
                    if reader(chunk):
                        return None
                    continue
                if chunk:
                    said[fd].append(chunk)
                    continue
            poller.unregister(fd)
            _close(fd, ours)
            under_way -= 1
    return b"".join(said[out]), b"".join(said[err])


def _milliseconds(deadline: float | None) -> float | None:
    """How long may still be waited. Raises TimeoutError when the time is over."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left * 1000


def _close(fd: int, ours: set[int]) -> None:
    ours.remove(fd)
    os.close(fd)


def _wait(pid: int, deadline: float | None) -> int:
    """How the child ended. Raises TimeoutError when it still runs at the deadline."""
    pause = 0.00005  # a child that has closed its streams is nearly always just ending
    while True:
        ended, status = os.waitpid(pid, 0 if deadline is None else os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        _milliseconds(deadline)
        time.sleep(pause)
        pause = min(2 * pause, 0.02)
