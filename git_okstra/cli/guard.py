"""`git okstra guard`."""

from __future__ import annotations

import os

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.hooks import guard
from git_okstra.operations import guarding


@output.command("guard", json=False, changes=True)
@click.argument("action", required=False, type=click.Choice([guarding.INSTALL, guarding.UNINSTALL]), metavar="[ACTION]")
@click.argument("client", required=False, type=click.Choice(list(guarding.CLIENTS)), metavar="[CLIENT]")
@click.option(
    "--format", "format_name", type=click.Choice(guard.FORMATS), help="The client that asks, when it is not recognised."
)
def command(run: output.Invocation, action: str | None, client: str | None, format_name: str | None) -> None:
    """Judge one tool call of a coding agent before it is carried out, or install that judge.

    Without ACTION the call is read as JSON from standard input. What may go on is answered by silence; what may not, by
    exit status 2 with the reason on standard error. 'install' and 'uninstall' put the guard into the project's settings
    of CLIENT (claude, codex, gemini or cursor) and take it out again.
    """
    if action is None:
        given = [] if format_name is None else ["--format", format_name]
        raise click.exceptions.Exit(guard.main(given, os.environ) or 0)
    if client is None or format_name is not None:
        wrong = "--format belongs to judging" if format_name is not None else "no client is named"
        raise OkstraError("usage", wrong, f"git okstra guard {action} {next(iter(guarding.CLIENTS))}")
    changed = guarding.change(run.context, action, client, dry_run=run.dry_run)
    would = "would be" if run.dry_run else "is"
    installs = action == guarding.INSTALL
    if not changed.changed:
        said = f"the guard was {'in' if installs else 'not in'} '{changed.path}' already"
        said = said if installs else said.removesuffix(" already")
    else:
        said = f"the guard {would} {'put into' if installs else 'taken out of'} '{changed.path}'"
    run.answer({}, names.printable(changed.path), names.printable(said))
