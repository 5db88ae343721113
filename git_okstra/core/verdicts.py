"""The verdict of the gate: what was found, for which commit, and whether it still holds (specification, section 7).

A verdict holds for the commit that it names and for any commit with the same tree. It is void once the task went back
to the implementation, or a stage was opened, taken back or closed anew; and it does not hold while the plan or the
report differs from what was there when it was given.
"""

from __future__ import annotations

from collections.abc import Iterable

from git_okstra.core import journal, lifecycle
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import Event
from git_okstra.core.records import dataclass, replace

ACCEPTED = "accepted"
REJECTED = "rejected"

EVENT = "verified"
"""The event that records a verdict."""

_OF_STAGES = {
    "started": "was opened",
    "done": "was closed anew",
    "reopened": "was taken back to open",
    "abandoned": "was given up",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the journal keeps of one run of the gate.

    `report` is the report's directory within the task's reports, `sha256` that of its JSON file, `digest` the plan's
    (None without a plan). `voided` says what took its force away, empty when nothing did.
    """

    verdict: str
    commit: str
    tree: str
    digest: str | None
    report: str
    sha256: str
    time: str
    owner: str
    voided: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the gate let it pass, be that still true or not."""
        return self.verdict == ACCEPTED


@dataclass(frozen=True, slots=True)
class Present:
    """What a verdict is held against: the task branch's HEAD with its tree (None: it is gone), the digest of the plan
    if it is approved as it is (None without a plan, empty when it is not), and the report file's sha256."""

    commit: str | None
    tree: str | None
    digest: str | None
    sha256: str | None


def last(events: Iterable[Event]) -> Verdict | None:
    """The last verdict of the task since it was started, or None."""
    found: Verdict | None = None
    for event in journal.since_start(events):
        if event.event == EVENT and event.stage is None:
            found = _verdict(event)
        elif found is not None and not found.voided:
            found = replace(found, voided=_voiding(event))
    return found


def weakness(verdict: Verdict, now: Present) -> str:
    """Why a verdict does not hold now, as what follows "it"; empty when it does. Of a rejection the same is told."""
    if verdict.voided:
        return f"is void: {verdict.voided}"
    if now.commit != verdict.commit and now.tree != verdict.tree:
        at = f"is at {now.commit[:12]} now" if now.commit else "is gone"
        return f"is for {verdict.commit[:12]}, and the task branch {at}"
    if now.digest != verdict.digest:
        return "is for another plan than there is now"
    if now.sha256 != verdict.sha256:
        return "has another report than was written"
    return ""


def objection(verdict: Verdict | None, weak: str) -> str:
    """Why there is no accepted verdict that holds now, as half a sentence; empty when there is one.

    `weak` is the verdict's `weakness`.
    """
    if verdict is None:
        return "there is none yet"
    if not verdict.accepted:
        return f"the last one, of {verdict.time}, is rejected"
    return f"that of {verdict.time} {weak}" if weak else ""


def _voiding(event: Event) -> str:
    if event.stage is not None:
        return f"stage {event.stage} {_OF_STAGES[event.event]} since" if event.event in _OF_STAGES else ""
    to = event.data.get("to")
    if event.event == "phase" and isinstance(to, str):
        try:
            return f"the task went back to {to}" if lifecycle.voids(to) else ""
        except OkstraError:  # the phase of a newer version
            return f"the task went to {to}"
    return ""


def _verdict(event: Event) -> Verdict | None:
    texts = [event.data.get(name) for name in ("verdict", "commit", "tree", "report", "sha256")]
    digest = event.data.get("plan")
    if not all(isinstance(text, str) for text in texts) or not (digest is None or isinstance(digest, str)):
        return None
    verdict, commit, tree, report, sha256 = map(str, texts)
    return Verdict(verdict, commit, tree, digest, report, sha256, event.time, event.owner)
