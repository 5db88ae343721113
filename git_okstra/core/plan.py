"""The plan: numbered stages, what each depends on, and which files it may change (specification, section 2).

Plain data and questions about it. A `Plan` promises no soundness: one read from a faulty file may hold cycles, unknown
dependencies or a number twice, and every question below still has an answer and ends. `plan_checking` finds the faults.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import Literal

from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass, field

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """One numbered piece of the plan. `files` are patterns (`core.patterns`), `verify` shell command lines.

    `depends_on` is kept sorted and without repetition. `line` and `lines` tell where in the file it was read from the
    stage and its fields stand (`"files"`, or `"files[2]"` for the third pattern), from 1; equality ignores them.
    """

    number: int
    title: str
    depends_on: tuple[int, ...] = ()
    files: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    line: int | None = field(default=None, compare=False)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depends_on", tuple(sorted(set(self.depends_on))))

    def line_of(self, name: str, index: int | None = None) -> int | None:
        """The line of field `name`, or of its element `index`; the nearest line known where that is not."""
        line = self.lines.get(name, self.line)
        return line if index is None else self.lines.get(f"{name}[{index}]", line)


@dataclass(frozen=True, slots=True)
class Plan:
    """The stages, sorted by number, and what the whole is called."""

    stages: tuple[PlannedStage, ...]
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(sorted(self.stages, key=lambda stage: stage.number)))

    def stage(self, number: int) -> PlannedStage | None:
        """Stage `number`, if the plan has it; the first one where a faulty plan has several."""
        return next((stage for stage in self.stages if stage.number == number), None)

    def require(self, number: int) -> PlannedStage:
        """Stage `number`. Raises OkstraError `no-such-stage` listing the numbers there are."""
        found = self.stage(number)
        if found is None:
            numbers = ", ".join(str(stage.number) for stage in self.stages)
            raise OkstraError(
                "no-such-stage",
                f"the plan has no stage {number}; it has {numbers or 'none'}",
                "see the plan: git okstra plan show",
            )
        return found

    def digest(self) -> str:
        """`sha256:<hex>` over what the stages say, the thing that is approved.

        The same for two plans whose stages say the same, however each was written down: lines, the order of
        fields and the order of patterns do not count, nor does the plan's own title.
        """
        import hashlib
        import json

        content = [
            [stage.number, stage.title, stage.depends_on, sorted(set(stage.files)), stage.verify]
            for stage in self.stages
        ]
        # ensure_ascii, so that a lone surrogate from a faulty file has a form in bytes as well.
        text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def order(self) -> tuple[PlannedStage, ...]:
        """Every stage once, dependencies first and the lowest number first among those that are ready.

        In a cycle no stage is ever ready: then the lowest number goes first all the same.
        """
        by_number = self._by_number()
        awaited = {
            number: {each for each in stage.depends_on if each in by_number and each != number}
            for number, stage in by_number.items()
        }
        waiting = _reversed(awaited)
        ready = [number for number, numbers in awaited.items() if not numbers]
        heapq.heapify(ready)
        left = sorted(by_number, reverse=True)
        placed: dict[int, PlannedStage] = {}
        while len(placed) < len(by_number):
            while not ready and left[-1] in placed:
                left.pop()
            number = heapq.heappop(ready) if ready else left.pop()
            if number in placed:
                continue
            placed[number] = by_number[number]
            for other in waiting.get(number, ()):
                awaited[other].discard(number)
                if not awaited[other] and other not in placed:
                    heapq.heappush(ready, other)
        return tuple(placed.values())

    def ancestors(self, number: int) -> frozenset[int]:
        """The stages that must be in before stage `number`: its dependencies, theirs, and so on.

        Only numbers that the plan has; `number` itself is among them in a cycle.
        """
        by_number = self._by_number()
        return _closure(number, {each: stage.depends_on for each, stage in by_number.items()}) & by_number.keys()

    def _by_number(self) -> dict[int, PlannedStage]:
        return {stage.number: stage for stage in reversed(self.stages)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a plan (`error`), or something that is worth a look (`warning`).

    `code` names the kind of fault, `line` counts from 1, `stage` is the number of the stage concerned and `field` the
    field of it, each where there is one.
    """

    level: Level
    code: str
    message: str
    line: int | None = None
    stage: int | None = None
    field: str = ""

    @property
    def is_error(self) -> bool:
        return self.level == "error"


def _reversed(edges: Mapping[int, Iterable[int]]) -> dict[int, list[int]]:
    turned: dict[int, list[int]] = {}
    for start, ends in edges.items():
        for end in ends:
            turned.setdefault(end, []).append(start)
    return turned


def _closure(start: int, edges: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """What can be reached from `start` by one step or more."""
    reached: set[int] = set()
    ahead = list(edges.get(start, ()))
    while ahead:
        number = ahead.pop()
        if number not in reached:
            reached.add(number)
            ahead += edges.get(number, ())
    return frozenset(reached)
