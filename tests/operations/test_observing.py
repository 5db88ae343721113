"""Every change that `status` or `conflicts` would show is noticed, and none is noticed where there was none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations.context import Context
from git_okstra.operations.observing import Observer
from support.repositories import ScratchRepository
from support.workbench import Ticket

Change = Callable[[Ticket, Path], object]

NOTICED: dict[str, Change] = {
    "a file is edited": lambda ticket, place: (place / "README.md").write_text("edited\n"),
    "a file is new": lambda ticket, place: (place / "new").write_text("new\n"),
    "a file is new in a directory that is new": lambda ticket, place: (place / "fresh" / "new").write_text("new\n"),
    "a file is made executable": lambda ticket, place: (place / "README.md").chmod(0o755),
    "a file is gone": lambda ticket, place: (place / "README.md").unlink(),
    "something is staged": lambda ticket, place: ticket.git("add", "--all", cwd=place),
    "a commit": lambda ticket, place: ticket.git("commit", "-q", "-m", "c", cwd=place),
    "the base moves": lambda ticket, place: ticket.repository.commit({"x": "x\n"}, "base"),
    "the refs are packed": lambda ticket, place: ticket.git("pack-refs", "--all"),
    "a stage is closed": lambda ticket, place: ticket.done(1),
    "a stage is opened": lambda ticket, place: ticket.open(2),
}


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    repository.commit({".gitignore": "*.o\n"}, "what is ignored")
    return Ticket(repository, Plan(tuple(PlannedStage(n, f"stage {n}", (), ("**",)) for n in (1, 2))))


def test_what_changes_is_noticed_and_nothing_else(ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    place = ticket.open(1)
    (place / "fresh").mkdir()
    (place / "fresh" / "first").write_text("first\n")
    (place / "built.o").write_text("built\n")
    observer = Observer(ticket.context(), ticket.task)
    observer.note()
    assert not observer.changed()
    ticket.git("--no-optional-locks", "status", cwd=place)
    (place / "built.o").write_text("built anew\n")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", "/nowhere")  # no git is needed to see that nothing changed
        assert not observer.changed()
    for what, change in NOTICED.items():
        change(ticket, place)
        assert observer.changed(), what
        observer.note()
        assert not observer.changed(), what
    assert not observer.over()


def test_a_store_that_is_gone_is_said(ticket: Ticket, repository: ScratchRepository) -> None:
    ctx: Context = ticket.context()
    observer = Observer(ctx, ticket.task)
    observer.note()
    os.rename(f"{repository.path}/.git/okstra/tasks", f"{repository.path}/.git/okstra/elsewhere")
    assert observer.changed()
    with pytest.raises(OkstraError) as refused:
        observer.note()
    assert refused.value.code == "no-such-task"
    os.rename(f"{repository.path}/.git/okstra", f"{repository.path}/.git/elsewhere")
    with pytest.raises(OkstraError) as refused:
        observer.note()
    assert refused.value.code == "not-a-repository"
