"""Numbered points at which a test may stop the process, as `kill -9` or a power cut would.

Every rename, append, removal and git call (before and after) and every lock and hold taken or given back passes through
`reach`, because each has one door. So a test enumerates the points of a command by recording one undisturbed run, and
then stops a fresh run at each of them in turn; a new step is covered without anyone remembering it.

Environment variables, for tests alone:

- `OKSTRA_CRASH_LOG=FILE` appends the name of each point as it is reached.
- `OKSTRA_CRASH_AT=N` kills the whole process group when the N-th point (counted from 1) is reached.
- `OKSTRA_CRASH_SIGNAL=NAME` sends the group that signal (`SIGINT`, say) instead; `NAME alone` only the process itself.
"""

from __future__ import annotations

import os

_reached = 0


def reach(name: str) -> None:
    """Pass the point called `name`; does nothing unless a test asked for it."""
    log = os.environ.get("OKSTRA_CRASH_LOG")
    at = os.environ.get("OKSTRA_CRASH_AT")
    if log is None and at is None:
        return
    global _reached
    _reached += 1
    if log is not None:
        fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(fd, f"{_reached} {name}\n".encode())
        finally:
            os.close(fd)
    if at is not None and _reached == int(at):
        import signal

        name, _, alone = os.environ.get("OKSTRA_CRASH_SIGNAL", "SIGKILL").partition(" ")
        if alone:
            os.kill(os.getpid(), signal.Signals[name])
        else:
            os.killpg(0, signal.Signals[name])
