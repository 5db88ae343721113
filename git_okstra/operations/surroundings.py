"""What lies around the records that `git okstra doctor` compares: directories, settings, links, leftovers, the trash.

Only looks, and answers whatever it meets.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator

from git_okstra.core import linking, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import DeadLink, Elsewhere, Leftover, StoredTask, Trash, Unreadable
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.tasks import Reservation, TaskRecord
from git_okstra.git import admin, repository
from git_okstra.operations import plans, projects
from git_okstra.operations.context import Context
from git_okstra.state import files, health, trash, trust
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

Part = tuple[str, str, str, Callable[[], object]]
"""Kind, path and task key of a file of ours, and the function that reads it."""


def lockless_places(home: str, store_root: str, project: str | None) -> tuple[str, ...]:
    """The directories of registry and store whose file system has no flock."""
    probes = {
        f"{store_root}": f"{store_root}/identity.json",
        f"{home}/registry": f"{home}/registry/projects/{project}.json",
    }
    return tuple(sorted(place for place, probe in probes.items() if not health.can_lock(probe)))


def temporaries(home: str, store_root: str, project: str | None, admins: Iterable[str]) -> tuple[Leftover, ...]:
    """Temporary files of ours in registry, store and git's worktree directories, and half-made worktrees."""
    groups = [path for path in group_directories(home) if f"/worktrees/{project}/" in path]
    info = f"{os.path.dirname(store_root)}/info"  # the block in info/exclude is written beside it
    found = health.temporaries([f"{home}/registry", store_root], [*admins, *groups, info])
    return tuple(Leftover(*one) for one in sorted(found))


def group_directories(home: str) -> Iterator[str]:
    """`<home>/worktrees/<project>/<group>`, all of them."""
    root = f"{home}/worktrees"
    for project in _entries(root):
        yield from (f"{root}/{project}/{group}" for group in _entries(f"{root}/{project}"))


def pointing_at(admins: set[str], candidates: Iterable[str]) -> dict[str, str]:
    """Of git's worktree directories those that one of the candidate directories points at, with that directory."""
    found: dict[str, str] = {}
    for candidate in candidates:
        target = admin.pointer(candidate)
        if target is None or (real := os.path.realpath(target)) not in admins:
            continue
        # Somebody else's directory that claims to be ours is not believed.
        if os.lstat(candidate).st_uid == os.lstat(real).st_uid:
            found.setdefault(real, os.path.realpath(candidate))
    return found


def require_readable(registry_root: str) -> None:
    """Raise OkstraError `damaged-file` when the registry may not be looked into: then nothing can be judged."""
    for path in (registry_root, f"{registry_root}/tasks"):
        if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK):
            raise OkstraError(
                "damaged-file", f"cannot read '{path}': permission denied", f"chmod u+rwx {names.quoted(path)}"
            )


def derived_paths(path: str) -> dict[int, str] | None:
    """The derived file of a task's worktrees; None when there is none, without the lines that make no sense."""
    try:
        content = files.read(path)
    except OkstraError:
        return None
    if content is None:
        return None
    lines = os.fsdecode(content).split("\n")
    pairs = (line.partition(" ") for line in lines)
    return {int(number): where for number, space, where in pairs if space and number.isdecimal()}


def misplaced(registry_root: str) -> list[str]:
    """Where something that is no directory stands for a directory of the registry."""
    paths = [registry_root, *(f"{registry_root}/{name}" for name in ("tasks", "branches", "projects", "holds"))]
    return [path for path in paths if os.path.lexists(path) and not os.path.isdir(path)]


def readable_parts(ctx: Context, store: Store, tasks: Iterable[StoredTask]) -> Iterator[Part]:
    """The files of the store besides identity, tasks and journals, each with the function that reads it."""
    for stored in tasks:
        group, name = stored.key.group, stored.key.task
        read = functools.partial(store.plan_document, group, name)
        whole = functools.partial(plans.load, store, stored.task) if stored.task else read
        yield "plan", store.plan_path(group, name), str(stored.key), whole
        merge = store.merge_path(group, name)
        yield "merge", merge, str(stored.key), functools.partial(store.load_json, merge)
    for trash_id in store.trash_ids():
        yield "trash", store.trash_path(trash_id), "", functools.partial(_require_entry, store, trash_id)
    yield "trust", f"{store.root}/trusted.json", "", functools.partial(trust.trusted, store.common_dir, ["true"])


def _require_entry(store: Store, trash_id: str) -> None:
    """Raise OkstraError unless the entry can be read. Without `entry.json` it is none, but may not hold anything."""
    if trash.load(store, trash_id) is None and os.path.isdir(trash.admin_path(store, trash_id)):
        path = store.trash_path(trash_id)
        raise OkstraError("damaged-file", f"'{path}' has lost its entry.json, which says what it was")


def faulty_settings(ctx: Context) -> list[Unreadable]:
    """The faults of the settings, of all scopes."""
    try:
        ctx.settings.get("trash.keep")
    except OkstraError as error:
        return [Unreadable("settings", line.partition(": ")[0], line) for line in error.message.split("\n")]
    return []


def setting(ctx: Context, key: str, otherwise: object) -> object:
    """A setting, or `otherwise` while the settings cannot be read."""
    try:
        return ctx.settings.get(key)
    except OkstraError:
        return otherwise


def unused_id(ctx: Context, project: str | None) -> str:
    """The setting `project.id` where the repository goes by another id; empty where it does not."""
    configured = setting(ctx, "project.id", "")
    return str(configured) if project is not None and projects.unused_id(project, configured) else ""


def unplanned(
    store: Store, records: Iterable[TaskRecord], tasks: Iterable[StoredTask]
) -> Iterator[tuple[TaskKey, int]]:
    """The stages that are held though the plan of their task, if it has one that can be read, knows no such stage."""
    known = {one.key: one.task for one in tasks}
    for record in records:
        numbers, task = sorted(record.reservations.keys() - {TASK}), known.get(record.key)
        if not numbers or task is None:
            continue
        try:
            stored = plans.load(store, task)
        except OkstraError:
            continue  # reported with the other files
        planned = {stage.number for stage in stored.plan.stages} if stored else set(numbers)
        yield from ((record.key, number) for number in numbers if number not in planned)


def dead_links(ctx: Context, entries: Iterable[Reservation]) -> tuple[DeadLink, ...]:
    """The links of `worktree.link` in our worktrees that lead nowhere."""
    wanted = setting(ctx, "worktree.link", ())
    wished = (
        [linking.normal(name) for name in wanted if linking.fault(name) is None] if isinstance(wanted, tuple) else []
    )
    found = []
    for entry in entries if wished else ():
        for name in wished:
            path = f"{entry.path}/{name}"
            if not os.path.islink(path) or os.path.exists(path):
                continue
            target, main = os.readlink(path), _main_worktree(ctx)
            right = linking.link_text(main, name) if main else target
            ours = target.endswith(f"/{name}")
            found.append(DeadLink(entry.path, name, target, ours and right != target and os.path.exists(right)))
    return tuple(found)


def _main_worktree(ctx: Context) -> str | None:
    try:
        return ctx.main_worktree
    except OkstraError:
        return None  # git cannot list its worktrees, for a reason that is a finding of its own


def removed(ctx: Context, store: Store) -> Trash:
    """How much the trash of this repository holds, and what of it is older than `trash.keep`."""
    entries = trash.entries(store)
    keep = setting(ctx, "trash.keep", 7 * 86400)
    now = _seconds(ctx.now()) or 0.0
    size = sum(health.size(store.trash_path(one.id)) for one in entries)
    size += sum(health.size(one.place) for one in entries if one.place)
    old = [
        one.id for one in entries if isinstance(keep, int | float) and (_seconds(one.removed_at) or now) < now - keep
    ]
    return Trash(len(entries), size, tuple(old))


def _seconds(time: str) -> float | None:
    """A time as it is recorded (RFC 3339) in seconds since 1970; None when it is none."""
    import datetime

    try:
        return datetime.datetime.fromisoformat(time).timestamp()
    except ValueError:
        return None


def elsewhere(
    ctx: Context,
    registry: Registry,
    records: Iterable[TaskRecord],
    ours: Iterable[TaskRecord],
    damaged_paths: Iterable[str],
) -> tuple[Elsewhere, ...]:
    """Records of other repositories that do not exist any more, and their worktrees among ours without a record."""
    mine = {record.key for record in ours}
    found = [
        Elsewhere(str(record.key), record.repository, registry.record_path(record.key), True)
        for record in records
        if record.key not in mine and not repository.is_git_directory(record.repository)
    ]
    recorded = {entry.path for record in records for entry in record.reservations.values()}
    damaged = {path.removesuffix(".json").rpartition("/tasks/")[2] for path in damaged_paths}
    for group in group_directories(ctx.home):
        for name in _entries(group):
            directory = f"{group}/{name}"
            target = None if name.startswith(".") or directory in recorded else admin.pointer(directory)
            common_dir = os.path.dirname(os.path.dirname(target)) if target else ""
            if not target or common_dir == ctx.common_dir or not os.path.isdir(target):
                continue
            if not any(directory.endswith(f"/{key}") for key in damaged):
                found.append(Elsewhere("", common_dir, directory, False))
    return tuple(found)


def _entries(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
