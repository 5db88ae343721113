"""`git okstra status`."""

from __future__ import annotations

import sys

import click

from git_okstra.cli import documents, output, tables
from git_okstra.core import names, plan_drawing
from git_okstra.core.records import replace
from git_okstra.operations import listing, status, targets


@output.command("status")
@click.argument("name", required=False, metavar="[TASK]")
@output.task_option
def command(run: output.Invocation, name: str | None, task_name: str | None) -> None:
    """Show one task in detail: phase, plan as a graph, each stage, what is ready, and what to do next."""
    ctx = run.context
    shown = status.status(ctx, targets.task(ctx, name or task_name, removed=True))
    shown = replace(shown, advice=tuple(run.addressed(line) for line in shown.advice))
    document = documents.status(shown)
    if run.as_json:
        run.answer(document)
        return
    run.answer(document, "\n".join([*_head(shown), "", *_stages(shown.row), *_advice(shown)]))


def _head(shown: status.Status) -> list[str]:
    row, task = shown.row, shown.row.task
    colour = output.coloured(sys.stdout)
    title = f"{names.printable(task.id)}  {names.printable(task.title)}".rstrip()
    behind = f", {row.behind} behind" if row.behind else ""
    dirty = ", uncommitted changes" if row.dirty else ""
    base = task.base_ref[:12] if task.base_ref == task.base_commit else names.printable(task.base_ref)
    counted = "" if row.ahead is None else f" ({row.ahead} ahead{behind} of {base}{dirty})"
    lines = [
        click.style(title, bold=True) if colour else title,
        f"  phase   {names.printable(f'{task.phase} ({task.lifecycle})')}",
        f"  branch  {names.printable(task.branch)}{counted}",
        f"  owner   {names.printable(f'{row.owner}, since {row.since}') if row.owner else 'nobody'}",
        f"  path    {names.printable(row.path or '(none)')}{' (bound in place)' if row.in_place else ''}",
    ]
    verdict = shown.standing.verdict
    if verdict is not None:
        weak = f", but it {shown.standing.weakness}" if shown.standing.weakness else ""
        lines.append(f"  verdict {names.printable(f'{verdict.verdict}, {verdict.time}{weak}')}")
    if row.state != "open" or row.trouble:
        lines.append(f"  state   {tables.state(row)}")
    if shown.merging is not None:
        lines.append(f"  merge   stopped at stage {shown.merging}")
    return lines


def _stages(row: listing.TaskRow) -> list[str]:
    if row.plan is None:
        return ["no plan yet", ""]
    approved = "approved" if row.approved else "not approved"
    states = {stage.number: tables.state(stage) for stage in row.stages}
    lines = [f"plan, {len(row.stages)} stages, {approved}", plan_drawing.as_text(row.plan, states, width=100), ""]
    working = [stage for stage in row.stages if stage.branch is not None]
    if working:
        cells = [
            [str(stage.number), tables.state(stage), stage.branch or "", tables.counts(stage), stage.owner or "",
             tables.age(stage.since), stage.path or ""]
            for stage in working
        ]  # fmt: skip
        styles = [tables.style(stage) for stage in working]
        lines += [tables.draw(["STAGE", "STATE", "BRANCH", "+/-", "OWNER", "AGE", "PATH"], cells, styles), ""]
    return lines


def _advice(shown: status.Status) -> list[str]:
    lines = [f"ready: {', '.join(map(str, shown.ready))}"] if shown.ready else []
    return [*lines, *(f"next: {line}" for line in shown.advice)]
