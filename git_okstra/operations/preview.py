"""`git okstra verify --preview`: what merging all done stages would give, before anybody merges.

The combined tree is made of objects alone (git-merge-tree(1), git-commit-tree(1)): no worktree is touched, no ref is
made, and `git gc` takes the objects away in time. To run the commands on it a checkout is made beside the worktrees,
under `$OKSTRA_HOME/previews/`; a hold in the store with its name is there first and goes last, so that whoever comes
after a process that died finds what to take away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping

from git_okstra.core import gate, journal
from git_okstra.core.gate import Ran
from git_okstra.core.plan import Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import checkout, commit_facts, merges, refs, worktrees
from git_okstra.operations import gate_commands, gate_facts, ground, judged_by, plans, projects, provisioning, verdict
from git_okstra.operations.context import Context
from git_okstra.operations.gate_commands import Watcher
from git_okstra.state import files, locks


@dataclass(frozen=True, slots=True)
class Conflict:
    """A stage that cannot be merged onto what is before it: the files in conflict, and the stages that it conflicts
    with when the two are merged alone; or the stages that it stands on and that are left out themselves."""

    number: int
    files: tuple[str, ...] = ()
    against: tuple[int, ...] = ()
    stands_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Previewed:
    """The combined commit and its tree, the stages that are in it by being merged now, those that were there already,
    those that conflict, those that are not done, and how the commands ended there (empty when they were not run)."""

    commit: str
    tree: str
    merged: tuple[int, ...]
    already: tuple[int, ...]
    conflicts: tuple[Conflict, ...]
    left: tuple[int, ...]
    commands: tuple[Ran, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether nothing conflicts, and every command that was to be run passed and left the files alone."""
        return not self.conflicts and all(one.status == 0 and not one.changed for one in self.commands)


def preview(ctx: Context, task: Task, *, run: bool, watcher: Watcher) -> Previewed:
    """Merge every done stage in the order of the plan, one that conflicts being left out.

    With `run` the commands of the gate are run in a temporary checkout of the outcome. Raises `plan-missing`,
    `branch-missing`, and with `run` `untrusted-command`.
    """
    plan = plans.require_stored(ctx, task).plan
    found = _combined(ctx, task, plan)
    if not run:
        return found
    settings = judged_by.settings_of(ctx, task, ctx.environ, ctx.options)
    commands = tuple(settings.get(gate_facts.COMMANDS))
    untrusted = gate_facts.untrusted(ctx, settings)
    if untrusted:
        raise gate.untrusted(untrusted).error()
    logs = verdict.new_directory(ctx, task, found.commit, "preview")
    with _checkout(ctx, task, found.commit) as path:
        ran = gate_commands.run(
            task, commands, path=path, logs=logs, timeout=settings.get("verify.timeout"), watcher=watcher
        )
    return Previewed(found.commit, found.tree, found.merged, found.already, found.conflicts, found.left, ran)


def _combined(ctx: Context, task: Task, plan: Plan) -> Previewed:
    history = ctx.store.history(task.key.group, task.key.task)
    facts = ground.stage_facts(ctx, task, plan, history)
    commit = ground.require_task_head(ctx, task)
    tree = commit_facts.tree(ctx.common_dir, commit) or ""
    merged: list[int] = []
    already: list[int] = []
    conflicts: list[Conflict] = []
    left: list[int] = []
    for stage in plan.order():
        number, head = stage.number, history.stage(stage.number).head
        missing = plan.ancestors(number) & {one.number for one in conflicts}
        if number in facts.merged:
            already.append(number)
        elif history.stage(number).state != journal.DONE or not head or refs.commit(ctx.common_dir, head) is None:
            left.append(number)
        elif missing:
            conflicts.append(Conflict(number, stands_on=tuple(sorted(missing))))
        else:
            both = merges.merged_tree(ctx.common_dir, commit, head)
            if both is None or both.conflicted:
                others = {other: history.stage(other).head or "" for other in (*already, *merged)}
                paths = both.conflicted if both else ()
                conflicts.append(Conflict(number, paths, against=_against(ctx, head, others)))
                continue
            tree = both.tree
            commit = commit_facts.commit_tree(ctx.common_dir, tree, [commit, head], f"preview: stage {number}\n")
            merged.append(number)
    return Previewed(commit, tree, tuple(merged), tuple(already), tuple(conflicts), tuple(left))


def _against(ctx: Context, head: str, others: Mapping[int, str]) -> tuple[int, ...]:
    """The stages whose recorded heads conflict with `head` by themselves."""
    found = []
    for number, other in sorted(others.items()):
        both = merges.merged_tree(ctx.common_dir, other, head)
        if both is None or both.conflicted:
            found.append(number)
    return tuple(found)


@contextlib.contextmanager
def _checkout(ctx: Context, task: Task, commit: str) -> Iterator[str]:
    """A checkout of the commit, furnished like any worktree of ours, and taken away at the end."""
    clear(ctx)
    name = f"{task.key.task}-{ctx.pid}"
    path = _path(ctx, name)
    with ctx.store.worktrees_locked():
        hold = locks.Hold(f"{_holds(ctx)}/{name}")
        worktrees.add_detached(ctx.common_dir, path, commit, hold.fd)
    try:
        checkout.fill(path, hold.fd, ctx.settings.get("checkout.workers"), ctx.settings.get("checkout.timeout"))
        provisioning.furnish(ctx, path)
        provisioning.set_up(ctx, path)
        yield path
    finally:
        with ctx.store.worktrees_locked():
            _discard(ctx, path)
            hold.drop()


def clear(ctx: Context) -> None:
    """Take away the checkouts of this repository whose process died."""
    if not os.path.isdir(_holds(ctx)):
        return
    with ctx.store.worktrees_locked():
        for name in sorted(os.listdir(_holds(ctx))):
            hold = f"{_holds(ctx)}/{name}"
            if not locks.is_held(hold):
                _discard(ctx, _path(ctx, name))
                files.remove(hold)


def _holds(ctx: Context) -> str:
    return f"{ctx.store.root}/previews"


def _path(ctx: Context, name: str) -> str:
    return f"{ctx.home}/previews/{projects.require_project(ctx)}/{name}"


def _discard(ctx: Context, path: str) -> None:
    """Remove the checkout at `path` and git's registration of it. Called under the repository lock."""
    worktrees.discard_half_made(ctx.common_dir, path, f"{ctx.store.root}/trash")
    shutil.rmtree(path, ignore_errors=True)
    if any(one.path == path for one in worktrees.listed(ctx.common_dir)):
        worktrees.unregister(ctx.common_dir, path)
