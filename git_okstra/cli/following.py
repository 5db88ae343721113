"""Commands that go on answering while things change: `watch` and `conflicts --watch`.

On a terminal the answer stands on a screen that is kept up to date; elsewhere a line says what changed, or with
`--json` a document on a line of its own says how it is then. Nothing is asked of git while nothing changes.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import click

from git_okstra.cli import json_answer, output, painting, speaking
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import stopping
from git_okstra.operations.observing import Observer

INTERVAL = 1.0
"""Seconds between two looks, unless something else is wanted."""

COST = 10
"""Looking whether something changed takes at most one part in so many of the time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer: its document, and what makes the lines that a person reads, fitted to the terminal as it is."""

    document: Mapping[str, Any]
    lines: Callable[[], Sequence[str]]


class Display(Protocol):
    """Where the answers go."""

    def show(self, seen: Seen) -> None:
        """Show an answer."""

    def trouble(self, error: OkstraError) -> None:
        """Show why there is no answer now."""

    def wait(self, seconds: float) -> bool:
        """Wait so long, unless the person or the reader wants no more; whether that is so."""


def interval_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--interval SECONDS`, for commands that go on answering."""
    return click.option(
        "--interval",
        type=click.FloatRange(0.1, 3600),
        metavar="SECONDS",
        help="How often to look whether something changed; 1 by default.",
    )(function)


def follow(
    run: output.Invocation,
    task: Task,
    look: Callable[[], Seen],
    told: Callable[[Mapping[str, Any] | None, Mapping[str, Any]], Sequence[str]],
    interval: float | None,
) -> None:
    """Answer by `look` now, and whenever something of the task has changed, until the person ends it or the task ends.

    `told` puts into words what changed between two documents. Ends with the status of the signal that ended it.
    """
    speaking.choose_colour(run.context)
    with contextlib.ExitStack() as ends:
        display: Display
        if not run.as_json and painting.possible():
            run.speak_notes()
            display = _OnScreen(run, ends.enter_context(painting.Screen()))
        else:
            display = _InLines(run, told)
        try:
            over = _keep_on(Observer(run.context, task), look, display, interval or INTERVAL)
        except KeyboardInterrupt:
            stopping.deaf()  # so that the terminal is given back whole
            raise click.exceptions.Exit(stopping.status()) from None
    if over and not run.as_json:
        output.say(f"task {task.id} is removed, so nothing more will change")


def _keep_on(observer: Observer, look: Callable[[], Seen], display: Display, interval: float) -> bool:
    """Show answers until the task is over (True), or no more are wanted (False)."""
    answered = False
    while True:
        begun = time.monotonic()
        observer.note()
        over = observer.over()  # before the look, which then shows its end
        try:
            seen = look()
        except OkstraError as error:
            if not answered:
                raise
            display.trouble(error)  # something is half done at this moment; its end will be a change
        else:
            display.show(seen)
            answered = True
        if over:
            return True
        pause = max(interval, time.monotonic() - begun)
        while True:
            if display.wait(pause):
                return False
            begun = time.monotonic()
            if observer.changed():
                break
            pause = max(interval, COST * (time.monotonic() - begun))


class _OnScreen:
    """Answers on the screen of a terminal."""

    def __init__(self, run: output.Invocation, screen: painting.Screen) -> None:
        self._run = run
        self._screen = screen
        self._seen: Seen | None = None
        self._error: OkstraError | None = None
        self._when = ""

    def show(self, seen: Seen) -> None:
        self._seen, self._error, self._when = seen, None, time.strftime("%H:%M:%S")
        self._paint()

    def trouble(self, error: OkstraError) -> None:
        self._error, self._when = error, time.strftime("%H:%M:%S")
        self._paint()

    def wait(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._screen.wait(left) in ("q", "Q"):
                return True
            self._paint()  # the window may have another size
        self._paint()  # what was a minute ago is two now
        return False

    def _paint(self) -> None:
        lines: list[str] = []
        if self._error is not None:
            said = f"{self._error.message}\n{self._error.hint}"
            lines += [speaking.shown(line) for line in said.split("\n")]
        lines += [f"note: {speaking.shown(self._run.addressed(note))}" for note in self._run.context.notes]
        lines += ["", *self._seen.lines()] if lines and self._seen else self._seen.lines() if self._seen else []
        foot = f"as of {self._when}; q ends"
        self._screen.show(lines, speaking.styled(foot, "dim") if speaking.coloured(sys.stdout) else foot)


class _InLines:
    """Answers in lines on standard output: what changed, or whole documents."""

    def __init__(
        self,
        run: output.Invocation,
        told: Callable[[Mapping[str, Any] | None, Mapping[str, Any]], Sequence[str]],
    ) -> None:
        self._run = run
        self._told = told
        self._before: Mapping[str, Any] | None = None
        self._error = ""

    def show(self, seen: Seen) -> None:
        self._error = ""
        if self._run.as_json:
            if seen.document != self._before:
                document = {"time": self._run.context.now(), **seen.document}
                notes = [self._run.addressed(note) for note in self._run.context.notes]
                self._write([json_answer.answer(self._run.name, document, notes, None)])
        else:
            self._run.speak_notes()
            self._write([f"{self._run.context.now()} {line}" for line in self._told(self._before, seen.document)])
        self._before = seen.document

    def trouble(self, error: OkstraError) -> None:
        if str(error) == self._error:
            return
        self._error = str(error)
        if self._run.as_json:
            self._write([json_answer.text({"error": output.error_fields(error)}, None)])
        else:
            output.fail(error, False)

    def wait(self, seconds: float) -> bool:
        poller = select.poll()
        poller.register(sys.stdout.fileno(), 0)  # tells when the other end of a pipe is gone
        return bool(poller.poll(seconds * 1000))

    def _write(self, lines: Sequence[str]) -> None:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
