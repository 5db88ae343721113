"""What is settled when a repository or a task is first used, and what is said to whoever asks for something else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.operations import doctor, projects, restore, stage, start
from git_okstra.operations import plans as planning
from git_okstra.operations.context import Context
from git_okstra.state.registry import Registry
from support import plans, tickets
from support.belongings import Belongings, refusal
from support.processes import Where
from support.repositories import Git, ScratchRepository, make_repository
from support.tickets import Command


def context(where: Where, **env: str) -> Context:
    return Context(os.fspath(where), {**os.environ, **env})


def codes(where: Where, **env: str) -> list[str]:
    return [finding.code for finding in doctor.examine(context(where, **env))]


# -- the home


@pytest.mark.parametrize("inside", ["okstra", "deep/er/okstra", "../wt/okstra"])
def test_a_home_inside_a_worktree_of_the_repository_is_refused(
    repository: ScratchRepository, git: Git, inside: str
) -> None:
    repository.git("worktree", "add", "-q", "-b", "side", "../wt")
    home = os.path.normpath(repository.path / inside)
    for dry_run in (True, False):
        request = start.Request("feat", "DEV-1", base="main", dry_run=dry_run)
        error = refusal(lambda: start.start(context(repository, OKSTRA_HOME=home), request))  # noqa: B023 (called here)
        assert error.code == "bad-config"
        assert f"'{home}', lies in the worktree '" in error.message
    assert not os.path.exists(home)
    # an unrelated repository may have it there, and so may git's own directory
    for place in (f"{make_repository(repository.path.parent / 'other')}", f"{repository.path}/.git"):
        start.start(context(repository, OKSTRA_HOME=f"{place}/okstra"), start.Request("feat", place[-5:], base="main"))


def test_doctor_tells_of_a_home_that_lies_inside_already(repository: ScratchRepository) -> None:
    ticket = Belongings(repository, plans.of({1: ()}))
    away = tickets.home()
    inside = repository.path / "okstra"
    assert codes(repository) == []
    away.rename(inside)
    found = codes(repository, OKSTRA_HOME=os.fspath(inside))
    assert "home-inside" in found
    error = refusal(lambda: _open(ticket, inside))
    assert error.code == "bad-config"


def _open(ticket: Belongings, home: Path) -> None:
    stage.open_stage(ticket.context(OKSTRA_HOME=os.fspath(home)), ticket.task, 1)


# -- the project id


def test_a_dry_run_in_another_repository_of_the_same_name_foretells_its_own_id(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    tickets.start(okstra, repository, None, "DEV-1")
    (tmp_path / "elsewhere").mkdir()
    other = make_repository(tmp_path / "elsewhere" / "shop")
    other.git("commit", "-q", "--amend", "-m", "another first commit")
    foretold = okstra("init", "--dry-run", cwd=other)
    assert foretold.out == "shop-2\n"
    assert "another repository is called 'shop' already, so this one is called 'shop-2'" in foretold.err
    words = ["start", "feat", "DEV-1", "--base", "main"]
    dry = okstra(*words, "--dry-run", cwd=other)
    assert not (other.path / ".git" / "okstra" / "identity.json").exists()
    assert Registry(f"{tickets.home()}").repositories("shop-2") is None
    assert okstra(*words, cwd=other).out == dry.out
    assert "/shop-2/" in dry.out
    assert okstra("init", "--dry-run", cwd=other).out == "shop-2\n"


def test_an_id_that_is_set_too_late_is_told_of(repository: ScratchRepository, okstra: Command) -> None:
    tickets.start(okstra, repository)
    okstra("config", "set", "project.id", "store", cwd=repository)
    told = "project.id is 'store', but this repository keeps the id 'shop', under which it was first used"
    assert told in okstra("init", cwd=repository).err
    assert told in okstra("start", "feat", "DEV-1", cwd=repository).err
    (finding,) = doctor.examine(context(repository))
    assert (finding.code, finding.severity) == ("project-id-unused", "note")
    okstra("config", "set", "project.id", "Shop", cwd=repository)
    assert (codes(repository), okstra("init", cwd=repository).err.count("project.id")) == ([], 0)


@pytest.mark.parametrize(
    ("project", "configured", "unused"),
    [("shop", "", False), ("shop", "Shop", False), ("shop-2", "shop", False), ("shop", "shop-2", True),
     ("shop-two", "shop", True), ("shop", "other", True)],
)  # fmt: skip
def test_a_suffix_is_no_other_id(project: str, configured: str, unused: bool) -> None:
    assert projects.unused_id(project, configured) is unused


# -- the task


def test_what_a_second_start_cannot_change_is_said(okstra: Command, repository: ScratchRepository) -> None:
    repository.git("branch", "dev")
    words = ["start", "feat", "DEV-1"]
    okstra(*words, "--base", "main", "--title", "one", "--lifecycle", "light", cwd=repository)
    same = okstra(*words, "--base", "main", "--title", "one", "--branch", "feat-dev-1", cwd=repository)
    assert "exists already" not in same.err
    for more in ([], ["--dry-run"]):
        other = okstra(*words, "--base", "dev", "--title", "two", "--lifecycle", "full", *more, cwd=repository)
        assert other.out == same.out
        for stays in ("base stays 'main'", "title stays 'one'", "lifecycle stays 'light'"):
            assert f"task DEV-1 exists already; its {stays}" in other.err
    refused = okstra(*words, "--branch", "mine", cwd=repository, check=False).require_error("task-exists")
    assert "task DEV-1 exists already, on the branch 'feat-dev-1'" in refused.err
    assert "hint: go on with it: git okstra start feat DEV-1\n" in refused.err


# -- a stage that the plan dropped


@pytest.fixture
def dropped(repository: ScratchRepository) -> Belongings:
    """Stage 2 is in the trash, and the plan has it no more."""
    ticket = Belongings(repository, plans.of({1: (), 2: ()}))
    ticket.open(2)
    ticket.commit(2)
    ticket.abandon(2, force_dirty=True)
    ticket.approve(plans.of({1: ()}))
    return ticket


def test_a_stage_that_the_plan_dropped_comes_back_with_the_plan(dropped: Belongings) -> None:
    error = refusal(lambda: dropped.restore("s2"))
    assert error.code == "restore-blocked"
    assert "has no stage 2 any more" in error.message
    assert error.hint.startswith(
        "put it back into the plan: git okstra plan edit --task dev-1\nthen: git okstra restore "
    )
    assert [entry.number for entry in dropped.listed()] == [2]
    dropped.approve(plans.of({1: (), 2: ()}))
    assert dropped.restore("s2").path == f"{dropped.path(2)}"
    assert codes(dropped.repository) == []


def test_doctor_names_a_held_stage_that_the_plan_does_not_have(
    dropped: Belongings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: Callable[..., object] = planning.stored
    monkeypatch.setattr(restore.plans, "stored", lambda *_: None)  # as an older version brought it back
    dropped.restore("s2")
    monkeypatch.setattr(restore.plans, "stored", stored)
    (finding,) = [one for one in doctor.examine(dropped.context()) if one.severity != "note"]
    assert (finding.code, finding.subject) == ("stage-unplanned", "shop/dev/dev-1#stage-2")
    dropped.remove(2, force_dirty=True, force_unmerged=True)
    assert "stage-unplanned" not in codes(dropped.repository)
