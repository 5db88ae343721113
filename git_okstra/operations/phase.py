"""`git okstra phase`: shows the phase of a task."""

from __future__ import annotations

from dataclasses import dataclass

from git_okstra.core import lifecycle
from git_okstra.core.tasks import Task


@dataclass(frozen=True, slots=True)
class Shown:
    """The phase a task is in, its lifecycle, and the rules that hold there."""

    task: Task
    phase: lifecycle.Phase
    following: lifecycle.Phase | None


def show(task: Task) -> Shown:
    """Where the task is and what comes next."""
    here = lifecycle.require(task.phase)
    return Shown(task, here, lifecycle.following(here))
