"""`git okstra list`."""

from __future__ import annotations

import click

from git_okstra.cli import answers, output


@output.command("list")
@click.option("--all", "everywhere", is_flag=True, help="The tasks of every repository of this machine.")
@click.option("--long", is_flag=True, help="Each worktree's disk use, how long it is idle, and the bases, too.")
@click.option("--no-dirty", "fast", is_flag=True, help="Do not look into the worktrees for uncommitted changes.")
def command(run: output.Invocation, everywhere: bool, long: bool, fast: bool) -> None:
    """List the tasks and their stages: state, branch, commits ahead and behind, owner, age and path.

    A task is compared with its base branch, a stage with the task branch. "*" marks uncommitted changes, "=" that there
    is no difference, "!" that 'git okstra conflicts' has found conflicts between just these commits.
    """
    answers.listed(run, everywhere=everywhere, fast=fast, long=long)
