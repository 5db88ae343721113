"""Whether a commit may be on the task branch, by the phase in which it was added (specification, section 6).

What came from a stage, and the hand-off commit, is known by its id before anything here is asked. A merge is judged by
what it does by itself: the commits that it brings are judged one by one, as every other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from git_okstra.core import lifecycle, patterns
from git_okstra.core.closing import Change
from git_okstra.core.lifecycle import Interval
from git_okstra.core.records import dataclass

# Why a commit may not be there.
FORBIDDEN = "no-commits"
OUTSIDE_DOCS = "outside-docs"
STAGE_TOO_EARLY = "stage-merge"
UNPLANNED = "unplanned"
MERGE_CHANGES = "merge-changes"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A commit that is neither a stage's nor allowed: `why` is one of the words above, `phase` the one it was added in,
    `paths` what speaks against it, `subject` the first line of its message."""

    commit: str
    why: str
    phase: str
    paths: tuple[str, ...] = ()
    subject: str = ""


def judge(change: Change, phase: str, *, bound: bool, brings_stage: bool, docs: Sequence[str]) -> Foreign | None:
    """What speaks against `change` on the task branch, None when nothing does.

    `change.paths` are, of a merge, those that it changes by itself. `phase` is empty for what was there before the
    task; `bound` says whether an approved plan bound the branch, `brings_stage` whether it merges a stage's head, and
    `docs` are the patterns of `policy.docs`.
    """
    if not phase:
        return None
    if phase == lifecycle.IMPLEMENTATION:
        if not bound:
            return None
        if len(change.parents) < 2:
            return Foreign(change.commit, UNPLANNED, phase, change.paths)
        return Foreign(change.commit, MERGE_CHANGES, phase, change.paths) if change.paths else None
    if not lifecycle.is_before_implementation(phase):
        return Foreign(change.commit, FORBIDDEN, phase)
    if brings_stage:
        return Foreign(change.commit, STAGE_TOO_EARLY, phase)
    astray = tuple(path for path in change.paths if not patterns.any_match(docs, path))
    return Foreign(change.commit, OUTSIDE_DOCS, phase, astray) if astray else None


@dataclass(frozen=True, slots=True)
class Branch:
    """The task branch's own commits and how they came about.

    `changes` are the commits since the base (those of the base branch left out) by id; `head` is the branch's;
    `intervals` the phases, `bound_at` the commit at which a plan began to bind (None: none does); `stages` the recorded
    `(base, head)` of every stage that was closed; `handed_off` the hand-off commits, each with the tip that it took the
    place of (None when it is an ordinary commit).
    """

    head: str
    changes: Mapping[str, Change]
    intervals: Sequence[Interval]
    bound_at: str | None
    stages: Sequence[tuple[str, str]]
    handed_off: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Added:
    """A commit to be judged, with what `judge` asks for."""

    change: Change
    phase: str
    bound: bool
    brings_stage: bool


def unaccounted(branch: Branch) -> list[Added]:
    """Each commit of the branch that is no stage's and no hand-off's, newest last."""
    parents = _parents(branch)
    of_stages: set[str] = set()
    for base, head in branch.stages:
        of_stages |= reach([head], parents) - reach([base], parents)
    free_of_plan = reach([branch.bound_at], parents) if branch.bound_at else parents.keys()
    added: dict[str, str] = {}
    *over, present = branch.intervals
    for interval in [*over, Interval(present.phase, branch.head)]:
        for commit in reach([interval.head] if interval.head else [], parents):
            added.setdefault(commit, interval.phase)
    heads = {head for _, head in branch.stages}
    own = reach([branch.head], parents) - of_stages - branch.handed_off.keys()
    return [
        Added(
            branch.changes[commit],
            added[commit],
            commit not in free_of_plan,
            bool(heads.intersection(branch.changes[commit].parents[1:])),
        )
        for commit in reversed(list(branch.changes))
        if commit in own
    ]


def reached(branch: Branch) -> set[str]:
    """The commits of the branch, those of a tip that a hand-off replaced among them."""
    return reach([branch.head], _parents(branch))


def _parents(branch: Branch) -> dict[str, tuple[str, ...]]:
    """The parents of each commit; of a hand-off's also the tip that it took the place of."""
    parents = {commit: change.parents for commit, change in branch.changes.items()}
    for commit, replaced in branch.handed_off.items():
        if commit in parents and replaced:
            parents[commit] = (*parents[commit], replaced)
    return parents


def reach(tips: Iterable[str], parents: Mapping[str, Collection[str]]) -> set[str]:
    """The commits of `parents` that can be reached from `tips`, these included."""
    found: set[str] = set()
    ahead = [tip for tip in tips if tip in parents]
    while ahead:
        commit = ahead.pop()
        if commit not in found:
            found.add(commit)
            ahead += [parent for parent in parents[commit] if parent in parents]
    return found
