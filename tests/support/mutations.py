"""Damage for files of ours: bytes cut, turned and put in, and values of a document put in place of others.

What is put in is chosen to hurt if it were ever believed: paths that lead to somewhere else, command lines, options,
control characters, numbers without end. `canary` stands for a directory that nothing may touch.
"""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import tomli_w
from hypothesis import strategies as st

ESCAPE = "\x1b]0;owned\x07\x9b31m\u202e"


def poison(canary: str) -> list[Any]:
    """Values that do harm where they are believed."""
    return [
        f"{canary}/x",
        canary,
        f"../../../../../../../..{canary}/x",
        f"$(touch {canary}/ran)",
        f"; touch {canary}/ran #",
        f"ext::touch {canary}/ran",
        f"--output={canary}/x",
        f"--upload-pack=touch {canary}/ran",
        "-f",
        "--",
        ".",
        "..",
        ".git",
        "/",
        "",
        " ",
        "\n",
        "a\0b",
        "HEAD",
        "@{-1}",
        "refs/heads/main",
        "main",
        "0" * 40,
        "f" * 40,
        "x" * 5000,
        ESCAPE,
        "\ud800",
        "2026-13-45T99:99:99Z",
        "0000-00-00T00:00:00Z",
        None,
        True,
        False,
        0,
        -1,
        1,
        2**63,
        10**400,
        1.5,
        float("inf"),
        float("nan"),
        [],
        {},
        [[]],
        [None],
        {"": None},
        {"format": 1},
    ]


class Damage(NamedTuple):
    """What is done to one file: `how` is a name for the report, `apply` gives the new content."""

    how: str
    apply: Callable[[bytes], bytes]

    def __repr__(self) -> str:
        """Short, for hypothesis' report."""
        return self.how


def damages(name: str, canary: str) -> st.SearchStrategy[Damage]:
    """Damage for a file of that name: to the document that it holds, or, half as often, to its bytes."""
    values = st.sampled_from(poison(canary))
    spot = st.floats(0, 1, exclude_max=True)
    of_bytes = st.one_of(
        st.builds(lambda at: Damage(f"cut at {at}", lambda data: data[: int(at * len(data))]), spot),
        st.builds(
            lambda at, text: Damage(
                f"{text!r:.60} put in at {at}", lambda data: _put_in(data, int(at * len(data)), text)
            ),
            spot,
            st.one_of(
                st.binary(min_size=1, max_size=8),
                st.sampled_from([b"[" * 100_000, b"9" * 5000, b"\n", b"\xff", b"\0", b"{}", b"[[", b'"', b"..", b"/"]),
            ),
        ),
        st.builds(
            lambda at, bit: Damage(f"bit {bit} turned at {at}", lambda data: _turned(data, int(at * len(data)), bit)),
            spot,
            st.integers(0, 7),
        ),
        st.builds(lambda data: Damage(f"{data!r} instead", lambda _: data), st.binary(max_size=40)),
    )
    reader, writer = _CODECS.get(name.rpartition(".")[2], (None, None))
    if reader is None or writer is None:
        return of_bytes
    of_values = st.builds(
        lambda at, value: Damage(f"{value!r:.60} at {at}", lambda data: _with_value(data, at, value, reader, writer)),
        spot,
        values,
    )
    gone = st.builds(
        lambda at: Damage(f"nothing at {at}", lambda data: _with_value(data, at, _GONE, reader, writer)), spot
    )
    return st.one_of(of_values, of_values, of_values, gone, of_bytes, of_bytes)


_GONE = object()


def _put_in(data: bytes, at: int, text: bytes) -> bytes:
    return data[:at] + text + data[at:]


def _turned(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :] if data else data


def _places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside: Sequence[Any] = (
        list(document) if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    )
    for key in inside:
        yield from _places(document[key], (*path, key))


def _with_value(
    data: bytes, at: float, value: Any, reader: Callable[[bytes], Any], writer: Callable[[Any], bytes]
) -> bytes:
    document = copy.deepcopy(reader(data))
    places = list(_places(document))
    if not places:
        return data
    *above, last = places[int(at * len(places))]
    holder = document
    for key in above:
        holder = holder[key]
    if value is _GONE:
        del holder[last]
    else:
        holder[last] = value
    try:
        return writer(document)
    except (TypeError, ValueError):  # TOML has no null, and no surrogates
        return data.replace(b"=", b"= [", 1)


def _lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines()]


_CODECS: dict[str, tuple[Callable[[bytes], Any], Callable[[Any], bytes]]] = {
    "json": (json.loads, lambda document: json.dumps(document).encode()),
    "jsonl": (_lines, lambda lines: "".join(f"{json.dumps(line)}\n" for line in lines).encode()),
    "toml": (lambda data: tomllib.loads(data.decode()), lambda document: tomli_w.dumps(document).encode()),
}
