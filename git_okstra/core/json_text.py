"""Changes one entry of a JSON text and leaves every other character of it as it is: order, indentation, line ends.

A container is named by its path, keys of objects only. What is added stands behind what is there, indented as its
neighbours are; `without` takes out exactly what `added` put in.
"""

from __future__ import annotations

import json
import json.decoder
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

_BLANK = " \t\r\n"


class _Item(NamedTuple):
    """A member of an object or an element of an array: where it begins, its key, and its value's place."""

    start: int
    key: str
    value: int
    end: int


def added(text: str, path: Sequence[str], entry: Any) -> str:
    """`text` with `entry` as the last element of the array at `path`; what is missing on the way there is made.

    `text` is a JSON object. Raises ValueError when it is none, or when something else stands on the way.
    """
    at = _start(text)
    for depth, key in enumerate(path):
        if text[at] != "{":
            raise ValueError(f"'{'.'.join(path[:depth])}' is not an object")
        found = next((item for item in _items(text, at) if item.key == key), None)
        if found is None:
            made: Any = [entry]
            for missing in reversed(path[depth + 1 :]):
                made = {missing: made}
            return _inserted(text, at, f"{json.dumps(key)}: ", made)
        at = found.value
    if text[at] != "[":
        raise ValueError(f"'{'.'.join(path)}' is not a list")
    return _inserted(text, at, "", entry)


def without(text: str, path: Sequence[str], entry: Any) -> str:
    """`text` without the elements of the array at `path` that equal `entry`; what is empty then goes too."""
    while True:
        trail = [_start(text)]
        owner: list[_Item] = []
        for key in path:
            found = next((item for item in _items(text, trail[-1]) if item.key == key), None)
            if found is None:
                return text
            owner.append(found)
            trail.append(found.value)
        if text[trail[-1]] != "[":
            return text
        items = list(_items(text, trail[-1]))
        index = next((at for at, item in enumerate(items) if json.loads(text[item.value : item.end]) == entry), -1)
        if index < 0:
            return text
        depth = len(path)
        while depth > 0 and len(items) == 1:
            # The container holds nothing else: it goes itself.
            depth -= 1
            items = list(_items(text, trail[depth]))
            index = next(at for at, item in enumerate(items) if item.key == path[depth])
        text = _cut(text, trail[depth], items, index)


def _start(text: str) -> int:
    at = _past_blanks(text, 0)
    if text[at : at + 1] != "{":
        raise ValueError("it is not an object")
    return at


def _past_blanks(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _BLANK:
        at += 1
    return at


def _items(text: str, at: int) -> Iterator[_Item]:
    """What the object or array that begins at `at` holds; `text` is valid JSON."""
    decoder = json.decoder.JSONDecoder()
    is_object = text[at] == "{"
    at = _past_blanks(text, at + 1)
    while text[at] not in "}]":
        start = at
        key = ""
        if is_object:
            key, at = decoder.raw_decode(text, at)
            at = _past_blanks(text, _past_blanks(text, at) + 1)
        _, end = decoder.raw_decode(text, at)
        yield _Item(start, key, at, end)
        at = _past_blanks(text, end)
        if text[at] == ",":
            at = _past_blanks(text, at + 1)


def _inserted(text: str, at: int, head: str, value: Any) -> str:
    """`text` with a last item in the container that begins at `at`."""
    items = list(_items(text, at))
    newline = "\r\n" if "\r\n" in text else "\n"
    inside = _indentation(text, items[0].start) if items else None
    outside = _indentation(text, at) or ""
    if inside is None and (items or (newline not in text.strip(_BLANK) and len(text.strip(_BLANK)) > 2)):
        # All on one line: so is the new one.
        shown = head + json.dumps(value, ensure_ascii=False)
        place = items[-1].end if items else at + 1
        return text[:place] + (", " if items else "") + shown + text[place:]
    unit = _unit(text)
    inside = inside if inside is not None else outside + unit
    shown = head + json.dumps(value, ensure_ascii=False, indent=unit).replace("\n", newline + inside)
    if items:
        return text[: items[-1].end] + "," + newline + inside + shown + text[items[-1].end :]
    close = _past_blanks(text, at + 1)
    return text[: at + 1] + newline + inside + shown + newline + outside + text[close:]


def _cut(text: str, at: int, items: Sequence[_Item], index: int) -> str:
    if len(items) == 1:
        return text[: at + 1] + text[_past_blanks(text, items[0].end) :]
    if index == 0:
        return text[: items[0].start] + text[items[1].start :]
    return text[: items[index - 1].end] + text[items[index].end :]


def _indentation(text: str, at: int) -> str | None:
    """The blanks before `at` when nothing else stands before it on its line but, for a value, its key."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start:at]
    blank = line[: len(line) - len(line.lstrip(" \t"))]
    if line.strip(" \t") == "":
        return blank if start or at == len(line) else None
    return blank if line.rstrip().endswith(":") else None


def _unit(text: str) -> str:
    """The indentation of one level."""
    for line in text.splitlines()[1:]:
        blank = line[: len(line) - len(line.lstrip(" \t"))]
        if blank and line.strip():
            return blank
    return "  "
