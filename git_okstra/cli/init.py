"""`git okstra init`."""

from __future__ import annotations

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.operations import projects


@output.command("init", changes=True)
def command(run: output.Invocation) -> None:
    """Set this repository up: its store, and its project id on this machine.

    Every other command does this by itself when it is needed. The project id is printed.
    """
    ctx = run.context
    known = projects.project(ctx)
    project = projects.foretold(ctx) if run.dry_run else projects.ensure_project(ctx)
    status = "reused" if known else "created"
    how = "is set up already" if known else "would be set up" if run.dry_run else "is set up"
    said = f"project '{project}' {how}, store in '{ctx.store.root}'"
    run.answer({"status": status, "project": project, "store": ctx.store.root}, project, names.printable(said))
