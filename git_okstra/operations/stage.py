"""`git okstra stage`: one stage of the plan gets its worktree and branch, from the right commit, and one owner."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from git_okstra.core import bases, journal, names, readiness, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import ancestry, refs
from git_okstra.operations import claiming, cones, ground, leasing, plans, policing, projects, provisioning, releasing
from git_okstra.operations.context import Context
from git_okstra.state import locks

PASSED_OVER = ("dependencies-not-merged", "stage-stale", "name-collision", "branch-exists", "path-exists")
"""What refuses one stage and says nothing about the others that are ready."""

CREATED = "created"
REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Opened:
    """`status` is `created` or `reused`; `owner`, `pid` and `since` say by whom and since when it is open."""

    status: str
    task: Task
    number: int
    title: str
    branch: str
    path: str
    base: str
    rule: str
    owner: str
    pid: int
    since: str
    flat: bool = False
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A stage that is claimed and whose worktree is registered, before that is filled. `known` says that the journal
    has it as open already, `resumed` that another process began to open it, `fresh` that its worktree is new."""

    stage: PlannedStage
    reservation: Reservation
    hold: locks.Hold
    rule: str
    resumed: bool
    known: bool
    fresh: bool


def open_stage(
    ctx: Context,
    task: Task,
    number: int,
    *,
    exclusive: bool = False,
    merge_deps: bool = False,
    flat: bool = False,
    sparse: bool | None = None,
    dry_run: bool = False,
) -> Opened:
    """Open stage `number` of `task`, or give it again to its owner, whole or in part as it was opened.

    `sparse` is whether only the directories that it needs are checked out; None: as `worktree.sparse` has it.
    Raises `plan-missing`, `plan-not-approved`, `no-such-stage`, `stage-not-ready`, `dependencies-not-merged`,
    `stage-closed`, `open-stages`, `name-collision`, `held`, `taken-over`, `busy`, `bad-config`, and what provisioning
    raises.
    """
    begun = begin(
        ctx, task, number, exclusive=exclusive, merge_deps=merge_deps, flat=flat, sparse=sparse, dry_run=dry_run
    )
    if isinstance(begun, Opened):
        return begun
    with giving_back(ctx, task, begun):
        populate(ctx, begun, ctx.settings.get("checkout.workers"))
    opened = finish(ctx, task, begun)
    policing.refresh(ctx, task.key)
    if not opened.flat:
        provisioning.set_up(ctx, opened.path)
    return opened


def begin(
    ctx: Context,
    task: Task,
    number: int,
    *,
    exclusive: bool = False,
    merge_deps: bool = False,
    flat: bool = False,
    sparse: bool | None = None,
    dry_run: bool = False,
) -> Opened | Opening:
    """Claim the stage and have its worktree registered; what is left is `populate` and `finish`.

    `Opened` when nothing is left: it is open already, or it is a dry run. Raises as `open_stage`, which see.
    """
    plan = plans.require_approved(ctx, task)
    stage = plan.require(number)
    present = ctx.registry.record(task.key)
    if present is not None:
        leasing.require_present(ctx, present, number)
    flat = flat or task.in_place
    seen: list[journal.History] = []
    rules = ["reused"]
    cone: list[str] | None = None

    def wanted() -> Reservation:
        nonlocal cone
        for other in _leaving(ctx, task, stage):
            releasing.settle(ctx, task.key, other)
        seen[:] = [_history(ctx, task)]
        if merge_deps and not dry_run:
            _finish_merging(ctx, task, stage)
        try:
            base = _base(ctx, task, stage, seen[0], flat=flat, dry_run=dry_run)
        except OkstraError as error:
            if not merge_deps or error.code != "dependencies-not-merged":
                raise
            _merge_dependencies(ctx, task, stage, dry_run=dry_run)
            seen[:] = [_history(ctx, task)]
            if dry_run:
                base = bases.Base(ground.require_task_head(ctx, task), bases.TASK_HEAD)
            else:
                base = _base(ctx, task, stage, seen[0], flat=flat, dry_run=dry_run)
        rules[:] = [base.rule]
        # One that was given back while it was open comes again as it was: its branch is what it is.
        record = seen[0].stage(number)
        as_flat = record.flat if record.state == journal.OPEN else flat
        task_path = _task_reservation(ctx, task).path
        path = task_path if as_flat else names.worktree_path(ctx.home, task.key, number)
        if not as_flat:
            projects.require_home_outside(ctx)
        form = cones.standing(path)
        cone = None if as_flat or form is not None else cones.needed(ctx, stage, base.commit, sparse)
        return claiming.new_reservation(
            ctx,
            number,
            branch=task.branch if as_flat else names.branch(task.branch, number),
            path=path,
            base=base.commit,
            in_place=task.in_place,
            flat=as_flat,
            sparse=not as_flat and (cone is not None if form is None else form),
        )

    def still_true() -> bool:
        now = _history(ctx, task)
        if not seen or _held(ctx, task) is None or not _same_ground(stage, seen[0], now):
            return False
        for other, holder in _leaving(ctx, task, stage).items():
            if locks.is_held(ctx.registry.hold_path(task.key, other)):
                raise tasks.going(holder, other)
            return False
        if flat and now.stage(number).state != journal.OPEN:
            ground.require_no_other_flat(ctx, task, number, now)
        return True

    if dry_run:
        return _foretell(ctx, task, stage, wanted, rules, exclusive)
    claim = claiming.claim(
        ctx,
        task,
        number,
        wanted,
        exclusive=exclusive,
        still_true=still_true,
        settle=lambda: releasing.settle(ctx, task.key, number),
    )
    reservation, hold = claim.reservation, claim.hold
    if hold is None:
        record = _history(ctx, task).stage(number)
        if record.state == journal.DONE:
            raise _closed(task, number)
        provisioning.require_worktree(reservation)
        cones.tell_form(ctx, reservation, sparse)
        return _opened(REUSED, task, stage, reservation, "reused")
    resumed = claim.decision == tasks.RESUME
    known = _history(ctx, task).stage(number).state == journal.OPEN
    begun = Opening(stage, reservation, hold, rules[0], resumed, known, fresh=False)
    if reservation.flat:
        return begun
    with giving_back(ctx, task, begun):
        if resumed:
            cone = cones.needed(ctx, stage, reservation.base, reservation.sparse)
        ours = resumed or known
        fresh = provisioning.register(ctx, task.key, reservation, hold, ours=ours, resumed=resumed, cone=cone)
    return replace(begun, fresh=fresh)


def populate(ctx: Context, begun: Opening, workers: int) -> None:
    """Fill the worktree of a stage that was begun; takes no lock, and several may be filled at once."""
    if not begun.reservation.flat:
        provisioning.populate(ctx, begun.reservation, begun.hold, workers)


@contextlib.contextmanager
def giving_back(ctx: Context, task: Task, begun: Opening) -> Iterator[None]:
    """Where the block fails, nothing is left of the stage, or what the next run can resume."""
    try:
        yield
    except OkstraError:
        made = begun.resumed and not begun.known
        releasing.withdraw_unmade(ctx, task.key, begun.reservation, begun.hold, made=made)
        raise


def finish(ctx: Context, task: Task, begun: Opening) -> Opened:
    """Furnish the worktree that was filled, write the journal, and let the reservation be active.

    What the hooks read is for the caller to refresh.
    """
    reservation, number = begun.reservation, begun.stage.number
    if not reservation.flat and (begun.fresh or begun.resumed):
        with giving_back(ctx, task, begun):
            provisioning.furnish(ctx, reservation.path)
    with ctx.store.locked():
        if ctx.store.history(task.key.group, task.key.task).stage(number).state != journal.OPEN:
            event = ctx.event(
                "started", number, branch=reservation.branch, base=reservation.base, flat=reservation.flat
            )
            ctx.store.append(task.key.group, task.key.task, event)
    claiming.confirm(ctx, task.key, number, begun.hold)
    return _opened(CREATED, task, begun.stage, reservation, begun.rule)


def open_next(
    ctx: Context,
    task: Task,
    *,
    merge_deps: bool = False,
    flat: bool = False,
    sparse: bool | None = None,
    dry_run: bool = False,
) -> Opened:
    """Open the lowest-numbered stage that is ready and that nobody has; ten callers at once get ten stages.

    A ready one that cannot be had for a reason of its own (`PASSED_OVER`) is passed over, and a note says why.
    Raises `nothing-ready` saying why, or that reason when there is no other stage.
    """
    plan = plans.require_approved(ctx, task)
    refused: dict[int, OkstraError] = {}
    while True:
        ready = to_open(ctx, task, plan, refused)
        try:
            opened = open_stage(
                ctx,
                task,
                ready[0],
                exclusive=True,
                merge_deps=merge_deps,
                flat=flat,
                sparse=sparse,
                dry_run=dry_run,
            )
            for number, error in refused.items():
                if error.code != "dependencies-not-merged":
                    ctx.note(f"stage {number} was passed over: {error.message}")
            return opened
        except OkstraError as error:
            if error.code in PASSED_OVER:
                refused[ready[0]] = error
            elif error.code not in ("held", "busy", "stage-closed"):
                raise
            # somebody was faster: look again


def to_open(ctx: Context, task: Task, plan: Plan, refused: Mapping[int, OkstraError]) -> list[int]:
    """The stages that are ready and that nobody has, lowest number first, without those that were `refused`.

    Raises `nothing-ready`, or the first of the refusals, when there is none.
    """
    record = ctx.registry.record(task.key)
    held = {
        number: entry.owner
        for number, entry in (record.reservations.items() if record else ())
        if number != names.TASK and not _interrupted(ctx, task, record, number)
    }
    history = _history(ctx, task)
    # What another process was opening when it died is taken up, however far it had come.
    cut_short = [stage.number for stage in plan.stages if _interrupted(ctx, task, record, stage.number)]
    ready = sorted({*readiness.openable(plan, history, held), *cut_short} - refused.keys())
    if ready:
        return ready
    if refused:
        raise next(iter(refused.values()))
    merged = ground.stage_facts(ctx, task, plan, history).merged
    raise readiness.nothing_ready(plan, history, held, merged)


def _merge_dependencies(ctx: Context, task: Task, stage: PlannedStage, *, dry_run: bool) -> None:
    from git_okstra.operations import merge

    merged = merge.merge(ctx, task, stage.depends_on, dry_run=dry_run).merged
    if merged:
        verb = "would first merge" if dry_run else "merged"
        ctx.note(f"{verb} {ground.listed([one for one, _ in merged])} into '{task.branch}'")


def _finish_merging(ctx: Context, task: Task, stage: PlannedStage) -> None:
    """Have the merge of a dependency written down whose process died when git was through: it is in the branch."""
    from git_okstra.operations import merge_intent

    intent = merge_intent.load(ctx, task)
    if intent is None or intent.stopped or intent.number not in stage.depends_on:
        return
    try:
        _merge_dependencies(ctx, task, stage, dry_run=False)
    except OkstraError as error:
        if error.code != "busy":
            raise


def _interrupted(ctx: Context, task: Task, record: TaskRecord | None, number: int) -> bool:
    entry = record.reservation(number) if record else None
    reserving = entry is not None and entry.state == tasks.RESERVING
    return reserving and not locks.is_held(ctx.registry.hold_path(task.key, number))


def _history(ctx: Context, task: Task) -> journal.History:
    return ctx.store.history(task.key.group, task.key.task)


def _same_ground(stage: PlannedStage, one: journal.History, other: journal.History) -> bool:
    """Whether stage and dependencies stand as they did when the base was decided."""
    return all(one.stage(number) == other.stage(number) for number in (stage.number, *stage.depends_on))


def _base(
    ctx: Context, task: Task, stage: PlannedStage, history: journal.History, *, flat: bool, dry_run: bool
) -> bases.Base:
    record = history.stage(stage.number)
    if record.state == journal.DONE:
        raise _closed(task, stage.number)
    if record.state == journal.OPEN and record.base is not None:
        return bases.Base(record.base, "reused")  # its reservation was given back; the branch is there
    if flat:
        ground.require_no_other_flat(ctx, task, stage.number, history)
    head = refs.branch(ctx.common_dir, task.branch)
    if head is None:
        raise OkstraError("branch-missing", f"the task branch '{task.branch}' is gone", "git okstra doctor")

    def are_ancestors(heads: Sequence[str], of: str) -> Mapping[str, bool]:
        with ancestry.Ancestry(ctx.common_dir) as graph:
            return graph.are_ancestors(heads, of)

    anchor = task.anchor or head
    base = bases.decide(stage, history, anchor=anchor, task_head=head, are_ancestors=are_ancestors, flat=flat)
    if dry_run or task.anchor is not None:
        return base
    fixed = _fix_anchor(ctx, task, head)
    return replace(base, commit=fixed) if base.rule == bases.ANCHOR else base


def _fix_anchor(ctx: Context, task: Task, head: str) -> str:
    """The anchor: `head` unless another process has fixed it meanwhile."""
    with ctx.store.locked():
        now = ctx.store.task(*task.key) or task
        if now.anchor is None:
            now = replace(now, anchor=head)
            ctx.store.save_task(now)
    return now.anchor or head


def _leaving(ctx: Context, task: Task, stage: PlannedStage) -> dict[int, TaskRecord]:
    """The stages that it depends on and that are on their way to the trash, each with the record that says so."""
    record = ctx.registry.record(task.key)
    return {
        number: record
        for number in stage.depends_on
        if record is not None and (entry := record.reservation(number)) is not None and tasks.takes_away(entry)
    }


def _held(ctx: Context, task: Task) -> Reservation | None:
    record = ctx.registry.record(task.key)
    return record.reservation(names.TASK) if record else None


def _task_reservation(ctx: Context, task: Task) -> Reservation:
    found = _held(ctx, task)
    if found is None:
        raise OkstraError(
            "no-such-task",
            f"nobody holds task {names.printable(task.id)} any more",
            f"start it again: {tasks.start_command(task.id, task.category, task.key.group)}",
        )
    return found


def _foretell(
    ctx: Context, task: Task, stage: PlannedStage, wanted: Callable[[], Reservation], rules: list[str], exclusive: bool
) -> Opened:
    record = ctx.registry.record(task.key)
    decision = claiming.foretell(ctx, task.key, stage.number, exclusive=exclusive)
    present = record.reservation(stage.number) if record else None
    history = _history(ctx, task).stage(stage.number)
    if present is not None and decision in (tasks.REUSE, tasks.WAIT):
        if history.state == journal.DONE:
            raise _closed(task, stage.number)
        provisioning.require_worktree(present)
        return _opened(REUSED, task, stage, present, "reused")
    if present is not None and decision == tasks.RESUME:
        return _opened(CREATED, task, stage, present, "reused")
    reservation = wanted()
    claiming.require_free_branch(ctx, task, reservation.branch, stage.number)
    if not reservation.flat and history.state != journal.OPEN:
        provisioning.require_makeable(ctx, task.key, reservation, ours=False)
    return _opened(CREATED, task, stage, reservation, rules[0])


def _closed(task: Task, number: int) -> OkstraError:
    return OkstraError(
        "stage-closed",
        f"stage {number} of {names.printable(task.id)} is done",
        f"for more work on it: git okstra reopen {number}\nelse take the next one: git okstra stage auto",
    )


def _opened(status: str, task: Task, stage: PlannedStage, reservation: Reservation, rule: str) -> Opened:
    return Opened(
        status,
        task,
        stage.number,
        stage.title,
        reservation.branch,
        reservation.path,
        reservation.base,
        rule,
        reservation.owner,
        reservation.pid,
        reservation.since,
        reservation.flat,
        reservation.sparse,
    )
