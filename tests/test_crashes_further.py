"""As test_crashes.py, for every other command that changes something, and for what else may end a command.

By default a seed, which is printed, chooses some of the points, the writing ones first; `make soak` takes all of them.
OKSTRA_TEST_SEED=N replays one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import sampling, tickets
from support.arena import Arenas, Scenario, killed_and_put_right, task_path
from support.beginnings import (
    PLAN,
    a_dirty_stage,
    a_merged_stage,
    a_removed_stage,
    a_stage,
    a_stage_of_anns,
    a_task,
    nothing,
    two_done_stages,
)
from support.repositories import ScratchRepository
from support.tickets import Command

HOOKS = {"OKSTRA_HOOKS_INSTALL": "true"}


def an_own_branch(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    repository.git("switch", "-q", "-c", "mine")
    repository.commit({"own": "work\n"}, "own work")
    repository.git("switch", "-q", "main")


def a_foreign_worktree(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    foreign = repository.path.parent / "foreign"
    repository.git("worktree", "add", "-q", "-b", "theirs", f"{foreign}")
    (foreign / "untracked").write_text("mine\n")


def without_plan(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    task = tickets.start(okstra, repository)
    (task / "plan.toml").write_text(tickets.plan_text(PLAN))


def a_planned_task(okstra: Command, repository: ScratchRepository) -> None:
    without_plan(okstra, repository)
    okstra("plan", "import", "plan.toml", cwd=task_path())


def a_flat_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    okstra("stage", "1", "--flat", cwd=task_path())
    repository.commit({"s1/file": "1\n"}, "work on 1", cwd=task_path())


def a_setting(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    okstra("config", "set", "trash.keep", "3d", cwd=repository)


def a_setup_command(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    repository.commit({".okstra.toml": '[worktree]\nsetup = ["true"]\n'})


def hooks_of_ones_own(okstra: Command, repository: ScratchRepository) -> None:
    a_stage(okstra, repository)
    for event in ("pre-push", "pre-commit"):
        hook = repository.path / ".git" / "hooks" / event
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 0\n")
        hook.chmod(0o755)


def hooks_installed(okstra: Command, repository: ScratchRepository) -> None:
    hooks_of_ones_own(okstra, repository)
    okstra("hooks", "install", cwd=repository)


def an_opened_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    okstra("stage", "1", cwd=task_path())


def an_undone_stage(okstra: Command, repository: ScratchRepository) -> None:
    an_opened_stage(okstra, repository)
    okstra("undo", cwd=task_path())


def a_release_undone(okstra: Command, repository: ScratchRepository) -> None:
    an_opened_stage(okstra, repository)
    okstra("release", "1", cwd=task_path())
    okstra("undo", cwd=task_path())


def a_light_task(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    tickets.start(okstra, repository, None, "DEV-1", "--lifecycle", "full")


def a_damaged_stage(okstra: Command, repository: ScratchRepository) -> None:
    """Without links and copies: a repair that dies between the files and those leaves them out."""
    a_dirty_stage(okstra, repository)
    okstra("config", "unset", "worktree.link", cwd=repository)
    okstra("config", "unset", "worktree.copy", cwd=repository)
    shutil.rmtree(f"{task_path()}-s1")
    shutil.rmtree(repository.path / ".git/okstra/open")
    (repository.path / ".git/okstra/tasks/dev/dev-1/paths").unlink()


def all_merged(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    tickets.start(okstra, repository, {1: ()})
    tickets.work(okstra, repository, task_path(), 1)
    okstra("merge", cwd=task_path())


def accepted(okstra: Command, repository: ScratchRepository) -> None:
    all_merged(okstra, repository)
    okstra("verify", cwd=task_path())
    (task_path() / "CHANGES").write_text("all of it\n")
    repository.git("add", "CHANGES", cwd=task_path())


def a_finished_task(okstra: Command, repository: ScratchRepository) -> None:
    all_merged(okstra, repository)
    repository.git("merge", "-q", "--no-ff", "-m", "all of it", "feat-dev-1")


def a_removed_task(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    (task_path() / "untracked").write_text("mine\n")
    okstra("remove", "dev-1", "-f", "-D", cwd=repository)


def a_late_stage(okstra: Command, repository: ScratchRepository) -> None:
    """Stage 2 stands on stage 1, which was done again since; the base branch has moved, too."""
    nothing(okstra, repository)
    tickets.start(okstra, repository, {1: (), 2: (1,)})
    tickets.work(okstra, repository, task_path(), 1)
    tickets.work(okstra, repository, task_path(), 2, close=False)
    okstra("reopen", "1", cwd=task_path())
    repository.commit({"s1/more": "more\n", "s1/deep/er": "more\n"}, "more", cwd=Path(f"{task_path()}-s1"))
    okstra("done", "1", cwd=task_path())
    repository.commit({"a/b": "2\n", "a/new": "new\n"}, "the base moves")


def a_late_stage_with_hooks(okstra: Command, repository: ScratchRepository) -> None:
    a_late_stage(okstra, repository)
    okstra("hooks", "install", cwd=repository)


def a_synced_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_late_stage(okstra, repository)
    okstra("sync", "2", cwd=task_path())


SCENARIOS = {
    "init": Scenario(("init",), "main", lambda okstra, repository: None, environment=HOOKS),
    "start with hooks": Scenario(("start", "feat", "DEV-1"), "main", nothing, makes_worktree=True, environment=HOOKS),
    "start --adopt": Scenario(
        ("start", "feat", "DEV-1", "--adopt", "--branch", "mine", "--base", "main"), "main", an_own_branch
    ),
    "start in place": Scenario(("start", "feat", "DEV-1", "--base", "main"), "foreign", a_foreign_worktree),
    "plan import": Scenario(("plan", "import", "plan.toml"), "task", without_plan),
    "plan approve": Scenario(("plan", "approve", "--yes"), "task", a_planned_task),
    "phase": Scenario(("phase", "error-analysis", "--yes"), "task", a_light_task),
    "stage --flat": Scenario(("stage", "1", "--flat"), "task", a_task),
    "stage --sparse": Scenario(("stage", "1", "--sparse"), "task", a_task, makes_worktree=True),
    "done, flat": Scenario(("done", "1"), "task", a_flat_stage),
    "release of the task": Scenario(("release", "dev-1"), "main", a_task, nothing_left="no-such-task"),
    "takeover": Scenario(("takeover", "1", "--yes"), "task", a_stage_of_anns, environment={"OKSTRA_OWNER": "bob"}),
    "config set": Scenario(("config", "set", "trash.keep", "5d"), "main", a_task),
    "config unset": Scenario(("config", "unset", "trash.keep"), "main", a_setting, nothing_left="not-set"),
    "config trust": Scenario(("config", "trust", "--yes"), "main", a_setup_command),
    "sync": Scenario(("sync", "2"), "task", a_late_stage, doctor_mends=False),
    "sync with hooks": Scenario(("sync", "2"), "task", a_late_stage_with_hooks, doctor_mends=False),
    "sync --rebase": Scenario(("sync", "2", "--rebase"), "task", a_late_stage, doctor_mends=False),
    "sync task": Scenario(("sync", "task"), "task", a_late_stage, doctor_mends=False),
    "undo of merge": Scenario(("undo",), "task", a_merged_stage, doctor_mends=False),
    "undo of stage": Scenario(("undo",), "task", an_opened_stage, doctor_mends=False),
    "undo of undo": Scenario(("undo",), "task", an_undone_stage, doctor_mends=False),
    "undo of an undone release": Scenario(("undo",), "task", a_release_undone, doctor_mends=False),
    "undo of remove": Scenario(("undo",), "task", a_removed_stage, doctor_mends=False),
    "undo of sync": Scenario(("undo",), "task", a_synced_stage, doctor_mends=False),
    "undo of config set": Scenario(("undo",), "main", a_setting),
    "undo of hooks install": Scenario(("undo", "--yes"), "main", hooks_installed, doctor_mends=False),
    "hooks install": Scenario(("hooks", "install"), "main", hooks_of_ones_own),
    "hooks uninstall": Scenario(("hooks", "uninstall", "--yes"), "main", hooks_installed, doctor_mends=False),
    "plan edit": Scenario(
        ("plan", "edit"), "task", a_planned_task, environment={"GIT_EDITOR": "sed -i 's/stage 1/the first/'"}
    ),
    "stage, several": Scenario(("stage", "1", "2"), "task", a_task),
    "stage --merge-deps": Scenario(("stage", "3", "--merge-deps"), "task", two_done_stages, doctor_mends=False),
    "restore of the task": Scenario(("restore", "dev-1"), "main", a_removed_task, nothing_left="no-such-trash"),
    "conflicts": Scenario(("conflicts",), "task", two_done_stages),
    "verify": Scenario(("verify",), "task", all_merged),
    "handoff": Scenario(
        ("handoff", "--action", "commit", "--yes"), "task", accepted, nothing_left="not-verified", doctor_mends=False
    ),
    "prune": Scenario(("prune",), "main", a_finished_task),
    "doctor --repair": Scenario(("doctor", "--repair"), "main", a_damaged_stage),
    "guard install": Scenario(("guard", "install", "claude"), "main", a_task),
    "config set, for the project": Scenario(
        ("config", "set", "start.base", "main", "--scope", "project"), "main", a_task
    ),
}


@pytest.fixture(scope="module")
def arenas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arenas]:
    made = Arenas(SCENARIOS, tmp_path_factory)
    yield made
    made.close()


def killed_at(name: str, arenas: Arenas, okstra: Command, patch: pytest.MonkeyPatch, most: int | None) -> None:
    """Kill the command at `most` of its points (all of them if None), and put it right each time."""
    arena = arenas(name, okstra, patch)
    numbers = sampling.of(range(1, len(arena.points) + 1), most, name)
    killed_and_put_right(arena, name, numbers, by_doctor=arena.scenario.doctor_mends and most is None)


ONLY_AT_LENGTH = ("sync with hooks", "sync task")
"""What differs little from another scenario."""


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in ONLY_AT_LENGTH])
def test_what_a_killed_command_leaves_is_put_right(
    name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at(name, arenas, okstra, monkeypatch, 3)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_command_leaves_that_is_killed_at_any_point_is_put_right(
    name: str, okstra: Command, arenas: Arenas, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at(name, arenas, okstra, monkeypatch, None)
