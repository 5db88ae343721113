"""`git okstra brief`: what somebody who is about to begin a stage, or to judge the task, has to know."""

from __future__ import annotations

from git_okstra.core import bases, gate, journal, lifecycle, names, readiness
from git_okstra.core.errors import OkstraError
from git_okstra.core.gate import Reason, StageFact
from git_okstra.core.lifecycle import Phase
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import ancestry, changes, commit_facts, refs
from git_okstra.operations import gate_facts, ground, phase, plans, targets, verdict
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage changed: from its base to its recorded head (None: not done), its commits as (id, subject) with the
    newest first, and the diffstat."""

    number: int
    title: str
    base: str | None
    head: str | None
    commits: tuple[tuple[str, str], ...]
    diffstat: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything about a stage. `base` is None while it cannot be told, and `waits` says what is missing; `path` is
    None while the stage is not open; `others` are the files of the stages that are open at the same time."""

    task: Task
    phase: Phase
    number: int
    title: str
    state: str
    owner: str | None
    files: tuple[str, ...]
    verify: tuple[str, ...]
    dependencies: tuple[Work, ...]
    base: str | None
    rule: str | None
    waits: str
    branch: str
    path: str | None
    others: tuple[tuple[int, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything about the task for whoever judges it: each stage with its work, all changes `since` the commit that it
    has of its base branch, what the gate finds without running a command, what it runs, and the verdict there is."""

    task: Task
    phase: Phase
    head: str
    since: str
    stages: tuple[tuple[StageFact, Work], ...]
    diffstat: str
    reasons: tuple[Reason, ...]
    commands: tuple[str, ...]
    standing: verdict.Standing


def stage(ctx: Context, task: Task, number: int | None) -> Brief:
    """The brief of stage `number`; without one that of the stage one stands in, or has, or else of the first ready one.

    Raises `plan-missing`, `no-such-stage`, `ambiguous-stage`, `nothing-ready`.
    """
    task = phase.settle(ctx, task)
    plan = plans.require_stored(ctx, task).plan
    history = ctx.store.history(task.key.group, task.key.task)
    facts = ground.stage_facts(ctx, task, plan, history)
    states = ground.states(plan, history, facts)
    planned = plan.require(_number(ctx, task, plan, history) if number is None else number)
    number = planned.number
    record = history.stage(number)
    entry = facts.record.reservation(number) if facts.record else None
    base, rule, waits = _base(ctx, task, plan, history, number)
    opened = [other for other, state in states.items() if state == readiness.OPEN and other != number]
    return Brief(
        task=task,
        phase=lifecycle.require(task.phase),
        number=number,
        title=planned.title,
        state=states[number],
        owner=entry.owner if entry else None,
        files=planned.files,
        verify=planned.verify,
        dependencies=tuple(_work(ctx, plan, history, other) for other in planned.depends_on),
        base=record.base or base,
        rule=rule,
        waits=waits,
        branch=task.branch if record.flat else names.branch(task.branch, number),
        path=entry.path if entry else None,
        others=tuple((other, plan.require(other).title, plan.require(other).files) for other in opened),
    )


def packet(ctx: Context, task: Task) -> Packet:
    """The analysis packet of the gate. Raises `branch-missing`, `damaged-file`, `bad-config`."""
    task = phase.settle(ctx, task)
    facts = gate_facts.gather(ctx, task).facts
    stored = plans.stored(ctx, task)
    history = ctx.store.history(task.key.group, task.key.task)
    tips = [task.base_commit, *refs.base_tips(ctx.common_dir, task.base_ref, task.branch)]
    since = commit_facts.fork(ctx.common_dir, facts.head, tips) or task.base_commit
    return Packet(
        task,
        lifecycle.require(task.phase),
        facts.head,
        since,
        tuple((fact, _work(ctx, stored.plan, history, fact.number)) for fact in facts.stages) if stored else (),
        commit_facts.diffstat(ctx.common_dir, since, facts.head),
        tuple(gate.reasons(facts)),
        facts.commands,
        verdict.standing(ctx, task),
    )


def _number(ctx: Context, task: Task, plan: Plan, history: journal.History) -> int:
    try:
        return targets.stage_number(ctx, task, None)
    except OkstraError as error:
        record = ctx.registry.record(task.key)
        held = {number: one.owner for number, one in (record.reservations.items() if record else ()) if number}
        ready = readiness.openable(plan, history, held)
        mine = [other for other, owner in held.items() if owner == ctx.owner]
        if error.code != "ambiguous-stage" or any(history.stage(other).state == journal.OPEN for other in mine):
            raise
        if not ready:
            raise readiness.nothing_ready(plan, history, held) from None
        return ready[0]


def _base(
    ctx: Context, task: Task, plan: Plan, history: journal.History, number: int
) -> tuple[str | None, str | None, str]:
    """The commit it starts from and by which rule, or what it waits for."""
    head = ground.require_task_head(ctx, task)
    with ancestry.Ancestry(ctx.common_dir) as graph:
        try:
            found = bases.decide(
                plan.require(number),
                history,
                anchor=task.anchor or head,
                task_head=head,
                are_ancestors=graph.are_ancestors,
            )
        except OkstraError as error:
            if error.code not in ("stage-not-ready", "dependencies-not-merged"):
                raise
            return None, None, error.message
    return found.commit, found.rule, ""


def _work(ctx: Context, plan: Plan, history: journal.History, number: int) -> Work:
    record, title = history.stage(number), plan.require(number).title
    if record.state != journal.DONE or not record.base or not record.head:
        return Work(number, title, record.base, None, (), "")
    commits = changes.commits_with_paths(ctx.common_dir, record.head, [record.base])
    own = [commit for commit, parents, paths in commits if len(parents) < 2 or paths]
    subjects = commit_facts.subjects(ctx.common_dir, own)
    stat = commit_facts.diffstat(ctx.common_dir, record.base, record.head)
    listed = tuple((commit, subjects.get(commit, "")) for commit in own)
    return Work(number, title, record.base, record.head, listed, stat)
