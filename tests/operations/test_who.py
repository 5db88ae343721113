"""`who`: the last sign of life is the latest of the record, the commit, and what no commit holds."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from git_okstra.core import leases
from git_okstra.core.records import replace
from git_okstra.operations import claiming, who
from git_okstra.operations.context import Context
from support import plans
from support.belongings import Belongings
from support.repositories import ScratchRepository

PLAN = plans.of({1: (), 2: ()})
LONG_AGO = "2026-01-01T00:00:00Z"


def commit(ticket: Belongings, when: float) -> None:
    env = {"GIT_COMMITTER_DATE": f"@{int(when)} +0000", "GIT_AUTHOR_DATE": f"@{int(when)} +0000"}
    ticket.git("commit", "-q", "--allow-empty", "-m", "x", cwd=ticket.path(1), env=env)


@pytest.fixture
def ticket(repository: ScratchRepository) -> Belongings:
    """A task whose stage 1 was taken long ago, and in which nothing has happened since."""
    made = Belongings(repository, PLAN)
    made.open(1)
    commit(made, datetime.fromisoformat(LONG_AGO).timestamp())
    entry = made.entry(1)
    assert entry is not None
    ctx = made.context()
    with ctx.registry.locked():
        record = ctx.registry.record(made.task.key)
        assert record is not None
        ctx.registry.save(claiming.with_reservation(record, replace(entry, since=LONG_AGO, pid=0, pid_start=0)))
    return made


def stage(ticket: Belongings) -> who.Holder:
    (held,) = who.who(ticket.context())
    assert [one.number for one in held.holders] == [0, 1]
    return held.holders[1]


def stamp(when: float) -> str:
    return datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_nothing_seen_but_the_record(ticket: Belongings) -> None:
    one = stage(ticket)
    assert (one.active, one.state, one.alive, one.lease) == (LONG_AGO, "open", None, leases.NONE)
    assert one.idle >= time.time() - datetime.fromisoformat(LONG_AGO).timestamp() - 60


@pytest.mark.parametrize("name", ["new", "deep/er/new", "README.md"])
def test_a_changed_or_untracked_file_is_a_sign_of_life(ticket: Belongings, name: str) -> None:
    file = ticket.path(1) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("changed\n")
    when = int(time.time()) - 60
    os.utime(file, (when, when))
    for directory in Path(name).parents:
        os.utime(ticket.path(1) / directory, (when - 60, when - 60))
    one = stage(ticket)
    assert one.active == stamp(when)
    assert 60 <= one.idle < 120


def test_a_commit_is_a_sign_of_life_and_one_of_the_future_is_none(ticket: Belongings) -> None:
    when = int(time.time()) - 300
    commit(ticket, when)
    assert stage(ticket).active == stamp(when)
    commit(ticket, when + 10_000_000)
    assert stage(ticket).active == LONG_AGO


def test_where_nothing_was_ever_started_nobody_holds_anything(repository: ScratchRepository) -> None:
    assert who.who(Context(os.fspath(repository), os.environ)) == []


def test_only_one_task_and_none_at_all(ticket: Belongings) -> None:
    (held,) = who.who(ticket.context(), ticket.task)
    assert held.task.key == ticket.task.key
    ticket.remove(force_unmerged=True)
    assert who.who(ticket.context()) == []
