"""The store says which of its files is damaged, and forgets only what never came to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Task
from git_okstra.state.store import Store

TASK = Task(TaskKey("shop", "dev", "dev-1"), "DEV-1", "feat", "feat-dev-1", "main", "1" * 40, "2026-01-01T00:00:00Z")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(f"{tmp_path}")
    found.save_task(TASK)
    return found


def test_a_task_is_read_as_it_was_written(store: Store) -> None:
    assert store.task(*TASK.key) == TASK


def test_a_field_of_another_type_is_damage(store: Store) -> None:
    path = Path(store.task_directory("dev", "dev-1"), "task.toml")
    path.write_text(path.read_text().replace('category = "feat"', "category = 7"))
    with pytest.raises(OkstraError) as caught:
        store.task(*TASK.key)
    assert (caught.value.code, f"{path}" in caught.value.message) == ("damaged-file", True)


def test_an_identity_that_says_nothing_is_damage(store: Store) -> None:
    store.save_json(f"{store.root}/identity.json", {})
    with pytest.raises(OkstraError, match="does not say which project this is") as caught:
        store.identity()
    assert caught.value.code == "damaged-file"


def test_a_task_with_a_journal_is_not_forgotten(store: Store) -> None:
    journal = Path(store.task_directory("dev", "dev-1"), "journal.jsonl")
    journal.write_text("")
    store.forget_task("dev", "dev-1")
    assert store.task(*TASK.key) == TASK
    journal.unlink()
    store.forget_task("dev", "dev-1")
    assert store.task(*TASK.key) is None
