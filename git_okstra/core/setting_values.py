"""The kinds of setting: which values each allows, and how a value is written as text.

`check` judges what a TOML file holds, `parse` what stands in an environment variable or on the command line, `as_text`
goes the way back: `parse(setting, as_text(value))` is `value`. None of them raises; a fault is returned as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from git_okstra.core import names

Kind = Literal["string", "strings", "commands", "boolean", "integer", "duration", "choice", "table", "path"]
Value = str | bool | int | tuple[str, ...] | dict[str, str]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
"""Seconds in each unit of a duration."""

LONGEST_DURATION = 100 * 366 * UNITS["d"]
GREATEST_INTEGER = 2**31 - 1

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class Setting(NamedTuple):
    """One row of the table of settings."""

    key: str
    kind: Kind
    default: Value
    doc: str
    """One line for people."""
    scopes: tuple[str, ...]
    """The scopes in which it may stand."""
    choices: tuple[str, ...] = ()
    """What a `choice` allows."""


class Fault(NamedTuple):
    """Why a value cannot stand."""

    text: str


def check(setting: Setting, value: object) -> Value | Fault:
    """`value`, of a type that TOML has, as the setting's value. Lists become tuples; durations stay text."""
    return _CHECKS[setting.kind](setting, value)


def parse(setting: Setting, text: str) -> Value | Fault:
    """The value that `text` stands for.

    Booleans as git has them (true yes on 1, false no off 0). Lists are comma-separated; commands hold commas, so
    theirs stand one on a line; either may be written as a TOML array. A table is `name=value,name=value` or TOML.
    """
    value: object = text
    stripped = text.strip()
    if setting.kind == "boolean":
        lower = stripped.lower()
        value = True if lower in _TRUE else False if lower in _FALSE else text
    elif setting.kind == "integer":
        value = int(stripped) if _is_integer(stripped) else text
    elif setting.kind in ("strings", "commands", "table") and stripped[:1] in ("[", "{"):
        value = _toml(stripped)
    elif setting.kind == "strings":
        value = _pieces(text, ",")
    elif setting.kind == "commands":
        value = _pieces(text, "\n")
    elif setting.kind == "table":
        pairs = [piece.partition("=") for piece in _pieces(text, ",")]
        wrong = next(("".join(pair) for pair in pairs if not pair[1]), None)
        if wrong is not None:
            return Fault(f"{setting.key} takes pairs such as 'a=b,c=d', not {_shown(wrong)}")
        value = {name.strip(): each.strip() for name, _, each in pairs}
    return check(setting, value)


def as_text(setting: Setting, value: Value) -> str:
    """The text that `parse` reads as `value`; for people and for scripts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, dict):
        text = ",".join(f"{name}={each}" for name, each in value.items())
    else:
        text = ("\n" if setting.kind == "commands" else ",").join(value)
    if parse(setting, text) == value:
        return text
    from git_okstra.core import toml_text

    return str(toml_text.literal(value))


def seconds(duration: str) -> int | None:
    """How many seconds `7d`, `90s` or `1h 30m` is; None for what is no duration."""
    total = 0
    digits = ""
    for character in duration.replace(" ", ""):
        if character in "0123456789":
            digits += character
        elif character in UNITS and digits and len(digits) < 12:
            total += int(digits) * UNITS[character]
            digits = ""
        else:
            return None
    return None if digits or not duration.strip() else total


def _string(setting: Setting, value: object) -> Value | Fault:
    if not isinstance(value, str):
        return Fault(f"{setting.key} must be a string, not {_shown(value)}")
    if not _is_clean(value):
        return Fault(f"{setting.key} must be one line of text, not {_shown(value)}")
    return value


def _strings(setting: Setting, value: object) -> Value | Fault:
    what = "commands" if setting.kind == "commands" else "strings"
    if not isinstance(value, (list, tuple)):
        return Fault(f"{setting.key} must be a list of {what}, not {_shown(value)}")
    for each in value:
        if not isinstance(each, str):
            return Fault(f"{setting.key} must be a list of {what}; {_shown(each)} is none")
        if not each.strip():
            return Fault(f"{setting.key} holds an empty string")
        if not _is_clean(each, "\n\t" if setting.kind == "commands" else ""):
            return Fault(f"{setting.key} holds a control character in {_shown(each)}")
    return tuple(value)


def _boolean(setting: Setting, value: object) -> Value | Fault:
    if not isinstance(value, bool):
        return Fault(f"{setting.key} must be true or false, not {_shown(value)}")
    return value


def _integer(setting: Setting, value: object) -> Value | Fault:
    if not isinstance(value, int) or isinstance(value, bool):
        return Fault(f"{setting.key} must be a whole number, not {_shown(value)}")
    if not 0 <= value <= GREATEST_INTEGER:
        return Fault(f"{setting.key} must lie between 0 and {GREATEST_INTEGER}, not be {value}")
    return value


def _duration(setting: Setting, value: object) -> Value | Fault:
    length = seconds(value) if isinstance(value, str) else None
    if length is None:
        return Fault(f'{setting.key} must be a duration such as "90s", "30m" or "7d", not {_shown(value)}')
    if length > LONGEST_DURATION:
        return Fault(f"{setting.key} is longer than a hundred years: {_shown(value)}")
    return str(value)


def _choice(setting: Setting, value: object) -> Value | Fault:
    if not isinstance(value, str) or value not in setting.choices:
        return Fault(f"{setting.key} must be one of {', '.join(setting.choices)}, not {_shown(value)}")
    return value


def _table(setting: Setting, value: object) -> Value | Fault:
    if not isinstance(value, Mapping):
        return Fault(f"{setting.key} must be a table of strings, not {_shown(value)}")
    for name, each in value.items():
        if not isinstance(each, str):
            return Fault(f"{setting.key}: the value of {_shown(name)} must be a string, not {_shown(each)}")
        if not (name.strip() and each.strip() and _is_clean(name) and _is_clean(each)):
            return Fault(f"{setting.key} must name things in plain text, not {_shown(name)} = {_shown(each)}")
    return dict(value)


_CHECKS = {
    "string": _string,
    "strings": _strings,
    "commands": _strings,
    "boolean": _boolean,
    "integer": _integer,
    "duration": _duration,
    "choice": _choice,
    "table": _table,
    "path": _string,
}


def _is_clean(text: str, allowed: str = "") -> bool:
    """No control characters but those allowed, and nothing that UTF-8 cannot hold."""
    return not any(
        (each < " " or "\x7f" <= each <= "\x9f" or "\ud800" <= each <= "\udfff") and each not in allowed
        for each in text
    )


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20


def _pieces(text: str, separator: str) -> list[str]:
    return [piece.strip() for piece in text.split(separator) if piece.strip()]


def _toml(text: str) -> Any:
    """The value of a TOML array or inline table; the text itself when it is none."""
    import tomllib

    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return document["value"] if len(document) == 1 else text


def _shown(value: object) -> str:
    """`value` as a message names it."""
    if isinstance(value, str):
        short = value if len(value) <= 60 else value[:57] + "…"
        return f"'{names.printable(short)}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value) if abs(value) < 10**20 else "a huge number"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a table" if isinstance(value, Mapping) else "a date or time"
