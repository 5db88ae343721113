"""A stage that is behind is brought up to date: merged or rebased, once, and what it changed is still told right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import abandon, done, ground, plans, stage, sync
from support import gates
from support.processes import Ended
from support.repositories import ScratchRepository, make_repository
from support.workbench import Snapshot, Ticket

STORY = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
PLAN = Plan(
    (
        PlannedStage(1, "One", (), ("s1/**", "story.txt")),
        PlannedStage(2, "Two", (1,), ("s2/**", "story.txt")),
        PlannedStage(3, "Three", (1,), ("s3/**",)),
        PlannedStage(4, "Four", (2, 3), ("s4/**",)),
    )
)


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    repository.commit({"story.txt": STORY}, "a story")
    return Ticket(repository, PLAN)


def bring(ticket: Ticket, *numbers: int, **more: bool) -> tuple[sync.Synced, ...]:
    return sync.sync(ticket.context(), ticket.task, numbers, **more)


def refused(ticket: Ticket, *numbers: int, **more: bool) -> OkstraError:
    with pytest.raises(OkstraError) as raised:
        bring(ticket, *numbers, **more)
    return raised.value


def states(ticket: Ticket) -> dict[int, str]:
    facts = ground.stage_facts(ticket.context(), ticket.task, PLAN, ticket.history)
    return ground.states(PLAN, ticket.history, facts)


def behind(ticket: Ticket) -> dict[int, tuple[int, ...]]:
    return ground.stage_facts(ticket.context(), ticket.task, PLAN, ticket.history).behind


def again(ticket: Ticket, number: int, files: dict[str, str]) -> str:
    """Reopen a stage, commit and close it; the new head."""
    ticket.reopen(number)
    ticket.commit(number, files)
    return ticket.done(number).head


def kept(factory: pytest.TempPathFactory, prepare: Callable[[Ticket], None]) -> Iterator[tuple[Ticket, Snapshot, str]]:
    """A ticket on which `prepare` has worked, made once and had back as often as wanted; and its OKSTRA_HOME."""
    root = factory.mktemp("kept").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKSTRA_HOME", f"{root}/home")
        repository = make_repository(root / "shop")
        repository.commit({"story.txt": STORY}, "a story")
        ticket = Ticket(repository, PLAN)
        prepare(ticket)
        snapshot = Snapshot(ticket, root / "kept")
    yield ticket, snapshot, f"{root}/home"


@pytest.fixture(scope="module")
def _late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ticket, Snapshot, str]]:
    def prepare(ticket: Ticket) -> None:
        ticket.work(1)
        ticket.open(2)
        ticket.commit(2)
        again(ticket, 1, {"s1/more.txt": "more\n"})

    yield from kept(tmp_path_factory, prepare)


@pytest.fixture
def late(_late: tuple[Ticket, Snapshot, str], monkeypatch: pytest.MonkeyPatch) -> Ticket:
    """Stage 2 is open with a commit, and stage 1, on which it stands, was done again."""
    ticket, snapshot, home = _late
    monkeypatch.setenv("OKSTRA_HOME", home)
    snapshot.restore()
    return ticket


# -- merging


def test_a_stage_is_merged_with_the_new_head_of_its_dependency(late: Ticket) -> None:
    before, head = late.tip(2), late.tip(1)
    old = late.history.stage(2).base
    assert behind(late) == {2: (1,)}
    (done,) = bring(late, 2)
    assert (done.status, done.base, done.old, done.head) == (sync.SYNCED, head, old, late.tip(2))
    assert late.git("rev-list", "--parents", "-1", late.tip(2)).split()[1:] == [before, head]
    assert late.git("status", "--porcelain", cwd=late.path(2)) == ""
    assert (late.path(2) / "s1/more.txt").exists()
    assert behind(late) == {}
    record = late.history.stage(2)
    assert (record.base, record.earlier) == (head, (old,))
    entry = late.context().registry.record(late.task.key)
    assert entry is not None and entry.reservations[2].base == head
    (event,) = late.events("synced")
    assert (event.stage, event.data["old"], event.data["base"]) == (2, old, head)


def test_asking_again_changes_nothing(late: Ticket) -> None:
    bring(late, 2)
    tip = late.tip(2)
    assert bring(late, 2)[0].status == sync.UP_TO_DATE
    assert late.tip(2) == tip
    assert len(late.events("synced")) == 1


def test_a_dry_run_tells_and_changes_nothing(late: Ticket) -> None:
    tip = late.tip(2)
    (told,) = bring(late, 2, dry_run=True)
    assert (told.status, told.base, told.head) == (sync.SYNCED, late.tip(1), None)
    assert (late.tip(2), late.events("synced")) == (tip, [])


def test_its_files_are_its_own_and_all_of_it_is_accepted(late: Ticket) -> None:
    bring(late, 2)
    done = late.done(2)
    assert (done.commits, done.files) == (1, ("s2/a.txt",))
    late.work(3)
    late.merge()
    late.work(4)
    late.merge()
    assert gates.kinds(gates.judge(late)) == []


def test_without_commits_of_its_own_it_just_goes_forward(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.open(2)
    head = again(ticket, 1, {"s1/more.txt": "more\n"})
    bring(ticket, 2)
    assert ticket.tip(2) == head
    assert ticket.git("status", "--porcelain", cwd=ticket.path(2)) == ""


def test_a_dependency_whose_commits_were_made_anew_leaves_no_foreign_files(late: Ticket) -> None:
    late.reopen(1)
    late.git("reset", "-q", "--hard", "main", cwd=late.path(1))
    late.commit(1, {"s1/other.txt": "other\n"})
    late.done(1)
    assert behind(late) == {2: (1,)}
    bring(late, 2)
    done = late.done(2)
    assert (done.commits, done.files) == (1, ("s2/a.txt",))


def test_what_somebody_merged_by_hand_is_recorded(late: Ticket) -> None:
    head = late.tip(1)
    late.git("merge", "-q", "--no-edit", head, cwd=late.path(2))
    tip = late.tip(2)
    assert bring(late, 2)[0].status == sync.UP_TO_DATE
    assert (late.tip(2), late.history.stage(2).base) == (tip, head)


def test_a_stage_that_stands_on_several_is_merged_with_the_task_branch(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.work(2)
    ticket.work(3)
    ticket.merge()
    ticket.open(4)
    ticket.commit(4)
    again(ticket, 3, {"s3/more.txt": "more\n"})
    error = refused(ticket, 4)
    assert error.code == "dependencies-not-merged"
    assert error.hint == "git okstra merge 3\nthen: git okstra sync 4"
    ticket.merge(3)
    (done,) = bring(ticket, 4)
    assert done.base == ticket.tip()
    closed = ticket.done(4)
    assert (closed.commits, closed.files) == (1, ("s4/a.txt",))
    ticket.merge()
    assert gates.kinds(gates.judge(ticket)) == []


def test_the_task_is_merged_with_its_base_branch(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.merge()
    main = ticket.repository.commit({"README.md": "moved on\n"}, "the base moves")
    (done,) = bring(ticket, names.TASK)
    assert (done.status, done.base) == (sync.SYNCED, main)
    assert ticket.subjects()[0] == "Merge branch 'main' into feat-dev-1"
    assert bring(ticket, names.TASK)[0].status == sync.UP_TO_DATE
    assert [event.stage for event in ticket.events("synced")] == [None]


# -- who is behind


def test_a_stage_on_the_anchor_is_never_behind(ticket: Ticket) -> None:
    ticket.open(1)
    ticket.commit(1)
    ticket.repository.commit({"README.md": "moved on\n"})
    assert bring(ticket, 1)[0].status == sync.UP_TO_DATE


def test_a_dependency_that_is_open_again_has_to_be_done_first(late: Ticket) -> None:
    late.reopen(1)
    assert behind(late) == {}
    error = refused(late, 2)
    assert error.code == "stage-not-ready"
    assert error.hint == "first: git okstra done 1\nthen: git okstra sync 2"


def test_one_that_was_done_again_without_a_change_leaves_nobody_behind(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.open(2)
    ticket.reopen(1)
    ticket.done(1)
    assert behind(ticket) == {}


def test_a_done_stage_that_is_behind_is_stale_until_it_is_up_to_date_and_done_again(late: Ticket) -> None:
    late.reopen(1)
    late.done(2)
    context = late.context()
    late.commit(1, {"s1/again.txt": "again\n"})
    done.done(context, late.task, 1)
    assert context.notes == ["stage 2 was started from the earlier head of stage 1: git okstra sync 2"]
    assert states(late)[2] == "stale"
    with pytest.raises(OkstraError) as raised:
        late.merge(2)
    assert (raised.value.code, raised.value.hint.split("\n")[0]) == (
        "stage-stale",
        "bring it up to date: git okstra sync 2",
    )
    assert "stage-behind" in gates.kinds(gates.judge(late))
    bring(late, 2)
    assert states(late)[2] == "stale"
    late.done(2)
    assert states(late)[2] == "done"
    assert [number for number, _ in late.merge(1, 2).merged] == [1, 2]


def test_what_is_merged_is_not_behind(ticket: Ticket) -> None:
    ticket.work(1)
    ticket.work(2)
    ticket.merge()
    again(ticket, 1, {"s1/more.txt": "more\n"})
    assert states(ticket)[2] == "merged"
    assert bring(ticket, 2)[0].status == sync.UP_TO_DATE


def test_all_takes_ones_own_and_tells_of_others(late: Ticket) -> None:
    theirs = late.context(OKSTRA_OWNER="ben@example")
    late.reopen(1)
    late.done(1)
    stage.open_stage(theirs, late.task, 3)
    again(late, 1, {"s1/again.txt": "again\n"})
    ctx = late.context()
    outcome = sync.sync_all(ctx, late.task)
    assert [(one.number, one.status) for one in outcome.done] == [(2, sync.SYNCED)]
    assert outcome.refused == {}
    assert [note.startswith("stage 3 was passed over: ") for note in ctx.notes] == [True]
    assert refused(late, 3).code == "held"


def test_all_goes_on_past_one_that_is_not_fit(late: Ticket) -> None:
    late.reopen(1)
    late.done(1)
    late.open(3)
    again(late, 1, {"s1/again.txt": "again\n"})
    (late.path(2) / "notes.txt").write_text("mine\n")
    outcome = sync.sync_all(late.context(), late.task)
    assert [one.number for one in outcome.done] == [3]
    assert {number: error.code for number, error in outcome.refused.items()} == {2: "dirty-worktree"}
    assert (late.path(2) / "notes.txt").read_text() == "mine\n"


# -- refusals


def test_uncommitted_changes_a_wrong_branch_and_other_merges_are_refused(late: Ticket) -> None:
    place, tip = late.path(2), late.tip(2)
    (place / "notes.txt").write_text("mine\n")
    assert refused(late, 2).code == "dirty-worktree"
    (place / "notes.txt").unlink()
    late.git("switch", "-q", "--detach", cwd=place)
    assert refused(late, 2).code == "wrong-branch"
    late.git("switch", "-q", late.branch(2), cwd=place)
    late.git("merge", "-q", "--no-commit", "--no-ff", late.tip(1), cwd=place)
    assert refused(late, 2).code == "merge-in-progress"
    assert late.tip(2) == tip


def test_stages_that_are_not_open_and_phases_without_commits_are_refused(late: Ticket) -> None:
    assert refused(late, 3).code == "stage-not-open"
    assert refused(late, 9).code == "no-such-stage"
    late.done(2)
    late.reopen(2)
    store = late.context().store
    store.save_task(replace(store.task(*late.task.key) or late.task, phase="final-verification"))
    assert refused(late, 2).code == "phase-not-ready"


# -- conflicts


@pytest.fixture(scope="module")
def _clash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ticket, Snapshot, str]]:
    def prepare(ticket: Ticket) -> None:
        ticket.work(1)
        ticket.open(2)
        ticket.commit(2, {"s2/first.txt": "first\n"})
        ticket.commit(2, {"story.txt": STORY.replace("two", "zwei")})
        ticket.commit(2, {"s2/last.txt": "last\n"})
        again(ticket, 1, {"story.txt": STORY.replace("two", "deux")})

    yield from kept(tmp_path_factory, prepare)


@pytest.fixture
def clash(_clash: tuple[Ticket, Snapshot, str], monkeypatch: pytest.MonkeyPatch) -> Ticket:
    """Stage 2 has three commits, one of which conflicts with what stage 1 recorded since."""
    ticket, snapshot, home = _clash
    monkeypatch.setenv("OKSTRA_HOME", home)
    snapshot.restore()
    return ticket


def resolve(ticket: Ticket) -> None:
    (ticket.path(2) / "story.txt").write_text(STORY.replace("two", "zwei, deux"))
    ticket.git("add", "story.txt", cwd=ticket.path(2))


def resume(ticket: Ticket) -> sync.Synced:
    return sync.resume(ticket.context(), ticket.task, 2)


@pytest.mark.parametrize("rebase", [False, True])
def test_a_conflict_stops_there_and_continue_goes_on(clash: Ticket, rebase: bool) -> None:
    tip = clash.tip(2)
    error = refused(clash, 2, rebase=rebase)
    assert error.code == "merge-conflict"
    assert "story.txt" in error.message
    assert clash.tip(2) == tip
    assert refused(clash, 2).code == "merge-in-progress"
    with pytest.raises(OkstraError) as raised:
        resume(clash)
    assert raised.value.code == "merge-conflict"
    with pytest.raises(OkstraError) as raised:
        clash.done(2)
    assert raised.value.hint.startswith("go on: git okstra sync 2 --continue")
    resolve(clash)
    assert refused(clash, 2).code == "merge-in-progress"
    assert resume(clash).base == clash.tip(1)
    assert clash.git("symbolic-ref", "HEAD", cwd=clash.path(2)) == f"refs/heads/{clash.branch(2)}"
    assert clash.git("status", "--porcelain", cwd=clash.path(2)) == ""
    assert clash.done(2).files == ("s2/first.txt", "s2/last.txt", "story.txt")
    assert bool(clash.git("rev-list", "--merges", f"{clash.tip(1)}..{clash.tip(2)}")) != rebase


@pytest.mark.parametrize("rebase", [False, True])
def test_it_can_be_given_up(clash: Ticket, rebase: bool) -> None:
    tip = clash.tip(2)
    refused(clash, 2, rebase=rebase)
    (clash.path(2) / "story.txt").write_text("an hour's work\n")
    assert sync.abort(clash.context(), clash.task, 2, dry_run=True) == tip
    assert sync.stopped(clash.context(), clash.task) == [2]
    assert sync.abort(clash.context(), clash.task, 2) == tip
    assert clash.git("symbolic-ref", "HEAD", cwd=clash.path(2)) == f"refs/heads/{clash.branch(2)}"
    assert (clash.path(2) / "story.txt").read_text() == STORY.replace("two", "zwei")
    assert clash.trash()["story.txt"] == "an hour's work\n"
    assert clash.history.stage(2).base != clash.tip(1)
    with pytest.raises(OkstraError) as raised:
        sync.abort(clash.context(), clash.task, 2)
    assert raised.value.code == "no-merge"


@pytest.mark.parametrize("rebase", [False, True])
def test_what_a_person_finishes_with_git_is_understood(clash: Ticket, rebase: bool) -> None:
    refused(clash, 2, rebase=rebase)
    resolve(clash)
    verb = ("rebase", "--continue") if rebase else ("commit", "-q", "--no-edit")
    clash.git(*verb, cwd=clash.path(2), env={"GIT_EDITOR": "true"})
    assert bring(clash, 2)[0].status == sync.SYNCED
    assert clash.history.stage(2).base == clash.tip(1)
    assert clash.done(2).files == ("s2/first.txt", "s2/last.txt", "story.txt")


@pytest.mark.parametrize("rebase", [False, True])
def test_what_a_person_gives_up_with_git_is_understood(clash: Ticket, rebase: bool) -> None:
    tip = clash.tip(2)
    refused(clash, 2, rebase=rebase)
    clash.git("rebase" if rebase else "merge", "--abort", cwd=clash.path(2))
    with pytest.raises(OkstraError) as raised:
        resume(clash)
    assert raised.value.code == "no-merge"
    assert clash.git("symbolic-ref", "HEAD", cwd=clash.path(2)) == f"refs/heads/{clash.branch(2)}"
    assert (clash.tip(2), sync.stopped(clash.context(), clash.task)) == (tip, [])


def test_a_rebase_that_was_left_in_the_middle_loses_no_commit(clash: Ticket) -> None:
    tip = clash.tip(2)
    refused(clash, 2, rebase=True)
    clash.git("rebase", "--quit", cwd=clash.path(2))
    clash.git("checkout", "-q", "-f", "HEAD", cwd=clash.path(2))
    assert refused(clash, 2).code == "merge-in-progress"
    assert clash.tip(2) == tip


@pytest.mark.parametrize("rebase", [False, True])
def test_a_damaged_record_can_still_be_given_up(clash: Ticket, rebase: bool) -> None:
    tip = clash.tip(2)
    refused(clash, 2, rebase=rebase)
    kept = Path(clash.context().store.sync_path(clash.task.key.group, clash.task.key.task, 2))
    for garbage in ("", "{", "[]", kept.read_text().replace('"onto": "', '"onto": "--all')):
        kept.write_text(garbage)
        with pytest.raises(OkstraError) as raised:
            resume(clash)
        assert raised.value.code == "damaged-file"
    assert sync.abort(clash.context(), clash.task, 2) == tip
    assert clash.git("status", "--porcelain=v2", "--branch", cwd=clash.path(2)).splitlines()[1:] == [
        f"# branch.head {clash.branch(2)}"
    ]


def test_what_stopped_is_not_in_the_way_of_a_stage_that_is_opened_anew(clash: Ticket) -> None:
    refused(clash, 2)
    clash.git("merge", "--abort", cwd=clash.path(2))
    abandon.abandon(clash.context(), clash.task, 2)
    clash.open(2)
    again(clash, 1, {"s1/more.txt": "more\n"})
    (done,) = bring(clash, 2)
    assert (done.status, clash.history.stage(2).earlier) == (sync.SYNCED, (done.old,))


def test_while_the_task_is_not_brought_up_to_date_nothing_is_merged_into_it(ticket: Ticket) -> None:
    ticket.work(1, {"story.txt": STORY.replace("two", "zwei")})
    ticket.merge()
    ticket.work(3)
    ticket.repository.commit({"story.txt": STORY.replace("two", "deux")})
    assert refused(ticket, names.TASK).code == "merge-conflict"
    with pytest.raises(OkstraError) as raised:
        ticket.merge()
    assert (raised.value.code, raised.value.hint.split("\n")[0]) == (
        "merge-in-progress",
        "go on: git okstra sync task --continue",
    )
    sync.abort(ticket.context(), ticket.task, names.TASK)
    assert [number for number, _ in ticket.merge().merged] == [3]


# -- rebasing


def test_commits_that_were_never_pushed_are_made_anew(late: Ticket) -> None:
    late.commit(2, {"s2/b.txt": "b\n"}, "another")
    (done,) = bring(late, 2, rebase=True)
    assert done.rebased
    assert late.git("log", "--format=%s", f"{late.tip(1)}..{late.tip(2)}").splitlines() == ["another", "a change"]
    assert late.git("rev-parse", f"{late.branch(2)}~2") == late.tip(1)
    assert late.git("symbolic-ref", "HEAD", cwd=late.path(2)) == f"refs/heads/{late.branch(2)}"
    assert late.events("synced")[0].data["rebased"] is True
    assert late.done(2).files == ("s2/a.txt", "s2/b.txt")


def test_what_was_pushed_merged_recorded_or_holds_merges_is_not_rebased(late: Ticket) -> None:
    tip = late.tip(2)

    def why() -> str:
        error = refused(late, 2, rebase=True)
        assert error.code == "rebase-refused"
        assert error.hint.endswith("merge instead: git okstra sync 2")
        assert late.tip(2) == tip
        return error.message

    late.git("update-ref", "refs/remotes/origin/theirs", tip)
    assert "were pushed, 'origin/theirs' has them" in why()
    late.git("update-ref", "-d", "refs/remotes/origin/theirs")
    late.done(2)
    assert "it is done" in why()
    late.reopen(2)
    late.repository.commit({"README.md": "moved on\n"})
    late.git("merge", "-q", "--no-ff", "--no-edit", "main", cwd=late.path(2))
    tip = late.tip(2)
    assert "merges among its commits" in why()
    error = refused(late, names.TASK, rebase=True)
    assert error.code == "rebase-refused"


# -- together with the rest


def test_a_plan_that_is_not_approved_refuses(late: Ticket) -> None:
    plans.import_plan(late.context(), late.task, Plan((*PLAN.stages, PlannedStage(5, "Five", (), ("s5/**",)))))
    assert refused(late, 2).code == "plan-not-approved"


def test_at_once_with_itself_and_with_done_it_happens_once_and_right(
    late: Ticket, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    words = [okstra.words("sync", "2"), okstra.words("done", "2")]
    for ended in race(6, lambda i: words[i % 2], cwd=late.path(2)):
        assert ended.status == 0 or ended.error == "busy", f"{ended}"
    okstra("sync", "2", cwd=late.path(2))
    okstra("done", "2", cwd=late.path(2))
    assert len(late.events("synced")) == 1
    assert late.git("log", "--merges", "--format=%s", f"main..{late.branch(2)}").count("\n") == 0
    assert (late.history.stage(2).base, late.history.stage(2).head) == (late.tip(1), late.tip(2))
    assert late.done(2).files == ("s2/a.txt",)
    assert late.git("status", "--porcelain", cwd=late.path(2)) == ""
