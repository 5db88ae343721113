"""What the guard has to know of the world, and the names of its rules.

`operations/guard_facts.py` answers for the real world, tests for one made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

RULES: dict[str, str] = {
    "hook-bypass": "an option that keeps git from running the hooks",
    "hooks-config": "a setting or variable that makes git look for hooks, or for its settings, elsewhere",
    "forced-push": "a forced push of a governed or protected branch",
    "push-deletes": "a push that deletes a governed or protected branch",
    "protected-push": "a push straight to a protected branch",
    "push-everything": "a push of all branches at once, or one that prunes",
    "send-pack": "a push past every hook with git send-pack",
    "governed-branch": "moving, renaming or deleting a governed branch behind okstra's back",
    "elsewhere": "working on a repository through another one's git directory or work tree",
    "worktree-removal": "removing or moving a governed worktree behind okstra's back",
    "git-directory": "writing in a git directory",
    "okstra-files": "writing or removing what okstra keeps of tasks and reservations",
    "guard-settings": "writing the settings that call the guard",
    "publish": "publishing a release",
    "person": "a decision that belongs to a person",
    "edit-outside": "editing a file outside the worktree of the stage",
    "edit-unplanned": "editing a file that the plan does not list for the stage",
    "unreadable": "a tool call or command line that cannot be judged",
}
"""rule -> what it refuses; the order is the manual's order."""


class Holding(NamedTuple):
    """A governed branch: the stage (0: the task itself), the id of the task, its worktree, and the task's key."""

    number: int
    task: str
    branch: str
    path: str
    key: str


class Place(NamedTuple):
    """Where a directory is, in a repository that has an open task.

    `worktree` is the root of the worktree, empty inside a git directory; `own` what the worktree is held for, None for
    one that okstra does not govern; `head` the branch checked out there, empty when there is none. `held` are the
    governed branches by name.
    """

    common_dir: str
    git_dir: str
    worktree: str
    own: Holding | None
    head: str
    held: Mapping[str, Holding]


class World(Protocol):
    """The questions. None of them changes anything; those about directories take absolute paths."""

    environ: Mapping[str, str]
    home: str
    """OKSTRA_HOME, absolute and without links."""

    @property
    def publishing(self) -> Sequence[str]:
        """The setting `guard.publish`."""

    @property
    def scratch(self) -> Sequence[str]:
        """The setting `guard.scratch`."""

    def resolve(self, path: str) -> str:
        """`path` without links and `..`; what does not exist stays as it is written."""

    def place(self, directory: str) -> Place | None:
        """The place of a directory, or of the nearest one above it that exists; None where no task is open."""

    def protected(self, place: Place) -> Sequence[str]:
        """The names of the protected branches, or patterns for them."""

    def git_settings(self, directory: str) -> Mapping[str, Sequence[str]]:
        """git's settings there that matter: aliases, and what a push without arguments does. Names in lower case."""

    def files(self, place: Place) -> Sequence[str] | None:
        """The patterns of the files that may be changed in the worktree of `place`; None when no plan binds it."""
