"""`merge`: what is merged in which order, what refuses, conflicts and the ways on from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import merge
from support import plans
from support.repositories import ScratchRepository
from support.workbench import Ticket

PLAN = plans.of({1: (), 2: (1,), 3: (1,), 4: (2, 3), 5: ()}, title="Stage  {}, the part")
CLASHING = Plan(tuple(PlannedStage(n, f"Stage {n}", (), ("shared.txt", f"s{n}/**")) for n in (1, 2, 3)))


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    return Ticket(repository, PLAN)


@pytest.fixture
def clashing(repository: ScratchRepository) -> Ticket:
    """Three stages that are done: 1 and 2 write the same line, 3 something else."""
    ticket = Ticket(repository, CLASHING)
    for number in (1, 2):
        ticket.work(number, {"shared.txt": f"from {number}\n"})
    ticket.work(3)
    return ticket


def refused(ticket: Ticket, *numbers: int, **more: Any) -> OkstraError:
    with pytest.raises(OkstraError) as caught:
        ticket.merge(*numbers, **more)
    return caught.value


def resume(ticket: Ticket, **more: Any) -> merge.Merged:
    return merge.resume(ticket.context(), ticket.task, **more)


def abort(ticket: Ticket, **more: Any) -> merge.Aborted:
    return merge.abort(ticket.context(), ticket.task, **more)


def resolve(ticket: Ticket, text: str = "both\n") -> None:
    (ticket.path() / "shared.txt").write_text(text)
    ticket.git("add", "shared.txt", cwd=ticket.path())


def hook(ticket: Ticket, name: str, script: str) -> Path:
    path = ticket.repository.path / ".git/hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def clean(ticket: Ticket) -> bool:
    """Whether the task worktree holds nothing that is not committed and nothing is under way."""
    admin = ticket.git("rev-parse", "--absolute-git-dir", cwd=ticket.path())
    intent = ticket.repository.path / ".git/okstra/tasks/dev/dev-1/merge.json"
    return not (
        ticket.git("status", "--porcelain", cwd=ticket.path())
        or os.path.exists(f"{admin}/MERGE_HEAD")
        or intent.exists()
        or os.path.exists(f"{intent}.hold")
    )


# -- what is merged


def test_done_stages_are_merged_in_order_one_commit_each(ticket: Ticket) -> None:
    heads = {number: ticket.work(number) for number in (5, 1, 3, 2)}
    before = ticket.tip()
    found = ticket.merge()
    assert [number for number, _ in found.merged] == [1, 2, 3, 5]
    assert (found.skipped, found.left) == ((), {4: "ready"})
    assert ticket.subjects()[:4] == [f"Merge stage {n}: Stage {n}, the part" for n in (5, 3, 2, 1)]
    for number, commit in found.merged:
        parents = ticket.git("log", "-1", "--format=%P", str(commit)).split()
        assert parents == [before, heads[number]]
        before = str(commit)
    assert ticket.tip() == before
    assert [(event.stage, event.data["commit"], event.data["head"]) for event in ticket.events("merged")] == [
        (number, commit, heads[number]) for number, commit in found.merged
    ]
    assert clean(ticket)


def test_the_message_tells_task_and_branch(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.merge()
    message = ticket.git("log", "-1", "--format=%B", ticket.branch())
    assert message.strip() == f"Merge stage 1: Stage 1, the part\n\nTask: DEV-1\nBranch: {ticket.branch(1)}"


def test_merging_again_merges_nothing_twice(ticket: Ticket) -> None:
    ticket.work(1)
    first = ticket.merge()
    ticket.work(5)
    again = ticket.merge()
    assert ([number for number, _ in again.merged], again.skipped) == ([5], (1,))
    assert ticket.merge() == merge.Merged((), (1, 5), {2: "ready", 3: "ready", 4: "waiting"})
    assert len(ticket.events("merged")) == len(first.merged) + 1


def test_a_named_stage_brings_what_it_stands_on(ticket: Ticket) -> None:
    for number in (1, 2, 3, 5):
        ticket.work(number)
    assert [number for number, _ in ticket.merge(3).merged] == [1, 3]
    assert [number for number, _ in ticket.merge(2, 3).merged] == [2]


def test_a_stage_on_several_starts_once_they_are_merged(ticket: Ticket) -> None:
    for number in (1, 2, 3):
        ticket.work(number)
    with pytest.raises(OkstraError) as caught:
        ticket.open(4)
    assert caught.value.code == "dependencies-not-merged"
    ticket.open(4, merge_deps=True)
    assert ticket.history.stage(4).base == ticket.tip()


def test_nothing_done_is_no_error(ticket: Ticket) -> None:
    assert ticket.merge() == merge.Merged((), (), {1: "ready", 2: "waiting", 3: "waiting", 4: "waiting", 5: "ready"})


def test_a_dry_run_changes_nothing(ticket: Ticket) -> None:
    ticket.work(1)
    before = ticket.tip()
    assert ticket.merge(dry_run=True).merged == ((1, None),)
    assert ticket.tip() == before
    assert ticket.events("merged") == []


def test_what_was_merged_by_hand_is_merged(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.git("merge", "-q", ticket.branch(1), cwd=ticket.path())
    assert ticket.merge() == merge.Merged((), (1,), {2: "ready", 3: "ready", 4: "waiting", 5: "ready"})


def test_a_flat_stage_needs_no_merge(ticket: Ticket) -> None:
    here = ticket.open(1, flat=True)
    head = ticket.repository.commit({"s1/a.txt": "a\n"}, cwd=here)
    ticket.done(1)
    ticket.work(2)
    found = ticket.merge()
    assert ([number for number, _ in found.merged], found.skipped) == ([2], (1,))
    assert ticket.git("log", "-1", "--format=%P", ticket.branch()).split()[0] == head


def test_the_recorded_head_is_merged_and_not_what_came_after(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.work(5)
    ticket.commit(5, {"s5/b.txt": "b\n"})
    error = refused(ticket)
    assert error.code == "stage-stale"
    assert "git okstra done 5" in error.hint
    assert [number for number, _ in ticket.merge(1).merged] == [1]
    ticket.done(5)
    ticket.merge()
    assert (ticket.path() / "s5/b.txt").exists()


def test_a_stage_closed_anew_is_merged_anew(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.merge()
    ticket.reopen(1)
    head = ticket.commit(1, {"s1/b.txt": "b\n"})
    ticket.done(1)
    assert [number for number, _ in ticket.merge().merged] == [1]
    assert ticket.git("log", "-1", "--format=%P", ticket.branch()).split()[1] == head


def test_configuration_that_would_fast_forward_or_open_an_editor_changes_nothing(ticket: Ticket) -> None:
    ticket.git("config", "merge.ff", "only")
    ticket.git("config", "core.editor", "false")
    ticket.work(1)
    assert len(ticket.merge().merged) == 1
    assert len(ticket.git("log", "-1", "--format=%P", ticket.branch()).split()) == 2


def test_what_is_asked_for_must_be_done(ticket: Ticket) -> None:
    assert refused(ticket, 1).code == "stage-not-done"
    assert refused(ticket, 9).code == "no-such-stage"
    ticket.work(1)
    ticket.work(2)
    ticket.reopen(1)
    assert refused(ticket, 2).code == "stage-not-ready"
    assert ticket.merge().merged == ()


# -- the task worktree


def test_a_dirty_task_worktree_refuses_and_is_left_alone(ticket: Ticket) -> None:
    ticket.work(1)
    for name in ("README.md", "new.txt"):
        (ticket.path() / name).write_text("mine\n")
        error = refused(ticket)
        assert error.code == "dirty-worktree"
        assert name in error.message
    assert ticket.trash() == {}
    ticket.git("checkout", "-q", "README.md", cwd=ticket.path())
    (ticket.path() / "new.txt").unlink()
    assert len(ticket.merge().merged) == 1


def test_another_branch_checked_out_there_refuses(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.git("switch", "-q", "-c", "elsewhere", cwd=ticket.path())
    error = refused(ticket)
    assert error.code == "wrong-branch"
    assert f"switch {ticket.branch()}" in error.hint


def test_a_task_worktree_that_is_gone_refuses(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.path().rename(ticket.path().with_name("moved"))
    assert refused(ticket).code == "worktree-missing"


@pytest.mark.parametrize("begun", ["merge", "cherry-pick"])
def test_what_somebody_else_began_there_refuses_with_gits_own_ways_on(clashing: Ticket, begun: str) -> None:
    clashing.merge(1)
    clashing.git.run(begun, clashing.tip(2), cwd=clashing.path())
    for call in (clashing.merge, lambda: resume(clashing), lambda: abort(clashing)):
        with pytest.raises(OkstraError) as caught:
            call()
        assert caught.value.code == "merge-in-progress"
        assert f"{begun} --abort" in caught.value.hint
    clashing.git(begun, "--abort", cwd=clashing.path())
    assert [number for number, _ in clashing.merge(3).merged] == [3]


# -- a branch that moved


def test_a_merge_that_was_lost_refuses_and_can_be_put_back(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.merge()
    lost = ticket.tip()
    ticket.git("reset", "-q", "--hard", "HEAD~1", cwd=ticket.path())
    ticket.work(5)
    error = refused(ticket)
    assert error.code == "branch-moved"
    assert "stage 1" in error.message
    back = error.hint.splitlines()[0].partition("git ")[2]
    assert "--ff-only" in back
    ticket.git(*(word.strip("'") for word in back.split()))
    assert ticket.tip() == lost
    assert [number for number, _ in ticket.merge().merged] == [5]


def test_a_merge_that_was_lost_on_purpose_is_made_anew_when_it_is_asked_for(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.merge()
    ticket.git("reset", "-q", "--hard", "HEAD~1", cwd=ticket.path())
    assert "git okstra merge 1" in refused(ticket).hint
    assert [number for number, _ in ticket.merge(1).merged] == [1]
    assert ticket.merge().skipped == (1,)


def test_a_task_branch_that_lost_its_anchor_refuses(ticket: Ticket) -> None:
    ticket.repository.commit({"docs.md": "on the task\n"}, cwd=ticket.path())
    ticket.work(1)
    ticket.git("reset", "-q", "--hard", "main", cwd=ticket.path())
    ticket.repository.commit({"other.md": "instead\n"}, cwd=ticket.path())
    error = refused(ticket)
    assert error.code == "branch-moved"
    assert "started from" in error.message
    back = error.hint.splitlines()[0].partition("git ")[2]
    assert "reset --keep" in back
    ticket.git(*(word.strip("'") for word in back.split()))
    assert [number for number, _ in ticket.merge().merged] == [1]


# -- conflicts


def test_a_conflict_stops_there_and_what_was_merged_stays_merged(clashing: Ticket) -> None:
    error = refused(clashing)
    assert error.code == "merge-conflict"
    assert "shared.txt" in error.message
    assert "stage 1 merged before" in error.message
    assert "git okstra merge --continue" in error.hint
    assert "git okstra merge --abort" in error.hint
    assert clashing.subjects()[0] == "Merge stage 1: Stage 1"
    again = refused(clashing)
    assert again.code == "merge-in-progress"
    assert "shared.txt" in again.message


def test_continue_waits_until_the_conflicts_are_resolved_then_goes_on_with_the_rest(clashing: Ticket) -> None:
    refused(clashing)
    with pytest.raises(OkstraError) as caught:
        resume(clashing)
    assert caught.value.code == "merge-conflict"
    assert "shared.txt" in caught.value.message
    resolve(clashing)
    found = resume(clashing)
    assert ([number for number, _ in found.merged], found.skipped, found.left) == ([2, 3], (1,), {})
    assert (clashing.path() / "shared.txt").read_text() == "both\n"
    message = clashing.git("log", "-1", "--format=%B", str(found.merged[0][1]))
    assert message.strip() == f"Merge stage 2: Stage 2\n\nTask: DEV-1\nBranch: {clashing.branch(2)}"
    assert [event.stage for event in clashing.events("merged")] == [1, 2, 3]
    assert clean(clashing)


def test_continue_goes_on_with_what_was_asked_for_and_nothing_else(clashing: Ticket) -> None:
    refused(clashing, 1, 2)
    resolve(clashing)
    found = resume(clashing)
    assert ([number for number, _ in found.merged], found.left) == ([2], {3: "done"})


def test_a_dry_run_of_continue_tells_what_would_come(clashing: Ticket) -> None:
    refused(clashing)
    with pytest.raises(OkstraError):
        resume(clashing, dry_run=True)
    resolve(clashing)
    before = clashing.tip()
    assert resume(clashing, dry_run=True).merged == ((2, None), (3, None))
    assert clashing.tip() == before


def test_who_commits_by_himself_only_has_to_go_on(clashing: Ticket) -> None:
    refused(clashing)
    resolve(clashing)
    clashing.git("commit", "-q", "-m", "by hand", cwd=clashing.path())
    by_hand = clashing.tip()
    found = resume(clashing)
    assert found.merged[0] == (2, by_hand)
    assert [number for number, _ in found.merged] == [2, 3]


def test_who_commits_by_himself_may_also_just_merge_again(clashing: Ticket) -> None:
    refused(clashing)
    resolve(clashing)
    clashing.git("commit", "-q", "-m", "by hand", cwd=clashing.path())
    assert [number for number, _ in clashing.merge().merged] == [2, 3]
    assert [event.stage for event in clashing.events("merged")] == [1, 2, 3]


def test_abort_goes_back_to_before_the_merge_that_stopped(clashing: Ticket) -> None:
    refused(clashing)
    before = clashing.tip()
    assert abort(clashing, dry_run=True).number == 2
    assert not clean(clashing)
    assert abort(clashing) == merge.Aborted(2, before)
    assert clean(clashing)
    assert clashing.subjects()[0] == "Merge stage 1: Stage 1"
    assert [number for number, _ in clashing.merge(3).merged] == [3]
    assert refused(clashing).code == "merge-conflict"


def test_who_aborts_by_himself_can_begin_again(clashing: Ticket) -> None:
    refused(clashing)
    clashing.git("merge", "--abort", cwd=clashing.path())
    with pytest.raises(OkstraError) as caught:
        resume(clashing)
    assert caught.value.code == "no-merge"
    assert refused(clashing).code == "merge-conflict"
    clashing.git("merge", "--abort", cwd=clashing.path())
    assert refused(clashing).code == "merge-conflict"
    clashing.git("merge", "--abort", cwd=clashing.path())
    assert abort(clashing).number == 2
    assert clean(clashing)


def test_without_a_merge_there_is_nothing_to_continue_or_abort(ticket: Ticket) -> None:
    for call in (lambda: resume(ticket), lambda: abort(ticket)):
        with pytest.raises(OkstraError) as caught:
            call()
        assert caught.value.code == "no-merge"


def test_conflicts_that_rerere_resolves_are_committed_by_continue(clashing: Ticket) -> None:
    clashing.git("config", "rerere.enabled", "true")
    clashing.git("config", "rerere.autoupdate", "true")
    refused(clashing, 1, 2)
    resolve(clashing)
    resume(clashing)
    clashing.git("reset", "-q", "--hard", "HEAD~1", cwd=clashing.path())
    assert refused(clashing, 2).code == "merge-in-progress"
    assert [number for number, _ in resume(clashing).merged] == [2]
    assert (clashing.path() / "shared.txt").read_text() == "both\n"


def test_a_note_of_a_merge_that_cannot_be_read_is_given_up_by_abort(clashing: Ticket) -> None:
    refused(clashing)
    intent = clashing.repository.path / ".git/okstra/tasks/dev/dev-1/merge.json"
    intent.write_text('{"format": 1, "number": 2}')
    error = refused(clashing)
    assert error.code == "damaged-file"
    assert error.hint.endswith("git okstra merge --abort")
    assert abort(clashing).number is None
    assert clean(clashing)


# -- the user's hooks


@pytest.mark.parametrize("name", ["pre-merge-commit", "commit-msg"])
def test_a_hook_that_refuses_is_quoted_and_continue_tries_again(ticket: Ticket, name: str) -> None:
    ticket.work(1)
    ticket.work(5)
    path = hook(ticket, name, "echo 'lint: no, no' >&2; exit 1")
    error = refused(ticket)
    assert error.code == "merge-in-progress"
    assert "lint: no, no" in error.message
    assert refused(ticket).code == "merge-in-progress"
    path.unlink()
    assert [number for number, _ in resume(ticket).merged] == [1, 5]
    assert clean(ticket)


def test_a_hook_that_refuses_a_concluding_commit_is_quoted_too(clashing: Ticket) -> None:
    refused(clashing)
    resolve(clashing)
    path = hook(clashing, "pre-commit", "echo 'lint: no, no' >&2; exit 1")
    with pytest.raises(OkstraError) as caught:
        resume(clashing)
    assert caught.value.code == "merge-in-progress"
    assert "lint: no, no" in caught.value.message
    path.unlink()
    assert [number for number, _ in resume(clashing).merged] == [2, 3]


def test_the_users_hooks_run_as_git_runs_them(ticket: Ticket, tmp_path: Path) -> None:
    for name in ("pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge"):
        hook(ticket, name, f'echo "{name}:$2" >>{tmp_path}/log')
    ticket.work(1)
    (tmp_path / "log").unlink()
    ticket.merge()
    seen = (tmp_path / "log").read_text().split()
    assert seen == ["pre-merge-commit:", "prepare-commit-msg:merge", "commit-msg:", "post-merge:"]


# -- as a command


def test_the_command_prints_what_was_merged(ticket: Ticket, okstra: Any) -> None:
    ticket.work(1)
    assert okstra("merge", cwd=ticket.path()).out == f"1 {ticket.tip()}\n"
    assert okstra("merge", "--json", cwd=ticket.path()).json()["skipped"] == [1]


def test_histories_that_have_nothing_in_common_are_refused(ticket: Ticket) -> None:
    here = ticket.open(1)
    tree = ticket.git("write-tree", cwd=here)
    alien = ticket.git("commit-tree", tree, "-m", "from nowhere")
    ctx = ticket.context()
    with ctx.store.locked():
        ctx.store.append("dev", "dev-1", ctx.event("done", 1, head=alien, base=ticket.tip()))
    ticket.git("reset", "-q", "--hard", alien, cwd=here)
    assert refused(ticket).code == "not-descended"
    assert clean(ticket)
