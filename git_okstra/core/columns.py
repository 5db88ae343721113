"""How many columns of a terminal a text takes, and a text cut to a number of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def width(text: str) -> int:
    """The columns that `text` takes (Unicode Standard Annex 11; ambiguous characters count as narrow)."""
    return len(text) if text.isascii() else sum(map(_character, text))


def widest(texts: Iterable[str]) -> int:
    """The columns that the widest of the texts takes; 0 when there is none."""
    return max(map(width, texts), default=0)


def cut(text: str, room: int, ellipsis: str = "…") -> str:
    """`text` in at most `room` columns, with the ellipsis in place of what does not fit at its end."""
    if width(text) <= room:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += _character(character)
        if taken > room - 1:
            # A joiner at the cut would join with the ellipsis.
            return text[:index].rstrip(" \u200d") + ellipsis
    return text


def cut_before(text: str, room: int) -> str:
    """`text` in at most `room` columns, with an ellipsis in place of what does not fit at its beginning: for paths."""
    if width(text) <= room:
        return text
    taken, index = 1, len(text)
    while index and taken + _character(text[index - 1]) <= room:
        index -= 1
        taken += _character(text[index])
    # What combines with the character before it would combine with the ellipsis.
    while index < len(text) and not _character(text[index]):
        index += 1
    return "…" + text[index:]


def _character(character: str) -> int:
    if character < "\u0300":
        return 1
    # Vowels and finals of decomposed Hangul are drawn into the syllable that the initial begins.
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
