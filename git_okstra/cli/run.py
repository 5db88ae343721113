"""`git okstra run`."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from typing import Any, Protocol

import click

from git_okstra.cli import brief, json_answer, output, run_words
from git_okstra.core import names, setting_values
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.git import stopping
from git_okstra.operations import ground, plans, run_agents, running, targets
from git_okstra.operations.running import Event, Foretold, Request


class WithCommand(click.Command):
    """A command that takes the command line of another one behind `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put what stands behind the first `--` aside, in `ctx.meta`."""
        end = args.index("--") if "--" in args else len(args)
        ctx.meta["git_okstra.command"] = args[end + 1 :] if "--" in args else None
        try:
            return super().parse_args(ctx, args[:end])
        except (click.BadParameter, click.NoSuchOption) as error:
            if "--" in args or not _is_in_a_command(error, args):
                raise
            said = "the command comes after '--': git okstra run [N]... -- COMMAND"
            raise click.UsageError(said, ctx) from None


def _is_in_a_command(error: click.UsageError, args: list[str]) -> bool:
    """Whether what could not be read is a word of a command, typed where the numbers of stages belong."""
    if isinstance(error, click.NoSuchOption):
        words = [word for word in args if not word.startswith("-") and not word.isdigit()]
        return bool(words) and not error.option_name.startswith("--")
    return isinstance(error, click.BadParameter) and error.param is not None and error.param.name == "numbers"


class View(Protocol):
    """Who shows what happens."""

    def show(self, event: Event) -> None:
        """Show it."""


@output.command("run", changes=True, cls=WithCommand)
@click.argument("numbers", type=click.IntRange(1), nargs=-1, metavar="[N]... -- COMMAND [ARG]...")
@output.task_option
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="COUNT", help="How many stages are worked on at once.")
@click.option("--agent", metavar="NAME", help="Run the command that the setting agents.NAME.command holds.")
@click.option("--keep-going", is_flag=True, help="Go on with what does not stand on a failed stage; the default.")
@click.option("--fail-fast", is_flag=True, help="End everything as soon as one stage has failed.")
@click.option("--retry", type=click.IntRange(0), default=0, metavar="COUNT", help="Try a failed stage again, so often.")
@click.option("--timeout", metavar="TIME", help="End a command that takes longer: seconds, or such as 10m or 1h30m.")
@click.option("--output", "show_output", is_flag=True, help="Show what the commands write, the stage in front.")
def command(
    run: output.Invocation,
    numbers: tuple[int, ...],
    task_name: str | None,
    jobs: int | None,
    agent: str | None,
    keep_going: bool,
    fail_fast: bool,
    retry: int,
    timeout: str | None,
    show_output: bool,
) -> None:
    """Work the plan off: open each stage that is ready, run a command in its worktree, close it and merge it.

    Without N all stages of the plan; a stage that is named brings along those that it depends on. The command is what
    stands behind '--', or an agent's. Exit status 0 of it closes the stage, with all checks; then the stage is merged,
    and what has become ready is opened. Run again, it goes on where it stopped.
    """
    typed = click.get_current_context().meta["git_okstra.command"]
    if keep_going and fail_fast:
        raise OkstraError("usage", "--keep-going and --fail-fast exclude each other", "git okstra help run")
    if (agent is None) == (not typed):
        what = "both an agent and a command were named" if typed else "no command was named"
        raise OkstraError(
            "usage",
            what,
            "run a command in each stage: git okstra run -- COMMAND\nor an agent: git okstra run --agent NAME",
        )
    limit = _seconds(timeout)
    ctx = run.context
    task = targets.task(ctx, task_name)
    if agent is not None:
        words = run_agents.command(ctx, task, agent)
    else:
        words = tuple(typed)
        run_agents.require_program(words)
    live = not run.as_json and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    tail = f"--agent {names.typed(agent)}" if agent is not None else f"-- {names.printable(shlex.join(words))}"
    request = Request(
        numbers=numbers,
        words=words,
        agent=agent,
        jobs=jobs or os.cpu_count() or 1,
        render=brief.text,
        again=lambda number: run.addressed(f"git okstra run {number}") + f" {tail}",
        fail_fast=fail_fast,
        retries=retry,
        timeout=limit,
        follow=live or show_output,
    )
    if run.dry_run:
        _foretell(run, task, running.foretell(ctx, task, request), request)
        return
    events = running.run(ctx, task, request)
    if run.as_json:
        _stream(run, events, show_output)
    elif live:
        from git_okstra.cli import run_live

        with run_live.Live(run, plans.require_approved(ctx, task), show_output) as view:
            ended = _through(events, view)
        _conclude(run, ended)
    else:
        _conclude(run, _through(events, Lines(run, show_output)))


def _seconds(timeout: str | None) -> float | None:
    if timeout is None:
        return None
    found = setting_values.seconds(f"{timeout}s" if timeout.isascii() and timeout.isdecimal() else timeout)
    if not found:
        raise OkstraError(
            "usage", f"'{names.printable(timeout)}' is no time such as 90, 90s, 10m or 1h30m", "git okstra help run"
        )
    return found


def _through(events: Iterator[Event], view: View) -> dict[str, Any]:
    """Show all events; what the last one says, and the merge commits under `commits`."""
    commits: dict[int, str | None] = {}
    last: dict[str, Any] = {}
    with contextlib.closing(events):  # type: ignore[type-var]
        for event in events:
            with stopping.shielded():  # a picture is painted to its end
                view.show(event)
            if event.kind == "merged" and event.stage is not None:
                commits[event.stage] = event.data["commit"]
            last = dict(event.data)
    return {**last, "commits": commits}


def _conclude(run: output.Invocation, ended: dict[str, Any]) -> None:
    """The merge commits as the result, and what became of the rest; the exit status says whether all is merged."""
    merged = len(ended["commits"])  # what was merged before it began is not its doing
    parts = [
        f"{names.counted(merged, 'stage')} merged" if merged or not ended["complete"] else "nothing was left to do"
    ]
    for what in ("failed", "stopped", "left"):
        if ended[what]:
            parts.append(f"{len(ended[what])} {what}")
    said = ", ".join(parts)
    lines = [f"{number} {commit}" for number, commit in ended["commits"].items() if commit]
    run.answer({}, "\n".join(lines), said)
    run.end(0 if ended["complete"] else 1)


class Lines:
    """Says what happens in plain lines."""

    def __init__(self, run: output.Invocation, show_output: bool) -> None:
        self._run = run
        self._show_output = show_output

    def show(self, event: Event) -> None:
        """Say it, when a person is to know."""
        error = run_words.failure(event)
        if error is not None:
            sys.stderr.flush()
            output.fail(self._run.addressed_error(error), as_json=False)
            return
        line = run_words.told(event)
        if line and (event.kind != "output" or self._show_output):
            output.say(line)


def _stream(run: output.Invocation, events: Iterator[Event], show_output: bool) -> None:
    """One line for each event, errors too."""
    complete = False

    def write(document: dict[str, Any]) -> None:
        click.echo(json_answer.text(document, indent=None))
        sys.stdout.flush()

    try:
        with contextlib.closing(events):  # type: ignore[type-var]
            for event in events:
                if event.kind == "tick" or (event.kind in ("output", "progress") and not show_output):
                    continue
                about = {} if event.stage is None else {"stage": event.stage}
                write({"schema": "okstra.run/1", "event": event.kind, "time": event.time, **about, **event.data})
                complete = event.data.get("complete", False)
    except OkstraError as error:
        write({"error": output.error_fields(run.addressed_error(error))})
        run.end(error.status)
    except KeyboardInterrupt:
        stopping.deaf()
        hint = "to go on, run the same command again"
        stopped = OkstraError("interrupted", "stopped before it was done", hint)
        write({"error": output.error_fields(stopped)})
        run.end(stopping.status())
    else:
        run.end(0 if complete else 1)


def _foretell(run: output.Invocation, task: Task, found: Foretold, request: Request) -> None:
    words = {"open": "would be opened", "resume": "would go on where it stands", "merge": "would be merged"}
    lines = [f"{turn}: stage {number} {words[action]}" for number, action, turn in found.steps]
    lines += [f"stage {number} is worked on by another run" for number in found.awaited]
    for number, causes in found.left.items():
        free = "this command runs in it" if number in found.around else "somebody else has it"
        why = f"it stands on {ground.listed(causes)}" if causes else free
        lines.append(f"stage {number} would be left, for {why}")
    said = f"at most {request.jobs} at once" if found.steps else "nothing is left to do"
    document = {
        "event": "foretold",
        "task": {"key": str(task.key), "id": task.id},
        "jobs": request.jobs,
        "command": list(request.words),
        "steps": [{"stage": number, "action": action, "turn": turn} for number, action, turn in found.steps],
        "merged": list(found.merged),
        "awaited": list(found.awaited),
        "left": sorted(found.left),
    }
    run.answer(document, "\n".join(lines), said)
