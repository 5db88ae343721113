"""What changed: in a worktree (git-status(1)), and by a range of commits (git-log(1), combined diff for merges)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from git_okstra.core.records import dataclass
from git_okstra.git import process

_STATUS = (
    "--no-optional-locks",
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=normal",
    "--ignore-submodules=none",
    "--no-renames",
)


@dataclass(frozen=True, slots=True)
class Status:
    """The paths of a worktree that are not as in HEAD, sorted; `conflicted` ones are not repeated in `changed`."""

    changed: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()

    @property
    def dirty(self) -> bool:
        """Whether there is anything that a commit does not hold."""
        return bool(self.changed or self.untracked or self.conflicted)

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(sorted({*self.changed, *self.untracked, *self.conflicted}))


def status(worktree: str, *, as_made: bool = False) -> Status:
    """The status of a worktree, without writing its index; ignored files do not count.

    With `as_made` it is held against HEAD as that was made, whatever git-replace(1) shows in its place.
    """
    env = process.AS_MADE if as_made else None
    return _parsed(process.git(_STATUS, cwd=worktree, env=env, timeout=None).out)


def _parsed(out: bytes) -> Status:
    fields = iter(os.fsdecode(out).split("\0"))
    changed, untracked, conflicted = [], [], []
    for entry in fields:
        kind = entry[:2]
        if kind == "1 ":
            changed.append(entry.split(" ", 8)[8])
        elif kind == "2 ":
            changed.append(entry.split(" ", 9)[9])
            next(fields, None)
        elif kind == "u ":
            conflicted.append(entry.split(" ", 10)[10])
        elif kind == "? ":
            untracked.append(entry[2:])
    return Status(tuple(sorted(changed)), tuple(sorted(untracked)), tuple(sorted(conflicted)))


def dirty(worktrees: Sequence[str], told: Callable[[str, bool | None], None] | None = None) -> dict[str, bool]:
    """For each worktree whether its status names anything, as many at a time as there are processors.

    One of which git cannot tell is left out: it is being removed at this moment, or damaged, of which doctor speaks.
    `told` hears of each as soon as git answered; None is 'cannot tell'.
    """

    def ended(index: int, status: int, out: bytes) -> None:
        assert told is not None
        told(worktrees[index], bool(out) if status == 0 else None)

    answers = _answers(worktrees, ended if told is not None else None)
    return {worktree: bool(out) for worktree, out in answers}


def each(worktrees: Sequence[str]) -> dict[str, Status]:
    """As `dirty`, but the whole status of each."""
    return {worktree: _parsed(out) for worktree, out in _answers(worktrees)}


def _answers(
    worktrees: Sequence[str], ended: Callable[[int, int, bytes], None] | None = None
) -> list[tuple[str, bytes]]:
    results = process.git_in_each(_STATUS, worktrees, min(len(worktrees), os.cpu_count() or 1), ended)
    return [(path, result.out) for path, result in zip(worktrees, results, strict=True) if result.status == 0]


def commits_with_paths(
    git_dir: str, head: str, excluded: Sequence[str], also: Sequence[str] = ()
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The commits reachable from `head` but from none of `excluded`, newest first: (id, parents, changed paths).

    For a merge the paths are those it changes against every parent, so merging hides nothing and adds nothing.
    Both names of a renamed file count. What is reachable from the commits `also` is listed, too, as far as it is here.
    """
    args = [
        "log",
        "--format=%H %P",
        "--raw",
        "--root",
        "--no-abbrev",
        "--no-renames",
        "--ignore-submodules=none",
        "-O/dev/null",
        "-c",
        "-z",
        "--no-color",
        "--no-ext-diff",
        "--no-show-signature",
    ]
    asked = "".join(f"{line}\n" for line in [head, *also, *(f"^{commit}" for commit in excluded)])
    lenient = ["--ignore-missing"] if also else []
    out = process.git([*args, *lenient, "--stdin"], git_dir=git_dir, input=os.fsencode(asked), env=process.AS_MADE).out
    found: list[tuple[str, tuple[str, ...], list[str]]] = []
    # A file may have any name; only that each follows a field of modes and ids tells it from a commit's line.
    fields = iter(os.fsdecode(out).split("\0"))
    for field in fields:
        words = field.lstrip("\n")
        if words.startswith(":"):
            found[-1][2].append(next(fields))
        elif words:
            commit, *parents = words.split()
            found.append((commit, tuple(parents), []))
    return [(commit, parents, tuple(sorted(paths))) for commit, parents, paths in found]


def paths_between(git_dir: str, old: str, new: str) -> tuple[str, ...]:
    """The paths that differ between two commits or trees."""
    out = process.git(["diff-tree", "-r", "--no-renames", "--name-only", "-z", old, new], git_dir=git_dir).out
    return tuple(os.fsdecode(path) for path in out.split(b"\0") if path)


def added_between(git_dir: str, old: str, new: str) -> frozenset[str]:
    """The paths that `new` has and `old` has not."""
    args = ["diff-tree", "-r", "--no-renames", "--name-only", "--diff-filter=A", "-z", old, new]
    return frozenset(os.fsdecode(path) for path in process.git(args, git_dir=git_dir).out.split(b"\0") if path)


def touched(git_dir: str, since: str, commit: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The paths that any commit changes of those that `commit` has and `since` has not: all, the deleted, the added.

    Of a merge what differs from any parent. One process.
    """
    args = ["log", "--format=", "--name-status", "--no-renames", "--diff-merges=separate", "-z"]
    plain = ["--ignore-submodules=none", "--no-ext-diff", "--no-show-signature"]
    out = process.git([*args, *plain, commit, f"^{since}"], git_dir=git_dir, timeout=None).out
    fields = [field for field in os.fsdecode(out).split("\0") if field]
    found = list(zip(fields[::2], fields[1::2], strict=True))
    return (
        frozenset(path for _, path in found),
        frozenset(path for kind, path in found if kind == "D"),
        frozenset(path for kind, path in found if kind == "A"),
    )
