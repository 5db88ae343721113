"""Signals that ask us to stop: Ctrl-C, SIGTERM, SIGHUP. Each ends a command as Ctrl-C does in Python, by an exception.

So whatever is under way ends its children and gives back its locks on the way out; what is half done is there to be
finished by the next command, as after `kill -9`. A signal that our parent ignores (`nohup`, a background job of a
script) stays ignored, here and in children. Nothing happens before `listen`, which only the door calls.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_received = 0
_shields = 0


def listen() -> None:
    """Have each of the signals raise KeyboardInterrupt from here on."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    sys.unraisablehook = _unraisable


def deaf() -> None:
    """Ignore the signals from here on, if they were listened to: all that is left is to say how it went."""
    for number in SIGNALS:
        if signal.getsignal(number) == _stop:
            signal.signal(number, signal.SIG_IGN)


def status() -> int:
    """The exit status of what was stopped, as a shell gives it: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
    return 128 + (_received or signal.SIGINT)


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Put a signal off to the end of the block, for a step after which there is something to clean up."""
    global _shields
    before = _received
    _shields += 1
    try:
        yield
    finally:
        _shields -= 1
    if _received and not before and not _shields:
        raise KeyboardInterrupt


def _stop(number: int, _frame: FrameType | None) -> None:
    global _received
    _received = number
    if not _shields:
        raise KeyboardInterrupt


def _unraisable(fault: sys.UnraisableHookArgs) -> None:
    """A signal that met Python where it can raise nothing (in a finalizer) comes again; all else is told as usual."""
    if isinstance(fault.exc_value, KeyboardInterrupt):
        os.kill(os.getpid(), _received or signal.SIGINT)
    else:
        sys.__unraisablehook__(fault)
