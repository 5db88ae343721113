"""The state of each stage, which stage is next, and why none is (specification, section 5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan

WAITING = "waiting"
READY = "ready"
RESERVING = "reserving"
OPEN = "open"
DONE = "done"
STALE = "stale"
MERGED = "merged"
ABANDONED = "abandoned"


def states(
    plan: Plan,
    history: journal.History,
    *,
    reserving: Collection[int] = (),
    heads: Mapping[int, str] | None = None,
    merged: Collection[int] = (),
    behind: Collection[int] = (),
    approved: bool = True,
) -> dict[int, str]:
    """The state of every stage of the plan.

    `reserving` are the stages that a live process is opening; `heads` where the branches of closed stages are now (a
    branch that is gone is left out); `merged` the stages whose recorded head is in the task branch; `behind` those
    whose branch lacks what a dependency recorded since. State follows the refs: a done stage whose branch moved is
    `stale`, whatever the journal says of merging, and so is one that is behind and not merged. While the plan is not
    `approved` every stage that was not started waits.
    """
    found = {}
    for stage in plan.stages:
        record = history.stage(stage.number)
        if stage.number in reserving:
            found[stage.number] = RESERVING
        elif record.state == journal.OPEN:
            found[stage.number] = OPEN
        elif record.state == journal.DONE:
            now = (heads or {}).get(stage.number)
            if not record.flat and now is not None and now != record.head:
                found[stage.number] = STALE
            elif stage.number in merged:
                found[stage.number] = MERGED
            else:
                found[stage.number] = STALE if stage.number in behind else DONE
        elif record.state == journal.ABANDONED:
            found[stage.number] = ABANDONED
        else:
            done = all(history.stage(number).state == journal.DONE for number in stage.depends_on)
            found[stage.number] = READY if done and approved else WAITING
    return found


def to_open(plan: Plan, states: Mapping[int, str]) -> list[int]:
    """By their states, the stages that may be opened now, lowest number first: ready, or given up and ready again."""
    done = {number for number, state in states.items() if state in (DONE, STALE, MERGED)}
    return sorted(
        stage.number
        for stage in plan.stages
        if states[stage.number] in (READY, ABANDONED) and done.issuperset(stage.depends_on)
    )


def openable(plan: Plan, history: journal.History, held: Collection[int]) -> list[int]:
    """The stages that may be opened now, lowest number first: not started (or abandoned), and every dependency done.

    `held` are the stages that the registry holds.
    """
    return [
        stage.number
        for stage in plan.stages
        if stage.number not in held
        and history.stage(stage.number).state in (None, journal.ABANDONED)
        and all(history.stage(number).state == journal.DONE for number in stage.depends_on)
    ]


def nothing_ready(
    plan: Plan, history: journal.History, held: Mapping[int, str], merged: Collection[int] = ()
) -> OkstraError:
    """The refusal of `stage auto`, saying why; `held` maps a held stage to its owner, `merged` are in the branch."""
    by_state: dict[str, list[int]] = {}
    for stage in plan.stages:
        record = history.stage(stage.number)
        if record.state == journal.DONE:
            word = "done"
        elif stage.number in held or record.state == journal.OPEN:
            word = "open"
        else:
            word = "waiting for them"
        by_state.setdefault(word, []).append(stage.number)
    if all(stage.number in merged for stage in plan.stages):
        said = "nothing is ready, because every stage is done and merged"
        return OkstraError("nothing-ready", said, "see what leads on: git okstra status")
    if len(by_state.get("done", ())) == len(plan.stages):
        return OkstraError("nothing-ready", "nothing is ready, because every stage is done", "git okstra merge")
    parts = [f"{_numbers(by_state[word])} {word}" for word in ("done", "open", "waiting for them") if word in by_state]
    return OkstraError(
        "nothing-ready",
        f"nothing is ready: of the stages {'; '.join(parts)}",
        "see who holds what: git okstra status",
    )


def _numbers(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) + (" is" if len(numbers) == 1 else " are")
