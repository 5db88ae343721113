"""`doctor.examine`: it names what is wrong and nothing else, changes nothing, and works beside running commands."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.git import refs
from git_okstra.operations import doctor, releasing, stage
from git_okstra.operations.context import Context
from git_okstra.state import locks
from support import processes
from support.ailments import AILMENTS
from support.patients import Patient, everything
from support.repositories import ScratchRepository


@pytest.fixture
def patient(repository: ScratchRepository) -> Patient:
    return Patient(repository, 1, 2)


def test_nothing_is_wrong_with_a_fresh_task(patient: Patient) -> None:
    patient.require_healthy()


@pytest.mark.parametrize("name", AILMENTS)
def test_an_ailment_is_named_and_nothing_is_changed(name: str, patient: Patient) -> None:
    ailment = AILMENTS[name]
    ailment.cause(patient)
    before = everything(patient.home), everything(patient.repository.path)
    taken = list(locks.taken)
    assert tuple(patient.codes()) == ailment.codes
    assert locks.taken == taken
    assert (everything(patient.home), everything(patient.repository.path)) == before


def test_every_finding_says_what_it_means_and_what_to_type(patient: Patient) -> None:
    for name in ("update-ref -d", "half a worktree", "index.lock", "git switch", "plan cut", "rm the mark"):
        AILMENTS[name].cause(patient)
    assert len(patient.codes()) == 6
    for one in doctor.examine(patient.context()):
        assert one.means
        assert one.hint
        assert "\n" not in one.what
        assert not one.what.endswith(".")
        assert one.repairable == bool(one.remedy)
        if one.repairable:
            assert one.hint.startswith("git okstra doctor --repair")


def test_a_rebase_or_bisection_under_way_is_no_finding(patient: Patient) -> None:
    path = patient.stages[1]
    for number in (1, 2, 3):
        patient.repository.commit({"s1/file": f"{number}\n"}, cwd=path)
    ended = patient.git.run("rebase", "--exec", "false", "HEAD~2", cwd=path)
    assert ended.status != 0
    assert patient.git("branch", "--show-current", cwd=path) == ""
    assert patient.codes() == []
    patient.git("rebase", "--abort", cwd=path)
    patient.git("bisect", "start", "HEAD", "HEAD~3", cwd=path)
    assert patient.git("branch", "--show-current", cwd=path) == ""
    assert patient.codes() == []


def test_a_merge_that_waits_for_a_person_is_a_note(patient: Patient) -> None:
    (patient.task_directory / "merge.json").write_text('{"format": 1, "stopped": true}\n')
    (note,) = doctor.examine(patient.context())
    assert (note.code, note.severity) == ("merge-left", "note")
    assert note.hint.splitlines()[0].endswith("git okstra merge --continue --task dev-1")


def test_a_released_worktree_is_a_note_that_says_how_to_take_it_again(patient: Patient) -> None:
    releasing.release(patient.context(), patient.task, patient.entry(2))
    (note,) = doctor.examine(patient.context())
    assert (note.code, note.severity, note.subject) == ("worktree-unheld", "note", os.fspath(patient.stages[2]))
    assert note.hint == "take it again: git okstra stage 2 --task dev-1"
    assert doctor.repair(patient.context()) == []
    stage.open_stage(patient.context(), patient.task, 2)
    patient.require_healthy()


def test_the_trash_is_a_note_with_its_size_and_what_is_too_old(patient: Patient) -> None:
    (patient.stages[1] / "big").write_bytes(os.urandom(300_000))
    tip = refs.branch(os.fspath(patient.common_dir), "feat-dev-1-s1")
    releasing.remove(patient.context(), patient.task, patient.entry(1), "remove", tip=tip, uncommitted=1)
    (note,) = doctor.examine(patient.context())
    assert note.code == "trash"
    assert note.what.startswith("the trash has 1 entry, 3")
    assert note.what.endswith(" KiB")
    entry = patient.store / "trash" / os.listdir(patient.store / "trash")[0] / "entry.json"
    entry.write_text(re.sub('"removed_at": "[0-9]{4}', '"removed_at": "2020', entry.read_text()))
    (note,) = doctor.examine(patient.context())
    assert note.what.endswith(" KiB, 1 older than trash.keep")
    assert note.hint == "git okstra prune"
    (note,) = doctor.examine(patient.context(None, OKSTRA_TRASH_KEEP="9999d"))
    assert note.what.endswith(" KiB")


def test_a_damaged_trash_entry_is_named_and_left_alone(patient: Patient) -> None:
    tip = refs.branch(os.fspath(patient.common_dir), "feat-dev-1-s1")
    entry = releasing.remove(patient.context(), patient.task, patient.entry(1), "remove", tip=tip, uncommitted=0)
    assert entry is not None
    path = patient.store / "trash" / entry.id / "entry.json"
    os.truncate(path, 50)
    before = everything(patient.store / "trash"), everything(patient.home / "worktrees")
    assert patient.codes() == ["damaged-trash"]
    path.unlink()
    assert patient.codes() == ["damaged-trash"]
    (repair,) = doctor.repair(patient.context())
    assert repair.done is None
    before[0].pop(f"{entry.id}/entry.json")
    assert (everything(patient.store / "trash"), everything(patient.home / "worktrees")) == before


def test_an_index_lock_that_somebody_has_open_is_no_finding(patient: Patient) -> None:
    AILMENTS["index.lock"].cause(patient)
    with (patient.admin(patient.stages[1]) / "index.lock").open():
        assert patient.codes() == []
    assert patient.codes() == ["index-locked"]


def test_a_young_index_lock_is_no_finding(patient: Patient) -> None:
    (patient.admin(patient.stages[1]) / "index.lock").write_bytes(b"")
    assert patient.codes() == []


def test_a_temporary_file_that_was_left_is_moved_out_of_the_way(patient: Patient) -> None:
    young = patient.task_directory / f".task.toml.{os.getpid()}.tmp"
    young.write_text("being written")
    left = patient.home / "registry" / "tasks" / "shop" / "dev" / ".dev-1.json.4194999.tmp"
    left.write_text("half")
    assert doctor.examine(patient.context()) == []
    then = time.time() - 7200
    os.utime(left, (then, then))
    os.utime(young, (then, then))
    (note,) = doctor.examine(patient.context())
    assert (note.code, note.subject, note.severity) == ("leftover-temporary", os.fspath(left), "note")
    patient.repair()
    (aside,) = (patient.home / "registry" / "damaged").iterdir()
    assert aside.read_text() == "half"
    assert young.exists()
    assert doctor.examine(patient.context()) == []


def test_a_dead_link_is_pointed_at_the_main_worktree(repository: ScratchRepository) -> None:
    (repository.path / "node_modules").mkdir()
    (repository.path / "node_modules" / "package").write_text("code\n")
    (repository.path / ".git" / "okstra").mkdir()
    (repository.path / ".git" / "okstra" / "config.toml").write_text('[worktree]\nlink = ["node_modules"]\n')
    patient = Patient(repository)
    patient.require_healthy()
    new = repository.path.with_name("moved")
    repository.path.rename(new)
    patient.repair(new)
    patient.require_healthy(new)
    assert (patient.path / "node_modules" / "package").read_text() == "code\n"
    (new / "node_modules").rename(new / "gone")
    (finding,) = doctor.examine(patient.context(new))
    assert (finding.code, finding.repairable) == ("dead-link", False)


def test_an_old_git_is_an_error(patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("git")
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text(f'#!/bin/sh\n[ "$1" = version ] && {{ echo "git version 2.30.1 (Old)"; exit; }}\nexec {real} "$@"\n')
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    (finding,) = doctor.examine(patient.context())
    assert (finding.code, finding.what) == ("git-too-old", "git is 2.30.1; 2.38 or newer is needed")


def test_it_works_in_a_read_only_file_system(patient: Patient) -> None:
    script = f"""
import os, sys
from git_okstra.operations import doctor
from git_okstra.operations.context import Context
for path in {[os.fspath(patient.home), os.fspath(patient.repository)]!r}:
    try:
        open(path + "/probe", "w")
        sys.exit("not read-only")
    except OSError:
        pass
for one in doctor.examine(Context({os.fspath(patient.repository)!r}, os.environ)):
    print(one.code)
"""
    AILMENTS["rm -rf"].cause(patient)
    mount = "mount --bind '{0}' '{0}' && mount -o remount,ro,bind '{0}'"
    mounts = " && ".join(mount.format(path) for path in (patient.home, patient.repository.path))
    words = ["unshare", "-rm", "sh", "-c", f'{mounts} && exec "$@"', "sh", sys.executable, "-c", script]
    if shutil.which("unshare") is None or processes.run(["unshare", "-rm", "sh", "-c", mounts]).status != 0:
        pytest.skip("nothing can be mounted here")
    assert processes.run(words).require_success().out == "worktree-missing\n"


NO_FLOCK = """
import ctypes, errno, platform, struct
number = {"x86_64": 73, "aarch64": 32}[platform.machine()]
lines = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | errno.EOPNOTSUPP), (0x06, 0, 0, 0x7FFF0000)]
code = b"".join(struct.pack("HBBI", *line) for line in lines)
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
if libc.prctl(22, 2, program, 0, 0) != 0:
    raise SystemExit(75)
"""


def test_a_file_system_without_flock_is_an_error(patient: Patient) -> None:
    """flock(2) is made to fail as there, by a filter on system calls (seccomp(2))."""
    if platform.machine() not in ("x86_64", "aarch64") or sys.platform != "linux":
        pytest.skip("no filter on system calls here")
    script = f"""{NO_FLOCK}
import os
from git_okstra.operations import doctor
from git_okstra.operations.context import Context
for one in doctor.examine(Context({os.fspath(patient.repository)!r}, os.environ)):
    print(one.code, one.subject)
"""
    ended = processes.run([sys.executable, "-c", script])
    if ended.status == 75:
        pytest.skip("no filter on system calls here")
    assert ended.require_success().out.splitlines() == [
        f"no-locks {patient.home}/registry",
        f"no-locks {patient.store}",
    ]


def test_a_directory_of_another_user_is_an_error(patient: Patient) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give a directory away")
    os.chown(patient.home, 12345, -1)
    (finding,) = doctor.examine(patient.context())
    assert (finding.code, finding.what) == ("unsafe-home", f"'{patient.home}' is owned by another user (uid 12345)")


def test_outside_of_a_repository_it_says_so(tmp_path: Path, patient: Patient) -> None:
    with pytest.raises(OkstraError) as caught:
        doctor.examine(patient.context(tmp_path))
    assert caught.value.code == "not-a-repository"


def test_a_repository_without_tasks_is_healthy(repository: ScratchRepository) -> None:
    assert doctor.examine(Context(os.fspath(repository), os.environ)) == []
    assert doctor.repair(Context(os.fspath(repository), os.environ)) == []
    assert not (repository.path / ".git" / "okstra").exists()
