"""Drawings on a terminal are as wide as it is, and a file's name says how to draw."""

from __future__ import annotations

import os

import pexpect
import pytest

from git_okstra.cli import drawings
from git_okstra.core import columns
from support import tickets
from support.repositories import ScratchRepository
from support.tickets import Command


def test_no_line_is_wider_than_the_terminal(okstra: Command, repository: ScratchRepository) -> None:
    task = tickets.start(okstra, repository, {1: (), 2: (1,), 3: (1, 2)})
    okstra("stage", "1", cwd=task, env={"OKSTRA_OWNER": "someone.with.a.long.name@a-host.of-a-long.name.example"})
    for name in ("graph", "timeline"):
        words = okstra.words(name)
        child = pexpect.spawn(
            words[0], words[1:], cwd=task, env=dict(os.environ), dimensions=(30, 50), encoding="utf-8"
        )
        lines = child.read().splitlines()
        child.close()
        assert child.exitstatus == 0
        drawn = lines if name == "graph" else lines[1:3]
        assert any("…" in line for line in drawn)
        assert all(columns.width(line) <= 50 for line in drawn)


@pytest.mark.parametrize(
    ("shape", "file", "chosen"),
    [
        (None, None, "text"),
        (None, "-", "text"),
        (None, "x.txt", "text"),
        (None, "a.b/x.SVG", "svg"),
        (None, "x.gv", "dot"),
        (None, "x.mmd", "mermaid"),
        ("dot", "x.svg", "dot"),
    ],
)
def test_how_to_draw(shape: str | None, file: str | None, chosen: str) -> None:
    assert drawings.chosen(shape, file, "text", "mermaid", "dot", "svg") == chosen


def test_a_format_that_the_command_does_not_have_is_not_chosen() -> None:
    assert drawings.chosen(None, "x.dot", "text", "svg") == "text"
