"""The registry: the only authority on who holds which task, stage, branch and path; one per user.

Under `$OKSTRA_HOME/registry/`:

- `lock`                                  the lock; never deleted
- `tasks/<project>/<group>/<task>.json`   every reservation of one task: the authority
- `branches/<project>/<branch>.json`      which key a branch belongs to; derived, may lag behind, always checked
- `projects/<project>.json`               the repositories that share a project id
- `holds/<project>/<group>/<task>-<N>`    flocked by the process that provisions or releases the key, while it does
- `leases/<project>/<group>/<task>-<N>.<generation>`   flocked by the process that works on the key under a lease

One small file per task: a command costs the same with ten thousand tasks as with ten. Whoever writes holds the lock,
only for reading, deciding and writing; readers take none. The branch index is written before the task's file, so that
every branch in a task's file is in the index.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from git_okstra.core import formats, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, TaskRecord
from git_okstra.state import files, json_files, locks

REBUILD = "set it aside and rebuild it from the stores and git's worktree list: git okstra doctor --repair"
"""What is said of a damaged file of the registry."""


class Registry:
    """The registry under `home` (`$OKSTRA_HOME`, absolute)."""

    def __init__(self, home: str, lock_timeout: float = 60.0) -> None:
        self.home = home
        self.root = f"{home}/registry"
        self.lock_timeout = lock_timeout

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the registry lock: first in the lock order. Raises `unsafe-home` when others may write to the registry,
        `busy` when it is not to be had, `cannot-write`."""
        from git_okstra.state import health

        if not os.path.isdir(self.root):
            files.make_directory(self.home, 0o700)
            files.make_directory(self.root, 0o700)
        health.require_safe(self.home)
        with locks.locked(f"{self.root}/lock", locks.REGISTRY, timeout=self.lock_timeout):
            yield

    def record(self, key: TaskKey) -> TaskRecord | None:
        """All reservations of a task, or None when nothing of it is taken. Raises `damaged-file`, `newer-format`."""
        return self._load(self.record_path(key))

    def save(self, record: TaskRecord) -> None:
        """Write the record; one without reservations is removed. Called under the lock."""
        path = self.record_path(record.key)
        if not record.reservations:
            for name in {record.branch}:
                if self.branch_holder(record.key.project, name) in (record.key, None):
                    files.remove(self._branch_path(record.key.project, name))
            files.remove(path)
            return
        for reservation in record.reservations.values():
            index = self._branch_path(record.key.project, reservation.branch)
            if not os.path.exists(index) or self._branch_key(index) != record.key:
                json_files.save(index, {"branch": reservation.branch, "key": str(record.key)}, 0o600)
        json_files.save(path, _record_document(record), 0o600)

    def records(self, project: str | None = None) -> Iterator[TaskRecord]:
        """Every record that can be read, of one project or of all; those that cannot, `damaged` names."""
        for path in self.record_paths(project):
            with contextlib.suppress(OkstraError):
                record = self._load(path)
                if record is not None:
                    yield record

    def damaged(self, project: str | None = None) -> Iterator[tuple[str, OkstraError]]:
        """The paths of the records that cannot be read, each with the reason."""
        for path in self.record_paths(project):
            try:
                self._load(path)
            except OkstraError as error:
                yield path, error

    def record_paths(self, project: str | None = None) -> Iterator[str]:
        """The paths of all records, sorted."""
        root = f"{self.root}/tasks"
        for project_name in [project] if project is not None else _entries(root):
            for group in _entries(f"{root}/{project_name}"):
                for name in _entries(f"{root}/{project_name}/{group}"):
                    if name.endswith(".json") and not name.startswith("."):
                        yield f"{root}/{project_name}/{group}/{name}"

    def record_path(self, key: TaskKey) -> str:
        """Where the record of a task is kept."""
        return f"{self.root}/tasks/{key.project}/{key.group}/{key.task}.json"

    def branch_holder(self, project: str, branch: str) -> TaskKey | None:
        """The task that holds `branch` in any repository of the project, for itself or for a stage."""
        key = self._branch_key(self._branch_path(project, branch))
        if key is None:
            return None
        record = self.record(key)
        if record is None or all(entry.branch != branch for entry in record.reservations.values()):
            return None
        return key

    def forget_branch(self, project: str, branch: str) -> None:
        """Take a branch that no reservation names any more out of the index. Called under the lock."""
        if self.branch_holder(project, branch) is None:
            files.remove(self._branch_path(project, branch))

    def hold_path(self, key: TaskKey, number: int) -> str:
        """The file whose flock says that the key's provisioning or releasing process lives."""
        return f"{self.root}/holds/{key.project}/{key.group}/{key.task}-{number}"

    def lease_path(self, key: TaskKey, number: int, generation: int) -> str:
        """The file whose flock says that the process lives which works on the key under the lease of `generation`.

        One that is there and free was left by a process that was killed.
        """
        return f"{self.root}/leases/{key.project}/{key.group}/{key.task}-{number}.{generation}"

    def repositories(self, project: str) -> list[dict[str, str]] | None:
        """The repositories that share the project id (`common_dir`, `origin`), or None when nobody has it."""
        document = json_files.load(f"{self.root}/projects/{project}.json", REBUILD)
        if document is None:
            return None
        found = document.get("repositories")
        if not isinstance(found, list):
            raise _damaged(f"{self.root}/projects/{project}.json", "it has no list of repositories")
        return [
            {"common_dir": str(entry.get("common_dir", "")), "origin": str(entry.get("origin", ""))}
            for entry in found
            if isinstance(entry, dict)
        ]

    def save_repositories(self, project: str, repositories: list[dict[str, str]]) -> None:
        """Record which repositories share the project id. Called under the lock."""
        document = {"format": formats.FORMAT, "project": project, "repositories": repositories}
        json_files.save(f"{self.root}/projects/{project}.json", document, 0o600)

    def _branch_path(self, project: str, branch: str) -> str:
        # A branch may hold slashes and be long; the digest keeps the name short, the file says which branch it is.
        if "/" not in branch and len(os.fsencode(branch)) < 200:
            return f"{self.root}/branches/{project}/{branch}.json"
        import hashlib

        return f"{self.root}/branches/{project}/{hashlib.sha256(os.fsencode(branch)).hexdigest()}.json"

    def _branch_key(self, path: str) -> TaskKey | None:
        try:
            document = json_files.load(path, REBUILD)
            return names.parse_key(str(document["key"])) if document else None
        except (OkstraError, KeyError):
            return None  # derived: the task's own file decides

    def _load(self, path: str) -> TaskRecord | None:
        document = json_files.load(path, REBUILD)
        return None if document is None else _record_from(document, path)


def _record_document(record: TaskRecord) -> dict[str, Any]:
    given_back = record.generations
    return {
        "format": formats.FORMAT,
        "key": str(record.key),
        "id": record.id,
        "category": record.category,
        "branch": record.branch,
        "repository": record.repository,
        "reservations": [
            {name: getattr(reservation, name) for name in Reservation.__slots__}
            for _, reservation in sorted(record.reservations.items())
        ],
        **({"generations": {str(number): one for number, one in sorted(given_back.items())}} if given_back else {}),
    }


def _record_from(document: dict[str, Any], path: str) -> TaskRecord:
    try:
        reservations = [Reservation(**_known(entry)) for entry in document["reservations"]]
        task_id, category, branch, repository = (document[name] for name in ("id", "category", "branch", "repository"))
        key = names.parse_key(document["key"])
        generations = {int(number): one for number, one in document.get("generations", {}).items()}
    except (AttributeError, KeyError, TypeError, ValueError, OkstraError) as error:
        raise _damaged(path, f"a field is missing or malformed ({error})") from None
    strings = [task_id, category, branch, repository]
    for entry in reservations:
        strings += [entry.state, entry.owner, entry.branch, entry.path, entry.base, entry.renewed, entry.former]
    numbers = [number for entry in reservations for number in (entry.number, entry.generation)]
    numbers += generations.values()
    in_place = path.rpartition("/tasks/")[2] == f"{key}.json"
    if not in_place or not all(isinstance(text, str) for text in strings) or not all(type(n) is int for n in numbers):
        raise _damaged(path, "a field has the wrong type, or the file is not where its key says")
    held = {entry.number: entry for entry in reservations}
    return TaskRecord(key, task_id, category, branch, repository, held, generations)


def _known(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in Reservation.__slots__ if name in entry}


def _entries(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _damaged(path: str, why: str) -> OkstraError:
    return json_files.damaged(path, why, REBUILD)
