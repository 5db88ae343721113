"""Timelines as text and as SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core import columns, timeline_drawing, timeline_picture
from git_okstra.core.journal import Event
from git_okstra.core.plan import Plan, PlannedStage
from support import plans
from support.timelines import event, journals, shown

SVG = "{http://www.w3.org/2000/svg}"
PLAN = Plan(
    (
        PlannedStage(1, "Voucher model"),
        PlannedStage(2, "Price with a voucher"),
        PlannedStage(3, "데이터베이스 스키마를"),
        PlannedStage(4, "Checkout page", (1, 2)),
    )
)
DAY = (
    *(event("started", 538, 1), event("started", 540, 2, "ben@host"), event("started", 545, 3, "cho")),
    *(event("done", 570, 2, "ben@host"), event("abandoned", 580, 3, "cho"), event("done", 590, 1)),
    *(event("merged", 592, 1, commit="x"), event("merged", 592, 2, commit="y"), event("started", 595, 4)),
    *(event("done", 620, 4), event("reopened", 630, 4, "dan")),
)
SEEN = shown(*DAY, now=645, plan=PLAN)


def test_as_text() -> None:
    assert timeline_drawing.as_text(SEEN).split("\n") == [
        "1970-01-01 08:58:00 to 10:45:00 UTC, 1h 47m",
        "                                     09:00          09:30         10:00         10:30",
        "* 1 Voucher model          ann       █████████████████████████◆                                  52m",
        "  2 Price with a voucher   ben@host  ████████████████         ◆                                  30m",
        "  3 데이터베이스 스키마를  cho          ░░░░░░░░░░░░░░░░░░                                  given up",
        "* 4 Checkout page          ann, dan                             █████████████   ███████▶   40m, open",
        "",
        "█ worked on   ▶ still open   ◆ merged   ░ given up   * critical path",
        "2h 02m of work in 1h 32m: 1.3 times as fast as one stage after another",
        "critical path: stages 1, then 4 (1h 32m); more hands do not make it shorter",
    ]


def test_the_words_give_way_to_the_chart() -> None:
    assert timeline_drawing.as_text(SEEN, 50, ascii_only=True).split("\n")[1:6] == [
        "                  09:00",
        "* 1 Voucher mod~  ##########@                  52m",
        "  2 Price with~   ######    @                  30m",
        "  3 데이터베이~    .......                given up",
        "* 4 Checkout pa~            ###### ##>   40m, open",
    ]
    assert timeline_drawing.as_text(SEEN, 30).split("\n")[1:6] == [
        "     09:00",
        "* 1  ███████◆              52m",
        "  2  ████  ◆               30m",
        "  3  ░░░░░░           given up",
        "* 4        ████ █▶   40m, open",
    ]


def test_nothing_to_draw() -> None:
    assert timeline_drawing.as_text(shown()) == ""
    assert "no stage was begun yet" in timeline_picture.as_svg(shown(), "x")


def test_a_moment_is_a_timeline_as_well() -> None:
    text = timeline_drawing.as_text(shown(event("started", 5, 1), now=5))
    assert text.split("\n")[-1] == "no time has passed yet"
    assert "▶" in text


def test_alone_it_is_no_faster() -> None:
    text = timeline_drawing.as_text(shown(event("started", 0, 1), event("done", 60, 1)))
    assert "1h of work in 1h: no faster than one stage after another\ncritical path: stage 1 (1h)" in text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (61, "1m 01s"),
        (3600, "1h"),
        (7500, "2h 05m"),
        (86400, "1d"),
        (180000, "2d 2h"),
    ],
)
def test_duration(seconds: int, said: str) -> None:
    assert timeline_drawing.duration(seconds) == said


@pytest.mark.parametrize(
    ("begin", "end", "labels"),
    [
        (0, 4, ["00:00:00", "00:00:01", "00:00:02", "00:00:03", "00:00:04"]),
        (61, 600, ["00:05", "00:10"]),
        (80000, 100000, ["23:00", "01-02", "01:00", "02:00", "03:00"]),
        (0, 4 * 86400, ["01-01", "01-02", "01-03", "01-04", "01-05"]),
        (0, 400 * 86400, ["1970-01", "1970-03", "1970-06", "1970-09", "1970-12"]),
    ],
)
def test_ticks(begin: int, end: int, labels: list[str]) -> None:
    assert [label for _, label in timeline_drawing.ticks(begin, end, 6)] == labels


@given(st.integers(-(10**10), 10**11), st.integers(0, 10**11), st.integers(0, 12))
def test_ticks_are_few_and_within(begin: int, length: int, most: int) -> None:
    found = timeline_drawing.ticks(begin, begin + length, most)
    assert len(found) <= most
    assert all(begin <= time <= begin + length and len(label) <= 8 for time, label in found)


@settings(plans.UNHURRIED, max_examples=50)
@given(journals(), st.text(max_size=30), st.integers(1, 120), st.booleans())
def test_every_timeline_can_be_drawn(drawn: tuple[Plan, list[Event]], title: str, width: int, ascii_only: bool) -> None:
    plan, events = drawn
    named = Plan(tuple(PlannedStage(stage.number, title, stage.depends_on) for stage in plan.stages))
    seen = shown(*events, now=50, plan=named)
    lines = timeline_drawing.as_text(seen, width, ascii_only).split("\n")
    assert all(columns.width(line) <= width for line in lines[1 : len(seen.rows) + 2])
    picture = ElementTree.fromstring(timeline_picture.as_svg(seen, title))
    right = float(picture.get("width", ""))
    for bar in picture.iter(f"{SVG}rect"):
        assert 0 <= float(bar.get("x", "0")) <= float(bar.get("x", "0")) + float(bar.get("width", "")) <= right


def test_as_svg() -> None:
    text = timeline_picture.as_svg(SEEN, "DEV-1 <x>")
    assert re.findall(r"<script|<image|<foreignObject|@import|@font-face|href|url\(", text) == []
    picture = ElementTree.fromstring(text)
    bars = [bar.get("class") for bar in picture.iter(f"{SVG}rect") if bar.find(f"{SVG}title") is not None]
    assert bars == ["o0 critical", "o1", "lost", "o0 critical", "o3 critical"]
    texts = ["".join(each.itertext()) for each in picture.iter(f"{SVG}text")]
    assert texts[0] == "DEV-1 <x>"
    assert {"Voucher model", "ben@host", "given up", "40m, open", *timeline_drawing.said(SEEN)} <= set(texts)
    assert [each.text for each in picture.iter(f"{SVG}title")][4:6] == [
        "2 Price with a voucher\nben@host",
        "ben@host: 1970-01-01 09:00:00 to 1970-01-01 09:30:00 (30m)",
    ]
