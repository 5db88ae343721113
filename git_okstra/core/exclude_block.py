"""Our block in `info/exclude` (gitignore(5)), as a function from content to content.

git reads that file for every worktree of the repository, the main one included, so a name in the block is ignored in
all of them; that is why only untracked names get in (git never hides what it tracks), and why names are added and never
dropped one by one: another worktree may still hold the link. All lines outside the block are the user's and stay as
they are, byte for byte; taking the block out gives back the file that was there before it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

BEGIN = b"# >>> git okstra: linked or copied into worktrees; every worktree reads this file"
END = b"# <<< git okstra"
END_AFTER_TORN_LINE = END + b" (the line before the block had no newline)"
END_OF_NEW_FILE = END + b" (there was no such file)"
_ENDS = (END, END_AFTER_TORN_LINE, END_OF_NEW_FILE)


class _Block(NamedTuple):
    before: bytes
    patterns: list[bytes]
    end: bytes
    after: bytes


def patterns(content: bytes | None) -> list[bytes]:
    """The patterns in the block; none when there is no block."""
    block = _find(content or b"")
    return block.patterns if block is not None else []


def with_patterns(content: bytes | None, wanted: Sequence[bytes]) -> bytes:
    """The content with `wanted` in the block, after what is in it already; None stands for a missing file.

    A new block goes to the end, where it wins over the user's own patterns (the last match decides).
    """
    old = content or b""
    block = _find(old)
    if block is None:
        torn = bool(old) and not old.endswith(b"\n")
        end = END_OF_NEW_FILE if content is None else END_AFTER_TORN_LINE if torn else END
        block = _Block(old + (b"\n" if torn else b""), [], end, b"")
    inside = list(dict.fromkeys([*block.patterns, *wanted]))
    return block.before + b"".join(line + b"\n" for line in (BEGIN, *inside, block.end)) + block.after


def without(content: bytes) -> bytes | None:
    """The content without the block; None when the file is to go, because the block was all that brought it."""
    block = _find(content)
    if block is None:
        return content
    before = block.before
    if block.end == END_AFTER_TORN_LINE and not block.after:
        before = before.removesuffix(b"\n")
    rest = before + block.after
    return None if not rest and block.end == END_OF_NEW_FILE else rest


def _find(content: bytes) -> _Block | None:
    """The block in `content`. One whose end is gone is none: nobody can say which lines are the user's."""
    lines = content.split(b"\n")
    bare = [line.removesuffix(b"\r") for line in lines]
    begin = None
    for n, line in enumerate(bare):
        if line == BEGIN:
            begin = n
        elif line in _ENDS and begin is not None:
            before = b"".join(each + b"\n" for each in lines[:begin])
            return _Block(before, [each for each in bare[begin + 1 : n] if each], line, b"\n".join(lines[n + 1 :]))
    return None
