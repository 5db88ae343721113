"""The ground that decisions about stages stand on: their facts, gathered with few git calls.

One `for-each-ref` gives the branch tips, one walk tells which recorded heads are in the task branch. No lock is taken
and nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from git_okstra.core import journal, names, readiness, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import ancestry, process, refs
from git_okstra.operations import leasing
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class StageFacts:
    """Where the stages' branches are now (`heads`; one that is gone is left out), which recorded heads are in the task
    branch (`merged`), which stages are being opened (`reserving`), the reservations, and the task branch's HEAD."""

    heads: dict[int, str]
    merged: set[int]
    reserving: set[int]
    record: TaskRecord | None
    task_head: str | None


def stage_facts(ctx: Context, task: Task, plan: Plan, history: journal.History) -> StageFacts:
    """The facts about every stage of the plan. Raises `git-failed`, and `damaged-file` for the registry's record."""
    record = ctx.registry.record(task.key)
    if record is not None and record.repository != ctx.common_dir:
        record = None
    branches = {stage.number: names.branch(task.branch, stage.number) for stage in plan.stages}
    asked = [f"refs/heads/{branch}" for branch in (task.branch, *branches.values())]
    tips = refs.listed(ctx.common_dir, *asked)
    task_head = tips.get(f"refs/heads/{task.branch}")
    recorded = {
        stage.number: record_of.head
        for stage in plan.stages
        if (record_of := history.stage(stage.number)).state == journal.DONE and record_of.head
    }
    inside = contained_in_branch(ctx, history, recorded.values(), task_head)
    return StageFacts(
        {number: tip for number, branch in branches.items() if (tip := tips.get(f"refs/heads/{branch}"))},
        {number for number, head in recorded.items() if head in inside},
        {number for number, entry in (record.reservations if record else {}).items() if entry.state == tasks.RESERVING},
        record,
        task_head,
    )


def states(plan: Plan, history: journal.History, facts: StageFacts) -> dict[int, str]:
    """The state of every stage, as `core.readiness` tells it from the facts."""
    return readiness.states(plan, history, reserving=facts.reserving, heads=facts.heads, merged=facts.merged)


def contained_in_branch(ctx: Context, history: journal.History, commits: Iterable[str], head: str | None) -> set[str]:
    """Those of `commits` that are in the task branch at `head`, or were in a tip that a squash in it took the place of.

    A squash only counts while it has exactly the files of that tip.
    """
    asked = set(commits)
    found, heads = contained(ctx, asked, head), {head}
    for old, new in reversed(history.squashes):
        if asked <= found:
            break
        there = any(new == one or (one and contained(ctx, [new], one)) for one in heads)
        trees = [refs.read(ctx.common_dir, f"{commit}^{{tree}}") for commit in (old, new)]
        if there and trees[0] is not None and trees[0] == trees[1]:
            heads.add(old)
            found |= contained(ctx, asked - found, old)
    return found


def contained(ctx: Context, commits: Iterable[str], head: str | None) -> set[str]:
    """Those of `commits` that are ancestors of `head`; one that is no longer in the repository is none."""
    asked = sorted(set(commits))
    if head is None or not asked:
        return set()
    with ancestry.Ancestry(ctx.common_dir) as graph:
        try:
            return {commit for commit, inside in graph.are_ancestors(asked, head).items() if inside}
        except OkstraError as error:
            if error.code != "bad-revision":
                raise
        there = [commit for commit in asked if refs.commit(ctx.common_dir, commit) is not None]
        return {commit for commit, inside in graph.are_ancestors(there, head).items() if inside}


def require_task_head(ctx: Context, task: Task) -> str:
    """The commit at the tip of the task branch. Raises OkstraError `branch-missing`."""
    head = refs.branch(ctx.common_dir, task.branch)
    if head is None:
        raise branch_missing(task.branch)
    return head


def branch_missing(branch: str) -> OkstraError:
    """The refusal for a branch that is gone."""
    return OkstraError("branch-missing", f"the branch '{branch}' is gone", "see what happened: git okstra doctor")


def own_reservation(ctx: Context, task: Task, number: int, verb: str) -> Reservation | None:
    """The caller's reservation of a stage, None when nobody has one. Raises OkstraError `held` for someone else's,
    `taken-over` when the caller's lease of it is over."""
    record = ctx.registry.record(task.key)
    reservation = record.reservation(number) if record else None
    if record is None or reservation is None:
        return None
    if record.repository != ctx.common_dir:
        raise tasks.held(record, reservation, elsewhere=True)
    leasing.require_present(ctx, record, number)
    tasks.require_owner(record, number, ctx.owner, verb)
    return reservation


def require_no_other_flat(ctx: Context, task: Task, number: int, history: journal.History) -> None:
    """Raise OkstraError `open-stages` when the task's own worktree serves another stage, or is about to.

    Under the registry lock the answer stays right: a stage leaves `reserving` only after the journal says that it is
    open, and under that lock.
    """
    record = ctx.registry.record(task.key)
    for other, entry in sorted(record.reservations.items() if record else ()):
        if other != number and entry.flat and entry.state == tasks.RESERVING:
            raise OkstraError(
                "open-stages",
                f"stage {other} is being opened in the task's own worktree, which serves one stage at a time",
                f"when it is open, or to finish opening it: git okstra stage {other}",
            )
    for other, stage in history.stages.items():
        if other != number and stage.flat and stage.state == journal.OPEN:
            raise OkstraError(
                "open-stages",
                f"stage {other} is open in the task's own worktree, which serves one stage at a time",
                f"close it first: git okstra done {other}",
            )


def commits_between(ctx: Context, old: str, new: str) -> set[str]:
    """The ids of the commits that `new` has and `old` has not."""
    return set(process.git(["rev-list", new, f"^{old}"], git_dir=ctx.common_dir).text.split())


def started_from(plan: Plan, history: journal.History, number: int) -> list[int]:
    """The stages that stand on the recorded head of stage `number`: they depend on it, and were started."""
    return [
        stage.number
        for stage in plan.stages
        if number in stage.depends_on and history.stage(stage.number).state in (journal.OPEN, journal.DONE)
    ]


def listed(numbers: Collection[int]) -> str:
    """`stage 2`, `stages 2, 3`."""
    return f"stage{'' if len(numbers) == 1 else 's'} {', '.join(map(str, sorted(numbers)))}"
