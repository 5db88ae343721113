"""What speaks against a removal, and what sets it aside."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from git_okstra.core import removal
from git_okstra.core.errors import OkstraError
from git_okstra.core.removal import Facts, Reason, Submodule

CLEAN = Facts("stage 3 of DEV-1", "/w/dev-1-s3", "feat-dev-1-s3", number=3)

DIRTY = {"changed": ("a.txt",)}
UNTRACKED = {"untracked": ("b.txt",)}
UNREADABLE = {"unreadable": True}
SUBMODULE_FILES = {"submodules": (Submodule("lib", 2, 0),)}
SUBMODULE_COMMITS = {"submodules": (Submodule("lib", 0, 1),)}
LOST = {"lost": ("abc1234 work",), "lost_tip": "abc1234" + "0" * 33}
BASED_ON = {"based_on": (4, 5)}
LOCKED = {"locked": "on a stick"}
OCCUPIED = {"occupants": ((42, "bash"),)}
INSIDE = {"inside": ("/w/dev-1-s3/theirs",)}
ELSEWHERE = {"elsewhere": "/other"}
MERGING = {"merging": True}
HELD = {"held": OkstraError("held", "stage 3 is held by bob", "ask bob")}

BLOCKING = [LOCKED, OCCUPIED, INSIDE, ELSEWHERE, MERGING, HELD]
BY_DIRTY = [DIRTY, UNTRACKED, UNREADABLE, SUBMODULE_FILES]
BY_UNMERGED = [SUBMODULE_COMMITS, LOST, BASED_ON]


def reasons(facts: Facts, *, dirty: bool = False, unmerged: bool = False) -> list[Reason]:
    return removal.reasons(facts, force_dirty=dirty, force_unmerged=unmerged)


def test_nothing_speaks_against_a_clean_worktree() -> None:
    assert reasons(CLEAN) == []


@pytest.mark.parametrize("found", BLOCKING)
def test_what_has_to_be_resolved_is_waived_by_nothing(found: dict[str, object]) -> None:
    facts = replace(CLEAN, **found)
    (reason,) = reasons(facts)
    assert reason.waiver == ""
    assert reasons(facts, dirty=True, unmerged=True) == [reason]


@pytest.mark.parametrize("found", BY_DIRTY)
def test_what_is_uncommitted_is_waived_by_f_alone(found: dict[str, object]) -> None:
    facts = replace(CLEAN, **found)
    (reason,) = reasons(facts)
    assert reason.waiver == "-f"
    assert reasons(facts, unmerged=True) == [reason]
    assert reasons(facts, dirty=True) == []


@pytest.mark.parametrize("found", BY_UNMERGED)
def test_what_is_on_no_other_branch_is_waived_by_d_alone(found: dict[str, object]) -> None:
    facts = replace(CLEAN, **found)
    (reason,) = reasons(facts)
    assert reason.waiver == "-D"
    assert reasons(facts, dirty=True) == [reason]
    assert reasons(facts, unmerged=True) == []


def test_each_fact_gives_its_code() -> None:
    codes = {
        "worktree-locked": [LOCKED],
        "worktree-occupied": [OCCUPIED, INSIDE],
        "wrong-branch": [ELSEWHERE],
        "merge-in-progress": [MERGING],
        "held": [HELD],
        "dirty-worktree": [DIRTY, UNTRACKED, UNREADABLE],
        "submodule-work": [SUBMODULE_FILES, SUBMODULE_COMMITS],
        "unmerged-commits": [LOST, BASED_ON],
    }
    for code, all_found in codes.items():
        for found in all_found:
            assert [reason.code for reason in reasons(replace(CLEAN, **found))] == [code]


def test_every_combination_is_reported_whole_and_what_blocks_comes_first() -> None:
    kinds = [LOCKED, DIRTY, LOST, SUBMODULE_FILES, HELD]
    for chosen in itertools.chain.from_iterable(itertools.combinations(kinds, n) for n in range(1, 6)):
        facts = replace(CLEAN, **{name: value for found in chosen for name, value in found.items()})
        found = reasons(facts)
        assert len(found) == len(chosen)
        error = removal.refusal(found, "git okstra remove 3")
        assert all(reason.text in error.message for reason in found)
        assert all(reason.hint in error.hint for reason in found)
        if LOCKED in chosen or HELD in chosen:
            assert error.code in ("worktree-locked", "held")


def test_the_options_that_are_needed_are_named() -> None:
    command = "git okstra remove 3"
    assert removal.refusal(reasons(replace(CLEAN, **DIRTY)), command).hint.endswith(f": {command} -f")
    assert removal.refusal(reasons(replace(CLEAN, **LOST)), command).hint.endswith(f": {command} -D")
    both = removal.refusal(reasons(replace(CLEAN, **DIRTY, **LOST)), command)
    assert both.hint.endswith(f"or take it along to the trash: {command} -f -D")
    blocked = removal.refusal(reasons(replace(CLEAN, **DIRTY, **LOCKED)), command)
    assert blocked.hint.endswith(f"then, to take it along to the trash: {command} -f")
    assert removal.refusal(reasons(replace(CLEAN, **LOCKED)), command).hint.endswith(f"then: {command}")


def test_what_would_go_is_named_and_a_long_list_is_cut() -> None:
    facts = replace(CLEAN, changed=tuple(f"f{number}" for number in range(7)), untracked=("new",))
    (reason,) = reasons(facts)
    assert "7 changed and 1 untracked" in reason.text
    assert reason.text.endswith("f0, f1, f2, f3, f4 and 3 more")
    (reason,) = reasons(replace(CLEAN, lost=("abc work", "def more"), lost_tip="abc"))
    assert reason.text.endswith("2 commits that are on no other branch: abc work, def more")


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    facts = replace(CLEAN, path="/w/\x1b[2J", changed=("\x1b[31m",), locked="\x07", occupants=((1, "a\nb"),))
    for reason in reasons(facts):
        assert not set("\x1b\x07\n") & set(reason.text + reason.hint)


def test_a_verb_that_keeps_the_branch_has_one_option_for_everything() -> None:
    facts = replace(CLEAN, **LOST, **SUBMODULE_COMMITS, **BASED_ON, deletes_branch=False)
    assert {reason.waiver for reason in reasons(facts)} == {"-f"}
    assert reasons(facts, dirty=True) == []


def test_each_line_of_the_hint_of_whoever_has_it_stays() -> None:
    hint = "if bob agreed: OKSTRA_OWNER=bob git okstra remove 3\nif nobody works there: git okstra takeover 3"
    held = replace(CLEAN, held=OkstraError("held", "stage 3 is held by bob", hint))
    told = removal.refusal(reasons(held), "git okstra remove 3 -D").hint
    assert told.split("\n") == [
        "if bob agreed: OKSTRA_OWNER=bob git okstra remove 3 -D",
        "if nobody works there: git okstra takeover 3",
    ]
