"""A repository with a task and stages for `doctor` to look at, made by the real operations."""

from __future__ import annotations

import os
from pathlib import Path

from git_okstra.core.names import TASK
from git_okstra.core.tasks import Reservation, Task, TaskRecord
from git_okstra.operations import doctor, plans, stage, start
from git_okstra.operations.context import Context
from git_okstra.operations.doctor import Repair
from support import plans as sample_plans
from support.repositories import ScratchRepository


class Patient:
    """Task DEV-1 of a repository, with stages 1 and 2 open in worktrees of their own."""

    def __init__(self, repository: ScratchRepository, *stages: int) -> None:
        self.repository = repository
        self.git = repository.git
        started = start.start(self.context(), start.Request("feat", "DEV-1", base="main", title="a title"))
        self.task: Task = started.task
        self.path = Path(started.path)
        self.stages: dict[int, Path] = {}
        if stages:
            plan = sample_plans.of({1: (), 2: (), 3: (1, 2)})
            plans.import_plan(self.context(), self.task, plan)
            plans.approve(self.context(), self.task)
        for number in stages:
            self.stages[number] = Path(stage.open_stage(self.context(), self.task, number).path)

    def context(self, directory: os.PathLike[str] | None = None, **environ: str) -> Context:
        """A caller in `directory` (the main worktree if not given), as a new process would be."""
        return Context(os.fspath(directory or self.repository), {**os.environ, **environ})

    @property
    def common_dir(self) -> Path:
        return Path(self.context().common_dir)

    @property
    def store(self) -> Path:
        return self.common_dir / "okstra"

    @property
    def task_directory(self) -> Path:
        return self.store / "tasks" / "dev" / "dev-1"

    @property
    def home(self) -> Path:
        return Path(self.context().home)

    @property
    def record_path(self) -> Path:
        return Path(self.context().registry.record_path(self.task.key))

    @property
    def record(self) -> TaskRecord:
        found = self.context().registry.record(self.task.key)
        assert found is not None
        return found

    def entry(self, number: int = TASK) -> Reservation:
        found = self.record.reservation(number)
        assert found is not None
        return found

    def admin(self, worktree: Path) -> Path:
        """git's directory of a linked worktree."""
        return Path(self.git("rev-parse", "--absolute-git-dir", cwd=worktree))

    def codes(self, directory: os.PathLike[str] | None = None) -> list[str]:
        """The codes of what is wrong, notes left out."""
        return [one.code for one in doctor.examine(self.context(directory)) if one.severity != "note"]

    def notes(self) -> list[str]:
        """The codes of the mere notes."""
        return [one.code for one in doctor.examine(self.context()) if one.severity == "note"]

    def repair(self, directory: os.PathLike[str] | None = None) -> list[Repair]:
        """Repair; fails the test when something was left."""
        repairs = doctor.repair(self.context(directory))
        assert [one for one in repairs if one.left] == []
        return repairs

    def require_healthy(self, directory: os.PathLike[str] | None = None) -> None:
        """Nothing is wrong, and git agrees."""
        assert doctor.examine(self.context(directory)) == []
        listed = self.git("worktree", "list", "--porcelain", cwd=directory)
        assert "prunable" not in listed
        self.git("fsck", "--no-dangling", cwd=directory)


def everything(root: Path) -> dict[str, bytes]:
    """Every file under `root` by its path, with its content; links with where they lead."""
    found = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = Path(directory, name)
            key = os.fspath(path.relative_to(root))
            found[key] = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
    return found
