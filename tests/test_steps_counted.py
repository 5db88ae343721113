"""The crash points against strace(1): no rename, no removal and no start of a process of ours goes round them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import test_crashes
import test_crashes_further
from support import processes
from support.arena import task_path
from support.repositories import ScratchRepository
from support.tickets import Command

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

CALLS = "rename,renameat,renameat2,unlink,unlinkat,fork,vfork,clone,clone3,execve,write"
LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed)(.*) = (\d+)")
POINT = re.compile(r'\d+, "\d+ (.*)\\n", ')


def counted(words: list[str], cwd: Path, log: Path) -> tuple[dict[str, int], dict[str, int]]:
    """How often we made each kind of call that succeeded, and how many of them the points tell of.

    The process and what it forked to work beside it, not what they started: hooks have points of their own.
    """
    traced, points = log.with_suffix(".trace"), log.with_suffix(".points")
    strace = ["strace", "-f", "-qq", "-s", "300", "-o", f"{traced}", "-e", f"trace={CALLS}", "-e", "signal=none"]
    probe = processes.run([*strace, "true"])
    if probe.status != 0:
        pytest.skip(f"nothing can be traced here: {probe.err.strip()}")
    processes.run(
        [*strace, *words], cwd=cwd, env={"OKSTRA_CRASH_LOG": f"{points}", "PYTHONDONTWRITEBYTECODE": "1"}
    ).require_success()
    lines = [found for line in traced.read_text(errors="replace").splitlines() if (found := LINE.match(line))]
    others = {pid for pid, call, *_ in (line.groups() for line in lines[1:]) if call == "execve"}
    made, told = ({"rename": 0, "unlink": 0, "start": 0} for _ in range(2))
    for pid, call, rest, given in (line.groups() for line in lines):
        if pid in others or (given not in others and "clone" in call):
            continue
        kind = re.sub("^(fork|vfork|clone3?)$", "start", call.removesuffix("2").removesuffix("at"))
        if call == "write" and (point := POINT.match(rest)):
            kind = kind_of(point[1])
            told[kind] = told.get(kind, 0) + 1
        elif kind in made and (call != "unlinkat" or rest.startswith("AT_FDCWD")):
            made[kind] += 1  # else it empties a directory that was renamed away, and means nothing any more
    told.pop("", None)
    return made, told


def kind_of(point: str) -> str:
    """What a point tells of, or nothing."""
    if re.match("(rename .*|mark|copy): after", point):
        return "rename"
    if re.match("remove .*: after", point) or point == "hold: about to be given back":
        return "unlink"
    return "start" if re.match("git .*: before", point) else ""


SCENARIOS = {**test_crashes.SCENARIOS, **test_crashes_further.SCENARIOS}
del SCENARIOS["plan edit"]  # click makes a file for the editor, and starts it
FEW = ("start", "stage", "done", "remove", "verify", "doctor --repair")


def every_step_is_a_point(
    name: str, okstra: Command, repository: ScratchRepository, tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    scenario = SCENARIOS[name]
    for variable, value in scenario.environment.items():
        patch.setenv(variable, value)
    scenario.prepare(okstra, repository)
    places = {"main": repository.path, "task": task_path()}
    where = places.get(scenario.where, tmp_path / scenario.where)
    made, told = counted(okstra.words(*scenario.words), where, tmp_path / "counted")
    assert made == told
    assert (tmp_path / "counted.points").exists()


@pytest.mark.parametrize("name", FEW)
def test_every_step_is_a_point(
    name: str, okstra: Command, repository: ScratchRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_step_is_a_point(name, okstra, repository, tmp_path, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - set(FEW)))
def test_every_step_of_every_command_is_a_point(
    name: str, okstra: Command, repository: ScratchRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_step_is_a_point(name, okstra, repository, tmp_path, monkeypatch)
