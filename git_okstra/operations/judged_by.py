"""The settings by which a task is judged, by the hooks and by the gate: of the project's file those of the task's base
commit, so that a branch cannot loosen its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from git_okstra.core.settings import Settings
from git_okstra.core.tasks import Task
from git_okstra.git import commit_facts
from git_okstra.operations.context import Context
from git_okstra.state import config


def settings_of(
    ctx: Context, task: Task, environ: Mapping[str, str] | None = None, options: Mapping[str, Any] | None = None
) -> Settings:
    """The settings of the task's base commit, the clone and the user; of `environ` and `options` what is given.

    Raises OkstraError `bad-config`.
    """
    committed = commit_facts.content(ctx.common_dir, task.base_commit, ".okstra.toml") or b""
    return config.load(ctx.home, ctx.common_dir, ctx.common_dir, environ or {}, options, committed=committed)
