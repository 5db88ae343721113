"""Everything somebody has in a worktree, so that a test can say that it is all there again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Reservation
from git_okstra.operations import abandon, release, remove, restore
from git_okstra.operations.remove import Gone
from git_okstra.operations.targets import Target
from git_okstra.state.trash import Entry
from support.repositories import ScratchRepository
from support.workbench import Ticket


def files(root: Path) -> dict[str, tuple[int, str]]:
    """Every file, symlink and directory below `root` but `.git`: its mode, and its content or target."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = f"{path.relative_to(root)}"
        if name == ".git" or name.startswith(".git/"):
            continue
        content = os.readlink(path) if path.is_symlink() else "" if path.is_dir() else path.read_bytes().hex()
        found[name] = (path.lstat().st_mode, content)
    return found


def state(repository: ScratchRepository, worktree: Path) -> dict[str, object]:
    """The files, and all that git knows of the worktree: branch, index, reflog, own refs, what is under way."""
    git = repository.git
    admin = Path(git("rev-parse", "--absolute-git-dir", cwd=worktree))
    under_way = ("MERGE_HEAD", "MERGE_MSG", "ORIG_HEAD", "CHERRY_PICK_HEAD", "rebase-merge/done", "okstra")
    return {
        "files": files(worktree),
        "status": git("status", "--porcelain=v2", "--branch", "--ignored", "--untracked-files=all", cwd=worktree),
        "index": git("ls-files", "--stage", "-t", "-v", cwd=worktree),
        "reflog": git("reflog", "show", "HEAD", cwd=worktree),
        "own refs": git("for-each-ref", "refs/worktree", "refs/bisect", cwd=worktree),
        "under way": {name: (admin / name).read_text() for name in under_way if (admin / name).exists()},
        "branch": git("rev-parse", "--symbolic-full-name", "HEAD", "HEAD", cwd=worktree),
    }


class Belongings(Ticket):
    """A ticket whose stages are removed, abandoned, released and restored."""

    def remove(self, number: int = names.TASK, *, env: dict[str, str] | None = None, **more: bool) -> tuple[Gone, ...]:
        """Remove a stage, or the task; what is gone."""
        return remove.remove(self.context(**(env or {})), Target(self.task, number), **more).items

    def abandon(self, number: int, *, env: dict[str, str] | None = None, **more: bool) -> tuple[Gone, ...]:
        """Give a stage up."""
        return abandon.abandon(self.context(**(env or {})), self.task, number, **more).items

    def release(self, number: int = names.TASK, *, env: dict[str, str] | None = None, **more: bool) -> release.Released:
        """Give a reservation back."""
        return release.release(self.context(**(env or {})), Target(self.task, number), **more)

    def restore(self, what: str, *, env: dict[str, str] | None = None, **more: bool) -> restore.Restored:
        """Bring something back."""
        return restore.restore(self.context(**(env or {})), what, **more)

    def listed(self) -> list[Entry]:
        """What is in the trash, newest first."""
        return restore.listed(self.context())

    def entry(self, number: int = names.TASK) -> Reservation | None:
        """The reservation of a stage, or of the task."""
        record = self.context().registry.record(self.task.key)
        return record.reservation(number) if record else None

    def under_a_lease(self, number: int) -> subprocess.Popen[str]:
        """A process that works on an open stage under its first lease, until its standard input ends."""
        code = (
            "import os, sys\n"
            "from git_okstra.operations import leasing, targets\n"
            "from git_okstra.operations.context import Context\n"
            "ctx = Context(sys.argv[1], os.environ)\n"
            "lease = leasing.lease(ctx, targets.task(ctx, None).key, int(sys.argv[2]))\n"
            "print(lease.generation, flush=True)\n"
            "sys.stdin.read()\n"
        )
        words = [sys.executable, "-c", code, f"{self.path(number)}", f"{number}"]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        return process

    def belongings(self, number: int = names.TASK) -> dict[str, object]:
        """All that is in the worktree of a stage, or of the task."""
        return state(self.repository, self.path(number))

    def refs(self, under: str) -> dict[str, str]:
        """Full names of the refs below `under`, with their commits."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)", under).splitlines()
        return dict(line.split(" ") for line in lines)

    def worktrees(self) -> dict[str, str]:
        """git's linked worktrees: path to branch, empty when detached."""
        found = {}
        for block in self.git("worktree", "list", "--porcelain").split("\n\n")[1:]:
            fields = dict(line.partition(" ")[::2] for line in block.splitlines())
            found[fields["worktree"]] = fields.get("branch", "").removeprefix("refs/heads/")
        return found

    def leave_in(self, number: int = names.TASK) -> Path:
        """Leave everything in a worktree that a commit does not hold: changed, staged, untracked, ignored, links."""
        path = self.path(number)
        (path / "README.md").write_text("changed, staged\n")
        self.git("add", "README.md", cwd=path)
        (path / "README.md").write_text("and changed again\n")
        (path / "staged only").write_text("staged\n")
        self.git("add", "staged only", cwd=path)
        (path / "결제 'new'").write_text("untracked\n")
        (path / "script").write_text("#!/bin/sh\n")
        (path / "script").chmod(0o755)
        (path / "link").symlink_to("nowhere")
        (path / "empty").mkdir()
        self.git("config", "core.excludesFile", f"{self.repository.path.parent}/ignored")
        (self.repository.path.parent / "ignored").write_text(".env\nbuild/\n")
        (path / ".env").write_text("SECRET=1\n")
        (path / "build").mkdir()
        (path / "build" / "cache").write_bytes(bytes(range(256)))
        return path


def refusal(call: Callable[[], object]) -> OkstraError:
    """The error that `call` refuses with."""
    with pytest.raises(OkstraError) as caught:
        call()
    assert caught.value.hint, caught.value.message
    return caught.value
