"""The test bed itself: the seal holds, a race is a race, and a killed process is dead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from pytest_git import GitRepo  # type: ignore[import-untyped]

from support import preloaded, processes, sealing
from support.processes import Ended
from support.repositories import Git, ScratchRepository

PASSES_THREE_POINTS = "from git_okstra import crashpoints as c; [c.reach(f'step {n}') for n in (1, 2, 3)]; print('end')"


def origins(git: Git, cwd: os.PathLike[str]) -> set[str]:
    """The files from which git takes its configuration there."""
    lines = git("config", "--list", "--show-origin", "-z", cwd=cwd).split("\0")[:-1:2]
    return {line.removeprefix("file:") for line in lines}


def test_git_reads_no_configuration_from_outside(git: Git, repository: ScratchRepository) -> None:
    assert origins(git, repository) == {os.environ["GIT_CONFIG_GLOBAL"], ".git/config"}
    assert git("var", "GIT_AUTHOR_IDENT", cwd=repository).startswith("Ada Lovelace <ada@example.com>")


def test_a_repository_of_pytest_git_is_sealed_too(
    git: Git, git_repo: GitRepo, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    where = Path(git_repo.workspace)
    assert where.is_relative_to(environment["TMPDIR"])
    assert origins(git, where) == {environment["GIT_CONFIG_GLOBAL"], ".git/config"}
    git_repo.api.index.commit("through GitPython")
    assert git("log", "--format=%an", cwd=where) == "Ada Lovelace"


def test_the_seal_holds_in_a_poisoned_environment(tmp_path: Path) -> None:
    home = tmp_path / "developer"
    home.mkdir()
    nowhere = f"{home}/.gitconfig/nowhere"  # below a file: nothing can be made there
    poison = f"[user]\n\tname = Poison\n[core]\n\thooksPath = {nowhere}\n"
    for name in (".gitconfig", "config", "system"):
        (home / name).write_text(poison)
    (home / "git").mkdir()
    (home / "git" / "config").write_text(poison)
    poisoned = {
        "HOME": f"{home}",
        "XDG_CONFIG_HOME": f"{home}",
        "GIT_CONFIG_GLOBAL": f"{home}/config",
        "GIT_CONFIG_SYSTEM": f"{home}/system",
        "GIT_CONFIG_NOSYSTEM": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "Poison",
        "GIT_AUTHOR_NAME": "Poison",
        "GIT_DIR": nowhere,
        "OKSTRA_HOME": nowhere,
        "OKSTRA_OWNER": "Poison",
        "EMAIL": "poison@example.com",
    }
    inner = [
        "test_git_reads_no_configuration_from_outside",
        "test_a_repository_of_pytest_git_is_sealed_too",
        "test_nothing_personal_is_left_in_the_environment",
    ]
    ended = processes.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"{__file__}::{name}" for name in inner)],
        cwd=Path(__file__).parent,
        env=poisoned,
    )
    assert ended.status == 0, ended
    assert "3 passed" in ended.out


def test_nothing_personal_is_left_in_the_environment(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.getbasetemp().resolve()
    for name, value in os.environ.items():
        if name.startswith(("GIT_", "OKSTRA_", "XDG_")) or name in ("HOME", "TMPDIR"):
            assert value == environment[name], name
            assert not os.path.isabs(value) or Path(value).is_relative_to(base), f"{name}={value}"
    assert "OKSTRA_OWNER" not in os.environ
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
    assert Path.cwd().is_relative_to(base)


def test_the_scripts_of_this_interpreter_come_first_on_the_path() -> None:
    assert os.environ["PATH"].split(os.pathsep)[0] == os.path.dirname(sys.executable) == sealing.SCRIPTS


def test_the_console_script_is_the_one_of_this_interpreter(
    okstra: Callable[..., Ended], git: Git, tmp_path: Path
) -> None:
    assert okstra("--version").out == git("okstra", "--version", cwd=tmp_path) + "\n"
    assert processes.run(["git-okstra", "--version"]).out == okstra("--version").out
    with pytest.raises(AssertionError, match="exit status 2"):
        okstra("no-such-command")
    assert okstra("no-such-command", check=False).require_error("usage").out == ""


@pytest.fixture(params=[processes, preloaded], ids=["started", "preloaded"])
def running(request: pytest.FixtureRequest) -> ModuleType:
    """The two ways to run a command: in a new interpreter, and in one that has imported everything already."""
    module: ModuleType = request.param
    return module


def test_a_race_runs_all_its_processes_at_once(running: ModuleType, tmp_path: Path) -> None:
    # Each waits until it has seen all the others: one after the other, the first would wait in vain.
    meet = (
        "import os, sys, time\n"
        "open(sys.argv[1], 'w').close()\n"
        "tries = 0\n"
        "while len(os.listdir('.')) < 8 and tries < 2000:\n"
        "    time.sleep(0.01); tries += 1\n"
        "print(os.environ['WHO'], len(os.listdir('.')))\n"
        "sys.exit(int(sys.argv[1]))\n"
    )
    ended = running.race(
        8, lambda i: [sys.executable, "-c", meet, str(i)], cwd=tmp_path, env=lambda i: {"WHO": f"number {i}"}
    )
    assert [(one.status, one.out) for one in ended] == [(i, f"number {i} 8\n") for i in range(8)]


def test_different_commands_race_each_other(running: ModuleType, okstra: Callable[..., Ended], tmp_path: Path) -> None:
    gone = "trap '' USR1; yes | head -n 1; exit 3"
    words = [okstra.words("--version"), ["sh", "-c", gone], [sys.executable, "-c", "print(2)"], [sys.executable, "-V"]]  # type: ignore[attr-defined]
    ended = running.race(4, lambda i: words[i], cwd=tmp_path)
    assert [one.status for one in ended] == [0, 3, 0, 0]
    assert [one.out for one in ended[1:3]] == ["y\n", "2\n"]
    assert [one.err for one in ended] == [""] * 4
    assert ended[0].out == okstra("--version").out


def test_nobody_in_a_race_starts_before_the_last_one_is_there(running: ModuleType, tmp_path: Path) -> None:
    seen = []

    def words(i: int) -> list[str]:
        seen.append(sorted(path.name for path in tmp_path.iterdir()))
        return [sys.executable, "-c", f"open({f'{tmp_path}/{i}'!r}, 'w')"]

    running.race(6, words)
    assert seen[:6] == [[]] * 6
    assert len(list(tmp_path.iterdir())) == 6


def test_the_points_of_a_command_are_recorded_in_order(running: ModuleType) -> None:
    assert running.crash_points([sys.executable, "-c", PASSES_THREE_POINTS]) == ["step 1", "step 2", "step 3"]


def test_a_command_is_killed_at_the_point_asked_for(running: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "log"
    ended = running.crash([sys.executable, "-c", PASSES_THREE_POINTS], at=2, env={"OKSTRA_CRASH_LOG": f"{log}"})
    assert ended.killed
    assert ended.out == ""
    assert log.read_text() == "1 step 1\n2 step 2\n"
    survived = running.crash([sys.executable, "-c", PASSES_THREE_POINTS], at=4)
    assert (survived.killed, survived.status, survived.out) == (False, 0, "end\n")


def test_its_children_die_with_it(running: ModuleType, tmp_path: Path) -> None:
    program = (
        "import subprocess\n"
        "from git_okstra import crashpoints\n"
        "child = subprocess.Popen(['sleep', '1000'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "crashpoints.reach('here')\n"
    )
    assert running.crash([sys.executable, "-c", program], at=1, cwd=tmp_path).killed
    stat = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    assert not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


TELL = (
    "import os, sys, resource, signal\n"
    "print(sys.argv, os.getcwd(), os.umask(0), sorted(os.environ.items()), sys.stdin.read(), __name__)\n"
    "print(sys.stdout.encoding, sys.stdout.errors, sys.stdin.errors, sys.stdout.line_buffering, sys.stdin.isatty())\n"
    "print([signal.getsignal(n) for n in (2, 13, 15, 17)], sorted(os.listdir('/dev/fd')))\n"
    "print(resource.getrlimit(resource.RLIMIT_NOFILE), os.getppid() == os.getpid(), 'Ende: ä')\n"
    "print('said', file=sys.stderr)\n"
)


@pytest.mark.parametrize(
    "given", [None, "", "ein\nzwei ä\n", "x" * 300_000], ids=["none", "empty", "two lines", "much"]
)
def test_a_preloaded_run_finds_what_a_started_one_finds(given: str | None, tmp_path: Path) -> None:
    where = tmp_path / "a b"
    where.mkdir()
    words = [sys.executable, "-c", TELL, "a", "", "ü \udcff"]
    before = os.umask(0o027)
    try:
        ended = [
            one.run(words, cwd=where, env={"A": "b\nc", "OKSTRA_OWNER": "bob"}, input=given)
            for one in (processes, preloaded)
        ]
    finally:
        os.umask(before)
    assert ended[0] == ended[1]
    assert ended[0].status == 0
    assert ended[0].out.endswith("ä\n")


@pytest.mark.parametrize(
    "code",
    [
        "",
        *(f"raise SystemExit({end})" for end in ("", "0", "1", "3", "300", "'no'")),
        "import os; os._exit(7)",
        "import os; os.kill(os.getpid(), 15)",
        "import atexit; atexit.register(print, 'last')",
        "import sys; sys.stdout.write('no newline')",
    ],
)
def test_a_preloaded_run_ends_as_a_started_one(code: str) -> None:
    assert preloaded.run([sys.executable, "-c", code]) == processes.run([sys.executable, "-c", code])


def test_nothing_carries_over_to_the_next_preloaded_run() -> None:
    spoil = "import os, sys, git_okstra\nos.environ['A'] = 'b'; git_okstra.spoilt = 1; sys.stdin.read(1)"
    preloaded.run([sys.executable, "-c", spoil], input="more than is read").require_success()
    look = "import os, sys, git_okstra; print('A' in os.environ, hasattr(git_okstra, 'spoilt'), sys.stdin.read())"
    assert preloaded.run([sys.executable, "-c", look]).out == "False False \n"


def test_what_an_interpreter_reads_at_its_start_is_left_to_a_new_one() -> None:
    words = [sys.executable, "-c", "import sys; print(sys.stdout.encoding, sys.flags.dont_write_bytecode)"]
    assert preloaded.run(words).out == "utf-8 0\n"
    assert preloaded.run(words, env={"PYTHONIOENCODING": "latin-1"}).out == "iso8859-1 0\n"
    assert preloaded.run(words, env={"PYTHONDONTWRITEBYTECODE": "1"}).out == "utf-8 1\n"
    assert preloaded.run([sys.executable, "--version"]).out.startswith("Python 3")


def test_a_preloaded_run_that_hangs_is_ended(tmp_path: Path) -> None:
    server = preloaded.Preloaded()
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            server.ended([sys.executable, "-c", "import time; time.sleep(1000)"], timeout=0.2)
        assert server.ended([sys.executable, "-c", "print(1)"]).out == "1\n"
    finally:
        server.close()


def test_how_a_command_ended_can_be_asked() -> None:
    refused = processes.run(["sh", "-c", "echo 'okstra: error [held]: taken by bob' >&2; exit 3"])
    assert refused.require_error("held").error == "held"
    assert processes.run(["printf", '{\n  "error": {"code": "held"}}']).error == "held"
    with pytest.raises(AssertionError, match="taken by bob"):
        refused.require_error("busy")
    with pytest.raises(AssertionError, match="exit status 1"):
        processes.run(["sh", "-c", "echo 'okstra: error [held]: x' >&2; exit 1"]).require_error("held")
    with pytest.raises(AssertionError, match="exit status 3"):
        refused.require_success()
    assert processes.run(["cat"], input=json.dumps({"a": "é"})).json() == {"a": "é"}
