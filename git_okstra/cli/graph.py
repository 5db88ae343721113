"""`git okstra graph`."""

from __future__ import annotations

import sys

import click

from git_okstra.cli import documents, drawings, output, speaking, tables
from git_okstra.core import names, plan_drawing, plan_picture
from git_okstra.operations import listing, plans, targets

_FORMATS = ("text", "mermaid", "dot", "svg")


@output.command("graph")
@click.argument("name", required=False, metavar="[TASK]")
@output.task_option
@drawings.options(*_FORMATS)
def command(
    run: output.Invocation, name: str | None, task_name: str | None, shape: str | None, file: str | None
) -> None:
    """Draw the plan with what is going on: the state of each stage, who has it, and its commits ahead and behind.

    As text, for Mermaid or Graphviz (dot), or as an SVG picture that needs nothing else.
    """
    ctx = run.context
    task = targets.task(ctx, name or task_name, removed=True)
    plan = plans.require_stored(ctx, task).plan
    row = listing.require_row(ctx, task)
    if not row.approved:
        ctx.note("the plan is not approved, and nothing can begin; approve it with: git okstra plan approve")
    states = {stage.number: stage.state for stage in row.stages}
    notes = {stage.number: _note(stage) for stage in row.stages}
    title = f"{task.id}  {task.title}".rstrip()

    def draw() -> str:
        match drawings.chosen(shape, file, *_FORMATS):
            case "mermaid":
                return plan_drawing.as_mermaid(plan, states, notes)
            case "dot":
                return plan_drawing.as_dot(plan, states, notes)
            case "svg":
                return plan_picture.as_svg(plan, title, states, notes)
        speaking.choose_colour(ctx)
        paint = tables.painted if file in (None, "-") and speaking.coloured(sys.stdout) else None
        return plan_drawing.as_text(plan, states, drawings.columns(file), notes=notes, paint=paint)

    document = {
        "task": documents.task_row(row),
        "order": [stage.number for stage in plan.order()],
        "edges": [{"from": start, "to": end} for start, end in plan_drawing.edges(plan)],
    }
    drawings.answer(run, document, draw, file, f"the plan of {names.printable(task.id)}")


def _note(stage: listing.StageRow) -> str:
    """Who has the stage, what its branch has and lacks, and what is wrong with it."""
    if stage.branch is None:
        return stage.trouble
    counts = tables.counts(stage) if stage.ahead or stage.behind or stage.dirty else ""
    return ", ".join(filter(None, (stage.trouble, stage.owner or "", counts)))
