"""The project: which id this repository goes by on this machine (specification, section 3)."""

from __future__ import annotations

import os

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.git import refs
from git_okstra.operations.context import Context


def project(ctx: Context) -> str | None:
    """The project id recorded in the store, or None before the first use."""
    identity = ctx.store.identity()
    return str(identity["project"]) if identity and "project" in identity else None


def require_project(ctx: Context) -> str:
    """Like `project`, but raises OkstraError `no-such-task`: nothing was ever started here."""
    found = project(ctx)
    if found is None:
        raise OkstraError("no-such-task", "no task was started in this repository", "git okstra start feat ID")
    return found


def ensure_project(ctx: Context) -> str:
    """The project id, claimed in the registry if this repository has none yet.

    A repository with the same name is a clone when both have the same origin or a common root commit: they share the
    id. Otherwise the newcomer gets a suffix, and a note says so.
    """
    recorded = ctx.store.identity()
    if recorded and recorded.get("common_dir") == ctx.common_dir:
        return str(recorded["project"])
    mine = origin(ctx.common_dir)
    wanted = wanted_id(ctx)
    with ctx.registry.locked():
        if recorded and _moved(ctx, recorded):
            found = str(recorded["project"])
            ctx.note(f"the repository moved here from '{recorded['common_dir']}'; see: git okstra doctor")
        else:
            found = _claim_id(ctx, wanted, mine)
            if found != wanted:
                ctx.note(f"another repository is called '{wanted}' already, so this one is called '{found}'")
    ctx.store.save_identity(found)
    return found


def wanted_id(ctx: Context) -> str:
    """The id this repository asks for: `project.id`, else the main worktree's directory name as a segment.

    Raises OkstraError `bad-name` when that name cannot become one.
    """
    configured = ctx.settings.get("project.id")
    if configured:
        return names.segment(configured, "project id")
    root = ctx.main_worktree or ctx.common_dir
    base = os.path.basename(root.rstrip("/"))
    try:
        return names.segment(base.removesuffix(".git") or base, "project id")
    except OkstraError as error:
        hint = "give it another one: git okstra config set project.id NAME"
        raise OkstraError(error.code, error.message, hint) from None


def _claim_id(ctx: Context, wanted: str, origin: str) -> str:
    number = 1
    while True:
        candidate = wanted if number == 1 else f"{wanted}-{number}"
        known = ctx.registry.repositories(candidate)
        mine = {"common_dir": ctx.common_dir, "origin": origin}
        if known is None:
            ctx.registry.save_repositories(candidate, [mine])
            return candidate
        others = [entry for entry in known if entry["common_dir"] != ctx.common_dir]
        if len(others) < len(known) or any(_is_clone(ctx, origin, entry) for entry in others):
            ctx.registry.save_repositories(candidate, [*others, mine])
            return candidate
        number += 1


def _is_clone(ctx: Context, origin: str, other: dict[str, str]) -> bool:
    if origin and origin == other["origin"]:
        return True
    if other["common_dir"] and origin == _normalised(other["common_dir"]):
        return True
    if not os.path.isdir(other["common_dir"]):
        return False
    return bool(refs.root_commits(ctx.common_dir) & refs.root_commits(other["common_dir"]))


def _moved(ctx: Context, recorded: object) -> bool:
    """Whether the repository was moved (the old place is gone), rather than copied."""
    old = recorded.get("common_dir") if isinstance(recorded, dict) else None
    return isinstance(old, str) and not os.path.exists(old)


def origin(common_dir: str) -> str:
    """The address of the repository's `origin`, without what does not tell repositories apart; empty without one."""
    return _normalised(refs.default_remote_address(common_dir))


def _normalised(address: str) -> str:
    """An address without what does not tell repositories apart: a final slash, `.git`, `/.git`."""
    trimmed = address.rstrip("/").removesuffix("/.git").removesuffix(".git").rstrip("/")
    return os.path.realpath(trimmed) if trimmed.startswith("/") else trimmed
