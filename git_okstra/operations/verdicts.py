"""The gate's verdict on a task, as far as a hand-off needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import Event
from git_okstra.core.tasks import Task
from git_okstra.git import refs
from git_okstra.operations import plans
from git_okstra.operations.context import Context
from git_okstra.state import files

_VOIDING = ("requirements-discovery", "error-analysis", "implementation-planning", "implementation")


def accepted_for(ctx: Context, task: Task, head: str) -> Event | None:
    """The event of the newest verdict if it is `accepted` and holds for `head`: its commit, or one with its tree.

    It is void once the task went back to a phase before the gate, or has another plan.
    """
    found: Event | None = None
    for event in ctx.store.events(task.key.group, task.key.task):
        if event.event == "verified":
            found = event
        elif event.event == "task-started" or (event.event == "phase" and event.data.get("to") in _VOIDING):
            found = None
    if found is None or found.data.get("verdict") != "accepted":
        return None
    stored = plans.stored(ctx, task)
    tree = refs.read(ctx.common_dir, f"{head}^{{tree}}")
    same = found.data.get("commit") == head or (tree is not None and found.data.get("tree") == tree)
    return found if same and found.data.get("plan") == (stored.plan.digest() if stored else None) else None


def require_accepted(ctx: Context, task: Task, head: str) -> Event:
    """Like `accepted_for`, but raises OkstraError `not-verified`."""
    found = accepted_for(ctx, task, head)
    if found is None:
        raise OkstraError(
            "not-verified",
            f"{names.printable(task.id)} is not verified as it is: no accepted verdict holds for {head[:12]}",
            "git okstra verify",
        )
    return found


def report(ctx: Context, task: Task, verdict: Event) -> Mapping[str, Any]:
    """The report that belongs to a verdict; empty when it is gone or unreadable, for it only serves the draft."""
    directory = ctx.store.task_directory(task.key.group, task.key.task)
    data = files.read(f"{directory}/reports/{verdict.data.get('report')}/report.json") or b""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
