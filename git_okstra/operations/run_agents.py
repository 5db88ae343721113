"""Which command a run starts: an agent's, from the settings, or the one that was typed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from git_okstra.core import agents, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.operations import places
from git_okstra.operations.context import Context
from git_okstra.state import trust


def command(ctx: Context, task: Task, name: str) -> tuple[str, ...]:
    """The command of the agent called `name`, with its placeholders.

    Raises `agent-not-allowed` when the roster does not name it, `bad-config` when there is no such agent or its command
    makes no sense, `untrusted-command` when it stands in the project's file and nobody approved it, `usage` when there
    is no such program.
    """
    places.require_agent(ctx, task, name)
    key = agents.setting(name)
    words: tuple[str, ...] = ctx.settings.get(key)
    agents.require_sound(name, words)
    text = agents.trusted_text(name, words)
    if ctx.settings.origin(key).scope == "project" and not trust.trusted(ctx.common_dir, [text]):
        raise OkstraError(
            "untrusted-command",
            f"the project's file says how the agent is started, and nobody approved it: {names.printable(text)}",
            "look at it, then allow exactly this from now on: git okstra config trust",
        )
    require_program(words)
    return words


def require_program(words: Sequence[str]) -> None:
    """Raise OkstraError `usage` when there is no such program on PATH; one named by its path is not looked for."""
    program = words[0]
    if os.sep not in program and shutil.which(program) is None:
        raise OkstraError(
            "usage",
            f"there is no program '{names.printable(program)}' on PATH",
            "install it, or name one that is there"
            if len(program.split()) < 2
            else f"have a shell run a command line: git okstra run -- sh -c {names.typed(program)}",
        )
