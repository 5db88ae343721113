"""Damaged files of registry and store: set aside, never deleted, and rebuilt from what else is known.

A record of the registry comes back from the store (task and journal) and git's own worktrees, a task's file from the
registry and the journal. Whoever meets a `damaged-file` in the registry is sent to `git okstra doctor --repair`, which
comes here. Each function says in words what it did; what it could not do it raises as an OkstraError.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from git_okstra.core import evidence, reconstruction, toml_salvage
from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import Evidence, StoredTask
from git_okstra.git import admin
from git_okstra.operations import claiming, projects
from git_okstra.operations.context import Context
from git_okstra.state import files


def set_aside(ctx: Context, path: str, directory: str, name: str = "") -> str:
    """Move a file or directory of ours into `directory`, under the time and its name; the place where it is then."""
    stamp = ctx.now().replace(":", "").replace("-", "")
    target = f"{directory}/{stamp}-{name or os.path.basename(path)}"
    number = 1
    while os.path.lexists(target):
        number += 1
        target = f"{directory}/{stamp}-{number}-{name or os.path.basename(path)}"
    files.make_directory(directory, 0o700)
    try:
        files.rename(path, target)
    except OSError as error:
        raise files.cannot_write(path, error) from None
    return target


def registry_damage(ctx: Context) -> str:
    """Where damaged files of the registry are kept."""
    return f"{ctx.registry.root}/damaged"


def store_damage(ctx: Context) -> str:
    """Where damaged files of the store are kept."""
    return f"{ctx.store.root}/damaged"


def misplaced(ctx: Context, path: str) -> str:
    """Set aside what stands where a directory of the registry belongs; unlocked when it is the registry itself."""
    if path == ctx.registry.root:
        aside = set_aside(ctx, path, f"{ctx.home}/damaged")
    else:
        with ctx.registry.locked():
            aside = set_aside(ctx, path, registry_damage(ctx))
    return f"moved it to '{aside}'; the tasks of this repository are entered again"


def record(ctx: Context, found: Evidence, path: str) -> str:
    """Rebuild the unreadable record of a task of this repository from store and worktrees."""
    stored = next((one for one in found.tasks if path == ctx.registry.record_path(one.key)), None)
    if stored is None:
        raise OkstraError("damaged-file", "the store of this repository does not know the task")
    rebuilt = reconstruction.rebuilt_record(found, stored)
    if stored.task is None and reconstruction.taken(stored.events):
        raise OkstraError("damaged-file", "the task's own file has to be mended first")
    with ctx.registry.locked():
        _require_damaged(lambda: ctx.registry.record(stored.key))
        aside = set_aside(ctx, path, registry_damage(ctx), "-".join(stored.key) + ".json")
        if rebuilt is None:
            return f"moved it to '{aside}'; nothing of the task is taken"
        claiming.save(ctx, rebuilt)
    count = len(rebuilt.reservations)
    return f"moved it to '{aside}' and entered {count} reservation{'' if count == 1 else 's'} again"


def project_file(ctx: Context, found: Evidence, path: str) -> str:
    """Rebuild the list of repositories that share a project id from the records that name them."""
    project = os.path.basename(path).removesuffix(".json")
    with ctx.registry.locked():
        _require_damaged(lambda: ctx.registry.repositories(project))
        aside = set_aside(ctx, path, registry_damage(ctx))
        places = {record.repository for record in ctx.registry.records(project)}
        if found.project == project:
            places.add(ctx.common_dir)
        listed = [{"common_dir": place, "origin": _origin(place)} for place in sorted(places)]
        if listed:
            ctx.registry.save_repositories(project, listed)
    return f"moved it to '{aside}' and listed {len(listed)} repositor{'y' if len(listed) == 1 else 'ies'} again"


def identity(ctx: Context, found: Evidence, path: str) -> str:
    """Give the store its project id again, as the registry knows it, else as a new repository would get it."""
    with ctx.store.locked():
        said = ""
        if os.path.lexists(path):
            _require_damaged(ctx.store.identity)
            said = f"moved it to '{set_aside(ctx, path, store_damage(ctx))}'; "
        if found.project is not None:
            ctx.store.save_identity(found.project)
    return f"{said}the project is '{found.project or projects.ensure_project(ctx)}'"


def task_file(ctx: Context, found: Evidence, key: str) -> str:
    """Rebuild the file of a task from what can still be read of it, the registry and the journal."""
    stored = _stored(found, key)
    path = f"{ctx.store.task_directory(stored.key.group, stored.key.task)}/task.toml"
    entry = next((one for one in found.records if one.key == stored.key), None)
    with ctx.store.locked():
        _require_damaged(lambda: ctx.store.task(*stored.key))
        rebuilt = reconstruction.rebuilt_task(
            stored.key,
            toml_salvage.salvage(_readable(path)),
            entry,
            ctx.store.events(stored.key.group, stored.key.task),
        )
        if rebuilt is None:
            raise OkstraError(
                "damaged-file", "neither registry nor journal says on which branch it was, and from where"
            )
        aside = set_aside(ctx, path, store_damage(ctx), "-".join(stored.key) + ".toml")
        ctx.store.save_task(rebuilt)
    lost = [name for name, value in (("title", rebuilt.title), ("links", rebuilt.links)) if not value]
    missing = f"; if it had {' or '.join(lost)}, the old file says so" if lost else ""
    return f"moved it to '{aside}' and wrote it again from the registry and the journal{missing}"


def plan(ctx: Context, found: Evidence, key: str) -> str:
    """Set an unreadable plan aside."""
    stored = _stored(found, key)
    path = ctx.store.plan_path(stored.key.group, stored.key.task)
    with ctx.store.locked():
        aside = set_aside(ctx, path, store_damage(ctx), "-".join(stored.key) + "-plan.toml")
    return f"moved it to '{aside}'"


def trust(ctx: Context, path: str) -> str:
    """Set the unreadable record of approved commands aside."""
    with ctx.store.locked():
        return f"moved it to '{set_aside(ctx, path, store_damage(ctx))}'; approve the commands: git okstra config trust"


def moved(ctx: Context, found: Evidence) -> str:
    """Point worktrees, registry and store at the place where the repository is now."""
    with ctx.store.worktrees_locked():
        for entry in (entry for one in found.records for entry in one.reservations.values()):
            if found.places[entry.path].kind in (evidence.UNLINKED, evidence.LINKED):
                admin.link(ctx.common_dir, entry.path)
    with ctx.registry.locked():
        former = {one.repository for one in found.records} | {found.stood}
        for examined in found.records:
            now = ctx.registry.record(examined.key)
            if now is not None and now.repository in former:
                claiming.save(ctx, reconstruction.moved_record(now, ctx.common_dir))
        if found.project is not None:
            known = ctx.registry.repositories(found.project) or []
            others = [one for one in known if one["common_dir"] not in former | {ctx.common_dir}]
            mine = {"common_dir": ctx.common_dir, "origin": _origin(ctx.common_dir)}
            ctx.registry.save_repositories(found.project, [*others, mine])
    # Last: a repair that is cut short is found again by the identity.
    if found.project is not None:
        ctx.store.save_identity(found.project)
    return f"registry, store and worktrees point at '{ctx.common_dir}' now"


def copied(ctx: Context, found: Evidence) -> str:
    """Give a copied repository an identity of its own: what is taken belongs to the original, also its worktrees."""
    with ctx.store.worktrees_locked():
        for one in found.registrations:
            if one.marker is not None and not one.here and not one.found:
                set_aside(ctx, one.admin, store_damage(ctx), f"worktree-{os.path.basename(one.admin)}")
    for stored in found.tasks:
        leave(ctx, stored, "copied")
    project = projects.ensure_project(ctx)
    return f"the copy goes by '{project}' and holds nothing; all tasks stay with '{found.stood}'"


def leave(ctx: Context, stored: StoredTask, why: str) -> None:
    """Note in the journal that nothing of the task is taken here, and take it off the lists."""
    with ctx.store.locked():
        place = (stored.key.group, stored.key.task)
        for number in sorted(reconstruction.taken(ctx.store.events(*place)), reverse=True):
            ctx.store.append(*place, ctx.event("released", number or None, why=why))
        ctx.store.save_paths(*place, {})


def _stored(found: Evidence, key: str) -> StoredTask:
    return next(one for one in found.tasks if str(one.key) == key)


def _require_damaged(read: Callable[[], object]) -> None:
    """Raise OkstraError unless reading the file still fails: somebody may have mended it meanwhile."""
    try:
        read()
    except OkstraError as error:
        if error.code == "damaged-file":
            return
        raise
    raise OkstraError("busy", "it was mended meanwhile")


def _readable(path: str) -> bytes:
    try:
        return files.read(path) or b""
    except OkstraError:
        return b""


def _origin(common_dir: str) -> str:
    return projects.origin(common_dir) if os.path.isdir(common_dir) else ""
