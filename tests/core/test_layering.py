"""Graphs laid out in columns: what holds of every one."""

from __future__ import annotations

import itertools

from hypothesis import given, settings

from git_okstra.core import layering, plan_drawing
from support import plans


@settings(plans.UNHURRIED, max_examples=50)
@given(plans.graphs())
def test_every_layout(graph: dict[int, set[int]]) -> None:
    needs = plan_drawing.essential(plans.of(graph).order())
    layout = layering.lay_out(needs)
    assert set(layout.places) == set(graph)
    stacked: dict[int, list[tuple[float, float]]] = {}
    for column, height in layout.places.values():
        stacked.setdefault(column, []).append((height, 1.0))
    assert sorted(stacked) == list(range(layout.columns))
    assert max(height for _, height in layout.places.values()) + 1 == layout.height
    passing = set()
    for (start, end), ways in layout.ways.items():
        first, last = layout.places[start][0], layout.places[end][0]
        # An edge leads to the right, and has a place in each column between.
        assert first + 1 + len(ways) == last
        passing |= {(start, first + 1 + index, height) for index, height in enumerate(ways)}
    for _, column, height in passing:
        stacked[column].append((height, 0.35))
    for cells in stacked.values():
        cells.sort()
        for (height, size), (below, next_size) in itertools.pairwise(cells):
            assert below - height >= (size + next_size) / 2 - 0.01
    assert {(start, end) for end, others in needs.items() for start in others} == set(layout.ways)


def test_a_diamond() -> None:
    layout = layering.lay_out({1: [], 2: [1], 3: [1], 4: [2, 3], 5: [4]})
    assert layout.places == {1: (0, 0.5), 2: (1, 0.0), 3: (1, 1.0), 4: (2, 0.5), 5: (3, 0.5)}
    assert (layout.columns, layout.height) == (4, 2.0)


def test_lines_cross_where_they_must_only() -> None:
    layout = layering.lay_out({1: [], 2: [], 3: [], 4: [3], 5: [2], 6: [1]})
    heights = {node: height for node, (_, height) in layout.places.items()}
    assert [heights[node] for node in (4, 5, 6)] == [heights[node] for node in (3, 2, 1)]


def test_nothing() -> None:
    assert layering.lay_out({}) == layering.Layout(0, 0, {}, {})
