"""A repository and an OKSTRA_HOME as the first released format had them, laid out anew from tests/fixtures/format-1.

The fixture's README says what is in it. Nothing there is ever changed: it stands for what people have on their disks.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from support.repositories import Git, ScratchRepository

FIXTURE = Path(__file__).parents[1] / "fixtures" / "format-1"
WORKTREES = {"dev-1": 0, "dev-1-s1": 1, "dev-1-s2": 2, "dev-1-s3": 3, "dev-2": None}
"""The worktrees in `home/worktrees/shop/dev`, and the number of the stage that has each."""


def lay_out(root: Path) -> ScratchRepository:
    """Make `root/shop` and `root/home`."""
    shop, home = root / "shop", root / "home"
    git = Git(shop)
    shop.mkdir(parents=True)
    git("init", "-q", "-b", "main")
    git("fast-import", "--quiet", input=(FIXTURE / "repository.fast-export").read_text())
    git("reset", "-q", "--hard")
    _copied(FIXTURE / "home", home, root)
    _copied(FIXTURE / "okstra", shop / ".git" / "okstra", root)
    (home / "worktrees" / "trash").rename(home / "worktrees" / ".trash")
    for name, number in WORKTREES.items():
        branch = "fix-dev-2" if number is None else f"feat-{name}"
        git("worktree", "add", "-q", f"{home}/worktrees/shop/dev/{name}", branch)
        if number is not None:
            (shop / ".git" / "worktrees" / name / "okstra").write_text(f"dev/dev-1 {number}\n")
    (home / "worktrees/shop/dev/dev-1-s3/s3/draft").write_text("draft\n")
    return ScratchRepository(shop)


def _copied(source: Path, target: Path, root: Path) -> None:
    shutil.copytree(source, target)
    for directory, _, names in os.walk(target):
        for path in (Path(directory, name) for name in names):
            content = path.read_bytes()
            if b"@ROOT@" in content:
                path.write_bytes(content.replace(b"@ROOT@", os.fsencode(root)))
