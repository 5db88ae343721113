"""`git okstra takeover`."""

from __future__ import annotations

import click

from git_okstra.cli import documents, output, tables
from git_okstra.core import leases, names, tasks
from git_okstra.operations import takeover, targets
from git_okstra.operations.takeover import Taken


@output.command("takeover", changes=True)
@click.argument("number", type=click.IntRange(1), metavar="N")
@output.task_option
@click.option("--yes", is_flag=True, help="Do not ask: the person who types this knows that its owner is gone.")
def command(run: output.Invocation, number: int, task_name: str | None, yes: bool) -> None:
    """Take a stage over whose owner is gone.

    Its worktree stays exactly as it is, uncommitted files included. Refused while the owner's process lives or its
    lease holds; where nobody can know whether the owner is gone, a person has to say so. What the former owner still
    runs under a lease is refused from then on. Prints the path of the worktree.
    """
    ctx = run.context
    task = targets.task(ctx, task_name)
    foretold = takeover.foretell(ctx, task, number)
    what = tasks.called(task.id, number)
    former = names.printable(foretold.before.owner)
    if foretold.decision == leases.ASK:
        seen = tables.age(foretold.active)
        has = f"{former} has {what}, was last seen at work there {seen} ago, and may still be; take it over?"
        run.decide(has, yes, f"taking over {what}, on which {former} was last seen at work {seen} ago,", f"{number}")
    taken = foretold if run.dry_run else takeover.takeover(ctx, task, number, foretold)
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "stage": documents.stage_now(ctx, task, number) if run.as_json else {},
        "from": None if taken.decision == leases.MINE else taken.before.owner,
        "generation": taken.generation,
        "certain": taken.decision != leases.ASK,
        "active": taken.active,
        "path": taken.before.path,
        "uncommitted": list(taken.uncommitted),
    }
    run.answer(document, taken.before.path, _said(what, taken, run.dry_run))


def _said(what: str, taken: Taken, dry_run: bool) -> str:
    if taken.decision == leases.MINE:
        return f"{what} is yours already"
    lines = [f"{what} {'would be' if dry_run else 'is'} yours, and no longer that of {taken.before.owner}"]
    if taken.uncommitted:
        lines.append(
            f"so {'would be' if dry_run else 'is'} what no commit holds in its worktree: {_some(taken.uncommitted)}"
        )
    if taken.decision == leases.ASK and dry_run:
        lines.append("nobody can tell whether that owner is gone, so a person has to say so")
    return names.printable_lines(lines)


def _some(paths: tuple[str, ...]) -> str:
    more = len(paths) - 5
    return ", ".join(paths[:5]) + (f" and {more} more" if more > 0 else "")
