"""`git okstra doctor`."""

from __future__ import annotations

from dataclasses import asdict

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.diagnosis import Finding
from git_okstra.operations import doctor

COLOURS = {"error": "red", "warning": "yellow", "note": None}


@output.command("doctor", changes=True)
@click.option("--repair", is_flag=True, help="Mend what is safe to mend, and say what was done.")
def command(run: output.Invocation, repair: bool) -> None:
    """Compare registry, store, and git's worktrees and branches, and explain what does not agree.

    Exits with 1 when there is something to mend (notes do not count). With --repair nothing is lost: what is in the
    way is moved aside, never deleted.
    """
    ctx = run.context
    if not repair:
        findings = doctor.examine(ctx)
        run.answer({"findings": [asdict(finding) for finding in findings]}, _listed(findings))
        if not run.as_json and (summary := _summary(findings)):
            output.say(summary)
        if any(finding.severity != "note" for finding in findings):
            raise click.exceptions.Exit(1)
        return
    repairs = doctor.repair(ctx, dry_run=run.dry_run)
    lines = []
    for one in repairs:
        lines.append(f"{one.finding.subject}: {one.finding.what}")
        mended = one.done if run.dry_run else f"mended: {one.done}"
        lines.append(f"  {mended}" if one.done else f"  left: {one.left}")
    fields = {"findings": [{**asdict(one.finding), "done": one.done, "left": one.left} for one in repairs]}
    run.answer(fields, names.printable_lines(lines), "" if repairs else "everything agrees; nothing to mend")
    if any(one.left and one.finding.severity != "note" for one in repairs):
        raise click.exceptions.Exit(1)


def _listed(findings: list[Finding]) -> str:
    lines = []
    for one in findings:
        colour = COLOURS.get(one.severity)
        lines.append(f"{click.style(one.severity, fg=colour)} [{one.code}] {names.printable(one.what)}")
        lines.append(f"  {names.printable(one.means)}")
        lines += [f"  hint: {names.printable(hint)}" for hint in one.hint.splitlines()]
    return "\n".join(lines)


def _summary(findings: list[Finding]) -> str:
    if not findings:
        return "everything agrees"
    return "" if all(not one.repairable for one in findings) else "mend what can be mended: git okstra doctor --repair"
