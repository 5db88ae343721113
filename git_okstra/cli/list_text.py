"""What `git okstra list` says to a person: a table, which fills in on a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from git_okstra.cli import painting, speaking, tables
from git_okstra.operations import listing
from git_okstra.operations.listing import KNOWN, Pending, StageRow, TaskRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_okstra.operations.usage import Usage

SHORT = ["TASK", "STATE", "BRANCH", "+/-", "OWNER", "AGE", "PATH"]
LONG = ["TASK", "STATE", "+/-", "DISK", "IDLE", "BRANCH", "BASE", "OWNER", "AGE", "PATH"]

TO_COME = {"STATE": "abandoned", "+/-": "+123 -45 *", "DISK": "123.4M", "IDLE": "999d"}
"""Room for the entries that come after the heading is printed."""


class Table:
    """The table of `list`, as far as its rows are known; with `usage` the long one, that of each worktree by path."""

    def __init__(self, everywhere: bool, usage: dict[str, Usage] | None) -> None:
        self._everywhere = everywhere
        self._usage = usage
        self._headings = SHORT if usage is None else LONG
        self._widths: list[int] | None = None

    def lines(self, rows: Sequence[TaskRow], pending: Pending, filling: painting.Filling | None) -> list[painting.Line]:
        """The heading, and a line for each task and stage; with `filling` as it can show them."""
        cells: list[list[str]] = []
        styles: list[str | None] = []
        settled = [True]

        def add(row: TaskRow | StageRow, name: str, branch: str, base: str, style: str | None) -> None:
            cells.append(self._cells(row, pending, name, branch, base))
            styles.append(style)
            measured = self._usage is None or row.path is None or row.path in self._usage
            settled.append(measured and tables.settled(row, pending))

        for task in rows:
            name = str(task.task.key) if self._everywhere else task.task.id
            base = _short(task.task.base_ref, task.task.base_commit)
            add(task, name, task.task.branch, base, "bold" if not task.trouble else tables.style(task))
            for stage in task.stages:
                name = f"  {stage.number} {stage.title}"
                add(stage, name, stage.branch or "", (stage.base or "")[:12], tables.style(stage, pending))
        widths = self._widths
        if widths is None:
            tall = filling is not None and not filling.fits(len(settled))
            least = {i: len(TO_COME[name]) for i, name in enumerate(self._headings) if name in TO_COME}
            widths = tables.widths(self._headings, cells, tables.room(), least if tall else None)
            if tall:
                self._widths = widths  # the lines that are printed already are as wide
        drawn = tables.lines(self._headings, cells, styles, widths)
        return [painting.Line(*line) for line in zip(drawn, settled, strict=True)]

    def _cells(self, row: TaskRow | StageRow, pending: Pending, name: str, branch: str, base: str) -> list[str]:
        known = {
            "TASK": name,
            "STATE": tables.state(row, pending),
            "BRANCH": branch,
            "+/-": tables.counts(row, pending) if branch else "",
            "BASE": base,
            "OWNER": row.owner or "",
            "AGE": tables.age(row.since) if branch else "",
            "PATH": row.path or "",
        }
        if self._usage is not None and row.path is not None:
            found = self._usage.get(row.path)
            known["DISK"] = known["IDLE"] = tables.UNKNOWN
            if found is not None:
                known["DISK"] = "" if found.nothing else tables.size(found.disk)
                known["IDLE"] = tables.duration(time.time() - found.changed) if found.changed else ""
        return [known.get(heading, "") for heading in self._headings]


def _short(name: str, commit: str | None) -> str:
    """A base as people read it: its name, or the beginning of a commit."""
    return name[:12] if name == commit else name


def show(run: speaking.Speaker, *, everywhere: bool, fast: bool, long: bool) -> None:
    """Answer `list` for a person, with what its options ask for."""
    ctx = run.context
    usage: dict[str, Usage] | None = {} if long else None
    table = Table(everywhere, usage)
    lines: Sequence[str] = ()
    with painting.filling(run) as filling:

        def tell(made: listing.Made, pending: Pending) -> None:
            if filling is not None:
                filling.show(lambda: table.lines(made(), pending, filling))

        rows = listing.rows(ctx, everywhere=everywhere, dirty=not fast, told=tell if filling is not None else None)
        if usage is not None:
            _measure(rows, usage, lambda: tell(lambda: rows, KNOWN))
        if rows:
            lines = [line.text for line in table.lines(rows, KNOWN, filling)]
            lines = lines if filling is None else filling.end(lines)
    left_out = bool(ctx.notes)
    said = "see why: git okstra doctor" if left_out else "no task is open; begin with: git okstra start feat ID"
    run.answer({}, "\n".join(lines), "" if rows else said)


def _measure(rows: Sequence[TaskRow], usage: dict[str, Usage], told: Callable[[], None]) -> None:
    from git_okstra.operations import usage as measuring

    def measured(path: str, found: Usage) -> None:
        usage[path] = found
        told()

    measuring.measure(measuring.worktrees(rows), measured)
