"""`git okstra done`."""

from __future__ import annotations

import click

from git_okstra.cli import documents, output
from git_okstra.core import names
from git_okstra.operations import done, targets


@output.command("done", changes=True)
@click.argument("number", type=click.IntRange(1), required=False, metavar="[N]")
@output.task_option
@click.option("--allow-empty", is_flag=True, help="Close it though it has no commit of its own.")
def command(run: output.Invocation, number: int | None, task_name: str | None, allow_empty: bool) -> None:
    """Close a stage: check it and record its head commit.

    Without N it is the stage whose worktree one stands in, else one's only open stage. Refused are uncommitted changes,
    a head that does not descend from the base, files outside the plan, no commit at all, and a failing verify command.
    Prints the recorded commit.
    """
    ctx = run.context
    task = targets.task(ctx, task_name)
    closed = done.done(ctx, task, targets.stage_number(ctx, task, number), allow_empty=allow_empty, dry_run=run.dry_run)
    now = documents.stage_now(ctx, task, closed.number) if run.as_json else {}
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "stage": {
            **now,
            "key": names.stage_key(task.key, closed.number),
            "number": closed.number,
            "state": "done",
            "head": closed.head,
            "base": closed.base,
            "files": list(closed.files),
        },
        "commits": closed.commits,
    }
    count = f"{names.counted(closed.commits, 'commit')}, {names.counted(len(closed.files), 'file')}"
    verb = "would be" if run.dry_run else "is"
    # That it was done before is in the notes.
    said = "" if closed.already else f"stage {closed.number} {verb} done: {count}, at {closed.head[:12]}"
    run.answer(document, closed.head, said)
