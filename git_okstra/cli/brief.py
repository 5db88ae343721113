"""`git okstra brief`."""

from __future__ import annotations

from typing import Any

import click

from git_okstra.cli import output
from git_okstra.core import lifecycle, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.lifecycle import Phase
from git_okstra.core.tasks import Task
from git_okstra.operations import brief, places, targets
from git_okstra.operations.brief import Brief, Packet, Work


@output.command("brief")
@click.argument("number", type=click.IntRange(1), required=False, metavar="[N]")
@output.task_option
@click.option("--gate", is_flag=True, help="For whoever judges the whole task, with every stage and all changes.")
@click.option("--agent", metavar="NAME", help="Who it is for: refused unless the phase's roster names that agent.")
def command(run: output.Invocation, number: int | None, task_name: str | None, gate: bool, agent: str | None) -> None:
    """Print everything that someone, or an agent, needs to begin stage N, as Markdown.

    Without N it is the stage whose worktree one stands in, else one's only open stage, else the first that is ready.
    """
    if gate and number is not None:
        raise OkstraError("usage", "--gate is about the whole task and takes no N", "git okstra brief --gate")
    ctx = run.context
    task = targets.task(ctx, task_name)
    if agent is not None:
        places.require_agent(ctx, task, agent)
    if gate:
        packet = brief.packet(ctx, task)
        run.answer(_packet_document(packet), names.printable_lines(_packet(packet)))
        return
    found = brief.stage(ctx, task, number)
    run.answer(_document(found), text(found))


def text(found: Brief) -> str:
    """The brief of a stage as Markdown."""
    return names.printable_lines(_stage(found))


def _stage(found: Brief) -> list[str]:
    number = found.number
    lines = [
        f"# Stage {number} of {found.task.id}: {found.title}",
        "",
        f"Part of **{found.task.title or found.task.id}** ({found.task.category}), which is in the phase "
        f"`{found.phase.name}`. The stage is {found.state}{f', held by {found.owner}' if found.owner else ''}.",
        "",
        "## Files",
        "",
        "Only these may be changed:",
        "",
        *(f"- `{pattern}`" for pattern in found.files),
    ]
    if found.others:
        lines += ["", "Others work at the same time, on:", ""]
        lines += [
            f"- stage {other} ({title}): {', '.join(f'`{one}`' for one in files)}"
            for other, title, files in found.others
        ]
    lines += ["", "## Where to work", ""]
    base = f"`{found.base[:12]}`" if found.base else "not known yet"
    lines += [f"- branch: `{found.branch}`", f"- base: {base}{f' ({_RULES[found.rule]})' if found.rule else ''}"]
    if found.path:
        lines.append(f"- worktree: `{found.path}`")
    elif found.waits:
        lines.append(f"- it cannot be opened yet: {found.waits}")
    else:
        lines.append(f'- worktree: none yet; to get one: `cd "$(git okstra stage {number})"`')
    lines += ["", "## What it stands on", ""]
    for work in found.dependencies:
        lines += _work(work)
    if not found.dependencies:
        lines += ["It depends on no other stage.", ""]
    lines += ["## Verify", ""]
    lines += [f"- `{one}`" for one in found.verify] or ["The plan names no command for this stage."]
    lines += ["", "## What the phase allows, and what is forbidden", "", *_forbidden(found.task, found.phase)]
    closing = [
        "",
        "## How to close",
        "",
        f"Commit everything in the stage's worktree, then: `git okstra done {number}`. Its files, its commits and the "
        "commands above, if any, are checked first.",
        f"To give it up instead: `git okstra abandon {number}`.",
    ]
    return lines + closing


_RULES = {
    "anchor": "the task's anchor",
    "dependency": "what the stage it depends on recorded",
    "task-head": "the task branch's HEAD",
}


def _forbidden(task: Task, phase: Phase) -> list[str]:
    lines = [
        f"- allowed on stage branches: {phase.stage_commits}",
        f"- allowed on the task branch: {phase.task_commits}",
        f"- pushing: {phase.push}",
        "- forbidden: `git push --force`, `git commit --no-verify`, deleting or renaming the branches of the task, "
        "switching a worktree to another branch",
        f"- forbidden: merging into `{task.branch}` by hand; `git okstra merge` does it",
    ]
    if phase.stage_commits == "none":
        back = f"git okstra phase {lifecycle.IMPLEMENTATION}"
        lines.insert(0, f"- **the phase allows no commits of a stage**; a person moves the task: `{back}`")
    return lines


def _work(work: Work) -> list[str]:
    if work.head is None:
        return [f"### Stage {work.number}: {work.title}", "", "Not done yet.", ""]
    return [
        f"### Stage {work.number}: {work.title}",
        "",
        f"`{(work.base or '')[:12]}..{work.head[:12]}`",
        "",
        *(f"- `{commit[:12]}` {subject}" for commit, subject in work.commits),
        "",
        *_fenced(work.diffstat),
        "",
    ]


def _packet(packet: Packet) -> list[str]:
    task = packet.task
    lines = [
        f"# {task.id}: {task.title or task.category}, to be judged",
        "",
        f"- branch: `{task.branch}` at `{packet.head}`",
        f"- base: `{task.base_ref}` (`{task.base_commit[:12]}`)",
        f"- phase: `{packet.phase.name}` ({task.lifecycle})",
        f"- verdict: {_verdict(packet)}",
        "",
        "## What the gate finds",
        "",
    ]
    for reason in packet.reasons:
        lines += [f"- **{reason.code}**: {reason.message}", *(f"  - `{hint}`" for hint in reason.hint.split("\n"))]
    if not packet.reasons:
        lines.append("Nothing speaks against it before the commands are run.")
    lines += ["", "## Commands that it runs", ""]
    lines += [f"- `{one}`" for one in packet.commands] or ["None: the setting `verify.commands` is empty."]
    lines += ["", "## Stages", ""]
    for fact, work in packet.stages:
        lines += _work(work)
        lines += [f"State: {fact.state}; in the task branch: {'yes' if fact.merged else 'no'}.", ""]
    if not packet.stages:
        lines += ["The task has no plan.", ""]
    lines += ["## All changes since the base", "", *(_fenced(packet.diffstat) if packet.diffstat else ["None."])]
    closing = [
        "",
        "## How to judge",
        "",
        f"Read the changes: `git diff {packet.since[:12]} {packet.head[:12]}`. Nothing may be committed while judging.",
        "When they are right: `git okstra verify`. When they are not, and the task is not in the implementation, a "
        f"person moves it back: `git okstra phase {lifecycle.IMPLEMENTATION}`. The stage that is wrong is taken back: "
        "`git okstra reopen N`.",
    ]
    return lines + closing


def _verdict(packet: Packet) -> str:
    found = packet.standing.verdict
    if found is None:
        return "none yet"
    weak = f", but it {packet.standing.weakness}" if packet.standing.weakness else ""
    return f"{found.verdict}, {found.time}{weak}"


def _fenced(text: str) -> list[str]:
    return ["```", *text.split("\n"), "```"]


def _work_document(work: Work) -> dict[str, Any]:
    return {
        "number": work.number,
        "title": work.title,
        "base": work.base,
        "head": work.head,
        "commits": [{"commit": commit, "subject": subject} for commit, subject in work.commits],
        "diffstat": work.diffstat,
    }


def _head(task: Task, phase: Phase) -> dict[str, Any]:
    return {
        "task": {"key": str(task.key), "id": task.id, "title": task.title, "branch": task.branch},
        "phase": phase.name,
        "permits": {"task_commits": phase.task_commits, "stage_commits": phase.stage_commits, "push": phase.push},
    }


def _document(found: Brief) -> dict[str, Any]:
    return {
        **_head(found.task, found.phase),
        "stage": {
            "number": found.number,
            "title": found.title,
            "state": found.state,
            "owner": found.owner,
            "branch": found.branch,
            "path": found.path,
            "base": found.base,
            "files": list(found.files),
            "verify": list(found.verify),
        },
        "base_rule": found.rule,
        "waits": found.waits or None,
        "dependencies": [_work_document(work) for work in found.dependencies],
        "others": [{"number": number, "title": title, "files": list(files)} for number, title, files in found.others],
    }


def _packet_document(packet: Packet) -> dict[str, Any]:
    standing = packet.standing
    return {
        **_head(packet.task, packet.phase),
        "head": packet.head,
        "since": packet.since,
        "stages": [
            {**_work_document(work), "state": fact.state, "merged": fact.merged} for fact, work in packet.stages
        ],
        "diffstat": packet.diffstat,
        "reasons": [
            {"kind": one.kind, "code": one.code, "message": one.message, "hint": one.hint.split("\n")}
            for one in packet.reasons
        ],
        "commands": list(packet.commands),
        "verdict": standing.verdict.verdict if standing.verdict else None,
        "objection": standing.objection or None,
    }
