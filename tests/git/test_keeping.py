"""What a removed worktree alone knew survives the collector while it is in the trash, and goes when that is let go."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from git_okstra.git import keeping
from support.repositories import Git, ScratchRepository


@pytest.fixture
def worktree(repository: ScratchRepository, tmp_path: Path) -> Path:
    path = tmp_path / "linked"
    repository.git("worktree", "add", "-q", "-b", "topic", f"{path}")
    return path


class Removed:
    """A worktree whose directories are out of git's sight, kept by refs alone."""

    def __init__(self, repository: ScratchRepository, worktree: Path) -> None:
        self.git: Git = repository.git
        self.common = repository.path / ".git"
        tip = self.git("rev-parse", "refs/heads/topic")
        keeping.keep(f"{self.common}", "ID", tip, f"{self.common}/worktrees/linked")
        shutil.move(worktree, worktree.parent / "away")
        shutil.move(self.common / "worktrees", worktree.parent / "admins")
        self.git("update-ref", "-d", "refs/heads/topic")
        self.collect()

    def collect(self) -> None:
        self.git("reflog", "expire", "--expire=all", "--all")
        self.git("gc", "--quiet", "--prune=now")

    def has(self, name: str) -> bool:
        return self.git.run("cat-file", "-e", name).status == 0


def test_the_tip_is_kept_until_it_is_let_go(repository: ScratchRepository, worktree: Path) -> None:
    tip = repository.commit({"a": "a\n"}, cwd=worktree)
    removed = Removed(repository, worktree)
    assert removed.has(tip)
    assert repository.git("for-each-ref", "refs/okstra") == f"{tip} commit\trefs/okstra/trash/ID/head"
    keeping.forget(f"{removed.common}", "ID")
    removed.collect()
    assert not removed.has(tip)
    assert repository.git("for-each-ref", "refs/okstra") == ""


def test_what_was_staged_is_kept(repository: ScratchRepository, worktree: Path) -> None:
    for name in ("staged", "dir/깊은 곳", "both"):
        (worktree / name).parent.mkdir(exist_ok=True)
        (worktree / name).write_text(f"{name}\n")
    (worktree / "README.md").write_text("changed\n")
    repository.git("add", "-A", cwd=worktree)
    (worktree / "both").write_text("and changed again\n")
    (worktree / "later").write_text("to be added\n")
    repository.git("add", "--intent-to-add", "later", cwd=worktree)
    names = ("staged", "dir/깊은 곳", "both", "README.md")
    blobs = [repository.git("rev-parse", f":{name}", cwd=worktree) for name in names]
    removed = Removed(repository, worktree)
    assert all(removed.has(blob) for blob in blobs)
    assert repository.git("fsck", "--connectivity-only", "--no-dangling") == ""


def test_an_index_in_conflict_is_kept(repository: ScratchRepository, worktree: Path) -> None:
    repository.commit({"README.md": "theirs\n"})
    repository.commit({"README.md": "ours\n"}, cwd=worktree)
    assert repository.git.run("merge", "main", cwd=worktree).status == 1
    merged = repository.git("rev-parse", "MERGE_HEAD", cwd=worktree)
    (worktree / "other").write_text("staged\n")
    repository.git("add", "other", cwd=worktree)
    # a stage that no commit holds, as a merge of merge bases makes it
    odd = repository.git("hash-object", "-w", "--stdin", cwd=worktree, input="virtual\n")
    repository.git("update-index", "--index-info", cwd=worktree, input=f"100644 {odd} 1\tREADME.md\n")
    staged = repository.git("rev-parse", ":other", cwd=worktree)
    repository.git("update-ref", "refs/heads/main", "main~1")
    repository.git("reset", "-q", "--hard")
    removed = Removed(repository, worktree)
    assert all(removed.has(name) for name in (merged, odd, staged))


def test_an_unborn_head_keeps_the_whole_index(repository: ScratchRepository, worktree: Path) -> None:
    repository.git("switch", "-q", "--orphan", "new", cwd=worktree)
    (worktree / "first").write_text("first\n")
    repository.git("add", "first", cwd=worktree)
    blob = repository.git("rev-parse", ":first", cwd=worktree)
    assert Removed(repository, worktree).has(blob)


def test_a_detached_head_its_reflog_and_own_refs_are_kept(repository: ScratchRepository, worktree: Path) -> None:
    amended = repository.commit({"a": "a\n"}, cwd=worktree)
    repository.git("commit", "-q", "--amend", "-m", "better", cwd=worktree)
    repository.git("switch", "-q", "--detach", cwd=worktree)
    detached = repository.commit({"b": "b\n"}, cwd=worktree)
    tree = repository.git("rev-parse", "HEAD^{tree}", cwd=worktree)
    own = repository.git("commit-tree", tree, "-m", "own", cwd=worktree)
    repository.git("update-ref", "refs/worktree/mine", own, cwd=worktree)
    removed = Removed(repository, worktree)
    assert all(removed.has(commit) for commit in (amended, detached, own))


def test_a_rebase_under_way_is_kept(repository: ScratchRepository, worktree: Path) -> None:
    repository.commit({"README.md": "ours\n"}, cwd=worktree)
    later = repository.commit({"later": "x\n"}, cwd=worktree)
    repository.commit({"README.md": "theirs\n"})
    (worktree / "later").write_text("stashed by rebase\n")
    assert repository.git.run("rebase", "--autostash", "main", cwd=worktree).status == 1
    admin = Path(repository.git("rev-parse", "--absolute-git-dir", cwd=worktree))
    stash = (admin / "rebase-merge" / "autostash").read_text().strip()
    removed = Removed(repository, worktree)
    assert removed.has(later)
    assert removed.has(stash)


def test_keeping_twice_is_keeping_once(repository: ScratchRepository, worktree: Path) -> None:
    (worktree / "staged").write_text("x\n")
    repository.git("add", "staged", cwd=worktree)
    common = f"{repository.path}/.git"
    tip = repository.git("rev-parse", "topic")
    keeping.keep(common, "ID", tip, f"{common}/worktrees/linked")
    before = repository.git("for-each-ref", "refs/okstra")
    keeping.keep(common, "ID", tip, f"{common}/worktrees/linked")
    assert repository.git("for-each-ref", "refs/okstra") == before
    assert len(before.splitlines()) == 2


def test_a_damaged_index_keeps_what_can_be_kept(repository: ScratchRepository, worktree: Path) -> None:
    tip = repository.commit({"a": "a\n"}, cwd=worktree)
    (repository.path / ".git/worktrees/linked/index").write_bytes(b"no index")
    assert Removed(repository, worktree).has(tip)


def test_without_a_git_directory_the_tip_is_kept(repository: ScratchRepository) -> None:
    common = f"{repository.path}/.git"
    keeping.keep(common, "ID", repository.head, None)
    assert repository.git("for-each-ref", "--format=%(refname)", "refs/okstra") == "refs/okstra/trash/ID/head"
    keeping.keep(common, "NONE", None, None)
    assert repository.git("for-each-ref", "refs/okstra/trash/NONE") == ""
