"""The draft of a hand-off: the commit message, and the pull request's title and body, from what is known of the task.

Whatever is quoted (titles, subjects, paths, commands) comes out as text: no control characters, no Markdown of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from git_okstra.core import names
from git_okstra.core.records import dataclass

LONGEST_TITLE = 200
"""Characters; forges take 255 or 256."""

MOST_LINES = 50
"""The most commits, and the most files, that a draft lists."""


@dataclass(frozen=True, slots=True)
class Check:
    """A command of the gate; `status` is None when it was not run."""

    command: str
    status: int | None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Changed:
    """A file with the lines added to it and taken from it; None for a binary one."""

    path: str
    added: int | None
    removed: int | None


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is made from.

    `stages` are (number, title) of the plan, `commits` (id, subject, body) without merges and oldest first, `links` the
    issues that the task names. `verdict` says in half a sentence what the gate found.
    """

    id: str
    title: str
    category: str
    stages: Sequence[tuple[int, str]] = ()
    commits: Sequence[tuple[str, str, str]] = ()
    files: Sequence[Changed] = ()
    links: Sequence[str] = ()
    checks: Sequence[Check] = ()
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The texts of a hand-off: the commit message, and title and body of the pull request."""

    message: str
    title: str
    body: str


def draft(material: Material, template: str, *, message: str | None = None, title: str | None = None) -> Text:
    """The texts. `message` and `title` are what was given instead of the drafted ones."""
    wanted = title_line(title) if title is not None else None
    whole = clean(message) if message is not None else _message(material, wanted or _title(material))
    first, _, rest = whole.partition("\n")
    summary = rest.strip() if message is not None else ""
    return Text(whole, wanted or title_line(first), body(material, template, summary))


def body(material: Material, template: str, summary: str = "") -> str:
    """The template, its comments stripped, with what is known put below the headings that ask for it.

    `summary` takes the place of the drafted summary. What has no heading is left out; a template with none of the four
    headings gets all of it in front.
    """
    parts = {
        "summary": summary or _summary(material),
        "changes": _changes(material),
        "tests": _tests(material),
        "issues": _issues(material),
    }
    blocks = _blocks(without_comments(clean(template)))
    wanted = [_wanted(heading) for heading, _ in blocks]
    out: list[str] = []
    if not any(wanted):
        for heading, part in zip(("Summary", "Changes", "Test plan", "Linked issues"), parts.values(), strict=True):
            out += [f"## {heading}", part]
    for (heading, text), asked in zip(blocks, wanted, strict=True):
        out += [heading, parts.pop(asked, "") if asked else "", text.strip("\n")]
    return "\n\n".join(piece for piece in out if piece.strip()) + "\n"


def without_comments(markdown: str) -> str:
    """Markdown without its HTML comments, which code keeps; more than one blank line in a row becomes one."""
    return re.sub(r"\n{3,}", "\n\n", _uncommented(markdown)).strip("\n") + "\n"


def issues(texts: Iterable[str]) -> tuple[str, ...]:
    """The issues that commit messages close, as a forge reads them: `Fixes #12`, each once, in order."""
    found: dict[str, None] = {}
    for text in texts:
        for hit in _CLOSES.finditer(text):
            word = hit["word"].capitalize()
            for one in re.findall(_ISSUE, hit["issues"]):
                found.setdefault(f"{word} {one}")
    return tuple(found)


def clean(text: str) -> str:
    """A text of several lines as it may be handed to git and to a forge.

    Lines end in a newline only and hold no blanks at their ends; control characters, and those that turn the direction
    of a text, are written as escapes.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = (_safe(line).rstrip() for line in text.split("\n"))
    return "\n".join(lines).strip("\n") + "\n"


def title_line(text: str) -> str:
    """A title: one line, without blanks around it, not too long."""
    line = " ".join(_safe(" ".join(text.split())).split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"


_KINDS = {
    "summary": ("summary", "description", "overview", "what"),
    "changes": ("changes", "what changed", "changelog"),
    "tests": ("test plan", "testing", "tests", "how was this tested", "how to test"),
    "issues": ("linked issues", "related issues", "issues", "linked issue", "related issue"),
}
_ISSUE = r"(?:[\w.-]+/[\w.-]+)?#\d+|https?://[^\s,;)>\]]+/issues/\d+"
_CLOSES = re.compile(
    r"\b(?P<word>close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
    rf"(?P<issues>(?:{_ISSUE})(?:(?:,| and|, and)\s+(?:{_ISSUE}))*)",
    re.IGNORECASE,
)


def _uncommented(markdown: str) -> str:
    out: list[str] = []
    fence, inside = "", False
    for line in markdown.splitlines(keepends=True):
        opened = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if not inside and fence:
            out.append(line)
            if opened and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if not inside and opened:
            fence = opened[1]
            out.append(line)
            continue
        rest, had = line, inside
        while rest:
            if inside:
                _, end, rest = rest.partition("-->")
                inside = not end
                if inside:
                    break
                continue
            place = _comment(rest)
            had = had or place >= 0
            out.append(rest if place < 0 else rest[:place])
            if place < 0:
                break
            inside, rest = True, rest[place + 4 :]
        if had and inside and out and not out[-1].endswith("\n"):
            out.append("\n")
    return "".join(out)


def _comment(line: str) -> int:
    """Where a comment begins in a line, outside of `code`; -1 for nowhere."""
    for hit in re.finditer(r"(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|<!--", line):
        if hit[0] == "<!--":
            return hit.start()
    return -1


def _blocks(markdown: str) -> list[tuple[str, str]]:
    """The text cut at its headings: (heading line, what stands below it); the first heading may be empty."""
    found: list[tuple[str, list[str]]] = [("", [])]
    fence = ""
    for line in markdown.splitlines():
        opened = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if opened and not fence:
            fence = opened[1]
        elif opened and line.strip().startswith(fence):
            fence = ""
        if not fence and not opened and re.match(r"#{1,6}\s+\S", line):
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return [(heading, "\n".join(lines)) for heading, lines in found]


def _wanted(heading: str) -> str | None:
    """What a heading asks for, if it is one of the four."""
    words = re.sub(r"[^\w\s]", " ", heading).casefold().split()
    return next((part for part, kinds in _KINDS.items() if " ".join(words) in kinds), None)


def _title(material: Material) -> str:
    named = material.title.strip()
    what = f"{named} ({material.id})" if named else material.id
    return title_line(f"{material.category}: {what}")


def _message(material: Material, title: str) -> str:
    lines = [title_line(title) for _, title in material.stages if title.strip()]
    lines = lines or [title_line(subject) for _, subject, _ in material.commits]
    listed = [f"- {line}" for line in lines[:MOST_LINES]]
    trailers = [*issues(_texts(material)), *(f"Link: {title_line(link)}" for link in material.links)]
    blocks = [title, "\n".join(listed), "\n".join([*trailers, f"Task: {title_line(material.id)}"])]
    return clean("\n\n".join(block for block in blocks if block))


def _summary(material: Material) -> str:
    return _markdown(material.title.strip() or material.id)


def _changes(material: Material) -> str:
    blocks = []
    if material.stages:
        blocks.append("\n".join(f"- stage {number}: {_markdown(title)}" for number, title in material.stages))
    if material.commits:
        shown = [f"- {commit[:12]} {_markdown(subject)}" for commit, subject, _ in material.commits[-MOST_LINES:]]
        blocks.append("\n".join(_cut(shown, len(material.commits), "earlier commit")))
    if material.files:
        shown = [f"- {_code(one.path)} {_lines(one)}" for one in material.files[:MOST_LINES]]
        blocks.append(f"{_counted_lines(material.files)}:")
        blocks.append("\n".join(_cut(shown, len(material.files), "more file")))
    return "\n\n".join(blocks) or "No file is changed."


def _tests(material: Material) -> str:
    lines = [
        f"- [{'x' if one.status == 0 else ' '}] {_code(one.command)}"
        f"{'' if one.status == 0 else ' (not run)' if one.status is None else f' (exit status {one.status})'}"
        for one in material.checks
    ]
    said = f"git okstra verify: {_markdown(material.verdict)}" if material.verdict else ""
    return "\n\n".join(block for block in ("\n".join(lines), said) if block) or "No command is configured."


def _issues(material: Material) -> str:
    lines = [_markdown(material.id), *issues(_texts(material)), *map(_markdown, material.links)]
    return "\n".join(f"- {line}" for line in dict.fromkeys(lines))


def _texts(material: Material) -> list[str]:
    return [f"{subject}\n{rest}" for _, subject, rest in material.commits]


def _cut(shown: list[str], whole: int, noun: str) -> list[str]:
    left = whole - len(shown)
    return [*shown, f"- … and {names.counted(left, noun)}"] if left > 0 else shown


def _lines(one: Changed) -> str:
    return "(binary)" if one.added is None or one.removed is None else f"+{one.added} -{one.removed}"


def _counted_lines(files: Sequence[Changed]) -> str:
    added, removed = sum(one.added or 0 for one in files), sum(one.removed or 0 for one in files)
    return f"{names.counted(len(files), 'file')}, {names.counted(added, 'line')} added, {removed} removed"


def _markdown(text: str) -> str:
    """A line of text that Markdown shows as it is."""
    return re.sub(r"([\\`*\[\]<])", r"\\\1", " ".join(_safe(" ".join(text.split())).split()))


def _code(text: str) -> str:
    """A text as Markdown's code on one line, whatever backticks it holds."""
    line = _safe(" ".join(text.splitlines()))
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def _safe(line: str) -> str:
    """The line with control characters, surrogates and what turns the direction of a text as escapes; tabs stay."""
    return "".join(
        character.encode("unicode_escape", "surrogatepass").decode()
        if character != "\t" and (unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNS)
        else character
        for character in line
    )


_TURNS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
