"""`git okstra timeline`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from git_okstra.cli import drawings, output
from git_okstra.core import names, timeline, timeline_drawing, timeline_picture
from git_okstra.core.timeline import Timeline
from git_okstra.operations import plans, targets

_FORMATS = ("text", "svg")
_WIDTH = 100
"""The columns of a chart where no terminal tells how many there are."""


@output.command("timeline")
@click.argument("name", required=False, metavar="[TASK]")
@output.task_option
@drawings.options(*_FORMATS)
def command(
    run: output.Invocation, name: str | None, task_name: str | None, shape: str | None, file: str | None
) -> None:
    """Draw who worked on which stage when, and how much faster that was than one stage after another.

    A stage counts as worked on from the moment it is opened until it is done. The critical path is the chain of
    dependencies that took longest.
    """
    ctx = run.context
    task = targets.task(ctx, name or task_name, removed=True)
    plan = plans.require_stored(ctx, task).plan
    now = ctx.now()
    events = ctx.store.events(task.key.group, task.key.task)
    shown = timeline.timeline(plan, events, timeline.seconds_of(now) or 0)
    if not shown.rows:
        ctx.note("no stage was begun yet; begin with: git okstra stage auto")

    def draw() -> str:
        if drawings.chosen(shape, file, *_FORMATS) == "svg":
            return timeline_picture.as_svg(shown, f"{task.id}  {task.title}".rstrip())
        return timeline_drawing.as_text(shown, drawings.columns(file, _WIDTH))

    document = {"task": {"key": str(task.key), "id": task.id}, "now": now, **_document(shown)}
    drawings.answer(run, document, draw, file, f"the timeline of {names.printable(task.id)}")


def _document(shown: Timeline) -> dict[str, Any]:
    return {
        "stages": [
            {
                "number": row.number,
                "title": row.title,
                "seconds": row.seconds,
                "critical": row.number in shown.critical,
                "spans": [
                    {
                        "begin": _time(span.begin),
                        "end": None if span.running else _time(span.end),
                        "owner": span.owner,
                        "seconds": span.end - span.begin,
                        "given_up": span.given_up,
                    }
                    for span in row.spans
                ],
                "merged": [_time(time) for time in row.merged],
            }
            for row in shown.rows
        ],
        "begin": _time(shown.begin),
        "end": _time(shown.end),
        "working_seconds": shown.working,
        "busy_seconds": shown.busy,
        "elapsed_seconds": shown.elapsed,
        "speed_up": shown.speed_up and round(shown.speed_up, 3),
        "critical_path": list(shown.critical),
        "critical_seconds": shown.critical_seconds,
    }


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
