"""`git okstra reopen`."""

from __future__ import annotations

import click

from git_okstra.cli import documents, output
from git_okstra.core import names
from git_okstra.operations import reopen, targets


@output.command("reopen", changes=True)
@click.argument("number", type=click.IntRange(1), required=False, metavar="[N]")
@output.task_option
def command(run: output.Invocation, number: int | None, task_name: str | None) -> None:
    """Take a stage that is done back to open, for more work on it."""
    ctx = run.context
    task = targets.task(ctx, task_name)
    chosen = targets.stage_number(ctx, task, number, states=("done",))
    reopen.reopen(ctx, task, chosen, dry_run=run.dry_run)
    now = documents.stage_now(ctx, task, chosen) if run.as_json else {}
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "stage": {**now, "key": names.stage_key(task.key, chosen), "number": chosen, "state": "open"},
    }
    run.answer(document, said=f"stage {chosen} {'would be' if run.dry_run else 'is'} open again")
