"""Where the nodes of a graph without cycles are drawn, and along which way each edge goes.

Nodes stand in columns, each behind everything that it needs. A column is ordered by where the neighbours of its cells
are (the barycentre method of Sugiyama, Tagawa and Toda, 1981), which leaves few crossings; then each cell is moved
towards its neighbours, as near as the least squares of all distances allow. An edge over several columns gets a place
in each of them, so that it never runs through a node; edges that begin at the same node share theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_ROUNDS = 4
_NODE, _LINE = 1.0, 0.35

_Cell = tuple[int, int]
"""A node and a column: the node itself in its own column, else the place where the edges that begin there pass."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns count from 0, heights in nodes from 0.

    `places` has the column and height of each node; `ways` for each edge (from, to) the heights at which it passes the
    columns between the two, in their order.
    """

    columns: int
    height: float
    places: Mapping[int, tuple[int, float]]
    ways: Mapping[tuple[int, int], tuple[float, ...]]


def lay_out(needs: Mapping[int, Collection[int]]) -> Layout:
    """Lay out the nodes of `needs`, each after those that it needs, which come before it in the mapping."""
    column: dict[int, int] = {}
    for node, others in needs.items():
        column[node] = 1 + max((column[other] for other in others), default=-1)
    last = {node: column[node] for node in needs}
    for node, others in needs.items():
        for other in others:
            last[other] = max(last[other], column[node] - 1)
    columns: list[list[_Cell]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    left: dict[_Cell, list[_Cell]] = {}
    right: dict[_Cell, list[_Cell]] = {}
    for node, others in needs.items():
        for here in range(column[node], last[node] + 1):
            columns[here].append((node, here))
            before = [(node, here - 1)] if here > column[node] else [(other, here - 1) for other in sorted(others)]
            left[node, here] = before
            for cell in before:
                right.setdefault(cell, []).append((node, here))
    _order(columns, left, right)
    height = _heights(columns, left, right, column)
    return Layout(
        len(columns),
        max((height[node, column[node]] + 1 for node in needs), default=0),
        {node: (column[node], height[node, column[node]]) for node in needs},
        {
            (other, node): tuple(height[other, here] for here in range(column[other] + 1, column[node]))
            for node, others in needs.items()
            for other in others
        },
    )


def _order(
    columns: list[list[_Cell]], left: Mapping[_Cell, Sequence[_Cell]], right: Mapping[_Cell, Sequence[_Cell]]
) -> None:
    """Sort each column by the mean position of its neighbours, from the left and from the right in turn."""
    position: dict[_Cell, float] = {cell: index for cells in columns for index, cell in enumerate(cells)}
    for turn in range(_ROUNDS):
        beside, sweep = (left, columns) if turn % 2 == 0 else (right, columns[::-1])
        for cells in sweep:
            wanted = {cell: _mean(position, beside.get(cell, ()), position[cell]) for cell in cells}
            cells.sort(key=wanted.__getitem__)
            position.update({cell: index for index, cell in enumerate(cells)})


def _heights(
    columns: Sequence[Sequence[_Cell]],
    left: Mapping[_Cell, Sequence[_Cell]],
    right: Mapping[_Cell, Sequence[_Cell]],
    column: Mapping[int, int],
) -> dict[_Cell, float]:
    size = {cell: _NODE if column[cell[0]] == cell[1] else _LINE for cells in columns for cell in cells}
    height: dict[_Cell, float] = {}
    for cells in columns:
        height.update(_spread(cells, dict.fromkeys(cells, 0.0), size))
    for turn in range(_ROUNDS):
        beside, sweep = (left, columns) if turn % 2 == 0 else (right, columns[::-1])
        for cells in sweep:
            wanted = {cell: _mean(height, beside.get(cell, ()), height[cell]) for cell in cells}
            height.update(_spread(cells, wanted, size))
    top = min((height[cell] for cell in height), default=0.0)
    return {cell: round(value - top, 3) for cell, value in height.items()}


def _mean(values: Mapping[_Cell, float], cells: Sequence[_Cell], otherwise: float) -> float:
    return sum(values[cell] for cell in cells) / len(cells) if cells else otherwise


def _spread(cells: Sequence[_Cell], wanted: Mapping[_Cell, float], size: Mapping[_Cell, float]) -> dict[_Cell, float]:
    """The heights nearest to those wanted, by the sum of squares, at which no cell touches the next one.

    Without the sizes this is isotonic regression: neighbours that would overlap are pooled, and stand at their mean.
    """
    offset = 0.0
    offsets = []
    pools: list[tuple[float, int]] = []
    for index, cell in enumerate(cells):
        if index:
            offset += (size[cells[index - 1]] + size[cell]) / 2
        offsets.append(offset)
        total, count = wanted[cell] - offset, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            more, many = pools.pop()
            total, count = total + more, count + many
        pools.append((total, count))
    flat = [total / count for total, count in pools for _ in range(count)]
    return {cell: place + offset for cell, place, offset in zip(cells, flat, offsets, strict=True)}
