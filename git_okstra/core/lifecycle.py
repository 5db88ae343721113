"""The phases of a task and what each permits (specification, section 6)."""

from __future__ import annotations

from collections.abc import Iterable

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import Event
from git_okstra.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: its name, and in a few words what may be committed where and what may be pushed."""

    name: str
    task_commits: str
    stage_commits: str
    push: str


IMPLEMENTATION = "implementation"
VERIFICATION = "final-verification"
HANDOFF = "release-handoff"
NEXT = "next"
"""What stands for the phase after the present one."""

_DOCS = "only paths in policy.docs"
PHASES = (
    Phase("requirements-discovery", _DOCS, "none", "no"),
    Phase("error-analysis", _DOCS, "none", "no"),
    Phase("implementation-planning", _DOCS, "none", "no"),
    Phase(
        IMPLEMENTATION,
        "merges of done stages; without a plan any commit",
        "files the approved plan lists",
        "no (light: plain pushes of governed branches)",
    ),
    Phase(VERIFICATION, "none", "none", "no"),
    Phase(HANDOFF, "the hand-off commit", "none", "the task branch only, never forced"),
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


def phases(lifecycle: str) -> tuple[Phase, ...]:
    """The phases of a lifecycle in their order: all of them in `full`, those from implementation on in `light`."""
    return PHASES if lifecycle == "full" else PHASES[_place(IMPLEMENTATION) :]


def is_before_implementation(name: str) -> bool:
    """Whether a phase is one of those in which only documents may be committed."""
    return _place(name) < _place(IMPLEMENTATION)


def voids(name: str) -> bool:
    """Whether a verdict loses its force when the task moves to the phase `name`."""
    return _place(name) < _place(VERIFICATION)


def target(lifecycle: str, present: str, wanted: str) -> Phase:
    """The phase that `wanted` names, `next` being the one after the present one.

    Raises OkstraError `no-such-phase` for a phase that the lifecycle has not, and for what comes after the last.
    """
    allowed = phases(lifecycle)
    found = (
        following(require(present)) if wanted == NEXT else next((one for one in allowed if one.name == wanted), None)
    )
    if found is not None:
        return found
    listed = " ".join(phase.name for phase in allowed)
    what = f"'{present}' is the last phase" if wanted == NEXT else f"a {lifecycle} task has no phase '{wanted}'"
    raise OkstraError(
        "no-such-phase", f"{what}; its phases: {listed}", f"go to one of them: git okstra phase {present}"
    )


def missing(phase: Phase, *, plan_approved: bool | None, unproven: str) -> list[OkstraError]:
    """What is missing before `phase` may begin.

    `plan_approved` is None without a plan; `unproven` says why there is no verdict that holds, empty when there is one.
    """
    found = []
    if phase.name == IMPLEMENTATION and plan_approved is False:
        found.append(
            OkstraError(
                "plan-not-approved",
                "the plan is not approved as it is, and the implementation follows an approved plan",
                "look at it: git okstra plan show\nthen have a person approve it: git okstra plan approve",
            )
        )
    if not voids(phase.name) and unproven:
        found.append(
            OkstraError(
                "phase-not-ready",
                f"the phase {phase.name} begins with an accepted verdict, and {unproven}",
                "git okstra verify",
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of a task's life in one phase: `head` is the task branch's commit at its end, None while it lasts.

    The phase is empty for what was on the branch before the task was started.
    """

    phase: str
    head: str | None = None


def intervals(events: Iterable[Event], present: str) -> list[Interval]:
    """The task's life so far, oldest first, from its journal; `present` is the phase it is in now.

    Begins anew where the task did after it had been removed.
    """
    found: list[Interval] = []
    for event in journal.since_start(events):
        if event.event == "task-started" and journal.text(event, "head"):
            found.append(Interval("", journal.text(event, "head")))
        elif event.event == "phase" and journal.text(event, "from"):
            found.append(Interval(journal.text(event, "from") or "", journal.text(event, "head")))
    return [*found, Interval(present)]


def _place(name: str) -> int:
    return PHASES.index(require(name))
