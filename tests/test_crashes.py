"""Killed at every numbered point, a command leaves what the next one puts right: nothing lost, nothing left over.

For each command the points of one undisturbed run are recorded; then, from the same beginning each time, a fresh run
is killed at each of them. Points that leave the same on disk are followed up once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import pytest

from git_okstra.state.registry import Registry
from git_okstra.state.store import Store
from support import repositories, tickets
from support.preloaded import Preloaded
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

DATES = {"GIT_AUTHOR_DATE": "2026-01-05T10:00:00+00:00", "GIT_COMMITTER_DATE": "2026-01-05T10:00:00+00:00"}
PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (1, 2)}


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


def a_merged_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_done_stage(okstra, repository)
    okstra("merge", cwd=task_path())


def a_removed_stage(okstra: Command, repository: ScratchRepository) -> None:
    a_dirty_stage(okstra, repository)
    okstra("remove", "1", "-f", "-D", cwd=task_path())


SCENARIOS = {
    "start": Scenario(("start", "feat", "DEV-1"), "main", nothing, 2, makes_worktree=True),
    "stage": Scenario(("stage", "1"), "task", a_task, 2, makes_worktree=True),
    "done": Scenario(("done", "1"), "task", a_stage),
    "reopen": Scenario(("reopen", "1"), "task", a_done_stage),
    "merge": Scenario(("merge",), "task", two_done_stages, 2, doctor_mends=False),
    "remove": Scenario(("remove", "1", "-f", "-D"), "task", a_dirty_stage, 3, nothing_left="stage-not-open"),
    "remove task": Scenario(("remove", "dev-1", "-f", "-D"), "main", a_task, 2, nothing_left="no-such-task"),
    "restore": Scenario(("restore", "1"), "task", a_removed_stage, 3, nothing_left="no-such-trash"),
    "abandon": Scenario(("abandon", "1", "-f"), "task", a_dirty_stage, 3, nothing_left="stage-not-open"),
    "undo": Scenario(("undo",), "task", a_merged_stage, 2, nothing_left="undo-refused"),
    "release": Scenario(("release", "1"), "task", a_dirty_stage, 2, nothing_left="stage-not-open"),
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
            r"registry/holds/|/okstra/operations/|/damaged/|/trash/\.gone-|merge\.json\.hold|/\.git/(objects|logs|worktrees/[^/]*/logs)/|/logs/HEAD$|_HEAD$|COMMIT_EDITMSG$",
            f"/{name}",
        ):
            return
        elif "/registry/branches/" in f"/{name}":  # one that lags behind is passed over by whoever reads it
            holder = Registry(f"{tickets.home()}").branch_holder("shop", path.stem)
            if holder is not None:
                yield name, holder
        elif path.is_file() and path.name in ("index", "journal.jsonl", "operations.jsonl"):
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
