"""`merge` among others and killed: one at a time, nothing twice, nothing lost, and the next one puts it right."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import merge
from support import plans, preloaded, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.workbench import Snapshot, Ticket

PLAN = plans.of({1: (), 2: (1,)})
CLASHING = Plan(tuple(PlannedStage(n, f"Stage {n}", (), ("shared.txt", f"s{n}/**")) for n in (1, 2, 3)))
NEVER = 1_000_000
"""A crash point that no command reaches: whoever dies there is killed by something else."""


@pytest.fixture(autouse=True)
def same_time_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same commits then have the same ids, so that two runs can be compared by their refs."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-01-02T03:04:05Z")


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    """Two stages that are done; the first adds, changes and deletes files."""
    repository.commit({"old.txt": "old\n", "big.txt": "line\n" * 1000})
    plan = Plan((PlannedStage(1, "One", (), ("s1/**", "*.txt")), PlannedStage(2, "Two", (1,), ("s2/**",))))
    ticket = Ticket(repository, plan)
    ticket.open(1)
    repository.git("rm", "-q", "old.txt", cwd=ticket.path(1))
    ticket.commit(1, {"s1/a.txt": "a\n", "s1/deep/b.txt": "b\n", "big.txt": "other\n" * 1000})
    ticket.done(1)
    ticket.work(2)
    return ticket


@pytest.fixture
def clashing(repository: ScratchRepository) -> Ticket:
    ticket = Ticket(repository, CLASHING)
    for number in (1, 2):
        ticket.work(number, {"shared.txt": f"from {number}\n"})
    ticket.work(3)
    return ticket


def outcome(ticket: Ticket) -> dict[str, Any]:
    """Everything that must not depend on how often a merge was interrupted."""
    return {
        # Temporary files of a process that died are doctor's to sweep up.
        "left over": [path for path in tickets.leftovers(ticket.repository) if not path.endswith(".tmp")],
        "refs": ticket.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"),
        "merged": [(event.stage, event.data["commit"], event.data["head"]) for event in ticket.events("merged")],
        "states": {number: record.state for number, record in ticket.history.stages.items()},
        "files": sorted(ticket.git("ls-files", cwd=ticket.path()).splitlines()),
        "lost": ticket.git("status", "--porcelain", "--ignored", cwd=ticket.path()),
    }


def hook(ticket: Ticket, name: str, script: str) -> None:
    path = ticket.repository.path / ".git/hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def kill_once(flag: Path, condition: str = "true") -> str:
    """A hook that kills git, us and itself, the first time that `condition` holds."""
    flag.touch()
    return f"test -e {flag} || exit 0\nif {condition}; then rm {flag}; kill -9 0; sleep 60; fi\nexit 0"


def await_file(path: Path) -> None:
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} never came")


# -- killed between two steps of ours


@pytest.mark.parametrize("part", [1, 2, 3])
def test_killed_at_any_point_the_same_command_brings_it_to_the_same_end(
    ticket: Ticket, okstra: Any, tmp_path: Path, part: int
) -> None:
    before = Snapshot(ticket, tmp_path / "kept")
    points = preloaded.crash_points(okstra.words("merge"), cwd=ticket.path())
    undisturbed = outcome(ticket)
    assert points.count("git merge: before") == 2
    for point in before.deaths(okstra.words("merge"), ticket.path(), points, part, 3):
        okstra("merge", cwd=ticket.path())
        assert outcome(ticket) == undisturbed, point
        assert ticket.trash() == {}, point


@pytest.mark.parametrize("part", [1, 2, 3])
def test_killed_at_any_point_of_continue_the_rest_is_merged_all_the_same(
    clashing: Ticket, okstra: Any, tmp_path: Path, part: int
) -> None:
    with pytest.raises(OkstraError):
        clashing.merge()
    (clashing.path() / "shared.txt").write_text("both\n")
    clashing.git("add", "shared.txt", cwd=clashing.path())
    before = Snapshot(clashing, tmp_path / "kept")
    words = okstra.words("merge", "--continue")
    points = preloaded.crash_points(words, cwd=clashing.path())
    undisturbed = outcome(clashing)
    for point in before.deaths(words, clashing.path(), points, part, 3):
        again = okstra("merge", "--continue", cwd=clashing.path(), check=False)
        if again.status != 0:
            # Stage 2 is in, and stage 3 was not begun: there is nothing to continue, and merge does the rest.
            again.require_error("no-merge")
            okstra("merge", cwd=clashing.path())
        assert outcome(clashing) == undisturbed, point


def test_killed_at_any_point_of_abort_it_is_given_up_all_the_same(
    clashing: Ticket, okstra: Any, tmp_path: Path
) -> None:
    with pytest.raises(OkstraError):
        clashing.merge(1, 2)
    before = Snapshot(clashing, tmp_path / "kept")
    words = okstra.words("merge", "--abort")
    points = preloaded.crash_points(words, cwd=clashing.path())
    undisturbed = outcome(clashing)
    for point in before.deaths(words, clashing.path(), points, 1, 1):
        again = okstra("merge", "--abort", cwd=clashing.path(), check=False)
        assert again.status == 0 or again.error == "no-merge", again
        assert outcome(clashing) == undisturbed, point


# -- killed while git is at it


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("pre-merge-commit", "true"),
        ("prepare-commit-msg", "true"),
        ("commit-msg", "true"),
        ("reference-transaction", 'test "$1" = prepared && grep -q refs/heads/'),
        ("reference-transaction", 'test "$1" = committed && grep -q refs/heads/'),
        ("post-merge", "true"),
        ("post-index-change", "true"),
    ],
)
def test_killed_in_one_of_gits_hooks_the_next_merge_comes_to_the_same_end(
    ticket: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path, name: str, condition: str
) -> None:
    before = Snapshot(ticket, tmp_path / "kept")
    okstra("merge", cwd=ticket.path())
    undisturbed = outcome(ticket)
    before.restore()
    hook(ticket, name, kill_once(tmp_path / "flag", condition))
    assert crash(okstra.words("merge"), at=NEVER, cwd=ticket.path()).killed
    assert not (tmp_path / "flag").exists()
    okstra("merge", cwd=ticket.path())
    assert outcome(ticket) == undisturbed


def half_written(ticket: Ticket, okstra: Any, crash: Callable[..., Ended], flag: Path) -> None:
    """Have a merge killed while git writes the files: big.txt is there, others are not, and the index is locked."""
    attributes = ticket.repository.path / ".git/info/attributes"
    attributes.write_text("s1/deep/** filter=deadly\n")
    flag.touch()
    deadly = f"if test -e {flag}; then rm {flag}; kill -9 0; sleep 60; fi; cat"
    ticket.git("config", "filter.deadly.smudge", f"sh -c '{deadly}'")
    assert crash(okstra.words("merge"), at=NEVER, cwd=ticket.path()).killed
    assert not flag.exists()
    admin = ticket.git("rev-parse", "--absolute-git-dir", cwd=ticket.path())
    assert os.path.exists(f"{admin}/index.lock")
    assert ticket.git("status", "--porcelain", cwd=ticket.path()) != ""


def test_killed_while_git_writes_the_files_the_next_merge_comes_to_the_same_end(
    ticket: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path
) -> None:
    before = Snapshot(ticket, tmp_path / "kept")
    okstra("merge", cwd=ticket.path())
    undisturbed = outcome(ticket)
    before.restore()
    half_written(ticket, okstra, crash, tmp_path / "flag")
    okstra("merge", cwd=ticket.path())
    assert outcome(ticket) == undisturbed


def test_killed_while_git_writes_the_files_abort_goes_back_to_before(
    ticket: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path
) -> None:
    undisturbed = outcome(ticket)
    half_written(ticket, okstra, crash, tmp_path / "flag")
    okstra("merge", "--abort", cwd=ticket.path())
    assert outcome(ticket) == undisturbed


def test_what_somebody_edited_in_a_half_written_worktree_is_in_the_trash(
    ticket: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path
) -> None:
    half_written(ticket, okstra, crash, tmp_path / "flag")
    (ticket.path() / "README.md").write_text("an hour's work\n")
    (ticket.path() / "notes.txt").write_text("kept\n")
    ended = okstra("merge", cwd=ticket.path(), check=False)
    assert ticket.trash()["README.md"] == "an hour's work\n"
    assert (ticket.path() / "notes.txt").read_text() == "kept\n"
    # The untracked file is nobody's but the user's, and is in the way like at any other time.
    ended.require_error("dirty-worktree")
    (ticket.path() / "notes.txt").unlink()
    okstra("merge", cwd=ticket.path())


def test_killed_in_the_middle_of_a_conflict_the_next_merge_stops_at_it_again(
    clashing: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path
) -> None:
    # git writes the index with the conflicts before it notes that a merge is under way.
    clashing.merge(1)
    hook(clashing, "post-index-change", kill_once(tmp_path / "flag", "git ls-files -u | grep -q ."))
    assert crash(okstra.words("merge"), at=NEVER, cwd=clashing.path()).killed
    assert not (tmp_path / "flag").exists()
    stopped = okstra("merge", cwd=clashing.path(), check=False)
    assert stopped.error in ("merge-conflict", "merge-in-progress")
    assert "shared.txt" in stopped.err
    (clashing.path() / "shared.txt").write_text("both\n")
    clashing.git("add", "shared.txt", cwd=clashing.path())
    okstra("merge", "--continue", cwd=clashing.path())
    assert [event.stage for event in clashing.events("merged")] == [1, 2, 3]


def die_before_git(ticket: Ticket, okstra: Any, crash: Callable[..., Ended], kept: Path) -> None:
    """Have a merge killed when the intent is written and git was not started."""
    before = Snapshot(ticket, kept)
    points = preloaded.crash_points(okstra.words("merge"), cwd=ticket.path())
    before.restore()
    assert crash(okstra.words("merge"), at=points.index("git merge: before") + 1, cwd=ticket.path()).killed


@pytest.mark.parametrize("name", ["README.md", "big.txt"])
def test_edits_made_after_a_merge_died_before_git_began_are_the_users_own(
    ticket: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path, name: str
) -> None:
    die_before_git(ticket, okstra, crash, tmp_path / "kept")
    (ticket.path() / name).write_text("an hour's work\n")
    refused = okstra("merge", cwd=ticket.path(), check=False).require_error("dirty-worktree")
    assert "git okstra merge --abort" in refused.err
    assert (ticket.path() / name).read_text() == "an hour's work\n"
    assert ticket.trash() == {}
    okstra("merge", "--abort", cwd=ticket.path())
    assert ticket.trash()[name] == "an hour's work\n"
    assert len(okstra("merge", cwd=ticket.path()).out.splitlines()) == 2


def test_commits_made_after_a_merge_died_are_kept_and_the_merge_is_made_on_top(
    ticket: Ticket, okstra: Any, crash: Callable[..., Ended], tmp_path: Path
) -> None:
    die_before_git(ticket, okstra, crash, tmp_path / "kept")
    mine = ticket.repository.commit({"mine.md": "mine\n"}, cwd=ticket.path())
    okstra("merge", cwd=ticket.path())
    assert mine in ticket.git("rev-list", "--first-parent", ticket.branch()).split()
    assert (ticket.path() / "s2/a.txt").exists()


# -- at the same time


def waiting(tmp_path: Path) -> str:
    """A hook that says that it began, and waits until it is told to go on."""
    until = f"test $n -ge 6000 || test -e {tmp_path}/go"
    return f"touch {tmp_path}/began; n=0; until {until}; do sleep 0.01; n=$((n+1)); done"


def test_while_one_merges_another_is_told_to_wait(ticket: Ticket, okstra: Any, tmp_path: Path) -> None:
    hook(ticket, "pre-merge-commit", waiting(tmp_path))
    first = subprocess.Popen(okstra.words("merge"), cwd=ticket.path(), stdout=subprocess.PIPE, text=True)
    try:
        await_file(tmp_path / "began")
        for words in (["merge"], ["merge", "--continue"], ["merge", "--abort"]):
            second = okstra(*words, cwd=ticket.path(), check=False).require_error("busy")
            assert f"process {first.pid}" in second.err
    finally:
        (tmp_path / "go").touch()
        out, _ = first.communicate(timeout=60)
    assert (first.returncode, len(out.splitlines())) == (0, 2)
    assert [event.stage for event in ticket.events("merged")] == [1, 2]


def test_a_git_that_outlives_its_okstra_keeps_others_away_until_it_is_through(
    ticket: Ticket, okstra: Any, tmp_path: Path
) -> None:
    hook(ticket, "pre-merge-commit", waiting(tmp_path))
    first = subprocess.Popen(
        okstra.words("merge"), cwd=ticket.path(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    await_file(tmp_path / "began")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    okstra("merge", cwd=ticket.path(), check=False).require_error("busy")
    (tmp_path / "go").touch()
    for _ in range(600):
        ended = okstra("merge", cwd=ticket.path(), check=False)
        if ended.error != "busy":
            break
    assert ended.status == 0, ended
    assert [event.stage for event in ticket.events("merged")] == [1, 2]
    assert ticket.subjects()[:2] == ["Merge stage 2: Two", "Merge stage 1: One"]


def test_however_many_merge_at_once_each_stage_is_merged_once(
    ticket: Ticket, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    ended = race(6, lambda _: okstra.words("merge"), cwd=ticket.path())
    assert {one.error for one in ended} <= {None, "busy"}
    assert any(one.status == 0 for one in ended)
    okstra("merge", cwd=ticket.path())
    assert [event.stage for event in ticket.events("merged")] == [1, 2]
    assert len(ticket.git("rev-list", "--merges", ticket.branch()).split()) == 2


def test_stages_that_merge_what_they_stand_on_at_the_same_time(
    repository: ScratchRepository, okstra: Any, race: Callable[..., list[Ended]]
) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: (), 3: (1, 2), 4: (1, 2)}))
    for number in (1, 2):
        ticket.work(number)
    ended = race(2, lambda i: okstra.words("stage", str(3 + i), "--merge-deps"), cwd=ticket.path())
    for number, one in enumerate(ended, 3):
        if one.error == "busy":
            okstra("stage", str(number), "--merge-deps", cwd=ticket.path())
    assert [event.stage for event in ticket.events("merged")] == [1, 2]
    assert {ticket.history.stage(number).base for number in (3, 4)} == {ticket.tip()}


def test_an_intent_never_outlives_a_merge_that_is_through(ticket: Ticket) -> None:
    merge.merge(ticket.context(), ticket.task)
    left = ticket.repository.path / ".git/okstra/tasks/dev/dev-1"
    assert sorted(path.name for path in left.iterdir()) == ["journal.jsonl", "paths", "plan.toml", "task.toml"]
