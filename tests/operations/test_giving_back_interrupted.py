"""Killed at every point, and run beside each other: removing and bringing back lose nothing, and nothing twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core import journal
from git_okstra.operations import prune, releasing, stage
from git_okstra.state import locks, trash
from support import plans, preloaded
from support.belongings import Belongings, state
from support.processes import Ended
from support.repositories import ScratchRepository
from support.workbench import Snapshot

PLAN = plans.of({1: (), 2: (1,), 3: ()})


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    """Stage 1 is open, with a commit and everything that no commit holds."""
    ticket = Belongings(repository, PLAN)
    ticket.open(1)
    ticket.commit(1)
    ticket.leave_in(1)
    return ticket


Crash = Callable[..., Ended]


def require_whole(ticket: Belongings, before: dict[str, object], point: str) -> str:
    """Stage 1 is there as it was, or can be brought back as it was; which of the two. Nothing is half done."""
    entry = ticket.entry(1)
    if entry is None:
        (one,) = ticket.listed()
        ticket.restore(one.id)
        found = "in the trash"
    else:
        assert (entry.state, entry.purpose, entry.trash) == ("active", "", ""), point
        found = "there"
    assert ticket.belongings(1) == before, point
    assert ticket.listed() == [], point
    assert ticket.refs("refs/okstra") == {}, point
    assert ticket.history.stage(1).state == journal.OPEN, point
    assert list(Path(ticket.context().store.root, "trash").glob("*")) == [], point
    assert list(Path(os.environ["OKSTRA_HOME"], "worktrees", ".trash").glob("*")) == [], point
    assert ticket.git("fsck", "--no-dangling", "--no-progress") == "", point
    return found


def killed_at(
    ticket: Belongings, keep: Path, okstra: Any, crash: Crash, words: tuple[str, ...], step: int
) -> list[tuple[str, Callable[[], None]]]:
    """The points of a command, each with what kills a fresh run there; every `step`-th and all between the renames."""
    before = Snapshot(ticket, keep)
    points = preloaded.crash_points(okstra.words(*words), cwd=ticket.repository)
    before.restore()

    def kill(number: int) -> Callable[[], None]:
        def run() -> None:
            before.restore()
            assert crash(okstra.words(*words), at=number, cwd=ticket.repository).killed, points[number - 1]

        return run

    wanted = [
        number
        for number in range(1, len(points) + 1)
        if number % step == 0
        or points[number - 1].startswith(("rename admin", "rename worktree", "append", "git update"))
    ]
    return [(f"{number}: {points[number - 1]}", kill(number)) for number in wanted]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("verb", ["remove", "abandon"])
def test_what_a_killed_removal_leaves_is_settled_by_whoever_meets_it(
    ticket: Belongings, okstra: Any, crash: Crash, tmp_path: Path, verb: str
) -> None:
    """By somebody who opens the stage: he gets the stage that was not removed after all, or is given a fresh one."""
    before = ticket.belongings(1)
    words = ("remove", "1", "-f", "-D") if verb == "remove" else ("abandon", "1", "-f")
    seen = set()
    for point, kill in killed_at(ticket, tmp_path / "kept", okstra, crash, words, 12):
        kill()
        releasing.settle(ticket.context(), ticket.task.key, 1)
        seen.add(require_whole(ticket, before, point))
        kill()
        assert stage.open_stage(ticket.context(), ticket.task, 1).path == f"{ticket.path(1)}", point
        if ticket.listed():
            ticket.remove(1)
            ticket.restore(ticket.listed()[1].id)
            # what was opened in between is in the trash, too
            assert {one.record.state for one in ticket.listed() if one.record} == {journal.OPEN}, point
        assert ticket.belongings(1)["files"] == before["files"], point
    assert seen == {"there", "in the trash"}


@pytest.mark.timeout(600)
def test_a_killed_restoration_is_finished_or_stays_in_the_trash(
    ticket: Belongings, okstra: Any, crash: Crash, tmp_path: Path
) -> None:
    before = ticket.belongings(1)
    (gone,) = ticket.remove(1, force_dirty=True, force_unmerged=True)
    seen = set()
    for point, kill in killed_at(ticket, tmp_path / "kept", okstra, crash, ("restore", gone.trash), 3):
        kill()
        releasing.settle(ticket.context(), ticket.task.key, 1)
        seen.add(require_whole(ticket, before, point))
        kill()
        assert ticket.restore(gone.trash).path == f"{ticket.path(1)}", point
        assert require_whole(ticket, before, point) == "there"
        assert len(ticket.events("restored")) == 1, point
    assert seen == {"there", "in the trash"}


@pytest.mark.timeout(600)
def test_a_killed_emptying_goes_on_and_nothing_comes_back_by_halves(
    ticket: Belongings, okstra: Any, crash: Crash, tmp_path: Path
) -> None:
    (gone,) = ticket.remove(1, force_dirty=True, force_unmerged=True)
    (entry,) = ticket.listed()
    ticket.repository.git("config", "--global", "x.y", "z")
    okstra("config", "set", "trash.keep", "0s", cwd=ticket.repository)
    for point, kill in killed_at(ticket, tmp_path / "kept", okstra, crash, ("prune",), 3):
        kill()
        if ticket.listed():  # it was not claimed yet, so it is whole
            assert (Path(entry.place) / ".env").exists(), point
        prune.prune(ticket.context())
        assert trash.entries(ticket.context().store) == [], point
        assert list(Path(ticket.context().store.root, "trash").iterdir()) == [], point
        assert not Path(entry.place).parent.exists(), point
        assert ticket.refs("refs/okstra") == {}, point
    assert gone.trash == entry.id


def test_of_many_who_remove_one_stage_one_does(
    ticket: Belongings, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    ended = race(8, lambda _: okstra.words("remove", "1", "-f", "-D", "--json"), cwd=ticket.repository)
    done = [one.json()["removed"][0]["trash"] for one in ended if one.status == 0]
    assert len(done) == 1, [f"{one}" for one in ended]
    assert {one.error for one in ended if one.status} <= {"busy", "stage-not-open"}
    assert [one.id for one in ticket.listed()] == done
    assert len(ticket.events("removed")) == 1


def test_of_many_who_bring_one_stage_back_one_does(
    ticket: Belongings, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    before = ticket.belongings(1)
    (gone,) = ticket.remove(1, force_dirty=True, force_unmerged=True)
    who = race(
        8,
        lambda _: okstra.words("restore", gone.trash, "--json"),
        cwd=ticket.repository,
        env=lambda number: {"OKSTRA_OWNER": f"agent-{number}"},
    )
    (owner,) = [number for number, one in enumerate(who) if one.status == 0]
    assert {one.error for one in who if one.status} <= {"busy", "held", "no-such-trash", "restore-blocked"}
    entry = ticket.entry(1)
    assert entry is not None
    assert entry.owner == f"agent-{owner}"
    assert ticket.belongings(1) == before


def test_stages_are_removed_and_opened_at_once(
    ticket: Belongings, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    """Some open stage 3 while others remove it: each gets a whole one or a clear answer, and at the end all agrees."""
    words = [("stage", "3", "--json"), ("remove", "3", "--json")]
    ended = race(16, lambda number: okstra.words(*words[number % 2]), cwd=ticket.repository)
    for one in ended:
        assert one.status == 0 or one.error in ("busy", "stage-not-open", "worktree-missing"), f"{one}"
    entry = ticket.entry(3)
    if entry is not None:
        assert entry.state == "active"
        assert (ticket.path(3) / "README.md").exists()
        assert ticket.git("status", "--porcelain", cwd=ticket.path(3)) == ""
    else:
        assert not ticket.path(3).exists()
    opened = len([event for event in ticket.events("started") if event.stage == 3])
    removed = len([event for event in ticket.events("removed") if event.stage == 3])
    assert opened == removed + (entry is not None)
    assert len(ticket.listed()) == removed


def test_a_removal_that_a_live_process_is_at_is_not_touched(ticket: Belongings) -> None:
    ctx = ticket.context()
    (gone,) = ticket.remove(1, force_dirty=True, force_unmerged=True)
    ticket.restore(gone.trash)
    reservation = ticket.entry(1)
    assert reservation is not None
    hold, going = releasing._begin(ctx, ticket.task, reservation, "remove")
    before = state(ticket.repository, ticket.path(1))
    assert releasing.settle(ticket.context(), ticket.task.key, 1) is None
    assert ticket.entry(1) == going
    assert state(ticket.repository, ticket.path(1)) == before
    assert locks.is_held(hold.path)
    hold.drop()
    assert releasing.settle(ticket.context(), ticket.task.key, 1) is None
    assert ticket.entry(1) == replace(reservation, pid=going.pid, pid_start=going.pid_start)
