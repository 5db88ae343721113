"""Filling a worktree: outside every lock, with hooks off, and again after being cut short."""

from __future__ import annotations

import os

from git_okstra.git import process

COMPLETING = "okstra-completing"
"""A file of ours in a worktree's git directory while a checkout that was cut short is completed. The index is there
by then, so that it no longer says that the files are."""


def fill(worktree: str, hold: int | None, workers: int) -> None:
    """Check HEAD out into a worktree that was registered empty.

    `workers` is git's `checkout.workers` (git-config(1)); 0 means as many as there are processors.
    """
    process.git(
        ["-c", f"checkout.workers={workers}", "reset", "--hard", "--quiet"],
        cwd=worktree,
        hooks=False,
        hold=hold,
        timeout=None,
    )


def is_filled(admin: str) -> bool:
    """Whether the checkout of the worktree with git directory `admin` came to its end: git writes the index last."""
    return os.path.exists(f"{admin}/index") and not os.path.exists(f"{admin}/{COMPLETING}")


def complete(worktree: str, commit: str, rescue: str, added: frozenset[str] = frozenset()) -> list[str]:
    """Make the worktree's files those of `commit` after something was cut short, and lose nothing.

    The index is read anew; missing paths are restored; a path that differs is moved into the directory `rescue`, under
    its own name, before it is restored, and so are the untracked ones among `added`. Returns what was moved.
    The caller has made sure that no git is at work here.
    """
    git_dir = process.git(["rev-parse", "--absolute-git-dir"], cwd=worktree).text
    moved = []
    os.close(os.open(f"{git_dir}/{COMPLETING}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666))
    if os.path.exists(f"{git_dir}/index.lock"):
        _move(f"{git_dir}/index.lock", f"{rescue}/index.lock")
    process.git(["read-tree", "--reset", commit], cwd=worktree, hooks=False)
    changed = process.git(["diff-files", "--name-only", "--no-renames", "-z"], cwd=worktree)
    paths = [os.fsdecode(path) for path in changed.out.split(b"\0") if path]
    untracked = process.git(["ls-files", "--others", "-z"], cwd=worktree)
    strays = [path for path in map(os.fsdecode, untracked.out.split(b"\0")) if path in added]
    for path in [*paths, *strays]:
        here = os.path.join(worktree, path)
        if os.path.lexists(here) and not _is_submodule(here):
            _move(here, os.path.join(rescue, path))
            moved.append(path)
    if paths:
        listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
        process.git(["checkout-index", "--quiet", "-u", "-z", "--stdin"], cwd=worktree, input=listed, timeout=None)
    os.unlink(f"{git_dir}/{COMPLETING}")
    return moved


def run_post_checkout_hook(worktree: str, head: str) -> process.Result:
    """Run the post-checkout hook as `git worktree add` does (githooks(5)): previous HEAD null, a branch checkout."""
    return process.git(
        ["hook", "run", "--ignore-missing", "post-checkout", "--", "0" * len(head), head, "1"],
        cwd=worktree,
        check=False,
        timeout=None,
    )


def _is_submodule(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _move(source: str, target: str) -> None:
    import shutil

    os.makedirs(os.path.dirname(target), exist_ok=True)
    free, n = target, 1
    while os.path.lexists(free):
        n += 1
        free = f"{target}.{n}"
    shutil.move(source, free)
