"""`git okstra undo`: the last operation is taken back, or none of it, with every reason.

What is to be done is found out first (`prepare`), against what the operation log says of before and after: what is not
as the operation left it has been built on since, and is not touched. Then the steps are carried out, each through the
operation that does the same for a person, so that what goes away goes to the trash. Each step passes over what it finds
done, so that an undo that was cut short goes on when it is run again. The journal's events are not taken out: an event
`undone` names those that do not stand any more (`core/journal.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
SINCE = "see what was done since: git okstra log --operations"
FOR_GOOD = {
    "doctor": ("what doctor mended was broken before", "see how things are: git okstra doctor"),
    "init": ("it only says where the repository's records are", "to take the hooks out: git okstra hooks uninstall"),
    "run": ("it worked on several stages, each in a name of its own", "see what became of them: git okstra status"),
    "takeover": ("somebody else was told that the stage is lost", "to hand it on: git okstra release N"),
}
"""Commands that are not taken back: why, and what there is instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in words, and the function that does it; `last` when it needs the others to be done."""

    said: str
    act: Callable[[], object]
    last: bool = False


@dataclass(slots=True)
class Undoing:
    """An operation, what it was found by, what is to be done to take it back, and whether that is a person's decision.

    `begun` are the ids of undos of it that did not come to their end, `own` the marks of the events that these wrote.
    `about` is the operation that stands or falls with it where it is an undo itself, and `again` whether that stands.
    """

    entry: Entry
    operation: str | None = None
    task: Task | None = None
    begun: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    about: Entry | None = None
    again: bool = False
    steps: list[Step] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    personal: bool = False

    @property
    def resumed(self) -> bool:
        """Whether it goes on with what was begun."""
        return bool(self.begun)


def find(ctx: Context, operation: str | None = None, task: Task | None = None) -> Entry:
    """The operation of that id, else the last one (of `task`) that changed something. Raises `nothing-to-undo`.

    One that was cut short counts as it stands now; an undo that did not come to its end stands for what it takes back.
    """
    name = f"{task.key.group}/{task.key.task}" if task is not None else None
    known, left = operation_log.entries(ctx.store), operation_log.cut_short(ctx.store)
    for entry in reversed(known):
        if operation not in (None, entry.id) or (name is not None and name not in entry.changes):
            continue
        if entry.outcome is None and not operation_log.is_alive(ctx.store, entry):
            recording.complete(ctx, ctx.store, entry)
            if entry.undoes:
                entry.outcome = operation_log.INTERRUPTED
        if operation is None and _is_to_be_resumed(ctx, entry, left):
            return next((one for one in known if one.id == entry.undoes), entry)
        if entry.counts:
            return entry
    what = f"no operation '{names.printable(operation)}'" if operation else "no operation that changed anything"
    raise OkstraError("nothing-to-undo", f"the operation log knows {what}", "see them: git okstra log --operations")


def prepare(ctx: Context, operation: str | None = None, task: Task | None = None) -> Undoing:
    """What there is to do to take back what `find` finds. Raises `held` when it was another owner's, `busy` while a
    command is at work on the same, `undo-refused` with every reason against it."""
    entry = find(ctx, operation, task)
    known = operation_log.entries(ctx.store)
    _require_own(ctx, entry, known)
    _require_quiet(ctx, entry, known)
    found = Undoing(entry, operation, task)
    left = operation_log.cut_short(ctx.store)
    begun = [one for one in known if one.undoes == entry.id and one.owner == ctx.owner]
    begun = [one for one in begun if one.outcome != operation_log.DONE or one.id in left]
    begun = [one for one in begun if not operation_log.is_alive(ctx.store, one)]
    found.begun = frozenset(one.id for one in begun)
    found.own = frozenset(mark for one in begun for mark in _marks(ctx, one))
    return _prepared(ctx, found, known)


def undo(ctx: Context, undoing: Undoing) -> None:
    """Carry it out. Run again after it was cut short, it goes on.

    Once it is in the log, no other process takes anything back: then it is looked at again whether all still is as it
    was when it was prepared. Raises `busy` when it is not, and what the steps raise.
    """
    for name in undoing.entry.changes:
        recording.expect(name, undoes=undoing.entry.id)
    if find(ctx, undoing.operation, undoing.task).id not in {undoing.entry.id, *undoing.begun}:
        raise OkstraError(
            "busy", "another command changed something meanwhile", "see what it was: git okstra log --operations"
        )
    again = Undoing(undoing.entry, begun=undoing.begun, own=undoing.own)
    now = _prepared(ctx, again, operation_log.entries(ctx.store))
    for step in now.steps:
        step.act()


def _prepared(ctx: Context, found: Undoing, known: Sequence[Entry]) -> Undoing:
    entry = found.entry
    back = operation_log.taken_back(known).get(entry.id)
    if back is not None and not found.resumed:
        raise OkstraError(
            "undo-refused",
            f"'{described(entry)}' was taken back already",
            f"do it again: git okstra undo {back}\n{SINCE}",
        )
    why, instead = FOR_GOOD.get(entry.command[0] if entry.command else "", (None, ""))
    if why is not None:
        before = _before(ctx, entry, known)
        raise OkstraError(
            "undo-refused", f"'{described(entry)}' is not taken back: {why}", "\n".join([*before, instead])
        )
    _about(found, known)
    hooks, steps = recording.HOOKS in entry.changes, found.steps
    if hooks and entry.command[:1] in (("hooks",), (UNDO,)):
        _hooks(ctx, found, entry.changes[recording.HOOKS])
    elif hooks and entry.changes[recording.HOOKS].before.get("text") is None:
        found.notes.append("the hooks that it installed stay; to take them out: git okstra hooks uninstall")
    for change in entry.changes.values():
        if recording.is_settings(change.name):
            _file(ctx, found, change)
        elif recording.is_task(change.name):
            _task(ctx, found, change)
            found.personal |= _is_personal(found, change.name)
        elif change.name == recording.TRASH:
            _trash(found, change)
    steps.sort(key=lambda step: step.last)
    if not found.reasons and not found.steps and not found.resumed:
        found.reasons.append("nothing of it is left to take back: it was done over since")
    if found.reasons:
        raise _refused(ctx, found, known)
    return found


def _require_own(ctx: Context, entry: Entry, known: Sequence[Entry]) -> None:
    if entry.owner == ctx.owner:
        return
    mine = [one.id for one in known if one.owner == ctx.owner and one.counts]
    raise OkstraError(
        "held",
        f"'{described(entry)}' was done by {names.printable(entry.owner)}, who alone takes it back",
        "\n".join([f"take back what you did last: git okstra undo {one}" for one in mine[-1:]])
        or "see who did what: git okstra log --operations",
    )


def _require_quiet(ctx: Context, entry: Entry, known: Sequence[Entry]) -> None:
    for one in known:
        if operation_log.is_alive(ctx.store, one) and (one.undoes or set(one.changes) & set(entry.changes)):
            raise OkstraError(
                "busy",
                f"'{described(one)}' by {names.printable(one.owner)} is at work on the same",
                "run the same command again when it is through",
            )


def _marks(ctx: Context, entry: Entry) -> list[str]:
    """Marks of the events that an operation wrote, one that was cut short being looked at."""
    if entry.outcome is None:
        recording.complete(ctx, ctx.store, entry)
    documents = [document for change in entry.changes.values() for document in change.events]
    return [journal.mark(event) for one in documents if (event := journal.event_from(one)) is not None]


def _is_to_be_resumed(ctx: Context, entry: Entry, left: Collection[str]) -> bool:
    """Whether it is an undo of the caller's that did not come to its end, or died while it gave its hold back."""
    over = entry.outcome not in (operation_log.FAILED, operation_log.INTERRUPTED)
    return entry.undoes is not None and entry.owner == ctx.owner and (not over or entry.id in left)


def described(entry: Entry) -> str:
    """The command of an operation, as it was typed."""
    return names.printable(" ".join(["git okstra", *map(names.typed, entry.command)]))


def _refused(ctx: Context, found: Undoing, known: Sequence[Entry]) -> OkstraError:
    message = f"'{described(found.entry)}' cannot be taken back"
    if len(found.reasons) == 1:
        message += f": {found.reasons[0]}"
    else:
        message += "".join(f"\n  {reason}" for reason in dict.fromkeys(found.reasons))
    ways = [*dict.fromkeys(found.hints), *_later(ctx, found.entry, known), SINCE]
    return OkstraError("undo-refused", message, "\n".join(ways))


def _before(ctx: Context, entry: Entry, known: Sequence[Entry]) -> list[str]:
    """How to take back what the caller did before the operation; an undo that was cut short is gone on with."""
    place = [one.id for one in known].index(entry.id)
    mine = [one for one in known[:place] if one.owner == ctx.owner and one.counts][-1:]
    ids = [one.undoes if one.undoes and one.outcome != operation_log.DONE else one.id for one in mine]
    return [f"take back what was done before it: git okstra undo {one}" for one in ids]


def _later(ctx: Context, entry: Entry, known: Sequence[Entry]) -> list[str]:
    """How to take back first the last thing that the caller did to the same."""
    void = operation_log.taken_back(known)
    places = [place for place, one in enumerate(known) if one.id == entry.id]
    since = [one for one in known[places[-1] + 1 :] if one.counts and one.id not in void and not one.undoes]
    touching = [one for one in since if set(one.changes) & set(entry.changes)]
    same = [one for one in touching if _stages(one) & _stages(entry) or names.TASK in _stages(one) | _stages(entry)]
    last = (same or touching)[-1:]
    return [f"take that back first: git okstra undo {one.id}" for one in last if one.owner == ctx.owner]


def _stages(entry: Entry) -> set[object]:
    """The stages that an operation wrote events of, TASK for what concerns the task."""
    return {event.get("stage", names.TASK) for change in entry.changes.values() for event in change.events}


def _file(ctx: Context, found: Undoing, change: Change) -> None:
    path = change.name.removeprefix(recording.FILE)
    before = change.before.get("text")
    now = recording.state(ctx, ctx.store, change.name)
    if recording.summary(now) == recording.summary(change.before):
        return
    # Taking the hooks out, or putting them in, writes a setting itself.
    ours = found.resumed and recording.HOOKS in found.entry.changes
    if recording.summary(now) != change.after and not ours:
        found.reasons.append(f"'{names.printable(path)}' was changed since")
        return
    found.personal |= path.endswith("/trusted.json") or found.entry.command[:1] == ("guard",)
    found.personal |= found.entry.command[:1] != ("start",) and config.rules_in(before) != config.rules_in(now["text"])
    act = functools.partial(_put_back, ctx, path, change.before, None if ours else now)
    said = "put '{}' back" if before is not None else "take '{}' away again"
    found.steps.append(Step(said.format(names.printable(path)), act))


def _put_back(ctx: Context, path: str, before: Mapping[str, Any], seen: Mapping[str, Any] | None) -> None:
    with ctx.store.locked():
        if seen is not None and recording.state(ctx, ctx.store, f"{recording.FILE}{path}") not in (seen, before):
            hint = "see what it says now: git okstra config list"
            raise OkstraError("busy", f"'{names.printable(path)}' was changed meanwhile", hint)
        if before.get("text") is None:
            files.remove(path)
        else:
            files.write_atomic(path, before["text"].encode("utf-8", "surrogateescape"), before.get("mode") or 0o644)
    ctx.reread_settings()


def _hooks(ctx: Context, found: Undoing, change: Change) -> None:
    was, now = change.before.get("text") is not None, hooking.installed(ctx)
    if now and not was:
        found.personal = True
        found.steps.append(Step("take the hooks out again", functools.partial(hooking.uninstall, ctx)))
    elif was and (not now or found.entry.command[:1] == ("hooks",)):
        said = "bring the hooks up to date" if now else "install the hooks again"
        found.steps.append(Step(said, functools.partial(hooking.install, ctx), last=True))


def _trash(found: Undoing, change: Change) -> None:
    gone = set(change.before["entries"]) - set(change.after.get("entries", ()))
    if gone:
        listed = ", ".join(map(names.printable, sorted(gone)))
        found.notes.append(f"what it emptied of the trash is gone for good: {listed}")
        if len(found.entry.changes) == 1:
            found.reasons.append("what the trash is emptied of is gone for good")


def _task(ctx: Context, found: Undoing, change: Change) -> None:
    group, name = change.name.split("/", 1)
    task = ctx.store.task(projects.require_project(ctx), group, name)
    if task is None:
        found.reasons.append(f"the store does not know task {names.printable(name)} any more")
        return
    facts = Facts(ctx, task, change)
    _ask_handoff(found, facts)
    half = [] if found.resumed else facts.half_done()
    if half:
        found.reasons += half
        found.hints += [f"finish it: {described(found.entry)}", "or have it put right: git okstra doctor --repair"]
        return
    at_work = facts.at_work()
    if at_work:
        found.reasons += at_work
        found.hints.append("wait for it, or stop it, and run the same command again")
    found.reasons += facts.built_on(_undone_with(ctx, found))
    found.reasons += facts.moved()
    steps, void = undo_steps.reservations(ctx, found.entry, facts, found)
    found.steps += [Step(*one) for one in steps]
    found.steps += [Step(*one) for one in undo_steps.branches(ctx, facts, found, keep=_committed_staged(facts))]
    ending = [event for event in facts.standing if event.stage is not None or _ends(event, void)]
    if ending or steps:
        act = functools.partial(undo_steps.void, ctx, facts, found.entry, void)
        told = [event for event in ending if event.event not in undo_steps.PHYSICAL]
        said = ", ".join(map(_named, told)) or "what was answered by the steps above"
        found.steps.append(Step(f"take back in the journal of {names.printable(task.id)}: {said}", act))
    found.steps += [Step(*one) for one in undo_steps.records(ctx, facts)]


def _about(found: Undoing, known: Sequence[Entry]) -> None:
    """Find out what an undo that is taken back was about in the end, through undos of undos."""
    by_id, about = {one.id: one for one in known}, found.entry
    while about.undoes and about.undoes in by_id:
        about, found.again = by_id[about.undoes], not found.again
    found.about = about if about is not found.entry else None


def _is_personal(found: Undoing, name: str) -> bool:
    """Whether what is taken back, or done again by taking its undo back, was a person's decision on the task."""
    entry = found.about or found.entry
    if entry.undoes:
        return True  # what it took back is out of the log, and nobody can tell
    events = {document.get("event") for document in entry.changes[name].events} if name in entry.changes else set()
    return "plan-approved" in events or ("phase" in events and "verified" not in events)


def _undone_with(ctx: Context, found: Undoing) -> set[str]:
    """The marks of the events that do not count: of operations which were taken back since, and of the undoing."""
    known = operation_log.entries(ctx.store)
    void = operation_log.taken_back(known)
    return {*found.own, *(mark for one in known if one.undoes or one.id in void for mark in _marks(ctx, one))}


def _committed_staged(facts: Facts) -> bool:
    """Whether the operation committed what was staged: then that is staged again, and the files stay as they are."""
    over = [event for event in facts.events if event.event == HANDED_OFF]
    return any("commit" in event.data and "squashed" not in event.data for event in over)


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
