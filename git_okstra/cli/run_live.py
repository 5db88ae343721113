"""The live display of a run on a terminal: one line for each stage, painted anew while the run goes on."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live as Painted
from rich.table import Table
from rich.text import Text

from git_okstra.cli import output, run_words, tables
from git_okstra.core import names
from git_okstra.core.plan import Plan
from git_okstra.operations.running import Event

STYLES = tables.STYLES | {"running": "green", "closing": "cyan", "failed": "red", "stopped": "red", "left": "yellow"}


@dataclass(slots=True)
class Row:
    """What the line of a stage shows. `since` is when its present attempt began, `took` how long the last one took."""

    number: int
    title: str
    state: str = ""
    since: float | None = None
    took: float | None = None
    commits: int | None = None
    files: int | None = None
    said: str = ""


class Live:
    """A view of `cli.run`: a context manager that leaves the last picture on the screen."""

    def __init__(self, invocation: output.Invocation, plan: Plan, show_output: bool) -> None:
        self._run = invocation
        self._show_output = show_output
        self._rows: dict[int, Row] = {}
        self._titles = {stage.number: stage.title for stage in plan.stages}
        colour = output.coloured(sys.stderr)
        self._console = Console(stderr=True, no_color=not colour, highlight=False)
        # Painted by us alone: a thread of its own would be in the way of the forks.
        self._live = Painted(console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)

    def __enter__(self) -> Live:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._paint()
        self._live.__exit__(kind, error, where)

    def show(self, event: Event) -> None:
        """Take it into the picture; failures and notes stand above it."""
        error = run_words.failure(event)
        if error is not None:
            self._say_error(self._run.addressed_error(error).code, error.message, error.hint)
        elif event.kind in ("note", "retrying", "exited") or (event.kind == "output" and self._show_output):
            said = run_words.told(event)
            if said:
                self._say(said)
        self._take(event)
        if event.kind != "output":
            self._paint()

    def _take(self, event: Event) -> None:
        if event.kind == "began":
            self._rows = {number: Row(number, self._titles[number]) for number in event.data["stages"]}
        elif event.kind == "ended":
            for number in event.data["merged"]:
                self._rows[number].state = "merged"
        row = self._rows.get(event.stage or 0)
        if row is None:
            return
        moment, data = time.monotonic(), event.data
        states = {"opening": "opening", "started": "running", "exited": "closing", "done": "done", "merged": "merged",
                  "failed": "failed", "stopped": "stopped", "left": "left"}  # fmt: skip
        row.state = states.get(event.kind, row.state)
        if event.kind == "started":
            row.since, row.took, row.said = moment, None, ""
        elif event.kind in ("exited", "stopped") and row.since is not None:
            row.took, row.since = moment - row.since, None
        elif event.kind == "output":
            row.said = run_words.last_state(data["text"])[: run_words.LONGEST_LINE] or row.said
        elif event.kind == "progress":
            row.commits, row.files = data["commits"], data["files"]
        elif event.kind == "done":
            row.commits, row.files = data["commits"], len(data["files"])
        elif event.kind == "failed":
            row.said = data["message"].partition("\n")[0]
        elif event.kind == "left":
            row.said = run_words.told(event).partition(", ")[2]

    def _paint(self) -> None:
        if not self._rows:
            return
        table = Table(box=None, pad_edge=False, show_header=False, expand=False)
        for width in (None, 18, 10, 6, 20):
            table.add_column(no_wrap=True, overflow="ellipsis", max_width=width)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for row in self._rows.values():
            seconds = row.took if row.since is None else time.monotonic() - row.since
            cells = [
                str(row.number),
                names.printable(row.title),
                row.state or "waiting",
                _clock(seconds),
                _counts(row),
                names.printable(row.said.expandtabs()),
            ]
            style = STYLES.get(row.state or "waiting", "")
            table.add_row(*(Text(cell, style=style) for cell in cells))
        self._live.update(table, refresh=True)

    def _say(self, line: str) -> None:
        self._console.print(Text(f"okstra: {line}"), soft_wrap=True)

    def _say_error(self, code: str, message: str, hint: str) -> None:
        first, *more = message.split("\n")
        head = Text("okstra: ").append(f"error [{code}]:", style="bold red").append(f" {names.printable(first)}")
        self._console.print(head, soft_wrap=True)
        for line in more:
            self._say(names.printable(line.expandtabs()))
        for line in hint.splitlines():
            said = Text("okstra: ").append("hint:", style="cyan").append(f" {names.printable(line)}")
            self._console.print(said, soft_wrap=True)


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}" if whole < 3600 else f"{whole // 3600}h{whole // 60 % 60:02}"


def _counts(row: Row) -> str:
    if row.commits is None or row.files is None:
        return ""
    return f"{names.counted(row.commits, 'commit')}, {names.counted(row.files, 'file')}"
