"""The tour leaves nothing behind, also when it is told to stop in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.tickets import Command


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_tour_that_is_stopped_takes_its_directory_along(okstra: Command, tmp_path: Path, number: int) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        okstra.words("tour"),
        env=os.environ | {"TMPDIR": f"{scratch}", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()  # the first step was played; the next one is under way
        assert len(list(scratch.iterdir())) == 1
        child.send_signal(number)
        child.stdout.read()
    assert child.returncode == 128 + number
    assert list(scratch.iterdir()) == []
