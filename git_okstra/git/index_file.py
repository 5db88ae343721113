"""The stat data in a worktree's index file (gitformat-index(5)), corrected without a process and without reading files.

git takes a file for unchanged when it has the stat data that the index recorded, unless the file is as new as the
index: then it might have been changed within the same second, and each `git status` reads it again ("racy git",
Documentation/technical/racy-git.txt). After a checkout that holds for all that was written in its last second.

`settle` makes the files of that second look one second older, on disk and in the index, so that they are told from any
later change by their time. It is sure of each file first: one that is not as its entry says is left for git to judge.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import struct
from collections.abc import Iterator
from typing import NamedTuple

from git_okstra import crashpoints

_STAT = struct.Struct(">10I")  # ctime, its nanoseconds, mtime, its nanoseconds, dev, ino, mode, uid, gid, size
_LOW = 0xFFFFFFFF
_EXTENDED = 0x4000
_SKIP_WORKTREE = 0x4000
_LENGTH = 0x0FFF
_GITLINK = 0o160000
_SECOND = 1_000_000_000

TEMPORARY = "index.okstra"
"""The name of a new index before it takes its place; one that is left over is worth nothing."""

_UNDERSTOOD = frozenset({b"TREE", b"REUC", b"UNTR", b"EOIE", b"IEOT"})
"""Extensions that say nothing about stat data of files; with any other the index is left as it is."""


class Entry(NamedTuple):
    """One entry: where it begins in the file, its path, whether its file is meant to be absent, and the stat data."""

    offset: int
    path: bytes
    skipped: bool
    stat: tuple[int, ...]

    @property
    def mode(self) -> int:
        """The mode as git has it, for example 0o100644."""
        return self.stat[6]


class Unreadable(ValueError):
    """An index in a form that is not understood here; git understands it."""


def entries(data: bytes | bytearray, hash_size: int, since: int = 0) -> Iterator[Entry]:
    """The entries of an index of version 2, 3 or 4; `hash_size` is 20 or 32. Raises Unreadable.

    With `since` only those that were modified in that second, or later. The others are passed over quickly: of a sparse
    worktree nearly all are.
    """
    version, count = _header(data)
    offset, path = 12, b""
    name_offset, oldest = _STAT.size + hash_size + 2, since.to_bytes(4, "big")
    for _ in range(count):
        flags_at = offset + name_offset - 2
        flags = data[flags_at] << 8 | data[flags_at + 1]
        if version != 4 and data[offset + 8 : offset + 12] < oldest and flags & _LENGTH < _LENGTH:
            offset += (name_offset + (2 if flags & _EXTENDED else 0) + (flags & _LENGTH) + 8) & ~7
            continue
        name_at, skipped = flags_at + 2, False
        if flags & _EXTENDED:
            (more,) = struct.unpack_from(">H", data, name_at)
            name_at, skipped = name_at + 2, bool(more & _SKIP_WORKTREE)
        if version == 4:
            drop, name_at = _variable(data, name_at)
            end = data.index(0, name_at)
            path = path[: len(path) - drop] + bytes(data[name_at:end])
            following = end + 1
        else:
            length = flags & _LENGTH
            end = name_at + length if length < _LENGTH else data.index(0, name_at + _LENGTH)
            path = bytes(data[name_at:end])
            following = offset + ((end - offset + 8) & ~7)
        entry = Entry(offset, path, skipped, _STAT.unpack_from(data, offset))
        if entry.stat[2] >= since:
            yield entry
        offset = following
    end = len(data) - hash_size
    while offset < end:
        if bytes(data[offset : offset + 4]) not in _UNDERSTOOD:
            raise Unreadable("an extension")
        offset += 8 + struct.unpack_from(">I", data, offset + 4)[0]
    if offset != end:
        raise Unreadable("length")


def settle(admin: str, worktree: str, hash_size: int) -> bool:
    """Make the files that a checkout has just written older than the index; True when git need read none of them.

    `admin` is the worktree's git directory. Called while nobody else works in the worktree, as it was only just made.
    What cannot be done is left: git then compares contents, as it always would.
    """
    try:
        with open(f"{admin}/index", "rb") as file:
            before = os.fstat(file.fileno())
            data = bytearray(file.read())
        written = int(before.st_mtime)
        young = [one for one in entries(data, hash_size, written) if not one.skipped]
        root = os.fsencode(worktree)
        settled = True
        for entry in young:
            if entry.mode == _GITLINK:
                continue
            settled &= _made_older(data, entry, os.path.join(root, entry.path), written - 1)
        if young:
            _write(admin, _sealed(data, hash_size), before)
    except (OSError, ValueError, IndexError, struct.error):
        return False
    return settled


def _write(admin: str, data: bytes, expected: os.stat_result) -> None:
    """Put `data` in the place of the index, whole or not at all, unless that is another one by now."""
    temporary = f"{admin}/{TEMPORARY}"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        crashpoints.reach("rename index: before")
        if _same(os.stat(f"{admin}/index"), expected):
            os.replace(temporary, f"{admin}/index")
            crashpoints.reach("rename index: after")
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _header(data: bytes | bytearray) -> tuple[int, int]:
    signature, version, count = struct.unpack_from(">4sII", data, 0)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise Unreadable("header")
    return version, count


def _variable(data: bytes | bytearray, offset: int) -> tuple[int, int]:
    """The number at `offset` in the encoding of OFS_DELTA (gitformat-pack(5)), and where it ends."""
    byte = data[offset]
    value = byte & 0x7F
    while byte & 0x80:
        offset += 1
        byte = data[offset]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, offset + 1


def _made_older(data: bytearray, entry: Entry, path: bytes, second: int) -> bool:
    info = os.lstat(path)
    if not _is_as_recorded(entry, info) or info.st_ino & _LOW != entry.stat[5]:
        return False
    os.utime(path, ns=(info.st_atime_ns, second * _SECOND + info.st_mtime_ns % _SECOND), follow_symlinks=False)
    _record(data, entry, os.lstat(path))
    return True


def _is_as_recorded(entry: Entry, info: os.stat_result) -> bool:
    """Whether the file has the kind, size and time of the entry; never so where git records no nanoseconds."""
    _, _, seconds, nanoseconds, _, _, mode, _, _, size = entry.stat
    if stat.S_ISLNK(info.st_mode) != stat.S_ISLNK(mode) or not (stat.S_ISLNK(mode) or stat.S_ISREG(info.st_mode)):
        return False
    if not stat.S_ISLNK(mode) and bool(info.st_mode & 0o100) != bool(mode & 0o100):
        return False
    now, rest = divmod(info.st_mtime_ns, _SECOND)
    return info.st_size & _LOW == size and (now & _LOW, rest) == (seconds, nanoseconds)


def _record(data: bytearray, entry: Entry, info: os.stat_result) -> None:
    changed, changed_rest = divmod(info.st_ctime_ns, _SECOND)
    modified, modified_rest = divmod(info.st_mtime_ns, _SECOND)
    times = (changed, changed_rest, modified, modified_rest)
    numbers = (*times, info.st_dev, info.st_ino, entry.mode, info.st_uid, info.st_gid, info.st_size)
    _STAT.pack_into(data, entry.offset, *(number & _LOW for number in numbers))


def _sealed(data: bytearray, hash_size: int) -> bytes:
    """The data with the checksum at its end made anew, unless git was told to leave it out (`index.skipHash`)."""
    body = memoryview(data)[:-hash_size]
    if any(data[-hash_size:]):
        digest = hashlib.sha1(body, usedforsecurity=False) if hash_size == 20 else hashlib.sha256(body)
        return bytes(body) + digest.digest()
    return bytes(data)


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_size, one.st_mtime_ns) == (other.st_ino, other.st_size, other.st_mtime_ns)
