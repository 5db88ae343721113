"""A ticket on which a test works: a task in a real repository, its plan approved, its stages opened and committed to.

Everything but races and crashes is driven in process: the operations take what the command line would give them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from git_okstra.core import names
from git_okstra.core.journal import Event, History
from git_okstra.core.plan import Plan
from git_okstra.operations import done, merge, plans, reopen, stage, start
from git_okstra.operations.context import Context
from support import preloaded
from support.repositories import ScratchRepository


class Ticket:
    """Task DEV-1 of category `feat`, with an approved plan."""

    def __init__(self, repository: ScratchRepository, plan: Plan | None, **request: Any) -> None:
        """Start the task in `repository`, without a plan if there is none; `request` is for `start.Request`."""
        self.repository = repository
        self.git = repository.git
        asked = start.Request("feat", "DEV-1", **{"base": "main", **request})
        self.task = start.start(self.context(), asked).task
        if plan is not None:
            self.approve(plan)

    def context(self, where: str | os.PathLike[str] | None = None, **env: str) -> Context:
        """An invocation in `where` (else the main worktree); `env` is added to the environment."""
        return Context(os.fspath(where or self.repository), {**os.environ, **env})

    def approve(self, plan: Plan) -> None:
        """Import the plan, and approve it."""
        plans.import_plan(self.context(), self.task, plan)
        plans.approve(self.context(), self.task)

    def path(self, number: int = names.TASK) -> Path:
        """Where the worktree of a stage, or of the task, is."""
        return Path(names.worktree_path(os.environ["OKSTRA_HOME"], self.task.key, number))

    def branch(self, number: int = names.TASK) -> str:
        """The branch of a stage, or of the task."""
        return names.branch(self.task.branch, number)

    def tip(self, number: int = names.TASK) -> str:
        """Where that branch is."""
        return self.git("rev-parse", f"refs/heads/{self.branch(number)}")

    def open(self, number: int, **more: Any) -> Path:
        """Open a stage; its worktree."""
        return Path(stage.open_stage(self.context(), self.task, number, **more).path)

    def commit(self, number: int, files: Mapping[str, str] | None = None, message: str = "a change") -> str:
        """Commit to an open stage, or to the task; without files what is expected of it."""
        return self.repository.commit(files or {f"s{number}/a.txt": "a\n"}, message, cwd=self.path(number))

    def work(self, number: int, files: Mapping[str, str] | None = None) -> str:
        """Open a stage, commit and close it; the recorded head."""
        self.open(number)
        self.commit(number, files)
        return self.done(number).head

    def done(self, number: int, **more: Any) -> done.Done:
        """Close a stage."""
        return done.done(self.context(), self.task, number, **more)

    def reopen(self, number: int, **more: Any) -> reopen.Reopened:
        """Take a stage back."""
        return reopen.reopen(self.context(), self.task, number, **more)

    def merge(self, *numbers: int, **more: Any) -> merge.Merged:
        """Merge stages."""
        return merge.merge(self.context(), self.task, numbers, **more)

    @property
    def history(self) -> History:
        """The folded journal."""
        return self.context().store.history(self.task.key.group, self.task.key.task)

    def events(self, name: str) -> list[Event]:
        """The events of that name."""
        found = self.context().store.events(self.task.key.group, self.task.key.task)
        return [event for event in found if event.event == name]

    def subjects(self) -> list[str]:
        """The subjects on the task branch's first-parent line, newest first."""
        return self.git("log", "--first-parent", "--format=%s", self.branch()).splitlines()

    def trash(self) -> dict[str, str]:
        """What was put aside beside the worktrees: path to content."""
        root = Path(os.environ["OKSTRA_HOME"], "worktrees", ".trash")
        found = sorted(path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)).partition("/")[2]: path.read_text() for path in found}


class Snapshot:
    """A repository with its okstra home, kept so that it can be had back in the same place as often as wanted."""

    def __init__(self, ticket: Ticket, keep: Path) -> None:
        """Keep them in `keep`."""
        self.places = [(ticket.repository.path, keep / "repository"), (Path(os.environ["OKSTRA_HOME"]), keep / "home")]
        for place, kept in self.places:
            shutil.copytree(place, kept, symlinks=True)

    def restore(self) -> None:
        """Put everything back as it was."""
        for place, kept in self.places:
            shutil.rmtree(place)
            shutil.copytree(kept, place, symlinks=True)

    def deaths(self, words: Sequence[str], cwd: Path, points: Sequence[str], part: int, parts: int) -> Iterator[str]:
        """Have the command killed at each point of the `part`-th of `parts` shares, each time from the beginning.

        Yields the name of the point; one that leaves the same on disk as another is passed over.
        """
        seen = set()
        for number in range((part - 1) * len(points) // parts + 1, part * len(points) // parts + 1):
            self.restore()
            ended = preloaded.crash(words, at=number, cwd=cwd)
            assert ended.killed, f"{number}: {ended}"
            left = self._left()
            if left not in seen:
                seen.add(left)
                yield f"{number}: {points[number - 1]}"

    def _left(self) -> frozenset[tuple[str, bytes]]:
        """Every file that is there, without what differs from run to run: git's objects, logs and stat data, pids."""
        found = []
        for place, _ in self.places:
            for path in place.rglob("*"):
                if path.is_file() and not re.search(r"/okstra/operations/|/\.git/objects/|/logs/|_HEAD$", str(path)):
                    content = b"" if path.name in ("index", "operations.jsonl") else path.read_bytes()
                    masked = re.sub(rb'[0-9-]+T[0-9:]+Z|"pid": [0-9]+', b"", content)
                    found.append((re.sub(r"[.][0-9]+[.]tmp$", "", str(path)), masked))
        return frozenset(found)
