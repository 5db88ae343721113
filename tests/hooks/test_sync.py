"""Bringing a stage up to date goes past the hooks, as okstra says what it is about to do; what others do does not."""

from __future__ import annotations

from collections.abc import Mapping

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import policing, sync
from git_okstra.state.policies import Policies
from support.hooked import PLAN, Held, require_refused


def again(held: Held, number: int, files: Mapping[str, str]) -> None:
    """Reopen a stage, commit and close it."""
    held.reopen(number)
    refresh(held)
    held.commit(number, files)
    held.done(number)
    refresh(held)


def refresh(held: Held) -> None:
    """What a command does at its end."""
    policing.refresh(held.context(), held.task.key)


def test_what_was_merged_comes_in_with_the_task_branch_and_is_not_the_stages_own(held: Held) -> None:
    held.approve(Plan((*PLAN.stages, PlannedStage(4, "Four", (), ("s4/**",)))))
    refresh(held)
    held.commit(2)
    held.done(1)
    held.done(2)
    held.merge()
    held.open(3)
    held.commit(3)
    held.work(4)
    again(held, 2, {"s2/more.txt": "more\n"})
    held.merge()
    # Stage 3 does not depend on stage 4: by hand its commits would be taken for those of stage 3.
    require_refused(held.git.run("merge", "-q", "--no-edit", held.branch(), cwd=held.path(3)), "commit-plan")
    held.git("merge", "--abort", cwd=held.path(3))
    (done,) = sync.sync(held.context(), held.task, [3])
    refresh(held)
    assert done.head == held.tip(3) == Policies(held.context().common_dir).tip(held.branch(3))
    held.commit(3, {"s3/b.txt": "b\n"})
    assert held.done(3).files == ("s3/a.txt", "s3/b.txt")


def made_anew(held: Held) -> None:
    """Stage 4 is open and stands on stage 1, whose commit is then made anew."""
    held.approve(Plan((*PLAN.stages, PlannedStage(4, "Four", (1,), ("s4/**",)))))
    refresh(held)
    held.done(1)
    held.open(4)
    refresh(held)
    held.commit(4)
    held.reopen(1)
    refresh(held)
    held.git("commit", "-q", "--amend", "-m", "made anew", cwd=held.path(1))
    held.done(1)
    refresh(held)


def test_onto_commits_that_were_made_anew_it_is_rebased_and_then_judged_from_there(held: Held) -> None:
    made_anew(held)
    (done,) = sync.sync(held.context(), held.task, [4], rebase=True)
    refresh(held)
    assert held.git("rev-parse", f"{held.branch(4)}~1") == held.tip(1) == done.base
    held.write(4, "s1/not-mine.txt")
    require_refused(held.git.run("commit", "-q", "-m", "astray", cwd=held.path(4)), "commit-plan")
    held.git("reset", "-q", "--hard", cwd=held.path(4))
    held.commit(4, {"s4/b.txt": "b\n"})
    assert held.done(4).files == ("s4/a.txt", "s4/b.txt")


def test_a_ledger_that_is_lost_does_not_take_an_earlier_base_for_the_stages_own(held: Held) -> None:
    made_anew(held)
    sync.sync(held.context(), held.task, [4])
    (held.repository.path / ".git" / "okstra" / "policy" / "tips" / f"{held.branch(4)}~t").unlink()
    refresh(held)
    assert Policies(held.context().common_dir).tip(held.branch(4)) == held.tip(4)
    held.commit(4, {"s4/b.txt": "b\n"})
    assert held.done(4).files == ("s4/a.txt", "s4/b.txt")
