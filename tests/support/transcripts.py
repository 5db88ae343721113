"""Runs terminal sessions as tests: files in prysk's format, and the examples of a Markdown page.

A session runs in one shell, in a directory and an environment of its own. What it prints is held against what is
written; `(glob)` and `(re)` at the end of an expected line, and `[1]` for an exit status, are prysk's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import prysk.diff  # type: ignore[import-untyped]
import prysk.test  # type: ignore[import-untyped]

from support import sealing

MATCHERS = [prysk.diff.esc, prysk.diff.glob, prysk.diff.regex]

FIXED = {
    # The same dates for every commit make the same ids in every run.
    "GIT_AUTHOR_DATE": "2026-01-05T10:00:00+00:00",
    "GIT_COMMITTER_DATE": "2026-01-05T10:00:00+00:00",
    "OKSTRA_OWNER": "ada@example",
    # Wide enough that no line is broken at a place which depends on the length of the temporary directory.
    "COLUMNS": "200",
    "LINES": "50",
}


class Outcome(NamedTuple):
    """The lines of a session as written and as they came out, and the difference (empty when they agree)."""

    written: list[bytes]
    printed: list[bytes]
    difference: str


def environment(outside: Mapping[str, str], root: Path, beside: Path) -> dict[str, str]:
    """What a session sees: the sealed environment, all in `root`, its `$TMPDIR`; `beside` is its `$TESTDIR`."""
    sealed = sealing.sealed(outside, root)
    del sealed["OKSTRA_HOOKS_INSTALL"]  # a session shows what users see
    return sealed | FIXED | {"TMPDIR": f"{root}", "OKSTRA_HOME": f"{root}/okstra", "TESTDIR": f"{beside}"}


def run(lines: bytes, name: Path, root: Path, beside: Path) -> Outcome:
    """Run a session whose shell starts in the (present) directory `root`; `name` is shown in the difference.

    The caller has changed to `root` and set TMPDIR to it: prysk takes both from this process.
    """
    assert os.environ["TMPDIR"] == os.getcwd() == f"{root}"
    sealing.prepare(root)
    written, printed, difference = prysk.test.test(
        lines, "/bin/sh", testname=name, env=environment(os.environ, root, beside), cleanenv=False
    )
    if printed is None:  # prysk's sign for "skip this one", which would hide a session that went wrong
        return Outcome(written, written, f"{name}: the shell ended with exit status 80\n")
    return Outcome(written, printed, b"".join(difference).decode())


def updated(outcome: Outcome) -> bytes:
    """The session with the lines that did not match replaced by what was printed; patterns that match stay."""
    matcher = prysk.diff._SequenceMatcher(None, outcome.written, outcome.printed, matchers=MATCHERS)
    merged: list[bytes] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        merged += outcome.written[i1:i2] if tag == "equal" else outcome.printed[j1:j2]
    return b"".join(merged)


_BLOCK = re.compile(
    r"^(?:```console\n(?P<shown>.*?)^```$|<!-- console\n(?P<hidden>.*?)^-->$)", re.MULTILINE | re.DOTALL
)


def from_markdown(page: str) -> bytes:
    """The ```console blocks of a page as one session; `<!-- console … -->` comments take part and are not displayed.

    In a block a line that starts with `$ ` is a command, `> ` continues it, `[1]` is an exit status, and the rest is
    output, in which `…` stands for anything within a line.
    """
    return b"".join(
        line.encode() for block in _BLOCK.finditer(page) for line in _session(block["shown"] or block["hidden"])
    )


def _session(block: str) -> Iterator[str]:
    for line in block.splitlines():
        if "…" in line and not line.startswith(("$ ", "> ")):
            yield "  " + re.sub(r"([\\*?])", r"\\\1", line).replace("…", "*") + " (glob)\n"
        else:
            yield f"  {line}\n"
