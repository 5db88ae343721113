"""The published schema of the settings file and the program agree on what may stand in one."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import jsonschema
import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import config
from support import config_schema

SCHEMA: dict[str, Any] = json.loads(config_schema.PATH.read_text())

FILES = [
    "",
    "[start]\nbase = 'main'\nfetch = true\nlifecycle = 'full'\n",
    "[start]\nbsae = 'main'\n",
    "[start]\nbase = 5\n",
    '[start]\nbase = "a\\nb"\n',
    '[start]\nbase = "a\\u0085b"\n',
    "start = 'main'\n",
    "[nonsense]\n",
    "[start]\n",
    "[start]\nlifecycle = 'heavy'\n",
    "[start]\nfetch = 'yes'\n",
    "[categories]\nnames = ['feat']\n[categories.aliases]\ndoc = 'docs'\n",
    "[categories.aliases]\ndoc = 5\n",
    "[categories.aliases]\ndoc = ''\n",
    "[categories.aliases]\n' ' = 'docs'\n",
    "[worktree]\nlink = ['node_modules', '.env']\nsetup = [\"make\\n\\tall\"]\n",
    "[worktree]\nlink = ['']\n",
    "[worktree]\nlink = ['a', 5]\n",
    '[worktree]\nlink = ["a\\tb"]\n',
    '[worktree]\nsetup = ["  \\n "]\n',
    '[worktree]\nsetup = ["a\\rb"]\n',
    "[trash]\nkeep = '1h 30m'\n",
    "[trash]\nkeep = ''\n",
    "[trash]\nkeep = '7'\n",
    "[trash]\nkeep = 'soon'\n",
    "[trash]\nkeep = '1 0s'\n",
    "[trash]\nkeep = 7\n",
    "[checkout]\nworkers = 4\n",
    "[checkout]\nworkers = -1\n",
    "[checkout]\nworkers = true\n",
    "[checkout]\nworkers = 2147483648\n",
    "[pr]\ntemplate = 'docs/pr.md'\nforge = 'gitea'\n",
    "[pr]\nforge = 'sourcehut'\n",
    "[profiles.implementation]\nagents = ['claude', 'codex']\n",
    "[profiles.implementation]\nagent = ['claude']\n",
    "[profiles.release-handoff]\n",
    "[profiles]\nimplementation = ['claude']\n",
]


def test_the_schema_is_that_of_the_settings() -> None:
    told = "the table of settings has changed; write it anew: python tests/support/config_schema.py"
    assert config_schema.PATH.read_text(encoding="utf-8") == config_schema.wanted(), told
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", FILES)
def test_an_editor_and_the_program_find_fault_with_the_same_files(text: str) -> None:
    try:
        faults = config.read_file("clone", "config.toml", text.encode())[1]
    except OkstraError as error:
        faults = [error.message]
    errors = [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(tomllib.loads(text))]
    assert bool(faults) == bool(errors), (faults, errors)
