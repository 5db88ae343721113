"""The phases of a task and what each permits (specification, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from git_okstra.core.errors import OkstraError


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: its name, and in a few words what may be committed where and what may be pushed."""

    name: str
    task_commits: str
    stage_commits: str
    push: str


_DOCS = "only paths in policy.docs"
PHASES = (
    Phase("requirements-discovery", _DOCS, "none", "no"),
    Phase("error-analysis", _DOCS, "none", "no"),
    Phase("implementation-planning", _DOCS, "none", "no"),
    Phase(
        "implementation",
        "merges of done stages; without a plan any commit",
        "files the approved plan lists",
        "no (light: plain pushes of governed branches)",
    ),
    Phase("final-verification", "none", "none", "no"),
    Phase("release-handoff", "the hand-off commit", "none", "the task branch only, never forced"),
)


def require(name: str) -> Phase:
    """The phase called `name`. Raises OkstraError `damaged-file` listing the phases."""
    for phase in PHASES:
        if phase.name == name:
            return phase
    listed = " ".join(phase.name for phase in PHASES)
    raise OkstraError("damaged-file", f"there is no phase '{name}'; there are: {listed}", "git okstra doctor --repair")


def following(phase: Phase) -> Phase | None:
    """The phase after `phase`, None after the last."""
    place = PHASES.index(phase)
    return PHASES[place + 1] if place + 1 < len(PHASES) else None
