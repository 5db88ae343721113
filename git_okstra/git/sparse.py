"""Sparse checkouts in cone mode (git-sparse-checkout(1)): the directories that a checkout needs, and telling git.

git keeps the list in the git directory of the worktree, `info/sparse-checkout`, and that it counts in its
`config.worktree`, for which it sets `extensions.worktreeConfig` in the repository once.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
from collections.abc import Collection, Iterable

from git_okstra.core import sparse
from git_okstra.git import process, repository

_DEEPEST = 40
"""Symlinks that are followed one after the other, as the kernel does."""

_TREE, _LINK = "040000", "120000"
_NOTHING = "."

Entries = dict[str, tuple[str, str]]
"""Of each path its mode and its object."""


def directories(git_dir: str, commit: str, wanted: Iterable[sparse.Wanted]) -> list[str] | None:
    """The directories that a checkout of `commit` needs to hold what is wanted and whatever symlinks there lead to.

    None when it needs everything: a symlink leads to the root, or to a directory that git's list cannot hold. A path
    that the commit does not have is a directory to come.
    """
    given = list(wanted)
    paths = frozenset[str]().union(*(one.paths for one in given))
    there = _listed(git_dir, commit, paths) if paths else {}
    found = set().union(*(one.directories for one in given))
    for path in paths:
        is_directory = path not in there or there[path][0] == _TREE
        found.add(path if is_directory else posixpath.dirname(path))
    found.discard("")
    links = _links_in(git_dir, commit, found)
    if not links:
        return sparse.least(found)
    tree = _listed(git_dir, commit, (), "-r", "-t")
    while links:
        led = {place for link, text in _texts(git_dir, links).items() for place in _places(git_dir, tree, link, text)}
        led.discard(_NOTHING)
        if any(not place or "\n" in place for place in led):
            return None
        new = led - found
        if not new:
            break
        found |= new
        links = _links_in(git_dir, commit, new)
    return sparse.least(found)


def set_cone(worktree: str, directories: Collection[str], hold: int | None) -> None:
    """Have git check out no more than these directories in a worktree; nothing is written into one that is empty yet.

    Called under the repository lock, since it may change the repository's configuration, and while nobody else is at
    work in the worktree: what a killed git has left of its locks there is taken away.
    """
    admin = repository.admin_directory(worktree)
    for lock in ("config.worktree.lock", "info/sparse-checkout.lock"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{admin}/{lock}")
    lines = "".join(f"{_quoted(directory)}\n" for directory in directories)
    process.git(
        ["sparse-checkout", "set", "--cone", "--no-sparse-index", "--skip-checks", "--stdin"],
        cwd=worktree,
        input=os.fsencode(lines),
        hooks=False,
        hold=hold,
    )


def is_sparse(git_dir: str) -> bool:
    """Whether the worktree of that git directory has such a list, if not whether it counts."""
    return os.path.exists(f"{git_dir}/info/sparse-checkout")


def reapply(worktree: str, hold: int | None) -> None:
    """Have an index that was read anew leave out again what the worktree's list leaves out; files that are there and
    are not as in the index stay. Does nothing where the list does not count."""
    process.git(["sparse-checkout", "reapply"], cwd=worktree, hooks=False, hold=hold, check=False, timeout=None)


def _links_in(git_dir: str, commit: str, new: Collection[str]) -> Entries:
    """The symlinks that a checkout of these directories has: beneath them, and in the directories above."""
    found = _listed(git_dir, commit, ()) | (_listed(git_dir, commit, sorted(new), "-r") if new else {})
    between = [f"{directory}/" for directory in sorted(sparse.above(new)) if directory]
    if between:
        found |= _listed(git_dir, commit, between)
    return {path: entry for path, entry in found.items() if entry[0] == _LINK}


def _places(git_dir: str, tree: Entries, link: str, text: str, depth: int = 0) -> set[str]:
    """The directories that hold what a symlink leads to, and the further links on the way; none when it leads to
    nothing."""
    target = sparse.link_target(link, text)
    if target is None or depth > _DEEPEST:
        return set()
    parts = target.split("/") if target else []
    for count in range(1, len(parts) + 1):
        here = "/".join(parts[:count])
        mode, oid = tree.get(here, ("", ""))
        if mode == _LINK:
            further = "/".join([_texts(git_dir, {here: (mode, oid)})[here], *parts[count:]])
            beyond = _places(git_dir, tree, here, further, depth + 1)
            return beyond | {_holder(here)} if beyond else set()
        if not mode:
            return set()
    whole = not target or tree[target][0] == _TREE
    return {target if whole else _holder(target)}


def _holder(path: str) -> str:
    """The directory that holds a file; for one in the root a name that none has, for these are always there."""
    return posixpath.dirname(path) or _NOTHING


def _texts(git_dir: str, links: Entries) -> dict[str, str]:
    """Where the symlinks point, as they say it."""
    asked = "".join(f"{oid}\n" for _, oid in links.values()).encode()
    out = process.git(["cat-file", "--batch"], git_dir=git_dir, input=asked).out
    found, at = {}, 0
    for path in links:
        end = out.index(b"\n", at)
        size = int(out[at:end].split()[2])
        found[path] = os.fsdecode(out[end + 1 : end + 1 + size])
        at = end + size + 2
    return found


def _listed(git_dir: str, commit: str, paths: Iterable[str], *options: str) -> Entries:
    out = process.git(["ls-tree", "-z", "--full-tree", *options, commit, "--", *paths], git_dir=git_dir).out
    found = {}
    for line in out.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, oid = head.decode().split()
        found[os.fsdecode(path)] = mode, oid
    return found


def _quoted(path: str) -> str:
    """A path as git reads it from a line: in quotes as in C, where it has what would not stand in one."""
    if path.startswith('"') or any(letter < " " or letter == "\\" for letter in path):
        escaped = "".join(f"\\{ord(letter):03o}" if letter < " " or letter in '"\\' else letter for letter in path)
        return f'"{escaped}"'
    return path
