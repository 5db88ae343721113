"""`git okstra stage`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from git_okstra.cli import documents, output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.operations import stage, stages, targets

RULES = {
    "anchor": "the anchor, as it depends on nothing",
    "dependency": "the head recorded for the stage it depends on",
    "task-head": "the task branch, which has all it depends on",
    "reused": "where it was opened first",
}


@output.command("stage", changes=True)
@click.argument("which", metavar="N...|auto", nargs=-1)
@output.task_option
@click.option("--all-ready", is_flag=True, help="Open every stage that is ready and that nobody has.")
@click.option("--exclusive", is_flag=True, help="Refuse instead of giving again what one has open already.")
@click.option("--merge-deps", is_flag=True, help="Merge the stages it depends on first, if they are not merged.")
@click.option("--flat", is_flag=True, help="No worktree of its own: work on the task branch.")
@click.option(
    "--sparse/--no-sparse", default=None, help="Check out only the directories that the stage needs, or all of them."
)
def command(
    run: output.Invocation,
    which: tuple[str, ...],
    task_name: str | None,
    all_ready: bool,
    exclusive: bool,
    merge_deps: bool,
    flat: bool,
    sparse: bool | None,
) -> None:
    """Open stage N of the plan, or with 'auto' the first that is ready.

    The stage gets a branch and a worktree of its own, from the right commit, and one owner. Prints the worktree's
    path; opened again by its owner, the same path is given again. Several are opened side by side; one path a line.
    """
    ctx = run.context
    if all_ready and which:
        raise OkstraError("usage", "--all-ready takes no stage number", "git okstra stage --all-ready")
    if not all_ready and not which:
        raise OkstraError("usage", "no stage was named", "take the first one that is ready: git okstra stage auto")
    if sparse and flat:
        raise OkstraError(
            "usage",
            "a flat stage works in the task's own worktree, which is never sparse",
            "leave out --sparse or --flat",
        )
    numbers = [_number(one) for one in which]
    if len(numbers) > 1 and None in numbers:
        raise OkstraError(
            "usage", "'auto' stands alone, for one stage", "for all that are ready: git okstra stage --all-ready"
        )
    task = targets.task(ctx, task_name)
    if all_ready:
        found = stages.open_all_ready(ctx, task, merge_deps=merge_deps, flat=flat, sparse=sparse, dry_run=run.dry_run)
        _answer_several(run, task, found)
        return
    named = [number for number in numbers if number is not None]
    if len(named) > 1:
        found = stages.open_several(
            ctx, task, named, exclusive=exclusive, merge_deps=merge_deps, flat=flat, sparse=sparse, dry_run=run.dry_run
        )
        _answer_several(run, task, found)
        return
    if not named:
        done = stage.open_next(ctx, task, merge_deps=merge_deps, flat=flat, sparse=sparse, dry_run=run.dry_run)
    else:
        done = stage.open_stage(
            ctx,
            task,
            named[0],
            exclusive=exclusive,
            merge_deps=merge_deps,
            flat=flat,
            sparse=sparse,
            dry_run=run.dry_run,
        )
    now = documents.stage_now(ctx, task, done.number) if run.as_json else {}
    document = {"status": done.status, "path": done.path, "task": _task(task), "stage": _stage(task, done, now)}
    run.answer(document, done.path, names.printable(_said(done, run.dry_run)))


def _answer_several(run: output.Invocation, task: Task, found: Sequence[stages.Outcome]) -> None:
    """The paths, one a line; what was refused beside them. The exit status is that of the worst."""
    now = documents.stages_now(run.context, task) if run.as_json else {}
    listed = []
    for one in found:
        entry: dict[str, Any] = {"number": one.number, "status": "refused", "path": None, "error": None}
        if one.opened is not None:
            entry = {**entry, "status": one.opened.status, "path": one.opened.path}
            entry = {**_stage(task, one.opened, now.get(one.number, {})), **entry}
        if one.error is not None:
            entry["error"] = output.error_fields(run.addressed_error(one.error))
        listed.append(entry)
    opened = [one.opened for one in found if one.opened is not None]
    said = "\n".join(names.printable(_said(one, run.dry_run)) for one in opened)
    run.answer({"task": _task(task), "stages": listed}, "\n".join(one.path for one in opened), said)
    errors = [one.error for one in found if one.error is not None]
    if errors and not run.as_json:
        for error in errors:
            output.fail(run.addressed_error(error), as_json=False)
    run.end(max((error.status for error in errors), default=0))


def _task(task: Task) -> dict[str, Any]:
    return {"key": str(task.key), "id": task.id, "branch": task.branch}


def _stage(task: Task, done: stage.Opened, now: Mapping[str, Any]) -> dict[str, Any]:
    return {
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
        "sparse": done.sparse,
    }


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
