"""`git okstra restore`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core import names, tasks
from git_okstra.operations import restore


@output.command("restore", changes=True)
@click.argument("what", required=False, metavar="[ID]")
def command(run: output.Invocation, what: str | None) -> None:
    """List the trash, or bring a removed worktree back: files, index, branch, reservation and stage state.

    ID is one from the list, or a task or stage, of which the newest comes back. Prints the worktree's path.
    """
    ctx = run.context
    if what is None:
        entries = restore.listed(ctx)
        trash = [
            {
                "id": one.id,
                "key": names.stage_key(one.key, one.number),
                "branch": one.branch,
                "tip": one.tip,
                "path": one.path,
                "removed_at": one.removed_at,
                "owner": one.owner,
                "purpose": one.purpose,
            }
            for one in entries
        ]
        lines = [f"{one.id}  {one.removed_at}  {one.purpose}  {one.branch}" for one in entries]
        run.answer({"trash": trash}, names.printable_lines(lines), "" if entries else "the trash is empty")
        return
    back = restore.restore(ctx, what, dry_run=run.dry_run)
    verb = "would be" if run.dry_run else "is"
    said = f"{tasks.called(back.task_id, back.number)} {verb} back, on '{back.branch}'"
    fields = {"key": names.stage_key(back.key, back.number), "path": back.path, "branch": back.branch, "tip": back.tip}
    run.answer(fields, back.path, names.printable(said))
