"""The record of a merge under way, and the hold of the process that is at it.

The intent is written before git begins. While its process lives (or a git that outlived it), the hold next to it is
taken; an intent whose hold is free was left by a process that died, or stopped on purpose where a person has to go on
(`stopped`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Task
from git_okstra.operations.context import Context
from git_okstra.state import files, locks


@dataclass(frozen=True, slots=True)
class Intent:
    """Stage `number`, whose recorded head is `head`, is being merged into the task branch, which was at `before`.

    `asked` are the stages that were asked for (empty: all that are done), `left` those that come after this one.
    """

    number: int
    head: str
    before: str
    asked: tuple[int, ...]
    left: tuple[int, ...]
    owner: str
    pid: int
    began: str
    stopped: bool = False


@contextlib.contextmanager
def at_work(ctx: Context, task: Task) -> Iterator[locks.Hold]:
    """Be the one who merges in this task. Raises OkstraError `busy` when another process, or its git, still is."""
    path = f"{_path(ctx, task)}.hold"
    with ctx.store.locked():
        if locks.is_held(path):
            raise _busy(ctx, task)
        hold = locks.Hold(path)
    try:
        yield hold
    finally:
        with ctx.store.locked():
            hold.drop()


def load(ctx: Context, task: Task) -> Intent | None:
    """The intent that is recorded, or None. Raises OkstraError `damaged-file`, `newer-format`."""
    return ctx.store.load_record(_path(ctx, task), _whole, "give that merge up: git okstra merge --abort")


def _whole(document: dict[str, Any]) -> Intent | None:
    fields = {name: document[name] for name in Intent.__slots__}
    numbers = {name: tuple(int(number) for number in fields[name]) for name in ("asked", "left")}
    intent = Intent(**{**fields, **numbers})
    texts = (intent.head, intent.before, intent.owner, intent.began)
    return intent if all(isinstance(text, str) for text in texts) else None


def save(ctx: Context, task: Task, intent: Intent) -> None:
    """Record the intent, as of this process."""
    mine = replace(intent, owner=ctx.owner, pid=ctx.pid)
    ctx.store.save_json(_path(ctx, task), {name: getattr(mine, name) for name in Intent.__slots__})


def drop(ctx: Context, task: Task) -> None:
    """The merge is over: forget the intent."""
    files.remove(_path(ctx, task))


def _path(ctx: Context, task: Task) -> str:
    return ctx.store.merge_path(task.key.group, task.key.task)


def _busy(ctx: Context, task: Task) -> OkstraError:
    who = ""
    with contextlib.suppress(OkstraError):
        intent = load(ctx, task)
        if intent is not None:
            who = f" (process {intent.pid} of {names.printable(intent.owner)})"
    return OkstraError(
        "busy",
        f"another command is merging stages of {names.printable(task.id)}{who}",
        "run the same command again when it is through",
    )
