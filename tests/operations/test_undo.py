"""`undo`: what an operation changed is as it was before, or nothing is touched and every reason is said."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK
from git_okstra.operations import configuration, leasing, phase, plans, recording, restore, stage, start, sync, undo
from git_okstra.state import operation_log
from git_okstra.state.operation_log import Entry
from support import belongings, preloaded, sampling
from support import plans as planning
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Snapshot

PLAN = planning.of({1: (), 2: (1,), 3: ()})


class Desk(Belongings):
    """A ticket on which everything that is done is recorded, as the command line has it recorded."""

    def do(self, *words: str, act: Callable[[], object]) -> Entry | None:
        """Do something as the command of these words; its entry, None when nothing was changed."""
        known = len(operation_log.entries(self.context().store))
        with recording.recorded(self.context(), words):
            act()
        found = operation_log.entries(self.context().store)[known:]
        return found[0] if found and found[0].counts else None

    def undo(self, operation: str | None = None, **env: str) -> Entry | None:
        """Take the last operation back, or that one."""
        ctx = self.context(**env)
        found = undo.prepare(ctx, operation)
        return self.do("undo", act=lambda: undo.undo(ctx, found))

    def state(self) -> dict[str, object]:
        """Everything that an operation changes: branches, records, worktrees; without times, pids and what only tells
        of the past."""
        ctx = self.context()
        record = ctx.registry.record(self.task.key)
        stages = self.history.stages.values()
        store = ctx.store.task(*self.task.key)
        return {
            "refs": self.refs("refs/heads"),
            "reservations": {
                number: (one.state, one.owner, one.branch, one.path, one.base, one.flat)
                for number, one in sorted(record.reservations.items() if record else ())
            },
            "stages": {
                one.number: (one.state, one.base, one.head, one.owner, one.flat, one.merges)
                for one in stages
                if one.state is not None
            },
            "task": (store.phase, store.anchor) if store and record else None,
            "plan": plans.stored(ctx, self.task),
            "worktrees": {
                number: (belongings.files(Path(one.path)), self.git("status", "--porcelain", cwd=one.path))
                for number, one in sorted(record.reservations.items() if record else ())
            },
            "settings": configuration.winning(ctx, "trash.keep").value,
        }

    def set_keep(self, value: str) -> None:
        """Change a setting of the clone."""
        configuration.set_value(self.context(), "trash.keep", [value], "clone", dry_run=False)


@pytest.fixture
def desk(repository: ScratchRepository) -> Desk:
    return Desk(repository, PLAN)


def refused(act: Callable[[], object], code: str = "undo-refused") -> str:
    with pytest.raises(OkstraError) as caught:
        act()
    assert caught.value.code == code
    return caught.value.message


def test_what_changes_nothing_is_no_operation(desk: Desk) -> None:
    desk.open(1)
    assert desk.do("stage", "1", act=lambda: desk.open(1)) is None
    assert not os.path.exists(operation_log.path(desk.context().store))
    refused(desk.undo, "nothing-to-undo")


def test_an_entry_says_what_was_before_and_after(desk: Desk) -> None:
    entry = desk.do("stage", "1", act=lambda: desk.open(1))
    assert entry is not None
    (change,) = entry.changes.values()
    assert (entry.owner, entry.outcome, change.name) == (desk.context().owner, "done", "dev/dev-1")
    assert change.before["refs"] == {"refs/heads/feat-dev-1": desk.tip()}
    assert change.after["refs"] == {"refs/heads/feat-dev-1": desk.tip(), "refs/heads/feat-dev-1-s1": desk.tip(1)}
    assert (list(change.before["reservations"]), list(change.after["reservations"])) == (["0"], ["0", "1"])
    assert [event["event"] for event in change.events] == ["started"]


ACTS: dict[str, Callable[[Desk], object]] = {
    "stage 1": lambda desk: desk.open(1),
    "stage 3": lambda desk: desk.open(3),
    "done 1": lambda desk: desk.done(1),
    "reopen 1": lambda desk: desk.reopen(1),
    "merge": lambda desk: desk.merge(),
    "abandon 1": lambda desk: desk.abandon(1),
    "abandon 3": lambda desk: desk.abandon(3),
    "remove 1": lambda desk: desk.remove(1, force_unmerged=True),
    "remove": lambda desk: desk.remove(force_unmerged=True),
    "release 1": lambda desk: desk.release(1),
    "restore 1": lambda desk: desk.restore("1"),
    "phase": lambda desk: phase.change(desk.context(), desk.task, "implementation-planning"),
    "config": lambda desk: desk.set_keep("3d"),
    "plan": lambda desk: plans.import_plan(desk.context(), desk.task, planning.of({1: (), 2: (1,), 3: (), 4: ()})),
}


def attempt(desk: Desk, name: str) -> tuple[Entry, dict[str, object]] | None:
    """Do what the name says where that is possible; its entry, and what was before it."""
    if name == "done 1" and desk.path(1).is_dir() and desk.history.stage(1).state == "open":
        desk.commit(1, {f"s1/{len(desk.history.stage(1).merges)}-{os.urandom(4).hex()}.txt": "a\n"})
    before = desk.state()
    act = ACTS[name]
    try:
        entry = desk.do(*name.split(), act=lambda: act(desk))
    except OkstraError:
        entry = None
    return (entry, before) if entry is not None else None


SEQUENCES = [
    ["stage 1", "done 1", "merge", "reopen 1", "done 1", "merge", "config"],
    ["stage 1", "stage 3", "release 1", "stage 1", "done 1", "abandon 1", "restore 1", "remove 1", "restore 1"],
    ["plan", "config", "stage 3", "abandon 3", "stage 3", "remove", "restore 1"],
]


@pytest.mark.parametrize("names", SEQUENCES, ids=[" ".join(one) for one in SEQUENCES])
def test_undo_brings_back_what_was(desk: Desk, names: Sequence[str]) -> None:
    require_undone(desk, names)


def test_undo_of_random_sequences(desk: Desk) -> None:
    print(f"OKSTRA_TEST_SEED={sampling.SEED}")
    require_undone(desk, ["stage 1", *random.Random(sampling.SEED).choices(sorted(ACTS), k=6)])


def test_random_sequences_are_undone_one_by_one(desk: Desk) -> None:
    print(f"OKSTRA_TEST_SEED={sampling.SEED}")
    require_unwound(desk, random.Random(sampling.SEED + 1).choices(sorted(ACTS), k=7))


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(30))
def test_random_sequences_at_length(desk: Desk, seed: int) -> None:
    chosen = random.Random(sampling.SEED + seed)
    print(f"OKSTRA_TEST_SEED={sampling.SEED}")
    require_unwound(desk, chosen.choices(sorted(ACTS), k=12))
    require_undone(desk, ["stage 1", *chosen.choices(sorted(ACTS), k=10)])


def require_unwound(desk: Desk, names: Sequence[str]) -> None:
    """What is possible of them is taken back by its id, the last first, down to the first commit that stood on it."""
    found = [one for name in names if (one := attempt(desk, name)) is not None]
    for entry, before in reversed(found):
        try:
            desk.undo(entry.id)
        except OkstraError as error:
            assert "the operation left it at" in error.message, error
            assert (entry.command[0], desk.history.stage(1).state) == ("stage", "open")
            return
        assert desk.state() == before, entry.command


def require_undone(desk: Desk, names: Sequence[str]) -> None:
    """Each of them that is possible is taken back, done again by a second undo, and built on by the next."""
    done = 0
    for name in names:
        found = attempt(desk, name)
        if found is not None:
            entry, before = found
            after = desk.state()
            desk.undo()
            assert desk.state() == before, entry.command
            desk.undo()
            assert desk.state() == after, ("again", entry.command)
            done += 1
    assert done


def test_a_start_goes_to_the_trash_and_comes_back(desk: Desk) -> None:
    desk.do("start", act=lambda: start.start(desk.context(), start.Request("fix", "DEV-2", base="main")))
    desk.undo()
    assert "fix-dev-2" not in " ".join(desk.refs("refs/heads"))
    desk.undo()
    assert "refs/heads/fix-dev-2" in desk.refs("refs/heads")


def test_what_was_built_on_is_left_alone(desk: Desk) -> None:
    desk.do("stage", "1", act=lambda: desk.open(1))
    desk.commit(1)
    assert "the branch 'feat-dev-1-s1' is at" in refused(desk.undo)
    closed = desk.do("done", "1", act=lambda: desk.done(1))
    assert closed is not None
    desk.do("stage", "2", act=lambda: desk.open(2))
    assert "stage 2 started from stage 1" in refused(lambda: desk.undo(closed.id))
    refused(lambda: desk.undo(OKSTRA_OWNER="bob"), "held")
    (desk.path(2) / "mine").write_text("work\n")
    assert "mine" in refused(desk.undo)


def test_what_was_undone_already_is_not_undone_again(desk: Desk) -> None:
    desk.open(1)
    desk.commit(1)
    closed = desk.do("done", "1", act=lambda: desk.done(1))
    assert closed is not None
    desk.undo()
    assert "was taken back already" in refused(lambda: desk.undo(closed.id))


def test_a_merge_is_not_undone_over_changes(desk: Desk) -> None:
    desk.work(1)
    desk.do("merge", act=desk.merge)
    (desk.path() / "s1" / "a.txt").write_text("changed\n")
    assert "changes that are not committed" in refused(desk.undo)
    desk.git("checkout", "-q", "--", ".", cwd=desk.path())
    merged = desk.tip()
    desk.undo()
    assert merged in desk.refs("refs/okstra/backup").values()


def test_the_trash_may_have_been_emptied(desk: Desk) -> None:
    desk.open(1)
    desk.do("remove", "1", act=lambda: desk.remove(1))
    restored = restore.listed(desk.context())
    desk.restore(restored[0].id)
    assert "built on it since" in refused(desk.undo)


def test_a_command_that_was_cut_short_is_undone_as_one(desk: Desk, tmp_path: Path, okstra: Command) -> None:
    before, snapshot = desk.state(), Snapshot(desk, tmp_path / "kept")
    count = len(preloaded.crash_points(okstra.words("stage", "1"), cwd=desk.path()))
    for number in range(4, count, count // 5):
        snapshot.restore()
        assert preloaded.crash(okstra.words("stage", "1"), at=number, cwd=desk.path()).killed
        desk.do("stage", "1", act=lambda: desk.open(1))  # which writes nothing when it was over already
        desk.undo()
        assert desk.state() == before, number
        assert [one for one in operation_log.entries(desk.context().store) if one.outcome is None] == []


def test_the_next_command_completes_what_was_cut_short(desk: Desk, okstra: Command) -> None:
    words = okstra.words("stage", "1")
    points = preloaded.crash_points(words, cwd=desk.path())
    desk.remove(1)
    preloaded.crash(words, at=len(points) * 2 // 3, cwd=desk.path())
    desk.do("config", act=lambda: desk.set_keep("3d"))
    outcomes = [entry.outcome for entry in operation_log.entries(desk.context().store)]
    assert outcomes[-2:] == ["interrupted", "done"]
    assert operation_log.cut_short(desk.context().store) == []


def test_one_that_was_cut_short_is_finished_first(desk: Desk, okstra: Command) -> None:
    points = preloaded.crash_points(okstra.words("stage", "1"), cwd=desk.path())
    desk.remove(1)
    Path(operation_log.path(desk.context().store)).unlink()
    preloaded.crash(okstra.words("stage", "1"), at=len(points) // 2, cwd=desk.path())
    error = refusal(desk.undo)
    assert (error.code, error.hint.split("\n")[0]) == ("undo-refused", "finish it: git okstra stage 1")
    assert "half made" in error.message


def test_an_undo_that_failed_goes_on(desk: Desk) -> None:
    desk.work(1)
    desk.do("merge", act=desk.merge)
    merged, entry = desk.state(), operation_log.entries(desk.context().store)[-1]
    prepared = undo.prepare(desk.context())

    def cut_short() -> None:
        recording.expect("dev/dev-1", undoes=entry.id)
        prepared.steps[0].act()
        raise OkstraError("busy", "a step cannot be taken")

    refused(lambda: desk.do("undo", act=cut_short), "busy")
    assert desk.tip() != merged["refs"]
    desk.undo()
    assert [event.event for event in desk.events("merged")] == []
    assert operation_log.taken_back(operation_log.entries(desk.context().store)) != {}


def test_nobody_else_s_events_are_taken_back(desk: Desk) -> None:
    desk.do("stage", "1", act=lambda: desk.open(1))
    first, *rest = undo.prepare(desk.context()).steps
    first.act()
    stage.open_stage(desk.context(OKSTRA_OWNER="bob"), desk.task, 1)
    for step in rest[:1]:
        step.act()
    assert (desk.history.stage(1).state, desk.history.stage(1).owner) == ("open", "bob")


def test_it_waits_for_nobody_who_is_at_work_on_the_same(desk: Desk) -> None:
    desk.do("stage", "1", act=lambda: desk.open(1))
    with recording.recorded(desk.context(OKSTRA_OWNER="bob"), ["stage", "3"]):
        recording.expect("dev/dev-1")
        refused(lambda: undo.prepare(desk.context()), "busy")
    desk.undo()


def test_what_is_at_work_under_a_lease_stays(desk: Desk) -> None:
    desk.do("stage", "1", act=lambda: desk.open(1))
    lease = leasing.lease(desk.context(), desk.task.key, 1)
    assert "stage 1 of DEV-1 is at work" in refused(desk.undo)
    lease.end()
    desk.undo()
    assert desk.entry(1) is None


def test_a_reservation_that_is_taken_again_is_another(desk: Desk) -> None:
    desk.open(1)
    before = desk.entry(1)
    desk.do("release", "1", act=lambda: desk.release(1))
    desk.undo()
    after = desk.entry(1)
    assert before is not None and after is not None
    assert after.generation == before.generation + 1


def test_several_undos_at_once_are_one_after_the_other(desk: Desk, okstra: Command) -> None:
    before = desk.state()
    desk.do("stage", "1", act=lambda: desk.open(1))
    after = desk.state()
    ended = preloaded.race(4, lambda i: okstra.words("undo"), cwd=desk.path())
    statuses = sorted(one.status for one in ended)
    assert set(statuses) <= {0, 1, 3}, [f"{one}" for one in ended]
    assert statuses[0] == 0, [f"{one}" for one in ended]
    # Who comes when another is through takes that back.
    assert desk.state() == (before if statuses.count(0) % 2 else after)
    assert operation_log.cut_short(desk.context().store) == []


def test_what_was_judged_by_it_keeps_it(desk: Desk) -> None:
    desk.work(1)
    desk.do("reopen", "1", act=lambda: desk.reopen(1))
    desk.commit(1, {"s1/more.txt": "b\n"})
    assert "'feat-dev-1-s1' has commits that were added since" in refused(desk.undo)
    desk.done(1)
    desk.merge()
    desk.do("stage", "3", "--flat", act=lambda: desk.open(3, flat=True))
    desk.commit(0, {"s3/a.txt": "b\n"})
    assert "'feat-dev-1' has commits that were added since" in refused(desk.undo)


def test_a_stage_that_was_opened_from_a_merge_keeps_it(repository: ScratchRepository) -> None:
    desk = Desk(repository, planning.of({1: (), 2: (), 3: (1, 2)}))
    desk.work(1)
    desk.work(2)
    merged = desk.do("merge", act=desk.merge)
    opened = desk.do("stage", "3", act=lambda: desk.open(3))
    assert merged is not None and opened is not None
    error = refusal(lambda: desk.undo(merged.id))
    assert "stage 3 started from the task branch as it is now" in error.message
    assert f"git okstra undo {opened.id}" in error.hint
    desk.undo(opened.id)
    desk.undo(merged.id)
    assert desk.subjects() == ["first commit"]


def test_it_starts_no_git_for_the_log(
    desk: Desk, okstra: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.open(1)
    desk.commit(1)
    monkeypatch.setenv("OKSTRA_CRASH_LOG", f"{tmp_path}/points")
    desk.done(1)
    plain = (tmp_path / "points").read_text()
    desk.reopen(1)
    (tmp_path / "points").unlink()
    desk.do("done", act=lambda: desk.done(1))
    recorded = (tmp_path / "points").read_text()
    assert recorded.count("git ") == plain.count("git ") > 0
    assert recorded.count("operations.jsonl") == 4
    log = Path(operation_log.path(desk.context().store)).read_bytes()
    for words in (["list"], ["status"], ["log"], ["log", "--operations"], ["doctor"], ["undo", "--dry-run"]):
        okstra(*words, cwd=desk.path())
    assert Path(operation_log.path(desk.context().store)).read_bytes() == log


def test_the_log_does_not_grow_without_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation_log, "LARGEST", 2000)
    for days in range(1, 12):
        desk.do("config", f"{days}", act=lambda days=days: desk.set_keep(f"{days}d"))  # type: ignore[misc]
        assert os.path.getsize(operation_log.path(desk.context().store)) <= 2000
    assert [entry.command[1] for entry in operation_log.entries(desk.context().store)][-1] == "11"
    desk.undo()
    assert configuration.winning(desk.context(), "trash.keep").text == "10d"


def test_prune_forgets_what_is_old(desk: Desk) -> None:
    desk.do("config", act=lambda: desk.set_keep("3d"))
    path = Path(operation_log.path(desk.context().store))
    assert recording.forget_old(desk.context()) == 0
    path.write_text(re.sub(r'"time":"20\d\d', '"time":"2001', path.read_text()) + "not json\n")
    assert recording.forget_old(desk.context()) == 1
    assert operation_log.entries(desk.context().store) == []


def late(desk: Desk, number: int) -> None:
    """Stage 2 stands on stage 1, which was done again since; or, for the task, the base branch has moved."""
    desk.work(1)
    desk.open(2)
    desk.commit(2)
    desk.reopen(1)
    desk.work(1, {"s1/more.txt": "more\n"})
    if number == TASK:
        desk.repository.commit({"of-the-base.txt": "x\n"}, "the base moves")


@pytest.mark.parametrize(("number", "rebase"), [(2, False), (2, True), (TASK, False)])
def test_bringing_up_to_date_is_taken_back_with_branch_and_base(desk: Desk, number: int, rebase: bool) -> None:
    late(desk, number)
    before = desk.state()
    entry = desk.do("sync", act=lambda: sync.sync(desk.context(), desk.task, [number], rebase=rebase))
    assert entry is not None
    assert desk.state() != before
    synced = desk.tip(number)
    undone = desk.undo()
    assert desk.state() == before
    assert synced in desk.refs("refs/okstra/backup").values()
    assert undone is not None
    desk.undo()  # and that is taken back, too
    assert desk.tip(number) == synced


def test_what_was_committed_since_a_stage_was_brought_up_to_date_is_kept(desk: Desk) -> None:
    late(desk, 2)
    desk.do("sync", act=lambda: sync.sync(desk.context(), desk.task, [2]))
    mine = desk.commit(2, {"s2/late.txt": "mine\n"})
    assert f"is at {mine[:12]} now" in refused(desk.undo)
    assert desk.tip(2) == mine
