"""The index after a checkout: no file looks as new as it, git reads it as before, and no change is overlooked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from git_okstra.git import checkout, index_file
from support.repositories import Git, ScratchRepository, make_repository


def filled(repository: ScratchRepository, *settings: str) -> tuple[Path, Path]:
    """A linked worktree filled as ours are, and its git directory."""
    path = repository.path.parent / "linked"
    for name, value in (one.split("=") for one in settings):
        repository.git("config", name, value)
    repository.git("worktree", "add", "-q", "--no-checkout", "--detach", f"{path}", "main")
    checkout.fill(f"{path}", None, 1, 60.0)
    return path, Path(repository.git("rev-parse", "--absolute-git-dir", cwd=path))


def young(admin: Path, size: int = 20) -> list[bytes]:
    """The paths that are as new as the index, which git would have to read."""
    written = int((admin / "index").stat().st_mtime)
    return [one.path for one in index_file.entries((admin / "index").read_bytes(), size) if one.stat[2] >= written]


def many_kinds(repository: ScratchRepository) -> None:
    """Files of all kinds that an index can hold, at paths of all lengths."""
    deep = "/".join(["d" * 200] * 5)
    repository.commit({"a": "1\n", "b/c": "2\n", "b/cd": "", f"{deep}/f": "3\n", "결제/한글": "4\n"})
    (repository.path / "link").symlink_to("b/c")
    (repository.path / "run").write_text("#!/bin/sh\n")
    (repository.path / "run").chmod(0o755)
    repository.git("add", "-A")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{repository.head},module")
    repository.git("commit", "-qm", "kinds")


@pytest.mark.parametrize("version", ["2", "4"])
def test_no_file_looks_as_new_as_the_index_and_git_agrees_with_all_of_it(
    repository: ScratchRepository, version: str
) -> None:
    many_kinds(repository)
    path, admin = filled(repository, f"index.version={version}")
    submodules = [one.path for one in index_file.entries((admin / "index").read_bytes(), 20) if one.mode == 0o160000]
    assert (submodules, set(young(admin)) - {b"module"}) == ([b"module"], set())
    listed = repository.git("ls-files", "-z", cwd=path).split("\0")[:-1]
    assert [os.fsdecode(one.path) for one in index_file.entries((admin / "index").read_bytes(), 20)] == listed
    assert repository.git("diff-files", cwd=path) == ""  # by the stat data alone: nothing is read, nothing refreshed
    assert repository.git("--no-optional-locks", "status", "--porcelain", cwd=path) == ""
    assert "bad" not in repository.git.run("fsck", cwd=path).require_success().err  # its checksum, too
    assert (path / "run").stat().st_mode & 0o111 and os.readlink(path / "link") == "b/c"


def test_a_change_of_the_same_size_in_the_same_second_is_seen(repository: ScratchRepository) -> None:
    repository.commit({f"f{number}": "1\n" for number in range(20)})
    path, _ = filled(repository)
    for number in range(20):
        with open(path / f"f{number}", "r+", encoding="utf-8") as file:  # the same inode
            file.write("2\n")
    assert len(repository.git("--no-optional-locks", "status", "--porcelain", cwd=path).splitlines()) == 20


def test_a_file_that_was_changed_before_is_left_for_git_to_judge(repository: ScratchRepository) -> None:
    repository.commit({"a": "1\n", "b": "1\n"})
    path, admin = filled(repository)
    repository.git("update-index", "--really-refresh", cwd=path)
    now = int((admin / "index").stat().st_mtime)
    os.utime(path / "a", ns=(now * 10**9, now * 10**9))
    repository.git("update-index", "--refresh", cwd=path)
    os.utime(admin / "index", ns=(now * 10**9, now * 10**9))
    (path / "a").write_text("2\n")
    assert not index_file.settle(f"{admin}", f"{path}", 20)
    assert repository.git("--no-optional-locks", "status", "--porcelain", cwd=path) == " M a"


def test_a_repository_with_long_ids(tmp_path: Path) -> None:
    made = ScratchRepository(tmp_path / "long")
    made.path.mkdir()
    Git(made.path)("init", "-q", "-b", "main", "--object-format=sha256")
    made.commit({"a": "1\n"})
    path, admin = filled(made)
    assert young(admin, 32) == []
    assert made.git("diff-files", cwd=path) == ""
    made.git("fsck", cwd=path)


def test_an_entry_that_is_meant_to_be_absent_is_passed_over(repository: ScratchRepository) -> None:
    repository.commit({"a": "1\n", "b": "2\n"})
    path, admin = filled(repository)
    repository.git("update-index", "--skip-worktree", "a", cwd=path)
    (path / "a").unlink()
    os.utime(path / "b")
    repository.git("update-index", "--refresh", cwd=path)
    assert {one.path: one.skipped for one in index_file.entries((admin / "index").read_bytes(), 20)} == {
        b"README.md": False,
        b"a": True,
        b"b": False,
    }
    assert index_file.settle(f"{admin}", f"{path}", 20)
    assert (b"b" in young(admin), repository.git("diff-files", cwd=path)) == (False, "")


@pytest.mark.parametrize("version", ["2", "4"])
def test_the_young_entries_are_those_of_all_that_are_young(repository: ScratchRepository, version: str) -> None:
    names = [f"{'d' * (n % 9 + 1)}/{'f' * n}" for n in range(1, 60)]
    repository.commit(dict.fromkeys(names, "1\n"))
    path, admin = filled(repository)
    repository.git("update-index", "--index-version", version, cwd=path)
    repository.git("update-index", "--skip-worktree", *names[::7], cwd=path)  # these have longer entries in version 3
    for n, name in enumerate(names):
        os.utime(path / name, (1_700_000_000 + n, 1_700_000_000 + n))
    repository.git("update-index", "--refresh", cwd=path)
    data = (admin / "index").read_bytes()
    every = list(index_file.entries(data, 20))
    for since in (0, 1_700_000_000, 1_700_000_030, 1_800_000_000):
        assert list(index_file.entries(data, 20, since)) == [one for one in every if one.stat[2] >= since]


@pytest.mark.parametrize("damage", [b"", b"DIRC", b"DIRC\0\0\0\x09\0\0\0\0", b"DIRC\0\0\0\x02\0\0\0\x05" + b"\0" * 90])
def test_an_index_that_is_not_understood_stays_as_it_is(repository: ScratchRepository, damage: bytes) -> None:
    repository.commit({"a": "1\n"})
    path, admin = filled(repository)
    (admin / "index").write_bytes(damage)
    assert not index_file.settle(f"{admin}", f"{path}", 20)
    assert (admin / "index").read_bytes() == damage


def test_a_split_index_stays_as_git_made_it(tmp_path: Path) -> None:
    made = make_repository(tmp_path / "split")
    path, admin = filled(made, "core.splitIndex=true")
    with pytest.raises(index_file.Unreadable):
        list(index_file.entries((admin / "index").read_bytes(), 20))
    assert subprocess.run(["git", "diff-files", "--quiet"], cwd=path, check=False).returncode == 0
