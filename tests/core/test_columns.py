from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import columns

LETTERS = st.text(st.sampled_from("ab …é결🚀\u0301\u200d\u1161"))


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("결제", 4), ("é", 1), ("🚀", 2), ("👩\u200d", 2), ("\u1100\u1161\u11a8", 2), ("", 0)],
)
def test_the_width_of_a_text(text: str, width: int) -> None:
    assert columns.width(text) == width


@pytest.mark.parametrize(
    ("text", "room", "cut", "before"),
    [
        ("/home/ada", 9, "/home/ada", "/home/ada"),
        ("/home/ada", 6, "/home…", "…e/ada"),
        ("결제결제", 6, "결제…", "…결제"),
        ("결제결제", 7, "결제결…", "…제결제"),
        ("abc", 1, "…", "…"),
    ],
)
def test_a_text_that_is_too_wide_is_cut(text: str, room: int, cut: str, before: str) -> None:
    assert columns.cut(text, room) == cut
    assert columns.cut_before(text, room) == before


@given(LETTERS, st.integers(1, 12))
def test_what_is_cut_fits_and_keeps_its_beginning_or_end(text: str, room: int) -> None:
    for cut in (columns.cut(text, room), columns.cut_before(text, room)):
        assert columns.width(cut) <= room
    assert columns.cut(text, room) == text or text.startswith(columns.cut(text, room)[:-1])
    assert columns.cut_before(text, room) == text or text.endswith(columns.cut_before(text, room)[1:])
