"""What `git okstra doctor` looks at of the hooks: whether ours run in each worktree, and what got past them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import HooksOff, Unjudged
from git_okstra.operations import hooking, judging, policing
from git_okstra.operations.context import Context
from git_okstra.state.policies import Policies


def off(ctx: Context) -> tuple[HooksOff, ...]:
    """Hooks of ours that do not run, by worktree; nothing where none were installed."""
    if not hooking.installed(ctx):
        return ()
    try:
        found = hooking.status(ctx)
    except OkstraError:
        return ()  # git stumbles over a worktree, which is a finding of its own
    silent = [one for one in found if not one.active]
    return tuple(
        HooksOff(worktree, tuple(one.event for one in mine), any(one.runs for one in mine))
        for worktree in dict.fromkeys(one.worktree for one in silent)
        if (mine := [one for one in silent if one.worktree == worktree])
    )


def unjudged(ctx: Context, branches: Mapping[str, str]) -> tuple[Unjudged, ...]:
    """The governed branches that are not where the hooks last accepted them, as far as the rules refuse that.

    `branches` are the local ones with their commits.
    """
    return tuple(_unjudged(ctx, branches)) if hooking.installed(ctx) else ()


def _unjudged(ctx: Context, branches: Mapping[str, str]) -> Iterator[Unjudged]:
    kept = Policies(ctx.common_dir)
    for branch, tip in branches.items():
        try:
            holder, seen = kept.holder(branch), kept.tip(branch)
            if holder is None or not seen or seen == tip:
                continue
            place, number = holder
            task = kept.task(place) or policing.remade(ctx, place)
            if task is None or (number and number not in task.stages):
                continue
            refused = judging.update(ctx.common_dir, task, number, seen=seen, present=tip, new=tip)
        except OkstraError:
            continue  # what is damaged is a finding of its own
        for one in refused[:1]:
            yield Unjudged(branch, one.rule, one.what, one.hint)
