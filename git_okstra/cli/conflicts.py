"""`git okstra conflicts`."""

from __future__ import annotations

import click

from git_okstra.cli import following, output, tables
from git_okstra.core import conflicts as rules
from git_okstra.core import names, telling
from git_okstra.core.conflicts import Conflict
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.operations import conflicts, targets
from git_okstra.operations.conflicts import Found


@output.command("conflicts")
@output.task_option
@click.option("--committed", is_flag=True, help="Only what is committed; by default uncommitted changes count, too.")
@click.option("--watch", is_flag=True, help="Keep it up to date as the stages change, until q is typed.")
@following.interval_option
def command(
    run: output.Invocation, task_name: str | None, committed: bool, watch: bool, interval: float | None
) -> None:
    """Say which stages would conflict with one another, with the task branch and with the base, before anybody merges.

    Nothing is merged, and no worktree, index or stash is touched. Exit status 1 when there are conflicts.
    """
    if interval is not None and not watch:
        raise OkstraError("usage", "--interval is for --watch", "git okstra help conflicts")
    ctx = run.context
    task = targets.task(ctx, task_name)
    if watch:
        following.follow(run, task, lambda: _seen(run, task, committed), telling.of_conflicts, interval)
        return
    found = conflicts.find(ctx, task, uncommitted=not committed)
    said = "" if found.conflicts else _none(found)
    run.answer(_document(task, found), "\n".join(_lines(task, found)) if found.conflicts else "", said)
    if found.conflicts:
        raise click.exceptions.Exit(1)


def _seen(run: output.Invocation, task: Task, committed: bool) -> following.Seen:
    run.context.notes.clear()
    found = conflicts.find(run.context, task, uncommitted=not committed)
    # How often git was asked differs where nothing else does.
    document = {name: value for name, value in _document(task, found).items() if name != "asked"}
    none = [] if found.conflicts else ["", _none(found)]
    return following.Seen(document, lambda: [*_lines(task, found), *none])


def _none(found: Found) -> str:
    stages = len(rules.matrix(found.lines, found.conflicts)) - 1
    return f"no conflict between {names.counted(stages, 'stage')}, task branch and base"


def _lines(task: Task, found: Found) -> list[str]:
    head, *rows = rules.matrix(found.lines, found.conflicts)
    lines = tables.draw(head, rows).split("\n") if rows else []
    return [*lines, *(names.printable(line) for one in found.conflicts for line in _told(task, one))]


def _told(task: Task, one: Conflict) -> list[str]:
    lines = [f"{conflicts.called(task, one.one)} and {conflicts.called(task, one.other)}:"]
    for file in one.files:
        where = ", ".join(f"{first}-{last}" for first, last in file.hunks)
        lines.append(f"  {file.path}{f' (lines {where} of the merged file)' if where else ''}")
    return lines


def _document(task: Task, found: Found) -> dict[str, object]:
    return {
        "task": {"key": str(task.key), "id": task.id},
        "lines": [{"name": one.name, "commit": one.commit, "uncommitted": one.uncommitted} for one in found.lines],
        "conflicts": [
            {
                "between": [one.one, one.other],
                "files": [{"path": file.path, "hunks": [list(hunk) for hunk in file.hunks]} for file in one.files],
            }
            for one in found.conflicts
        ],
        "asked": found.asked,
    }
