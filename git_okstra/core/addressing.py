"""Commands in what is said to a person, completed so that they reach the task that was spoken of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# A command to be typed runs to the end of its line, or to where arguments of another program or a remark begin. One
# that stands in quotes is only mentioned.
_COMMAND = re.compile(r"(?<!')git okstra (?P<words>[a-z].*?)(?= -- |; | \(|$)", re.MULTILINE)


def addressed(text: str, name: str, takes_task: Callable[[Sequence[str]], bool]) -> str:
    """`text` with `--task NAME` put to each command in it that takes a task and names none.

    `takes_task` tells by its words, those after `git okstra`, whether a command has the option.
    """

    def completed(found: re.Match[str]) -> str:
        words = found["words"].split()
        named = any(word in ("--task", name) or word.startswith("--task=") for word in words)
        return found[0] if named or not takes_task(words) else f"{found[0]} --task {name}"

    return _COMMAND.sub(completed, text)
