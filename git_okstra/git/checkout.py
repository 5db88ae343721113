"""Filling a worktree: outside every lock, with hooks off, and again after being cut short."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from git_okstra.git import index_file, objects, process, repository, sparse, steps

COMPLETING = "okstra-completing"
"""A file of ours in a worktree's git directory while a checkout that was cut short is completed. The index is there
by then, so that it no longer says that the files are."""


SLOW = (
    "run the same command again: it goes on where it stopped\n"
    "to see what git waits for: OKSTRA_TRACE=1 git okstra …\n"
    "to give it more time: git okstra config set checkout.timeout 2h"
)
"""What to do when a checkout exceeds its time."""


def fill(worktree: str, hold: int | None, workers: int, timeout: float) -> None:
    """Check HEAD out into a worktree that was registered empty.

    `workers` is git's `checkout.workers` (git-config(1)); 0 means as many as there are processors. `timeout` is in
    seconds. Afterwards the files are made older than the index, so that the first `git status` reads none of them.
    """
    process.git(
        ["-c", f"checkout.workers={workers}", "reset", "--hard", "--quiet"],
        cwd=worktree,
        hooks=False,
        hold=hold,
        timeout=timeout,
        slow=SLOW,
    )
    admin = repository.admin_directory(worktree)
    if admin is not None:
        index_file.settle(admin, worktree, objects.hash_size(os.path.dirname(os.path.dirname(admin))))


def is_filled(admin: str) -> bool:
    """Whether the checkout of the worktree with git directory `admin` came to its end: git writes the index last."""
    return os.path.exists(f"{admin}/index") and not os.path.exists(f"{admin}/{COMPLETING}")


def tidy(admin: str) -> None:
    """Take away what a process that died right after the checkout may have left in the git directory `admin`."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{admin}/{index_file.TEMPORARY}")


def complete(
    worktree: str,
    commit: str,
    rescue: str,
    added: frozenset[str] = frozenset(),
    hold: int | None = None,
    *,
    timeout: float,
) -> list[str]:
    """Make the worktree's files those of `commit` after something was cut short, and lose nothing.

    The index is read anew; missing paths are restored; a path that differs, or is in the way of one, is moved into the
    directory `rescue`, under its own name, before that is restored, and so are the untracked ones among `added`.
    Returns what was moved. `timeout` is in seconds, for reading the files and for writing them. The caller has
    made sure that no git is at work here.
    """
    git_dir = process.git(["rev-parse", "--absolute-git-dir"], cwd=worktree).text
    moved = []
    os.close(os.open(f"{git_dir}/{COMPLETING}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666))
    if os.path.exists(f"{git_dir}/index.lock"):
        _move(f"{git_dir}/index.lock", f"{rescue}/index.lock")
    process.git(["read-tree", "--reset", commit], cwd=worktree, hooks=False, hold=hold)
    if sparse.is_sparse(git_dir):
        sparse.reapply(worktree, hold)
    # Without the stat data of what is there, everything would seem to differ.
    refresh = ["update-index", "-q", "--refresh"]
    process.git(refresh, cwd=worktree, hooks=False, hold=hold, check=False, timeout=timeout, slow=SLOW)
    paths = _differing(worktree)
    untracked = process.git(["ls-files", "--others", "-z"], cwd=worktree)
    strays = [path for path in map(os.fsdecode, untracked.out.split(b"\0")) if path in added]
    for path in [*paths, *strays]:
        blocking = _in_the_way(worktree, path)
        if blocking:
            _move(os.path.join(worktree, blocking), os.path.join(rescue, blocking))
            moved.append(blocking)
    if paths:
        listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
        args = ["checkout-index", "--quiet", "-u", "-z", "--stdin"]
        process.git(args, cwd=worktree, input=listed, hooks=False, hold=hold, timeout=timeout, slow=SLOW)
    steps.remove(f"{git_dir}/{COMPLETING}")
    return moved


def copy_aside(worktree: str, paths: Sequence[str], rescue: str) -> None:
    """Copy files of the worktree into the directory `rescue`, each under its own name; links stay links."""
    import shutil

    for path in paths:
        shutil.copy2(os.path.join(worktree, path), _free(os.path.join(rescue, path)), follow_symlinks=False)


def _differing(worktree: str) -> list[str]:
    """The paths whose file is missing or not what the index has; submodules are left alone (git-diff-files(1))."""
    raw = process.git(["diff-files", "--raw", "--no-renames", "-z"], cwd=worktree).out.split(b"\0")
    pairs = zip(raw[:-1:2], raw[1::2], strict=True)
    return [os.fsdecode(path) for entry, path in pairs if not entry.startswith(b":160000 ")]


def _in_the_way(worktree: str, path: str) -> str | None:
    """What stands where `path` belongs, or where a directory above it does, relative to the worktree."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        above = "/".join(parts[:count])
        here = os.path.join(worktree, above)
        if os.path.lexists(here) and (os.path.islink(here) or not os.path.isdir(here)):
            return above
    return path if os.path.lexists(os.path.join(worktree, path)) else None


def run_post_checkout_hook(worktree: str, head: str) -> process.Result:
    """Run the post-checkout hook as `git worktree add` does (githooks(5)): previous HEAD null, a branch checkout."""
    return process.git(
        ["hook", "run", "--ignore-missing", "post-checkout", "--", "0" * len(head), head, "1"],
        cwd=worktree,
        check=False,
        timeout=None,
    )


def _move(source: str, target: str) -> None:
    import shutil

    shutil.move(source, _free(target))


def _free(target: str) -> str:
    """The path, or one like it that nothing has; the directory it lies in is made."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    free, n = target, 1
    while os.path.lexists(free):
        n += 1
        free = f"{target}.{n}"
    return free
