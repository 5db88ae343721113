"""Showing a manual page."""

from __future__ import annotations

from git_okstra.git import process


def show(path: str) -> bool:
    """Show the page at `path` with man(1); False when there is none or it failed."""
    return process.run(["man", path], cwd="/", capture=False).status == 0
