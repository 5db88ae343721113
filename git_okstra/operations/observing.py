"""Whether anything that a task's status or conflicts follow from has changed, without asking git.

Watched are the files of the store and the registry that tell of the task, the refs of its branches, HEAD and index of
its worktrees, and every file in them that git does not ignore: by the times, sizes and inodes that lstat(2) gives.
Which files there are git is asked when a worktree is new, or has changed. Looking again and again is all that works on
every system and file system; inotify(7) hears nothing of what another machine writes, and is limited in directories.
"""

from __future__ import annotations

import os

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task, TaskRecord
from git_okstra.git import repository, tracked
from git_okstra.operations import targets
from git_okstra.operations.context import Context
from git_okstra.state import locks

TYPE_CHECKING = False
if TYPE_CHECKING:
    Mark = tuple[int, int, int, int] | None

_OF_TASK = ("task.toml", "plan.toml", "journal.jsonl", "merge.json", "handoff.json")
_OF_WORKTREE = ("HEAD", "index", "MERGE_HEAD", "locked")


@dataclass(frozen=True, slots=True)
class _Worktree:
    """A worktree's own marks, and those of the files in it."""

    own: dict[str, Mark]
    files: dict[str, Mark]


class Observer:
    """Looks after one task."""

    def __init__(self, ctx: Context, task: Task) -> None:
        self._ctx = ctx
        self._task = task
        self._marks: dict[str, Mark] = {}
        self._held: dict[str, bool] = {}
        self._worktrees: dict[str, _Worktree] = {}

    def note(self) -> None:
        """Remember how everything is. To be called before it is looked at, so that a change meanwhile is one after it.

        Raises OkstraError `not-a-repository` when the repository's store is gone, `no-such-task` when the task is.
        """
        ctx, task = self._ctx, self._task
        if not os.path.isdir(ctx.store.root):
            raise OkstraError(
                "not-a-repository",
                f"the repository '{names.printable(ctx.common_dir)}' is gone, or its okstra directory",
                "see whether it was moved: git okstra list --all",
            )
        if not os.path.exists(f"{ctx.store.task_directory(task.key.group, task.key.task)}/task.toml"):
            raise OkstraError(
                "no-such-task", f"task {names.printable(task.id)} is gone", "see which there are: git okstra list"
            )
        record = ctx.registry.record(task.key)
        self._marks = {place: _mark(place) for place in self._places(record)}
        self._held = self._holds(record)
        there = sorted({entry.path for entry in record.reservations.values()}) if record is not None else []
        changed = [path for path in there if path not in self._worktrees or self._differs(path)]
        for path in set(self._worktrees) - set(there):
            del self._worktrees[path]
        own = {path: _own(path) for path in changed}
        files = tracked.files(changed) if changed else {}
        for path in changed:
            self._worktrees[path] = _Worktree(own[path], {place: _mark(place) for place in _within(path, files)})

    def changed(self) -> bool:
        """Whether anything is otherwise than `note` found it."""
        return (
            any(_mark(place) != mark for place, mark in self._marks.items())
            or any(locks.is_held(place) != held for place, held in self._held.items())
            or any(map(self._differs, self._worktrees))
        )

    def over(self) -> bool:
        """Whether the task was removed or released, so that nothing will change any more."""
        task = self._task
        history = self._ctx.store.history(task.key.group, task.key.task)
        return targets.is_over(self._ctx.registry.record(task.key), history)

    def _differs(self, path: str) -> bool:
        noted = self._worktrees[path]
        if _own(path) != noted.own:
            return True
        return any(_mark(place) != mark for place, mark in noted.files.items())

    def _places(self, record: TaskRecord | None) -> list[str]:
        ctx, task = self._ctx, self._task
        common, home = ctx.common_dir, ctx.store.task_directory(task.key.group, task.key.task)
        branches = {task.branch, *(entry.branch for entry in record.reservations.values())} if record else {task.branch}
        # Of a stage that is merged the branch may be there and its reservation not.
        branches |= {names.branch(task.branch, n) for n in ctx.store.history(task.key.group, task.key.task).stages}
        return [
            *(f"{home}/{name}" for name in _OF_TASK),
            ctx.registry.record_path(task.key),
            f"{common}/packed-refs",
            f"{common}/reftable/tables.list",
            *(f"{common}/refs/heads/{name}" for name in sorted({*branches, task.base_ref})),
            f"{common}/refs/remotes/{task.base_ref}",
        ]

    def _holds(self, record: TaskRecord | None) -> dict[str, bool]:
        """Of what is being opened or removed, whether the process that does it is alive."""
        if record is None:
            return {}
        under_way = [entry for entry in record.reservations.values() if entry.state != tasks.ACTIVE]
        places = [self._ctx.registry.hold_path(record.key, entry.number) for entry in under_way]
        return {place: locks.is_held(place) for place in places}


def _own(path: str) -> dict[str, Mark]:
    admin = repository.admin_directory(path)
    found = {f"{path}/.git": _mark(f"{path}/.git")}
    if admin is not None:
        found |= {f"{admin}/{name}": _mark(f"{admin}/{name}") for name in _OF_WORKTREE}
    return found


def _within(path: str, files: dict[str, list[str]]) -> set[str]:
    """The files of the worktree, and the directories that they are in: those tell of new ones."""
    found = {path}
    for name in files.get(path, ()):
        place = f"{path}/{name.rstrip('/')}"
        while place not in found:
            found.add(place)
            place = os.path.dirname(place)
    return found


def _mark(place: str) -> Mark:
    """What changes when the file does; None where there is none."""
    try:
        facts = os.lstat(place)
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, facts.st_ino
