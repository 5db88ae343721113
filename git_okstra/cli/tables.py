"""Tables and stage states as people see them; rich is imported only when one is drawn."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.operations.listing import StageRow, TaskRow

STYLES = {
    "open": "green",
    "ready": "cyan",
    "done": "blue",
    "merged": "dim",
    "stale": "yellow",
    "waiting": "dim",
    "reserving": "yellow",
    "releasing": "yellow",
    "abandoned": "magenta",
    "interrupted": "red",
    "missing": "red",
}


def draw(headings: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str | None] = ()) -> str:
    """A table as text: fitted to the terminal, or as wide as it needs to be when written to a file or pipe."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    table = Table(box=None if not terminal else box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=True, overflow="ellipsis" if terminal else "ignore")
    for index, row in enumerate(rows):
        style = styles[index] if index < len(styles) else None
        table.add_row(*(Text(names.printable(cell), style=style or "") for cell in row))
    colour = output.coloured(sys.stdout)
    console = Console(
        width=None if terminal else 4000,
        no_color=not colour,
        force_terminal=colour,
        highlight=False,
        color_system="auto" if colour else None,
    )
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def state(row: StageRow | TaskRow) -> str:
    """The state, with the trouble if there is any."""
    return f"{row.state} ({row.trouble})" if row.trouble else row.state


def style(row: StageRow | TaskRow) -> str | None:
    """The colour of a row."""
    return STYLES.get(row.trouble or row.state)


def painted(text: str, state_of_it: str) -> str:
    """`text` in the colour of a state."""
    name = STYLES.get(state_of_it)
    return click.style(text, dim=True) if name == "dim" else click.style(text, fg=name) if name else text


def counts(row: StageRow | TaskRow) -> str:
    """Ahead and behind as `+2 -1`, dirty as `*`."""
    parts = []
    if row.ahead:
        parts.append(f"+{row.ahead}")
    if row.behind:
        parts.append(f"-{row.behind}")
    if row.dirty:
        parts.append("*")
    return " ".join(parts) or ("" if row.ahead is None else "=")


def age(since: str | None) -> str:
    """How long ago a time was: `3m`, `5h`, `2d`."""
    if since is None:
        return ""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds()
    except ValueError:
        return since
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"
