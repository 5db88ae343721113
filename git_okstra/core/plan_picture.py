"""A plan as an SVG picture: a box for each stage, from left to right as they can be worked on.

Like the picture in the terminal it leaves out an arrow that follows from others; each box says on demand (a tooltip)
what its stage waits for.
"""

from __future__ import annotations

from collections.abc import Mapping

from git_okstra.core import columns, layering, names, plan_drawing, svg
from git_okstra.core.plan import Plan, PlannedStage

_COLUMNS = 28
_WIDTH, _HEIGHT = _COLUMNS * svg.CHARACTER + 24, 66
_ACROSS, _DOWN, _MARGIN, _HEAD = 56, 18, 20, 34

# State -> fill and border in light, and in dark surroundings.
_COLOURS = {
    "waiting": ("#f6f8fa", "#d1d9e0", "#151b23", "#3d444d"),
    "ready": ("#ddf4ff", "#54aeff", "#0c2d6b", "#388bfd"),
    "reserving": ("#fff8c5", "#d4a72c", "#341a00", "#9e6a03"),
    "open": ("#fff8c5", "#d4a72c", "#3b2300", "#d29922"),
    "done": ("#dafbe1", "#4ac26b", "#04260f", "#2ea043"),
    "merged": ("#aceebb", "#2da44e", "#0f5323", "#3fb950"),
    "stale": ("#ffebe9", "#ff8182", "#490202", "#f85149"),
    "abandoned": ("#fff", "#818b98", "#0d1117", "#7d8590"),
}
_BOX = "rect.stage{{fill:{};stroke:{};stroke-width:1.5}}\n"
_LIGHT = (
    _BOX.format(*_COLOURS["waiting"][:2])
    + "".join(f"rect.{name}{{fill:{fill};stroke:{edge}}}\n" for name, (fill, edge, _, _) in _COLOURS.items())
    + "rect.abandoned{stroke-dasharray:4 3}\n.head{fill:#818b98}\n"
)
_DARK = (
    _BOX.format(*_COLOURS["waiting"][2:])
    + "".join(f"rect.{name}{{fill:{fill};stroke:{edge}}}\n" for name, (_, _, fill, edge) in _COLOURS.items())
    + ".head{fill:#7d8590}\n"
)


def as_svg(
    plan: Plan, title: str, states: Mapping[int, str] | None = None, notes: Mapping[int, str] | None = None
) -> str:
    """The picture, under `title`. `states` and `notes` are those of `plan_drawing`. No line break at the end."""
    order = plan.order()
    needs = plan_drawing.essential(order)
    layout = layering.lay_out(needs)
    width = 2 * _MARGIN + max(layout.columns * (_WIDTH + _ACROSS) - _ACROSS, _WIDTH)
    height = 2 * _MARGIN + _HEAD + layout.height * (_HEIGHT + _DOWN) - (_DOWN if order else 0)
    room = int((width - 2 * _MARGIN) / (svg.CHARACTER * 1.05))
    body = [
        svg.text(_MARGIN, _MARGIN + 12, columns.cut(names.printable(title), room), "strong"),
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for node, others in needs.items():
        body += [_way(layout, other, node) for other in sorted(others)]
    for stage in order:
        body += _box(stage, _corner(*layout.places[stage.number]), states, notes)
    return svg.document(width, height, title, body, _LIGHT, _DARK)


def _corner(column: int, height: float) -> tuple[float, float]:
    return _MARGIN + column * (_WIDTH + _ACROSS), _MARGIN + _HEAD + height * (_HEIGHT + _DOWN)


def _way(layout: layering.Layout, start: int, end: int) -> str:
    """The arrow from a stage to one that waits for it, level beside the boxes and bent between the columns."""
    column, first = layout.places[start]
    x, y = _corner(column, first)
    x, y = x + _WIDTH, y + _HEIGHT / 2
    steps = [f"M{svg.number(x)} {svg.number(y)}"]
    for height in (*layout.ways[start, end], layout.places[end][1]):
        column += 1
        left, top = _corner(column, height)
        middle = top + _HEIGHT / 2
        bend = svg.number((x + left) / 2)
        steps.append(f"C{bend} {svg.number(y)} {bend} {svg.number(middle)} {svg.number(left)} {svg.number(middle)}")
        x, y = left + _WIDTH, middle
        if column < layout.places[end][0]:
            steps.append(f"H{svg.number(x)}")
    return f'<path class="line" marker-end="url(#head)" d="{"".join(steps)}"/>'


def _box(
    stage: PlannedStage,
    corner: tuple[float, float],
    states: Mapping[int, str] | None,
    notes: Mapping[int, str] | None,
) -> list[str]:
    x, y = corner
    state = (states or {}).get(stage.number, "")
    below = plan_drawing.second_line(stage.number, states, notes)
    number = str(stage.number)
    indent = (len(number) + 1) * svg.CHARACTER
    lines = _lines(names.printable(stage.title), _COLUMNS - len(number) - 1)
    told = f"{number} {stage.title}\n{below}\nwaits for {', '.join(map(str, stage.depends_on)) or 'nothing'}"
    place = f'x="{svg.number(x)}" y="{svg.number(y)}" width="{svg.number(_WIDTH)}" height="{_HEIGHT}" rx="8"'
    return [
        "<g>",
        f"<title>{'&#10;'.join(svg.escaped(line) for line in told.splitlines() if line)}</title>",
        f'<rect class="stage{f" {state}" if state in _COLOURS else ""}" {place}/>',
        svg.text(x + 12, y + 20, number, "strong"),
        *(svg.text(x + 12 + indent, y + 20 + 16 * row, line) for row, line in enumerate(lines)),
        *([svg.text(x + 12, y + 55, columns.cut(below, _COLUMNS), "weak")] if below else []),
        "</g>",
    ]


def _lines(title: str, width: int) -> list[str]:
    """A title on at most two lines, broken at a blank where there is one."""
    if columns.width(title) <= width:
        return [title] if title else []
    first = columns.cut(title, width).removesuffix("…")
    space = first.rfind(" ")
    if space > width // 3 and title[len(first) : len(first) + 1] != " ":
        first = first[:space]
    return [first.rstrip(), columns.cut(title[len(first) :].lstrip(), width)]
