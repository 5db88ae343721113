"""The command group: a command's module is imported when it is called for; every ending becomes an exit status."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from git_okstra.cli import output, speaking
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.git import stopping

# The order is the order of the manual. name -> module under git_okstra.cli
COMMANDS: dict[str, str] = {
    "init": "init",
    "start": "start",
    "plan": "plan",
    "stage": "stage",
    "done": "done",
    "reopen": "reopen",
    "abandon": "abandon",
    "takeover": "takeover",
    "merge": "merge",
    "run": "run",
    "conflicts": "conflicts",
    "sync": "sync",
    "phase": "phase",
    "verify": "verify",
    "handoff": "handoff",
    "list": "list",
    "status": "status",
    "watch": "watch",
    "who": "who",
    "path": "path",
    "exec": "exec",
    "brief": "brief",
    "log": "log",
    "graph": "graph",
    "timeline": "timeline",
    "remove": "remove",
    "prune": "prune",
    "restore": "restore",
    "release": "release",
    "undo": "undo",
    "config": "config",
    "hooks": "hooks",
    "guard": "guard",
    "doctor": "doctor",
    "tour": "tour",
    "shell-init": "shell_init",
    "help": "help",
}


def unknown_command(name: str, before: str = "git okstra") -> OkstraError:
    """The refusal of a command that does not exist, with the near miss; `before` is what was typed before it."""
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, 1)
    return OkstraError(
        "usage",
        f"there is no command '{names.printable(name)}'",
        f"did you mean: {before} {near[0]}" if near else "see them all: git okstra -h",
    )


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the manual's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module imported; None for an unknown name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = importlib.import_module(f"git_okstra.cli.{module}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with the near miss named."""
        name = args[0]
        ctx.find_root().meta[output.TYPED] = tuple(args)
        if not name.startswith("-") and name not in COMMANDS:
            raise unknown_command(name)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Like click's, but a command that is stopped says so once: click would put an empty line before it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            stopping.deaf()
            raise _stopped() from None


@click.group(
    cls=LazyGroup,
    name="git okstra",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=False,
    no_args_is_help=True,
)
@click.version_option(message="git-okstra version %(version)s", package_name="git-okstra")
def root() -> None:
    """One ticket, several worktrees, nothing lost.

    Gives a ticket its own worktree and branch, splits it into stages that several people or coding agents work on at
    once, and brings the stages together again.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit status."""
    as_json = "--json" in (arguments[: arguments.index("--")] if "--" in arguments else arguments)
    try:
        _run(arguments)
        sys.stdout.flush()
    except OkstraError as error:
        status = output.fail(error, as_json)
        return stopping.status() if error.code == "interrupted" else status
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.exceptions.UsageError as error:
        context = error.ctx.command_path if error.ctx else "git okstra"
        words = context.removeprefix("git okstra").split()
        # click writes sentences, git does not.
        message = error.format_message().rstrip(".")
        hint = " ".join(["git okstra help", *words[:1]])
        usage = OkstraError("usage", message[:1].lower() + message[1:], hint)
        return output.fail(usage, as_json)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return interrupted(as_json)
    except click.exceptions.Exit as done:
        return done.exit_code
    except OSError as error:
        if error.filename is not None or not _stdout_is_deaf():
            return _fault(error, as_json)
        speaking.silence(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return 1
        said = f"the result cannot be written to standard output: {error.strerror}"
        return output.fail(OkstraError("cannot-write", said, "give it a place to go, and ask again"), False)
    except UnicodeEncodeError as error:
        encoding = sys.getfilesystemencoding()
        if encoding == "utf-8":
            return _fault(error, as_json)
        said = f"the locale's encoding, {encoding}, has no way to name '{error.object}'"
        return output.fail(OkstraError("bad-config", said, "use UTF-8: LC_ALL=C.UTF-8 git okstra …"), as_json)
    except Exception as error:  # the last line of defence: a fault of ours, said in one message
        return _fault(error, as_json)
    return 0


def interrupted(as_json: bool) -> int:
    """Say that a signal stopped the command; the exit status that a shell has for it."""
    stopping.deaf()
    output.fail(_stopped(), as_json)
    return stopping.status()


def _stopped() -> OkstraError:
    return OkstraError("interrupted", "stopped before it was done", "to go on, run the same command again")


def _stdout_is_deaf() -> bool:
    """Whether standard output takes nothing. Only trying tells: what could not be written is forgotten by then."""
    try:
        os.write(sys.stdout.fileno(), b"\n")
    except OSError:
        return True
    return False


def _fault(error: Exception, as_json: bool) -> int:
    if os.environ.get("OKSTRA_TRACE", "0") not in ("", "0"):
        import traceback

        traceback.print_exc()
    fault = OkstraError(
        "internal",
        f"a fault in git okstra: {type(error).__name__}: {error}",
        "see where, and report it: OKSTRA_TRACE=1 git okstra …",
    )
    return output.fail(fault, as_json)


def _run(arguments: Sequence[str]) -> None:
    status = root.main(list(arguments), prog_name="git okstra", standalone_mode=False)
    if isinstance(status, int) and status:
        raise click.exceptions.Exit(status)
