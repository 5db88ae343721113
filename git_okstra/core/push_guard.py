"""The lines of configuration that put the push guard in front of every remote; see docs/push-guard.md."""

from __future__ import annotations


def configuration(script: str) -> str:
    """The file to be included in governed worktrees, and only there. `script` is the absolute path of the installed
    `hooks/push-guard`.

    The empty prefix fits every address and is the shortest there is, so that nobody's own `pushInsteadOf` is undone
    (git takes the longest), and so that git-lfs, which passes over an empty prefix, finds its server. git looks for
    `git remote-okstra` on PATH and then among the aliases: a graphical client's poor PATH does no harm.
    """
    return (
        "# Written by git okstra hooks install; git okstra hooks uninstall removes it.\n"
        '[url "okstra::"]\n'
        "\tpushInsteadOf =\n"
        '[protocol "okstra"]\n'
        "\tallow = always\n"
        "[alias]\n"
        f"\tremote-okstra = {_value(f'!{_shell(script)}')}\n"
    )


def _shell(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _value(text: str) -> str:
    """`text` as git-config(1) wants a value in which anything may stand."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
