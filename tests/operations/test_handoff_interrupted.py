"""`handoff` killed between any two steps: the next one goes on, and comes to the end of one that was not disturbed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from support import preloaded, tickets
from support.handing import Desk, Kept
from support.workbench import Snapshot


@pytest.fixture
def desk(handing: Kept, monkeypatch: pytest.MonkeyPatch) -> Desk:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-01-02T03:04:05Z")
    return handing.again(monkeypatch)


def outcome(desk: Desk) -> dict[str, Any]:
    """Everything that must not depend on how often the hand-off was interrupted."""
    backups = desk.git("for-each-ref", "--format=%(objectname)", "refs/okstra/backup").split()
    return {
        "left over": [path for path in tickets.leftovers(desk.repository) if not path.endswith(".tmp")],
        "here": desk.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"),
        "there": desk.remote("for-each-ref", "--format=%(refname) %(objectname)"),
        "backups": backups,
        "squashed": [(event.data["old"], event.data["new"]) for event in desk.events("squashed")],
        "handed off": [
            (event.data["action"], event.data["head"], event.data.get("commit")) for event in desk.events("handed-off")
        ],
        "phases": [(event.data["from"], event.data["to"]) for event in desk.events("phase")],
        "phase": desk.phase,
        "files": desk.git("status", "--porcelain", "--ignored", cwd=desk.path()),
    }


PULL_REQUEST = ["--action", "pr", "--pr-base", "main", "--squash", "--yes"]
COMMIT = ["--action", "commit", "--message-file", "message", "--yes"]


@pytest.mark.parametrize(
    ("words", "part", "parts"),
    # In the first quarter nothing is written yet; and up to the commit, "commit" does what the other one does.
    [(PULL_REQUEST, 2, 4), (PULL_REQUEST, 3, 4), (PULL_REQUEST, 4, 4), (COMMIT, 2, 2)],
    ids=["squash, push 2", "squash, push 3", "squash, push 4", "commit"],
)
def test_killed_at_any_point_a_second_hand_off_comes_to_the_same_end(
    desk: Desk, okstra: Any, words: list[str], part: int, parts: int, tmp_path: Path
) -> None:
    if "commit" in words:
        (desk.path() / "CHANGELOG.md").write_text("vouchers\n")
        desk.git("add", "CHANGELOG.md", cwd=desk.path())
        (desk.path() / "message").write_text("mine\n")
        (desk.repository.path / ".git/info/exclude").write_text("message\n")
    before = Snapshot(desk, tmp_path / "kept")
    before.places.append((Path(f"{desk.remote.cwd}"), tmp_path / "kept-remote"))
    shutil.copytree(*before.places[-1])
    command = okstra.words("handoff", *words)
    points = preloaded.crash_points(command, cwd=desk.path())
    undisturbed = outcome(desk)
    assert len(undisturbed["handed off"]) == 1
    assert not any("handoff.json" in point for point in points[: len(points) // 4])
    record = Path(desk.context().store.handoff_path("dev", "dev-1"))
    went_on = 0
    for point in before.deaths(command, desk.path(), points, part, parts):
        if not desk.events("handed-off") or record.exists():
            # What was chosen need not be said again, once it is written down.
            begun = record.exists()
            went_on += begun
            okstra("handoff", *([] if begun else words), cwd=desk.path())
        assert outcome(desk) == undisturbed, point
    assert went_on
