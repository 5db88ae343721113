"""Finds the files that come with the program: templates, schemas, completions, hook scripts, manual pages.

A wheel carries them inside the package, in `git_okstra/data/`; in a checkout (an editable install) they lie at its
root.
"""

from __future__ import annotations

import os

from git_okstra.core.errors import OkstraError

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def package_root() -> str:
    """The directory from which `git_okstra` is imported."""
    return os.path.dirname(_PACKAGE)


def path(relative: str) -> str:
    """The absolute path of a file or directory that came with the program, for example `share/templates/plan.toml`.

    `relative` starts with `share/`, `hooks/` or `man/`. Raises OkstraError `damaged-file` when it is missing.
    """
    carried = os.path.join(_PACKAGE, "data")
    root = carried if os.path.isdir(carried) else os.path.dirname(_PACKAGE)
    found = os.path.join(root, relative)
    if not os.path.exists(found):
        raise OkstraError(
            "damaged-file",
            f"the installation is incomplete: '{found}' is missing",
            "install it again: python3 -m pip install --force-reinstall git-okstra",
        )
    return found


def read(relative: str) -> str:
    """The text of such a file. Raises OkstraError `damaged-file` when it is missing."""
    with open(path(relative), encoding="utf-8") as file:
        return file.read()
