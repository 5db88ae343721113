"""Gathering what `git okstra doctor` judges: registry, store and git as they are, without writing or locking anything.

It works beside running commands (what a live process is at work on is named, so that it is no finding), in a read-only
file system, and when anything it reads is damaged: that is evidence too.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator
from typing import Any

from git_okstra.core import evidence, journal, names, reconstruction, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import Evidence, Leftover, Registration, StoredTask, Unreadable
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.git import admin, packs, refs, repository, worktrees
from git_okstra.operations import hook_examination, projects, surroundings
from git_okstra.operations.context import Context
from git_okstra.state import health, locks
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store


def gather(ctx: Context) -> Evidence:
    """The evidence of the repository one stands in. Raises `not-a-repository`, `git-failed`."""
    return _Gathering(ctx).look()


class _Gathering:
    """One look at everything."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.common_dir = ctx.common_dir
        self.registry = Registry(ctx.home)
        self.store = Store(ctx.common_dir)
        self.unreadable: list[Unreadable] = []
        self.damaged_records: dict[str, OkstraError] = {}
        self.linked = admin.registrations(ctx.common_dir)

    def look(self) -> Evidence:
        surroundings.require_readable(self.registry.root)
        records = list(self.records())
        identity = self.identity(records)
        project = self.project(identity, records)
        stored = [self.stored_task(project, *place) for place in self.store.tasks()] if project else []
        standing, stood = self.standing(identity, project, records, stored)
        former = {stood} if standing == evidence.MOVED else set()
        ours = tuple(
            record
            for record in records
            if record.repository == self.common_dir
            or (record.repository in former | self.gone_places(records, stored) and record.key.project == project)
        )
        self.look_at_files(project, stored)
        branches = {name.removeprefix("refs/heads/"): tip for name, tip in self.refs().items()}
        entries = [(record.key, entry) for record in ours for entry in record.reservations.values()]
        registrations = self.registrations(entries, branches)
        keys = {one.key for one in stored}
        return Evidence(
            self.common_dir,
            home=self.ctx.home,
            git_version=self.ctx.git_version,
            project=project,
            standing=standing,
            stood=stood,
            unreadable=tuple(self.unreadable),
            records=ours,
            alive=self.alive(ours),
            places=self.places(entries, stored, registrations, stood),
            registrations=registrations,
            branches=branches,
            lost=self.lost(entries, stored, registrations, branches),
            indexed=self.indexed(entries),
            tasks=tuple(stored),
            held_elsewhere={
                record.key: record.repository
                for record in records
                if record.key in keys and record not in ours and _says_taken(record.key, stored)
            },
            unsafe=health.unsafe_directories(self.ctx.home),
            lockless=surroundings.lockless_places(self.ctx.home, self.store.root, project),
            temporaries=surroundings.temporaries(
                self.ctx.home, self.store.root, project, [one.admin for one in registrations]
            ),
            index_locks=tuple(self.index_locks(entries, registrations)),
            dead_links=surroundings.dead_links(
                self.ctx, [entry for _, entry in entries if not entry.flat and not entry.in_place]
            ),
            hooks_off=hook_examination.off(self.ctx),
            unjudged=hook_examination.unjudged(self.ctx, branches),
            trash=surroundings.removed(self.ctx, self.store),
            around=projects.working_tree_around_home(self.ctx) or "",
            configured=surroundings.unused_id(self.ctx, project),
            ungraphed=packs.objects(self.common_dir) if packs.lacks_commit_graph(self.common_dir) else 0,
            unplanned=tuple(surroundings.unplanned(self.store, ours, stored)),
            elsewhere=surroundings.elsewhere(self.ctx, self.registry, records, ours, self.damaged_records),
        )

    # -- the repository and its project

    def records(self) -> Iterator[TaskRecord]:
        """Every record of the registry that can be read; the others are noted once the tasks are known."""
        for path in self.registry.record_paths():
            project, group, name = path.removesuffix(".json").split("/")[-3:]
            try:
                record = self.registry.record(TaskKey(project, group, name))
                if record is not None:
                    yield record
            except OkstraError as error:
                self.damaged_records[path] = error

    def identity(self, records: list[TaskRecord]) -> dict[str, Any]:
        path = f"{self.store.root}/identity.json"
        try:
            found = self.store.identity()
        except OkstraError as error:
            self.note_unreadable("identity", path, error)
            return {}
        if found is None and (self.store.tasks() or any(one.repository == self.common_dir for one in records)):
            self.note_unreadable("identity", path, OkstraError("damaged-file", f"'{path}' is gone"))
        return dict(found or {})

    def project(self, identity: dict[str, Any], records: list[TaskRecord]) -> str | None:
        """The project id; where the store cannot say it, the one under which the registry knows this repository."""
        if isinstance(identity.get("project"), str):
            return str(identity["project"])
        for record in records:
            if record.repository == self.common_dir:
                return record.key.project
        for name in _entries(f"{self.registry.root}/projects"):
            known = self.repositories(name.removesuffix(".json")) if name.endswith(".json") else []
            if any(entry["common_dir"] == self.common_dir for entry in known):
                return name.removesuffix(".json")
        return None

    def repositories(self, project: str) -> list[dict[str, str]]:
        try:
            return self.registry.repositories(project) or []
        except OkstraError:
            return []  # reported with the other files

    def standing(
        self, identity: dict[str, Any], project: str | None, records: list[TaskRecord], stored: list[StoredTask]
    ) -> tuple[str, str]:
        """Whether the repository is where it was, and where it was."""
        stood = identity.get("common_dir")
        if (
            isinstance(stood, str)
            and stood
            and stood != self.common_dir
            and not _same_directory(stood, self.common_dir)
        ):
            return (evidence.COPIED if _is_used(stood) else evidence.MOVED), stood
        gone = sorted(self.gone_places(records, stored))
        return (evidence.MOVED, gone[0]) if gone else (evidence.SAME, "")

    def gone_places(self, records: list[TaskRecord], stored: list[StoredTask]) -> set[str]:
        """Repositories that do not exist any more, for which the registry holds what our store says is ours."""
        held = {one.key: one for one in stored if TASK in reconstruction.taken(one.events)}
        return {
            record.repository
            for record in records
            if record.repository != self.common_dir
            and record.key in held
            and (task := held[record.key].task) is not None
            and task.branch == record.branch
            and not repository.is_git_directory(record.repository)
        }

    # -- files

    def note_unreadable(self, kind: str, path: str, error: OkstraError, key: str = "", known: bool = True) -> None:
        newer = error.code == "newer-format"
        self.unreadable.append(Unreadable(kind, path, error.message.split("\n")[0], newer, key, known))

    def stored_task(self, project: str, group: str, task: str) -> StoredTask:
        key = TaskKey(project, group, task)
        found: Task | None = None
        unreadable = False
        try:
            found = self.store.task(*key)
        except OkstraError as error:
            unreadable = True
            self.note_unreadable("task", f"{self.store.task_directory(group, task)}/task.toml", error, str(key))
        try:
            events = self.store.events(group, task)
            damaged = self.store.damaged_lines(group, task)
        except OkstraError:
            events, damaged = [], [0]
        merge_path = self.store.merge_path(group, task)
        merge = ""
        if os.path.lexists(merge_path):
            merge = "live" if held(f"{merge_path}.hold") else "left"
        return StoredTask(
            key,
            found,
            tuple(events),
            journal.fold(events),
            tuple(damaged),
            paths=surroundings.derived_paths(f"{self.store.task_directory(group, task)}/paths"),
            open=os.path.exists(f"{self.store.root}/open/{group},{task}"),
            merge=merge,
            stopped=merge == "left" and self.has_stopped(merge_path),
            handoff_left=self.has_handoff_left(group, task),
            unreadable=unreadable,
        )

    def has_handoff_left(self, group: str, task: str) -> bool:
        path = self.store.handoff_path(group, task)
        return os.path.lexists(path) and not held(f"{path}.hold")

    def has_stopped(self, merge_path: str) -> bool:
        try:
            return (self.store.load_json(merge_path) or {}).get("stopped") is True
        except OkstraError:
            return False  # reported with the other files

    def look_at_files(self, project: str | None, stored: list[StoredTask]) -> None:
        marked = {one.marker[:2] for one in self.linked if one.marker}
        ours = {str(one.key) for one in stored if reconstruction.taken(one.events) or one.key[1:] in marked}
        for path in surroundings.misplaced(self.registry.root):
            error = OkstraError("damaged-file", f"'{path}' is not a directory")
            self.note_unreadable("record", path, error)
        for path, error in self.damaged_records.items():
            key = path.removeprefix(f"{self.registry.root}/tasks/").removesuffix(".json")
            self.note_unreadable("record", path, error, key, key in ours)
        for name in _entries(f"{self.registry.root}/projects"):
            if not name.endswith(".json") or name.startswith("."):
                continue
            try:
                self.registry.repositories(name.removesuffix(".json"))
            except OkstraError as error:
                self.note_unreadable("project", f"{self.registry.root}/projects/{name}", error)
        for kind, path, key, read in surroundings.readable_parts(self.ctx, self.store, stored):
            try:
                read()
            except OkstraError as error:
                self.note_unreadable(kind, path, error, key)
        self.unreadable += surroundings.faulty_settings(self.ctx)

    # -- git

    def refs(self) -> dict[str, str]:
        return refs.listed(self.common_dir, "refs/heads")

    def registrations(
        self, entries: list[tuple[TaskKey, Reservation]], branches: dict[str, str]
    ) -> tuple[Registration, ...]:
        """git's worktrees; with the place where one was moved by hand, and the reflog where a branch is gone."""
        found = self.linked
        astray = {one.admin for one in found if not one.here}
        places = surroundings.pointing_at(astray, self.candidates(entries, found)) if astray else {}
        gone = {(entry.path, entry.branch) for _, entry in entries if entry.branch not in branches}
        lost = {(key.group, key.task, entry.number) for key, entry in entries if entry.branch not in branches}
        return tuple(
            dataclasses.replace(
                one,
                found=places.get(one.admin, ""),
                log=admin.log(one.admin) if one.marker in lost or any(one.path == path for path, _ in gone) else (),
            )
            for one in found
        )

    def candidates(self, entries: list[tuple[TaskKey, Reservation]], found: list[Registration]) -> Iterator[str]:
        """Where a worktree that was moved by hand may be: around here, around its old place, among the others."""
        if self.ctx.repository.worktree is not None:
            yield self.ctx.repository.worktree
        yield from (entry.path for _, entry in entries)
        around = {self.ctx.directory, os.path.dirname(self.ctx.directory), self.ctx.environ.get("HOME", "")}
        around |= {os.path.dirname(self.common_dir), os.path.dirname(os.path.dirname(self.common_dir))}
        around |= {os.path.dirname(one.path) for one in found if one.path and not one.here}
        around |= {os.path.dirname(entry.path) for _, entry in entries}
        around |= set(surroundings.group_directories(self.ctx.home))
        for directory in sorted(around - {""}):
            yield from (f"{directory}/{name}" for name in _entries(directory))

    def places(
        self,
        entries: list[tuple[TaskKey, Reservation]],
        stored: list[StoredTask],
        registrations: Iterable[Registration],
        stood: str,
    ) -> dict[str, evidence.Place]:
        known = {os.path.realpath(one.admin): one for one in registrations}
        wanted = {entry.path for _, entry in entries} | {one.path for one in registrations if one.missing and one.path}
        for task in stored:
            numbers = {TASK, *reconstruction.taken(task.events)}
            wanted |= {names.worktree_path(self.ctx.home, task.key, number) for number in numbers}
        return {path: admin.place(path, known, stood) for path in wanted}

    def lost(
        self,
        entries: list[tuple[TaskKey, Reservation]],
        stored: list[StoredTask],
        registrations: Iterable[Registration],
        branches: dict[str, str],
    ) -> dict[tuple[TaskKey, int], str]:
        """The last commit known of each branch that is gone: by the worktree's reflog, else by the journal."""
        histories = {one.key: one for one in stored}
        found = {}
        for key, entry in entries:
            if entry.branch in branches or entry.flat:
                continue
            mark = (key.group, key.task, entry.number)
            logs = [one.log for one in registrations if one.marker == mark or one.path == entry.path]
            known = [reconstruction.last_commit(entry.branch, log) for log in logs]
            if key in histories:
                known.append(reconstruction.recorded_head(histories[key].events, entry.number))
            for commit in known:
                if commit is not None and refs.commit(self.common_dir, commit) is not None:
                    found[key, entry.number] = commit
                    break
        return found

    # -- the registry

    def alive(self, records: Iterable[TaskRecord]) -> frozenset[tuple[TaskKey, int]]:
        """The keys that a running process is opening or removing, also those that it finished while we looked."""
        busy = set()
        for record in records:
            for number, entry in record.reservations.items():
                if entry.state == tasks.ACTIVE:
                    continue
                if held(self.registry.hold_path(record.key, number)) or self.entry(record.key, number) != entry:
                    busy.add((record.key, number))
        return frozenset(busy)

    def entry(self, key: TaskKey, number: int) -> Reservation | None:
        try:
            record = self.registry.record(key)
        except OkstraError:
            return None
        return record.reservation(number) if record else None

    def indexed(self, entries: list[tuple[TaskKey, Reservation]]) -> frozenset[tuple[TaskKey, str]]:
        found = set()
        for key, entry in entries:
            try:
                if self.registry.branch_holder(key.project, entry.branch) == key:
                    found.add((key, entry.branch))
            except OkstraError:
                continue  # the index leads to a record that cannot be read, which is a finding of its own
        return frozenset(found)

    def index_locks(
        self, entries: list[tuple[TaskKey, Reservation]], registrations: Iterable[Registration]
    ) -> Iterator[Leftover]:
        ours = {entry.path for _, entry in entries}
        for one in registrations:
            path = f"{one.admin}/index.lock"
            age = health.age(path) if one.path in ours or one.marker else None
            if age is None:
                continue
            users = admin.users(path)
            at_work = any(name.startswith("git") for _, name in worktrees.occupants(one.path))
            # Where nobody can say who has it open, only its age speaks.
            yield Leftover(path, age, bool(users) or at_work or (users is None and age < 3600))


def held(path: str) -> bool:
    """Whether a live process has the hold at `path`; where nobody can open or lock the file, none has."""
    try:
        return locks.is_held(path)
    except (OSError, OkstraError):
        return False


def _says_taken(key: TaskKey, stored: list[StoredTask]) -> bool:
    return any(one.key == key and reconstruction.taken(one.events) for one in stored)


def _is_used(common_dir: str) -> bool:
    """Whether a repository is at `common_dir` that git okstra knows as being there."""
    if not repository.is_git_directory(common_dir):
        return False
    try:
        identity = Store(common_dir).identity()
    except OkstraError:
        return True
    return identity is not None and identity.get("common_dir") == common_dir


def _same_directory(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _entries(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
