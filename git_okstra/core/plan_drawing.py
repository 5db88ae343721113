"""A plan as a picture: lines of text for a terminal, Mermaid, Graphviz' dot, and the document behind `--json`.

Each takes `states` (stage number to state) and `notes` (to what else is to be said of a stage) where there are any.
Draws any plan, faulty ones too: an edge that would lead back (a cycle) or to no stage is left out of the lines, but
the list of dependencies behind each title is always the plan's own. Nothing drawn can steer a terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from git_okstra.core import columns, names
from git_okstra.core.plan import Plan, PlannedStage

SCHEMA = "okstra.plan/1"

_MARKS = {
    "waiting": "○",
    "ready": "◎",
    "reserving": "◌",
    "open": "◐",
    "done": "◉",
    "stale": "◍",
    "merged": "●",
    "abandoned": "✕",
}
_ASCII = str.maketrans("○◎◌◐◉◍●✕│─├┤╰╯┴┼←…", "o*:@+!#x|-||`'++<~")
_ARROW = "← "

_STAGE = "○"
_LEAST_TITLE = 12
_TALLEST = 400
# The colours of git's own output, pale enough for black letters, which a dark theme must not turn white.
_COLOURS = {"ready": "#dbeafe", "open": "#fef3c7", "done": "#dcfce7", "merged": "#86efac", "stale": "#fecaca"}
_INK = "#111"


def as_text(
    plan: Plan,
    states: Mapping[int, str] | None = None,
    width: int = 80,
    ascii_only: bool = False,
    notes: Mapping[int, str] | None = None,
    paint: Callable[[str, str], str] | None = None,
) -> str:
    """The plan as a graph beside a list, dependencies first, no line wider than `width` columns.

    `ascii_only` is for terminals without Unicode: what is drawn is then ASCII, titles and notes stay what they are. No
    line break at the end. `paint` gets what stands beside the graph, and the state of the stage, and may colour it.
    """
    order = plan.order()
    rows = _graph(order) if len(order) <= _TALLEST else []
    graph_width = max((len(row) for row, _ in rows), default=0)
    if not rows or graph_width > width // 2:
        # Too many lines to follow with the eye: the list of dependencies says the same.
        rows = [(_STAGE, stage) for stage in order]
        graph_width = 1
    state_of = {stage.number: (states or {}).get(stage.number, "") for stage in order}
    awaited = {stage.number: ", ".join(map(str, stage.depends_on)) for stage in order}
    # The columns at the right give way to the title, which keeps a few characters.
    number_width = columns.widest(str(stage.number) for stage in order)
    room = width - graph_width - number_width - 2
    state_width = columns.widest(state_of.values())
    state_width = state_width if room - state_width - 2 >= _LEAST_TITLE else 0
    room -= state_width + 2 if state_width else 0
    awaited_width = columns.widest(awaited.values())
    awaited_width = min(awaited_width + len(_ARROW), room // 3) if awaited_width else 0
    awaited_width = awaited_width if room - awaited_width - 2 >= _LEAST_TITLE else 0
    room -= awaited_width + 2 if awaited_width else 0
    said = {stage.number: names.printable((notes or {}).get(stage.number, "")) for stage in order}
    said_width = min(columns.widest(said.values()), room // 2)
    said_width = said_width if room - said_width - 2 >= _LEAST_TITLE else 0
    room -= said_width + 2 if said_width else 0
    ellipsis = "~" if ascii_only else "…"
    titles = {stage.number: columns.cut(names.printable(stage.title), max(room, 1), ellipsis) for stage in order}
    title_width = columns.widest(titles.values())
    lines: list[str] = []
    for row, stage in rows:
        graph = row if stage is None else row.replace(_STAGE, _mark(state_of[stage.number]))
        line = graph.translate(_ASCII) if ascii_only else graph
        if stage is not None:
            number = stage.number
            padding = " " * (title_width - columns.width(titles[number]))
            line = f"{line:<{graph_width}} {number:>{number_width}} {titles[number]}{padding}"
            if state_width:
                line += f"  {state_of[number]:<{state_width}}"
            if said_width:
                note = columns.cut(said[number], said_width, ellipsis)
                line += "  " + note + " " * (said_width - columns.width(note))
            if awaited_width and awaited[number]:
                arrow = _ARROW.translate(_ASCII) if ascii_only else _ARROW
                line += "  " + columns.cut(arrow + awaited[number], awaited_width, ellipsis)
        line = columns.cut(line.rstrip(), width, ellipsis)
        if paint is not None and stage is not None:
            line = line[:graph_width] + paint(line[graph_width:], state_of[stage.number])
        lines.append(line)
    return "\n".join(lines)


def as_mermaid(plan: Plan, states: Mapping[int, str] | None = None, notes: Mapping[int, str] | None = None) -> str:
    """A Mermaid flowchart (mermaid.js.org/syntax/flowchart.html), arrows from a stage to those that wait for it."""
    lines = ["flowchart TD"]
    used = set()
    for stage in plan.order():
        state = (states or {}).get(stage.number, "")
        style = f":::{state}" if state in _COLOURS else ""
        used.add(state)
        label = "<br/>".join(_mermaid_text(line) for line in _label(stage, states, notes))
        lines.append(f'    {_node(stage.number)}["{label}"]{style}')
    lines += [f"    {_node(start)} --> {_node(end)}" for start, end in edges(plan)]
    lines += [f"    classDef {state} fill:{fill},color:{_INK}" for state, fill in _COLOURS.items() if state in used]
    return "\n".join(lines)


def as_dot(plan: Plan, states: Mapping[int, str] | None = None, notes: Mapping[int, str] | None = None) -> str:
    """A Graphviz digraph (graphviz.org/doc/info/lang.html), arrows from a stage to those that wait for it."""
    lines = ["digraph plan {", '    node [shape=box, style="rounded,filled", fillcolor=white];']
    for stage in plan.order():
        fill = _COLOURS.get((states or {}).get(stage.number, ""), "")
        colour = f', fillcolor="{fill}"' if fill else ""
        text = "\\n".join(_dot_text(line) for line in _label(stage, states, notes))
        lines.append(f'    {_node(stage.number)} [label="{text}"{colour}];')
    lines += [f"    {_node(start)} -> {_node(end)};" for start, end in edges(plan)]
    return "\n".join([*lines, "}"])


def as_json_document(plan: Plan) -> dict[str, Any]:
    """The plan for `--json`: stages by number, the order in which to work, and the digest. It can be imported again."""
    stages = [
        {
            "number": stage.number,
            "title": stage.title,
            "depends_on": list(stage.depends_on),
            "files": list(stage.files),
            "verify": list(stage.verify),
        }
        for stage in plan.stages
    ]
    return {
        "schema": SCHEMA,
        "title": plan.title,
        "digest": plan.digest(),
        "order": [stage.number for stage in plan.order()],
        "stages": stages,
    }


def second_line(number: int, states: Mapping[int, str] | None, notes: Mapping[int, str] | None) -> str:
    """What is said of a stage below its title: mark, state and notes; empty when there is nothing to say."""
    state = (states or {}).get(number, "")
    marked = f"{_mark(state)} {state}" if state else ""
    return names.printable(" · ".join(filter(None, (marked, (notes or {}).get(number, "")))))


def _mark(state: str) -> str:
    # What is wrong with a stage may stand behind its state: 'open (missing)'.
    return _MARKS.get(state.partition(" ")[0], _STAGE)


def _label(stage: PlannedStage, states: Mapping[int, str] | None, notes: Mapping[int, str] | None) -> list[str]:
    first = f"{stage.number} {names.printable(stage.title)}".rstrip()
    below = second_line(stage.number, states, notes)
    return [first, below] if below else [first]


def _node(number: int) -> str:
    return f"s{number}" if number >= 0 else f"s_{-number}"


def _mermaid_text(text: str) -> str:
    # Mermaid looks for directives (%%{…}%%) and `style …: …#…;` in the whole text before it reads it, quoted or not.
    return "".join(f"#{ord(each)};" if each in '"#%&:;<>`\\' else each for each in text)


def _dot_text(text: str) -> str:
    # dot reads entities as HTML does, in every label.
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


def edges(plan: Plan) -> list[tuple[int, int]]:
    """From a stage to one that waits for it, for every dependency that the plan has a stage for."""
    order = plan.order()
    known = {stage.number for stage in order}
    return [(other, stage.number) for stage in order for other in stage.depends_on if other in known]


def _graph(order: Sequence[PlannedStage]) -> list[tuple[str, PlannedStage | None]]:
    """The rows of the graph, each with the stage that it shows (none: the row only carries lines on).

    A lane belongs to a stage for which others below still wait. A stage continues the lane of a dependency that nobody
    else waits for any more, else it branches off into a lane of its own.
    """
    needs = essential(order)
    left = Counter(other for others in needs.values() for other in others)
    sole = {number for number, count in left.items() if count == 1}
    lanes: list[int | None] = []
    rows: list[tuple[str, PlannedStage | None]] = []
    above: tuple[int, int] | None = None
    for stage in order:
        number = stage.number
        left.subtract(needs[number])
        sources = {lanes.index(other): other for other in sorted(needs[number])}
        ending = {lane: other for lane, other in sorted(sources.items()) if not left[other]}
        kept = next((lane for lane, other in ending.items() if left[number] or other in sole), None)
        lane = _free(lanes, max(sources, default=-1)) if kept is None else kept
        if kept is not None and above == (kept, sources[kept]):
            # Without a line between them the two would look like strangers.
            rows.append((_row(lanes, {}, {}, None), None))
        rows.append((_row(lanes, sources, ending, lane), stage))
        for each in ending:
            lanes[each] = None
        lanes[lane] = number if left[number] else None
        above = lane, number
    return rows


def _free(lanes: list[int | None], after: int) -> int:
    """The first lane to the right of `after` that belongs to nobody; `lanes` grows when there is none."""
    free = next((lane for lane in range(after + 1, len(lanes)) if lanes[lane] is None), len(lanes))
    if free == len(lanes):
        lanes.append(None)
    return free


def essential(order: Sequence[PlannedStage]) -> dict[int, set[int]]:
    """By stage the dependencies to draw: those that come earlier in `order` and do not follow from another one."""
    above: dict[int, set[int]] = {}
    found: dict[int, set[int]] = {}
    for stage in order:
        direct = {other for other in stage.depends_on if other in above}
        implied = set().union(*(above[other] for other in direct)) if direct else set()
        above[stage.number] = direct | implied
        found[stage.number] = direct - implied
    return found


def _row(lanes: Sequence[int | None], sources: Container[int], ending: Container[int], node: int | None) -> str:
    """One row: the lanes in use, and for a stage at lane `node` the lines that reach it from the lanes `sources`."""
    touched = [lane for lane in range(len(lanes)) if lane == node or lane in sources]
    first, last = (touched[0], touched[-1]) if touched else (0, 0)
    cells: list[str] = []
    for lane, holder in enumerate(lanes):
        if lane == node:
            cell = _STAGE
        elif lane in sources:
            onward, closing = ("├", "╰") if lane == first else ("┤", "╯") if lane == last else ("┼", "┴")
            cell = closing if lane in ending else onward
        elif holder is not None:
            cell = "│"
        else:
            cell = "─" if first < lane < last else " "
        cells.append(cell + ("─" if first <= lane < last else " "))
    return "".join(cells).rstrip()
