"""`git okstra remove`."""

from __future__ import annotations

from typing import Any

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.operations import remove, targets


@output.command("remove", changes=True)
@click.argument("what")
@output.task_option
@click.option("-f", "--force", is_flag=True, help="Take uncommitted changes and untracked files along to the trash.")
@click.option("-D", "--unmerged", is_flag=True, help="Take commits along that are on no other branch.")
def command(run: output.Invocation, what: str, task_name: str | None, force: bool, unmerged: bool) -> None:
    """Remove a worktree with its branch and reservation; all of it goes to the trash.

    WHAT is a stage number, or a task, which goes with all its stages. Refused while work would be lost from sight;
    'git okstra restore' brings everything back. Prints the trash ids, that of the task first.
    """
    ctx = run.context
    target = targets.what(ctx, what, task_name)
    removed = remove.remove(ctx, target, force_dirty=force, force_unmerged=unmerged, dry_run=run.dry_run)
    run.answer(
        document(removed),
        "\n".join(one.trash for one in _restorable(removed)),
        said(removed, "removed", run.dry_run),
    )


def document(removed: remove.Removed) -> dict[str, Any]:
    """The JSON fields of what was removed."""
    return {
        "removed": [
            {
                "key": names.stage_key(one.key, one.number),
                "trash": one.trash or None,
                "path": one.path,
                "branch": one.branch,
                "tip": one.tip,
                "uncommitted": one.uncommitted,
            }
            for one in removed.items
        ]
    }


def said(removed: remove.Removed, verb: str, dry_run: bool) -> str:
    """What a person is told: a line for each, and how to get it back."""
    lines = []
    for one in removed.items:
        files = f", {names.counted(one.uncommitted, 'uncommitted file')}" if one.uncommitted else ""
        stays = "" if one.trash or dry_run else ", where everything stays as it is"
        lines.append(f"{'would be ' if dry_run else ''}{verb}: {names.label(one.number)} '{one.path}'{files}{stays}")
    return names.printable_lines([*lines, *ways_back(removed)])


def ways_back(removed: remove.Removed) -> list[str]:
    """How to get each back, in the order that works: a stage comes back into its task."""
    return [f"bring it back: {one.restore}" for one in _restorable(removed)]


def _restorable(removed: remove.Removed) -> list[remove.Gone]:
    return [one for one in sorted(removed.items, key=lambda one: (one.key, one.number)) if one.trash]
