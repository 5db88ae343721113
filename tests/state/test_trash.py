"""What lies in the trash: read when it is whole, deleted whatever its permissions, and never half gone from sight."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import ACTIVE, Reservation, Task
from git_okstra.state import trash
from git_okstra.state.store import Store

ID = "20260102T030405Z-dev-1-s1"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Of an imagined repository: nothing here asks git."""
    return Store(f"{tmp_path}")


def entry(trash_id: str = ID, **changed: str | int | None) -> trash.Entry:
    """A stage in the trash."""
    task = Task(
        TaskKey("shop", "dev", "dev-1"), "DEV-1", "feat", "feat-dev-1", "main", "1" * 40, "2026-01-01T00:00:00Z"
    )
    reservation = Reservation(1, ACTIVE, "ada", "feat-dev-1-s1", "/w/dev-1-s1", "1" * 40, "2026-01-02T03:00:00Z", 7, 8)
    fields = {"removed_at": "2026-01-02T03:04:05Z", "removed_by": "ada", "tip": "2" * 40, "path": "/w/dev-1-s1"}
    return trash.Entry(trash_id, task, reservation, "remove", **{**fields, **changed})  # type: ignore[arg-type]


def test_what_is_written_is_read_again(store: Store) -> None:
    trash.save(store, entry(place="/w/.trash/x", admin="dev-1-s1", uncommitted=3))
    found = trash.load(store, ID)
    assert found == entry(place="/w/.trash/x", admin="dev-1-s1", uncommitted=3)
    assert found is not None
    assert (found.number, found.branch, found.owner, found.key.task) == (1, "feat-dev-1-s1", "ada", "dev-1")
    assert trash.load(store, "another") is None


def test_what_does_not_say_when_it_came_never_gets_old() -> None:
    assert entry().removed == 1767323045
    assert entry(removed_at="long ago").removed == float("inf")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace('"tip"', '"top"'),
        lambda text: text.replace('"ada"', "7", 1),
        lambda text: text.replace('"admin": ""', '"admin": "../../../home"'),
        lambda text: text[:100],
        lambda text: "[]",
    ],
)
def test_a_damaged_entry_is_named_and_hides_no_other(store: Store, damage: object) -> None:
    assert callable(damage)
    trash.save(store, entry())
    trash.save(store, entry("20260102T030406Z-dev-1-s1"))
    path = Path(store.trash_path(ID), "entry.json")
    path.write_text(damage(path.read_text()))
    with pytest.raises(OkstraError) as caught:
        trash.load(store, ID)
    assert (caught.value.code, f"{path}" in caught.value.message) == ("damaged-file", True)
    assert [found.id for found in trash.entries(store)] == ["20260102T030406Z-dev-1-s1"]


def test_an_id_is_nobodys_else(store: Store, tmp_path: Path) -> None:
    key, now = entry().key, "2026-01-02T03:04:05Z"
    first = trash.free_id(store, now, key, 1, f"{tmp_path}/trash")
    assert first == "20260102T030405-dev-1-s1"
    trash.save(store, entry(first))
    (tmp_path / "trash" / f"{first}.2").mkdir(parents=True)
    assert trash.free_id(store, now, key, 1, f"{tmp_path}/trash") == f"{first}.3"


def test_an_entry_that_is_discarded_is_gone_with_what_may_not_be_written(store: Store) -> None:
    trash.save(store, entry())
    locked = Path(trash.admin_path(store, ID), "cache")
    locked.mkdir(parents=True)
    (locked / "file").write_text("x")
    locked.chmod(0o500)
    left = Path(store.root, "trash", f".gone-{ID}")
    left.mkdir()  # of one that was killed on its way
    trash.discard(store, ID)
    assert os.listdir(f"{store.root}/trash") == []
    trash.discard(store, ID)


def test_a_link_is_deleted_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "link").symlink_to(tmp_path / "kept")
    trash.delete_tree(f"{tmp_path}/gone")
    assert os.listdir(tmp_path) == ["kept"]
    trash.delete_tree(f"{tmp_path}/gone")


def test_what_cannot_be_put_out_of_sight_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    trash.save(store, entry())

    def refused(_source: str, _target: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(OkstraError) as caught:
        trash.discard(store, ID)
    assert caught.value.code == "cannot-write"
    monkeypatch.undo()
    assert trash.load(store, ID) == entry()


def test_what_cannot_be_deleted_at_first_is_tried_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone" / "deep").mkdir(parents=True)
    (tmp_path / "gone" / "deep" / "file").write_text("x")
    refused: list[str] = []
    real = os.unlink

    def unlink(path: str, *, dir_fd: int | None = None) -> None:
        if not refused:
            refused.append(path)
            raise PermissionError(13, "Permission denied")
        real(path, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", unlink)
    trash.delete_tree(f"{tmp_path}/gone")
    assert (refused, os.listdir(tmp_path)) == (["file"], [])
