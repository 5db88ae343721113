"""Refs that keep what a removed worktree alone knew from being collected (git-gc(1)) while it lies in the trash.

git protects the index, the HEAD reflog and the state of an unfinished merge or rebase only for worktrees it knows.
Two refs under `refs/okstra/trash/<id>/` take its place:

- `head`   the tip of the branch
- `rest`   a commit whose parents are all other commits the worktree knew, and whose tree holds the blobs that were
           staged, one each, under their number; only there when there are any

They are for the collector alone: what comes back comes from the index and the git directory themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from git_okstra.git import admin, process, refs

ROOT = "refs/okstra/trash"

REFLOG_LINES = 1000
"""The newest entries of the HEAD reflog whose commits are kept."""

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "git okstra"), ("EMAIL", "okstra@localhost"), ("DATE", "1000000000 +0000"))
}


def keep(git_dir: str, trash_id: str, tip: str | None, admin_dir: str | None) -> None:
    """Write the refs. `tip` is the branch's commit, `admin_dir` git's directory of the worktree; None when gone."""
    wanted = {f"{ROOT}/{trash_id}/head": tip} if tip else {}
    rest = _rest(git_dir, tip, admin_dir) if admin_dir else None
    if rest:
        wanted[f"{ROOT}/{trash_id}/rest"] = rest
    there = refs.listed(git_dir, f"{ROOT}/{trash_id}")
    changes = [(name, new, there.get(name)) for name, new in wanted.items() if there.get(name) != new]
    refs.update(git_dir, changes, "okstra: to the trash")


def forget(git_dir: str, trash_id: str) -> None:
    """Delete the refs."""
    there = refs.listed(git_dir, f"{ROOT}/{trash_id}")
    refs.update(git_dir, [(name, None, old) for name, old in there.items()], "okstra: out of the trash")


def _rest(git_dir: str, tip: str | None, admin_dir: str) -> str | None:
    blobs = sorted(set(_staged(admin_dir)))
    commits = _strays(git_dir, tip, admin_dir)
    if not blobs and not commits:
        return None
    listing = "".join(f"100644 blob {blob}\t{number}\0" for number, blob in enumerate(blobs))
    # An entry that `git add --intent-to-add` made names a blob that need not exist.
    tree = process.git(["mktree", "-z", "--missing"], git_dir=git_dir, input=listing.encode()).text
    parents = [word for commit in commits for word in ("-p", commit)]
    args = ["commit-tree", tree, *parents, "-m", "what a removed worktree knew besides its branch"]
    return process.git(args, git_dir=git_dir, env=_IDENTITY).text


def _staged(admin_dir: str) -> Iterator[str]:
    """The blobs in the index that HEAD does not have, those of conflicts too; none of an index that git cannot read."""
    if not os.path.exists(f"{admin_dir}/index"):
        return
    born = process.git(["rev-parse", "--verify", "--quiet", "HEAD^{tree}"], git_dir=admin_dir, check=False).status == 0
    if born:
        args = ["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "HEAD"]
        differing = process.git(args, git_dir=admin_dir, check=False)
        born = differing.status == 0  # or all that is in the index is kept: too much rather than too little
        for entry in differing.out.split(b"\0"):
            # :<old mode> <new mode> <old id> <new id> <status>
            words = entry.decode("ascii", "replace").split(" ")
            if entry.startswith(b":") and len(words) == 5 and words[1] not in ("000000", "160000"):
                yield words[3]
    args = ["ls-files", "--stage", "-z", *(["--unmerged"] if born else [])]
    for entry in process.git(args, git_dir=admin_dir, check=False).out.split(b"\0"):
        words = entry.partition(b"\t")[0].decode("ascii", "replace").split(" ")
        if len(words) == 3 and words[0] != "160000":
            yield words[1]


def _strays(git_dir: str, tip: str | None, admin_dir: str) -> list[str]:
    """The commits, not reachable from `tip`, that HEAD, its reflog, the worktree's own refs or pseudorefs name."""
    head = process.git(["rev-parse", "--verify", "--quiet", "HEAD"], git_dir=admin_dir, check=False).text
    found = dict.fromkeys(head.split())
    found.update(dict.fromkeys(line.new for line in admin.log(admin_dir)[-REFLOG_LINES:]))
    found.update(dict.fromkeys(_pseudorefs(admin_dir)))
    own = process.git(["for-each-ref", "--format=%(objectname)", *_OWN], git_dir=admin_dir, check=False).text
    found.update(dict.fromkeys(own.split()))
    asked = "".join(f"{commit}^{{commit}}\n" for commit in found)
    args = ["cat-file", "--batch-check=%(objectname) %(objecttype)"]
    lines = process.git(args, git_dir=git_dir, input=asked.encode()).text.splitlines()
    commits = [line.removesuffix(" commit") for line in lines if line.endswith(" commit")]
    if not commits:
        return []
    walk = "".join(f"{commit}\n" for commit in commits) + (f"^{tip}\n" if tip else "")
    reachable = set(process.git(["rev-list", "--stdin"], git_dir=git_dir, input=walk.encode()).text.split())
    return [commit for commit in dict.fromkeys(commits) if commit in reachable]


_OWN = ("refs/bisect", "refs/rewritten", "refs/worktree")
"""Where each worktree has refs of its own (git-worktree(1), "REFS")."""

_STATE = ("rebase-merge/onto", "rebase-merge/orig-head", "rebase-merge/autostash", "rebase-merge/amend")


def _pseudorefs(admin_dir: str) -> Iterator[str]:
    """The ids in `MERGE_HEAD` and the like, and in the files of a rebase."""
    names = [name for name in os.listdir(admin_dir) if name.endswith("_HEAD")]
    for name in [*names, *_STATE, "rebase-apply/orig-head", "rebase-apply/autostash"]:
        try:
            with open(f"{admin_dir}/{name}", "rb") as file:
                words = file.read(65536).decode("ascii", "replace").split()
        except OSError:
            continue
        yield from (word for word in words if len(word) in (40, 64) and set(word) <= set("0123456789abcdef"))
