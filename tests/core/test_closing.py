"""What refuses `done`: every reason at once, and nothing that is no reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import closing, patterns
from git_okstra.core.closing import Change, Facts, Verified
from git_okstra.core.errors import OkstraError

SOUND = Facts(
    number=3,
    branch="feat-x-s3",
    path="/w/x-s3",
    head="c" * 40,
    base="a" * 40,
    checked_out="feat-x-s3",
    unfinished="",
    uncommitted=(),
    conflicted=(),
    descends=True,
    allowed=("src/**", "README.md"),
    changes=(Change("c" * 40, ("b" * 40,), ("src/a.py",)), Change("b" * 40, ("a" * 40,), ("README.md", "src/b.py"))),
)


def codes(facts: Facts, allow_empty: bool = False) -> list[str]:
    return [error.code for error in closing.reasons(facts, allow_empty=allow_empty)]


def test_a_stage_with_nothing_against_it_is_closed() -> None:
    assert codes(SOUND) == []
    assert SOUND.settled
    assert SOUND.own_commits == ("c" * 40, "b" * 40)
    assert SOUND.files == ("README.md", "src/a.py", "src/b.py")


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"uncommitted": ("src/a.py", "new.txt")}, "dirty-worktree", "src/a.py, new.txt"),
        ({"uncommitted": tuple(f"f{n}" for n in range(9))}, "dirty-worktree", "f4 and 4 more"),
        ({"checked_out": "main"}, "wrong-branch", "'main'"),
        ({"checked_out": None}, "wrong-branch", "a detached HEAD"),
        ({"unfinished": "merge", "conflicted": ("a",), "uncommitted": ("a",)}, "merge-in-progress", "conflicts in a"),
        ({"unfinished": "rebase", "checked_out": None}, "merge-in-progress", "a rebase is not finished"),
        ({"descends": False}, "not-descended", "does not descend"),
        ({"changes": (Change("d" * 40, ("a" * 40,), ("Makefile",)),)}, "outside-plan", "Makefile (ddddddddd)"),
        ({"changes": ()}, "no-commits", "no commit of its own"),
        ({"changes": (Change("d" * 40, ("a" * 40, "b" * 40), ()),)}, "no-commits", "no commit of its own"),
    ],
)
def test_each_reason_by_itself(change: dict[str, object], code: str, said: str) -> None:
    facts = replace(SOUND, **change)  # type: ignore[arg-type]
    found = closing.reasons(facts, allow_empty=False)
    assert [error.code for error in found] == [code]
    assert said in found[0].message
    assert found[0].hint


def test_no_commit_is_allowed_when_it_is_meant() -> None:
    assert codes(replace(SOUND, changes=()), allow_empty=True) == []


def test_a_merge_that_changes_something_by_itself_is_a_commit_and_is_judged() -> None:
    evil = Change("d" * 40, ("a" * 40, "b" * 40), ("Makefile",))
    assert codes(replace(SOUND, changes=(evil,))) == ["outside-plan"]
    assert codes(replace(SOUND, changes=(replace(evil, paths=("src/a.py",)),))) == []


def test_all_reasons_come_at_once_with_every_hint_and_the_first_code() -> None:
    facts = replace(
        SOUND,
        checked_out="main",
        uncommitted=("x",),
        descends=False,
        changes=(Change("d" * 40, ("e" * 40, "f" * 40), ()), Change("e" * 40, ("f" * 40,), ("Makefile",))),
    )
    found = closing.reasons(facts, allow_empty=False)
    error = closing.refusal(found, "stage 3 cannot be closed")
    assert [one.code for one in found] == ["wrong-branch", "dirty-worktree", "not-descended", "outside-plan"]
    assert error.code == "wrong-branch"
    assert "4 reasons" in error.message
    for one in found:
        assert f"[{one.code}] {one.message}" in error.message
        assert set(one.hint.splitlines()) <= set(error.hint.splitlines())
    assert len(set(error.hint.splitlines())) == len(error.hint.splitlines())


def test_one_reason_is_said_as_it_is() -> None:
    only = OkstraError("held", "taken", "git okstra stage auto")
    assert closing.refusal([only], "it") is only


paths = st.sampled_from(["src/a.py", "src/b/c.py", "README.md", "docs/x.md", "Makefile", "결제/a.py"])
changes = st.builds(
    Change,
    st.sampled_from(["1" * 40, "2" * 40, "3" * 40]),
    st.sampled_from([("0" * 40,), ("0" * 40, "9" * 40)]),
    st.lists(paths, max_size=4, unique=True).map(tuple),
)
allowed = st.lists(st.sampled_from(["src/**", "*.md", "README.md", "결제/", "docs"]), max_size=3)


@given(st.lists(changes, max_size=6), allowed)
def test_a_path_is_outside_exactly_when_no_pattern_covers_it(found: list[Change], listed: list[str]) -> None:
    astray = closing.outside(found, listed)
    touched = {path for change in found for path in change.paths}
    assert set(astray) == {path for path in touched if not patterns.any_match(listed, path)}
    for path, commits in astray.items():
        assert list(commits) == [change.commit for change in found if path in change.paths]


def test_a_failed_verify_command_shows_its_last_lines() -> None:
    said = "".join(f"line {n}\n" for n in range(100)) + "\x1b[31mred\x1b[0m\n"
    error = closing.verify_failed(3, Verified("make test", 2, said), "/w/x-s3")
    assert error.code == "verify-failed"
    assert "'make test' failed with exit status 2" in error.message
    assert "line 99" in error.message
    assert "line 80\n" not in error.message
    assert "\x1b" not in error.message
    assert "ran out of time" in closing.verify_failed(3, Verified("make", 124, ""), "/w").message
