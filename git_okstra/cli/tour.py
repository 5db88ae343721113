"""`git okstra tour`."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterable
from types import FrameType

import click

from git_okstra.cli import output
from git_okstra.core.errors import OkstraError
from git_okstra.operations import tour


@output.command("tour", json=False)
def command(run: output.Invocation) -> None:
    """Play the whole story in a throw-away repository, step by step, in seconds.

    Nothing of yours is touched: the tour has a HOME and an OKSTRA_HOME of its own, and cleans up after itself.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    with contextlib.closing(tour.play()) as steps:
        _show(steps)
    click.echo("That is the tour. Everything it made is gone again. Now, in a repository of yours:")
    click.echo("    git okstra start feat DEV-1")


def _stop(number: int, frame: FrameType | None) -> None:
    """End as the signal would have it, but not before what was made for the tour is gone."""
    sys.exit(128 + number)


def _show(steps: Iterable[tour.Played]) -> None:
    colour = output.coloured(sys.stdout)
    for number, played in enumerate(steps, 1):
        said = f"{number:2}. {played.step.said}"
        prompt = f"    $ {played.step.command}"
        click.echo(click.style(said, bold=True) if colour else said)
        click.echo(click.style(prompt, fg="green") if colour else prompt)
        for line in played.output.rstrip("\n").splitlines():
            click.echo(f"    {line}")
        if played.step.status:
            click.echo(f"    [exit status {played.status}]")
        click.echo()
        if not played.as_told:
            raise OkstraError(
                "internal",
                f"step {number} of the tour ended with {played.status}, not {played.step.status}",
                f"it was typed in '{played.place}'; run the tour again with OKSTRA_TRACE=1",
            )
