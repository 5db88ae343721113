"""The rules of what a new worktree may be given from the main one (specification, section 5, "Linked directories").

A *wish* is a path, relative to the root of both worktrees, that is to be linked or copied. The rules see what stands at
its two places and answer: do it, leave it with a note, or refuse. A refusal is about what could lead out of the two
worktrees or touch what git tracks, and never depends on luck: all refused wishes are reported at once.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from git_okstra.core import names
from git_okstra.core.errors import OkstraError

LINK, COPY = "link", "copy"
_DONE = {LINK: "linked", COPY: "copied"}

NOTHING, FILE, DIRECTORY, SYMLINK, SPECIAL, UNKNOWN = "nothing", "file", "directory", "symlink", "special", "unknown"
"""What may stand at a path. `SPECIAL` is a socket, pipe or device; `UNKNOWN` could not be looked at."""

KEEP, SKIP, REFUSE = "keep", "skip", "refuse"

PARTIAL = ".okstra-partial"
"""The name under which a copy grows, beside its place, until it is whole."""

LONGEST_NAME = 255
"""Bytes that file systems allow for one name."""

LONGEST_PATH = 2048
"""Bytes that a wish may have, so that a link's text stays below PATH_MAX with the main worktree in front."""


class Wish(NamedTuple):
    """A path, in normal form, and `LINK` or `COPY`."""

    path: str
    how: str


class Found(NamedTuple):
    """What stands at a path of a worktree, seen without following any link.

    `text` is where a symlink points, or why something is unknown. `blocked` is the first parent that is a link or no
    directory; nothing behind it was looked at.
    """

    kind: str
    text: str = ""
    blocked: str = ""


class Decision(NamedTuple):
    """What to do about a wish: `LINK`, `COPY`, `KEEP` (it is there), `SKIP` or `REFUSE`, and what to tell the user."""

    action: str
    note: str = ""


def normal(path: str) -> str:
    """The path without `.`, doubled and trailing slashes; empty when nothing is left. `..` and a leading `/` stay."""
    start = "/" if path.startswith("/") else ""
    return start + "/".join(part for part in path.split("/") if part not in ("", "."))


def fault(path: str) -> str | None:
    """Why a path, as it was written, may be neither linked nor copied whatever stands there; None when it may."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in path):
        return "it holds a control character"
    if path.startswith("/"):
        return "it is absolute, and has to be relative to the root of the main worktree"
    parts = normal(path).split("/")
    if parts == [""]:
        return "it names nothing below the root of the main worktree"
    if ".." in parts:
        return "'..' leads out of the worktree"
    if any(_is_git(part) for part in parts):
        return "'.git' belongs to git"
    if PARTIAL in parts:
        return "git okstra uses that name itself"
    if len(normal(path).encode()) > LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        return "it is too long"
    return None


def _is_git(part: str) -> bool:
    """Whether some file system takes `part` for `.git`: by case, invisible characters, or NTFS's other names for it.

    The same families of names that git refuses to check out (git-config(1), `core.protectHFS`, `core.protectNTFS`).
    """
    visible = "".join(character for character in part if unicodedata.category(character) != "Cf")
    return visible.casefold().rstrip(" .") in (".git", "git~1")


def wishes(link: Sequence[str], copy: Sequence[str]) -> tuple[list[Wish], dict[Wish, str]]:
    """The sound wishes of both lists, in order, each once; and the others with what is wrong with them."""
    sound: dict[str, str] = {}
    faults: dict[Wish, str] = {}
    for how, paths in ((LINK, link), (COPY, copy)):
        for written in paths:
            path = normal(written)
            wrong = fault(written)
            if wrong is not None:
                faults[Wish(written, how)] = wrong
            elif sound.setdefault(path, how) != how:
                faults[Wish(path, how)] = "it is to be linked too, and only one is possible"
    for path, how in sound.items():
        outer = next((each for each in parents(path) if each in sound), None)
        if outer is not None:
            # Behind a link it would be written into the main worktree; inside a copy the order would decide.
            faults[Wish(path, how)] = (
                f"it lies in '{names.printable(outer)}', which is {_DONE[sound[outer]]} as a whole"
            )
    return [wish for wish in map(Wish._make, sound.items()) if wish not in faults], faults


def partial(path: str) -> str:
    """Where the copy of `path` grows until it is whole."""
    return posixpath.join(posixpath.dirname(path), PARTIAL)


def tracked_fault(path: str, entry: str) -> str:
    """Why `path` is refused when git tracks `entry`: the path itself, something in it, or a parent of it."""
    shown = names.printable(entry)
    if entry == path:
        return "git tracks it"
    if entry.startswith(f"{path}/"):
        return f"git tracks files in it, such as '{shown}'"
    if path.startswith(f"{entry}/"):
        return f"git tracks '{shown}' as a link, submodule or file"
    return f"git tracks '{shown}', a name that is needed while it is copied"


def decide(wish: Wish, main_worktree: str, source: Found, target: Found, encloses: bool) -> Decision:
    """What to do about a wish that is neither at fault nor tracked.

    `source` stands in the main worktree, `target` in the new one. `encloses` says that the new worktree lies in the
    source. A parent that is a symlink is refused on either side: a repository can bring one along that leads anywhere.
    A source that is itself a symlink is the user's own, because it is not tracked, and is never followed here.
    """
    path, how = wish
    shown = f"'{names.printable(path)}'"
    if target.blocked:
        return Decision(REFUSE, f"'{names.printable(target.blocked)}' in the new worktree is a link or no directory")
    if source.blocked:
        return Decision(REFUSE, f"'{names.printable(source.blocked)}' in the main worktree is a link or no directory")
    if encloses:
        return Decision(REFUSE, "the new worktree lies in it")
    if target.kind == SYMLINK and how == LINK and target.text == link_text(main_worktree, path):
        return Decision(KEEP)
    if target.kind != NOTHING:
        return Decision(SKIP, f"left {shown} alone: {_described(target)} stands there already")
    if source.kind == NOTHING:
        return Decision(SKIP, f"skipped {shown}: the main worktree has none")
    if source.kind == UNKNOWN or (source.kind == SPECIAL and how == COPY):
        return Decision(SKIP, f"skipped {shown}: the main worktree has {_described(source)} there")
    if how == COPY and source.kind == SYMLINK:
        if _leads_out(path, source.text):
            return Decision(
                SKIP, f"skipped {shown}: a copy of {_described(source)} would lead elsewhere; link it instead"
            )
        return Decision(COPY, f"copied {shown} as what it is, {_described(source)}")
    return Decision(how, f"{_DONE[how]} {shown}")


def link_text(main_worktree: str, path: str) -> str:
    """What the link for `path` says.

    Absolute, because the link travels with its worktree (`git worktree move`, the trash and back) while the main
    worktree stays; git's own pointers between worktrees are absolute by default for the same reason.
    """
    return f"{main_worktree}/{path}"


def refusal(faults: Mapping[Wish, str]) -> OkstraError:
    """The error `bad-link` for refused wishes with the reason of each, one a line."""
    lines = [f"'{names.printable(path)}' cannot be {_DONE[how]}: {reason}" for (path, how), reason in faults.items()]
    keys = sorted({f"worktree.{how}" for _, how in faults}, reverse=True)
    return OkstraError(
        "bad-link",
        "\n".join(lines),
        "\n".join(f"see where it is set, and change it there: git okstra config get {key} --scope all" for key in keys),
    )


def exclude_pattern(path: str) -> str:
    """The gitignore pattern that matches `path` at the root of a worktree and nothing else (gitignore(5)).

    It ends in no slash: `node_modules/` matches a directory and not the symlink that stands for one. The slash in front
    anchors it, and takes from `#` and `!` their meaning.
    """
    escaped = literal(path)
    bare = escaped.rstrip(" ")
    return "/" + bare + "\\ " * (len(escaped) - len(bare))


def literal(path: str) -> str:
    """The glob, of git's kind, that matches `path` alone."""
    return "".join(f"\\{character}" if character in "\\*?[" else character for character in path)


def parents(path: str) -> list[str]:
    """The directories that `path` lies in, outermost first, without the root."""
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _leads_out(path: str, text: str) -> bool:
    """Whether the relative link `text` at `path` says something else in another worktree: it leaves the root."""
    if text.startswith("/"):
        return False
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), text)).split("/")[0] == ".."


def _described(found: Found) -> str:
    if found.kind == SYMLINK:
        return f"a link to '{names.printable(found.text)}'"
    if found.kind == UNKNOWN:
        return f"something that cannot be looked at ({found.text})"
    return {FILE: "a file", DIRECTORY: "a directory", SPECIAL: "a socket, pipe or device"}[found.kind]
