"""From a document (what a TOML or JSON reader gives) to a plan: names, types and spellings of the fields of a stage.

Every fault is noted and reading goes on with what is left, so that one pass tells them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from git_okstra.core import names
from git_okstra.core.plan import Finding, Level, Plan, PlannedStage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_okstra.core.plan_positions import Way

SPELLINGS: dict[str, tuple[str, ...]] = {
    "number": ("number", "stage"),
    "title": ("title",),
    "depends_on": ("depends_on", "depends-on", "dependsOn", "depends"),
    "files": ("files",),
    "verify": ("verify",),
}
"""The fields of a stage, and how each may be written."""

_FIELD = {spelling: field for field, spellings in SPELLINGS.items() for spelling in spellings}
# What `plan show --format json` writes beside them, so that its output can be imported again.
_IGNORED_OF_STAGE = ("key", "state")
_IGNORED_OF_PLAN = ("schema", "approved", "approved_by", "digest", "order", "notes")
_OF_PLAN = ("stage", "stages", "title", "format")

_NONE = ("", "-", "\u2013", "\u2014", "none", "(none)", "n/a", "nothing")
# Compiled when they are first needed, which they are not for what the store keeps.
_STAGE_WORD = r"(?i)\bstages?(?:\s*#\s*|\s+|-)?(?=[0-9])"
_SEPARATORS = r"(?i)(?:<br\s*/?>|[\s,;&+]|\band\b)+"
_NUMBER = r"[sS#]?(-?[0-9]{1,18})"


class FieldReader:
    """Reads one document; `found` grows with each fault."""

    def __init__(self, lines: Mapping[Way, int]) -> None:
        self.lines = lines
        self.found: list[Finding] = []

    def plan(self, document: object) -> Plan | None:
        """The plan as far as it can be read; None when there is not even a list of stages."""
        title = ""
        way: Way = ()
        entries = document
        if isinstance(document, Mapping):
            title = self._head(document)
            present = [key for key in ("stage", "stages") if key in document]
            if len(present) == 2:
                self._error("duplicate-field", "both 'stage' and 'stages' are given, one is enough", ("stages",))
            way = (present[0],) if present else ()
            entries = document[present[0]] if present else []
        if not isinstance(entries, list):
            where = f"'{way[0]}'" if way else "the plan"
            message = f"{where} is {kind(entries)}; it must be a list of stages, in TOML each under [[stage]]"
            self._error("wrong-type", message, way)
            return None
        stages = [stage for index, entry in enumerate(entries) if (stage := self._stage(entry, (*way, index), index))]
        return Plan(tuple(stages), title) if stages or not self.found else None

    def _head(self, document: Mapping[Any, Any]) -> str:
        for key in document:
            if key in _OF_PLAN or key in _IGNORED_OF_PLAN:
                continue
            if key == "task" and isinstance(document[key], Mapping):
                continue  # of `plan show` too; a list of that name is more likely meant to be the stages
            near = near_miss(str(key), _OF_PLAN)
            message = f"'{shown(str(key))}' is not a field of a plan"
            if near:
                self._error("unknown-field", f"{message}; did you mean '{near}'?", (key,))
            else:
                self._note("warning", "unknown-field", f"{message} and is ignored", (key,))
        version = document.get("format", 1)
        if type(version) is not int or version != 1:
            self._error("wrong-type", "the plan's 'format' is not 1, the only one known", ("format",))
        title = document.get("title", "")
        if isinstance(title, str):
            return title
        self._error("wrong-type", f"the plan's 'title' is {kind(title)}; it must be a text", ("title",))
        return ""

    def _stage(self, entry: object, way: Way, index: int) -> PlannedStage | None:
        if not isinstance(entry, Mapping):
            message = f"stage entry {index + 1} is {kind(entry)}; it must be a table with the stage's fields"
            self._error("wrong-type", message, way)
            return None
        values: dict[str, object] = {}
        ways: dict[str, Way] = {}
        number = _number(entry)
        label = f"stage {number}" if number is not None else f"stage entry {index + 1}"
        for key, value in entry.items():
            field = _FIELD.get(str(key))
            here = (*way, key)
            if field is None:
                self._unknown(str(key), label, here, number)
            elif field in values:
                message = f"{label} gives '{shown(str(key))}' and '{ways[field][-1]}', which mean the same"
                self._error("duplicate-field", message, here, number, field)
            else:
                values[field], ways[field] = value, here
        if "number" not in values:
            self._error("missing-field", f"{label} has no number", way, None, "number")
            number = None
        elif number is None:
            message = f"{label} has {kind(values['number'])} as its number; a number is a whole one from 1"
            self._error("bad-number", message, ways["number"], None, "number")
        title = values.get("title", "")
        if not isinstance(title, str):
            message = f"{label}: 'title' is {kind(title)}; it must be a text"
            self._error("wrong-type", message, ways["title"], number, "title")
            title = ""
        awaited = self._dependencies(values.get("depends_on", []), label, ways.get("depends_on", way), number)
        files = self._texts("files", values, label, ways, number)
        verify = self._texts("verify", values, label, ways, number)
        if number is None:
            return None
        return PlannedStage(
            number,
            title,
            tuple(awaited),
            tuple(map(tidy, files)),
            verify,
            self.lines.get(way),
            self._places(ways, awaited),
        )

    def _places(self, ways: Mapping[str, Way], awaited: Mapping[int, int | None]) -> dict[str, int]:
        places: dict[str, int] = {}
        for field, way in ways.items():
            if way in self.lines:
                places[field] = self.lines[way]
            index = 0
            while (*way, index) in self.lines:
                places[f"{field}[{index}]"] = self.lines[(*way, index)]
                index += 1
        # The stage keeps its dependencies sorted, whatever the order in the file.
        for index, number in enumerate(sorted(awaited)):
            if (line := awaited[number]) is not None:
                places[f"depends_on[{index}]"] = line
        return places

    def _unknown(self, key: str, label: str, way: Way, number: int | None) -> None:
        if key in _IGNORED_OF_STAGE:
            return
        near = near_miss(key, tuple(_FIELD))
        # An error even without a near miss: what is meant may be a dependency, and losing one gives a wrong base.
        ending = f"did you mean '{_FIELD[near]}'?" if near else f"there are {', '.join(SPELLINGS)}"
        self._error("unknown-field", f"{label}: '{shown(key)}' is not a field of a stage; {ending}", way, number)

    def _dependencies(self, value: object, label: str, way: Way, number: int | None) -> dict[int, int | None]:
        """The stages depended on, each with the line where it is named."""
        parts = value if isinstance(value, list) else [value]
        named: dict[int, int | None] = {}
        for index, part in enumerate(parts):
            here = (*way, index) if isinstance(value, list) and (*way, index) in self.lines else way
            if (whole := _whole(part)) is not None:
                named.setdefault(whole, self.lines.get(here))
            elif isinstance(part, str):
                read, unread = dependencies(part)
                for each in read:
                    named.setdefault(each, self.lines.get(here))
                for text in unread:
                    message = f"{label}: '{shown(text)}' in 'depends_on' is no stage number"
                    self._error("wrong-type", message, here, number, "depends_on")
            else:
                message = f"{label}: 'depends_on' holds {kind(part)}; it must hold stage numbers"
                self._error("wrong-type", message, here, number, "depends_on")
        return named

    def _texts(
        self, field: str, values: Mapping[str, object], label: str, ways: Mapping[str, Way], number: int | None
    ) -> tuple[str, ...]:
        value = values.get(field, [])
        parts = value if isinstance(value, list) else [value]
        for index, part in enumerate(parts):
            if not isinstance(part, str):
                message = f"{label}: '{field}' holds {kind(part)}; it must be a list of texts"
                here = (*ways[field], index)
                self._error("wrong-type", message, here if here in self.lines else ways[field], number, field)
        return tuple(part for part in parts if isinstance(part, str))

    def _error(self, code: str, message: str, way: Way, stage: int | None = None, field: str = "") -> None:
        self._note("error", code, message, way, stage, field)

    def _note(self, level: Level, code: str, message: str, way: Way, stage: int | None = None, field: str = "") -> None:
        line = next((self.lines[way[:end]] for end in range(len(way), -1, -1) if way[:end] in self.lines), None)
        self.found.append(Finding(level, code, message, line, stage, field))


def dependencies(text: str) -> tuple[list[int], list[str]]:
    """The stage numbers that a text names, and the parts of it that name none.

    Understands `1, 2`, `1 and 2`, `#1`, `S1`, `stage 1`, `stage-1`; an empty text, `none`, `(none)` and `-` mean no
    dependency.
    """
    text = text.strip()
    if text.casefold() in _NONE:
        return [], []
    read: list[int] = []
    unread: list[str] = []
    for part in re.split(_SEPARATORS, re.sub(_STAGE_WORD, "", text)):
        if found := re.fullmatch(_NUMBER, part):
            read.append(int(found[1]))
        elif part:
            unread.append(part)
    return read, unread


def says_none(text: str) -> bool:
    """Whether a cell of a table says that there is nothing."""
    return text.strip().casefold() in _NONE


def tidy(pattern: str) -> str:
    """A file pattern without `./` before it, which people write and git never does."""
    while pattern.startswith("./"):
        pattern = pattern[2:]
    return pattern


def near_miss(word: str, known: tuple[str, ...]) -> str:
    """The one of `known` that `word` was probably meant to be; empty when none is near."""
    import difflib

    return next(iter(difflib.get_close_matches(word.casefold(), known, 1)), "")


def kind(value: object) -> str:
    """What `value` is, for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{shown(value)}'"
    if isinstance(value, int) and _whole(value) is None:
        return "a number of more than 18 digits"
    if isinstance(value, (int, float)):
        return f"the number {shown(repr(value))}"
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, list) else "a date or time"


def shown(text: str) -> str:
    """`text` for a message: printable, and cut when it is long."""
    text = text if len(text) <= 60 else f"{text[:59]}\u2026"
    return names.printable(text)


def _number(entry: Mapping[Any, Any]) -> int | None:
    return _whole(next((entry[key] for key in SPELLINGS["number"] if key in entry), None))


def _whole(value: object) -> int | None:
    """`value` if it is a whole number short enough to be written out (Python refuses that beyond 4300 digits)."""
    return value if type(value) is int and abs(value) < 10**18 else None
