"""The format versions of the files we write, and the refusal to touch a newer one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from git_okstra.core.errors import OkstraError

FORMAT = 1
"""The version that this program writes and the newest that it reads."""


def require_known(document: Mapping[str, Any], path: str) -> None:
    """Raise OkstraError `newer-format` when `document`, read from `path`, was written by a newer version."""
    version = document.get("format")
    if isinstance(version, int) and not isinstance(version, bool) and version > FORMAT:
        raise OkstraError(
            "newer-format",
            f"'{path}' has format {version}; this git okstra knows formats up to {FORMAT} and leaves it alone",
            "upgrade git okstra: python3 -m pip install --upgrade git-okstra",
        )
