"""The table of phases, through real commits: each rule refuses what it names and lets the rest through."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import plans, policing, start
from git_okstra.operations.context import Context
from support.hooked import HOOKS_OFF, PLAN, Held, require_refused
from support.processes import Ended
from support.repositories import ScratchRepository
from support.workbench import Ticket


def phase(held: Held, name: str) -> None:
    """Bring the task into a phase."""
    ctx = held.context()
    task = ctx.store.task(*held.task.key)
    assert task is not None
    with ctx.store.locked():
        ctx.store.save_task(replace(task, phase=name))
    policing.renew(ctx)


def commit(held: Held, number: int, name: str, *options: str) -> Ended:
    held.write(number, name)
    ended = held.git.run("commit", "-m", "m", *options, cwd=held.path(number))
    held.git("reset", "-q", "--hard", cwd=held.path(number))
    return ended


@pytest.mark.parametrize("name", ["requirements-discovery", "error-analysis", "implementation-planning"])
def test_early_phases(held: Held, name: str) -> None:
    phase(held, name)
    for options in ((), ("-n",)):
        require_refused(commit(held, 1, "s1/x", *options), "commit-phase")
        require_refused(commit(held, 0, "src/x", *options), "commit-docs")
    for path in ("docs/deep/x", "notes.md", "deep/notes.md"):
        commit(held, 0, path).require_success()


@pytest.mark.parametrize("name", ["final-verification", "release-handoff"])
def test_late_phases(held: Held, name: str) -> None:
    phase(held, name)
    for number in (0, 1):
        for options in ((), ("-n",)):
            require_refused(commit(held, number, "docs/x", *options), "commit-phase")
    base = held.base_commit({"base.txt": "x\n"})
    require_refused(held.git.run("merge", "-q", "--no-edit", base, cwd=held.path()), "commit-phase")


def test_implementation(held: Held) -> None:
    require_refused(commit(held, 0, "docs/x"), "commit-task")
    require_refused(commit(held, 0, "s1/x", "-n"), "commit-task")
    require_refused(commit(held, 1, "s2/x"), "commit-plan")
    commit(held, 1, "s1/x").require_success()
    require_refused(held.git.run("merge", "-q", "--no-ff", "--no-edit", held.branch(1), cwd=held.path()), "commit-task")
    held.git("merge", "--abort", cwd=held.path())
    require_refused(held.git.run("merge", "-q", "--ff-only", held.branch(1), cwd=held.path()), "commit-task")


def test_a_refused_fast_forward_can_be_taken_back(held: Held) -> None:
    """git writes the files before it asks; the hint puts them back."""
    side = held.loose({"src/evil.py": "x\n"}, held.tip(1))
    ended = require_refused(held.git.run("merge", "-q", "--ff-only", side, cwd=held.path(1)), "commit-plan")
    (hint,) = [line for line in ended.err.splitlines() if "read-tree" in line]
    held.git(*hint.partition(": git ")[2].split(), cwd=held.path(1))
    assert held.git("status", "--porcelain", cwd=held.path(1)) == ""


def test_a_plan_that_changed_lets_nothing_through_until_it_is_approved(held: Held) -> None:
    wide = Plan((PlannedStage(1, "One", (), ("s1/**", "src/**")), *PLAN.stages[1:]))
    plans.import_plan(held.context(), held.task, wide)
    require_refused(commit(held, 1, "s1/x"), "commit-plan")
    plans.approve(held.context(), held.task)
    commit(held, 1, "src/x").require_success()


def test_moves(held: Held) -> None:
    git, branch = held.git, held.branch(1)
    where = held.path(1)
    held.done(1)
    held.commit(1, {"s1/late": "x\n"})
    require_refused(git.run("reset", "-q", "--hard", "HEAD~1", cwd=where), "ref-rewound")
    git("reset", "-q", "--hard", "HEAD", cwd=where)
    require_refused(git.run("commit", "-q", "--amend", "-m", "other", cwd=where), "ref-rewound")
    held.reopen(1)
    git("commit", "-q", "--amend", "-m", "other", cwd=where)
    git("branch", "elsewhere", held.loose({}, "main"), cwd=where)
    require_refused(
        git.run("update-ref", "HEAD", git("commit-tree", "main^{tree}", "-m", "root"), cwd=where),
        "commit-plan", "ref-rewound",
    )  # fmt: skip
    git("switch", "-q", "--detach", cwd=where)
    ways = (("branch", "-D", branch), ("update-ref", "-d", f"refs/heads/{branch}"), ("branch", "-m", branch, "x"))
    for words in ways:
        require_refused(git.run(*words, cwd=where), "ref-deletion")
    git("pack-refs", "--all")
    for words in ways:
        require_refused(git.run(*words, cwd=where), "ref-deletion")
    git("branch", "-D", "elsewhere", cwd=where)


def test_the_task_branch_keeps_what_stands_on_it(held: Held) -> None:
    held.done(1)
    held.merge()
    require_refused(held.git.run("reset", "-q", "--hard", "HEAD~1", cwd=held.path()), "ref-rewound")


def test_a_task_without_a_plan_is_free(repository: ScratchRepository, fresh: None) -> None:
    ctx = Context(os.fspath(repository), os.environ)
    path = start.start(ctx, start.Request("feat", "결제 'x' 12", base="main")).path
    repository.commit({"src/x": "x\n"}, cwd=path)
    repository.git("commit", "-q", "--amend", "-m", "other", cwd=path)
    repository.git("reset", "-q", "--hard", "HEAD~1", cwd=path)


def test_a_stage_in_the_task_worktree(repository: ScratchRepository, fresh: None) -> None:
    held = Held(repository, PLAN)
    require_refused(commit(held, 0, "s1/x"), "commit-task")
    held.open(1, flat=True)
    held.commit(0, {"s1/x": "x\n"})
    require_refused(commit(held, 0, "s2/x"), "commit-plan")
    require_refused(commit(held, 0, "s2/x", "-n"), "commit-plan")
    held.git("commit", "-q", "--amend", "-m", "other", cwd=held.path())
    held.done(1)
    require_refused(commit(held, 0, "s1/x"), "commit-task")


def test_a_task_in_place(repository: ScratchRepository, tmp_path: Path, fresh: None) -> None:
    place = tmp_path / "own"
    repository.git("worktree", "add", "-q", "-b", "mine", os.fspath(place))
    ticket = object.__new__(Ticket)
    ticket.repository, ticket.git = repository, repository.git
    ticket.task = start.start(ticket.context(place), start.Request("feat", "DEV-7", base="main")).task
    ticket.approve(PLAN)
    ticket.open(1)
    repository.commit({"s1/x": "x\n"}, cwd=place)
    (place / "evil").write_text("x")
    repository.git("add", "evil", cwd=place)
    for options in ((), ("-n",)):
        require_refused(repository.git.run("commit", *options, "-m", "m", cwd=place), "commit-plan")


def test_an_adopted_branch_keeps_its_commits(repository: ScratchRepository, fresh: None) -> None:
    repository.git("branch", "feat-dev-1")
    repository.git("switch", "-q", "feat-dev-1")
    repository.commit({"src/old": "x\n"})
    repository.git("switch", "-q", "main")
    ctx = Context(os.fspath(repository), os.environ)
    path = start.start(ctx, start.Request("feat", "DEV-1", base="main", adopt=True)).path
    repository.commit({"src/new": "x\n"}, cwd=path)


def test_base_policy_counts_not_the_branch_s_own(repository: ScratchRepository, fresh: None) -> None:
    """The branch cannot loosen its rules: `.okstra.toml` is read from the base commit."""
    repository.commit({".okstra.toml": '[policy]\ndocs = ["notes/**"]\n'})
    held = Held(repository, PLAN)
    phase(held, "implementation-planning")
    held.write(0, ".okstra.toml", '[policy]\ndocs = ["**"]\n')
    held.git(*HOOKS_OFF, "commit", "-q", "-m", "loosen", cwd=held.path())
    require_refused(commit(held, 0, "src/x"), "commit-docs")
    held.git("reset", "-q", "--hard", "HEAD~1", cwd=held.path())
    commit(held, 0, "notes/x").require_success()
