"""Numbered points at which a test may stop the process, as `kill -9` or a power cut would.

Every rename, append, removal and git call (before and after) and every lock and hold taken or given back passes through
`reach`, because each has one door. So a test enumerates the points of a command by recording one undisturbed run, and
then stops a fresh run at each of them in turn; a new step is covered without anyone remembering it.

Environment variables, for tests alone:

- `OKSTRA_CRASH_LOG=FILE` appends the name of each point as it is reached.
- `OKSTRA_CRASH_AT=N` kills the whole process group when the N-th point (counted from 1) is reached.
- `OKSTRA_CRASH_SIGNAL=NAME` sends the group that signal (`SIGINT`, say) instead; `NAME alone` only the process itself.
- `OKSTRA_CRASH_FAIL=EIO@N` has the system call behind the N-th point fail with that error, when it is one before a
  call: a rename, an append, a removal, a start of git.
"""

from __future__ import annotations

import os

_reached = 0


def reach(name: str) -> None:
    """Pass the point called `name`; does nothing unless a test asked for it, and raises OSError when that asks for it.

    So a point before a system call is passed where a failure of that call is caught.
    """
    log = os.environ.get("OKSTRA_CRASH_LOG")
    at = os.environ.get("OKSTRA_CRASH_AT")
    fail = os.environ.get("OKSTRA_CRASH_FAIL")
    if log is None and at is None and fail is None:
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

        name_of_signal, _, alone = os.environ.get("OKSTRA_CRASH_SIGNAL", "SIGKILL").partition(" ")
        if alone:
            os.kill(os.getpid(), signal.Signals[name_of_signal])
        else:
            os.killpg(0, signal.Signals[name_of_signal])
    if fail is not None and name.endswith(": before"):
        import errno

        reason, _, number = fail.partition("@")
        if _reached == int(number):
            code = getattr(errno, reason)
            raise OSError(code, os.strerror(code))
