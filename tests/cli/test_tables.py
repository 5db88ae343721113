"""Tables fit where they are drawn: short columns are kept, paths keep their ends, the last columns go first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.cli import tables
from git_okstra.core import columns

HEADINGS = ["TASK", "STATE", "PATH"]
ROWS = [["DEV-1", "open", "/home/ada/.okstra/worktrees/dev-1"], ["  1 결제 page", "merged", ""]]


def drawn(room: int | None) -> list[str]:
    return tables.lines(HEADINGS, ROWS, [], tables.widths(HEADINGS, ROWS, room))


def test_without_a_terminal_nothing_is_cut() -> None:
    assert drawn(None) == [
        "TASK           STATE   PATH",
        "DEV-1          open    /home/ada/.okstra/worktrees/dev-1",
        "  1 결제 page  merged",
    ]


def test_the_widest_column_gives_way_first_and_a_path_keeps_its_end() -> None:
    assert drawn(40) == [
        "TASK           STATE   PATH",
        "DEV-1          open    …/worktrees/dev-1",
        "  1 결제 page  merged",
    ]


def test_where_columns_would_become_too_narrow_the_last_ones_are_left_out() -> None:
    assert drawn(20) == ["TASK          STATE", "DEV-1         open", "  1 결제 pa…  merged"]


def test_what_is_wrong_is_shown_at_the_cost_of_others() -> None:
    rows = [["  1 a long title of a stage", "open (missing)", "/somewhere/else"]]
    _, line = tables.lines(HEADINGS, rows, [], tables.widths(HEADINGS, rows, 42))
    assert line == "  1 a long…   open (missing)  …ewhere/else"


@given(st.lists(st.lists(st.text(st.sampled_from("ab 결"), max_size=30), min_size=4, max_size=4)), st.integers(6, 90))
def test_no_line_is_wider_than_its_room(rows: list[list[str]], room: int) -> None:
    headings = ["A", "B", "PATH", "D"]
    for line in tables.lines(headings, rows, [], tables.widths(headings, rows, room)):
        assert columns.width(line) <= room


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0B"), (1023, "1023B"), (4096, "4.0K"), (10 * 1024, "10K"), (1023 * 1024, "1023K"), (1024**2, "1.0M"),
     (1024**2 - 1, "1.0M"), (123 * 1024**2, "123M"), (5 * 1024**3, "5.0G"), (2 * 1024**6, "2048P")],
)  # fmt: skip
def test_sizes_are_written_for_people(count: int, shown: str) -> None:
    assert tables.size(count) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(-3, "0s"), (59.9, "59s"), (60, "1m"), (7200, "2h"), (90_000, "1d")])
def test_durations_have_one_unit(seconds: float, shown: str) -> None:
    assert tables.duration(seconds) == shown
