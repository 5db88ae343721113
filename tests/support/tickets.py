"""A task with an approved plan, made by the real commands, and a look at everything that okstra keeps on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from git_okstra.core.tasks import Reservation
from git_okstra.state import locks
from git_okstra.state.registry import Registry
from support.processes import Ended, Where
from support.repositories import ScratchRepository


class Command(Protocol):
    """The fixture `okstra`."""

    def __call__(
        self,
        *args: str,
        cwd: Where | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002
        check: bool = True,
    ) -> Ended:
        """See conftest.Okstra."""

    def words(self, *args: str) -> list[str]:
        """See conftest.Okstra."""


def plan_text(dependencies: Mapping[int, Iterable[int]]) -> str:
    """A plan as TOML: stage N may change what lies in the directory `sN`."""
    stages = [
        f'[[stage]]\nnumber = {number}\ntitle = "stage {number}"\n'
        f'depends_on = {sorted(others)}\nfiles = ["s{number}/**"]\n'
        for number, others in dependencies.items()
    ]
    return "\n".join(stages)


def start(
    okstra: Command,
    repository: ScratchRepository,
    dependencies: Mapping[int, Iterable[int]] | None = None,
    id: str = "DEV-1",  # noqa: A002 (the word of the command)
    *options: str,
    cwd: Where | None = None,
) -> Path:
    """`start feat ID --base main`, and with `dependencies` a plan, imported and approved; the task worktree."""
    where = cwd or repository
    path = Path(okstra("start", "feat", id, "--base", "main", *options, cwd=where).out.rstrip("\n"))
    if dependencies is not None:
        okstra("plan", "import", "-", "--format", "toml", cwd=path, input=plan_text(dependencies))
        okstra("plan", "approve", "--yes", cwd=path)
    return path


def work(okstra: Command, repository: ScratchRepository, task: Path, number: int, *, close: bool = True) -> str:
    """Open stage `number`, commit a file of its own there, and close it; the commit."""
    stage = okstra("stage", str(number), cwd=task).out.rstrip("\n")
    commit = repository.commit({f"s{number}/file": f"{number}\n"}, f"work on {number}", cwd=stage)
    if close:
        okstra("done", str(number), cwd=task)
    return commit


def home() -> Path:
    """`$OKSTRA_HOME` of this test."""
    return Path(os.environ["OKSTRA_HOME"])


def reservations() -> dict[str, Reservation]:
    """Every reservation in the registry by `<task key>#<number>`."""
    return {
        f"{record.key}#{number}": entry
        for record in Registry(f"{home()}").records()
        for number, entry in record.reservations.items()
    }


def worktrees(repository: ScratchRepository) -> dict[str, str]:
    """The linked worktrees as git lists them: path to branch, an empty one when HEAD is detached."""
    found = {}
    for block in repository.git("worktree", "list", "--porcelain").split("\n\n")[1:]:
        fields = dict(line.partition(" ")[::2] for line in block.splitlines())
        found[fields["worktree"]] = fields.get("branch", "").removeprefix("refs/heads/")
    return found


def branches(repository: ScratchRepository) -> dict[str, str]:
    """Local branches: name to commit."""
    lines = repository.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
    return dict(line.rsplit(" ", 1) for line in lines)


def leftovers(repository: ScratchRepository) -> list[str]:
    """What must not stay when nobody is at work: holds that are held, temporary files, locks of git, half-made things.

    The file of a hold that nobody has means nothing; what doctor set aside is meant to stay, and `prune` empties the
    trash.
    """
    common = repository.path / ".git" if (repository.path / ".git").is_dir() else repository.path
    found = [path for path in (home() / "registry" / "holds").glob("*/*/*") if locks.is_held(f"{path}")]
    for root in (home() / "registry", *(common / name for name in ("okstra", "worktrees", "refs", "info"))):
        for path in root.rglob("*"):
            if path.name.endswith(".hold"):
                found += [path] if locks.is_held(f"{path}") else []
            elif path.name.endswith((".tmp", ".lock")) and path.parent.name != "damaged":
                found.append(path)
    found += (common / "okstra" / "trash").glob(".half-made-*")
    ours = {common / "okstra" / "lock", common / "okstra" / "worktrees.lock"}
    return sorted(os.fspath(path) for path in set(found) - ours)


def require_order(repository: ScratchRepository, *, foreign: Iterable[str] = ()) -> None:
    """Registry, branches and worktrees say the same, every worktree is clean and whole, and nothing is left over.

    `foreign` are branches that okstra has nothing to do with.
    """
    held = {entry.path: entry.branch for entry in reservations().values() if not entry.flat}
    states = {entry.state for entry in reservations().values()}
    assert states <= {"active"}, states
    there = worktrees(repository)
    assert {path: branch for path, branch in there.items() if branch not in foreign} == held
    assert branches(repository).keys() - set(foreign) == {"main", *held.values()}
    for path in held:
        assert repository.git("status", "--porcelain", cwd=path) == "", path
        assert os.path.exists(f"{path}/README.md")
    assert leftovers(repository) == []
    assert repository.git("fsck", "--no-dangling", "--no-progress") == ""
