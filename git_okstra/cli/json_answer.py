"""The JSON document that a command answers with, as text; without click, for the commands that do without."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# JSON escapes no control character above U+001F, and none that turns the direction of the text.
_UNSAFE = (range(0x7F, 0xA0), (0x200E, 0x200F), range(0x2028, 0x202F), range(0x2066, 0x206A))
_ESCAPED = {code: f"\\u{code:04x}" for codes in _UNSAFE for code in codes}


def answer(command: str, document: Mapping[str, Any], notes: Sequence[str], indent: int | None = 2) -> str:
    """The answer of a command, such as `plan show`, with its schema and what was noted on the way.

    Without `indent` it is one line, for a command that goes on answering.
    """
    return text({"schema": f"okstra.{command.replace(' ', '-')}/1", **document, "notes": list(notes)}, indent)


def text(document: Mapping[str, Any], indent: int | None = 2) -> str:
    """A document as text that can be written as UTF-8 and is safe to show on a terminal; `indent` None: on one line."""
    shown = json.dumps(document, ensure_ascii=False, indent=indent).translate(_ESCAPED)
    try:
        shown.encode()
    except UnicodeEncodeError:
        # Undecodable bytes of a path are written as \udcXX escapes, which every JSON reader takes.
        return json.dumps(document, indent=indent)
    return shown
