"""Runs `git okstra` hundreds of times without starting Python each time: what a run costs is then what its git costs.

A process that has imported everything forks a child for each run, in a session of its own, and the child calls what the
console script calls. Nothing carries over from one run to the next but the loaded modules.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from support import processes
from support.processes import Ended, Where

_SERVER = r"""
import importlib, json, os, pkgutil, sys, traceback

import git_okstra
for found in pkgutil.walk_packages(git_okstra.__path__, "git_okstra."):
    importlib.import_module(found.name)
from git_okstra.cli import entry


def child(asked):
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    streams = ((0, os.devnull, os.O_RDONLY), (1, asked["out"], os.O_WRONLY), (2, asked["err"], os.O_WRONLY))
    for fd, path, flags in streams:
        os.dup2(os.open(path, flags), fd)
    sys.argv = asked["words"]
    try:
        entry.main()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        child(json.loads(line))
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    answers.write(json.dumps([pid, status]) + "\n")
    answers.flush()
"""


class Preloaded:
    """The process that forks. It ends with `close`."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._directory = tempfile.TemporaryDirectory()

    def close(self) -> None:
        """End it."""
        assert self._server.stdin and self._server.stdout
        self._server.stdin.close()
        self._server.wait(processes.PATIENCE)
        self._server.stdout.close()
        self._directory.cleanup()

    def run(self, *args: str, cwd: Where, env: Mapping[str, str] | None = None) -> Ended:
        """`git okstra ARGS` in `cwd`, to its end. Fails the test on a traceback and on a fault of ours."""
        ended = self._run(args, cwd, env or {})[1]
        assert "Traceback (most recent call last)" not in ended.err, f"{ended}"
        assert ended.error != "internal", f"{ended}"
        return ended

    def points(self, *args: str, cwd: Where) -> list[str]:
        """The names of the points that it passes, in order; it must succeed."""
        log = os.path.join(self._directory.name, "points")
        self.run(*args, cwd=cwd, env={"OKSTRA_CRASH_LOG": log}).require_success()
        with open(log, encoding="utf-8") as file:
            found = [line.rstrip("\n").partition(" ")[2] for line in file]
        os.unlink(log)
        return found

    def crash(self, *args: str, at: int, cwd: Where) -> Ended:
        """Have it die with all its children at its `at`-th point."""
        pid, ended = self._run(args, cwd, {"OKSTRA_CRASH_AT": f"{at}"})
        assert ended.status == -signal.SIGKILL, f"point {at} was not reached\n{ended}"
        processes._await_end_of_session(pid)
        return ended

    def _run(self, args: Sequence[str], cwd: Where, env: Mapping[str, str]) -> tuple[int, Ended]:
        assert self._server.stdin and self._server.stdout
        out, err = (os.path.join(self._directory.name, name) for name in ("out", "err"))
        for path in (out, err):
            with open(path, "wb"):
                pass
        words = ["git-okstra", *args]
        asked = {"words": words, "cwd": os.fspath(cwd), "env": os.environ | dict(env), "out": out, "err": err}
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        pid, status = json.loads(self._server.stdout.readline())
        with open(out, "rb") as told, open(err, "rb") as said:
            return pid, Ended(tuple(words), status, os.fsdecode(told.read()), os.fsdecode(said.read()))
