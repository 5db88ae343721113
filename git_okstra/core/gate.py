"""The whole-task gate: every reason why a task is not ready to be handed over, at once (specification, section 7).

A reason is a kind with its data; the sentence is made from `REASONS`, so that a report can be written in another
language from the same data. Its code is an error code, its hint what to type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from git_okstra.core import closing, judging, names, readiness
from git_okstra.core.errors import OkstraError
from git_okstra.core.judging import Foreign
from git_okstra.core.records import dataclass, field

TIMED_OUT = 124
"""The exit status of a command that exceeded its time, as timeout(1) has it."""

PASSED = "passed"
FAILED = "failed"
NOT_APPLICABLE = "not-applicable"
NOT_RUN = "not-run"

# kind -> (error code, the sentence)
REASONS: dict[str, tuple[str, str]] = {
    "plan-not-approved": ("plan-not-approved", "the plan is not approved"),
    "plan-changed": ("plan-not-approved", "the plan was changed since it was approved"),
    "stage-not-done": ("stage-not-done", "stage {number} is {state}, not done"),
    "stage-stale": (
        "stage-stale",
        "the branch of stage {number} is at {tip}, but {recorded} was recorded when it was done",
    ),
    "stage-not-merged": (
        "stage-not-merged",
        "the recorded head {recorded} of stage {number} is not in the task branch '{branch}'",
    ),
    "worktree-missing": ("worktree-missing", "the task has no worktree to verify in"),
    "merge-in-progress": ("merge-in-progress", "a {what} is not finished in '{path}'"),
    "wrong-branch": ("wrong-branch", "the worktree '{path}' has '{there}' checked out instead of '{branch}'"),
    "dirty-worktree": ("dirty-worktree", "the worktree '{path}' has uncommitted changes: {paths}"),
    "concealed-files": ("dirty-worktree", "in the worktree '{path}' git was told not to see changes of: {paths}"),
    judging.UNPLANNED: (
        "foreign-commit",
        "the commit {commit} ({subject}) is on the task branch, which takes only merges of done stages under a plan",
    ),
    judging.MERGE_CHANGES: (
        "foreign-commit",
        "the merge {commit} ({subject}) changes by itself what git would not have: {paths}",
    ),
    judging.OUTSIDE_DOCS: (
        "foreign-commit",
        "the commit {commit} ({subject}) was added in the phase {phase} and changes more than documents: {paths}",
    ),
    judging.STAGE_TOO_EARLY: (
        "foreign-commit",
        "the merge {commit} ({subject}) brought a stage in while the task was in the phase {phase}",
    ),
    judging.FORBIDDEN: (
        "foreign-commit",
        "the commit {commit} ({subject}) was added in the phase {phase}, which allows none",
    ),
    "untrusted-command": (
        "untrusted-command",
        "the project's file wants to run what nobody has approved here: {commands}",
    ),
    "command-failed": ("verify-failed", "the command '{command}' failed with exit status {status}"),
    "command-timed-out": ("verify-failed", "the command '{command}' ran out of time after {seconds} s"),
    "files-changed": ("files-changed", "the command '{command}' left changes behind: {paths}"),
    "branch-moved": ("branch-moved", "the task branch moved from {commit} to {tip} while it was verified"),
}

CHECKS: dict[str, tuple[str, ...]] = {
    "plan-approved": ("plan-not-approved", "plan-changed"),
    "stages-done": ("stage-not-done",),
    "stages-unmoved": ("stage-stale",),
    "stages-merged": ("stage-not-merged",),
    "worktree-clean": (
        "worktree-missing",
        "merge-in-progress",
        "wrong-branch",
        "dirty-worktree",
        "concealed-files",
    ),
    "commits-accounted-for": (
        judging.UNPLANNED,
        judging.MERGE_CHANGES,
        judging.OUTSIDE_DOCS,
        judging.STAGE_TOO_EARLY,
        judging.FORBIDDEN,
    ),
    "commands-passed": ("untrusted-command", "command-failed", "command-timed-out"),
    "tree-unchanged": ("files-changed", "branch-moved"),
}
"""What the gate checks, in the order of the report, and the kinds of reason that belong to each."""

_OF_PLAN = ("plan-approved", "stages-done", "stages-unmoved", "stages-merged")
_OF_COMMANDS = ("commands-passed", "tree-unchanged")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to reject: its kind, what fills the sentence, and what to type."""

    kind: str
    hint: str
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The error code."""
        return REASONS[self.kind][0]

    @property
    def message(self) -> str:
        """The sentence."""
        return REASONS[self.kind][1].format_map(self.data)

    def error(self) -> OkstraError:
        """As the error that is reported."""
        return OkstraError(self.code, self.message, self.hint)


@dataclass(frozen=True, slots=True)
class StageFact:
    """A stage of the plan: its state as `readiness` has it, where its branch is (None: gone), what was recorded when it
    was done, and whether that is in the task branch."""

    number: int
    title: str
    state: str
    branch: str
    base: str | None
    tip: str | None
    recorded: str | None
    merged: bool


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command of `verify.commands` ended: `status` is None when it was not run, `seconds` how long it took, `log`
    the file with its output, beside the report, and `changed` the paths that it left changed."""

    command: str
    status: int | None = None
    seconds: float = 0.0
    log: str = ""
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the task when the gate begins. `approved` is None without a plan, `digest` then too.

    `path` is the task worktree (None: there is none), `checked_out` its branch (None: a detached HEAD), `unfinished`
    what git has begun there, `uncommitted` the paths that no commit holds, `concealed` those whose changes git was
    told not to see. `untrusted` are commands of the project's file that nobody has approved.
    """

    task_id: str
    branch: str
    head: str
    tree: str
    path: str | None
    checked_out: str | None
    unfinished: str
    uncommitted: tuple[str, ...]
    concealed: tuple[str, ...]
    approved: bool | None
    ever_approved: bool
    digest: str | None
    stages: tuple[StageFact, ...]
    foreign: tuple[Foreign, ...]
    commands: tuple[str, ...]
    untrusted: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether the files of the worktree are those of the commit that is judged."""
        unsettled = self.unfinished or self.uncommitted or self.concealed or self.checked_out != self.branch
        return self.path is not None and not unsettled


def reasons(facts: Facts) -> list[Reason]:
    """Everything that speaks against the task before a command is run."""
    found = [*_of_plan(facts), *_of_worktree(facts)]
    found += [_foreign(facts, one) for one in facts.foreign]
    if facts.untrusted:
        found.append(untrusted(facts.untrusted))
    return found


def untrusted(commands: Sequence[str]) -> Reason:
    """The reason of commands that nobody has approved."""
    listed = "; ".join(map(names.printable, commands))
    return Reason(
        "untrusted-command", "look at it, then allow exactly this: git okstra config trust", {"commands": listed}
    )


def reasons_of_commands(facts: Facts, ran: tuple[Ran, ...], tip: str | None) -> list[Reason]:
    """What the commands themselves speak against it; `tip` is where the task branch is after them."""
    found = []
    place = names.quoted(facts.path or "")
    for one in ran:
        data = {"command": names.printable(one.command)}
        see = f"see what it wrote: cat {names.quoted(one.log)}"
        if one.status == TIMED_OUT:
            hint = f"{see}\nor give it longer: git okstra config set verify.timeout 1h"
            found.append(Reason("command-timed-out", hint, {**data, "seconds": f"{one.seconds:.0f}"}))
        elif one.status:
            hint = f"{see}\nthen mend it in a stage, merge that, and: git okstra verify"
            found.append(Reason("command-failed", hint, {**data, "status": str(one.status)}))
        if one.changed:
            hint = f"look at it: git -C {place} status\nthen have git ignore it, or take it back"
            found.append(Reason("files-changed", hint, {**data, "paths": closing.shown_paths(one.changed)}))
    if tip != facts.head:
        data = {"commit": facts.head[:12], "tip": tip[:12] if tip else "nowhere"}
        found.append(Reason("branch-moved", "when nobody is at work there: git okstra verify", data))
    return found


def checks(facts: Facts, ran: tuple[Ran, ...], found: list[Reason]) -> dict[str, str]:
    """The outcome of each check of `CHECKS`."""
    kinds = {reason.kind for reason in found}
    outcome = {}
    for name, against in CHECKS.items():
        if kinds.intersection(against):
            outcome[name] = FAILED
        elif (name in _OF_PLAN and facts.approved is None) or (name in _OF_COMMANDS and not facts.commands):
            outcome[name] = NOT_APPLICABLE
        elif name in _OF_COMMANDS and any(one.status is None for one in ran):
            outcome[name] = NOT_RUN
        else:
            outcome[name] = PASSED
    return outcome


def _of_plan(facts: Facts) -> list[Reason]:
    if facts.approved is None:
        return []
    found = []
    if not facts.approved:
        hint = "look at it: git okstra plan show\nthen have a person approve it: git okstra plan approve"
        found.append(Reason("plan-changed" if facts.ever_approved else "plan-not-approved", hint))
    for stage in facts.stages:
        number = str(stage.number)
        if stage.recorded is None or stage.state not in (readiness.DONE, readiness.STALE, readiness.MERGED):
            hint = f"git okstra {'done' if stage.state == readiness.OPEN else 'stage'} {number}"
            if stage.state == readiness.WAITING:
                hint = "see what it waits for: git okstra status"
            found.append(Reason("stage-not-done", hint, {"number": number, "state": stage.state}))
            continue
        recorded = stage.recorded[:12]
        if stage.state == readiness.STALE:
            tip = (stage.tip or "")[:12]
            hint = f"check and record it again: git okstra done {number}\nthen merge it: git okstra merge {number}"
            found.append(Reason("stage-stale", hint, {"number": number, "tip": tip, "recorded": recorded}))
        if not stage.merged:
            data = {"number": number, "recorded": recorded, "branch": facts.branch}
            found.append(Reason("stage-not-merged", f"git okstra merge {number}", data))
    return found


def _of_worktree(facts: Facts) -> list[Reason]:
    if facts.path is None:
        return [Reason("worktree-missing", "have it made again: git okstra doctor --repair")]
    path, found = names.printable(facts.path), []
    at = f"git -C {names.quoted(facts.path)}"
    if facts.unfinished:
        hint = f"finish it: {at} {facts.unfinished} --continue\nor give it up: {at} {facts.unfinished} --abort"
        found.append(Reason("merge-in-progress", hint, {"what": facts.unfinished, "path": path}))
    elif facts.checked_out != facts.branch:
        there = names.printable(facts.checked_out or "a detached HEAD")
        data = {"path": path, "there": there, "branch": facts.branch}
        found.append(Reason("wrong-branch", f"switch back: {at} switch {facts.branch}", data))
    if facts.uncommitted:
        hint = f"look at them: {at} status\nthen have a stage commit them, or move them away"
        data = {"path": path, "paths": closing.shown_paths(facts.uncommitted)}
        found.append(Reason("dirty-worktree", hint, data))
    if facts.concealed:
        hint = f"have git see them: {at} update-index --no-assume-unchanged --no-skip-worktree PATH"
        found.append(Reason("concealed-files", hint, {"path": path, "paths": closing.shown_paths(facts.concealed)}))
    return found


def _foreign(facts: Facts, one: Foreign) -> Reason:
    at = f"git -C {names.quoted(facts.path)}" if facts.path else "git"
    commit = one.commit[:12]
    # Only what stands on a phase that forbids it can be put right by another phase; it must be made anew there.
    again = (
        "\nthen do it again where it may be: git okstra phase implementation" if one.why == judging.FORBIDDEN else ""
    )
    hint = f"look at it: {at} show {commit}\ntake it out: {at} rebase --rebase-merges --onto {commit}^ {commit}{again}"
    data = {
        "commit": commit,
        "subject": names.printable(one.subject),
        "phase": one.phase,
        "paths": closing.shown_paths(one.paths),
    }
    return Reason(one.why, hint, data)
