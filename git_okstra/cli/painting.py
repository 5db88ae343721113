"""What repaints: an answer that fills in while it is being found, and a screen that stays up to date.

Only on a terminal that knows cursor movement and whose foreground is ours. A line that is painted to be painted over
takes one row whatever is in it: the terminal is told not to wrap it. What was scrolled away is never painted over.
What was typed meanwhile is not shown, as it would move what is painted, and is there for the shell afterwards.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence

from git_okstra.cli import speaking
from git_okstra.core import columns
from git_okstra.core.records import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
_CLEAR_LINE, _CLEAR_BELOW = "\x1b[2K", "\x1b[J"
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"

SHARE = 4
"""At most one in so many parts of the time goes into painting what is soon painted over."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an answer, and whether it will stay as it is."""

    text: str
    settled: bool


def possible() -> bool:
    """Whether standard output is a terminal on which something can be painted over."""
    if not sys.stdout.isatty() or os.environ.get("TERM", "dumb") in ("", "dumb"):
        return False
    if os.environ.get("OKSTRA_TRACE", "0") not in ("", "0"):
        return False  # what it prints would come in between
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
        return size.columns > 0 and size.lines > 1 and os.tcgetpgrp(sys.stdout.fileno()) == os.getpgrp()
    except OSError:
        return False


@contextlib.contextmanager
def filling(run: speaking.Speaker) -> Iterator[Filling | None]:
    """What an answer fills in on; None where it is given as a whole: as a document, or where nothing can be painted."""
    if run.as_json or not possible():
        yield None
        return
    speaking.choose_colour(run.context)
    with Filling(run.speak_notes) as made:
        try:
            yield made
        finally:
            run.begun = made.permanent


class Filling:
    """An answer of which more and more is known. Used in a `with` block; left by an error, it takes back what it can.

    What fits the screen is painted at once and over again; of what is taller, lines are printed in order as they
    settle.
    """

    def __init__(self, first: Callable[[], None]) -> None:
        """`first` is called before anything is painted over: what it writes would come in between."""
        self._first = first
        self._stream = sys.stdout
        self._painted = 0
        self._printed = 0
        self._lost = False
        self._size = os.get_terminal_size(self._stream.fileno())
        self._not_before = 0.0
        self._latest: Callable[[], Sequence[Line]] | None = None
        self._ends = contextlib.ExitStack()

    def __enter__(self) -> Filling:
        self._ends.enter_context(_typed_unseen(canonical=True))
        self._ends.enter_context(_heard(signal.SIGCONT, self._lose))
        self._ends.enter_context(_heard(signal.SIGALRM, self._late))
        self._ends.callback(self._not_later)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            with contextlib.suppress(OSError):
                self._wipe()
                self._stream.flush()
        self._ends.close()

    @property
    def permanent(self) -> bool:
        """Whether something is printed that stays, so that the answer cannot begin anew."""
        return bool(self._printed)

    def fits(self, count: int) -> bool:
        """Whether so many lines can be painted over: they and the cursor's own are on the screen."""
        return count < self._size.lines

    def show(self, made: Callable[[], Sequence[Line]]) -> None:
        """Show what is known by now; when the last time took long and was just before, a little later."""
        self._not_later()
        wait = self._not_before - time.monotonic()
        if wait > 0:
            # Whatever is waited for then: the handler of the signal comes in between.
            self._latest = made
            signal.setitimer(signal.ITIMER_REAL, wait)
        elif not self._gone():
            self._show(made)

    def _show(self, made: Callable[[], Sequence[Line]]) -> None:
        begun = time.monotonic()
        lines = made()
        self._first()
        try:
            if self._printed or not self.fits(len(lines)):
                self._in_order(lines)
            else:
                self._over(lines)
        except OSError:
            self._lost = True  # who gives the answer meets it again
        self._not_before = time.monotonic() + (SHARE - 1) * (time.monotonic() - begun)

    def _late(self, _number: int, _frame: FrameType | None) -> None:
        made, self._latest = self._latest, None
        if made is not None and not self._gone():
            self._show(made)

    def _not_later(self) -> None:
        self._latest = None
        signal.setitimer(signal.ITIMER_REAL, 0)

    def end(self, lines: Sequence[str]) -> Sequence[str]:
        """Of the whole answer, what is still to be printed; what was painted to be painted over is gone."""
        self._not_later()
        if self._printed:
            return lines[self._printed :]
        if not self._gone():
            self._wipe()
        return lines

    def _over(self, lines: Sequence[Line]) -> None:
        up = f"\r\x1b[{self._painted}A" if self._painted else ""
        body = "".join(f"{_CLEAR_LINE}{_clipped(line.text, self._size.columns)}\n" for line in lines)
        self._stream.write(f"{up}{_NO_WRAP}{body}{_WRAP}")
        self._stream.flush()
        self._painted = len(lines)

    def _in_order(self, lines: Sequence[Line]) -> None:
        if self._painted:
            self._lost = True  # the screen was made smaller meanwhile
            return
        for line in lines[self._printed :]:
            if not line.settled:
                break
            self._stream.write(f"{line.text}\n")
            self._printed += 1
        self._stream.flush()

    def _wipe(self) -> None:
        if self._painted and not self._lost:
            # Line by line: some terminals keep a screen that is cleared from its beginning among what scrolled away.
            up = f"\r\x1b[{self._painted}A"
            self._stream.write(up + f"{_CLEAR_LINE}\n" * self._painted + up)
            self._painted = 0

    def _gone(self) -> bool:
        """Whether what was painted is not surely where it was: then it is left, and the answer comes below it."""
        size = os.get_terminal_size(self._stream.fileno())
        if self._painted and (size.columns < self._size.columns or size.lines <= self._painted):
            self._lost = True
        self._size = size
        return self._lost

    def _lose(self, _number: int, _frame: FrameType | None) -> None:
        self._lost = True  # the shell has written, while we were stopped


class Screen:
    """The whole screen of a terminal, lent: what was there is there again after the `with` block, however it is left.

    Ctrl-Z lends it back, for as long as that takes.
    """

    def __init__(self) -> None:
        self._out = sys.stdout.fileno()
        self._keys = sys.stdin.fileno() if sys.stdin.isatty() else None
        self._shown = ""
        self._ends = contextlib.ExitStack()
        self._mode: contextlib.ExitStack | None = None

    def __enter__(self) -> Screen:
        sys.stdout.flush()
        self._bell, ringing = os.pipe()
        self._ends.callback(os.close, self._bell)
        self._ends.callback(os.close, ringing)
        for end in (self._bell, ringing):
            os.set_blocking(end, False)
        before = signal.set_wakeup_fd(ringing, warn_on_full_buffer=False)
        self._ends.callback(signal.set_wakeup_fd, before)
        self._ends.enter_context(_heard(signal.SIGWINCH, lambda *_: None))
        self._ends.enter_context(_heard(signal.SIGTSTP, self._stopped))
        self._ends.callback(self._give_back)
        self._take()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def show(self, lines: Sequence[str], foot: str) -> None:
        """Fill the screen with the lines, and the foot in the last row; what does not fit is said to be left out."""
        size = os.get_terminal_size(self._out)
        room = max(size.lines - 1, 1)
        if len(lines) > room:
            left_out = len(lines) - room + 1
            lines = [*lines[: room - 1], f"… {left_out} lines more than the screen has rows"]
        rows = [*lines, *[""] * (room - len(lines)), foot][: size.lines]
        body = "\r\n".join(_CLEAR_LINE + _clipped(row, size.columns) for row in rows)
        self._shown = f"\x1b[H{_NO_WRAP}{body}{_CLEAR_BELOW}{_WRAP}"
        self._write(self._shown)

    def wait(self, seconds: float) -> str | None:
        """Wait for a key, at most so long; also back, with None, when a signal came, such as of another size."""
        poller = select.poll()
        poller.register(self._bell, select.POLLIN)
        if self._keys is not None:
            poller.register(self._keys, select.POLLIN)
        for fd, _ in poller.poll(seconds * 1000):
            if fd == self._bell:
                os.read(fd, 4096)
                continue
            typed = os.read(fd, 64)
            if typed:
                return typed[:1].decode("ascii", "replace")
            self._keys = None  # the terminal is gone, or has no more to say
        return None

    def _take(self) -> None:
        self._mode = contextlib.ExitStack()
        if self._keys is not None:
            self._mode.enter_context(_typed_unseen(canonical=False))
        self._write(_ENTER)

    def _give_back(self) -> None:
        if self._mode is not None:
            with contextlib.suppress(OSError):
                self._write(_LEAVE)
            self._mode.close()
            self._mode = None

    def _stopped(self, _number: int, _frame: FrameType | None) -> None:
        if self._mode is None:
            return
        self._give_back()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        # Here it goes on.
        signal.signal(signal.SIGTSTP, handler)
        self._take()
        self._write(self._shown)

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(self._out, data) :]


def _clipped(text: str, room: int) -> str:
    """A line in at most so many columns; if it is in a style, it is so as a whole."""
    if not text.startswith("\x1b["):
        return columns.cut(text, room)
    style, _, rest = text.partition("m")
    return f"{style}m{columns.cut(rest.removesuffix(speaking.PLAIN), room)}{speaking.PLAIN}"


@contextlib.contextmanager
def _typed_unseen(*, canonical: bool) -> Iterator[None]:
    """Have the terminal not show what is typed, and (unless `canonical`) hand on each key at once."""
    fd = sys.stdin.fileno() if sys.stdin.isatty() else sys.stdout.fileno()
    try:
        before: list[Any] | None = termios.tcgetattr(fd)
    except termios.error:
        before = None
    if before is not None:
        wanted = [*before[:6], list(before[6])]
        wanted[3] &= ~termios.ECHO
        if not canonical:
            wanted[3] &= ~termios.ICANON
            wanted[6][termios.VMIN], wanted[6][termios.VTIME] = 1, 0
        termios.tcsetattr(fd, termios.TCSANOW, wanted)
    try:
        yield
    finally:
        if before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(fd, termios.TCSANOW, before)


@contextlib.contextmanager
def _heard(number: int, handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have a signal handled so for the block."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL if before is None else before)
