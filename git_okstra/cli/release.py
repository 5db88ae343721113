"""`git okstra release`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core import names, tasks
from git_okstra.operations import release, targets


@output.command("release", changes=True)
@click.argument("what")
@output.task_option
def command(run: output.Invocation, what: str, task_name: str | None) -> None:
    """Give a reservation back and leave worktree and branch alone.

    WHAT is a stage number, 'task', or a task. Whoever opens it next gets the worktree as it is.
    """
    ctx = run.context
    target = targets.what(ctx, what, task_name)
    given = release.release(ctx, target, dry_run=run.dry_run)
    key = names.stage_key(target.task.key, target.number)
    verb = "would be" if run.dry_run else "is"
    what = tasks.called(target.task.id, target.number)
    said = f"{what} {verb} free; its worktree '{given.path}' and its branch '{given.branch}' stay as they are"
    run.answer({"key": key, "path": given.path, "branch": given.branch}, said=names.printable(said))
