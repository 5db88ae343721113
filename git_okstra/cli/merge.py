"""`git okstra merge`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core.errors import OkstraError
from git_okstra.operations import merge, targets


@output.command("merge", changes=True)
@click.argument("numbers", type=click.IntRange(1), nargs=-1, metavar="[N]...")
@output.task_option
@click.option("--continue", "resume", is_flag=True, help="Go on after the conflicts were resolved.")
@click.option("--abort", is_flag=True, help="Give up the merge that stopped; what was merged before stays merged.")
def command(run: output.Invocation, numbers: tuple[int, ...], task_name: str | None, resume: bool, abort: bool) -> None:
    """Merge done stages into the task branch, dependencies first.

    Without N all that are done. One merge commit for each; stages that are merged already are skipped. A conflict stops
    there with the files named. Prints a line "N COMMIT" for each stage merged.
    """
    if resume + abort > 1 or ((resume or abort) and numbers):
        raise OkstraError("usage", "--continue and --abort stand alone", "git okstra help merge")
    ctx = run.context
    task = targets.task(ctx, task_name)
    if abort:
        if not run.dry_run:
            merge.abort(ctx, task)
        run.answer({"task": {"key": str(task.key), "id": task.id}, "aborted": True}, said="the merge is given up")
        return
    if resume:
        merged = merge.resume(ctx, task, dry_run=run.dry_run)
    else:
        merged = merge.merge(ctx, task, numbers, dry_run=run.dry_run)
    document = {
        "task": {"key": str(task.key), "id": task.id, "branch": task.branch},
        "stages": [{"number": number, "commit": commit} for number, commit in merged.merged],
        "skipped": list(merged.skipped),
    }
    lines = "\n".join(f"{number} {commit}" for number, commit in merged.merged if commit)
    run.answer(document, lines, _said(merged, run.dry_run))


def _said(merged: merge.Merged, dry_run: bool) -> str:
    if merged.merged:
        numbers = ", ".join(str(number) for number, _ in merged.merged)
        return f"{'would merge' if dry_run else 'merged'} {numbers}"
    if merged.skipped:
        return f"nothing to do: {', '.join(map(str, merged.skipped))} merged already"
    return "nothing to merge: no stage is done"
