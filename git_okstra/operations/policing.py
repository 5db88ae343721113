"""Making what the hooks read from what the store knows: each task's policy, its branches, the protected ones.

Everything here is derived. Whoever changes a task calls `refresh`; a hook that finds a policy older than what it was
made from makes it anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from git_okstra.core import journal, names, policy, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import refs, repository
from git_okstra.operations import judged_by, judging, plans, projects
from git_okstra.operations.context import Context
from git_okstra.state import config, policies
from git_okstra.state.policies import Policies

CLONE = "clone"
"""Under this name the policy files keep what is protected without any task."""


def refresh(ctx: Context, key: TaskKey) -> policy.Task | None:
    """Write the policy of a task as registry and store have it now; None when the task is not held here (any more)."""
    kept = Policies(ctx.common_dir)
    record = ctx.registry.record(key)
    task = ctx.store.task(*key)
    if not kept.wanted or record is None or task is None or record.repository != ctx.common_dir:
        return None
    stamps = {path: policies.stamp(path) for path in _sources(ctx, task)}
    made, protected = compiled(ctx, task)
    _begin_ledger(ctx, kept, made, record.reservations.values())
    kept.save_home(policies.place(key), ctx.home)
    kept.save_task(policies.place(key), made, stamps)
    kept.save_protected(policies.place(key), protected)
    return made


def refresh_all(ctx: Context) -> None:
    """Write what every task that is open here, and the clone's own settings, say."""
    kept = Policies(ctx.common_dir)
    settings = config.load(ctx.home, ctx.common_dir, None, {})
    kept.save_protected(CLONE, settings.get("policy.protected"))
    project = projects.project(ctx)
    open_ones = [TaskKey(project, *one) for one in ctx.store.open_tasks()] if project else []
    for key in open_ones:
        record = ctx.registry.record(key)
        active = record.reservations.values() if record and record.repository == ctx.common_dir else ()
        kept.govern(policies.place(key), {one.number: one.branch for one in active if _governs(one)})
        refresh(ctx, key)
    for gone in set(kept.places()) - {policies.place(key) for key in open_ones}:
        kept.govern(gone, {})


def remade(ctx: Context, place: str) -> policy.Task | None:
    """The policy of the task at `<group>,<task>` as the store has it now; nothing is written. None when it is gone."""
    group, _, name = place.partition(",")
    task = ctx.store.task(projects.project(ctx) or "", group, name)
    return compiled(ctx, task)[0] if task is not None else None


def renew(ctx: Context) -> None:
    """Write anew the policies whose sources were changed, so that no hook has to; nothing where there are no hooks."""
    found = repository.discover(ctx.directory, ctx.environ)
    kept = Policies(found.common_dir) if found else None
    if kept is None or not kept.wanted:
        return
    stale = [name for name in kept.places() if kept.task(name) is None]
    project = projects.project(ctx) if stale else None
    if project is not None:
        for name in stale:
            refresh(ctx, TaskKey(project, *name.split(",", 1)))


def compiled(ctx: Context, task: Task) -> tuple[policy.Task, tuple[str, ...]]:
    """The policy of a task, and the branches it protects. Raises `bad-config`, `damaged-file`, `newer-format`."""
    stored = plans.stored(ctx, task)
    events = ctx.store.events(task.key.group, task.key.task)
    history = journal.fold(events)
    stages: dict[int, policy.Stage] = {}
    if stored is not None:
        for planned in stored.plan.stages:
            record = history.stage(planned.number)
            stages[planned.number] = policy.Stage(
                planned.number,
                task.branch if record.flat else names.branch(task.branch, planned.number),
                record.state if record.state in (journal.OPEN, journal.DONE) and record.state is not None else "",
                record.base or "",
                record.head or "",
                planned.files,
                sorted(stored.plan.ancestors(planned.number)),
                flat=record.flat,
            )
    ever = any(event.event == "plan-approved" for event in events)
    settings = judged_by.settings_of(ctx, task)
    made = policy.Task(
        task.id,
        policies.place(task.key),
        task.branch,
        lifecycle=task.lifecycle,
        phase=task.phase,
        plan=policy.APPROVED if stored and stored.valid else policy.CHANGED if stored and ever else policy.NO_PLAN,
        docs=settings.get("policy.docs"),
        base_ref=task.base_ref,
        base=task.base_commit,
        anchor=task.anchor or "",
        stages=stages,
    )
    return made, (*settings.get("policy.protected"), *_base_names(ctx, task))


def _begin_ledger(ctx: Context, kept: Policies, made: policy.Task, reservations: Iterable[Reservation]) -> None:
    """Accept where branches are when they come under the hooks. Where they saw one already, that counts."""
    for one in reservations:
        if _governs(one) and not kept.tip(one.branch):
            tip = _acceptable(ctx, made, one)
            if tip is not None:
                kept.save_tip(one.branch, tip)


def _acceptable(ctx: Context, made: policy.Task, one: Reservation) -> str | None:
    """Where a branch is; or the base of a stage to whose branch something came, while nobody held it, that the plan
    does not allow. In which phase that was nobody can say."""
    tip = refs.branch(ctx.common_dir, one.branch)
    if one.number not in made.stages or tip in (None, one.base):
        return tip
    phase, made.phase = made.phase, policy.IMPLEMENTATION
    refused = policy.judge(made, one.number, judging.added(ctx.common_dir, made, one.number, one.base, tip or ""))
    made.phase = phase
    return one.base if refused else tip


def _governs(reservation: Reservation) -> bool:
    return reservation.state == tasks.ACTIVE and not reservation.flat


def _sources(ctx: Context, task: Task) -> list[str]:
    directory = ctx.store.task_directory(task.key.group, task.key.task)
    scopes = config.paths(ctx.home, ctx.common_dir, None)
    return [*(f"{directory}/{name}" for name in ("task.toml", "plan.toml", "journal.jsonl")), *scopes.values()]


def _base_names(ctx: Context, task: Task) -> list[str]:
    """The branch a task started from, as a remote would call it; none when its base is no branch, or governed."""
    full = refs.full_name(ctx.common_dir, task.base_ref) or ""
    if full.startswith("refs/heads/"):
        name = full.removeprefix("refs/heads/")
    elif full.startswith("refs/remotes/"):
        name = full.split("/", 3)[3] if full.count("/") > 2 else ""
    else:
        return []
    try:
        governed = bool(name) and ctx.registry.branch_holder(task.key.project, name) is not None
    except OkstraError:
        governed = False
    return [name] if name and not governed and name != task.branch else []
