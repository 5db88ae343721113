"""Worktrees: listing, registering and what git keeps of each (git-worktree(1), gitrepository-layout(5)).

git fails when it registers several at once, and dies of a half-made registration: `add` is called under the repository
lock, and whatever meets one that a git of somebody else's is making tries again.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time

from git_okstra import crashpoints
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.git import process, refs, repository

MARKER = "okstra"
"""A file of ours in the git directory of a governed worktree: `<group>/<task> <N>`. It goes when git drops the
worktree, so that another worktree of the same name is never mistaken for it."""


PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.0)
"""Seconds after each try while somebody else's git registers a worktree, which takes it some milliseconds."""


@dataclass(frozen=True, slots=True)
class Worktree:
    """One worktree as git lists it; `branch` is short, None when detached; `head` None in a bare main worktree."""

    path: str
    head: str | None = None
    branch: str | None = None
    bare: bool = False
    locked: str | None = None


def listed(git_dir: str) -> list[Worktree]:
    """All worktrees, the main one first. One process, but for a registration being made at this moment."""
    args = ["worktree", "list", "--porcelain", "-z"]
    for pause in PAUSES:
        result = process.git(args, git_dir=git_dir, check=False)
        if not _met_half_made(result):
            break
        time.sleep(pause)
    if result.status != 0:
        raise process.failure(args, result)
    return _parsed(result.out)


def _met_half_made(result: process.Result) -> bool:
    """Whether git died of the registration of another worktree, whose files are written one after the other."""
    return result.status != 0 and ("/commondir" in result.complaint or "/gitdir" in result.complaint)


def _parsed(out: bytes) -> list[Worktree]:
    found = []
    for block in os.fsdecode(out).split("\0\0"):
        fields = dict(_field(line) for line in block.split("\0") if line)
        if "worktree" not in fields:
            continue
        found.append(
            Worktree(
                fields["worktree"],
                head=fields.get("HEAD"),
                branch=fields["branch"].removeprefix("refs/heads/") if "branch" in fields else None,
                bare="bare" in fields,
                locked=fields.get("locked"),
            )
        )
    return found


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(" ")
    return name, value


def add(git_dir: str, path: str, branch: str, start: str | None, hold: int | None) -> None:
    """Register a worktree for `branch` at `path` without filling it; `start` makes the branch at that commit.

    Runs no hook and sets no upstream. Called under the repository lock.
    """
    for pause in PAUSES:
        new = ["--no-track", "-b", branch, "--", path, start] if start is not None else ["--", path, branch]
        args = ["worktree", "add", "--quiet", "--no-checkout", *new]
        result = process.git(args, git_dir=git_dir, hooks=False, hold=hold, check=False)
        if not _met_half_made(result):
            break
        time.sleep(pause)
        if start is not None and refs.branch(git_dir, branch) == start:
            start = None  # git makes the branch before it looks at the other worktrees
    if result.status != 0:
        raise process.failure(args, result)


def add_detached(git_dir: str, path: str, commit: str, hold: int | None) -> None:
    """Register a worktree at `path` with a detached HEAD, without filling it. Called under the repository lock."""
    for pause in PAUSES:
        args = ["worktree", "add", "--quiet", "--no-checkout", "--detach", "--", path, commit]
        result = process.git(args, git_dir=git_dir, hooks=False, hold=hold, check=False)
        if not _met_half_made(result):
            break
        time.sleep(pause)
    if result.status != 0:
        raise process.failure(args, result)


def unregister(git_dir: str, path: str) -> None:
    """Make git forget the worktree whose directory `path` is gone. No other registration is touched."""
    process.git(["worktree", "remove", "--force", "--force", "--", path], git_dir=git_dir)


def repair(git_dir: str, path: str) -> None:
    """Make git's registration and the worktree at `path` point at each other again, after a move by hand."""
    process.git(["worktree", "repair", "--", path], git_dir=git_dir)


def mark(worktree: str, text: str) -> None:
    """Write our marker into the worktree's git directory. Raises OkstraError `worktree-missing`, `cannot-write`."""
    admin = repository.admin_directory(worktree)
    if admin is None:
        raise OkstraError("worktree-missing", f"'{worktree}' is not a worktree any more", "git okstra doctor")
    path = os.path.join(admin, MARKER)
    temporary = f"{path}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text + "\n")
        crashpoints.reach("mark: before")
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise OkstraError(
            "cannot-write",
            f"cannot write '{path}': {error.strerror}",
            "make it writable, then run the same command again",
        ) from None
    except KeyboardInterrupt:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    crashpoints.reach("mark: after")


def unmark(worktree: str) -> None:
    """Take our marker out of the worktree's git directory, if both are there."""
    from git_okstra.git import steps  # here, and in what follows: a listing needs none of it

    admin = repository.admin_directory(worktree)
    if admin is not None and os.path.exists(os.path.join(admin, MARKER)):
        steps.remove(os.path.join(admin, MARKER))


def occupants(path: str) -> list[tuple[int, str]]:
    """Pid and name of every process but this one whose working directory lies in `path`.

    From proc(5), so on Linux alone, and only of processes we may look at; elsewhere the list is empty.
    """
    inside = os.path.realpath(path)
    found = []
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for pid in pids:
        if pid == os.getpid():
            continue
        try:
            cwd = os.readlink(f"/proc/{pid}/cwd")
            if cwd == inside or cwd.startswith(inside + "/"):
                with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
                    found.append((pid, file.read().strip()))
        except OSError:
            continue  # gone meanwhile, or not ours to look at
    return sorted(found)


def pid_start(pid: int) -> int:
    """When a process began, in clock ticks since boot (proc(5), field 22); 0 where that cannot be known, and of one
    that has ended and only waits to be let go."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
            return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, IndexError, ValueError):
        return 0


def discard_half_made(git_dir: str, path: str, trash: str) -> None:
    """Move the remains of a registration for `path` that was cut short out of git's way.

    `git worktree list` may die of such a directory under `worktrees/`, and `git worktree prune` never takes it. The
    directory at `path` goes too when it holds nothing but its `.git` file. Called under the repository lock.
    """
    from git_okstra.git import steps

    root = f"{git_dir}/worktrees"
    for name in os.listdir(root) if os.path.isdir(root) else []:
        admin = f"{root}/{name}"
        if _is_half_made(admin) and _is_for(admin, path):
            os.makedirs(trash, exist_ok=True)
            steps.rename(admin, f"{trash}/.half-made-{name}-{time.time_ns()}")
    if repository.admin_directory(path) is None and os.path.isdir(path) and os.listdir(path) in ([], [".git"]):
        if os.listdir(path):
            steps.remove(f"{path}/.git")
        os.rmdir(path)


def _is_half_made(admin: str) -> bool:
    """Whether a registration was cut short: git writes gitdir, HEAD (the null id at first), commondir, HEAD again."""
    head = _content(f"{admin}/HEAD")
    return not head.strip("0") or not _content(f"{admin}/commondir") or not _content(f"{admin}/gitdir")


def _is_for(admin: str, path: str) -> bool:
    """Whether a registration is for the worktree at `path`: as it says, else by its name, as git forms it."""
    gitdir = _content(f"{admin}/gitdir")
    if gitdir:
        return os.path.normpath(os.path.join(admin, gitdir)) == os.path.join(os.path.realpath(path), ".git")
    base = os.path.basename(path)
    name = os.path.basename(admin)
    return name == base or (name.startswith(base) and name[len(base) :].isdecimal())


def unlock_initialized(admin: str) -> None:
    """Take away the lock that `git worktree add` holds until it is done, once it is known to have been killed."""
    if _content(f"{admin}/locked") == "initializing":
        from git_okstra.git import steps

        steps.remove(f"{admin}/locked")


def _content(path: str) -> str:
    """What a file of git's says, without the newline; empty when there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", opener=without_waiting) as file:
            return file.read().rstrip("\n")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def without_waiting(path: str, flags: int) -> int:
    """As open(2), for a file; raises FileNotFoundError where something else stands, such as a pipe or a device."""
    fd = os.open(path, flags | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise FileNotFoundError(path)
