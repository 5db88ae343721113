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
from collections.abc import Callable, Iterable, Mapping, Sequence

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
    _have_children_reported()
    deadline = None if timeout is None else time.monotonic() + timeout
    ours: set[int] = set()
    alive: set[int] = set()
    try:
        pid, out, err, talk = _start(words, env, ours, alive, _inheritable(), input is not None, inherit)
        said = _exchange(out, err, talk, input or b"", ours, deadline, reader)
        if said is None:
            return 0, b"", b""
        status = _wait(pid, deadline)
        alive.remove(pid)
        return status, *said
    except KeyboardInterrupt:
        _let_end(alive)
        raise
    except TimeoutError:
        _let_end(alive, at_once=True)
        raise
    finally:
        _clear(ours, alive)


def each_spawned(
    commands: Sequence[Sequence[str]],
    env: Mapping[str, str],
    at_once: int,
    ended: Callable[[int, int, bytes], None] | None = None,
) -> list[tuple[int, bytes, bytes]]:
    """Run programs to their ends, `at_once` of them at a time; what `spawned` gives for each, in their order.

    Their standard inputs are empty. `ended` is told of each as soon as it ended: its index, exit status and standard
    output. Raises OSError when one cannot be started; the others are then killed.
    """
    _have_children_reported()
    inheritable = _inheritable()
    ours: set[int] = set()
    alive: set[int] = set()
    said: list[tuple[list[bytes], list[bytes]]] = [([], []) for _ in commands]
    statuses = [0] * len(commands)
    reading: dict[int, tuple[int, int, list[bytes]]] = {}
    """Of each stream that is read: whose it is, by index and pid, and what came of it."""
    poller = select.poll()
    begun = 0
    try:
        while begun < len(commands) or reading:
            while begun < len(commands) and len(alive) < at_once:
                pid, *streams, _ = _start(commands[begun], env, ours, alive, inheritable, False, None)
                for fd, chunks in zip(streams, said[begun], strict=True):
                    assert fd is not None
                    reading[fd] = begun, pid, chunks
                    poller.register(fd, select.POLLIN)
                begun += 1
            for fd, _ in poller.poll():
                index, pid, chunks = reading[fd]
                chunk = os.read(fd, _CHUNK)
                if chunk:
                    chunks.append(chunk)
                    continue
                poller.unregister(fd)
                _close(fd, ours)
                del reading[fd]
                if all(other != index for other, *_ in reading.values()):
                    statuses[index] = _wait(pid, None)
                    alive.remove(pid)
                    if ended is not None:
                        ended(index, statuses[index], b"".join(said[index][0]))
    except KeyboardInterrupt:
        _let_end(alive)
        raise
    finally:
        _clear(ours, alive)
    return [(status, b"".join(out), b"".join(err)) for status, (out, err) in zip(statuses, said, strict=True)]


def _have_children_reported() -> None:
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        # Inherited from whoever started us: the kernel would throw away how our children end.
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _start(
    words: Sequence[str],
    env: Mapping[str, str],
    ours: set[int],
    alive: set[int],
    inheritable: Sequence[int],
    talks: bool,
    inherit: int | None,
) -> tuple[int, int, int, int | None]:
    """Start a program; its pid, and our ends of its standard output, standard error and (if it `talks`) input.

    Its pid is in `alive` and every descriptor that is open for it in `ours`, also when this raises. `inheritable` are
    those it must not get, but for `inherit`.
    """
    out, out_end = _pipe(ours)
    err, err_end = _pipe(ours)
    actions: list[tuple[int, ...] | tuple[int, int, str, int, int]]
    actions = [(os.POSIX_SPAWN_CLOSE, fd) for fd in inheritable if fd != inherit]
    asked = talk = None
    if talks:
        asked, talk = _pipe(ours)
        actions.append((os.POSIX_SPAWN_DUP2, asked, 0))
    else:
        actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
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
        alive.add(pid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for fd in (out_end, err_end, asked):
        if fd is not None:
            _close(fd, ours)
    return pid, out, err, talk


def _let_end(alive: set[int], *, at_once: bool = False) -> None:
    """After a signal that asks us to stop: let the children clean up, for a moment; with `at_once` they got none.

    One that did not hear it is told to end, for a git that is killed leaves its lock files; and with it what it
    started, since a filter that goes on would keep the hold that it inherited.
    """
    if not at_once:
        _await(alive, _GRACE)
    for pid in _family(alive):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
    _await(alive, _LONG_GRACE)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def _await(alive: set[int], seconds: float) -> None:
    """Wait for the children, so long at most; those that have ended are taken out."""
    deadline = time.monotonic() + seconds
    for pid in list(alive):
        with contextlib.suppress(TimeoutError):
            _wait(pid, deadline)
            alive.remove(pid)


def _family(pids: Iterable[int]) -> list[int]:
    """The processes, and all that they started, the youngest last (proc(5), `children`; where that is not there, the
    processes alone)."""
    found = list(pids)
    for pid in found:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            found += map(int, file.read().split())
    return found


def _clear(ours: set[int], alive: set[int]) -> None:
    """Close what is still open, and kill what still runs."""
    for fd in ours:
        os.close(fd)
    for pid in alive:
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
