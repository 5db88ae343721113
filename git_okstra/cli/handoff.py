"""`git okstra handoff`."""

from __future__ import annotations

from typing import Any

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.core.tasks import Task
from git_okstra.operations import handoff, handoff_texts, plans, targets
from git_okstra.operations.context import Context
from git_okstra.operations.handoff import HandedOff, Planned, Ready, Wish

_ACTIONS = {handoff.COMMIT: "commit only", handoff.PULL_REQUEST: "commit + pull request", handoff.SKIP: "skip"}
_ANSWERS = ("use as is", "edit", "cancel")


@output.command("handoff", changes=True)
@output.task_option
@click.option("--action", type=click.Choice([*_ACTIONS]), help="What to do, instead of being asked.")
@click.option("--pr-base", "base", metavar="REF", help="The branch that the pull request is for.")
@click.option("--remote", metavar="NAME", help="The remote to push to; origin, or the only one, unless named.")
@click.option("--message-file", metavar="FILE", help="The commit message, instead of the drafted one.")
@click.option("--title", metavar="TEXT", help="The title of the pull request, instead of the drafted one.")
@click.option("--template", metavar="FILE", help="The template of the pull request's body.")
@click.option("--squash", is_flag=True, help="Make one commit of the branch; the tip it had is kept.")
@click.option("--yes", is_flag=True, help="Use the drafted text as it is.")
def command(run: output.Invocation, task_name: str | None, message_file: str | None, yes: bool, **given: Any) -> None:
    """Hand the verified work over: the commit, the push of the task branch, and the pull request.

    It needs an accepted verdict on the task branch as it is. On a terminal it asks what to do, for which base, and
    whether the drafted text is right. Interrupted, it goes on where it stopped when it is run again. Prints the address
    of the pull request, or of the page that opens one, else the commit.
    """
    ctx = run.context
    task = targets.task(ctx, task_name)
    if given["action"] == handoff.SKIP:
        _skip(run, task)
        return
    message = handoff_texts.read(message_file, "message") if message_file is not None else None
    wish = Wish(message=message, **given)
    found = handoff.ready(ctx, task, wish)
    if found.pending is not None and not run.dry_run:
        ctx.note(f"going on with the hand-off of {found.pending.began}")
        _tell(run, task, handoff.go_on(ctx, found))
        return
    action = wish.action or _ask_action(run)
    if action == handoff.SKIP:
        _skip(run, task)
        return
    wish = replace(wish, action=action)
    if action == handoff.PULL_REQUEST and wish.base is None and run.interactive:
        wish = replace(wish, base=_ask_base(ctx, task))
    planned = handoff.plan(ctx, found, wish, dry_run=run.dry_run)
    if run.dry_run:
        _foretell(run, found, planned)
        return
    if not yes:
        planned = _ask_text(run, planned)
    _tell(run, task, handoff.carry_out(ctx, found, planned))


def _ask_action(run: output.Invocation) -> str:
    if not run.interactive:
        raise OkstraError(
            "usage",
            "what to do cannot be asked for here",
            "git okstra handoff --action commit --yes\nor: git okstra handoff --action pr --pr-base main --yes",
        )
    return list(_ACTIONS)[_choose("what shall be done?", list(_ACTIONS.values()))]


def _ask_base(ctx: Context, task: Task) -> str:
    menu = handoff.menu(ctx, task)
    output.say("which branch is the pull request for?")
    for number, name in enumerate(menu, 1):
        output.say(f"  {number}) {names.printable(name)}")
    answer = str(click.prompt("number, or any branch", default=menu[0] if menu else None, err=True)).strip()
    return menu[int(answer) - 1] if answer.isdigit() and 1 <= int(answer) <= len(menu) else answer


def _ask_text(run: output.Invocation, planned: Planned) -> Planned:
    """The plan with the text that the person agrees to."""
    if not run.interactive:
        if planned.wish.message is not None:
            return planned
        raise OkstraError(
            "needs-yes",
            "the drafted text is for a person to judge",
            "see it: git okstra handoff --dry-run …\n"
            "use it as it is: git okstra handoff --yes …\nor write one: git okstra handoff --message-file FILE …",
        )
    while True:
        run.speak_notes()
        _show(planned)
        answer = _choose("is the text right?", _ANSWERS)
        if answer == 0:
            return planned
        if answer == 2:
            output.say("nothing was done")
            raise click.exceptions.Exit(1)
        planned = _edited(planned)


def _edited(planned: Planned) -> Planned:
    """The plan with its texts from the editor: the commit message where a commit is made, then the pull request's."""
    request = planned.wish.action == handoff.PULL_REQUEST
    if not request or planned.wish.squash:
        message = _edit(planned.text.message)
        planned = planned if message is None else handoff.redraft(planned, message)
    if request:
        edited = _edit(f"{planned.text.title}\n\n{planned.text.body}", ".md")
        planned = planned if edited is None else handoff.with_request(planned, edited)
    return planned


def _edit(text: str, extension: str = ".txt") -> str | None:
    editor = plans.editor()
    try:
        return click.edit(text, editor=editor, extension=extension)
    except click.ClickException:
        raise OkstraError(
            "usage",
            f"there was a problem with the editor '{names.printable(editor or '')}'",
            "use another: GIT_EDITOR=… git okstra handoff\nor give a file: git okstra handoff --message-file FILE",
        ) from None


def _choose(question: str, answers: list[str] | tuple[str, ...]) -> int:
    """The place of the answer that the person gives, by number or word; the first is the default."""
    output.say(question)
    for number, answer in enumerate(answers, 1):
        output.say(f"  {number}) {answer}")
    while True:
        said = str(click.prompt("number", default="1", err=True)).strip().casefold()
        fitting = [place for place, answer in enumerate(answers) if said in (f"{place + 1}", answer)]
        fitting = fitting or [place for place, answer in enumerate(answers) if said and answer.startswith(said)]
        if len(fitting) == 1:
            return fitting[0]


def _show(planned: Planned) -> None:
    if planned.wish.action != handoff.PULL_REQUEST or planned.wish.squash:
        output.say("the commit message:")
        _indent(planned.text.message)
    if planned.wish.action == handoff.PULL_REQUEST:
        output.say(f"the pull request into '{planned.grounds.base}' of {planned.grounds.into}:")
        _indent(f"{planned.text.title}\n\n{planned.text.body}")


def _indent(text: str) -> None:
    for line in text.rstrip("\n").split("\n"):
        output.say(f"  {line}".rstrip())


def _foretell(run: output.Invocation, found: Ready, planned: Planned) -> None:
    if not run.as_json:
        _show(planned)
    where = planned.grounds
    document = {
        **_document(found.task, str(planned.wish.action), found.head),
        "remote": where.remote or None,
        "base": where.base or None,
        "message": planned.text.message,
        "title": planned.text.title,
        "body": planned.text.body,
    }
    done = f"push '{found.task.branch}' at {found.head[:12]} to {where.remote}, and open a pull request"
    if planned.wish.squash:
        done = f"make one commit on {where.fork[:12]}" + (
            f", then {done}" if planned.wish.action == handoff.PULL_REQUEST else ""
        )
    elif planned.wish.action == handoff.COMMIT:
        done = "record the text, and commit what is staged"
    run.answer(document, found.head, said=f"would {done}")


def _skip(run: output.Invocation, task: Task) -> None:
    gave_up = handoff.skip(run.context, task, dry_run=run.dry_run)
    said = "the hand-off that was begun is given up; what it did already stays" if gave_up else "nothing was done"
    run.answer(_document(task, handoff.SKIP, None), said=said)


def _tell(run: output.Invocation, task: Task, done: HandedOff) -> None:
    intent, request = done.intent, done.request
    document = {
        **_document(task, intent.action, intent.handed),
        "made": done.made,
        "squashed": {"old": intent.head, "new": done.made, "backup": done.backup} if done.backup else None,
        "pushed": done.pushed,
        "remote": intent.remote or None,
        "base": intent.base or None,
        "pull_request": {"status": request.status, "url": request.url, "number": request.number} if request else None,
        "compare": done.compare,
        "message": intent.message,
        "title": intent.title,
        "body": intent.body if intent.action == handoff.PULL_REQUEST else None,
        "message_file": done.message,
        "body_file": done.body,
    }
    result = (request.url if request else done.compare) or intent.handed
    run.answer(document, result, said=names.printable_lines(_said(task, done)))


def _said(task: Task, done: HandedOff) -> list[str]:
    intent, lines = done.intent, []
    if done.backup:
        lines.append(
            f"'{task.branch}' is one commit now, {intent.handed[:12]}; the tip it had is kept as {done.backup}"
        )
    elif done.made:
        lines.append(f"what was staged is committed as {done.made[:12]}; before it is pushed: git okstra verify")
    elif intent.action == handoff.COMMIT:
        lines.append("nothing was staged, so nothing was committed")
    if intent.action == handoff.COMMIT:
        return [*lines, f"the text is in '{done.message}'"]
    at = f"'{task.branch}' at {intent.handed[:12]}"
    lines.append(f"{at} is pushed to {intent.remote}" if done.pushed else f"{intent.remote} has {at} already")
    if done.request is not None:
        return [*lines, f"the pull request into '{intent.base}' is {done.request.status}"]
    lines.append(f"no pull request was opened: {done.why}")
    by_hand = (
        f"open it by hand with the title '{intent.title}' and" if done.compare else f"its title is '{intent.title}',"
    )
    return [*lines, f"{by_hand} the text in '{done.body}'"]


def _document(task: Task, action: str, head: str | None) -> dict[str, Any]:
    return {
        "task": {"key": str(task.key), "id": task.id, "branch": task.branch},
        "action": action,
        "head": head,
    }
