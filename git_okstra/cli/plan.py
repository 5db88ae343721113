"""`git okstra plan` and its parts."""

from __future__ import annotations

import sys

import click

from git_okstra.cli import output
from git_okstra.core import names, plan_drawing
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Finding, Plan
from git_okstra.core.plan_reading import Format
from git_okstra.operations import plans, targets
from git_okstra.state import resources


@click.group("plan", no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """The plan of a task: its stages, what each depends on, and the files it may change."""


def _read(file: str, format_name: Format | None) -> tuple[str, str]:
    """Name and text of the plan file, `-` for standard input."""
    if file == "-":
        return "-", sys.stdin.read()
    try:
        with open(file, encoding="utf-8") as stream:
            return file, stream.read()
    except OSError as error:
        raise OkstraError(
            "usage",
            f"cannot read '{names.printable(file)}': {error.strerror}",
            "see what a plan looks like: git okstra plan template",
        ) from None
    except UnicodeDecodeError:
        raise OkstraError("plan-invalid", f"'{names.printable(file)}' is not UTF-8 text", "save it as UTF-8") from None


_format = click.option(
    "--format", "format_name", type=click.Choice(["toml", "json", "markdown"]), help="How the file is written."
)


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "level": finding.level,
        "code": finding.code,
        "message": finding.message,
        "line": finding.line,
        "stage": finding.stage,
    }


def _import_of(name: str) -> str:
    return f"in the file, then: git okstra plan import {names.typed(name)}"


def _counted(plan: Plan) -> str:
    return names.counted(len(plan.stages), "stage")


def _follow(stored: plans.Stored) -> str:
    return "it is approved already" if stored.valid else "approve it with: git okstra plan approve"


def _warn(run: output.Invocation, findings: tuple[Finding, ...], name: str) -> None:
    for finding in findings:
        if finding.level != "error":
            run.context.note(plans.described(finding, name))


@output.command("plan import", changes=True)
@click.argument("file")
@output.task_option
@_format
def import_(run: output.Invocation, file: str, task_name: str | None, format_name: Format | None) -> None:
    """Read a plan from FILE (TOML, JSON, or the first table of a Markdown text; "-" is standard input) and store it.

    A plan that differs from the stored one must be approved again. Prints its digest.
    """
    task = targets.task(run.context, task_name)
    name, text = _read(file, format_name)
    found, findings = plans.read(text, name, format_name)
    plan = plans.require_sound(found, findings, name, _import_of(name))
    _warn(run, findings, name)
    stored = plans.import_plan(run.context, task, plan, dry_run=run.dry_run)
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "digest": plan.digest(),
        "approved": stored.valid,
        "stages": len(plan.stages),
    }
    said = f"{_counted(plan)} {'would be ' if run.dry_run else ''}imported for {task.id}; {_follow(stored)}"
    run.answer(document, plan.digest(), names.printable(said))


@output.command("plan show")
@output.task_option
@click.option(
    "--format", "shape", type=click.Choice(["text", "mermaid", "dot", "json"]), default="text", help="How to draw it."
)
def show(run: output.Invocation, task_name: str | None, shape: str) -> None:
    """Draw the plan as a graph."""
    task = targets.task(run.context, task_name, removed=True)
    stored = plans.require_stored(run.context, task)
    run.as_json = run.as_json or shape == "json"
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "approved": stored.valid,
        "approved_by": stored.approved_by or None,
        **plan_drawing.as_json_document(stored.plan),
    }
    if shape == "mermaid":
        drawn = plan_drawing.as_mermaid(stored.plan)
    elif shape == "dot":
        drawn = plan_drawing.as_dot(stored.plan)
    else:
        drawn = plan_drawing.as_text(stored.plan)
    said = f"approved by {stored.approved_by} at {stored.approved_at}" if stored.valid else "not approved"
    run.answer(document, drawn.rstrip("\n"), names.printable(said))


@output.command("plan check")
@click.argument("file", required=False, metavar="[FILE]")
@output.task_option
@_format
def check(run: output.Invocation, file: str | None, task_name: str | None, format_name: Format | None) -> None:
    """Report every fault of a plan at once, with its line: of FILE, or of the stored plan."""
    if file is not None:
        name, text = _read(file, format_name)
        found, findings = plans.read(text, name, format_name)
    else:
        task = targets.task(run.context, task_name)
        found = plans.require_stored(run.context, task).plan
        name, findings = "plan.toml", plans.faults(found)
    if run.as_json:
        errors = any(finding.level == "error" for finding in findings)
        run.answer({"valid": not errors, "findings": [_finding(finding) for finding in findings]})
        if errors:
            raise click.exceptions.Exit(1)
        return
    plan = plans.require_sound(found, findings, name, _import_of(name) if file is not None else "git okstra plan edit")
    _warn(run, findings, name)
    run.answer({}, said=f"the plan is sound: {_counted(plan)}")


@output.command("plan approve", changes=True)
@output.task_option
@click.option("--yes", is_flag=True, help="Do not ask: the person who types this approves.")
def approve(run: output.Invocation, task_name: str | None, yes: bool) -> None:
    """Approve the plan as it is. This is a person's decision: it is asked for on a terminal, or given with --yes."""
    task = targets.task(run.context, task_name)
    stored = plans.require_stored(run.context, task)
    if not stored.valid:
        if run.interactive and not yes:
            click.echo(plan_drawing.as_text(stored.plan), err=True)
        run.decide(f"approve this plan of {names.printable(task.id)}?", yes, "approving a plan")
    after = plans.approve(run.context, task, dry_run=run.dry_run)
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "digest": after.approved,
        "approved_by": after.approved_by,
        "approved_at": after.approved_at,
    }
    verb = "would be" if run.dry_run and not stored.valid else "is"
    said = f"the plan of {task.id} {verb} approved by {after.approved_by}"
    run.answer(document, after.approved, names.printable(said))


@output.command("plan edit", changes=True)
@output.task_option
def edit(run: output.Invocation, task_name: str | None) -> None:
    """Edit the plan in your editor; what you save is checked and imported. It must then be approved again."""
    task = targets.task(run.context, task_name)
    stored = plans.stored(run.context, task)
    text = plans.as_toml(stored.plan) if stored else resources.read("share/templates/plan.toml")
    editor = plans.editor()
    try:
        edited = click.edit(text, editor=editor, extension=".toml")
    except click.ClickException:
        raise OkstraError(
            "usage",
            f"there was a problem with the editor '{names.printable(editor or '')}'",
            "use another: GIT_EDITOR=… git okstra plan edit\nor read a file in: git okstra plan import FILE",
        ) from None
    if edited is None or edited == text:
        run.answer({"changed": False}, said="left as it is")
        return
    found, findings = plans.read(edited, "plan.toml", "toml")
    try:
        plan = plans.require_sound(found, findings, "plan.toml")
        _warn(run, findings, "plan.toml")
        after = plans.import_plan(run.context, task, plan, dry_run=run.dry_run)
    except OkstraError as error:
        if run.dry_run:
            raise
        kept = plans.keep_draft(run.context, task, edited)
        hint = f"your text is kept; mend it there, then: git okstra plan import {names.typed(kept)}"
        raise OkstraError(error.code, error.message, hint) from None
    said = f"{'would be ' if run.dry_run else ''}imported; {_follow(after)}"
    run.answer({"changed": True, "digest": plan.digest(), "approved": after.valid}, plan.digest(), said)


@output.command("plan template")
def template(run: output.Invocation) -> None:
    """Print an example of a plan, with explanations, to begin from."""
    text = resources.read("share/templates/plan.toml")
    run.answer({"template": text}, text.rstrip("\n"))


for _part in (import_, show, check, approve, edit, template):
    command.add_command(_part)
