"""What a hook says when it refuses: the rule, what is wrong, and what to type next.

Loaded by the hooks, hence without anything from the standard library.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Refusal:
    """One refusal. `rule` is a name from the table in githooks' part of the manual, `what` says what is refused and
    why, `hint` what resolves it (several lines are several suggestions)."""

    __slots__ = ("hint", "rule", "what")

    def __init__(self, rule: str, what: str, hint: str) -> None:
        self.rule = rule
        self.what = what
        self.hint = hint

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"Refusal{self._fields()}"

    def _fields(self) -> tuple[str, str, str]:
        return self.rule, self.what, self.hint


def text(refusals: Sequence[Refusal]) -> str:
    """What is printed: each `okstra: BLOCKED [rule] what`, then the hints, each once, as `okstra: hint: command`."""
    lines = [f"okstra: BLOCKED [{one.rule}] {one.what}" for one in refusals]
    hints = dict.fromkeys(line for one in refusals for line in one.hint.split("\n") if line)
    return "\n".join([*lines, *(f"okstra: hint: {hint}" for hint in hints)]) + "\n"
