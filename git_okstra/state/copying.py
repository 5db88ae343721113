"""Copying a file or directory tree without ever following a link.

Everything is opened relative to the descriptor of the directory it lies in, and never through a symlink (openat(2),
O_NOFOLLOW), so that nothing outside the source is read and nothing outside the target written, whatever happens to
the two meanwhile. Modes and times are kept as `cp -p` keeps them, but set-user-ID and set-group-ID bits of files are
not; symlinks stay what they say; sockets, pipes and devices are passed over. Where the file system can, a file shares
its blocks with the original until one of them is written (ioctl_ficlone(2)).
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat

from git_okstra.core import names
from git_okstra.core.errors import OkstraError

DEEPEST = 200
"""Levels of directories that are copied: two descriptors are open for each."""

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""How a directory is opened that must not be a link to one."""

_FICLONE = 0x40049409  # linux/fs.h
_CHUNK = 1 << 20


def copy(source: int, name: str, target: int, new: str, shown: str) -> list[str]:
    """Copy `name` in the directory open as `source` to `new` in the one open as `target`, where nothing has that name.

    `shown` is the path to call it by. Returns what was passed over. Raises OkstraError `bad-link` when something cannot
    be read, OSError when it cannot be written; then a part of the copy may be there.
    """
    passed_over: list[str] = []
    _copy(source, name, target, new, shown, passed_over, 0)
    return passed_over


def discard(directory: int, name: str) -> None:
    """Remove what is called `name` in the directory open as `directory`, if anything, and all in it. Raises OSError."""
    try:
        kind = os.lstat(name, dir_fd=directory).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(kind):
        os.unlink(name, dir_fd=directory)
        return
    inside = os.open(name, DIRECTORY, dir_fd=directory)
    try:
        os.fchmod(inside, 0o700)
        for each in os.listdir(inside):
            discard(inside, each)
    finally:
        os.close(inside)
    os.rmdir(name, dir_fd=directory)


def _copy(source: int, name: str, target: int, new: str, shown: str, passed_over: list[str], depth: int) -> None:
    try:
        info = os.lstat(name, dir_fd=source)
        text = os.readlink(name, dir_fd=source) if stat.S_ISLNK(info.st_mode) else None
    except OSError as error:
        raise _unreadable(shown, error) from None
    if text is not None:
        os.symlink(text, new, dir_fd=target)
        os.utime(new, ns=(info.st_atime_ns, info.st_mtime_ns), dir_fd=target, follow_symlinks=False)
    elif stat.S_ISDIR(info.st_mode):
        _copy_directory(source, name, target, new, shown, passed_over, depth)
    elif stat.S_ISREG(info.st_mode):
        _copy_file(source, name, target, new, shown)
    else:
        passed_over.append(shown)


def _copy_directory(
    source: int, name: str, target: int, new: str, shown: str, passed_over: list[str], depth: int
) -> None:
    if depth >= DEEPEST:
        raise _unreadable(shown, OSError(errno.ELOOP, f"more than {DEEPEST} directories inside one another"))
    try:
        old = os.open(name, DIRECTORY, dir_fd=source)
    except OSError as error:
        raise _unreadable(shown, error) from None
    try:
        os.mkdir(new, 0o700, dir_fd=target)
        made = os.open(new, DIRECTORY, dir_fd=target)
        try:
            try:
                inside = os.listdir(old)
            except OSError as error:
                raise _unreadable(shown, error) from None
            for each in inside:
                _copy(old, each, made, each, f"{shown}/{each}", passed_over, depth + 1)
            _keep_metadata(os.fstat(old), made, 0o7777)
        finally:
            os.close(made)
    finally:
        os.close(old)


def _copy_file(source: int, name: str, target: int, new: str, shown: str) -> None:
    try:
        # Not blocking: should a pipe have taken the file's place, opening it would wait for a writer.
        old = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=source)
    except OSError as error:
        raise _unreadable(shown, error) from None
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        made = os.open(new, flags, 0o600, dir_fd=target)
        try:
            if not _share_blocks(old, made):
                _copy_content(old, made, shown)
            _keep_metadata(os.fstat(old), made, 0o777)
        finally:
            os.close(made)
    finally:
        os.close(old)


def _share_blocks(old: int, made: int) -> bool:
    try:
        fcntl.ioctl(made, _FICLONE, old)
    except OSError:
        return False  # another file system, or one that cannot: the content is copied
    return True


def _copy_content(old: int, made: int, shown: str) -> None:
    while True:
        try:
            chunk = os.read(old, _CHUNK)
        except OSError as error:
            raise _unreadable(shown, error) from None
        if not chunk:
            return
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(made, rest) :]


def _keep_metadata(info: os.stat_result, made: int, bits: int) -> None:
    os.fchmod(made, info.st_mode & bits)
    os.utime(made, ns=(info.st_atime_ns, info.st_mtime_ns))


def _unreadable(shown: str, error: OSError) -> OkstraError:
    return OkstraError(
        "bad-link",
        f"cannot copy '{names.printable(shown)}': {error.strerror}",
        "make it readable, or copy less: git okstra config get worktree.copy --scope all",
    )
