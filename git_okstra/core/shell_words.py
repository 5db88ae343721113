"""Words of a command line, the simple commands that they make up, and what a word becomes when it is expanded.

The words are those of POSIX.1-2017, "Shell Command Language", 2.2 and 2.6, with what bash adds. `shell_reading` makes
them from text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

UNKNOWN = "\0"
"""Stands in a word for text that cannot be known before the line runs. No argument of a process can hold it."""

DEEPEST = 40
"""Substitutions and subshells inside each other beyond this are not looked into; their text is UNKNOWN."""


class Part(NamedTuple):
    """A piece of a word: literal text, a variable's value, what commands print, or (none of them) unknown text."""

    text: str = UNKNOWN
    quoted: bool = True
    variable: str = ""
    default: Word | None = None
    """What a variable that is not set stands for: `${x:-default}`."""
    commands: tuple[Command, ...] = ()
    """The commands of a substitution; they are also among those that the reader gives."""


class Word(NamedTuple):
    """One word before its expansion."""

    parts: tuple[Part, ...]

    def literal(self) -> str | None:
        """The text when the word is plain and nothing in it was quoted, as a reserved word must be."""
        if all(not part.quoted and not part.variable and not part.commands for part in self.parts):
            return "".join(part.text for part in self.parts)
        return None


class Redirection(NamedTuple):
    """An operator such as `>` or `<<` with its target; that of `<<` and `<<<` is the text that is given."""

    operator: str
    target: Word


class Command(NamedTuple):
    """One simple command that may run.

    `scope` names the (sub)shell it runs in: a change of directory or variable counts in its own scope and those inside
    it, which begin with the same numbers. `piped` is the index, among the commands of the same reading, of the one
    whose output it reads; -1 for none. An assignment of several words is an array, or a loop's variable.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, tuple[Word, ...]], ...]
    redirections: tuple[Redirection, ...]
    scope: tuple[int, ...]
    piped: int = -1


TOO_DEEP = Command((Word((Part("\0too deep"),)),), (), (), ())
"""Stands for commands that were not read because they lie too deep."""


LONGEST = 1 << 20
"""Characters that a word may grow to; what would come after that is UNKNOWN."""

Lookup = Callable[[str], str | None]
"""A variable's value; None when it is not known."""

Printed = Callable[[tuple[Command, ...]], str | None]
"""What commands print; None when it is not known."""


def expand(word: Word, lookup: Lookup, printed: Printed) -> list[str]:
    """The arguments that `word` becomes, with UNKNOWN in the place of what cannot be known.

    Unquoted values are split at blanks, braces are expanded, a pattern such as `*.c` stays one.
    """
    fields: list[str] = []
    for each in _braced(word):
        field: str | None = None
        for text, quoted, splits in _texts(each, lookup, printed):
            if not splits:
                field = (field or "") + text if text or quoted else field
                continue
            pieces = text.split()
            if text[:1].isspace() and field is not None:
                fields.append(field)
                field = None
            for index, piece in enumerate(pieces):
                if index and field is not None:
                    fields.append(field)
                    field = None
                field = (field or "") + piece
            if text[-1:].isspace() and pieces and field is not None:
                fields.append(field)
                field = None
        if field is not None:
            fields.append(field)
    return fields


def joined(word: Word, lookup: Lookup, printed: Printed) -> str:
    """The text of `word` where no splitting takes place: a heredoc, an assignment."""
    return "".join(text for text, _, _ in _texts(word, lookup, printed))


def _texts(word: Word, lookup: Lookup, printed: Printed) -> list[tuple[str, bool, bool]]:
    """Each part as (text, whether it was quoted, whether it is split)."""
    found: list[tuple[str, bool, bool]] = []
    length = 0
    for part in word.parts:
        length += len(found[-1][0]) if found else 0
        if length > LONGEST:
            return [*found, (UNKNOWN, True, False)]
        if part.variable:
            value = lookup(part.variable)
            if value is None and part.default is not None:
                value = joined(part.default, lookup, printed)
            found.append((UNKNOWN if value is None else value, part.quoted, not part.quoted))
        elif part.commands:
            value = printed(part.commands)
            found.append((UNKNOWN if value is None else value.rstrip("\n"), part.quoted, not part.quoted))
        else:
            found.append((part.text, part.quoted, False))
    return found


def _braced(word: Word) -> list[Word]:
    """The words that `a{b,c}` stands for, when the braces are in one unquoted piece; at most a few dozen."""
    done: list[Word] = []
    todo = [word]
    while todo and len(done) + len(todo) < 64:
        each = todo.pop()
        for index, part in enumerate(each.parts):
            choice = None if part.quoted or part.variable or part.commands else _choice(part.text)
            if choice is not None:
                before, pieces, after = choice
                for piece in pieces:
                    parts = (*each.parts[:index], part._replace(text=before + piece + after), *each.parts[index + 1 :])
                    todo.append(Word(parts))
                break
        else:
            done.append(each)
    return [*done, *todo][::-1]


def _choice(text: str) -> tuple[str, list[str], str] | None:
    end = text.find("}")
    start = text.rfind("{", 0, end) if end >= 0 else -1
    if start < 0 or "," not in text[start:end]:
        return None
    return text[:start], text[start + 1 : end].split(","), text[end + 1 :]
