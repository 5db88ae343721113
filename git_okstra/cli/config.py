"""`git okstra config` and its parts."""

from __future__ import annotations

import click

from git_okstra.cli import output
from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.operations import configuration

_scope = click.option(
    "--scope",
    type=click.Choice(["global", "project", "clone"]),
    default="clone",
    help="Whose file: every repository's, the committed .okstra.toml, or this clone's.",
)


@click.group("config", no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Settings, with scopes: built-in, global, project, clone, environment, option; later wins."""


def _document(line: configuration.Line) -> dict[str, object]:
    value = list(line.value) if isinstance(line.value, tuple) else line.value
    return {"key": line.key, "scope": line.scope, "value": value, "origin": line.origin, "wins": line.wins}


@output.command("config get")
@click.argument("key")
@click.option(
    "--scope",
    type=click.Choice(["all", "built-in", "global", "project", "clone", "environment"]),
    help="What one scope says, or with 'all' what each says and which wins.",
)
def get(run: output.Invocation, key: str, scope: str | None) -> None:
    """Print the value of a setting."""
    if scope is None:
        line = configuration.winning(run.context, key)
        run.answer(_document(line), line.text)
        return
    lines = [line for line in configuration.every(run.context, key) if scope in ("all", line.scope)]
    if not lines:
        raise OkstraError(
            "bad-config", f"{key} is not set in the scope '{scope}'", f"git okstra config get {key} --scope all"
        )
    shown = [
        f"{'*' if line.wins else ' '} {line.scope:<11} {line.text}{'  (' + line.origin + ')' if line.origin else ''}"
        for line in lines
    ]
    result = names.printable_lines(shown) if scope == "all" else lines[0].text
    run.answer({"key": key, "scopes": [_document(line) for line in lines]}, result)


@output.command("config set", changes=True)
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@_scope
def set_(run: output.Invocation, key: str, values: tuple[str, ...], scope: str) -> None:
    """Write a setting into the file of a scope, this clone's unless named.

    A list is given as several VALUEs, or as one with commas.
    """
    path, value = configuration.set_value(run.context, key, values, scope, dry_run=run.dry_run)
    shown = list(value) if isinstance(value, tuple) else value
    said = f"{key} {'would be' if run.dry_run else 'is'} set in '{path}'"
    run.answer({"key": key, "scope": scope, "value": shown, "path": path}, said=names.printable(said))


@output.command("config unset", changes=True)
@click.argument("key")
@_scope
def unset(run: output.Invocation, key: str, scope: str) -> None:
    """Take a setting out of the file of a scope."""
    path, was = configuration.unset_value(run.context, key, scope, dry_run=run.dry_run)
    would = "would be" if run.dry_run else "is"
    said = f"{key} {would} taken out of '{path}'" if was else f"{key} was not set in '{path}'"
    run.answer({"key": key, "scope": scope, "was_set": was, "path": path}, said=names.printable(said))


@output.command("config list")
@click.option("--show-origin", is_flag=True, help="Say which scope, file and line each value comes from.")
def list_(run: output.Invocation, show_origin: bool) -> None:
    """List every setting with the value that counts."""
    lines = configuration.listed(run.context)
    shown = []
    for line in lines:
        origin = f"{line.scope}{' ' + line.origin if line.origin else ''}\t" if show_origin else ""
        shown.append(f"{origin}{line.key} = {line.text}")
    result = "\n".join("\t".join(names.printable(part) for part in line.split("\t")) for line in shown)
    run.answer({"settings": [_document(line) for line in lines]}, result)


@output.command("config trust", changes=True)
@click.option("--yes", is_flag=True, help="Do not ask: the person who types this approves.")
def trust(run: output.Invocation, yes: bool) -> None:
    """Approve exactly the commands that the project's committed file asks for; a change asks again."""
    lists = configuration.project_commands(run.context)
    commands = [command for listed in lists for command in listed]
    known = bool(commands) and configuration.is_trusted(run.context, lists)
    if commands and not known:
        output.say("the project's file wants to run:")
        for line in commands:
            output.say(f"  {names.printable(line)}")
        run.decide("allow exactly these commands?", yes, "trusting commands")
        if not run.dry_run:
            configuration.trust_commands(run.context, lists)
    if not commands:
        said = "the project's file runs no commands; nothing to trust"
    elif known:
        said = "the commands of the project's file are trusted already"
    else:
        said = f"they {'would be' if run.dry_run else 'are'} trusted"
    run.answer({"commands": commands, "was_trusted": known}, said=said)


@output.command("config untrust", changes=True)
def untrust(run: output.Invocation) -> None:
    """Take back every approval of commands in this clone."""
    was = configuration.untrust_commands(run.context, dry_run=run.dry_run)
    would = "would be" if run.dry_run else "are"
    said = f"no commands {would} trusted any more" if was else "no commands were trusted"
    run.answer({"was_trusted": was}, said=said)


for _part in (get, set_, unset, list_, trust, untrust):
    command.add_command(_part)
