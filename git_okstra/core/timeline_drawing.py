"""A timeline as lines of text for a terminal, and the words for times that the picture has as well; in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from git_okstra.core import columns, names
from git_okstra.core.timeline import Row, Timeline

_WORKED, _RUNNING, _MERGED, _GIVEN_UP, _CRITICAL = "█▶◆░*"
_ASCII = str.maketrans("█▶◆░", "#>@.")

_LEAST_TITLE, _LEAST_OWNER, _LEAST_CHART = 12, 8, 16
_DAY = 86400
_STEPS = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY)
_LABEL = 8
"""The most columns of a label on the axis."""


def as_text(shown: Timeline, width: int = 100, ascii_only: bool = False) -> str:
    """A line for each stage, with a bar where it was worked on; then what follows. Empty when nothing was begun.

    No line of the chart is wider than `width` columns. `ascii_only` is for terminals without Unicode; titles and owners
    stay what they are. No line break at the end.
    """
    if shown.begin is None or shown.end is None:
        return ""
    numbers = [str(row.number) for row in shown.rows]
    titles = [names.printable(row.title) for row in shown.rows]
    owners = [names.printable(owners_of(row)) for row in shown.rows]
    lengths = [length(row) for row in shown.rows]
    number_width, length_width = max(map(len, numbers)), max(map(len, lengths))
    title_width = min(columns.widest(titles), max(_LEAST_TITLE, width // 4))
    owner_width = min(columns.widest(owners), max(_LEAST_OWNER, width // 6))
    room = width - number_width - length_width - 7
    # The chart is what one looks for: where there is little room, it takes that of the words.
    if room - title_width - owner_width - 3 < _LEAST_CHART:
        owner_width = 0
    if room - title_width - 1 < _LEAST_CHART:
        title_width = 0
    chart_width = max(room - (title_width + 1 if title_width else 0) - (owner_width + 2 if owner_width else 0), 1)
    ellipsis = "~" if ascii_only else "…"
    lines = [_axis(shown.begin, shown.end, chart_width)]
    heads = [""]
    for row, number, title, owner in zip(shown.rows, numbers, titles, owners, strict=True):
        mark = _CRITICAL if row.number in shown.critical else " "
        head = f"{mark} {number:>{number_width}}"
        head += f" {_filled(title, title_width, ellipsis)}" if title_width else ""
        head += f"  {_filled(owner, owner_width, ellipsis)}" if owner_width else ""
        heads.append(head)
        bar = _bar(row, shown.begin, shown.end, chart_width)
        lines.append(bar.translate(_ASCII) if ascii_only else bar)
    left = columns.widest(heads)
    drawn = [
        f"{head}{' ' * (left - columns.width(head))}  {line:<{chart_width + 1}}  {said:>{length_width}}"
        for head, line, said in zip(heads, lines, ["", *lengths], strict=True)
    ]
    chart = [columns.cut(line.rstrip(), width, ellipsis) for line in drawn]
    return "\n".join([_span_of(shown), *chart, "", _legend(shown, ascii_only), *said(shown)])


def said(shown: Timeline) -> list[str]:
    """What follows: the speed-up, and the critical path; in whole sentences."""
    if shown.speed_up is None:
        return ["no time has passed yet"]
    how = f"{shown.speed_up:.1f} times as fast as" if f"{shown.speed_up:.1f}" != "1.0" else "no faster than"
    chain = ", then ".join(map(str, shown.critical))
    return [
        f"{duration(shown.working)} of work in {duration(shown.busy)}: {how} one stage after another",
        f"critical path: {'stage' if len(shown.critical) == 1 else 'stages'} {chain} "
        f"({duration(shown.critical_seconds)}); more hands do not make it shorter",
    ]


def duration(seconds: int) -> str:
    """A length of time in its two largest units: `2d 3h`, `1h 05m`, `12m`, `45s`."""
    days, rest = divmod(seconds, _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes:02}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m {rest:02}s" if rest else f"{minutes}m"
    return f"{rest}s"


def length(row: Row) -> str:
    """How long a stage was worked on, and whether it still is."""
    if all(span.given_up for span in row.spans):
        return "given up"
    return f"{duration(row.seconds)}{', open' if any(span.running for span in row.spans) else ''}"


def owners_of(row: Row) -> str:
    """Who worked on a stage, in the order in which they did."""
    return ", ".join(dict.fromkeys(span.owner for span in row.spans))


def moment(seconds: int) -> str:
    """A time to the second, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def ticks(begin: int, end: int, most: int) -> list[tuple[int, str]]:
    """At most `most` round times between the two, evenly apart, each with a label of at most 8 characters."""
    if most < 1:
        return []
    step = next((step for step in _STEPS if (end - begin) // step < most), None)
    if step is None:
        step = -(-(end - begin) // (most * 28 * _DAY)) * 28 * _DAY
    first = -(-begin // step) * step
    return [(time, _tick(time, step)) for time in range(first, end + 1, step)][:most]


def _tick(time: int, step: int) -> str:
    at = datetime.fromtimestamp(time, UTC)
    if step >= 28 * _DAY:
        return at.strftime("%Y-%m")
    if step >= _DAY or (step >= 60 and time % _DAY == 0):
        return at.strftime("%m-%d")
    return at.strftime("%H:%M" if step >= 60 else "%H:%M:%S")


def _span_of(shown: Timeline) -> str:
    assert shown.begin is not None
    assert shown.end is not None
    begin, end = moment(shown.begin), moment(shown.end)
    day, _, clock = end.partition(" ")
    return f"{begin} to {clock if begin.startswith(day) else end} UTC, {duration(shown.elapsed)}"


def _legend(shown: Timeline, ascii_only: bool) -> str:
    spans = [span for row in shown.rows for span in row.spans]
    parts = [
        f"{_WORKED} worked on",
        f"{_RUNNING} still open" if any(span.running for span in spans) else "",
        f"{_MERGED} merged" if any(row.merged for row in shown.rows) else "",
        f"{_GIVEN_UP} given up" if any(span.given_up for span in spans) else "",
        f"{_CRITICAL} critical path" if shown.critical else "",
    ]
    legend = "   ".join(filter(None, parts))
    return legend.translate(_ASCII) if ascii_only else legend


def _filled(text: str, width: int, ellipsis: str) -> str:
    short = columns.cut(text, width, ellipsis)
    return short + " " * (width - columns.width(short))


def _cell(time: int, begin: int, end: int, width: int) -> int:
    return (time - begin) * width // max(end - begin, 1)


def _axis(begin: int, end: int, width: int) -> str:
    line = ""
    for time, label in ticks(begin, end, width // (_LABEL + 3)):
        cell = _cell(time, begin, end, width)
        if len(line) <= cell and cell + len(label) <= width + 1:
            line = f"{line:<{cell}}{label} "
    return line.rstrip()


def _bar(row: Row, begin: int, end: int, width: int) -> str:
    cells = [" "] * (width + 1)
    for span in sorted(row.spans, key=lambda span: not span.given_up):
        first = min(_cell(span.begin, begin, end, width), width - 1)
        last = max(-(-(span.end - begin) * width // max(end - begin, 1)), first + 1)
        cells[first:last] = [_GIVEN_UP if span.given_up else _WORKED] * (last - first)
        if span.running:
            cells[last - 1] = _RUNNING
    for time in row.merged:
        first = _cell(time, begin, end, width)
        cells[_free(cells, first)] = _MERGED
    return "".join(cells)


def _free(cells: Sequence[str], first: int) -> int:
    """The first empty cell from `first` on, beside a bar that ends there; the last one where there is none."""
    return next((cell for cell in range(first, len(cells)) if cells[cell] in (" ", _MERGED)), len(cells) - 1)
