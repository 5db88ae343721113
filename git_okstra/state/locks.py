"""The one place that takes locks.

Three short locks guard our files; whoever needs several takes them in this order, and a wrong order is a programming
error that raises at once:

1. the *registry* lock (one per user),
2. the *repository* lock (git's own registration of worktrees),
3. the *store* lock.

On POSIX a lock is flock(2) on a file that is never deleted, taken blocking with a time limit, so that a waiter gets it
the moment it is free; filelock's `FileLock` on the same file excludes and is excluded by it. Elsewhere filelock itself
is used.

A *hold* is different: an exclusive flock that says "the process that provisions this is alive". git children inherit
its descriptor, so a git that outlives a killed parent keeps it. Others only ever ask for it shared, under the registry
lock, so that asking cannot be mistaken for holding.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from git_okstra import crashpoints
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.state import files

try:
    import fcntl
except ImportError:  # not POSIX: filelock below
    fcntl = None  # type: ignore[assignment]

REGISTRY, REPOSITORY, STORE = 1, 2, 3
_NAMES = {REGISTRY: "registry", REPOSITORY: "repository", STORE: "store"}
_held: list[int] = []

taken: list[str] = []
"""The names of the locks this process took, in order; tests count them."""


@contextlib.contextmanager
def locked(path: str, rank: int, *, timeout: float) -> Iterator[None]:
    """Hold the lock at `path` (one of the three ranks) for the duration of the block.

    `timeout` is in seconds. Raises OkstraError `busy` when it passes, `cannot-write` when the file cannot be made.
    """
    if _held and _held[-1] >= rank:
        raise RuntimeError(f"lock order: {_NAMES[rank]} asked for while holding {_NAMES[_held[-1]]}")
    name = _NAMES[rank]
    with _platform_lock(path, name, timeout):
        taken.append(name)
        try:
            # Inside, so that a signal that stops us here leaves nothing that looks held to the cleaning up.
            _held.append(rank)
            crashpoints.reach(f"lock {name}: taken")
            yield
        finally:
            if rank in _held:
                _held.remove(rank)
            crashpoints.reach(f"lock {name}: about to be given back")


@contextlib.contextmanager
def _platform_lock(path: str, name: str, timeout: float) -> Iterator[None]:
    if fcntl is None:
        import filelock

        try:
            with filelock.FileLock(path, timeout=timeout):
                yield
        except filelock.Timeout:
            raise _too_long(path, name, timeout) from None
        return
    fd = _open_locked(path, name, timeout)
    try:
        yield
    finally:
        os.close(fd)


def _open_locked(path: str, name: str, timeout: float) -> int:
    """An open descriptor that holds the exclusive lock on the file that stands at `path` now."""
    while True:
        fd = _open(path)
        try:
            _flock_within(fd, timeout, path, name)
            # Somebody may have removed the file while we waited: then we hold a lock that nobody else will meet.
            try:
                same = os.path.samestat(os.fstat(fd), os.stat(path))
            except FileNotFoundError:
                same = False
        except BaseException:
            os.close(fd)
            raise
        if same:
            return fd
        os.close(fd)


def _open(path: str) -> int:
    files.require_straight(os.path.dirname(path))
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        try:
            return os.open(path, flags, 0o600)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            return os.open(path, flags, 0o600)
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: str, error: OSError) -> OkstraError:
    from git_okstra.state import files

    return files.cannot_write(path, error)


def _flock_within(fd: int, timeout: float, path: str, name: str) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    except BlockingIOError:
        pass  # somebody holds it: wait below
    except OSError as error:  # a file system without locks
        raise _cannot(path, error) from None
    import signal
    import threading
    import time

    if threading.current_thread() is not threading.main_thread():
        # Only the main thread receives signals; elsewhere the time limit is kept by trying again.
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            time.sleep(0.002)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
        raise _too_long(path, name, timeout)

    def expired(_signal: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, max(timeout, 0.001))
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
    except TimeoutError:
        raise _too_long(path, name, timeout) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(path: str, name: str, timeout: float) -> OkstraError:
    return OkstraError(
        "busy",
        f"another git okstra has held the {name} lock for more than {timeout:g}s",
        f"see who has it: fuser {names.quoted(path)}\nor wait longer: OKSTRA_LOCK_TIMEOUT=300s git okstra …",
    )


class Hold:
    """An exclusive flock on a file of its own, kept while something is provisioned or released.

    Made and dropped under the registry lock. `fd` may be inherited by children; `drop` releases for all of them.
    """

    def __init__(self, path: str) -> None:
        """Take a new hold at `path`; the caller has made sure under the registry lock that none is alive.

        Raises OkstraError `cannot-write`.
        """
        self.path = path
        files.require_straight(os.path.dirname(path))
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(self.fd, fcntl.LOCK_EX)  # a passing `is_held` may have it shared for an instant
        except OSError as error:
            raise _cannot(path, error) from None
        crashpoints.reach("hold: taken")

    def drop(self) -> None:
        """Give the hold back and remove its file."""
        if self.fd < 0:
            return
        crashpoints.reach("hold: about to be given back")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)
        self.fd = -1


def is_held(path: str) -> bool:
    """Whether a live process has the hold at `path`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def await_hold(path: str, timeout: float) -> bool:
    """Wait until the hold at `path` is given back; False when that took longer than `timeout` seconds."""
    import time

    end = time.monotonic() + timeout
    pause = 0.005
    while is_held(path):
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return True
