"""Refs read from git's own files, without a process (gitrepository-layout(5), git-pack-refs(1)).

What is plainly there, or plainly not, is told; whatever is in another form (reftable, a symbolic branch, a name that
only git takes apart) is UNKNOWN, and git is to be asked. A branch is looked for in its own file first and in
`packed-refs` then, as git does, so that it is found while it moves from the one to the other.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_HEADS = "refs/heads/"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+=#/.")
_HEX = frozenset(b"0123456789abcdef")


class Unknown:
    """The type of `UNKNOWN`."""

    __slots__ = ()


UNKNOWN: Final = Unknown()
"""Only git can tell."""


def branch(git_dir: str, name: str) -> str | Unknown | None:
    """The commit at the tip of a branch, None when there is no such branch; `git_dir` may be that of any worktree."""
    common = _common(git_dir)
    if not _is_plain(name) or os.path.isdir(f"{common}/reftable"):
        return UNKNOWN
    return _ref(common, f"{_HEADS}{name}")


def full_name(git_dir: str, name: str) -> str | Unknown:
    """The full name of the branch, here or at a remote, that the name stands for, when no other ref has it, too."""
    common = _common(git_dir)
    if not _is_plain(name) or name.isupper() or os.path.isdir(f"{common}/reftable"):
        return UNKNOWN
    # The rules of gitrevisions(7) in their order.
    forms = ("", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/")
    there = {f"{form}{name}": _ref(common, f"{form}{name}") for form in forms}
    there[f"refs/remotes/{name}/HEAD"] = _ref(common, f"refs/remotes/{name}/HEAD")
    found = [ref for ref, commit in there.items() if commit is not None]
    if len(found) != 1 or not isinstance(there[found[0]], str) or not found[0].startswith(("refs/heads/", "refs/r")):
        return UNKNOWN
    return found[0]


def head_branch(git_dir: str) -> str | Unknown | None:
    """The branch that HEAD is on in the worktree of that git directory, short; None when it is detached."""
    content = _read(f"{git_dir}/HEAD")
    if not isinstance(content, bytes):
        return UNKNOWN
    line = os.fsdecode(content).rstrip("\n")
    name = line.removeprefix(f"ref: {_HEADS}")
    if name != line:
        return name if _is_plain(name) and name != ".invalid" else UNKNOWN
    return None if isinstance(_commit(content), str) else UNKNOWN


def head(git_dir: str) -> str | Unknown:
    """The commit of HEAD in the worktree of that git directory."""
    on = head_branch(git_dir)
    if isinstance(on, str):
        found = branch(git_dir, on)
        return UNKNOWN if found is None else found
    return _commit(_read(f"{git_dir}/HEAD")) if on is None else UNKNOWN


def _is_plain(name: str) -> bool:
    """Whether git takes the name as it stands: nothing in it that means something in a revision or is no ref at all."""
    letters = all(letter in _PLAIN or letter > "\x7f" for letter in name)
    return letters and ".." not in name and not any(part == "" or part.startswith(".") for part in name.split("/"))


def _ref(common: str, ref: str) -> str | Unknown | None:
    content = _read(f"{common}/{ref}")
    return _packed(common, ref) if content is None else _commit(content)


def _packed(common: str, ref: str) -> str | Unknown | None:
    content = _read(f"{common}/packed-refs")
    if not isinstance(content, bytes):
        return content
    at = content.find(b" %s\n" % os.fsencode(ref))
    return None if at < 0 else _commit(content[content.rfind(b"\n", 0, at) + 1 : at])


def _commit(content: bytes | Unknown | None) -> str | Unknown:
    """The id that a file holds, when it is nothing else."""
    if not isinstance(content, bytes):
        return UNKNOWN
    word = content.rstrip(b"\n")
    return word.decode() if len(word) in (40, 64) and _HEX.issuperset(word) else UNKNOWN


def _common(git_dir: str) -> str:
    content = _read(f"{git_dir}/commondir")
    return os.path.join(git_dir, os.fsdecode(content).rstrip("\n")) if isinstance(content, bytes) else git_dir


def _read(path: str) -> bytes | Unknown | None:
    """The content of a file that is one; None when there is none, UNKNOWN when it is a link or cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return UNKNOWN
    try:
        told = os.fstat(descriptor)
        if stat.S_ISDIR(told.st_mode):
            return None
        return os.read(descriptor, told.st_size) if stat.S_ISREG(told.st_mode) else UNKNOWN
    except OSError:
        return UNKNOWN
    finally:
        os.close(descriptor)
