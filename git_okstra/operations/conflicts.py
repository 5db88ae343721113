"""`git okstra conflicts`: which stages would conflict with one another, with the task branch, with the base branch.

Asked of git-merge-tree(1), one process a pair, and only where both touch a common place; nothing is merged, and no
worktree, index or stash is touched. What was answered for two commits is true for ever, so it is kept (in
`conflicts.json`, derived) as long as both are lines of work.
"""

from __future__ import annotations

from git_okstra.core import conflicts, names
from git_okstra.core.conflicts import BASE, TASK, Conflict, File, Line, Touched
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import changes, commit_facts, drafts, merges, refs, repository
from git_okstra.operations import ground, known_conflicts, plans
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
    lines, heads = _lines(ctx, task, uncommitted=uncommitted)
    since = commit_facts.common(ctx.common_dir, [line.commit for line in lines])
    touched = {line.name: _touched(ctx, since, line.commit) for line in lines}
    known = known_conflicts.load(ctx.store, task)
    answers = {pair: files for pair, files in known.items() if heads.issuperset(pair.split(".."))}
    found, asked = [], 0
    for one, other in conflicts.pairs(lines):
        if not conflicts.may_conflict(touched[one.name], touched[other.name]):
            continue
        pair = f"{one.commit}..{other.commit}"
        if pair not in answers and pair not in known:
            asked += 1
            answers[pair] = _files(ctx, one.commit, other.commit)
        files = answers.setdefault(pair, known.get(pair, ()))
        if files:
            named = tuple(File(path, tuple(hunks)) for path, hunks in files)
            found.append(Conflict(one.name, other.name, named))
    if answers != known:
        known_conflicts.keep(ctx.store, task, answers)
    return Found(tuple(lines), tuple(found), asked)


def _lines(ctx: Context, task: Task, *, uncommitted: bool) -> tuple[list[Line], set[str]]:
    """The lines of work, and the commits that they have without what is uncommitted."""
    plan = plans.require_stored(ctx, task).plan
    history = ctx.store.history(task.key.group, task.key.task)
    facts = ground.stage_facts(ctx, task, plan, history)
    states = ground.states(plan, history, facts)
    if facts.task_head is None:
        raise ground.branch_missing(task.branch)
    lines, heads = [], {facts.task_head}
    for stage in plan.stages:
        record = history.stage(stage.number)
        head = facts.heads.get(stage.number)
        if states[stage.number] not in known_conflicts.LOOKED_AT or record.flat or not head:
            continue
        heads.add(head)
        entry = facts.record.reservation(stage.number) if facts.record else None
        commit = _draft(ctx, entry, head) if uncommitted and entry is not None else head
        lines.append(Line(str(stage.number), commit, commit != head))
    lines.append(Line(TASK, facts.task_head))
    base = ground.base_tip(ctx.common_dir, task.base_ref, task.branch)
    return ([*lines, Line(BASE, base)], {*heads, base}) if base else (lines, heads)


def _draft(ctx: Context, entry: Reservation, head: str) -> str:
    """The commit that stands for a worktree as it is; `head` when nothing is uncommitted there, or what is there is not
    the stage's: another branch is checked out."""
    admin = repository.admin_directory(entry.path)
    if admin is None or not changes.status(entry.path).dirty or refs.head_branch(entry.path) != entry.branch:
        return head
    return drafts.commit(ctx.common_dir, entry.path, admin, head)


def _touched(ctx: Context, since: str | None, commit: str) -> Touched | None:
    """What a line changes in any of its commits since what all have in common; None when that is nothing.

    Net changes would not do: two lines may have more in common than all have, and one of them may have taken some of
    that back.
    """
    if since is None:
        return None
    return Touched(*changes.touched(ctx.common_dir, since, commit))


def _files(ctx: Context, one: str, other: str) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    merged = merges.merged_tree(ctx.common_dir, one, other)
    if merged is None:
        return []
    return [(path, _hunks(ctx, merged.tree, path)) for path in merged.conflicted]


def _hunks(ctx: Context, tree: str, path: str) -> tuple[tuple[int, int], ...]:
    content = commit_facts.content(ctx.common_dir, tree, path)
    return conflicts.hunks(content.decode("utf-8", "replace")) if content else ()


def called(task: Task, name: str) -> str:
    """A line of work as people call it."""
    if name == TASK:
        return f"the task branch '{names.printable(task.branch)}'"
    if name == BASE:
        return f"the base '{names.printable(task.base_ref)}'"
    return f"stage {name}"
