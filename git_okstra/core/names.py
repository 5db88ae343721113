"""Names: segments, task and stage keys, branches, directories (specification, section 3)."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from git_okstra.core.errors import OkstraError

LONGEST = 64
"""The most characters a segment may have."""

LONGEST_BYTES = 200
"""The most bytes it may have in UTF-8: file systems stop at 255 for a name, and ours add to it."""

TASK = 0
"""The number that stands for the task itself where a stage number is expected."""


class TaskKey(NamedTuple):
    """`<project>/<group>/<task>`, each a segment."""

    project: str
    group: str
    task: str

    def __str__(self) -> str:
        return f"{self.project}/{self.group}/{self.task}"


def parse_key(text: str) -> TaskKey:
    """The key written as `<project>/<group>/<task>`. Raises OkstraError `bad-name`."""
    parts = text.split("/")
    if len(parts) != 3 or not all(parts):
        raise OkstraError("bad-name", f"'{printable(text)}' is not a task key", "a key is PROJECT/GROUP/TASK")
    return TaskKey(*parts)


def stage_key(key: TaskKey, number: int) -> str:
    """`<task key>#stage-<N>`, or the task key itself for `TASK`."""
    return str(key) if number == TASK else f"{key}#stage-{number}"


def segment(text: str, what: str = "id") -> str:
    """The segment made from what the user typed.

    Unicode NFC, case-folded; each run of characters that are not letters, digits, `.` or `_` becomes one `-`; `-` and
    `.` at the ends go, `..` becomes `.`. A mark that belongs to a letter (Devanagari vowels, say) counts as a letter.
    Raises OkstraError `bad-name` for control characters, nothing left, more than 64 characters, or a trailing `.lock`
    (git-check-ref-format(1) refuses such a branch).
    """
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise OkstraError(
            "bad-name",
            f"the {what} '{printable(text)}' holds a control character",
            "use letters, digits, '.', '_' and '-'",
        )
    # Case folding can leave NFC, and NFC can join what folding made: once more gives a fixed point.
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    out: list[str] = []
    for character in folded:
        if character in "._" or unicodedata.category(character)[0] in "LNM":
            out.append(character)
        elif not out or out[-1] != "-":
            out.append("-")
    name = "".join(out)
    while ".." in name:
        name = name.replace("..", ".")
    name = name.strip("-.")
    if not name:
        raise OkstraError(
            "bad-name",
            f"the {what} '{printable(text)}' holds no letter or digit",
            "use letters, digits, '.', '_' and '-'",
        )
    if len(name) > LONGEST or len(name.encode()) > LONGEST_BYTES:
        raise OkstraError(
            "bad-name",
            f"the {what} '{printable(text)}' is {len(name)} characters long; "
            f"the most is {LONGEST} ({LONGEST_BYTES} bytes)",
            "shorten it, and keep the long form as the title: --title",
        )
    if name.endswith(".lock"):
        raise OkstraError(
            "bad-name",
            f"the {what} '{printable(text)}' ends in '.lock', which git refuses",
            "choose another id",
        )
    return name


def task_segment(text: str) -> str:
    """The segment of a task id. Raises `bad-name` also for one that ends in `-s<digits>`: it would be a stage's."""
    name = segment(text)
    head, dash, tail = name.rpartition("-s")
    if dash and head and tail.isdecimal():
        raise OkstraError(
            "bad-name",
            f"the id '{printable(text)}' ends in '-s{tail}', which is how stages are named",
            f"for stage {int(tail)} of task '{head}' type: git okstra stage {int(tail)} --task {head}",
        )
    return name


def same_id(one: str, other: str) -> bool:
    """Whether two ids as typed are the same id: they differ only by case or Unicode form."""
    return canonical_id(one) == canonical_id(other)


def canonical_id(text: str) -> str:
    """The form in which equal ids are equal: NFC, case-folded, without blanks around."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def default_group(task_id: str) -> str:
    """The letters before the number of an id like `DEV-9436` (`dev`), else `default`."""
    letters, dash, number = unicodedata.normalize("NFC", task_id.strip()).partition("-")
    if dash and letters and number.isdecimal() and all(unicodedata.category(one)[0] in "LM" for one in letters):
        return segment(letters, "group")
    return "default"


def category(text: str, known: tuple[str, ...] | list[str], aliases: dict[str, str]) -> str:
    """The category meant by `text`. Raises OkstraError `unknown-category` listing the known ones."""
    name = segment(text, "category")
    name = aliases.get(name, name)
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, [*known, *aliases], 1)
        raise OkstraError(
            "unknown-category",
            f"'{printable(text)}' is no category; there are: {' '.join(known)}",
            f"did you mean: git okstra start {near[0]} ID" if near else "git okstra start feat ID",
        )
    return name


def task_branch(category_name: str, task: str) -> str:
    """`<category>-<task>`."""
    return f"{category_name}-{task}"


def branch(task_branch_name: str, number: int) -> str:
    """The branch of stage `number` of the task on `task_branch_name`, or that branch itself for `TASK`."""
    return task_branch_name if number == TASK else f"{task_branch_name}-s{number}"


def parent_branch(branch_name: str) -> tuple[str, int]:
    """The task branch and the number of the stage whose branch this would be; empty and `TASK` when of none."""
    parent, _, digits = branch_name.rpartition("-s")
    written = digits.isascii() and digits.isdecimal() and not digits.startswith("0")
    return (parent, int(digits)) if parent and written and len(digits) <= 9 else ("", TASK)


def worktree_path(home: str, key: TaskKey, number: int = TASK) -> str:
    """`$OKSTRA_HOME/worktrees/<project>/<group>/<task>[-s<N>]`."""
    suffix = "" if number == TASK else f"-s{number}"
    return f"{home}/worktrees/{key.project}/{key.group}/{key.task}{suffix}"


def label(number: int) -> str:
    """How a message calls it: `task` or `stage N`."""
    return "task" if number == TASK else f"stage {number}"


def counted(count: int, noun: str) -> str:
    """A number of things: `1 file`, `2 files`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """`text` safe to show on a terminal: control, format and undecodable characters are written as escapes."""
    return "".join(
        character
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or character == "\u200d"
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )


def typed(text: str) -> str:
    """`text` as one word of a command line to type: safe to show, and quoted where a shell needs it."""
    import shlex

    return shlex.quote(printable(text))


def quoted(text: str) -> str:
    """`text` as one word of a command line to type, in quotes whether it needs them or not: safe to show."""
    inside = printable(text).replace("'", "'\\''")
    return f"'{inside}'"


def move_aside(path: str, suffix: str = ".old") -> str:
    """The command that moves `path` out of the way, to the same name with `suffix`."""
    return f"mv {quoted(path)} {quoted(path + suffix)}"


def printable_lines(lines: list[str] | tuple[str, ...]) -> str:
    """The lines, each made safe to show, as one text."""
    return "\n".join(printable(line) for line in lines)
