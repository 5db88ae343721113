"""Bringing a worktree back from the trash, while its reservation is `releasing` with the purpose `restore`.

The directory is renamed back first, which is the point of no return, then the branch is made, then git's directory of
the worktree comes back (never before its worktree stands: `git worktree prune` would delete it), then the journal, and
last the entry goes. Every step looks at what is on disk, so the whole is run again after a crash.
"""

from __future__ import annotations

import os

from git_okstra.core import journal, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.core.records import replace
from git_okstra.git import admin, checkout, keeping, process, refs
from git_okstra.operations import moving, provisioning, removable, trashing
from git_okstra.operations.context import Context
from git_okstra.state import files, locks, trash
from git_okstra.state.trash import Entry

RESTORE = "restore"


def moved(entry: Entry) -> bool:
    """Whether the restoration is past the point of no return; one without a directory has nothing to take back."""
    return not entry.place or not os.path.lexists(entry.place)


def forward(ctx: Context, entry: Entry, hold: locks.Hold) -> None:
    """Do everything up to the journal that is not done yet. Raises `restore-blocked` when something is in the way."""
    with ctx.store.worktrees_locked():
        if not moved(entry):
            _require_free_path(entry)
            _require_same_branch(ctx, entry)
            files.make_directory(os.path.dirname(entry.path))
            _rename(entry.place, entry.path)
        _make_branch(ctx, entry)
        entry = _bring_admin(ctx, entry)
    _fill(ctx, entry, hold)
    _write_journal(ctx, entry)


def clear(ctx: Context, entry: Entry) -> None:
    """Everything is back: let go of the refs that kept it, and of the entry."""
    if entry.abandoned and entry.tip and refs.read(ctx.common_dir, entry.abandoned) == entry.tip:
        moving.update(ctx.common_dir, [(entry.abandoned, None, entry.tip)], "okstra: restore")
    keeping.forget(ctx.common_dir, entry.id)
    trashing.delete_place(entry)
    trashing.discard(ctx, entry.id)


def require_possible(ctx: Context, entry: Entry) -> None:
    """Raise OkstraError `restore-blocked` when path or branch is taken by now; looked at again while it is done."""
    _require_free_path(entry)
    _require_same_branch(ctx, entry)
    other = removable.checked_out(ctx, entry.branch, "")
    if other:
        raise OkstraError(
            "restore-blocked",
            f"the branch '{entry.branch}' is checked out in '{names.printable(other)}' by now",
            f"free it: git -C {names.quoted(other)} switch --detach\nthen: git okstra restore {entry.id}",
        )


def _require_free_path(entry: Entry) -> None:
    path = entry.path
    if os.path.lexists(path) and not (os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)):
        shown = names.printable(path)
        raise OkstraError(
            "restore-blocked",
            f"'{shown}' is taken by now",
            f"look at it, then move it away: {names.move_aside(path)}\nthen: git okstra restore {entry.id}",
        )


def _require_same_branch(ctx: Context, entry: Entry) -> None:
    now = refs.branch(ctx.common_dir, entry.branch)
    if entry.tip is not None and now not in (None, entry.tip):
        raise OkstraError(
            "restore-blocked",
            f"the branch '{entry.branch}' exists again, at {str(now)[:12]}; it was removed at {entry.tip[:12]}",
            f"give that one another name: git branch -m {entry.branch} {entry.branch}-new\n"
            f"then: git okstra restore {entry.id}",
        )


def _make_branch(ctx: Context, entry: Entry) -> None:
    # Without a tip, a directory or git's directory nothing had been made when it was removed: it begins at its base.
    tip = entry.tip or ("" if entry.place or entry.admin else entry.reservation.base)
    if tip and refs.branch(ctx.common_dir, entry.branch) is None:
        moving.update(ctx.common_dir, [(f"refs/heads/{entry.branch}", tip, None)], "okstra: restore")


def _bring_admin(ctx: Context, entry: Entry) -> Entry:
    """Put git's directory of the worktree back, and have the two point at each other; the entry with its name."""
    stored, root = trash.admin_path(ctx.store, entry.id), f"{ctx.common_dir}/worktrees"
    if os.path.isdir(stored) or not _is_back(entry, root):
        if not os.path.isdir(stored):
            # git had forgotten the worktree: as `git worktree add` would make it (gitrepository-layout(5)).
            os.makedirs(f"{stored}.new", exist_ok=True)
            admin.complete(f"{stored}.new", entry.path, entry.branch)
            _rename(f"{stored}.new", stored)
        if not entry.admin or os.path.lexists(f"{root}/{entry.admin}"):
            entry = replace(entry, admin=_free_name(root, os.path.basename(entry.path)))
            trash.save(ctx.store, entry)
        files.make_directory(root)
        files.make_directory(entry.path)
        _link(ctx, entry, stored)
        _rename(stored, f"{root}/{entry.admin}")
    provisioning.govern(ctx, entry.key, entry.path, entry.number)
    return entry


def _is_back(entry: Entry, root: str) -> bool:
    pointed = admin.pointer(entry.path)
    return bool(entry.admin) and pointed is not None and os.path.realpath(pointed) == f"{root}/{entry.admin}"


def _link(ctx: Context, entry: Entry, stored: str) -> None:
    """Have the worktree point at git's directory as it is about to be named, and the other way round.

    Relative where it was relative before (`worktree.useRelativePaths`, git-config(1)).
    """
    directory = f"{ctx.common_dir}/worktrees/{entry.admin}"
    relative = entry.dot_git.startswith("gitdir: ") and not entry.dot_git.startswith("gitdir: /")
    there = os.path.relpath(directory, entry.path) if relative else directory
    here = os.path.relpath(f"{entry.path}/.git", directory) if relative else f"{entry.path}/.git"
    _write_in_place(f"{entry.path}/.git", f"gitdir: {there}\n")
    files.write_atomic(f"{stored}/gitdir", os.fsencode(f"{here}\n"))
    if entry.dot_git and os.path.basename(entry.dot_git) != entry.admin:
        _relink_submodules(ctx, entry.path, stored, directory)


def _relink_submodules(ctx: Context, worktree: str, stored: str, directory: str) -> None:
    """Have the submodules of a worktree, whose git directories lie in its own, find these under their new name.

    `core.worktree` in such a git directory is relative and stays right: the new name is at the same depth.
    """
    for above, directories, found in os.walk(f"{stored}/modules"):
        if "config" not in found or "HEAD" not in found:
            continue
        directories[:] = [name for name in directories if name == "modules"]
        inside = os.path.relpath(above, stored)
        args = ["config", "--file", f"{above}/config", "core.worktree"]
        root = process.git(args, git_dir=ctx.common_dir, check=False).text
        place = os.path.normpath(os.path.join(directory, inside, root))
        if root and os.path.isfile(f"{place}/.git") and place.startswith(f"{worktree}/"):
            target = os.path.relpath(os.path.join(directory, inside), place)
            _write_in_place(f"{place}/.git", f"gitdir: {target}\n")


def _write_in_place(path: str, text: str) -> None:
    """Write a file in somebody's worktree, where a temporary one would be left behind by a crash.

    Half of it does no harm: until git's directory is back nobody can use it, and before that it is written again.
    """
    try:
        with open(path, "wb") as file:
            file.write(os.fsencode(text))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise files.cannot_write(path, error) from None


def _fill(ctx: Context, entry: Entry, hold: locks.Hold) -> None:
    """What was gone when it was removed: the index is read from HEAD, the files come from the index.

    What was cut short while it was made is finished as provisioning finishes it.
    """
    directory = f"{ctx.common_dir}/worktrees/{entry.admin}"
    if process.git(["rev-parse", "--verify", "--quiet", "HEAD"], git_dir=directory, check=False).status != 0:
        return  # an unborn branch: there is nothing to read
    checkout.tidy(directory)
    timeout = ctx.settings.get("checkout.timeout")
    if not entry.opened and not checkout.is_filled(directory):
        if os.listdir(entry.path) == [".git"] and not os.path.exists(f"{directory}/index.lock"):
            checkout.fill(entry.path, hold.fd, ctx.settings.get("checkout.workers"), timeout)
        else:
            provisioning.rescue_differing(ctx, entry.path, "HEAD")
    if not os.path.exists(f"{directory}/index"):
        process.git(["read-tree", "HEAD"], cwd=entry.path, hooks=False, hold=hold.fd)
    if not entry.place:
        missing = process.git(["ls-files", "--deleted", "-z"], cwd=entry.path).out
        args = ["checkout-index", "--quiet", "-u", "-z", "--stdin"]
        process.git(args, cwd=entry.path, input=missing, hooks=False, hold=hold.fd, timeout=timeout, slow=checkout.SLOW)


def _free_name(root: str, wanted: str) -> str:
    """A name that no worktree has, made as git makes one."""
    free, count = wanted, 0
    while os.path.lexists(f"{root}/{free}"):
        count += 1
        free = f"{wanted}{count}"
    return free


def _write_journal(ctx: Context, entry: Entry) -> None:
    """Record the restoration, once, so that the stage stands again as the entry says."""
    group, task, operation = entry.key.group, entry.key.task, f"restore-{entry.id}"
    stage = None if entry.number == TASK else entry.number
    with ctx.store.locked():
        if stage is None:
            ctx.store.save_task(entry.task)
        if not trashing.recorded(ctx, entry.task, operation):
            ctx.store.append(
                group, task, ctx.event("restored", stage, operation=operation, branch=entry.branch, tip=entry.tip)
            )
        if stage is None:
            return
        wanted = entry.record
        if wanted is None or wanted.state not in (journal.OPEN, journal.DONE):
            # It was removed before it was quite opened: now it is open.
            wanted = journal.StageRecord(stage, journal.OPEN, base=entry.reservation.base)
        # It was opened and removed again since: then what `restored` brings back is the later one.
        if _differs(ctx.store.history(group, task).stage(stage), wanted, head=False):
            data = {"branch": entry.branch, "base": wanted.base, "flat": wanted.flat, "operation": operation}
            ctx.store.append(group, task, ctx.event("started", stage, **data))
        if wanted.state == journal.DONE and _differs(ctx.store.history(group, task).stage(stage), wanted, head=True):
            ctx.store.append(group, task, ctx.event("done", stage, head=wanted.head, operation=operation))


def _differs(now: journal.StageRecord, wanted: journal.StageRecord, *, head: bool) -> bool:
    if head:
        return now.state != journal.DONE or now.head != wanted.head
    return now.state not in (journal.OPEN, journal.DONE) or now.base != wanted.base


def _rename(source: str, target: str) -> None:
    try:
        files.rename(source, target)
    except OSError as error:
        raise files.cannot_write(target, error) from None
