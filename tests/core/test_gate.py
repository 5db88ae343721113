"""Every fact that speaks against a task is a reason, all at once, each with a code, a sentence and what to type."""

from __future__ import annotations

from typing import Any

import pytest

from git_okstra.core import errors, gate, judging, readiness
from git_okstra.core.gate import Facts, Ran, StageFact
from git_okstra.core.judging import Foreign

ID = "a" * 40


def stage(number: int, state: str = readiness.MERGED, **more: Any) -> StageFact:
    known = {"base": ID, "tip": ID, "recorded": ID, "merged": state == readiness.MERGED}
    return StageFact(number, f"stage {number}", state, f"feat-dev-1-s{number}", **{**known, **more})


def facts(**more: Any) -> Facts:
    known: dict[str, Any] = {
        "task_id": "DEV-1", "branch": "feat-dev-1", "head": ID, "tree": ID, "path": "/w", "checked_out": "feat-dev-1",
        "unfinished": "", "uncommitted": (), "concealed": (), "approved": True, "ever_approved": True,
        "digest": "sha256:1", "stages": (stage(1), stage(2)), "foreign": (), "commands": ("make",), "untrusted": (),
    }  # fmt: skip
    return Facts(**{**known, **more})


def kinds(of: Facts) -> list[str]:
    return [reason.kind for reason in gate.reasons(of)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"approved": False}, ["plan-changed"]),
        ({"approved": False, "ever_approved": False}, ["plan-not-approved"]),
        ({"approved": None, "stages": ()}, []),
        ({"stages": (stage(1, readiness.OPEN, recorded=None),)}, ["stage-not-done"]),
        ({"stages": (stage(1, readiness.WAITING, recorded=None, tip=None),)}, ["stage-not-done"]),
        ({"stages": (stage(1, readiness.ABANDONED, recorded=None),)}, ["stage-not-done"]),
        ({"stages": (stage(1, readiness.DONE),)}, ["stage-not-merged"]),
        ({"stages": (stage(1, readiness.STALE, merged=True),)}, ["stage-stale"]),
        ({"stages": (stage(1, readiness.STALE),)}, ["stage-stale", "stage-not-merged"]),
        ({"path": None}, ["worktree-missing"]),
        ({"uncommitted": ("a",)}, ["dirty-worktree"]),
        ({"concealed": ("a",)}, ["concealed-files"]),
        ({"unfinished": "merge", "checked_out": None}, ["merge-in-progress"]),
        ({"checked_out": "main"}, ["wrong-branch"]),
        ({"checked_out": None}, ["wrong-branch"]),
        ({"foreign": (Foreign(ID, judging.FORBIDDEN, "final-verification"),)}, [judging.FORBIDDEN]),
        ({"untrusted": ("make",)}, ["untrusted-command"]),
        (
            {"approved": False, "stages": (stage(1, readiness.DONE),), "uncommitted": ("a",), "untrusted": ("make",)},
            ["plan-changed", "stage-not-merged", "dirty-worktree", "untrusted-command"],
        ),
    ],
)
def test_each_fact_is_a_reason_and_all_are_told(more: dict[str, Any], expected: list[str]) -> None:
    of = facts(**more)
    assert kinds(of) == expected
    for reason in gate.reasons(of):
        assert errors.CODES[reason.code][0] in (errors.REFUSED,)
        assert reason.hint
        assert "{" not in reason.message
        assert reason.error().message == reason.message
    outcome = gate.checks(of, (), gate.reasons(of))
    assert [name for name, status in outcome.items() if status == gate.FAILED] == [
        name for name, against in gate.CHECKS.items() if set(against) & set(expected)
    ]


@pytest.mark.parametrize(
    ("ran", "tip", "expected"),
    [
        (Ran("make", 0, 1.0), ID, []),
        (Ran("make", 2, 1.0), ID, ["command-failed"]),
        (Ran("make", -9, 1.0), ID, ["command-failed"]),
        (Ran("make", 124, 1.0), ID, ["command-timed-out"]),
        (Ran("make", 0, 1.0, changed=("a",)), ID, ["files-changed"]),
        (Ran("make", 1, 1.0, changed=("a",)), "b" * 40, ["command-failed", "files-changed", "branch-moved"]),
        (Ran("make"), None, ["branch-moved"]),
    ],
)
def test_what_the_commands_speak_against_it(ran: Ran, tip: str | None, expected: list[str]) -> None:
    found = gate.reasons_of_commands(facts(), (ran,), tip)
    assert [reason.kind for reason in found] == expected


def test_checks_that_have_no_subject_are_not_applicable_and_what_did_not_run_is_said() -> None:
    outcome = gate.checks(facts(approved=None, stages=(), commands=()), (), [])
    assert {name for name, status in outcome.items() if status == gate.NOT_APPLICABLE} == {
        "plan-approved", "stages-done", "stages-unmoved", "stages-merged", "commands-passed", "tree-unchanged",
    }  # fmt: skip
    outcome = gate.checks(facts(), (Ran("make"),), [])
    assert {name for name, status in outcome.items() if status == gate.NOT_RUN} == {"commands-passed", "tree-unchanged"}


def test_what_is_quoted_cannot_move_a_terminal() -> None:
    evil = "\x1b[2J"
    of = facts(
        path=f"/w{evil}",
        checked_out=evil,
        uncommitted=(evil,),
        untrusted=(evil,),
        foreign=(Foreign(ID, judging.OUTSIDE_DOCS, "error-analysis", (evil,), evil),),
    )
    found = [*gate.reasons(of), *gate.reasons_of_commands(of, (Ran(evil, 1, log=evil, changed=(evil,)),), None)]
    assert len(found) == 7
    assert not any("\x1b" in reason.message + reason.hint for reason in found)
