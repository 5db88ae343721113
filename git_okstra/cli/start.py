"""`git okstra start`."""

from __future__ import annotations

import click

from git_okstra.cli import documents, output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.operations import start


@output.command("start", changes=True)
@click.argument("category")
@click.argument("id", metavar="ID")
@click.option("--base", metavar="REF", help="The commit the branch starts from.")
@click.option("--group", metavar="NAME", help="The group, instead of the letters before the number of ID.")
@click.option("--title", metavar="TEXT", help="One line saying what the task is about.")
@click.option("--lifecycle", type=click.Choice(["light", "full"]), help="Which lifecycle the task goes through.")
@click.option("--branch", metavar="NAME", help="The branch, instead of CATEGORY-ID.")
@click.option("--fetch", is_flag=True, help="Fetch from the remote first.")
@click.option("--adopt", is_flag=True, help="Take over a branch of that name that exists already.")
@click.option("--worktree", "own_worktree", is_flag=True, help="Make a worktree even inside a linked one.")
@click.option("--exclusive", is_flag=True, help="Refuse instead of giving again what is open already.")
@click.option("--no-hooks", "hooks", is_flag=True, flag_value=False, default=True, help="Install no hooks here.")
@click.option("--skip-ok", is_flag=True, help="Outside a repository, do nothing and succeed.")
def command(run: output.Invocation, skip_ok: bool, **options: str | bool | None) -> None:
    """Give a ticket its own worktree and branch.

    Prints the worktree's path. Started again, the same path is given again. Inside a linked worktree that okstra did
    not make, the task is bound to that worktree and nothing is made.
    """
    request = start.Request(dry_run=run.dry_run, **options)  # type: ignore[arg-type]
    try:
        ctx = run.context
        if run.interactive and start.needs_base(ctx, request):
            options["base"] = _ask_base(run)
            request = start.Request(dry_run=run.dry_run, **options)  # type: ignore[arg-type]
        done = start.start(ctx, request)
    except OkstraError as error:
        if skip_ok and error.code == "not-a-repository":
            run.answer({"status": "skipped-not-git"}, said="not a git repository; skipped")
            return
        raise
    task = done.task
    document: dict[str, object] = {
        "status": done.status,
        "path": done.path,
        "owner": done.owner,
        "pid": done.pid,
        "since": done.since,
    }
    if run.as_json:
        known = {"path": done.path, "owner": done.owner, "since": done.since}
        document["task"] = {**documents.task_now(ctx, task), **known}
    run.answer(document, done.path, names.printable(_said(done, run.dry_run)))


def _said(done: start.Started, dry_run: bool) -> str:
    task = done.task
    if done.status == start.REUSED:
        return f"{task.id} has been open since {done.since}, by {done.owner} (process {done.pid}), on '{task.branch}'"
    if done.status == start.IN_PLACE:
        verb = "would be" if dry_run else "is"
        return f"{task.id} {verb} bound to this worktree and its branch '{task.branch}'; no new one is made"
    verb = "would have" if dry_run else "has"
    return f"{task.id} {verb} the branch '{task.branch}', from {task.base_ref} ({task.base_commit[:12]})"


def _ask_base(run: output.Invocation) -> str:
    menu = start.base_menu(run.context)
    question = "which commit shall the branch start from?"
    return run.choose(question, menu, "number, or any commit", menu[0] if menu else "HEAD")
