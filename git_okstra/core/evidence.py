"""Evidence for `git okstra doctor`: what was found in registry, store and git, as plain data for `diagnosis`."""

from __future__ import annotations

from collections.abc import Mapping

from git_okstra.core.journal import Event, History
from git_okstra.core.names import TaskKey
from git_okstra.core.records import dataclass, field
from git_okstra.core.tasks import Task, TaskRecord

NOTHING = "nothing"
LINKED = "linked"
UNLINKED = "unlinked"
FOREIGN = "foreign"

SAME = "same"
MOVED = "moved"
COPIED = "copied"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a HEAD reflog (git-reflog(1)): the ids before and after, and why."""

    old: str
    new: str
    why: str


@dataclass(frozen=True, slots=True)
class Registration:
    """git's directory of one linked worktree, `<common dir>/worktrees/<id>` (gitrepository-layout(5)).

    `path` is where it says that its worktree is, empty when it does not say. `branch` is short and None when HEAD is
    detached; while a rebase or bisection is under way it is the branch that is being worked on. `here` says that the
    directory at `path` points back; `found` is another directory that does. `missing` names the parts that git needs
    and that are absent or empty; `age` is how many seconds ago something was made in it.
    """

    admin: str
    path: str = ""
    branch: str | None = None
    marker: tuple[str, str, int] | None = None
    here: bool = False
    found: str = ""
    missing: tuple[str, ...] = ()
    age: float = 0.0
    has_index: bool = True
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What stands where a reservation has its worktree.

    `kind` is `nothing` (also an empty directory), `linked` (a worktree of this repository, of the registration
    `admin`), `unlinked` (a directory whose `.git` is gone or leads nowhere) or `foreign` (something else).
    """

    kind: str
    admin: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file of ours that cannot be used. `newer`: a newer version wrote it. `key` says whose it is, as a task key.

    `kind` is `record`, `project`, `identity`, `task`, `plan`, `merge`, `trash`, `settings` or `trust`; `known` says
    that this repository can say what should stand there, or at least that it is its own.
    """

    kind: str
    path: str
    why: str
    newer: bool = False
    key: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class StoredTask:
    """One task as the store has it. `task` is None when its file is missing or unreadable.

    `paths` is the derived file of worktrees (None: there is none), `open` the derived marker. `merge` is empty, `live`
    while a process is at it, or `left`; `stopped` says that it stopped on purpose, where a person has to go on.
    `handoff_left` says that a hand-off was begun whose process is gone.
    """

    key: TaskKey
    task: Task | None
    events: tuple[Event, ...]
    history: History
    damaged_lines: tuple[int, ...] = ()
    paths: Mapping[int, str] | None = None
    open: bool = False
    merge: str = ""
    stopped: bool = False
    handoff_left: bool = False
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that somebody left behind: `age` in seconds; `used` says that a live process has it (or may have)."""

    path: str
    age: float
    used: bool


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A symlink in a worktree of ours that `worktree.link` asks for and that leads nowhere.

    `mendable` says that the main worktree has what it should lead to.
    """

    worktree: str
    name: str
    target: str
    mendable: bool


@dataclass(frozen=True, slots=True)
class Trash:
    """The trash of this repository: how many entries, bytes in all, and the ids that are older than `trash.keep`."""

    count: int = 0
    size: int = 0
    expired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What concerns another repository: a record whose repository is gone, or a worktree that has no record."""

    key: str
    repository: str
    path: str
    gone: bool


@dataclass(frozen=True, slots=True)
class HooksOff:
    """Hooks of ours that do not run in a worktree; `overwritten` says that others stand in their place."""

    worktree: str
    events: tuple[str, ...]
    overwritten: bool


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A governed branch that was moved past the hooks to where the rule would have refused it."""

    branch: str
    rule: str
    what: str
    hint: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was found.

    `standing` is `same`, or `moved` or `copied` when the store says that the repository was at `stood` before.
    `records` are those of this repository, also under the place where it stood. `alive` are the keys which a running
    process reserves or releases. `branches` are the local ones with their commits, `lost` the last commit known of a
    branch that is gone, by reservation. `unsafe` are directories of ours that others own or may write to. `around` is
    the worktree of this repository in which our home lies, `configured` a `project.id` that is not the project's id,
    `unplanned` the stages that are held and that the task's plan does not have, `ungraphed` how many packed objects
    there are, if git keeps no commit-graph.
    """

    common_dir: str
    home: str = ""
    git_version: tuple[int, ...] = ()
    project: str | None = None
    standing: str = SAME
    stood: str = ""
    shared: bool = True
    unreadable: tuple[Unreadable, ...] = ()
    records: tuple[TaskRecord, ...] = ()
    alive: frozenset[tuple[TaskKey, int]] = frozenset()
    places: Mapping[str, Place] = field(default_factory=dict)
    registrations: tuple[Registration, ...] = ()
    branches: Mapping[str, str] = field(default_factory=dict)
    lost: Mapping[tuple[TaskKey, int], str] = field(default_factory=dict)
    indexed: frozenset[tuple[TaskKey, str]] = frozenset()
    tasks: tuple[StoredTask, ...] = ()
    held_elsewhere: Mapping[TaskKey, str] = field(default_factory=dict)
    unsafe: tuple[tuple[str, str], ...] = ()
    lockless: tuple[str, ...] = ()
    temporaries: tuple[Leftover, ...] = ()
    index_locks: tuple[Leftover, ...] = ()
    dead_links: tuple[DeadLink, ...] = ()
    hooks_off: tuple[HooksOff, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    trash: Trash = Trash()
    elsewhere: tuple[Elsewhere, ...] = ()
    around: str = ""
    configured: str = ""
    unplanned: tuple[tuple[TaskKey, int], ...] = ()
    ungraphed: int = 0
