"""Which stages are behind what they stand on, and why one may not be brought up to date.

The commit a stage starts from follows the table of `core.bases`, and so does the commit it is brought up to: the anchor
never moves; one dependency moves when it is reopened and done again; of several the task branch counts, as soon as one
of them was done again. The task itself stands on its base branch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from git_okstra.core import journal, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import History, StageRecord
from git_okstra.core.plan import PlannedStage


def to_ask(stage: PlannedStage, history: History) -> dict[int, str]:
    """The heads that the branch of a stage may lack: of each dependency that is done, by number, what it recorded.

    Nothing for a stage that was not started, or works on the task branch itself; and not the head that it stands on.
    """
    record = history.stage(stage.number)
    if record.state not in (journal.OPEN, journal.DONE) or record.flat:
        return {}
    found = {}
    for number in stage.depends_on:
        other = history.stage(number)
        if other.state == journal.DONE and other.head and other.head != record.base:
            found[number] = other.head
    return found


def lacking(stage: PlannedStage, history: History, inside: Collection[str]) -> tuple[int, ...]:
    """The dependencies whose recorded head the stage's branch lacks; `inside` are those of `to_ask` that it has."""
    return tuple(number for number, head in to_ask(stage, history).items() if head not in inside)


def behind(number: int, dependencies: Sequence[int]) -> str:
    """That a stage is behind, and why."""
    if len(dependencies) == 1:
        return f"stage {number} was started from the earlier head of stage {dependencies[0]}"
    return f"stage {number} was started from earlier heads of stages {', '.join(map(str, dependencies))}"


def name(number: int) -> str:
    """What is typed after `git okstra sync` for a stage, or the task."""
    return "task" if number == names.TASK else str(number)


def rebase_refused(number: int, why: str, hint: str = "") -> OkstraError:
    """The refusal of `--rebase`; merging is always a way out."""
    instead = f"merge instead: git okstra sync {name(number)}"
    return OkstraError(
        "rebase-refused", f"{names.label(number)} is not rebased: {why}", f"{hint}\n{instead}" if hint else instead
    )


def not_rebasable(
    number: int, record: StageRecord, *, merges: bool, published: str | None, merged: bool, descends: bool
) -> OkstraError | None:
    """Why the commits of a stage, or the task, may not be rebased; None when they may.

    `merges` says that there are merges among them, `published` names a remote-tracking ref that has some of them,
    `merged` says that the task branch has, `descends` that the branch descends from its base.
    """
    if number == names.TASK:
        return rebase_refused(number, "its branch holds the merges of stages, and others stand on them")
    if record.state != journal.OPEN:
        return rebase_refused(
            number, "it is done, and what was recorded would be lost", f"take it back first: git okstra reopen {number}"
        )
    if not descends:
        return rebase_refused(number, "its branch does not descend from its base")
    if published:
        return rebase_refused(number, f"its commits were pushed, '{names.printable(published)}' has them")
    if merged:
        return rebase_refused(number, "its commits are in the task branch already")
    if merges:
        return rebase_refused(number, "there are merges among its commits, which a rebase would flatten")
    return None
