"""Shows on standard error what a command of the gate writes while it runs: on a terminal with its name and the time
that it has taken, elsewhere as plain lines; nothing with `--json`."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.gate import TIMED_OUT, Ran

if TYPE_CHECKING:
    from rich.progress import Progress

LONGEST_LINE = 2000
"""How much of one line is shown; the log has all of it."""


class Shown:
    """A watcher of `operations.gate_commands`."""

    def __init__(self, run: output.Invocation) -> None:
        """It says nothing where a document is asked for."""
        self._silent = run.as_json
        self._live = not run.as_json and sys.stderr.isatty()
        self._progress: Progress | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = ""

    def begins(self, number: int, total: int, command: str) -> None:
        """Say which command runs."""
        if self._silent:
            return
        shown = f"[{number}/{total}] {names.printable(command)}"
        if not self._live:
            output.say(shown)
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, no_color=not output.coloured(sys.stderr), highlight=False)
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._progress.start()
        self._progress.add_task(shown, total=None)

    def wrote(self, data: bytes) -> None:
        """Show the lines that are whole; the last one waits for its end."""
        if self._silent:
            return
        *lines, self._begun = (self._begun + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._line(line)
        if len(self._begun) > LONGEST_LINE:
            self._begun = self._begun[-LONGEST_LINE:]

    def ended(self, ran: Ran) -> None:
        """Say how it ended."""
        if self._silent:
            return
        if self._begun:
            self._line(self._begun)
            self._begun = ""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
        word = "ran out of time" if ran.status == TIMED_OUT else f"exit status {ran.status}"
        output.say(f"  {word}, {ran.seconds:.1f} s", "" if ran.status == 0 else "red")

    def _line(self, line: str) -> None:
        # What a progress bar of its own wrote over and over again comes down to its last state.
        shown = names.printable(line.rstrip("\r").rpartition("\r")[2][:LONGEST_LINE].expandtabs())
        if self._progress is not None:
            self._progress.console.print(f"  | {shown}", markup=False, highlight=False, soft_wrap=True)
        else:
            output.say(f"  | {shown}")
