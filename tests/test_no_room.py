"""Where one cannot write: a file in the way, a read-only file system, a full disk; nothing is half written."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

from support import preloaded, processes, repositories, tickets
from support.processes import Ended, Where
from support.repositories import ScratchRepository
from support.short_story import PLAN
from support.tickets import Command


@pytest.mark.parametrize("place", ["", "registry", "registry/tasks", "registry/holds", "worktrees", "worktrees/shop"])
def test_a_file_where_a_directory_of_ours_belongs(okstra: Command, repository: ScratchRepository, place: str) -> None:
    blocking = tickets.home() / place
    blocking.parent.mkdir(parents=True, exist_ok=True)
    blocking.write_text("in the way\n")
    words = ("start", "feat", "DEV-1", "--base", "main")
    refused = okstra(*words, cwd=repository, check=False)
    refused.require_error("git-failed" if "worktrees" in place else "cannot-write")
    assert f"{tickets.home()}" in refused.err
    assert blocking.read_text() == "in the way\n"
    assert tickets.branches(repository).keys() == {"main"}
    assert tickets.worktrees(repository) == {}
    blocking.unlink()
    okstra(*words, cwd=repository)
    tickets.require_order(repository)


def test_a_file_where_the_store_belongs(okstra: Command, repository: ScratchRepository) -> None:
    (repository.path / ".git" / "okstra").write_text("in the way\n")
    words = ("start", "feat", "DEV-1", "--base", "main")
    refused = okstra(*words, cwd=repository, check=False).require_error("cannot-write")
    assert f"{repository.path / '.git' / 'okstra'}" in refused.err
    (repository.path / ".git" / "okstra").unlink()
    okstra(*words, cwd=repository)
    tickets.require_order(repository)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a small file system of its own with the options given; skips the test where that is not allowed."""
    mounted = []

    def mount_with(options: str) -> Path:
        place = tmp_path / "disk"
        place.mkdir(exist_ok=True)
        done = processes.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", f"{place}"])
        if done.status != 0:
            pytest.skip(f"nothing can be mounted here: {done.err.strip()}")
        mounted.append(place)
        return place

    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    yield mount_with
    for place in mounted:
        processes.run(["umount", f"{place}"]).require_success()


def require_refusal_where_read_only(okstra: Command, repository: ScratchRepository, home: Path) -> None:
    words = ("start", "feat", "DEV-1", "--base", "main")
    refused = okstra(*words, cwd=repository, env={"OKSTRA_HOME": f"{home}"}, check=False)
    refused.require_error("cannot-write")
    assert f"{home}" in refused.err
    assert "OKSTRA_HOME" in refused.err
    assert tickets.branches(repository).keys() == {"main"}
    assert okstra("list", "--json", cwd=repository, env={"OKSTRA_HOME": f"{home}"}).json()["tasks"] == []
    okstra(*words, cwd=repository)
    tickets.require_order(repository)


def test_a_read_only_file_system(okstra: Command, repository: ScratchRepository, mount: Callable[[str], Path]) -> None:
    require_refusal_where_read_only(okstra, repository, mount("ro") / "okstra")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    home = tmp_path / "read only"
    home.mkdir(mode=0o555)
    require_refusal_where_read_only(okstra, repository, home / "okstra")


class Scarce:
    """The short story in a repository in which every command first meets too little room, then a little more."""

    def __init__(self, okstra: Command, repository: ScratchRepository, limits: Iterable[Limit]) -> None:
        self.okstra, self.repository, self.limits = okstra, repository, list(limits)
        self.failures = 0

    def do(self, *words: str, cwd: Where | None = None, input: str | None = None) -> str:  # noqa: A002
        """Run it under each limit until it succeeds; what it printed. Whenever it failed, nothing is half written."""
        where = cwd or self.repository
        for limit in self.limits:
            with limit(self.okstra.words(*words)) as limited:
                done = preloaded.run(limited, cwd=where, input=input)
            if done.status == 0:
                return done.out.removesuffix("\n")
            self.failures += 1
            self.require_nothing_half_written(done)
            if words == ("merge",) and done.error in ("dirty-worktree", "merge-in-progress"):
                # What git had written by then may be the user's, so that it is asked for.
                assert "hint: or go back to before the merge" in done.err or "give this merge up" in done.err
                self.do("merge", "--abort")
                continue
            assert done.error in ("cannot-write", "git-failed"), f"{done}"
        return self.okstra(*words, cwd=where, input=input).out.removesuffix("\n")

    def require_nothing_half_written(self, done: Ended) -> None:
        left = tickets.leftovers(self.repository)
        if "exit status -25" in done.err:  # git was ended by SIGXFSZ: the next command clears up, as after any crash
            left = [path for path in left if not path.endswith("/index.lock")]
        assert left == [], f"{done}"
        assert self.repository.git("fsck", "--no-dangling", "--no-progress") == "", f"{done}"
        self.okstra("list", "--json", cwd=self.repository)
        found = self.okstra("doctor", "--json", cwd=self.repository, check=False).json()["findings"]
        assert [one for one in found if one["code"].startswith("damaged")] == [], f"{done}"

    def play(self) -> None:
        task = Path(self.do("start", "feat", "DEV-1", "--base", "main"))
        tickets.require_order(self.repository)
        self.do("plan", "import", "-", "--format", "toml", input=PLAN)
        self.do("plan", "approve", "--yes")
        stage = Path(self.do("stage", "1"))
        tickets.require_order(self.repository)
        commit = self.repository.commit({"s1/file": "one\n"}, cwd=stage)
        assert self.do("done", cwd=stage) == commit
        merged = self.do("merge")
        assert (task / "s1" / "file").read_text() == "one\n"
        head = self.repository.git("rev-parse", "HEAD", cwd=task)
        assert merged in (f"1 {head}", "")  # nothing to say when it failed after the merge
        assert self.repository.git("log", "--first-parent", "--format=%s", "main..", cwd=task).count("\n") == 0
        (task / "notes").write_text("mine\n")
        gone = self.do("remove", "-f", "-D", "DEV-1")
        assert tickets.worktrees(self.repository) == {}
        assert tickets.branches(self.repository).keys() == {"main"}
        self.do("restore", "DEV-1")
        self.do("restore", "DEV-1#1")
        assert (task / "notes").read_text() == "mine\n"
        (task / "notes").unlink()
        assert self.repository.git("rev-parse", "HEAD", cwd=task) == head
        assert self.repository.git("rev-parse", "HEAD", cwd=stage) == commit
        tickets.require_order(self.repository)
        self.okstra("doctor", cwd=self.repository)
        assert gone.count("\n") <= 1


Limit = Callable[[list[str]], AbstractContextManager[list[str]]]


def test_files_that_may_not_grow(okstra: Command, repository: ScratchRepository) -> None:
    """As with a quota: every write beyond a size fails (setrlimit(2), RLIMIT_FSIZE)."""

    def at_most(blocks: int) -> Limit:
        limited = (
            "import resource, sys\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({512 * blocks}, {512 * blocks}))\n"
            "sys.argv.pop(0)\n"
            "from git_okstra.cli.entry import main; main()"
        )
        return lambda words: nullcontext([sys.executable, "-c", limited, *words])

    repository.commit({"large": "line\n" * 5000})
    story = Scarce(okstra, repository, map(at_most, (0, 1, 2, 4)))
    story.play()
    assert story.failures > 8


def test_a_full_disk(okstra: Command, mount: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    disk = mount("size=2m")
    repository = repositories.make_repository(disk / "shop")
    repository.commit({"large": "line\n" * 5000})
    monkeypatch.setenv("OKSTRA_HOME", f"{disk / 'okstra'}")

    def with_room_for(pages: int) -> Limit:
        @contextmanager
        def full(words: list[str]) -> Iterator[list[str]]:
            ballast = disk / "ballast"
            try:
                with open(ballast, "wb", buffering=0) as file:
                    with suppress(OSError):
                        while file.write(b"\0" * 4096):
                            pass
                    file.truncate(max(0, file.tell() // 4096 - pages) * 4096)
                yield words
            finally:
                ballast.unlink()

        return full

    story = Scarce(okstra, repository, map(with_room_for, (0, 1, 2, 4, 8, 16)))
    story.play()
    assert story.failures > 8
