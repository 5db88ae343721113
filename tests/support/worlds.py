"""What the tests of hostile input damage, and how they see that nothing else was touched."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from support import preloaded, processes, snapshots
from support.processes import Ended
from support.workbench import Ticket

PROGRAMS = ("gh", "glab", "ssh", "gpg", "npm", "vi", "editor", "curl", "nano", "less")
"""Programs that nothing here has a reason to run."""

LETTERS_THAT_STEER = frozenset(map(chr, [*range(9), *range(11, 32), *range(127, 160)])) | {"\u202e", "\u2066"}


class World:
    """A ticket with its repository and home below `root`, which is copied from `root/../then` as often as wanted."""

    def __init__(self, root: Path, ticket: Ticket) -> None:
        self.root = root
        self.ticket = ticket
        self.repository = root / "shop"
        self.home = root / "home"
        self.store = self.repository / ".git" / "okstra"
        self.canary = root.parent / "canary"
        self.shims = root.parent / "shims"
        self._make_canary()
        self.shims.mkdir()
        for program in PROGRAMS:
            shim = self.shims / program
            shim.write_text(f'#!/bin/sh\necho "{program} $*" >>"{self.canary}/ran"\n')
            shim.chmod(0o755)

    def _make_canary(self) -> None:
        (self.canary / "inner").mkdir(parents=True)
        (self.canary / "precious").write_text("nowhere else\n")
        (self.canary / "inner" / "file").write_text("x\n")
        self._untouched = snapshots.snapshot(self.canary)

    def restore(self) -> None:
        """Put everything back as it was made."""
        shutil.rmtree(self.root)
        shutil.copytree(self.root.parent / "then", self.root, symlinks=True)
        if snapshots.snapshot(self.canary) != self._untouched:  # what one test found is not held against the next
            shutil.rmtree(self.canary)
            self._make_canary()

    def files(self) -> list[Path]:
        """Every file of ours, relative to the root: registry, store, settings, the markers of the worktrees."""
        found = [path for place in (self.home / "registry", self.store) for path in place.rglob("*")]
        found += [self.home / "config.toml", self.repository / ".okstra.toml"]
        found += (self.repository / ".git" / "worktrees").glob("*/okstra*")
        keep = (path for path in found if path.is_file() and not path.is_symlink() and "/admin/" not in f"{path}")
        return sorted(path.relative_to(self.root) for path in keep if "/holds/" not in f"{path}")

    def run(self, words: Sequence[str], where: str = "shop", **env: str) -> Ended:
        """`git okstra WORDS` in a directory below the root; fails the test on a fault and on what must not be shown."""
        place = self.root / where
        cwd = place if place.is_dir() else self.repository
        ended = preloaded.run([preloaded.SCRIPT, *words], cwd=cwd, env=env)
        processes.require_no_fault(ended)
        assert ended.status in (0, 1, 2, 3, 128), f"{ended}"
        steering = LETTERS_THAT_STEER & set(ended.out + ended.err) - {"\t"}
        assert not steering, f"{steering}\n{ended}"
        self.require_untouched(f"{ended}")
        return ended

    def require_untouched(self, told: str) -> None:
        """Fail the test when the canary is not as it was."""
        now = snapshots.snapshot(self.canary)
        assert now == self._untouched, f"{now.keys() ^ self._untouched.keys() or 'changed'}\n{told}"
