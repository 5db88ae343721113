"""What speaks against removing a worktree: a pure function from what was found to reasons.

A reason that `-f` (uncommitted changes and untracked files) or `-D` (commits that are on no other branch) sets aside
says so; the others have to be resolved. All of them are reported at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass

FORCE_DIRTY = "-f"
FORCE_UNMERGED = "-D"

_SHOWN = 5
"""How many paths or commits a message names before it stops."""


@dataclass(frozen=True, slots=True)
class Submodule:
    """A submodule with work of its own: uncommitted files, and commits on no remote-tracking branch."""

    path: str
    uncommitted: int
    commits: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found of one worktree that is to be removed.

    `what` is how a message calls it (`stage 3 of DEV-9436`). `held` is the refusal when someone else has it open.
    `unreadable` says that git cannot tell what is uncommitted. `locked` is the reason given to `git worktree lock`,
    None when it is not locked. `occupants` are pid and name of processes that have their working directory in it, and
    `inside` the paths of other worktrees of the repository that lie in it.
    `lost` are the commits on no other branch, newest first, each as `<short id> <subject>`; `lost_tip` the commit that
    has them all. `elsewhere` is another worktree that has its branch checked out. `based_on` are the started stages
    that began from its recorded head, which is not merged. `merging` says that `git okstra merge` is not through with
    the task, or with the stage. `deletes_branch` is False where the branch is kept.
    """

    what: str
    path: str
    branch: str
    held: OkstraError | None = None
    unreadable: bool = False
    changed: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    locked: str | None = None
    occupants: tuple[tuple[int, str], ...] = ()
    inside: tuple[str, ...] = ()
    submodules: tuple[Submodule, ...] = ()
    lost: tuple[str, ...] = ()
    lost_tip: str = ""
    elsewhere: str = ""
    based_on: tuple[int, ...] = ()
    merging: bool = False
    number: int = names.TASK
    deletes_branch: bool = True

    @property
    def uncommitted(self) -> int:
        """How many paths hold what no commit holds."""
        return len({*self.changed, *self.untracked})


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks against it: an error code, what is wrong, what to type, and the option that waives it."""

    code: str
    text: str
    hint: str
    waiver: str = ""


def reasons(facts: Facts, *, force_dirty: bool, force_unmerged: bool) -> list[Reason]:
    """Everything that speaks against removing it, what cannot be waived first."""
    found = [*_held(facts), *_in_use(facts), *_uncommitted(facts), *_unmerged(facts)]
    given = {FORCE_DIRTY: force_dirty, FORCE_UNMERGED: force_unmerged}
    return [reason for reason in found if not given.get(reason.waiver, False)]


def refusal(found: Sequence[Reason], command: str) -> OkstraError:
    """The one error that reports all reasons; `command` is what was typed, without the options that waive."""
    blocking = [reason for reason in found if not reason.waiver]
    hints = list(dict.fromkeys(reason.hint for reason in found if reason.hint))
    flags = sorted({reason.waiver for reason in found if reason.waiver}, key=str.lower, reverse=True)
    if any(reason.code == "held" for reason in found):
        # The bare command would be refused again; its owner would have to type all of it.
        hints = [_as_owner(hint, command) for hint in hints]
    elif flags:
        how = " ".join([command, *flags])
        hints.append(f"{'then, to' if blocking else 'or'} take it along to the trash: {how}")
    elif command:
        hints.append(f"then: {command}")
    ordered = sorted(found, key=lambda reason: bool(reason.waiver))
    if len(ordered) == 1:
        return OkstraError(ordered[0].code, ordered[0].text, "\n".join(hints))
    lines = "".join(f"\n  {reason.text}" for reason in ordered)
    return OkstraError(ordered[0].code, f"{len(ordered)} things speak against it:{lines}", "\n".join(hints))


def _as_owner(hint: str, command: str) -> str:
    """The hint with `command` as what the owner would type; its other lines stay."""
    lines = []
    for line in hint.split("\n"):
        before, owner, rest = line.partition("OKSTRA_OWNER=")
        said = f"{before}{owner}{rest.partition(' git okstra ')[0]} {command}"
        lines.append(said if owner and command else line)
    return "\n".join(lines)


def _held(facts: Facts) -> Iterable[Reason]:
    if facts.held is not None:
        yield Reason("held", facts.held.message, facts.held.hint)


def _in_use(facts: Facts) -> Iterable[Reason]:
    where, typed = names.printable(facts.path), names.quoted(facts.path)
    if facts.locked is not None:
        why = f": {names.printable(facts.locked)}" if facts.locked else ""
        yield Reason(
            "worktree-locked",
            f"'{where}' is locked (git worktree lock){why}",
            f"unlock it: git worktree unlock {typed}",
        )
    if facts.occupants:
        who = _some([f"{pid} ({names.printable(name)})" for pid, name in facts.occupants])
        pids = ",".join(str(pid) for pid, _ in facts.occupants[:_SHOWN])
        several = "processes have their" if len(facts.occupants) > 1 else "a process has its"
        yield Reason(
            "worktree-occupied",
            f"{several} working directory in '{where}': {who}",
            f"cd out of it, or see what it is: ps -p {pids}",
        )
    if facts.inside:
        other = names.quoted(facts.inside[0])
        several = "other worktrees lie" if len(facts.inside) > 1 else "another worktree lies"
        yield Reason(
            "worktree-occupied",
            f"{several} in '{where}' and would go along: {_some([names.printable(path) for path in facts.inside])}",
            f"move it elsewhere: git worktree move {other} PLACE\n"
            f"or, when it is needed no more: git worktree remove {other}",
        )
    if facts.merging:
        merge = f"{'a merge of stages into' if facts.number == names.TASK else 'the merge of'} {facts.what}"
        yield Reason(
            "merge-in-progress",
            f"{merge} was begun and not finished",
            "finish it: git okstra merge --continue\nor give it up: git okstra merge --abort",
        )
    if facts.elsewhere:
        other = names.printable(facts.elsewhere)
        yield Reason(
            "wrong-branch",
            f"the branch '{names.printable(facts.branch)}' is checked out in '{other}'",
            f"free it: git -C {names.quoted(facts.elsewhere)} switch --detach",
        )


def _uncommitted(facts: Facts) -> Iterable[Reason]:
    where, typed = names.printable(facts.path), names.quoted(facts.path)
    if facts.unreadable:
        yield Reason(
            "dirty-worktree",
            f"git cannot tell what is uncommitted in '{where}'",
            "see why: git okstra doctor",
            FORCE_DIRTY,
        )
    counts = []
    if facts.changed:
        counts.append(f"{len(facts.changed)} changed")
    if facts.untracked:
        counts.append(f"{len(facts.untracked)} untracked")
    if counts:
        paths = _some([names.printable(path) for path in (*facts.changed, *facts.untracked)])
        yield Reason(
            "dirty-worktree",
            f"{facts.what} has {' and '.join(counts)} file(s) that no commit holds: {paths}",
            f"commit them: git -C {typed} add -A && git -C {typed} commit",
            FORCE_DIRTY,
        )
    for one in facts.submodules:
        if one.uncommitted:
            yield Reason(
                "submodule-work",
                f"the submodule '{names.printable(one.path)}' of {facts.what} has {one.uncommitted} file(s) "
                "that no commit holds",
                f"look at it: git -C {names.quoted(f'{facts.path}/{one.path}')} status",
                FORCE_DIRTY,
            )


def _unmerged(facts: Facts) -> Iterable[Reason]:
    for one in facts.submodules:
        if one.commits:
            yield Reason(
                "submodule-work",
                f"the submodule '{names.printable(one.path)}' of {facts.what} has {one.commits} commit(s) "
                "on no remote-tracking branch",
                f"push them: git -C {names.quoted(f'{facts.path}/{one.path}')} push origin HEAD:refs/heads/NAME",
                FORCE_UNMERGED if facts.deletes_branch else FORCE_DIRTY,
            )
    if facts.lost:
        several = "commits that are" if len(facts.lost) > 1 else "commit that is"
        commits = _some([names.printable(line) for line in facts.lost])
        yield Reason(
            "unmerged-commits",
            f"{facts.what} has {len(facts.lost)} {several} on no other branch: {commits}",
            f"keep them on a branch: git branch NAME {facts.lost_tip[:12]}",
            FORCE_UNMERGED if facts.deletes_branch else FORCE_DIRTY,
        )
    if facts.based_on and facts.deletes_branch:
        several = "stages" if len(facts.based_on) > 1 else "stage"
        numbers = ", ".join(str(number) for number in facts.based_on)
        yield Reason(
            "unmerged-commits",
            f"{facts.what} is not merged, and {several} {numbers} started from it",
            f"merge it first: git okstra merge {facts.number}",
            FORCE_UNMERGED,
        )


def _some(texts: Sequence[str]) -> str:
    rest = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
