"""git's directory of each linked worktree, `<common dir>/worktrees/<id>` (gitrepository-layout(5)).

Reading is done without git, which dies of a half-made one; mending changes only what is named and deletes nothing: the
directory of a worktree comes back from its index, or is registered anew around the files that are there.
"""

from __future__ import annotations

import os
import time

from git_okstra.core import evidence
from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import LogLine, Registration
from git_okstra.git import checkout, process, repository, steps, worktrees

PARTS = ("HEAD", "commondir", "gitdir")
"""What git needs in such a directory."""


def registrations(common_dir: str) -> list[Registration]:
    """Every linked worktree as git's directory has it, sorted by id; half-made ones too. Starts no process.

    With reftable, where the file HEAD says nothing, git is asked for each branch.
    """
    root = f"{common_dir}/worktrees"
    return [_registration(f"{root}/{name}") for name in _names(root) if os.path.isdir(f"{root}/{name}")]


def marked(common_dir: str) -> list[str]:
    """The ids of the linked worktrees that bear our marker, sorted."""
    root = f"{common_dir}/worktrees"
    return [name for name in _names(root) if os.path.isfile(f"{root}/{name}/{worktrees.MARKER}")]


def _registration(admin: str) -> Registration:
    head, gitdir = _text(f"{admin}/HEAD"), _text(f"{admin}/gitdir")
    path = os.path.dirname(os.path.normpath(os.path.join(admin, gitdir))) if gitdir else ""
    pointed = pointer(path) if path else None
    return Registration(
        admin,
        path,
        branch=_worked_on(admin) or _branch(admin, head),
        marker=_marker(_text(f"{admin}/{worktrees.MARKER}")),
        here=pointed is not None and _same(pointed, admin),
        missing=tuple(part for part in PARTS if not _text(f"{admin}/{part}")),
        age=max(0.0, time.time() - _modified(admin)),
        has_index=os.path.exists(f"{admin}/index"),
    )


def pointer(directory: str) -> str | None:
    """The git directory that the file `.git` in `directory` names, absolute; None when there is no such file."""
    line = _text(os.path.join(directory, ".git"))
    if not line.startswith("gitdir: "):
        return None
    return os.path.normpath(os.path.join(directory, line.removeprefix("gitdir: ")))


def place(path: str, known: dict[str, Registration], former: str) -> evidence.Place:
    """What stands at `path`. `known` are the registrations by directory; `former` is where the repository stood once.

    A pointer into the `worktrees` directory of this repository, or of its former place, that leads nowhere makes it
    `unlinked`; so does a directory with files and no `.git` at all.
    """
    if not os.path.lexists(path):
        return evidence.Place(evidence.NOTHING)
    if not os.path.isdir(path) or os.path.islink(path):
        return evidence.Place(evidence.FOREIGN)
    if not os.listdir(path):
        return evidence.Place(evidence.NOTHING)
    if not os.path.lexists(f"{path}/.git"):
        return evidence.Place(evidence.UNLINKED)
    target = pointer(path)
    if target is None:
        return evidence.Place(evidence.FOREIGN)
    real = os.path.realpath(target)
    if real in known:
        return evidence.Place(evidence.LINKED, real)
    return evidence.Place(evidence.FOREIGN if os.path.isdir(target) and real != former else evidence.UNLINKED)


def log(admin: str) -> tuple[LogLine, ...]:
    """The HEAD reflog of a worktree, oldest line first; empty where none is kept."""
    found = []
    for line in _bytes(f"{admin}/logs/HEAD").split(b"\n"):
        ids, _, why = os.fsdecode(line).partition("\t")
        words = ids.split(" ", 2)
        if len(words) == 3:
            found.append(LogLine(words[0], words[1], why))
    return tuple(found)


def users(path: str) -> list[int] | None:
    """The processes that have the file open, from proc(5); None where that cannot be known."""
    wanted = os.path.realpath(path)
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return None
    found = []
    for pid in pids:
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")
        except OSError:
            continue  # gone meanwhile, or not ours to look at
        for descriptor in descriptors:
            try:
                if os.readlink(f"/proc/{pid}/fd/{descriptor}") == wanted:
                    found.append(pid)
                    break
            except OSError:
                continue  # closed meanwhile
    return found


def complete(admin: str, path: str, branch: str) -> None:
    """Write what a half-made directory lacks: HEAD on `branch`, the pointers. Called under the repository lock."""
    wanted = {"HEAD": f"ref: refs/heads/{branch}", "commondir": "../..", "gitdir": os.path.join(path, ".git")}
    for part, text in wanted.items():
        if not _text(f"{admin}/{part}"):
            _write(f"{admin}/{part}", text)


def revive(admin: str, path: str, hold: int | None, timeout: float) -> None:
    """Make the deleted directory of a registered worktree again, from its index: what was staged comes back too.

    Nothing, or an empty directory, stands at `path`. It is filled beside its place and then renamed there whole; who
    comes after one that was cut short fills the same directory. Called with the hold of its key.
    """
    temporary = f"{os.path.dirname(path)}/.{os.path.basename(path)}.revived.tmp"
    os.makedirs(temporary, exist_ok=True)
    process.git(
        ["checkout-index", "--all", "--force", "--quiet"],
        git_dir=admin,
        cwd=temporary,
        env={"GIT_WORK_TREE": temporary},
        hooks=False,
        hold=hold,
        timeout=timeout,
        slow=checkout.SLOW,
    )
    # It becomes a worktree in its place only: in the other one it would be taken for one that was moved.
    steps.rename(temporary, path)
    _put(f"{path}/.git", f"gitdir: {admin}")
    process.git(["update-index", "-q", "--refresh"], cwd=path, hooks=False, check=False, timeout=None)


def link(common_dir: str, path: str) -> None:
    """Have git's registration and the worktree at `path` point at each other. Called under the repository lock.

    `git worktree repair` complains about every worktree that it cannot mend; only this one counts here.
    """
    try:
        worktrees.repair(common_dir, path)
    except OkstraError:
        if not any(one.here and one.path == path for one in registrations(common_dir)):
            raise


def relink(common_dir: str, path: str, branch: str, hold: int | None) -> None:
    """Register a worktree for `branch` around the files at `path`, which git has forgotten; no file there is touched.

    git's registration points at `path` only when everything else is done: one that was cut short is found and carried
    on. Called under the repository lock.
    """
    # git registers an empty directory only, so one is made, of the same name, and its `.git` file taken over.
    known = registrations(common_dir)
    admin = repository.admin_directory(path)
    if not any(one.admin == admin and one.branch == branch for one in known):
        start, name = f"{os.path.dirname(path)}/.{os.path.basename(path)}.", os.path.basename(path)
        begun = (one.path for one in known if one.here and one.branch == branch and one.path.startswith(start))
        temporary = next(begun, f"{start}{os.getpid()}.tmp/{name}")
        if not os.path.exists(temporary):
            worktrees.add(common_dir, temporary, branch, None, hold)
        steps.rename(f"{temporary}/.git", f"{path}/.git")
        os.rmdir(temporary)
        os.rmdir(os.path.dirname(temporary))
        admin = repository.admin_directory(path)
    if admin is not None and not os.path.exists(f"{admin}/index"):
        process.git(["read-tree", "HEAD"], cwd=path, hooks=False, hold=hold)
    link(common_dir, path)
    process.git(["update-index", "-q", "--refresh"], cwd=path, hooks=False, check=False, timeout=None)


def version() -> tuple[int, ...]:
    """The version of the git on PATH, as numbers."""
    words = process.git(["version"]).text.split()
    numbers = []
    for part in words[2].split(".") if len(words) > 2 else ():
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _branch(admin: str, head: str) -> str | None:
    name = head.removeprefix("ref: refs/heads/")
    if name == head:
        return None
    if name == ".invalid":
        found = process.git(["symbolic-ref", "--quiet", "--short", "HEAD"], git_dir=admin, check=False)
        return found.text if found.status == 0 else None
    return name


def _worked_on(admin: str) -> str | None:
    """The branch that a rebase or bisection under way will come back to."""
    for name in ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"):
        text = _text(f"{admin}/{name}")
        if text:
            return text.removeprefix("refs/heads/")
    return None


def _marker(text: str) -> tuple[str, str, int] | None:
    place_text, _, number = text.rpartition(" ")
    group, slash, task = place_text.partition("/")
    return (group, task, int(number)) if slash and number.isdecimal() else None


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _names(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb", opener=worktrees.without_waiting) as file:
            return file.read()
    except OSError:
        return b""


def _text(path: str) -> str:
    return os.fsdecode(_bytes(path)).rstrip("\n")


def _modified(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _write(path: str, text: str) -> None:
    temporary = f"{path}.{os.getpid()}.tmp"
    _put(temporary, text)
    steps.rename(temporary, path)


def _put(path: str, text: str) -> None:
    with open(path, "wb") as file:
        file.write(os.fsencode(text) + b"\n")
        file.flush()
        os.fsync(file.fileno())
