"""Our block in info/exclude: it comes, grows and goes, and never changes a byte of the user's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import exclude_block
from git_okstra.core.exclude_block import BEGIN, END

PIECES = st.sampled_from(
    [b"a", b"\n", b"\r\n", b"\r", b"#", b" ", b"\xff", b"!x", b"\xef\xbb\xbf", b"*.o\n", BEGIN, END, b"\n" + END]
)
CONTENT = st.lists(PIECES, max_size=12).map(b"".join)
PATTERNS = st.lists(st.sampled_from([b"/a", b"/b\\ ", b"/\xed\x95\x9c", b"/node_modules"]), min_size=1, max_size=5)


@given(CONTENT, PATTERNS, PATTERNS)
def test_taking_the_block_out_restores_every_byte(content: bytes, first: list[bytes], second: list[bytes]) -> None:
    if exclude_block.patterns(content):
        return  # it brought a block of its own
    if exclude_block.without(content) != content:
        return
    once = exclude_block.with_patterns(content, first)
    twice = exclude_block.with_patterns(once, second)
    assert once.startswith(content)
    assert exclude_block.without(once) == content
    assert exclude_block.without(twice) == content
    assert exclude_block.patterns(twice) == list(dict.fromkeys([*first, *second]))
    assert exclude_block.with_patterns(twice, [*second, *first]) == twice


@given(CONTENT, CONTENT, PATTERNS)
def test_what_the_user_writes_after_the_block_stays(content: bytes, later: bytes, patterns: list[bytes]) -> None:
    if BEGIN in content + later:
        return
    with_block = exclude_block.with_patterns(content, patterns) + later
    rest = exclude_block.without(with_block)
    if later:
        assert rest == content + (b"" if content.endswith(b"\n") or not content else b"\n") + later
    else:
        assert rest == content


def test_a_missing_file_is_missing_again_afterwards_and_an_empty_one_empty() -> None:
    assert exclude_block.without(exclude_block.with_patterns(None, [b"/a"])) is None
    assert exclude_block.without(exclude_block.with_patterns(b"", [b"/a"])) == b""
    assert exclude_block.without(exclude_block.with_patterns(None, [b"/a"]) + b"*.o\n") == b"*.o\n"


def test_the_block_of_an_editor_with_other_line_ends_is_still_ours() -> None:
    content = exclude_block.with_patterns(b"*.o\n", [b"/a", b"/b"]).replace(b"\n", b"\r\n")
    assert exclude_block.patterns(content) == [b"/a", b"/b"]
    assert exclude_block.without(content) == b"*.o\r\n"


@pytest.mark.parametrize("content", [BEGIN + b"\n/a\nmine\n", END + b"\n/a\n", END + b"\n" + BEGIN + b"\nmine\n"])
def test_half_a_block_is_the_users(content: bytes) -> None:
    assert exclude_block.patterns(content) == []
    assert exclude_block.without(content) == content
    assert exclude_block.without(exclude_block.with_patterns(content, [b"/x"])) == content


def test_no_block_no_change() -> None:
    assert exclude_block.without(b"*.o\n") == b"*.o\n"
    assert exclude_block.patterns(None) == []
