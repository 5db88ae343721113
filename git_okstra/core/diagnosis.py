"""What is wrong, judged from the evidence: the findings of `git okstra doctor` (specification, section 5).

Each finding says what it is, what that means, and what to type. A person's doing, such as switching a worktree to
another branch, is reported and left alone; what a running command is at work on is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from git_okstra.core import evidence, names, reconstruction, tasks
from git_okstra.core.evidence import Evidence, Registration, StoredTask, Unreadable
from git_okstra.core.names import TASK
from git_okstra.core.tasks import Reservation, TaskRecord

ERROR, WARNING, NOTE = "error", "warning", "note"

OLDEST_GIT = (2, 36)
"""`git worktree list -z` and `git hook run` came with it."""

TEMPORARY_AGE = 3600.0
"""Seconds after which a temporary file of a process that is gone is a leftover."""

LOCK_AGE = 60.0
"""Seconds after which something half made that nobody holds is taken for left behind."""

# code -> (severity, what it means in one line). The order is the manual's, that in which findings are listed, and that
# in which they are mended: what others are judged by comes first.
FINDINGS: dict[str, tuple[str, str]] = {
    "git-too-old": (ERROR, "the git on PATH is older than what is needed"),
    "no-locks": (ERROR, "the file system cannot lock files, so nothing keeps two commands apart"),
    "unsafe-home": (ERROR, "other users may change what git okstra relies on"),
    "newer-format": (ERROR, "a newer git okstra wrote the file; this one leaves it alone"),
    "bad-config": (ERROR, "most commands refuse to run until the settings are right"),
    "damaged-identity": (ERROR, "the store cannot say which project this is"),
    "damaged-project": (ERROR, "the registry cannot say which repositories share the project id"),
    "damaged-task": (ERROR, "no command can work on the task"),
    "damaged-record": (ERROR, "the registry cannot say who holds the task"),
    "damaged-plan": (ERROR, "the task has no plan that can be used"),
    "damaged-merge": (ERROR, "nobody can say which merge was under way"),
    "damaged-trust": (ERROR, "setup commands of the project will not run"),
    "damaged-trash": (WARNING, "the removed worktree cannot be restored by command; its files are still there"),
    "damaged-journal": (NOTE, "the lines are passed over; everything else in the journal counts"),
    "repository-moved": (ERROR, "the registry and the worktrees still point at the old place"),
    "repository-copied": (ERROR, "the copy believes that it holds what the original holds"),
    "half-made-worktree": (ERROR, "git stumbles over a worktree that was only half registered"),
    "reserving-stale": (WARNING, "the command that was opening it is gone"),
    "releasing-stale": (WARNING, "the command that was removing it or bringing it back is gone"),
    "held-elsewhere": (WARNING, "two repositories believe that they have the task; the registry decides"),
    "entry-missing": (ERROR, "others may take it, for the registry does not know that it is taken"),
    "worktree-unrecorded": (WARNING, "nobody holds the worktree, and no command will find it"),
    "worktree-moved": (ERROR, "the registry sends everybody to the old place"),
    "worktree-missing": (ERROR, "whoever holds it has no place to work"),
    "worktree-unlinked": (ERROR, "the files are there, but git does not know them as a worktree"),
    "path-taken": (ERROR, "something that is not ours stands where the worktree belongs"),
    "branch-missing": (ERROR, "its commits are on no branch, and git may drop them in time"),
    "branch-renamed": (WARNING, "the registry knows the branch by its old name only"),
    "branch-switched": (WARNING, "commits made there go to another branch"),
    "marker-missing": (WARNING, "commands and hooks do not recognise the worktree as ours"),
    "derived-stale": (WARNING, "'git okstra path' and the hooks read something that is out of date"),
    "dead-link": (WARNING, "the linked path leads nowhere"),
    "index-locked": (WARNING, "git refuses to change anything there"),
    "merge-left": (WARNING, "a merge was begun and not finished"),
    "leftover-temporary": (NOTE, "a write was cut short; the file it was for is whole"),
    "worktree-unheld": (NOTE, "its reservation was given back, so anybody may take it"),
    "repository-gone": (NOTE, "its tasks stay taken until somebody gives them back"),
    "unrecorded-elsewhere": (NOTE, "another repository has a worktree that the registry does not know"),
    "trash": (NOTE, "removed worktrees are kept until they are older than trash.keep"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `what` in one line, what it `means`, and the command (`hint`) that leads on.

    `subject` is the key or path it is about; `remedy` says what `--repair` would do, and is empty when it would leave
    it alone.
    """

    code: str
    severity: str
    what: str
    means: str
    hint: str
    repairable: bool
    subject: str
    remedy: str = ""


REPAIR = "git okstra doctor --repair"


def diagnose(found: Evidence) -> list[Finding]:
    """Everything that is wrong, in the order of `FINDINGS`, then by subject."""
    everything = [
        *_surroundings(found),
        *_files(found),
        *_repository(found),
        *_half_made(found),
        *_stored_tasks(found),
        *_leftovers(found),
        *_elsewhere(found),
    ]
    if found.standing == evidence.SAME:
        everything += [*_entries(found), *_unrecorded(found)]
    order = list(FINDINGS)
    return sorted(everything, key=lambda one: (order.index(one.code), one.subject))


def finding(code: str, subject: str, what: str, hint: str, remedy: str = "", severity: str = "") -> Finding:
    """The finding `code`, with its meaning from `FINDINGS`."""
    usual, means = FINDINGS[code]
    return Finding(code, severity or usual, what, means, hint, bool(remedy), subject, remedy)


# -- what we stand on


def _surroundings(found: Evidence) -> Iterator[Finding]:
    if found.git_version and found.git_version < OLDEST_GIT:
        is_now, needed = (".".join(map(str, version)) for version in (found.git_version, OLDEST_GIT))
        yield finding("git-too-old", "git", f"git is {is_now}; {needed} or newer is needed", "install a newer git")
    for path in found.lockless:
        hint = "put OKSTRA_HOME (or the repository) on a local file system"
        yield finding("no-locks", path, f"'{path}' is on a file system without flock", hint)
    for path, why in found.unsafe:
        hint = f"chmod go-w '{path}'" if "writable" in why else "set OKSTRA_HOME to a directory of your own"
        yield finding("unsafe-home", path, f"'{path}' is {why}", hint)


_SET_ASIDE = {
    "record": "set it aside and rebuild it from the store and git's worktrees",
    "project": "set it aside and rebuild it from the registry's records",
    "identity": "set it aside and take the project id from the registry",
    "task": "set it aside and rebuild it from the registry and the journal",
    "plan": "set it aside; the plan must then be imported and approved again",
    "trust": "set it aside; the commands must then be approved again",
}


def _files(found: Evidence) -> Iterator[Finding]:
    for one in found.unreadable:
        subject = one.key or one.path
        if one.newer:
            hint = "upgrade git okstra: python3 -m pip install --upgrade git-okstra"
            yield finding("newer-format", subject, one.why, hint)
        elif one.kind == "settings":
            yield finding("bad-config", subject, one.why, "git okstra help config (names every setting and its type)")
        elif one.kind == "record" and not one.known:
            hint = f"in the repository that has the task: {REPAIR}"
            yield finding("damaged-record", subject, one.why, hint)
        elif one.kind == "merge":
            yield finding(
                "damaged-merge", subject, one.why, f"git okstra merge --abort --task {subject.split('/')[-1]}"
            )
        elif one.kind == "trash":
            yield finding("damaged-trash", subject, one.why, f"look at what is left of it: ls '{one.path}'")
        else:
            yield finding(f"damaged-{one.kind}", subject, one.why, _file_hint(one), _SET_ASIDE[one.kind])
    for task in found.tasks:
        if task.damaged_lines:
            numbers = ", ".join(map(str, task.damaged_lines[:10]))
            what = f"the journal of {task.key} has lines that cannot be read: {numbers}"
            yield finding("damaged-journal", str(task.key), what, f"git okstra log --task {task.key.task}")


def _file_hint(one: Unreadable) -> str:
    return f"{REPAIR}\nthen: git okstra plan import FILE" if one.kind == "plan" else REPAIR


def _repository(found: Evidence) -> Iterator[Finding]:
    if found.standing == evidence.MOVED:
        what = f"the repository was at '{found.stood}' and is now at '{found.common_dir}'"
        remedy = "point registry, store and worktrees at the new place"
        yield finding("repository-moved", found.common_dir, what, REPAIR, remedy)
    elif found.standing == evidence.COPIED:
        what = f"the repository at '{found.common_dir}' is a copy of the one at '{found.stood}'"
        remedy = "give the copy an identity of its own and leave all tasks to the original"
        yield finding("repository-copied", found.common_dir, what, REPAIR, remedy)


_GONE = evidence.Place(evidence.NOTHING)


def _half_made(found: Evidence) -> Iterator[Finding]:
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
        hint = REPAIR if remedy else f"look at it: ls -la '{one.admin}' '{one.path}'"
        yield finding("half-made-worktree", one.admin, what, hint, remedy)


# -- registry entries


def _every(found: Evidence) -> Iterator[tuple[TaskRecord, Reservation]]:
    for record in found.records:
        for number, entry in sorted(record.reservations.items()):
            if (record.key, number) not in found.alive:
                yield record, entry


def _entries(found: Evidence) -> Iterator[Finding]:
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
        elif not entry.flat:
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
            "path-taken", subject, said, f"move it away: mv '{entry.path}' '{entry.path}.old'\nthen: {REPAIR}"
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
    hint = f"make its branch again: git branch '{entry.branch}' COMMIT\nthen: {REPAIR}"
    return finding("worktree-unlinked", subject, f"{said}, and its branch is gone", hint)


def _branch(
    found: Evidence, record: TaskRecord, entry: Reservation, here: Registration, subject: str, what: str
) -> Iterator[Finding]:
    on = "a detached HEAD" if here.branch is None else f"branch '{here.branch}'"
    switch = f"git -C '{entry.path}' switch '{entry.branch}'"
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
        hint += f"\nthen: git branch '{entry.branch}' COMMIT"
        yield finding("branch-missing", subject, said, hint)
    if here.branch != entry.branch:
        said = f"the worktree of {what} has {on} checked out instead of '{entry.branch}'"
        yield finding("branch-switched", subject, said, f"{REPAIR}\nthen: {switch}")


# -- the store


def _stored_tasks(found: Evidence) -> Iterator[Finding]:
    records = {record.key: record for record in found.records}
    damaged = {one.key for one in found.unreadable if one.kind == "record"}
    for task in found.tasks:
        if (task.key, TASK) in found.alive or str(task.key) in damaged:
            continue
        record = records.get(task.key)
        if found.standing != evidence.COPIED:
            if task.key in found.held_elsewhere:
                other = found.held_elsewhere[task.key]
                what = f"task {task.key} is held by the repository '{other}', and this one believes to have it too"
                yield finding("held-elsewhere", str(task.key), what, REPAIR, "leave it to the other repository")
                continue
            yield from _unreserved(found, task, record)
        yield from _derived(found, task, record)
        if task.merge == "left" and TASK in reconstruction.taken(task.events):
            yield _merge_left(task)


def _unreserved(found: Evidence, task: StoredTask, record: TaskRecord | None) -> Iterator[Finding]:
    for number in sorted(reconstruction.taken(task.events)):
        if (record is not None and record.reservation(number) is not None) or (task.key, number) in found.alive:
            continue
        subject = names.stage_key(task.key, number)
        what = f"the journal says that {subject} is taken, and the registry has no entry for it"
        rebuilt = reconstruction.rebuilt(found, task, number)
        remedy = "enter it again" if rebuilt else "note in the journal that it was given back: nothing is left of it"
        yield finding("entry-missing", subject, what, REPAIR, remedy)


def _derived(found: Evidence, task: StoredTask, record: TaskRecord | None) -> Iterator[Finding]:
    entries = record.reservations if record is not None else {}
    if any(entry.state != tasks.ACTIVE for entry in entries.values()):
        return  # what is under way, or left half way, comes first
    if any(number not in entries for number in reconstruction.taken(task.events)):
        return  # the list follows from what is entered again
    active = {number: entry.path for number, entry in entries.items()}
    subject = str(task.key)
    remedy = "write it again from the registry"
    if dict(task.paths or {}) != active or task.open != bool(active):
        yield finding("derived-stale", subject, f"the list of worktrees of {task.key} is out of date", REPAIR, remedy)
    elif any((task.key, entry.branch) not in found.indexed for entry in entries.values()):
        what = f"the registry's index of branches lacks one of {task.key}"
        yield finding("derived-stale", subject, what, REPAIR, remedy)


def _merge_left(task: StoredTask) -> Finding:
    if task.stopped:
        hint = f"resolve the conflicts, then: git okstra merge --continue --task {task.key.task}\n"
        hint += f"or give it up: git okstra merge --abort --task {task.key.task}"
        what = f"a merge into task {task.key} has stopped and waits for a person"
        return finding("merge-left", str(task.key), what, hint, severity=NOTE)
    what = f"a merge into task {task.key} was cut short"
    return finding("merge-left", str(task.key), what, f"git okstra merge --task {task.key.task}")


# -- worktrees that no entry names


def _unrecorded(found: Evidence) -> Iterator[Finding]:
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
    return f"{task.task.category} '{names.printable(task.task.id)}'" if task.task else f"CATEGORY {task.key.task}"


def _foreign_hint(one: Registration, directory: str) -> str:
    if one.branch is None:
        return f"look at it: git -C '{directory}' status; then: git worktree move '{directory}' ELSEWHERE"
    return f"keep it elsewhere: git worktree move '{directory}' ELSEWHERE"


# -- what was left behind, and what concerns others


def _leftovers(found: Evidence) -> Iterator[Finding]:
    for one in found.temporaries:
        holds_worktree = any(each.path.startswith(f"{one.path}/") for each in found.registrations)
        if not one.used and one.age >= TEMPORARY_AGE and not holds_worktree:
            what = f"'{one.path}' is a temporary file that a killed command left"
            yield finding("leftover-temporary", one.path, what, REPAIR, "move it out of the way")
    for one in found.index_locks:
        if not one.used and one.age >= LOCK_AGE:
            what = f"'{one.path}' is there, and no git is at work"
            hint = f"when you are sure that no git works there: mv '{one.path}' '{one.path}.old'"
            yield finding("index-locked", one.path, what, hint)
    for link in found.dead_links:
        where = f"{link.worktree}/{link.name}"
        what = f"the link '{where}' leads to '{link.target}', which is not there"
        remedy = "point it at the main worktree" if link.mendable else ""
        hint = REPAIR if remedy else f"make what it leads to, or take the link away: unlink '{where}'"
        yield finding("dead-link", where, what, hint, remedy)
    if found.trash.count:
        old = f", {len(found.trash.expired)} older than trash.keep" if found.trash.expired else ""
        plural = "y" if found.trash.count == 1 else "ies"
        what = f"the trash has {found.trash.count} entr{plural}, {readable_size(found.trash.size)}{old}"
        yield finding("trash", "trash", what, "git okstra prune" if old else "see it: git okstra restore")


def _elsewhere(found: Evidence) -> Iterator[Finding]:
    for one in found.elsewhere:
        if one.gone:
            what = f"{one.key} is held by the repository '{one.repository}', which does not exist any more"
            hint = f"if it was moved, in its new place: {REPAIR}\n"
            hint += f"if it is gone for good, give its tasks back: mv '{one.path}' '{one.path}.released'"
            yield finding("repository-gone", one.key, what, hint)
        else:
            what = f"the worktree '{one.path}' of the repository '{one.repository}' has no entry"
            yield finding("unrecorded-elsewhere", one.path, what, f"git -C '{one.path}' okstra doctor --repair")


def readable_size(size: int) -> str:
    """A number of bytes as people write it: `512 bytes`, `3.4 MiB`."""
    if size < 1024:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("KiB", "MiB", "GiB"):
        amount /= 1024
        if amount < 1024:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1024:.1f} TiB"


def is_clean(findings: list[Finding]) -> bool:
    """Whether nothing is there but notes."""
    return all(one.severity == NOTE for one in findings)
