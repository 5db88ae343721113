"""The environment of a test: nothing of the developer's, the same on every machine.

`sealed` is a pure function, so that a test can ask what it would make of a poisoned environment.
"""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path

SCRIPTS = sysconfig.get_path("scripts")
"""Where the console scripts of the running interpreter are."""

_REMOVED_PREFIXES = ("GIT_", "OKSTRA_", "XDG_", "LC_")
_REMOVED = frozenset(
    {
        # what would change a program's language, look or choice of editor
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLORTERM",
        "COLUMNS",
        "EDITOR",
        "FORCE_COLOR",
        "GREP_OPTIONS",
        "LANG",
        "LANGUAGE",
        "LESS",
        "LINES",
        "LV",
        "MANPATH",
        "VISUAL",
        # what a shell reads before its script
        "BASH_ENV",
        "CDPATH",
        "ENV",
        # who one is, and who may be asked
        "EMAIL",
        "SSH_ASKPASS",
        # what users do not have set, and what would let a test import another checkout
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONWARNINGS",
    }
)

GITCONFIG = """\
[init]
	defaultBranch = main
[core]
	fsync = none
[gc]
	auto = 0
[maintenance]
	auto = false
"""
"""A new repository says nothing about branch names, git does not wait for the disk, and it leaves no process behind."""


def sealed(outside: Mapping[str, str], root: Path) -> dict[str, str]:
    """The environment `outside` with everything personal replaced by what lies under `root`.

    What a machine needs to work at all (PATH, certificates, a package index) stays.
    """
    home = root / "home"
    kept = {
        name: value
        for name, value in outside.items()
        if not name.startswith(_REMOVED_PREFIXES) and name not in _REMOVED
    }
    return kept | {
        "HOME": f"{home}",
        "XDG_CACHE_HOME": f"{home}/.cache",
        "XDG_CONFIG_HOME": f"{home}/.config",
        "XDG_DATA_HOME": f"{home}/.local/share",
        "XDG_STATE_HOME": f"{home}/.local/state",
        "TMPDIR": f"{root}/tmp",
        "WORKSPACE": f"{root}/tmp",  # where pytest-git makes its folders
        "OKSTRA_HOME": f"{home}/.okstra",
        "PATH": os.pathsep.join([SCRIPTS, *_without(outside.get("PATH", os.defpath), SCRIPTS)]),
        "OKSTRA_HOOKS_INSTALL": "false",  # the tests of the hooks, and the transcripts, take this out
        "GIT_CONFIG_GLOBAL": f"{home}/.gitconfig",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": f"{root.parent}",
        "GIT_AUTHOR_NAME": "Ada Lovelace",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada Lovelace",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
        "GIT_EDITOR": "false",  # an editor that nobody expected fails at once and does not wait
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
        "PAGER": "cat",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "TZ": "UTC",
    }


def prepare(root: Path) -> None:
    """Make the directories and the git configuration that `sealed` speaks of."""
    (root / "home").mkdir(parents=True)
    (root / "tmp").mkdir()
    (root / "home" / ".gitconfig").write_text(GITCONFIG)


def _without(path: str, directory: str) -> list[str]:
    return [entry for entry in path.split(os.pathsep) if entry and entry != directory]
