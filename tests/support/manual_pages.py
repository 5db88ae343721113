"""Reads the manual pages' roff: only the macros that they use (man(7)), and only as far as tests ask.

A page is taken apart into sections and subsections; text comes out as a reader sees it, bold pieces on request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

DIRECTORY = Path(__file__).parents[2] / "man"
NAMES = sorted(path.name for path in DIRECTORY.glob("*.1"))

_ESCAPES = {r"\-": "-", r"\e": "\\", r"\(bu": "*", r"\&": ""}
_ESCAPE = re.compile(r"\\f[BIRP]|\\-|\\e|\\\(bu|\\&")
_BOLD = re.compile(r"\\fB(.*?)\\f[RP]")


def plain(roff: str) -> str:
    """A line of text as it is read, without fonts and escapes."""
    text = _ESCAPE.sub(lambda found: _ESCAPES.get(found[0], ""), roff)
    assert "\\" not in text.replace("\\|", ""), f"an escape that this reader does not know: {roff}"
    return text


def bold(lines: list[str]) -> list[str]:
    """The pieces set in bold, in order."""
    return [plain(piece) for line in lines if not line.startswith(".") for piece in _BOLD.findall(line)]


@dataclass
class Entry:
    """An item under `.TP`: its label, and the lines of its text."""

    label: str
    lines: list[str] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """The text, a sentence each, as the pages are written; `.br` and the like left out."""
        return [plain(line) for line in self.lines if not line.startswith(".")]


class Page:
    """One page. `sections` maps the heading of a section to its lines, those of its subsections among them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines = (DIRECTORY / name).read_text(encoding="ascii").splitlines()
        self.title = re.findall(r'"[^"]*"|\S+', self.lines[0].removeprefix(".TH "))
        self.sections = _divided(self.lines, ".SH ")

    def subsections(self, section: str) -> dict[str, list[str]]:
        """Heading to lines, of the subsections of a section."""
        return _divided(self.sections[section], ".SS ")

    def entries(self, section: str, subsection: str | None = None) -> list[Entry]:
        """What is listed with `.TP` in a section, or in one of its subsections."""
        return entries(self.sections[section] if subsection is None else self.subsections(section)[subsection])

    def synopsis(self) -> list[str]:
        """The lines of the synopsis, continued lines joined."""
        found: list[str] = []
        for line in self.sections["SYNOPSIS"]:
            if line.startswith(" "):
                found[-1] += " " + plain(line).strip()
            elif not line.startswith("."):
                found.append(plain(line))
        return found

    def shown(self, section: str, subsection: str | None = None) -> list[str]:
        """The indented blocks of a section (examples, plans), each as one text."""
        lines = self.sections[section] if subsection is None else self.subsections(section)[subsection]
        blocks: list[str] = []
        inside = False
        for line in lines:
            if line == ".nf":
                inside = True
                blocks.append("")
            elif line == ".fi":
                inside = False
            elif inside and not line.startswith("."):
                blocks[-1] += plain(line) + "\n"
        return blocks


def entries(lines: list[str]) -> list[Entry]:
    """The items under `.TP` among the lines; a `.PP` or another macro that begins a paragraph ends one."""
    found: list[Entry] = []
    state = ""
    for line in lines:
        if line.startswith(".TP"):
            state = "label"
        elif state == "label":
            found.append(Entry(plain(line)))
            state = "text"
        elif line.startswith((".PP", ".SS", ".IP", ".RE", ".nf")):
            state = ""
        elif state == "text":
            found[-1].lines.append(line)
    return found


def load_all() -> dict[str, Page]:
    """Every page by the name of its file."""
    return {name: Page(name) for name in NAMES}


def _divided(lines: list[str], macro: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    heading = None
    for line in lines:
        if line.startswith(macro):
            heading = plain(line.removeprefix(macro).strip().strip('"'))
            assert heading not in found, f"two sections are called {heading}"
            found[heading] = []
        elif heading is not None:
            found[heading].append(line)
    return found
