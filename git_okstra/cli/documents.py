"""The JSON objects of tasks and stages: fields are only ever added within a version (specification, section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from git_okstra.operations import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from git_okstra.core.tasks import Task
    from git_okstra.operations.context import Context
    from git_okstra.operations.listing import StageRow, TaskRow
    from git_okstra.operations.status import Status
    from git_okstra.operations.usage import Usage


def tasks(rows: Sequence[TaskRow], usage: Mapping[str, Usage] | None = None) -> dict[str, Any]:
    """The document of `list`; that of `list --long` with the usage of each worktree by its path."""
    if usage is None:
        return {"tasks": [task_row(row) for row in rows]}
    found = []
    for row in rows:
        stages = [{**stage_row(stage), **_usage(stage, usage)} for stage in row.stages]
        found.append({**task_row(row), "stages": stages, **_usage(row, usage)})
    return {"tasks": found}


def _usage(row: TaskRow | StageRow, usage: Mapping[str, Usage]) -> dict[str, Any]:
    found = usage.get(row.path) if row.path is not None else None
    changed = found.changed if found is not None else 0.0
    return {
        "disk": None if found is None or found.nothing else found.disk,
        "changed": datetime.fromtimestamp(int(changed), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if changed else None,
    }


def status(shown: Status) -> dict[str, Any]:
    """The document of `status`."""
    return {
        "task": task_row(shown.row),
        "merging": shown.merging,
        "ready": list(shown.ready),
        "next": list(shown.advice),
        "verdict": _verdict(shown),
        "syncing": list(shown.syncing),
    }


def _verdict(shown: Status) -> dict[str, Any] | None:
    found = shown.standing.verdict
    if found is None:
        return None
    named = {"verdict": found.verdict, "commit": found.commit, "time": found.time, "owner": found.owner}
    return {**named, "holds": shown.standing.holds, "objection": shown.standing.objection or None}


def task_now(ctx: Context, task: Task) -> dict[str, Any]:
    """The task as `list` gives it, as it is now; of one that was not made (a dry run), what is known of it."""
    rows = listing.rows(ctx, only=task) if ctx.store.task(*task.key) is not None else []
    return task_row(rows[0]) if rows else task_head(task)


def stage_now(ctx: Context, task: Task, number: int) -> dict[str, Any]:
    """The stage as `list` gives it, as it is now."""
    return stages_now(ctx, task).get(number, {})


def stages_now(ctx: Context, task: Task) -> dict[int, dict[str, Any]]:
    """Each stage as `list` gives it, as it is now."""
    return {stage.number: stage_row(stage) for row in listing.rows(ctx, only=task) for stage in row.stages}


def task_head(task: Task) -> dict[str, Any]:
    """What every document says of a task."""
    return {
        "key": str(task.key),
        "id": task.id,
        "category": task.category,
        "group": task.key.group,
        "title": task.title,
        "branch": task.branch,
        "phase": task.phase,
        "base": {"ref": task.base_ref, "commit": task.base_commit},
    }


def task_row(row: TaskRow) -> dict[str, Any]:
    """A task with its stages, as `list` and `status` give it."""
    task = row.task
    return {
        **task_head(task),
        "path": row.path,
        "state": row.state,
        "head": row.head,
        "ahead": row.ahead,
        "behind": row.behind,
        "dirty": row.dirty,
        "owner": row.owner,
        "since": row.since,
        "stages": [stage_row(stage) for stage in row.stages],
        "anchor": task.anchor,
        "lifecycle": task.lifecycle,
        "repository": row.repository,
        "approved": row.approved,
        "in_place": row.in_place,
        "trouble": row.trouble or None,
    }


def stage_row(row: StageRow) -> dict[str, Any]:
    """A stage, as `list` and `status` give it."""
    return {
        "key": row.key,
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "branch": row.branch,
        "path": row.path,
        "base": row.base,
        "head": row.head,
        "depends_on": list(row.depends_on),
        "files": list(row.files),
        "ahead": row.ahead,
        "behind": row.behind,
        "dirty": row.dirty,
        "owner": row.owner,
        "since": row.since,
        "recorded_head": row.recorded,
        "trouble": row.trouble or None,
        "lacks": list(row.lacks),
        "conflicts": list(row.conflicts),
    }
