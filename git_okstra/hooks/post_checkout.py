"""post-checkout: a governed worktree that was switched to another branch is reported with the way back, and one that
plain `git worktree add` made for a governed branch gets its links and copies. Nothing here fails a checkout."""

from __future__ import annotations

import os
import sys

from git_okstra.core import names
from git_okstra.core.refusals import Refusal
from git_okstra.hooks import ground


def report(common_dir: str, git_dir: str, what: str) -> list[Refusal]:
    """Say what is to be said: `what` is `switched` or `made`. Never refuses."""
    lines = _furnished(common_dir) if what == "made" else _switched(common_dir, git_dir)
    for line in lines:
        sys.stderr.write(f"okstra: {names.printable(line)}\n")
    return []


def _switched(common_dir: str, git_dir: str) -> list[str]:
    with open(f"{git_dir}/okstra", encoding="utf-8", errors="surrogateescape") as file:
        place, _, number = file.read().strip().partition(" ")
    task = ground.task(common_dir, place.replace("/", ",", 1))
    stage = int(number)
    if stage and stage not in task.stages:
        return []
    which = f"stage {stage} of {task.id}" if stage else f"task {task.id}"
    branch = task.branch_of(stage)
    return [
        f"this is the worktree of {which}; its branch is '{branch}', which is no longer checked out here",
        f"hint: switch back: git switch {names.typed(branch)}",
    ]


def _furnished(common_dir: str) -> list[str]:
    from git_okstra.operations import provisioning

    ctx = ground.context(common_dir)
    provisioning.link_and_copy(ctx, os.getcwd())
    return ctx.notes
