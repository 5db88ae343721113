"""How an answer is given, in words or as a document: without click, for the answers that do without."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Iterator, Mapping

from git_okstra.cli import json_answer
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.operations.context import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_colour = "auto"

PLAIN = "\x1b[0m"
"""Ends a style."""

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


def choose_colour(context: Context) -> None:
    """Follow the setting `ui.color` from here on."""
    global _colour
    try:
        _colour = context.settings.get("ui.color")
    except OkstraError:
        _colour = "auto"  # damaged settings must not keep the answer back; whoever needs them has said so


def coloured(stream: Any) -> bool:
    """Whether `stream` shows colours: `ui.color`, NO_COLOR (no-color.org), else whether it is a terminal."""
    if _colour != "auto":
        return _colour == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and bool(stream.isatty())


def styled(text: str, style: str) -> str:
    """The text in a style: a colour, `bold` or `dim`; as it is without one."""
    return f"\x1b[{_CODES[style]}m{text}{PLAIN}" if style else text


def say(text: str, style: str = "") -> None:
    """Tell the person something, on standard error, each line with our name."""
    colour = coloured(sys.stderr)
    for line in map(shown, text.splitlines() or [""]):
        word = styled("okstra:", "dim") if colour else "okstra:"
        with heard_or_not(sys.stderr):
            sys.stderr.write(f"{word} {styled(line, style) if colour else line}\n")
            sys.stderr.flush()


def silence(stream: Any) -> None:
    """Let a standard stream that takes nothing any more lead nowhere: Python must not complain of it at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextlib.contextmanager
def heard_or_not(stream: Any) -> Iterator[None]:
    """What cannot be said because `stream` is full or nobody reads it is left unsaid, and changes no exit status."""
    try:
        yield
    except OSError:
        silence(stream)


def shown(line: str) -> str:
    """A line safe for a terminal, whoever's words it quotes: git's, a file's, a variable's."""
    return names.printable(line.expandtabs())


class Speaker:
    """One run of one command: where it runs, and how it answers."""

    def __init__(self, name: str, as_json: bool, dry_run: bool = False) -> None:
        self.name = name
        self.as_json = as_json
        self.dry_run = dry_run
        self.begun = False
        """Whether a part of the answer is given already, so that it cannot begin anew."""

    @functools.cached_property
    def context(self) -> Context:
        """What the operations need to know of the caller. Raises `worktree-missing` when the directory is gone."""
        try:
            directory = os.getcwd()
        except FileNotFoundError:
            raise OkstraError(
                "worktree-missing", "the directory you stand in is gone", "cd somewhere that exists"
            ) from None
        return Context(directory, os.environ)

    def addressed(self, text: str) -> str:
        """`text`, its commands naming the task where they would reach another without it: here none does."""
        return text

    def answer(self, document: Mapping[str, Any], result: str = "", said: str = "") -> None:
        """Give the result: the JSON document with `--json`, else `result` on standard output and `said` beside it.

        Notes gathered on the way are part of both. A dry run says that nothing was changed.
        """
        notes = [self.addressed(note) for note in self.context.notes]
        choose_colour(self.context)
        if self.as_json:
            extra: dict[str, Any] = {"dry_run": True} if self.dry_run else {}
            result = json_answer.answer(self.name, {**document, **extra}, notes)
        else:
            self.speak_notes()
            if said:
                say(self.addressed(said))
            if self.dry_run:
                say("nothing was changed (--dry-run)")
        if result:
            self.give(result)

    def give(self, text: str) -> None:
        """Put a text on standard output."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def speak_notes(self) -> None:
        """Tell the person what was noted so far, before a question; it is not said again."""
        notes = self.context.notes
        for note in notes:
            say(names.printable(note))
        notes.clear()
