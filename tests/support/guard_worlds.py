"""A made-up world for the guard: a repository `/r` with a task and two stages, and one that okstra does not know."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from git_okstra.core import guard_defaults
from git_okstra.core.guard_world import Holding, Place

HOME = "/home/ada"
OKSTRA = f"{HOME}/.okstra"
TASK = f"{OKSTRA}/worktrees/shop/dev/dev-1"
STAGE = f"{TASK}-s1"
OTHER_STAGE = f"{TASK}-s2"
MAIN = "/r"
FREE = "/free"

HELD = {
    name: Holding(number, "DEV-1", name, path, "shop/dev/dev-1")
    for number, name, path in (
        (0, "feat-dev-1", TASK),
        (1, "feat-dev-1-s1", STAGE),
        (2, "feat-dev-1-s2", OTHER_STAGE),
    )
}
FILES = {1: ("s1/**", "docs/*.md"), 2: ("s2/**",)}


class MadeUpWorld:
    """A `core.guard_world.World` in which every directory is there and nothing is a link."""

    def __init__(self, settings: Mapping[str, Sequence[str]] | None = None, head: str | None = None) -> None:
        """`settings` are git's, `head` the branch that is checked out in the main worktree."""
        self.environ = {"HOME": HOME, "OKSTRA_HOME": OKSTRA, "FORCE": "--force"}
        self.home = OKSTRA
        self.publishing = guard_defaults.PUBLISHING
        self.scratch = guard_defaults.SCRATCH
        self.settings = dict(settings or {})
        self.head = head or "main"
        self.asked_git = 0

    def resolve(self, path: str) -> str:
        return posixpath.normpath(path)

    def place(self, directory: str) -> Place | None:
        where = posixpath.normpath(directory)
        if where.startswith(f"{MAIN}/.git/") or where == f"{MAIN}/.git":
            return Place(f"{MAIN}/.git", f"{MAIN}/.git", "", None, self.head, HELD)
        for holding in HELD.values():
            if f"{where}/".startswith(f"{holding.path}/"):
                admin = f"{MAIN}/.git/worktrees/{posixpath.basename(holding.path)}"
                return Place(f"{MAIN}/.git", admin, holding.path, holding, holding.branch, HELD)
        if f"{where}/".startswith(f"{MAIN}/"):
            return Place(f"{MAIN}/.git", f"{MAIN}/.git", MAIN, None, self.head, HELD)
        return None

    def protected(self, place: Place) -> Sequence[str]:
        return ("main", "master", "dev", "develop", "staging", "preprod", "prod", "release/*")

    def git_settings(self, directory: str) -> Mapping[str, Sequence[str]]:
        self.asked_git += 1
        return self.settings

    def files(self, place: Place) -> Sequence[str] | None:
        return FILES.get(place.own.number) if place.own else None
