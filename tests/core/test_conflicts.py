"""Which pairs of lines of work need not be asked about, where a merged file is marked, and the table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import conflicts
from git_okstra.core.conflicts import Conflict, File, Line, Touched
from support.plans import UNHURRIED

paths = st.frozensets(st.sampled_from(["a", "a/x", "a/x/y", "a/z", "b", "b/x", "c"]), max_size=4)
touched = st.builds(lambda changed, gone, new: Touched(changed | gone | new, gone, new), paths, paths, paths)
LINES = [Line("1", "1" * 40), Line("2", "2" * 40), Line("7", "7" * 40), Line("task", "a" * 40), Line("base", "b" * 40)]


@given(one=touched, other=touched)
@UNHURRIED
def test_it_does_not_matter_which_comes_first(one: Touched, other: Touched) -> None:
    assert conflicts.may_conflict(one, other) == conflicts.may_conflict(other, one)


@given(one=touched)
@UNHURRIED
def test_what_touches_anything_may_conflict_with_itself_and_nothing_with_nobody(one: Touched) -> None:
    assert conflicts.may_conflict(one, one) == bool(one.changed)
    assert not conflicts.may_conflict(one, Touched(frozenset()))


def test_a_file_and_a_directory_of_one_name_may_conflict() -> None:
    file = Touched(frozenset({"a"}), new=frozenset({"a"}))
    assert conflicts.may_conflict(file, Touched(frozenset({"a/x"}), new=frozenset({"a/x"})))


def test_a_directory_that_was_moved_away_may_take_new_files_along() -> None:
    moved = Touched(frozenset({"a/x", "b/x"}), gone=frozenset({"a/x"}), new=frozenset({"b/x"}))
    assert conflicts.may_conflict(moved, Touched(frozenset({"a/z"}), new=frozenset({"a/z"})))
    assert not conflicts.may_conflict(moved, Touched(frozenset({"c/z"}), new=frozenset({"c/z"})))


def test_every_two_stages_and_each_with_task_and_base() -> None:
    asked = [(one.name, other.name) for one, other in conflicts.pairs(LINES)]
    assert asked[:3] == [("1", "2"), ("1", "7"), ("2", "7")]
    assert asked[3:] == [(stage, other) for stage in "127" for other in ("task", "base")]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=4))
@UNHURRIED
def test_the_marked_ranges_are_found(shape: list[tuple[int, int]]) -> None:
    lines: list[str] = []
    expected = []
    for before, size in shape:
        lines += ["text"] * before
        first = len(lines) + 1
        lines += ["<<<<<<< ours", *["x"] * size, "=======", *["y"] * size, ">>>>>>> theirs"]
        expected.append((first, len(lines)))
    assert conflicts.hunks("\n".join(lines)) == tuple(expected)


def test_the_table_has_how_many_files_conflict() -> None:
    found = [Conflict("1", "7", (File("a"), File("b"))), Conflict("2", "base", (File("c"),))]
    assert conflicts.matrix(LINES, found) == [
        ["", "1", "2", "7", "task", "base"],
        ["1", "", "·", "2", "·", "·"],
        ["2", "·", "", "·", "·", "1"],
        ["7", "2", "·", "", "·", "·"],
    ]
