"""Running a user's command line and hearing what it writes while it runs."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Callable, Mapping

from git_okstra.git import process, stopping


def watch(
    command: str,
    *,
    cwd: str,
    heard: Callable[[bytes], None],
    env: Mapping[str, str | None] | None = None,
    timeout: float | None = None,
) -> int:
    """Run a user's command line in `cwd` as `process.run` does, and hand what it writes to `heard` as it comes.

    Returns its exit status, 124 when it exceeded `timeout` seconds, 127 when it cannot be started. With the command
    ends all that it started: what went on in the background would go on changing files.
    """
    words = ["sh", "-c", command]
    process.trace(words, cwd)
    with contextlib.ExitStack() as ends:
        try:
            with stopping.shielded():
                child = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env=process.scrubbed_environment(env),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
                ends.callback(_end, child)
        except OSError as error:
            heard(f"{error.strerror or error}\n".encode())
            return 127
        timed_out = _listen(child, heard, timeout)
    return 124 if timed_out else child.returncode


def _listen(child: subprocess.Popen[bytes], heard: Callable[[bytes], None], timeout: float | None) -> bool:
    """Hand on what the child writes until it ends; whether its time was over before that."""
    assert child.stdout is not None
    fd, end = child.stdout.fileno(), None if timeout is None else time.monotonic() + timeout
    while True:
        # Not reaped yet, so that its id still stands for the group, whose other members go with it.
        ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        if ended:
            process.end_group(child.pid)
        ready, _, _ = select.select([fd], [], [], 0 if ended else 0.05)
        chunk = os.read(fd, 65536) if ready else b""
        if chunk:
            heard(chunk)
        elif ended:
            return False
        elif ready:  # it closed its output and goes on
            time.sleep(0.05)
        if not ended and end is not None and time.monotonic() >= end:
            return True


def _end(child: subprocess.Popen[bytes]) -> None:
    process.end_group(child.pid)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()
