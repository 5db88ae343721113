"""Refs and commits: reading, and moving a ref only from the value that was seen (git-update-ref(1))."""

from __future__ import annotations

import os
from collections.abc import Iterable

from git_okstra.core.errors import OkstraError
from git_okstra.git import loose, process, repository


def commit(git_dir: str, revision: str) -> str | None:
    """The full id of the commit that `revision` names in the repository, or None."""
    if revision.startswith(":/"):  # what follows is all of it a pattern (gitrevisions(7)), which takes no suffix
        revision = read(git_dir, revision) or ""
    return read(git_dir, f"{revision}^{{commit}}")


def require_commit(git_dir: str, revision: str) -> str:
    """Like `commit`, but raises OkstraError `bad-revision`, or `unborn` when there is no commit at all."""
    from git_okstra.core import names

    found = commit(git_dir, revision)
    if found is None:
        if not process.git(["rev-list", "--all", "-n1"], git_dir=git_dir, check=False).out:
            raise OkstraError(
                "unborn", "the repository has no commit yet", "make one: git commit --allow-empty -m 'first commit'"
            )
        raise OkstraError(
            "bad-revision",
            f"'{names.printable(revision)}' does not name a commit here",
            "see what there is: git branch --all; fetch first: git okstra start … --fetch",
        )
    return found


def branch(git_dir: str, name: str) -> str | None:
    """The commit at the tip of a local branch, or None when there is no such branch; without a process where its file
    says it."""
    found = loose.branch(git_dir, name)
    return read(git_dir, f"refs/heads/{name}") if isinstance(found, loose.Unknown) else found


def read(git_dir: str, ref: str) -> str | None:
    """The object id that a full ref name holds, or any other revision names; or None."""
    found = process.git(["rev-parse", "--verify", "--quiet", "--end-of-options", ref], git_dir=git_dir, check=False)
    return found.text if found.status == 0 and found.text else None


def full_name(git_dir: str, name: str) -> str | None:
    """The full name of the ref that `name` stands for (gitrevisions(7)), or None when it stands for none, or for
    several; without a process for a branch that no other ref shares its name with."""
    found = loose.full_name(git_dir, name)
    if not isinstance(found, loose.Unknown):
        return found
    args = ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", name]
    return process.git(args, git_dir=git_dir, check=False).text or None


def existing(git_dir: str, commits: Iterable[str]) -> list[str]:
    """Those of the full ids (what is none is passed over) that are commits of the repository, each once, by one
    process; replacements (git-replace(1)) do not count."""
    asked = [commit for commit in dict.fromkeys(commits) if commit and not commit.strip("0123456789abcdef")]
    if not asked:
        return []
    lines = "".join(f"{commit}\n" for commit in asked).encode()
    args = ["cat-file", "--batch-check=%(objecttype)"]
    out = process.git(args, git_dir=git_dir, input=lines, env=process.AS_MADE).text
    return [commit for commit, kind in zip(asked, out.split("\n"), strict=True) if kind == "commit"]


def listed(git_dir: str, *patterns: str) -> dict[str, str]:
    """Full ref names under the patterns with the ids they hold, by one process."""
    out = process.git(["for-each-ref", "--format=%(refname)%00%(objectname)", *patterns], git_dir=git_dir).out
    return dict(os.fsdecode(line).split("\0") for line in out.split(b"\n") if line)


def committed(git_dir: str, branches: Iterable[str]) -> dict[str, int]:
    """For each of the branches that is there when the commit at its tip was made, in seconds since 1970."""
    asked = [f"refs/heads/{branch}" for branch in branches]
    if not asked:
        return {}
    args = ["for-each-ref", "--format=%(refname)%00%(committerdate:unix)", *asked]
    lines = (os.fsdecode(line).split("\0") for line in process.git(args, git_dir=git_dir).out.split(b"\n") if line)
    return {name.removeprefix("refs/heads/"): int(time) for name, time in lines if time}


def is_ancestor(git_dir: str, ancestor: str, descendant: str) -> bool:
    """Whether a commit is an ancestor of another as they were made, asked of git (git-merge-base(1)): for hooks, which
    load no object reader. A commit that is not there is none."""
    args = ["merge-base", "--is-ancestor", ancestor, descendant]
    return process.git(args, git_dir=git_dir, env=process.AS_MADE, check=False).status == 0


def valid_branch(git_dir: str, name: str) -> bool:
    """Whether git would accept `name` as a branch (git-check-ref-format(1))."""
    if name.startswith(("-", "@{")):
        return False
    return process.git(["check-ref-format", f"refs/heads/{name}"], git_dir=git_dir, check=False).status == 0


def head_branch(worktree: str) -> str | None:
    """The branch checked out in a worktree, short; None when HEAD is detached; without a process where HEAD says it."""
    admin = repository.admin_directory(worktree)
    on = loose.head_branch(admin) if admin is not None else loose.UNKNOWN
    if not isinstance(on, loose.Unknown):
        return on
    found = process.git(["symbolic-ref", "--quiet", "--short", "HEAD"], cwd=worktree, check=False)
    return found.text if found.status == 0 else None


def head(worktree: str) -> str:
    """The commit that is checked out in a worktree; without a process where git's files say it. Raises `git-failed`."""
    admin = repository.admin_directory(worktree)
    found = loose.head(admin) if admin is not None else loose.UNKNOWN
    return process.git(["rev-parse", "HEAD"], cwd=worktree).text if isinstance(found, loose.Unknown) else found


def update(git_dir: str, changes: Iterable[tuple[str, str | None, str | None]], reason: str) -> None:
    """Move refs all together or not at all: each change is (ref, new id or None to delete, expected old id or None).

    A ref that stands for another (git-symbolic-ref(1)) is changed itself; the other is not ours.
    An expected None means that the ref must not exist. Raises OkstraError `branch-moved` when one is not as expected.
    """
    lines = []
    for ref, new, old in changes:
        zero = "0" * len(new or old or "")
        if new is None:
            lines.append(f"delete {ref}\0{old or zero}\0")
        else:
            lines.append(f"update {ref}\0{new}\0{old or zero}\0")
    if not lines:
        return
    args = ["update-ref", "--no-deref", "-m", reason, "-z", "--stdin", "--create-reflog"]
    result = process.git(args, git_dir=git_dir, input=os.fsencode("".join(lines)), check=False)
    if result.status != 0:
        if "but expected" in result.complaint or "reference already exists" in result.complaint:
            raise OkstraError(
                "branch-moved",
                f"a branch moved while it was worked on: {result.complaint}",
                "look at it with: git log --all --oneline -5; then run the same command again",
            )
        raise process.failure(args, result)


def base_tips(common_dir: str, base_ref: str, task_branch: str) -> list[str]:
    """Where a task's base branch is now, here and at the remotes; empty when its base is no branch.

    Anything else that the recorded name may mean today (`HEAD`, say) does not count: it could hide the stage's own
    commits.
    """
    name = base_ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    if name == "HEAD" or name == task_branch or name.startswith(f"{task_branch}-s"):
        return []
    found = listed(common_dir, f"refs/heads/{name}", f"refs/remotes/{name}", f"refs/remotes/*/{name}")
    return sorted(
        {
            tip
            for ref, tip in found.items()
            if ref in (f"refs/heads/{name}", f"refs/remotes/{name}")
            or (ref.startswith("refs/remotes/") and ref.split("/", 3)[3:] == [name])
        }
    )


def default_remote_address(git_dir: str) -> str:
    """The address of `origin`, or an empty string."""
    found = process.git(["config", "--get", "remote.origin.url"], git_dir=git_dir, check=False)
    return found.text if found.status == 0 else ""


def root_commits(git_dir: str) -> frozenset[str]:
    """The commits without parents that HEAD and the branches descend from."""
    found = process.git(["rev-list", "--max-parents=0", "--branches", "--remotes"], git_dir=git_dir, check=False)
    return frozenset(found.text.split())
