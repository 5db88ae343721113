"""Where a command begins that an arena lets die: nothing but a repository, a task, stages in each state."""

from __future__ import annotations

from pathlib import Path

from support import tickets
from support.arena import task_path
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (1, 2)}


def nothing(okstra: Command, repository: ScratchRepository) -> None:
    repository.commit({".gitignore": "*.local\n", "a/b": "1\n", "a/c": "2\n"})
    for name, content in (("deps/lib", "x\n"), ("secret.local", "key\n")):
        (repository.path / name).parent.mkdir(exist_ok=True)
        (repository.path / name).write_text(content)
    okstra("config", "set", "worktree.link", "deps", cwd=repository)
    okstra("config", "set", "worktree.copy", "secret.local", cwd=repository)


def a_task(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    tickets.start(okstra, repository, PLAN)


def a_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    tickets.work(okstra, repository, task_path(), 1, close=False)


def a_stage_of_anns(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    stage = okstra("stage", "1", cwd=task_path(), env={"OKSTRA_OWNER": "ann"}).out.strip()
    Path(stage, "untracked").write_text("hers\n")


def a_done_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    tickets.work(okstra, repository, task_path(), 1)


def two_done_stages(okstra: Command, repository: ScratchRepository) -> None:
    a_done_stage(okstra, repository)
    tickets.work(okstra, repository, task_path(), 2)


def a_dirty_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_done_stage(okstra, repository)
    stage = Path(f"{task_path()}-s1")
    (stage / "a" / "b").write_text("changed\n")
    (stage / "a" / "c").write_text("staged\n")
    repository.git("add", "a/c", cwd=stage)
    (stage / "untracked").write_text("mine\n")
    (stage / "build.local").write_text("ignored\n")


def a_removed_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_dirty_stage(okstra, repository)
    okstra("remove", "1", "-f", "-D", cwd=task_path())
