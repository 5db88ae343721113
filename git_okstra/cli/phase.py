"""`git okstra phase`."""

from __future__ import annotations

from git_okstra.cli import output
from git_okstra.operations import phase, targets


@output.command("phase")
@output.task_option
def command(run: output.Invocation, task_name: str | None) -> None:
    """Show the phase that the task is in, and what it permits."""
    task = targets.task(run.context, task_name)
    shown = phase.show(task)
    here, after = shown.phase, shown.following
    document = {
        "task": {"key": str(task.key), "id": task.id},
        "lifecycle": task.lifecycle,
        "phase": here.name,
        "next": after.name if after else None,
        "permits": {"task_commits": here.task_commits, "stage_commits": here.stage_commits, "push": here.push},
    }
    said = "\n".join(
        [
            f"commits on the task branch: {here.task_commits}",
            f"commits on stage branches: {here.stage_commits}",
            f"push: {here.push}",
        ]
    )
    run.answer(document, here.name, said)
