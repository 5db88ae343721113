"""Making the worktree of a reservation: registration under the repository lock, checkout outside of every lock.

`provision` is idempotent: it brings whatever is there to the finished state, so that the next command can resume it
after a crash at any point, losing nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import checkout, refs, repository, sparse, worktrees
from git_okstra.operations import furnishing, hooking, moving
from git_okstra.operations.context import Context
from git_okstra.state import locks, trust


def provision(
    ctx: Context, key: TaskKey, reservation: Reservation, hold: locks.Hold, *, ours: bool, resumed: bool
) -> None:
    """Make branch and worktree of the reservation, or finish making them.

    `ours` says that a branch of that name, if there is one, belongs to the reservation (resumed, adopted, or the branch
    of a stage that was opened before); otherwise an existing one is refused. Raises `branch-exists`, `path-exists`,
    `wrong-branch`, `setup-failed`.
    """
    fresh = register(ctx, key, reservation, hold, ours=ours, resumed=resumed)
    populate(ctx, reservation, hold, ctx.settings.get("checkout.workers"))
    if fresh or resumed:
        furnish(ctx, reservation.path)


def populate(ctx: Context, reservation: Reservation, hold: locks.Hold, workers: int) -> None:
    """Check HEAD out into the registered worktree, or finish doing so. Takes no lock; several may be made at once."""
    admin = repository.admin_directory(reservation.path)
    if admin is None:
        raise OkstraError("worktree-missing", f"'{reservation.path}' vanished while it was made", "git okstra doctor")
    checkout.tidy(admin)
    if not checkout.is_filled(admin):
        if os.listdir(reservation.path) == [".git"] and not os.path.exists(f"{admin}/index.lock"):
            checkout.fill(reservation.path, hold.fd, workers, ctx.settings.get("checkout.timeout"))
        else:
            rescue_differing(ctx, reservation.path, "HEAD", hold=hold)


def rescue_differing(
    ctx: Context, worktree: str, commit: str, added: frozenset[str] = frozenset(), hold: locks.Hold | None = None
) -> None:
    """Complete a checkout that was cut short; what differs goes to the trash first, and a note says where."""
    rescue = _rescue_place(ctx)
    timeout = ctx.settings.get("checkout.timeout")
    moved = checkout.complete(worktree, commit, rescue, added, hold.fd if hold else None, timeout=timeout)
    if moved:
        ctx.note(f"moved {names.counted(len(moved), 'differing file')} to '{rescue}': {', '.join(moved[:5])}")


def keep_copies(ctx: Context, worktree: str, paths: Sequence[str]) -> None:
    """Copy what git is about to take away into the trash, and say in a note where."""
    rescue = _rescue_place(ctx)
    checkout.copy_aside(worktree, paths, rescue)
    if paths:
        shown = ", ".join(names.printable(path) for path in paths[:5])
        ctx.note(f"kept {names.counted(len(paths), 'edited file')} in '{rescue}': {shown}")


def _rescue_place(ctx: Context) -> str:
    stamp = ctx.now().replace(":", "").replace("-", "")
    return f"{ctx.home}/worktrees/.trash/rescued-{stamp}-{ctx.pid}"


def register(
    ctx: Context,
    key: TaskKey,
    reservation: Reservation,
    hold: locks.Hold,
    *,
    ours: bool,
    resumed: bool,
    cone: Sequence[str] | None = None,
) -> bool:
    """Have git register the worktree; whether it was made now (False: it stood there already).

    With `cone` only these directories are to be checked out; a worktree that is filled already keeps what it has.
    """
    path, branch = reservation.path, reservation.branch
    with ctx.store.worktrees_locked():
        if resumed:
            worktrees.discard_half_made(ctx.common_dir, path, f"{ctx.store.root}/trash")
            if not os.path.exists(path) and any(one.path == path for one in worktrees.listed(ctx.common_dir)):
                worktrees.unregister(ctx.common_dir, path)
        admin = repository.admin_directory(path)
        if ours and admin is not None and os.path.dirname(os.path.dirname(admin)) == ctx.common_dir:
            on = refs.head_branch(path)
            if on != branch:
                raise OkstraError(
                    "wrong-branch",
                    f"the worktree '{path}' has '{on or 'a detached HEAD'}' checked out instead of '{branch}'",
                    f"switch back: git -C {names.quoted(path)} switch {branch}",
                )
            if resumed:
                worktrees.unlock_initialized(admin)
                if cone is not None and not checkout.is_filled(admin):
                    sparse.set_cone(path, cone, hold.fd)
            govern(ctx, key, path, reservation.number)
            return False
        tip = require_makeable(ctx, key, reservation, ours=ours)
        try:
            worktrees.add(ctx.common_dir, path, branch, None if tip else reservation.base, hold.fd)
        except OkstraError:
            made = repository.admin_directory(path) is not None
            if tip is None and not made and refs.branch(ctx.common_dir, branch) == reservation.base:
                # git makes the branch before it fails to make the worktree
                moving.update(ctx.common_dir, [(f"refs/heads/{branch}", None, reservation.base)], "okstra: take back")
            raise
        if cone is not None:
            sparse.set_cone(path, cone, hold.fd)
        govern(ctx, key, path, reservation.number)
    return True


def govern(ctx: Context, key: TaskKey, path: str, number: int) -> None:
    """Mark the worktree as that of the task or stage, and let the hooks know it. Called under the repository lock."""
    worktrees.mark(path, f"{key.group}/{key.task} {number}")
    hooking.govern(ctx)


def require_makeable(
    ctx: Context, key: TaskKey, reservation: Reservation, *, ours: bool, task: Task | None = None
) -> str | None:
    """The commit of the reservation's branch if there is one already; raises `branch-exists`, `path-exists`.

    `task` is the one that the store has not got yet.
    """
    tip = refs.branch(ctx.common_dir, reservation.branch)
    if tip is not None and not ours:
        raise OkstraError(
            "branch-exists",
            f"the branch '{reservation.branch}' exists already (at {tip[:12]}) and is not ours",
            _ways_around(reservation, task or ctx.store.task(*key)),
        )
    _require_free_path(reservation.path)
    if tip is not None:
        _require_not_checked_out(ctx, reservation.branch)
    return tip


def require_worktree(reservation: Reservation) -> None:
    """Raise OkstraError `worktree-missing` when the reservation's directory is gone."""
    if not os.path.isdir(reservation.path):
        raise OkstraError(
            "worktree-missing",
            f"the worktree '{reservation.path}' is gone",
            "find where it went, or have it made again: git okstra doctor --repair",
        )


def _require_free_path(path: str) -> None:
    if os.path.lexists(path) and not (os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)):
        raise OkstraError(
            "path-exists",
            f"'{path}' exists already and is not ours",
            f"look at it, then move it away: {names.move_aside(path)}",
        )


def _ways_around(reservation: Reservation, task: Task | None) -> str:
    """What to type when a branch of that name is there already."""
    branch = names.typed(reservation.branch)
    if reservation.number != names.TASK or task is None:
        again = f"git okstra stage {reservation.number}"
        return f"give that one another name: git branch -m {branch} {branch}-old\nthen: {again}"
    start = tasks.start_command(task.id, task.category, task.key.group)
    named = "" if reservation.branch == names.task_branch(task.category, task.key.task) else f" --branch {branch}"
    return f"take it over: {start}{named} --adopt\nor use another: {start} --branch NAME"


def _require_not_checked_out(ctx: Context, branch: str) -> None:
    for worktree in worktrees.listed(ctx.common_dir):
        if worktree.branch == branch:
            raise OkstraError(
                "branch-exists",
                f"the branch '{branch}' is checked out in '{worktree.path}'",
                f"free it first: git -C {names.quoted(worktree.path)} switch --detach",
            )


def link_and_copy(ctx: Context, path: str) -> None:
    """Put into the worktree at `path` what the settings have linked or copied there. Raises `bad-link`."""
    link, copy = ctx.settings.get("worktree.link"), ctx.settings.get("worktree.copy")
    if link or copy:
        for note in furnishing.furnish(
            common_dir=ctx.common_dir, main_worktree=ctx.main_worktree, worktree=path, link=link, copy=copy
        ):
            ctx.note(note)


def furnish(ctx: Context, path: str) -> None:
    """Give a new worktree its links and copies, and run the post-checkout hook as `git worktree add` does."""
    link_and_copy(ctx, path)
    if hooking.runs_after_checkout(ctx, path):
        hook = checkout.run_post_checkout_hook(path, refs.head(path))
        if hook.status != 0:
            ctx.note(f"the post-checkout hook exited with {hook.status}: {names.printable(hook.complaint[-300:])}")
    if os.path.exists(f"{path}/.gitmodules"):
        ctx.note(
            f"submodules are not checked out; if you need them: git -C {names.quoted(path)} submodule update --init"
        )


def set_up(ctx: Context, path: str) -> None:
    """Run the configured setup commands in a new worktree. Raises `untrusted-command`, `setup-failed`."""
    commands = ctx.settings.get("worktree.setup")
    if not commands:
        return
    if ctx.settings.origin("worktree.setup").scope == "project" and not trust.trusted(ctx.common_dir, commands):
        listed = "; ".join(names.printable(command) for command in commands)
        raise OkstraError(
            "untrusted-command",
            f"the worktree '{path}' is ready, but the project's file wants to run: {listed}",
            "\n".join(
                [
                    "look at it, then allow exactly this from now on: git okstra config trust",
                    *(f"and in this worktree run it: {line}" for line in furnishing.by_hand(commands, path)),
                ]
            ),
        )
    for note in furnishing.warn_about_links(commands, ctx.settings.get("worktree.link")):
        ctx.note(note)
    furnishing.run_setup(commands, worktree=path, env={}, timeout=None)
