"""verify: a verdict cannot be had by accident. Each test does to a finished task what must not pass."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from git_okstra.core import judging
from git_okstra.core.errors import OkstraError
from git_okstra.operations import phase, plans, report_checking, verdict
from git_okstra.operations.verify import Verified
from support import gates, processes
from support import plans as some_plans
from support.gates import judge, kinds
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Ticket


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    """A task whose two stages are done and merged."""
    made = Ticket(repository, some_plans.of({1: (), 2: (1,)}))
    made.work(1)
    made.work(2)
    made.merge()
    return made


def now(ticket: Ticket) -> Any:
    """The task as stored."""
    return ticket.context().store.task(*ticket.task.key)


def standing(ticket: Ticket) -> verdict.Standing:
    return verdict.standing(ticket.context(), now(ticket))


def move(ticket: Ticket, name: str) -> phase.Moved:
    return phase.change(ticket.context(), now(ticket), name)


def directory(found: Verified) -> Path:
    assert found.directory is not None
    return Path(found.directory)


# -- accepted


def test_a_finished_task_is_accepted_and_goes_to_final_verification(ticket: Ticket) -> None:
    found = judge(ticket, "ls s1", "printf '한글 \\377'")
    assert found.accepted
    assert now(ticket).phase == found.task.phase == "final-verification"
    report = json.loads((directory(found) / "report.json").read_bytes())
    assert report == found.report
    assert (report["commit"], report["tree"]) == (ticket.tip(), ticket.git("rev-parse", f"{ticket.tip()}^{{tree}}"))
    assert [stage["commits"] for stage in report["stages"]] == [1, 1]
    assert {check["status"] for check in report["checks"]} == {"passed"}
    assert [command["status"] for command in report["commands"]] == [0, 0]
    assert (directory(found) / "command-1.log").read_bytes() == b"a.txt\n"
    assert (directory(found) / "command-2.log").read_bytes() == "한글 ".encode() + b"\xff"
    jsonschema.Draft202012Validator(json.loads(gates.SCHEMA)).validate(report)
    (event,) = ticket.events("verified")
    data = (directory(found) / "report.json").read_bytes()
    assert event.data["sha256"] == hashlib.sha256(data).hexdigest()
    assert event.data["plan"] == report["plan"]["digest"]
    (moved,) = ticket.events("phase")
    assert (moved.data["from"], moved.data["to"], moved.data["head"]) == (
        "implementation",
        "final-verification",
        ticket.tip(),
    )
    assert moved.data["stages"] == {"1": ticket.tip(1), "2": ticket.tip(2)}
    assert standing(ticket).holds
    assert report_checking.check(ticket.context(), data, gates.SCHEMA).objection == ""


def test_stages_whose_branches_were_removed_count_as_merged(ticket: Ticket) -> None:
    for number in (1, 2):
        ticket.git("worktree", "remove", "--force", str(ticket.path(number)))
        ticket.git("branch", "-D", ticket.branch(number))
    assert judge(ticket).accepted


def test_a_task_without_a_plan_passes_with_the_plan_not_applicable(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, None)
    ticket.commit(0, {"anything": "x\n"})
    found = judge(ticket, "true")
    assert found.accepted
    statuses = {check["name"]: check["status"] for check in found.report["checks"]}
    assert [name for name, status in statuses.items() if status == "not-applicable"] == [
        "plan-approved",
        "stages-done",
        "stages-unmoved",
        "stages-merged",
    ]
    assert statuses["commands-passed"] == "passed"
    assert found.report["plan"] == {"status": "not-applicable", "digest": None, "approved_by": None}


def test_the_base_branch_may_be_merged_in_and_conflicts_decided(ticket: Ticket) -> None:
    ticket.repository.commit({"README.md": "theirs\n", "s1/a.txt": "main's\n"}, "on main")
    merged = ticket.git.run("merge", "-q", "main", "-m", "main comes in", cwd=ticket.path())
    assert merged.status == 1
    ticket.commit(0, {"s1/a.txt": "both\n"}, "decided")
    assert judge(ticket).accepted


def test_it_holds_for_any_commit_with_the_same_tree(ticket: Ticket) -> None:
    judge(ticket)
    ticket.git("commit", "-q", "--allow-empty", "-m", "nothing", cwd=ticket.path())
    assert standing(ticket).holds
    # The next run sees that the commit came where none may come.
    assert kinds(judge(ticket)) == [judging.FORBIDDEN]


def test_a_dry_run_says_what_is_amiss_and_changes_nothing(ticket: Ticket) -> None:
    ticket.commit(0, {"extra": "x\n"})
    before = ticket.context().store.events(*ticket.task.key[1:])
    found = judge(ticket, "touch made", dry_run=True)
    assert kinds(found) == [judging.UNPLANNED]
    assert found.directory is None
    assert not (ticket.path() / "made").exists()
    assert ticket.context().store.events(*ticket.task.key[1:]) == before
    assert not Path(ticket.context().store.reports_path(*ticket.task.key[1:])).exists()


# -- what must not pass


def test_a_stage_branch_that_moved_after_done(ticket: Ticket) -> None:
    ticket.commit(2, {"s2/more.txt": "more\n"})
    assert kinds(judge(ticket)) == ["stage-stale"]
    assert now(ticket).phase == "implementation"
    ticket.done(2)
    assert kinds(judge(ticket)) == ["stage-not-merged"]
    ticket.merge()
    assert judge(ticket).accepted


def test_a_head_that_was_squashed_in_by_hand(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: ()}))
    ticket.work(1)
    ticket.git("merge", "-q", "--squash", ticket.branch(1), cwd=ticket.path())
    ticket.git("commit", "-q", "-m", "squashed", cwd=ticket.path())
    found = judge(ticket)
    assert kinds(found) == ["stage-not-merged", judging.UNPLANNED]
    assert "(squashed)" in found.reasons[1].message


def test_a_stage_that_was_rebased(ticket: Ticket) -> None:
    ticket.repository.commit({"other": "x\n"}, "on main")
    ticket.git("rebase", "-q", "main", cwd=ticket.path(2))
    assert kinds(judge(ticket)) == ["stage-stale"]


def test_an_extra_commit_on_the_task_branch(ticket: Ticket) -> None:
    extra = ticket.commit(0, {"s1/a.txt": "changed by hand\n"}, "by hand")
    found = judge(ticket)
    assert kinds(found) == [judging.UNPLANNED]
    assert extra[:12] in found.reasons[0].message
    hint = found.reasons[0].hint.split("\n")[1].partition(": ")[2]
    rebased = ticket.git.run(*hint.replace("'", "").split()[1:])
    assert rebased.status == 0, rebased
    assert judge(ticket).accepted


def test_an_extra_commit_that_a_merge_hides(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: ()}))
    ticket.work(1)
    ticket.git("merge", "-q", "--no-ff", "--no-commit", ticket.branch(1), cwd=ticket.path())
    (ticket.path() / "evil").write_text("x\n")
    ticket.git("add", "evil", cwd=ticket.path())
    ticket.git("commit", "-q", "-m", "a merge", cwd=ticket.path())
    found = judge(ticket)
    assert kinds(found) == [judging.MERGE_CHANGES]
    assert "evil" in found.reasons[0].message


def test_a_merge_that_drops_what_the_stage_did(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: ()}))
    ticket.work(1)
    ticket.git("merge", "-q", "-s", "ours", "-m", "a merge", ticket.branch(1), cwd=ticket.path())
    assert kinds(judge(ticket)) == [judging.MERGE_CHANGES]


def test_a_side_branch_that_was_merged_in(ticket: Ticket) -> None:
    ticket.git("switch", "-q", "-c", "side", "main")
    ticket.repository.commit({"side": "x\n"}, "aside")
    ticket.git("switch", "-q", "main")
    ticket.git("merge", "-q", "--no-ff", "-m", "side", "side", cwd=ticket.path())
    found = judge(ticket)
    assert kinds(found) == [judging.UNPLANNED]
    assert "(aside)" in found.reasons[0].message


def test_a_stage_that_is_not_done_and_merged_all_the_same(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: ()}))
    ticket.open(1)
    ticket.commit(1)
    ticket.git("merge", "-q", "--no-ff", "-m", "too early", ticket.branch(1), cwd=ticket.path())
    assert kinds(judge(ticket)) == ["stage-not-done", judging.UNPLANNED]


def test_an_edited_plan(ticket: Ticket) -> None:
    judge(ticket)
    plans.import_plan(ticket.context(), ticket.task, some_plans.of({1: (), 2: (1,)}, "other {}"))
    assert "another plan" in standing(ticket).weakness
    assert kinds(judge(ticket)) == ["plan-changed"]
    plans.approve(ticket.context(), ticket.task)
    assert judge(ticket).accepted


def test_a_file_that_a_command_changes(ticket: Ticket) -> None:
    found = judge(ticket, "echo changed >s1/a.txt", "true")
    assert kinds(found) == ["files-changed"]
    assert [command["status"] for command in found.report["commands"]] == [0, None]
    assert kinds(judge(ticket, "true")) == ["dirty-worktree"]
    ticket.git("checkout", "-q", ".", cwd=ticket.path())
    assert kinds(judge(ticket, "echo new >untracked")) == ["files-changed"]


@pytest.mark.parametrize("bit", ["--assume-unchanged", "--skip-worktree"])
def test_a_change_that_git_was_told_not_to_see(ticket: Ticket, bit: str) -> None:
    ticket.git("update-index", bit, "s1/a.txt", cwd=ticket.path())
    (ticket.path() / "s1/a.txt").write_text("changed\n")
    assert ticket.git("status", "--porcelain", cwd=ticket.path()) == ""
    found = judge(ticket, "true")
    assert kinds(found) == ["concealed-files"]
    assert found.report["commands"][0]["status"] is None


def test_a_command_that_conceals_what_it_changes(ticket: Ticket) -> None:
    found = judge(ticket, "echo x >s1/a.txt; git update-index --assume-unchanged s1/a.txt", "true")
    assert kinds(found) == ["files-changed"]


def test_a_sparse_checkout_conceals_nothing(ticket: Ticket) -> None:
    ticket.git("sparse-checkout", "set", "--no-cone", "/s1/", cwd=ticket.path())
    assert not (ticket.path() / "s2").exists()
    assert judge(ticket).accepted


def test_a_command_that_commits(ticket: Ticket) -> None:
    assert kinds(judge(ticket, "git commit -q --allow-empty -m sly")) == ["branch-moved"]


def test_a_command_that_hangs(ticket: Ticket) -> None:
    found = judge(ticket, "sleep 600 & sleep 600", "exit 7", OKSTRA_VERIFY_TIMEOUT="1s")
    assert kinds(found) == ["command-timed-out", "command-failed"]
    assert [command["status"] for command in found.report["commands"]] == [124, 7]


def test_what_a_command_leaves_behind_is_ended_with_it(ticket: Ticket) -> None:
    found = judge(ticket, "(sleep 1; touch late) & echo started")
    assert found.accepted
    assert (directory(found) / "command-1.log").read_bytes() == b"started\n"


def test_a_report_file_that_was_replaced(ticket: Ticket) -> None:
    found = judge(ticket)
    path = directory(found) / "report.json"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"DEV-1"', b'"DEV-2"'))
    assert "another report" in standing(ticket).weakness
    with pytest.raises(OkstraError, match="no report with exactly this content"):
        report_checking.check(ticket.context(), path.read_bytes(), gates.SCHEMA)
    path.unlink()
    assert not standing(ticket).holds


def test_a_task_branch_that_was_reset_after_the_verdict(ticket: Ticket) -> None:
    judge(ticket)
    ticket.git("reset", "-q", "--hard", "HEAD^", cwd=ticket.path())
    assert "the task branch is at" in standing(ticket).weakness
    assert kinds(judge(ticket)) == ["stage-not-merged"]


def test_what_happens_to_a_stage_voids_the_verdict(ticket: Ticket) -> None:
    judge(ticket)
    ticket.reopen(2)
    assert standing(ticket).weakness == "is void: stage 2 was taken back to open since"
    assert kinds(judge(ticket)) == ["stage-not-done"]


def test_moving_back_voids_the_verdict_and_a_new_round_may_follow(ticket: Ticket) -> None:
    judge(ticket)
    assert move(ticket, "implementation").voided
    assert standing(ticket).weakness == "is void: the task went back to implementation"
    with pytest.raises(OkstraError) as refused:
        move(ticket, "final-verification")
    assert refused.value.code == "phase-not-ready"
    ticket.reopen(2)
    ticket.commit(2, {"s2/more.txt": "more\n"})
    ticket.done(2)
    ticket.merge()
    assert judge(ticket).accepted
    assert move(ticket, "next").phase.name == "release-handoff"


def test_a_commit_of_final_verification_stays_foreign_in_the_next_round(ticket: Ticket) -> None:
    judge(ticket)
    ticket.commit(0, {"late": "x\n"}, "late")
    move(ticket, "implementation")
    found = judge(ticket)
    assert kinds(found) == [judging.FORBIDDEN]
    assert found.reasons[0].data["phase"] == "final-verification"


def test_the_worktree_of_the_task(ticket: Ticket) -> None:
    (ticket.path() / "untracked").write_text("x\n")
    ticket.git("switch", "-q", "--detach", cwd=ticket.path())
    found = judge(ticket, "true")
    assert kinds(found) == ["wrong-branch", "dirty-worktree"]
    assert found.report["commands"][0]["status"] is None
    ticket.git("worktree", "remove", "--force", str(ticket.path()))
    assert kinds(judge(ticket)) == ["worktree-missing"]


def test_somebody_who_works_on_the_task_meanwhile(ticket: Ticket) -> None:
    script = f"git -C '{ticket.repository.path}' okstra reopen 2"
    with pytest.raises(OkstraError) as refused:
        judge(ticket, script)
    assert refused.value.code == "busy"
    assert ticket.events("verified") == []


# -- phases


def test_commits_are_judged_by_the_phase_they_were_added_in(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, None, lifecycle="full")
    ticket.commit(0, {"docs/idea.md": "x\n"}, "an idea")
    astray = ticket.commit(0, {"docs/more.md": "x\n", "code.py": "x\n"}, "too eager")
    move(ticket, "implementation-planning")
    ticket.commit(0, {"docs/plan.md": "x\n"}, "a plan")
    ticket.repository.commit({"other.py": "x\n"}, "on main")
    ticket.git("merge", "-q", "main", "-m", "main comes in", cwd=ticket.path())
    move(ticket, "implementation")
    ticket.commit(0, {"setup.py": "x\n"}, "no plan binds yet")
    ticket.approve(some_plans.of({1: ()}))
    late = ticket.commit(0, {"docs/late.md": "x\n"}, "a plan binds now")
    ticket.work(1)
    ticket.merge()
    found = judge(ticket)
    by_kind = {reason.kind: reason.data for reason in found.reasons}
    assert list(map(len, (found.reasons, by_kind))) == [2, 2]
    assert by_kind[judging.UNPLANNED]["commit"] == late[:12]
    assert {name: by_kind[judging.OUTSIDE_DOCS][name] for name in ("commit", "paths", "phase")} == {
        "commit": astray[:12],
        "paths": "code.py",
        "phase": "requirements-discovery",
    }


def test_what_an_adopted_branch_has_already_is_not_judged(repository: ScratchRepository) -> None:
    repository.git("switch", "-q", "-c", "feat-dev-1")
    repository.commit({"code.py": "x\n"}, "begun by hand")
    repository.git("switch", "-q", "main")
    ticket = Ticket(repository, None, lifecycle="full", adopt=True)
    ticket.commit(0, {"docs/idea.md": "x\n"})
    assert judge(ticket).accepted
    move(ticket, "implementation")
    assert judge(ticket).accepted


def test_the_commits_of_a_flat_stage_are_the_stages(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: (), 2: ()}))
    ticket.open(1, flat=True)
    ticket.commit(0, {"s1/a.txt": "x\n"})
    ticket.work(2)
    ticket.done(1)
    ticket.merge()
    assert judge(ticket).accepted


def test_a_squash_that_was_journalled_at_hand_off_keeps_every_stage(ticket: Ticket) -> None:
    judge(ticket)
    old = ticket.tip()
    ticket.git("reset", "-q", "--soft", "main", cwd=ticket.path())
    ticket.git("commit", "-q", "-m", "all of it", cwd=ticket.path())
    assert standing(ticket).holds
    assert kinds(judge(ticket)) == ["stage-not-merged", "stage-not-merged", judging.FORBIDDEN]
    ctx = ticket.context()
    with ctx.store.locked():
        ctx.store.append(*ticket.task.key[1:], ctx.event("handed-off", commit=ticket.tip(), squashed=old))
    found = judge(ticket)
    assert found.accepted
    data = (directory(found) / "report.json").read_bytes()
    assert report_checking.check(ticket.context(), data, gates.SCHEMA).objection == ""


def test_a_squash_with_other_files_is_not_taken_for_what_it_replaced(ticket: Ticket) -> None:
    old = ticket.tip()
    ticket.git("reset", "-q", "--soft", "main", cwd=ticket.path())
    ticket.commit(0, {"sly": "x\n"}, "all of it, and more")
    ctx = ticket.context()
    with ctx.store.locked():
        ctx.store.append(*ticket.task.key[1:], ctx.event("handed-off", commit=ticket.tip(), squashed=old))
    assert kinds(judge(ticket))[:2] == ["stage-not-merged", "stage-not-merged"]


# -- whose commands


def test_commands_of_the_projects_file_are_those_of_the_base_and_need_approval(repository: ScratchRepository) -> None:
    repository.commit({".okstra.toml": "[verify]\ncommands = ['echo base']\n"}, "what the gate runs")
    ticket = Ticket(repository, None)
    ticket.commit(0, {".okstra.toml": "[verify]\ncommands = []\n"}, "loosened")
    found = _judged_as_configured(ticket)
    assert kinds(found) == ["untrusted-command"]
    assert found.report["commands"] == [{"command": "echo base", "status": None, "seconds": 0.0, "log": None}]
    repository.git("okstra", "config", "trust", "--yes")
    found = _judged_as_configured(ticket)
    assert found.accepted
    assert (directory(found) / "command-1.log").read_bytes() == b"base\n"


def _judged_as_configured(ticket: Ticket) -> Verified:
    from git_okstra.operations import verify

    ctx = ticket.context(ticket.path())
    return verify.verify(ctx, now(ticket), render=lambda _report: "", watcher=gates.Heard())


def test_killed_where_the_verdict_is_recorded_it_is_simply_run_again(ticket: Ticket, okstra: Command) -> None:
    words, where = okstra.words("verify"), ticket.path()
    points = processes.crash_points(words, cwd=where)
    move(ticket, "implementation")
    names = ("rename report", "append journal", "rename task.toml")
    places = [at for at, name in enumerate(points, 1) if name.startswith(names) and name.endswith(": after")]
    assert len(places) == 5
    for at in places:
        assert processes.crash(words, at=at, cwd=where).killed
        # What a verdict says and the phase that goes with it are never apart for long.
        assert phase.show(ticket.context(), now(ticket)).phase.name in ("implementation", "final-verification")
        assert judge(ticket).accepted
        assert now(ticket).phase == "final-verification"
        assert standing(ticket).holds
        move(ticket, "implementation")


def test_what_git_replace_shows_does_not_count(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, some_plans.of({1: ()}))
    head = ticket.work(1)
    before = ticket.tip()
    shown = ticket.git("commit-tree", "-p", before, "-p", head, "-m", "as if merged", f"{head}^{{tree}}")
    made = ticket.git("commit-tree", "-p", before, "-m", "empty", f"{before}^{{tree}}")
    ticket.git("reset", "-q", "--hard", shown, cwd=ticket.path())
    ticket.git("update-ref", f"refs/heads/{ticket.branch()}", made)
    ticket.git("replace", made, shown)
    assert ticket.git("status", "--porcelain", cwd=ticket.path()) == ""
    assert kinds(judge(ticket)) == ["stage-not-merged", "dirty-worktree", judging.UNPLANNED]
