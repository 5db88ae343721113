"""`git okstra exec`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.operations import places, targets


@output.command("exec", json=False, options_metavar="[OPTIONS]")
@click.argument("what")
@click.argument("words", nargs=-1, required=True, metavar="-- CMD [ARG]...", type=click.UNPROCESSED)
@output.task_option
@click.option("--agent", metavar="NAME", help="Who runs it: refused unless the phase's roster names that agent.")
def command(
    run: output.Invocation, what: str, words: tuple[str, ...], task_name: str | None, agent: str | None
) -> None:
    """Run a command in the worktree of WHAT, and exit with its status.

    The command finds OKSTRA_TASK and, in a stage, OKSTRA_STAGE in its environment.
    """
    ctx = run.context
    target = targets.what(ctx, what, task_name)
    places.execute(ctx, target, words, agent)
