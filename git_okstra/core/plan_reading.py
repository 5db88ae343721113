"""From the text of a plan file (TOML, JSON, a Markdown table) to a plan; from a plan to the store's document and back.

Nothing that a person writes raises: faults become findings with their lines, as many at once as can be told. A plan
that comes back beside errors holds what could be read; it is there to be checked further, not to be used
(`plan_checking.examine` does both and gives a plan only when there is no error).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from git_okstra.core import formats
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Finding, Plan
from git_okstra.core.plan_fields import FieldReader, shown

Format = Literal["toml", "json", "markdown"]
Reading = tuple[Plan | None, tuple[Finding, ...]]

_BY_ENDING: dict[str, Format] = {
    "toml": "toml",
    "json": "json",
    "md": "markdown",
    "markdown": "markdown",
    "mdown": "markdown",
    "mkd": "markdown",
}
_TOML_STATEMENT = r"""\[\[?[^\[\]{}"]+\]\]?\s*(?:#|$)|["']?[A-Za-z0-9_.-]+["']?\s*="""
_TOML_PLACE = r"\s*\((?:at line (\d+), column \d+|at end of document)\)\s*$"


def read(text: str, format: Format | None = None, name: str = "") -> Reading:  # noqa: A002 - the word of the option
    """The plan in `text`, and what was found wrong while reading it; no plan when nothing like one is there.

    Without `format` it follows from the ending of the file's `name`, else from the text. Of faults only those are told
    which reading meets (syntax, names and types of fields); `plan_checking.check` judges what the plan says.
    """
    text = text.removeprefix("\ufeff")
    chosen = format or guess_format(text, name)
    if chosen == "markdown":
        from git_okstra.core import plan_markdown

        return plan_markdown.read(text)
    return _read_toml(text) if chosen == "toml" else _read_json(text)


def guess_format(text: str, name: str = "") -> Format:
    """The format that the ending of `name` stands for, else the one that `text` looks like."""
    ending = name.rpartition(".")[2].casefold()
    if "." in name and ending in _BY_ENDING:
        return _BY_ENDING[ending]
    start = text.lstrip()
    if start.startswith("{") or re.match(r"\[\s*[{\]]", start):
        return "json"
    # A line that begins with "#" is a comment in TOML and a heading in Markdown: it tells nothing.
    lines = (line.strip() for line in text.split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), None)
    return "toml" if first is None or re.match(_TOML_STATEMENT, first) else "markdown"


def to_toml_document(plan: Plan) -> dict[str, Any]:
    """The document that the store keeps for `plan`; it can be written as TOML, and `read` understands it too."""
    title = {"title": plan.title} if plan.title else {}
    stages = [
        {
            "number": stage.number,
            "title": stage.title,
            "depends_on": list(stage.depends_on),
            "files": list(stage.files),
            "verify": list(stage.verify),
        }
        for stage in plan.stages
    ]
    return {"format": formats.FORMAT, **title, "stage": stages}


def from_document(document: Mapping[str, Any]) -> Plan:
    """The plan in a document that `to_toml_document` made; what the store keeps beside it there is left alone.

    Raises OkstraError `damaged-file` when it does not hold one.
    """
    reader = FieldReader({})
    plan = reader.plan({key: document[key] for key in ("format", "title", "stage") if key in document})
    if plan is None or reader.found:
        reason = reader.found[0].message if reader.found else "it holds no plan"
        raise OkstraError(
            "damaged-file",
            f"the stored plan cannot be read: {reason}",
            "import the plan again: git okstra plan import FILE",
        )
    return plan


def _read_toml(text: str) -> Reading:
    import tomllib

    from git_okstra.core import plan_positions

    try:
        document = tomllib.loads(text)
    except RecursionError:
        return _no_syntax("the TOML is nested too deeply", None)
    except ValueError as error:
        reason = str(error)
        place = re.search(_TOML_PLACE, reason)
        line = None
        if place:
            reason = reason[: place.start()]
            line = int(place[1]) if place[1] else text.rstrip("\n").count("\n") + 1
        return _no_syntax(f"not valid TOML: {_sentence(reason)}", line)
    reader = FieldReader(plan_positions.of_toml(text.replace("\r\n", "\n")).lines)
    return reader.plan(document), tuple(reader.found)


def _read_json(text: str) -> Reading:
    import json

    from git_okstra.core import plan_positions

    try:
        document = json.loads(text)
    except RecursionError:
        return _no_syntax("the JSON is nested too deeply", None)
    except json.JSONDecodeError as error:
        return _no_syntax(f"not valid JSON: {_sentence(error.msg)}", error.lineno)
    except ValueError as error:
        return _no_syntax(f"not valid JSON: {_sentence(str(error))}", None)
    places = plan_positions.of_json(text)
    reader = FieldReader(places.lines)
    plan = reader.plan(document)
    repeated = [
        Finding("error", "duplicate-field", f"'{shown(str(way[-1]))}' is given twice", places.lines.get(way))
        for way in places.repeated
    ]
    return plan, (*reader.found, *repeated)


def _no_syntax(message: str, line: int | None) -> Reading:
    return None, (Finding("error", "syntax", message, line),)


def _sentence(text: str) -> str:
    """The reason a parser of Python gives, in our style."""
    text = shown(text.split(";")[0].rstrip("."))
    return text[:1].lower() + text[1:]
