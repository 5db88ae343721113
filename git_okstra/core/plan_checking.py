"""What is wrong with a plan, everything at once; and whether a new plan would take the ground from started stages."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

from git_okstra.core import patterns, plan_reading
from git_okstra.core.plan import Finding, Plan, PlannedStage
from git_okstra.core.plan_fields import shown

LARGEST_NUMBER = 9999
"""The greatest number a stage may have: it is part of branch and directory names."""

_SHOWN_PATTERNS = 3


def examine(text: str, format: plan_reading.Format | None = None, name: str = "") -> plan_reading.Reading:  # noqa: A002 - as in `read`
    """Read a plan and check it: every finding in the order of lines, and the plan only when none is an error."""
    plan, read = plan_reading.read(text, format, name)
    judged = check(plan) if plan else ()
    # What could not be read is not missing as well, nor what a whole column is missing for.
    unread = {(finding.stage, finding.field) for finding in read if finding.field and finding.is_error}
    columns = {finding.field for finding in read if finding.code == "missing-field" and finding.stage is None}
    kept = [
        finding
        for finding in judged
        if finding.code != "missing-field"
        or ((finding.stage, finding.field) not in unread and finding.field not in columns)
    ]
    findings = tuple(sorted([*read, *kept], key=_position))
    return None if any(finding.is_error for finding in findings) else plan, findings


def check(plan: Plan) -> tuple[Finding, ...]:
    """Every fault of `plan`, in the order of lines. It may be approved when none is an error."""
    found: list[Finding] = []
    if not plan.stages:
        found.append(Finding("error", "no-stages", "the plan has no stages"))
    if odd := patterns.unprintable(plan.title):
        found.append(Finding("error", "control-character", f"the plan's title holds the character {odd}"))
    seen: dict[int, PlannedStage] = {}
    for stage in plan.stages:
        found += _number_faults(stage, seen.get(stage.number))
        seen.setdefault(stage.number, stage)
    for stage in plan.stages:
        found += _text_faults(stage)
        found += _file_faults(stage)
        found += _dependency_faults(stage, seen)
    found += _cycles(plan)
    found += _shared_files(plan)
    return tuple(sorted(found, key=_position))


def strands(old: Plan, new: Plan, started: Mapping[int, str]) -> tuple[Finding, ...]:
    """Which of the `started` stages (number to state) the change from `old` to `new` would strand, and how.

    A stage's base follows from what it depends on, so a started stage may neither go nor depend on something else.
    Its title, files and commands may change.
    """
    found: list[Finding] = []
    for number, state in sorted(started.items()):
        before, after = old.stage(number), new.stage(number)
        if after is None:
            message = f"stage {number} is {state} and missing from the new plan"
            found.append(Finding("error", "strands-stage", message, None, number))
        elif before is not None and before.depends_on != after.depends_on:
            message = (
                f"stage {number} is {state}; it was started on {_listed(before.depends_on)} "
                f"and would depend on {_listed(after.depends_on)}"
            )
            line = after.line_of("depends_on")
            found.append(Finding("error", "strands-stage", message, line, number, "depends_on"))
    return tuple(found)


def _position(finding: Finding) -> tuple[int, bool, str, int, str]:
    """Sorts by line, faults of the whole last, errors before warnings in one line."""
    line = finding.line if finding.line is not None else 1 << 30
    return line, not finding.is_error, finding.code, finding.stage or 0, finding.message


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) or "nothing"


def _number_faults(stage: PlannedStage, earlier: PlannedStage | None) -> Iterator[Finding]:
    number = stage.number
    line = stage.line_of("number")
    if not 1 <= number <= LARGEST_NUMBER:
        message = f"{number} is not a stage number; one is whole, from 1 to {LARGEST_NUMBER}"
        yield Finding("error", "bad-number", message, line, number, "number")
    if earlier is not None:
        first = earlier.line_of("number")
        place = f", first in line {first}" if first is not None else ""
        message = f"stage number {number} is given twice{place}"
        yield Finding("error", "duplicate-number", message, line, number, "number")


def _text_faults(stage: PlannedStage) -> Iterator[Finding]:
    number = stage.number
    line = stage.line_of("title")
    if not stage.title.strip():
        message = f"stage {number} has no title; its merge and its listings will say the number only"
        yield Finding("warning", "missing-field", message, line, number, "title")
    if odd := patterns.unprintable(stage.title):
        message = f"stage {number}: the title holds the character {odd}"
        yield Finding("error", "control-character", message, line, number, "title")
    for index, command in enumerate(stage.verify):
        line = stage.line_of("verify", index)
        if not command.strip():
            message = f"stage {number}: a verify command is empty"
            yield Finding("error", "empty-command", message, line, number, "verify")
        # A command may be a small script of several lines.
        elif odd := patterns.unprintable(command.replace("\n", " ").replace("\t", " ")):
            message = f"stage {number}: a verify command holds the character {odd}"
            yield Finding("error", "control-character", message, line, number, "verify")


def _file_faults(stage: PlannedStage) -> Iterator[Finding]:
    number = stage.number
    if not stage.files:
        message = f"stage {number} lists no files, so it may change none; '**' allows all"
        yield Finding("error", "missing-field", message, stage.line_of("files"), number, "files")
    for index, pattern in enumerate(stage.files):
        line = stage.line_of("files", index)
        if fault := patterns.fault(pattern):
            message = f"stage {number}: the pattern '{shown(pattern)}' {fault}"
            yield Finding("error", "escaping-pattern", message, line, number, "files")
        elif doubt := patterns.doubt(pattern):
            message = f"stage {number}: the pattern '{shown(pattern)}' {doubt}"
            yield Finding("warning", "doubtful-pattern", message, line, number, "files")


def _dependency_faults(stage: PlannedStage, known: Mapping[int, PlannedStage]) -> Iterator[Finding]:
    number = stage.number
    for index, other in enumerate(stage.depends_on):
        line = stage.line_of("depends_on", index)
        if other == number:
            message = f"stage {number} depends on itself"
            yield Finding("error", "self-dependency", message, line, number, "depends_on")
        elif other not in known:
            message = f"stage {number} depends on stage {other}, which the plan does not have"
            yield Finding("error", "unknown-dependency", message, line, number, "depends_on")


def _cycles(plan: Plan) -> Iterator[Finding]:
    """A finding for each cycle, until every stage that lies on one is named."""
    edges = {stage.number: stage.depends_on for stage in reversed(plan.stages)}
    named: set[int] = set()
    for number in sorted(_on_cycles(edges)):
        if number in named:
            continue
        cycle = _shortest_cycle(number, edges)
        named.update(cycle)
        stage = plan.require(number)
        path = " \u2192 ".join(map(str, [*cycle, number]))
        message = f"stages wait for each other in a cycle: {path}"
        yield Finding("error", "cycle", message, stage.line_of("depends_on"), number, "depends_on")


def _on_cycles(edges: Mapping[int, tuple[int, ...]]) -> set[int]:
    """The numbers that can be reached from themselves, by way of others.

    Strongly connected components as in Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2),
    1972, without recursion.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    open_numbers: set[int] = set()
    found: set[int] = set()
    for root in edges:
        if root in index:
            continue
        calls = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        path.append(root)
        open_numbers.add(root)
        while calls:
            number, others = calls[-1]
            other = next((each for each in others if each in edges), None)
            if other is not None:
                if other not in index:
                    index[other] = low[other] = len(index)
                    path.append(other)
                    open_numbers.add(other)
                    calls.append((other, iter(edges[other])))
                elif other in open_numbers:
                    low[number] = min(low[number], index[other])
                continue
            calls.pop()
            if calls:
                low[calls[-1][0]] = min(low[calls[-1][0]], low[number])
            if low[number] == index[number]:
                alone = path[-1] == number
                while number in open_numbers:
                    member = path.pop()
                    open_numbers.discard(member)
                    if not alone:
                        found.add(member)
    return found


def _shortest_cycle(start: int, edges: Mapping[int, tuple[int, ...]]) -> list[int]:
    """The shortest way from `start` along `edges` back to it, `start` once; there must be one of two stages or more."""
    before: dict[int, int] = {}
    ahead = [start]
    for number in ahead:
        for other in edges.get(number, ()):
            if other == start and number != start:
                cycle = [number]
                while cycle[-1] != start:
                    cycle.append(before[cycle[-1]])
                return cycle[::-1]
            if other not in before and other != start:
                before[other] = number
                ahead.append(other)
    raise AssertionError(f"stage {start} is on no cycle")


def _shared_files(plan: Plan) -> Iterator[Finding]:
    """A warning for each two stages of which neither waits for the other and whose patterns have a path in common."""
    claims: dict[str, list[int]] = {}
    for stage in plan.stages:
        for pattern in dict.fromkeys(stage.files):
            claims.setdefault(pattern, []).append(stage.number)
    waits = _waiting(plan)
    shared: dict[tuple[int, int], dict[tuple[str, str], None]] = {}
    for one, other in _overlapping(list(claims)):
        for left, right in itertools.product(claims[one], claims[other]):
            if left != right and not waits(left, right) and not waits(right, left):
                stages, pair = ((left, right), (one, other)) if left < right else ((right, left), (other, one))
                shared.setdefault(stages, {})[pair] = None
    for (left, right), pairs in sorted(shared.items()):
        texts = [_both(*pair) for pair in list(pairs)[:_SHOWN_PATTERNS]]
        more = f" and {len(pairs) - len(texts)} more" if len(pairs) > len(texts) else ""
        message = f"stages {left} and {right} may run at the same time and claim the same files: "
        line = plan.require(right).line_of("files")
        yield Finding("warning", "shared-files", message + ", ".join(texts) + more, line, right, "files")


def _overlapping(known: list[str]) -> Iterator[tuple[str, str]]:
    """The pairs of patterns that have a path in common, each pattern with itself among them."""
    by_directory: dict[tuple[str, ...], list[str]] = {}
    # Shorter ones first, so that each pattern finds the ones above it and its earlier equals.
    for fixed, pattern in sorted((patterns.fixed_directory(each), each) for each in known):
        by_directory.setdefault(fixed, []).append(pattern)
        for length in range(len(fixed) + 1):
            for other in by_directory.get(fixed[:length], ()):
                if patterns.may_overlap(other, pattern):
                    yield other, pattern


def _both(one: str, other: str) -> str:
    return f"'{shown(one)}'" if one == other else f"'{shown(one)}' with '{shown(other)}'"


def _waiting(plan: Plan) -> Callable[[int, int], bool]:
    """The question whether one stage waits, directly or through others, for another."""
    order = plan.order()
    place = {stage.number: index for index, stage in enumerate(order)}
    # Ancestors as bits, because sets for every stage of a large plan would fill the memory.
    ancestors = [0] * len(order)
    changed = True
    # One pass is enough without a cycle, and a second one finds that.
    while changed:
        changed = False
        for index, stage in enumerate(order):
            reached = ancestors[index]
            for other in stage.depends_on:
                if other in place:
                    reached |= ancestors[place[other]] | 1 << place[other]
            if reached != ancestors[index]:
                ancestors[index] = reached
                changed = True
    return lambda stage, other: bool(ancestors[place[stage]] >> place[other] & 1)
