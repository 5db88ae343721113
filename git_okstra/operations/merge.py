"""`git okstra merge`: done stages are merged into the task branch, one merge commit each, dependencies first.

Each merge is an operation of its own: the intent is written, git merges, the journal says so. Every round decides anew
from the refs, so that a merge can be stopped, resumed or repeated at any time, and merges nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import journal, merging, names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import ancestry, changes, merges, process, refs
from git_okstra.operations import ground, merge_intent, merge_recovery, places, plans, releasing, sync_intent
from git_okstra.operations.context import Context
from git_okstra.operations.merge_intent import Intent
from git_okstra.operations.targets import Target
from git_okstra.state import locks


@dataclass(frozen=True, slots=True)
class Merged:
    """`merged` are the stages merged now, each with its merge commit (None in a dry run), `skipped` those that were in
    the task branch already, `left` the others of the plan with their states."""

    merged: tuple[tuple[int, str | None], ...]
    skipped: tuple[int, ...]
    left: dict[int, str]


@dataclass(frozen=True, slots=True)
class Aborted:
    """The stage whose merge was given up (None when that was not known), and where the task branch is."""

    number: int | None
    head: str


def merge(
    ctx: Context, task: Task, numbers: Sequence[int] = (), *, dry_run: bool = False, take_back: bool = False
) -> Merged:
    """Merge the stages `numbers`, or all that are done. What a process that died left behind is put right first.

    With `take_back` a merge that stops, on conflicts or at a hook, is given up before anybody else meets it, and the
    hint is the command that merges that stage by itself.

    Raises `plan-missing`, `plan-not-approved`, `no-such-stage`, `stage-not-done`, `stage-not-ready`, `stage-stale`,
    `branch-moved`, `branch-missing`, `worktree-missing`, `wrong-branch`, `dirty-worktree`, `merge-in-progress`,
    `merge-conflict`, `not-descended` and `busy`.
    """
    plan = plans.require_approved(ctx, task)
    asked = tuple(dict.fromkeys(numbers))
    place = places.reservation(ctx, Target(task))
    if dry_run:
        decision = _decision(ctx, task, plan, asked, place)
        return Merged(tuple((number, None) for number in decision.order), decision.merged, dict(decision.left))
    with merge_intent.at_work(ctx, task) as hold:
        sync_intent.require_none(ctx, task, names.TASK)
        first = merge_recovery.settle(ctx, task, place, hold)
        return _run(ctx, task, plan, asked, place, hold, first, take_back=take_back)


def require_fit(ctx: Context, task: Task) -> None:
    """Raise what keeps any stage from being merged now: `merge-in-progress` for a merge that waits for a person,
    `wrong-branch`, `dirty-worktree`. While another command merges, nothing is known against it."""
    place = places.reservation(ctx, Target(task))
    try:
        with merge_intent.at_work(ctx, task):
            intent = merge_intent.load(ctx, task)
            if intent is None:
                merge_recovery.require_clean(place, task.branch)
            elif intent.stopped:
                merge_recovery.require_not_waiting(place, intent)
    except OkstraError as error:
        if error.code != "busy":
            raise


def resume(ctx: Context, task: Task, *, dry_run: bool = False) -> Merged:
    """Commit the merge that stopped, its conflicts being resolved, and go on with the stages after it.

    Raises `no-merge`, `merge-conflict` while conflicts are left, and as `merge`.
    """
    plan = plans.require_approved(ctx, task)
    place = places.reservation(ctx, Target(task))
    with merge_intent.at_work(ctx, task) as hold:
        intent = merge_intent.load(ctx, task)
        if intent is None:
            raise merge_recovery.no_merge(place)
        if dry_run:
            merge_recovery.require_resolved(place, intent)
            return Merged(tuple((number, None) for number in (intent.number, *intent.left)), (), {})
        first = merge_recovery.conclude(ctx, task, place, intent, hold)
        return _run(ctx, task, plan, intent.asked, place, hold, first)


def abort(ctx: Context, task: Task, *, dry_run: bool = False) -> Aborted:
    """Give up the merge that stopped; what was merged before it stays. Raises `no-merge`, `merge-in-progress`."""
    place = places.reservation(ctx, Target(task))
    with merge_intent.at_work(ctx, task):
        number = merge_recovery.give_up(ctx, task, place, dry_run=dry_run)
    return Aborted(number, ground.require_task_head(ctx, task))


def _run(
    ctx: Context,
    task: Task,
    plan: Plan,
    asked: tuple[int, ...],
    place: Reservation,
    hold: locks.Hold,
    first: tuple[int, str] | None,
    *,
    take_back: bool = False,
) -> Merged:
    """Merge one stage after the other until none is left; `first` is one that was concluded just now."""
    merged: list[tuple[int, str | None]] = [first] if first else []
    skipped: tuple[int, ...] | None = None
    try:
        while True:
            decision = _decision(ctx, task, plan, asked, place)
            if skipped is None:
                skipped = tuple(number for number in decision.merged if not first or number != first[0])
            if not decision.order:
                return Merged(tuple(merged), skipped, dict(decision.left))
            merge_recovery.require_clean(place, task.branch)
            number, *left = decision.order
            before = ground.require_task_head(ctx, task)
            intent = Intent(number, decision.heads[number], before, asked, tuple(left), ctx.owner, ctx.pid, ctx.now())
            if not _intended(ctx, task, intent):
                releasing.settle(ctx, task.key, number)
                continue  # it was reopened, or taken away: decide anew
            merged.append((number, _merge_one(ctx, task, plan, place, intent, hold, take_back)))
    except OkstraError as error:
        if not merged:
            raise
        earlier = f"{ground.listed([number for number, _ in merged])} merged before that"
        message = f"{error.message}\n{earlier}" if "\n" in error.message else f"{error.message} ({earlier})"
        raise OkstraError(error.code, message, error.hint) from None


def _intended(ctx: Context, task: Task, intent: Intent) -> bool:
    """Record the intent, unless the stage is not done any more with that head, or a dead process left it half removed.

    Under the registry lock, as whoever gives the stage up looks for the intent there. Raises `busy` when it is being
    taken away.
    """
    number = intent.number
    with ctx.registry.locked():
        stage = ctx.store.history(task.key.group, task.key.task).stage(number)
        if stage.state != journal.DONE or stage.head != intent.head:
            return False
        record = ctx.registry.record(task.key)
        entry = record.reservation(number) if record else None
        if record is not None and entry is not None and tasks.takes_away(entry):
            if locks.is_held(ctx.registry.hold_path(task.key, number)):
                raise tasks.going(record, number)
            return False
        merge_intent.save(ctx, task, intent)
    return True


def _decision(ctx: Context, task: Task, plan: Plan, asked: Sequence[int], place: Reservation) -> merging.Decision:
    history = ctx.store.history(task.key.group, task.key.task)
    facts = ground.stage_facts(ctx, task, plan, history)
    if facts.task_head is None:
        raise ground.branch_missing(task.branch)
    _require_unmoved(ctx, task, history, facts.task_head, facts.merged, asked, place)
    states = ground.states(plan, history, facts)
    return merging.decide(plan, history, states, merged=facts.merged, asked=asked, behind=facts.behind)


def _require_unmoved(
    ctx: Context,
    task: Task,
    history: journal.History,
    head: str,
    inside: set[int],
    asked: Sequence[int],
    place: Reservation,
) -> None:
    """Raise OkstraError `branch-moved` when the task branch has lost its anchor, or a merge not asked for anew."""
    anchor = (ctx.store.task(*task.key) or task).anchor
    done = [record for record in history.stages.values() if record.state == journal.DONE]
    last = {record.number: record.merges[-1] for record in done if record.merges}
    there = ground.contained_in_branch(ctx, history, [*last.values(), *([anchor] if anchor else [])], head)
    lost = [number for number, commit in sorted(last.items()) if commit not in there and number not in inside]
    if (anchor is None or anchor in there) and set(lost) <= set(asked):
        return
    order = [event.data.get("commit") for event in ctx.store.events(task.key.group, task.key.task)]
    newest = max((last[number] for number in lost), key=order.index, default=anchor or "")
    forward = refs.commit(ctx.common_dir, newest) is not None and _is_ancestor(ctx, head, newest)
    raise merging.branch_moved(task.branch, head, place.path, lost=lost, commit=newest, forward=forward)


def _is_ancestor(ctx: Context, one: str, other: str) -> bool:
    with ancestry.Ancestry(ctx.common_dir) as graph:
        return graph.is_ancestor(one, other)


def _merge_one(
    ctx: Context, task: Task, plan: Plan, place: Reservation, intent: Intent, hold: locks.Hold, take_back: bool
) -> str:
    """Merge one stage; the merge commit."""
    stage = plan.require(intent.number)
    message = merging.message(stage, task.id, names.branch(task.branch, stage.number))
    result = merges.merge(place.path, intent.head, message, hold.fd, ctx.settings.get("checkout.timeout"))
    commit = merge_recovery.recorded(ctx, task, place, intent)
    if commit is not None:
        return commit
    if merges.merge_head(place.path) == intent.head:
        error = merge_recovery.stopped(ctx, task, place, intent, result)
        if take_back:
            merge_recovery.give_up(ctx, task, place, dry_run=False)
            again = f"the merge was taken back; to resolve it by hand: git okstra merge {intent.number}"
            raise OkstraError(error.code, error.message, again)
        raise error
    if result.status == 0:
        # It is in, then, but git did not say so: whoever comes next finds the intent, and asks again.
        raise OkstraError(
            "git-failed",
            f"git cannot tell whether stage {intent.number} is merged, although the merge succeeded",
            "run the same command again: git okstra merge\nsee each call: OKSTRA_TRACE=1 git okstra …",
        )
    if not changes.status(place.path).dirty:
        merge_intent.drop(ctx, task)
    raise _not_begun(place, intent, result)


def _not_begun(place: Reservation, intent: Intent, result: process.Result) -> OkstraError:
    """The error for a merge that git did not begin."""
    if "unrelated histories" in result.complaint:
        return OkstraError(
            "not-descended",
            f"the recorded head of stage {intent.number} has no history in common with the task branch",
            f"git okstra reopen {intent.number}",
        )
    return process.failure(["merge"], result)
