"""Tables and stage states as people see them.

A table is laid out here and not by rich: with less room than it wants rich takes it from the short columns until they
are gone and leaves it to the longest, it cannot print a row before it has all of them, and importing it takes longer
than all the rest of `list`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from git_okstra.cli import speaking
from git_okstra.core import columns, names
from git_okstra.operations.listing import KNOWN, Pending, StageRow, TaskRow

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

UNKNOWN = "…"
"""Stands where something is not known yet."""

GAP = 2
"""Columns between two columns."""

LEAST = 10
"""Columns of the terminal that one column may be cut to; where that is not enough some are left out, the last first."""

KEPT = frozenset({"TASK", "STAGE", "STATE", "+/-", "DISK", "IDLE"})
"""Headings of columns that are left out only when all others are: they are what one looks for."""

CUT_BEFORE = frozenset({"PATH"})
"""Headings of columns that are told apart by how their entries end."""


def draw(headings: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str | None] = ()) -> str:
    """A table as text: fitted to the terminal, or as wide as it needs to be when written to a file or pipe."""
    return "\n".join(lines(headings, rows, styles, widths(headings, rows, room())))


def room() -> int | None:
    """The columns of the terminal that standard output is; None when it is none, or does not know."""
    if not sys.stdout.isatty():
        return None
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:
        return None


def widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], room: int | None, least: Mapping[int, int] | None = None
) -> list[int]:
    """How wide each column is drawn, so that they fit into `room`; 0 for those that are left out.

    `least` has the width, by index, of a column whose entries may become longer.
    """
    wanted = [
        max(
            columns.widest(names.printable(row[index]) for row in rows),
            columns.width(heading),
            (least or {}).get(index, 0),
        )
        for index, heading in enumerate(headings)
    ]
    if room is None:
        return wanted
    leave_out = [index for index, heading in enumerate(headings) if heading not in KEPT]
    leave_out = [*(index for index in range(1, len(headings)) if index not in leave_out), *leave_out]
    while leave_out and _total([min(width, LEAST) for width in wanted]) > room:
        wanted[leave_out.pop()] = 0
    # A state is short, and what is wrong stands at its end: it is cut when the others have become narrow.
    states = [index for index, heading in enumerate(headings) if heading == "STATE"]
    others = [index for index in range(len(headings)) if index not in states]
    while _total(wanted) > room and max(wanted) > 1:
        widest = max(others, key=wanted.__getitem__, default=0)
        if not others or wanted[widest] <= LEAST:
            widest = wanted.index(max(wanted))
        wanted[widest] -= 1
    return wanted


def _total(widths: Sequence[int]) -> int:
    drawn = [width for width in widths if width]
    return sum(drawn) + GAP * (len(drawn) - 1)


def lines(
    headings: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str | None], widths: Sequence[int]
) -> list[str]:
    """The heading and a line for each row, in columns of these widths."""
    colour = speaking.coloured(sys.stdout)
    before = [heading in CUT_BEFORE for heading in headings]
    drawn = []
    for row, style in zip([headings, *rows], ["bold", *styles, *[None] * (len(rows) - len(styles))], strict=True):
        line = ""
        for cell, width, from_the_left in zip(row, widths, before, strict=True):
            if not width:
                continue
            shown = names.printable(cell)
            shown = columns.cut_before(shown, width) if from_the_left else columns.cut(shown, width)
            line += shown + " " * (width - columns.width(shown) + GAP)
        line = line.rstrip()
        drawn.append(speaking.styled(line, style) if style and colour else line)
    return drawn


def unsure(row: StageRow | TaskRow, pending: Pending) -> bool:
    """Whether the state may turn out to be another one."""
    return not pending.counted and row.state == "done"


def state(row: StageRow | TaskRow, pending: Pending = KNOWN) -> str:
    """The state, with the trouble if there is any."""
    if unsure(row, pending):
        return UNKNOWN
    return f"{row.state} ({row.trouble})" if row.trouble else row.state


def style(row: StageRow | TaskRow, pending: Pending = KNOWN) -> str | None:
    """The colour of a row."""
    return None if unsure(row, pending) else STYLES.get(row.trouble or row.state)


def painted(text: str, state_of_it: str) -> str:
    """`text` in the colour of a state."""
    return speaking.styled(text, STYLES.get(state_of_it, ""))


def counts(row: StageRow | TaskRow, pending: Pending = KNOWN) -> str:
    """Ahead and behind as `+2 -1`, dirty as `*`, known conflicts as `!`."""
    parts = []
    if row.ahead:
        parts.append(f"+{row.ahead}")
    if row.behind:
        parts.append(f"-{row.behind}")
    if row.dirty:
        parts.append("*")
    if isinstance(row, StageRow) and row.conflicts:
        parts.append("!")
    if not settled(row, pending):
        parts.append(UNKNOWN)
    return " ".join(parts) or ("" if row.ahead is None else "=")


def settled(row: StageRow | TaskRow, pending: Pending) -> bool:
    """Whether nothing of the row is pending."""
    return pending.counted and row.path not in pending.worktrees


def age(since: str | None) -> str:
    """How long ago a time was: `3m`, `5h`, `2d`."""
    if since is None:
        return ""
    try:
        return duration((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds())
    except ValueError:
        return since


def duration(seconds: float) -> str:
    """So many seconds: `3m`, `5h`, `2d`."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{max(int(seconds), 0)}s"


def size(count: int) -> str:
    """So many bytes as du(1) writes them for people: `4.0K`, `12M`, `1.3G`."""
    if count < 1024:
        return f"{count}B"
    amount, unit = count / 1024, "K"
    for larger in "MGTP":
        if amount < 1023.5:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f}{unit}" if amount < 9.95 else f"{amount:.0f}{unit}"
