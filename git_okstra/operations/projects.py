"""The project: which id this repository goes by on this machine (specification, section 3)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.git import refs, repository
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
        found = str(recorded["project"])
        _tell_of_unused_id(ctx, found)
        return found
    mine = origin(ctx.common_dir)
    wanted = wanted_id(ctx)
    with ctx.registry.locked():
        found, others = _decide_id(ctx, recorded, wanted, mine)
        if others is not None:
            ctx.registry.save_repositories(found, [*others, {"common_dir": ctx.common_dir, "origin": mine}])
    ctx.store.save_identity(found)
    return found


def foretold(ctx: Context) -> str:
    """What `ensure_project` would give, with the same notes, nothing being changed."""
    recorded = ctx.store.identity()
    if recorded and recorded.get("common_dir") == ctx.common_dir:
        found = str(recorded["project"])
        _tell_of_unused_id(ctx, found)
        return found
    return _decide_id(ctx, recorded, wanted_id(ctx), origin(ctx.common_dir))[0]


def unused_id(project: str, configured: object) -> bool:
    """Whether `project.id` says another id than that which the repository took at its first use, and kept."""
    if not configured:
        return False
    wanted = names.segment(str(configured), "project id")
    suffix = project.removeprefix(f"{wanted}-")
    return project != wanted and not (suffix != project and suffix.isdecimal())


def _tell_of_unused_id(ctx: Context, project: str) -> None:
    configured = ctx.settings.get("project.id")
    if unused_id(project, configured):
        shown = names.printable(str(configured))
        ctx.note(
            f"project.id is '{shown}', but this repository keeps the id '{project}', under which it was first used"
        )


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


def _decide_id(
    ctx: Context, recorded: Mapping[str, object] | None, wanted: str, origin: str
) -> tuple[str, list[dict[str, str]] | None]:
    """The id, and the other repositories that have it; None when this one is recorded among them already."""
    if recorded and _moved(ctx, recorded):
        ctx.note(f"the repository moved here from '{recorded['common_dir']}'; see: git okstra doctor")
        return str(recorded["project"]), None
    number = 1
    while True:
        candidate = wanted if number == 1 else f"{wanted}-{number}"
        known = ctx.registry.repositories(candidate) or []
        others = [entry for entry in known if entry["common_dir"] != ctx.common_dir]
        if not known or len(others) < len(known) or any(_is_clone(ctx, origin, entry) for entry in others):
            break
        number += 1
    if candidate != wanted:
        ctx.note(f"another repository is called '{wanted}' already, so this one is called '{candidate}'")
    return candidate, others


def _is_clone(ctx: Context, origin: str, other: dict[str, str]) -> bool:
    if origin and origin == other["origin"]:
        return True
    if other["common_dir"] and origin == _normalised(other["common_dir"]):
        return True
    if not os.path.isdir(other["common_dir"]):
        return False
    return bool(refs.root_commits(ctx.common_dir) & refs.root_commits(other["common_dir"]))


def working_tree_around_home(ctx: Context) -> str | None:
    """The worktree of this repository in which `$OKSTRA_HOME` lies; None when it lies outside of them."""
    place = ctx.home
    while not os.path.isdir(place):
        place = os.path.dirname(place)
    found = repository.discover(place, {})
    return found.worktree if found is not None and found.common_dir == ctx.common_dir else None


def require_home_outside(ctx: Context) -> None:
    """Raise OkstraError `bad-config` when worktrees made by us would lie inside one of this repository.

    There `git add -A` would record each of them as an embedded repository.
    """
    around = working_tree_around_home(ctx)
    if around is not None:
        raise OkstraError(
            "bad-config",
            f"the directory of git okstra, '{names.printable(ctx.home)}', lies in the worktree "
            f"'{names.printable(around)}' of this repository, where 'git add -A' would record what is made in it",
            "choose one outside of it: OKSTRA_HOME=DIR git okstra …",
        )


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
