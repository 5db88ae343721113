"""Which ports belong to a worktree: a block of ten, the same each time, told from its path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

BLOCK = 10
"""Ports in a block."""

FIRST, BLOCKS = 20000, 1000
"""Where the blocks begin, and how many there are: below the ports that systems give out by themselves."""


def blocks(path: str) -> Iterator[int]:
    """The first port of the worktree's block, then those of the blocks to take where that one is in use."""
    start = int.from_bytes(hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()[:8]) % BLOCKS
    for step in range(BLOCKS):
        yield FIRST + (start + step) % BLOCKS * BLOCK
