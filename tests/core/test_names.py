"""Names: the rules of section 3 of the specification, as properties and as examples."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from git_okstra.core import names
from git_okstra.core.errors import OkstraError

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)


def segment_or_none(text: str) -> str | None:
    try:
        return names.segment(text)
    except OkstraError as error:
        assert error.code == "bad-name"
        return None


@given(TEXT)
def test_a_segment_is_a_fixed_point(text: str) -> None:
    name = segment_or_none(text)
    assume(name is not None)
    assert names.segment(name) == name


@given(TEXT)
def test_a_segment_is_safe_as_file_name_and_branch(text: str) -> None:
    name = segment_or_none(text)
    assume(name is not None)
    assert 0 < len(name) <= names.LONGEST
    assert len(name.encode()) <= names.LONGEST_BYTES
    assert not name.startswith(("-", ".")) and not name.endswith(("-", ".", ".lock"))
    assert ".." not in name and "/" not in name and not any(c.isspace() for c in name)
    assert not set(name) & set("~^:?*[\\@{}\"'`$;&|<>()!#%")


@given(TEXT)
def test_ids_that_differ_by_case_or_unicode_form_are_the_same(text: str) -> None:
    name = segment_or_none(text)
    assume(name is not None)
    for other in (text.upper().lower(), unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)):
        if names.same_id(text, other):
            assert segment_or_none(other) == name


@given(TEXT)
def test_what_is_printable_shows_no_control_character(text: str) -> None:
    shown = names.printable(text + "\x1b[31m\x07\n\u202e")
    assert all(unicodedata.category(c) not in ("Cc", "Cs") for c in shown)
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("DEV-9436", "dev-9436"),
        ("  Fix it, now! ", "fix-it-now"),
        ("결제-12", "결제-12"),
        ("a..b...c", "a.b.c"),
        ("--x--", "x"),
        ("ÄRGER", "ärger"),
        ("STRASSE/ß", "strasse-ss"),
        ("🚀 launch", "launch"),
        ("हिन्दी", "हिन्दी"),
        ("x" * 64, "x" * 64),
    ],
)
def test_segments(typed: str, name: str) -> None:
    assert names.segment(typed) == name


@pytest.mark.parametrize("typed", ["", "...", "🚀", "x" * 65, "a.lock", "a\nb", "a\x1b[0m", "𠀀" * 60])
def test_refused_segments(typed: str) -> None:
    with pytest.raises(OkstraError) as caught:
        names.segment(typed)
    assert caught.value.code == "bad-name"
    assert "\x1b" not in caught.value.message and "\n" not in caught.value.message


@pytest.mark.parametrize("typed", ["dev-1-s2", "DEV-1-S12"])
def test_a_task_cannot_be_called_like_a_stage(typed: str) -> None:
    with pytest.raises(OkstraError) as caught:
        names.task_segment(typed)
    assert caught.value.code == "bad-name"
    assert "git okstra stage" in caught.value.hint


@pytest.mark.parametrize("typed", ["dev-s", "dev-sx2", "s2", "-s2x"])
def test_near_stage_names_are_tasks(typed: str) -> None:
    assert names.task_segment(typed)


@pytest.mark.parametrize(
    ("task_id", "group"),
    [
        ("DEV-9436", "dev"),
        ("dev-1", "dev"),
        ("결제-12", "결제"),
        ("login", "default"),
        ("a-b-1", "default"),
        ("X1-2", "default"),
    ],
)
def test_default_groups(task_id: str, group: str) -> None:
    assert names.default_group(task_id) == group


def test_names_of_branches_paths_and_keys() -> None:
    key = names.TaskKey("shop", "dev", "dev-9436")
    assert names.branch(names.task_branch("feat", "dev-9436"), 3) == "feat-dev-9436-s3"
    assert names.branch("feat-dev-9436", names.TASK) == "feat-dev-9436"
    assert names.worktree_path("/h", key, 3) == "/h/worktrees/shop/dev/dev-9436-s3"
    assert names.worktree_path("/h", key) == "/h/worktrees/shop/dev/dev-9436"
    assert names.stage_key(key, 3) == "shop/dev/dev-9436#stage-3"
    assert names.parse_key(str(key)) == key


@pytest.mark.parametrize(("typed", "meant"), [("feat", "feat"), ("Feature", "feat"), ("bug", "fix")])
def test_categories_and_aliases(typed: str, meant: str) -> None:
    assert names.category(typed, ("feat", "fix"), {"feature": "feat", "bug": "fix"}) == meant


def test_an_unknown_category_names_the_near_miss() -> None:
    with pytest.raises(OkstraError) as caught:
        names.category("faet", ("feat", "fix"), {})
    assert caught.value.code == "unknown-category"
    assert "git okstra start feat" in caught.value.hint


# -- what mutation testing found nobody looking at


@pytest.mark.parametrize("text", ["", "a", "a/b", "a/b/c/d", "a//c", "/b/c", "a/b/"])
def test_what_is_no_task_key(text: str) -> None:
    with pytest.raises(OkstraError) as caught:
        names.parse_key(text)
    assert (caught.value.code, caught.value.hint) == ("bad-name", "a key is PROJECT/GROUP/TASK")
    assert f"'{text}' is not a task key" in caught.value.message


def test_the_last_stage_mark_of_an_id_counts_and_the_first_dash_ends_the_group() -> None:
    assert names.task_segment("a-s1-b") == "a-s1-b"
    with pytest.raises(OkstraError):
        names.task_segment("a-s-s1")
    assert names.default_group("DEV-1") == "dev"
    assert names.default_group("DEV-OPS-1") == "default"


def test_a_joiner_is_printed_and_what_steers_is_not() -> None:
    assert names.printable("a\u200db") == "a\u200db"
    assert names.printable("a\u202eb") == "a\\u202eb"
    assert names.stage_key(names.TaskKey("p", "g", "t"), names.TASK) == "p/g/t"
    assert names.stage_key(names.TaskKey("p", "g", "t"), 3) == "p/g/t#stage-3"
