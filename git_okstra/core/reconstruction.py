"""What must have stood in a record that is damaged or lost, told from the journal, the worktrees and the branches.

Nothing is guessed: an owner, base or branch comes from the event that recorded it, a path from git's own registration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from git_okstra.core import evidence, journal, names, tasks
from git_okstra.core.evidence import Evidence, LogLine, Registration, StoredTask
from git_okstra.core.journal import Event
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, Task, TaskRecord

_TAKES = ("task-started", "started", "restored")
_GIVES_BACK = (journal.RELEASED, journal.REMOVED, "abandoned")


def taken(events: Iterable[Event]) -> dict[int, Event]:
    """The stages (`names.TASK` for the task) that the journal says are taken, each with the event that began it."""
    began, last = _claims(events)
    return {number: began[number] for number, verb in sorted(last.items()) if verb in _TAKES and number in began}


def begun(events: Iterable[Event]) -> frozenset[int]:
    """The stages (`names.TASK` for the task) whose beginning is in the journal, whatever became of them since.

    Who takes one that was released journals no other beginning.
    """
    return frozenset(_claims(events)[0])


def given_back(events: Iterable[Event]) -> frozenset[int]:
    """The stages (`names.TASK` for the task) that were released last and not taken again; worktree and branch stay."""
    _, last = _claims(events)
    return frozenset(number for number, verb in last.items() if verb == journal.RELEASED)


def _claims(events: Iterable[Event]) -> tuple[dict[int, Event], dict[int, str]]:
    """By stage: the event that last began it, and the last verb that took it or gave it back."""
    began: dict[int, Event] = {}
    last: dict[int, str] = {}
    for event in events:
        number = TASK if event.stage is None else event.stage
        if event.event == "task-started" and last.get(TASK) != journal.RELEASED:
            began, last = {}, {}  # a new beginning (see journal.fold)
        if event.event in ("task-started", "started"):
            began[number] = event
        if event.event in (*_TAKES, *_GIVES_BACK):
            last[number] = event.event
    return began, last


def recorded_head(events: Sequence[Event], number: int) -> str | None:
    """The last commit that the journal saw the branch at: a stage's when it was done, the task's after a merge."""
    verbs, name = (("merged",), "commit") if number == TASK else (("done", "reopened"), "head")
    for event in reversed(events):
        if event.event in verbs and (number in (TASK, event.stage)) and (head := _text(event, name)):
            return head
    return None


def rebuilt(found: Evidence, stored: StoredTask, number: int) -> Reservation | None:
    """The reservation that the registry lacks; None when nothing is left that it could be for.

    One whose worktree bears our mark while the journal does not know of it yet comes back as `reserving`.
    """
    task, event = stored.task, taken(stored.events).get(number)
    if task is None:
        return None
    flat = event is not None and event.data.get("flat") is True
    branch = _text(event, "branch") or (task.branch if flat else names.branch(task.branch, number))
    usual = names.worktree_path(found.home, task.key, TASK if flat else number)
    mark = (task.key.group, task.key.task, TASK if flat else number)
    registration = _registration(found.registrations, mark, branch)
    if registration is None or not (directory := _directory(registration)):
        present = found.places.get(usual, evidence.Place(evidence.NOTHING)).kind in (evidence.LINKED, evidence.UNLINKED)
        if event is None or task.in_place or not (present or branch in found.branches):
            return None
        directory = usual
    stage = journal.fold(stored.events).stage(number)
    return Reservation(
        number,
        tasks.ACTIVE if event is not None else tasks.RESERVING,
        owner=(stage.owner or event.owner) if event else "unknown",
        branch=branch,
        path=directory,
        base=_text(event, "base") or (found.branches.get(branch) if event is None else None) or task.base_commit,
        since=event.time if event else task.since,
        pid=0,
        pid_start=0,
        in_place=task.in_place,
        flat=flat,
        generation=stage.generation,
    )


def rebuilt_record(found: Evidence, stored: StoredTask) -> TaskRecord | None:
    """The whole record of a task whose own cannot be read; None when nothing of it is taken."""
    if stored.task is None:
        return None
    marks = {one.marker[2] for one in found.registrations if one.marker and one.marker[:2] == stored.key[1:]}
    numbers = set(taken(stored.events)) | (marks - given_back(stored.events))
    entries = {number: entry for number in sorted(numbers) if (entry := rebuilt(found, stored, number)) is not None}
    if not entries:
        return None
    task = stored.task
    return TaskRecord(task.key, task.id, task.category, task.branch, found.common_dir, entries)


def rebuilt_task(
    key: TaskKey, salvaged: Mapping[str, Any], record: TaskRecord | None, events: Sequence[Event]
) -> Task | None:
    """The task whose file cannot be read: from what of it still could be (`salvaged`), else record and journal.

    None when nothing says its branch or where it started.
    """
    start = next((event for event in reversed(events) if event.event == "task-started"), None)
    base = salvaged.get("base")
    base = base if isinstance(base, Mapping) else {}
    own = record.reservation(TASK) if record else None
    category = _word(salvaged, "category") or (record.category if record else _text(start, "category"))
    branch = _word(salvaged, "branch") or (record.branch if record else _text(start, "branch"))
    commit = _word(base, "commit") or _text(start, "base") or (own.base if own else None)
    if not category or not branch or not commit:
        return None
    lifecycle = _word(salvaged, "lifecycle") or _text(start, "lifecycle") or "light"
    first = "requirements-discovery" if lifecycle == "full" else "implementation"
    return Task(
        key,
        id=_word(salvaged, "id") or (record.id if record else key.task),
        category=category,
        branch=branch,
        base_ref=_word(base, "ref") or _text(start, "base_ref") or commit,
        base_commit=commit,
        since=_word(salvaged, "since") or (start.time if start else own.since if own else ""),
        title=_word(salvaged, "title") or "",
        lifecycle=lifecycle,
        phase=_phase(events) or _word(salvaged, "phase") or first,
        anchor=_word(salvaged, "anchor") or _anchor(events) or _first_base(record),
        in_place=own.in_place if own else salvaged.get("in_place") is True,
        links=tuple(link for link in salvaged.get("links", ()) if isinstance(link, str)),
    )


def moved_record(record: TaskRecord, common_dir: str) -> TaskRecord:
    """The record of a repository that is at `common_dir` now."""
    return replace(record, repository=common_dir)


def mark_by_branch(found: Evidence, registration: Registration) -> tuple[str, str, int] | None:
    """The mark that a worktree without one should bear: it lies among ours and has the branch of a task or stage."""
    directory = _directory(registration)
    if not directory.startswith(f"{found.home}/worktrees/") or registration.branch is None:
        return None
    for stored in found.tasks:
        if stored.task is None:
            continue
        for number in {TASK, *stored.history.stages}:
            if names.branch(stored.task.branch, number) == registration.branch:
                return (stored.key.group, stored.key.task, number)
    return None


def last_commit(branch: str, log: Sequence[LogLine]) -> str | None:
    """The commit that `branch` was last at, by the HEAD reflog of the worktree that was made for it."""
    tip: str | None = None
    on: str | None = branch
    for line in log:
        left, came_to = _moves(line.why)
        if left is not None:
            if left == branch and _is_commit(line.old):
                tip = line.old
            on = came_to
        if on == branch and _is_commit(line.new):
            tip = line.new
    return tip


def renamed_to(branch: str, log: Sequence[LogLine]) -> str | None:
    """The name that `branch` was given while it was checked out, by the HEAD reflog; None when it was not renamed."""
    name = branch
    for line in log:
        old, new = _renames(line.why)
        if old == name and new is not None:
            name = new
    return None if name == branch else name


def _moves(why: str) -> tuple[str | None, str | None]:
    """The branch that HEAD left and the one it came to, from `checkout: moving from A to B` or a renaming."""
    if why.startswith("checkout: moving from "):
        left, to, came_to = why.removeprefix("checkout: moving from ").rpartition(" to ")
        return (left, came_to) if to else (None, None)
    old, new = _renames(why)
    return (None, None) if old is None else ("", new)


def _renames(why: str) -> tuple[str | None, str | None]:
    if not why.startswith("Branch: renamed refs/heads/"):
        return None, None
    old, to, new = why.removeprefix("Branch: renamed refs/heads/").partition(" to refs/heads/")
    return (old, new) if to else (None, None)


def _registration(
    registrations: Iterable[Registration], mark: tuple[str, str, int], branch: str
) -> Registration | None:
    by_branch = None
    for one in registrations:
        if one.marker == mark:
            return one
        if one.marker is None and one.branch == branch:
            by_branch = one
    return by_branch


def _directory(registration: Registration) -> str:
    return registration.path if registration.here else registration.found


def _anchor(events: Sequence[Event]) -> str | None:
    """The anchor: what the first stage started from, for the first to be opened depends on nothing."""
    first: str | None = None
    for event in events:
        if event.event == "task-started":
            first = None
        elif event.event == "started" and first is None:
            first = _text(event, "base")
    return first


def _first_base(record: TaskRecord | None) -> str | None:
    """The same from the registry: the base of the stage that was reserved first."""
    stages = [entry for number, entry in (record.reservations.items() if record else ()) if number != TASK]
    return min(stages, key=lambda entry: (entry.since, entry.number)).base if stages else None


def _phase(events: Sequence[Event]) -> str | None:
    return next((_text(event, "to") for event in reversed(events) if event.event == "phase"), None)


def _text(event: Event | None, name: str) -> str | None:
    return _word(event.data, name) if event is not None else None


def _word(table: Mapping[str, Any], name: str) -> str | None:
    value = table.get(name)
    return value if isinstance(value, str) and value else None


def _is_commit(object_id: str) -> bool:
    return bool(object_id.strip("0"))
