"""The texts of a hand-off: what is known of the task goes into the draft and the template."""

from __future__ import annotations

import json
import os

from git_okstra.core import drafting, names
from git_okstra.core.drafting import Changed, Check, Material, Text
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.core.verdicts import Verdict
from git_okstra.git import summaries
from git_okstra.operations import plans, verdict
from git_okstra.operations.context import Context
from git_okstra.operations.handoff_intent import Intent
from git_okstra.state import files, resources

SHIPPED = "share/templates/pull-request.md"
LARGEST = 1 << 18
"""The most bytes that a template or a message may have."""


def material(ctx: Context, task: Task, fork: str, head: str, found: Verdict) -> Material:
    """What the draft is made from; after a squash the commits are those that it took the place of."""
    stored = plans.stored(ctx, task)
    commits = summaries.messages(ctx.common_dir, fork, squashed_from(ctx, task, head) or head)
    lines = summaries.changed_lines(ctx.common_dir, fork, head)
    return Material(
        task.id,
        task.title or (stored.plan.title if stored else ""),
        task.category,
        [(stage.number, stage.title) for stage in stored.plan.stages] if stored else [],
        commits,
        [Changed(*line) for line in lines],
        task.links,
        _checks(ctx, task, found),
        f"{found.verdict} {head[:12]} on {found.time}",
    )


def squashed_from(ctx: Context, task: Task, head: str) -> str | None:
    """The tip that a squash at `head` took the place of, None when there is no squash there."""
    squashes = ctx.store.history(task.key.group, task.key.task).squashes
    return next((old for old, new in reversed(squashes) if new == head), None)


def template(ctx: Context, given: str | None, worktree: str) -> str:
    """The text of the template: the one given, else that of the setting pr.template, else the one that ships.

    The setting names a file from the root of the worktree; that stays in it, whatever links are there.
    Raises `usage` or `bad-config` when it cannot be read.
    """
    if given is not None:
        return read(given if given == "-" else os.path.join(ctx.directory, given), "template")
    origin = ctx.settings.origin("pr.template")
    named = str(origin.value)
    if not named:
        return resources.read(SHIPPED)
    home = ctx.environ.get("HOME") or os.path.expanduser("~")
    path = f"{home}/{named[2:]}" if named.startswith("~/") else os.path.join(worktree, named)
    if not named.startswith(("/", "~/")):
        real, root = os.path.realpath(path), os.path.realpath(worktree)
        if not real.startswith(f"{root}/"):
            raise _unreadable(named, "leads out of the project", origin.where)
    try:
        return read(path, "template")
    except OkstraError as error:
        raise _unreadable(named, error.message.rpartition(": ")[2], origin.where) from None


def read(path: str, what: str) -> str:
    """The text of a file that a person named, a `message` or a `template`; `-` is standard input. Raises `usage`."""
    try:
        with open("/dev/stdin" if path == "-" else path, "rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode()
    except OSError as error:
        raise _not_read(path, what, (error.strerror or f"{error}").lower()) from None
    except UnicodeDecodeError:
        raise _not_read(path, what, "it is not UTF-8") from None
    if len(data) > LARGEST:
        raise _not_read(path, what, "it is too large")
    return text


def require_message(text: str) -> str:
    """The message, cleaned. Raises OkstraError `usage` when it says nothing."""
    message = drafting.clean(text)
    if not message.strip():
        raise OkstraError("usage", "the message is empty", "write one: git okstra handoff --message-file FILE")
    return message


def keep(ctx: Context, task: Task, intent: Intent) -> tuple[str, str | None]:
    """Leave the texts on disk: the files of the commit message and of the pull request's body (None without one)."""
    directory = f"{ctx.store.task_directory(task.key.group, task.key.task)}/handoff"
    message = f"{directory}/commit-message.txt"
    files.write_atomic(message, intent.message.encode("utf-8", "surrogateescape"))
    if intent.action != "pr":
        return message, None
    body = f"{directory}/pull-request.md"
    files.write_atomic(body, intent.body.encode("utf-8", "surrogateescape"))
    return message, body


def draft(what: Material, pattern: str, *, message: str | None, title: str | None) -> Text:
    """The texts. Raises `usage` for a message or title that says nothing."""
    if title is not None and not drafting.title_line(title):
        raise OkstraError("usage", "the title is empty", "write one: git okstra handoff --title TEXT")
    return drafting.draft(what, pattern, message=require_message(message) if message is not None else None, title=title)


def _checks(ctx: Context, task: Task, found: Verdict) -> list[Check]:
    """The commands of the gate, from the report, which is as it was written while the verdict holds."""
    report = json.loads(files.read(verdict.report_path(ctx, task, found)) or b"{}")
    return [Check(one["command"], one["status"]) for one in report.get("commands", [])]


def _unreadable(named: str, why: str, where: str) -> OkstraError:
    return OkstraError(
        "bad-config",
        f"{where}: pr.template '{names.printable(named)}' cannot be used: {why}",
        "see every scope: git okstra config get pr.template --scope all\n"
        "or name one for once: git okstra handoff --template FILE",
    )


def _not_read(path: str, what: str, why: str) -> OkstraError:
    option = "--message-file" if what == "message" else "--template"
    shown = names.printable(path)
    return OkstraError(
        "usage", f"the {what} '{shown}' cannot be read: {why}", f"name another: git okstra handoff {option} FILE"
    )
