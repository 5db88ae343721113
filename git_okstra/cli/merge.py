"""`git okstra merge`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.operations import ground, merge, targets


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
        given_up = merge.abort(ctx, task, dry_run=run.dry_run)
        verb = "would be" if run.dry_run else "is"
        what = "the merge" if given_up.number is None else f"the merge of stage {given_up.number}"
        said = f"{what} {verb} given up; '{task.branch}' stays at {given_up.head[:12]}"
        run.answer({"task": {"key": str(task.key), "id": task.id}, "aborted": True}, said=names.printable(said))
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
    run.answer(document, lines, names.printable(_said(merged, task.branch, run.dry_run)))


def _said(merged: merge.Merged, branch: str, dry_run: bool) -> str:
    if merged.merged:
        verb = "would merge" if dry_run else "merged"
        return f"{verb} {ground.listed([number for number, _ in merged.merged])} into '{branch}'"
    if merged.skipped:
        verb = "is" if len(merged.skipped) == 1 else "are"
        return f"nothing to merge: {ground.listed(merged.skipped)} {verb} in '{branch}' already"
    return "nothing to merge: no stage is done"
