"""A repository in which a command meets its end at a numbered point, as often as wanted from the same beginning.

Points that leave the same on disk as one before are followed up once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
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


class Scenario(NamedTuple):
    """A command, from which worktree it is given, and what is made before; `chunks` share its points."""

    words: tuple[str, ...]
    where: str
    prepare: Callable[[Command, ScratchRepository], None]
    chunks: int = 1
    makes_worktree: bool = False
    nothing_left: str = ""
    doctor_mends: bool = True
    environment: Mapping[str, str] = MappingProxyType({})


def task_path() -> Path:
    """The worktree of task DEV-1."""
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
        """The main worktree, that of the task, or a directory that `prepare` made beside the repository."""
        places = {"main": self.repository.path, "task": task_path()}
        return places.get(self.scenario.where, self.root / self.scenario.where)

    def begin(self) -> None:
        """Put everything back as it was at the very beginning."""
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", self.template, self.root], check=True)

    def crash(self, number: int) -> None:
        """Kill the command at that point, from the very beginning."""
        self.begin()
        self.fast.crash(*self.scenario.words, at=number, cwd=self.where)

    def run(self, **environment: str) -> Ended:
        """Run the command with that environment, from the very beginning."""
        self.begin()
        return self.fast.run(*self.scenario.words, cwd=self.where, env=environment)

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
        # A branch that has no tip in the hooks' ledger yet begins where it is: so it is after a repair. A gate that was
        # cut short may have written its report, which counts for nothing until the journal names it.
        name = masked(os.fspath(path.relative_to(self.root)))
        if path.is_symlink():
            yield name, os.readlink(path)
        elif re.search(
            r"registry/holds/|/okstra/operations/|/damaged/|/reports/|/policy/tips/|/trash/\.gone-|(merge|handoff)\.json\.hold|/\.git/(objects|logs|worktrees/[^/]*/logs)/|/logs/HEAD$|_HEAD$|COMMIT_EDITMSG$",
            f"/{name}",
        ):
            return
        elif "/registry/branches/" in f"/{name}":  # one that lags behind is passed over by whoever reads it
            holder = Registry(f"{tickets.home()}").branch_holder("shop", path.stem)
            if holder is not None:
                yield name, holder
        elif path.is_file() and (
            path.name in ("index", "index.okstra", "journal.jsonl", "operations.jsonl")
            or "/okstra/policy/" in f"/{name}"  # stamped with inodes
        ):
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
    text = re.sub(r"reports/\d{8}T\d{6}Z-([0-9a-f]+)(-\d+)?", r"reports/STAMP-\1", text)
    text = re.sub(r"\d{8}T\d{6}(-[a-z0-9-]+)(\.\d+)?", r"STAMP\1", text)
    text = re.sub(r'"(pid|pid_start)": \d+', r'"\1": 0', text)
    return re.sub(r"\.\d+\.tmp", ".PID.tmp", text)


class Arenas:
    """The arenas of a module, each made once. Ends with `close`."""

    def __init__(self, scenarios: Mapping[str, Scenario], factory: pytest.TempPathFactory) -> None:
        self.scenarios, self.factory, self.fast = scenarios, factory, Preloaded()
        self._made: dict[str, Arena] = {}
        self._roots: dict[str, Path] = {}

    def close(self) -> None:
        """End the process that runs the commands."""
        self.fast.close()

    def __call__(self, name: str, okstra: Command, patch: pytest.MonkeyPatch) -> Arena:
        """The arena of that scenario; OKSTRA_HOME is in it, for as long as `patch` lasts."""
        root = self._roots.setdefault(name, self.factory.mktemp("crashes").resolve())
        patch.setenv("OKSTRA_HOME", f"{root}/arena/okstra")
        patch.setenv("GIT_TEMPLATE_DIR", "")  # fewer files to copy
        for variable, value in {**DATES, **self.scenarios[name].environment}.items():
            patch.setenv(variable, value)
        if name not in self._made:
            self._made[name] = Arena(root, okstra, self.fast, self.scenarios[name])
        return self._made[name]


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


def killed_and_put_right(arena: Arena, name: str, numbers: Iterable[int], *, by_doctor: bool) -> None:
    """Kill the command at each of these points, and put it right, a second time `by_doctor`; what one point leaves as
    another did is tried once."""
    seen: list[dict[str, object]] = []
    for number in numbers:
        arena.crash(number)
        left = arena.state()
        if left in seen:
            continue
        seen.append(left)
        try:
            put_right(arena)
            if by_doctor:
                arena.crash(number)
                put_right(arena, by_doctor=True)
        except AssertionError as error:
            point = f"{name}, killed at {number} of {len(arena.points)}: {arena.points[number - 1]}"
            raise AssertionError(f"{point}\n{error}") from None
