"""Writing: whole or not at all, durable, and clear about why not."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import files


def test_what_is_written_is_there_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "er" / "file"
    files.write_atomic(str(target), b"one", 0o600)
    files.write_atomic(str(target), b"two")
    assert files.read(str(target)) == b"two"
    assert os.listdir(target.parent) == ["file"]


def test_no_file_reads_as_none(tmp_path: Path) -> None:
    assert files.read(str(tmp_path / "none")) is None
    (tmp_path / "file").write_text("x")
    assert files.read(str(tmp_path / "file" / "below")) is None


def test_a_directory_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OkstraError) as caught:
        files.write_atomic(str(tmp_path / "there"), b"x")
    assert caught.value.code == "cannot-write"
    assert os.listdir(tmp_path) == ["there"]
    with pytest.raises(OkstraError) as caught:
        files.read(str(tmp_path / "there"))
    assert caught.value.code == "damaged-file"


def test_a_full_disk_leaves_the_old_content(tmp_path: Path) -> None:
    """The limit on file size makes write(2) fail as a full disk does."""
    target = tmp_path / "file"
    target.write_bytes(b"old")
    code = """
import resource, signal, sys
from git_okstra.core.errors import OkstraError
from git_okstra.state import files
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.write_atomic(sys.argv[1], b"x" * 5000)
except OkstraError as error:
    print(error.code, error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cannot-write make room")
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_a_temporary_file_is_never_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to(victim)
    with pytest.raises(OkstraError):
        files.write_atomic(str(tmp_path / "file"), b"theirs")
    assert victim.read_text() == "mine"


def test_a_file_that_the_user_named_is_written_over(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "file", tmp_path / "link", tmp_path / "pipe"
    link.symlink_to("file")
    files.write_named(str(link), b"one")
    target.chmod(0o640)
    files.write_named(str(link), b"two")
    assert link.is_symlink()
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"two", 0o640)
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files.write_named(str(pipe), b"three")
    assert os.read(reader, 10) == b"three"
    os.close(reader)
    files.write_named("/dev/null", b"four")
    assert sorted(os.listdir(tmp_path)) == ["file", "link", "pipe"]


def test_a_file_that_the_user_named_and_cannot_be_written(tmp_path: Path) -> None:
    for path, hint in (
        (tmp_path, "name another file"),
        (tmp_path / "a" / "b", f"make its directory: mkdir -p {tmp_path}/a"),
    ):
        with pytest.raises(OkstraError) as caught:
            files.write_named(str(path), b"x")
        assert (caught.value.code, caught.value.hint) == ("cannot-write", hint)
    assert os.listdir(tmp_path) == []


def test_an_appended_line_stands_alone_even_after_a_torn_one(tmp_path: Path) -> None:
    path = tmp_path / "log"
    files.append_line(str(path), b"one")
    files.append_line(str(path), b"two")
    assert path.read_bytes() == b"one\ntwo\n"
    path.write_bytes(b"one\ntw")
    files.append_line(str(path), b"three")
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    files.remove(str(tmp_path / "none"))


def test_the_beginning_of_a_file_is_that_of_a_file_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("some text")
    os.mkfifo(tmp_path / "pipe")
    assert files.beginning(f"{tmp_path}/file", 4) == b"some"
    assert files.beginning(f"{tmp_path}/pipe", 4) == files.beginning(f"{tmp_path}/none", 4) == b""
    with pytest.raises(OkstraError, match="is not a file"):
        files.read(f"{tmp_path}/pipe")


def test_a_draft_on_another_file_system_is_written_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed, real = [], os.rename

    def rename(source: str, target: str) -> None:
        renamed.append(source)
        if "/draft/" in source:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    files.write_atomic(f"{tmp_path}/file", b"text", draft=f"{tmp_path}/draft")
    assert (files.read(f"{tmp_path}/file"), len(renamed)) == (b"text", 2)
    assert sorted(os.listdir(tmp_path)) == ["draft", "file"]
    assert os.listdir(tmp_path / "draft") == []


@pytest.mark.parametrize("write", [files.write_atomic, files.write_named])
def test_who_is_interrupted_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[str, bytes], None]
) -> None:
    def interrupted(_fd: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "file").write_text("old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(f"{tmp_path}/file", b"new")
    assert (os.listdir(tmp_path), (tmp_path / "file").read_text()) == (["file"], "old")


def test_a_line_that_was_not_written_to_its_end_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_fd: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    files.append_line(f"{tmp_path}/log", b"one")
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OkstraError) as caught:
        files.append_line(f"{tmp_path}/log", b"two")
    assert caught.value.code == "cannot-write"
    assert files.read(f"{tmp_path}/log") == b"one\n"


def test_a_file_that_the_user_named_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o640)
    (tmp_path / "link").symlink_to("file")
    files.write_named(f"{tmp_path}/link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert ((tmp_path / "file").read_text(), (tmp_path / "file").stat().st_mode & 0o777) == ("new", 0o640)
    files.write_named(os.devnull, b"x")
    with pytest.raises(OkstraError) as caught:
        files.write_named(f"{tmp_path}/none/file", b"x")
    assert (caught.value.code, caught.value.hint) == ("cannot-write", f"make its directory: mkdir -p {tmp_path}/none")


def test_what_has_no_hard_link_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible(*_paths: str, **_options: bool) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    (tmp_path / "file").write_text("text")
    monkeypatch.setattr(os, "link", impossible)
    files.share(f"{tmp_path}/file", f"{tmp_path}/second")
    assert (tmp_path / "second").read_text() == "text"
    assert not files.is_same(f"{tmp_path}/file", f"{tmp_path}/second")


def test_nothing_is_written_into_a_directory_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ours").symlink_to("elsewhere")
    with pytest.raises(OkstraError, match="by a symbolic link") as caught:
        files.write_atomic(f"{tmp_path}/ours/file", b"x")
    assert (caught.value.code, os.listdir(tmp_path / "elsewhere")) == ("cannot-write", [])
