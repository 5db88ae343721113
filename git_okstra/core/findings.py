"""What `git okstra doctor` can find: the catalogue of codes, each with how bad it is and what it means."""

from __future__ import annotations

from git_okstra.core.records import dataclass

ERROR, WARNING, NOTE = "error", "warning", "note"

OLDEST_GIT = (2, 38)
"""`git worktree list -z` and `git hook run` came with it."""

TEMPORARY_AGE = 3600.0
"""Seconds after which a temporary file of a process that is gone is a leftover."""

LARGE = 200_000
"""Packed objects from which a repository is better off with a commit-graph: some ten thousand commits, as a rule."""

LOCK_AGE = 60.0
"""Seconds after which something half made that nobody holds is taken for left behind."""

# code -> (severity, what it means in one line). The order is the manual's, that in which findings are listed, and that
# in which they are mended: what others are judged by comes first.
FINDINGS: dict[str, tuple[str, str]] = {
    "git-too-old": (ERROR, "the git on PATH is older than what is needed"),
    "no-locks": (ERROR, "the file system cannot lock files, so nothing keeps two commands apart"),
    "unsafe-home": (ERROR, "other users may change what git okstra relies on"),
    "newer-format": (ERROR, "a newer git okstra wrote the file; this one leaves it alone"),
    "bad-config": (ERROR, "most commands refuse to run until the settings are right"),
    "damaged-identity": (ERROR, "the store cannot say which project this is"),
    "damaged-project": (ERROR, "the registry cannot say which repositories share the project id"),
    "damaged-task": (ERROR, "no command can work on the task"),
    "task-missing": (ERROR, "no command can work on the task, though the registry says that it is taken"),
    "damaged-record": (ERROR, "the registry cannot say who holds the task"),
    "damaged-plan": (ERROR, "the task has no plan that can be used"),
    "damaged-merge": (ERROR, "nobody can say which merge was under way"),
    "damaged-trust": (ERROR, "setup commands of the project will not run"),
    "damaged-trash": (WARNING, "the removed worktree cannot be restored by command; its files are still there"),
    "damaged-journal": (NOTE, "the lines are passed over; everything else in the journal counts"),
    "repository-moved": (ERROR, "the registry and the worktrees still point at the old place"),
    "repository-copied": (ERROR, "the copy believes that it holds what the original holds"),
    "half-made-worktree": (ERROR, "git stumbles over a worktree that was only half registered"),
    "reserving-stale": (WARNING, "the command that was opening it is gone"),
    "releasing-stale": (WARNING, "the command that was removing it or bringing it back is gone"),
    "home-inside": (WARNING, "git add -A there would record our worktrees as embedded repositories"),
    "held-elsewhere": (WARNING, "two repositories believe that they have the task; the registry decides"),
    "journal-incomplete": (ERROR, "lines of the journal are gone: such a stage cannot be closed"),
    "takeover-unjournaled": (WARNING, "the log still shows the former owner as the last one"),
    "entry-missing": (ERROR, "others may take it, for the registry does not know that it is taken"),
    "worktree-unrecorded": (WARNING, "nobody holds the worktree, and no command will find it"),
    "worktree-moved": (ERROR, "the registry sends everybody to the old place"),
    "worktree-missing": (ERROR, "whoever holds it has no place to work"),
    "worktree-unlinked": (ERROR, "the files are there, but git does not know them as a worktree"),
    "path-taken": (ERROR, "something that is not ours stands where the worktree belongs"),
    "branch-missing": (ERROR, "its commits are on no branch, and git may drop them in time"),
    "stage-unplanned": (WARNING, "the stage is not in the plan, so no command shows, closes or merges it"),
    "branch-renamed": (WARNING, "the registry knows the branch by its old name only"),
    "branch-switched": (WARNING, "commits made there go to another branch"),
    "marker-missing": (WARNING, "commands and hooks do not recognise the worktree as ours"),
    "hooks-missing": (WARNING, "nothing holds commits and pushes there to the plan"),
    "hooks-overwritten": (WARNING, "another tool's hooks run there instead of ours"),
    "branch-unjudged": (WARNING, "what the plan or the phase refuses came to the branch while no hook was looking"),
    "derived-stale": (WARNING, "'git okstra path' and the hooks read something that is out of date"),
    "dead-link": (WARNING, "the linked path leads nowhere"),
    "index-locked": (WARNING, "git refuses to change anything there"),
    "merge-left": (WARNING, "a merge was begun and not finished"),
    "handoff-left": (WARNING, "a hand-off was begun and not finished"),
    "leftover-temporary": (NOTE, "a write was cut short; the file it was for is whole"),
    "worktree-unheld": (NOTE, "its reservation was given back, so anybody may take it"),
    "project-id-unused": (NOTE, "the id was taken when the repository was first used, and stays"),
    "repository-gone": (NOTE, "its tasks stay taken until somebody gives them back"),
    "unrecorded-elsewhere": (NOTE, "another repository has a worktree that the registry does not know"),
    "no-commit-graph": (NOTE, "git and git okstra walk the history commit by commit to answer what is merged"),
    "trash": (NOTE, "removed worktrees are kept until they are older than trash.keep"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: `what` in one line, what it `means`, and the command (`hint`) that leads on.

    `subject` is the key or path it is about; `remedy` says what `--repair` would do, and is empty when it would leave
    it alone.
    """

    code: str
    severity: str
    what: str
    means: str
    hint: str
    repairable: bool
    subject: str
    remedy: str = ""


REPAIR = "git okstra doctor --repair"


def finding(code: str, subject: str, what: str, hint: str, remedy: str = "", severity: str = "") -> Finding:
    """The finding `code`, with its meaning from `FINDINGS`."""
    usual, means = FINDINGS[code]
    return Finding(code, severity or usual, what, means, hint, bool(remedy), subject, remedy)


def is_clean(findings: list[Finding]) -> bool:
    """Whether nothing is there but notes."""
    return all(one.severity == NOTE for one in findings)
