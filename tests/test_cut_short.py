"""git that outlives a killed okstra, and git that is killed in the middle of a registration or a checkout."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import preloaded, processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (1, 2), 4: ()}

SLOW = """\
#!/bin/sh
# A smudge filter that says that it runs, and goes on when it is told to.
echo x >>"${0%/*}/runs"
while ! test -e "${0%/*}/go"; do sleep 0.02; done
cat
"""


class SlowCheckout:
    """A task whose stages have a file, between others, that comes only when `go` is called."""

    def __init__(self, okstra: Command, repository: ScratchRepository, directory: Path) -> None:
        self.okstra, self.directory = okstra, directory
        directory.mkdir()
        script = directory / "filter"
        script.write_text(SLOW)
        script.chmod(0o755)
        self.go()
        repository.git("config", "filter.slow.smudge", f"{script}")
        repository.git("config", "filter.slow.clean", "cat")
        self.files = {"a": "1\n", "b/c": "2\n", "m": "slow\n", "z": "3\n"}
        repository.commit({".gitattributes": "m filter=slow\n", **self.files})
        # With more than one worker git puts off what has no filter to the end.
        okstra("config", "set", "checkout.workers", "1", cwd=repository)
        self.task = tickets.start(okstra, repository, PLAN)
        self.stage = Path(f"{self.task}-s1")
        self.reset()

    def reset(self) -> None:
        for name in ("go", "runs"):
            (self.directory / name).unlink(missing_ok=True)

    def go(self) -> None:
        (self.directory / "go").touch()

    def env(self, owner: str) -> dict[str, str]:
        return {"OKSTRA_OWNER": owner}

    def begin(self, owner: str) -> subprocess.Popen[bytes]:
        """Open stage 1 in a session of its own; returns when git waits for the slow file."""
        child = self.spawn("stage", "1", owner=owner)
        self.await_filter(child)
        return child

    def spawn(self, *words: str, owner: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.okstra.words(*words),
            cwd=self.task,
            env=os.environ | self.env(owner),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def await_filter(self, child: subprocess.Popen[bytes]) -> None:
        until(lambda: (self.directory / "runs").exists() or child.poll() is not None)
        assert child.poll() is None, child.communicate()

    def ended(self, child: subprocess.Popen[bytes]) -> Ended:
        out, err = child.communicate(timeout=processes.PATIENCE)
        return Ended(("git-okstra",), child.returncode, out.decode(), err.decode())

    def require_whole(self, repository: ScratchRepository) -> None:
        tickets.require_order(repository)
        assert {name: (self.stage / name).read_text() for name in self.files} == self.files


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


@pytest.fixture
def slow(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> Iterator[SlowCheckout]:
    made = SlowCheckout(okstra, repository, tmp_path / "filter")
    yield made
    made.go()  # nobody is left waiting


def test_a_git_that_outlives_its_okstra_keeps_the_stage(
    okstra: Command, repository: ScratchRepository, slow: SlowCheckout
) -> None:
    ada = slow.begin("ada")
    os.kill(ada.pid, signal.SIGKILL)
    ada.communicate()

    # git is still at it: for others the stage is ada's …
    refused = okstra("stage", "1", cwd=slow.task, env=slow.env("bob"), check=False).require_error("held")
    assert "stage 1 of DEV-1 is held by ada since " in refused.err
    listed = okstra("list", "--json", cwd=repository).json()["tasks"][0]["stages"][0]
    assert (listed["state"], listed["owner"], listed["trouble"]) == ("reserving", "ada", None)
    # … and ada's next command waits until that git is through, and finishes what is left.
    again = slow.spawn("stage", "1", "--json", owner="ada")
    time.sleep(0.5)
    assert again.poll() is None
    slow.go()
    ended = slow.ended(again).require_success()
    assert ended.json()["status"] == "created"
    assert ended.json()["notes"] == []
    assert (slow.directory / "runs").read_text() == "x\n"
    slow.require_whole(repository)


def test_what_a_dead_process_was_opening_is_free_for_others_when_its_git_is_gone(
    okstra: Command, repository: ScratchRepository, slow: SlowCheckout
) -> None:
    ada = slow.begin("ada")
    os.killpg(ada.pid, signal.SIGKILL)
    ada.communicate()
    slow.go()
    listed = okstra("list", "--json", cwd=repository).json()["tasks"][0]["stages"][0]
    assert listed["trouble"] == "interrupted"
    opened = okstra("stage", "auto", "--json", cwd=slow.task, env=slow.env("bob")).json()
    assert (opened["status"], opened["stage"]["number"], opened["stage"]["owner"]) == ("created", 1, "bob")
    refused = okstra("stage", "1", cwd=slow.task, env=slow.env("ada"), check=False).require_error("held")
    assert "held by bob" in refused.err
    slow.require_whole(repository)


def test_a_checkout_that_was_cut_short_is_completed_and_what_differs_goes_to_the_trash(
    okstra: Command, repository: ScratchRepository, slow: SlowCheckout
) -> None:
    for _ in range(2):  # the second one dies while it completes what the first one left
        child = slow.begin("ada")
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        (slow.directory / "runs").unlink()
        assert (slow.stage / "a").read_text() == "1\n"
        assert not (slow.stage / "z").exists()
    (slow.stage / "a").write_text("changed by a person\n")
    (slow.stage / "z").write_text("a person's own z\n")
    (slow.stage / "users.own").write_text("precious\n")

    slow.go()
    ended = okstra("stage", "1", cwd=slow.task, env=slow.env("ada"))
    (rescue,) = re.findall(r"moved 2 differing files to '([^']+)': a, z\n", ended.err)
    assert Path(rescue).parent == tickets.home() / "worktrees" / ".trash"
    assert (Path(rescue) / "a").read_text() == "changed by a person\n"
    assert (Path(rescue) / "z").read_text() == "a person's own z\n"
    assert (slow.stage / "users.own").read_text() == "precious\n"
    assert repository.git("status", "--porcelain", cwd=slow.stage) == "?? users.own"
    (slow.stage / "users.own").unlink()
    slow.require_whole(repository)


def test_what_stands_in_the_way_of_the_rest_of_a_checkout_goes_to_the_trash(
    okstra: Command, repository: ScratchRepository, slow: SlowCheckout, tmp_path: Path
) -> None:
    slow.files |= {"x/y/z": "4\n", "zz": "5\n", "zzz/b": "6\n"}
    repository.commit({name: slow.files[name] for name in ("x/y/z", "zz", "zzz/b")})
    repository.git("merge", "-q", "--ff-only", "main", cwd=slow.task)
    child = slow.begin("ada")
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    (slow.stage / "x").write_text("a file for a directory\n")
    (slow.stage / "zz").mkdir()
    (slow.stage / "zz" / "own").write_text("a directory for a file\n")
    (tmp_path / "outside").mkdir()
    (slow.stage / "zzz").symlink_to(tmp_path / "outside")
    slow.go()
    ended = okstra("stage", "1", cwd=slow.task, env=slow.env("ada"))
    (rescue,) = re.findall(r"moved 3 differing files to '([^']+)': x, zz, zzz\n", ended.err)
    assert (Path(rescue) / "x").read_text() == "a file for a directory\n"
    assert (Path(rescue) / "zz" / "own").read_text() == "a directory for a file\n"
    assert (Path(rescue) / "zzz").readlink() == tmp_path / "outside"
    assert list((tmp_path / "outside").iterdir()) == []
    slow.require_whole(repository)


def test_a_git_that_outlives_its_okstra_keeps_the_stage_while_it_completes_a_checkout_too(
    okstra: Command, repository: ScratchRepository, slow: SlowCheckout
) -> None:
    child = slow.begin("ada")
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    slow.reset()
    child = slow.begin("ada")
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    okstra("stage", "1", cwd=slow.task, env=slow.env("bob"), check=False).require_error("held")
    slow.go()
    until(lambda: okstra("list", "--json", cwd=repository).json()["tasks"][0]["stages"][0]["trouble"] is not None)
    okstra("stage", "1", cwd=slow.task, env=slow.env("bob"))
    slow.require_whole(repository)


def test_an_index_that_a_user_has_locked_does_not_look_like_a_checkout_cut_short(
    okstra: Command, repository: ScratchRepository
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    stage = Path(okstra("stage", "1", cwd=task).out.rstrip("\n"))
    okstra("release", "1", cwd=task)
    (stage / "README.md").write_text("half a day's work\n")
    lock = repository.path / ".git" / "worktrees" / "dev-1-s1" / "index.lock"
    lock.touch()
    assert okstra("stage", "1", "--json", cwd=task).json()["status"] == "created"
    assert (stage / "README.md").read_text() == "half a day's work\n"
    assert lock.exists()


def kill_stage_1(okstra: Command, task: Path, point: str) -> None:
    """Have `stage 1` die at the first point of that name."""
    okstra("stage", "2", cwd=task)
    points = preloaded.crash_points(okstra.words("stage", "4"), cwd=task)
    preloaded.crash(okstra.words("stage", "1"), at=points.index(point) + 1, cwd=task)
    assert tickets.reservations()["shop/dev/dev-1#1"].state == "reserving"


def registered_up_to(last: str, repository: ScratchRepository, path: Path, branch: str, base: str) -> None:
    """What `git worktree add --no-checkout` leaves when it is killed after it wrote `last`; in git's order of writing.

    See add_worktree() in git's builtin/worktree.c.
    """
    repository.git("worktree", "add", "-q", "--no-checkout", "--no-track", "-b", branch, f"{path}", base)
    admin = repository.path / ".git" / "worktrees" / path.name
    steps = ["nothing", "locked", "gitdir", ".git", "HEAD", "empty commondir", "commondir", "branch in HEAD"]
    reached = steps.index(last)
    (admin / "locked").write_text("initializing")
    shutil.rmtree(admin / "logs", ignore_errors=True)
    (admin / "ORIG_HEAD").unlink(missing_ok=True)
    if reached < steps.index("branch in HEAD"):
        (admin / "HEAD").write_text("0" * 40 + "\n")
    if reached < steps.index("commondir"):
        (admin / "commondir").write_text("")
    for step, file in (("empty commondir", admin / "commondir"), ("HEAD", admin / "HEAD"), (".git", path / ".git")):
        if reached < steps.index(step):
            file.unlink()
    if reached < steps.index("gitdir"):
        (admin / "gitdir").unlink()
        path.rmdir()
    if reached < steps.index("locked"):
        (admin / "locked").unlink()


@pytest.mark.parametrize(
    "last", ["nothing", "locked", "gitdir", ".git", "HEAD", "empty commondir", "commondir", "branch in HEAD"]
)
def test_a_registration_that_git_left_half_made_is_made_anew(
    okstra: Command, repository: ScratchRepository, last: str
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    kill_stage_1(okstra, task, "git worktree: before")
    registered_up_to(last, repository, Path(f"{task}-s1"), "feat-dev-1-s1", repository.head)

    okstra("list", "--json", cwd=repository)
    opened = okstra("stage", "1", "--json", cwd=task).json()
    assert opened["stage"]["path"] == f"{task}-s1"
    assert "locked" not in repository.git("worktree", "list", "--porcelain")
    for leftover in (repository.path / ".git" / "okstra" / "trash").glob(".half-made-*"):
        shutil.rmtree(leftover)  # `prune` does that
    tickets.require_order(repository)
    assert sorted(os.listdir(repository.path / ".git" / "worktrees")) == ["dev-1", "dev-1-s1", "dev-1-s2", "dev-1-s4"]


def test_a_directory_that_was_deleted_after_the_crash_is_made_again(
    okstra: Command, repository: ScratchRepository
) -> None:
    task = tickets.start(okstra, repository, PLAN)
    kill_stage_1(okstra, task, "git reset: after")
    shutil.rmtree(f"{task}-s1")
    assert okstra("stage", "1", "--json", cwd=task).json()["status"] == "created"
    tickets.require_order(repository)


def test_the_branch_of_what_cannot_be_resumed_does_not_stay(okstra: Command, repository: ScratchRepository) -> None:
    # Killed after git made the branch, and now somebody has taken the place.
    task = tickets.start(okstra, repository, PLAN)
    kill_stage_1(okstra, task, "git worktree: before")
    repository.git("branch", "feat-dev-1-s1")
    Path(f"{task}-s1").mkdir()
    Path(f"{task}-s1", "somebody's").touch()
    okstra("stage", "1", cwd=task, check=False).require_error("path-exists")
    assert "feat-dev-1-s1" not in tickets.branches(repository)
    assert "shop/dev/dev-1#1" not in tickets.reservations()
    assert Path(f"{task}-s1", "somebody's").exists()
