"""A ticket with the hooks installed, and how a test says that they refused or let through."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from git_okstra.core.plan import Plan, PlannedStage
from support.processes import Ended
from support.repositories import Git
from support.workbench import Ticket

PLAN = Plan(
    (
        PlannedStage(1, "One", (), ("s1/**",)),
        PlannedStage(2, "Two", (), ("s2/**",)),
        PlannedStage(3, "Three", (1, 2), ("s3/**",)),
    )
)

EVENTS = ("pre-commit", "pre-push", "post-checkout", "reference-transaction")
HOOKS_OFF = (
    "-c", "core.hooksPath=/dev/null", *(word for one in EVENTS for word in ("-c", f"hook.okstra-{one}.enabled=false"))
)  # fmt: skip
"""Options with which no hook of ours runs, whichever way git was told of them."""

CONFIGURED = tuple(map(int, Git()("version").split()[2].split(".")[:2])) >= (2, 54)
"""Whether this git runs hooks that its configuration names; what is tested then is `configured` mode."""

_BLOCKED = re.compile(r"^okstra: BLOCKED \[([a-z-]+)\] ", re.MULTILINE)


class Held(Ticket):
    """A ticket in whose worktrees the hooks hold the line."""

    def write(self, number: int, name: str, content: str = "x\n") -> str:
        """Write and stage a file in a worktree; its name."""
        target = self.path(number) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        self.git("add", "--", name, cwd=self.path(number))
        return name

    def loose(self, files: Mapping[str, str], *parents: str, message: str = "loose") -> str:
        """A commit of the first parent's tree with `files` put in, made without index, worktree, ref or hook."""
        index = {"GIT_INDEX_FILE": os.fspath(self.repository.path / ".git" / "loose-index")}
        self.git("read-tree", parents[0], env=index)
        for name, content in files.items():
            blob = self.git("hash-object", "-w", "--stdin", input=content)
            self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", env=index)
        tree = self.git("write-tree", env=index)
        return self.git("commit-tree", tree, "-m", message, *(word for one in parents for word in ("-p", one)))

    def base_commit(self, files: Mapping[str, str], message: str = "on the base") -> str:
        """A commit on main, made in the main worktree."""
        return self.repository.commit(files, message)

    def policy(self) -> Path:
        """Where the files lie that the hooks read."""
        return self.repository.path / ".git" / "okstra" / "policy"


def rules(ended: Ended) -> list[str]:
    """The rules under which the hooks refused, each once."""
    return list(dict.fromkeys(_BLOCKED.findall(ended.err)))


def require_refused(ended: Ended, *expected: str) -> Ended:
    """Itself; fails the test unless git failed and just these rules were named, with a way on."""
    assert ended.status != 0, f"{ended}"
    assert rules(ended) == list(expected), f"{ended}"
    assert "okstra: hint: " in ended.err, f"{ended}"
    return ended
