"""What `git okstra status` says to a person: a text, which fills in on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from git_okstra.cli import painting, speaking, tables
from git_okstra.core import names, plan_drawing, syncing
from git_okstra.core.tasks import Task
from git_okstra.operations import listing, status
from git_okstra.operations.listing import KNOWN, Pending
from git_okstra.operations.status import Status

WIDEST = 100
"""Columns that the plan is drawn in at most."""

FIRST = 2
"""Lines of the answer that are known at once: which task it is, and its phase."""


def show(run: speaking.Speaker, task: Task, addressed: Callable[[Status], Status]) -> None:
    """Answer `status` for a person; `addressed` has the commands in it name the task."""
    with painting.filling(run) as filling:

        def tell(made: status.Made, pending: Pending) -> None:
            assert filling is not None
            filling.show(lambda: _painted(lines(made(), pending, run.addressed)))

        shown = status.status(run.context, task, tell if filling is not None else None)
        told: Sequence[str] = lines(addressed(shown), KNOWN, run.addressed)
        if filling is not None:
            told = filling.end(told)
    run.answer({}, "\n".join(told))


def _painted(told: Sequence[str]) -> list[painting.Line]:
    return [painting.Line(line, index < FIRST) for index, line in enumerate(told)]


def lines(shown: Status, pending: Pending, addressed: Callable[[str], str]) -> list[str]:
    """The answer as a person reads it, as far as it is known; `addressed` has the commands of a line name the task."""
    text = [*_head(shown, pending), "", *_stages(shown.row, pending), *map(addressed, _behind(shown)), *_advice(shown)]
    return "\n".join(text).split("\n")


def _head(shown: Status, pending: Pending) -> list[str]:
    row, task = shown.row, shown.row.task
    title = f"{names.printable(task.id)}  {names.printable(task.title)}".rstrip()
    base = task.base_ref[:12] if task.base_ref == task.base_commit else names.printable(task.base_ref)
    if not tables.settled(row, pending):
        counted = f" ({tables.UNKNOWN})"
    elif row.ahead is None:
        counted = ""
    else:
        behind = f", {row.behind} behind" if row.behind else ""
        dirty = ", uncommitted changes" if row.dirty else ""
        counted = f" ({row.ahead} ahead{behind} of {base}{dirty})"
    found = [
        speaking.styled(title, "bold") if speaking.coloured(sys.stdout) else title,
        f"  phase   {names.printable(f'{task.phase} ({task.lifecycle})')}",
        f"  branch  {names.printable(task.branch)}{counted}",
        f"  owner   {names.printable(f'{row.owner}, since {row.since}') if row.owner else 'nobody'}",
        f"  path    {names.printable(row.path or '(none)')}{' (bound in place)' if row.in_place else ''}",
    ]
    verdict = shown.standing.verdict
    if verdict is not None:
        weak = f", but it {shown.standing.weakness}" if shown.standing.weakness else ""
        found.append(f"  verdict {names.printable(f'{verdict.verdict}, {verdict.time}{weak}')}")
    if row.state != "open" or row.trouble:
        found.append(f"  state   {tables.state(row)}")
    if shown.merging is not None:
        found.append(f"  merge   stopped at stage {shown.merging}")
    return found


def _stages(row: listing.TaskRow, pending: Pending) -> list[str]:
    if row.plan is None:
        return ["no plan yet", ""]
    approved = "approved" if row.approved else "not approved"
    states = {stage.number: tables.state(stage, pending) for stage in row.stages}
    width = min(WIDEST, tables.room() or WIDEST)
    drawn = plan_drawing.as_text(row.plan, states, width=width)
    found = [f"plan, {len(row.stages)} stages, {approved}", drawn, ""]
    working = [stage for stage in row.stages if stage.branch is not None]
    if working:
        cells = [
            [str(stage.number), tables.state(stage, pending), stage.branch or "", tables.counts(stage, pending),
             stage.owner or "", tables.age(stage.since), stage.path or ""]
            for stage in working
        ]  # fmt: skip
        styles = [tables.style(stage, pending) for stage in working]
        found += [tables.draw(["STAGE", "STATE", "BRANCH", "+/-", "OWNER", "AGE", "PATH"], cells, styles), ""]
    return found


def _behind(shown: Status) -> list[str]:
    """Who is behind and why, and whose bringing up to date is not over; a line each, and an empty one after them."""
    row, found = shown.row, []
    if row.behind and row.owner:
        count, base = names.counted(row.behind, "commit"), names.printable(row.task.base_ref)
        found.append(f"behind: the task branch lacks {count} of {base}: git okstra sync task")
    for stage in row.stages:
        if stage.lacks:
            several = len(stage.depends_on) > 1
            unmerged = [n for one in row.stages if (n := one.number) in stage.lacks and one.state != "merged"]
            first = f"git okstra merge {' '.join(map(str, unmerged))}, then " if several and unmerged else ""
            what = syncing.behind(stage.number, stage.lacks)
            found.append(f"behind: {what}: {first}git okstra sync {stage.number}")
    for number in shown.syncing:
        what = f"{names.label(number)} is being brought up to date"
        found.append(f"not over: {what}: git okstra sync {syncing.name(number)} --continue")
    return [*found, ""] if found else []


def _advice(shown: Status) -> list[str]:
    found = [f"ready: {', '.join(map(str, shown.ready))}"] if shown.ready else []
    return [*found, *(f"next: {line}" for line in shown.advice)]
