"""`git okstra undo`: the last operation is taken back, or none of it, with every reason.

What is to be done is found out first (`prepare`), against what the operation log says of before and after: what is not
as the operation left it has been built on since, and is not touched. Then the steps are carried out, each through the
operation that does the same for a person, so that what goes away goes to the trash. Each step passes over what it finds
done, so that an undo that was cut short goes on when it is run again. The journal's events are not taken out: an event
`undone` names those that do not stand any more (`core/journal.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from git_okstra.core import journal, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.core.tasks import Task
from git_okstra.operations import hooking, projects, recording, undo_steps
from git_okstra.operations.context import Context
from git_okstra.operations.undo_facts import Facts
from git_okstra.state import config, files, operation_log
from git_okstra.state.operation_log import Change, Entry

UNDO = "undo"
HANDED_OFF = "handed-off"
FOR_GOOD = {
    "doctor": "what doctor mended was broken before",
    "init": "it only says where the repository's records are",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in words, and the function that does it."""

    said: str
    act: Callable[[], object]


@dataclass(slots=True)
class Undoing:
    """An operation, what is to be done to take it back, and whether that is a person's decision."""

    entry: Entry
    steps: list[Step] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    personal: bool = False


def find(ctx: Context, operation: str | None = None, task: Task | None = None) -> Entry:
    """The operation of that id, else the last one (of `task`) that changed something. Raises `nothing-to-undo`."""
    name = f"{task.key.group}/{task.key.task}" if task is not None else None
    for entry in reversed(operation_log.entries(ctx.store)):
        if entry.counts and operation in (None, entry.id) and (name is None or name in entry.changes):
            return entry
    what = f"no operation '{names.printable(operation)}'" if operation else "no operation that changed anything"
    raise OkstraError("nothing-to-undo", f"the operation log knows {what}", "see them: git okstra log --operations")


def prepare(ctx: Context, entry: Entry) -> Undoing:
    """What there is to do. Raises `held` when it was another owner's, `undo-refused` with every reason against it."""
    if entry.owner != ctx.owner:
        raise OkstraError(
            "held",
            f"'{described(entry)}' was done by {names.printable(entry.owner)}, who alone takes it back",
            "see who did what: git okstra log --operations",
        )
    found = Undoing(entry)
    why = FOR_GOOD.get(entry.command[0] if entry.command else "")
    if why is not None:
        found.reasons.append(f"it is not taken back: {why}")
    resumed = _is_resumed(ctx)
    for change in entry.changes.values():
        if change.name.startswith(recording.FILE):
            _file(ctx, found, change)
        elif change.name != recording.HOOKS:
            _task(ctx, found, change, resumed)
    if recording.HOOKS in entry.changes and entry.command[:1] in (("hooks",), (UNDO,)):
        _hooks(ctx, found, entry.changes[recording.HOOKS])
    if not found.reasons and not found.steps:
        found.reasons.append("nothing of it is left to take back: it was undone, or done over")
    if found.reasons:
        raise _refused(entry, found.reasons, found.hints)
    return found


def undo(ctx: Context, undoing: Undoing) -> None:
    """Carry it out. Raises what the steps raise; run again, it goes on."""
    for name in undoing.entry.changes:
        recording.expect(ctx, name)
    for step in undoing.steps:
        step.act()


def described(entry: Entry) -> str:
    """The command of an operation, as it was typed."""
    return names.printable(" ".join(["git okstra", *map(names.typed, entry.command)]))


def _refused(entry: Entry, reasons: Sequence[str], hints: Sequence[str]) -> OkstraError:
    message = f"'{described(entry)}' cannot be taken back"
    if len(reasons) == 1:
        message += f": {reasons[0]}"
    else:
        message += "".join(f"\n  {reason}" for reason in dict.fromkeys(reasons))
    ways = [*dict.fromkeys(hints), "see what was done since: git okstra log --operations"]
    return OkstraError("undo-refused", message, "\n".join(ways))


def _is_resumed(ctx: Context) -> bool:
    """Whether an undo of the caller's was cut short: what it did already is not held against it."""
    left = operation_log.cut_short(ctx.store)
    return bool(left) and any(
        entry.id in left and entry.outcome is None and entry.owner == ctx.owner and entry.command[:1] == (UNDO,)
        for entry in operation_log.entries(ctx.store)
    )


def _file(ctx: Context, found: Undoing, change: Change) -> None:
    path = change.name.removeprefix(recording.FILE)
    before = change.before.get("text")
    now = recording.summary(recording.state(ctx, ctx.store, change.name))
    if now == recording.summary(change.before):
        return
    if now != change.after:
        found.reasons.append(f"'{names.printable(path)}' was changed since")
        return
    present = recording.state(ctx, ctx.store, change.name)["text"]
    found.personal |= path.endswith("/trusted.json")
    found.personal |= found.entry.command[:1] != ("start",) and config.rules_in(before) != config.rules_in(present)
    act = functools.partial(files.remove, path)
    if before is not None:
        act = functools.partial(files.write_atomic, path, before.encode("utf-8", "surrogateescape"))
    found.steps.append(Step(f"put '{names.printable(path)}' back", act))


def _hooks(ctx: Context, found: Undoing, change: Change) -> None:
    was, now = change.before.get("text") is not None, hooking.installed(ctx)
    if was == now:
        return
    found.personal |= now
    act = functools.partial(hooking.install if was else hooking.uninstall, ctx)
    found.steps.append(Step(f"{'install the hooks' if was else 'take the hooks out'} again", act))


def _task(ctx: Context, found: Undoing, change: Change, resumed: bool) -> None:
    group, name = change.name.split("/", 1)
    task = ctx.store.task(projects.require_project(ctx), group, name)
    if task is None:
        found.reasons.append(f"the store does not know task {names.printable(name)} any more")
        return
    facts = Facts(ctx, task, change)
    _ask_handoff(found, facts)
    if not resumed:
        found.reasons += facts.built_on(_undone_with(ctx, facts))
    found.reasons += facts.moved()
    steps, void = undo_steps.reservations(ctx, found.entry, facts, found)
    found.steps += [Step(*one) for one in steps]
    found.steps += [Step(*one) for one in undo_steps.branches(ctx, facts, found)]
    ending = [event for event in facts.standing if event.stage is not None or _ends(event, void)]
    events = {event.event for event in facts.events}
    if ending or steps:
        act = functools.partial(undo_steps.void, ctx, facts, found.entry, void)
        told = [event for event in ending if event.event not in undo_steps.PHYSICAL]
        said = ", ".join(map(_named, told)) or "what was answered by the steps above"
        found.steps.append(Step(f"take back in the journal of {names.printable(task.id)}: {said}", act))
    records = undo_steps.records(ctx, facts)
    found.steps += [Step(*one) for one in records]
    found.personal |= "plan-approved" in events or ("phase" in events and "verified" not in events)
    found.personal |= journal.UNDONE in events and bool(records)


def _undone_with(ctx: Context, facts: Facts) -> set[str]:
    """The marks of the events that operations wrote which were taken back since, and the undoing of them."""
    undone = {event.data.get("operation") for event in facts.written if event.event == journal.UNDONE}
    return {
        journal.mark(event)
        for entry in operation_log.entries(ctx.store)
        if entry.id in undone or entry.command[:1] == (UNDO,)
        for change in entry.changes.values()
        for document in change.events
        if (event := journal.event_from(document)) is not None
    }


def _ends(event: journal.Event, void: set[str]) -> bool:
    return event.event in void or event.event not in undo_steps.PHYSICAL


def _named(event: journal.Event) -> str:
    return f"{event.event}{f' (stage {event.stage})' if event.stage not in (None, TASK) else ''}"


def _ask_handoff(found: Undoing, facts: Facts) -> None:
    """Only what a hand-off did on this machine can be taken back."""
    if found.entry.command[:1] != ("handoff",):
        return
    over = [event for event in facts.events if event.event == HANDED_OFF]
    if found.entry.outcome != operation_log.DONE or not over:
        found.reasons.append("the hand-off was not finished")
        found.hints.append("finish it: git okstra handoff")
    elif any("remote" in event.data for event in over):
        found.reasons.append("the branch was pushed, and what others have cannot be taken back")
        found.hints.append("go on from there: git okstra phase implementation")
    elif any("commit" in event.data and "squashed" not in event.data for event in over):
        found.reasons.append("it committed what was staged")
        found.hints.append("git takes that back: git reset --soft HEAD^")
