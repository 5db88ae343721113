"""How large a repository is, and whether git keeps a commit-graph of it."""

from __future__ import annotations

import pytest

from git_okstra.core import findings
from git_okstra.git import packs
from git_okstra.operations import doctor
from support.repositories import ScratchRepository
from support.workbench import Ticket


def test_what_is_packed_is_counted(repository: ScratchRepository) -> None:
    common = f"{repository.path}/.git"
    assert packs.objects(common) == 0
    for name in ("a", "b"):
        repository.commit({name: f"{name}\n"})
        repository.git("repack", "-q")
    (repository.path / ".git/objects/pack/pack-0.idx").write_bytes(b"\377tOc\0\0\0\2" + b"\0" * 90)
    known = repository.git("count-objects", "-v").split("in-pack: ")[1].split()[0]
    assert packs.objects(common) == int(known) > 0
    assert packs.objects(f"{repository.path}") == 0


def test_a_commit_graph_is_missed_where_git_would_use_one(repository: ScratchRepository) -> None:
    common = f"{repository.path}/.git"
    assert packs.lacks_commit_graph(common)
    (repository.path / ".git" / "shallow").touch()
    assert not packs.lacks_commit_graph(common)
    (repository.path / ".git" / "shallow").unlink()
    for how in ((), ("--split",)):
        repository.git("commit-graph", "write", "--reachable", *how)
        assert not packs.lacks_commit_graph(common), how
        repository.git("commit-graph", "verify")


def test_doctor_tells_of_it(repository: ScratchRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = Ticket(repository, None)
    repository.git("repack", "-q")
    assert doctor.examine(ticket.context()) == []
    monkeypatch.setattr("git_okstra.core.diagnosis.LARGE", 1)
    (note,) = doctor.examine(ticket.context())
    assert (note.code, note.severity, note.repairable) == ("no-commit-graph", findings.NOTE, False)
    repository.git("commit-graph", "write", "--reachable")
    assert doctor.examine(ticket.context()) == []
