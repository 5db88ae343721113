"""The record of a stage, or the task, that is being brought up to date, and the hold of the process that is at it.

As with a merge (`merge_intent`), the intent is written before git begins, and one whose hold is free was left by a
process that died, or stopped on purpose where a person has to go on. The hold is the stage's own in the registry, so
that nobody takes the stage away, or closes it, meanwhile.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from git_okstra.core import names, syncing, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.operations import merge_intent
from git_okstra.operations.context import Context
from git_okstra.state import files, locks


@dataclass(frozen=True, slots=True)
class Intent:
    """Stage `number`, or the task, whose branch was at `before` and whose base was `base`, is to have `onto`.

    `commit` is what the branch is to be moved to, empty until that is known; `rebase` says that its commits are made
    anew, `stopped` that a person has to go on.
    """

    number: int
    before: str
    base: str
    onto: str
    rebase: bool
    owner: str
    pid: int
    began: str
    commit: str = ""
    stopped: bool = False


@contextlib.contextmanager
def at_work(ctx: Context, task: Task, number: int) -> Iterator[locks.Hold]:
    """Be the one who works on the branch of the stage, or the task. Raises OkstraError `busy` when another is."""
    path = ctx.registry.hold_path(task.key, number)
    with contextlib.ExitStack() as ends:
        if number == names.TASK:
            ends.enter_context(merge_intent.at_work(ctx, task))
        with ctx.registry.locked():
            record = ctx.registry.record(task.key)
            entry = record.reservation(number) if record else None
            if entry is None or entry.state != tasks.ACTIVE or locks.is_held(path):
                raise _busy(ctx, task, number)
            hold = locks.Hold(path)
        try:
            yield hold
        finally:
            with ctx.registry.locked():
                hold.drop()


def require_none(ctx: Context, task: Task, number: int) -> None:
    """Raise OkstraError `busy` while the branch is being brought up to date, `merge-in-progress` while that is not
    over."""
    if is_at_work(ctx, task, number):
        raise _busy(ctx, task, number)
    if is_left(ctx, task, number):
        raise OkstraError(
            "merge-in-progress",
            f"bringing {names.label(number)} of {names.printable(task.id)} up to date is not over",
            f"go on: git okstra sync {syncing.name(number)} --continue\n"
            f"or give that up: git okstra sync {syncing.name(number)} --abort",
        )


def is_at_work(ctx: Context, task: Task, number: int) -> bool:
    """Whether a process is at work on the branch now."""
    return locks.is_held(ctx.registry.hold_path(task.key, number))


def is_left(ctx: Context, task: Task, number: int) -> bool:
    """Whether it is recorded that the branch is being brought up to date, and that is not over."""
    return files.read(_path(ctx, task, number)) is not None


def load(ctx: Context, task: Task, number: int) -> Intent | None:
    """The intent that is recorded, or None. Raises OkstraError `damaged-file`, `newer-format`."""

    def whole(document: dict[str, Any]) -> Intent | None:
        intent = Intent(**{name: document[name] for name in Intent.__slots__})
        fits = intent.number == number and all(isinstance(text, str) for text in (intent.owner, intent.began))
        fits = fits and all(map(_is_id, (intent.before, intent.base, intent.onto, intent.commit or intent.onto)))
        return intent if fits and all(isinstance(flag, bool) for flag in (intent.rebase, intent.stopped)) else None

    hint = f"give that up: git okstra sync {syncing.name(number)} --abort"
    return ctx.store.load_record(_path(ctx, task, number), whole, hint)


def save(ctx: Context, task: Task, intent: Intent) -> Intent:
    """Record the intent, as of this process; what was recorded."""
    mine = replace(intent, owner=ctx.owner, pid=ctx.pid)
    ctx.store.save_json(_path(ctx, task, intent.number), {name: getattr(mine, name) for name in Intent.__slots__})
    return mine


def drop(ctx: Context, task: Task, number: int) -> None:
    """It is over: forget the intent."""
    files.remove(_path(ctx, task, number))


def begin(ctx: Context, number: int, entry: Reservation, *, before: str, base: str, onto: str, rebase: bool) -> Intent:
    """The intent of this process, not recorded yet."""
    return Intent(number, before, base or entry.base, onto, rebase, ctx.owner, ctx.pid, ctx.now())


def _is_id(text: object) -> bool:
    return isinstance(text, str) and len(text) in (40, 64) and not text.strip("0123456789abcdef")


def _path(ctx: Context, task: Task, number: int) -> str:
    return ctx.store.sync_path(task.key.group, task.key.task, number)


def _busy(ctx: Context, task: Task, number: int) -> OkstraError:
    who = ""
    with contextlib.suppress(OkstraError):
        intent = load(ctx, task, number)
        if intent is not None:
            who = f" (process {intent.pid} of {names.printable(intent.owner)})"
    return OkstraError(
        "busy",
        f"another command is at work on {names.label(number)} of {names.printable(task.id)}{who}",
        "run the same command again when it is through",
    )
