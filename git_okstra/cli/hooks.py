"""`git okstra hooks` and its parts."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.operations import hooking


@click.group("hooks", no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """The hooks that hold the line: what the plan and the phase do not allow is refused by git itself."""


@output.command("hooks install", changes=True)
@click.option("--push-guard/--no-push-guard", default=None, help="Judge pushes on the wire too, or no longer.")
def install(run: output.Invocation, push_guard: bool | None) -> None:
    """Install the hooks, or bring them up to date; every hook that is there keeps running."""
    changed = hooking.install(run.context, push_guard=push_guard, dry_run=run.dry_run)
    verb = "would be installed" if run.dry_run else "are installed"
    said = f"the hooks {verb}" if changed else "the hooks were installed already"
    where = hooking.directory(run.context)
    run.answer({"status": "created" if changed else "reused", "directory": where}, where, said)


@output.command("hooks uninstall", changes=True)
@click.option("--yes", is_flag=True, help="Do not ask: the person who types this decides.")
def uninstall(run: output.Invocation, yes: bool) -> None:
    """Take the hooks out again, and leave everything as it was before them."""
    run.decide("take the hooks out? Nothing then holds the plan in this repository", yes, "taking the hooks out")
    there = hooking.uninstall(run.context, dry_run=run.dry_run)
    verb = "would be taken out" if run.dry_run else "are taken out"
    said = (
        f"the hooks {verb}; have them again: git okstra hooks install" if there else "there are no hooks of ours here"
    )
    run.answer({"status": "removed" if there else "absent"}, "", said)


@output.command("hooks status")
def status(run: output.Invocation) -> None:
    """Show, for each worktree, which hooks run and in which order. Exit status 1 when one of ours is missing."""
    found = hooking.status(run.context)
    rows = []
    for worktree in dict.fromkeys(one.worktree for one in found):
        mine = [one for one in found if one.worktree == worktree]
        rows.append(f"{worktree}{' (governed)' if mine[0].governed else ''}")
        rows += [f"  {'on ' if one.active else 'OFF'} {one.event}: {', '.join(one.runs) or 'nothing'}" for one in mine]
    document = {
        "installed": hooking.installed(run.context),
        "hooks": [
            {
                "worktree": one.worktree,
                "governed": one.governed,
                "event": one.event,
                "active": one.active,
                "runs": list(one.runs),
            }
            for one in found
        ],
    }
    off = not all(one.active for one in found)
    run.answer(document, "\n".join(rows), "bring them back: git okstra hooks install" if off else "")
    if off:
        raise click.exceptions.Exit(1)


for part in (install, uninstall, status):
    command.add_command(part)
