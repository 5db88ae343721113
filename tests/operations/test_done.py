"""`done`: what is recorded, everything that refuses it, and that neither races nor crashes record something wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core import journal
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import done, merge
from support import plans, preloaded
from support.processes import Ended
from support.repositories import ScratchRepository
from support.workbench import Snapshot, Ticket

PLAN = plans.of({1: (), 2: (1,), 3: (1, 2), 4: ()})


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    return Ticket(repository, PLAN)


def with_verify(*commands: str) -> Plan:
    return Plan((PlannedStage(1, "One", (), ("s1/**",), commands),))


def refused(ticket: Ticket, number: int = 1, **more: Any) -> OkstraError:
    """Why `done` refuses; the journal says nothing of it."""
    before = ticket.events("done")
    with pytest.raises(OkstraError) as caught:
        ticket.done(number, **more)
    assert ticket.events("done") == before
    return caught.value


def codes(error: OkstraError) -> list[str]:
    """All reasons that an error gives."""
    listed = [line.strip()[1:].partition("]")[0] for line in error.message.splitlines() if line.startswith("  [")]
    return listed or [error.code]


# -- what is recorded


def test_the_head_is_recorded_with_base_and_what_the_stage_changed(ticket: Ticket) -> None:
    anchor = ticket.tip()
    ticket.open(1)
    ticket.commit(1, {"s1/a.txt": "a\n"})
    head = ticket.commit(1, {"s1/deep/결제 b.txt": "b\n"})
    assert ticket.done(1) == done.Done(1, head, anchor, 2, ("s1/a.txt", "s1/deep/결제 b.txt"))
    (event,) = ticket.events("done")
    assert event.document() == {
        "time": event.time, "event": "done", "owner": event.owner, "stage": 1,
        "head": head, "base": anchor, "commits": 2,
    }  # fmt: skip
    assert ticket.history.stage(1).state == journal.DONE


def test_a_dry_run_records_nothing(ticket: Ticket) -> None:
    ticket.open(1)
    head = ticket.commit(1)
    assert ticket.done(1, dry_run=True).head == head
    assert ticket.events("done") == []


def test_a_stage_that_is_done_and_has_not_moved_is_done_again(ticket: Ticket) -> None:
    head = ticket.work(1)
    ctx = ticket.context()
    again = done.done(ctx, ticket.task, 1)
    assert (again.already, again.head, again.commits, again.files) == (True, head, 1, ("s1/a.txt",))
    assert "done already" in ctx.notes[0]
    assert len(ticket.events("done")) == 1


def test_a_stage_that_moved_after_it_was_done_is_recorded_anew_and_dependents_are_named(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.open(2)
    head = ticket.commit(1, {"s1/b.txt": "b\n"})
    ctx = ticket.context()
    found = done.done(ctx, ticket.task, 1)
    assert (found.head, found.commits, found.already) == (head, 2, False)
    assert [event.data["head"] for event in ticket.events("done")][-1] == head
    assert "stage 2 was started from the earlier head of stage 1: git okstra sync 2" in ctx.notes


def test_a_stage_whose_branch_is_gone_after_it_was_done_stays_done(ticket: Ticket) -> None:
    head = ticket.work(1)
    ticket.git("worktree", "remove", str(ticket.path(1)))
    ticket.git("branch", "-D", ticket.branch(1))
    assert ticket.done(1).head == head


# -- the worktree


@pytest.mark.parametrize("how", ["modified", "staged", "untracked", "deleted", "conflicted"])
def test_what_is_not_committed_refuses(ticket: Ticket, how: str) -> None:
    here = ticket.open(1)
    ticket.commit(1, {"s1/a.txt": "a\n"})
    if how == "untracked":
        (here / "s1/new.txt").write_text("new\n")
    elif how == "deleted":
        (here / "s1/a.txt").unlink()
    elif how == "conflicted":
        blobs = [ticket.git("hash-object", "-w", "--stdin", input=text) for text in ("one\n", "two\n")]
        lines = "".join(f"100644 {blob} {stage}\ts1/a.txt\n" for stage, blob in enumerate(blobs, 2))
        ticket.git("update-index", "--index-info", input=f"0 {'0' * 40}\ts1/a.txt\n{lines}", cwd=here)
    else:
        (here / "s1/a.txt").write_text("changed\n")
        if how == "staged":
            ticket.git("add", ".", cwd=here)
    error = refused(ticket)
    assert error.code == "dirty-worktree"
    assert ("s1/new.txt" if how == "untracked" else "s1/a.txt") in error.message
    assert str(here) in error.hint


def test_ignored_files_are_no_uncommitted_changes(ticket: Ticket) -> None:
    here = ticket.open(1)
    ticket.commit(1, {"s1/.gitignore": "*.o\n"})
    (here / "s1/a.o").write_text("object\n")
    assert ticket.done(1).commits == 1


@pytest.mark.parametrize("begun", ["merge", "rebase", "cherry-pick", "revert"])
def test_what_git_has_begun_and_not_finished_refuses(ticket: Ticket, begun: str) -> None:
    here = ticket.open(1)
    ticket.commit(1, {"s1/a.txt": "mine\n"})
    ticket.git("branch", "side", "main")
    ticket.git("switch", "-q", "side")
    ticket.repository.commit({"s1/a.txt": "theirs\n"})
    if begun == "revert":
        first = ticket.tip(1)
        ticket.commit(1, {"s1/a.txt": "mine again\n"})
    ticket.git.run(begun, first if begun == "revert" else "side", cwd=here)
    error = refused(ticket)
    assert error.code == "merge-in-progress"
    assert f"a {begun} is not finished" in error.message
    assert "s1/a.txt" in error.message
    assert f"{begun} --abort" in error.hint
    ticket.git(begun, "--abort", cwd=here)
    assert ticket.done(1).files == ("s1/a.txt",)


@pytest.mark.parametrize("where", [["-c", "elsewhere"], ["--detach"]])
def test_a_worktree_on_another_branch_refuses(ticket: Ticket, where: list[str]) -> None:
    here = ticket.open(1)
    ticket.commit(1)
    ticket.git("switch", "-q", *where, cwd=here)
    error = refused(ticket)
    assert error.code == "wrong-branch"
    assert f"switch {ticket.branch(1)}" in error.hint
    ticket.git("switch", "-q", ticket.branch(1), cwd=here)
    assert ticket.done(1).commits == 1


def test_a_worktree_that_is_gone_refuses(ticket: Ticket) -> None:
    here = ticket.open(1)
    ticket.commit(1)
    here.rename(here.with_name("moved"))
    assert refused(ticket).code == "worktree-missing"


# -- the commits


def test_a_head_that_does_not_descend_from_the_base_refuses(ticket: Ticket) -> None:
    ticket.work(1)
    here = ticket.open(2)
    ticket.commit(2)
    ticket.git("rebase", "-q", "--onto", "main", ticket.tip(1), cwd=here)
    error = refused(ticket, 2)
    assert error.code == "not-descended"
    assert ticket.tip(1)[:12] in error.message
    ticket.git("rebase", "-q", ticket.tip(1), cwd=here)
    assert ticket.done(2).commits == 1


@pytest.mark.parametrize("how", ["added", "removed again", "renamed away", "mode", "symlink", "by an empty root"])
def test_a_file_that_the_plan_does_not_list_refuses_with_its_commit(ticket: Ticket, how: str) -> None:
    here = ticket.open(1)
    ticket.commit(1)
    if how in ("added", "removed again"):
        commit = ticket.commit(1, {"Makefile": "all:\n"})
        if how == "removed again":
            ticket.git("rm", "-q", "Makefile", cwd=here)
            ticket.git("commit", "-q", "-m", "never mind", cwd=here)
    elif how == "by an empty root":
        tree = ticket.git("write-tree", cwd=here)
        side = ticket.git("commit-tree", tree, "-m", "from nowhere")
        ticket.git("merge", "-q", "--allow-unrelated-histories", "-m", "join", side, cwd=here)
        commit = side
    else:
        if how == "renamed away":
            ticket.git("mv", "README.md", "s1/README.md", cwd=here)
        elif how == "mode":
            ticket.git("update-index", "--chmod=+x", "README.md", cwd=here)
            (here / "README.md").chmod(0o755)
        else:
            (here / "README.md").unlink()
            (here / "README.md").symlink_to("s1/a.txt")
            ticket.git("add", ".", cwd=here)
        ticket.git("commit", "-q", "-m", how, cwd=here)
        commit = ticket.tip(1)
    error = refused(ticket)
    assert error.code == "outside-plan"
    assert ("Makefile" if how in ("added", "removed again") else "README.md") in error.message
    assert commit[:9] in error.message


def test_merging_the_base_branch_in_is_allowed(ticket: Ticket) -> None:
    here = ticket.open(1)
    ticket.commit(1)
    ticket.repository.commit({"outside.txt": "from main\n"})
    ticket.git("merge", "-q", "-m", "catch up", "main", cwd=here)
    found = ticket.done(1)
    assert (found.commits, found.files) == (1, ("s1/a.txt",))


def test_merging_the_base_branch_of_the_remote_in_is_allowed(
    make_repository: Callable[[str], ScratchRepository], tmp_path: Path
) -> None:
    upstream = make_repository("upstream")
    upstream.git("clone", "-q", str(upstream.path), str(tmp_path / "shop"))
    ticket = Ticket(ScratchRepository(tmp_path / "shop"), PLAN)
    here = ticket.open(1)
    ticket.commit(1)
    upstream.commit({"outside.txt": "from upstream\n"})
    ticket.git("fetch", "-q")
    ticket.git("merge", "-q", "-m", "catch up", "origin/main", cwd=here)
    assert ticket.done(1).files == ("s1/a.txt",)


def test_a_merge_hides_nothing(ticket: Ticket) -> None:
    here = ticket.open(1)
    ticket.commit(1)
    ticket.repository.commit({"outside.txt": "from main\n"})
    ticket.git("merge", "-q", "--no-commit", "--no-ff", "main", cwd=here)
    (here / "Makefile").write_text("evil:\n")
    ticket.git("add", ".", cwd=here)
    ticket.git("commit", "-q", "-m", "catch up", cwd=here)
    error = refused(ticket)
    assert error.code == "outside-plan"
    assert "Makefile" in error.message
    assert "outside.txt" not in error.message


def test_a_file_that_git_merged_by_itself_is_no_change_of_the_stage(ticket: Ticket) -> None:
    # README.md differs from both parents of the merge, though nobody touched it here.
    lines = [f"line {n}\n" for n in range(20)]
    ticket.open(4)
    ticket.approve(Plan((*PLAN.stages[:1], PlannedStage(2, "stage 2", (1,), ("s2/**",)), *PLAN.stages[2:])))
    ticket.repository.commit({"README.md": "".join(lines)})
    ticket.git("merge", "-q", "main", cwd=ticket.path())
    ticket.done(4, allow_empty=True)
    plan = Plan(
        (PlannedStage(1, "One", (), ("s1/**", "README.md")), PlannedStage(2, "Two", (1,), ("s2/**",)), PLAN.stages[3])
    )
    ticket.approve(plan)
    ticket.open(1)
    ticket.git("merge", "-q", "main", cwd=ticket.path(1))
    ticket.commit(1, {"README.md": "".join(["changed by stage 1\n", *lines[1:]])})
    ticket.done(1)
    here = ticket.open(2)
    ticket.commit(2)
    ticket.repository.commit({"README.md": "".join([*lines[:-1], "changed on main\n"])})
    ticket.git("merge", "-q", "-m", "catch up", "main", cwd=here)
    assert ticket.done(2).files == ("s2/a.txt",)


def test_the_name_of_the_base_does_not_hide_commits_when_it_comes_to_mean_something_else(
    repository: ScratchRepository,
) -> None:
    ticket = Ticket(repository, PLAN, base="HEAD")
    ticket.open(1)
    commit = ticket.commit(1, {"Makefile": "all:\n"})
    ticket.git("checkout", "-q", "--detach", commit)
    ticket.git("update-ref", "refs/remotes/origin/HEAD", commit)
    assert refused(ticket).code == "outside-plan"


def test_merging_what_a_dependency_recorded_since_is_allowed(ticket: Ticket) -> None:
    ticket.work(1)
    here = ticket.open(2)
    ticket.commit(2)
    ticket.commit(1, {"s1/b.txt": "b\n"})
    ticket.done(1)
    ticket.git("merge", "-q", "-m", "catch up", ticket.branch(1), cwd=here)
    assert ticket.done(2).files == ("s2/a.txt",)


def test_no_commit_of_its_own_refuses_unless_it_is_meant(ticket: Ticket) -> None:
    here = ticket.open(1)
    assert refused(ticket).code == "no-commits"
    ticket.repository.commit({"outside.txt": "from main\n"})
    ticket.git("merge", "-q", "--no-ff", "-m", "catch up", "main", cwd=here)
    assert refused(ticket).code == "no-commits"
    found = ticket.done(1, allow_empty=True)
    assert (found.head, found.commits, found.files) == (ticket.tip(1), 0, ())


# -- the verify commands


def test_verify_commands_run_in_the_worktree_one_after_the_other(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, with_verify("test -e s1/a.txt && pwd", 'echo second; test "$PWD" = "$(pwd)"'))
    here = ticket.open(1)
    ticket.commit(1)
    first, second = ticket.done(1).verified
    assert (first.status, first.said.strip()) == (0, str(here))
    assert (second.status, second.said) == (0, "second\n")


def test_a_verify_command_that_fails_refuses_shows_its_words_and_is_the_last_one_run(
    repository: ScratchRepository, tmp_path: Path
) -> None:
    ticket = Ticket(repository, with_verify("true", "echo out; echo broken >&2; exit 7", f"touch {tmp_path}/third"))
    ticket.open(1)
    ticket.commit(1)
    error = refused(ticket)
    assert error.code == "verify-failed"
    assert "failed with exit status 7" in error.message
    assert "out\n" in error.message
    assert "broken" in error.message
    assert not (tmp_path / "third").exists()


def test_a_verify_command_that_takes_too_long_refuses(
    repository: ScratchRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKSTRA_VERIFY_TIMEOUT", "1s")
    ticket = Ticket(repository, with_verify("exec sleep 60"))
    ticket.open(1)
    ticket.commit(1)
    error = refused(ticket)
    assert error.code == "verify-failed"
    assert "ran out of time" in error.message


def test_a_verify_command_that_leaves_changes_refuses(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, with_verify("echo left >s1/left.txt"))
    ticket.open(1)
    ticket.commit(1)
    error = refused(ticket)
    assert error.code == "dirty-worktree"
    assert "s1/left.txt" in error.message
    assert "verify" in error.message


def test_a_dry_run_runs_no_command(repository: ScratchRepository, tmp_path: Path) -> None:
    ticket = Ticket(repository, with_verify(f"touch {tmp_path}/ran"))
    ticket.open(1)
    ticket.commit(1)
    assert [one.status for one in ticket.done(1, dry_run=True).verified] == [None]
    assert not (tmp_path / "ran").exists()


def test_commands_are_not_run_on_files_that_would_not_be_recorded(
    repository: ScratchRepository, tmp_path: Path
) -> None:
    ticket = Ticket(repository, with_verify(f"touch {tmp_path}/ran"))
    here = ticket.open(1)
    ticket.commit(1)
    (here / "s1/new.txt").write_text("new\n")
    assert codes(refused(ticket)) == ["dirty-worktree"]
    assert not (tmp_path / "ran").exists()


def test_all_reasons_come_at_once(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, with_verify("exit 1"))
    here = ticket.open(1)
    ticket.commit(1, {"Makefile": "all:\n"})
    error = refused(ticket)
    assert codes(error) == ["outside-plan", "verify-failed"]
    (here / "s1").mkdir()
    (here / "s1/new.txt").write_text("new\n")
    ticket.git("switch", "-q", "-c", "elsewhere", cwd=here)
    error = refused(ticket)
    assert codes(error) == ["wrong-branch", "dirty-worktree", "outside-plan"]
    assert error.status == 1
    assert len(error.hint.splitlines()) >= 3


# -- who, and when


def test_only_the_owner_closes_a_stage(ticket: Ticket) -> None:
    ticket.open(1)
    ticket.commit(1)
    with pytest.raises(OkstraError) as caught:
        done.done(ticket.context(OKSTRA_OWNER="ben"), ticket.task, 1)
    assert (caught.value.code, caught.value.status) == ("held", 3)
    assert ticket.events("done") == []


def test_a_stage_that_is_not_open_is_refused_with_the_way_to_open_it(ticket: Ticket) -> None:
    error = refused(ticket, 1)
    assert (error.code, error.hint) == ("stage-not-open", "open it: git okstra stage 1")
    assert refused(ticket, 9).code == "no-such-stage"


def test_a_plan_that_was_changed_since_is_approved_first(ticket: Ticket) -> None:
    from git_okstra.operations import plans as plan_operations

    ticket.open(1)
    ticket.commit(1)
    plan = Plan((PlannedStage(1, "One", (), ("s1/**",)), *PLAN.stages[1:]))
    plan_operations.import_plan(ticket.context(), ticket.task, plan)
    assert refused(ticket).code == "plan-not-approved"


# -- flat stages


def test_a_flat_stage_is_what_came_to_the_task_branch_between_opening_and_done(ticket: Ticket) -> None:
    ticket.work(4)
    here = ticket.open(1, flat=True)
    assert here == ticket.path()
    base = ticket.tip()
    ticket.repository.commit({"s1/a.txt": "a\n"}, cwd=here)
    assert ticket.merge(4).merged[0][0] == 4
    head = ticket.repository.commit({"s1/b.txt": "b\n"}, cwd=here)
    assert ticket.done(1) == done.Done(1, head, base, 2, ("s1/a.txt", "s1/b.txt"))
    assert ticket.done(1).already


def test_a_flat_stage_taken_back_is_not_blamed_for_the_one_after_it(ticket: Ticket) -> None:
    here = ticket.open(1, flat=True)
    ticket.repository.commit({"s1/a.txt": "a\n"}, cwd=here)
    ticket.done(1)
    ticket.open(2, flat=True)
    ticket.repository.commit({"s2/a.txt": "a\n"}, cwd=here)
    ticket.done(2)
    ticket.reopen(1)
    ticket.repository.commit({"s1/b.txt": "b\n"}, cwd=here)
    assert ticket.done(1).files == ("s1/a.txt", "s1/b.txt")


def test_a_flat_stage_is_not_blamed_for_conflicts_that_were_resolved_between_others(
    repository: ScratchRepository,
) -> None:
    files = {1: "s1/**", 2: "shared.txt", 3: "shared.txt"}
    ticket = Ticket(repository, Plan(tuple(PlannedStage(n, "", (), (one,)) for n, one in files.items())))
    for number in (2, 3):
        ticket.work(number, {"shared.txt": f"from {number}\n"})
    here = ticket.open(1, flat=True)
    ticket.repository.commit({"s1/a.txt": "a\n"}, cwd=here)
    with pytest.raises(OkstraError, match=r"shared\.txt"):
        ticket.merge()
    (here / "shared.txt").write_text("both\n")
    ticket.git("add", ".", cwd=here)
    assert merge.resume(ticket.context(), ticket.task).skipped == (2,)
    assert ticket.done(1).files == ("s1/a.txt",)


def test_a_file_outside_the_plan_refuses_a_flat_stage(ticket: Ticket) -> None:
    here = ticket.open(1, flat=True)
    ticket.repository.commit({"Makefile": "all:\n"}, cwd=here)
    assert refused(ticket).code == "outside-plan"


# -- at the same time


def test_who_closes_at_the_same_time_closes_once(ticket: Ticket, okstra: Any, race: Callable[..., list[Ended]]) -> None:
    here = ticket.open(1)
    head = ticket.commit(1)
    ended = race(8, lambda _: okstra.words("done", "1"), cwd=here)
    assert [(one.status, one.out.strip()) for one in ended] == [(0, head)] * 8
    assert [event.data["head"] for event in ticket.events("done")] == [head]


def test_who_is_overtaken_while_verify_runs_records_nothing_more(
    repository: ScratchRepository, okstra: Any, tmp_path: Path
) -> None:
    other = f"test -e {tmp_path}/flag || {{ touch {tmp_path}/flag; {okstra.script} done 1; }}"
    ticket = Ticket(repository, with_verify(other))
    ticket.open(1)
    head = ticket.commit(1)
    found = ticket.done(1)
    assert (found.head, found.already) == (head, True)
    assert len(ticket.events("done")) == 1


def test_a_commit_made_while_verify_runs_is_verified_too(repository: ScratchRepository, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    late = f"git rev-parse HEAD >>{seen}; test -e s1/late.txt || (echo >s1/late.txt; git add s1; git commit -qm late)"
    ticket = Ticket(repository, with_verify(late))
    ticket.open(1)
    first = ticket.commit(1)
    found = ticket.done(1)
    assert (found.head, found.commits) == (ticket.tip(1), 2)
    assert seen.read_text().split() == [first, found.head]


def test_a_stage_that_never_stands_still_is_left_open(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, with_verify("git commit -q --allow-empty -m more"))
    ticket.open(1)
    ticket.commit(1)
    assert refused(ticket).code == "busy"


def test_whoever_commits_meanwhile_what_is_recorded_was_checked(
    ticket: Ticket, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    here = ticket.open(1)
    ticket.commit(1)
    commit = "for n in 1 2 3 4 5 6; do git commit -q --allow-empty -m $n; done"
    words = [okstra.words("done", "1"), ["sh", "-c", commit], okstra.words("done", "1")]
    for one in race(3, lambda i: words[i], cwd=here):
        assert one.status == 0 or one.error == "busy", one
    heads = [event.data["head"] for event in ticket.events("done")]
    line = ticket.git("rev-list", "--reverse", ticket.branch(1)).split()
    assert [line.index(head) for head in heads] == sorted(line.index(head) for head in heads)
    assert ticket.done(1).head == ticket.tip(1)


# -- killed


def test_killed_at_any_point_it_is_simply_done_again(
    repository: ScratchRepository, okstra: Any, tmp_path: Path
) -> None:
    ticket = Ticket(repository, with_verify("true"))
    here = ticket.open(1)
    head = ticket.commit(1)
    before = Snapshot(ticket, tmp_path / "kept")
    points = preloaded.crash_points(okstra.words("done", "1"), cwd=here)
    assert "append journal.jsonl: before" in points
    for point in before.deaths(okstra.words("done", "1"), here, points, 1, 1):
        assert okstra("done", "1", cwd=here).out.strip() == head, point
        assert [event.data["head"] for event in ticket.events("done")] == [head], point
        assert ticket.git("status", "--porcelain", cwd=here) == ""


def test_the_command_answers_with_the_recorded_commit(ticket: Ticket, okstra: Any) -> None:
    here = ticket.open(1)
    head = ticket.commit(1)
    ended = okstra("done", "--json", cwd=here)
    assert ended.json()["stage"]["head"] == head
    refusing = okstra("done", "2", cwd=here, check=False).require_error("stage-not-open")
    assert "git okstra stage 2" in refusing.err
