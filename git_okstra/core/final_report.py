"""The report of the gate: the document after share/schemas/final-report-v1.schema.json, and its Markdown form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from string import Template
from typing import Any

from git_okstra.core import gate, names, verdicts
from git_okstra.core.gate import Facts, Ran, Reason
from git_okstra.core.tasks import Task

SCHEMA = "okstra.final-report/1"


def document(
    task: Task,
    facts: Facts,
    ran: Sequence[Ran],
    found: Sequence[Reason],
    *,
    time: str,
    owner: str,
    program: str,
    approved_by: str,
    commits: Mapping[int, int],
) -> dict[str, Any]:
    """The report as JSON knows it. `commits` counts each stage's own; without an approved plan nobody approved one."""
    plan = gate.NOT_APPLICABLE if facts.approved is None else "approved" if facts.approved else "not-approved"
    return {
        "schema": SCHEMA,
        "verdict": verdicts.REJECTED if found else verdicts.ACCEPTED,
        "time": time,
        "owner": owner,
        "program": program,
        "task": {
            "key": str(task.key),
            "id": task.id,
            "title": task.title,
            "category": task.category,
            "branch": task.branch,
            "lifecycle": task.lifecycle,
            "phase": task.phase,
            "base": {"ref": task.base_ref, "commit": task.base_commit},
            "anchor": task.anchor,
        },
        "commit": facts.head,
        "tree": facts.tree,
        "plan": {"status": plan, "digest": facts.digest, "approved_by": approved_by or None},
        "stages": [
            {
                "number": stage.number,
                "title": stage.title,
                "state": stage.state,
                "branch": stage.branch,
                "base": stage.base,
                "head": stage.recorded,
                "merged": stage.merged,
                "commits": commits.get(stage.number, 0),
            }
            for stage in facts.stages
        ],
        "checks": [
            {"name": name, "status": status} for name, status in gate.checks(facts, tuple(ran), [*found]).items()
        ],
        "commands": [
            {
                "command": one.command,
                "status": one.status,
                "seconds": round(one.seconds, 3),
                "log": one.log.rpartition("/")[2] or None,
            }
            for one in ran
        ],
        "reasons": [
            {
                "kind": one.kind,
                "code": one.code,
                "message": one.message,
                "hint": one.hint.split("\n"),
                "data": dict(one.data),
            }
            for one in found
        ],
    }


def markdown(report: Mapping[str, Any], template: str, messages: Mapping[str, Any]) -> str:
    """The report through a template of `string.Template`, in the language of the catalogue `messages`.

    The catalogue has `labels` (what the template calls `$label_NAME`), `words` (of verdicts, states and checks) and
    `reasons` (a sentence for each kind; the report's own, which is English, where it has none).
    """
    words, task, plan = messages["words"], report["task"], report["plan"]

    def word(name: str) -> str:
        return str(words.get(name, name))

    stages = [
        [
            str(one["number"]),
            one["title"],
            word(one["state"]),
            _code(one["head"]),
            word("yes" if one["merged"] else "no"),
        ]
        for one in report["stages"]
    ]
    commands = [
        [
            f"`{one['command']}`",
            word(gate.NOT_RUN) if one["status"] is None else str(one["status"]),
            f"{one['seconds']:.1f}",
            f"[{one['log']}]({one['log']})" if one["log"] else "",
        ]
        for one in report["commands"]
    ]
    labels = messages["labels"]
    fields = {
        "verdict": word(report["verdict"]),
        "id": task["id"],
        "title": task["title"] or word("untitled"),
        "branch": _code(task["branch"], whole=True),
        "base": f"{_code(task['base']['ref'], whole=True)} ({_code(task['base']['commit'])})",
        "phase": task["phase"],
        "commit": _code(report["commit"], whole=True),
        "tree": _code(report["tree"], whole=True),
        "plan": word(plan["status"]) + (f" ({_code(plan['digest'], whole=True)})" if plan["digest"] else ""),
        "time": report["time"],
        "owner": report["owner"],
        "program": report["program"],
        "checks": _table(
            [labels["check"], labels["outcome"]], [[word(one["name"]), word(one["status"])] for one in report["checks"]]
        ),
        "stages": _table([labels[name] for name in ("stage", "stage_title", "state", "head", "merged")], stages)
        or word("none"),
        "commands": _table([labels[name] for name in ("command", "status", "seconds", "log")], commands)
        or word("none"),
        "reasons": "\n".join(_reason(one, messages["reasons"], words) for one in report["reasons"]) or word("none"),
    }
    shown = {name: _plain(text) for name, text in fields.items()}
    return Template(template).substitute({**{f"label_{name}": text for name, text in labels.items()}, **shown})


def _reason(reason: Mapping[str, Any], sentences: Mapping[str, str], words: Mapping[str, str]) -> str:
    sentence, data = sentences.get(reason["kind"]), reason["data"]
    if "state" in data:
        data = {**data, "state": words.get(data["state"], data["state"])}
    said = sentence.format_map(data) if sentence else reason["message"]
    return "\n".join([f"- **{reason['code']}**: {_flat(said)}", *(f"  - `{_flat(hint)}`" for hint in reason["hint"])])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(_flat(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines])


def _code(text: str | None, *, whole: bool = False) -> str:
    return f"`{text if whole else text[:12]}`" if text else ""


def _flat(text: str) -> str:
    """A text as one line."""
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Control characters written as escapes, lines kept."""
    return "\n".join(map(names.printable, text.split("\n")))
