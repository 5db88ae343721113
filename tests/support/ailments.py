"""What people and crashes do to a repository, each really done, with the codes that `doctor` must find, in order."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from typing import NamedTuple

from support.patients import Patient


class Ailment(NamedTuple):
    """`cause` does it; `codes` are found then; `mends` says that `--repair` mends it all."""

    cause: Callable[[Patient], None]
    codes: tuple[str, ...]
    mends: bool = True


def _old(path: os.PathLike[str], seconds: float = 7200) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)


def _record(patient: Patient, content: bytes) -> None:
    patient.record_path.write_bytes(content)


def _delete_worktree(patient: Patient) -> None:
    shutil.rmtree(patient.stages[1])


def _delete_and_prune(patient: Patient) -> None:
    shutil.rmtree(patient.stages[1])
    patient.git("worktree", "prune")


def _git_worktree_remove(patient: Patient) -> None:
    patient.git("worktree", "remove", "--force", os.fspath(patient.stages[1]))


def _git_worktree_remove_with_branch(patient: Patient) -> None:
    _git_worktree_remove(patient)
    patient.git("branch", "-D", "feat-dev-1-s1")


def _delete_with_branch(patient: Patient) -> None:
    patient.git("update-ref", "-d", "refs/heads/feat-dev-1-s1")
    shutil.rmtree(patient.stages[1])


def _git_worktree_move(patient: Patient) -> None:
    patient.git("worktree", "move", os.fspath(patient.stages[1]), os.fspath(patient.home.parent / "elsewhere"))


def _move_beside(patient: Patient) -> None:
    patient.stages[1].rename(patient.stages[1].with_name("renamed"))


def _move_beside_the_repository(patient: Patient) -> None:
    shutil.move(patient.stages[1], patient.repository.path.parent / "moved away")


def _prune_while_away(patient: Patient) -> None:
    away = patient.stages[1].with_name("away")
    patient.stages[1].rename(away)
    patient.git("worktree", "prune")
    away.rename(patient.stages[1])


def _prune_and_replace_while_away(patient: Patient) -> None:
    """git gives what it knew the worktree by to another one of the same name."""
    away = patient.stages[1].with_name("away")
    patient.stages[1].rename(away)
    patient.git("worktree", "prune")
    other = patient.repository.path.parent / "other" / "dev-1-s1"
    patient.git("worktree", "add", "-q", "-b", "other", os.fspath(other))
    away.rename(patient.stages[1])


def _lose_dot_git(patient: Patient) -> None:
    (patient.stages[1] / ".git").unlink()


def _lose_branch(patient: Patient) -> None:
    patient.repository.commit({"s1/late": "late\n"}, cwd=patient.stages[1])
    patient.git("update-ref", "-d", "refs/heads/feat-dev-1-s1")


def _switch_and_lose_branch(patient: Patient) -> None:
    patient.git("switch", "-q", "-c", "own", cwd=patient.stages[1])
    patient.git("branch", "-D", "feat-dev-1-s1")


def _lose_admin_head(patient: Patient) -> None:
    (patient.admin(patient.stages[1]) / "HEAD").unlink()


def _half_made(patient: Patient) -> None:
    left = patient.common_dir / "worktrees" / "half"
    left.mkdir()
    (left / "gitdir").write_text("/nowhere/.git\n")
    (left / "commondir").write_text("")
    _old(left)


def _lose_registry(patient: Patient) -> None:
    shutil.rmtree(patient.home / "registry")


def _registry_is_a_file(patient: Patient) -> None:
    shutil.rmtree(patient.home / "registry")
    (patient.home / "registry").write_text("not a directory\n")


def _cut(path: Callable[[Patient], os.PathLike[str]], size: int) -> Callable[[Patient], None]:
    return lambda patient: os.truncate(path(patient), size)


def _identity(patient: Patient) -> os.PathLike[str]:
    return patient.store / "identity.json"


def _project(patient: Patient) -> os.PathLike[str]:
    return patient.home / "registry" / "projects" / "shop.json"


def _lose_store(patient: Patient) -> None:
    shutil.rmtree(patient.store)


def _lose_task(patient: Patient) -> None:
    (patient.task_directory / "task.toml").unlink()


def _leave_temporary(patient: Patient) -> None:
    path = patient.task_directory / ".task.toml.4194999.tmp"
    path.write_text("half")
    _old(path)


def _leave_index_lock(patient: Patient) -> None:
    path = patient.admin(patient.stages[1]) / "index.lock"
    path.write_bytes(b"")
    _old(path)


def _open_to_all(patient: Patient) -> None:
    patient.home.chmod(0o777)


def _newer(patient: Patient) -> None:
    text = patient.record_path.read_text()
    patient.record_path.write_text(text.replace('"format": 1', '"format": 2'))


def _own_clone_there(patient: Patient) -> None:
    shutil.rmtree(patient.stages[1])
    patient.git("clone", "-q", os.fspath(patient.repository), os.fspath(patient.stages[1]))


def _left_merge(patient: Patient) -> None:
    (patient.task_directory / "merge.json").write_text('{"format": 1, "stopped": false}\n')


AILMENTS: dict[str, Ailment] = {
    "rm -rf": Ailment(_delete_worktree, ("worktree-missing",)),
    "rm -rf and git worktree prune": Ailment(_delete_and_prune, ("worktree-missing",)),
    "rm -rf of the task": Ailment(lambda patient: shutil.rmtree(patient.path), ("worktree-missing",)),
    "git worktree remove": Ailment(_git_worktree_remove, ("worktree-missing",)),
    "git worktree remove, git branch -D": Ailment(_git_worktree_remove_with_branch, ("worktree-missing",)),
    "update-ref -d and rm -rf": Ailment(_delete_with_branch, ("worktree-missing",)),
    "git worktree move": Ailment(_git_worktree_move, ("worktree-moved",)),
    "mv beside": Ailment(_move_beside, ("worktree-moved",)),
    "mv beside the repository": Ailment(_move_beside_the_repository, ("worktree-moved",)),
    "git worktree prune while it was away": Ailment(_prune_while_away, ("worktree-unlinked",)),
    "git worktree prune, and another of the same name": Ailment(_prune_and_replace_while_away, ("worktree-unlinked",)),
    "rm .git": Ailment(_lose_dot_git, ("worktree-unlinked",)),
    "another clone in its place": Ailment(_own_clone_there, ("path-taken",), mends=False),
    "update-ref -d": Ailment(_lose_branch, ("branch-missing",)),
    "git branch -m": Ailment(
        lambda patient: patient.git.run("branch", "-m", "feat-dev-1-s1", "other").require_success() and None,
        ("branch-renamed",),
        mends=False,
    ),
    "git switch": Ailment(
        lambda patient: patient.git.run("switch", "-c", "own", cwd=patient.stages[1]).require_success() and None,
        ("branch-switched",),
        mends=False,
    ),
    "git switch --detach": Ailment(
        lambda patient: patient.git.run("switch", "--detach", cwd=patient.stages[1]).require_success() and None,
        ("branch-switched",),
        mends=False,
    ),
    "git switch and git branch -D": Ailment(
        _switch_and_lose_branch, ("branch-missing", "branch-switched"), mends=False
    ),
    "rm HEAD of git's directory": Ailment(_lose_admin_head, ("half-made-worktree",)),
    "half a worktree": Ailment(_half_made, ("half-made-worktree",)),
    "rm the mark": Ailment(lambda patient: (patient.admin(patient.path) / "okstra").unlink(), ("marker-missing",)),
    "rm the paths": Ailment(lambda patient: (patient.task_directory / "paths").unlink(), ("derived-stale",)),
    "rm open/": Ailment(lambda patient: shutil.rmtree(patient.store / "open"), ("derived-stale",)),
    "rm the index of branches": Ailment(
        lambda patient: shutil.rmtree(patient.home / "registry" / "branches"), ("derived-stale",)
    ),
    "rm the registry": Ailment(_lose_registry, ("entry-missing",) * 3),
    "the registry is a file": Ailment(_registry_is_a_file, ("damaged-record",) + ("entry-missing",) * 3),
    "empty record": Ailment(lambda patient: _record(patient, b""), ("damaged-record",)),
    "record cut": Ailment(_cut(lambda patient: patient.record_path, 200), ("damaged-record",)),
    "record of zeros": Ailment(lambda patient: _record(patient, b"\0" * 512), ("damaged-record",)),
    "record of another shape": Ailment(lambda patient: _record(patient, b'{"format": 1}'), ("damaged-record",)),
    "record of another task": Ailment(
        lambda patient: _record(patient, patient.record_path.read_bytes().replace(b"dev/dev-1", b"dev/dev-2")),
        ("damaged-record",),
    ),
    "newer record": Ailment(_newer, ("newer-format",), mends=False),
    "empty identity": Ailment(_cut(_identity, 0), ("damaged-identity",)),
    "identity cut": Ailment(_cut(_identity, 20), ("damaged-identity",)),
    "project cut": Ailment(_cut(_project, 30), ("damaged-project",)),
    "task cut early": Ailment(_cut(lambda patient: patient.task_directory / "task.toml", 9), ("damaged-task",)),
    "task cut late": Ailment(_cut(lambda patient: patient.task_directory / "task.toml", 150), ("damaged-task",)),
    "rm the identity": Ailment(lambda patient: (patient.store / "identity.json").unlink(), ("damaged-identity",)),
    "rm the store": Ailment(_lose_store, ("damaged-identity", "task-missing")),
    "rm the task": Ailment(_lose_task, ("task-missing",)),
    "plan cut": Ailment(_cut(lambda patient: patient.task_directory / "plan.toml", 25), ("damaged-plan",)),
    "trusted commands": Ailment(
        lambda patient: (patient.store / "trusted.json").write_text("[") and None, ("damaged-trust",)
    ),
    "settings": Ailment(
        lambda patient: (patient.store / "config.toml").write_text("[start]\nbase = 1\n") and None,
        ("bad-config",),
        mends=False,
    ),
    "index.lock": Ailment(_leave_index_lock, ("index-locked",), mends=False),
    "merge.json": Ailment(_left_merge, ("merge-left",), mends=False),
    "handoff.json": Ailment(
        lambda patient: (patient.task_directory / "handoff.json").write_text("{}") and None,
        ("handoff-left",),
        mends=False,
    ),
    "merge.json cut": Ailment(
        lambda patient: (patient.task_directory / "merge.json").write_text("{") and None,
        ("damaged-merge", "merge-left"),
        mends=False,
    ),
    "chmod 777": Ailment(_open_to_all, ("unsafe-home",), mends=False),
}
