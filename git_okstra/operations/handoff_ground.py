"""Where a hand-off starts from and leads to: the remote, the pull request's base, and how far that has moved on."""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import merges, process, refs, remotes, summaries
from git_okstra.operations import start
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known before anything is done.

    `remote` is where the branch is pushed (empty: nowhere), `there` the commit it has there (None: it has no such
    branch); `into` and `base` are the remote and branch that the pull request is for. `fork` is the best common
    ancestor of the task branch and its base; `behind` counts the commits that the base has beyond it (None when its
    commits are not here), and `conflicts` names the files in which merging it would conflict.
    """

    remote: str
    there: str | None
    into: str
    base: str
    fork: str
    behind: int | None
    conflicts: tuple[str, ...]


def menu(ctx: Context, task: Task) -> list[str]:
    """The branches offered as a pull request's base: the task's own base, then what `start` offers; no governed one."""
    governed = {task.branch} | {name for name in start.base_menu(ctx) if _is_governed(ctx, task, name)}
    own = _branch_of(ctx, task.base_ref)
    found = [name for name in start.base_menu(ctx) if name not in governed]
    return list(dict.fromkeys([*([own] if own and own not in governed else []), *found]))


def for_commit(ctx: Context, task: Task, head: str, base: str | None, *, squash: bool, remote: str | None) -> Grounds:
    """The ground of a hand-off that pushes nothing; only a squash asks the remote, if there is one.

    Raises `bad-revision`, `not-descended`, `no-remote` when the named one does not exist, `git-failed`.
    """
    ends = [refs.require_commit(ctx.common_dir, base)] if base else _base_tips(ctx, task)
    where, there = "", None
    if squash:
        where = require_remote(ctx, remote) if remote else _obvious(remotes.listed(ctx.common_dir)) or ""
        there = remotes.tips(ctx.common_dir, where, [task.branch]).get(task.branch) if where else None
    fork = _fork(ctx, task, head, ends)
    behind, conflicts = _moved(ctx, head, ends)
    return Grounds(where, there, "", "", fork, behind, conflicts)


def for_pull_request(
    ctx: Context, task: Task, head: str, base: str | None, remote: str | None, *, fetch: bool
) -> Grounds:
    """The ground of a pull request. Asks the network; with `fetch` the base's commits are brought here if need be.

    Raises `no-remote`, `base-required`, `bad-revision`, `not-descended`, `git-failed`.
    """
    where = require_remote(ctx, remote)
    into, branch = _base(ctx, task, base, where)
    wanted = [task.branch, *([branch] if into == where else [])]
    found = remotes.tips(ctx.common_dir, where, wanted)
    tip = (found if into == where else remotes.tips(ctx.common_dir, into, [branch])).get(branch)
    if tip is None:
        raise OkstraError(
            "bad-revision",
            f"the remote '{names.printable(into)}' has no branch '{names.printable(branch)}'",
            f"name one that it has, with --pr-base; see them: git ls-remote --heads {names.typed(into)}",
        )
    if fetch and refs.commit(ctx.common_dir, tip) is None:
        remotes.fetch_commit(ctx.common_dir, into, branch)
    here = refs.commit(ctx.common_dir, tip) is not None
    fork = _fork(ctx, task, head, [tip] if here else _base_tips(ctx, task))
    behind, conflicts = _moved(ctx, head, [tip]) if here else (None, ())
    return Grounds(where, found.get(task.branch), into, branch, fork, behind, conflicts)


def require_remote(ctx: Context, name: str | None) -> str:
    """The remote called `name`, else `origin`, else the only one. Raises OkstraError `no-remote`."""
    listed = remotes.listed(ctx.common_dir)
    found = name if name in listed else None if name else _obvious(listed)
    if found:
        return found
    there = ", ".join(map(names.printable, listed)) or "none"
    what = f"there is no remote '{names.printable(name)}'" if name else "the remote to push to cannot be guessed"
    hint = (
        f"name one: git okstra handoff --remote {names.typed(listed[0])}"
        if listed
        else "add one: git remote add origin ADDRESS\nor push nothing: git okstra handoff --action commit"
    )
    raise OkstraError("no-remote", f"{what}; there are: {there}", hint)


def is_inside(ctx: Context, commit: str, head: str) -> bool:
    """Whether a commit, which may be unknown here, is an ancestor of `head` as the commits were made."""
    return refs.commit(ctx.common_dir, commit) is not None and refs.is_ancestor(ctx.common_dir, commit, head)


def _obvious(listed: Sequence[str]) -> str | None:
    return "origin" if "origin" in listed else listed[0] if len(listed) == 1 else None


def _base(ctx: Context, task: Task, given: str | None, remote: str) -> tuple[str, str]:
    """The remote and the branch that the pull request is for."""
    name = given or _branch_of(ctx, task.base_ref)
    if not name or (not given and _is_governed(ctx, task, name)):
        raise OkstraError(
            "base-required",
            f"the pull request's base cannot be guessed: {names.printable(task.id)} started from "
            f"'{names.printable(task.base_ref)}', which is no branch of the remote",
            "name it: git okstra handoff --pr-base main",
        )
    found = (remote, name.removeprefix("refs/heads/"))
    if not name.startswith("refs/heads/") and refs.branch(ctx.common_dir, name) is None:
        bare = name.removeprefix("refs/remotes/")
        owner = max((one for one in remotes.listed(ctx.common_dir) if bare.startswith(f"{one}/")), key=len, default="")
        found = (owner, bare.removeprefix(f"{owner}/")) if owner else found
    if not given:
        ctx.note(f"the pull request is for '{found[1]}' of {found[0]}, the base that the task started from")
    if not refs.valid_branch(ctx.common_dir, found[1]) or found == (remote, task.branch):
        raise OkstraError(
            "bad-revision",
            f"'{names.printable(found[1])}' cannot be the base of this pull request",
            "name a branch of the remote: git okstra handoff --pr-base main",
        )
    return found


def _branch_of(ctx: Context, ref: str) -> str:
    """The branch that a task's base names, as it was typed; empty when it is none."""
    if ref == "HEAD":
        return ""
    args = ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", ref]
    full = process.git(args, git_dir=ctx.common_dir, check=False).text
    if full.startswith("refs/remotes/"):
        return full.removeprefix("refs/remotes/")
    return full.removeprefix("refs/heads/") if full.startswith("refs/heads/") else ""


def _is_governed(ctx: Context, task: Task, name: str) -> bool:
    try:
        return ctx.registry.branch_holder(task.key.project, name) is not None
    except OkstraError:
        return False


def _base_tips(ctx: Context, task: Task) -> list[str]:
    return refs.base_tips(ctx.common_dir, task.base_ref, task.branch) or [task.base_commit]


def _fork(ctx: Context, task: Task, head: str, ends: Sequence[str]) -> str:
    found = summaries.merge_base(ctx.common_dir, head, ends)
    if found is None:
        raise OkstraError(
            "not-descended",
            f"the task branch '{task.branch}' has no history in common with the base",
            "name the branch it started from: git okstra handoff --pr-base …",
        )
    return found


def _moved(ctx: Context, head: str, ends: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """How many commits the base has that the task branch lacks, and the files in which merging them would conflict."""
    ahead = [end for end in ends if not refs.is_ancestor(ctx.common_dir, end, head)]
    if not ahead:
        return 0, ()
    counts = {end: summaries.count(ctx.common_dir, head, end) for end in ahead}
    newest = max(ahead, key=counts.__getitem__)
    merged = merges.merged_tree(ctx.common_dir, head, newest)
    return counts[newest], merged.conflicted if merged else ()
