"""Plans as SVG: a document that an XML parser takes whatever the titles are, and boxes that lines do not cross."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core import columns, names, plan_picture, svg
from git_okstra.core.plan import Plan, PlannedStage
from support import plans

SVG = "{http://www.w3.org/2000/svg}"
PLAN = Plan(
    (
        PlannedStage(1, 'Voucher <b>model</b> & "more", said at such a length that it can\'t be shown'),
        PlannedStage(2, "결제"),
        PlannedStage(3, "", (1, 2)),
    )
)


def texts(picture: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def test_a_picture() -> None:
    picture = ElementTree.fromstring(
        plan_picture.as_svg(PLAN, "DEV-1 <x>", {1: "merged", 2: "open", 3: "waiting"}, {2: "ann, +2 *"})
    )
    assert texts(picture) == [
        "DEV-1 <x>",
        *("1", "Voucher <b>model</b> &", '"more", said at such a le…', "● merged"),
        *("2", "결제", "◐ open · ann, +2 *"),
        *("3", "○ waiting"),
    ]
    assert [box.get("class") for box in picture.iter(f"{SVG}rect")] == [
        "page",
        "stage merged",
        "stage open",
        "stage waiting",
    ]
    assert len(list(picture.iter(f"{SVG}path"))) == 1 + 2  # an arrow head, and two arrows
    tooltips = [title.text for title in picture.iter(f"{SVG}title")]
    assert tooltips[1] == f"1 {PLAN.stages[0].title}\n● merged\nwaits for nothing"
    assert tooltips[3] == "3 \n○ waiting\nwaits for 1, 2"


def test_a_title_has_two_lines_within_the_box() -> None:
    for title in ("W" * 26, "W" * 27, "W" * 60, "데" * 13, "데" * 14, "a b " * 30, "a" * 20 + " " + "b" * 20):
        _, number, *lines, _ = texts(
            ElementTree.fromstring(plan_picture.as_svg(Plan((PlannedStage(1, title),)), "x", {1: "open"}))
        )
        assert number == "1"
        assert all(columns.width(line) <= 26 for line in lines)
        shown = "".join(lines).removesuffix("…").replace(" ", "")
        assert title.replace(" ", "").startswith(shown)
        assert len(lines) <= 2


def test_it_needs_nothing_else() -> None:
    text = plan_picture.as_svg(PLAN, "x", {1: "merged"})
    assert re.findall(r"<script|<image|<foreignObject|@import|@font-face|href|\bon\w+=", text) == []
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"url\([^)]*\)", text) == ["url(#head)"] * 2
    assert "prefers-color-scheme:dark" in text


@settings(plans.UNHURRIED, max_examples=40)
@given(plans.graphs(), st.text(max_size=60), st.text(max_size=20))
def test_any_title_gives_a_picture(graph: dict[int, set[int]], title: str, note: str) -> None:
    plan = Plan(tuple(PlannedStage(number, title, tuple(others)) for number, others in graph.items()))
    picture = ElementTree.fromstring(
        plan_picture.as_svg(plan, title, dict.fromkeys(graph, note), dict.fromkeys(graph, note))
    )
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        *("svg", "title", "style", "rect", "text", "defs", "marker", "path", "g")
    }
    boxes = [place(box) for box in picture.iter(f"{SVG}rect") if box.get("class") != "page"]
    assert len(boxes) == len(graph)
    for x, y, width, height in boxes:
        assert x > 0 and x + width < float(picture.get("width", ""))
        assert y > 0 and y + height < float(picture.get("height", ""))
    levels = [stretch for path in picture.iter(f"{SVG}path") for stretch in level(path.get("d", ""))]
    for left, right, y in levels:
        assert not any(left < x + width and x < right and top < y < top + high for x, top, width, high in boxes)
    for text in texts(picture):
        assert columns.width(text) <= 28 or text.removesuffix("…") in names.printable(title)


def place(box: ElementTree.Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
    return x, y, width, height


def level(way: str) -> list[tuple[float, float, float]]:
    """Where a line passes a column of boxes: from, to, and how high."""
    found = re.findall(r"([\d.]+) ([\d.]+)H([\d.]+)", way)
    return [(float(left), float(right), float(y)) for left, y, right in found]


@given(st.text())
def test_escaped_text_is_read_back(text: str) -> None:
    assert ElementTree.fromstring(f"<t>{svg.escaped(text)}</t>").text in (names.printable(text), None)
    assert ElementTree.fromstring(f'<t a="{svg.escaped(text)}"/>').get("a") == names.printable(text)
