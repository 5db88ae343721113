"""`git okstra list`."""

from __future__ import annotations

import click

from git_okstra.cli import documents, output, tables
from git_okstra.operations import listing


@output.command("list")
@click.option("--all", "everywhere", is_flag=True, help="The tasks of every repository of this machine.")
@click.option("--no-dirty", "fast", is_flag=True, help="Do not look into the worktrees for uncommitted changes.")
def command(run: output.Invocation, everywhere: bool, fast: bool) -> None:
    """List the tasks and their stages: state, branch, commits ahead and behind, owner, age and path.

    A task is compared with its base branch, a stage with the task branch. "*" marks uncommitted changes, "=" that there
    is no difference, "!" that 'git okstra conflicts' has found conflicts between just these commits.
    """
    if not everywhere:
        _ = run.context.common_dir  # a clear error outside a repository
    rows = listing.rows(run.context, everywhere=everywhere, dirty=not fast)
    cells, styles = [], []
    for task in rows:
        name = str(task.task.key) if everywhere else task.task.id
        cells.append(
            [
                name,
                tables.state(task),
                task.task.branch,
                tables.counts(task),
                task.owner or "",
                tables.age(task.since),
                task.path or "",
            ]
        )
        styles.append("bold" if not task.trouble else tables.style(task))
        for stage in task.stages:
            started = stage.branch is not None
            cells.append(
                [
                    f"  {stage.number} {stage.title}",
                    tables.state(stage),
                    stage.branch or "",
                    tables.counts(stage) if started else "",
                    stage.owner or "",
                    tables.age(stage.since) if started else "",
                    stage.path or "",
                ]
            )
            styles.append(tables.style(stage))
    document = documents.tasks(rows)
    if run.as_json or not rows:
        left_out = bool(run.context.notes)
        said = "see why: git okstra doctor" if left_out else "no task is open; begin with: git okstra start feat ID"
        run.answer(document, said=said)
        return
    table = tables.draw(["TASK", "STATE", "BRANCH", "+/-", "OWNER", "AGE", "PATH"], cells, styles)
    run.answer(document, table)
