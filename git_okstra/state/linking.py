"""Links and copies in a new worktree, and their names in `info/exclude`.

The way to a path is walked name by name and never through a symlink, on both sides (openat(2), O_NOFOLLOW): a
repository can bring along links that lead anywhere. A link is there or not; a copy grows under another name beside its
place and is renamed when whole, so one that was cut short is never taken for a finished one and goes before the next.
Nothing that stands at the place already is touched.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence

from git_okstra import crashpoints
from git_okstra.core import exclude_block, linking
from git_okstra.core.linking import Found
from git_okstra.state import copying, files, store


def look(root: str, path: str) -> Found:
    """What stands at `path` (in normal form) of the worktree at `root`."""
    try:
        with _parent(root, path) as directory:
            name = posixpath.basename(path)
            mode = os.lstat(name, dir_fd=directory).st_mode
            if stat.S_ISLNK(mode):
                return Found(linking.SYMLINK, os.readlink(name, dir_fd=directory))
    except FileNotFoundError:
        return Found(linking.NOTHING)
    except NotADirectoryError as error:
        return Found(linking.UNKNOWN, blocked=error.filename)
    except OSError as error:
        return Found(linking.UNKNOWN, error.strerror or "")
    if stat.S_ISDIR(mode):
        return Found(linking.DIRECTORY)
    return Found(linking.FILE if stat.S_ISREG(mode) else linking.SPECIAL)


def encloses(directory: str, path: str) -> bool:
    """Whether `path` is `directory` or lies in it, all links followed."""
    inner, outer = os.path.realpath(path), os.path.realpath(directory)
    return inner == outer or inner.startswith(outer + "/")


def link(main_worktree: str, worktree: str, path: str) -> None:
    """Make the link for `path`, where nothing stands, and the directories it lies in. Raises `cannot-write`."""
    name = posixpath.basename(path)
    try:
        with _parent(worktree, path, make=True) as directory:
            crashpoints.reach("link: before")
            os.symlink(linking.link_text(main_worktree, path), name, dir_fd=directory)
            crashpoints.reach("link: after")
    except OSError as error:
        raise files.cannot_write(f"{worktree}/{path}", error) from None


def copy(main_worktree: str, worktree: str, path: str) -> list[str]:
    """Copy `path` to where nothing stands; returns the sockets, pipes and devices in it that were passed over.

    Raises OkstraError `bad-link` when something cannot be read, `cannot-write`; then nothing of the copy is left.
    """
    name = posixpath.basename(path)
    try:
        with _parent(main_worktree, path) as source, _parent(worktree, path, make=True) as target:
            copying.discard(target, linking.PARTIAL)
            try:
                crashpoints.reach("copy: before")
                passed_over = copying.copy(source, name, target, linking.PARTIAL, path)
                crashpoints.reach("copy: whole")
                _rename_into_place(target, name)
                crashpoints.reach("copy: after")
            except BaseException:
                with contextlib.suppress(OSError):  # the reason it failed is the one to report
                    copying.discard(target, linking.PARTIAL)
                raise
    except OSError as error:
        raise files.cannot_write(f"{worktree}/{path}", error) from None
    return passed_over


def _rename_into_place(directory: int, name: str) -> None:
    """Rename the whole copy to `name`. Raises FileExistsError for what came there meanwhile: rename(2) would not."""
    with contextlib.suppress(FileNotFoundError):
        os.lstat(name, dir_fd=directory)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
    os.rename(linking.PARTIAL, name, src_dir_fd=directory, dst_dir_fd=directory)


@contextlib.contextmanager
def _parent(root: str, path: str, make: bool = False) -> Iterator[int]:
    """The descriptor of the directory that `path` lies in; with `make` missing directories are made.

    Raises OSError; NotADirectoryError, its `filename` relative to `root`, at the first parent that is a link or a file.
    """
    directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for parent in linking.parents(path):
            name = posixpath.basename(parent)
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=directory)
            try:
                below = os.open(name, copying.DIRECTORY, dir_fd=directory)
            except OSError as error:
                # Linux answers ENOTDIR for a link, POSIX ELOOP, FreeBSD EMLINK.
                if error.errno in (errno.ENOTDIR, errno.ELOOP, errno.EMLINK):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), parent) from None
                raise
            os.close(directory)
            directory = below
        yield directory
    finally:
        os.close(directory)


def exclude(common_dir: str, patterns: Sequence[str]) -> list[str]:
    """Name `patterns` in our block of the repository's `info/exclude`; returns those that were not there.

    The file is shared by all worktrees of the repository, the main one included: what is named is ignored in each.
    Takes the store lock, and only when there is something to add.
    """
    path = _exclude_file(common_dir)
    if not _missing(path, patterns):
        return []
    with store.Store(common_dir).locked():
        missing = _missing(path, patterns)
        if missing:
            content = files.read(path)
            wanted = [os.fsencode(pattern) for pattern in missing]
            _replace(path, exclude_block.with_patterns(content, wanted))
    return missing


def take_out_of_exclude(common_dir: str) -> bool:
    """Take our block out of `info/exclude` and leave the rest as it is; False when there was none.

    Links and copies that are still in worktrees show as untracked from then on, unless the user ignores them.
    """
    path = _exclude_file(common_dir)
    with store.Store(common_dir).locked():
        content = files.read(path)
        if content is None:
            return False
        rest = exclude_block.without(content)
        if rest == content:
            return False
        if rest is None:
            files.remove(path)
        else:
            _replace(path, rest)
    return True


def _exclude_file(common_dir: str) -> str:
    # A user may keep it elsewhere and have a link here: renaming a new file over that would cut it off.
    return os.path.realpath(f"{common_dir}/info/exclude")


def _missing(path: str, patterns: Sequence[str]) -> list[str]:
    there = set(exclude_block.patterns(files.read(path)))
    return [pattern for pattern in dict.fromkeys(patterns) if os.fsencode(pattern) not in there]


def _replace(path: str, content: bytes) -> None:
    """Write the file and keep its mode, which a shared repository may have widened beyond the umask."""
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        files.write_atomic(path, content)
        return
    files.write_atomic(path, content, mode)
    if stat.S_IMODE(os.stat(path).st_mode) != mode:
        os.chmod(path, mode)
