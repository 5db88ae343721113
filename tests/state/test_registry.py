"""The registry: what is written is read, damage is named, the branch index follows, cost does not grow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import ACTIVE, RESERVING, Reservation, TaskRecord
from git_okstra.state.registry import Registry

KEY = TaskKey("shop", "dev", "dev-1")


def reservation(number: int, branch: str = "", **more: object) -> Reservation:
    fields: dict[str, object] = {
        "state": ACTIVE,
        "owner": "ann",
        "branch": branch or f"feat-dev-1-s{number}",
        "path": f"/w/{number}",
        "base": "c0ffee",
        "since": "2026-11-22T08:00:00Z",
        "pid": 7,
        "pid_start": 9,
        **more,
    }
    return Reservation(number, **fields)  # type: ignore[arg-type]


def record(*held: Reservation, key: TaskKey = KEY) -> TaskRecord:
    return TaskRecord(key, "DEV-1", "feat", "feat-dev-1", "/r/.git", {one.number: one for one in held})


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(str(tmp_path / "home"))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(owner=TEXT, path=TEXT, state=st.sampled_from([ACTIVE, RESERVING]), flags=st.tuples(st.booleans(), st.booleans()))
def test_what_is_written_is_read(
    registry: Registry, owner: str, path: str, state: str, flags: tuple[bool, bool]
) -> None:
    wanted = record(reservation(0, "feat-dev-1"), reservation(3, owner=owner, path=path, state=state))
    wanted = record(*wanted.reservations.values(), reservation(4, in_place=flags[0], flat=flags[1], trash="t"))
    with registry.locked():
        registry.save(wanted)
    assert registry.record(KEY) == wanted
    assert list(registry.records("shop")) == [wanted]


def test_nothing_is_there_at_first(registry: Registry) -> None:
    assert registry.record(KEY) is None
    assert list(registry.records()) == []
    assert registry.branch_holder("shop", "feat-dev-1") is None
    assert registry.repositories("shop") is None


def test_the_branch_index_follows_the_record(registry: Registry) -> None:
    with registry.locked():
        registry.save(record(reservation(0, "feat-dev-1"), reservation(3)))
        assert registry.branch_holder("shop", "feat-dev-1-s3") == KEY
        registry.save(record(reservation(0, "feat-dev-1")))
        registry.forget_branch("shop", "feat-dev-1-s3")
        assert registry.branch_holder("shop", "feat-dev-1-s3") is None
        assert registry.branch_holder("shop", "feat-dev-1") == KEY
        registry.save(record())
        registry.forget_branch("shop", "feat-dev-1")
    assert registry.branch_holder("shop", "feat-dev-1") is None
    assert registry.record(KEY) is None
    left = list(Path(registry.root).rglob("*.json"))
    assert left == []


def test_a_stale_branch_index_is_not_believed(registry: Registry) -> None:
    with registry.locked():
        registry.save(record(reservation(3)))
    Path(registry.record_path(KEY)).unlink()
    assert registry.branch_holder("shop", "feat-dev-1-s3") is None


@pytest.mark.parametrize("branch", ["feature/a/b", "x" * 240, "결제-12"])
def test_branches_of_any_shape_are_found(registry: Registry, branch: str) -> None:
    with registry.locked():
        registry.save(record(reservation(0, branch)))
    assert registry.branch_holder("shop", branch) == KEY


def test_a_newer_format_is_refused_and_left_alone(registry: Registry) -> None:
    with registry.locked():
        registry.save(record(reservation(3)))
    path = Path(registry.record_path(KEY))
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "format": 2, "new": True}))
    before = path.read_bytes()
    with pytest.raises(OkstraError) as caught:
        registry.record(KEY)
    assert caught.value.code == "newer-format"
    assert path.read_bytes() == before
    assert [error.code for _, error in registry.damaged()] == ["newer-format"]
    assert list(registry.records()) == []


def test_a_record_cut_at_any_byte_is_named_or_whole(registry: Registry) -> None:
    with registry.locked():
        registry.save(record(reservation(3)))
    path = Path(registry.record_path(KEY))
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        try:
            assert registry.record(KEY) == record(reservation(3))
        except OkstraError as error:
            assert error.code == "damaged-file"
            assert "doctor --repair" in error.hint


@pytest.mark.parametrize(
    "text", ["[]", "null", '{"format": 1}', "\x00", '{"reservations": [1]}', "[" * 100_000, '{"key": "a/b"}']
)
def test_nonsense_is_damage_not_a_traceback(registry: Registry, text: str) -> None:
    path = Path(registry.record_path(KEY))
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(OkstraError) as caught:
        registry.record(KEY)
    assert caught.value.code == "damaged-file"


def test_a_record_in_the_wrong_place_is_not_believed(registry: Registry) -> None:
    with registry.locked():
        registry.save(record(reservation(3)))
    other = Path(registry.record_path(TaskKey("shop", "dev", "dev-2")))
    other.write_bytes(Path(registry.record_path(KEY)).read_bytes())
    with pytest.raises(OkstraError) as caught:
        registry.record(TaskKey("shop", "dev", "dev-2"))
    assert caught.value.code == "damaged-file"


def test_the_files_are_the_users_alone(registry: Registry) -> None:
    with registry.locked():
        registry.save(record(reservation(3)))
    assert Path(registry.record_path(KEY)).stat().st_mode & 0o077 == 0
    for path in (Path(registry.home), Path(registry.root), Path(registry.root) / "lock"):
        assert path.stat().st_mode & 0o077 == 0
