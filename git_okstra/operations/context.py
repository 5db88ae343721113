"""What every operation needs to know of its caller: where, who, with which settings; opened lazily."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from git_okstra.core import journal
from git_okstra.git import repository, worktrees
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

if TYPE_CHECKING:
    from git_okstra.core.settings import Settings
    from git_okstra.core.tasks import Task


class Context:
    """One invocation: the directory it was made in, its environment, and the options that override settings."""

    def __init__(self, directory: str, environ: Mapping[str, str], options: Mapping[str, Any] | None = None) -> None:
        self.directory = directory
        self.environ = environ
        self.options = dict(options or {})
        self.pid = os.getpid()
        self.notes: list[str] = []
        self.task: Task | None = None
        """The task that the command works on, once that is known."""
        self.hooks_path: tuple[list[str], str] | None = None
        """What `operations/hooking.py` has learnt of `core.hooksPath`, and by what it knows that it still holds."""

    def note(self, text: str) -> None:
        """Something the user is to be told besides the result."""
        if text not in self.notes:
            self.notes.append(text)

    @functools.cached_property
    def home(self) -> str:
        """`$OKSTRA_HOME`, absolute and without symlinks; `~/.okstra` when unset."""
        return home_directory(self.environ)

    @functools.cached_property
    def owner(self) -> str:
        """`OKSTRA_OWNER` when set, else `user@host`."""
        given = self.environ.get("OKSTRA_OWNER", "").strip()
        if given:
            return given
        import getpass

        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
        return f"{user}@{os.uname().nodename}"

    @functools.cached_property
    def repository(self) -> repository.Repository:
        """Where we stand. Raises `not-a-repository`."""
        return repository.require_repository(self.directory, self.environ)

    @property
    def common_dir(self) -> str:
        """The git common directory."""
        return self.repository.common_dir

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings of all scopes, resolved. Raises `bad-config`."""
        from git_okstra.state import config

        found = repository.discover(self.directory, self.environ)
        return config.load(
            self.home,
            found.common_dir if found else None,
            found.worktree if found else None,
            self.environ,
            self.options,
        )

    def reread_settings(self) -> None:
        """Have the settings read again: one was changed."""
        self.__dict__.pop("settings", None)

    @functools.cached_property
    def registry(self) -> Registry:
        """The user's registry."""
        return Registry(self.home, self.settings.get("lock.timeout"))

    @functools.cached_property
    def store(self) -> Store:
        """The repository's store."""
        return Store(self.common_dir, self.settings.get("lock.timeout"))

    @functools.cached_property
    def main_worktree(self) -> str | None:
        """The main worktree's root, None in a bare repository."""
        main = worktrees.listed(self.common_dir)[0]
        return None if main.bare else main.path

    @functools.cached_property
    def git_version(self) -> tuple[int, ...]:
        """The version of git, asked once."""
        from git_okstra.git import admin

        return admin.version()

    @functools.cached_property
    def pid_start(self) -> int:
        """When this process began, in clock ticks since boot."""
        return worktrees.pid_start(self.pid)

    def now(self) -> str:
        """The time, RFC 3339 in UTC, to the second."""
        import datetime

        return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def event(self, name: str, stage: int | None = None, **data: Any) -> journal.Event:
        """A journal event by this owner, now."""
        return journal.Event(name, self.now(), self.owner, stage, data)


def home_directory(environ: Mapping[str, str]) -> str:
    """`$OKSTRA_HOME`, absolute and without symlinks; `~/.okstra` when unset."""
    given = environ.get("OKSTRA_HOME") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".okstra")
    return os.path.realpath(os.path.expanduser(given))
