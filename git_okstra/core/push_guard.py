"""The lines of configuration that put the push guard in front of every remote; see docs/push-guard.md."""

from __future__ import annotations


def lines(script: str) -> list[str]:
    """What git is to be told in governed worktrees, and only there. `script` is the absolute path of the installed
    `hooks/push-guard`.

    The empty prefix fits every address and is the shortest there is: nobody's own `pushInsteadOf` is undone (git takes
    the longest), and git-lfs, which passes over an empty prefix, finds its server. git looks for `git remote-okstra`
    on PATH and then among the aliases, so that a graphical client's poor PATH does no harm. A user who forbids unknown
    protocols (`protocol.allow`) still means this one.
    """
    return [
        '[url "okstra::"]',
        '\tpushInsteadOf = ""',
        '[protocol "okstra"]',
        "\tallow = always",
        "[alias]",
        f"\tremote-okstra = {_value(f'!{_shell(script)}')}",
    ]


def _shell(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _value(text: str) -> str:
    """`text` as git-config(1) wants a value in which anything may stand."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
