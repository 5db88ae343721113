"""What commands that draw have in common: how to draw, and where the drawing goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import click

from git_okstra.cli import output, tables
from git_okstra.core import names
from git_okstra.state import files

_SUFFIXES = {
    ".svg": "svg",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
}
_UNLIMITED = 4000


def options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options `--format`, one of `formats` of which the first is the usual one, and `--output`."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        shape = click.option(
            "--format",
            "shape",
            type=click.Choice(formats),
            help="How to draw it; else as FILE is named, or as text.",
        )
        file = click.option(
            "-o", "--output", "file", metavar="FILE", help="Write the drawing to FILE, over what is there."
        )
        return shape(file(function))

    return wrap


def chosen(shape: str | None, file: str | None, *formats: str) -> str:
    """How to draw: as was asked for, else as the name of the file says, else the first of `formats`."""
    named = _SUFFIXES.get(os.path.splitext(file)[1].lower(), "") if file else ""
    return shape or (named if named in formats else formats[0])


def columns(file: str | None, otherwise: int = _UNLIMITED) -> int:
    """The columns that a line of text may take: those of the terminal, or `otherwise` where it is none."""
    return otherwise if file not in (None, "-") else tables.room() or otherwise


def answer(
    run: output.Invocation, document: Mapping[str, Any], draw: Callable[[], str], file: str | None, what: str
) -> None:
    """Print what `draw` gives, or write it to `file` and print where that is; `what` is drawn there.

    With `--json` the document is printed, and the drawing only made for a file. Raises `cannot-write`.
    """
    if file in (None, "-"):
        run.answer({**document, "output": None}, "" if run.as_json else draw())
        return
    assert file is not None
    path = os.path.abspath(file)
    files.write_named(path, os.fsencode(draw() + "\n"))
    run.answer({**document, "output": path}, path, f"{what} is drawn in '{names.printable(file)}'")
