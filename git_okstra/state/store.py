"""The store: what one repository knows of its tasks, in `okstra/` under the git common directory.

- `identity.json`                        the project id, and where the repository stood when it was last used
- `tasks/<group>/<task>/task.toml`       the task
- `tasks/<group>/<task>/plan.toml`       its plan, and the digest it was approved under
- `tasks/<group>/<task>/journal.jsonl`   its events, only ever added to
- `tasks/<group>/<task>/merge.json`      the merge that is under way, while one is
- `tasks/<group>/<task>/reports/…/`      what the gate found: `report.json`, `report.md`, a log for each command
- `tasks/<group>/<task>/handoff.json`    the hand-off that is under way, while one is
- `tasks/<group>/<task>/handoff/`        the texts of the last hand-off: `commit-message.txt`, `pull-request.md`
- `tasks/<group>/<task>/paths`           derived: where its worktrees are, for `git okstra path` and the hooks
- `open/<group>,<task>`                  derived: an empty file for each task that is not removed
- `previews/<name>`                      held while a preview's checkout is there
- `operations.jsonl`                     the operation log (state/operation_log.py)
- `operations/<id>`                      held by the process that carries the operation out
- `trash/<id>/entry.json`, `trash/<id>/admin/`   what was removed, and git's directory of the removed worktree
- `lock`, `worktrees.lock`               the store lock and the repository lock; never deleted

Readers take no lock. Writers replace whole files; the journal is appended to under the store lock.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from git_okstra.core import formats, journal, lifecycle, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Task
from git_okstra.state import files, json_files, locks

T = TypeVar("T")
MEND = "git okstra doctor --repair"
"""What is said of a damaged file of the store."""


class Store:
    """The store of the repository whose git common directory is given (absolute)."""

    def __init__(self, common_dir: str, lock_timeout: float = 60.0) -> None:
        self.common_dir = common_dir
        self.root = f"{common_dir}/okstra"
        self.lock_timeout = lock_timeout

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store lock: last in the lock order."""
        with locks.locked(f"{self.root}/lock", locks.STORE, timeout=self.lock_timeout):
            yield

    @contextlib.contextmanager
    def worktrees_locked(self) -> Iterator[None]:
        """Hold the repository lock: git registers one worktree at a time (it fails when it runs several at once)."""
        with locks.locked(f"{self.root}/worktrees.lock", locks.REPOSITORY, timeout=self.lock_timeout):
            yield

    # -- the repository

    def identity(self) -> Mapping[str, Any] | None:
        """`project` and `common_dir` as last recorded, or None before the first use. Raises as `load_json` does."""
        path = f"{self.root}/identity.json"
        found = self.load_json(path)
        if found is not None and not all(isinstance(found.get(name), str) for name in ("project", "common_dir")):
            raise _damaged(path, "it does not say which project this is, and where")
        return found

    def save_identity(self, project: str) -> None:
        """Record the project id, and that the repository stands where it stands now."""
        self.save_json(f"{self.root}/identity.json", {"project": project, "common_dir": self.common_dir})

    # -- tasks

    def tasks(self) -> list[tuple[str, str]]:
        """(group, task) of every task that was ever started here and not forgotten, sorted."""
        root = f"{self.root}/tasks"
        return [(group, task) for group in _entries(root) for task in _entries(f"{root}/{group}")]

    def open_tasks(self) -> list[tuple[str, str]]:
        """(group, task) of the tasks that are not removed, sorted; from the derived directory."""
        found = (name.partition(",") for name in _entries(f"{self.root}/open"))
        return [(group, task) for group, comma, task in found if comma]

    def task_directory(self, group: str, task: str) -> str:
        """Where everything about one task is kept."""
        return f"{self.root}/tasks/{group}/{task}"

    def task(self, project: str, group: str, task: str) -> Task | None:
        """The task as stored, or None. Raises `damaged-file`, `newer-format`."""
        path = f"{self.task_directory(group, task)}/task.toml"
        document = _load_toml(path)
        if document is None:
            return None
        try:
            base = document["base"]
            return Task(
                TaskKey(project, group, task),
                id=_typed(document["id"], str),
                category=_typed(document["category"], str),
                branch=_typed(document["branch"], str),
                base_ref=_typed(base["ref"], str),
                base_commit=_typed(base["commit"], str),
                since=_typed(document["since"], str),
                title=_typed(document.get("title", ""), str),
                lifecycle=_typed(document.get("lifecycle", "light"), str),
                phase=lifecycle.require(_typed(document.get("phase", "implementation"), str)).name,
                anchor=_typed(document["anchor"], str) if "anchor" in document else None,
                in_place=_typed(document.get("in_place", False), bool),
                links=tuple(_typed(link, str) for link in document.get("links", [])),
            )
        except (KeyError, TypeError, OkstraError) as error:
            raise _damaged(path, f"a field is missing or has the wrong type ({error})") from None

    def save_task(self, task: Task) -> None:
        """Write the task."""
        document: dict[str, Any] = {
            "format": formats.FORMAT,
            "id": task.id,
            "title": task.title,
            "category": task.category,
            "branch": task.branch,
            "since": task.since,
            "lifecycle": task.lifecycle,
            "phase": task.phase,
            "in_place": task.in_place,
            "links": list(task.links),
            "base": {"ref": task.base_ref, "commit": task.base_commit},
        }
        if task.anchor is not None:
            document["anchor"] = task.anchor
        _save_toml(f"{self.task_directory(task.key.group, task.key.task)}/task.toml", document)

    def forget_task(self, group: str, task: str) -> None:
        """Remove the record of a task that never came to be: it has no journal. Called under the store lock."""
        if files.read(self._journal_path(group, task)) is None:
            files.remove(f"{self.task_directory(group, task)}/task.toml")

    def plan_document(self, group: str, task: str) -> Mapping[str, Any] | None:
        """The plan as written, for core's plan reading, or None."""
        return _load_toml(self.plan_path(group, task))

    def plan_path(self, group: str, task: str) -> str:
        """Where the plan of a task is kept."""
        return f"{self.task_directory(group, task)}/plan.toml"

    def save_plan_document(self, group: str, task: str, document: Mapping[str, Any]) -> None:
        """Write the plan."""
        _save_toml(self.plan_path(group, task), document)

    # -- the journal

    def history(self, group: str, task: str) -> journal.History:
        """The folded journal of a task."""
        return journal.fold(self.events(group, task))

    def events(self, group: str, task: str) -> list[journal.Event]:
        """The events that stand, in the order they were written: none that was undone."""
        return journal.standing(self.written(group, task))

    def written(self, group: str, task: str) -> list[journal.Event]:
        """Every event as it was written, what was undone too. A line that a crash cut short is passed over."""
        return [event for event, _ in self._lines(group, task) if event is not None]

    def damaged_lines(self, group: str, task: str) -> list[int]:
        """The numbers (from 1) of the journal's lines that cannot be read."""
        return [number for event, number in self._lines(group, task) if event is None]

    def append(self, group: str, task: str, event: journal.Event) -> None:
        """Add an event, durably. Called under the store lock."""
        line = json.dumps(event.document(), ensure_ascii=False, separators=(", ", ": "))
        files.append_line(self._journal_path(group, task), line.encode("utf-8", "surrogateescape"))

    def _journal_path(self, group: str, task: str) -> str:
        return f"{self.task_directory(group, task)}/journal.jsonl"

    def _lines(self, group: str, task: str) -> Iterator[tuple[journal.Event | None, int]]:
        data = files.read(self._journal_path(group, task)) or b""
        for number, line in enumerate(data.split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                document = json.loads(line.decode("utf-8", "surrogateescape"))
            except (ValueError, RecursionError):
                document = None
            yield (journal.event_from(document) if isinstance(document, dict) else None), number

    # -- derived files

    def save_paths(self, group: str, task: str, paths: Mapping[int, str]) -> None:
        """Write where the task's worktrees are: number (0 for the task) to path; none takes the task off the open ones.

        One line each, `<number> <path>`; `git okstra path` reads it without loading anything else.
        """
        marker = f"{self.root}/open/{group},{task}"
        if not paths:
            files.remove(f"{self.task_directory(group, task)}/paths")
            files.remove(marker)
            return
        lines = "".join(f"{number} {path}\n" for number, path in sorted(paths.items()))
        files.write_atomic(f"{self.task_directory(group, task)}/paths", os.fsencode(lines))
        if not os.path.exists(marker):
            files.write_atomic(marker, b"")

    # -- JSON files of the store

    def load_json(self, path: str) -> dict[str, Any] | None:
        """A JSON object of ours, or None when there is no such file. Raises `damaged-file`, `newer-format`."""
        return json_files.load(path, MEND)

    def load_record(self, path: str, made: Callable[[dict[str, Any]], T | None], hint: str) -> T | None:
        """What `made` makes of a JSON object of ours, or None when there is no such file.

        `made` gives None, or raises KeyError, TypeError or ValueError, for what is not whole. Raises `damaged-file`
        with the `hint`, `newer-format`.
        """
        document = self.load_json(path)
        if document is None:
            return None
        try:
            found = made(document)
        except (KeyError, TypeError, ValueError):
            found = None
        if found is None:
            raise OkstraError("damaged-file", f"'{names.printable(path)}' cannot be used", hint)
        return found

    def save_json(self, path: str, document: Mapping[str, Any]) -> None:
        """Write a JSON object of ours."""
        json_files.save(path, {"format": formats.FORMAT, **document})

    def merge_path(self, group: str, task: str) -> str:
        """Where the merge that is under way is recorded; with `.hold` added, the flock of the process at it."""
        return f"{self.task_directory(group, task)}/merge.json"

    def sync_path(self, group: str, task: str, number: int) -> str:
        """Where it is recorded that a stage, or the task, is being brought up to date."""
        return f"{self.task_directory(group, task)}/sync-{number}.json"

    def handoff_path(self, group: str, task: str) -> str:
        """Where the hand-off that is under way is recorded; with `.hold` added, the flock of the process at it."""
        return f"{self.task_directory(group, task)}/handoff.json"

    def reports_path(self, group: str, task: str) -> str:
        """Where the gate's reports on a task are, each in a directory of its own."""
        return f"{self.task_directory(group, task)}/reports"

    def trash_ids(self) -> list[str]:
        """The ids of the trash entries, oldest first (they begin with the time)."""
        return _entries(f"{self.root}/trash")

    def trash_path(self, trash_id: str) -> str:
        """The directory of a trash entry in the store."""
        return f"{self.root}/trash/{trash_id}"


def _load_toml(path: str) -> dict[str, Any] | None:
    import tomllib

    data = files.read(path)
    if data is None:
        return None
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _damaged(path, f"it is not TOML ({error})") from None
    formats.require_known(document, path)
    return document


def toml_text(document: Mapping[str, Any]) -> str:
    """A document as TOML."""
    import tomli_w

    return tomli_w.dumps(document)


def _save_toml(path: str, document: Mapping[str, Any]) -> None:
    files.write_atomic(path, toml_text(document).encode())


def _entries(path: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(path) if not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not {kind.__name__}")
    return value


def _damaged(path: str, why: str) -> OkstraError:
    return json_files.damaged(path, why, MEND)
