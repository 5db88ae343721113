"""Journals for tests of the timeline: events by the minute, and any events whatsoever."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from git_okstra.core import timeline
from git_okstra.core.journal import Event
from git_okstra.core.plan import Plan
from git_okstra.core.timeline import Timeline
from support import plans

DIAMOND = plans.of({1: [], 2: [1], 3: [1], 4: [2, 3]})


def event(name: str, minute: int, stage: int | None = None, owner: str = "ann", **data: Any) -> Event:
    """An event so many minutes after the beginning of 1970."""
    time = datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Event(name, time, owner, stage, data)


def shown(*events: Event, now: int = 100, plan: Plan = DIAMOND) -> Timeline:
    """The timeline of these events, `now` in minutes."""
    return timeline.timeline(plan, events, now * 60)


NAMES = ("started", "done", "reopened", "abandoned", "merged", "removed", "restored", "released", "task-started", "new")


@st.composite
def journals(draw: st.DrawFn) -> tuple[Plan, list[Event]]:
    """A plan and any events whatsoever, with clocks that go as they like."""
    graph = draw(plans.graphs(6))
    stages = st.none() | st.sampled_from([*graph, 99])
    events = [
        event(draw(st.sampled_from(NAMES)), draw(st.integers(-5, 60)), draw(stages), draw(st.sampled_from("abc")))
        for _ in range(draw(st.integers(0, 25)))
    ]
    return plans.of(graph), events
