from __future__ import annotations

import copy
from typing import Any

import pytest

from git_okstra.core import telling

NOW: dict[str, Any] = {
    "task": {
        "id": "DEV-1", "phase": "implementation", "state": "open", "trouble": None, "owner": "ada", "head": "a" * 40,
        "dirty": False, "ahead": 1, "behind": 0,
        "stages": [
            {"number": 1, "state": "open", "trouble": None, "owner": "ada", "head": "b" * 40, "dirty": True,
             "ahead": 1, "behind": 0},
            {"number": 2, "state": "waiting", "trouble": None, "owner": None, "head": None, "dirty": None,
             "ahead": None, "behind": None},
        ],
    },
    "ready": [], "merging": None, "verdict": None,
}  # fmt: skip


def after(**fields: Any) -> dict[str, Any]:
    """The document with fields set: `task`'s and `stage`'s by dictionaries, stage 1 being meant."""
    document = copy.deepcopy(NOW)
    document["task"].update(fields.pop("task", {}))
    document["task"]["stages"][0].update(fields.pop("stage", {}))
    return document | fields


def test_at_first_everything_is_told() -> None:
    assert telling.of_status(None, NOW) == [
        "task DEV-1: phase implementation; open; owner ada",
        "stage 1: open; owner ada; uncommitted changes",
        "stage 2: waiting",
    ]


def test_nothing_is_told_of_nothing() -> None:
    assert telling.of_status(NOW, after()) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"stage": {"state": "done", "dirty": False}}, ["stage 1: open -> done; no uncommitted changes"]),
        ({"stage": {"head": "c" * 40, "ahead": 2}}, [f"stage 1: head {'b' * 12} -> {'c' * 12}"]),
        ({"stage": {"behind": 3}}, ["stage 1: 1 ahead, 3 behind"]),
        ({"stage": {"trouble": "missing", "dirty": None}}, ["stage 1: trouble missing; no uncommitted changes"]),
        ({"stage": {"owner": "b\x1b[2Jen"}}, ["stage 1: owner ada -> b\\x1b[2Jen"]),
        ({"task": {"phase": "final-verification"}}, ["task DEV-1: phase implementation -> final-verification"]),
        ({"task": {"head": None, "owner": None}}, [f"task DEV-1: owner ada -> none; head {'a' * 12} -> none"]),
        ({"ready": [2, 3]}, ["ready: 2, 3"]),
        ({"merging": 1}, ["merge: stopped at stage 1"]),
        ({"verdict": {"verdict": "accepted", "holds": True}}, ["verdict: accepted"]),
        ({"verdict": {"verdict": "rejected", "holds": False}}, ["verdict: rejected"]),
        ({"verdict": {"verdict": "accepted", "holds": False}}, ["verdict: accepted, but no longer"]),
    ],
)
def test_what_changed_is_told(changed: dict[str, Any], told: list[str]) -> None:
    assert telling.of_status(NOW, after(**changed)) == told


def test_what_was_is_told_when_it_is_no_more() -> None:
    fewer = after(task={"stages": NOW["task"]["stages"][:1]})
    assert telling.of_status(NOW, fewer) == ["stage 2: no longer in the plan"]
    assert telling.of_status(after(merging=1, ready=[2]), NOW) == ["ready: none", "merge: no longer stopped"]


def conflicts(*found: tuple[str, str, list[str]]) -> dict[str, Any]:
    return {
        "conflicts": [
            {"between": [one, other], "files": [{"path": path} for path in paths]} for one, other, paths in found
        ]
    }


def test_conflicts_come_and_go() -> None:
    one = conflicts(("1", "2", ["a"]))
    assert telling.of_conflicts(None, conflicts()) == ["no conflict"]
    assert telling.of_conflicts(conflicts(), conflicts()) == []
    assert telling.of_conflicts(None, one) == ["conflict between stage 1 and stage 2: a"]
    assert telling.of_conflicts(one, conflicts(("1", "2", ["a", "b"]))) == [
        "conflict between stage 1 and stage 2: a, b"
    ]
    assert telling.of_conflicts(one, conflicts(("1", "task", ["a"]), ("2", "base", ["c"]))) == [
        "conflict between stage 1 and task: a",
        "conflict between stage 2 and base: c",
        "no conflict any more between stage 1 and stage 2",
    ]
