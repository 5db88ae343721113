"""`doctor` after a repository was moved or copied, and what it says of other repositories."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.operations import doctor, projects, releasing, stage, start
from support.patients import Patient, everything
from support.repositories import ScratchRepository


@pytest.fixture
def patient(repository: ScratchRepository) -> Patient:
    return Patient(repository, 1, 2)


def move(patient: Patient) -> Path:
    """Move the repository as a person would; where it is now."""
    new = patient.repository.path.with_name("moved repository")
    patient.repository.path.rename(new)
    return new


def files(path: Path) -> dict[str, bytes]:
    return {name: content for name, content in everything(path).items() if name != ".git"}


def require_moved(patient: Patient, new: Path) -> None:
    """Everything points at the new place and works there."""
    patient.require_healthy(new)
    record = patient.context(new).registry.record(patient.task.key)
    assert record is not None
    assert record.repository == f"{new}/.git"
    for path in (patient.path, *patient.stages.values()):
        assert patient.git("rev-parse", "--git-common-dir", cwd=path) == f"{new}/.git"
    assert stage.open_stage(patient.context(new), patient.task, 1).status == "reused"
    identity = patient.context(new).store.identity()
    assert identity is not None
    assert (identity["project"], identity["common_dir"]) == ("shop", f"{new}/.git")
    known = patient.context(new).registry.repositories("shop")
    assert [one["common_dir"] for one in known or []] == [f"{new}/.git"]


def test_a_moved_repository_is_found_in_its_new_place(patient: Patient) -> None:
    for path in patient.stages.values():
        (path / "draft").write_text("a draft\n")
    before = [files(path) for path in patient.stages.values()]
    new = move(patient)
    assert patient.codes(new) == ["repository-moved"]
    (repair,) = patient.repair(new)
    assert repair.finding.what == f"the repository was at '{patient.repository.path}/.git' and is now at '{new}/.git'"
    require_moved(patient, new)
    assert [files(path) for path in patient.stages.values()] == before


def test_a_moved_repository_is_found_after_another_command_noted_the_new_place(patient: Patient) -> None:
    new = move(patient)
    projects.ensure_project(patient.context(new))
    assert patient.codes(new) == ["repository-moved"]
    patient.repair(new)
    require_moved(patient, new)


def test_a_moved_repository_with_a_new_clone_in_its_old_place_is_no_copy(patient: Patient) -> None:
    new = move(patient)
    patient.git("clone", "-q", os.fspath(new), os.fspath(patient.repository.path), cwd=new)
    assert patient.codes(new) == ["repository-moved"]
    patient.repair(new)
    require_moved(patient, new)


def test_what_else_is_wrong_after_a_move_is_mended_too(patient: Patient) -> None:
    new = move(patient)
    shutil.rmtree(patient.stages[1])
    patient.stages[2].rename(patient.stages[2].with_name("beside"))
    patient.repair(new)
    patient.require_healthy(new)
    assert patient.stages[1].exists()


def test_a_copy_gets_an_identity_of_its_own_and_leaves_the_original_alone(patient: Patient) -> None:
    draft = patient.stages[1] / "draft"
    draft.write_text("a draft\n")
    copy = patient.repository.path.with_name("copy")
    shutil.copytree(patient.repository.path, copy, symlinks=True)
    assert patient.codes() == []
    assert patient.codes(copy) == ["repository-copied"]
    original = everything(patient.repository.path), everything(patient.home / "worktrees"), patient.record
    patient.repair(copy)
    assert (everything(patient.repository.path), everything(patient.home / "worktrees"), patient.record) == original
    patient.require_healthy()
    patient.require_healthy(copy)
    identity = patient.context(copy).store.identity()
    assert identity is not None
    assert identity["common_dir"] == f"{copy}/.git"
    assert patient.context(copy).store.open_tasks() == []
    # The journal of the copy still tells what was done.
    assert [one.event for one in patient.context(copy).store.events("dev", "dev-1")].count("started") == 2
    own = start.start(patient.context(copy), start.Request("feat", "DEV-1", base="main"))
    assert own.path == f"{patient.home}/worktrees/copy/dev/dev-1"
    patient.require_healthy(copy)
    assert patient.codes() == []


def test_a_copy_of_the_same_name_leaves_the_tasks_to_the_original(patient: Patient) -> None:
    copy = patient.repository.path.parent / "backup" / "shop"
    shutil.copytree(patient.repository.path, copy, symlinks=True)
    before = patient.record
    patient.repair(copy)
    patient.require_healthy(copy)
    patient.require_healthy()
    with pytest.raises(OkstraError) as caught:
        start.start(patient.context(copy), start.Request("feat", "DEV-1", base="main"))
    assert caught.value.code == "held"
    assert patient.record == before


def test_a_repository_that_is_gone_is_a_note_elsewhere_and_nothing_is_touched(patient: Patient, tmp_path: Path) -> None:
    from support import repositories

    other = repositories.make_repository(tmp_path / "other")
    start.start(patient.context(other), start.Request("feat", "OPS-1", base="main"))
    shutil.rmtree(other.path)
    assert patient.notes() == ["repository-gone"]
    registry = everything(patient.home / "registry")
    assert doctor.repair(patient.context()) == []
    assert everything(patient.home / "registry") == registry


def test_a_damaged_record_of_another_clone_is_left_to_it(patient: Patient) -> None:
    for number in (2, 1, 0):
        tip = patient.git("rev-parse", patient.entry(number).branch)
        entry = patient.entry(number)
        releasing.remove(patient.context(), patient.task, entry, "remove", tip=tip, uncommitted=0)
    clone = patient.repository.path.parent / "clones" / "shop"
    patient.git("clone", "-q", os.fspath(patient.repository.path), os.fspath(clone))
    start.start(patient.context(clone), start.Request("feat", "DEV-1", base="main"))
    patient.record_path.write_bytes(b"{")
    (repair,) = doctor.repair(patient.context())
    assert (repair.finding.code, repair.done) == ("damaged-record", None)
    assert patient.record_path.read_bytes() == b"{"
    patient.repair(clone)
    assert patient.codes(clone) == patient.codes() == []
    assert patient.record.repository == f"{clone}/.git"


def test_worktrees_of_another_repository_without_entry_are_a_note(patient: Patient, tmp_path: Path) -> None:
    from support import repositories

    other = repositories.make_repository(tmp_path / "other")
    started = start.start(patient.context(other), start.Request("feat", "OPS-1", base="main"))
    shutil.rmtree(patient.home / "registry" / "tasks" / "other")
    (note,) = doctor.examine(patient.context())
    assert (note.code, note.subject) == ("unrecorded-elsewhere", started.path)
    assert note.hint == f"git -C '{started.path}' okstra doctor --repair"
    patient.repair(Path(started.path))
    patient.require_healthy()


def test_a_task_that_the_registry_gives_to_another_clone_is_left_to_it(patient: Patient) -> None:
    clone = patient.repository.path.parent / "clones" / "shop"
    patient.git("clone", "-q", os.fspath(patient.repository.path), os.fspath(clone))
    shutil.rmtree(patient.home / "registry" / "tasks")
    for path in (patient.path, *patient.stages.values()):
        path.rename(path.with_name(f"kept-{path.name}"))
    start.start(patient.context(clone), start.Request("feat", "DEV-1", base="main"))
    before = patient.record
    assert before.repository == f"{clone}/.git"
    assert patient.codes() == ["held-elsewhere"]
    patient.repair()
    assert patient.codes() == []
    assert patient.codes(clone) == []
    assert patient.record == before
    assert (patient.stages[1].with_name("kept-dev-1-s1") / "README.md").exists()
