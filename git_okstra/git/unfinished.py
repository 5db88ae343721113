"""What git has begun in a worktree and not finished, and what a git that was killed there left behind.

git keeps each of these in files of the worktree's git directory (gitrepository-layout(5); "MERGE_HEAD" and its like in
gitrevisions(7)).
"""

from __future__ import annotations

import os
import re

from git_okstra.git import process, repository

_SIGNS = (
    ("rebase-merge", "rebase"),
    ("rebase-apply/applying", "am"),
    ("rebase-apply", "rebase"),
    ("MERGE_HEAD", "merge"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("sequencer", "cherry-pick"),
)


def kind(worktree: str) -> str:
    """The git command that is not finished there: `merge`, `rebase`, `cherry-pick`, `revert`, `am`; else empty."""
    admin = repository.admin_directory(worktree)
    return next((word for sign, word in _SIGNS if admin and os.path.lexists(f"{admin}/{sign}")), "")


def locks(worktree: str, common_dir: str, branch: str) -> list[str]:
    """The lock files that are there of those which a merge into `branch`, checked out in `worktree`, takes.

    A git is writing index or refs now, or was killed while it did. A lock file holds nothing that is needed: git writes
    the new value into it and renames it over the old one.
    """
    admin = repository.admin_directory(worktree)
    taken = [f"{admin}/{name}.lock" for name in ("index", "HEAD", "ORIG_HEAD", "AUTO_MERGE", "MERGE_HEAD")]
    return [path for path in (*taken, f"{common_dir}/refs/heads/{branch}.lock") if os.path.lexists(path)]


def conclude_merge(worktree: str, hold: int | None) -> process.Result:
    """Commit a merge whose conflicts are resolved, with the message that was prepared; git's own hooks run.

    The lines on conflicts that git adds to the message are comments, and go (git-commit(1), `--cleanup`).
    """
    args = ["commit", "--no-edit", "--cleanup=strip"]
    return process.git(args, cwd=worktree, hold=hold, check=False, timeout=None)


def forget_merge(worktree: str) -> None:
    """Take away the traces of a merge that is committed already; files and index stay (git-merge(1), `--quit`)."""
    process.git(["merge", "--quit"], cwd=worktree)


def written_paths(worktree: str, old: str, new: str) -> list[str]:
    """The paths that differ between two commits or trees and are in the worktree as in `new`: somebody wrote them.

    Plain files alone, and what `new` removes.
    """
    out = process.git(["diff-tree", "-r", "--no-renames", "-z", old, new], cwd=worktree).out
    fields = os.fsdecode(out).split("\0")
    blobs = {path: line.split(" ")[3] for line, path in zip(fields[::2], fields[1::2], strict=False)}
    gone = [path for path, blob in blobs.items() if not blob.strip("0") and not _exists(worktree, path)]
    plain = [path for path, blob in blobs.items() if blob.strip("0") and _is_plain(worktree, path)]
    asked = os.fsencode("".join(f"{path}\n" for path in plain))
    hashed = process.git(["hash-object", "--stdin-paths"], cwd=worktree, input=asked).text.split("\n")
    return sorted([*gone, *(path for path, blob in zip(plain, hashed, strict=False) if blob == blobs[path])])


def edited(worktree: str, tree: str) -> list[str]:
    """The files of a merge under way that somebody worked on: staged or in conflict, and not as git left them.

    `tree` is what git makes of the merge by itself (git-merge-tree(1)), conflict markers and all. The names behind the
    markers do not count.
    """
    args = ["diff-index", "--cached", "--name-only", "--no-renames", "--ignore-submodules", "-z", "HEAD"]
    staged = [os.fsdecode(path) for path in process.git(args, cwd=worktree).out.split(b"\0") if path]
    gits = set(written_paths(worktree, "HEAD", tree))
    found = []
    for path in (path for path in staged if path not in gits):
        place = os.path.join(worktree, path)
        if os.path.lexists(place) and (os.path.islink(place) or os.path.isfile(place)):
            left = process.git(["cat-file", "blob", f"{tree}:{path}"], cwd=worktree, check=False)
            if left.status != 0 or _unnamed(left.out) != _unnamed(_content(place)):
                found.append(path)
    return found


def _content(place: str) -> bytes:
    if os.path.islink(place):
        return os.fsencode(os.readlink(place))
    with open(place, "rb") as file:
        return file.read()


def _unnamed(content: bytes) -> bytes:
    """Without what stands behind conflict markers: it depends on how the merge was called."""
    return re.sub(rb"(?m)^(<{7}|\|{7}|>{7}) .*$", rb"\1", content)


def _exists(worktree: str, path: str) -> bool:
    return os.path.lexists(os.path.join(worktree, path))


def _is_plain(worktree: str, path: str) -> bool:
    place = os.path.join(worktree, path)
    return os.path.isfile(place) and not os.path.islink(place) and "\n" not in path
