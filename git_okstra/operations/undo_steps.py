"""The steps of an undo on one task: reservations, branches, journal and records, in that order.

Each is what to say and what to do. What speaks against one is added to the reasons.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Protocol

from git_okstra.core import journal, names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import changes, checkout, refs, repository, unfinished, worktrees
from git_okstra.operations import abandon, claiming, moving, provisioning, release, releasing, remove, restore
from git_okstra.operations.context import Context
from git_okstra.operations.targets import Target
from git_okstra.operations.undo_facts import Facts
from git_okstra.state import files
from git_okstra.state.operation_log import Entry


class Against(Protocol):
    """Where what speaks against a step goes, and what can be done about it."""

    reasons: list[str]
    hints: list[str]

    @property
    def resumed(self) -> bool:
        """Whether an undo that was cut short is gone on with."""


Steps = list[tuple[str, Callable[[], object]]]
PHYSICAL = ("task-started", "started", "restored", "removed", "abandoned", "released")
"""Events of what is answered by an operation of its own: a removal by a restoration."""
_TAKEN = ("removed", "abandoned")
_ANSWERS = (*_TAKEN, "restored", "released")
"""Events that the steps of an undo write."""


def reservations(ctx: Context, entry: Entry, facts: Facts, against: Against) -> tuple[Steps, set[str]]:
    """Worktrees and reservations as they were, and the kinds of physical events that are to be void for that."""
    before, after = facts.held("before"), facts.held("after")
    record = ctx.registry.record(facts.task.key)
    present = set(record.reservations) if record is not None else set()
    active = {number for number in present if record and record.reservations[number].state == tasks.ACTIVE}
    # An undo that was cut short may have left one half done: the operation that is run again finishes it.
    half = present - active if against.resumed else set()
    steps: Steps = []
    void: set[str] = set()
    for number in sorted(set(after) - set(before), reverse=True):
        if number in present:
            steps.append(_give_back(ctx, entry, facts, after[number], void, None if number in half else against))
    for number in sorted(set(before) - set(after)):
        if number not in active:
            steps.append(_take_again(ctx, facts, before[number], void, None if number in half else against))
    for number in sorted(set(before) & set(after) & present):
        if before[number].base != after[number].base:
            said = f"have {tasks.called(facts.task.id, number)} stand on {before[number].base[:12]} again"
            steps.append((said, functools.partial(_base, ctx, facts.task, before[number])))
    return steps, void


def _base(ctx: Context, task: Task, before: Reservation) -> None:
    """Undo bringing up to date: the reservation names the base that it had."""
    with ctx.registry.locked():
        record = ctx.registry.record(task.key)
        present = record.reservation(before.number) if record is not None else None
        if record is not None and present is not None:
            claiming.save(ctx, claiming.with_reservation(record, replace(present, base=before.base)))


def _give_back(
    ctx: Context, entry: Entry, facts: Facts, taken: Reservation, void: set[str], against: Against | None
) -> tuple[str, Callable[[], object]]:
    """Undo taking: the worktree goes to the trash, unless its branch was there before; then it is released."""
    task, number = facts.task, taken.number
    target, what = Target(task, number), tasks.called(task.id, number)
    begun = str(number) in facts.change.before.get("reservations", {})
    there = not begun and f"refs/heads/{taken.branch}" in facts.change.before.get("refs", {})
    anew = any(event.event == "task-started" for event in facts.events)
    if number == TASK and anew and facts.change.before.get("journal"):
        void.add("task-started")  # it had begun a life of its own, with none of the stages of the one before
    if number == TASK and "--adopt" in entry.command and against:
        against.reasons.append(f"the branch '{taken.branch}' was there before the task")
        against.hints.append(f"leave it where it is: git okstra release {task.key.task}")
    act: Callable[..., object]
    if there and not taken.flat and not taken.in_place:
        void.update(("started", "task-started"))
        act, said = functools.partial(release.release, ctx, target), f"release {what}"
    elif number != TASK and _was_abandoned(facts, number):
        act, said = functools.partial(abandon.abandon, ctx, task, number), f"give {what} up again"
    else:
        act, said = functools.partial(remove.remove, ctx, target, force_unmerged=True), f"move {what} to the trash"
    _try(act, against)
    return said, act if against else functools.partial(_finish, ctx, task, number, act)


def _finish(ctx: Context, task: Task, number: int, act: Callable[..., object]) -> None:
    """Finish what was half given back; if it was taken back instead, give it back now."""
    releasing.settle_task(ctx, task)
    record = ctx.registry.record(task.key)
    if record is not None and record.reservation(number) is not None:
        act()


def _was_abandoned(facts: Facts, number: int) -> bool:
    """Whether the operation brought back what was given up."""
    back = {event.data.get("operation") for event in facts.events if event.event == "restored"}
    return any(
        event.event == "abandoned" and event.stage == number and f"restore-{event.data.get('operation')}" in back
        for event in facts.written
    )


def _take_again(
    ctx: Context, facts: Facts, gone: Reservation, void: set[str], against: Against | None
) -> tuple[str, Callable[[], object]]:
    """Undo giving back: out of the trash, or the reservation alone where worktree and branch were left."""
    task, number = facts.task, gone.number
    what = tasks.called(task.id, number)
    stage = None if number == TASK else number
    trashed = [
        (str(event.data.get("operation")), event.data["tip"])
        for event in facts.events
        if event.event in _TAKEN and event.stage == stage and "tip" in event.data
    ]
    if not trashed:
        void.update(("released", *_TAKEN))
        return f"take {what} again", functools.partial(_hold, ctx, task, gone)
    name, tip = trashed[-1]
    if name not in ctx.store.trash_ids():
        # It came back and went again since: then it lies there under another name.
        there = [one for one in restore.listed(ctx) if (one.key, one.number, one.tip) == (task.key, number, tip)]
        name = there[0].id if there else name
    act = functools.partial(restore.restore, ctx, name)
    if against is None:
        pass
    elif name not in ctx.store.trash_ids():
        against.reasons.append(f"the trash has been emptied of {what}")
    elif number == TASK or TASK not in facts.held("before"):
        _try(act, against)  # a stage that comes back with its task cannot be tried before it
    return f"bring {what} back from the trash", act


def _try(act: Callable[..., object], against: Against | None) -> None:
    if against is None:
        return
    try:
        act(dry_run=True)
    except OkstraError as error:
        first, *more = error.message.split("\n")
        against.reasons += [line.strip() for line in more] or [first]
        against.hints += [line for line in error.hint.splitlines() if not line.startswith("then")]


def _hold(ctx: Context, task: Task, before: Reservation) -> None:
    """Take a reservation again whose worktree and branch were left alone."""
    number = before.number
    with ctx.registry.locked():
        record = ctx.registry.record(task.key)
        if record is not None and (record.repository != ctx.common_dir or record.reservation(number) is not None):
            present = record.reservation(number) or record.reservations[min(record.reservations)]
            raise tasks.held(record, present, elsewhere=record.repository != ctx.common_dir)
        claiming.require_free_branch(ctx, task, before.branch, number)
        fresh = TaskRecord(task.key, task.id, task.category, task.branch, ctx.common_dir)
        mine = replace(before, state=tasks.ACTIVE, pid=ctx.pid, pid_start=ctx.pid_start, trash="", purpose="")
        mine = replace(mine, generation=claiming.next_generation(record, number), renewed="", former="")
        claiming.save(ctx, claiming.with_reservation(record or fresh, mine))
    if not before.flat and repository.admin_directory(before.path) is not None:
        with ctx.store.worktrees_locked():
            if before.in_place:
                worktrees.mark(before.path, f"{task.key.group}/{task.key.task} {number}")
            else:
                provisioning.govern(ctx, task.key, before.path, number)


def branches(ctx: Context, facts: Facts, against: Against, *, keep: bool) -> Steps:
    """The task branch back where it was; its worktree comes along, being clean. With `keep` index and files stay."""
    steps: Steps = []
    for ref, (before, after) in facts.tips().items():
        if before is None or after is None:
            continue
        branch, record = ref.removeprefix("refs/heads/"), ctx.registry.record(facts.task.key)
        place = next((one.path for one in record.reservations.values() if one.branch == branch), "") if record else ""
        if not place or repository.admin_directory(place) is None:
            against.reasons.append(f"the worktree of '{branch}' is not there")
            against.hints.append("git okstra doctor --repair")
            continue
        begun = unfinished.kind(place)
        if begun:
            against.reasons.append(f"a {begun} is under way in '{names.printable(place)}'")
            if begun == "merge":
                against.hints += ["finish it: git okstra merge --continue", "or give it up: git okstra merge --abort"]
            else:
                against.hints.append(f"finish it, or give it up: git -C {names.quoted(place)} {begun} --abort")
        elif refs.head_branch(place) != branch:
            against.reasons.append(f"'{names.printable(place)}' has another branch checked out")
            against.hints.append(f"git -C {names.quoted(place)} switch {branch}")
        elif not keep and refs.branch(ctx.common_dir, branch) == after and changes.status(place).dirty:
            against.reasons.append(f"'{names.printable(place)}' has changes that are not committed")
            against.hints.append(f"look at them: git -C {names.quoted(place)} status")
            against.hints.append("then commit them, or move them away")
        act = functools.partial(_move, ctx, facts.task, place, ref, before, after, keep=keep)
        steps.append((f"move '{branch}' back to {before[:12]}{', what it committed staged again' * keep}", act))
    return steps


def _move(ctx: Context, task: Task, place: str, ref: str, before: str, after: str, *, keep: bool) -> None:
    """What the branch had is kept by a ref of ours; the files follow the branch, and only where nothing is changed."""
    kept = f"refs/okstra/backup/{task.key.group}/{task.key.task}/undo-{after[:12]}"
    if refs.read(ctx.common_dir, kept) is None:
        refs.update(ctx.common_dir, [(kept, after, None)], "okstra undo")
    if refs.read(ctx.common_dir, ref) != before:
        if not keep:
            checkout.require_following(place, after, before)
        admin = repository.admin_directory(place)
        moving.update(ctx.common_dir, [(ref, before, after)], "okstra undo", git_dir=admin)
    if not keep:
        checkout.follow(place, after, before)


def void(ctx: Context, facts: Facts, entry: Entry, kinds: Collection[str]) -> None:
    """Say in the journal that the operation's events do not stand any more, nor those that answered them just now.

    Of the task's own, what a removal or a restoration answers stays, unless it is one of `kinds`.
    """
    task = facts.task
    with ctx.store.locked():
        now = Facts(ctx, task, facts.change)
        ended = [event for event in now.events if event.stage is not None and event.event in PHYSICAL]
        ended += [event for event in now.standing if event.event in kinds or event.event not in PHYSICAL]
        also = None if "task-started" in kinds else TASK
        about = [event for event in now.later() if event.stage in now.numbers or event.stage is also]
        ended += [event for event in about if _is_answer(event) and event.owner == ctx.owner]
        marks = list(dict.fromkeys(map(journal.mark, ended)))
        data: dict[str, Any] = {"operation": entry.id, "command": " ".join(entry.command)}
        data |= {"events": marks, "stages": sorted(now.numbers)}
        ctx.store.append(task.key.group, task.key.task, ctx.event(journal.UNDONE, None, **data))


def _is_answer(event: journal.Event) -> bool:
    """Whether a step of an undo may have written it; a restoration also says that the stage was started and done."""
    return event.event in _ANSWERS or (journal.text(event, "operation") or "").startswith("restore-")


def records(ctx: Context, facts: Facts) -> Steps:
    """The task's own files as they were before."""
    steps: Steps = []
    group, name = facts.task.key.group, facts.task.key.task
    for kind in ("task", "plan"):
        text = facts.change.before.get(kind)
        path = f"{ctx.store.task_directory(group, name)}/{kind}.toml"
        if not facts.changed(kind) or (kind == "task" and (text is None or _keeps_anchor(ctx, facts))):
            continue  # a task that is removed stays known, as after any other removal
        said = f"put {kind}.toml of {names.printable(facts.task.id)} back"
        data = None if text is None else str(text).encode("utf-8", "surrogateescape")
        steps.append((said, functools.partial(_put, ctx, path, data, facts, kind)))
    return steps


def _put(ctx: Context, path: str, data: bytes | None, facts: Facts, kind: str) -> None:
    with ctx.store.locked():
        now = Facts(ctx, facts.task, facts.change)
        if now.now.get(kind) not in (facts.now.get(kind), facts.was.get(kind)):
            what = f"{kind}.toml of {names.printable(facts.task.id)}"
            raise OkstraError("busy", f"{what} was changed meanwhile", "see what was done: git okstra log")
        if data is None:
            files.remove(path)
        else:
            files.write_atomic(path, data)


def _keeps_anchor(ctx: Context, facts: Facts) -> bool:
    """Whether another stage stands on the anchor that the operation fixed."""
    history = ctx.store.history(facts.task.key.group, facts.task.key.task)
    others = [one for one, stage in history.stages.items() if stage.state is not None and one not in facts.numbers]
    return bool(others) and any(event.event == "started" for event in facts.events)
