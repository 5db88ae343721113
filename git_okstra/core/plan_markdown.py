"""A plan from a Markdown document: the first table with the columns stage, title, depends on, files and verify.

Tables, code spans and fences are those of GitHub Flavored Markdown (github.github.com/gfm, sections 4.5, 4.10, 6.3).
A table inside a code fence counts only when there is no other, and one inside an HTML comment never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from git_okstra.core.plan import Finding, Plan, PlannedStage
from git_okstra.core.plan_fields import dependencies, near_miss, says_none, shown, tidy

_COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("stage", "#", "no.", "no", "n", "nr", "nr.", "number", "stage #", "stage no."),
    "title": ("title",),
    "depends_on": ("depends on", "depends", "dependencies", "dependency", "depends-on", "depends_on", "dependson"),
    "files": ("files", "file"),
    "verify": ("verify", "verification"),
}
_HEADING = {
    "number": "stage",
    "title": "title",
    "depends_on": "depends on",
    "files": "files",
    "verify": "verify",
}
_FIELD = {heading: field for field, headings in _COLUMNS.items() for heading in headings}

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_QUOTE_MARKS = re.compile(r"\s*(?:>\s?)*")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BREAK_OR_COMMA = re.compile(r"<br\s*/?>|,", re.IGNORECASE)
_STAGE_NUMBER = re.compile(r"(?:stages?(?:\s*#\s*|\s+|-)?|s|#)?(-?[0-9]{1,18})\.?", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TICKS = re.compile(r"`+")


class _Table(NamedTuple):
    line: int
    header: list[str]
    rows: list[tuple[int, list[str]]]
    fenced: bool

    def fields(self) -> dict[str, int]:
        """The column of each field; the first one where several are headed alike."""
        places: dict[str, int] = {}
        for column, heading in enumerate(self.header):
            if heading in _FIELD:
                places.setdefault(_FIELD[heading], column)
        return places


class _Span(NamedTuple):
    """A piece of a cell: the inside of a code span, or the text between."""

    text: str
    is_code: bool


def read(text: str) -> tuple[Plan | None, tuple[Finding, ...]]:
    """The plan in the first table that looks like one, and what is wrong with that table."""
    tables = list(_tables(text))
    table = _plan_table(tables)
    if table is None:
        message = "no table with the columns stage, title, depends on, files, verify"
        return None, (Finding("error", "no-stages", message, tables[0].line if tables else None),)
    found = list(_header_faults(table))
    for other in tables:
        if other is not table and len(other.fields()) == len(_COLUMNS) and not other.fenced:
            message = f"a second plan table is ignored; the plan is the one in line {table.line}"
            found.append(Finding("warning", "ignored-table", message, other.line))
    columns = table.fields()
    stages = [stage for line, cells in table.rows if (stage := _stage(line, cells, table, columns, found))]
    return Plan(tuple(stages)) if stages or not found else None, tuple(found)


def _plan_table(tables: list[_Table]) -> _Table | None:
    """The first table with all columns; else the first that numbers stages and has another of our columns."""
    ordered = sorted(tables, key=lambda table: table.fenced)
    whole = (table for table in ordered if len(table.fields()) == len(_COLUMNS))
    partial = (table for table in ordered if "number" in table.fields() and len(table.fields()) > 1)
    return next(whole, None) or next(partial, None)


def _header_faults(table: _Table) -> Iterator[Finding]:
    columns = table.fields()
    for column, heading in enumerate(table.header):
        field = _FIELD.get(heading)
        if field and columns[field] != column:
            message = f"two columns, '{table.header[columns[field]]}' and '{heading}', stand for '{_HEADING[field]}'"
            yield Finding("error", "duplicate-field", message, table.line, None, field)
        elif not field:
            known = tuple(each for each in _FIELD if len(each) > 3 and _FIELD[each] not in columns)
            near = near_miss(heading, known)
            message = f"the column '{shown(heading)}' is not one of a plan"
            if near:
                ending = f"; did you mean '{_HEADING[_FIELD[near]]}'?"
                yield Finding("error", "unknown-field", message + ending, table.line)
            else:
                yield Finding("warning", "unknown-field", f"{message} and is ignored", table.line)
    for field in ("depends_on", "files"):
        if field not in columns:
            message = f"the table has no column '{_HEADING[field]}'"
            yield Finding("error", "missing-field", message, table.line, None, field)


def _stage(
    line: int, cells: list[str], table: _Table, columns: dict[str, int], found: list[Finding]
) -> PlannedStage | None:
    number: int | None = None

    def fault(code: str, message: str, field: str = "") -> None:
        found.append(Finding("error", code, message, line, number, field))

    def cell(field: str) -> str:
        column = columns.get(field, len(cells))
        return cells[column] if column < len(cells) else ""

    written = _plain(cell("number"))
    read_number = _STAGE_NUMBER.fullmatch(written)
    if read_number:
        number = int(read_number[1])
    elif not written:
        fault("missing-field", "the row has no stage number", "number")
    else:
        fault("bad-number", f"'{shown(written)}' is not a stage number; one is whole and from 1", "number")
    label = f"stage {number}" if number is not None else "the row"
    if len(cells) > len(table.header):
        message = f"{label} has {len(cells)} cells under {len(table.header)} headings; write | inside a cell as \\|"
        fault("syntax", message)
    depends_on, unread = dependencies(_plain(cell("depends_on")))
    for text in unread:
        fault("wrong-type", f"{label}: '{shown(text)}' in 'depends on' is no stage number", "depends_on")
    files, odd = _names(cell("files"))
    for text in odd:
        message = f"{label}: '{shown(text)}' beside a name in backticks; separate files by commas or <br>"
        fault("syntax", message, "files")
    verify, odd = _commands(cell("verify"))
    for text in odd:
        message = f"{label}: '{shown(text)}' beside a command in backticks; put each whole command in backticks"
        fault("syntax", message, "verify")
    if number is None:
        return None
    return PlannedStage(number, _title(cell("title")), tuple(depends_on), tuple(map(tidy, files)), tuple(verify), line)


def _tables(text: str) -> Iterator[_Table]:
    lines = [_QUOTE_MARKS.sub("", line, count=1).strip() for line in text.split("\n")]
    states = _states(lines)
    at = 0
    while at + 1 < len(lines):
        header = _cells(lines[at]) if "|" in lines[at] and states[at] != "comment" else []
        if not header or not _is_delimiter(lines[at + 1], len(header)) or states[at] != states[at + 1]:
            at += 1
            continue
        start = at
        at += 2
        rows: list[tuple[int, list[str]]] = []
        while at < len(lines) and "|" in lines[at] and states[at] == states[start]:
            rows.append((at + 1, _cells(lines[at])))
            at += 1
        headings = [" ".join(_plain(cell).casefold().rstrip(":").split()) for cell in header]
        yield _Table(start + 1, headings, rows, states[start] == "fence")


def _states(lines: list[str]) -> list[str]:
    """For each line whether it is `text`, or inside a `fence` or a `comment`."""
    states: list[str] = []
    fence = ""
    comment = False
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            states.append("fence")
            if mark and line.strip() == mark[1] and mark[1].startswith(fence):
                fence = ""
            continue
        if comment or line.startswith("<!--"):
            states.append("comment")
            comment = "-->" not in line
            continue
        if mark and not (mark[1][0] == "`" and "`" in line[mark.end() :]):
            fence = mark[1]
            states.append("fence")
            continue
        states.append("text")
    return states


def _cells(line: str) -> list[str]:
    """The cells of a row: split at each `|` without a backslash before it, also inside code spans, as GitHub does."""
    line = line.strip()
    cells = re.split(r"(?<!\\)\|", line.removeprefix("|"))
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _is_delimiter(line: str, columns: int) -> bool:
    cells = _cells(line) if "|" in line else []
    return len(cells) == columns and all(re.fullmatch(r":?-+:?", cell) for cell in cells)


def _spans(cell: str) -> list[_Span]:
    spans: list[_Span] = []
    at = 0
    for opening in _TICKS.finditer(cell):
        if opening.start() < at:
            continue
        closing = next(
            (ticks for ticks in _TICKS.finditer(cell, opening.end()) if len(ticks[0]) == len(opening[0])), None
        )
        if closing is None:
            continue
        if cell[at : opening.start()]:
            spans.append(_Span(cell[at : opening.start()], False))
        spans.append(_Span(cell[opening.end() : closing.start()].strip(), True))
        at = closing.end()
    if cell[at:]:
        spans.append(_Span(cell[at:], False))
    return spans


def _plain(cell: str) -> str:
    """A cell without backticks, emphasis around the whole, and escapes."""
    text = _ESCAPED.sub(r"\1", cell.replace("`", "")).strip()
    while len(text) > 2 and text[0] in "*_" and text[-1] == text[0]:
        text = text[1:-1].strip()
    return text


def _title(cell: str) -> str:
    """A title on one line; backticks and emphasis go only where they hold the whole of it."""
    text = " ".join(_BREAK.sub(" ", cell).split())
    spans = _spans(text)
    if len(spans) == 1 and spans[0].is_code:
        return spans[0].text
    text = "".join(f"`{span.text}`" if span.is_code else _ESCAPED.sub(r"\1", span.text) for span in _spans(text))
    for mark in ("**", "__", "*", "_"):
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return inner.strip()
    return text


def _names(cell: str) -> tuple[list[str], list[str]]:
    """The file patterns of a cell, and what stands beside a backticked one without being one."""
    found: list[str] = []
    odd: list[str] = []
    for piece in _pieces(cell, _BREAK_OR_COMMA):
        texts = [span.text.strip() for span in piece if not span.is_code and span.text.strip()]
        codes = [span.text for span in piece if span.is_code]
        found += codes or [_ESCAPED.sub(r"\1", text) for text in texts]
        odd += texts if codes else []
    return found, odd


def _commands(cell: str) -> tuple[list[str], list[str]]:
    """The commands of a cell, and what stands beside a backticked one without being a separator."""
    found: list[str] = []
    odd: list[str] = []
    for piece in _pieces(cell, _BREAK):
        texts = [span.text.strip() for span in piece if not span.is_code and span.text.strip()]
        codes = [span.text for span in piece if span.is_code]
        found += codes or texts
        odd += [text for text in texts if text not in (",", ";", "and", "then")] if codes else []
    return found, odd


def _pieces(cell: str, separator: re.Pattern[str]) -> list[list[_Span]]:
    """The spans of a cell, divided at the separators outside of code; nothing when the cell says so."""
    pieces: list[list[_Span]] = [[]]
    if says_none(_plain(cell)):
        return pieces
    for span in _spans(cell):
        if span.is_code:
            pieces[-1].append(span)
            continue
        first, *others = separator.split(span.text)
        pieces[-1].append(_Span(first, False))
        pieces += [[_Span(text, False)] for text in others]
    return pieces
