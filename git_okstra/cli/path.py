"""`git okstra path`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.operations import places, targets


@output.command("path")
@click.argument("what", required=False, metavar="[WHAT]")
@output.task_option
def command(run: output.Invocation, what: str | None, task_name: str | None) -> None:
    """Print where a worktree is.

    WHAT is a stage number, 'task', a task or a branch; without it, where one stands, else the only open task.
    """
    ctx = run.context
    target = targets.what(ctx, what, task_name)
    found = places.reservation(ctx, target)
    run.answer({"task": {"key": str(target.task.key)}, "number": target.number, "path": found.path}, found.path)
