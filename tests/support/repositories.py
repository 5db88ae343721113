"""Real repositories for tests, driven by the real git."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from support import processes
from support.processes import Ended, Where


class Git:
    """The real git: `git("log", "-1", cwd=…)` gives what it printed and fails the test when git fails."""

    def __init__(self, cwd: Where | None = None) -> None:
        """`cwd` is where calls are made that do not say otherwise."""
        self.cwd = cwd

    def __call__(
        self,
        *args: str,
        cwd: Where | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002
    ) -> str:
        """Standard output without its last newline."""
        return self.run(*args, cwd=cwd, env=env, input=input).require_success().out.removesuffix("\n")

    def run(
        self,
        *args: str,
        cwd: Where | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002
    ) -> Ended:
        """How it ended, whatever its exit status."""
        return processes.run(["git", *args], cwd=cwd or self.cwd, env=env, input=input)


class ScratchRepository:
    """A repository on disk. Usable wherever a path is; `git` is the real git in its main worktree."""

    def __init__(self, path: Path) -> None:
        """`path` is the root of its main worktree, or the bare repository."""
        self.path = path
        self.git = Git(path)

    def __fspath__(self) -> str:
        """The path, so that it can be given as `cwd=`."""
        return os.fspath(self.path)

    @property
    def head(self) -> str:
        """The full id of HEAD's commit."""
        return self.git("rev-parse", "HEAD")

    def commit(
        self, files: Mapping[str, str] | None = None, message: str = "a change", *, cwd: Where | None = None
    ) -> str:
        """Write the files (path to content), commit them where `cwd` is (else the main worktree), and give the id."""
        where = Path(cwd or self.path)
        for name, content in (files or {}).items():
            target = where / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        if files:
            self.git("add", "--", *files, cwd=where)
        self.git("commit", "-q", *([] if files else ["--allow-empty"]), "-m", message, cwd=where)
        return self.git("rev-parse", "HEAD", cwd=where)


def make_repository(path: Path) -> ScratchRepository:
    """A new repository at `path` with a branch `main` and a first commit that holds README.md."""
    path.mkdir(parents=True)
    made = ScratchRepository(path)
    made.git("init", "-q", "-b", "main")
    made.commit({"README.md": f"# {path.name}\n"}, "first commit")
    return made
