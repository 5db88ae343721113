"""The one place that writes files of ours.

Readers never see half a file: what is written goes to a temporary sibling, is synced, renamed over the old one, and the
directory is synced (the order of POSIX rename(2) and of git's own lockfile.c). Lines are appended with one write(2) and
a sync. A failure leaves the old content and no temporary file, and is reported with the reason the system gave.
"""

from __future__ import annotations

import errno
import os
import stat

from git_okstra import crashpoints
from git_okstra.core import names
from git_okstra.core.errors import OkstraError


def read(path: str) -> bytes | None:
    """The content of the file, or None when there is none.

    Raises OkstraError `damaged-file` when it cannot be read, or is no file: what stands there may be a pipe, on which
    one would wait for ever, or a device that never ends.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise OkstraError("damaged-file", f"cannot read '{path}': it is not a file", "git okstra doctor")
            return _read_all(fd, found.st_size)
        finally:
            os.close(fd)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OkstraError("damaged-file", f"cannot read '{path}': {error.strerror}", "git okstra doctor") from None


def beginning(path: str, size: int) -> bytes:
    """The first `size` bytes of a file, be it ours or not; none where there is no file that can be read."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return os.read(fd, size) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
        finally:
            os.close(fd)
    except OSError:
        return b""


def _read_all(fd: int, size: int) -> bytes:
    """What is in an open file, which was of that size a moment ago."""
    chunks = []
    while chunk := os.read(fd, size + 1):
        chunks.append(chunk)
    return b"".join(chunks)


def require_straight(path: str) -> None:
    """Raise OkstraError `cannot-write` when a symbolic link leads from this directory of ours to another place: what is
    written, locked or renamed there would be somebody else's. Home and repository are known by their real paths."""
    real = os.path.realpath(path)
    if real != path:
        raise OkstraError(
            "cannot-write",
            f"'{path}' is '{real}' by a symbolic link, and nothing of ours is written through one",
            "put the directory itself there; to have it all elsewhere, set OKSTRA_HOME",
        )


def make_directory(path: str, mode: int = 0o777) -> None:
    """Make the directory and its parents if they are missing; `mode` is for those it makes.

    Raises OkstraError `cannot-write`.
    """
    require_straight(path)
    try:
        os.makedirs(path, mode=mode, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from None


def write_atomic(path: str, data: bytes, mode: int = 0o644, *, draft: str | None = None) -> None:
    """Replace the content of `path` by `data`, durably and all at once, making its directory if needed.

    `draft` is the directory for the temporary file where the file's own is not ours, and a crash must leave nothing in
    it; it is beside the file all the same when the two are on different file systems.
    """
    directory = os.path.dirname(path)
    make_directory(directory)
    if draft is not None:
        make_directory(draft)
    temporary = os.path.join(draft or directory, f".{os.path.basename(path)[:100]}.{os.getpid()}.tmp")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            _write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        rename(temporary, path)
    except OSError as error:
        _discard(temporary)
        if draft is not None and _on_another_system(error):
            return write_atomic(path, data, mode)
        raise cannot_write(path, error) from None
    except KeyboardInterrupt:
        _discard(temporary)
        raise


def write_plain(path: str, data: bytes) -> None:
    """Replace the content of a file that may be lost, and that one process at a time reads: no sync, no rename."""
    make_directory(os.path.dirname(path))
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            _write_all(fd, data)
        finally:
            os.close(fd)
    except OSError as error:
        raise cannot_write(path, error) from None


def write_named(path: str, data: bytes) -> None:
    """Write a file that the user named, over what is there, as a redirection in a shell does, but all at once.

    A symbolic link is followed, and what is no regular file (a device, a pipe) is written to as it is. Raises
    OkstraError `cannot-write`.
    """
    temporary = ""
    try:
        there = os.stat(path) if os.path.exists(path) else None
        if there is not None and not stat.S_ISREG(there.st_mode):
            fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        else:
            target = os.path.realpath(path)
            directory, name = os.path.split(target)
            if there is not None and not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            temporary = os.path.join(directory, f".{name[:100]}.{os.getpid()}.tmp")
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            _write_all(fd, data)
            if temporary:
                if there is not None:
                    os.fchmod(fd, stat.S_IMODE(there.st_mode))
                os.fsync(fd)
        finally:
            os.close(fd)
        if temporary:
            rename(temporary, target)
    except OSError as error:
        if temporary:
            _discard(temporary)
        missing = os.path.dirname(os.path.abspath(path)) if error.errno == errno.ENOENT else ""
        raise OkstraError(
            "cannot-write",
            f"cannot write '{names.printable(path)}': {error.strerror}",
            f"make its directory: mkdir -p {names.typed(missing)}" if missing else "name another file",
        ) from None
    except KeyboardInterrupt:
        if temporary:
            _discard(temporary)
        raise


def date(path: str, modified: int) -> None:
    """Set the time of change of a file of ours, in nanoseconds."""
    try:
        os.utime(path, ns=(modified, modified))
    except OSError as error:
        raise cannot_write(path, error) from None


def share(source: str, target: str) -> None:
    """Have a file under a second name, a copy where the file system has no hard links. Raises OkstraError
    `cannot-write`."""
    try:
        crashpoints.reach(f"share {os.path.basename(target)}: before")
        os.link(source, target, follow_symlinks=False)
    except OSError:
        import shutil

        try:
            shutil.copy2(source, target, follow_symlinks=False)
        except OSError as error:
            raise cannot_write(target, error) from None
    crashpoints.reach(f"share {os.path.basename(target)}: after")


def is_same(one: str, other: str) -> bool:
    """Whether two names are of one file (of one symbolic link); False when one of them is not there."""
    try:
        first, second = os.lstat(one), os.lstat(other)
    except OSError:
        return False
    return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)


def rename(source: str, target: str) -> None:
    """rename(2) between two places on one file system, both directories synced. Raises OSError."""
    name = os.path.basename(target)
    crashpoints.reach(f"rename {name}: before")
    os.rename(source, target)
    sync_directory(os.path.dirname(target))
    if os.path.dirname(source) != os.path.dirname(target):
        sync_directory(os.path.dirname(source))
    crashpoints.reach(f"rename {name}: after")


def move(source: str, target: str) -> None:
    """`rename`, which raises OkstraError `cannot-write` instead."""
    try:
        rename(source, target)
    except OSError as error:
        raise cannot_write(target, error) from None


def append_line(path: str, line: bytes) -> None:
    """Append `line` (without newline) durably, on a line of its own even if a crash cut the last one short."""
    make_directory(os.path.dirname(path))
    name = os.path.basename(path)
    try:
        crashpoints.reach(f"append {name}: before")
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            size = os.fstat(fd).st_size
            torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            try:
                _write_all(fd, (b"\n" if torn else b"") + line + b"\n")
                os.fsync(fd)
            except OSError:
                os.ftruncate(fd, size)  # the store lock is held: what is beyond is ours
                raise
        finally:
            os.close(fd)
        if size == 0:
            sync_directory(os.path.dirname(path))
    except OSError as error:
        raise cannot_write(path, error) from None
    crashpoints.reach(f"append {name}: after")


class Log:
    """A new file that is written piece by piece while something goes on. A context manager.

    Raises OkstraError `cannot-write` when it cannot be made or written.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        make_directory(os.path.dirname(path))
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_write(path, error) from None

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def write(self, data: bytes) -> None:
        """Add to the end."""
        try:
            _write_all(self._fd, data)
        except OSError as error:
            raise cannot_write(self.path, error) from None


def remove(path: str) -> None:
    """Unlink a file of ours; no error when it is gone already."""
    name = os.path.basename(path)
    try:
        crashpoints.reach(f"remove {name}: before")
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise cannot_write(path, error) from None
    crashpoints.reach(f"remove {name}: after")


def link(target: str, path: str) -> None:
    """Make a symbolic link of ours at `path`, in place of nothing. Raises OkstraError `cannot-write`."""
    try:
        os.symlink(target, path)
    except OSError as error:
        raise cannot_write(path, error) from None


def remove_tree(path: str) -> None:
    """Remove a directory that holds only derived files of ours; no error when it is gone already."""
    for directory, directories, there in os.walk(path, topdown=False):
        for name in there:
            remove(f"{directory}/{name}")
        for name in directories:
            inner = f"{directory}/{name}"
            remove(inner) if os.path.islink(inner) else os.rmdir(inner)
    if os.path.isdir(path):
        os.rmdir(path)


def sync_directory(path: str) -> None:
    """fsync(2) a directory, so that a rename in it survives a power cut. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def cannot_write(path: str, error: OSError) -> OkstraError:
    """The error for a path that could not be written, with the system's reason."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        hint = "something else stands there; move it away, or set OKSTRA_HOME elsewhere; nothing was half written"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "make room on the file system, then run the same command again; nothing was half written"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "make it writable, or set OKSTRA_HOME to a directory that is; nothing was half written"
    else:
        hint = "nothing was half written; run the same command again when the cause is gone"
    return OkstraError("cannot-write", f"cannot write '{path}': {error.strerror}", hint)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _on_another_system(error: OSError) -> bool:
    import errno

    return error.errno == errno.EXDEV


def _discard(path: str) -> None:
    import contextlib

    with contextlib.suppress(OSError):
        os.unlink(path)
