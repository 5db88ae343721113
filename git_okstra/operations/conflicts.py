"""`git okstra conflicts`: which stages would conflict with one another, with the task branch, with the base branch.

Asked of git-merge-tree(1), one process a pair, and only where both touch a common place; nothing is merged, and no
worktree, index or stash is touched. What was answered for two commits is true for ever, so it is kept (in
`conflicts.json`, derived) as long as one of the pair is still a line of work.
"""

from __future__ import annotations

from git_okstra.core import conflicts, names, readiness
from git_okstra.core.conflicts import BASE, TASK, Conflict, File, Line, Touched
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import changes, commit_facts, drafts, merges, refs, repository
from git_okstra.operations import ground, plans
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of work that were looked at, and those that conflict; `asked` counts what git was asked."""

    lines: tuple[Line, ...]
    conflicts: tuple[Conflict, ...]
    asked: int


def find(ctx: Context, task: Task, *, uncommitted: bool = True) -> Found:
    """Look at every stage that is open, or done and not merged yet; `uncommitted` counts what no commit has, too.

    Raises `plan-missing`, `branch-missing`, `git-failed`.
    """
    lines = _lines(ctx, task, uncommitted=uncommitted)
    since = (ctx.store.task(*task.key) or task).anchor or task.base_commit
    touched = {line.name: _touched(ctx, since, line.commit) for line in lines}
    known = _kept(ctx, task)
    answers: dict[str, list[File]] = {}
    found, asked = [], 0
    for one, other in conflicts.pairs(lines):
        if not conflicts.may_conflict(touched[one.name], touched[other.name]):
            continue
        pair = f"{one.commit}..{other.commit}"
        if pair in known:
            files = known[pair]
        else:
            files = _files(ctx, one.commit, other.commit)
            asked += 1
        answers[pair] = files
        if files:
            found.append(Conflict(one.name, other.name, tuple(files)))
    if answers != known:
        _keep(ctx, task, answers)
    return Found(tuple(lines), tuple(found), asked)


def _lines(ctx: Context, task: Task, *, uncommitted: bool) -> list[Line]:
    plan = plans.require_stored(ctx, task).plan
    history = ctx.store.history(task.key.group, task.key.task)
    facts = ground.stage_facts(ctx, task, plan, history)
    states = ground.states(plan, history, facts)
    if facts.task_head is None:
        raise ground.branch_missing(task.branch)
    lines = []
    for stage in plan.stages:
        record = history.stage(stage.number)
        head = facts.heads.get(stage.number)
        if states[stage.number] not in (readiness.OPEN, readiness.DONE, readiness.STALE) or record.flat or not head:
            continue
        entry = facts.record.reservation(stage.number) if facts.record else None
        admin = repository.admin_directory(entry.path) if entry is not None else None
        commit = head
        if uncommitted and entry is not None and admin is not None and changes.status(entry.path).dirty:
            commit = drafts.commit(ctx.common_dir, entry.path, admin, head)
        lines.append(Line(str(stage.number), commit, commit != head))
    lines.append(Line(TASK, facts.task_head))
    tips = refs.base_tips(ctx.common_dir, task.base_ref, task.branch)
    own = refs.branch(ctx.common_dir, task.base_ref.removeprefix("refs/heads/"))
    base = own or next(iter(tips), None)
    return [*lines, Line(BASE, base)] if base else lines


def _touched(ctx: Context, since: str, commit: str) -> Touched:
    changed = frozenset(changes.paths_between(ctx.common_dir, since, commit))
    new = changes.added_between(ctx.common_dir, since, commit)
    gone = changes.added_between(ctx.common_dir, commit, since)
    return Touched(changed, gone, new)


def _files(ctx: Context, one: str, other: str) -> list[File]:
    merged = merges.merged_tree(ctx.common_dir, one, other)
    if merged is None:
        return []
    return [File(path, _hunks(ctx, merged.tree, path)) for path in merged.conflicted]


def _hunks(ctx: Context, tree: str, path: str) -> tuple[tuple[int, int], ...]:
    content = commit_facts.content(ctx.common_dir, tree, path)
    return conflicts.hunks(content.decode("utf-8", "replace")) if content else ()


def _path(ctx: Context, task: Task) -> str:
    return f"{ctx.store.task_directory(task.key.group, task.key.task)}/conflicts.json"


def _kept(ctx: Context, task: Task) -> dict[str, list[File]]:
    """The answers that are kept; none when they cannot be read, for they are derived."""
    try:
        document = ctx.store.load_json(_path(ctx, task)) or {}
        pairs = document.get("pairs", {})
        return {
            str(pair): [File(str(one["path"]), tuple((int(a), int(b)) for a, b in one["hunks"])) for one in files]
            for pair, files in pairs.items()
        }
    except (OkstraError, AttributeError, KeyError, TypeError, ValueError):
        return {}


def _keep(ctx: Context, task: Task, answers: dict[str, list[File]]) -> None:
    pairs = {pair: [{"path": one.path, "hunks": one.hunks} for one in files] for pair, files in answers.items()}
    with ctx.store.locked():
        ctx.store.save_json(_path(ctx, task), {"pairs": pairs})


def called(task: Task, name: str) -> str:
    """A line of work as people call it."""
    if name == TASK:
        return f"the task branch '{names.printable(task.branch)}'"
    if name == BASE:
        return f"the base '{names.printable(task.base_ref)}'"
    return f"stage {name}"
