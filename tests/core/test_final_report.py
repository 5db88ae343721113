"""The report: after its schema, and readable in both languages; the catalogues say all that the gate can."""

from __future__ import annotations

import json
import string
from typing import Any

import jsonschema
import pytest

from git_okstra.core import final_report, gate, judging, readiness
from git_okstra.core.gate import Facts, Ran, Reason, StageFact
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Task
from support import gates

ID = "a" * 40
TASK = Task(TaskKey("shop", "dev", "dev-1"), "DEV-1", "feat", "feat-dev-1", "main", "b" * 40, "", title="A | title")
VALIDATOR = jsonschema.Draft202012Validator(json.loads(gates.SCHEMA))


def facts(**more: Any) -> Facts:
    known: dict[str, Any] = {
        "task_id": "DEV-1", "branch": "feat-dev-1", "head": ID, "tree": "c" * 40, "path": "/w", "checked_out": None,
        "unfinished": "rebase", "uncommitted": ("x",), "concealed": (), "approved": False, "ever_approved": True,
        "digest": f"sha256:{'d' * 64}", "foreign": (judging.Foreign(ID, judging.UNPLANNED, "implementation"),),
        "commands": ("make",), "untrusted": ("make",),
        "stages": (StageFact(1, "one | more", readiness.OPEN, "feat-dev-1-s1", ID, ID, None, False),),
    }  # fmt: skip
    return Facts(**{**known, **more})


def report(of: Facts, ran: tuple[Ran, ...], found: list[Reason]) -> dict[str, Any]:
    return final_report.document(
        TASK, of, ran, found, time="2026-11-24T10:00:00Z", owner="ada", program="git okstra 1", approved_by="",
        commits={1: 2},
    )  # fmt: skip


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(gates.SCHEMA))


def test_a_rejected_report_is_after_the_schema_and_an_accepted_one_with_reasons_is_not() -> None:
    of = facts()
    made = report(of, (Ran("make"),), gate.reasons(of))
    VALIDATOR.validate(made)
    for wrong in (
        {"verdict": "accepted"},
        {"reasons": []},
        {"commit": "abc"},
        {"tree": None},
        {"time": "yesterday"},
        {"stages": [{"number": 1}]},
        {"schema": "okstra.final-report/2"},
    ):
        assert not VALIDATOR.is_valid({**made, **wrong})
    for name in made:
        assert not VALIDATOR.is_valid({key: value for key, value in made.items() if key != name})
    # Fields may be added within a version.
    VALIDATOR.validate({**made, "more": 1})


def test_an_accepted_report_must_have_run_and_passed_everything() -> None:
    of = facts(path="/w", checked_out="feat-dev-1", unfinished="", uncommitted=(), approved=None, digest=None,
               foreign=(), stages=(), untrusted=())  # fmt: skip
    made = report(of, (Ran("make", 0, 1.5, "/r/command-1.log"),), [])
    VALIDATOR.validate(made)
    assert made["verdict"] == "accepted"
    assert made["commands"][0]["log"] == "command-1.log"
    assert not VALIDATOR.is_valid(report(of, (Ran("make"),), []))
    assert not VALIDATOR.is_valid(report(of, (Ran("make", 1),), []))


def fields_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_catalogue_is_complete(language: str) -> None:
    catalogue = gates.messages(language)
    labels = {name.removeprefix("label_") for name in string.Template(gates.TEMPLATE).get_identifiers()
              if name.startswith("label_")}  # fmt: skip
    assert labels <= set(catalogue["labels"]) == set(gates.messages("en")["labels"])
    states = {value for name, value in vars(readiness).items() if name.isupper() and isinstance(value, str)}
    outcomes = {gate.PASSED, gate.FAILED, gate.NOT_APPLICABLE, gate.NOT_RUN}
    assert states | outcomes | set(gate.CHECKS) | {"accepted", "rejected", "approved"} <= set(catalogue["words"])
    assert set(catalogue["words"]) == set(gates.messages("en")["words"])
    if language != "en":
        assert set(catalogue["reasons"]) == set(gate.REASONS)
        for kind, (_, sentence) in gate.REASONS.items():
            assert fields_of(catalogue["reasons"][kind]) == fields_of(sentence), kind


def test_every_kind_of_reason_belongs_to_one_check() -> None:
    assert sorted(kind for kinds in gate.CHECKS.values() for kind in kinds) == sorted(gate.REASONS)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "- **stage-not-done**: stage 1 is open, not done"),
        ("ko", "- **stage-not-done**: 스테이지 1이(가) 완료되지 않았습니다(현재 상태: 진행 중)."),
    ],
)
def test_the_markdown_tells_everything_in_the_language(language: str, expected: str) -> None:
    of = facts()
    ran = (Ran("make \x1b[2J | cat", 1, 0.5, "/r/command-1.log", ("y",)),)
    made = report(of, ran, [*gate.reasons(of), *gate.reasons_of_commands(of, ran, None)])
    text = final_report.markdown(made, gates.TEMPLATE, gates.messages(language))
    assert expected in text.splitlines()
    assert "\x1b" not in text
    assert "one \\| more" in text
    assert "`make \\x1b[2J \\| cat`" in text
    assert "$" not in text
    assert len(made["reasons"]) == len([line for line in text.splitlines() if line.startswith("- **")])
