"""`git okstra stage`."""

from __future__ import annotations

import click

from git_okstra.cli import documents, output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.operations import stage, targets

RULES = {
    "anchor": "the anchor, as it depends on nothing",
    "dependency": "the head recorded for the stage it depends on",
    "task-head": "the task branch, which has all it depends on",
    "reused": "where it was opened first",
}


@output.command("stage", changes=True)
@click.argument("which", metavar="N|auto")
@output.task_option
@click.option("--exclusive", is_flag=True, help="Refuse instead of giving again what one has open already.")
@click.option("--merge-deps", is_flag=True, help="Merge the stages it depends on first, if they are not merged.")
@click.option("--flat", is_flag=True, help="No worktree of its own: work on the task branch.")
def command(
    run: output.Invocation, which: str, task_name: str | None, exclusive: bool, merge_deps: bool, flat: bool
) -> None:
    """Open stage N of the plan, or with 'auto' the first that is ready.

    The stage gets a branch and a worktree of its own, from the right commit, and one owner. Prints the worktree's
    path; opened again by its owner, the same path is given again.
    """
    ctx = run.context
    number = _number(which)
    task = targets.task(ctx, task_name)
    if number is None:
        done = stage.open_next(ctx, task, merge_deps=merge_deps, flat=flat, dry_run=run.dry_run)
    else:
        done = stage.open_stage(
            ctx, task, number, exclusive=exclusive, merge_deps=merge_deps, flat=flat, dry_run=run.dry_run
        )
    now = documents.stage_now(ctx, task, done.number) if run.as_json else {}
    document = {
        "status": done.status,
        "path": done.path,
        "task": {"key": str(task.key), "id": task.id, "branch": task.branch},
        "stage": {
            **now,
            "key": names.stage_key(task.key, done.number),
            "number": done.number,
            "title": done.title,
            "branch": done.branch,
            "path": done.path,
            "base": done.base,
            "rule": done.rule,
            "owner": done.owner,
            "pid": done.pid,
            "since": done.since,
            "flat": done.flat,
        },
    }
    run.answer(document, done.path, names.printable(_said(done, run.dry_run)))


def _number(which: str) -> int | None:
    if which == "auto":
        return None
    if not (which.isascii() and which.isdigit() and len(which) < 100) or int(which) == 0:
        raise OkstraError(
            "usage",
            f"'{names.printable(which)}' is neither a stage number nor 'auto'",
            "take the first one: git okstra stage auto",
        )
    return int(which)


def _said(done: stage.Opened, dry_run: bool) -> str:
    if done.status == stage.REUSED:
        return f"stage {done.number} has been open since {done.since}, by {done.owner} (process {done.pid})"
    would = "would be " if dry_run else ""
    return f"stage {done.number} ({done.title}) {would}on '{done.branch}', from {done.base[:12]}: {RULES[done.rule]}"
