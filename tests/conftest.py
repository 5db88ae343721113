"""Seals every test from the developer's machine, and gives it real git, real repositories, the real console script."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support import preloaded, processes, repositories, sealing
from support.handing import Desk, Kept
from support.processes import Ended, Where
from support.repositories import Git, ScratchRepository


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-transcripts` rewrites what the transcripts expect; see tests/transcripts/README.md."""
    parser.addoption(
        "--update-transcripts", action="store_true", help="write what the commands print into the transcripts"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With `-n` let a worker that has nothing left take over from others, unless `--dist` says how to share.

    Neighbours stay together, so that what a module makes once is rarely made twice, and nobody waits at the end.
    """
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


MEMORY = "/dev/shm"
ROOM = 1 << 30
"""Bytes that must be free there: many times what the tests leave at a time, should several runs go on beside."""


def pytest_configure(config: pytest.Config) -> None:
    """Have temporary directories in memory where that is possible, since git and we wait for the disk so often."""
    if config.option.basetemp is None and "PYTEST_DEBUG_TEMPROOT" not in os.environ and _can_hold_the_tests(MEMORY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = MEMORY


def _can_hold_the_tests(place: str) -> bool:
    """Whether hooks can be run from there, and there is room enough."""
    try:
        told = os.statvfs(place)
    except OSError:
        return False
    return (
        os.access(place, os.W_OK | os.X_OK)
        and told.f_bavail * told.f_frsize >= ROOM
        and not told.f_flag & getattr(os, "ST_NOEXEC", 0)
    )


def _seal(root: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Replace this process's environment by the sealed one, whose HOME is made under `root`, and give it."""
    sealing.prepare(root)
    wanted = sealing.sealed(os.environ, root)
    for name in os.environ.keys() - wanted.keys():
        patch.delenv(name)
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            patch.setenv(name, value)
    return wanted


@pytest.fixture(scope="session", autouse=True)
def _sealed_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Seals fixtures that outlive one test."""
    with pytest.MonkeyPatch.context() as patch:
        _seal(tmp_path_factory.mktemp("sealed-session").resolve(), patch)
        yield
        preloaded.close()


@pytest.fixture(autouse=True)
def environment(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The sealed environment, which is also this process's; the working directory is `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    return _seal(tmp_path_factory.mktemp("sealed").resolve(), monkeypatch)


@pytest.fixture
def git() -> Git:
    """The real git; `git("status")` gives what it printed, `git.run("status")` how it ended."""
    return Git()


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[[str], ScratchRepository]:
    """Makes a repository of the given name in `tmp_path`, with a branch `main` and a first commit."""
    return lambda name: repositories.make_repository(tmp_path / name)


@pytest.fixture
def repository(make_repository: Callable[[str], ScratchRepository]) -> ScratchRepository:
    """The repository `shop`, with a branch `main` and a first commit."""
    return make_repository("shop")


class Okstra:
    """The console script `git-okstra` of the running interpreter, each time in a process of its own.

    `words` is what starts it; a call runs it by `support.preloaded`, which saves the start of Python.
    """

    def __init__(self) -> None:
        self.script = preloaded.SCRIPT
        if not os.path.exists(self.script):
            pytest.fail(f"{self.script} is missing: run 'make test', or 'pip install -e .' first")

    def words(self, *args: str) -> list[str]:
        """The command as an argument list, for `race`, `crash` and `crash_points`."""
        return [self.script, *args]

    def __call__(
        self,
        *args: str,
        cwd: Where | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002
        check: bool = True,
    ) -> Ended:
        """Run it to its end. Fails the test on a traceback, on a fault, and with `check` on any exit status but 0."""
        ended = processes.require_no_fault(preloaded.run(self.words(*args), cwd=cwd, env=env, input=input))
        return ended.require_success() if check else ended


@pytest.fixture
def okstra() -> Okstra:
    """`okstra("stage", "3", cwd=…, env=…, check=False)` gives an `Ended`: status, out, err, json(), require_error()."""
    return Okstra()


@pytest.fixture(scope="session")
def handing(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The ticket that `desk` gives, made once."""
    with pytest.MonkeyPatch.context() as patch:
        return Kept(tmp_path_factory.mktemp("desk").resolve(), patch)


@pytest.fixture
def desk(handing: Kept, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A ticket whose two stages are merged and accepted, with a bare remote: ready to be handed over."""
    return handing.again(monkeypatch)


@pytest.fixture
def race() -> Callable[..., list[Ended]]:
    """See support.processes.race: n processes at the same instant."""
    return preloaded.race


@pytest.fixture
def crash() -> Callable[..., Ended]:
    """See support.processes.crash: a process killed at a numbered point."""
    return preloaded.crash


@pytest.fixture
def crash_points() -> Callable[..., list[str]]:
    """See support.processes.crash_points: the names of the points a command passes."""
    return preloaded.crash_points
