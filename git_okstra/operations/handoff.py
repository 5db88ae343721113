"""`git okstra handoff`: what the gate accepted is committed, pushed, and a pull request opened, as far as was chosen.

The intent is written first (`handoff_intent`), with the choices and the texts. Then, one after the other and each only
if it was not done yet: the phase moves to release-handoff; the commit is made, or the squash with its backup; exactly
that commit is pushed, forward only; the pull request is opened or updated; the journal says `handed-off`. A second
`handoff` goes on where one that was cut short stopped.
"""

from __future__ import annotations

import os

from git_okstra.core import closing, drafting, forges, lifecycle, names
from git_okstra.core.drafting import Text
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.core.verdicts import Verdict
from git_okstra.git import changes, refs, remotes, unfinished
from git_okstra.operations import (
    ground,
    handoff_commit,
    handoff_ground,
    handoff_intent,
    handoff_texts,
    phase,
    places,
    pull_requests,
    verdict,
)
from git_okstra.operations.context import Context
from git_okstra.operations.handoff_ground import Grounds
from git_okstra.operations.handoff_intent import Intent
from git_okstra.operations.pull_requests import Opened
from git_okstra.operations.targets import Target

COMMIT = "commit"
PULL_REQUEST = "pr"
SKIP = "skip"
HANDED_OFF = "handed-off"
"""The event that records a hand-off."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; None is not said. `message` and `template` are as given, `message` the text itself."""

    action: str | None = None
    base: str | None = None
    remote: str | None = None
    squash: bool = False
    message: str | None = None
    title: str | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The task may be handed over: its worktree, HEAD, the verdict on that, and what an earlier hand-off left."""

    task: Task
    place: Reservation
    head: str
    verdict: Verdict
    pending: Intent | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What is going to be done, and the texts as drafted; `material` and `template` are what these were made from."""

    wish: Wish
    grounds: Grounds
    material: drafting.Material
    template: str
    text: Text


@dataclass(frozen=True, slots=True)
class HandedOff:
    """What was done. `made` is the commit that was made, if any, and `backup` the ref that keeps what a squash took the
    place of. `request` is the pull request, `why` the reason there is none, `compare` where one is opened by hand;
    `message` and `body` are the files with the texts."""

    intent: Intent
    made: str | None
    backup: str | None
    pushed: bool
    request: Opened | None
    why: str
    compare: str | None
    message: str
    body: str | None


def ready(ctx: Context, task: Task, wish: Wish) -> Ready:
    """That the task may be handed over as it is, and what is left to go on with.

    Raises `not-verified`, `branch-missing`, `wrong-branch`, `merge-in-progress`, `worktree-missing`.
    """
    task = phase.settle(ctx, task)
    place = places.reservation(ctx, Target(task))
    tip = ground.require_task_head(ctx, task)
    pending = handoff_intent.load(ctx, task)
    if pending is not None and not handoff_commit.stands(pending, tip):
        ctx.note("the task branch was moved since a hand-off was begun; it begins anew")
        pending = None
    if pending is not None and not _goes_with(pending, wish):
        pending = None
    standing = verdict.standing(ctx, task, pending.head if pending else tip)
    if standing.verdict is None or not standing.holds:
        raise OkstraError(
            "not-verified",
            f"{names.printable(task.id)} has no accepted verdict that holds now: {standing.objection}",
            "git okstra verify",
        )
    begun = unfinished.kind(place.path)
    if begun:
        raise OkstraError(
            "merge-in-progress",
            f"a {begun} is not finished in '{names.printable(place.path)}'",
            f"finish it, or give it up: git -C {names.quoted(place.path)} {begun} --abort",
        )
    here = refs.head_branch(place.path)
    if here != task.branch:
        raise closing.wrong_branch(place.path, here, task.branch)
    return Ready(task, place, tip, standing.verdict, pending)


def menu(ctx: Context, task: Task) -> list[str]:
    """The branches offered as the pull request's base."""
    return handoff_ground.menu(ctx, task)


def plan(ctx: Context, found: Ready, wish: Wish, *, dry_run: bool = False) -> Planned:
    """Find out what the choices come to, and draft the texts. For a pull request the remote is asked.

    What has moved meanwhile goes to the notes. Raises `no-remote`, `base-required`, `bad-revision`, `not-descended`,
    `dirty-worktree`, `nothing-to-hand-off`, `squash-refused`, `push-refused`, `usage`, `bad-config`, `git-failed`.
    """
    task, head = found.task, found.head
    status = changes.status(found.place.path)
    held_back = status.changed + status.conflicted
    if (status.conflicted or wish.action == PULL_REQUEST or wish.squash) and held_back:
        raise closing.dirty(found.place.path, held_back)
    if wish.action == PULL_REQUEST:
        where = handoff_ground.for_pull_request(ctx, task, head, wish.base, wish.remote, fetch=not dry_run)
    else:
        where = handoff_ground.for_commit(ctx, task, head, wish.base, squash=wish.squash, remote=wish.remote)
    if where.fork == head and (wish.action == PULL_REQUEST or wish.squash):
        raise OkstraError(
            "nothing-to-hand-off",
            f"the task branch '{task.branch}' has no commit that the base lacks",
            f"see where it is: git log --oneline -3 {task.branch}",
        )
    if wish.squash and not handoff_commit.is_squashed(ctx, head, where.fork, where.there):
        handoff_commit.require_squashable(ctx, task, where)
    if wish.action == PULL_REQUEST and not wish.squash:
        _require_forward(ctx, task, where.remote, where.there, head)
    _tell_moved(ctx, where)
    material = handoff_texts.material(ctx, task, where.fork, head, found.verdict)
    template = handoff_texts.template(ctx, wish.template, found.place.path)
    text = handoff_texts.draft(material, template, message=wish.message, title=wish.title)
    return Planned(wish, where, material, template, text)


def redraft(planned: Planned, message: str) -> Planned:
    """The same with another commit message, which also says what the pull request is about. Raises `usage`."""
    text = handoff_texts.draft(planned.material, planned.template, message=message, title=planned.wish.title)
    return replace(planned, text=text)


def with_request(planned: Planned, edited: str) -> Planned:
    """The same with the pull request's text as edited: the title, then the body. Raises `usage` when it is empty."""
    title, _, body = handoff_texts.require_message(edited).partition("\n")
    body = drafting.without_comments(body)
    return replace(planned, text=Text(planned.text.message, drafting.title_line(title), body))


def carry_out(ctx: Context, found: Ready, planned: Planned) -> HandedOff:
    """Do what was planned. Raises `branch-moved`, `busy`, `push-refused`, `git-failed`."""
    wish, where, text = planned.wish, planned.grounds, planned.text
    task = found.task
    with handoff_intent.at_work(ctx, task):
        now = ground.require_task_head(ctx, task)
        if now != found.head:
            raise _moved(task, found.head, now)
        squash = wish.squash and not handoff_commit.is_squashed(ctx, now, where.fork, where.there, text.message)
        intent = Intent(
            action=str(wish.action),
            head=now,
            onto=where.fork if squash else "",
            remote=where.remote if wish.action == PULL_REQUEST else "",
            into=where.into,
            base=where.base,
            message=text.message,
            title=text.title,
            body=text.body,
            began=ctx.now(),
            owner=ctx.owner,
            pid=ctx.pid,
            id=os.urandom(6).hex(),
        )
        return _run(ctx, task, found.place, handoff_intent.save(ctx, task, intent))


def go_on(ctx: Context, found: Ready) -> HandedOff:
    """Go on with the hand-off that was cut short. Raises as `carry_out`."""
    with handoff_intent.at_work(ctx, found.task):
        intent = handoff_intent.load(ctx, found.task)
        now = ground.require_task_head(ctx, found.task)
        if intent is None or not handoff_commit.stands(intent, now):
            raise _moved(found.task, found.head, now)
        return _run(ctx, found.task, found.place, handoff_intent.save(ctx, found.task, intent))


def skip(ctx: Context, task: Task, *, dry_run: bool = False) -> bool:
    """Do nothing, and give up what an earlier hand-off left to be done; whether there was any."""
    with handoff_intent.at_work(ctx, task):
        try:
            left = handoff_intent.load(ctx, task) is not None
        except OkstraError as error:
            if error.code != "damaged-file":
                raise
            left = True
        if left and not dry_run:
            handoff_intent.drop(ctx, task)
        return left


def _run(ctx: Context, task: Task, place: Reservation, intent: Intent) -> HandedOff:
    message, body = handoff_texts.keep(ctx, task, intent)
    with ctx.store.locked():
        phase.move(ctx, task, lifecycle.HANDOFF)
    backup = None
    if intent.onto:
        intent, backup = handoff_commit.squash(ctx, task, place, intent, message)
    elif intent.action == COMMIT:
        intent = handoff_commit.commit_staged(ctx, task, place, intent, message)
    pushed, request, why, compare = False, None, "", None
    if intent.action == PULL_REQUEST and body is not None:
        pushed = _push(ctx, task, place, intent)
        request, why, compare = _request(ctx, task, place, intent, body)
    _record(ctx, task, intent, request)
    handoff_intent.drop(ctx, task)
    return HandedOff(intent, intent.made or None, backup, pushed, request, why, compare, message, body)


def _push(ctx: Context, task: Task, place: Reservation, intent: Intent) -> bool:
    """Have the remote's branch at the commit that is handed over; whether anything had to be pushed."""
    there = remotes.tips(ctx.common_dir, intent.remote, [task.branch]).get(task.branch)
    if there == intent.handed:
        return False
    _require_forward(ctx, task, intent.remote, there, intent.handed)
    result = remotes.push(place.path, intent.remote, intent.handed, task.branch)
    if result.status != 0:
        lines = [line for line in (*result.text.split("\n"), *result.complaint.split("\n")) if line.strip()]
        said = "".join(f"\n  {names.printable(line.expandtabs(1))}" for line in lines[: closing.SHOWN_LINES])
        raise OkstraError(
            "push-refused",
            f"'{task.branch}' could not be pushed to '{names.printable(intent.remote)}':{said}",
            "when the cause is mended, go on: git okstra handoff\nor leave it: git okstra handoff --action skip",
        )
    return True


def _require_forward(ctx: Context, task: Task, remote: str, there: str | None, commit: str) -> None:
    """Raise OkstraError `push-refused` when the remote's branch has commits that would be lost."""
    if there is None or handoff_ground.is_inside(ctx, there, commit):
        return
    raise OkstraError(
        "push-refused",
        f"the branch '{task.branch}' of '{names.printable(remote)}' is at {there[:12]}, which the verified commit "
        f"{commit[:12]} lacks; a hand-off never forces a push",
        f"take in what is there: git okstra phase implementation, then git pull --no-rebase {names.typed(remote)} "
        f"{task.branch}\nthen verify again: git okstra verify",
    )


def _request(
    ctx: Context, task: Task, place: Reservation, intent: Intent, body: str
) -> tuple[Opened | None, str, str | None]:
    """The pull request, or why there is none, and where one is opened by hand."""
    source = _forge(ctx, intent.remote)
    into = source if intent.into == intent.remote else _forge(ctx, intent.into)
    if into is None or source is None:
        return None, "the remote's address is not that of a forge", None
    compare = forges.compare(into, intent.base, task.branch, source)
    found = pull_requests.open_or_update(
        place.path, pull_requests.Wanted(into, source, intent.base, task.branch, intent.title, body)
    )
    return (None, found, compare) if isinstance(found, str) else (found, "", compare)


def _forge(ctx: Context, remote: str) -> forges.Forge | None:
    kind, known = ctx.settings.get("pr.forge"), pull_requests.known_hosts(ctx)
    found = (forges.parse(address, kind, known) for address in remotes.addresses(ctx.common_dir, remote))
    return next((forge for forge in found if forge is not None), None)


def _record(ctx: Context, task: Task, intent: Intent, request: Opened | None) -> None:
    """Say in the journal that it was handed over; once, though the process may have died right after saying so."""
    with ctx.store.locked():
        events = ctx.store.events(task.key.group, task.key.task)
        if any(event.event == HANDED_OFF and event.data.get("id") == intent.id for event in events):
            return
        data: dict[str, str] = {"action": intent.action, "head": intent.handed, "id": intent.id}
        if intent.made:
            data["commit"] = intent.made
        if intent.onto:
            data["squashed"] = intent.head
        if intent.action == PULL_REQUEST:
            data |= {"remote": intent.remote, "branch": task.branch, "base": intent.base}
        if request is not None:
            data["url"] = request.url
        ctx.store.append(task.key.group, task.key.task, ctx.event(HANDED_OFF, None, **data))


def _goes_with(intent: Intent, wish: Wish) -> bool:
    """Whether what was asked for now is what the earlier hand-off was about."""
    given = (
        (wish.action, intent.action),
        (wish.remote, intent.remote),
        (wish.base, intent.base),
        (wish.message and drafting.clean(wish.message), intent.message),
        (wish.title and drafting.title_line(wish.title), intent.title),
    )
    return all(said is None or said == recorded for said, recorded in given) and (not wish.squash or bool(intent.onto))


def _tell_moved(ctx: Context, where: Grounds) -> None:
    named = f"'{where.base}' of {where.into}" if where.base else "the base"
    if where.behind is None:
        ctx.note(f"{named} has moved; how far is not known before its commits are fetched")
    elif where.behind:
        count = names.counted(where.behind, "commit")
        shown = closing.shown_paths(where.conflicts) if where.conflicts else ""
        outcome = f"would conflict in: {shown}" if shown else "would cause no conflict"
        ctx.note(f"{named} has {count} that the task branch lacks; merging {outcome}")


def _moved(task: Task, before: str, now: str) -> OkstraError:
    return OkstraError(
        "branch-moved",
        f"the task branch '{task.branch}' moved from {before[:12]} to {now[:12]} while it was handed over",
        "verify what there is now: git okstra verify, then git okstra handoff",
    )
