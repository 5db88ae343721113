"""A timeline as an SVG picture: a line for each stage, a bar in the colour of its owner where it was worked on."""

from __future__ import annotations

from git_okstra.core import columns, names, svg
from git_okstra.core.timeline import Row, Span, Timeline
from git_okstra.core.timeline_drawing import duration, length, moment, owners_of, said, ticks

_COLUMNS = 30
_LEFT, _CHART, _RIGHT, _MARGIN = _COLUMNS * svg.CHARACTER + 24, 600, 130, 20
_HEAD, _LINE, _BAR = 66, 26, 16
_PALETTE = ("#4c8dd6", "#d9822b", "#3fa45b", "#b5577a", "#8a6fd1", "#2a9d9d", "#b59a2f", "#6e7781")
_LIGHT = (
    "".join(f".o{index}{{fill:{colour}}}\n" for index, colour in enumerate(_PALETTE))
    + ".critical{stroke:#cf222e;stroke-width:2}\n.lost{fill:none;stroke:#818b98;stroke-dasharray:3 3}\n"
    ".merged{fill:#1f2328}\n.open{fill:#1f2328}\n"
)
_DARK = ".critical{stroke:#ff7b72}\n.lost{stroke:#7d8590}\n.merged{fill:#e6edf3}\n.open{fill:#e6edf3}\n"


def as_svg(shown: Timeline, title: str) -> str:
    """The picture, under `title`. Without a stage that was begun it says so. No line break at the end."""
    width = _MARGIN + _LEFT + _CHART + _RIGHT
    bottom = _HEAD + len(shown.rows) * _LINE
    words = said(shown) if shown.rows else ["no stage was begun yet"]
    room = int(width / svg.CHARACTER) - 8
    body = [svg.text(_MARGIN, _MARGIN + 12, columns.cut(names.printable(title), room), "strong")]
    if shown.begin is not None and shown.end is not None:
        for time, label in ticks(shown.begin, shown.end, 8):
            x = svg.number(_x(shown, time))
            body.append(f'<path class="line faint" d="M{x} {_HEAD - 6}V{svg.number(bottom)}"/>')
            body.append(svg.text(_x(shown, time), _HEAD - 12, label, "weak", "middle"))
    colours = {owner: f"o{index % len(_PALETTE)}" for index, owner in enumerate(shown.owners)}
    for index, row in enumerate(shown.rows):
        body += _row(shown, row, _HEAD + index * _LINE, colours)
    y = bottom + 28
    for owner, colour in colours.items():
        body.append(f'<rect class="{colour}" x="{_MARGIN}" y="{y - 10}" width="12" height="12" rx="2"/>')
        body.append(svg.text(_MARGIN + 20, y, columns.cut(names.printable(owner), 100)))
        y += 18
    for line in [*_legend(shown), *words]:
        body.append(svg.text(_MARGIN, y + 4, columns.cut(line, 120), "weak"))
        y += 18
    return svg.document(width, y + _MARGIN - 8, title, body, _LIGHT, _DARK)


def _legend(shown: Timeline) -> list[str]:
    spans = [span for row in shown.rows for span in row.spans]
    parts = [
        "times are in UTC" if spans else "",
        "red border: critical path" if shown.critical else "",
        "diamond: merged" if any(row.merged for row in shown.rows) else "",
        "triangle: still open" if any(span.running for span in spans) else "",
        "dashed: given up" if any(span.given_up for span in spans) else "",
    ]
    legend = "; ".join(filter(None, parts))
    return [legend] if legend else []


def _x(shown: Timeline, time: int) -> float:
    assert shown.begin is not None
    return _MARGIN + _LEFT + (time - shown.begin) / max(shown.elapsed, 1) * _CHART


def _row(shown: Timeline, row: Row, top: float, colours: dict[str, str]) -> list[str]:
    base = top + _LINE / 2 + 4
    number = str(row.number)
    indent = (len(number) + 1) * svg.CHARACTER
    head = columns.cut(names.printable(row.title), _COLUMNS - len(number) - 1)
    return [
        "<g>",
        f"<title>{svg.escaped(f'{number} {row.title}'.rstrip())}&#10;{svg.escaped(owners_of(row))}</title>",
        svg.text(_MARGIN, base, number, "strong"),
        svg.text(_MARGIN + indent, base, head),
        *(_span(shown, row, span, top, colours) for span in row.spans),
        *(_diamond(shown, time, top) for time in row.merged),
        svg.text(_MARGIN + _LEFT + _CHART + 14, base, length(row), "weak"),
        "</g>",
    ]


def _span(shown: Timeline, row: Row, span: Span, top: float, colours: dict[str, str]) -> str:
    left, right = _x(shown, span.begin), _x(shown, span.end)
    critical = " critical" if row.number in shown.critical else ""
    style = "lost" if span.given_up else f"{colours[span.owner]}{critical}"
    y = top + (_LINE - _BAR) / 2
    told = f"{span.owner}: {moment(span.begin)} to {'now' if span.running else moment(span.end)}"
    bar = (
        f'<rect class="{style}" x="{svg.number(left)}" y="{svg.number(y)}" width="{svg.number(max(right - left, 2))}" '
        f'height="{_BAR}" rx="3"><title>{svg.escaped(told)} ({duration(span.end - span.begin)})</title></rect>'
    )
    if not span.running:
        return bar
    tip = svg.number(max(right, left + 2) + 2)
    return f'{bar}<path class="open" d="M{tip} {svg.number(y + 3)}l7 5l-7 5z"/>'


def _diamond(shown: Timeline, time: int, top: float) -> str:
    x, y = svg.number(_x(shown, time)), svg.number(top + _LINE / 2 - 6)
    return f'<path class="merged" d="M{x} {y}l5 6l-5 6l-5 -6z"><title>merged {moment(time)}</title></path>'
