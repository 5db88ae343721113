"""Names that the locale cannot write come out as the bytes they are, and nothing ends in a traceback."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import tickets
from support.repositories import ScratchRepository
from support.tickets import Command

NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES: list[dict[str, str]] = [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, NO_UTF8]


def said(okstra: Command, where: Path, env: Mapping[str, str], *words: str) -> tuple[int, bytes, bytes]:
    ended = subprocess.run(
        okstra.words(*words), cwd=where, env=os.environ | dict(env), capture_output=True, timeout=60, check=False
    )
    assert b"Traceback" not in ended.stderr and b"[internal]" not in ended.stderr, ended.stderr
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    return tickets.start(okstra, repository, None, "결제-1")


@pytest.mark.parametrize("env", LOCALES)
def test_path_gives_the_bytes(okstra: Command, repository: ScratchRepository, task: Path, env: dict[str, str]) -> None:
    for where in (repository.path, task):
        assert said(okstra, where, env, "path") == (0, os.fsencode(task) + b"\n", b"")


def test_output_is_utf8_whatever_is_asked_for(okstra: Command, task: Path) -> None:
    status, out, _ = said(okstra, task, {"PYTHONIOENCODING": "ascii"}, "status")
    assert (status, "결제-1".encode() in out) == (0, True)


def test_where_files_cannot_be_named_it_says_so(okstra: Command, task: Path) -> None:
    status, _, err = said(okstra, task, NO_UTF8, "status")
    assert status == 2
    assert b"error [bad-config]: the locale's encoding" in err
    assert b"hint: use UTF-8: LC_ALL=C.UTF-8 git okstra" in err
