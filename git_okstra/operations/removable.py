"""What stands of a reservation, and what speaks against taking it away: facts for `core.removal`."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping

from git_okstra.core import evidence, journal, names, removal, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import admin, changes, containment, process, refs, submodules, worktrees
from git_okstra.operations import ground, merge_intent, plans
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a worktree of ours: its directory, git's directory of it, each empty when gone.

    `linked` says that the two point at each other, so that git can be asked in `path`. `foreign` says that somebody
    else's files stand where ours were.
    """

    path: str = ""
    admin: str = ""
    linked: bool = False
    foreign: bool = False


def standing(ctx: Context, key: TaskKey, reservation: Reservation) -> Standing:
    """What there is of the reservation's worktree; a worktree that okstra does not hold is never taken for ours.

    Nothing when it is in place or flat: then the worktree is somebody's to keep.
    """
    if reservation.in_place or reservation.flat:
        return Standing()
    registrations = admin.registrations(ctx.common_dir)
    marked = [one for one in registrations if one.marker == (key.group, key.task, reservation.number)]
    for one in marked:
        if one.here:
            return Standing(one.path, one.admin, linked=True)
    mine = marked[0].admin if marked else ""
    place = admin.place(reservation.path, {one.admin: one for one in registrations}, "")
    if place.kind == evidence.NOTHING:
        return Standing("", mine)
    if place.kind == evidence.UNLINKED:
        return Standing(reservation.path, mine)
    for one in registrations:
        # Registered by hand around our branch, so without our marker.
        if one.admin == place.admin and one.marker is None and one.branch == reservation.branch:
            return Standing(reservation.path, one.admin, linked=True)
    return Standing("", mine, foreign=True)


def checked_out(ctx: Context, branch: str, besides: str) -> str:
    """Another worktree, than that of the git directory `besides`, which has the branch checked out; else empty."""
    main = worktrees.listed(ctx.common_dir)[0]
    if main.branch == branch and not main.bare:
        return main.path
    for one in admin.registrations(ctx.common_dir):
        if one.branch == branch and one.here and one.admin != besides:
            return one.path
    return ""


def task_plan(ctx: Context, task: Task) -> Plan | None:
    """The plan of the task; None when there is none or it cannot be read, which need not stop a removal."""
    try:
        stored = plans.stored(ctx, task)
    except OkstraError as error:
        if error.code != "damaged-file":
            raise
        return None
    return stored.plan if stored else None


def merged_head(ctx: Context, task: Task, record: journal.StageRecord) -> bool:
    """Whether the stage is done and its recorded head is in the task branch, or in what a squash took the place of."""
    if record.state != journal.DONE or record.head is None:
        return False
    history = ctx.store.history(task.key.group, task.key.task)
    tip = refs.branch(ctx.common_dir, task.branch)
    return record.head in ground.contained_in_branch(ctx, history, [record.head], tip)


@dataclass(frozen=True, slots=True)
class Examined:
    """One reservation looked at: what stands of it, where its branch is, and the facts that speak for or against.

    `stage` is what the journal said of it. With `carries` no other stage may start from it any more.
    """

    reservation: Reservation
    standing: Standing
    tip: str | None
    facts: removal.Facts
    stage: journal.StageRecord
    carries: bool = False


def examine(
    ctx: Context,
    task: Task,
    record: TaskRecord,
    number: int,
    verb: str,
    *,
    together: Collection[int] = (),
    anyone: bool = False,
    deletes_branch: bool = True,
) -> Examined:
    """Look at reservation `number` of the task, which `verb` would take away.

    `together` are the numbers that go in the same command, `anyone` lets everybody take away what someone else has
    open, and `deletes_branch` is False when the verb keeps the branch.
    """
    reservation = record.reservations[number]
    history = ctx.store.history(task.key.group, task.key.task)
    held = None if anyone else _held(ctx, record, number, verb, history.stage(number))
    what = tasks.describe(record, number)
    if reservation.in_place or reservation.flat:
        facts = removal.Facts(what, reservation.path, reservation.branch, held=held, number=number)
        tip = refs.branch(ctx.common_dir, reservation.branch)
        return Examined(reservation, Standing(), tip, facts, history.stage(number), carries=not deletes_branch)
    there = standing(ctx, task.key, reservation)
    tip = refs.branch(ctx.common_dir, reservation.branch)
    path = there.path or reservation.path
    unreadable, status = _status(there)
    detached = _detached_head(there)
    heads = [commit for commit in (tip if deletes_branch else None, detached) if commit is not None]
    lost = _lost(ctx, task, number, heads, _branches(record, {*together, number}))
    stage = history.stage(number)
    # One that is open has a head when it was reopened: others may have started from that.
    closed = stage.state in (journal.OPEN, journal.DONE) and stage.head is not None
    stands = deletes_branch and closed and not merged_head(ctx, task, stage)
    plan = task_plan(ctx, task) if stands and TASK not in together else None
    facts = removal.Facts(
        what,
        path,
        reservation.branch,
        held=held,
        unreadable=unreadable,
        changed=tuple(sorted({*status.changed, *status.conflicted})),
        untracked=status.untracked,
        locked=_locked(there),
        occupants=_occupants(there),
        inside=_inside(ctx, there),
        submodules=() if unreadable else _submodules(there, reservation),
        lost=tuple(lost.values()),
        lost_tip=next(iter(lost), ""),
        elsewhere=checked_out(ctx, reservation.branch, there.admin),
        based_on=tuple(ground.started_from(plan, history, number)) if plan else (),
        merging=(number == TASK or TASK not in together) and _merging(ctx, task, number),
        number=number,
        deletes_branch=deletes_branch,
    )
    carries = TASK not in together and (stands or not deletes_branch)
    return Examined(reservation, there, tip, facts, stage, carries)


def require_as_examined(ctx: Context, task: Task, one: Examined, record: TaskRecord) -> None:
    """Raise OkstraError `busy` when another command has changed meanwhile what the decision was based on.

    Called under the registry lock, under which others reserve a stage that starts from this one, or begin to merge it:
    `record` is what the registry says there.
    """
    number = one.reservation.number
    if number == TASK:
        return
    history = ctx.store.history(task.key.group, task.key.task)
    plan = task_plan(ctx, task) if one.carries else None
    based_on = tuple(ground.started_from(plan, history, number)) if plan else ()
    if (
        history.stage(number) != one.stage
        or (one.carries and based_on != one.facts.based_on)
        or (_merging(ctx, task, number) and not one.facts.merging)
    ):
        raise changed(task, number)
    coming = [
        stage.number
        for stage in (plan.stages if plan else ())
        if number in stage.depends_on
        and (entry := record.reservation(stage.number)) is not None
        and entry.state == tasks.RESERVING
    ]
    if coming:
        raise OkstraError(
            "busy",
            f"{ground.listed(coming)} {'is' if len(coming) == 1 else 'are'} being opened from stage {number}",
            f"look at it: git okstra status\nor, to finish opening it: git okstra stage {coming[0]}",
        )


def changed(task: Task, number: int) -> OkstraError:
    """The refusal when something is not as it was when it was looked at."""
    return OkstraError(
        "busy",
        f"{names.label(number)} of {names.printable(task.id)} was changed by another command",
        "look at it: git okstra status\nthen run the same command again",
    )


def _merging(ctx: Context, task: Task, number: int) -> bool:
    """Whether a merge into the task, or of the stage, is not over."""
    try:
        intent = merge_intent.load(ctx, task)
    except OkstraError as error:
        if error.code != "damaged-file":
            raise
        return number == TASK
    return intent is not None and number in (TASK, intent.number)


def _held(ctx: Context, record: TaskRecord, number: int, verb: str, stage: journal.StageRecord) -> OkstraError | None:
    """The refusal when someone else has it; a stage that is done may be taken away by anyone."""
    if number != TASK and stage.state == journal.DONE:
        return None
    try:
        tasks.require_owner(record, number, ctx.owner, verb)
    except OkstraError as error:
        return error
    return None


def _status(there: Standing) -> tuple[bool, changes.Status]:
    """Whether git cannot tell, and what it tells."""
    if not there.path:
        return False, changes.Status()
    if not there.linked:
        return any(name != ".git" for name in os.listdir(there.path)), changes.Status()
    try:
        return False, changes.status(there.path)
    except OkstraError as error:
        if error.code != "git-failed":
            raise
        return True, changes.Status()


def _detached_head(there: Standing) -> str | None:
    """The commit that HEAD holds when it is on no branch."""
    if not there.admin or not os.path.exists(f"{there.admin}/commondir"):
        return None
    if process.git(["symbolic-ref", "--quiet", "HEAD"], git_dir=there.admin, check=False).status == 0:
        return None
    found = process.git(["rev-parse", "--verify", "--quiet", "HEAD"], git_dir=there.admin, check=False)
    return found.text or None


def _locked(there: Standing) -> str | None:
    """The reason file of git-worktree(1) `lock`, None when it is not locked."""
    try:
        with open(f"{there.admin}/locked", encoding="utf-8", errors="surrogateescape") as file:
            return file.read().strip()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _occupants(there: Standing) -> tuple[tuple[int, str], ...]:
    """Who stays in the directory; a git that only passes through, for somebody's prompt, editor or list, does not."""
    if not there.path:
        return ()
    # `git -C WORKTREE okstra …` waits for us in that very directory; it is no reason to stay.
    launcher = (os.getppid(), "git")
    found = [one for one in worktrees.occupants(there.path) if one != launcher]
    for pause in (0.05, 0.1, 0.2, 0.4):
        if not found or any(name != "git" for _, name in found):
            break
        time.sleep(pause)
        now = worktrees.occupants(there.path)
        found = [one for one in found if one in now]
    return tuple(found)


def _inside(ctx: Context, there: Standing) -> tuple[str, ...]:
    """Worktrees that somebody made inside this one: they are not ours to move."""
    if not there.path:
        return ()
    within = f"{os.path.realpath(there.path)}/"
    return tuple(
        one.path
        for one in admin.registrations(ctx.common_dir)
        if one.here and one.admin != there.admin and os.path.realpath(one.path).startswith(within)
    )


def _submodules(there: Standing, reservation: Reservation) -> tuple[removal.Submodule, ...]:
    if not there.linked:
        return ()  # and no look for .gitmodules: an embedded clone, or a sparse checkout, has submodules without it
    found = submodules.work(there.path, reservation.base)
    return tuple(removal.Submodule(one.path, one.uncommitted, one.commits) for one in found)


def _branches(record: TaskRecord, numbers: Collection[int]) -> list[str]:
    """The branches that go with the reservations `numbers`."""
    return [
        entry.branch
        for number, entry in record.reservations.items()
        if number in numbers and not entry.in_place and not entry.flat
    ]


def _lost(ctx: Context, task: Task, number: int, heads: list[str], gone: list[str]) -> Mapping[str, str]:
    """The commits reachable from `heads` that no branch but those in `gone` has, newest first, with their subjects.

    Those of a head whose changes are in the task branch (for a stage) or in the base branch under other ids are left
    out. A stage's commits that are in the task branch are the task's to lose, even if both go together.
    """
    found: dict[str, str] = {}
    task_tip = refs.branch(ctx.common_dir, task.branch) if number != TASK else None
    others = [*(f"--exclude={branch}" for branch in gone), "--branches", "--remotes", *([task_tip] if task_tip else [])]
    for head in heads:
        args = ["log", "--format=%H%x00%h %s", "--no-show-signature", "--no-color", head, "--not", *others]
        lines = os.fsdecode(process.git(args, git_dir=ctx.common_dir).out).split("\n")[:-1]
        lost = dict(line.split("\0", 1) for line in lines)
        targets = (
            {*([task_tip] if task_tip else []), *refs.base_tips(ctx.common_dir, task.base_ref, task.branch)}
            if lost
            else set()
        )
        if not any(containment.is_contained(ctx.common_dir, head, into, list(lost)) for into in targets):
            found.update(lost)
    return found


def short_command(ctx: Context, verb: str, task: Task, number: int) -> str:
    """What to type for `verb` on it: a task by name where several are open."""
    if number != TASK:
        return f"git okstra {verb} {number}"
    return f"git okstra {verb} {task.key.task if len(ctx.store.open_tasks()) != 1 else 'task'}"


def require_quiet(ctx: Context, record: TaskRecord, number: int, *, alive: bool) -> None:
    """Raise OkstraError `busy` while another process is opening or removing it, `held` for another repository's."""
    reservation = record.reservations[number]
    if record.repository != ctx.common_dir:
        raise tasks.held(record, reservation, elsewhere=True)
    if alive and reservation.state != tasks.ACTIVE:
        doing = "opened" if reservation.state == tasks.RESERVING else "removed or brought back"
        raise OkstraError(
            "busy",
            f"{tasks.describe(record, number)} is being {doing} by process {reservation.pid}",
            "run the same command again in a moment",
        )


def nothing_held(task: Task, number: int) -> OkstraError:
    """The refusal when nobody has what was named."""
    if number == TASK:
        return OkstraError(
            "no-such-task",
            f"nobody holds task {names.printable(task.id)}",
            "see what there is: git okstra list\nor what was removed: git okstra restore",
        )
    return OkstraError(
        "stage-not-open",
        f"nobody holds stage {number} of {names.printable(task.id)}",
        f"see the stages: git okstra status --task {task.key.task}\nor what was removed: git okstra restore",
    )
