"""How commands speak: the result to standard output, what a person is told to standard error, or one JSON document."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from git_okstra.cli import json_answer, speaking
from git_okstra.core import addressing
from git_okstra.core.errors import OkstraError
from git_okstra.operations import targets
from git_okstra.operations.context import Context

TYPED = "git_okstra.typed"
"""Under this name click's context keeps the command line as it was typed, after `git okstra`."""

coloured = speaking.coloured
say = speaking.say


def error_fields(error: OkstraError) -> dict[str, str]:
    """An error as documents have it."""
    return {"code": error.code, "message": error.message, "hint": error.hint}


def fail(error: OkstraError, as_json: bool) -> int:
    """Report the error and return its exit status."""
    if as_json:
        document = {"error": error_fields(error)}
        with speaking.heard_or_not(sys.stdout):
            click.echo(json_answer.text(document))
        return error.status
    colour = coloured(sys.stderr)
    first, *more = map(speaking.shown, error.message.split("\n"))
    head = click.style(f"error [{error.code}]:", fg="red", bold=True) if colour else f"error [{error.code}]:"
    lines = [f"okstra: {head} {first}", *(f"okstra: {line}".rstrip() for line in more)]
    for hint in map(speaking.shown, error.hint.splitlines()):
        word = click.style("hint:", fg="cyan") if colour else "hint:"
        lines.append(f"okstra: {word} {hint}")
    with speaking.heard_or_not(sys.stderr):
        click.echo("\n".join(lines), err=True, color=colour)
    return error.status


class Invocation(speaking.Speaker):
    """One run of one command: where it runs, and how it answers and asks."""

    def __init__(self, name: str, as_json: bool, dry_run: bool) -> None:
        super().__init__(name, as_json, dry_run)
        self.status = 0

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: a terminal on standard input and standard error, and no `--json`."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()

    def addressed(self, text: str) -> str:
        """`text`, its commands naming the task that this one works on where they would reach another without it.

        What is raised, noted or said passes through here by itself.
        """
        task = self.context.task if "context" in vars(self) else None
        if task is None or "git okstra " not in text:
            return text
        name = targets.name_to_type(self.context, task)
        return text if name is None else addressing.addressed(text, name, _takes_task)

    def give(self, text: str) -> None:
        """Put a text on standard output, with the colours in it only where they are shown."""
        sys.stdout.flush()
        click.echo(text, color=coloured(sys.stdout))

    def addressed_error(self, error: OkstraError) -> OkstraError:
        """The error, the commands in its hint naming the task as `addressed` does."""
        error.hint = self.addressed(error.hint)
        return error

    def end(self, status: int) -> None:
        """Let this be the exit status, though something was done. Called last."""
        self.status = status

    def ask(self, question: str) -> bool:
        """Put a yes-or-no question to the person; False is the default answer."""
        return click.confirm(question, default=False, err=True)

    def choose(self, question: str, menu: Sequence[str], prompt: str, default: str | None = None) -> str:
        """Have the person choose from the menu by number, or type something else; what was chosen or typed."""
        say(question)
        for number, line in enumerate(menu, 1):
            say(f"  {number}) {line}")
        answer = str(click.prompt(prompt, default=default, err=True)).strip()
        return menu[int(answer) - 1] if answer.isdecimal() and 1 <= int(answer) <= len(menu) else answer

    def chosen_task(self, error: OkstraError) -> str | None:
        """The task that a person chooses where `error` says that several are open; None where it says something else,
        or nobody can be asked."""
        if error.code != "ambiguous-task" or not self.interactive:
            return None
        tasks = targets.open_tasks(self.context)
        if error.message != targets.several_open(tasks).message:
            return None
        menu = {f"{task.id}  {task.title}".rstrip(): f"{task.key.group}/{task.key.task}" for task in tasks}
        answer = self.choose("several tasks are open; which one?", list(menu), "number, or a task")
        return menu.get(answer, answer)

    def decide(self, question: str, yes: bool, what: str, words: str = "") -> None:
        """Require a person's decision: `--yes`, or yes on a terminal. Raises `needs-yes`; a no ends with status 1.

        `words` are what was typed after the command.
        """
        if yes or self.dry_run:
            return
        if not self.interactive:
            raise OkstraError(
                "needs-yes",
                f"{what} is a person's decision",
                f"if you are that person: git okstra {' '.join(filter(None, (self.name, words)))} --yes",
            )
        if not self.ask(question):
            say("left as it is")
            raise click.exceptions.Exit(1)


def _takes_task(words: Sequence[str]) -> bool:
    """Whether the command of these words, those after `git okstra`, has the option `--task`."""
    here = click.get_current_context()
    found: click.Command | None = here.find_root().command
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(here, word)
    return found is not None and any(option.name == "task_name" for option in found.params)


def command(name: str, *, json: bool = True, changes: bool = False, **settings: Any) -> Callable[..., click.Command]:
    """A click command whose function takes an Invocation and the options; with `--json`, `--dry-run` and `-h`."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def run(*arguments: Any, **options: Any) -> Any:
            as_json = bool(options.pop("as_json", False))
            dry_run = bool(options.pop("dry_run", False))
            invocation = Invocation(name, as_json, dry_run)
            try:
                with _recorded(invocation) if changes and not dry_run else contextlib.nullcontext():
                    answer = function(*arguments, invocation, **options)
            except OkstraError as error:
                chosen = invocation.chosen_task(error) if options.get("task_name", "") is None else None
                if chosen is None:
                    invocation.addressed_error(error)
                    raise
            else:
                if changes and not dry_run:
                    _tell_hooks(invocation.context)
                if invocation.status:
                    raise click.exceptions.Exit(invocation.status)
                return answer
            return run(*arguments, **{**options, "task_name": chosen, "as_json": as_json, "dry_run": dry_run})

        wrapped: Callable[..., Any] = run
        if json:
            wrapped = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(wrapped)
        if changes:
            dry = click.option("--dry-run", "-n", is_flag=True, help="Say what would be done, change nothing.")
            wrapped = dry(wrapped)
        context = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        make: Callable[[Callable[..., Any]], click.Command]
        make = click.command(name.split(" ")[-1], context_settings=context, **settings)
        return make(wrapped)

    return wrap


def _recorded(invocation: Invocation) -> contextlib.AbstractContextManager[None]:
    """What is done in the block goes into the operation log."""
    from git_okstra.operations import recording

    root = click.get_current_context().find_root()
    return recording.recorded(invocation.context, root.meta.get(TYPED, (invocation.name,)))


def _tell_hooks(context: Context) -> None:
    """Have the hooks know what was changed. They find out by themselves where that fails, but more slowly."""
    from git_okstra.operations import policing

    with contextlib.suppress(OkstraError):
        policing.renew(context)


def task_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--task ID`, for commands that work on one task."""
    return click.option("--task", "task_name", metavar="ID", help="The task, when it is not the one stood in.")(
        function
    )
