"""Something that is no file in the place of one of ours: a pipe on which one would wait, a device without end, a
directory. Commands say so, or do without, and go on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import sampling
from support.worlds import World

TASK = ("--task", "dev-1")
COMMANDS = (
    ["list", "--json"], ["status", *TASK], ["path", "3", *TASK], ["log", *TASK], ["doctor"], ["doctor", "--repair"],
    ["stage", "4", *TASK], ["done", "3", "--allow-empty", *TASK], ["merge", "--abort", *TASK], ["merge", "1", *TASK],
    ["remove", "3", "-f", "-D", *TASK], ["restore", "4"], ["release", "2", *TASK], ["verify", *TASK], ["prune"],
    ["config", "set", "trash.keep", "9d"], ["config", "trust", "--yes"], ["handoff", "--action", "skip", *TASK],
    ["plan", "show", *TASK], ["plan", "approve", "--yes", *TASK], ["start", "fix", "DEV-2", "--base", "main"],
)  # fmt: skip
KINDS = ("pipe", "directory", "device")


def put(kind: str, place: Path) -> None:
    place.unlink()
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "directory":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero")


def try_places(world: World, most: int | None, commands: int | None) -> None:
    cases = [(name, kind) for name in [*world.files(), *locks(world)] for kind in KINDS]
    for name, kind in sampling.of(cases, most, "places of files"):
        for words in sampling.of(COMMANDS, commands, f"commands where {name} is a {kind}"):
            world.restore()
            put(kind, world.root / name)
            for where in ("shop", "home/worktrees/shop/dev/dev-1-s3"):
                world.run(words, where)


def locks(world: World) -> list[Path]:
    """The files that are only locked."""
    places = (world.home / "registry" / "lock", world.store / "worktrees.lock")
    return [place.relative_to(world.root) for place in places if place.exists()]


def test_what_is_no_file_keeps_nobody_waiting(world: World) -> None:
    try_places(world, 4, 2)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_what_is_no_file_in_any_place_keeps_nobody_waiting(world: World) -> None:
    try_places(world, None, None)
