"""The lists in share/completions/ of commands, options and what each takes, made from the commands themselves.

`python tests/support/completion_lists.py` writes them anew; a test fails when they are out of date. What can only be
known where one stands (tasks, stages, branches …) the scripts look up when asked; here it is a word with `@`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import click

from git_okstra.core import lifecycle, settings
from support import commands
from support.commands import Leaf

DIRECTORY = Path(__file__).parents[2] / "share" / "completions"
SHELLS = ("bash", "zsh", "fish")

BEGIN = "# >>> Lists made from the commands; write them anew with: python tests/support/completion_lists.py"
END = "# <<< End of the lists"

OF_ARGUMENT = {
    "category": "@categories",
    "file": "@files",
    "id": "@nothing",
    "key": "@keys",
    "name": "@tasks",
    "operation": "@nothing",
    "number": "@stages",
    "numbers": "@stages",
    "values": "@values",
    "what": "@what",
    "which": "@stages,auto",
    "words": "@command",
    "done number": "@open",
    "abandon number": "@open",
    "help name": "@commands",
    "restore what": "@trash",
    "sync what": "@open,task",
    "phase name": ",".join([*(phase.name for phase in lifecycle.PHASES), lifecycle.NEXT]),
}
"""What an argument takes, by click's name of it; where that says too little, by command and name."""

OF_OPTION = {
    "--agent": "@nothing",
    "--jobs": "@nothing",
    "--message-file": "@files",
    "--output": "@files",
    "--pr-base": "@commits",
    "--remote": "@nothing",
    "--retry": "@nothing",
    "--template": "@files",
    "--base": "@commits",
    "--branch": "@branches",
    "--check": "@files",
    "--group": "@groups",
    "--interval": "@nothing",
    "--max-count": "@nothing",
    "--stage": "@stages",
    "--task": "@tasks",
    "--timeout": "@nothing",
    "--title": "@nothing",
}
"""What an option takes that is no choice."""


def of_option(option: click.Option) -> str:
    """What completes its value: words with commas between; empty for a flag."""
    if not commands.value(option):
        return ""
    if isinstance(option.type, click.Choice):
        return ",".join(option.type.choices)
    return OF_OPTION[commands.names(option)[-1]]


def of_argument(leaf: Leaf, argument: click.Argument) -> str:
    """What completes an argument."""
    if isinstance(argument.type, click.Choice):
        return ",".join(argument.type.choices)
    name = argument.name or ""
    return OF_ARGUMENT.get(f"{leaf.name} {name}") or OF_ARGUMENT[name]


def arguments(leaf: Leaf) -> list[click.Argument]:
    """The arguments of a command in their order."""
    return [one for one in leaf.command.params if isinstance(one, click.Argument)]


def all_options(leaf: Leaf) -> list[tuple[list[str], str, str]]:
    """Names, what completes the value, and what it does, of every option of a command; the help option last."""
    found = [(commands.names(one), of_option(one), described(one.help)) for one in commands.options(leaf.command)]
    return [*found, (["-h", "--help"], "", "Show the usage of the command")]


def described(text: str | None) -> str:
    """A help text as a description: its first sentence on one line, without the full stop."""
    return " ".join((text or "").split("\n\n")[0].split()).split(". ")[0].rstrip(".")


def setting_values() -> dict[str, str]:
    """Keys of the settings that have few values, with these."""
    found = {key: " ".join(setting.choices) for key, setting in settings.SETTINGS.items() if setting.choices}
    return found | {key: "true false" for key, setting in settings.SETTINGS.items() if setting.kind == "boolean"}


def groups() -> dict[str, click.Group]:
    """The commands that have parts."""
    return {name: command for name, command in commands.top() if isinstance(command, click.Group)}


# -- bash


def bash() -> str:
    """The lists as the bash script has them."""
    lines = [f"__okstra_commands='{' '.join(name for name, _ in commands.top())}'"]
    lines.append(f"__okstra_keys='{' '.join(settings.SETTINGS)}'")
    lines += ["__okstra_parts() {", '    case "$1" in']
    lines += [f"    {name}) echo '{' '.join(group.commands)}' ;;" for name, group in groups().items()]
    lines += ["    esac", "}", "__okstra_setting_values() {", '    case "$1" in']
    lines += [f"    {key}) echo '{values}' ;;" for key, values in setting_values().items()]
    lines += ["    esac", "}", "__okstra_lookup() {", '    case "$1" in']
    for leaf in commands.leaves():
        options = all_options(leaf)
        every = " ".join(name for names, _, _ in options for name in names)
        valued = " ".join(f"{name}={words}" for names, words, _ in options if words for name in names)
        taken = " ".join(of_argument(leaf, one) + ("..." if one.nargs == -1 else "") for one in arguments(leaf))
        lines.append(f"    '{leaf.name}') options='{every}' valued='{valued}' arguments='{taken}' ;;")
    return "\n".join([*lines, "    *) return 1 ;;", "    esac", "}"])


# -- zsh


def zsh() -> str:
    """The lists as the zsh script has them."""
    lines = ["typeset -ga _okstra_commands=(", *_zsh_described(commands.top()), ")"]
    lines += ["typeset -ga _okstra_keys=("]
    lines += [f"    {_quoted(f'{key}:{setting.doc}')}" for key, setting in settings.SETTINGS.items()]
    lines += [")", "_okstra_parts() {", "    case $1 in"]
    for name, group in groups().items():
        lines += [
            f"    ({name}) parts=(",
            *(f"    {line}" for line in _zsh_described(group.commands.items())),
            "    ) ;;",
        ]
    lines += ["    esac", "}", "_okstra_setting_values() {", "    case $1 in"]
    lines += [f"    ({key}) found=({values}) ;;" for key, values in setting_values().items()]
    lines += ["    esac", "}", "_okstra_lookup() {"]
    # What many commands have is written once.
    counted = Counter(spec for leaf in commands.leaves() for _, spec in _zsh_specs(leaf))
    named = {spec: name for leaf in commands.leaves() for name, spec in _zsh_specs(leaf) if counted[spec] > 3}
    lines += [f"    local {name}={_quoted(spec)}" for spec, name in named.items()]
    lines += ["    case $1 in"]
    for leaf in commands.leaves():
        specs = [spec for _, spec in _zsh_specs(leaf)]
        lines.append(f"    ('{leaf.name}') specs=({' '.join(f'${named[spec]}' for spec in specs if spec in named)}")
        lines += [f"        {_quoted(spec)}" for spec in specs if spec not in named]
        lines.append("    ) ;;")
    return "\n".join([*lines, "    (*) return 1 ;;", "    esac", "}"])


def _zsh_described(listed: Iterable[tuple[str, click.Command]]) -> list[str]:
    return [f"    {_quoted(f'{name}:{described(command.help)}')}" for name, command in listed]


def _zsh_specs(leaf: Leaf) -> list[tuple[str, str]]:
    """A name for each specification, and the specification as _arguments reads it."""
    specs = []
    for names, words, text in all_options(leaf):
        others = f"({' '.join(names)})" if len(names) > 1 else ""
        safe = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")
        for name in names:
            bare = name.strip("-")
            taken = f":{bare}: _okstra_values {words}" if words else ""
            marked = f"{name}{'=' if name.startswith('--') else '+'}" if words else name
            specs.append((bare.replace("-", "_"), f"{others}{marked}[{safe}]{taken}"))
    for place, one in enumerate(arguments(leaf), 1):
        words, name = of_argument(leaf, one), one.name or ""
        if words == "@command":
            specs.append((name, "*:::command:_normal"))
        else:
            specs.append((name, f"{'*' if one.nargs == -1 else place}:{name}: _okstra_values {words}"))
    return specs


def _quoted(text: str) -> str:
    """A text as one word of zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


# -- fish


def fish() -> str:
    """The lists as the fish script has them."""
    valued = [
        f"{leaf.name} {name}"
        for leaf in commands.leaves()
        for names, words, _ in all_options(leaf)
        if words
        for name in names
    ]
    lines = [f"set -g __okstra_valued {' '.join(map(_fish, valued))}", f"set -g __okstra_groups {' '.join(groups())}"]
    keys = " ".join(_fish(f"{key}\t{setting.doc}") for key, setting in settings.SETTINGS.items())
    lines += [f"set -g __okstra_keys {keys}"]
    listed = " ".join(_fish(f"{name}\t{described(command.help)}") for name, command in commands.top())
    lines += [f"set -g __okstra_commands {listed}", "function __okstra_setting_values", "    switch $argv[1]"]
    for key, values in setting_values().items():
        lines += [f"        case {key}", f"            printf '%s\\n' {values}"]
    lines += ["    end", "end"]
    for name, group in groups().items():
        lines += [
            _fish_line(f"__okstra_is {name}", f"-a {part} -d {_fish(described(command.help))}")
            for part, command in group.commands.items()
        ]
    shared: dict[str, list[str]] = {}
    for leaf in commands.leaves():
        for names, words, text in all_options(leaf):
            flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names)
            taken = " -r -F" if words == "@files" else f" -x -a '(__okstra_values {words})'" if words else ""
            shared.setdefault(f"{flags}{taken} -d {_fish(text)}", []).append(leaf.name.replace(" ", "."))
    lines += [_fish_line(f"__okstra_among {' '.join(names)}", rest) for rest, names in shared.items()]
    for leaf in commands.leaves():
        lines += _fish_arguments(leaf)
    return "\n".join(lines)


def _fish_arguments(leaf: Leaf) -> list[str]:
    lines = []
    for place, one in enumerate(arguments(leaf)):
        words = of_argument(leaf, one)
        where = f"__okstra_is {leaf.name}; and __okstra_at {place}{' more' if one.nargs == -1 else ''}"
        if words == "@files":
            lines.append(_fish_line(where, "-F"))
        elif words == "@command":
            lines.append(_fish_line(where, "-x -a '(__okstra_command)'"))
        else:
            lines.append(_fish_line(where, f"-a '(__okstra_values {words})'"))
    return lines


def _fish_line(condition: str, rest: str) -> str:
    return f"complete -c git-okstra -n '{condition}' {rest}"


def _fish(text: str) -> str:
    """A text as one word of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


# -- the files


def path(shell: str) -> Path:
    """The script of a shell."""
    return DIRECTORY / f"git-okstra.{shell}"


def wanted(shell: str) -> str:
    """The script of a shell with its lists as they should be."""
    before, _, rest = path(shell).read_text(encoding="utf-8").partition(f"{BEGIN}\n")
    _, _, after = rest.partition(f"{END}\n")
    made = {"bash": bash, "zsh": zsh, "fish": fish}[shell]()
    return f"{before}{BEGIN}\n{made}\n{END}\n{after}"


if __name__ == "__main__":
    for each in SHELLS:
        path(each).write_text(wanted(each), encoding="utf-8")
