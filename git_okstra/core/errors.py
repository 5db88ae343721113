"""The one exception type, and the catalogue of error codes.

Every refusal says what is wrong, what it means and what to type next. A code belongs to one exit status;
the manual page lists the same codes, and a test holds the two together.
"""

from __future__ import annotations

REFUSED = 1
USAGE = 2
HELD = 3
GIT = 128
INTERRUPTED = 130

# code -> (exit status, what it means in one line). The order is the manual's order.
CODES: dict[str, tuple[int, str]] = {
    # used wrongly
    "usage": (USAGE, "an option or argument is missing, unknown or malformed"),
    "bad-name": (USAGE, "an id, group or category cannot become a segment of a name"),
    "unknown-category": (USAGE, "the category is not one of the configured ones"),
    "name-collision": (USAGE, "two different ids give the same name or branch"),
    "task-exists": (USAGE, "the task was started already, under another category or branch"),
    "no-such-task": (USAGE, "no task of that name is known here"),
    "ambiguous-task": (USAGE, "several tasks are open and none was named"),
    "no-such-stage": (USAGE, "the plan has no stage of that number"),
    "ambiguous-stage": (USAGE, "several stages fit and none was named"),
    "base-required": (USAGE, "the base cannot be asked for or guessed"),
    "bad-revision": (USAGE, "a revision does not name a commit"),
    "bad-config": (USAGE, "a setting is unknown, of the wrong type or not readable"),
    "needs-yes": (USAGE, "a person's decision was asked for where nobody can answer"),
    "no-remote": (USAGE, "no remote was named, and none is the obvious one"),
    "no-such-phase": (USAGE, "the task has no phase of that name"),
    "no-such-trash": (USAGE, "the trash holds nothing of that name"),
    # refused by a rule, or a check failed
    "plan-missing": (REFUSED, "the task has no plan"),
    "plan-invalid": (REFUSED, "the plan has faults"),
    "plan-not-approved": (REFUSED, "the plan is not approved, or was changed since"),
    "plan-strands-stage": (REFUSED, "the new plan would take the ground from a started stage"),
    "stage-not-ready": (REFUSED, "a dependency of the stage is not done"),
    "dependencies-not-merged": (REFUSED, "dependencies are done but not merged into the task branch"),
    "nothing-ready": (REFUSED, "no stage can be opened now"),
    "stage-not-open": (REFUSED, "the stage is not open"),
    "stage-not-done": (REFUSED, "the stage is not done"),
    "stage-closed": (REFUSED, "the stage is done already"),
    "stage-stale": (REFUSED, "the stage branch moved after the stage was done"),
    "stage-not-merged": (REFUSED, "the recorded head of a stage is not in the task branch"),
    "foreign-commit": (
        REFUSED,
        "a commit of the task branch came neither from a stage nor from a phase that allows it",
    ),
    "files-changed": (REFUSED, "a command of the gate left changes behind"),
    "report-invalid": (REFUSED, "a report is not after its schema, or says what is not true here"),
    "phase-not-ready": (REFUSED, "something is missing before the phase may begin"),
    "dirty-worktree": (REFUSED, "the worktree has changes that are not committed"),
    "not-descended": (REFUSED, "the head does not descend from the recorded base"),
    "outside-plan": (REFUSED, "files were changed that the plan does not list"),
    "no-commits": (REFUSED, "the stage has no commit of its own"),
    "verify-failed": (REFUSED, "a verify command failed"),
    "branch-exists": (REFUSED, "the branch exists and is not ours"),
    "path-exists": (REFUSED, "the path exists and is not ours"),
    "branch-moved": (REFUSED, "a branch is not where it was expected"),
    "branch-missing": (REFUSED, "a branch is gone"),
    "wrong-branch": (REFUSED, "a worktree has another branch checked out than its own"),
    "worktree-missing": (REFUSED, "a worktree is gone"),
    "merge-conflict": (REFUSED, "a merge stopped on conflicts"),
    "merge-in-progress": (REFUSED, "a merge was begun and not finished"),
    "no-merge": (REFUSED, "there is no merge to continue or abort"),
    "unmerged-commits": (REFUSED, "commits would be on no other branch"),
    "open-stages": (REFUSED, "the task still has stages that are open"),
    "worktree-locked": (REFUSED, "git worktree lock holds the worktree"),
    "worktree-occupied": (
        REFUSED,
        "a process has its working directory in the worktree, or another worktree lies in it",
    ),
    "submodule-work": (REFUSED, "a submodule has work of its own"),
    "bad-link": (REFUSED, "a path to be linked or copied is not allowed"),
    "setup-failed": (REFUSED, "a setup command failed"),
    "untrusted-command": (REFUSED, "a command from the project's file was not approved"),
    "not-verified": (REFUSED, "no accepted verdict holds for the task branch as it is"),
    "nothing-to-hand-off": (REFUSED, "the task branch has no commit that the base lacks"),
    "squash-refused": (REFUSED, "the remote branch has commits that the squash would lack"),
    "push-refused": (REFUSED, "the remote branch does not take the push"),
    "agent-not-allowed": (REFUSED, "the phase's roster does not name the agent"),
    "command-failed": (REFUSED, "the command that worked on a stage failed"),
    "timed-out": (REFUSED, "the command that worked on a stage took too long"),
    "restore-blocked": (REFUSED, "something stands where the removed worktree was"),
    "newer-format": (REFUSED, "a file was written by a newer git okstra"),
    "damaged-file": (REFUSED, "a file of ours cannot be read"),
    "cannot-write": (REFUSED, "a file cannot be written"),
    "unsafe-home": (REFUSED, "other users may change the directory of git okstra"),
    "internal": (REFUSED, "a fault in git okstra itself"),
    # held by someone else
    "held": (HELD, "someone else holds the task or stage"),
    "busy": (HELD, "another command is at work on it"),
    "taken-over": (HELD, "somebody else took the stage over while one worked on it"),
    # git failed, or this is no repository
    "not-a-repository": (GIT, "this is not inside a git repository"),
    "unborn": (GIT, "the repository has no commit yet"),
    "git-failed": (GIT, "git exited with an error"),
    # stopped
    "interrupted": (INTERRUPTED, "stopped by the user"),
}


class OkstraError(Exception):
    """A refusal: a code of `CODES`, one clear message, and the command that resolves it.

    `hint` may hold several lines, each a suggestion; it is empty only when nothing can be typed.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status = CODES[code][0]
        self.code = code
        self.message = message
        self.hint = hint
