"""`git okstra status`."""

from __future__ import annotations

import click

from git_okstra.cli import answers, output
from git_okstra.operations import targets


@output.command("status")
@click.argument("name", required=False, metavar="[TASK]")
@output.task_option
def command(run: output.Invocation, name: str | None, task_name: str | None) -> None:
    """Show one task in detail: phase, plan as a graph, each stage, what is ready, and what to do next."""
    answers.status(run, targets.task(run.context, name or task_name, removed=True))
