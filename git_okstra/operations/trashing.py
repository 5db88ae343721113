"""Moving a worktree into the trash: the part of a removal between its reservation being `releasing` and being free.

Order, and why. First the entry and the refs that keep what git would collect; then git's directory of the worktree goes
out of git's sight (a `git worktree prune` by anybody must not find it without its worktree and delete it); then the
worktree's directory is renamed, which is the point of no return; then the branch is deleted, if it still is where it
was; then the journal. Every step looks at what is on disk, so the whole is run again after a crash. Before the point of
no return it is taken back instead: whoever was asked may have gone on working there.
"""

from __future__ import annotations

import contextlib
import errno
import os

from git_okstra.core import journal, tasks
from git_okstra.core.names import TASK
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import keeping, refs, worktrees
from git_okstra.operations import moving, removable
from git_okstra.operations.context import Context
from git_okstra.state import files, trash
from git_okstra.state.trash import Entry

REMOVE = "remove"
PRUNE = "prune"
ABANDON = "abandon"

ABANDONED = "refs/okstra/abandoned"
"""Below it lie the branches of abandoned stages."""


def home_trash(ctx: Context) -> str:
    """The trash beside the worktrees, of all repositories."""
    return f"{ctx.home}/worktrees/.trash"


def write_entry(ctx: Context, task: Task, reservation: Reservation, uncommitted: int) -> Entry:
    """Write the entry of a reservation that is `releasing`, as everything stands now. Nothing is moved yet.

    `uncommitted` is how many paths hold what no commit holds.
    """
    there = removable.standing(ctx, task.key, reservation)
    if there.foreign:
        ctx.note(f"'{reservation.path}' is not our worktree any more; what stands there is left alone")
    number = reservation.number
    history = ctx.store.history(task.key.group, task.key.task)
    record = history.stage(number) if number != TASK else None
    keeps = reservation.purpose != ABANDON and record is not None and removable.merged_head(ctx, task, record)
    tip = refs.branch(ctx.common_dir, reservation.branch)
    entry = Entry(
        reservation.trash,
        ctx.store.task(*task.key) or task,  # what the caller has may be older
        replace(reservation, state=tasks.ACTIVE, trash="", purpose=""),
        reservation.purpose,
        removed_at=ctx.now(),
        removed_by=ctx.owner,
        tip=tip,
        path=there.path or reservation.path,
        place=_place(ctx, there.path, reservation.trash) if there.path else "",
        admin=os.path.basename(there.admin),
        dot_git=_dot_git(there.path),
        uncommitted=uncommitted,
        record=record,
        keeps=keeps,
        opened=was_opened(history, number),
        abandoned=_free_ref(ctx, reservation.branch) if reservation.purpose == ABANDON and tip else "",
    )
    trash.save(ctx.store, entry)
    return entry


def was_opened(history: journal.History, number: int) -> bool:
    """Whether the journal says that it was opened; else it was cut short before it was quite made."""
    state = history.task if number == TASK else history.stage(number).state
    return state in (journal.STARTED, journal.OPEN, journal.DONE)


def moved(entry: Entry) -> bool:
    """Whether the removal is past the point of no return."""
    return not entry.place or os.path.lexists(entry.place) or not os.path.lexists(entry.path)


def forward(ctx: Context, entry: Entry) -> Entry:
    """Do everything up to the journal that is not done yet; the entry as it is then.

    Raises `cannot-write` when the directory cannot be moved: then nothing has been deleted, and `back` undoes the rest.
    """
    source, target = f"{ctx.common_dir}/worktrees/{entry.admin}", trash.admin_path(ctx.store, entry.id)
    if not os.path.lexists(target):
        keeping.keep(ctx.common_dir, entry.id, entry.tip, source if entry.admin and os.path.isdir(source) else None)
    with ctx.store.worktrees_locked():
        if entry.admin and not os.path.lexists(target) and os.path.isdir(source):
            _rename(source, target)
        if not moved(entry):
            entry = _move_directory(ctx, entry)
        if entry.place:
            # It leads to a name that git may give to another worktree, and git writes to where such a file leads.
            files.remove(f"{entry.place}/.git")
        if not entry.admin:
            worktrees.discard_half_made(ctx.common_dir, entry.path, f"{ctx.store.root}/trash")
        _take_branch(ctx, entry)
    return entry


def back(ctx: Context, entry: Entry) -> None:
    """Undo what `forward` did before the point of no return."""
    source, target = f"{ctx.common_dir}/worktrees/{entry.admin}", trash.admin_path(ctx.store, entry.id)
    with ctx.store.worktrees_locked():
        if entry.admin and os.path.isdir(target) and not os.path.lexists(source):
            _rename(target, source)
    keeping.forget(ctx.common_dir, entry.id)
    delete_place(entry)
    discard(ctx, entry.id)


def make_room(ctx: Context, trash_id: str) -> None:
    """Make the directories of an id, so that nobody else takes it. Called under the registry lock."""
    for path in (ctx.store.trash_path(trash_id), f"{home_trash(ctx)}/{trash_id}"):
        files.make_directory(os.path.dirname(path), 0o700)  # a mode counts for the last directory alone
        files.make_directory(path, 0o700)


def discard(ctx: Context, trash_id: str) -> None:
    """Let go of a trash id: its entry, and its empty directory in the trash beside the worktrees."""
    with contextlib.suppress(OSError):
        os.rmdir(f"{home_trash(ctx)}/{trash_id}")  # not empty: then it is another repository's by now
    trash.discard(ctx.store, trash_id)


def write_journal(ctx: Context, entry: Entry) -> None:
    """Record the removal, once."""
    stage = None if entry.number == TASK else entry.number
    data = {"operation": entry.id, "branch": entry.branch, "tip": entry.tip}
    if entry.purpose == ABANDON:
        event = ctx.event("abandoned", stage, **data, kept=entry.abandoned)
    else:
        keeps = {} if stage is None else {"keeps": entry.keeps}
        event = ctx.event("removed", stage, **data, **keeps, purpose=entry.purpose)
    with ctx.store.locked():
        if not recorded(ctx, entry.task, entry.id):
            ctx.store.append(entry.key.group, entry.key.task, event)


def recorded(ctx: Context, task: Task, operation: str) -> bool:
    """Whether the journal has an event of that operation."""
    events = ctx.store.events(task.key.group, task.key.task)
    return any(event.data.get("operation") == operation for event in events)


def delete_place(entry: Entry) -> None:
    """Delete the directory in which the worktree's directory lies or would lie, and all that is in it."""
    holder = os.path.dirname(entry.place)
    above = os.path.basename(os.path.dirname(holder))
    # The path comes from a file: nothing but a directory that can only be ours is deleted because of it.
    if entry.place and os.path.basename(holder) == entry.id and above in (".trash", ".okstra-trash"):
        trash.delete_tree(holder)
        if above == ".okstra-trash":
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(holder))  # the last one out


def _place(ctx: Context, path: str, trash_id: str) -> str:
    """Where the directory goes: into the trash beside the worktrees if that is one file system, else beside itself."""
    beside = home_trash(ctx)
    try:
        same = os.stat(os.path.dirname(path)).st_dev == os.stat(beside).st_dev
    except OSError as error:
        raise files.cannot_write(path, error) from None
    return f"{beside}/{trash_id}/worktree" if same else _sibling(path, trash_id)


def _sibling(path: str, trash_id: str) -> str:
    return f"{os.path.dirname(path)}/.okstra-trash/{trash_id}/worktree"


def _move_directory(ctx: Context, entry: Entry) -> Entry:
    files.make_directory(os.path.dirname(entry.place), 0o700)
    try:
        files.rename(entry.path, entry.place)
    except OSError as error:
        other = _sibling(entry.path, entry.id)
        if error.errno != errno.EXDEV or other == entry.place:
            raise files.cannot_write(entry.path, error) from None
        # One device number, but two mounts of it: only beside itself it is sure to be on the same one.
        delete_place(entry)
        entry = replace(entry, place=other)
        trash.save(ctx.store, entry)
        return _move_directory(ctx, entry)
    return entry


def _take_branch(ctx: Context, entry: Entry) -> None:
    """Delete the branch if it is where the entry says; that of an abandoned stage moves to `refs/okstra/abandoned/`."""
    ref = f"refs/heads/{entry.branch}"
    now = refs.read(ctx.common_dir, ref)
    if entry.tip is None or now is None:
        return
    other = removable.checked_out(ctx, entry.branch, "")
    if now != entry.tip or other:
        why = f"is checked out in '{other}'" if other else f"moved to {now[:12]} meanwhile"
        ctx.note(f"the branch '{entry.branch}' {why}, so it is left where it is")
        return
    changes: list[tuple[str, str | None, str | None]] = [(ref, None, entry.tip)]
    if entry.abandoned and refs.read(ctx.common_dir, entry.abandoned) != entry.tip:
        changes.append((entry.abandoned, entry.tip, None))
    moving.update(ctx.common_dir, changes, f"okstra: {entry.purpose}")


def _free_ref(ctx: Context, branch: str) -> str:
    """A name below `refs/okstra/abandoned/` for the branch, that no other ref is or is in the way of."""
    taken = refs.listed(ctx.common_dir, ABANDONED)
    wanted = f"{ABANDONED}/{branch}"
    free, count = wanted, 1
    while any(name == free or name.startswith(f"{free}/") or free.startswith(f"{name}/") for name in taken):
        count += 1
        free = f"{ABANDONED}/{branch.replace('/', '-')}.{count}"
    return free


def _dot_git(path: str) -> str:
    data = files.read(f"{path}/.git") if path and os.path.isfile(f"{path}/.git") else None
    return os.fsdecode(data).rstrip("\n") if data else ""


def _rename(source: str, target: str) -> None:
    try:
        files.rename(source, target)
    except OSError as error:
        raise files.cannot_write(source, error) from None
