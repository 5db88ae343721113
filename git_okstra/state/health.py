"""What surrounds our files: who may write there, whether they can be locked, what was left behind, how large it is.

Everything here only looks; nothing is written and no lock of ours is taken.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator

from git_okstra.core.errors import OkstraError

_TEMPORARY = re.compile(r"(?:\..+|okstra)\.([0-9]+)\.tmp")
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def unsafe(path: str) -> str:
    """Why a directory of ours is not safe from other users; empty when it is, or when it is not there.

    A group that is the user's own and nobody else's may write: many systems make such a group for each user.
    """
    try:
        found = os.stat(path)
    except OSError:
        return ""
    if found.st_uid != os.geteuid():
        return f"owned by another user (uid {found.st_uid})"
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        return "writable by everybody"
    if found.st_mode & stat.S_IWGRP and not _private_group(found.st_gid):
        return f"writable by its group (gid {found.st_gid})"
    return ""


def unsafe_directories(home: str) -> tuple[tuple[str, str], ...]:
    """The directories at `home` that others own or may write to, each with how, and the one around it when everybody
    may put another in the place of `home`."""
    paths = [home, f"{home}/registry", f"{home}/registry/tasks", f"{home}/worktrees"]
    found = [(path, why) for path in paths if (why := unsafe(path))]
    around = os.path.dirname(home)
    if os.path.isdir(home) and unsafe(around) == "writable by everybody":
        found.append((around, "writable by everybody"))
    return tuple(found)


def require_safe(home: str) -> None:
    """Raise OkstraError `unsafe-home` when others may change what stands in `home`: the registry would say what they
    want, and we would move files and branches by it."""
    for path, why in unsafe_directories(home):
        from git_okstra.core import diagnosis, names

        raise OkstraError(
            "unsafe-home", f"'{names.printable(path)}' is {why}: nothing is changed", diagnosis.made_safe(path, why)
        )


def _private_group(gid: int) -> bool:
    import grp
    import pwd

    try:
        me, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return me.pw_gid == gid and group.gr_name == me.pw_name and not set(group.gr_mem) - {me.pw_name}


def can_lock(path: str) -> bool:
    """Whether the file system of the file at `path`, which is not one of our locks, knows flock(2).

    It is locked shared for an instant; True when there is no such file or nothing can be said.
    """
    try:
        import fcntl
    except ImportError:  # not POSIX: other means are used there
        return True
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _NO_LOCKS
    finally:
        os.close(fd)
    return True


def temporaries(trees: Iterable[str], directories: Iterable[str]) -> Iterator[tuple[str, float, bool]]:
    """Temporary files of ours anywhere below `trees` and right in `directories`, where they may be directories too.

    Each as its path, the seconds since it was written, and whether the process that wrote it lives.
    """
    for root in trees:
        for directory, _, names in os.walk(root):
            yield from _temporaries(directory, names)
    for directory in directories:
        if os.path.isdir(directory):
            yield from _temporaries(directory, os.listdir(directory))


def _temporaries(directory: str, names: Iterable[str]) -> Iterator[tuple[str, float, bool]]:
    for name in names:
        match = _TEMPORARY.fullmatch(name)
        written = age(os.path.join(directory, name)) if match else None
        if match and written is not None:
            yield os.path.join(directory, name), written, _alive(int(match[1]))


def age(path: str) -> float | None:
    """Seconds since the file was written; None when there is none."""
    try:
        return max(0.0, time.time() - os.lstat(path).st_mtime)
    except OSError:
        return None


def size(path: str) -> int:
    """The bytes that a file or directory takes on disk; what cannot be looked at does not count."""
    total = 0
    waiting = [path]
    while waiting:
        here = waiting.pop()
        try:
            found = os.lstat(here)
            total += found.st_blocks * 512
            if stat.S_ISDIR(found.st_mode):
                waiting += [entry.path for entry in os.scandir(here)]
        except OSError:
            continue  # gone meanwhile, or not ours to look at
    return total


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
