"""`git okstra abandon`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.cli.remove import document, said
from git_okstra.operations import abandon, targets


@output.command("abandon", changes=True)
@click.argument("number", type=click.IntRange(1), metavar="N")
@output.task_option
@click.option("-f", "--force", is_flag=True, help="Take uncommitted changes and untracked files along to the trash.")
def command(run: output.Invocation, number: int, task_name: str | None, force: bool) -> None:
    """Give a stage up.

    Its branch is kept under refs/okstra/abandoned/, its worktree goes to the trash, and the stage may be opened anew.
    """
    ctx = run.context
    task = targets.task(ctx, task_name)
    removed = abandon.abandon(ctx, task, number, force_dirty=force, dry_run=run.dry_run)
    run.answer(document(removed), said=said(removed, "abandoned", run.dry_run))
