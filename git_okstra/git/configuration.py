"""git's configuration of a repository: asking for a value, and adding lines to the file or taking just them out again.

The file is changed as git changes it (git-config(1)): under `config.lock`, replaced whole. The lock is a second name of
a file of ours, so that one which a killed process has left is known for what it is. What other hands wrote stays to the
letter. Called under the repository lock.
"""

from __future__ import annotations

import os

from git_okstra.core.errors import OkstraError
from git_okstra.git import process, steps


def every(git_dir: str, key: str) -> list[str]:
    """All values of `key`, the one that counts last; a path with `~` made absolute."""
    found = process.git(["config", "--null", "--type=path", "--get-all", key], git_dir=git_dir, check=False).out
    return [os.fsdecode(value) for value in found.split(b"\0")[:-1]]


def quoted(value: str) -> str:
    """`value` as it is written behind `name =`, or in a section's quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def literal(path: str) -> str:
    """`path` as a pattern of `includeIf "gitdir:…"` that matches nothing else."""
    return "".join(f"\\{character}" if character in "*?[]\\" else character for character in path)


def has_block(common_dir: str, block: str) -> bool:
    """Whether the repository's file holds just these lines."""
    content = _read(common_dir)
    return block.encode() in content or _joined(block) in content


def append_block(common_dir: str, block: str) -> None:
    """Put these lines at the end of the repository's file: what stands later counts."""
    _tidy(common_dir)
    if has_block(common_dir, block):
        return
    content = _read(common_dir)
    whole = content.endswith(b"\n") or not content
    _replace(common_dir, content + (block.encode() if whole else b"\n" + _joined(block)))


def remove_block(common_dir: str, block: str) -> bool:
    """Take just these lines out; False when they are not there.

    Their header stays when git has put another entry into the section since, which would else become one of the section
    before.
    """
    _tidy(common_dir)
    content = _read(common_dir)
    found = next((text for text in (b"\n" + _joined(block), block.encode()) if text in content), None)
    if found is None:
        return False
    before, _, after = content.partition(found)
    if after.strip() and not after.lstrip().startswith(b"["):
        before += block.encode().partition(b"\n")[0] + b"\n"
    _replace(common_dir, before + after)
    return True


def _joined(block: str) -> bytes:
    """The lines as they are written behind a last line without an end, which is then to have none again."""
    return block.replace("]\n", "] ; the line before had no end\n", 1).encode()


def _read(common_dir: str) -> bytes:
    try:
        with open(f"{common_dir}/config", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _replace(common_dir: str, content: bytes) -> None:
    path, lock, ours = _names(common_dir)
    try:
        with open(ours, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(ours, os.stat(path).st_mode & 0o777)
        os.link(ours, lock)
        steps.rename(lock, path)
        steps.remove(ours)
    except FileExistsError:
        raise OkstraError(
            "git-failed",
            f"'{path}' is being changed by another process: '{lock}' exists",
            "run the same command again; if no git is at work, remove that file",
        ) from None
    except OSError as error:
        raise _cannot_write(path, error) from None


def _names(common_dir: str) -> tuple[str, str, str]:
    """The file, git's lock of it, and the second name that we make it under."""
    path = os.path.realpath(f"{common_dir}/config")
    return path, f"{path}.lock", f"{common_dir}/okstra/config.new"


def _tidy(common_dir: str) -> None:
    """Take away what a killed process left; nobody else changes the file under the repository lock."""
    path, lock, ours = _names(common_dir)
    try:
        if _is_same(lock, ours):
            os.unlink(lock)
        if os.path.lexists(ours):
            os.unlink(ours)  # it may be the configuration itself, under its second name
    except OSError as error:
        raise _cannot_write(path, error) from None


def _cannot_write(path: str, error: OSError) -> OkstraError:
    return OkstraError("cannot-write", f"cannot write '{path}': {error.strerror}", "make it writable")


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
