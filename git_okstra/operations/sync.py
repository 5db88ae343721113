"""`git okstra sync`: a stage that is behind what it stands on is brought up to date, or the task with its base branch.

Which commit that is follows the table of `core.bases`, as when the stage was opened. Each stage is an operation of its
own: the intent is written, git works, registry and journal get the new base. So it can be stopped, resumed and repeated
at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from git_okstra.core import bases, journal, lifecycle, names, syncing, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import ancestry, rebasing, refs
from git_okstra.operations import ground, merge_recovery, places, plans, sync_intent, sync_steps
from git_okstra.operations.context import Context
from git_okstra.operations.sync_intent import Intent
from git_okstra.operations.targets import Target

SYNCED = "synced"
UP_TO_DATE = "up-to-date"
NOT_READY = ("held", "stage-not-ready", "dependencies-not-merged")
"""What has a stage passed over when all are to be brought up to date: it is another's, or its turn comes later."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of a stage, or of the task: `status` is `synced` or `up-to-date`, `head` where its branch is now
    (None in a dry run), `base` and `old` the commits it stands on now and stood on before."""

    number: int
    status: str
    head: str | None
    base: str | None
    old: str | None
    rebased: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that was looked at, in its order, and what was refused while the others went on."""

    done: tuple[Synced, ...]
    refused: Mapping[int, OkstraError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a branch is to have: the commit `onto`, called `source`; `old` is what it stood on. `missing` says that the
    branch lacks it."""

    onto: str
    source: str
    old: str
    tip: str
    missing: bool


def sync(
    ctx: Context, task: Task, numbers: Sequence[int], *, rebase: bool = False, dry_run: bool = False
) -> tuple[Synced, ...]:
    """Bring the stages `numbers` (`names.TASK`: the task) up to date, one after the other. A conflict stops there.

    Raises `plan-missing`, `plan-not-approved`, `no-such-stage`, `stage-not-open`, `stage-not-ready`, `held`,
    `taken-over`, `busy`, `dependencies-not-merged`, `phase-not-ready`, `worktree-missing`, `branch-missing`,
    `wrong-branch`, `dirty-worktree`, `merge-conflict`, `merge-in-progress`, `rebase-refused` and `git-failed`.
    """
    done: list[Synced] = []
    try:
        for number in dict.fromkeys(numbers):
            done.append(_one(ctx, task, number, rebase=rebase, dry_run=dry_run))
    except OkstraError as error:
        earlier = [one.number for one in done if one.status == SYNCED and not dry_run]
        if not earlier:
            raise
        said = f"{', '.join(map(names.label, earlier))} brought up to date before that"
        message = f"{error.message}\n{said}" if "\n" in error.message else f"{error.message} ({said})"
        raise OkstraError(error.code, message, error.hint) from None
    return tuple(done)


def sync_all(ctx: Context, task: Task, *, rebase: bool = False, dry_run: bool = False) -> Outcome:
    """Bring every stage of the caller's up to date that is behind. Others' are told in notes, and so are those whose
    turn comes later; what else refuses one is in the outcome, and the others go on. A conflict stops, as in `sync`."""
    plan = plans.require_approved(ctx, task)
    history = ctx.store.history(task.key.group, task.key.task)
    facts = ground.stage_facts(ctx, task, plan, history)
    done: list[Synced] = []
    refused: dict[int, OkstraError] = {}
    left = [n for n in history.started() if n in {stage.number for stage in plan.stages}]
    behind = {n: facts.behind.get(n, ()) for n in left if n in facts.behind or sync_intent.is_left(ctx, task, n)}
    for stage in plan.order():
        if stage.number not in behind:
            continue
        try:
            done += sync(ctx, task, [stage.number], rebase=rebase, dry_run=dry_run)
        except OkstraError as error:
            if error.code in ("merge-conflict", "busy"):
                raise
            if error.code in NOT_READY:
                ctx.note(f"stage {stage.number} was passed over: {error.message}")
            else:
                refused[stage.number] = error
    return Outcome(tuple(done), refused)


def resume(ctx: Context, task: Task, number: int, *, dry_run: bool = False) -> Synced:
    """Go on with what stopped, its conflicts being resolved. Raises `no-merge`, `merge-conflict` and as `sync`."""
    place = _place(ctx, task, number)
    if dry_run:
        intent = sync_intent.load(ctx, task, number)
        if intent is None:
            raise sync_steps.none(place)
        return Synced(number, SYNCED, None, intent.onto, intent.base, intent.rebase)
    with sync_intent.at_work(ctx, task, number) as hold:
        ground.own_reservation(ctx, task, number, "sync")  # it may have been taken over meanwhile
        intent = sync_intent.load(ctx, task, number)
        tip = sync_steps.conclude(ctx, task, place, hold)
    return _concluded(ctx, task, number, intent, tip)


def abort(ctx: Context, task: Task, number: int, *, dry_run: bool = False) -> str:
    """Give up what stopped; where the branch is. Raises `no-merge`, `merge-in-progress`."""
    place = _place(ctx, task, number)
    with sync_intent.at_work(ctx, task, number):
        sync_steps.give_up(ctx, task, place, dry_run=dry_run)
    tip = refs.branch(ctx.common_dir, place.branch)
    if tip is None:
        raise ground.branch_missing(place.branch)
    return tip


def stopped(ctx: Context, task: Task) -> list[int]:
    """The stages, and the task, whose bringing up to date is not over."""
    record = ctx.registry.record(task.key)
    return [
        number for number in sorted(record.reservations if record else ()) if sync_intent.is_left(ctx, task, number)
    ]


def _one(ctx: Context, task: Task, number: int, *, rebase: bool, dry_run: bool) -> Synced:
    place = _place(ctx, task, number)
    if dry_run:
        sync_intent.require_none(ctx, task, number)
        wanted = _wanted(ctx, task, number, place)
        if wanted is None or not wanted.missing:
            return Synced(number, UP_TO_DATE, None, place.base, place.base)
        _require_fit(ctx, task, number, place, wanted, rebase=rebase)
        return Synced(number, SYNCED, None, wanted.onto, wanted.old, rebase)
    with sync_intent.at_work(ctx, task, number) as hold:
        ground.own_reservation(ctx, task, number, "sync")  # it may have been taken over meanwhile
        intent = sync_intent.load(ctx, task, number)
        tip = sync_steps.settle(ctx, task, place, hold)
        wanted = _wanted(ctx, task, number, place)
        if wanted is None or not wanted.missing:
            if tip is not None:
                return _concluded(ctx, task, number, intent, tip)
            if wanted is None:
                return Synced(number, UP_TO_DATE, refs.branch(ctx.common_dir, place.branch), place.base, place.base)
            # Somebody has merged it by hand, then; the base is recorded as if we had.
            head, old = wanted.tip, wanted.old
            if number != names.TASK:
                sync_steps.record(ctx, task, number, old=old, base=wanted.onto, head=head, rebased=False)
            return Synced(number, UP_TO_DATE, head, wanted.onto, old)
        _require_fit(ctx, task, number, place, wanted, rebase=rebase)
        intent = sync_intent.begin(
            ctx, number, place, before=wanted.tip, base=wanted.old, onto=wanted.onto, rebase=rebase
        )
        message = f"Merge {wanted.source} into {place.branch}\n\nTask: {names.printable(task.id)}\n"
        tip = sync_steps.carry_out(ctx, task, place, intent, message, hold)
    return _concluded(ctx, task, number, intent, tip)


def _concluded(ctx: Context, task: Task, number: int, intent: Intent | None, tip: str) -> Synced:
    if ctx.store.history(task.key.group, task.key.task).stage(number).state == journal.DONE:
        ctx.note(f"stage {number} was done; check and record it again: git okstra done {number}")
    base, old, rebased = (intent.onto, intent.base, intent.rebase) if intent else (None, None, False)
    return Synced(number, SYNCED, tip, base, old, rebased)


def _place(ctx: Context, task: Task, number: int) -> Reservation:
    """The caller's reservation, its worktree being there. Raises `held`, `stage-not-open`, `worktree-missing`."""
    if number != names.TASK:
        plans.require_approved(ctx, task).require(number)
    ground.own_reservation(ctx, task, number, "sync")
    place = places.reservation(ctx, Target(task, number))
    if place.state != tasks.ACTIVE:
        raise OkstraError(
            "busy",
            f"{names.label(number)} is being opened or taken away by process {place.pid}",
            "look at it: git okstra status\nthen run the same command again",
        )
    return place


def _wanted(ctx: Context, task: Task, number: int, place: Reservation) -> _Wanted | None:
    """What the branch is to have; None when it stands on what never moves, or is merged already."""
    tip = refs.branch(ctx.common_dir, place.branch)
    if tip is None:
        raise ground.branch_missing(place.branch)
    return _of_task(ctx, task, tip) if number == names.TASK else _of_stage(ctx, task, number, place, tip)


def _of_task(ctx: Context, task: Task, tip: str) -> _Wanted | None:
    base = ground.base_tip(ctx.common_dir, task.base_ref, task.branch)
    if base is None:
        ctx.note(f"the task started from '{names.printable(task.base_ref)}', which is no branch and never moves")
        return None
    missing = base not in ground.contained(ctx, [base], tip)
    name = task.base_ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    return _Wanted(base, f"branch '{name}'", task.base_commit, tip, missing)


def _of_stage(ctx: Context, task: Task, number: int, place: Reservation, tip: str) -> _Wanted | None:
    plan = plans.require_approved(ctx, task)
    stage, history = plan.require(number), ctx.store.history(task.key.group, task.key.task)
    record = history.stage(number)
    if record.state not in (journal.OPEN, journal.DONE):
        raise OkstraError("stage-not-open", f"stage {number} is not open", f"open it: git okstra stage {number}")
    if record.flat:
        ctx.note(f"stage {number} works on the task branch itself: git okstra merge brings its dependencies there")
        return None
    if not stage.depends_on:
        ctx.note(f"stage {number} starts from the anchor, which never moves")
        return None
    facts = ground.stage_facts(ctx, task, plan, history)
    if number in facts.merged:
        ctx.note(f"stage {number} is merged already")
        return None
    base = _base(ctx, task, plan, number, history)
    source = task.branch if base.rule == bases.TASK_HEAD else names.branch(task.branch, stage.depends_on[0])
    old = record.base or place.base
    lacks = number in facts.behind
    if base.rule == bases.TASK_HEAD and not lacks:
        return None  # the task branch moves all the time; what counts is that the dependencies are there
    return _Wanted(base.commit, f"branch '{source}'", old, tip, lacks)


def _base(ctx: Context, task: Task, plan: Plan, number: int, history: journal.History) -> bases.Base:
    """Where the stage would start from now. Raises `stage-not-ready`, `dependencies-not-merged`, with our own ways."""
    head = ground.require_task_head(ctx, task)

    def are_ancestors(heads: Sequence[str], of: str) -> Mapping[str, bool]:
        with ancestry.Ancestry(ctx.common_dir) as graph:
            return graph.are_ancestors(heads, of)

    try:
        return bases.decide(
            plan.require(number), history, anchor=task.anchor or head, task_head=head, are_ancestors=are_ancestors
        )
    except OkstraError as error:
        first = error.hint.split("\n")[0]
        raise OkstraError(error.code, error.message, f"{first}\nthen: git okstra sync {number}") from None


def _require_fit(ctx: Context, task: Task, number: int, place: Reservation, wanted: _Wanted, *, rebase: bool) -> None:
    """Raise an OkstraError unless phase, worktree and commits allow it."""
    phase = (ctx.store.task(*task.key) or task).phase
    if phase != lifecycle.IMPLEMENTATION and (number or not lifecycle.is_before_implementation(phase)):
        raise OkstraError(
            "phase-not-ready",
            f"the branch '{place.branch}' takes no commits in the phase {phase}",
            "for more work: git okstra phase implementation",
        )
    merge_recovery.require_clean(place, place.branch)
    if rebase:
        _require_rebasable(ctx, task, number, wanted)


def _require_rebasable(ctx: Context, task: Task, number: int, wanted: _Wanted) -> None:
    git_dir, base, tip = ctx.common_dir, wanted.old, wanted.tip
    own = rebasing.commits(git_dir, base, tip)
    unpublished = rebasing.commits(git_dir, base, tip, "--not", "--remotes")
    pushed = [commit for commit in own if commit not in unpublished]
    unmerged = rebasing.commits(git_dir, base, tip, f"^{ground.require_task_head(ctx, task)}")
    refusal = syncing.not_rebasable(
        number,
        ctx.store.history(task.key.group, task.key.task).stage(number),
        merges=any(parents > 1 for parents in own.values()),
        published=rebasing.remote_with(git_dir, pushed[-1]) if pushed else None,
        merged=len(unmerged) < len(own),
        descends=base in ground.contained(ctx, [base], tip),
    )
    if refusal is not None:
        raise refusal
