"""How much room each worktree takes on disk, and when something in it was last changed: for `git okstra list --long`.

Every file of a worktree is looked at, so this takes as long as `du`. Nothing is kept for the next time: what has
changed could only be told by looking at every directory again.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence

from git_okstra.core.records import dataclass
from git_okstra.git import repository
from git_okstra.operations.listing import TaskRow

BLOCK = 512
"""Bytes that st_blocks counts by (stat(2))."""

AT_ONCE = 8
"""Worktrees that are looked at side by side, at most: it is the disk that is waited for."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes on disk, and the latest change of a file or of what is checked out, in seconds since the epoch."""

    disk: int
    changed: float

    @property
    def nothing(self) -> bool:
        """Whether there is no worktree."""
        return not self.disk and not self.changed


def worktrees(rows: Sequence[TaskRow]) -> list[str]:
    """The worktrees of the tasks and their stages."""
    paths = [path for task in rows for path in (task.path, *(stage.path for stage in task.stages))]
    return sorted({path for path in paths if path is not None})


def measure(worktrees: Sequence[str], told: Callable[[str, Usage], None] | None = None) -> dict[str, Usage]:
    """The usage of each worktree, several at a time; one that goes away meanwhile has what was seen of it.

    A file with several names in a worktree counts once, symbolic links are not followed, and git's directory, which
    belongs to the repository, does not count. `told` hears of each when it is known.
    """
    from concurrent import futures

    found: dict[str, Usage] = {}
    if not worktrees:
        return found
    pool = futures.ThreadPoolExecutor(min(len(worktrees), AT_ONCE))
    stopped: list[bool] = []
    try:
        asked = {pool.submit(_usage, worktree, stopped): worktree for worktree in worktrees}
        for each in futures.as_completed(asked):
            found[asked[each]] = each.result()
            if told is not None:
                told(asked[each], found[asked[each]])
    finally:
        stopped.append(True)  # on Ctrl-C nobody waits for the rest
        pool.shutdown(cancel_futures=True)
    return found


def _usage(worktree: str, stopped: Sequence[bool]) -> Usage:
    total, changed = 0, 0.0
    seen: set[tuple[int, int]] = set()
    waiting = [worktree]
    while waiting and not stopped:
        directory = waiting.pop()
        try:
            total += os.lstat(directory).st_blocks * BLOCK
            entries = os.scandir(directory)
        except OSError:
            continue
        with entries:
            for entry in entries:
                if directory == worktree and entry.name == ".git":
                    continue
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    waiting.append(entry.path)
                    continue
                changed = max(changed, facts.st_mtime)
                if facts.st_nlink > 1:
                    if (facts.st_dev, facts.st_ino) in seen:
                        continue
                    seen.add((facts.st_dev, facts.st_ino))
                total += facts.st_blocks * BLOCK
    admin = repository.admin_directory(worktree)
    for name in ("HEAD", "logs/HEAD", "index") if admin is not None else ():
        try:
            changed = max(changed, os.lstat(f"{admin}/{name}").st_mtime)
        except OSError:
            continue
    return Usage(total, changed)
