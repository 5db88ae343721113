"""`git okstra verify`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from git_okstra.cli import output, progress
from git_okstra.core import closing, final_report, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.operations import preview, report_checking, targets, verdict, verify
from git_okstra.state import resources

SCHEMA = "share/schemas/final-report-v1.schema.json"
TEMPLATE = "share/templates/report.md"


@output.command("verify", changes=True)
@output.task_option
@click.option("--lang", type=click.Choice(["en", "ko"]), help="The language of the report, instead of report.lang.")
@click.option("--check", "file", metavar="FILE", help="Validate a report and what it claims, and judge nothing.")
@click.option("--preview", "previews", is_flag=True, help="Say what merging all done stages would give; merge nothing.")
@click.option("--run", "runs", is_flag=True, help="Run the commands on the outcome of --preview, in a checkout.")
def command(
    run: output.Invocation, task_name: str | None, lang: str | None, file: str | None, previews: bool, runs: bool
) -> None:
    """Judge the whole task, and record the verdict: accepted, or rejected with every reason at once.

    The commands of the setting verify.commands are run in the task worktree. Accepted, the task goes to the phase
    final-verification; rejected, it stays where it is, and the exit status is 1. Prints the file of the report.
    """
    if bool(file) + previews + bool(lang) > 1 or (runs and not previews):
        raise OkstraError(
            "usage", "--check and --preview stand alone, and --run goes with --preview", "git okstra help verify"
        )
    if file is not None:
        _check(run, file)
        return
    task = targets.task(run.context, task_name)
    if previews:
        _preview(run, task, runs)
    else:
        _verify(run, task, lang)


def _verify(run: output.Invocation, task: Task, lang: str | None) -> None:
    ctx = run.context
    language = lang or ctx.settings.get("report.lang")

    def render(report: Mapping[str, Any]) -> str:
        messages = json.loads(resources.read(f"share/messages/report.{language}.json"))
        return final_report.markdown(report, resources.read(TEMPLATE), messages)

    found = verify.verify(ctx, task, render=render, watcher=progress.Shown(run), dry_run=run.dry_run)
    report, path = found.report, None
    if found.directory is not None:
        path = f"{found.directory}/{verdict.REPORT}"
    document = {
        **{name: value for name, value in report.items() if name not in ("schema", "task")},
        "task": {"key": str(task.key), "id": task.id},
        "phase": found.task.phase,
        "report": path,
        "rendered": f"{found.directory}/{verdict.RENDERED}" if found.directory else None,
    }
    at = f"{names.printable(task.id)} at {report['commit'][:12]}"
    said = ""
    if found.accepted and run.dry_run:
        unrun = f", and {names.counted(len(report['commands']), 'command')} would be run" if report["commands"] else ""
        said = f"nothing speaks against {at}{unrun}"
    elif found.accepted:
        said = f"{at} is accepted; it is in the phase {found.task.phase}"
    run.answer(document, names.printable(path or ""), said)
    if found.accepted:
        return
    if run.as_json:
        raise click.exceptions.Exit(1)
    would = "would be" if run.dry_run else "is"
    raise closing.all_of([one.error() for one in found.reasons], f"{at} {would} rejected")


def _check(run: output.Invocation, file: str) -> None:
    ctx = run.context
    found = report_checking.check(ctx, _read(file), resources.read(SCHEMA))
    document = {
        "task": {"key": str(found.task.key), "id": found.task.id},
        "verdict": found.report["verdict"],
        "commit": found.report["commit"],
        "valid": True,
        "objection": found.objection or None,
    }
    now = f"no accepted verdict holds now: {found.objection}" if found.objection else "the task is accepted as it is"
    what = f"'{names.printable(file)}' is a true report: {found.report['verdict']}, {found.report['commit'][:12]}"
    run.answer(document, said=f"{what}\n{now}")


def _preview(run: output.Invocation, task: Task, runs: bool) -> None:
    found = preview.preview(run.context, task, run=runs and not run.dry_run, watcher=progress.Shown(run))
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "commit": found.commit,
        "tree": found.tree,
        "merged": list(found.merged),
        "already": list(found.already),
        "conflicts": [asdict(one) for one in found.conflicts],
        "left": list(found.left),
        "commands": [{"command": one.command, "status": one.status, "log": one.log or None} for one in found.commands],
    }
    run.answer(document, found.tree, "\n".join(_previewed(found)))
    if not found.passes:
        raise click.exceptions.Exit(1)


def _previewed(found: preview.Previewed) -> list[str]:
    lines = []
    for said, numbers in (
        ("in the task branch already", found.already),
        ("would merge cleanly", found.merged),
        ("not done, and left out", found.left),
    ):
        if numbers:
            lines.append(f"{said}: {_listed(numbers)}")
    for ran in found.commands:
        if ran.changed:
            lines.append(f"'{names.printable(ran.command)}' left changes behind: {closing.shown_paths(ran.changed)}")
    for one in found.conflicts:
        if one.stands_on:
            lines.append(f"stage {one.number} is left out, for it stands on {_listed(one.stands_on)}")
            continue
        against = f" with {_listed(one.against)}" if one.against else ""
        lines.append(
            f"stage {one.number} conflicts{against} in {closing.shown_paths(one.files) or 'all of its history'}"
        )
    return lines or ["the plan has no stage"]


def _listed(numbers: tuple[int, ...]) -> str:
    return f"stage{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"


def _read(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        shown = names.printable(file)
        raise OkstraError("usage", f"cannot read '{shown}': {error.strerror}", "name a report.json") from None
