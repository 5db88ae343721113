"""`git okstra sync`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from git_okstra.cli import output
from git_okstra.core import names, syncing
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.operations import sync, targets
from git_okstra.operations.context import Context
from git_okstra.operations.sync import Synced


@output.command("sync", changes=True)
@click.argument("what", nargs=-1, metavar="[N|task]...")
@output.task_option
@click.option("--all", "everything", is_flag=True, help="Every stage of one's own that is behind.")
@click.option("--rebase", is_flag=True, help="Make the stage's commits anew, if they were never pushed, and merge not.")
@click.option("--continue", "resume", is_flag=True, help="Go on after the conflicts were resolved.")
@click.option("--abort", is_flag=True, help="Give up what stopped; the branch stays where it was.")
def command(
    run: output.Invocation,
    what: tuple[str, ...],
    task_name: str | None,
    everything: bool,
    rebase: bool,
    resume: bool,
    abort: bool,
) -> None:
    """Bring a stage up to date that is behind what it stands on, because that was done again; or the task.

    A stage is merged with the new head of its dependency, or with the task branch when it has several; 'task' is merged
    with its base branch. Without N it is the stage whose worktree one stands in, else one's only started stage. A
    conflict stops there with the files named. Prints a line "N COMMIT" for each that was behind.
    """
    if resume + abort > 1 or ((resume or abort) and (everything or rebase or len(what) > 1)) or (everything and what):
        raise OkstraError(
            "usage", "--all takes no N; --continue and --abort take one and no other option", "git okstra help sync"
        )
    ctx = run.context
    task = targets.task(ctx, task_name)
    if resume or abort:
        number = _number(what[0]) if what else _stopped(ctx, task)
        if abort:
            tip = sync.abort(ctx, task, number, dry_run=run.dry_run)
            verb = "would be" if run.dry_run else "is"
            said = f"bringing {names.label(number)} up to date {verb} given up; its branch stays at {tip[:12]}"
            run.answer({**_head(task), "number": number, "aborted": True}, said=said)
            return
        _answer(run, task, (sync.resume(ctx, task, number, dry_run=run.dry_run),))
        return
    if everything:
        outcome = sync.sync_all(ctx, task, rebase=rebase, dry_run=run.dry_run)
        for one, error in outcome.refused.items():
            first = error.hint.split("\n")[0]
            ctx.note(f"stage {one} was left as it is [{error.code}]: {error.message}; {first}")
        _answer(run, task, outcome.done, outcome.refused)
        if outcome.refused:
            run.end(1)
        return
    numbers = [_number(word) for word in what] or [targets.stage_number(ctx, task, None, verb="sync")]
    _answer(run, task, sync.sync(ctx, task, numbers, rebase=rebase, dry_run=run.dry_run))


def _number(word: str) -> int:
    if word == "task":
        return names.TASK
    digits = word.removeprefix("s")
    if not digits.isascii() or not digits.isdigit() or not 1 <= int(digits[:9]) <= 9999:
        raise OkstraError(
            "usage", f"'{names.printable(word)}' is neither a stage's number nor 'task'", "git okstra sync 3"
        )
    return int(digits)


def _stopped(ctx: Context, task: Task) -> int:
    """What there is to continue or to give up, when nothing is named."""
    standing = targets.here(ctx)
    left = sync.stopped(ctx, task)
    if standing is not None and standing.task.key == task.key and (standing.number in left or not left):
        return standing.number
    if len(left) == 1:
        return left[0]
    if not left:
        raise OkstraError(
            "no-merge", f"nothing of {names.printable(task.id)} is being brought up to date", "begin: git okstra sync"
        )
    listed = ", ".join(map(names.label, left))
    raise OkstraError("ambiguous-stage", f"several are not over: {listed}", f"name one: git okstra sync {left[-1]} …")


def _head(task: Task) -> dict[str, object]:
    return {"task": {"key": str(task.key), "id": task.id, "branch": task.branch}}


def _answer(
    run: output.Invocation, task: Task, done: Sequence[Synced], refused: Mapping[int, OkstraError] | None = None
) -> None:
    document = {
        **_head(task),
        "synced": [
            {
                "number": one.number,
                "status": one.status,
                "head": one.head,
                "base": one.base,
                "old_base": one.old,
                "rebased": one.rebased,
            }
            for one in done
        ],
        "refused": [{"number": number, **output.error_fields(error)} for number, error in (refused or {}).items()],
    }
    moved = [one for one in done if one.status == sync.SYNCED]
    lines = "\n".join(f"{syncing.name(one.number)} {one.head}" for one in moved if one.head)
    said = "\n".join(_said(one, run.dry_run) for one in done)
    run.answer(document, lines, said or ("" if refused else "no stage of yours is behind"))


def _said(one: Synced, dry_run: bool) -> str:
    what = "the task" if one.number == names.TASK else names.label(one.number)
    if one.status == sync.UP_TO_DATE:
        return f"{what} is up to date"
    verb = "would be" if dry_run else "is"
    how = "rebased onto" if one.rebased else "brought up to date with"
    return f"{what} {verb} {how} {(one.base or '')[:12]}"
