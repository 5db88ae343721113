"""What the gate has to know: stages and their heads, the worktree, and every commit of the task branch with its origin.

All recorded heads are looked for in one walk over history. The commits are listed by one git process, and one more
tells which merges are not git's own work; only those are merged again, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import journal, judging, lifecycle, names
from git_okstra.core.closing import Change
from git_okstra.core.gate import Facts, StageFact
from git_okstra.core.judging import Branch, Foreign
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass, replace
from git_okstra.core.settings import Settings
from git_okstra.core.tasks import Task
from git_okstra.git import changes, commit_facts, merges, refs, repository, tracked, unfinished
from git_okstra.operations import ground, judged_by, plans
from git_okstra.operations.context import Context
from git_okstra.state import trust

HANDED_OFF = "handed-off"
"""The event of a hand-off: `commit` is the one that it made, `squashed` the tip that this took the place of, if any."""

COMMANDS = "verify.commands"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts, and what a report tells besides: who approved the plan, and how many commits each stage has."""

    facts: Facts
    approved_by: str
    commits: dict[int, int]


def gather(ctx: Context, task: Task) -> Gathered:
    """Everything that is known before a command is run. Raises `branch-missing`, `damaged-file`, `bad-config`."""
    head = ground.require_task_head(ctx, task)
    stored = plans.stored(ctx, task)
    events = journal.since_start(ctx.store.events(task.key.group, task.key.task))
    history = ctx.store.history(task.key.group, task.key.task)
    settings = judged_by.settings_of(ctx, task, ctx.environ, ctx.options)
    branch = _branch(ctx, task, head, events, history)
    stages = _stages(ctx, task, stored.plan, history, branch) if stored else ()
    parents = {commit: change.parents for commit, change in branch.changes.items()}
    counts = {
        stage.number: len(judging.reach([stage.recorded], parents) - judging.reach([stage.base or ""], parents))
        for stage in stages
        if stage.recorded
    }
    commands = tuple(settings.get(COMMANDS))
    place = _place(ctx, task)
    facts = Facts(
        task_id=task.id,
        branch=task.branch,
        head=head,
        tree=commit_facts.tree(ctx.common_dir, head) or "",
        path=place,
        checked_out=refs.head_branch(place) if place else None,
        unfinished=unfinished.kind(place) if place else "",
        uncommitted=changes.status(place, as_made=True).paths if place else (),
        concealed=tracked.concealed(place) if place else (),
        approved=stored.valid if stored else None,
        ever_approved=bool(stored and (stored.approved or any(event.event == "plan-approved" for event in events))),
        digest=stored.plan.digest() if stored else None,
        stages=stages,
        foreign=tuple(_foreign(ctx, branch, settings.get("policy.docs"))),
        commands=commands,
        untrusted=untrusted(ctx, settings),
    )
    return Gathered(facts, stored.approved_by if stored and stored.valid else "", counts)


def untrusted(ctx: Context, settings: Settings) -> tuple[str, ...]:
    """The commands of the gate, if the project's file asks for them and nobody has approved exactly these here."""
    commands = tuple(settings.get(COMMANDS))
    if settings.origin(COMMANDS).scope != "project" or trust.trusted(ctx.common_dir, commands):
        return ()
    return commands


def _stages(ctx: Context, task: Task, plan: Plan, history: journal.History, branch: Branch) -> tuple[StageFact, ...]:
    found = ground.stage_facts(ctx, task, plan, history)
    # Ancestry is what git says, replacements and all; here the commits count as they were made. What the listing left
    # out is in the base branch, and there the walk is all there is.
    there = judging.reached(branch)
    heads = {stage.number: history.stage(stage.number).head for stage in plan.stages}
    merged = {n for n, head in heads.items() if head in there or (n in found.merged and head not in branch.changes)}
    states = ground.states(plan, history, replace(found, merged=merged))
    return tuple(
        StageFact(
            number=stage.number,
            title=stage.title,
            state=states[stage.number],
            branch=task.branch if record.flat else names.branch(task.branch, stage.number),
            base=record.base,
            tip=found.heads.get(stage.number),
            recorded=record.head if record.state == journal.DONE else None,
            merged=stage.number in merged,
        )
        for stage in plan.stages
        for record in (history.stage(stage.number),)
    )


def _place(ctx: Context, task: Task) -> str | None:
    """Where the task's worktree is, None when there is none."""
    record = ctx.registry.record(task.key)
    own = record.reservation(names.TASK) if record and record.repository == ctx.common_dir else None
    return own.path if own is not None and repository.admin_directory(own.path) is not None else None


def _branch(ctx: Context, task: Task, head: str, events: Sequence[journal.Event], history: journal.History) -> Branch:
    """The task branch's own commits, with those of the stages and of tips that were left."""
    handed_off = {
        commit: journal.text(event, "squashed")
        for event in events
        if event.event == HANDED_OFF and (commit := journal.text(event, "commit"))
    }
    handed_off |= {new: old for old, new in history.squashes}
    # A squash is only taken for the tip that it replaced when it has exactly its files.
    handed_off = {
        commit: replaced
        for commit, replaced in handed_off.items()
        if replaced is None or commit_facts.tree(ctx.common_dir, replaced) == commit_facts.tree(ctx.common_dir, commit)
    }
    stages = [
        (journal.text(event, "base") or task.base_commit, recorded)
        for event in events
        if event.event == "done"
        and event.stage is not None
        and history.stage(event.stage).state in (journal.OPEN, journal.DONE)
        and (recorded := journal.text(event, "head"))
    ]
    intervals = lifecycle.intervals(events, (ctx.store.task(*task.key) or task).phase)
    approvals = [event for event in events if event.event == "plan-approved"]
    bound_at = next((at for event in approvals if (at := journal.text(event, "head"))), None) or task.anchor
    also = [*(one.head for one in intervals), *handed_off.values(), *(recorded for _, recorded in stages)]
    ends = [task.base_commit, *refs.base_tips(ctx.common_dir, task.base_ref, task.branch)]
    listed = changes.commits_with_paths(
        ctx.common_dir,
        head,
        [end for end in dict.fromkeys(ends) if refs.commit(ctx.common_dir, end)],
        [commit for commit in dict.fromkeys(also) if commit],
    )
    found = {entry[0]: Change(*entry) for entry in listed}
    return Branch(head, found, intervals, bound_at, stages, handed_off)


def _foreign(ctx: Context, branch: Branch, docs: Sequence[str]) -> list[Foreign]:
    """The commits that came neither from a stage nor from a phase that allows them."""
    judged = judging.unaccounted(branch)
    pairs = [one.change.commit for one in judged if len(one.change.parents) == 2]
    by_hand = commit_facts.merged_by_hand(ctx.common_dir, pairs)
    found = []
    for one in judged:
        change = one.change
        if len(change.parents) == 2:
            paths = _by_itself(ctx, change) if change.commit in by_hand else ()
            change = Change(change.commit, change.parents, paths)
        foreign = judging.judge(change, one.phase, bound=one.bound, brings_stage=one.brings_stage, docs=docs)
        if foreign is not None:
            found.append(foreign)
    subjects = commit_facts.subjects(ctx.common_dir, [one.commit for one in found])
    return [replace(one, subject=subjects.get(one.commit, "")) for one in found]


def _by_itself(ctx: Context, merge: Change) -> tuple[str, ...]:
    """The paths that a merge has otherwise than git would have made them; what was in conflict had to be decided."""
    alone = merges.merged_tree(ctx.common_dir, *merge.parents)
    if alone is None:
        return merge.paths
    differing = changes.paths_between(ctx.common_dir, alone.tree, merge.commit)
    return tuple(sorted({*differing} - {*alone.conflicted}))
