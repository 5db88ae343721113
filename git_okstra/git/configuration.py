"""git's configuration of a repository: asking for a value, and adding lines to the file or taking just them out again.

The file is changed as git changes it (git-config(1)): under `config.lock`, replaced whole. What other hands wrote stays
to the letter.
"""

from __future__ import annotations

import os

from git_okstra import crashpoints
from git_okstra.core.errors import OkstraError
from git_okstra.git import process


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
    """Whether the repository's file ends in, or holds, just these lines."""
    return block.encode() in _read(common_dir)


def append_block(common_dir: str, block: str) -> None:
    """Put these lines at the end of the repository's file: what stands later counts."""
    content = _read(common_dir)
    if block.encode() in content:
        return
    joint = b"" if content.endswith(b"\n") or not content else b"\n"
    _replace(common_dir, content + joint + block.encode())


def remove_block(common_dir: str, block: str) -> bool:
    """Take just these lines out; False when they are not there."""
    content = _read(common_dir)
    if block.encode() not in content:
        return False
    _replace(common_dir, content.replace(block.encode(), b"", 1))
    return True


def _read(common_dir: str) -> bytes:
    try:
        with open(f"{common_dir}/config", "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _replace(common_dir: str, content: bytes) -> None:
    path = os.path.realpath(f"{common_dir}/config")
    lock = f"{path}.lock"
    try:
        descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError:
        raise OkstraError(
            "git-failed",
            f"'{path}' is being changed by another process: '{lock}' exists",
            "run the same command again; if no git is at work, remove that file",
        ) from None
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(lock, os.stat(path).st_mode & 0o777)
        crashpoints.reach("rename config: before")
        os.rename(lock, path)
    except OSError as error:
        os.unlink(lock)
        raise OkstraError("cannot-write", f"cannot write '{path}': {error.strerror}", "make it writable") from None
    crashpoints.reach("rename config: after")
