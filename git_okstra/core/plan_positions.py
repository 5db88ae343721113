"""On which line of a plan file each value stands: the JSON and TOML readers of Python give values without places.

A place is named by the way to it, `("stages", 0, "files", 2)` for the third pattern of the first stage. The scan takes
for granted that the text was read without error; of any other text it says what it can, and always ends.
"""

from __future__ import annotations

import bisect
import json
from typing import NamedTuple

from git_okstra.core import toml_text

Way = tuple[str | int, ...]


class Places(NamedTuple):
    """The line of each value, from 1, and the JSON keys that stand twice in their object (the later place)."""

    lines: dict[Way, int]
    repeated: list[Way]


class _Open:
    """An array or object that the scan is inside of; `step` leads to its present element."""

    __slots__ = ("is_array", "step", "way")

    def __init__(self, is_array: bool, way: Way) -> None:
        self.is_array = is_array
        self.way = way
        self.step: Way = (0,) if is_array else ()


def of_json(text: str) -> Places:
    """The places of a JSON text."""
    places = Places({}, [])
    _scan(text, 0, len(text), (), _newlines(text), places)
    return places


def of_toml(text: str) -> Places:
    """The places of a TOML text. A stage written as `[[stage]]` has the line of that header."""
    places = Places({}, [])
    newlines = _newlines(text)
    tables: dict[toml_text.Path, int] = {}
    table: Way = ()
    for item in toml_text.items(text):
        if item.header:
            if text.startswith("[[", text.find("[", item.start)):
                tables[item.path] = tables.get(item.path, -1) + 1
            table = _indexed(item.path, tables)
            if item.path in tables:
                places.lines.setdefault(table[:-1], _line(newlines, item.start))
            places.lines.setdefault(table, _line(newlines, item.start))
            continue
        way = table + item.path[len(item.table) :]
        _scan(text, item.value, item.value_end, way, newlines, places)
        places.lines[way] = _line(newlines, item.start)
    return places


def _indexed(path: toml_text.Path, tables: dict[toml_text.Path, int]) -> Way:
    way: Way = ()
    for length, part in enumerate(path, 1):
        way += (part,)
        if path[:length] in tables:
            way += (tables[path[:length]],)
    return way


def _newlines(text: str) -> list[int]:
    return [at for at, character in enumerate(text) if character == "\n"]


def _line(newlines: list[int], at: int) -> int:
    return bisect.bisect_left(newlines, at) + 1


def _scan(text: str, at: int, end: int, way: Way, newlines: list[int], places: Places) -> None:
    """Note the place of the value in `text[at:end]`, whose way is `way`, and of all that it holds."""
    inside: list[_Open] = []
    keyed = False
    while at < end:
        character = text[at]
        current = inside[-1] if inside else None
        if character in " \t\r\n":
            at += 1
        elif character == "#":
            newline = text.find("\n", at, end)
            at = end if newline < 0 else newline
        elif character in "]}" and inside:
            inside.pop()
            at += 1
        elif character == "," and current is not None:
            current.step = (int(current.step[0]) + 1,) if current.is_array else ()
            keyed = False
            at += 1
        elif current is not None and not current.is_array and not keyed:
            current.step, following = _key(text, at, end)
            if current.way + current.step in places.lines:
                places.repeated.append(current.way + current.step)
            places.lines[current.way + current.step] = _line(newlines, at)
            keyed = True
            at = following
        else:
            here = way if current is None else current.way + current.step
            places.lines.setdefault(here, _line(newlines, at))
            if character in "[{":
                inside.append(_Open(character == "[", here))
                keyed = False
                at += 1
            else:
                at = max(_scalar_end(text, at, end), at + 1)


def _key(text: str, at: int, end: int) -> tuple[Way, int]:
    """The steps that the key at `at` means (several when it is dotted), and where its value may begin."""
    steps: list[str] = []
    while at < end and text[at] not in "=:,}":
        character = text[at]
        if character in " \t\r\n.":
            at += 1
        elif character in "\"'":
            following = _scalar_end(text, at, end)
            steps.append(_unquoted(text[at:following]))
            at = following
        else:
            start = at
            while at < end and text[at] not in " \t\r\n.=:,}\"'":
                at += 1
            steps.append(text[start:at])
    return tuple(steps), at + (at < end and text[at] in "=:")


def _unquoted(token: str) -> str:
    if token[0] == '"' and "\\" in token:
        try:
            return str(json.loads(token))
        except ValueError:
            return token
    return token[1:-1]


def _scalar_end(text: str, at: int, end: int) -> int:
    """Where the string, number or word at `at` ends."""
    quote = text[at]
    if quote not in "\"'":
        while at < end and text[at] not in ",]}#\n":
            at += 1
        return at
    closing = quote * 3 if text.startswith(quote * 3, at) else quote
    at += len(closing)
    while at < end and not text.startswith(closing, at):
        at += 2 if text[at] == "\\" and quote == '"' else 1
    at += len(closing)
    while len(closing) == 3 and text[at : at + 1] == quote and at < end:
        at += 1
    return min(at, end)
