"""What is wrong with worktrees and their branches, by the registry, by git and by our marks.

A person's doing, such as switching a worktree to another branch, is reported and left alone; what a running command is
at work on is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from git_okstra.core import evidence, names, reconstruction, tasks
from git_okstra.core.evidence import Evidence, Registration, StoredTask
from git_okstra.core.findings import LOCK_AGE, REPAIR, Finding, finding
from git_okstra.core.names import TASK
from git_okstra.core.tasks import Reservation, TaskRecord

_GONE = evidence.Place(evidence.NOTHING)


def half_made(found: Evidence) -> Iterator[Finding]:
    """git's directories of worktrees that lack what git needs."""
    for one in found.registrations:
        entry = entry_of(found, one)
        if not one.missing or (entry is not None and entry.state != tasks.ACTIVE):
            continue  # what is under way, or left half way, comes first
        if entry is None and one.marker is None and one.age < LOCK_AGE:
            continue  # a git may be at it
        what = f"'{one.admin}' lacks {', '.join(one.missing)}"
        if entry is not None:
            remedy = "write what is missing; everything else in it stays"
        elif not one.has_index and found.places.get(one.path, _GONE).kind == evidence.NOTHING:
            remedy = "move it out of git's way, into the store"
        else:
            remedy = ""
        hint = REPAIR if remedy else f"look at it: ls -la {names.quoted(one.admin)} {names.quoted(one.path)}"
        yield finding("half-made-worktree", one.admin, what, hint, remedy)


# -- registry entries


def _every(found: Evidence) -> Iterator[tuple[TaskRecord, Reservation]]:
    for record in found.records:
        for number, entry in sorted(record.reservations.items()):
            if (record.key, number) not in found.alive:
                yield record, entry


def entries(found: Evidence) -> Iterator[Finding]:
    """What does not agree with a reservation."""
    for record, entry in _every(found):
        subject = names.stage_key(record.key, entry.number)
        what = tasks.describe(record, entry.number)
        if entry.state == tasks.RESERVING:
            said = f"{what} was being opened by {entry.owner} (process {entry.pid}), which is gone"
            remedy = "finish opening it, or take the reservation back when nothing was made"
            yield finding("reserving-stale", subject, said, REPAIR, remedy)
        elif entry.state == tasks.RELEASING:
            doing = "brought back" if entry.purpose == "restore" else "removed"
            said = f"{what} was being {doing} by {entry.owner} (process {entry.pid}), which is gone"
            yield finding("releasing-stale", subject, said, REPAIR, "finish that, or take it back")
        elif entry.former:
            said = f"{what} was taken over by {entry.owner} from {entry.former}, and the command was cut short"
            yield finding("takeover-unjournaled", subject, said, REPAIR, "note in the journal that it was taken over")
        if entry.state == tasks.ACTIVE and not entry.flat:
            yield from _active(found, record, entry, subject, what)


def _active(found: Evidence, record: TaskRecord, entry: Reservation, subject: str, what: str) -> Iterator[Finding]:
    mark = (record.key.group, record.key.task, entry.number)
    place = found.places[entry.path]
    at_path = next((one for one in found.registrations if place.admin and one.admin == place.admin), None)
    elsewhere = whereabouts(found, record, entry)
    if elsewhere is not None:
        said = f"the worktree of {what} is at '{elsewhere[1]}' and not at '{entry.path}'"
        yield finding("worktree-moved", subject, said, REPAIR, "record where it is now")
    elif at_path is not None and _is_anothers(at_path, entry, mark):
        yield _unlinked(found, record, entry, subject, what)
    elif place.kind == evidence.FOREIGN or (at_path and at_path.marker not in (None, mark)):
        said = f"at '{entry.path}', where {what} has its worktree, is something else"
        yield finding(
            "path-taken",
            subject,
            said,
            f"move it away: {names.move_aside(entry.path)}\nthen: {REPAIR}",
        )
    elif place.kind == evidence.UNLINKED:
        yield _unlinked(found, record, entry, subject, what)
    elif place.kind == evidence.NOTHING:
        yield _missing(found, record, entry, subject, what)
    elif at_path is not None and at_path.missing:
        return  # half made, which is a finding of its own
    elif at_path is not None and at_path.path != entry.path:
        said = f"git believes the worktree of {what}, which is at '{entry.path}', to be at '{at_path.path}'"
        yield finding("worktree-unlinked", subject, said, REPAIR, "tell git where it is")
    elif at_path is not None:
        yield from _branch(found, record, entry, at_path, subject, what)
        if at_path.marker is None:
            said = f"the worktree of {what} at '{entry.path}' has lost its mark"
            yield finding("marker-missing", subject, said, REPAIR, "mark it again")


def _is_anothers(registration: Registration, entry: Reservation, mark: tuple[str, str, int]) -> bool:
    """Whether the directory at the entry's path points at what git has since given to another worktree."""
    elsewhere = registration.here and registration.path != entry.path
    return elsewhere and (registration.marker not in (None, mark) or registration.branch != entry.branch)


def whereabouts(found: Evidence, record: TaskRecord, entry: Reservation) -> tuple[Registration, str] | None:
    """The registration and directory of the worktree of `entry` when it is not where the registry says; else None.

    Known by our mark, or by its branch when nothing is left at its place.
    """
    mark = (record.key.group, record.key.task, entry.number)
    marked = [one for one in found.registrations if one.marker == mark]
    if found.places[entry.path].kind == evidence.NOTHING:
        marked += [one for one in found.registrations if one.marker is None and one.branch == entry.branch]
    for one in marked:
        directory = one.path if one.here else one.found
        if directory and directory != entry.path and one.admin != found.places[entry.path].admin:
            return one, directory
    return None


def entry_of(found: Evidence, registration: Registration) -> Reservation | None:
    """The reservation whose worktree it is, by its path or by what points at it."""
    for record in found.records:
        for entry in record.reservations.values():
            place = found.places.get(entry.path, _GONE)
            if not entry.flat and (entry.path == registration.path or place.admin == registration.admin):
                return entry
    return None


def registration_of(found: Evidence, entry: Reservation) -> Registration | None:
    """What git still has of a worktree whose directory at `entry.path` is gone, or does not point back."""
    return next((one for one in found.registrations if one.path == entry.path and not one.here), None)


def _missing(found: Evidence, record: TaskRecord, entry: Reservation, subject: str, what: str) -> Finding:
    said = f"the worktree of {what} at '{entry.path}' is gone"
    registered = registration_of(found, entry)
    if registered is None:
        said += ", and git has forgotten it"
    if entry.in_place:
        remedy = "give its reservation back; the worktree was not made by git okstra"
    elif entry.branch in found.branches:
        staged = " from its index" if registered and registered.has_index else ""
        remedy = f"make it again on branch '{entry.branch}'{staged}; files that were not added to git cannot come back"
    elif registered is not None and (record.key, entry.number) in found.lost:
        remedy = f"make branch '{entry.branch}' and the worktree again"
    else:
        remedy = "give its reservation back, for its branch is gone too"
    return finding("worktree-missing", subject, said, REPAIR, remedy)


def _unlinked(found: Evidence, record: TaskRecord, entry: Reservation, subject: str, what: str) -> Finding:
    said = f"'{entry.path}', the worktree of {what}, is not linked to the repository any more"
    if registration_of(found, entry) is not None:
        return finding("worktree-unlinked", subject, said, REPAIR, "link it again")
    if entry.branch in found.branches or (record.key, entry.number) in found.lost:
        remedy = f"register it again on branch '{entry.branch}', the files as they are"
        return finding("worktree-unlinked", subject, said, REPAIR, remedy)
    hint = f"make its branch again: git branch {names.quoted(entry.branch)} COMMIT\nthen: {REPAIR}"
    return finding("worktree-unlinked", subject, f"{said}, and its branch is gone", hint)


def _branch(
    found: Evidence, record: TaskRecord, entry: Reservation, here: Registration, subject: str, what: str
) -> Iterator[Finding]:
    on = "a detached HEAD" if here.branch is None else f"branch '{here.branch}'"
    switch = f"git -C {names.quoted(entry.path)} switch {names.quoted(entry.branch)}"
    if entry.branch in found.branches:
        if here.branch != entry.branch:
            said = f"the worktree of {what} has {on} checked out instead of '{entry.branch}'"
            yield finding("branch-switched", subject, said, switch)
        return
    renamed = reconstruction.renamed_to(entry.branch, here.log)
    if renamed is not None and renamed in found.branches:
        said = f"the branch '{entry.branch}' of {what} was renamed to '{renamed}'"
        yield finding("branch-renamed", subject, said, f"git branch -m '{renamed}' '{entry.branch}'")
        return
    lost = found.lost.get((record.key, entry.number))
    said = f"the branch '{entry.branch}' of {what} is gone"
    if lost is not None:
        yield finding("branch-missing", subject, said, REPAIR, f"make it again at {lost[:12]}, the last commit known")
    else:
        said += ", and no record is left of the commit it was at"
        hint = f"it started at {entry.base[:12]}; look for later commits: git fsck --lost-found"
        hint += f"\nthen: git branch {names.quoted(entry.branch)} COMMIT"
        yield finding("branch-missing", subject, said, hint)
    if here.branch != entry.branch:
        said = f"the worktree of {what} has {on} checked out instead of '{entry.branch}'"
        yield finding("branch-switched", subject, said, f"{REPAIR}\nthen: {switch}")


# -- worktrees that no entry names


def unrecorded(found: Evidence) -> Iterator[Finding]:
    """Worktrees of ours that no reservation is for."""
    recorded = {entry.path for record in found.records for entry in record.reservations.values()}
    recorded |= {place[1] for record, entry in _every(found) if (place := whereabouts(found, record, entry))}
    marks = {(record.key.group, record.key.task, number) for record in found.records for number in record.reservations}
    stored = {(task.key.group, task.key.task): task for task in found.tasks}
    busy = {(key.group, key.task, number) for key, number in found.alive}
    for one in found.registrations:
        directory = one.path if one.here else one.found
        mark = one.marker or reconstruction.mark_by_branch(found, one)
        if not directory or directory in recorded or mark in marks or mark in busy or one.missing:
            continue
        if mark is None:
            if directory.startswith(f"{found.home}/worktrees/"):
                what = f"nobody knows the worktree '{directory}', which lies among those of git okstra"
                yield finding("worktree-unrecorded", directory, what, _foreign_hint(one, directory))
            continue
        task = stored.get(mark[:2])
        if task is None:
            if one.marker is not None:
                what = f"the worktree '{directory}' is marked as {mark[0]}/{mark[1]}, which the store does not know"
                yield finding("worktree-unrecorded", directory, what, _foreign_hint(one, directory))
        elif mark[2] in reconstruction.given_back(task.events):
            again = "start" if mark[2] == TASK else "stage"
            what = f"nobody holds the worktree '{directory}' of {names.stage_key(task.key, mark[2])}"
            hint = f"take it again: git okstra {again} {_argument(task, mark[2])}"
            yield finding("worktree-unheld", directory, what, hint)
        elif mark[2] not in reconstruction.taken(task.events) and one.marker is not None and task.task is not None:
            what = f"the worktree '{directory}' of {names.stage_key(task.key, mark[2])} has no entry in the registry"
            yield finding("worktree-unrecorded", directory, what, REPAIR, "enter it")


def _argument(task: StoredTask, number: int) -> str:
    if number != TASK:
        return f"{number} --task {task.key.task}"
    return f"{task.task.category} {names.quoted(task.task.id)}" if task.task else f"CATEGORY {task.key.task}"


def _foreign_hint(one: Registration, directory: str) -> str:
    move = f"git worktree move {names.quoted(directory)} ELSEWHERE"
    if one.branch is None:
        return f"look at it: git -C {names.quoted(directory)} status; then: {move}"
    return f"keep it elsewhere: {move}"
