"""Which task, stage or worktree is meant: by name, by where one stands, or because there is only one."""

from __future__ import annotations

import os
import re
from collections.abc import Collection

from git_okstra.core import journal, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task, TaskRecord
from git_okstra.git import refs, worktrees
from git_okstra.operations import projects
from git_okstra.operations.context import Context
from git_okstra.state import files


@dataclass(frozen=True, slots=True)
class Target:
    """A task, and the stage of it that is meant; `names.TASK` for the task itself."""

    task: Task
    number: int = names.TASK


def here(ctx: Context) -> Target | None:
    """The task and stage whose worktree, or whose branch, one stands in."""
    project = projects.project(ctx)
    if project is None or ctx.repository.worktree is None:
        return None
    try:
        marker = files.read(f"{ctx.repository.git_dir}/{worktrees.MARKER}") or b""
        place, _, number = marker.decode().strip().rpartition(" ")
    except (OkstraError, UnicodeDecodeError):
        place = number = ""  # not a worktree of ours; its branch may be
    group, _, name = place.partition("/")
    task = ctx.store.task(project, group, name) if number.isdigit() else None
    if task is not None:
        return Target(task, int(number))
    branch = refs.head_branch(ctx.repository.worktree)
    key = ctx.registry.branch_holder(project, branch) if branch else None
    record = ctx.registry.record(key) if key else None
    if key is None or record is None or record.repository != ctx.common_dir:
        return None
    task = ctx.store.task(*key)
    numbers = [number for number, entry in sorted(record.reservations.items()) if entry.branch == branch]
    return Target(task, numbers[0]) if task and numbers else None


def task(ctx: Context, name: str | None, *, removed: bool = False) -> Task:
    """The task that `name` names, else the one stood in, else the only open one.

    `removed` allows tasks that were removed. Raises `no-such-task`, or `ambiguous-task` listing the open ones.
    """
    ctx.task = named_task(ctx, name, removed=removed) if name is not None else _unnamed_task(ctx)
    return ctx.task


def name_to_type(ctx: Context, task: Task) -> str | None:
    """What to name the task by in a command to be typed where one stands; None when it is meant without a name."""
    try:
        if _unnamed_task(ctx).key == task.key:
            return None
    except OkstraError:
        pass  # no command can do without a name here
    alike = [group for group, segment in ctx.store.tasks() if segment == task.key.task]
    return task.key.task if len(alike) <= 1 else f"{task.key.group}/{task.key.task}"


def _unnamed_task(ctx: Context) -> Task:
    standing = here(ctx)
    if standing is not None:
        return standing.task
    tasks = open_tasks(ctx)
    if len(tasks) == 1:
        return tasks[0]
    if not tasks:
        raise OkstraError("no-such-task", "no task is open in this repository", "git okstra start feat ID")
    raise several_open(tasks)


def several_open(tasks: Collection[Task]) -> OkstraError:
    """The refusal to choose among the open tasks."""
    listed = ", ".join(names.printable(found.id) for found in tasks)
    first = next(iter(tasks)).key.task
    return OkstraError("ambiguous-task", f"several tasks are open: {listed}", f"name one: --task {first}")


def open_tasks(ctx: Context) -> list[Task]:
    """The open tasks of this repository. Raises `no-such-task` when none was ever started here."""
    project = projects.require_project(ctx)
    found = [one for place in ctx.store.open_tasks() if (one := ctx.store.task(project, *place)) is not None]
    return [one for one in found if not is_over(ctx.registry.record(one.key), ctx.store.history(*one.key[1:]))]


def is_over(record: TaskRecord | None, history: journal.History) -> bool:
    """Whether a task is over whose marker says that it is open: a command was killed before it took that away."""
    return record is None and history.task in (journal.REMOVED, journal.RELEASED)


def named_task(ctx: Context, name: str, *, removed: bool = False) -> Task:
    """The task called `name`: an id, a segment, `group/task`, a key, or its branch. Raises `no-such-task`."""
    project = projects.require_project(ctx)
    places = ctx.store.tasks() if removed else ctx.store.open_tasks()
    parts = _segments(name)
    if len(parts) == 3 and parts[0] == project:
        parts = parts[1:]
    wanted = names.segment(name)
    found = []
    for group, segment in places:
        if len(parts) == 2 and (group, segment) == (parts[0], parts[1]):
            found = [(group, segment)]
            break
        if segment == wanted:
            found.append((group, segment))
    if len(found) > 1 and (names.default_group(name), wanted) in found:
        found = [(names.default_group(name), wanted)]
    tasks = [one for place in found if (one := ctx.store.task(project, *place)) is not None]
    exact = [one for one in tasks if names.same_id(one.id, name)]
    if tasks and not exact and names.canonical_id(name) != wanted:
        # An id as typed: the task that has it may have had to take another name.
        known = [one for place in places if (one := ctx.store.task(project, *place)) is not None]
        exact = [one for one in known if names.same_id(one.id, name)]
    if len(tasks) == 1 or len(exact) == 1:
        return (exact or tasks)[0]
    if len(tasks) > 1:
        keys = ", ".join(f"{one.key.group}/{one.key.task}" for one in tasks)
        raise OkstraError(
            "ambiguous-task",
            f"'{names.printable(name)}' fits several tasks: {keys}",
            f"name one: --task {keys.split(', ')[0]}",
        )
    others = [one for place in places if (one := ctx.store.task(project, *place)) is not None]
    for one in others:
        if one.branch == name or names.same_id(one.id, name):
            return one
    listed = ", ".join(names.printable(one.id) for one in others) or "none"
    raise OkstraError(
        "no-such-task",
        f"there is no task '{names.printable(name)}' here; open tasks: {listed}",
        f"begin it: git okstra start feat {names.typed(name)}",
    )


def _segments(name: str) -> list[str]:
    """The segments of a key written with `/`; none when `name` is no key, but perhaps an id that holds a `/`."""
    try:
        return [names.segment(part) for part in name.split("/")]
    except OkstraError:
        return []


def what(ctx: Context, text: str | None, task_name: str | None = None, *, removed: bool = False) -> Target:
    """The target of `path`, `exec`, `remove`, `release`: a stage number, `task`, a task, a branch or a path.

    Without a text it is where one stands, else the only open task. `3`, `s3`, `DEV-9436#3`, `dev-9436-s3` name stages.
    """
    target = _what(ctx, text, task_name, removed=removed)
    ctx.task = target.task
    return target


def _what(ctx: Context, text: str | None, task_name: str | None, *, removed: bool) -> Target:
    if text is None:
        standing = here(ctx) if task_name is None else None
        return standing or Target(task(ctx, task_name, removed=removed))
    if text == "task":
        return Target(task(ctx, task_name, removed=removed))
    number = re.fullmatch(r"(?:stage-?|s)?([0-9]{1,4})", text)
    if number:
        return Target(task(ctx, task_name, removed=removed), int(number[1]))
    stage = re.fullmatch(r"(.+?)(?:#(?:stage-)?|-s)([0-9]{1,4})", text, re.DOTALL)
    if stage and not os.path.exists(text) and not _is_id(ctx, text):
        return Target(named_task(ctx, stage[1], removed=removed), int(stage[2]))
    if os.path.isdir(os.path.join(ctx.directory, text)) and ("/" in text or text.startswith(".")):
        inside = Context(os.path.join(ctx.directory, text), ctx.environ, ctx.options)
        standing = here(inside)
        if standing is None:
            raise OkstraError(
                "no-such-task", f"'{names.printable(text)}' is not a worktree of a task", "see them: git okstra list"
            )
        return standing
    return Target(named_task(ctx, text, removed=removed))


def _is_id(ctx: Context, text: str) -> bool:
    """Whether a task of this repository has exactly this id: `shop#7` need not be stage 7 of a task `shop`."""
    project = projects.project(ctx)
    wanted = _segments(text.replace("/", "-"))
    if project is None:
        return False
    found = (ctx.store.task(project, *place) for place in ctx.store.tasks() if [place[1]] == wanted)
    return any(one is not None and names.same_id(one.id, text) for one in found)


def stage_number(ctx: Context, task: Task, number: int | None, states: Collection[str] = (journal.OPEN,)) -> int:
    """The stage that `number` names, else the one whose worktree one stands in, else the caller's only one in `states`.

    `states` are the journal's words. Raises `ambiguous-stage` with a list.
    """
    if number is not None:
        return number
    standing = here(ctx)
    stages = ctx.store.history(task.key.group, task.key.task).stages
    if standing is not None and standing.task.key == task.key:
        if standing.number != names.TASK:
            return standing.number
        flat = [one for one, stage in sorted(stages.items()) if stage.flat and stage.state == journal.OPEN]
        if len(flat) == 1 and journal.OPEN in states:
            return flat[0]
    record = ctx.registry.record(task.key)
    fitting = []
    for one, stage in sorted(stages.items()):
        entry = record.reservation(one) if record else None
        if stage.state in states:
            fitting.append((one, entry.owner if entry else stage.owner or ""))
    own = [one for one, owner in fitting if owner == ctx.owner]
    if len(own) == 1:
        return own[0]
    word, verb = " or ".join(states), "done" if journal.OPEN in states else "reopen"
    if not fitting:
        raise OkstraError(
            "ambiguous-stage",
            f"no stage of {names.printable(task.id)} is {word}",
            f"see the stages: git okstra status --task {task.key.task}",
        )
    if own:
        what = f"several {word} stages of {names.printable(task.id)} are yours: {', '.join(map(str, own))}"
    else:
        listed = ", ".join(f"{one} ({names.printable(owner)})" for one, owner in fitting)
        what = f"no {word} stage of {names.printable(task.id)} is yours; there are: {listed}"
    name = (own or [one for one, _ in fitting])[0]
    raise OkstraError("ambiguous-stage", what, f"name one: git okstra {verb} {name}")
