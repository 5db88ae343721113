"""Which directories a sparse checkout needs, in git's cone mode (git-sparse-checkout(1)): a list of directories, each
with everything beneath it; the files that stand in the directories above them are there, too.

Paths are those of git, relative to the root of the worktree.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from git_okstra.core import linking, names
from git_okstra.core.errors import OkstraError

_WILD = frozenset("*?[")


class Wanted(NamedTuple):
    """What patterns ask for: `directories` whole, `paths` of which the tree tells what they are, and the patterns that
    may mean a file in any directory (`anywhere`)."""

    directories: frozenset[str]
    paths: frozenset[str]
    anywhere: tuple[str, ...] = ()


def wanted(patterns: Iterable[str]) -> Wanted:
    """What a checkout must hold for the patterns of a plan (`core.patterns`)."""
    directories, paths, anywhere = set(), set(), []
    for pattern in patterns:
        parts = [part for part in pattern.split("/") if part]
        literal = next((at for at, part in enumerate(parts) if _WILD & set(part)), len(parts))
        path = "/".join(parts[:literal])
        if not path:
            anywhere.append(pattern)
        elif literal < len(parts) or pattern.endswith("/"):
            directories.add(path)
        else:
            paths.add(path)
    return Wanted(frozenset(directories), frozenset(paths), tuple(anywhere))


def always(listed: Iterable[str]) -> Wanted:
    """The same for `worktree.sparse_always`, which names directories and files. Raises `bad-config`."""
    for path in listed:
        fault = linking.fault(path)
        if fault is not None:
            raise OkstraError(
                "bad-config",
                f"worktree.sparse_always names '{names.printable(path)}': {fault}",
                "name directories of the repository, from its root: git okstra config set worktree.sparse_always DIR",
            )
    return Wanted(frozenset(), frozenset(linking.normal(path) for path in listed))


def link_target(link: str, text: str) -> str | None:
    """Where a symlink at the path `link` leads within the worktree, empty for its root; None when it leads out."""
    if not text or text.startswith("/"):
        return None
    found = posixpath.normpath(posixpath.join(posixpath.dirname(link), text))
    if found == ".." or found.startswith("../"):
        return None
    return "" if found == "." else found


def above(directories: Iterable[str]) -> set[str]:
    """Every directory above one of these, the root as an empty string."""
    found = {""}
    for directory in directories:
        while directory:
            directory = posixpath.dirname(directory)
            found.add(directory)
    return found


def least(directories: Iterable[str]) -> list[str]:
    """The directories without those that lie in another one of them, sorted; without the root."""
    given = set(directories)
    return sorted(one for one in given if one and not any(other in given for other in above([one]) if other))
