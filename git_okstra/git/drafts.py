"""A worktree as it stands, uncommitted changes included, as a commit that no ref names.

Neither index nor stash nor files are touched: a copy of the index takes the changes in, and git writes its tree. The
same files give the same commit.
"""

from __future__ import annotations

import os
import shutil
import tempfile

from git_okstra.git import commit_facts, process

# A split index has a part of it in git's own directory, a monitor would be started, and a warning is nobody's to read.
_APART = ("-c", "core.splitIndex=false", "-c", "core.fsmonitor=false", "-c", "advice.addEmbeddedRepo=false")


def commit(git_dir: str, worktree: str, admin: str, head: str) -> str:
    """The commit on `head` that has every change of the worktree, untracked files too, ignored ones not; `head` itself
    when there is none. `admin` is git's directory of the worktree. Raises `git-failed`."""
    with tempfile.TemporaryDirectory(prefix="okstra-index-") as scratch:
        index = os.path.join(scratch, "index")
        if os.path.exists(f"{admin}/index"):
            shutil.copy2(f"{admin}/index", index)
        env = {"GIT_INDEX_FILE": index}
        args = [*_APART, "add", "--all", "--ignore-errors"]
        process.git(args, cwd=worktree, env=env, hooks=False, check=False, timeout=None)
        tree = process.git([*_APART, "write-tree"], cwd=worktree, env=env, hooks=False).text
    if tree == commit_facts.tree(git_dir, head):
        return head
    return commit_facts.commit_tree(git_dir, tree, [head], "uncommitted changes\n")
