"""Which commands of the project's committed file the user has approved, in `<common dir>/okstra/trusted.json`.

What is approved is the exact text of a list of commands, in its order, for this clone. A list that differs in anything
is another list and not approved. Several lists may be approved at a time, so that worktrees on branches with different
`.okstra.toml` do not take each other's approval away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from git_okstra.core import formats
from git_okstra.core.errors import OkstraError
from git_okstra.state import files


def trusted(common_dir: str, commands: Sequence[str]) -> bool:
    """Whether exactly these commands were approved; nothing to run needs no approval.

    Raises OkstraError `damaged-file` or `newer-format` when the record cannot be read.
    """
    if not commands:
        return True
    return any(entry["commands"] == list(commands) for entry in _approved(common_dir))


def trust(common_dir: str, commands: Sequence[str], owner: str, time: str) -> bool:
    """Record that `owner` approved exactly these commands at `time` (RFC 3339, UTC); False if that was so already.

    Raises OkstraError `damaged-file`, `newer-format` or `cannot-write`.
    """
    if trusted(common_dir, commands):
        return False
    entry = {"commands": list(commands), "owner": owner, "time": time}
    _write(common_dir, [*_approved(common_dir), entry])
    return True


def untrust(common_dir: str) -> bool:
    """Take back every approval, of a damaged record too; False if there was none.

    Raises OkstraError `newer-format` or `cannot-write`.
    """
    if not recorded(common_dir):
        return False
    _write(common_dir, [])
    return True


def recorded(common_dir: str) -> bool:
    """Whether there is any approval, be it in a record that is damaged. Raises OkstraError `newer-format`."""
    try:
        return bool(_approved(common_dir))
    except OkstraError as error:
        if error.code != "damaged-file":
            raise
        return True


def _path(common_dir: str) -> str:
    return os.path.join(common_dir, "okstra", "trusted.json")


def _approved(common_dir: str) -> list[dict[str, Any]]:
    path = _path(common_dir)
    data = files.read(path)
    if data is None:
        return []
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(record, dict):
        raise _damaged(path)
    formats.require_known(record, path)
    approved = record.get("approved")
    if not isinstance(approved, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("commands"), list) for entry in approved
    ):
        raise _damaged(path)
    return approved


def _damaged(path: str) -> OkstraError:
    return OkstraError(
        "damaged-file",
        f"'{path}' is no record of approved commands",
        "git okstra config untrust (takes every approval back and begins a new record)",
    )


def _write(common_dir: str, approved: list[dict[str, Any]]) -> None:
    record = {"format": formats.FORMAT, "approved": approved}
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    files.write_atomic(_path(common_dir), text.encode())
