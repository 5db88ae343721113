"""The command line of an agent: words with placeholders, `[agents.<name>] command` in the settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from git_okstra.core import names
from git_okstra.core.errors import OkstraError

PLACEHOLDERS = ("worktree", "brief", "task", "stage", "main", "git_common_dir")
"""What may stand in braces: the stage's worktree, the file with its brief, the task key, the stage's number, the main
worktree (of a bare repository the repository itself), and git's common directory."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def setting(name: str) -> str:
    """The setting with the command of an agent."""
    return f"agents.{name}.command"


def require_sound(name: str, words: Sequence[str]) -> None:
    """Raise OkstraError `bad-config` when there is no command, or one with a placeholder that means nothing."""
    key = setting(name)
    if not words:
        raise OkstraError(
            "bad-config",
            f"there is no agent '{names.printable(name)}': {key} is not set",
            f"say how it is started: git okstra config set {names.typed(key)} -- PROGRAM ARGUMENT...\n"
            "see the agents there are: git okstra config list",
        )
    for word in words:
        for found in _PLACEHOLDER.findall(word):
            if found not in PLACEHOLDERS:
                known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                raise OkstraError(
                    "bad-config",
                    f"{key} has the placeholder '{{{found}}}', which means nothing; there are: {known}",
                    f"see where it is set: git okstra config get {names.typed(key)} --scope all",
                )


def filled(words: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The words with each placeholder replaced. What a value holds is not looked into again."""
    return tuple(_PLACEHOLDER.sub(lambda found: values[found[1]], word) for word in words)


def trusted_text(name: str, words: Sequence[str]) -> str:
    """The one line under which the command of an agent from the project's file is shown, and approved."""
    import shlex

    return f"agent {name}: {shlex.join(words)}"
