"""What is wrong, judged from the evidence: the findings of `git okstra doctor` (specification, section 5).

Each finding says what it is, what that means, and what to type. `findings` is the catalogue, `worktree_diagnosis` has
the rules about worktrees and branches; the others are here.
"""

from __future__ import annotations

from collections.abc import Iterator

from git_okstra.core import evidence, names, reconstruction, settings, tasks, worktree_diagnosis
from git_okstra.core.evidence import Evidence, StoredTask, Unreadable
from git_okstra.core.findings import (
    FINDINGS,
    LARGE,
    LOCK_AGE,
    NOTE,
    OLDEST_GIT,
    REPAIR,
    TEMPORARY_AGE,
    Finding,
    finding,
)
from git_okstra.core.names import TASK
from git_okstra.core.tasks import TaskRecord

__all__ = ["Finding", "diagnose", "readable_size"]


def diagnose(found: Evidence) -> list[Finding]:
    """Everything that is wrong, in the order of `FINDINGS`, then by subject."""
    everything = [
        *_surroundings(found),
        *_files(found),
        *_repository(found),
        *worktree_diagnosis.half_made(found),
        *_stored_tasks(found),
        *_unplanned(found),
        *_unknown_tasks(found),
        *_hooks(found),
        *_leftovers(found),
        *_elsewhere(found),
    ]
    if found.standing == evidence.SAME:
        everything += [*worktree_diagnosis.entries(found), *worktree_diagnosis.unrecorded(found)]
    order = list(FINDINGS)
    return sorted(everything, key=lambda one: (order.index(one.code), one.subject))


# -- what we stand on


def made_safe(path: str, why: str) -> str:
    """What makes a directory of ours safe from others, when it is not because of `why`."""
    return f"chmod go-w {names.quoted(path)}" if "writable" in why else "set OKSTRA_HOME to a directory of your own"


def _surroundings(found: Evidence) -> Iterator[Finding]:
    if found.git_version and found.git_version < OLDEST_GIT:
        is_now, needed = (".".join(map(str, version)) for version in (found.git_version, OLDEST_GIT))
        yield finding("git-too-old", "git", f"git is {is_now}; {needed} or newer is needed", "install a newer git")
    for path in found.lockless:
        hint = "put OKSTRA_HOME (or the repository) on a local file system"
        yield finding("no-locks", path, f"'{path}' is on a file system without flock", hint)
    for path, why in found.unsafe:
        yield finding("unsafe-home", path, f"'{path}' is {why}", made_safe(path, why))
    if found.around:
        what = f"the directory of git okstra, '{found.home}', lies in the worktree '{found.around}' of this repository"
        hint = "choose one outside of it for what is started from now on: OKSTRA_HOME=DIR git okstra …"
        yield finding("home-inside", found.home, what, hint)
    if found.configured:
        what = f"project.id is '{found.configured}', and this repository goes by '{found.project}'"
        hint = "see where it is set: git okstra config get project.id --scope all"
        yield finding("project-id-unused", "project.id", what, hint)
    if found.ungraphed >= LARGE:
        what = f"the repository is large ({found.ungraphed:,} packed objects), and git keeps no commit-graph of it"
        hint = "git commit-graph write --reachable\nand have fetch keep it up: git config fetch.writeCommitGraph true"
        yield finding("no-commit-graph", "commit-graph", what, hint)


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
            yield finding("bad-config", subject, one.why, settings.HINT)
        elif one.kind == "record" and not one.known:
            hint = f"in the repository that has the task: {REPAIR}\n"
            hint += f"if none has it: {names.move_aside(one.path, '.damaged')}"
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


# -- hooks


def _hooks(found: Evidence) -> Iterator[Finding]:
    for one in found.hooks_off:
        code = "hooks-overwritten" if one.overwritten else "hooks-missing"
        why = "runs another hook" if one.overwritten else "runs no hook of ours"
        what = f"'{one.worktree}' {why} on {', '.join(one.events)}"
        remedy = "install ours again; every other hook keeps running"
        yield finding(code, one.worktree, what, "see what runs: git okstra hooks status\n" + REPAIR, remedy)
    for moved in found.unjudged:
        what = f"'{moved.branch}' was moved past the hooks: [{moved.rule}] {moved.what}"
        yield finding("branch-unjudged", moved.branch, what, moved.hint)


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
            yield from _unjournaled(found, task, record)
        yield from _derived(found, task, record)
        if task.merge == "left" and TASK in reconstruction.taken(task.events):
            yield _merge_left(task)
        if task.handoff_left:
            hint = f"go on with it: git okstra handoff --task {task.key.task}\n"
            hint += f"or give it up: git okstra handoff --action skip --task {task.key.task}"
            yield finding("handoff-left", str(task.key), f"the hand-off of task {task.key} was cut short", hint)


def _unreserved(found: Evidence, task: StoredTask, record: TaskRecord | None) -> Iterator[Finding]:
    for number in sorted(reconstruction.taken(task.events)):
        if (record is not None and record.reservation(number) is not None) or (task.key, number) in found.alive:
            continue
        subject = names.stage_key(task.key, number)
        what = f"the journal says that {subject} is taken, and the registry has no entry for it"
        rebuilt = reconstruction.rebuilt(found, task, number)
        remedy = "enter it again" if rebuilt else "note in the journal that it was given back: nothing is left of it"
        yield finding("entry-missing", subject, what, REPAIR, remedy)


def _unjournaled(found: Evidence, task: StoredTask, record: TaskRecord | None) -> Iterator[Finding]:
    begun = reconstruction.begun(task.events)
    for number, entry in sorted(record.reservations.items() if record is not None else ()):
        if number in begun or entry.state != tasks.ACTIVE or (task.key, number) in found.alive:
            continue
        subject = names.stage_key(task.key, number)
        what = f"{subject} is taken, and the journal does not say that it was begun"
        remedy = "journal its beginning again; what else the journal said of it cannot be known again"
        yield finding("journal-incomplete", subject, what, REPAIR, remedy)


def _unplanned(found: Evidence) -> Iterator[Finding]:
    for key, number in found.unplanned:
        if (key, number) not in found.alive:
            subject = names.stage_key(key, number)
            hint = f"put it back into the plan: git okstra plan edit --task {key.task}\n"
            hint += f"or have it removed: git okstra remove {number} --task {key.task}"
            yield finding("stage-unplanned", subject, f"{subject} is held, and its task's plan has no such stage", hint)


def _unknown_tasks(found: Evidence) -> Iterator[Finding]:
    known = {task.key for task in found.tasks if task.task is not None or task.unreadable}
    for record in found.records:
        own = record.reservation(TASK)
        settled = own is None or own.state == tasks.ACTIVE
        if record.key not in known and settled and (record.key, TASK) not in found.alive:
            what = f"the store does not know task {record.key}, which the registry says is taken here"
            remedy = "write it again from the registry; its plan and what its journal said cannot come back"
            yield finding("task-missing", str(record.key), what, f"{REPAIR}\nthen: git okstra plan import FILE", remedy)


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
            hint = f"when you are sure that no git works there: {names.move_aside(one.path)}"
            yield finding("index-locked", one.path, what, hint)
    for link in found.dead_links:
        where = f"{link.worktree}/{link.name}"
        what = f"the link '{where}' leads to '{link.target}', which is not there"
        remedy = "point it at the main worktree" if link.mendable else ""
        hint = REPAIR if remedy else f"make what it leads to, or take the link away: unlink {names.quoted(where)}"
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
            hint += f"if it is gone for good, give its tasks back: {names.move_aside(one.path, '.released')}"
            yield finding("repository-gone", one.key, what, hint)
        else:
            what = f"the worktree '{one.path}' of the repository '{one.repository}' has no entry"
            yield finding(
                "unrecorded-elsewhere", one.path, what, f"git -C {names.quoted(one.path)} okstra doctor --repair"
            )


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
