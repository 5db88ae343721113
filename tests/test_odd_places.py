"""The short story with the real command under odd names, with git's variables set, and where one cannot write."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

from support import processes, tickets
from support.processes import Ended, Where
from support.repositories import ScratchRepository, make_repository as make_there
from support.short_story import PLAN, Story
from support.tickets import Command

Make = Callable[[str], ScratchRepository]


@pytest.mark.parametrize(
    ("repository_name", "home", "ticket"),
    [
        ("the shop", "a home", "a ticket  7"),
        ('it\'s "the" $shop;', "`home`'\"%s\\", 'it\'s "7" $(x) %s'),
        ("-shop", "-home", "-x"),
        ("-C", "--home=x", "--help"),
        ("가게", "집", "결제-12"),
        ("shop 🛒", "🏠", "🚀 dev 7"),
        ("s" * 64, "h" * 64, "t" * 64),
        ("Straße", "a#b?c*[d]{e}~", "DEV-7/checkout:page"),
    ],
    ids=["spaces", "quotes", "dashes", "options", "Korean", "emoji", "64 characters", "special to git"],
)
def test_names(
    okstra: Command,
    make_repository: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    repository_name: str,
    home: str,
    ticket: str,
) -> None:
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / home}")
    Story(okstra, make_repository(repository_name), ticket).play()


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "{repository}/.git"},
        {"GIT_DIR": ".git", "GIT_WORK_TREE": "."},
        {"GIT_DIR": "{repository}/.git", "GIT_WORK_TREE": "{repository}", "GIT_INDEX_FILE": "{repository}/.git/index"},
    ],
    ids=lambda variables: " ".join(variables),
)
def test_variables_of_git(okstra: Command, repository: ScratchRepository, variables: Mapping[str, str]) -> None:
    env = {name: value.format(repository=repository.path) for name, value in variables.items()}
    where = repository if variables["GIT_DIR"] == ".git" else repository.path.parent
    Story(okstra, where, env=env).play(inside=False)


def test_a_work_tree_somewhere_else(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    """As with a repository for dot files: the directory of the files is not that of `.git`."""
    bare = tmp_path / "dots.git"
    repository.git("clone", "-q", "--bare", f"{repository.path}", f"{bare}")
    (tmp_path / "files").mkdir()
    env = {"GIT_DIR": f"{bare}", "GIT_WORK_TREE": f"{tmp_path / 'files'}"}
    Story(okstra, tmp_path, env=env).play(inside=False)


def test_okstra_home_behind_a_symlink(
    okstra: Command, repository: ScratchRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / 'link' / 'okstra'}")
    Story(okstra, repository).play()
    (path,) = (tmp_path / "disk" / "okstra" / "worktrees" / "shop" / "dev").glob("dev-1")
    assert okstra("path", "task", cwd=path).out == f"{path}\n"
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / 'disk' / 'okstra'}")
    assert okstra("start", "feat", "DEV-1", "--json", cwd=repository).json()["status"] == "reused"


def test_okstra_home_given_relatively_or_with_a_tilde(
    okstra: Command, repository: ScratchRepository, environment: Mapping[str, str]
) -> None:
    words = ("start", "feat", "DEV-1", "--base", "main")
    there = okstra(*words, cwd=repository, env={"OKSTRA_HOME": "~/ours"}).out
    assert there == f"{environment['HOME']}/ours/worktrees/shop/dev/dev-1\n"
    there = okstra("start", "feat", "DEV-2", "--base", "main", cwd=repository, env={"OKSTRA_HOME": "../near"}).out
    assert there == f"{repository.path.parent}/near/worktrees/shop/dev/dev-2\n"


@pytest.mark.parametrize("ticket", ["DEV-1\nDEV-2", "\n", "DEV-1\n", "a\rb", "a\x1b[31mb"])
def test_a_control_character_in_an_id_is_refused(okstra: Command, repository: ScratchRepository, ticket: str) -> None:
    before = tree(repository.path)
    for words in (("start", "--base", "main"), ("start", "--group", ticket)):
        named = ["feat", "DEV-1"] if "--group" in words else ["feat", ticket]
        refused = okstra(*words, "--", *named, cwd=repository, check=False).require_error("bad-name")
        assert "control character" in refused.err
        assert len(refused.err.splitlines()) == 2
        assert "\x1b" not in refused.err
    assert tree(repository.path) == before
    assert not tickets.home().exists()


def test_a_repository_whose_name_gives_no_project_id(okstra: Command, make_repository: Make) -> None:
    for name in ("---", "new\nline"):
        repository = make_repository(name)
        refused = okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository, check=False)
        refused.require_error("bad-name")
        assert "project id" in refused.err
        assert "git okstra config set project.id NAME" in refused.err
        assert not tickets.home().exists()
    okstra("config", "set", "project.id", "fine", cwd=repository)
    Story(okstra, repository).play()


def tree(root: Path) -> dict[str, tuple[int, int, int]]:
    """Everything below: path to mode, size and mtime."""
    found = {}
    for path in [root, *root.rglob("*")]:
        stat_ = path.lstat()
        found[f"{path}"] = (stat_.st_mode, stat_.st_size, stat_.st_mtime_ns)
    return found


# -- where one cannot write


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
                done = processes.run(limited, cwd=where, input=input)
            if done.status == 0:
                return done.out.removesuffix("\n")
            self.failures += 1; print(f"{done}")
            assert done.error in ("cannot-write", "git-failed"), f"{done}"
            assert "Traceback" not in done.err
            self.require_nothing_half_written(done)
        return self.okstra(*words, cwd=where, input=input).out.removesuffix("\n")

    def require_nothing_half_written(self, done: Ended) -> None:
        assert tickets.leftovers(self.repository) == [], f"{done}"
        assert self.repository.git("fsck", "--no-dangling", "--no-progress") == "", f"{done}"
        self.okstra("list", "--json", cwd=self.repository)
        found = self.okstra("doctor", "--json", cwd=self.repository, check=False).json()["findings"]
        assert [one for one in found if one["code"].startswith(("damaged", "newer"))] == [], f"{done}"

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
        return lambda words: nullcontext(["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *words])

    repository.commit({"large": "line\n" * 5000})
    story = Scarce(okstra, repository, map(at_most, (0, 1, 2, 4)))
    story.play()
    assert story.failures > 8


def test_a_full_disk(okstra: Command, mount: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    disk = mount("size=2m")
    repository = make_there(disk / "shop")
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

    story = Scarce(okstra, repository, map(with_room_for, (0, 1, 2, 4, 8, 12, 20)))
    story.play()
    assert story.failures > 8
