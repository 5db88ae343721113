"""Which directories a sparse checkout needs, from patterns and links."""

from __future__ import annotations

import pytest

from git_okstra.core import sparse
from git_okstra.core.errors import OkstraError


@pytest.mark.parametrize(
    ("pattern", "directories", "paths"),
    [
        ("src/app.py", (), ("src/app.py",)),
        ("src/", ("src",), ()),
        ("src/**", ("src",), ()),
        ("src/*.py", ("src",), ()),
        ("a/b/c[12]/d", ("a/b",), ()),
        ("a/[id].tsx", ("a",), ()),
        ("README.md", (), ("README.md",)),
        ("a/*/b/*.py", ("a",), ()),
    ],
)
def test_a_pattern_needs_what_stands_before_its_first_wildcard(
    pattern: str, directories: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    assert sparse.wanted([pattern]) == (set(directories), set(paths), ())


@pytest.mark.parametrize("pattern", ["*.md", "**", "**/tests/*", "*/x", "[ab]/c"])
def test_a_pattern_that_may_mean_any_directory_needs_them_all(pattern: str) -> None:
    assert sparse.wanted(["src/a", pattern]).anywhere == (pattern,)


def test_what_is_always_there_is_named_as_links_are() -> None:
    assert sparse.always(["lib/", "./tools//x", "Makefile"]).paths == {"lib", "tools/x", "Makefile"}
    for path in ("/etc", "../x", "a/../..", ".git/hooks", "."):
        with pytest.raises(OkstraError) as refused:
            sparse.always(["lib", path])
        assert refused.value.code == "bad-config"


@pytest.mark.parametrize(
    ("link", "text", "target"),
    [
        ("a/link", "b", "a/b"),
        ("a/link", "../b/c/", "b/c"),
        ("link", ".", ""),
        ("a/b/link", "../..", ""),
        ("a/link", "../../b", None),
        ("link", "..", None),
        ("link", "/etc", None),
        ("link", "", None),
    ],
)
def test_a_link_leads_to_a_path_of_the_worktree_or_out_of_it(link: str, text: str, target: str | None) -> None:
    assert sparse.link_target(link, text) == target


def test_a_directory_in_another_one_is_there_with_it() -> None:
    assert sparse.least({"a/b", "a", "ab", "c/d/e", "c/d-e", ""}) == ["a", "ab", "c/d-e", "c/d/e"]
    assert sparse.above(["a/b/c", "d"]) == {"", "a", "a/b"}
