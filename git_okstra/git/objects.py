"""Commit objects as dulwich reads them, and what stands in the way of reading history without git.

The only module that imports dulwich, and it does so late: importing it costs as much as four git processes. A loose
object is a zlib stream (gitrepository-layout(5)) and is inflated here, so that a question about commits made a moment
ago loads nothing; packs, deltas and multi-pack indexes are dulwich's.

Promise: an object is returned as it is stored, or not at all. Replacement refs, grafts and shallow boundaries are not
applied; `obstacle` says when they could matter, and the caller then asks git.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, NamedTuple, cast

from git_okstra.core.errors import OkstraError

if TYPE_CHECKING:
    from dulwich.object_store import DiskObjectStore
    from dulwich.objects import RawObjectID

_KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}

# git follows alternates of alternates so far, gitrepository-layout(5) and MAXDEPTH in git's object-file.c.
_ALTERNATES_DEPTH = 5


class Commit(NamedTuple):
    """The part of a commit object that history is made of: parents as raw ids, committer date in Unix seconds."""

    parents: tuple[bytes, ...]
    date: int


def obstacle(common_dir: str) -> str:
    """Why the stored objects alone do not tell the history of this repository; empty when they do.

    One of `shallow`, `grafts`, `replace`, `reftable`, `partial-clone`, `compatible-hash`, `alternates`, `config`
    (gitglossary(7), git-replace(1), git-config(1) on `extensions.*`). Errs on the side of naming one.
    """
    if os.path.lexists(os.path.join(common_dir, "shallow")):
        return "shallow"
    if os.path.lexists(os.path.join(common_dir, "info", "grafts")):
        return "grafts"
    if _has_entries(os.path.join(common_dir, "refs", "replace")):
        return "replace"
    if b" refs/replace/" in (_read(os.path.join(common_dir, "packed-refs")) or b""):
        return "replace"
    config = _read(os.path.join(common_dir, "config"))
    if config is None:
        return "config"
    # A word in a comment or in a value counts too: that costs one git process, a missed one would cost the truth.
    config = config.lower()
    if b"refstorage" in config:
        return "reftable"
    if b"partialclone" in config or b"promisor" in config:
        return "partial-clone"
    if b"compatobjectformat" in config:
        return "compatible-hash"
    if any(line.startswith(b'"') for place in directories(common_dir) for line in _alternates(place)):
        return "alternates"
    return ""


def hash_size(common_dir: str) -> int:
    """Length of a raw object id in bytes: 20, or 32 where `extensions.objectFormat` is sha256."""
    for line in (_read(os.path.join(common_dir, "config")) or b"").lower().splitlines():
        key, _, value = line.partition(b"=")
        if key.split(b"]")[-1].strip() == b"objectformat" and value.strip(b' \t"').startswith(b"sha256"):
            return 32
    return 20


def directories(common_dir: str) -> list[str]:
    """The object directories of a repository: its own first, then its alternates in git's order, each once."""
    found: list[str] = []

    def add(directory: str, depth: int) -> None:
        if depth > _ALTERNATES_DEPTH or directory in found:
            return
        found.append(directory)
        for line in _alternates(directory):
            # As git does: the symbolic links of the borrower are followed, then `..` is taken literally.
            add(os.path.normpath(os.path.join(os.path.realpath(directory), os.fsdecode(line))), depth + 1)

    add(os.path.join(common_dir, "objects"), 0)
    return found


class Objects:
    """The commits of one object store with its alternates. Opened at the first packed object; close it."""

    def __init__(self, object_directories: list[str], size: int) -> None:
        """`object_directories` as `directories` gives them, `size` as `hash_size` does."""
        self._directories = object_directories
        self._size = size
        self._stores: list[DiskObjectStore] | None = None
        self._known: dict[bytes, Commit] = {}
        self.reads = 0
        """How many objects were read from disk."""

    def commit(self, oid: bytes) -> Commit | None:
        """The commit of raw id `oid`; None when it is not here or cannot be read, which git then has to judge.

        Raises OkstraError `bad-revision` when the object is no commit.
        """
        known = self._known.get(oid)
        if known is not None:
            return known
        self.reads += 1
        kind, content = self._loose(oid) or self._packed(oid) or (b"", b"")
        if not kind:
            return None
        if kind != b"commit":
            raise OkstraError(
                "bad-revision",
                f"'{oid.hex()}' is a {kind.decode('ascii', 'replace')}, not a commit",
                f"git rev-parse {oid.hex()}^{{commit}}",
            )
        commit = _parse(content, self._size)
        if commit is not None:
            self._known[oid] = commit
        return commit

    def close(self) -> None:
        """Give back files and maps; may be called again."""
        for store in self._stores or ():
            store.close()
        self._stores = None
        self._known.clear()

    def _loose(self, oid: bytes) -> tuple[bytes, bytes] | None:
        """Kind and content of a loose object; both empty when it is damaged, None when there is none."""
        name = oid.hex()
        for directory in self._directories:
            stored = _read(os.path.join(directory, name[:2], name[2:]))
            if stored is None:
                continue
            try:
                header, _, content = zlib.decompress(stored).partition(b"\0")
            except zlib.error:
                return b"", b""
            kind, _, length = header.partition(b" ")
            return (kind, content) if length == b"%d" % len(content) else (b"", b"")
        return None

    def _packed(self, oid: bytes) -> tuple[bytes, bytes] | None:
        if self._stores is None:
            self._stores = _open_stores(self._directories, self._size)
        for store in self._stores:
            try:
                number, content = store.get_raw(cast("RawObjectID", oid))
            except Exception:  # dulwich answers damage with bare KeyError, AssertionError and more: git shall judge it
                continue
            return _KINDS.get(number, b""), content
        return None


def _open_stores(object_directories: list[str], size: int) -> list[DiskObjectStore]:
    """A store for each directory by itself; dulwich would follow a circle of alternates, or a blank line, for ever."""
    from dulwich.object_store import BaseObjectStore, DiskObjectStore

    class OneDirectory(DiskObjectStore):
        @property
        def alternates(self) -> list[BaseObjectStore]:
            return []

    if size == 20:
        return [OneDirectory(directory) for directory in object_directories]
    try:
        from dulwich.object_format import SHA256
    except ImportError:  # a dulwich that knows sha1 alone
        return []
    return [OneDirectory(directory, object_format=SHA256) for directory in object_directories]


def _parse(content: bytes, size: int) -> Commit | None:
    """Parents and date of a commit object's text; None when it is not of git's form."""
    lines = iter(content.partition(b"\n\n")[0].split(b"\n"))
    if not next(lines).startswith(b"tree "):
        return None
    parents: list[bytes] = []
    date = 0
    for line in lines:
        if line.startswith(b"parent "):
            try:
                parent = bytes.fromhex(line[7:].decode("ascii"))
            except ValueError:
                return None
            if len(parent) != size:
                return None
            parents.append(parent)
        elif line.startswith(b"committer "):
            # Dates only choose what is read first; a malformed one counts as 0, as in git.
            words = line.rpartition(b">")[2].split()
            date = int(words[0]) if words and words[0].isdigit() else 0
            break
    return Commit(tuple(parents), date)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _has_entries(directory: str) -> bool:
    try:
        with os.scandir(directory) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _alternates(directory: str) -> list[bytes]:
    lines = (_read(os.path.join(directory, "info", "alternates")) or b"").split(b"\n")
    return [line for line in lines if line and not line.startswith(b"#")]
