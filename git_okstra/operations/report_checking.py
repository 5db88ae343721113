"""`git okstra verify --check`: whether a report is after its schema, and whether what it says is true here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from git_okstra.core import journal, names, verdicts
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import Event
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import commit_facts, refs
from git_okstra.operations import gate_facts, ground, targets, verdict
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Checked:
    """The report as read, its task, and why its verdict does not hold now; empty when it is accepted and holds."""

    report: Mapping[str, Any]
    task: Task
    objection: str


def check(ctx: Context, data: bytes, schema: str) -> Checked:
    """Hold the report in `data` against `schema` (JSON Schema, draft 2020-12) and against the repository.

    Raises OkstraError `report-invalid` with everything that is wrong.
    """
    report = _read(data)
    faults = list(_against_schema(report, json.loads(schema)))
    if faults:
        raise _invalid("the report is not after its schema", faults)
    task, events = None, list[Event]()
    try:
        task = targets.named_task(ctx, report["task"]["key"], removed=True)
        events = ctx.store.events(task.key.group, task.key.task)
    except OkstraError as error:
        if error.code not in ("no-such-task", "bad-name", "ambiguous-task"):
            raise
    if task is None or str(task.key) != report["task"]["key"]:
        raise _invalid("the report is not of this repository", [f"there is no task {report['task']['key']} here"])
    faults = [*_of_commit(ctx, report), *_of_stages(ctx, report, events), *_of_journal(report, data, events)]
    if faults:
        raise _invalid("the report says what is not true here", faults)
    return Checked(report, task, verdict.standing(ctx, task).objection)


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise _invalid("the report is not after its schema", ["it is not JSON"]) from None


def _against_schema(report: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    import jsonschema

    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for error in sorted(validator.iter_errors(report), key=lambda error: list(map(str, error.absolute_path))):
        place = "/".join(map(str, error.absolute_path)) or "the document"
        yield f"{place}: {error.message[:200]}"


def _of_commit(ctx: Context, report: Mapping[str, Any]) -> Iterator[str]:
    commit, tree = report["commit"], report["tree"]
    actual = commit_facts.tree(ctx.common_dir, commit)
    if actual is None:
        yield f"commit: there is no commit {commit} here"
    elif actual != tree:
        yield f"tree: the tree of {commit[:12]} is {actual}, not {tree}"


def _of_stages(ctx: Context, report: Mapping[str, Any], events: list[Event]) -> Iterator[str]:
    closed = {(event.stage, journal.text(event, "head")) for event in events if event.event == "done"}
    heads = {stage["number"]: stage["head"] for stage in report["stages"] if stage["head"]}
    inside = _inside(ctx, report["commit"], set(heads.values()), events)
    for stage in report["stages"]:
        number, head = stage["number"], stage["head"]
        if head and (number, head) not in closed:
            yield f"stages: the journal does not know {head[:12]} as a recorded head of stage {number}"
        if stage["merged"] and (head is None or head not in inside):
            yield f"stages: the head of stage {number} is no ancestor of {report['commit'][:12]}"


def _inside(ctx: Context, commit: str, heads: set[str], events: list[Event]) -> set[str]:
    """The heads that are in the commit, or in the tip that it took the place of when the task was handed over."""
    if refs.commit(ctx.common_dir, commit) is None:
        return set()
    found = ground.contained(ctx, heads, commit)
    for event in events:
        replaced = journal.text(event, "squashed")
        if event.event == gate_facts.HANDED_OFF and replaced and journal.text(event, "commit") == commit:
            found |= ground.contained(ctx, heads - found, replaced)
    return found


def _of_journal(report: Mapping[str, Any], data: bytes, events: list[Event]) -> Iterator[str]:
    digest = report["plan"]["digest"]
    known = {journal.text(event, "digest") for event in events if event.event in ("plan-imported", "plan-approved")}
    if digest is not None and digest not in known:
        yield f"plan: the journal knows no plan {digest[:19]}"
    sha256 = hashlib.sha256(data).hexdigest()
    given = [event for event in events if event.event == verdicts.EVENT]
    mine = [event for event in given if journal.text(event, "sha256") == sha256]
    if not mine:
        yield "verdict: the journal knows no report with exactly this content"
    elif all(
        (journal.text(event, "verdict"), journal.text(event, "commit")) != (report["verdict"], report["commit"])
        for event in mine
    ):
        yield "verdict: the journal has another verdict for this report"


def _invalid(what: str, faults: list[str]) -> OkstraError:
    lines = "".join(f"\n  {names.printable(fault)}" for fault in faults)
    return OkstraError("report-invalid", f"{what}:{lines}", "have a true one written: git okstra verify")
