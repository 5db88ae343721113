"""Commands that die at any point, `doctor --repair` among them: what they leave is named, mended and not lost."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from git_okstra.operations import doctor
from support import preloaded
from support.patients import Patient, everything
from support.repositories import ScratchRepository

HEAD = """
import os, sys
from git_okstra.operations import doctor, plans, projects, releasing, stage, start
from git_okstra.operations.context import Context
ctx = Context(os.getcwd(), os.environ)
def task():
    return ctx.store.task(projects.require_project(ctx), "dev", "dev-1")
"""
START = f"{HEAD}start.start(ctx, start.Request('feat', 'DEV-1', base='main'))"
STAGE = f"{HEAD}stage.open_stage(ctx, task(), 1)"
REMOVE = f"""{HEAD}
entry = ctx.registry.record(task().key).reservation(1)
from git_okstra.git import refs
releasing.remove(ctx, task(), entry, "remove", tip=refs.branch(ctx.common_dir, entry.branch), uncommitted=1)
"""
REPAIR = f"{HEAD}doctor.repair(ctx)"

# After a crash doctor may find what was left half way, and nothing else.
LEFT_HALF_WAY = {"reserving-stale", "releasing-stale", "derived-stale", "half-made-worktree"}


def words(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def points(script: str, cwd: Path) -> int:
    """How many points the script passes; it is run to its end."""
    return len(preloaded.crash_points(words(script), cwd=cwd))


def mending_points(cwd: Path) -> list[int]:
    """The points that a repair passes while it mends; looking alone can leave nothing behind."""
    passed = preloaded.crash_points(words(REPAIR), cwd=cwd)
    looking = ("git version", "git for-each-ref")
    return [number for number, name in enumerate(passed, 1) if not name.startswith(looking)]


def sample(last: int) -> range:
    """Every fifth of the points, the last one among them."""
    return range(1 + (last - 1) % 5, last + 1, 5)


def reserved(patient: Patient) -> dict[int, tuple[str, str, str]]:
    return {number: (entry.path, entry.branch, entry.base) for number, entry in patient.record.reservations.items()}


def fresh(root: Path, n: int, *stages: int) -> Patient:
    from support import repositories

    home = root / f"home-{n}"
    os.environ["OKSTRA_HOME"] = os.fspath(home)
    return Patient(repositories.make_repository(root / f"r{n}" / "shop"), *stages)


@pytest.mark.timeout(600)
def test_start_and_stage_killed_anywhere_are_finished_or_taken_back(tmp_path: Path) -> None:
    from support import repositories

    patient = fresh(tmp_path, 0)
    again = repositories.make_repository(tmp_path / "again")
    last = points(START, again.path)
    for at in sample(last):
        repository = repositories.make_repository(tmp_path / f"s{at}")
        assert preloaded.crash(words(START), at=at, cwd=repository).killed
        context = patient.context(repository)
        found = {one.code for one in doctor.examine(context) if one.severity != "note"}
        assert found <= LEFT_HALF_WAY, (at, found)
        repairs = doctor.repair(context)
        assert [one for one in repairs if one.left] == [], at
        assert doctor.examine(patient.context(repository)) == [], at
        preloaded.run(words(START), cwd=repository).require_success()
        assert doctor.examine(patient.context(repository)) == [], at
    assert last > 20


@pytest.mark.timeout(600)
def test_a_removal_killed_anywhere_is_finished_or_taken_back(tmp_path: Path) -> None:
    patient = fresh(tmp_path, 0, 1)
    last = points(REMOVE, patient.repository.path)
    for at in sample(last):
        patient = fresh(tmp_path, at, 1)
        (patient.stages[1] / "draft").write_text(f"draft {at}\n")
        assert preloaded.crash(words(REMOVE), at=at, cwd=patient.repository).killed
        found = set(patient.codes())
        assert found <= LEFT_HALF_WAY, (at, found)
        patient.repair()
        assert patient.codes() == [], at
        drafts = [content for content in everything(patient.home).values() if content == f"draft {at}\n".encode()]
        assert len(drafts) == 1, at
    assert last > 10


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name",
    ["rm -rf", "git worktree prune while it was away", "git worktree prune, and another of the same name"],
)
def test_a_repair_killed_anywhere_is_carried_on(name: str, tmp_path: Path) -> None:
    from support.ailments import AILMENTS

    def ill(n: int) -> tuple[Patient, str]:
        patient = fresh(tmp_path, n, 1)
        path = patient.stages[1]
        commit = patient.repository.commit({"s1/file": "committed\n"}, cwd=path)
        (path / "s1" / "file").write_text("staged\n")
        patient.git("add", "-A", cwd=path)
        AILMENTS[name].cause(patient)
        return patient, commit

    patient, _ = ill(0)
    passed = mending_points(patient.repository.path)
    assert len(passed) > 8
    for at in passed:
        patient, commit = ill(at)
        assert preloaded.crash(words(REPAIR), at=at, cwd=patient.repository).killed
        patient.repair()
        patient.require_healthy()
        path = patient.stages[1]
        assert patient.git("rev-parse", "HEAD", cwd=path) == commit
        assert (path / "s1" / "file").read_text() == "staged\n", at
        assert patient.git("status", "--porcelain", cwd=path).split() == ["M", "s1/file"], at


def test_rebuilding_the_registry_killed_anywhere_is_carried_on(tmp_path: Path) -> None:
    patient = fresh(tmp_path, 0, 1)
    shutil.rmtree(patient.home / "registry")
    passed = mending_points(patient.repository.path)
    before = reserved(patient)
    for at in passed[::2]:
        shutil.rmtree(patient.home / "registry")
        assert preloaded.crash(words(REPAIR), at=at, cwd=patient.repository).killed
        patient.repair()
        patient.require_healthy()
        assert reserved(patient) == before


def test_a_moved_repository_killed_anywhere_is_carried_on(tmp_path: Path) -> None:
    patient = fresh(tmp_path, 0, 1)
    places = [patient.repository.path, patient.repository.path.with_name("there")]
    places[0].rename(places[1])
    passed = mending_points(places[1])
    assert len(passed) > 5
    for at in passed[::2]:
        places.reverse()
        places[0].rename(places[1])
        assert preloaded.crash(words(REPAIR), at=at, cwd=places[1]).killed
        patient.repair(places[1])
        patient.require_healthy(places[1])


def test_running_commands_are_no_findings(repository: ScratchRepository) -> None:
    patient = Patient(repository, 1)
    script = f"""{HEAD}
from git_okstra.git import refs
for _ in range(12):
    stage.open_stage(ctx, task(), 2)
    entry = ctx.registry.record(task().key).reservation(2)
    tip = refs.branch(ctx.common_dir, entry.branch)
    releasing.remove(ctx, task(), entry, "remove", tip=tip, uncommitted=0)
"""
    import subprocess

    child = subprocess.Popen(words(script), cwd=repository.path, env=os.environ)
    looks = 0
    try:
        while child.poll() is None:
            assert patient.codes() == []
            looks += 1
    finally:
        child.wait(100)
    assert child.returncode == 0
    assert looks > 3
    assert patient.codes() == []
