"""Plans from tables in Markdown documents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import plan_fields, plan_reading
from git_okstra.core.plan import Finding, Plan, PlannedStage
from support import plans

DOCUMENT = """\
# Billing

| Who | When |
|-----|------|
| me  | now  |

Some words | with a pipe

| Stage | Title        | Depends on | Files                        | Verify      |
|------:|:-------------|:----------:|------------------------------|-------------|
| 1     | Schema       | (none)     | `src/db/**`, `migrations/`   | `make test` |
| 2     | API          | 1          | src/api/**, docs/api.md      | make a, b   |
| 3     | Web \\| pages | 1 and 2    | `web/a.ts` `web/[id].ts`<br>c |            |

The end.
"""


def one(cell: str, column: str) -> tuple[PlannedStage, list[str]]:
    """The stage read from a table with `cell` in `column`, and the codes of what was found."""
    cells = {"stage": "7", "title": "t", "depends on": "-", "files": "f", "verify": ""} | {column: cell}
    text = f"|{'|'.join(cells)}|\n|{'-|' * len(cells)}\n|{'|'.join(cells.values())}|\n"
    plan, findings = plan_reading.read(text, "markdown")
    assert plan is not None
    assert all(finding.line == 3 for finding in findings)
    return plan.stages[0], [finding.code for finding in findings]


def read_whole(text: str) -> Plan:
    plan, findings = plan_reading.read(text, "markdown")
    assert findings == ()
    assert plan is not None
    return plan


def places(findings: tuple[Finding, ...]) -> list[tuple[str, str, int | None]]:
    return [(finding.level, finding.code, finding.line) for finding in findings]


def test_a_document() -> None:
    plan = read_whole(DOCUMENT)
    assert plan.stages == (
        PlannedStage(1, "Schema", (), ("src/db/**", "migrations/"), ("make test",)),
        PlannedStage(2, "API", (1,), ("src/api/**", "docs/api.md"), ("make a, b",)),
        PlannedStage(3, "Web | pages", (1, 2), ("web/a.ts", "web/[id].ts", "c")),
    )
    assert [stage.line for stage in plan.stages] == [11, 12, 13]
    assert read_whole(DOCUMENT.replace("\n", "\r\n")) == plan
    assert read_whole("".join(f"> {line}\n" for line in DOCUMENT.split("\n"))) == plan
    assert read_whole("".join(f"   {line}\n" for line in DOCUMENT.split("\n"))) == plan


def test_columns_in_any_order_and_spelling() -> None:
    for heading in ("#", "No.", "N", "no", "**Stage**", "`stage`", "STAGE:"):
        plan = read_whole(
            f"files | VERIFY | Dependencies | {heading} | _Title_\n--|--|--|--|--\na|b|2|1|c\n\n1|not|a|row|of it"
        )
        assert plan.stages == (PlannedStage(1, "c", (2,), ("a",), ("b",)),)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1", 1),
        ("`1`", 1),
        ("**1**", 1),
        ("#1", 1),
        ("S1", 1),
        ("stage 1", 1),
        ("Stage-1", 1),
        ("1.", 1),
        ("-1", -1),
        ("0", 0),
    ],
)
def test_numbers(cell: str, number: int) -> None:
    stage, codes = one(cell, "stage")
    assert (stage.number, codes) == (number, [])


@pytest.mark.parametrize("cell", ["one", "1.5", "1a", "1 2", "٣", "9" * 19, "", "`", "1-2"])
def test_numbers_that_are_none(cell: str) -> None:
    text = f"|stage|title|depends on|files|verify|\n|-|-|-|-|-|\n|{cell}|t|-|f||\n|8|t|-|f||\n"
    plan, findings = plan_reading.read(text, "markdown")
    assert plan is not None
    assert [stage.number for stage in plan.stages] == [8]
    assert places(findings) == [("error", "bad-number" if cell.strip("`") else "missing-field", 3)]


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        *((cell, ()) for cell in ("", "(none)", "None", "-", "–", "—", "`-`", "\\-")),
        *((cell, (1, 2)) for cell in ("1, 2", "`1`, `2`", "1<br>2", "1 and 2", "S1, S2", "\\#1 \\#2")),
        ("stages 1, 2 and 3", (1, 2, 3)),
    ],
)
def test_dependencies(cell: str, numbers: tuple[int, ...]) -> None:
    stage, codes = one(cell, "depends on")
    assert (stage.depends_on, codes) == (numbers, [])


def test_dependencies_that_are_none() -> None:
    stage, codes = one("1, soon, 2", "depends on")
    assert (stage.depends_on, codes) == ((1, 2), ["wrong-type"])


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ("Plain", "Plain"),
        ("`code`", "code"),
        ("**bold**", "bold"),
        ("_it_", "it"),
        ("**a** and **b**", "**a** and **b**"),
        ("with `code` in it", "with `code` in it"),
        ("two<br>lines", "two lines"),
        ("a \\| b \\* c", "a | b * c"),
        ("`a\\|b` c", "`a|b` c"),
        ("snake_case_name", "snake_case_name"),
        ("**", "**"),
        ("결제 🚀", "결제 🚀"),
    ],
)
def test_titles(cell: str, title: str) -> None:
    stage, codes = one(cell, "title")
    assert (stage.title, codes) == (title, [])


@pytest.mark.parametrize(
    ("cell", "files"),
    [
        ("a", ["a"]),
        ("a, b,c", ["a", "b", "c"]),
        ("a b.py", ["a b.py"]),
        ("a<br>b<BR/>c<br />d", ["a", "b", "c", "d"]),
        ("`a`, `b`", ["a", "b"]),
        ("`a` `b`", ["a", "b"]),
        ("`a``b`", ["a``b"]),
        ("`a, b`", ["a, b"]),
        ("`a`, b<br>`c`", ["a", "b", "c"]),
        ("`src/**`", ["src/**"]),
        ("src/\\*\\*/a\\_b", ["src/**/a_b"]),
        ("`a\\_b`", ["a\\_b"]),
        ("`` a`b ``", ["a`b"]),
        ("./a", ["a"]),
        ("a,", ["a"]),
        ("(none)", []),
        ("-", []),
        ("", []),
        ("`a", ["`a"]),
    ],
)
def test_files(cell: str, files: list[str]) -> None:
    stage, codes = one(cell, "files")
    assert (list(stage.files), codes) == (files, [])


def test_words_beside_names_in_backticks() -> None:
    stage, codes = one("`a` (new), `b`", "files")
    assert (stage.files, codes) == (("a", "b"), ["syntax"])


@pytest.mark.parametrize(
    ("cell", "commands"),
    [
        ("make test", ["make test"]),
        ("make a, b and c", ["make a, b and c"]),
        ("make a<br>make b", ["make a", "make b"]),
        ("`make a`, `make b`", ["make a", "make b"]),
        ("`make a` and `make b`", ["make a", "make b"]),
        ("`make a`<br>make b, c", ["make a", "make b, c"]),
        ("`a \\| b`", ["a | b"]),
        ("a \\| b", ["a | b"]),
        ("`echo <br>`", ["echo <br>"]),
        ("`` echo `date` ``", ["echo `date`"]),
        ("find . -name \\*.py", ["find . -name \\*.py"]),
        ("-", []),
        ("none", []),
        ("", []),
    ],
)
def test_commands(cell: str, commands: list[str]) -> None:
    stage, codes = one(cell, "verify")
    assert (list(stage.verify), codes) == (commands, [])


def test_words_beside_commands_in_backticks() -> None:
    """`run `x`` as a whole would be a command substitution."""
    stage, codes = one("run `make`", "verify")
    assert (stage.verify, codes) == (("make",), ["syntax"])


TABLE = "| stage | title | depends on | files | verify |\n|-|-|-|-|-|\n| {} | t | - | f | |\n"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("```\n" + TABLE.format(9) + "```\n\n" + TABLE.format(1), 1),
        ("~~~ text\n" + TABLE.format(9) + "```\n~~~~\n\n" + TABLE.format(1), 1),
        ("````\n```\n" + TABLE.format(9) + "```\n````\n\n" + TABLE.format(1), 1),
        ("```\n" + TABLE.format(9) + "```\n", 9),
        ("``` not a fence```\n\n" + TABLE.format(1), 1),
        ("<!--\n" + TABLE.format(9) + "-->\n" + TABLE.format(1), 1),
        ("<!-- a remark -->\n" + TABLE.format(1), 1),
        ("| stage | verify |\n|-|-|\n| 9 | x |\n\n" + TABLE.format(1), 1),
    ],
)
def test_which_table_is_taken(text: str, number: int) -> None:
    plan = read_whole(text)
    assert [stage.number for stage in plan.stages] == [number]


def test_a_second_plan_is_told() -> None:
    plan, findings = plan_reading.read(TABLE.format(1) + "\n" + TABLE.format(2), "markdown")
    assert plan is not None
    assert [stage.number for stage in plan.stages] == [1]
    assert places(findings) == [("warning", "ignored-table", 5)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!--\n" + TABLE.format(1) + "-->",
        TABLE.format(1).replace("|-|-|-|-|-|", "|-|-|"),
        TABLE.format(1).replace("|-|-|-|-|-|", "|-|x|-|-|-|"),
        TABLE.format(1).split("\n")[0],
        TABLE.format(1).replace("stage", "step"),
    ],
)
def test_no_plan_table(text: str) -> None:
    plan, findings = plan_reading.read(text, "markdown")
    assert plan is None
    assert [(finding.level, finding.code) for finding in findings] == [("error", "no-stages")]


def test_faults_of_a_table_with_their_lines() -> None:
    text = (
        "| # | Stage | Title | Depend | Notes | Verify |\n"
        "|---|---|---|---|---|---|\n"
        "| 1 | 1 | a | - | x | a | b |\n"
        "| x | 2 | b | - | x |\n"
    )
    plan, findings = plan_reading.read(text, "markdown")
    assert [(finding.level, finding.line, finding.message) for finding in findings] == [
        ("error", 1, "two columns, '#' and 'stage', stand for 'stage'"),
        ("error", 1, "the column 'depend' is not one of a plan; did you mean 'depends on'?"),
        ("warning", 1, "the column 'notes' is not one of a plan and is ignored"),
        ("error", 1, "the table has no column 'depends on'"),
        ("error", 1, "the table has no column 'files'"),
        ("error", 3, "stage 1 has 7 cells under 6 headings; write | inside a cell as \\|"),
        ("error", 4, "'x' is not a stage number; one is whole and from 1"),
    ]
    assert plan is not None
    assert plan.stages == (PlannedStage(1, "a", (), (), ("a",)),)


def test_an_empty_table_is_a_plan_without_stages() -> None:
    assert read_whole(TABLE.format(1).rsplit("|", 6)[0].rsplit("\n", 1)[0]) == Plan(())


plain_text = plans.line_text.filter(lambda text: not set(text) & set("\\`*_<>") and text.strip() == text)


@plans.UNHURRIED
@given(
    st.dictionaries(
        st.integers(1, 99),
        st.tuples(
            plain_text.map(lambda text: " ".join(text.split())),
            st.sets(st.integers(1, 99)),
            st.lists(plans.patterns, min_size=1),
            st.lists(plain_text.filter(lambda text: not plan_fields.says_none(text)), max_size=3),
        ),
        min_size=1,
    )
)
def test_a_written_table_is_read_back(stages: dict[int, tuple[str, set[int], list[str], list[str]]]) -> None:
    lines = ["| Stage | Title | Depends on | Files | Verify |", "| --- | --- | --- | --- | --- |"]
    for number, (title, others, files, commands) in stages.items():
        cells = [
            str(number),
            title,
            ", ".join(map(str, others)) or "(none)",
            ", ".join(f"`{each}`" for each in files),
            "<br>".join(f"`{each}`" for each in commands),
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    assert read_whole("\n".join(lines)).stages == tuple(
        PlannedStage(number, title, tuple(others), tuple(files), tuple(commands))
        for number, (title, others, files, commands) in sorted(stages.items())
    )
