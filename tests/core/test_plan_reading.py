"""Plans from TOML and JSON, the store's document, and that nothing anyone writes makes reading raise."""

from __future__ import annotations

import json
import os
import random
import tomllib
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

import git_okstra
from git_okstra.core import names, plan_checking, plan_drawing, plan_reading
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Finding, Plan, PlannedStage
from support import plans

TOML = """\
title = "Billing"   # [[stage]] in a comment is none

[[stage]]
number = 1
title = '''
[[stage]]
'''
files = [
  "src/db/**",  # with a " in it
  'migrations/*.sql',
]
verify = "make test"

[[stage]]
title = "api"
depends_on = [1]
number = 2
files = ["src/api/**"]
"""


def places(findings: tuple[Finding, ...]) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.line) for finding in findings]


def read_whole(text: str, kind: Any = None, name: str = "") -> Plan:
    plan, findings = plan_reading.read(text, kind, name)
    assert findings == ()
    assert plan is not None
    return plan


def test_toml() -> None:
    plan = read_whole(TOML)
    assert plan.title == "Billing"
    assert plan.stages == (
        PlannedStage(1, "[[stage]]\n", (), ("src/db/**", "migrations/*.sql"), ("make test",)),
        PlannedStage(2, "api", (1,), ("src/api/**",)),
    )
    first, second = plan.stages
    assert [first.line, first.line_of("title"), first.line_of("files", 0), first.line_of("files", 1)] == [3, 5, 9, 10]
    assert [second.line, second.line_of("number"), second.line_of("depends_on")] == [14, 17, 16]
    assert read_whole(TOML.replace("\n", "\r\n")) == plan
    assert read_whole("\ufeff" + TOML).require(2).line == 14


def test_toml_stages_as_inline_tables() -> None:
    plan = read_whole(
        'stages = [\n  { number = 1, title = "a", files = ["x"] },\n\n  { number = 2, depends = 1 },\n]\n'
    )
    assert [(stage.number, stage.depends_on, stage.line) for stage in plan.stages] == [(1, (), 2), (2, (1,), 4)]


JSON = """
{"stages": [
  {"number": 1, "title": "a, b: [c] {d} \\" e", "files": ["x",
     "y"]},
  {"number": 2, "title": "b",
   "dependsOn": "stage 1", "verify": ["m",

   "n"]}
]}
"""


@pytest.mark.parametrize(
    "text", [JSON, JSON.replace('"stages"', '"stage"'), JSON.replace('{"stages": [', "[").replace("]}\n]}", "]}\n]")]
)
def test_json(text: str) -> None:
    plan = read_whole(text)
    assert plan.stages == (
        PlannedStage(1, 'a, b: [c] {d} " e', (), ("x", "y")),
        PlannedStage(2, "b", (1,), (), ("m", "n")),
    )
    first, second = plan.stages
    assert [first.line, first.line_of("files", 0), first.line_of("files", 1)] == [3, 3, 4]
    assert [second.line, second.line_of("depends_on"), second.line_of("verify", 1)] == [5, 6, 8]


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("[]", ()),
        ("[2, 1]", (1, 2)),
        ('["1", "#2"]', (1, 2)),
        ("3", (3,)),
        ('""', ()),
        ('"(none)"', ()),
        ('"None"', ()),
        ('"-"', ()),
        ('"–"', ()),
        ('"1, 2"', (1, 2)),
        ('"1 and 2"', (1, 2)),
        ('"1, 2 and 3"', (1, 2, 3)),
        ('"#1; #2"', (1, 2)),
        ('"stage 1"', (1,)),
        ('"Stages 1 & 2"', (1, 2)),
        ('"stage-1, stage #2"', (1, 2)),
        ('"S1 s2"', (1, 2)),
        ('"-4"', (-4,)),
    ],
)
@pytest.mark.parametrize("key", ["depends_on", "depends-on", "dependsOn", "depends"])
def test_ways_to_write_dependencies(key: str, written: str, numbers: tuple[int, ...]) -> None:
    assert read_whole(f'[{{"number": 9, "{key}": {written}}}]').require(9).depends_on == numbers


@pytest.mark.parametrize(
    "written", ['"1-3"', '"one"', '"1.5"', '"stage"', '"1 (schema)"', "1.5", "true", "null", "[[1]]", '{"a": 1}']
)
def test_dependencies_that_are_none(written: str) -> None:
    _, findings = plan_reading.read(f'[{{"number": 9, "title": "",\n"depends": {written}}}]')
    assert set(places(findings)) == {("wrong-type", 2)}
    assert all(finding.stage == 9 and finding.field == "depends_on" for finding in findings)


def test_lines_of_dependencies_follow_their_numbers() -> None:
    stage = read_whole('[{"number": 9, "depends_on": [\n4,\n2,\n3]}]').require(9)
    assert [stage.line_of("depends_on", index) for index in range(3)] == [3, 4, 2]


FAULTY_TOML = """\
titel = "x"
note = "y"
format = 2

[[stage]]
number = 1
title = 5
files = "a"
depend_on = [3]

[[stage]]
title = "no number"
files = ["a",
  7]
verify = [true]

[[stage]]
number = true
stage = 3
after = [1]

[[stage]]
number = 0xffffffffffffffffffff
depends_on = [1,
  "x y"]
"""


def test_every_fault_of_toml_with_its_line() -> None:
    plan, findings = plan_reading.read(FAULTY_TOML)
    assert [(finding.level, finding.line, finding.message) for finding in findings] == [
        ("error", 1, "'titel' is not a field of a plan; did you mean 'title'?"),
        ("warning", 2, "'note' is not a field of a plan and is ignored"),
        ("error", 3, "the plan's 'format' is not 1, the only one known"),
        ("error", 9, "stage 1: 'depend_on' is not a field of a stage; did you mean 'depends_on'?"),
        ("error", 7, "stage 1: 'title' is the number 5; it must be a text"),
        ("error", 11, "stage entry 2 has no number"),
        ("error", 14, "stage entry 2: 'files' holds the number 7; it must be a list of texts"),
        ("error", 15, "stage entry 2: 'verify' holds true; it must be a list of texts"),
        ("error", 19, "stage entry 3 gives 'stage' and 'number', which mean the same"),
        (
            "error",
            20,
            "stage entry 3: 'after' is not a field of a stage; there are number, title, depends_on, files, verify",
        ),
        ("error", 18, "stage entry 3 has true as its number; a number is a whole one from 1"),
        (
            "error",
            23,
            "stage entry 4 has a number of more than 18 digits as its number; a number is a whole one from 1",
        ),
        ("error", 25, "stage entry 4: 'x' in 'depends_on' is no stage number"),
        ("error", 25, "stage entry 4: 'y' in 'depends_on' is no stage number"),
    ]
    assert plan is not None
    assert plan.stages == (PlannedStage(1, "", (), ("a",)),)


@pytest.mark.parametrize("number", ["1.0", "1.5", '"1"', "null", "[1]", "{}", "false", "1e3", "NaN"])
def test_numbers_that_are_none(number: str) -> None:
    plan, findings = plan_reading.read(f'[\n\n{{"title": "x", "number": {number}}}]')
    assert plan is None
    assert places(findings) == [("bad-number", 3)]


@pytest.mark.parametrize(
    ("text", "kind", "code", "line"),
    [
        ("[[stage]]\nnumber = 1\nnumber = 2\n", "toml", "syntax", 3),
        ("a = 1\n\nb = ", "toml", "syntax", 3),
        ('a = "\n', "toml", "syntax", 1),
        ("a = " + "[" * 100_000, "toml", "syntax", None),
        ("a = " + "9" * 5000, "toml", "syntax", None),
        ("[stage]\nnumber = 1\n", "toml", "wrong-type", 1),
        ("x = 1\nstage = 7\n", "toml", "wrong-type", 2),
        ("[[stage]]\nnumber = 1\n[[stages]]\nnumber = 2\n", "toml", "duplicate-field", 3),
        ("stage = [1]", "toml", "wrong-type", 1),
        ('{"stages": [,]}', "json", "syntax", 1),
        ('{"stages":\n [}', "json", "syntax", 2),
        ("[" * 100_000, "json", "syntax", None),
        ("9" * 5000, "json", "syntax", None),
        ("", "json", "syntax", 1),
        ("\n7", "json", "wrong-type", 2),
        ('"text"', "json", "wrong-type", 1),
        ('{"stages":\n {"number": 1}}', "json", "wrong-type", 1),
        ('{"stages": [null]}', "json", "wrong-type", 1),
        ('[{"number": 1,\n"title": "a",\n"title": "b"}]', "json", "duplicate-field", 3),
        ('{"stages": [],\n"stages": []}', "json", "duplicate-field", 2),
        ("no table here", "markdown", "no-stages", None),
    ],
)
def test_what_is_no_plan_at_all(text: str, kind: Any, code: str, line: int | None) -> None:
    _, findings = plan_reading.read(text, kind)
    assert (code, line) in places(findings)
    assert any(finding.is_error for finding in findings)
    assert all("\n" not in finding.message and len(finding.message) < 200 for finding in findings)


def test_a_document_without_stages_is_a_plan_without_stages() -> None:
    assert read_whole("") == Plan(())
    assert read_whole("{}") == Plan(())
    assert read_whole("[]") == Plan(())


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("", "plan.toml", "toml"),
        ("", "PLAN.JSON", "json"),
        ("", "dir.json/plan.md", "markdown"),
        ("", "-", "toml"),
        ("{", "", "json"),
        ("[ {", "x.txt", "json"),
        ("[]", "", "json"),
        ("[[stage]]", "", "toml"),
        ("# a\n\n[[ stage ]] # b", "", "toml"),
        ("# a\ntitle = 'x'", "", "toml"),
        ("# Plan\n\n| stage | title |", "", "markdown"),
        ("stage | title\n--- | ---", "", "markdown"),
        ("Some words = here", "", "markdown"),
        ("[link](there)", "", "markdown"),
    ],
)
def test_formats_are_guessed(text: str, name: str, kind: str) -> None:
    assert plan_reading.guess_format(text, name) == kind


def test_a_leading_dot_slash_goes() -> None:
    assert read_whole('[{"number": 1, "files": ["./a", "././b/", ".c"]}]').require(1).files == ("a", "b/", ".c")


@plans.UNHURRIED
@given(plans.plans())
def test_a_plan_survives_the_store(plan: Plan) -> None:
    document = plan_reading.to_toml_document(plan)
    assert plan_reading.from_document(document) == plan
    text = tomli_w.dumps(document)
    assert plan_reading.from_document({**tomllib.loads(text), "approved": {"digest": "x"}}) == plan
    again = read_whole(text, "toml")
    assert again == plan
    assert again.digest() == plan.digest()
    assert all(stage.line is not None and stage.line_of("files", 0) for stage in again.stages)


@plans.UNHURRIED
@given(plans.plans(), st.randoms(use_true_random=False), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_neither_format_nor_the_order_of_fields_counts(
    plan: Plan, chance: random.Random, indent: Any, ascii_only: bool
) -> None:
    stages = []
    for stage in plan_reading.to_toml_document(plan)["stage"]:
        fields = list(stage.items())
        chance.shuffle(fields)
        stages.append(dict(fields))
    chance.shuffle(stages)
    text = json.dumps({"stages": stages, "title": plan.title}, indent=indent, ensure_ascii=ascii_only)
    again = read_whole(text)
    assert again == plan
    assert again.digest() == plan.digest()


@plans.UNHURRIED
@given(plans.plans())
def test_the_json_document_can_be_imported(plan: Plan) -> None:
    beside = {"task": {"key": "shop/dev/dev-1"}, "approved": True, "approved_by": None, "notes": []}
    document = {**beside, **plan_drawing.as_json_document(plan)}
    assert read_whole(json.dumps(document)) == plan


@pytest.mark.parametrize("document", [{}, {"stage": 1}, {"stage": [{}]}, {"stage": [{"number": 1, "files": 7}]}])
def test_a_damaged_document_is_refused(document: dict[str, Any]) -> None:
    if not document:
        assert plan_reading.from_document(document) == Plan(())
        return
    with pytest.raises(OkstraError) as caught:
        plan_reading.from_document(document)
    assert caught.value.code == "damaged-file"


def judge(text: str, kind: Any = None) -> None:
    """Reads, checks and draws; what is found must be fit to be shown."""
    plan, findings = plan_reading.read(text, kind)
    findings += plan_checking.check(plan) if plan else ()
    whole, _ = plan_checking.examine(text, kind)
    assert whole is None or not any(finding.is_error for finding in findings)
    assert plan is not None or findings
    lines = text.count("\n") + 1
    for finding in findings:
        assert finding.message == names.printable(finding.message)
        assert finding.line is None or 1 <= finding.line <= lines
    if plan:
        plan_drawing.as_text(plan)
        plan_drawing.as_mermaid(plan)
        plan_drawing.as_dot(plan)
        json.dumps(plan_drawing.as_json_document(plan))


FRAGMENTS = st.sampled_from(
    [
        *(
            "[[stage]]",
            "[stage]",
            "number = 1",
            "title = ",
            "files = ",
            "stage.number = 1",
            '"stages": [',
            '"number": 1',
        ),
        *("[", "]", "{", "}", ",", ":", "=", "#", '"', "'", '"""', "'''", "\\", "\n", "\r\n", " ", "1", "-1", "0x"),
        *("true", "null", "1e999", "2024-01-01", "stage", "(none)", "- ", ">", "<br>", "<!--", "-->", "`", "``", "```"),
        *(
            "|",
            "\\|",
            "|-|-|-|-|-|",
            "| stage | title | depends on | files | verify |",
            "~~~",
            "\x00",
            "\x1b",
            "\ud800",
        ),
        *("\u2028", "\ufeff", "٣", "𝟛"),
    ]
)


@plans.UNHURRIED
@given(st.lists(FRAGMENTS, max_size=30).map("".join), st.sampled_from([None, "toml", "json", "markdown"]))
def test_fragments_never_raise(text: str, kind: Any) -> None:
    judge(text, kind)


@plans.UNHURRIED
@given(st.text(), st.sampled_from([None, "toml", "json", "markdown"]))
def test_text_never_raises(text: str, kind: Any) -> None:
    judge(text, kind)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["number", "title", "depends_on", "files", "verify", "stage", "x\x1b"]), inner
        )
    ),
    max_leaves=6,
)


@plans.UNHURRIED
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["number", "stage", "title", "depends", "files", "verify", "z"]), anything)
    )
)
def test_values_of_any_type_never_raise(stages: list[Any]) -> None:
    judge(json.dumps(stages), "json")


@plans.UNHURRIED
@given(st.sampled_from([TOML, JSON, FAULTY_TOML]), st.data())
def test_damaged_files_never_raise(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    judge(text[:start] + data.draw(FRAGMENTS | st.just("")) + text[end:])


def test_the_template_is_a_plan_without_fault() -> None:
    root = os.path.dirname(os.path.dirname(git_okstra.__file__))
    with open(os.path.join(root, "share", "templates", "plan.toml"), encoding="utf-8") as file:
        plan, findings = plan_checking.examine(file.read(), "toml")
    assert findings == ()
    assert plan is not None
    assert [stage.depends_on for stage in plan.stages] == [(), (1,), (1,), (2, 3)]
