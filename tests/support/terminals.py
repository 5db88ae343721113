"""A command on a real pseudo-terminal, and what a person sees there: the screen as pyte draws it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pexpect
import pyte

from support.processes import PATIENCE, Where


class Terminal:
    """The command runs from the beginning of the `with` block, at whose end it is killed if it still runs."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: Where,
        env: Mapping[str, str] | None = None,
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        """Everything that came."""
        self._child = pexpect.spawn(
            words[0],
            list(words[1:]),
            cwd=os.fspath(cwd),
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
            dimensions=(rows, columns),
            timeout=PATIENCE,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close(force=True)

    @property
    def pid(self) -> int:
        """The process id of the command."""
        return int(self._child.pid)

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without the empty ones at its end."""
        rows = [row.rstrip() for row in self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    @property
    def scrolled(self) -> list[str]:
        """The rows that left the screen at its top."""
        return ["".join(row[x].data for x in range(self.screen.columns)).rstrip() for row in self.screen.history.top]

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(self._child.getecho())

    def type(self, text: str) -> None:
        """Type it."""
        self._child.send(text)

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size."""
        self.screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    def until(self, wanted: Callable[[Terminal], object]) -> Terminal:
        """Wait until the screen is as `wanted` says; fails the test, showing the screen, when it does not become so."""
        end = time.monotonic() + PATIENCE / 4
        while not wanted(self):
            assert time.monotonic() < end and self._hear(), "the screen is\n" + "\n".join(self.lines)
        return self

    def shows(self, text: str) -> Terminal:
        """Wait until the text is on the screen."""
        return self.until(lambda seen: any(text in line for line in seen.lines))

    def end(self) -> int:
        """Wait until the command ends; its exit status, as a shell has it."""
        while self._hear():
            pass
        self._child.wait()
        return int(self._child.exitstatus if self._child.exitstatus is not None else 128 + self._child.signalstatus)

    def _hear(self) -> bool:
        """Take what comes, for a moment; False when nothing will come any more."""
        try:
            data = self._child.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += data
        self._stream.feed(data)
        return True
