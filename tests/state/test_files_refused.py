"""Every way of writing says why it could not, with what to do next, and leaves what stood there as it was."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import files


def _logged(path: str) -> None:
    with files.Log(path) as log:
        log.write(b"x")


WAYS: dict[str, Callable[[str], None]] = {
    "directory": files.make_directory,
    "whole": lambda path: files.write_atomic(path, b"x"),
    "plain": lambda path: files.write_plain(path, b"x"),
    "line": lambda path: files.append_line(path, b"x"),
    "log": _logged,
    "link": lambda path: files.link("target", path),
    "date": lambda path: files.date(path, 0),
    "move": lambda path: files.move(f"{os.path.dirname(path)}-source", path),
    "share": lambda path: files.share(f"{os.path.dirname(path)}-source", path),
    "remove": files.remove,
}


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A directory `there` with a file `file` and a directory `directory`; `there-source` is a file to move or share."""
    there = tmp_path / "there"
    (there / "directory").mkdir(parents=True)
    (there / "directory" / "kept").write_text("kept")
    (there / "file").write_text("file")
    (tmp_path / "there-source").write_text("source")
    return there


def _all(top: Path) -> dict[str, str]:
    return {f"{path}": path.read_text() for path in sorted(top.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("way", WAYS)
def test_a_file_where_its_directory_belongs(beside: Path, way: str) -> None:
    before = _all(beside.parent)
    with pytest.raises(OkstraError) as caught:
        WAYS[way](f"{beside}/file/below")
    assert caught.value.code == "cannot-write"
    assert f"{beside}/file" in caught.value.message
    assert _all(beside.parent) == before


@pytest.mark.parametrize("way", ["whole", "plain", "line", "log", "link", "move", "remove"])
def test_a_directory_where_the_file_belongs(beside: Path, way: str) -> None:
    before = _all(beside.parent)
    with pytest.raises(OkstraError) as caught:
        WAYS[way](f"{beside}/directory")
    assert caught.value.code == "cannot-write"
    assert caught.value.hint
    assert _all(beside.parent) == before


@pytest.mark.parametrize("way", ["log", "link"])
def test_what_is_to_be_new_takes_the_place_of_nothing(beside: Path, way: str) -> None:
    with pytest.raises(OkstraError) as caught:
        WAYS[way](f"{beside}/file")
    assert caught.value.code == "cannot-write"
    assert (beside / "file").read_text() == "file"


@pytest.mark.parametrize(
    ("way", "written"), [("plain", "x"), ("line", "file\nx\n"), ("whole", "x"), ("move", "source")]
)
def test_a_file_that_is_there_is_written(beside: Path, way: str, written: str) -> None:
    WAYS[way](f"{beside}/file")
    assert (beside / "file").read_text() == written


@pytest.mark.parametrize("way", ["plain", "line", "log"])
def test_nothing_is_written_through_a_link(beside: Path, way: str) -> None:
    (beside / "link").symlink_to("file")
    with pytest.raises(OkstraError) as caught:
        WAYS[way](f"{beside}/link")
    assert caught.value.code == "cannot-write"
    assert (beside / "file").read_text() == "file"


def test_a_log_grows_piece_by_piece(tmp_path: Path) -> None:
    with files.Log(f"{tmp_path}/runs/log") as log:
        log.write(b"one ")
        log.write(b"two")
        assert files.read(f"{tmp_path}/runs/log") == b"one two"
    with pytest.raises(OkstraError) as caught:
        log.write(b"three")
    assert caught.value.code == "cannot-write"


def test_what_is_shared_is_one_file_and_a_date_is_of_both(beside: Path) -> None:
    WAYS["share"](f"{beside}/second")
    assert files.is_same(f"{beside}-source", f"{beside}/second")
    files.date(f"{beside}/second", 1_000_000_000)
    assert os.stat(f"{beside}-source").st_mtime_ns == 1_000_000_000
    assert not files.is_same(f"{beside}/second", f"{beside}/file")
    assert not files.is_same(f"{beside}/second", f"{beside}/gone")


def test_a_tree_of_derived_files_goes_with_its_links_and_not_what_they_lead_to(beside: Path) -> None:
    (beside / "directory" / "out").symlink_to(beside.parent)
    (beside / "directory" / "deeper").mkdir()
    files.remove_tree(f"{beside}/directory")
    assert sorted(os.listdir(beside)) == ["file"]
    assert (beside.parent / "there-source").exists()
    files.remove_tree(f"{beside}/directory")  # gone already


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EEXIST, "something else stands there"),
        (errno.ENOTDIR, "something else stands there"),
        (errno.ENOSPC, "make room"),
        (errno.EDQUOT, "make room"),
        (errno.EROFS, "make it writable"),
        (errno.EACCES, "make it writable"),
        (errno.EIO, "when the cause is gone"),
    ],
)
def test_the_hint_is_about_the_cause(number: int, said: str) -> None:
    error = files.cannot_write("/some/file", OSError(number, os.strerror(number)))
    assert (error.code, said in (error.hint or "")) == ("cannot-write", True)
    assert os.strerror(number) in error.message
