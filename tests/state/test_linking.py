"""Links, copies and the block in info/exclude, on real files and in real repositories."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core import exclude_block
from git_okstra.core import linking as rules
from git_okstra.core.errors import OkstraError
from git_okstra.state import linking
from support import processes
from support.processes import Ended
from support.repositories import ScratchRepository

NASTY = ["with space", 'it\'s "quoted"', "결제", "👩‍💻", "-rf", "a[x]", "*", "\\", " "]


@pytest.fixture
def main(tmp_path: Path) -> Path:
    (tmp_path / "main").mkdir()
    return tmp_path / "main"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def snapshot(root: Path) -> dict[str, tuple[int, float, object]]:
    """Everything below `root`: mode, time of change, and content or target."""
    found: dict[str, tuple[int, float, object]] = {}
    for path in sorted(root.rglob("*")):
        info = path.lstat()
        content: object = None
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = path.read_bytes()
        found[str(path.relative_to(root))] = (info.st_mode, info.st_mtime, content)
    return found


# -- looking


def test_looking_says_what_stands_there_and_follows_nothing(main: Path) -> None:
    (main / "file").write_text("")
    (main / "dir/in").mkdir(parents=True)
    (main / "to-dir").symlink_to("dir")
    (main / "dangling").symlink_to("/nowhere/at all")
    os.mkfifo(main / "pipe")
    root = os.fspath(main)
    assert linking.look(root, "file") == (rules.FILE, "", "")
    assert linking.look(root, "dir/in") == (rules.DIRECTORY, "", "")
    assert linking.look(root, "to-dir") == (rules.SYMLINK, "dir", "")
    assert linking.look(root, "dangling") == (rules.SYMLINK, "/nowhere/at all", "")
    assert linking.look(root, "pipe") == (rules.SPECIAL, "", "")
    assert linking.look(root, "none/at/all") == (rules.NOTHING, "", "")
    assert linking.look(root, "to-dir/in").blocked == "to-dir"
    assert linking.look(root, "dangling/x").blocked == "dangling"
    assert linking.look(root, "dir/../file/x").blocked == "dir/../file"
    assert linking.look(f"{root}/gone", "x") == (rules.NOTHING, "", "")


def test_enclosing_sees_through_links(main: Path, tmp_path: Path) -> None:
    (main / "homes/one").mkdir(parents=True)
    (tmp_path / "alias").symlink_to(main / "homes")
    assert linking.encloses(f"{main}/homes", f"{tmp_path}/alias/one")
    assert linking.encloses(f"{main}/homes", f"{main}/homes")
    assert not linking.encloses(f"{main}/home", f"{main}/homes/one")


# -- links


@pytest.mark.parametrize("name", NASTY)
def test_a_link_is_absolute_and_its_directories_are_made(main: Path, new: Path, name: str) -> None:
    (main / name / "x").mkdir(parents=True)
    linking.link(os.fspath(main), os.fspath(new), f"{name}/x")
    assert os.readlink(new / name / "x") == f"{main}/{name}/x"
    assert (new / name).is_dir()
    assert not (new / name).is_symlink()


def test_a_link_is_not_made_through_a_link(main: Path, new: Path, tmp_path: Path) -> None:
    (main / "data/x").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (new / "data").symlink_to(outside)
    for place in (linking.link, linking.copy):
        with pytest.raises(OkstraError) as refused:
            place(os.fspath(main), os.fspath(new), "data/x")
        assert refused.value.code == "cannot-write"
    assert list(outside.iterdir()) == []


def test_a_link_never_replaces_anything(main: Path, new: Path) -> None:
    (new / "a").write_text("mine")
    with pytest.raises(OkstraError) as refused:
        linking.link(os.fspath(main), os.fspath(new), "a")
    assert refused.value.code == "cannot-write"
    assert (new / "a").read_text() == "mine"


# -- copies


def test_a_copy_has_content_modes_times_and_links(main: Path, new: Path) -> None:
    tree = main / "결제 [x]"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/run").write_bytes(os.urandom(3_000_000))
    (tree / "bin/run").chmod(0o755)
    (tree / "-secret").write_text("a=1\n")
    (tree / "-secret").chmod(0o600)
    (tree / "empty").mkdir(mode=0o711)
    (tree / "bin/up").symlink_to("../../somewhere/else")
    (tree / "bin/etc").symlink_to("/etc")
    (tree / os.fsdecode(b"\xff\xfe")).write_text("undecodable")
    (tree / "sealed/in").mkdir(parents=True)
    (tree / "sealed/in").chmod(0o555)
    (tree / "sealed").chmod(0o555)
    os.utime(tree / "bin/run", (1_000_000_000, 1_000_000_000.5))
    os.utime(tree / "bin", (1_100_000_000, 1_100_000_000))
    assert linking.copy(os.fspath(main), os.fspath(new), tree.name) == []
    assert snapshot(new) == snapshot(main)
    assert not (new / rules.PARTIAL).exists()


def test_a_copy_is_independent_of_the_original(main: Path, new: Path) -> None:
    (main / ".env").write_text("a=1\n")
    linking.copy(os.fspath(main), os.fspath(new), ".env")
    (new / ".env").write_text("a=2\n")
    assert (main / ".env").read_text() == "a=1\n"


def test_a_link_is_copied_as_a_link(main: Path, new: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not to be read")
    (main / "to").symlink_to(tmp_path / "secret")
    linking.copy(os.fspath(main), os.fspath(new), "to")
    assert os.readlink(new / "to") == f"{tmp_path}/secret"


def test_a_copy_does_not_read_through_a_linked_parent(main: Path, new: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("not to be read")
    (main / "data").symlink_to(tmp_path / "outside")
    with pytest.raises(OkstraError):
        linking.copy(os.fspath(main), os.fspath(new), "data/secret")
    assert list(new.rglob("secret")) == []


def test_sockets_and_pipes_are_passed_over_and_named(main: Path, new: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (main / "run/a").mkdir(parents=True)
    os.mkfifo(main / "run/a/pipe")
    monkeypatch.chdir(main / "run")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        passed_over = linking.copy(os.fspath(main), os.fspath(new), "run")
    assert sorted(passed_over) == ["run/a/pipe", "run/socket"]
    assert sorted(snapshot(new)) == ["run", "run/a"]


def test_set_id_bits_are_not_copied(main: Path, new: Path) -> None:
    (main / "tool").write_text("#!/bin/sh\n")
    (main / "tool").chmod(0o6755)
    linking.copy(os.fspath(main), os.fspath(new), "tool")
    assert stat.S_IMODE((new / "tool").stat().st_mode) == 0o755


def test_the_remains_of_an_interrupted_copy_go_first(main: Path, new: Path) -> None:
    (main / "dir").mkdir()
    (main / "dir/a").write_text("whole")
    (new / rules.PARTIAL / "sealed").mkdir(parents=True)
    (new / rules.PARTIAL / "sealed/b").write_text("half")
    (new / rules.PARTIAL / "sealed").chmod(0o555)
    (new / rules.PARTIAL / "out").symlink_to(main)
    linking.copy(os.fspath(main), os.fspath(new), "dir")
    assert snapshot(new) == snapshot(main)


def test_a_copy_that_cannot_be_finished_leaves_nothing(main: Path, new: Path) -> None:
    (main / "dir").mkdir()
    (main / "dir/small").write_text("x")
    (main / "dir/large").write_bytes(b"x" * 300_000)
    script = f"""
import resource
from git_okstra.core.errors import OkstraError
from git_okstra.state import linking
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    linking.copy({str(main)!r}, {str(new)!r}, "dir")
except OkstraError as error:
    print(error.code, error.hint)
"""
    told = _python(script).require_success().out
    assert told.startswith("cannot-write make room")
    assert list(new.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="root alone can become somebody who may not read it")
def test_what_cannot_be_read_is_named_and_nothing_is_left(main: Path, new: Path) -> None:
    (main / "dir").mkdir()
    (main / "dir/key").write_text("secret")
    (main / "dir/key").chmod(0o600)
    new.chmod(0o777)
    main.parent.chmod(0o755)
    # Relative paths, since the somebody may not pass through the directories above.
    script = f"""
import os
from git_okstra.core.errors import OkstraError
from git_okstra.state import linking
os.chdir({str(main.parent)!r})
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    linking.copy("main", "new", "dir")
except OkstraError as error:
    print(error.code, error.message)
"""
    assert _python(script).require_success().out == "bad-link cannot copy 'dir/key': Permission denied\n"
    assert list(new.iterdir()) == []


def test_directories_without_end_are_refused_clearly(main: Path, new: Path) -> None:
    (main / "deep").mkdir()
    where = os.open(main / "deep", os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=where)
        below = os.open("d", os.O_RDONLY, dir_fd=where)
        os.close(where)
        where = below
    os.close(where)
    with pytest.raises(OkstraError) as refused:
        linking.copy(os.fspath(main), os.fspath(new), "deep")
    assert refused.value.code == "bad-link"
    assert list(new.iterdir()) == []


# -- info/exclude


def exclude_file(repository: ScratchRepository) -> Path:
    return repository.path / ".git/info/exclude"


@pytest.mark.parametrize(
    "before", [None, b"", b"*.o\n", b"*.o\n# no newline", b"a\r\nb\r\n", b"\xff\xfe \xed\x95\x9c\n\n\n"]
)
def test_the_block_comes_and_goes_and_leaves_every_byte(repository: ScratchRepository, before: bytes | None) -> None:
    file = exclude_file(repository)
    common_dir = f"{repository.path}/.git"
    file.unlink()
    if before is not None:
        file.write_bytes(before)
    assert linking.exclude(common_dir, ["/a", "/결제\\ ", "/a"]) == ["/a", "/결제\\ "]
    assert file.read_bytes().startswith(before or b"")
    inode = file.stat().st_ino
    assert linking.exclude(common_dir, ["/결제\\ ", "/a"]) == []
    assert file.stat().st_ino == inode  # not even written anew
    assert linking.exclude(common_dir, ["/a", "/b"]) == ["/b"]
    assert exclude_block.patterns(file.read_bytes()) == [b"/a", "/결제\\ ".encode(), b"/b"]
    assert linking.take_out_of_exclude(common_dir)
    assert (file.read_bytes() if file.exists() else None) == before
    assert not linking.take_out_of_exclude(common_dir)
    assert sorted(os.listdir(file.parent)) == ([] if before is None else ["exclude"])


def test_the_directory_info_is_made_when_it_is_missing(repository: ScratchRepository) -> None:
    exclude_file(repository).unlink()
    exclude_file(repository).parent.rmdir()
    linking.exclude(f"{repository.path}/.git", ["/a"])
    (repository.path / "a").write_text("")
    assert repository.git("status", "--porcelain") == ""


def test_mode_and_a_link_to_elsewhere_survive(repository: ScratchRepository, tmp_path: Path) -> None:
    elsewhere = tmp_path / "dotfiles-exclude"
    elsewhere.write_bytes(b"*.o\n")
    elsewhere.chmod(0o666)
    exclude_file(repository).unlink()
    exclude_file(repository).symlink_to(elsewhere)
    linking.exclude(f"{repository.path}/.git", ["/a"])
    assert exclude_file(repository).is_symlink()
    assert b"/a\n" in elsewhere.read_bytes()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o666


def test_processes_that_write_at_once_lose_no_name(
    repository: ScratchRepository, race: Callable[..., list[Ended]]
) -> None:
    before = exclude_file(repository).read_bytes()
    common_dir = f"{repository.path}/.git"
    script = "import sys; from git_okstra.state import linking; linking.exclude(sys.argv[1], [sys.argv[2], '/shared'])"
    for ended in race(12, lambda n: [sys.executable, "-c", script, common_dir, f"/{n}"]):
        ended.require_success()
    there = exclude_block.patterns(exclude_file(repository).read_bytes())
    assert sorted(there) == sorted([b"/shared", *(f"/{n}".encode() for n in range(12))])
    linking.take_out_of_exclude(common_dir)
    assert exclude_file(repository).read_bytes() == before


def _python(script: str) -> Ended:
    return processes.run([sys.executable, "-c", script])
