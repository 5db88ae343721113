"""Killed at every numbered point, a command leaves what the next one puts right: nothing lost, nothing left over.

For each command the points of one undisturbed run are recorded; then, from the same beginning each time, a fresh run
is killed at each of them. Points that leave the same on disk are followed up once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import pytest

from git_okstra.state.registry import Registry
from git_okstra.state.store import Store
from support import processes, repositories, tickets
from support.preloaded import Preloaded
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

DATES = {"GIT_AUTHOR_DATE": "2026-01-05T10:00:00+00:00", "GIT_COMMITTER_DATE": "2026-01-05T10:00:00+00:00"}
PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (1, 2), 4: ()}


class Scenario(NamedTuple):
    """A command, from which worktree it is given, and what is made before; `chunks` share its points."""

    words: tuple[str, ...]
    where: str
    prepare: Callable[[Command, ScratchRepository], None]
    chunks: int = 1
    makes_worktree: bool = False
    nothing_left: str = ""
    doctor_mends: bool = True


def nothing(okstra: Command, repository: ScratchRepository) -> None:
    repository.commit({".gitignore": "*.local\n", "a/b": "1\n", "a/c": "2\n"})
    for name, content in (("deps/lib", "x\n"), ("secret.local", "key\n")):
        (repository.path / name).parent.mkdir(exist_ok=True)
        (repository.path / name).write_text(content)
    okstra("config", "set", "worktree.link", "deps", cwd=repository)
    okstra("config", "set", "worktree.copy", "secret.local", cwd=repository)


def a_task(okstra: Command, repository: ScratchRepository) -> None:
    nothing(okstra, repository)
    tickets.start(okstra, repository, PLAN)


def a_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    tickets.work(okstra, repository, task_path(), 1, close=False)


def a_done_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_task(okstra, repository)
    tickets.work(okstra, repository, task_path(), 1)


def two_done_stages(okstra: Command, repository: ScratchRepository) -> None:
    a_done_stage(okstra, repository)
    tickets.work(okstra, repository, task_path(), 2)


def a_dirty_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_done_stage(okstra, repository)
    stage = Path(f"{task_path()}-s1")
    (stage / "a" / "b").write_text("changed\n")
    (stage / "a" / "c").write_text("staged\n")
    repository.git("add", "a/c", cwd=stage)
    (stage / "untracked").write_text("mine\n")
    (stage / "build.local").write_text("ignored\n")


def a_removed_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_dirty_stage(okstra, repository)
    okstra("remove", "1", "-f", "-D", cwd=task_path())


SCENARIOS = {
    "start": Scenario(("start", "feat", "DEV-1"), "main", nothing, 2, makes_worktree=True),
    "stage": Scenario(("stage", "1"), "task", a_task, 2, makes_worktree=True),
    "done": Scenario(("done", "1"), "task", a_stage),
    "reopen": Scenario(("reopen", "1"), "task", a_done_stage),
    "merge": Scenario(("merge",), "task", two_done_stages, 2, doctor_mends=False),
    "remove": Scenario(("remove", "1", "-f", "-D"), "task", a_dirty_stage, 2, nothing_left="stage-not-open"),
    "remove task": Scenario(("remove", "dev-1", "-f", "-D"), "main", a_task, 2, nothing_left="no-such-task"),
    "restore": Scenario(("restore", "1"), "task", a_removed_stage, 2, nothing_left="no-such-trash"),
    "abandon": Scenario(("abandon", "1", "-f"), "task", a_dirty_stage, 2, nothing_left="stage-not-open"),
    "release": Scenario(("release", "1"), "task", a_dirty_stage, nothing_left="stage-not-open"),
}


def task_path() -> Path:
    return tickets.home() / "worktrees" / "shop" / "dev" / "dev-1"


class Arena:
    """A repository and an OKSTRA_HOME that can be put back to how they were before the command."""

    def __init__(self, root: Path, okstra: Command, fast: Preloaded, scenario: Scenario) -> None:
        self.root, self.template, self.scenario, self.fast = root / "arena", root / "template", scenario, fast
        self.repository = repositories.make_repository(self.root / "shop")
        scenario.prepare(okstra, self.repository)
        subprocess.run(["cp", "-a", self.root, self.template], check=True)
        self.points = fast.points(*scenario.words, cwd=self.where)
        self.end, self.end_listed = self.state(), self.listed()

    @property
    def where(self) -> Path:
        return self.repository.path if self.scenario.where == "main" else task_path()

    def crash(self, number: int) -> None:
        """Kill the command at that point, from the very beginning."""
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", self.template, self.root], check=True)
        self.fast.crash(*self.scenario.words, at=number, cwd=self.where)

    def state(self) -> dict[str, object]:
        """Everything on disk that does not differ from run to run: pids, times, stat data and reflogs do."""
        git_dir = self.repository.path / ".git"
        found: dict[str, object] = {name: told for path in files(self.root) for name, told in self.told(path)}
        found["refs"] = masked(self.repository.git("for-each-ref", "--format=%(refname) %(objectname)"))
        for path, branch in tickets.worktrees(self.repository).items():
            if os.path.exists(f"{path}/.git"):
                status = self.repository.git("status", "--porcelain=v2", "--ignored", cwd=path)
                found[f"worktree {path}"] = (branch, status)
        store = Store(os.fspath(git_dir))
        for group, task in store.tasks():
            folded = asdict(store.history(group, task))
            found[f"history {group}/{task}"] = json.loads(masked(json.dumps(folded)))
        return found

    def listed(self) -> str:
        """What `git okstra list` says of it."""
        return masked(self.fast.run("list", "--json", cwd=self.repository).require_success().out)

    def told(self, path: Path) -> Iterator[tuple[str, object]]:
        name = masked(os.fspath(path.relative_to(self.root)))
        if path.is_symlink():
            yield name, os.readlink(path)
        elif re.search(
            r"registry/holds/|/damaged/|/trash/\.gone-|merge\.json\.hold|/\.git/(objects|logs|worktrees/[^/]*/logs)/|/logs/HEAD$|_HEAD$|COMMIT_EDITMSG$",
            f"/{name}",
        ):
            return
        elif "/registry/branches/" in f"/{name}":  # one that lags behind is passed over by whoever reads it
            holder = Registry(f"{tickets.home()}").branch_holder("shop", path.stem)
            if holder is not None:
                yield name, holder
        elif path.is_file() and (path.name == "index" or path.name == "journal.jsonl"):
            yield name, "there"
        elif path.is_file():
            yield name, masked(path.read_text())


def files(root: Path) -> Iterator[Path]:
    for directory, directories, names in os.walk(root):
        yield from (Path(directory, name) for name in names)
        yield from (Path(directory, name) for name in directories if os.path.islink(Path(directory, name)))


def masked(text: str) -> str:
    """The text without what a clock or a process id put there."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
    text = re.sub(r"\d{8}T\d{6}(-[a-z0-9-]+)(\.\d+)?", r"STAMP\1", text)
    text = re.sub(r'"(pid|pid_start)": \d+', r'"\1": 0', text)
    return re.sub(r"\.\d+\.tmp", ".PID.tmp", text)


@pytest.fixture(scope="module")
def arenas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, Command, pytest.MonkeyPatch], Arena]]:
    """Gives the arena of a scenario, made once; OKSTRA_HOME is in it."""
    fast = Preloaded()
    made: dict[str, Arena] = {}
    roots: dict[str, Path] = {}

    def arena(name: str, okstra: Command, patch: pytest.MonkeyPatch) -> Arena:
        root = roots.setdefault(name, tmp_path_factory.mktemp("crashes").resolve())
        patch.setenv("OKSTRA_HOME", f"{root}/arena/okstra")
        patch.setenv("GIT_TEMPLATE_DIR", "")  # fewer files to copy
        for variable, value in DATES.items():
            patch.setenv(variable, value)
        if name not in made:
            made[name] = Arena(root, okstra, fast, SCENARIOS[name])
        return made[name]

    yield arena
    fast.close()


CHUNKS = [(name, chunk) for name, scenario in SCENARIOS.items() for chunk in range(scenario.chunks)]


@pytest.mark.parametrize(("name", "chunk"), CHUNKS)
def test_what_a_killed_command_leaves_is_put_right(
    name: str,
    chunk: int,
    okstra: Command,
    arenas: Callable[[str, Command, pytest.MonkeyPatch], Arena],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arena = arenas(name, okstra, monkeypatch)
    total, parts = len(arena.points), SCENARIOS[name].chunks
    assert total >= 3 * parts, arena.points
    seen: list[dict[str, object]] = []
    for number in range(chunk * total // parts + 1, (chunk + 1) * total // parts + 1):
        arena.crash(number)
        left = arena.state()
        if left in seen:
            continue
        seen.append(left)
        try:
            put_right(arena)
            if arena.scenario.doctor_mends:
                arena.crash(number)
                put_right(arena, by_doctor=True)
        except AssertionError as error:
            point = f"{name}, killed at {number} of {total}: {arena.points[number - 1]}"
            raise AssertionError(f"{point}\n{error}") from None


def put_right(arena: Arena, *, by_doctor: bool = False) -> None:
    """The same command again, or `doctor --repair` and then that command: in the end all is as if nothing had been."""
    repository, run = arena.repository, arena.fast.run
    users_own = None
    if arena.scenario.makes_worktree:  # somebody puts a file there meanwhile
        path = next((path for path in tickets.worktrees(repository) if Path(path) != arena.where), None)
        if path and os.path.exists(f"{path}/.git"):
            users_own = Path(path, "users.own")
            users_own.write_text("precious\n")
    run("list", "--json", cwd=repository).require_success()
    looked = run("doctor", "--json", cwd=repository)
    assert looked.status in (0, 1), f"{looked}"
    assert "findings" in looked.json(), f"{looked}"
    if by_doctor:
        run("doctor", "--repair", "--json", cwd=repository).require_success()
        run("doctor", cwd=repository).require_success()
    over = arena.state() == arena.end
    again = run(*arena.scenario.words, cwd=arena.where)
    # When it was over already, or has been finished on the way, some commands say that there is nothing to do.
    assert again.status == 0 or over or again.error == arena.scenario.nothing_left, f"{again}"
    remains = tickets.leftovers(repository)
    if remains:
        for remain in remains:
            os.utime(remain, (0, 0))
        run("doctor", "--repair", cwd=repository).require_success()
    if users_own is not None:
        assert users_own.read_text() == "precious\n"
        users_own.unlink()
    remains = tickets.leftovers(repository)
    assert not remains, f"{remains}\n{again}"
    state = arena.state()
    if state != arena.end and only_derived(state, arena.end):
        run("doctor", "--repair", cwd=repository).require_success()
        state = arena.state()
    require_same(state, arena.end, again)
    assert arena.listed() == arena.end_listed
    assert repository.git("fsck", "--no-dangling", "--no-progress") == ""


def only_derived(state: dict[str, object], wanted: dict[str, object]) -> bool:
    """Whether the two differ in nothing but files that follow from others, which nobody relies on."""
    different = {name for name in state.keys() | wanted.keys() if state.get(name) != wanted.get(name)}
    return all(re.search("/okstra/open/|/paths$", name) for name in different)


def require_same(state: dict[str, object], wanted: dict[str, object], again: Ended) -> None:
    wrong = [
        f"{name}\n  is      {state.get(name)!r}\n  must be {wanted.get(name)!r}"
        for name in sorted(state.keys() | wanted.keys())
        if state.get(name) != wanted.get(name)
    ]
    assert not wrong, "\n".join([*wrong, f"{again}"])


# -- git lives on, or dies in the middle of its work

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
    points = processes.crash_points(okstra.words("stage", "4"), cwd=task)
    processes.crash(okstra.words("stage", "1"), at=points.index(point) + 1, cwd=task)
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
