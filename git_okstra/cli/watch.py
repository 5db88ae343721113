"""`git okstra watch`."""

from __future__ import annotations

from git_okstra.cli import answers, documents, following, output, status_text
from git_okstra.core import telling
from git_okstra.operations import status, targets
from git_okstra.operations.listing import KNOWN


@output.command("watch")
@following.interval_option
@output.task_option
def command(run: output.Invocation, interval: float | None, task_name: str | None) -> None:
    """Show the status of a task, and keep it up to date until q is typed.

    Without a terminal each change is told in a line; with --json the document is printed anew, each time in one line.
    """
    ctx = run.context
    task = targets.task(ctx, task_name)

    def look() -> following.Seen:
        ctx.notes.clear()
        shown = answers.addressed(run, status.status(ctx, task))
        return following.Seen(documents.status(shown), lambda: status_text.lines(shown, KNOWN, run.addressed))

    following.follow(run, task, look, telling.of_status, interval)
