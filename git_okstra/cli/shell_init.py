"""`git okstra shell-init`."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.state import resources


@output.command("shell-init", json=False)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(run: output.Invocation, shell: str) -> None:
    """Print what a shell needs: completion, and the function okcd, which changes into a worktree.

    \b
    bash, zsh:  eval "$(git okstra shell-init bash)"
    fish:       git okstra shell-init fish | source
    """
    click.echo(resources.read(f"share/completions/git-okstra.{shell}"), nl=False)
