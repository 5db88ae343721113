"""`git okstra prune`."""

from __future__ import annotations

from git_okstra.cli import output
from git_okstra.cli.remove import document, ways_back
from git_okstra.core import names, tasks
from git_okstra.operations import prune, remove


@output.command("prune", changes=True)
def command(run: output.Invocation) -> None:
    """Remove the worktrees of tasks whose work is in their base branch, and empty the old trash.

    Work counts as in when it was merged, rebased or squash merged. Each task that stays is explained. Worktrees that
    okstra does not hold are never touched.
    """
    done = prune.prune(run.context, dry_run=run.dry_run)
    would = "would be " if run.dry_run else ""
    removed = remove.Removed(done.removed)
    kept = remove.Removed(tuple(one for one in done.removed if one.trash not in done.emptied))
    lines = [f"{would}removed: {tasks.called(one.key.task, one.number)} '{one.path}'" for one in done.removed]
    lines += ways_back(kept)
    lines += [f"left: {one.key}, because {one.reason}" for one in done.left]
    lines += [f"{would}emptied from the trash: {name}" for name in done.emptied]
    if done.runs:
        lines.append(f"{would}removed: what the commands of {names.counted(len(done.runs), 'old run')} wrote")
    fields = {
        **document(removed),
        "left": [{"key": str(one.key), "reason": one.reason} for one in done.left],
        "emptied": list(done.emptied),
        "runs": list(done.runs),
    }
    run.answer(fields, "", names.printable_lines(lines) or "nothing to prune")
