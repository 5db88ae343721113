"""Rebasing a branch that is checked out, without git moving it: on a detached HEAD (git-rebase(1)), so that whoever
began it moves the branch in one step at the end; and going over to a commit that is known."""

from __future__ import annotations

import os

from git_okstra.git import process, refs

# What a configuration may add to a rebase, and would make it something else.
_PLAIN = (
    "-c", "rebase.autoStash=false", "-c", "rebase.autoSquash=false", "-c", "rebase.updateRefs=false",
    "-c", "rebase.rebaseMerges=false", "-c", "rebase.forkPoint=false", "-c", "core.editor=true",
)  # fmt: skip
_EDITORS = {"GIT_EDITOR": "true", "GIT_SEQUENCE_EDITOR": "true"}


def rebase(worktree: str, onto: str, base: str, tip: str, hold: int | None) -> process.Result:
    """Have the commits from `base` to `tip` made anew on `onto`; at the end HEAD is detached at the last of them.

    While there are conflicts a rebase is under way, as git has it.
    """
    args = [*_PLAIN, "rebase", "--no-fork-point", "--onto", onto, base, tip]
    return process.git(args, cwd=worktree, env=_EDITORS, hold=hold, check=False, timeout=None)


def go_on(worktree: str, hold: int | None) -> process.Result:
    """`git rebase --continue`, the messages staying as they are."""
    args = [*_PLAIN, "rebase", "--continue"]
    return process.git(args, cwd=worktree, env=_EDITORS, hold=hold, check=False, timeout=None)


def abort(worktree: str) -> process.Result:
    """`git rebase --abort`: HEAD is detached at the commit where it began."""
    return process.git(["rebase", "--abort"], cwd=worktree, check=False)


def attach(worktree: str, branch: str) -> bool:
    """Have a detached HEAD on `branch` again, if that is where it stands; whether the branch is checked out."""
    here = refs.head_branch(worktree)
    if here is not None:
        return here == branch
    ends = process.git(["rev-parse", "HEAD", f"refs/heads/{branch}"], cwd=worktree, check=False)
    if ends.status != 0 or len(set(ends.text.split())) != 1:
        return False
    process.git(["symbolic-ref", "-m", "okstra sync", "HEAD", f"refs/heads/{branch}"], cwd=worktree)
    return True


def commits(git_dir: str, base: str, tip: str, *without: str) -> dict[str, int]:
    """The commits from `base` to `tip`, newest first, each with how many parents it has; `without` are further
    arguments of git-rev-list(1) that leave some out."""
    args = ["rev-list", "--topo-order", "--parents", tip, f"^{base}", *without]
    lines = process.git(args, git_dir=git_dir, env=process.AS_MADE).text.split("\n")
    return {words[0]: len(words) - 1 for line in lines if (words := line.split())}


def remote_with(git_dir: str, commit: str) -> str | None:
    """A remote-tracking ref that contains the commit, short; None when there is none."""
    args = ["for-each-ref", "--count=1", f"--contains={commit}", "--format=%(refname:short)", "refs/remotes"]
    return process.git(args, git_dir=git_dir, timeout=None).text or None


def advance(worktree: str, old: str, new: str, hold: int | None) -> None:
    """Have index and files, which are those of `old`, be those of `new`; no ref is moved (git-read-tree(1)).

    Raises OkstraError `git-failed` when something would be overwritten; then nothing was.
    """
    # A file whose times are not those in the index (a worktree that was copied, a touch) would seem to be changed.
    process.git(["update-index", "-q", "--refresh"], cwd=worktree, hold=hold, check=False, timeout=None)
    process.git(["read-tree", "-m", "-u", old, new], cwd=worktree, hold=hold, timeout=None)


def run_post_merge_hook(worktree: str) -> None:
    """Run the post-merge hook as git-merge(1) does; how it ends changes nothing (githooks(5))."""
    process.git(["hook", "run", "--ignore-missing", "post-merge", "--", "0"], cwd=worktree, check=False, timeout=None)


def prepared_message(admin: str) -> str:
    """The message that git prepared for the merge under way, without its comments."""
    with open(f"{admin}/MERGE_MSG", "rb") as file:
        stripped = process.git(["stripspace", "--strip-comments"], git_dir=admin, input=file.read())
    return os.fsdecode(stripped.out)
