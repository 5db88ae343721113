"""The record of a hand-off under way, and the hold of the process that is at it.

The intent is written before anything is done: what was chosen, and the texts. An intent whose hold is free was left by
a process that died; the next hand-off goes on with it. Each step finds out for itself whether it was taken already.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.operations.context import Context
from git_okstra.state import files, locks


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be done with the task branch, which was at `head`.

    `action` is `commit` or `pr`; `onto` is the parent of the one commit of a squash, empty without one. `remote` is
    where the branch is pushed, `into` the remote whose branch `base` the pull request is for; empty for `commit`.
    `made` is the commit that this hand-off makes, empty before it is there. `id` tells it from every other one.
    """

    action: str
    head: str
    onto: str
    remote: str
    into: str
    base: str
    message: str
    title: str
    body: str
    began: str
    owner: str
    pid: int
    id: str
    made: str = ""

    @property
    def handed(self) -> str:
        """The commit that is handed over."""
        return self.made or self.head


@contextlib.contextmanager
def at_work(ctx: Context, task: Task) -> Iterator[None]:
    """Be the one who hands this task over. Raises OkstraError `busy` when another process is."""
    path = f"{_path(ctx, task)}.hold"
    with ctx.store.locked():
        if locks.is_held(path):
            raise OkstraError(
                "busy",
                f"another command is handing {names.printable(task.id)} over",
                "run the same command again when it is through",
            )
        hold = locks.Hold(path)
    try:
        yield
    finally:
        with ctx.store.locked():
            hold.drop()


def load(ctx: Context, task: Task) -> Intent | None:
    """The intent that is recorded, or None. Raises OkstraError `damaged-file`, `newer-format`."""
    hint = "begin the hand-off anew: git okstra handoff --action skip, then git okstra handoff"
    return ctx.store.load_record(_path(ctx, task), _whole, hint)


def _whole(document: dict[str, Any]) -> Intent | None:
    intent = Intent(**{name: document[name] for name in Intent.__slots__})
    whole = all(isinstance(value, str) or name == "pid" for name, value in asdict(intent).items())
    return intent if whole else None


def save(ctx: Context, task: Task, intent: Intent) -> Intent:
    """Record the intent, as of this process."""
    mine = replace(intent, owner=ctx.owner, pid=ctx.pid)
    ctx.store.save_json(_path(ctx, task), asdict(mine))
    return mine


def drop(ctx: Context, task: Task) -> None:
    """The hand-off is over: forget the intent."""
    files.remove(_path(ctx, task))


def _path(ctx: Context, task: Task) -> str:
    return ctx.store.handoff_path(task.key.group, task.key.task)
