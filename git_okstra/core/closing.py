"""Whether a stage may be closed (specification, section 5, "done"): every reason that refuses it, at once.

A stage's changes are its non-merge commits that are not reachable from base branch or dependencies, plus what a merge
changes against every parent, or puts back that git would have taken. So merging the base branch in is allowed, and
hides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from git_okstra.core import names, patterns
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass

SHOWN = 5
"""How many paths a message names."""

SHOWN_LINES = 15
"""How many lines of a failed command's output a message shows."""


@dataclass(frozen=True, slots=True)
class Change:
    """A commit that only the stage has: its parents, and the paths it changes (a merge: by itself)."""

    commit: str
    parents: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def own(self) -> bool:
        """Whether it is a commit of the stage's own: no merge, or a merge that changes something by itself."""
        return len(self.parents) < 2 or bool(self.paths)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an open stage.

    `checked_out` is the branch its worktree has checked out (None: a detached HEAD), `unfinished` what git has begun
    there and not finished (`merge`, `rebase`, …; empty: nothing), `uncommitted` the paths that no commit holds,
    `conflicted` those among them with conflicts, `descends` whether `head` descends from `base`, `allowed` the plan's
    patterns, `changes` the commits that only the stage has, newest first.
    """

    number: int
    branch: str
    path: str
    head: str
    base: str
    checked_out: str | None
    unfinished: str
    uncommitted: tuple[str, ...]
    conflicted: tuple[str, ...]
    descends: bool
    allowed: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def settled(self) -> bool:
        """Whether the files in the worktree are those of the commit that would be recorded."""
        return not self.uncommitted and not self.unfinished and self.checked_out == self.branch

    @property
    def own_commits(self) -> tuple[str, ...]:
        """The stage's own commits, newest first."""
        return tuple(change.commit for change in self.changes if change.own)

    @property
    def files(self) -> tuple[str, ...]:
        """The paths that the stage's changes touch, sorted."""
        return tuple(sorted({path for change in self.changes for path in change.paths}))


@dataclass(frozen=True, slots=True)
class Verified:
    """How a verify command of the stage ended; `status` is None when it was not run. `said` is what it wrote."""

    command: str
    status: int | None
    said: str = ""


def reasons(facts: Facts, *, allow_empty: bool) -> list[OkstraError]:
    """Everything that refuses `done` by what is in the worktree and its commits; empty when nothing does.

    Codes: `wrong-branch`, `merge-in-progress`, `dirty-worktree`, `not-descended`, `outside-plan`, `no-commits`.
    """
    found = []
    if facts.unfinished:
        found.append(_unfinished(facts))
    elif facts.checked_out != facts.branch:
        found.append(wrong_branch(facts.path, facts.checked_out, facts.branch))
    if facts.uncommitted and not (facts.unfinished and facts.conflicted):
        found.append(dirty(facts.path, facts.uncommitted))
    if not facts.descends:
        found.append(
            OkstraError(
                "not-descended",
                f"the branch '{facts.branch}' (at {facts.head[:12]}) does not descend from the stage's base "
                f"{facts.base[:12]}",
                f"put it back on its base: git -C {names.quoted(facts.path)} rebase {facts.base[:12]}",
            )
        )
    astray = outside(facts.changes, facts.allowed)
    if astray:
        found.append(_outside(facts, astray))
    if not facts.own_commits and not allow_empty:
        found.append(
            OkstraError(
                "no-commits",
                f"the branch '{facts.branch}' has no commit of its own since {facts.base[:12]}",
                f"if that is right: git okstra done {facts.number} --allow-empty",
            )
        )
    return found


def outside(changes: Sequence[Change], allowed: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The changed paths that no pattern of the plan covers, each with the commits that change it, newest first."""
    found: dict[str, list[str]] = {}
    for change in changes:
        for path in change.paths:
            if not patterns.any_match(allowed, path):
                found.setdefault(path, []).append(change.commit)
    return {path: tuple(commits) for path, commits in sorted(found.items())}


def verify_failed(number: int, failed: Verified, path: str) -> OkstraError:
    """The refusal for a verify command that failed, with the last lines it wrote."""
    shown = "".join(f"\n    {names.printable(line)}" for line in failed.said.splitlines()[-SHOWN_LINES:])
    ended = "ran out of time" if failed.status == 124 else f"failed with exit status {failed.status}"
    return OkstraError(
        "verify-failed",
        f"the verify command '{names.printable(failed.command)}' {ended}{shown}",
        f"mend it in '{names.printable(path)}', commit, then: git okstra done {number}",
    )


def soiled_by_verify(path: str, commands: Sequence[str], paths: Sequence[str]) -> OkstraError:
    """The refusal for verify commands that left changes behind."""
    listed = "; ".join(names.printable(command) for command in commands)
    return OkstraError(
        "dirty-worktree",
        f"the verify commands ({listed}) left uncommitted changes: {shown_paths(paths)}",
        f"commit or ignore them: git -C {names.quoted(path)} status",
    )


def dirty(path: str, uncommitted: Sequence[str]) -> OkstraError:
    """The refusal for a worktree that holds what no commit holds."""
    return OkstraError(
        "dirty-worktree",
        f"the worktree '{names.printable(path)}' has uncommitted changes: {shown_paths(uncommitted)}",
        f"look at them: git -C {names.quoted(path)} status\nthen commit them, or move them away",
    )


def wrong_branch(path: str, checked_out: str | None, branch: str) -> OkstraError:
    """The refusal for a worktree that has another branch checked out than its own."""
    there = f"'{names.printable(checked_out)}'" if checked_out else "a detached HEAD"
    return OkstraError(
        "wrong-branch",
        f"the worktree '{names.printable(path)}' has {there} checked out instead of '{branch}'",
        f"switch back: git -C {names.quoted(path)} switch {branch}",
    )


def refusal(errors: Sequence[OkstraError], what: str) -> OkstraError:
    """One error that gives all the reasons and every hint; its code is that of the first. `what` cannot be done."""
    return errors[0] if len(errors) == 1 else all_of(errors, what)


def all_of(errors: Sequence[OkstraError], what: str) -> OkstraError:
    """Like `refusal`, but says `what` of one reason, too."""
    if len(errors) == 1:
        return OkstraError(errors[0].code, f"{what}: {errors[0].message}", errors[0].hint)
    listed = "".join(f"\n  [{error.code}] {error.message}" for error in errors)
    hints = dict.fromkeys(line for error in errors for line in error.hint.split("\n") if line)
    return OkstraError(errors[0].code, f"{what}, for {len(errors)} reasons:{listed}", "\n".join(hints))


def shown_paths(paths: Sequence[str]) -> str:
    """The first few paths, and how many more there are."""
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(names.printable(path) for path in paths[:SHOWN]) + more


def _unfinished(facts: Facts) -> OkstraError:
    conflicts = f", with conflicts in {shown_paths(facts.conflicted)}" if facts.conflicted else ""
    at = f"git -C {names.quoted(facts.path)} {facts.unfinished}"
    return OkstraError(
        "merge-in-progress",
        f"a {facts.unfinished} is not finished in '{names.printable(facts.path)}'{conflicts}",
        f"finish it: {at} --continue\nor give it up: {at} --abort",
    )


def _outside(facts: Facts, astray: Mapping[str, tuple[str, ...]]) -> OkstraError:
    shown = [
        f"{names.printable(path)} ({', '.join(commit[:9] for commit in commits[:3])}"
        f"{', …' if len(commits) > 3 else ''})"
        for path, commits in list(astray.items())[:SHOWN]
    ]
    more = f" and {len(astray) - SHOWN} more" if len(astray) > SHOWN else ""
    count = "a file is" if len(astray) == 1 else f"{len(astray)} files are"
    return OkstraError(
        "outside-plan",
        f"{count} changed that the plan does not list for stage {facts.number}: {', '.join(shown)}{more}",
        f"take them out: git -C {names.quoted(facts.path)} rebase -i {facts.base[:12]}\n"
        "or have the plan list them: git okstra plan edit",
    )
