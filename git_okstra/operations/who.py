"""`git okstra who`: who holds what, since when, and when somebody was last at work there.

The last sign of life is the latest of: the reservation and its renewal, the commit at the tip of the branch, and the
newest change among the files that no commit holds. One `for-each-ref` and one `git status` per worktree, several at a
time; nothing is written and no lock is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from git_okstra.core import journal, leases, names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import changes, refs, repository
from git_okstra.operations import leasing, projects, targets
from git_okstra.operations.context import Context
from git_okstra.state import locks

MOST_FILES = 1000
"""How many uncommitted files of one worktree are looked at."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds one key. `state` is the stage's in the journal, or the reservation's while it is not active; `active`
    the last sign of life and `idle` the seconds since; `alive` whether the owner's process lives, None when that
    cannot be known; `lease` a word of `core.leases`."""

    number: int
    state: str
    reservation: Reservation
    active: str
    idle: int
    alive: bool | None
    lease: str


@dataclass(frozen=True, slots=True)
class Held:
    """A task, and who holds it and its stages, the task itself first."""

    task: Task
    holders: tuple[Holder, ...]


def who(ctx: Context, only: Task | None = None) -> list[Held]:
    """Who holds the open tasks of this repository and their stages, or `only` one task."""
    known = projects.project(ctx) is not None
    asked = [only] if only else targets.open_tasks(ctx) if known else []
    found = []
    for task in asked:
        try:
            record = ctx.registry.record(task.key)
            history = ctx.store.history(task.key.group, task.key.task)
        except OkstraError as error:
            ctx.note(f"task '{task.key.group}/{task.key.task}' is left out: {error.message}")
            continue
        if record is not None and record.repository == ctx.common_dir:
            found.append((task, [entry for _, entry in sorted(record.reservations.items())], history))
    entries = [entry for _, held, _ in found for entry in held]
    paths = sorted({entry.path for entry in entries if repository.admin_directory(entry.path) is not None})
    changed = {path: newest(path, status) for path, status in changes.each(paths).items()} if paths else {}
    committed = refs.committed(ctx.common_dir, sorted({entry.branch for entry in entries}))
    now = ctx.now()
    return [
        Held(
            task,
            tuple(
                _holder(ctx, task, entry, history, now, committed.get(entry.branch, 0), changed.get(entry.path, 0.0))
                for entry in held
            ),
        )
        for task, held, history in found
    ]


def _holder(
    ctx: Context, task: Task, entry: Reservation, history: journal.History, now: str, committed: int, changed: float
) -> Holder:
    last = last_seen(entry, now, committed, changed)
    state, lease, alive = _standing(ctx, task, entry)
    if not state:
        stage = history.stage(entry.number).state if entry.number != names.TASK else None
        state = stage or journal.OPEN
    idle = int(datetime.fromisoformat(now).timestamp() - last)
    return Holder(entry.number, state, entry, stamp(last), idle, alive, lease)


def last_seen(entry: Reservation, now: str, committed: float, changed: float) -> float:
    """When somebody was last seen at work under a reservation, in seconds since 1970: by the record, the commit at the
    tip of its branch, or the newest of the files that no commit holds.

    A commit that is dated in the future, or a file from a clock that runs ahead, is no work yet to come.
    """
    present = datetime.fromisoformat(now).timestamp()
    return max([present - leases.idle(entry, now), *(time for time in (committed, changed) if time <= present)])


def stamp(seconds: float) -> str:
    """A time as records have it: RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _standing(ctx: Context, task: Task, entry: Reservation) -> tuple[str, str, bool | None]:
    """The state of an entry that is not active (else empty), how it stands with the lease, and whether its process
    lives."""
    if entry.state != tasks.ACTIVE:
        return entry.state, leases.NONE, locks.is_held(ctx.registry.hold_path(task.key, entry.number))
    lease = leasing.state(ctx, task.key, entry)
    return "", lease, {leases.LIVE: True, leases.GONE: False}.get(lease)


def newest(path: str, status: changes.Status) -> float:
    """When the newest of the files that no commit holds was changed, in seconds since 1970; 0 when there is none."""
    times = [0.0]
    for _, file in zip(range(MOST_FILES), _uncommitted(path, status), strict=False):
        try:
            times.append(os.lstat(file).st_mtime)
        except OSError:
            continue  # deleted, which leaves no time
    return max(times)


def _uncommitted(path: str, status: changes.Status) -> Iterator[str]:
    for name in status.paths:
        full = f"{path}/{name}".rstrip("/")
        yield full
        if name.endswith("/"):  # an untracked directory stands for all that is in it
            for directory, _, files in os.walk(full):
                yield directory
                yield from (f"{directory}/{file}" for file in files)
