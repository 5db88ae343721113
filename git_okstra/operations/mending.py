"""Mending what registry, store and git disagree about, one worktree or branch at a time.

Every function decides anew under the lock, from the entry as it was examined: what changed meanwhile is left alone.
A worktree is made or linked under the hold of its key, as when it was opened, and a mending that is cut short is found
and carried on by the next. Nothing that holds anything is removed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from git_okstra.core import evidence, journal, linking, reconstruction, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import DeadLink, Evidence, Registration, StoredTask
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, TaskRecord
from git_okstra.core.worktree_diagnosis import entry_of, registration_of, whereabouts
from git_okstra.git import admin, process, refs, worktrees
from git_okstra.operations import claiming, moving, provisioning, rebuilding, releasing, takeover
from git_okstra.operations.context import Context
from git_okstra.state import files, locks
from git_okstra.state import linking as placing

BACKUP = "refs/okstra/backup"
"""Where the last known commit of a branch that cannot come back is kept."""


def worktree_missing(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Make the worktree again, with its branch if need be; or give back what nothing is left of."""
    registered = registration_of(found, entry)
    lost = found.lost.get((record.key, entry.number))
    if entry.in_place or (entry.branch not in found.branches and (registered is None or lost is None)):
        return _withdraw(ctx, record, entry, None if entry.branch in found.branches else lost)
    with _holding(ctx, record, entry) as hold:
        again = _branch_again(ctx, entry.branch, lost)
        staged = _revive(ctx, found, entry, hold)
    with _provisioning(ctx, record, entry) as (mine, hold):
        provisioning.provision(ctx, record.key, mine, hold, ours=True, resumed=True)
    what = f"{again} and " if again else ""
    return f"made {what}the worktree '{entry.path}' again{', with what was staged' if staged else ''}"


def worktree_unlinked(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Link the directory to the repository again; its files stay as they are."""
    lost = found.lost.get((record.key, entry.number))
    with _holding(ctx, record, entry) as hold:
        again = _branch_again(ctx, entry.branch, lost)
        with ctx.store.worktrees_locked():
            _link(ctx, entry, registration_of(found, entry) is not None, hold)
            worktrees.mark(entry.path, _mark(record.key, entry.number))
    what = f", and made {again} again" if again else ""
    return f"linked '{entry.path}' again{what}; no file in it was touched"


def worktree_moved(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Record where the worktree is now."""
    place = whereabouts(found, record, entry)
    assert place is not None
    registration, directory = place
    with ctx.registry.locked():
        now = _unchanged(ctx, record, entry)
        with ctx.store.worktrees_locked():
            if not registration.here:
                admin.link(ctx.common_dir, directory)
            worktrees.mark(directory, _mark(record.key, entry.number))
        for number, other in now.reservations.items():
            if number == entry.number or (other.flat and other.path == entry.path):
                now = claiming.with_reservation(now, replace(other, path=directory))
        claiming.save(ctx, now)
    return f"its place is '{directory}' now"


def branch_missing(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Make the branch again at the last commit known of it."""
    made = _branch_again(ctx, entry.branch, found.lost[record.key, entry.number])
    return f"made {made} again" if made else "it is there again"


def marker_missing(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Mark the worktree as ours again."""
    with ctx.store.worktrees_locked():
        worktrees.mark(entry.path, _mark(record.key, entry.number))
    return f"marked '{entry.path}' again"


def reserving_stale(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Finish what a process that is gone was opening, or take it back when nothing was made."""
    stored = next((one for one in found.tasks if one.key == record.key), None)
    journaled = stored is not None and entry.number in reconstruction.taken(stored.events)
    # The task's file is written before its branch is made: without it, a branch that is there was to be adopted, and
    # from what it starts nobody would know any more.
    adopted = entry.number == TASK and (stored is None or stored.task is None)
    if not journaled and not _anything_made(found, record.key, entry, besides_branch=adopted):
        with ctx.registry.locked():
            now = _unchanged(ctx, record, entry)
            with ctx.store.worktrees_locked():
                worktrees.discard_half_made(ctx.common_dir, entry.path, f"{ctx.store.root}/trash")
            claiming.drop_reservation(ctx, now, entry.number)
        if entry.number == TASK:
            with ctx.store.locked():
                ctx.store.forget_task(record.key.group, record.key.task)
        return "took the reservation back; nothing had been made"
    with _provisioning(ctx, record, entry) as (mine, hold):
        _write_task(ctx, record, mine)
        if entry.in_place:
            worktrees.mark(entry.path, _mark(record.key, entry.number))
        elif not entry.flat:
            _revive(ctx, found, entry, hold)
            if found.places[entry.path].kind == evidence.UNLINKED:
                with ctx.store.worktrees_locked():
                    _link(ctx, mine, registration_of(found, entry) is not None, hold)
            provisioning.provision(ctx, record.key, mine, hold, ours=True, resumed=True)
        if not journaled:
            with ctx.store.locked():
                ctx.store.append(record.key.group, record.key.task, _beginning(ctx, record, mine))
    return f"finished opening it at '{entry.path}', for {entry.owner}"


def releasing_stale(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Finish what a process that is gone was removing."""
    releasing.settle(ctx, record.key, entry.number)
    return "finished removing it"


def half_made(ctx: Context, found: Evidence, registration: Registration) -> str:
    """Write what git's directory of a worktree of ours lacks, or move one that leads nowhere out of git's way."""
    entry = entry_of(found, registration)
    with ctx.store.worktrees_locked():
        if entry is not None:
            admin.complete(registration.admin, entry.path, entry.branch)
            return f"wrote what was missing: {', '.join(registration.missing)}"
        name = f"worktree-{os.path.basename(registration.admin)}"
        return f"moved it to '{rebuilding.set_aside(ctx, registration.admin, rebuilding.store_damage(ctx), name)}'"


def entry_missing(ctx: Context, found: Evidence, stored: StoredTask, number: int) -> str:
    """Enter a reservation that the registry lost; or note that it was given back, when nothing is left of it."""
    entry = reconstruction.rebuilt(found, stored, number)
    with ctx.registry.locked():
        now = ctx.registry.record(stored.key)
        if now is not None and now.reservation(number) is not None:
            return "it was entered meanwhile"
        if entry is not None and stored.task is not None:
            task = stored.task
            claiming.require_free_branch(ctx, task, entry.branch)
            fresh = TaskRecord(task.key, task.id, task.category, task.branch, ctx.common_dir)
            claiming.save(ctx, claiming.with_reservation(now or fresh, entry))
            return f"entered it again, for {entry.owner}, at '{entry.path}'"
        with ctx.store.locked():
            event = ctx.event(journal.RELEASED, number or None, why="nothing was left of it")
            ctx.store.append(stored.key.group, stored.key.task, event)
    return "noted in the journal that it was given back"


def journal_incomplete(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Journal the beginning of what is taken again."""
    place = (record.key.group, record.key.task)
    with ctx.registry.locked():
        _unchanged(ctx, record, entry)
        with ctx.store.locked():
            if entry.number in reconstruction.begun(ctx.store.events(*place)):
                return "it was journaled meanwhile"
            ctx.store.append(*place, _beginning(ctx, record, entry))
    return f"journaled again that {entry.owner} began it; what else was done to it, and when, is not known any more"


def takeover_unjournaled(ctx: Context, found: Evidence, record: TaskRecord, entry: Reservation) -> str:
    """Journal a takeover that was cut short."""
    takeover.settle(ctx, record.key, entry.number)
    return f"journaled that {entry.owner} took it over"


def task_missing(ctx: Context, found: Evidence, key: str) -> str:
    """Write the file of a task that the store lost, and what its journal must say, from the registry."""
    record = next(one for one in found.records if str(one.key) == key)
    place = (record.key.group, record.key.task)
    with ctx.registry.locked():
        now = ctx.registry.record(record.key)
        if now is None:
            raise OkstraError("busy", "another command changed it meanwhile", "git okstra doctor")
        with ctx.store.locked():
            events = ctx.store.events(*place)
            task = reconstruction.rebuilt_task(record.key, {}, now, events)
            if task is None:
                raise OkstraError("damaged-file", "the registry does not say from where it started")
            if ctx.store.task(*record.key) is None:
                ctx.store.save_task(task)
            said = reconstruction.taken(events)
            for number, entry in sorted(now.reservations.items()):
                if number not in said and entry.state == tasks.ACTIVE:
                    ctx.store.append(*place, _beginning(ctx, now, entry))
        claiming.save(ctx, now)
    return "written again, with what the registry knows"


def held_elsewhere(ctx: Context, found: Evidence, stored: StoredTask) -> str:
    """Leave a task to the repository that the registry says has it."""
    rebuilding.leave(ctx, stored, f"held by {found.held_elsewhere[stored.key]}")
    return f"left to '{found.held_elsewhere[stored.key]}'; worktrees and branches here stay"


def derived_stale(ctx: Context, found: Evidence, stored: StoredTask) -> str:
    """Write the files that follow from the registry."""
    with ctx.registry.locked():
        record = ctx.registry.record(stored.key)
        if record is not None and record.repository == ctx.common_dir:
            claiming.save(ctx, record)
        else:
            with ctx.store.locked():
                ctx.store.save_paths(stored.key.group, stored.key.task, {})
    return "written again"


def dead_link(ctx: Context, link: DeadLink) -> str:
    """Point a link of `worktree.link` at the main worktree as it is now."""
    main, path = ctx.main_worktree, f"{link.worktree}/{link.name}"
    if main is None or not os.path.islink(path) or os.path.exists(path):
        raise OkstraError("busy", "it changed meanwhile")
    files.remove(path)
    placing.link(main, link.worktree, link.name)
    return f"it leads to '{linking.link_text(main, link.name)}' now"


def leftover(ctx: Context, path: str) -> str:
    """Move a temporary file out of the way."""
    ours = path.startswith(f"{ctx.home}/")
    where = rebuilding.registry_damage(ctx) if ours else rebuilding.store_damage(ctx)
    return f"moved it to '{rebuilding.set_aside(ctx, path, where, os.path.basename(path).lstrip('.'))}'"


# -- parts


@contextlib.contextmanager
def _holding(ctx: Context, record: TaskRecord, examined: Reservation) -> Iterator[locks.Hold]:
    """Have the hold of a key whose entry stays as it is, so that nobody else mends or removes it meanwhile."""
    with ctx.registry.locked():
        _unchanged(ctx, record, examined)
        hold = locks.Hold(ctx.registry.hold_path(record.key, examined.number))
    try:
        yield hold
    finally:
        with ctx.registry.locked():
            hold.drop()


@contextlib.contextmanager
def _provisioning(ctx: Context, record: TaskRecord, examined: Reservation) -> Iterator[tuple[Reservation, locks.Hold]]:
    """Have the key as its provisioning process until the block ends: then it is active, or as it was examined."""
    with ctx.registry.locked():
        now = _unchanged(ctx, record, examined)
        mine = replace(examined, state=tasks.RESERVING, pid=ctx.pid, pid_start=ctx.pid_start)
        hold = locks.Hold(ctx.registry.hold_path(record.key, examined.number))
        ctx.registry.save(claiming.with_reservation(now, mine))
    try:
        yield mine, hold
    except BaseException:
        with ctx.registry.locked():
            present = ctx.registry.record(record.key)
            if present is not None:
                claiming.save(ctx, claiming.with_reservation(present, examined))
            hold.drop()
        raise
    claiming.confirm(ctx, record.key, examined.number, hold)


def _unchanged(ctx: Context, record: TaskRecord, examined: Reservation) -> TaskRecord:
    """The record as it is now, the entry in it being as it was examined. Called under the registry lock."""
    now = ctx.registry.record(record.key)
    held = locks.is_held(ctx.registry.hold_path(record.key, examined.number))
    if now is None or now.reservation(examined.number) != examined or held:
        raise OkstraError("busy", "another command changed it meanwhile", "git okstra doctor")
    return now


def _withdraw(ctx: Context, record: TaskRecord, entry: Reservation, lost: str | None) -> str:
    kept = ""
    if lost is not None and _is_on_no_branch(ctx, lost):
        ref = f"{BACKUP}/{entry.branch}"
        if refs.read(ctx.common_dir, ref) != lost:
            moving.update(ctx.common_dir, [(ref, lost, refs.read(ctx.common_dir, ref))], "okstra: doctor")
        kept = f"; the last commit known of it is kept: git branch '{entry.branch}' {ref}"
    with ctx.registry.locked():
        now = _unchanged(ctx, record, entry)
        claiming.drop_reservation(ctx, now, entry.number)
        with ctx.store.locked():
            data = {"why": "its worktree was gone", **({"tip": lost} if lost else {})}
            ctx.store.append(
                record.key.group, record.key.task, ctx.event(journal.RELEASED, entry.number or None, **data)
            )
    return f"gave its reservation back{kept}"


def _is_on_no_branch(ctx: Context, commit: str) -> bool:
    args = ["rev-list", "--max-count=1", commit, "--not", "--branches", "--remotes"]
    return bool(process.git(args, git_dir=ctx.common_dir).out)


def _branch_again(ctx: Context, branch: str, commit: str | None) -> str:
    """Make the branch at `commit` if it is missing; what was made, for a message, or an empty string."""
    if commit is None or refs.branch(ctx.common_dir, branch) is not None:
        return ""
    moving.update(ctx.common_dir, [(f"refs/heads/{branch}", commit, None)], "okstra: doctor")
    return f"branch '{branch}' at {commit[:12]}"


def _link(ctx: Context, entry: Reservation, registered: bool, hold: locks.Hold) -> None:
    """Link the directory at the entry's path. Called under the repository lock."""
    if registered:
        admin.link(ctx.common_dir, entry.path)
    else:
        admin.relink(ctx.common_dir, entry.path, entry.branch, hold.fd)


def _revive(ctx: Context, found: Evidence, entry: Reservation, hold: locks.Hold) -> bool:
    """Bring a deleted directory back from the index that git still has of it; whether there was one."""
    registered = registration_of(found, entry)
    if registered is None or not registered.has_index or registered.missing or os.path.exists(f"{entry.path}/.git"):
        return False
    if found.places[entry.path].kind != evidence.NOTHING:
        return False
    admin.revive(registered.admin, entry.path, hold.fd, ctx.settings.get("checkout.timeout"))
    return True


def _anything_made(found: Evidence, key: TaskKey, entry: Reservation, *, besides_branch: bool) -> bool:
    """Whether the process came so far that there is a worktree, or a branch if that is not to be left out."""
    mark = (key.group, key.task, entry.number)
    if entry.flat or entry.in_place:
        return any(one.marker == mark for one in found.registrations)
    whole = [one for one in found.registrations if not one.missing]
    return (
        (entry.branch in found.branches and not besides_branch)
        or found.places[entry.path].kind != evidence.NOTHING
        or any(one.marker == mark or one.path == entry.path for one in whole)
    )


def _write_task(ctx: Context, record: TaskRecord, entry: Reservation) -> None:
    """Write the file of a task whose process died before it could."""
    place = (record.key.group, record.key.task)
    with ctx.store.locked():
        if ctx.store.task(*record.key) is not None:
            return
        whole = claiming.with_reservation(record, entry)
        task = reconstruction.rebuilt_task(record.key, {}, whole, ctx.store.events(*place))
        if task is not None:
            ctx.store.save_task(task)


def _beginning(ctx: Context, record: TaskRecord, entry: Reservation) -> journal.Event:
    """The event that the process which took the reservation journals, in its owner's name."""
    if entry.number == TASK:
        data = {"category": record.category, "branch": entry.branch, "base": entry.base}
        return journal.Event("task-started", ctx.now(), entry.owner, None, data)
    stage = {"branch": entry.branch, "base": entry.base, "flat": entry.flat}
    return journal.Event("started", ctx.now(), entry.owner, entry.number, stage)


def _mark(key: TaskKey, number: int) -> str:
    return f"{key.group}/{key.task} {number}"
