"""The crash points against strace(1): no rename, no removal and no start of a process of ours goes round them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from support import processes, tickets
from support.beginnings import a_dirty_stage
from support.repositories import ScratchRepository
from support.tickets import Command

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

CALLS = "rename,renameat,renameat2,unlink,unlinkat,fork,vfork,clone,clone3"


def counted(words: list[str], cwd: Path, log: Path) -> tuple[dict[str, int], dict[str, int]]:
    """How often the process itself made each kind of call that succeeded, and how many of them its points tell of."""
    traced, points = log.with_suffix(".trace"), log.with_suffix(".points")
    strace = ["strace", "-f", "-qq", "-o", f"{traced}", "-e", f"trace={CALLS}", "-e", "signal=none"]
    probe = processes.run([*strace, "true"])
    if probe.status != 0:
        pytest.skip(f"nothing can be traced here: {probe.err.strip()}")
    processes.run(
        [*strace, *words], cwd=cwd, env={"OKSTRA_CRASH_LOG": f"{points}", "PYTHONDONTWRITEBYTECODE": "1"}
    ).require_success()
    lines = traced.read_text().splitlines()
    own = lines[0].split()[0]
    made = {"rename": 0, "unlink": 0, "start": 0}
    for line in lines:
        called = re.match(rf"{own} +(?:<\.\.\. )?(\w+)(?:\(| resumed).* = (\d+)", line)
        if called:
            kind = re.sub("^(fork|vfork|clone3?)$", "start", called[1].removesuffix("2").removesuffix("at"))
            made[kind] += 1
    passed = [line.split(" ", 1)[1] for line in points.read_text().splitlines()]
    told = {
        "rename": sum(bool(re.match("(rename .*|mark|copy): after", point)) for point in passed),
        "unlink": sum(
            (point.startswith("remove ") and point.endswith(": after")) or point == "hold: about to be given back"
            for point in passed
        ),
        "start": sum(bool(re.match("git .*: before", point)) for point in passed),
    }
    return made, told


@pytest.mark.parametrize(
    "words", [("start", "feat", "DEV-2", "--base", "main"), ("stage", "2"), ("remove", "1", "-f", "-D"), ("done", "1")]
)
def test_every_step_is_a_point(
    words: tuple[str, ...], okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    a_dirty_stage(okstra, repository)
    if words[0] == "done":
        repository.git("clean", "-fdq", cwd=f"{tickets.home()}/worktrees/shop/dev/dev-1-s1")
        repository.git("reset", "-q", "--hard", cwd=f"{tickets.home()}/worktrees/shop/dev/dev-1-s1")
    where = repository.path if words[0] == "start" else tickets.home() / "worktrees" / "shop" / "dev" / "dev-1"
    made, told = counted(okstra.words(*words), where, tmp_path / words[0])
    assert made == told
    assert min(told.values()) >= (0 if words[0] == "done" else 1)
