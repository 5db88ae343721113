"""Our JSON files: one object each, of a known format version, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from git_okstra.core import formats
from git_okstra.core.errors import OkstraError
from git_okstra.state import files


def load(path: str, hint: str) -> dict[str, Any] | None:
    """The object in a file, or None when there is no such file.

    Raises OkstraError `damaged-file` with the `hint`, or `newer-format`.
    """
    data = files.read(path)
    if data is None:
        return None
    try:
        document = json.loads(data.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        raise damaged(path, "it is not JSON", hint) from None
    if not isinstance(document, dict):
        raise damaged(path, "it is not a JSON object", hint)
    formats.require_known(document, path)
    return document


def save(path: str, document: Mapping[str, Any], mode: int = 0o644) -> None:
    """Write an object; `mode` is as of `files.write_atomic`. Raises OkstraError `cannot-write`."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    files.write_atomic(path, text.encode("utf-8", "surrogateescape") + b"\n", mode)


def damaged(path: str, why: str, hint: str) -> OkstraError:
    """What is raised of a file of ours that says nothing of use."""
    return OkstraError("damaged-file", f"'{path}' cannot be used: {why}", hint)
