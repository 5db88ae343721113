"""What the guard says beside allowing an edit: that another open stage is changing the same file.

Only told, never refused, and never slow: stages whose files in the plan do not cover the path are passed over without a
look, and for the others at most `MOST_PROCESSES` gits are started, each with a time limit. Whatever goes wrong on the
way means that nothing is said.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from git_okstra.core import journal, names, patterns
from git_okstra.core.errors import OkstraError
from git_okstra.git import process
from git_okstra.operations import plans
from git_okstra.operations.guard_facts import RealWorld
from git_okstra.state import config
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

SETTING = "guard.warn"
MOST_STAGES = 16
MOST_PROCESSES = 3
"""One that asks of all stages at once what is committed, and two for files that seem to have changed since."""
PATIENCE = 2.0
"""Seconds that each of them may take."""
LARGEST = 1 << 20
"""Bytes of a file that is compared with what is committed; a larger one is not looked at."""


class _Other(NamedTuple):
    """Another open stage that may change the file: its branch, where that began, and its worktree."""

    number: int
    owner: str
    branch: str
    base: str
    path: str


def lines(paths: Sequence[str], directory: str, environ: Mapping[str, str]) -> list[str]:
    """A sentence for each of the files (as an agent in `directory` names them) that another open stage changes, too."""
    try:
        world = RealWorld(directory, environ)
        found = [line for path in paths[:MOST_STAGES] for line in _of(path, directory, world)]
    except (OkstraError, OSError, ValueError):
        return []
    return list(dict.fromkeys(found))


def _of(path: str, directory: str, world: RealWorld) -> list[str]:
    real = world.resolve(os.path.join(directory, path))
    place = world.place(os.path.dirname(real))
    if place is None or place.own is None or not place.own.number or "\n" in real:
        return []
    relative = real[len(place.worktree) + 1 :]
    key = names.parse_key(place.own.key)
    store, record = Store(place.common_dir), Registry(world.home).record(key)
    task = store.task(*key)
    stored = plans.load(store, task) if task is not None else None
    if record is None or stored is None:
        return []
    covering = [stage.number for stage in stored.plan.stages if patterns.any_match(stage.files, relative)]
    held = [
        entry
        for number, entry in sorted(record.reservations.items())
        if number in covering and number != place.own.number and not entry.flat
    ]
    if not held or not config.load(world.home, place.common_dir, None, {}).get(SETTING):
        return []
    history = store.history(key.group, key.task)
    others = [
        _Other(one.number, one.owner, one.branch, history.stage(one.number).base or one.base, one.path)
        for one in held
        if history.stage(one.number).state == journal.OPEN
    ][:MOST_STAGES]
    return [
        f"stage {one.number} ({names.printable(one.owner)}) {how} '{names.printable(relative)}', too: "
        "git okstra conflicts tells what would conflict"
        for one, how in _changing(place.common_dir, relative, others)
    ]


def _changing(common_dir: str, relative: str, others: Sequence[_Other]) -> list[tuple[_Other, str]]:
    """Those of the stages that change the file, each with how."""
    if not others:
        return []
    asked = "".join(f"refs/heads/{one.branch}:{relative}\n{one.base}:{relative}\n" for one in others)
    args = ["cat-file", "--batch-check=%(objectname)"]
    told = process.git(args, git_dir=common_dir, input=os.fsencode(asked), timeout=PATIENCE).text.split("\n")
    # What a tree has not is answered by the name that was asked for and "missing".
    ids = ["" if line.endswith(" missing") else line for line in told]
    found, left = [], MOST_PROCESSES - 1
    for one, now, before in zip(others, ids[::2], ids[1::2], strict=True):
        if now != before:
            found.append((one, "has changed"))
        elif left and _seems_edited(os.path.join(one.path, relative), now):
            left -= 1
            status = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=all", "--", relative]
            if process.git(status, cwd=one.path, check=False, timeout=PATIENCE).out:
                found.append((one, "is changing"))
    return found


def _seems_edited(path: str, blob: str) -> bool:
    """Whether the file is not byte for byte the blob (empty: there is none), be it only for what filters do."""
    try:
        if os.path.islink(path) or os.path.getsize(path) > LARGEST:
            return False
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return bool(blob)
    digest = hashlib.sha256 if len(blob) == 64 else hashlib.sha1
    return digest(b"blob %d\0" % len(content) + content).hexdigest() != blob
