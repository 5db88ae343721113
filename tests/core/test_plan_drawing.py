"""Plans drawn as text, Mermaid, dot and JSON."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core import columns, names, plan_drawing
from git_okstra.core.plan import Plan, PlannedStage
from support import plans

DIAMOND = {1: [], 2: [1], 3: [1], 4: [2, 3]}
PICTURES = {
    "diamond": (
        DIAMOND,
        """
○   1 stage 1
├─○ 2 stage 2  ← 1
○ │ 3 stage 3  ← 1
│ │
○─╯ 4 stage 4  ← 2, 3
""",
    ),
    "chain": (
        {1: [], 2: [1], 3: [1, 2]},
        """
○ 1 stage 1
│
○ 2 stage 2  ← 1
│
○ 3 stage 3  ← 1, 2
""",
    ),
    "fan of ten": (
        {1: [], **{number: [1] for number in range(2, 12)}},
        """
○    1 stage 1
├─○  2 stage 2   ← 1
├─○  3 stage 3   ← 1
├─○  4 stage 4   ← 1
├─○  5 stage 5   ← 1
├─○  6 stage 6   ← 1
├─○  7 stage 7   ← 1
├─○  8 stage 8   ← 1
├─○  9 stage 9   ← 1
├─○ 10 stage 10  ← 1
╰─○ 11 stage 11  ← 1
""",
    ),
    "fan that joins": (
        {1: [], 2: [1], 3: [1], 4: [1], 5: [2, 3, 4], 6: [3]},
        """
○       1 stage 1
├─○     2 stage 2  ← 1
├─│─○   3 stage 3  ← 1
○ │ │   4 stage 4  ← 1
│ │ │
○─┴─┤   5 stage 5  ← 2, 3, 4
    ╰─○ 6 stage 6  ← 3
""",
    ),
    "two islands": (
        {1: [], 2: [], 3: [1], 4: [2]},
        """
○   1 stage 1
│ ○ 2 stage 2
○ │ 3 stage 3  ← 1
  ○ 4 stage 4  ← 2
""",
    ),
    "islands one after the other": (
        {1: [], 2: [1], 3: [], 4: [3]},
        """
○ 1 stage 1
│
○ 2 stage 2  ← 1
○ 3 stage 3
│
○ 4 stage 4  ← 3
""",
    ),
    "crossing": (
        {1: [], 2: [], 3: [1, 2], 4: [1], 5: [3, 4], 6: [2], 7: [5, 6]},
        """
○     1 stage 1
│ ○   2 stage 2
├─┼─○ 3 stage 3  ← 1, 2
○ │ │ 4 stage 4  ← 1
│ │ │
○─│─╯ 5 stage 5  ← 3, 4
│ ○   6 stage 6  ← 2
○─╯   7 stage 7  ← 5, 6
""",
    ),
    "nothing in common": ({1: [], 2: []}, "\n○ 1 stage 1\n○ 2 stage 2\n"),
    "cycle and unknown": ({1: [2], 2: [1, 9]}, "\n○ 1 stage 1  ← 2\n│\n○ 2 stage 2  ← 1, 9\n"),
    "empty": ({}, "\n\n"),
}


@pytest.mark.parametrize("name", list(PICTURES))
def test_pictures(name: str) -> None:
    graph, picture = PICTURES[name]
    assert f"\n{plan_drawing.as_text(plans.of(graph))}\n" == picture


TITLES = Plan(
    (
        PlannedStage(1, "데이터베이스 스키마를 새로 만든다"),
        PlannedStage(2, "🚀 a title that goes on and on until nothing of it fits", (1,)),
        PlannedStage(3, "steered\x1b[31m", (1,)),
        PlannedStage(4, "", (2, 3)),
    )
)
STATES = {1: "merged", 2: "open", 3: "ready", 4: "waiting"}


def test_states_and_wide_titles() -> None:
    assert plan_drawing.as_text(TITLES, STATES, 60).split("\n") == [
        "●   1 데이터베이스 스키마를 새로 만든다      merged",
        "├─◐ 2 🚀 a title that goes on and on until…  open     ← 1",
        "◎ │ 3 steered\\x1b[31m                        ready    ← 1",
        "│ │",
        "○─╯ 4                                        waiting  ← 2, 3",
    ]
    assert plan_drawing.as_text(TITLES, STATES, 24).split("\n") == [
        "●   1 데이터베이스 스키…",
        "├─◐ 2 🚀 a title that g…",
        "◎ │ 3 steered\\x1b[31m",
        "│ │",
        "○─╯ 4",
    ]


def test_notes_stand_beside_the_state_and_give_way_to_the_title() -> None:
    notes = {2: "ann, +2 *", 3: "steered\x1b[31m"}
    assert plan_drawing.as_text(TITLES, STATES, 60, notes=notes).split("\n") == [
        "●   1 데이터베이스 스키마…  merged",
        "├─◐ 2 🚀 a title that goe…  open     ann, +2 *        ← 1",
        "◎ │ 3 steered\\x1b[31m       ready    steered\\x1b[31m  ← 1",
        "│ │",
        "○─╯ 4                       waiting                   ← 2, 3",
    ]
    assert "ann" not in plan_drawing.as_text(TITLES, STATES, 40, notes=notes)


def test_what_stands_beside_the_graph_can_be_painted() -> None:
    text = plan_drawing.as_text(plans.of({1: [], 2: [1]}), {1: "open", 2: "waiting"}, paint="[{}|{}]".format)
    assert text.split("\n") == ["◐[ 1 stage 1  open|open]", "│", "○[ 2 stage 2  waiting  ← 1|waiting]"]


def test_ascii() -> None:
    plan = plans.of({**DIAMOND, 5: [1]}, "│ {}")
    assert plan_drawing.as_text(plan, STATES, 80, True).split("\n") == [
        "#     1 │ 1  merged",
        "|-@   2 │ 2  open     < 1",
        "|-|-* 3 │ 3  ready    < 1",
        "| o-' 4 │ 4  waiting  < 2, 3",
        "`-o   5 │ 5           < 1",
    ]


@plans.UNHURRIED
@given(plans.graphs(), plans.line_text, st.integers(1, 100), st.booleans(), st.booleans())
def test_lines_are_never_wider_than_asked_for(
    graph: dict[int, set[int]], title: str, width: int, with_states: bool, ascii_only: bool
) -> None:
    states = dict.fromkeys(graph, "reserving") if with_states else None
    plan = plans.of(graph, title.replace("{", "").replace("}", "") + " {}")
    for line in plan_drawing.as_text(plan, states, width, ascii_only).split("\n"):
        assert columns.width(line) <= width
        assert line == line.rstrip()


@plans.UNHURRIED
@given(plans.graphs())
def test_every_line_of_the_graph_leads_where_the_plan_says(graph: dict[int, set[int]]) -> None:
    """Follow the lines of the drawing back from each stage: they end at exactly its essential dependencies."""
    plan = plans.of(graph)
    text = plan_drawing.as_text(plan, None, 1000)
    rows = [re.match(r"[○│─├┤╰╯┴┼ ]*", line)[0].ljust(60) for line in text.split("\n")]  # type: ignore[index]
    stages = [int(found[1]) if (found := re.search(r"(\d+) stage", line)) else 0 for line in text.split("\n")]
    for row, number in enumerate(stages):
        if number:
            implied = set().union(*(plan.ancestors(other) for other in graph[number]))
            assert reached(rows, stages, row) == graph[number] - implied


def reached(rows: list[str], stages: list[int], start: int) -> set[int]:
    """The stages that lie up along the lines from the stage in row `start`."""
    node = rows[start].index("○")
    columns = [node]
    for step in (-1, 1):
        column = node + step
        while column >= 0 and rows[start][column] != " ":
            if rows[start][column] in "├┤╰╯┴┼":
                columns.append(column)
            column += step
    found = set()
    for column in columns:
        row = start - 1
        while row >= 0 and rows[row][column] in "│├┤┼":
            row -= 1
        # What ends here has no line down: a stranger above, or nothing.
        if row >= 0 and rows[row][column] == "○" and (row < start - 1 or column != node):
            found.add(stages[row])
    return found


def test_what_is_wrong_with_a_stage_does_not_change_its_mark() -> None:
    text = plan_drawing.as_text(plans.of({1: [], 2: [1]}), {1: "open (missing)", 2: "waiting"})
    assert text.split("\n")[0] == "◐ 1 stage 1  open (missing)"


def test_large_plans_are_listed() -> None:
    text = plan_drawing.as_text(plans.of({number: [number - 1] if number > 1 else [] for number in range(1, 1001)}))
    assert text.split("\n")[999] == "○ 1000 stage 1000  ← 999"


def test_mermaid() -> None:
    plan = Plan((PlannedStage(1, 'a "b" #1; <c>'), PlannedStage(2, "결제\n", (1, 9)), PlannedStage(3, "", (2,))))
    notes = {1: 'ann, "+2"'}
    assert plan_drawing.as_mermaid(plan, {1: "merged", 2: "waiting"}, notes).split("\n") == [
        "flowchart TD",
        '    s1["1 a #34;b#34; #35;1#59; #60;c#62;<br/>● merged · ann, #34;+2#34;"]:::merged',
        '    s2["2 결제#92;n<br/>○ waiting"]',
        '    s3["3"]',
        "    s1 --> s2",
        "    s2 --> s3",
        "    classDef merged fill:#86efac,color:#111",
    ]


def test_dot() -> None:
    plan = Plan((PlannedStage(1, 'a "b" \\n &lt;'), PlannedStage(2, "결제", (1, 9))))
    assert plan_drawing.as_dot(plan, {1: "done"}, {2: "ann"}).split("\n") == [
        "digraph plan {",
        '    node [shape=box, style="rounded,filled", fillcolor=white];',
        '    s1 [label="1 a \\"b\\" \\\\n &amp;lt;\\n◉ done", fillcolor="#dcfce7"];',
        '    s2 [label="2 결제\\nann"];',
        "    s1 -> s2;",
        "}",
    ]


NASTY = ["%%{init: {}}%%", "style:#1;", "classDef a:#1;", "`x`", "]:::x", '"];', "\\", "&#10;", "<br/>"]
ANY_TITLE = st.text(max_size=40) | st.sampled_from(NASTY)


@settings(plans.UNHURRIED, max_examples=50)
@given(plans.graphs(6), ANY_TITLE, ANY_TITLE)
def test_any_title_is_one_label_of_mermaid_and_dot(graph: dict[int, set[int]], title: str, note: str) -> None:
    plan = Plan(tuple(PlannedStage(number, title, tuple(others)) for number, others in graph.items()))
    states, notes = dict.fromkeys(graph, "open"), dict.fromkeys(graph, note)
    shown = f" {names.printable(title)}".rstrip()
    below = " · ".join(filter(None, ["◐ open", names.printable(note)]))

    nodes, edges = read_mermaid(plan_drawing.as_mermaid(plan, states, notes))
    assert nodes == {number: f"{number}{shown}\n{below}" for number in graph}
    assert edges == {(other, number) for number, others in graph.items() for other in others}
    assert read_dot(plan_drawing.as_dot(plan, states, notes)) == (nodes, edges)


Read = tuple[dict[int, str], set[tuple[int, int]]]


def read_mermaid(text: str) -> Read:
    """The labels and edges of a flowchart. What Mermaid looks for before it reads the lines must not be there."""
    assert re.findall(r"%%|style.*:\S*#.*;|classDef.*:\S*#.*;", text) == []
    head, *lines = text.split("\n")
    assert head == "flowchart TD"
    nodes, edges = {}, set()
    for line in lines:
        if node := re.fullmatch(r'    s(\d+)\["([^"`\\&;]*(?:#\d+;[^"`\\&;]*)*)"\]:::open', line):
            label = node[2].replace("<br/>", "\n")
            assert not set(label) & set("<>%:")
            nodes[int(node[1])] = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label)
        elif edge := re.fullmatch(r"    s(\d+) --> s(\d+)", line):
            edges.add((int(edge[1]), int(edge[2])))
        else:
            assert re.fullmatch(r"    classDef \w+ fill:#\w+,color:#\w+", line)
    return nodes, edges


def read_dot(text: str) -> Read:
    """The labels and edges of a digraph: strings end at the first quote without a backslash before it."""
    assert text.startswith("digraph plan {\n    node [") and text.endswith("\n}")
    nodes, edges = {}, set()
    for line in text.split("\n")[2:-1]:
        if node := re.fullmatch(r'    s(\d+) \[label="((?:[^"\\]|\\.)*)", fillcolor="#\w+"\];', line):
            label = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], node[2])
            nodes[int(node[1])] = html.unescape(label)
        elif edge := re.fullmatch(r"    s(\d+) -> s(\d+);", line):
            edges.add((int(edge[1]), int(edge[2])))
        else:
            raise AssertionError(line)
    return nodes, edges


def test_json_document() -> None:
    plan = Plan((PlannedStage(2, "b", (), ("x",), ("v",)), PlannedStage(1, "a", (2,))), "whole")
    assert plan_drawing.as_json_document(plan) == {
        "schema": "okstra.plan/1",
        "title": "whole",
        "digest": plan.digest(),
        "order": [2, 1],
        "stages": [
            {"number": 1, "title": "a", "depends_on": [2], "files": [], "verify": []},
            {"number": 2, "title": "b", "depends_on": [], "files": ["x"], "verify": ["v"]},
        ],
    }
