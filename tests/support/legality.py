"""A pure model of what the journal of a task may hold, whoever worked on it at once; nothing of git okstra is used.

It knows the specification alone: who may hold a stage, what may follow what, from which commit a stage starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A stage as the model has it: `free`, `open`, `done` or `abandoned`; every head that was ever recorded for it."""

    state: str = "free"
    owner: str | None = None
    head: str | None = None
    base: str | None = None
    heads: tuple[str, ...] = ()
    before: Stage | None = None


@dataclass
class Model:
    """`wrong` are the events that no legal history has, each in a sentence.

    `bases` are to be looked up: a base, and heads one of which it must have; `merged` as well: a head, and the commit
    that must have it as a parent.
    """

    depends_on: Mapping[int, Sequence[int]]
    stages: dict[int, Stage] = field(default_factory=dict)
    anchor: str | None = None
    wrong: list[str] = field(default_factory=list)
    bases: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)

    def read(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Follow the events, the oldest first."""
        for number, event in enumerate(events, 1):
            stage = event.get("stage")
            step: Callable[..., None] | None = getattr(self, f"_{event['event'].replace('-', '_')}", None)
            if stage is None or step is None:
                continue
            self.at = f"event {number}, {event['event']} of stage {stage} by {event['owner']}"
            step(stage, self.stages.get(stage, Stage()), event)

    def _require(self, true: bool, said: str) -> None:
        if not true:
            self.wrong.append(f"{self.at}: {said}")

    def _started(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        self._require(stage.state in ("free", "abandoned"), f"it is {stage.state}, of {stage.owner}")
        base, others = event["base"], self.depends_on[number]
        for other in others:
            # Whoever reserved it saw the stage done; it may be reopened while the worktree is being made.
            found = self.stages.get(other, Stage())
            known = found.state == "done" or (found.state == "open" and found.head)
            self._require(bool(known), f"stage {other}, on which it depends, is {found.state}")
        if not others:
            self.anchor = self.anchor or base
            self._require(base == self.anchor, f"it starts from {base}, the anchor is {self.anchor}")
        elif len(others) == 1:
            heads = self.stages.get(others[0], Stage()).heads
            self._require(base in heads, f"it starts from {base}, recorded were {heads}")
        else:
            self.bases += [(base, self.stages.get(other, Stage()).heads) for other in others]
        self.stages[number] = replace(stage, state="open", owner=event["owner"], base=base, head=None)

    def _done(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        self._require(stage.state in ("open", "done"), f"it is {stage.state}")
        self._require(stage.owner in (None, event["owner"]), f"it belongs to {stage.owner}")
        head = event["head"]
        self.stages[number] = replace(stage, state="done", head=head, heads=(*stage.heads, head))

    def _reopened(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        self._require(stage.state == "done", f"it is {stage.state}")
        self.stages[number] = replace(stage, state="open")

    def _merged(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        # git merges outside of every lock: the stage may be reopened before its merge is written down.
        self._require(event["head"] in stage.heads, f"{event['head']} was not recorded")
        self._require(stage.state in ("open", "done"), f"it is {stage.state}")
        self.merged.append((event["head"], event["commit"]))

    def _abandoned(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        self._require(stage.state in ("open", "done"), f"it is {stage.state}")
        dependents = [
            other
            for other, on in self.depends_on.items()
            if number in on and self.stages.get(other, Stage()).state in ("open", "done")
        ]
        self._require(not dependents or stage.head is None, f"the stages {dependents} started from it")
        self.stages[number] = Stage("abandoned", heads=stage.heads, before=replace(stage, before=None))

    def _released(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        self._require(stage.state in ("open", "done"), f"it is {stage.state}")
        self.stages[number] = replace(stage, owner=None)

    def _removed(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        self._require(stage.state in ("open", "done"), f"it is {stage.state}")
        if event.get("keeps") is True:
            self.stages[number] = replace(stage, owner=None)
        else:  # `remove -D` takes along what others started from: whoever types it was told
            self.stages[number] = Stage("free", heads=stage.heads, before=replace(stage, before=None))

    def _restored(self, number: int, stage: Stage, event: Mapping[str, Any]) -> None:
        if stage.state in ("free", "abandoned"):
            before = stage.before or Stage()
            self._require(before.state != "free", "there was nothing")
            self.stages[number] = replace(before, owner=event["owner"], heads=stage.heads)
        else:
            self.stages[number] = replace(stage, owner=event["owner"])
