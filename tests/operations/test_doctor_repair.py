"""`doctor.repair`: it mends what it names, loses nothing on the way, and says what it did."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from git_okstra.operations import doctor, stage
from support.ailments import AILMENTS
from support.patients import Patient, everything
from support.repositories import ScratchRepository

MENDED = [name for name, ailment in AILMENTS.items() if ailment.mends]


@pytest.fixture
def patient(repository: ScratchRepository) -> Patient:
    return Patient(repository, 1, 2)


def contents(*roots: Path) -> set[bytes]:
    """What all files below hold."""
    return {content for root in roots if root.exists() for content in everything(root).values()}


def refs(patient: Patient) -> dict[str, str]:
    lines = patient.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ") for line in lines)


@pytest.mark.parametrize("name", MENDED)
def test_an_ailment_is_mended_and_nothing_is_lost(name: str, patient: Patient) -> None:
    ailment = AILMENTS[name]
    for number, path in patient.stages.items():
        (path / f"s{number}").mkdir()
        (path / f"s{number}" / "draft").write_text(f"draft {number}\n")
        patient.repository.commit({f"s{number}/file": f"{number}\n"}, cwd=path)
        (path / f"s{number}" / "staged").write_text(f"staged {number}\n")
        patient.git("add", f"s{number}/staged", cwd=path)
    ailment.cause(patient)
    outside = patient.repository.path.parent
    held = contents(patient.home, outside)
    before = refs(patient)
    repairs = patient.repair()
    assert {one.finding.code for one in repairs} >= set(ailment.codes)
    assert all(one.done for one in repairs)
    patient.require_healthy()
    assert before.items() <= refs(patient).items()
    pointers = re.compile(rb"gitdir: |/.*/\.git$|\{|[0-9] /", re.DOTALL)  # `.git` files, gitdir, records, paths
    index = re.compile(rb"DIRC")
    gone = {content for content in held - contents(patient.home, outside) if not pointers.match(content)}
    assert {content for content in gone if not index.match(content)} == set()


# -- worktrees


def test_a_deleted_worktree_comes_back_with_what_was_staged(patient: Patient) -> None:
    path = patient.stages[1]
    commit = patient.repository.commit({"s1/file": "committed\n"}, cwd=path)
    (path / "s1" / "file").write_text("changed and staged\n")
    (path / "s1" / "new").write_bytes(b"\0staged\r\n")
    patient.git("add", "-A", cwd=path)
    status = patient.git("status", "--porcelain", cwd=path)
    shutil.rmtree(path)
    (repair,) = patient.repair()
    assert repair.done == f"made the worktree '{path}' again, with what was staged"
    assert patient.git("rev-parse", "HEAD", cwd=path) == commit
    assert patient.git("status", "--porcelain", cwd=path) == status == "M  s1/file\nA  s1/new"
    assert (path / "s1" / "file").read_text() == "changed and staged\n"
    assert (path / "s1" / "new").read_bytes() == b"\0staged\r\n"
    assert stage.open_stage(patient.context(), patient.task, 1).status == "reused"


def test_a_pruned_worktree_is_made_again_at_its_branch(patient: Patient) -> None:
    path = patient.stages[1]
    commit = patient.repository.commit({"s1/file": "committed\n"}, cwd=path)
    shutil.rmtree(path)
    patient.git("worktree", "prune")
    owner = patient.entry(1).owner
    patient.repair()
    assert patient.git("rev-parse", "HEAD", cwd=path) == commit
    assert patient.git("status", "--porcelain", cwd=path) == ""
    assert patient.entry(1).owner == owner


def test_what_was_removed_with_its_branch_is_given_back_and_its_last_commit_kept(patient: Patient) -> None:
    from git_okstra.operations import done

    head = patient.repository.commit({"s1/file": "1\n"}, cwd=patient.stages[1])
    done.done(patient.context(), patient.task, 1)
    patient.git("worktree", "remove", os.fspath(patient.stages[1]))
    patient.git("branch", "-D", "feat-dev-1-s1")
    (repair,) = patient.repair()
    assert repair.done is not None
    assert "git branch 'feat-dev-1-s1' refs/okstra/backup/feat-dev-1-s1" in repair.done
    assert refs(patient)["refs/okstra/backup/feat-dev-1-s1"] == head
    assert patient.record.reservation(1) is None
    event = patient.context().store.events("dev", "dev-1")[-1]
    assert (event.event, event.stage, event.data["tip"]) == ("released", 1, head)
    patient.require_healthy()


def test_a_branch_and_its_worktree_come_back_together(patient: Patient) -> None:
    commit = patient.repository.commit({"s1/file": "1\n"}, cwd=patient.stages[1])
    patient.git("update-ref", "-d", "refs/heads/feat-dev-1-s1")
    shutil.rmtree(patient.stages[1])
    patient.repair()
    assert refs(patient)["refs/heads/feat-dev-1-s1"] == commit
    assert (patient.stages[1] / "s1" / "file").read_text() == "1\n"


@pytest.mark.parametrize("by_git", [True, False])
def test_a_moved_worktree_is_found_and_left_where_it_is(patient: Patient, by_git: bool) -> None:
    old, new = patient.stages[1], patient.stages[1].with_name("moved here")
    (old / "draft").write_text("a draft\n")
    if by_git:
        patient.git("worktree", "move", os.fspath(old), os.fspath(new))
    else:
        old.rename(new)
    before = everything(new)
    patient.repair()
    assert patient.entry(1).path == os.fspath(new)
    assert everything(new) == before
    assert not old.exists()
    assert f"1 {new}\n" in (patient.task_directory / "paths").read_text()
    assert patient.git("rev-parse", "--abbrev-ref", "HEAD", cwd=new) == "feat-dev-1-s1"


def test_a_worktree_moved_far_away_is_found_from_inside(
    patient: Patient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    new = tmp_path_factory.mktemp("far") / "away"
    shutil.move(patient.stages[1], new)
    assert patient.codes() == ["worktree-missing"]
    assert patient.codes(new) == ["worktree-moved"]
    patient.repair(new)
    assert patient.entry(1).path == os.fspath(new)
    patient.require_healthy()


def test_a_worktree_that_git_forgot_is_linked_again_with_every_file_as_it_is(patient: Patient) -> None:
    path = patient.stages[1]
    commit = patient.repository.commit({"s1/file": "committed\n", "s1/same": "same\n"}, cwd=path)
    (path / "s1" / "file").write_text("changed\n")
    (path / "untracked").write_text("untracked\n")
    (path / "README.md").unlink()
    AILMENTS["git worktree prune while it was away"].cause(patient)
    before = {name: content for name, content in everything(path).items() if name != ".git"}
    patient.repair()
    assert {name: content for name, content in everything(path).items() if name != ".git"} == before
    assert patient.git("rev-parse", "HEAD", cwd=path) == commit
    assert patient.git("status", "--porcelain", cwd=path) == " D README.md\n M s1/file\n?? untracked"
    assert sorted(os.listdir(path.parent)) == ["dev-1", "dev-1-s1", "dev-1-s2"]


def test_what_git_gave_to_another_worktree_is_left_to_it(patient: Patient) -> None:
    AILMENTS["git worktree prune, and another of the same name"].cause(patient)
    (patient.stages[1] / "draft").write_text("a draft\n")
    other = patient.repository.path.parent / "other" / "dev-1-s1"
    before = everything(other), everything(patient.admin(other))
    patient.repair()
    assert (everything(other), everything(patient.admin(other))) == before
    assert patient.git("branch", "--show-current", cwd=patient.stages[1]) == "feat-dev-1-s1"
    assert patient.git("status", "--porcelain", cwd=patient.stages[1]) == "?? draft"


def test_nothing_of_another_worktree_is_touched(patient: Patient) -> None:
    own = patient.repository.path.parent / "own"
    patient.git("worktree", "add", "-q", "-b", "own", os.fspath(own))
    gone = patient.repository.path.parent / "gone"
    patient.git("worktree", "add", "-q", "-b", "gone", os.fspath(gone))
    shutil.rmtree(gone)
    admin = patient.common_dir / "worktrees"
    before = everything(own), everything(admin / "own"), everything(admin / "gone")
    shutil.rmtree(patient.stages[1])
    patient.stages[2].rename(patient.stages[2].with_name("moved"))
    patient.repair()
    assert patient.codes() == []
    assert (everything(own), everything(admin / "own"), everything(admin / "gone")) == before


def test_a_task_bound_in_place_is_given_back_when_its_worktree_is_gone(repository: ScratchRepository) -> None:
    from git_okstra.operations import start

    own = repository.path.parent / "own"
    repository.git("worktree", "add", "-q", "-b", "own", os.fspath(own))
    patient = Patient(repository)
    bound = start.start(patient.context(own), start.Request("feat", "DEV-2", base="main"))
    assert bound.status == "skipped-in-worktree"
    repository.git("worktree", "remove", os.fspath(own))
    assert patient.codes() == ["worktree-missing"]
    patient.repair()
    assert patient.context().registry.record(bound.task.key) is None
    assert refs(patient)["refs/heads/own"] == repository.head
    patient.require_healthy()


# -- branches


def test_a_branch_comes_back_at_its_last_commit(patient: Patient) -> None:
    path = patient.stages[1]
    commit = patient.repository.commit({"s1/file": "1\n"}, cwd=path)
    (path / "s1" / "file").write_text("2\n")
    patient.git("update-ref", "-d", "refs/heads/feat-dev-1-s1", cwd=path)
    (repair,) = patient.repair()
    assert repair.done == f"made branch 'feat-dev-1-s1' at {commit[:12]} again"
    assert refs(patient)["refs/heads/feat-dev-1-s1"] == commit
    assert patient.git("status", "--porcelain", cwd=path) == " M s1/file"


def test_a_branch_of_which_no_record_is_left_is_not_made_up(patient: Patient) -> None:
    path = patient.stages[1]
    patient.repository.commit({"s1/file": "1\n"}, cwd=path)
    shutil.rmtree(patient.admin(path) / "logs")
    patient.git("update-ref", "-d", "refs/heads/feat-dev-1-s1")
    (repair,) = doctor.repair(patient.context())
    assert repair.finding.code == "branch-missing"
    assert not repair.finding.repairable
    assert repair.done is None
    assert "git fsck --lost-found" in str(repair.left)
    assert "refs/heads/feat-dev-1-s1" not in refs(patient)


def test_a_switched_worktree_is_left_to_the_person_who_switched_it(patient: Patient) -> None:
    patient.git("switch", "-q", "-c", "own", cwd=patient.stages[1])
    (repair,) = doctor.repair(patient.context())
    assert (repair.done, repair.left) == (None, f"git -C '{patient.stages[1]}' switch 'feat-dev-1-s1'")
    assert patient.git("branch", "--show-current", cwd=patient.stages[1]) == "own"
    patient.git("-C", os.fspath(patient.stages[1]), "switch", "-q", "feat-dev-1-s1")
    patient.require_healthy()


# -- records


def test_the_registry_is_rebuilt_as_it_was(patient: Patient) -> None:
    before = patient.record
    shutil.rmtree(patient.home / "registry")
    patient.repair()
    after = patient.record
    assert {number: strip(entry) for number, entry in after.reservations.items()} == {
        number: strip(entry) for number, entry in before.reservations.items()
    }
    assert (after.id, after.category, after.branch, after.repository) == (
        before.id, before.category, before.branch, before.repository
    )  # fmt: skip
    known = patient.context().registry
    assert known.branch_holder("shop", "feat-dev-1-s1") == patient.task.key
    assert stage.open_stage(patient.context(), patient.task, 1).status == "reused"


def strip(entry: object) -> tuple[object, ...]:
    """What of a reservation can be known again: all but the process that made it, and its time to the second."""
    names = ("number", "state", "owner", "branch", "path", "base", "in_place", "flat")
    return tuple(getattr(entry, name) for name in names)


@pytest.mark.parametrize("offset", [0, 1, 40, 300, 500, -3])
def test_a_record_cut_anywhere_is_set_aside_and_rebuilt(patient: Patient, offset: int) -> None:
    before = {number: strip(entry) for number, entry in patient.record.reservations.items()}
    data = patient.record_path.read_bytes()[: offset or None] if offset else b""
    patient.record_path.write_bytes(data)
    (repair,) = patient.repair()
    assert {number: strip(entry) for number, entry in patient.record.reservations.items()} == before
    (aside,) = (patient.home / "registry" / "damaged").iterdir()
    assert aside.read_bytes() == data
    assert repair.done == f"moved it to '{aside}' and entered 3 reservations again"


@pytest.mark.parametrize("offset", [0, 5, 30, 60, 120, 200, -40])
def test_a_task_file_cut_anywhere_is_set_aside_and_rebuilt(patient: Patient, offset: int) -> None:
    path = patient.task_directory / "task.toml"
    whole = path.read_bytes()
    before = patient.context().store.task(*patient.task.key)
    assert before is not None
    assert before.anchor
    data = whole[:offset]
    path.write_bytes(data)
    if patient.codes() == []:
        pytest.skip("what is left is whole")  # the cut fell behind the last field
    patient.repair()
    after = patient.context().store.task(*patient.task.key)
    assert after is not None
    for name in ("key", "id", "category", "branch", "base_commit", "lifecycle", "phase", "anchor", "in_place"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.title == ("a title" if b"a title" in data else "")
    (aside,) = (patient.store / "damaged").iterdir()
    assert aside.read_bytes() == data


def test_task_and_record_damaged_together_come_back(patient: Patient) -> None:
    before = {number: strip(entry) for number, entry in patient.record.reservations.items()}
    patient.record_path.write_bytes(b"{")
    (patient.task_directory / "task.toml").write_bytes(b"= =")
    patient.repair()
    assert {number: strip(entry) for number, entry in patient.record.reservations.items()} == before
    patient.require_healthy()


def test_everything_of_ours_lost_but_the_journal_comes_back(patient: Patient) -> None:
    before = {number: strip(entry) for number, entry in patient.record.reservations.items()}
    shutil.rmtree(patient.home / "registry")
    shutil.rmtree(patient.store / "open")
    (patient.store / "identity.json").write_bytes(b"")
    (patient.task_directory / "paths").unlink()
    (patient.task_directory / "task.toml").write_bytes(b"")
    patient.repair()
    assert {number: strip(entry) for number, entry in patient.record.reservations.items()} == before
    patient.require_healthy()


def test_a_plan_is_set_aside_and_has_to_be_approved_again(patient: Patient) -> None:
    from git_okstra.core.errors import OkstraError

    path = patient.task_directory / "plan.toml"
    data = path.read_bytes()[:25]
    path.write_bytes(data)
    (repair,) = patient.repair()
    assert repair.finding.hint == "git okstra doctor --repair\nthen: git okstra plan import FILE"
    (aside,) = (patient.store / "damaged").iterdir()
    assert aside.read_bytes() == data
    with pytest.raises(OkstraError) as caught:
        stage.open_stage(patient.context(), patient.task, 1)
    assert caught.value.code == "plan-missing"


def test_damaged_lines_of_a_journal_stay_and_are_a_note(patient: Patient) -> None:
    path = patient.task_directory / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(b'{"torn": \n' + whole + b"\xff\xfe\n")
    damaged = path.read_bytes()
    assert patient.codes() == []
    (note,) = doctor.examine(patient.context())
    assert (note.code, note.severity) == ("damaged-journal", "note")
    assert note.what.endswith(f"cannot be read: 1, {whole.count(10) + 2}")
    assert doctor.repair(patient.context()) == []
    assert path.read_bytes() == damaged


def test_a_newer_format_is_left_alone(patient: Patient) -> None:
    AILMENTS["newer record"].cause(patient)
    before = everything(patient.home / "registry")
    (repair,) = doctor.repair(patient.context())
    assert repair.left == "upgrade git okstra: python3 -m pip install --upgrade git-okstra"
    assert everything(patient.home / "registry") == before


def test_repair_works_while_the_settings_cannot_be_read(patient: Patient) -> None:
    patient.record_path.write_bytes(b"")
    (patient.store / "config.toml").write_text("[start]\nbase = 1\n")
    mended, left = doctor.repair(patient.context())
    assert (mended.finding.code, bool(mended.done)) == ("damaged-record", True)
    assert (left.finding.code, left.done) == ("bad-config", None)
    (patient.store / "config.toml").unlink()
    assert sorted(patient.record.reservations) == [0, 1, 2]


def test_a_dry_run_changes_nothing(patient: Patient) -> None:
    shutil.rmtree(patient.stages[1])
    patient.record_path.write_bytes(b"")
    before = everything(patient.home), everything(patient.repository.path)
    repairs = doctor.repair(patient.context(), dry_run=True)
    assert (everything(patient.home), everything(patient.repository.path)) == before
    assert [one.finding.code for one in repairs] == ["damaged-record"]
    assert repairs[0].done == "would set it aside and rebuild it from the store and git's worktrees"
