"""`git okstra list` and `status`: every task and stage with its state, gathered with few processes.

One `for-each-ref` gives all branch tips, one walk all ahead/behind counts and what is merged, and one `git status` per
worktree, several at a time, what is dirty. Nothing is written and no lock is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from git_okstra.core import journal, names, readiness, syncing, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import ancestry, changes, refs, repository
from git_okstra.operations import known_conflicts, plans, targets
from git_okstra.operations.context import Context
from git_okstra.state import locks
from git_okstra.state.store import Store

INTERRUPTED = "interrupted"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage. `ahead` and `behind` are counted against the task branch; None is 'not known or not there'.

    `trouble` is `interrupted` (its process died while opening or removing it), `missing` (no worktree
    stands there), or empty. `lacks` are the dependencies that were done again since its branch took them in,
    `conflicts` the lines of work with which it would conflict as it is committed, as far as that is known already.
    """

    key: str
    number: int
    title: str
    state: str
    branch: str | None
    path: str | None
    base: str | None
    head: str | None
    depends_on: tuple[int, ...]
    files: tuple[str, ...]
    ahead: int | None
    behind: int | None
    dirty: bool | None
    owner: str | None
    since: str | None
    recorded: str | None = None
    trouble: str = ""
    lacks: tuple[int, ...] = ()
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task with its stages. `ahead` and `behind` are counted against its base branch."""

    task: Task
    repository: str
    state: str
    path: str | None
    head: str | None
    ahead: int | None
    behind: int | None
    dirty: bool | None
    owner: str | None
    since: str | None
    stages: tuple[StageRow, ...]
    plan: Plan | None = None
    approved: bool = False
    in_place: bool = False
    trouble: str = ""


@dataclass(slots=True)
class _Gathered:
    """What is known of one task before git is asked."""

    task: Task
    record: TaskRecord | None
    history: journal.History
    plan: plans.Stored | None


@dataclass(frozen=True, slots=True)
class Pending:
    """What is not known yet of rows that are told early: with `counted` False nothing of branches and commits (so that
    a stage called done may be merged or stale), and of `worktrees` not whether they are dirty."""

    counted: bool
    worktrees: frozenset[str]


KNOWN = Pending(True, frozenset())
"""Nothing is pending."""

Made = Callable[[], list[TaskRow]]
"""Makes the rows as far as they are known."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What git knows of the branches of one repository."""

    tips: dict[str, str]
    bases: dict[TaskKey, str]
    counted: dict[tuple[str, str], tuple[int, int]]


def rows(
    ctx: Context,
    *,
    everywhere: bool = False,
    dirty: bool = True,
    only: Task | None = None,
    told: Callable[[Made, Pending], None] | None = None,
) -> list[TaskRow]:
    """The open tasks of this repository, of all repositories of this machine with `everywhere`, or `only` one.

    With `dirty` False no worktree is looked into. A task that cannot be read is passed over with a note. `told` gets
    what makes the rows as far as they are known, and what is not: before git is asked anything, when the branches are
    known, and as each worktree answers.
    """
    gathered = [(store, one) for store in _stores(ctx, everywhere) for one in _gather(ctx, store, only)]
    paths = [entry.path for _, one in gathered if one.record for entry in one.record.reservations.values()]
    there = sorted({path for path in paths if repository.admin_directory(path) is not None}) if dirty else []
    grounds: dict[str, _Ground] = {}
    soiled: dict[str, bool] = {}
    awaited = set(there)

    def made() -> list[TaskRow]:
        found = [
            _row(ctx, store, one, grounds.get(store.common_dir) or _Ground({}, {}, {}), soiled)
            for store, one in gathered
        ]
        return sorted(found, key=lambda row: row.task.key) if everywhere else found

    def tell() -> None:
        if told is not None and gathered:
            told(made, Pending(bool(grounds), frozenset(awaited)))

    def answered(path: str, is_dirty: bool | None) -> None:
        awaited.discard(path)
        if is_dirty is not None:
            soiled[path] = is_dirty
        tell()

    tell()
    found: dict[str, _Ground] = {}
    for store in {store.common_dir: store for store, _ in gathered}.values():
        found[store.common_dir] = _ground(store, [one for its, one in gathered if its is store])
    grounds = found
    if there:
        tell()
        soiled.update(_dirty(there, answered if told is not None else None))
    return made()


def _stores(ctx: Context, everywhere: bool) -> list[Store]:
    if not everywhere:
        return [ctx.store]
    found = []
    for common_dir in sorted({record.repository for record in ctx.registry.records()}):
        if repository.is_git_directory(common_dir):
            found.append(Store(common_dir))
        else:
            ctx.note(f"the repository '{names.printable(common_dir)}' is gone; its tasks are not listed")
    return found


def require_row(ctx: Context, task: Task, told: Callable[[Made, Pending], None] | None = None) -> TaskRow:
    """The row of `task`, which may be removed; `told` as in `rows`.

    Raises `damaged-file` or `newer-format` when it cannot be read.
    """
    found = rows(ctx, only=task, told=told)
    if not found:
        # The list passes over a task that cannot be read; here the reason is the answer.
        ctx.registry.record(task.key)
        ctx.store.history(task.key.group, task.key.task)
        plans.stored(ctx, task)
        raise OkstraError(
            "damaged-file", f"task {names.printable(task.id)} cannot be read", "git okstra doctor --repair"
        )
    return found[0]


def _ground(store: Store, gathered: list[_Gathered]) -> _Ground:
    """Ask git of the branches that these tasks are about: one process, and one walk."""
    git_dir = store.common_dir
    remote = {one.task.key: f"refs/remotes/{one.task.base_ref}" for one in gathered}
    listed = refs.listed(git_dir, "refs/heads", *sorted(set(remote.values())))
    tips = {name.removeprefix("refs/heads/"): tip for name, tip in listed.items() if name.startswith("refs/heads/")}
    bases = {
        one.task.key: tips.get(one.task.base_ref) or listed.get(remote[one.task.key]) or one.task.base_commit
        for one in gathered
    }
    squashed = any(one.history.squashes for one in gathered)
    kept = set(refs.listed(git_dir, "refs/okstra/backup").values()) if squashed else set()
    pairs = set()
    for one in gathered:
        tip = tips.get(one.task.branch)
        if tip is None:
            continue
        pairs.add((tip, bases[one.task.key]))
        replaced = [old for old, _ in one.history.squashes if old in kept]
        for number, record in one.history.stages.items():
            branch = names.branch(one.task.branch, number)
            pairs.update((commit, tip) for commit in (tips.get(branch), record.head) if commit)
            pairs.update((record.head, old) for old in replaced if record.head)
            planned = one.plan.plan.stage(number) if one.plan else None
            asked = syncing.to_ask(planned, one.history).values() if planned and tips.get(branch) else ()
            pairs.update((head, tips[branch]) for head in asked)
        ends = {tip, *replaced}
        pairs.update((new, end) for old, new in one.history.squashes if old in kept for end in ends if new != end)
    return _Ground(tips, bases, _count(git_dir, pairs))


def _gather(ctx: Context, store: Store, only: Task | None) -> list[_Gathered]:
    identity = store.identity()
    if identity is None:
        return []
    project = str(identity["project"])
    found = []
    for place in [(only.key.group, only.key.task)] if only else store.open_tasks():
        try:
            task = store.task(project, *place)
            if task is None:
                continue
            record, history = ctx.registry.record(task.key), store.history(*place)
            if only or not targets.is_over(record, history):
                found.append(_Gathered(task, record, history, plans.load(store, task)))
        except OkstraError as error:
            ctx.note(f"task '{'/'.join(place)}' is left out: {error.message}")
    return found


def _count(git_dir: str, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    with ancestry.Ancestry(git_dir) as graph:
        return graph.ahead_behind(sorted(pairs))


def _dirty(paths: Sequence[str], told: Callable[[str, bool | None], None] | None) -> dict[str, bool]:
    """For each worktree whether it is dirty."""
    try:
        return changes.dirty(paths, told)
    except OkstraError:
        return {}  # git cannot be started at all; whoever needs it says so


def _row(
    ctx: Context,
    store: Store,
    one: _Gathered,
    ground: _Ground,
    soiled: dict[str, bool],
) -> TaskRow:
    task, record, history = one.task, one.record, one.history
    tips, counted = ground.tips, ground.counted
    base = ground.bases.get(task.key, task.base_commit)
    if record is not None and record.repository != store.common_dir:
        record = None
    tip = tips.get(task.branch)
    own = record.reservation(TASK) if record else None
    heads = {number: tips[b] for number in history.stages if (b := names.branch(task.branch, number)) in tips}
    # What a squash took the place of counts like the branch itself while the squash is in it.
    ends = [tip] if tip else []
    for old, new in reversed(history.squashes):
        if any(_is_in(counted, new, end) for end in ends):
            ends.append(old)
    merged = {
        number
        for number, stage in history.stages.items()
        if stage.head and any(_is_in(counted, stage.head, end) for end in ends)
    }
    lacks = {}
    for planned in one.plan.plan.stages if one.plan else ():
        at = heads.get(planned.number)
        if at is not None and planned.number not in merged:
            asked = syncing.to_ask(planned, history)
            inside = [commit for commit in asked.values() if _is_in(counted, commit, at)]
            lacks[planned.number] = syncing.lacking(planned, history, inside)
    lagging = [number for number, dependencies in lacks.items() if dependencies]
    reserving = {n for n, entry in (record.reservations.items() if record else ()) if entry.state == tasks.RESERVING}
    plan = one.plan.plan if one.plan else None
    approved = bool(one.plan and one.plan.valid)
    known = known_conflicts.marks(store, task, heads, tip, base)
    states = (
        readiness.states(
            plan, history, reserving=reserving, heads=heads, merged=merged, behind=lagging, approved=approved
        )
        if plan
        else {}
    )
    stages = []
    for planned in plan.stages if plan else ():
        number = planned.number
        entry = record.reservation(number) if record else None
        stage = history.stage(number)
        started = entry is not None or stage.state in (journal.OPEN, journal.DONE)
        branch = (task.branch if stage.flat else names.branch(task.branch, number)) if started else None
        head = tips.get(branch) if branch else None
        ahead, behind = counted.get((head, tip), (None, None)) if head and tip else (None, None)
        stages.append(
            StageRow(
                names.stage_key(task.key, number),
                number,
                planned.title,
                states[number],
                branch,
                entry.path if entry else None,
                stage.base or (entry.base if entry else None),
                head,
                planned.depends_on,
                planned.files,
                ahead,
                behind,
                soiled.get(entry.path) if entry else None,
                entry.owner if entry else stage.owner,
                stage.since or (entry.since if entry else None),
                stage.head,
                _trouble(ctx, task, entry),
                lacks.get(number, ()),
                known.get(number, ()) if states[number] in known_conflicts.LOOKED_AT else (),
            )
        )
    ahead, behind = counted.get((tip, base), (None, None)) if tip else (None, None)
    return TaskRow(
        task,
        store.common_dir,
        _task_state(own, history),
        own.path if own else None,
        tip,
        ahead,
        behind,
        soiled.get(own.path) if own else None,
        own.owner if own else None,
        own.since if own else task.since,
        tuple(stages),
        plan,
        approved,
        task.in_place,
        _trouble(ctx, task, own),
    )


def _is_in(counted: dict[tuple[str, str], tuple[int, int]], commit: str, head: str) -> bool:
    return commit == head or counted.get((commit, head), (1, 0))[0] == 0


def _task_state(reservation: Reservation | None, history: journal.History) -> str:
    if reservation is None:
        return history.task or journal.RELEASED
    return "open" if reservation.state == tasks.ACTIVE else reservation.state


def _trouble(ctx: Context, task: Task, entry: Reservation | None) -> str:
    if entry is None:
        return ""
    if entry.state != tasks.ACTIVE:
        return "" if locks.is_held(ctx.registry.hold_path(task.key, entry.number)) else INTERRUPTED
    return MISSING if repository.admin_directory(entry.path) is None else ""
