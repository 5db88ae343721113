"""`git okstra help`."""

from __future__ import annotations

import sys

import click

from git_okstra.cli import output
from git_okstra.operations import manual
from git_okstra.state import resources

# Commands that share a manual page with others; the rest have their own.
PAGES = {
    "init": "start",
    "phase": "verify",
    "done": "stage",
    "reopen": "stage",
    "abandon": "stage",
    "takeover": "stage",
    "merge": "merge",
    "conflicts": "merge",
    "sync": "merge",
    "status": "list",
    "watch": "list",
    "who": "list",
    "path": "list",
    "exec": "list",
    "brief": "stage",
    "log": "list",
    "timeline": "graph",
    "prune": "remove",
    "restore": "remove",
    "undo": "remove",
    "release": "remove",
    "tour": "",
    "shell-init": "",
    "help": "",
}


def page(name: str | None) -> str:
    """The file of the manual page for a command, without directory."""
    part = PAGES.get(name, name) if name else ""
    return f"git-okstra-{part}.1" if part else "git-okstra.1"


@output.command("help")
@click.argument("name", required=False, metavar="[COMMAND]")
@click.pass_context
def command(ctx: click.Context, run: output.Invocation, name: str | None) -> None:
    """Show the manual page of git okstra, or of a command.

    Works without an installed page; where there is no terminal or no man, the usage is printed instead.
    """
    from git_okstra.cli.dispatch import COMMANDS, root, unknown_command

    if name is not None and name not in COMMANDS:
        raise unknown_command(name, "git okstra help")
    path = resources.path(f"man/{page(name)}")
    if sys.stdout.isatty() and not run.as_json and manual.show(path):
        return
    found = root.get_command(ctx, name) if name else root
    assert found is not None
    with found.make_context(f"git okstra {name}" if name else "git okstra", [], resilient_parsing=True) as inner:
        usage = found.get_help(inner)
    run.answer({"page": path, "usage": usage}, usage)
