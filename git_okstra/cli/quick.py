"""`git okstra path` without loading anything: read from the small derived files of the store.

Answers only what it can answer for certain; the full command takes over for everything else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from git_okstra.git import repository

_LARGEST = 1 << 20
"""Bytes that are read of a file of ours; one that is larger is not as we wrote it."""


def path(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The path that `path`, `path N` or `path task` asks for, or None when the full command has to answer."""
    wanted = arguments[0] if arguments else None
    plain = wanted is None or wanted == "task" or (wanted.isascii() and wanted.isdigit() and len(wanted) <= 4)
    if len(arguments) > 1 or not plain:
        return None
    try:
        here = repository.discover(os.getcwd(), environ)
    except OSError:
        return None
    if here is None:
        return None
    place, number = _standing(here)
    if place is None:
        return None
    if wanted is not None:
        number = "0" if wanted == "task" else str(int(wanted))
    try:
        lines = _content(f"{here.common_dir}/okstra/tasks/{place}/paths").split(b"\n")
    except (OSError, ValueError):  # a locale may have no way to name the task's directory
        return None
    for line in lines:
        name, _, found = line.partition(b" ")
        if name == number.encode() and os.path.isdir(found):
            return os.fsdecode(found)
    return None


def _content(path: str) -> bytes:
    """What is in a small file of ours; nothing waits where a pipe stands in its place. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        return file.read(_LARGEST)


def _standing(here: repository.Repository) -> tuple[str | None, str]:
    """`group/task` and number by the worktree's marker, else the only open task."""
    try:
        place, _, number = os.fsdecode(_content(f"{here.git_dir}/okstra")).strip().rpartition(" ")
        return place, number
    except OSError:
        pass  # not a worktree of ours
    try:
        open_tasks = os.listdir(f"{here.common_dir}/okstra/open")
    except OSError:
        return None, ""
    if len(open_tasks) != 1:
        return None, ""
    return open_tasks[0].replace(",", "/", 1), "0"
