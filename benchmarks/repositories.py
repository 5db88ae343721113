"""The repositories that the benchmarks work on: made anew each time, alike on every machine.

small: 10 files. medium: 1,000 files, 5,000 commits. large: 50,000 files. deep: 1,000,000 commits.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

QUIET = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"]
"""No housekeeping beside what is measured."""


def make(path: str, *, files: int, commits: int, env: dict[str, str]) -> str:
    """A repository at `path` with `files` small files in directories of fifty, and `commits` commits on main.

    Every second of a hundred commits is on a side line that is merged, as in a project where people work on branches.
    """
    os.makedirs(path)
    git(path, env, "init", "-q", "-b", "main")
    words = ["git", *QUIET, "fast-import", "--quiet", "--force"]
    with subprocess.Popen(words, cwd=path, env=env, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        for piece in _stream(files, commits):
            importer.stdin.write(piece)
        importer.stdin.close()
        if importer.wait() != 0:
            raise SystemExit("git fast-import failed")
    if files <= 1000:
        git(path, env, "reset", "-q", "--hard")
    return path


def git(path: str, env: dict[str, str], *words: str) -> str:
    """Run git there; what it printed."""
    done = subprocess.run(["git", *QUIET, *words], cwd=path, env=env, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().rstrip("\n")


def _stream(files: int, commits: int) -> Iterator[bytes]:
    yield b"reset refs/heads/main\n"
    content = b"".join(
        b"M 100644 inline d%d/f%d\ndata %d\n%s\n" % (number // 50, number, len(text), text)
        for number in range(files)
        for text in [b"%d\n" % number * 40]
    )
    side = 0
    for number in range(1, commits + 1):
        branch = b"refs/heads/side" if number % 100 == 50 else b"refs/heads/main"
        head = b"commit %s\nmark :%d\ncommitter B <b@example.com> %d +0000\ndata 1\nx\n"
        piece = head % (branch, number, 1_600_000_000 + number * 60)
        if number == 1:
            piece += content
        elif number % 100 == 50:
            side = number
            piece += b"from :%d\nM 100644 inline side\ndata 8\n%08d\n" % (number - 30, number)
        else:
            before = number - 1 if number - 1 != side else number - 2
            piece += b"from :%d\n" % before
            if number % 100 == 90 and side:
                piece += b"merge :%d\n" % side
            piece += b"M 100644 inline line\ndata 8\n%08d\n" % number
        yield piece + b"\n"
