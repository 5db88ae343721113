"""`git okstra undo`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.operations import targets, undo


@output.command("undo", changes=True)
@click.argument("operation", required=False, metavar="[OPERATION]")
@output.task_option
@click.option("--yes", is_flag=True, help="Do not ask: the person who types this decides.")
def command(run: output.Invocation, operation: str | None, task_name: str | None, yes: bool) -> None:
    """Take the last operation back: refs, records and worktrees as they were before it.

    OPERATION is an id that 'git okstra log --operations' shows. Nothing is taken back when commits or files would be
    lost, when something was built on it since, when it was another owner's, or when it left this machine; every reason
    is said. An undo is an operation itself, so that a second one does it again. Prints the operation's id.
    """
    ctx = run.context
    task = targets.task(ctx, task_name, removed=True) if task_name is not None else None
    undoing = undo.prepare(ctx, operation, task)
    for note in undoing.notes:
        ctx.note(note)
    what, steps = undo.described(undoing.entry), [step.said for step in undoing.steps]
    if undoing.personal:
        run.decide(f"take '{what}' back?", yes, f"taking '{what}' back", " ".join(filter(None, [operation])))
    if not run.dry_run:
        undo.undo(ctx, undoing)
    about = list(undoing.about.command) if undoing.about is not None else None
    document: dict[str, object] = {
        "operation": undoing.entry.id,
        "command": list(undoing.entry.command),
        "steps": steps,
    }
    document |= {"about": about, "again": undoing.again}
    verb = "would take back" if run.dry_run else "took back"
    lines = [f"{verb}: {what}", *(f"  {step}" for step in steps)]
    if undoing.about is not None:
        verb = ("would stand again" if undoing.again else "would not stand") if run.dry_run else "stands again"
        verb = verb if run.dry_run or undoing.again else "does not stand any more"
        lines.append(f"so this {verb}: {undo.described(undoing.about)}")
    said = "\n".join(lines)
    run.answer(document, undoing.entry.id, names.printable_lines(said.split("\n")))
