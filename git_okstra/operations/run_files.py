"""The files of runs, in `runs/` of a task's store: for each run a directory with the briefs that its commands got and
the logs of what they wrote, and beside them for each stage the hold of the process that works on it in a run.

All of it may be lost: the journal and the registry say what was done. The newest `KEPT` runs of a task are kept, and of
those `prune` takes what is older than `trash.keep`.
"""

from __future__ import annotations

import os
import re

from git_okstra.core.tasks import Task
from git_okstra.operations.context import Context
from git_okstra.state import files, locks

KEPT = 20
"""How many runs of a task are kept."""

LARGEST_LOG = 64 << 20
"""Bytes of what one command writes that are kept."""

_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9]+")


def directory(ctx: Context, task: Task) -> str:
    """Where the runs of the task are."""
    return f"{ctx.store.task_directory(task.key.group, task.key.task)}/runs"


def new_run(ctx: Context, task: Task) -> str:
    """Make the directory of a run, and let the oldest go; its path. Raises OkstraError `cannot-write`."""
    stamp = ctx.now().replace(":", "").replace("-", "")
    path = f"{directory(ctx, task)}/{stamp}-{ctx.pid}"
    files.make_directory(path)
    for old in _runs(ctx, task.key.group, task.key.task)[:-KEPT]:
        files.remove_tree(old)
    return path


def brief(run: str, number: int) -> str:
    """The file with the brief of a stage."""
    return f"{run}/stage-{number}.md"


def log(run: str, number: int, attempt: int) -> str:
    """The file with what the command of a stage wrote, at its first attempt, the second, and so on."""
    return f"{run}/stage-{number}.log" if attempt == 1 else f"{run}/stage-{number}.{attempt}.log"


def is_earlier_brief(ctx: Context, task: Task, run: str, number: int, path: str) -> bool:
    """Whether `path` is the brief of the stage in another run than `run`."""
    return (
        path != brief(run, number)
        and os.path.dirname(os.path.dirname(path)) == directory(ctx, task)
        and (os.path.basename(path) == f"stage-{number}.md")
    )


def take(ctx: Context, task: Task, number: int) -> locks.Hold | None:
    """Be the one who works on the stage in a run; None when another process does."""
    with ctx.store.locked():
        path = _hold(ctx, task, number)
        return None if locks.is_held(path) else locks.Hold(path)


def drop(ctx: Context, hold: locks.Hold) -> None:
    """Give the stage back."""
    with ctx.store.locked():
        hold.drop()


def is_taken(ctx: Context, task: Task, number: int) -> bool:
    """Whether a process works on the stage in a run."""
    return locks.is_held(_hold(ctx, task, number))


def expire(ctx: Context, *, dry_run: bool) -> list[str]:
    """Remove the runs, of all tasks of this repository, that are older than `trash.keep`; their ids."""
    import datetime

    keep = datetime.timedelta(seconds=ctx.settings.get("trash.keep"))
    oldest = (datetime.datetime.fromisoformat(ctx.now()) - keep).strftime("%Y%m%dT%H%M%SZ")
    gone = []
    for group, task in ctx.store.tasks():
        for path in _runs(ctx, group, task):
            name = os.path.basename(path)
            if name.partition("-")[0] <= oldest and not _works(path):
                gone.append(name)
                if not dry_run:
                    files.remove_tree(path)
    return gone


def _works(run: str) -> bool:
    """Whether the process that made the run's directory is still there; a number used again keeps it for longer."""
    return os.path.exists(f"/proc/{run.rpartition('-')[2]}")


def _runs(ctx: Context, group: str, task: str) -> list[str]:
    """The directories of a task's runs, oldest first."""
    place = f"{ctx.store.task_directory(group, task)}/runs"
    try:
        names = sorted(name for name in os.listdir(place) if _RUN.fullmatch(name))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [f"{place}/{name}" for name in names]


def _hold(ctx: Context, task: Task, number: int) -> str:
    return f"{directory(ctx, task)}/stage-{number}.hold"
