"""The test bed itself: the seal holds, a race is a race, and a killed process is dead."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_git import GitRepo  # type: ignore[import-untyped]

from support import processes, sealing
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
    with pytest.raises(AssertionError, match="exit status 2"):
        okstra("no-such-command")
    assert okstra("no-such-command", check=False).require_error("usage").out == ""


def test_a_race_runs_all_its_processes_at_once(race: Callable[..., list[Ended]], tmp_path: Path) -> None:
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
    ended = race(8, lambda i: [sys.executable, "-c", meet, str(i)], cwd=tmp_path, env=lambda i: {"WHO": f"number {i}"})
    assert [(one.status, one.out) for one in ended] == [(i, f"number {i} 8\n") for i in range(8)]


def test_nobody_in_a_race_starts_before_the_last_one_is_there(race: Callable[..., list[Ended]], tmp_path: Path) -> None:
    seen = []

    def words(i: int) -> list[str]:
        seen.append(sorted(path.name for path in tmp_path.iterdir()))
        return ["touch", f"{tmp_path}/{i}"]

    race(6, words)
    assert seen[:6] == [[]] * 6
    assert len(list(tmp_path.iterdir())) == 6


def test_the_points_of_a_command_are_recorded_in_order(crash_points: Callable[..., list[str]]) -> None:
    assert crash_points([sys.executable, "-c", PASSES_THREE_POINTS]) == ["step 1", "step 2", "step 3"]


def test_a_command_is_killed_at_the_point_asked_for(crash: Callable[..., Ended], tmp_path: Path) -> None:
    log = tmp_path / "log"
    ended = crash([sys.executable, "-c", PASSES_THREE_POINTS], at=2, env={"OKSTRA_CRASH_LOG": f"{log}"})
    assert ended.killed
    assert ended.out == ""
    assert log.read_text() == "1 step 1\n2 step 2\n"
    survived = crash([sys.executable, "-c", PASSES_THREE_POINTS], at=4)
    assert (survived.killed, survived.status, survived.out) == (False, 0, "end\n")


def test_its_children_die_with_it(crash: Callable[..., Ended], tmp_path: Path) -> None:
    program = (
        "import subprocess\n"
        "from git_okstra import crashpoints\n"
        "child = subprocess.Popen(['sleep', '1000'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "open('pid', 'w').write(str(child.pid))\n"
        "crashpoints.reach('here')\n"
    )
    assert crash([sys.executable, "-c", program], at=1, cwd=tmp_path).killed
    stat = Path("/proc", (tmp_path / "pid").read_text(), "stat")
    assert not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


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
