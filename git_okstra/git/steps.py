"""What the git floor renames and removes in git's own directories: each is a point at which a test may stop us.

Files of ours go through `state/files.py`, which syncs their directories besides.
"""

from __future__ import annotations

import os

from git_okstra import crashpoints


def rename(source: str, target: str) -> None:
    """rename(2). Raises OSError."""
    name = os.path.basename(target)
    crashpoints.reach(f"rename {name}: before")
    os.rename(source, target)
    crashpoints.reach(f"rename {name}: after")


def remove(path: str) -> None:
    """unlink(2). Raises OSError, also when it is gone already."""
    name = os.path.basename(path)
    crashpoints.reach(f"remove {name}: before")
    os.unlink(path)
    crashpoints.reach(f"remove {name}: after")
