"""The rules of `doctor` without files or git: what is wrong, and what must have stood in a record that is lost."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import diagnosis, evidence, findings, journal, reconstruction, tasks, toml_salvage
from git_okstra.core.evidence import Evidence, LogLine, Place, Registration, StoredTask
from git_okstra.core.journal import Event
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.tasks import Reservation, Task, TaskRecord

KEY = TaskKey("shop", "dev", "dev-1")
NOW = "2025-01-01T00:00:00Z"
HOME = "/home/ada/.okstra"
COMMON = "/src/shop/.git"
BASE, HEAD, ZERO = "a" * 40, "b" * 40, "0" * 40
TASK_PATH, STAGE_PATH = f"{HOME}/worktrees/shop/dev/dev-1", f"{HOME}/worktrees/shop/dev/dev-1-s1"
DEV_1 = Task(KEY, "DEV-1", "feat", "feat-dev-1", "main", BASE, NOW)


def event(name: str, stage: int | None = None, **data: object) -> Event:
    return Event(name, NOW, "ada@host", stage, data)


JOURNAL = (
    event("task-started", category="feat", branch="feat-dev-1", base=BASE),
    event("started", 1, branch="feat-dev-1-s1", base=BASE, flat=False),
)


def entry(number: int = TASK, **more: object) -> Reservation:
    path, branch = (TASK_PATH, "feat-dev-1") if number == TASK else (STAGE_PATH, "feat-dev-1-s1")
    made = Reservation(number, tasks.ACTIVE, "ada@host", branch, path, BASE, NOW, 7, 8)
    return replace(made, **more)  # type: ignore[arg-type]


def registration(number: int = TASK, **more: object) -> Registration:
    one = entry(number)
    admin = f"{COMMON}/worktrees/{one.path.rpartition('/')[2]}"
    made = Registration(admin, one.path, one.branch, ("dev", "dev-1", number), here=True)
    return replace(made, **more)  # type: ignore[arg-type]


def record(*entries: Reservation) -> TaskRecord:
    return TaskRecord(KEY, "DEV-1", "feat", "feat-dev-1", COMMON, {one.number: one for one in entries})


def stored(events: tuple[Event, ...] = JOURNAL, **more: object) -> StoredTask:
    paths = {TASK: TASK_PATH, 1: STAGE_PATH}
    made = StoredTask(KEY, DEV_1, events, journal.fold(events), paths=paths, open=True)
    return replace(made, **more)  # type: ignore[arg-type]


def healthy() -> Evidence:
    """A task with one stage open, and nothing wrong."""
    both = (registration(), registration(1))
    return Evidence(
        COMMON,
        home=HOME,
        git_version=(2, 39, 5),
        project="shop",
        records=(record(entry(), entry(1)),),
        places={one.path: Place(evidence.LINKED, one.admin) for one in both},
        registrations=both,
        branches={"main": BASE, "feat-dev-1": BASE, "feat-dev-1-s1": HEAD},
        indexed=frozenset({(KEY, "feat-dev-1"), (KEY, "feat-dev-1-s1")}),
        tasks=(stored(),),
    )


def codes(found: Evidence) -> list[str]:
    return [one.code for one in diagnosis.diagnose(found)]


def without_stage(**more: object) -> Evidence:
    """The stage's worktree is gone, and git has forgotten it."""
    found = healthy()
    places = {**found.places, STAGE_PATH: Place(evidence.NOTHING)}
    return replace(found, registrations=found.registrations[:1], places=places, **more)  # type: ignore[arg-type]


def test_nothing_is_wrong_where_everything_agrees() -> None:
    assert codes(healthy()) == []


def test_the_catalogue_is_sound() -> None:
    for code, (severity, means) in findings.FINDINGS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert severity in ("error", "warning", "note")
        assert means[0].islower() or means.startswith("'git okstra path'")
        assert not means.endswith(".")


@pytest.mark.parametrize(("version", "old"), [((2, 37, 9), True), ((2, 38), False), ((2, 100, 1), False), ((), False)])
def test_git_has_to_be_new_enough(version: tuple[int, ...], old: bool) -> None:
    assert codes(replace(healthy(), git_version=version)) == ["git-too-old"] * old


@pytest.mark.parametrize("state", [tasks.RESERVING, tasks.RELEASING])
def test_what_a_live_process_is_at_is_no_finding(state: str) -> None:
    found = replace(without_stage(), records=(record(entry(), entry(1, state=state)),))
    assert codes(found) == [f"{state}-stale"]
    assert codes(replace(found, alive=frozenset({(KEY, 1)}))) == []


def test_what_was_left_half_way_is_one_finding() -> None:
    found = replace(without_stage(), records=(record(entry(), entry(1, state=tasks.RESERVING)),), branches={}, lost={})
    half = Registration(f"{COMMON}/worktrees/dev-1-s1", STAGE_PATH, missing=("HEAD",), age=1e6)
    assert "half-made-worktree" not in codes(replace(found, registrations=(*found.registrations, half)))


def test_a_missing_worktree_comes_back_only_on_a_branch() -> None:
    (there,) = diagnosis.diagnose(without_stage())
    assert there.remedy.startswith("make it again on branch 'feat-dev-1-s1'")
    (gone,) = diagnosis.diagnose(without_stage(branches={"main": BASE, "feat-dev-1": BASE}, lost={(KEY, 1): HEAD}))
    assert gone.remedy == "give its reservation back, for its branch is gone too"


def test_a_worktree_is_found_by_its_mark_wherever_it_is() -> None:
    found = without_stage()
    there = registration(1, path="/elsewhere")
    (moved,) = diagnosis.diagnose(replace(found, registrations=(*found.registrations, there)))
    assert (moved.code, moved.repairable) == ("worktree-moved", True)
    by_hand = registration(1, here=False, found="/elsewhere")
    assert codes(replace(found, registrations=(*found.registrations, by_hand))) == ["worktree-moved"]
    foreign = registration(1, path="/elsewhere", marker=None, branch="other")
    assert codes(replace(found, registrations=(*found.registrations, foreign))) == ["worktree-missing"]


def test_a_repository_that_moved_is_judged_no_further() -> None:
    found = replace(without_stage(), standing=evidence.MOVED, stood="/old/.git")
    assert codes(found) == ["repository-moved"]


def test_a_flat_stage_has_no_worktree_or_branch_of_its_own() -> None:
    flat = entry(1, path=TASK_PATH, branch="feat-dev-1", flat=True)
    events = (JOURNAL[0], event("started", 1, branch="feat-dev-1", base=BASE, flat=True))
    found = replace(
        without_stage(branches={"main": BASE, "feat-dev-1": BASE}),
        records=(record(entry(), flat),),
        tasks=(stored(events, paths={TASK: TASK_PATH, 1: TASK_PATH}),),
    )
    assert codes(found) == []


def test_findings_come_in_the_order_of_the_catalogue() -> None:
    found = without_stage(
        git_version=(1, 0), tasks=(stored(damaged_lines=(3,), open=False),), unsafe=((HOME, "writable by everybody"),)
    )
    assert codes(found) == ["git-too-old", "unsafe-home", "damaged-journal", "worktree-missing", "derived-stale"]


@pytest.mark.parametrize(
    ("events", "taken", "given_back"),
    [
        ((), set(), set()),
        (JOURNAL, {TASK, 1}, set()),
        ((*JOURNAL, event("done", 1, head=HEAD)), {TASK, 1}, set()),
        ((*JOURNAL, event("removed", 1)), {TASK}, set()),
        ((*JOURNAL, event("removed", 1), event("restored", 1)), {TASK, 1}, set()),
        ((*JOURNAL, event("abandoned", 1)), {TASK}, set()),
        ((*JOURNAL, event("released", 1)), {TASK}, {1}),
        ((*JOURNAL, event("released", 1), JOURNAL[1]), {TASK, 1}, set()),
        ((*JOURNAL, event("released", 1), event("released")), set(), {TASK, 1}),
        ((*JOURNAL, event("removed", 1), event("removed")), set(), set()),
        ((*JOURNAL, event("removed"), JOURNAL[0]), {TASK}, set()),
        ((event("started", 2), event("nonsense", 3)), {2}, set()),
    ],
)
def test_the_journal_says_what_is_taken(events: tuple[Event, ...], taken: set[int], given_back: set[int]) -> None:
    assert reconstruction.taken(events).keys() == taken
    assert reconstruction.given_back(events) == given_back


def test_a_lost_record_is_told_from_journal_and_worktrees() -> None:
    found = replace(healthy(), records=())
    rebuilt = reconstruction.rebuilt_record(found, stored())
    assert rebuilt == record(entry(pid=0, pid_start=0), entry(1, pid=0, pid_start=0))
    assert [one.code for one in diagnosis.diagnose(found)] == ["entry-missing", "entry-missing"]


def test_nothing_is_made_up_where_nothing_is_left() -> None:
    found = without_stage(records=(record(entry()),), branches={"main": BASE, "feat-dev-1": BASE})
    assert reconstruction.rebuilt(found, stored(), 1) is None
    (finding,) = diagnosis.diagnose(found)
    assert finding.remedy.startswith("note in the journal that it was given back")


def test_a_marked_worktree_of_which_the_journal_knows_nothing_is_only_being_opened() -> None:
    rebuilt = reconstruction.rebuilt(replace(healthy(), records=()), stored(JOURNAL[:1]), 1)
    assert rebuilt is not None
    assert rebuilt.state == tasks.RESERVING


def test_a_task_is_told_from_record_and_journal() -> None:
    rebuilt = reconstruction.rebuilt_task(KEY, {}, record(entry()), JOURNAL)
    assert rebuilt == replace(DEV_1, base_ref=BASE, anchor=BASE)
    without_record = reconstruction.rebuilt_task(KEY, {"id": "DEV-1", "title": "t"}, None, JOURNAL)
    assert without_record == replace(DEV_1, base_ref=BASE, anchor=BASE, title="t")
    assert reconstruction.rebuilt_task(KEY, {}, None, ()) is None


# -- reflogs


class Head:
    """HEAD of a worktree as git moves it, and the reflog that git keeps of it."""

    def __init__(self) -> None:
        self.branch, self.tips, self.count = "own", {"own": self.commit_id(0)}, 0
        self.log = [LogLine(ZERO, self.tips["own"], "")]

    @staticmethod
    def commit_id(n: int) -> str:
        return f"{n + 1:040x}"

    def commit(self, _: str) -> None:
        self.count += 1
        old, self.tips[self.branch] = self.tips[self.branch], self.commit_id(self.count)
        self.log.append(LogLine(old, self.tips[self.branch], "commit: x"))

    def switch(self, name: str) -> None:
        old = self.tips[self.branch]
        self.tips.setdefault(name, old)
        self.log.append(LogLine(old, self.tips[name], f"checkout: moving from {self.branch} to {name}"))
        self.branch = name

    def rename(self, name: str) -> None:
        if name in self.tips:
            return
        tip = self.tips.pop(self.branch)
        self.log.append(LogLine(tip, ZERO, ""))
        why = f"Branch: renamed refs/heads/{self.branch} to refs/heads/{name}"
        self.log.append(LogLine(ZERO, tip, why))
        self.branch, self.tips[name] = name, tip


@given(st.lists(st.tuples(st.sampled_from(["commit", "switch", "rename"]), st.sampled_from(["own", "to it", "b"]))))
def test_the_last_commit_of_a_branch_is_read_from_the_reflog(steps: list[tuple[str, str]]) -> None:
    head = Head()
    for verb, name in steps:
        getattr(head, verb)(name)
    if "own" in head.tips:
        assert reconstruction.last_commit("own", head.log) == head.tips["own"]
    else:
        assert reconstruction.renamed_to("own", head.log) is not None


def test_a_deletion_in_the_reflog_does_not_hide_the_commit() -> None:
    log = [LogLine(ZERO, BASE, ""), LogLine(BASE, HEAD, "commit: x"), LogLine(HEAD, ZERO, "")]
    assert reconstruction.last_commit("own", log) == HEAD
    assert reconstruction.renamed_to("own", log) is None
    assert reconstruction.last_commit("own", []) is None


# -- what can still be read


WHOLE = b'format = 1\nid = "DEV-1"\ntitle = "a"\n\n[base]\nref = "main"\ncommit = "abc"\n'


@given(st.integers(0, len(WHOLE)))
def test_what_is_left_of_a_file_is_read(size: int) -> None:
    salvaged = toml_salvage.salvage(WHOLE[:size])
    whole = toml_salvage.salvage(WHOLE)
    assert whole["base"] == {"ref": "main", "commit": "abc"}
    for name, value in salvaged.items():
        assert value == whole[name] or (name == "base" and value.items() <= whole[name].items())
    assert ("id" in salvaged) == (size >= WHOLE.index(b"\ntitle"))


@given(st.binary(max_size=200))
def test_reading_what_is_left_never_fails(data: bytes) -> None:
    assert isinstance(toml_salvage.salvage(data), dict)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1024**2 * 3.4, "3.4 MiB"), (1024**4 * 2, "2.0 TiB")],
)
def test_sizes_are_readable(size: float, text: str) -> None:
    assert diagnosis.readable_size(int(size)) == text


@pytest.mark.parametrize(("objects", "told"), [(0, False), (199_999, False), (200_000, True)])
def test_a_large_repository_is_better_off_with_a_commit_graph(objects: int, told: bool) -> None:
    found = diagnosis.diagnose(replace(healthy(), ungraphed=objects))
    assert [one.code for one in found] == ["no-commit-graph"] * told
    assert findings.is_clean(found)
    assert not told or "git commit-graph write --reachable" in found[0].hint
