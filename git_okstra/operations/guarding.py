"""`git okstra guard install` and `uninstall`: the entries in an agent client's settings that have the guard asked.

Each client has a file in the project (the pages that tell its form are named at `CLIENTS`). Everything else in it stays
as it is. What a file was before is kept in the store, so that `uninstall` gives it back byte for byte when nobody has
changed it since; else exactly our own entries are taken out.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from typing import Any

from git_okstra.core import json_text, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.operations.context import Context
from git_okstra.state import files

INSTALL, UNINSTALL = "install", "uninstall"
LARGEST = 1 << 20
"""The most bytes a settings file may have."""


@dataclass(frozen=True, slots=True)
class Client:
    """The settings file of a client, below the root of the worktree, and our entries: path of the list, entry."""

    file: str
    entries: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...]
    fresh: str = "{}\n"
    """What a file that is made begins with."""


def _command(client: str) -> str:
    # A client goes on when a hook fails in any other way than with exit status 2: without git okstra nothing may pass.
    return f"git okstra guard --format {client} || exit 2"


def _matcher(client: str, matcher: str, **more: Any) -> dict[str, Any]:
    return {"matcher": matcher, "hooks": [{"type": "command", "command": _command(client), **more}]}


CLIENTS: dict[str, Client] = {
    # https://code.claude.com/docs/en/hooks
    "claude": Client(
        ".claude/settings.json",
        ((("hooks", "PreToolUse"), _matcher("claude", "Bash|Edit|MultiEdit|Write|NotebookEdit", timeout=60)),),
    ),
    # https://developers.openai.com/codex/hooks
    "codex": Client(
        ".codex/hooks.json",
        ((("hooks", "PreToolUse"), _matcher("codex", "Bash|apply_patch|Edit|Write", timeout=60)),),
    ),
    # https://geminicli.com/docs/hooks/reference (times in milliseconds)
    "gemini": Client(
        ".gemini/settings.json",
        (
            (
                ("hooks", "BeforeTool"),
                _matcher("gemini", "run_shell_command|write_file|replace|edit", name="okstra-guard", timeout=60000),
            ),
        ),
    ),
    # https://cursor.com/docs/agent/hooks
    "cursor": Client(
        ".cursor/hooks.json",
        (
            (("hooks", "beforeShellExecution"), {"command": _command("cursor"), "failClosed": True}),
            (
                ("hooks", "preToolUse"),
                {"command": _command("cursor"), "matcher": "Write|Edit|Delete", "failClosed": True},
            ),
        ),
        '{\n  "version": 1\n}\n',
    ),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """The file, and whether it changed (or would)."""

    path: str
    changed: bool


def change(ctx: Context, action: str, name: str, *, dry_run: bool = False) -> Changed:
    """Put the guard into the settings of the client called `name`, or take it out, in the worktree stood in.

    Raises `bad-config` when the file cannot be read or is not of the client's form, `not-a-repository`,
    `cannot-write`.
    """
    client = CLIENTS[name]
    root = ctx.repository.worktree
    if root is None:
        raise OkstraError("not-a-repository", "there is no worktree here", "change into a worktree of the project")
    path = f"{root}/{client.file}"
    before = _read(path)
    after = _installed(path, client, before) if action == INSTALL else _uninstalled(ctx, path, name, before)
    if after == before:
        return Changed(path, False)
    if not dry_run:
        with ctx.store.locked():
            _write(ctx, path, name, before, after, keep=action == INSTALL)
    return Changed(path, True)


def _installed(path: str, client: Client, before: str | None) -> str:
    text = before if before is not None and before.strip() else client.fresh
    for place, entry in client.entries:
        try:
            if entry not in _list_at(text, place):
                text = json_text.added(text, place, entry)
        except ValueError as error:
            raise _unfit(path, str(error)) from None
    return text


def _uninstalled(ctx: Context, path: str, name: str, before: str | None) -> str | None:
    if before is None:
        return None
    record = ctx.store.load_json(_record_path(ctx, path, name))
    if record is not None and record.get("after") == _digest(before):
        was = record.get("before")
        return was if isinstance(was, str) else None
    client = CLIENTS[name]
    text = before
    for place, entry in client.entries:
        try:
            _list_at(text, place)
            text = json_text.without(text, place, entry)
        except ValueError as error:
            raise _unfit(path, str(error)) from None
    emptied = text != before and text.strip() in ("{}", client.fresh.strip())
    return None if emptied and record is not None and record.get("before") is None else text


def _list_at(text: str, place: tuple[str, ...]) -> list[Any]:
    """The list at `place`, an empty one when it is not there. Raises ValueError when something else stands there."""
    try:
        found: Any = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    above = "it"
    for key in place:
        if not isinstance(found, dict):
            raise ValueError(f"{above} is not an object")
        if key not in found:
            return []
        found, above = found[key], f"'{key}'"
    if not isinstance(found, list):
        raise ValueError(f"{above} is not a list")
    return found


def _unfit(path: str, why: str) -> OkstraError:
    return OkstraError(
        "bad-config",
        f"'{names.printable(path)}' cannot be used: {names.printable(why)}",
        "mend the file, or move it away, and run the same command again; nothing was changed",
    )


def _read(path: str) -> str | None:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unfit(path, error.strerror or str(error)) from None
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
        raise _unfit(path, "it is not a file of settings")
    try:
        return (files.read(path) or b"").decode()
    except UnicodeDecodeError:
        raise _unfit(path, "it is not UTF-8") from None
    except OkstraError as error:
        raise _unfit(path, error.message) from None


def _write(ctx: Context, path: str, name: str, before: str | None, after: str | None, *, keep: bool) -> None:
    record = _record_path(ctx, path, name)
    if after is None:
        files.remove(path)
    else:
        target = os.path.realpath(path)
        mode = stat.S_IMODE(os.stat(target).st_mode) if before is not None else 0o644
        if keep:
            ctx.store.save_json(record, {"path": path, "before": before, "after": _digest(after)})
        files.write_atomic(target, after.encode(), mode, draft=ctx.store.root)
    if not keep:
        files.remove(record)


def _record_path(ctx: Context, path: str, name: str) -> str:
    return f"{ctx.store.root}/guard/{name}-{_digest(path)[:16]}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
