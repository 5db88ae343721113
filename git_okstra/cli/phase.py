"""`git okstra phase`."""

from __future__ import annotations

from typing import Any

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.lifecycle import Phase
from git_okstra.operations import phase, targets


@output.command("phase", changes=True)
@click.argument("name", required=False, metavar="[NAME|next]")
@output.task_option
@click.option("--yes", is_flag=True, help="Do not ask: the person who types this decides.")
def command(run: output.Invocation, name: str | None, task_name: str | None, yes: bool) -> None:
    """Show the phase that the task is in, and what it permits; or move the task to another phase.

    NAME is the phase to move to, forward or back, 'next' the one after the present one. What is missing before it may
    begin is said. Back to the implementation, a verdict loses its force. Prints the phase that the task is in.
    """
    ctx = run.context
    task = targets.task(ctx, task_name)
    document: dict[str, Any]
    if name is None:
        shown = phase.show(ctx, task)
        after = shown.following
        document = {
            "task": {"key": str(task.key), "id": task.id},
            "lifecycle": task.lifecycle,
            "phase": shown.phase.name,
            "next": after.name if after else None,
            "permits": _permits(shown.phase),
            "missing": [_missing(one) for one in shown.missing],
        }
        run.answer(document, shown.phase.name, "\n".join(_said(shown.phase)))
        return
    foretold = phase.change(ctx, task, name, dry_run=True)
    to = foretold.phase
    if foretold.moved:
        lines = [f"{to.name} permits:", *(f"  {line}" for line in _said(to))]
        if foretold.voided:
            lines.append("the verdict loses its force; verify again when the work is done")
        if not run.as_json:
            output.say("\n".join(lines))
        question = f"move {names.printable(task.id)} from {foretold.before.name} to {to.name}?"
        run.decide(question, yes, "moving to another phase", to.name)
    moved = foretold if run.dry_run else phase.change(ctx, task, to.name)
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "lifecycle": task.lifecycle,
        "phase": moved.before.name if run.dry_run else moved.phase.name,
        "from": moved.before.name,
        "to": moved.phase.name,
        "permits": _permits(moved.phase),
        "verdict_voided": moved.voided,
    }
    run.answer(document, document["phase"], names.printable(_summary(task.id, moved, run.dry_run)))


def _summary(task_id: str, moved: phase.Moved, dry_run: bool) -> str:
    if not moved.moved:
        return f"{task_id} is in the phase {moved.phase.name} already"
    would = "would move" if dry_run else "moved"
    return f"{task_id} {would} from {moved.before.name} to {moved.phase.name}"


def _said(shown: Phase) -> list[str]:
    return [
        f"commits on the task branch: {shown.task_commits}",
        f"commits on stage branches: {shown.stage_commits}",
        f"push: {shown.push}",
    ]


def _permits(shown: Phase) -> dict[str, str]:
    return {"task_commits": shown.task_commits, "stage_commits": shown.stage_commits, "push": shown.push}


def _missing(error: OkstraError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "hint": error.hint}
