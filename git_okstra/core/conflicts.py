"""Which of several lines of work would conflict when they are merged, and which pairs need not be asked about.

A line of work is a stage as it is now, uncommitted changes included, the task branch, or the base branch. Two that
touch no common place cannot conflict, so git need not be asked about them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from git_okstra.core.records import dataclass

TASK = "task"
BASE = "base"
"""The lines that are no stage; a stage's line is called by its number."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What a line of work changes since all began: `changed` are the paths, `gone` those among them that it deleted,
    `new` those that it added."""

    changed: frozenset[str]
    gone: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of work: what it is called, the commit that stands for it, and whether that holds uncommitted changes."""

    name: str
    commit: str
    uncommitted: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file that conflicts: its path, and the ranges of lines of the merged file that would be marked (first and last,
    from 1); none where there is no text to mark."""

    path: str
    hunks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two lines of work that conflict, and in which files."""

    one: str
    other: str
    files: tuple[File, ...]


def pairs(lines: Sequence[Line]) -> list[tuple[Line, Line]]:
    """The pairs that matter, in order: every two stages, and each stage with the task branch and with the base."""
    stages = [line for line in lines if line.name not in (TASK, BASE)]
    others = [line for line in lines if line.name in (TASK, BASE)]
    found = [(one, other) for index, one in enumerate(stages) for other in stages[index + 1 :]]
    return found + [(stage, other) for stage in stages for other in others]


def may_conflict(one: Touched, other: Touched) -> bool:
    """Whether merging the two may conflict. False is certain; git may still merge what is True.

    They may when both change a path; when one has a file where the other has a directory; and when one deletes or moves
    files away from a directory into which the other puts one, for then git may want to move that one along.
    """
    if one.changed & other.changed:
        return True
    if _within(one.new, other.changed) or _within(other.new, one.changed):
        return True
    return bool(_directories(one.gone) & _directories(other.new) or _directories(other.gone) & _directories(one.new))


def hunks(text: str) -> tuple[tuple[int, int], ...]:
    """The marked ranges of a file with conflict markers, first and last line of each, from 1."""
    found, start = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("<<<<<<< "):
            start = start or number
        elif line.startswith(">>>>>>> ") and start:
            found.append((start, number))
            start = 0
    return tuple(found)


def matrix(lines: Sequence[Line], found: Sequence[Conflict]) -> list[list[str]]:
    """A table: a row for each stage, a column for each line of work, and in a cell how many files conflict."""
    counts: Mapping[tuple[str, str], int] = {
        pair: len(one.files) for one in found for pair in ((one.one, one.other), (one.other, one.one))
    }
    stages = [line.name for line in lines if line.name not in (TASK, BASE)]
    columns = [*stages, *(line.name for line in lines if line.name in (TASK, BASE))]
    rows = [["", *columns]]
    for row in stages:
        cells = ["" if column == row else str(counts.get((row, column), "·")) for column in columns]
        rows.append([row, *cells])
    return rows


def _within(files: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one of `files` stands where a path of `others` has a directory."""
    above = {path[:place] for path in others for place, character in enumerate(path) if character == "/"}
    return bool(files & above)


def _directories(paths: frozenset[str]) -> set[str]:
    """The directories that the paths lie in, and those above; the root is none, as it is never moved."""
    return {path[:place] for path in paths for place, character in enumerate(path) if character == "/"}
