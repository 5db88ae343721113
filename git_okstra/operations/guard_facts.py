"""The guard's view of the real world: where a directory is, what is governed there, and what git's settings say.

Read from files; git itself is started at most `MOST_PROCESSES` times, and only for an alias or a push without
arguments. Whatever is damaged raises OkstraError, and the guard refuses: it must not judge by half of the facts.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence

from git_okstra.core import git_words, guard_defaults, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.guard_world import Holding, Place
from git_okstra.core.names import TaskKey
from git_okstra.git import repository
from git_okstra.operations.context import home_directory
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

MOST_PROCESSES = 3
"""How many times git may be started for one tool call; what would need more is taken for not set."""

_WANTED = r"^(alias\..*|remote\..*\.(mirror|push)|branch\..*\.merge|push\.default)$"
_LOOKING = ("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")


class RealWorld:
    """A `core.guard_world.World` of files and git."""

    def __init__(self, directory: str, environ: Mapping[str, str]) -> None:
        """`directory` is where the tool call runs, `environ` the environment it probably has."""
        self.environ = environ
        self.home = home_directory(environ)
        self._directory = directory
        self._looking = {name: environ[name] for name in _LOOKING if name in environ}
        self._places: dict[tuple[str, str | None], Place | None] = {}
        self._processes = 0

    @functools.cached_property
    def publishing(self) -> Sequence[str]:
        """The setting `guard.publish`."""
        return self._setting("guard.publish", guard_defaults.PUBLISHING)

    @functools.cached_property
    def scratch(self) -> Sequence[str]:
        """The setting `guard.scratch`."""
        return self._setting("guard.scratch", guard_defaults.SCRATCH)

    def resolve(self, path: str) -> str:
        """`path` without links and `..`; what does not exist stays as it is written."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):
            return os.path.normpath(path)

    def place(self, directory: str) -> Place | None:
        """The place of a directory, or of the nearest one above it that exists; None where no task is open."""
        while directory not in ("", "/") and not _is_directory(directory):
            directory = os.path.dirname(directory)
        found = repository.discover(directory or "/", self._looking)
        if found is None:
            return None
        where = (found.git_dir, found.worktree)
        if where not in self._places:
            self._places[where] = self._look(found)
        return self._places[where]

    def protected(self, place: Place) -> Sequence[str]:
        """The setting `policy.protected` and the tasks' bases.

        What a branch says in its own `.okstra.toml` can add to what the other scopes say, and take nothing away.
        """
        from git_okstra.state import config

        without_project = config.load(self.home, place.common_dir, None, {})
        with_project = config.load(self.home, place.common_dir, place.worktree or None, {})
        found = [*without_project.get("policy.protected"), *with_project.get("policy.protected")]
        store = Store(place.common_dir)
        for group, name in store.open_tasks():
            task = store.task("", group, name)
            if task is not None:
                base = git_words.branch_of(task.base_ref).removeprefix("refs/remotes/")
                found += [base, base.partition("/")[2]]
        return tuple(dict.fromkeys(each for each in found if each))

    def git_settings(self, directory: str) -> Mapping[str, Sequence[str]]:
        """git's settings there that matter: aliases, and what a push without arguments does. Names in lower case."""
        if not _is_directory(directory):
            directory = self._directory
        return self._git_settings(directory)

    def files(self, place: Place) -> Sequence[str] | None:
        """The patterns of the files that may be changed in the worktree of `place`; None when no plan binds it."""
        own = place.own
        if own is None:
            return None
        from git_okstra.operations import plans

        store = Store(place.common_dir)
        key = names.parse_key(own.key)
        task = store.task(*key)
        stored = plans.load(store, task) if task is not None else None
        number = own.number
        if number == names.TASK:
            record = Registry(self.home).record(key)
            flat = [one for one, entry in (record.reservations if record else {}).items() if entry.flat]
            number = flat[0] if flat else names.TASK
        planned = stored.plan.stage(number) if stored is not None and number != names.TASK else None
        return planned.files if planned is not None else None

    def _setting(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A setting of the guard; the built-in value where the settings cannot be read, for those are stricter.

        Neither the project's file nor the environment may hold it, so a fault in those must not stop an agent that is
        about to mend it.
        """
        from git_okstra.state import config

        found = repository.discover(self._directory, self._looking) if _is_directory(self._directory) else None
        try:
            return tuple(config.load(self.home, found.common_dir if found else None, None, {}).get(key))
        except OkstraError:
            return default

    def _look(self, found: repository.Repository) -> Place | None:
        try:
            is_open = bool(os.listdir(f"{found.common_dir}/okstra/open"))
        except OSError:
            return None
        store = Store(found.common_dir)
        identity = store.identity() if is_open else None
        if identity is None:
            return None
        held: dict[str, Holding] = {}
        own: Holding | None = None
        registry = Registry(self.home)
        for group, name in store.open_tasks():
            record = registry.record(TaskKey(str(identity["project"]), group, name))
            if record is None or record.repository != found.common_dir:
                continue
            for number, entry in sorted(record.reservations.items()):
                holding = Holding(number, record.id, entry.branch, self.resolve(entry.path), str(record.key))
                if not entry.flat:
                    held[entry.branch] = holding
                    own = holding if found.worktree == holding.path else own
        return Place(found.common_dir, found.git_dir, found.worktree or "", own, self._head(found), held)

    def _head(self, found: repository.Repository) -> str:
        try:
            with open(f"{found.git_dir}/HEAD", encoding="utf-8") as file:
                line = file.read(4096).strip()
        except (OSError, UnicodeDecodeError):
            return ""
        if line == "ref: refs/heads/.invalid" and found.worktree is not None and self._may_start():
            from git_okstra.git import refs

            return refs.head_branch(found.worktree) or ""
        return line.removeprefix("ref: refs/heads/") if line.startswith("ref: refs/heads/") else ""

    def _may_start(self) -> bool:
        self._processes += 1
        return self._processes <= MOST_PROCESSES

    @functools.lru_cache(maxsize=8)  # noqa: B019 (one world for one tool call)
    def _git_settings(self, directory: str) -> Mapping[str, Sequence[str]]:
        if not self._may_start():
            return {}
        from git_okstra.git import process

        result = process.git(["config", "--null", "--get-regexp", _WANTED], cwd=directory, check=False)
        found: dict[str, list[str]] = {}
        for entry in os.fsdecode(result.out).split("\0"):
            name, newline, value = entry.partition("\n")
            if name:
                found.setdefault(name.lower(), []).append(value if newline else "true")
        return found


def _is_directory(path: str) -> bool:
    try:
        return os.path.isdir(path)
    except ValueError:  # a null byte
        return False
