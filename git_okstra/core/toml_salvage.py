"""What can still be read of a TOML file that was cut short or overwritten in part."""

from __future__ import annotations

from typing import Any

LARGEST = 64 * 1024
"""Bytes; files of ours are far smaller, and each line may cost a reading."""


def salvage(data: bytes) -> dict[str, Any]:
    """The document that the longest readable beginning of `data`, in whole lines, holds; empty when there is none."""
    import tomllib

    lines = data[:LARGEST].split(b"\n")
    for count in range(len(lines), 0, -1):
        try:
            return tomllib.loads(b"\n".join(lines[:count]).decode())
        except (ValueError, RecursionError):
            continue
    return {}
