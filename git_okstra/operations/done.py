"""`git okstra done`: a stage is checked, and the commit at its head is recorded.

The checks run without a lock, for they may take long; the record is written under the store lock only if nothing that
they looked at has changed, and otherwise they are made again.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import closing, journal, names, tasks
from git_okstra.core.closing import Change, Facts, Verified
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import StageRecord
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import changes, merges, process, refs, unfinished
from git_okstra.operations import ground, plans, provisioning
from git_okstra.operations.context import Context

ATTEMPTS = 5
"""How often a stage that changes while it is checked is checked again."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was recorded: `commits` counts the stage's own, `files` are the paths they change. `already` says that it
    was recorded before and nothing has changed since."""

    number: int
    head: str
    base: str
    commits: int
    files: tuple[str, ...]
    verified: tuple[Verified, ...] = ()
    already: bool = False


def done(ctx: Context, task: Task, number: int, *, allow_empty: bool = False, dry_run: bool = False) -> Done:
    """Close stage `number` of `task`. A stage that is done and has moved since is checked and recorded anew.

    Raises, all reasons in one error: `wrong-branch`, `merge-in-progress`, `dirty-worktree`, `not-descended`,
    `outside-plan`, `no-commits`, `verify-failed`; before that `plan-missing`, `plan-not-approved`, `no-such-stage`,
    `held`, `stage-not-open`, `branch-missing`, `worktree-missing`; and `busy` when the stage keeps changing.
    """
    for _ in range(ATTEMPTS):
        plan = plans.require_approved(ctx, task)
        stage = plan.require(number)
        history = ctx.store.history(task.key.group, task.key.task)
        record = history.stage(number)
        reservation = ground.own_reservation(ctx, task, number, "done")
        head = refs.branch(ctx.common_dir, _branch(task, record, number))
        if record.state == journal.DONE and record.head and (record.flat or head in (record.head, None)):
            return _already(ctx, task, plan, history, stage)
        place = _require_open(task, record, reservation)
        if head is None:
            raise ground.branch_missing(place.branch)
        facts = _facts(ctx, task, plan, history, stage, place, head)
        errors = closing.reasons(facts, allow_empty=allow_empty)
        verified = tuple(Verified(command, None) for command in stage.verify)
        if not dry_run and facts.settled and stage.verify:
            verified = _verify(ctx, stage, place.path)
            errors += _verify_errors(stage, place.path, verified)
        if errors:
            raise closing.refusal(errors, f"stage {number} cannot be closed")
        result = Done(number, head, facts.base, len(facts.own_commits), facts.files, verified)
        if dry_run:
            return result
        with ctx.store.locked():
            if _unchanged(ctx, task, plan, record, place, head):
                data = {"head": head, "base": facts.base, "commits": result.commits}
                ctx.store.append(task.key.group, task.key.task, ctx.event("done", number, **data))
                if record.state == journal.DONE:
                    _tell_dependents(ctx, plan, history, number)
                return result
    raise OkstraError(
        "busy",
        f"stage {number} of {names.printable(task.id)} changed each time it was checked",
        f"let whoever works in it come to an end, then: git okstra done {number}",
    )


def _branch(task: Task, record: StageRecord, number: int) -> str:
    return task.branch if record.flat else names.branch(task.branch, number)


def _require_open(task: Task, record: StageRecord, reservation: Reservation | None) -> Reservation:
    """The reservation of a stage that can be closed. Raises OkstraError `stage-not-open`, `worktree-missing`."""
    number, named = record.number, names.printable(task.id)
    again = f"git okstra stage {number}"
    if reservation is not None and reservation.state == tasks.RESERVING:
        why, hint = f"is being opened by process {reservation.pid}", f"when that is over, or to finish it: {again}"
    elif record.state not in (journal.OPEN, journal.DONE):
        why, hint = "was given up" if record.state == journal.ABANDONED else "was never opened", f"open it: {again}"
    elif reservation is None and record.state == journal.DONE:
        why = "is done, has moved since, and nobody holds it"
        hint = f"git okstra reopen {number}\nthen have its worktree made again: {again}"
    elif reservation is None:
        why, hint = "is open, but nobody holds it", f"take it: {again}"
    elif reservation.state == tasks.RELEASING:
        why, hint = f"is being removed by process {reservation.pid}", f"open it again: {again}"
    else:
        provisioning.require_worktree(reservation)
        return reservation
    raise OkstraError("stage-not-open", f"stage {number} of {named} {why}", hint)


def _facts(
    ctx: Context,
    task: Task,
    plan: Plan,
    history: journal.History,
    stage: PlannedStage,
    place: Reservation,
    head: str,
) -> Facts:
    record = history.stage(stage.number)
    base = record.base or place.base
    status = changes.status(place.path)
    return Facts(
        number=stage.number,
        branch=place.branch,
        path=place.path,
        head=head,
        base=base,
        checked_out=refs.head_branch(place.path),
        unfinished=unfinished.kind(place.path),
        uncommitted=status.paths,
        conflicted=status.conflicted,
        descends=base in ground.contained(ctx, [base], head),
        allowed=stage.files,
        changes=tuple(_changes(ctx, task, plan, history, stage, base, head)),
    )


def _changes(
    ctx: Context, task: Task, plan: Plan, history: journal.History, stage: PlannedStage, base: str, head: str
) -> list[Change]:
    """The commits that only the stage has, newest first."""
    ends = _excluded(ctx, task, plan, history, stage, base)
    found = [Change(*entry) for entry in changes.commits_with_paths(ctx.common_dir, head, ends)]
    if history.stage(stage.number).flat:
        found = _without_others(ctx, history, stage.number, found)
    return [_judged(ctx, change, stage) for change in found]


def _excluded(
    ctx: Context, task: Task, plan: Plan, history: journal.History, stage: PlannedStage, base: str
) -> list[str]:
    """Where the stage's own history ends: its base, the anchor, the base branch, and what its dependencies recorded."""
    anchor = (ctx.store.task(*task.key) or task).anchor
    recorded = [history.stage(number).head for number in sorted(plan.ancestors(stage.number))]
    ends = dict.fromkeys(
        end for end in (base, anchor, *refs.base_tips(ctx.common_dir, task.base_ref, task.branch), *recorded) if end
    )
    return [end for end in ends if refs.commit(ctx.common_dir, end) is not None]


def _without_others(ctx: Context, history: journal.History, number: int, found: Sequence[Change]) -> list[Change]:
    """Without what came to the task branch meanwhile from other stages: their commits, and the merges of them."""
    theirs: set[str] = set()
    for other in history.stages.values():
        if other.number != number and other.state == journal.DONE and other.base and other.head:
            theirs |= ground.commits_between(ctx, other.base, other.head)
            theirs.update(other.merges)
    return [change for change in found if change.commit not in theirs]


def _judged(ctx: Context, change: Change, stage: PlannedStage) -> Change:
    """The change; of a merge only what it did by itself, unless all that it brings together is the stage's anyway."""
    own = merges.own_paths(ctx.common_dir, change.commit, change.parents, change.paths)
    if not closing.outside([change], stage.files):
        own = tuple(sorted({*own, *change.paths}))
    return Change(change.commit, change.parents, own)


def _verify(ctx: Context, stage: PlannedStage, path: str) -> tuple[Verified, ...]:
    """The verify commands in their order, up to the first that fails; the rest is not run."""
    found: list[Verified] = []
    failed = False
    for command in stage.verify:
        if failed:
            found.append(Verified(command, None))
            continue
        ended = process.run(command, cwd=path, timeout=ctx.settings.get("verify.timeout"))
        said = (ended.out + ended.err).decode("utf-8", "replace")
        found.append(Verified(command, ended.status, said))
        failed = ended.status != 0
    return tuple(found)


def _verify_errors(stage: PlannedStage, path: str, verified: Sequence[Verified]) -> list[OkstraError]:
    errors = [closing.verify_failed(stage.number, one, path) for one in verified if one.status]
    left = changes.status(path)
    if left.dirty:
        run = [one.command for one in verified if one.status is not None]
        errors.append(closing.soiled_by_verify(path, run, left.paths))
    return errors


def _unchanged(ctx: Context, task: Task, plan: Plan, record: StageRecord, place: Reservation, head: str) -> bool:
    """Whether plan, stage, reservation and branch are what they were. Called under the store lock."""
    now = ctx.registry.record(task.key)
    stored = plans.stored(ctx, task)
    return (
        ctx.store.history(task.key.group, task.key.task).stage(record.number) == record
        and now is not None
        and now.reservation(record.number) == place
        and stored is not None
        and stored.valid
        and stored.plan.digest() == plan.digest()
        and refs.branch(ctx.common_dir, place.branch) == head
    )


def _already(ctx: Context, task: Task, plan: Plan, history: journal.History, stage: PlannedStage) -> Done:
    record = history.stage(stage.number)
    head, base = record.head or "", record.base or ""
    ctx.note(f"stage {stage.number} was done already, at {record.since}, and has not moved since")
    found = _changes(ctx, task, plan, history, stage, base, head) if refs.commit(ctx.common_dir, head) else []
    own = [change for change in found if change.own]
    files = tuple(sorted({path for change in own for path in change.paths}))
    return Done(stage.number, head, base, len(own), files, already=True)


def _tell_dependents(ctx: Context, plan: Plan, history: journal.History, number: int) -> None:
    dependents = ground.started_from(plan, history, number)
    if dependents:
        ctx.note(f"{ground.listed(dependents)} started from its earlier head and may want to merge this one")
