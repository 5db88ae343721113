"""Where we are: the repository and the worktree around a directory, found in process.

Follows git's own search (git(1), "GIT_DIR"; gitrepository-layout(5)): the environment first, else upwards through the
parents, across `.git` files, not past `GIT_CEILING_DIRECTORIES` or (without `GIT_DISCOVERY_ACROSS_FILESYSTEM`) a mount.
Imports nothing but `os`, so that `git okstra path` stays instant.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from git_okstra.core.errors import OkstraError


class Repository:
    """A repository as seen from one place in it.

    `common_dir` is shared by all its worktrees; `git_dir` is that of the worktree we stand in (the common directory
    itself in the main worktree); `worktree` is that worktree's root, None in a bare repository or inside a git
    directory. All are absolute and without symlinks.
    """

    __slots__ = ("common_dir", "git_dir", "worktree")

    def __init__(self, common_dir: str, git_dir: str, worktree: str | None) -> None:
        self.common_dir = common_dir
        self.git_dir = git_dir
        self.worktree = worktree

    @property
    def linked(self) -> bool:
        """Whether we stand in a linked worktree."""
        return self.git_dir != self.common_dir


def discover(directory: str, environ: Mapping[str, str]) -> Repository | None:
    """The repository around `directory`, or None outside of any."""
    given = environ.get("GIT_DIR")
    if given:
        return _from_environment(os.path.join(directory, given), directory, environ)
    ceilings = [os.path.realpath(path) for path in environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep) if path]
    across = environ.get("GIT_DISCOVERY_ACROSS_FILESYSTEM", "") not in ("", "0", "false", "no")
    here = os.path.realpath(directory)
    try:
        device = os.stat(here).st_dev
    except OSError:
        return None
    while True:
        dot_git = os.path.join(here, ".git")
        git_dir = _resolve(dot_git)
        if git_dir is not None:
            return Repository(_common(git_dir), git_dir, here)
        if is_git_directory(here):
            return Repository(_common(here), here, None)
        parent = os.path.dirname(here)
        if parent == here or parent in ceilings:
            return None
        try:
            if not across and os.stat(parent).st_dev != device:
                return None
        except OSError:
            return None
        here = parent


def require_repository(directory: str, environ: Mapping[str, str]) -> Repository:
    """Like `discover`, but raises OkstraError `not-a-repository` (exit status 128)."""
    found = discover(directory, environ)
    if found is None:
        raise OkstraError(
            "not-a-repository",
            f"not a git repository (or any of the parent directories): {directory}",
            "change into one, or name it: git -C DIR okstra …",
        )
    return found


def is_git_directory(path: str) -> bool:
    """Whether `path` looks like a git directory: HEAD, and either objects and refs or a pointer to the common ones."""
    if not os.path.lexists(f"{path}/HEAD"):
        return False
    common = _common(path)
    return os.path.isdir(f"{common}/objects") and os.path.isdir(f"{common}/refs")


def admin_directory(worktree: str) -> str | None:
    """The git directory of the worktree whose root is `worktree`, or None when it is none."""
    return _resolve(os.path.join(worktree, ".git"))


def _from_environment(given: str, directory: str, environ: Mapping[str, str]) -> Repository | None:
    git_dir = _resolve(given)
    if git_dir is None:
        return None
    common = environ.get("GIT_COMMON_DIR")
    common_dir = os.path.realpath(os.path.join(directory, common)) if common else _common(git_dir)
    tree = environ.get("GIT_WORK_TREE")
    if tree:
        return Repository(common_dir, git_dir, os.path.realpath(os.path.join(directory, tree)))
    back = _first_line(f"{git_dir}/gitdir")
    if back is not None:
        return Repository(common_dir, git_dir, os.path.dirname(os.path.realpath(back)))
    root = os.path.dirname(git_dir)
    return Repository(common_dir, git_dir, root if os.path.basename(git_dir) == ".git" else None)


def _resolve(dot_git: str) -> str | None:
    """The git directory that `.git` is or points to."""
    if os.path.isdir(dot_git):
        real = os.path.realpath(dot_git)
        return real if is_git_directory(real) else None
    line = _first_line(dot_git)
    if line is None or not line.startswith("gitdir: "):
        return None
    target = os.path.realpath(os.path.join(os.path.dirname(dot_git), line[len("gitdir: ") :]))
    return target if is_git_directory(target) else None


def _common(git_dir: str) -> str:
    line = _first_line(f"{git_dir}/commondir")
    return git_dir if line is None else os.path.realpath(os.path.join(git_dir, line))


def _first_line(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.read(65536).rstrip(b"\n"))
    except OSError:
        return None
