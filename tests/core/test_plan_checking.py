"""Every fault of a plan at once, each with its line; and what strands a started stage."""

from __future__ import annotations

import dataclasses
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import patterns, plan_checking
from git_okstra.core.plan import Plan, PlannedStage
from support import plans


def codes(plan: Plan) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.stage) for finding in plan_checking.check(plan)]


def messages(plan: Plan) -> list[str]:
    return [finding.message for finding in plan_checking.check(plan)]


def stage(
    number: int, *others: int, title: str = "x", files: tuple[str, ...] | None = None, verify: tuple[str, ...] = ()
) -> PlannedStage:
    return PlannedStage(number, title, others, (f"s{number}/",) if files is None else files, verify)


FAULTY = """\
[[stage]]
number = 1
title = "a"
depends_on = [3]
files = ["src/**"]

[[stage]]
number = 2
title = "b"
depends_on = [
  1,
  2,
  7,
]
files = [
  "docs/",
  "../other",
]

[[stage]]
number = 3
title = "c\\u001b[31m"
depends_on = [2]
files = ["/etc"]
verify = [" "]

[[stage]]
number = 3
title = ""

[[stage]]
number = 0
title = "d"
files = ["src/*.{c,h}"]

[[stage]]
title = "e"
file = ["a"]
"""


SHARE = "may run at the same time and claim the same files"
ROOT = "; patterns begin at the repository's root without a '/'"
BRACES = ", which are not expanded; write one pattern for each"


def test_all_faults_of_a_file_at_once_in_the_order_of_lines() -> None:
    plan, findings = plan_checking.examine(FAULTY, None, "plan.toml")
    assert plan is None
    assert [(finding.level, finding.line, finding.code, finding.message) for finding in findings] == [
        ("error", 4, "cycle", "stages wait for each other in a cycle: 1 → 3 → 2 → 1"),
        ("warning", 5, "shared-files", "stages 0 and 1 " + SHARE + ": 'src/*.{c,h}' with 'src/**'"),
        ("error", 12, "self-dependency", "stage 2 depends on itself"),
        ("error", 13, "unknown-dependency", "stage 2 depends on stage 7, which the plan does not have"),
        ("error", 17, "escaping-pattern", "stage 2: the pattern '../other' leaves the repository through '..'"),
        ("error", 22, "control-character", "stage 3: the title holds the character U+001B"),
        ("error", 24, "escaping-pattern", "stage 3: the pattern '/etc' is absolute" + ROOT),
        ("error", 25, "empty-command", "stage 3: a verify command is empty"),
        ("error", 27, "missing-field", "stage 3 lists no files, so it may change none; '**' allows all"),
        ("error", 28, "duplicate-number", "stage number 3 is given twice, first in line 21"),
        ("warning", 29, "missing-field", "stage 3 has no title; its merge and its listings will say the number only"),
        ("error", 32, "bad-number", "0 is not a stage number; one is whole, from 1 to 9999"),
        ("warning", 34, "doubtful-pattern", "stage 0: the pattern 'src/*.{c,h}' holds braces" + BRACES),
        ("error", 36, "missing-field", "stage entry 6 has no number"),
        ("error", 38, "unknown-field", "stage entry 6: 'file' is not a field of a stage; did you mean 'files'?"),
    ]  # fmt: skip


def test_what_could_not_be_read_is_not_missing_too() -> None:
    _, findings = plan_checking.examine('[{"number": 1, "title": 2, "files": 3}]')
    assert [(finding.code, finding.field) for finding in findings] == [("wrong-type", "files"), ("wrong-type", "title")]
    _, findings = plan_checking.examine("|stage|title|depends on|\n|-|-|-|\n|1|a|-|\n|2|b|-|")
    assert [(finding.code, finding.line) for finding in findings] == [("missing-field", 1)]


def test_one_unreadable_stage_hides_no_fault_of_another() -> None:
    _, findings = plan_checking.examine('[{"files": 3},\n{"number": 2, "title": "b"}]')
    assert [(finding.code, finding.field, finding.line) for finding in findings] == [
        ("missing-field", "number", 1),
        ("wrong-type", "files", 1),
        ("missing-field", "files", 2),
    ]


def test_a_plan_with_warnings_only_is_given() -> None:
    plan, findings = plan_checking.examine(
        '[{"number": 1, "files": ["a"]}, {"number": 2, "title": "b", "files": ["a"]}]'
    )
    assert plan is not None
    assert [(finding.level, finding.code) for finding in findings] == [
        ("warning", "missing-field"),
        ("warning", "shared-files"),
    ]


def test_no_stages() -> None:
    assert codes(Plan(())) == [("no-stages", None)]
    assert plan_checking.examine("")[0] is None


@pytest.mark.parametrize("number", [0, -1, 10_000, 10**15])
def test_numbers_out_of_range(number: int) -> None:
    assert codes(Plan((stage(number),))) == [("bad-number", number)]


def test_numbers_at_the_ends() -> None:
    assert codes(Plan((stage(1), stage(9999)))) == []


@pytest.mark.parametrize(
    "text", ["a\x1b[2Jb", "a\nb", "a\tb", "a\x7fb", "a\x9b31mb", "a\u202eb", "a\u2028b", "a\ud800"]
)
def test_titles_that_steer_a_terminal(text: str) -> None:
    assert codes(Plan((stage(1, title=text),))) == [("control-character", 1)]
    assert codes(Plan((stage(1),), text)) == [("control-character", None)]


@pytest.mark.parametrize("text", ["결제 👩‍💻", "é", "שלום", "a" * 500, "<b> & \\ \"'"])
def test_titles_of_all_kinds(text: str) -> None:
    assert codes(Plan((stage(1, title=text),), text)) == []


def test_commands() -> None:
    script = "set -e\n\tmake\n"
    assert codes(Plan((stage(1, verify=(script, "x")),))) == []
    assert codes(Plan((stage(1, verify=("a\0b",)),))) == [("control-character", 1)]
    assert codes(Plan((stage(1, verify=("", "\n")),))) == [("empty-command", 1)] * 2


def test_two_cycles_and_a_bystander() -> None:
    plan = plans.of({1: [2], 2: [1], 3: [4], 4: [5], 5: [3], 6: [1, 5], 7: []})
    assert messages(plan) == [
        "stages wait for each other in a cycle: 1 → 2 → 1",
        "stages wait for each other in a cycle: 3 → 4 → 5 → 3",
    ]


def test_cycles_that_cross_are_all_named() -> None:
    plan = plans.of({1: [2, 3], 2: [1], 3: [1]})
    assert messages(plan) == [
        "stages wait for each other in a cycle: 1 → 2 → 1",
        "stages wait for each other in a cycle: 3 → 1 → 3",
    ]


@plans.UNHURRIED
@given(plans.graphs(), st.data())
def test_an_injected_cycle_is_always_named_and_real(graph: dict[int, set[int]], data: st.DataObject) -> None:
    plan = plans.of(graph)
    assert [code for code, _ in codes(plan)] == []
    numbers = sorted(graph)
    if len(numbers) < 2:
        return
    ring = data.draw(st.lists(st.sampled_from(numbers), min_size=2, unique=True))
    for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
        graph[one] = graph[one] | {other}
    findings = plan_checking.check(plans.of(graph))
    assert findings
    named: set[int] = set()
    for finding in findings:
        assert finding.code == "cycle"
        cycle = [int(each) for each in re.findall(r"\d+", finding.message)]
        assert len(cycle) > 2
        assert cycle[0] == cycle[-1] == finding.stage
        assert len(set(cycle)) == len(cycle) - 1
        assert all(other in graph[one] for one, other in itertools.pairwise(cycle))
        named |= set(cycle)
    faulty = plans.of(graph)
    assert named == {number for number in graph if number in faulty.ancestors(number)}
    assert named >= set(ring)


def test_shared_files_are_a_matter_of_parallel_stages() -> None:
    shared = ("a/**",)
    chain = Plan((stage(1, files=shared), stage(2, 1, files=shared), stage(3, 2, files=shared)))
    assert codes(chain) == []
    fork = Plan((stage(1, files=shared), stage(2, 1, files=shared), stage(3, 1, files=("a/b.py", "c"))))
    assert messages(fork) == ["stages 2 and 3 may run at the same time and claim the same files: 'a/**' with 'a/b.py'"]


def test_shared_files_name_some_patterns_and_count_the_rest() -> None:
    files = ("a", "b", "c", "d", "e")
    assert messages(Plan((stage(1, files=files), stage(2, files=files)))) == [
        "stages 1 and 2 may run at the same time and claim the same files: 'a', 'b', 'c' and 2 more"
    ]


some_patterns = st.lists(
    st.sampled_from(["src/**", "src/a", "src/a/b.py", "*.py", "*.md", "docs/", "**", "docs/*/x", "../x"])
)


@plans.UNHURRIED
@given(plans.graphs(6), st.data())
def test_shared_files_agree_with_asking_every_pair(graph: dict[int, set[int]], data: st.DataObject) -> None:
    plan = Plan(
        tuple(dataclasses.replace(each, files=tuple(data.draw(some_patterns))) for each in plans.of(graph).stages)
    )
    told = {
        tuple(int(each) for each in re.findall(r"\d+", finding.message)[:2])
        for finding in plan_checking.check(plan)
        if finding.code == "shared-files"
    }
    assert told == {
        (one.number, other.number)
        for one in plan.stages
        for other in plan.stages
        if one.number < other.number
        and one.number not in plan.ancestors(other.number)
        and other.number not in plan.ancestors(one.number)
        and any(patterns.may_overlap(mine, yours) for mine in one.files for yours in other.files)
    }


def test_large_plans_are_checked_too() -> None:
    chain = plans.of({number: [number - 1] if number > 1 else [] for number in range(1, 2001)})
    assert codes(chain) == []
    ring = plans.of({number: [number % 2000 + 1] for number in range(1, 2001)})
    assert codes(ring) == [("cycle", 1)]


OLD = Plan((stage(1), stage(2, 1), stage(3, 1), stage(4, 2, 3)))


@pytest.mark.parametrize(
    ("new", "started", "told"),
    [
        (OLD, {1: "merged", 2: "done", 3: "open"}, []),
        (Plan((*OLD.stages, stage(5, 4))), {1: "merged", 4: "open"}, []),
        (Plan((stage(1, title="y", files=("z",), verify=("w",)), *OLD.stages[1:])), {1: "open"}, []),
        (Plan(OLD.stages[:3]), {1: "open"}, []),
        (Plan(OLD.stages[:3]), {4: "open"}, ["stage 4 is open and missing from the new plan"]),
        (Plan(()), {1: "merged"}, ["stage 1 is merged and missing from the new plan"]),
        (Plan((stage(1), stage(2))), {2: "done"}, ["stage 2 is done; it was started on 1 and would depend on nothing"]),
        (
            Plan((stage(1, 2), stage(2))),
            {1: "open"},
            ["stage 1 is open; it was started on nothing and would depend on 2"],
        ),
        (Plan((stage(1), stage(2, 1), stage(3, 1), stage(4, 3, 2))), {4: "open"}, []),
        (Plan((stage(1), stage(2, 1), stage(3, 2), stage(4, 2, 3))), {1: "merged", 2: "open"}, []),
    ],
)
def test_strands(new: Plan, started: dict[int, str], told: list[str]) -> None:
    findings = plan_checking.strands(OLD, new, started)
    assert [finding.message for finding in findings] == told
    assert all(finding.code == "strands-stage" and finding.is_error for finding in findings)
