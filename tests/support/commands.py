"""The commands as click knows them, for tests that hold something against them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from git_okstra.cli import dispatch

COMMON = {"as_json", "dry_run", "help", "version"}
"""Parameters that git-okstra(1) describes once for all commands."""


@dataclass(frozen=True)
class Leaf:
    """A command that does something: `words` are what is typed after `git okstra`, `page` its manual page."""

    words: tuple[str, ...]
    command: click.Command

    @property
    def name(self) -> str:
        """`plan import`."""
        return " ".join(self.words)

    @property
    def page(self) -> str:
        """The file of the manual page that tells about it."""
        from git_okstra.cli import help as help_command

        return help_command.page(self.words[0])

    @property
    def arguments(self) -> str:
        """Its arguments as click's usage shows them."""
        # The names of the help option are kept by click from the first context that it sees.
        pieces = self.command.collect_usage_pieces(click.Context(self.command, **self.command.context_settings))
        return " ".join(piece for piece in pieces if piece != "[OPTIONS]")

    @property
    def own_options(self) -> list[click.Option]:
        """The options that only its own page describes."""
        return [one for one in options(self.command) if one.name not in COMMON]

    def takes(self, parameter: str) -> bool:
        """Whether it has the common option that click calls `parameter`."""
        return any(one.name == parameter for one in options(self.command))


def options(command: click.Command) -> list[click.Option]:
    """The options of a command, in the order of its help."""
    return [one for one in command.params if isinstance(one, click.Option)]


def names(option: click.Option) -> list[str]:
    """All its names, short ones first."""
    return sorted([*option.opts, *option.secondary_opts], key=lambda name: (name.startswith("--"), name))


def value(option: click.Option) -> str:
    """What its value is called; empty for a flag."""
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice):
        return "|".join(option.type.choices)
    return option.metavar or str(option.type.name).upper()


def label(option: click.Option) -> str:
    """The option as a manual page names it: `-n, --max-count COUNT`."""
    return f"{', '.join(names(option))} {value(option)}".rstrip()


def top() -> list[tuple[str, click.Command]]:
    """The commands right below `git okstra`, in their order."""
    context = click.Context(dispatch.root)
    found = [(name, dispatch.root.get_command(context, name)) for name in dispatch.root.list_commands(context)]
    return [(name, command) for name, command in found if command is not None]


def leaves() -> Iterator[Leaf]:
    """Every command that does something, `plan import` and its like too."""
    for name, command in top():
        if isinstance(command, click.Group):
            for part, inner in command.commands.items():
                yield Leaf((name, part), inner)
        else:
            yield Leaf((name,), command)


def first_sentence(command: click.Command) -> str:
    """The first sentence of its help."""
    text = " ".join((command.help or "").split("\n\n")[0].split())
    head, stop, _ = text.partition(". ")
    return head + "." if stop else text


def parse(words: list[str]) -> None:
    """Read a command line as click would, without running it. Raises click.UsageError."""
    command: click.Command = dispatch.root
    while isinstance(command, click.Group):
        if not words or words[0].startswith("-"):
            break
        inner = command.get_command(click.Context(command), words[0])
        if inner is None:
            raise click.UsageError(f"there is no command {words[0]}")
        command, words = inner, words[1:]
    if isinstance(command, click.Group):
        known = {name for option in options(command) for name in names(option)} | {"-h", "--help"}
        unknown = [word for word in words if word not in known]
        if unknown:
            raise click.UsageError(f"no such option: {unknown[0]}")
        return
    if "-h" in words or "--help" in words:
        return
    command.make_context(command.name or "", list(words))
