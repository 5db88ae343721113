"""Where things stand in the text of a TOML file, and how to change one key there and leave the rest as it is.

The layout is found by a scan of our own, because tomllib gives values without places. The scan takes for granted that
tomllib has read the text, and every change is read again with tomllib: the answer of `assign` and `remove` differs from
the text before in exactly the key meant, or there is no answer. Comments, order and white space of everything else
stay, byte for byte. Grammar: TOML 1.0.0 (toml.io/en/v1.0.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Path = tuple[str, ...]
"""A key as its parts: `a."b.c"` is ("a", "b.c")."""

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class Item(NamedTuple):
    """A key with its value, or a table's header, and where it stands (offsets into the text)."""

    path: Path
    table: Path
    """The header in force; a header's own path."""
    header: bool
    start: int
    """The start of its line."""
    value: int
    """The first character of the value; a header's end."""
    value_end: int
    end: int
    """The start of the line after it."""


def items(text: str) -> list[Item]:
    """Every header and every key of `text`, in order. What an inline table holds is part of its value."""
    found: list[Item] = []
    table: Path = ()
    at = 0
    while at < len(text):
        start = at
        at = _blanks(text, at)
        if text[at : at + 1] in ("", "\r", "\n", "#"):
            at = _next_line(text, at)
        elif text[at] == "[":
            table, at = _key(text, at + (2 if text.startswith("[[", at) else 1))
            end = _next_line(text, at)
            found.append(Item(table, table, True, start, at, at, end))
            at = end
        else:
            path, at = _key(text, at)
            value = _blanks(text, at + 1)
            value_end = _value_end(text, value)
            at = _next_line(text, value_end)
            found.append(Item(table + path, table, False, start, value, value_end, at))
    return found


def line_of(text: str, path: Path) -> int:
    """The number (from 1) of the line where `path` stands: its own, else the inline table's that holds it, else that
    of the first thing below it; 0 when there is nothing of the kind."""
    layout = items(text)
    exact = [item for item in layout if item.path == path]
    above = [item for item in layout if not item.header and path[: len(item.path)] == item.path]
    below = [item for item in layout if item.path[: len(path)] == path]
    for item in exact + above + below:
        return text.count("\n", 0, item.start) + 1
    return 0


def assigned(document: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """A copy of `document` with `value` at `path`. Raises KeyError when something on the way is not a table."""
    copy = dict(document)
    if len(path) == 1:
        copy[path[0]] = value
        return copy
    inner = copy.get(path[0], {})
    if not isinstance(inner, Mapping):
        raise KeyError(path[0])
    copy[path[0]] = assigned(inner, path[1:], value)
    return copy


def removed(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """A copy of `document` without `path`, and without the tables that this leaves empty."""
    copy = dict(document)
    if len(path) == 1:
        copy.pop(path[0], None)
    elif isinstance(inner := copy.get(path[0]), Mapping):
        copy[path[0]] = removed(inner, path[1:])
        if not copy[path[0]]:
            del copy[path[0]]
    return copy


def holds(document: Mapping[str, Any], path: Path) -> bool:
    """Whether there is anything at `path`."""
    return _at(document, path) is not None


def is_table(document: Mapping[str, Any], path: Path) -> bool:
    """Whether there is a table at `path`."""
    return isinstance(_at(document, path), Mapping)


def assign(text: str, path: Path, value: Any) -> str | None:
    """`text` with `value` (as tomllib would read it) at `path`, which has two parts or more.

    None when only a rewrite helps. Raises KeyError when something on the way is not a table.
    """
    import tomllib

    wanted = assigned(tomllib.loads(text), path, value)
    return _checked(_assign(text, path, wanted), wanted)


def remove(text: str, path: Path) -> str | None:
    """`text` without `path`; None when only a rewrite helps. A header goes along when nothing is left under it."""
    import tomllib

    document = tomllib.loads(text)
    if not holds(document, path):
        return text
    wanted = removed(document, path)
    return _checked(_remove(text, path, wanted), wanted)


def literal(value: Any) -> str | None:
    """`value` as it is written on one line of TOML; None for a type that settings never have (dates, floats)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (list, tuple)):
        parts = [literal(each) for each in value]
        return None if None in parts else f"[{', '.join(map(str, parts))}]"
    if isinstance(value, Mapping):
        pairs = [(_key_text(key), literal(each)) for key, each in value.items()]
        if any(each is None for _, each in pairs):
            return None
        return "{ " + ", ".join(f"{key} = {each}" for key, each in pairs) + " }" if pairs else "{}"
    return None


def dotted(path: Path) -> str:
    """`path` as one writes it in TOML."""
    return ".".join(map(_key_text, path))


def _checked(text: str | None, wanted: Mapping[str, Any]) -> str | None:
    import tomllib

    if text is None:
        return None
    try:
        return text if _full(tomllib.loads(text)) == _full(wanted) else None
    except tomllib.TOMLDecodeError:
        return None


def _full(table: Mapping[str, Any]) -> dict[str, Any]:
    """`table` without the tables in it that are empty: a header with nothing below it says nothing."""
    inner = {key: _full(value) if isinstance(value, Mapping) else value for key, value in table.items()}
    return {key: value for key, value in inner.items() if value != {}}


def _assign(text: str, path: Path, wanted: Mapping[str, Any]) -> str | None:
    for item in items(text):
        if not item.header and path[: len(item.path)] == item.path:
            return _replace_value(text, item, wanted)
    written = literal(_at(wanted, path))
    if written is None:
        return None
    text, _ = _cut(text, path)
    parent = path[:-1]
    newline = "\r\n" if "\r\n" in text else "\n"
    layout = items(text)
    # TOML lets a table be added to only in the manner in which it was begun: under its header, or by dotted keys.
    inside = [item for item in layout if not item.header and item.path[: len(parent)] == parent]
    begun = [item for item in inside if len(item.table) <= len(parent)]
    if begun:
        after = begun[-1]
        line = text[after.start : _blanks(text, after.start)] + dotted(path[len(after.table) :])
    else:
        headers = [item for item in layout if item.header and item.path == parent]
        if not headers:
            gap = newline if text.strip() and not text.endswith(("\n\n", "\n\r\n")) else ""
            return f"{_ended(text, newline)}{gap}[{dotted(parent)}]{newline}{dotted(path[-1:])} = {written}{newline}"
        after = headers[-1]
        line = dotted(path[-1:])
    head = _ended(text[: after.end], newline)
    return f"{head}{line} = {written}{newline}{text[after.end :]}"


def _remove(text: str, path: Path, wanted: Mapping[str, Any]) -> str | None:
    for item in items(text):
        if not item.header and path[: len(item.path)] == item.path and path != item.path:
            # The table around it goes with its last key.
            if _at(wanted, item.path) is None:
                path = item.path
                break
            return _replace_value(text, item, wanted)
    text, emptied = _cut(text, path)
    for table in emptied:
        text = _without_bare_header(text, table)
    return text


def _replace_value(text: str, item: Item, wanted: Mapping[str, Any]) -> str | None:
    written = literal(_at(wanted, item.path))
    return None if written is None else text[: item.value] + written + text[item.value_end :]


def _cut(text: str, path: Path) -> tuple[str, set[Path]]:
    """`text` without the lines of `path` and of everything below it, and the tables around that lost a key by it."""
    layout = items(text)
    gone = [item for item in layout if item.path[: len(path)] == path]
    for item in reversed(gone):
        text = text[: item.start] + text[item.end :]
    return text, {item.table for item in gone if not item.header and len(item.table) < len(path)}


def _without_bare_header(text: str, table: Path) -> str:
    layout = items(text)
    for number, item in enumerate(layout):
        if item.header and item.path == table:
            following = layout[number + 1 :]
            end = following[0].start if following else len(text)
            if (following and not following[0].header) or text[item.end : end].strip():
                return text
            head = text[: item.start]
            # The blank line that set the section off goes with it.
            for blank in ("\n\r\n", "\n\n"):
                if head.endswith(blank):
                    head = head[: 1 - len(blank)]
                    break
            return head + (text[item.end :] if head else text[item.end :].removeprefix("\r").removeprefix("\n"))
    return text


def _at(document: Mapping[str, Any], path: Path) -> Any:
    found: Any = document
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline


def _key_text(part: str) -> str:
    return part if part and _BARE.issuperset(part) else _quoted(part)


def _quoted(text: str) -> str:
    written = [_ESCAPES.get(each) or (f"\\u{ord(each):04x}" if each < " " or each == "\x7f" else each) for each in text]
    return f'"{"".join(written)}"'


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _key(text: str, at: int) -> tuple[Path, int]:
    """The dotted key at `at`, and where it ends: at the `=` or `]` after it."""
    parts: list[str] = []
    while True:
        at = start = _blanks(text, at)
        if text[at] in "\"'":
            at = _string_end(text, at)
            parts.append(_unquoted(text[start:at]))
        else:
            while text[at] in _BARE:
                at += 1
            parts.append(text[start:at])
        at = _blanks(text, at)
        if text[at] != ".":
            return tuple(parts), at
        at += 1


def _unquoted(token: str) -> str:
    if "\\" not in token or token[0] == "'":
        return token[1:-1]
    import tomllib

    return str(tomllib.loads(f"key = {token}")["key"])


def _string_end(text: str, at: int) -> int:
    """Where the string that begins at `at` ends, of whichever of the four kinds it is."""
    quote = text[at]
    closing = quote * 3 if text.startswith(quote * 3, at) else quote
    at += len(closing)
    while not text.startswith(closing, at):
        at += 2 if text[at] == "\\" and quote == '"' else 1
    at += len(closing)
    if len(closing) == 3:
        # Up to two quotes may stand right before the closing ones.
        while text[at : at + 1] == quote:
            at += 1
    return at


def _value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends; a comment after it and the blanks before that are not part of it."""
    depth = 0
    end = at
    while at < len(text):
        character = text[at]
        if character in "\"'":
            at = end = _string_end(text, at)
            continue
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == "#" and depth:
            at = _next_line(text, at)
            continue
        elif character in "#\n" and not depth:
            break
        at += 1
        if character not in " \t\r\n":
            end = at
    return end
