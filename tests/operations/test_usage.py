"""How much room a worktree takes: as du(1) says, each file once, nothing that lies elsewhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from git_okstra.operations import usage
from support.repositories import ScratchRepository
from support.tickets import Command, start


def du(path: Path) -> int:
    out = subprocess.run(["du", "-sk", "--exclude=./.git", "."], cwd=path, capture_output=True, text=True, check=True)
    return int(out.stdout.split()[0]) * 1024


def test_it_is_what_du_says_without_git_and_with_each_file_once(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "large").write_bytes(b"x" * 500_000)
    place = tmp_path / "worktree"
    (place / "deep" / "down").mkdir(parents=True)
    (place / ".git").write_bytes(b"x" * 100_000)
    (place / "deep" / "down" / "file").write_bytes(b"x" * 70_000)
    before = usage.measure([f"{place}"])[f"{place}"].disk
    os.link(place / "deep" / "down" / "file", place / "again")
    (place / "link").symlink_to(tmp_path / "elsewhere")
    found = usage.measure([f"{place}"])[f"{place}"]
    assert found.disk == du(place)
    assert 70_000 <= before <= found.disk < before + 20_000


def test_several_are_told_as_they_are_known_and_one_that_is_gone_is_empty(tmp_path: Path) -> None:
    places = [f"{tmp_path}/{name}" for name in ("one", "two", "gone")]
    for place in places[:2]:
        os.mkdir(place)
    told: list[str] = []
    found = usage.measure(places, lambda path, _: told.append(path))
    assert sorted(told) == sorted(places)
    assert (found[places[2]].disk, found[places[2]].changed, found[places[2]].nothing) == (0, 0.0, True)


def test_the_last_change_is_that_of_a_file_or_of_a_commit(okstra: Command, repository: ScratchRepository) -> None:
    task = start(okstra, repository)
    (task / "file").write_text("new\n")
    os.utime(task / "file", (4_000_000_000, 4_000_000_000))
    assert usage.measure([f"{task}"])[f"{task}"].changed == 4_000_000_000
    (row,) = okstra("list", "--long", "--json", cwd=task).json()["tasks"]
    assert row["changed"] == "2096-10-02T07:06:40Z"
    assert row["disk"] == usage.measure([f"{task}"])[f"{task}"].disk


def test_a_worktree_that_is_gone_has_no_usage(okstra: Command, repository: ScratchRepository) -> None:
    task = start(okstra, repository)
    task.rename(task.with_name("elsewhere"))
    (row,) = okstra("list", "--long", "--json", cwd=repository.path).json()["tasks"]
    assert (row["disk"], row["changed"]) == (None, None)
    _, line = okstra("list", "--long", cwd=repository.path).out.splitlines()
    assert "0B" not in line
