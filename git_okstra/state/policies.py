"""What the hooks read: small derived files under `okstra/policy/` in the git common directory, rebuilt at any time.

- `branches/<branch>~b`      `<group>,<task> <N>`: that the branch is governed, and by what
- `tasks/<group>,<task>`     the task's policy (`core.policy_text`)
- `homes/<group>,<task>`     the `$OKSTRA_HOME` whose registry holds the task, which a hook's environment may not say
- `bases/<group>,<task>`     the branches that the task protects; `protected` has those of all
- `tips/<branch>~t`          the tip ledger: the last value of each governed branch that was accepted
- `tips/<branch>~p`          the value that was allowed last, and may not have been committed
- `announced/<branch>~a`     what okstra is about to do to a branch: `<old> <new>`, used once

No branch's name has a tilde (git-check-ref-format(1)): the file of one branch is never in the way of the directory of
another.

Loaded by the hooks, hence without anything but `os`.
"""

from __future__ import annotations

import os

from git_okstra.core import policy, policy_text
from git_okstra.core.errors import OkstraError
from git_okstra.state import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from git_okstra.core.names import TaskKey


class Policies:
    """The policy files of the repository whose git common directory is given (absolute)."""

    def __init__(self, common_dir: str) -> None:
        self.root = f"{common_dir}/okstra/policy"

    # -- which branch belongs to what

    def holder(self, branch: str) -> tuple[str, int] | None:
        """`<group>,<task>` and number of what a governed branch belongs to, or None. Raises `damaged-file`."""
        path = f"{self.root}/branches/{branch}~b"
        words = _text(path).split()
        if len(words) == 2 and words[1].isdigit():
            return words[0], int(words[1])
        if not words and not os.path.exists(path):
            return None
        raise OkstraError("damaged-file", f"'{path}' does not say whose branch it is", "git okstra hooks install")

    def governs(self, branch: str) -> bool:
        """Whether the branch is a governed one, and there are hooks that ask."""
        return self.wanted and os.path.exists(f"{self.root}/branches/{branch}~b")

    def holders(self) -> dict[str, tuple[str, int]]:
        """Every governed branch with what it belongs to. Raises `damaged-file`."""
        there = {branch: self.holder(branch) for branch in self._branches()}
        return {branch: holder for branch, holder in there.items() if holder is not None}

    def _branches(self) -> list[str]:
        top = f"{self.root}/branches"
        paths = [f"{directory}/{name}" for directory, _, names in os.walk(top) for name in names]
        return [path[len(top) + 1 : -2] for path in paths if path.endswith("~b")]

    @property
    def wanted(self) -> bool:
        """Whether there are hooks that read these files."""
        return os.path.exists(f"{os.path.dirname(self.root)}/hooks/common.sh")

    @property
    def whole(self) -> bool:
        """Whether the files are there at all: they are derived, and may be deleted at any time."""
        return os.path.exists(f"{self.root}/protected")

    def govern(self, place: str, branches: Mapping[int, str]) -> None:
        """Record that these branches, by number, and no others belong to the task at `place`; with none, that it is no
        longer governed."""
        if not self.wanted:
            return
        self._name(place, branches)
        if not branches:
            files.remove(f"{self.root}/tasks/{place}")
            files.remove(f"{self.root}/homes/{place}")
            self.save_protected(place, ())

    def _name(self, place: str, branches: Mapping[int, str]) -> None:
        wanted = {branch: f"{place} {number}\n" for number, branch in branches.items()}
        for branch in self._branches():
            if branch not in wanted and _text(f"{self.root}/branches/{branch}~b").partition(" ")[0] == place:
                files.remove(f"{self.root}/branches/{branch}~b")
                files.remove(f"{self.root}/tips/{branch}~t")
                files.remove(f"{self.root}/tips/{branch}~p")
        for branch, text in wanted.items():
            path = f"{self.root}/branches/{branch}~b"
            if _text(path) != text:
                files.write_atomic(path, os.fsencode(text))
            files.make_directory(os.path.dirname(f"{self.root}/tips/{branch}~t"))

    # -- the policy of a task

    def places(self) -> list[str]:
        """The tasks that have a policy, sorted."""
        return _entries(f"{self.root}/tasks")

    def task(self, place: str) -> policy.Task | None:
        """The policy of a task, None when there is none or when what it was made from has changed since."""
        try:
            found, stamps = policy_text.decode(_text(f"{self.root}/tasks/{place}"))
        except ValueError:
            return None
        return found if all(stamp(path) == then for path, then in stamps.items()) else None

    def save_task(self, place: str, task: policy.Task, stamps: Mapping[str, str]) -> None:
        """Write the policy of a task; nothing is written when it stands there already."""
        path, text = f"{self.root}/tasks/{place}", policy_text.encode(task, stamps)
        if _text(path) != text:
            files.write_atomic(path, os.fsencode(text))

    def home(self, place: str) -> str:
        """The directory of git okstra whose registry holds the task, empty when that is not known."""
        return _text(f"{self.root}/homes/{place}").removesuffix("\n")

    def save_home(self, place: str, home: str) -> None:
        """Record in which directory of git okstra the task is held."""
        if self.home(place) != home:
            files.write_atomic(f"{self.root}/homes/{place}", os.fsencode(f"{home}\n"))

    # -- protected branches

    def protected(self) -> tuple[str, ...]:
        """The patterns of the branches nobody pushes to directly."""
        return tuple(line for line in _text(f"{self.root}/protected").split("\n") if line)

    def save_protected(self, place: str, patterns: Iterable[str]) -> None:
        """Record what the task at `place` protects; what all open tasks protect is what counts."""
        own = f"{self.root}/bases/{place}"
        text = "".join(f"{pattern}\n" for pattern in patterns)
        if not text:
            files.remove(own)
        elif _text(own) != text:
            files.write_atomic(own, os.fsencode(text))
        names = _entries(f"{self.root}/bases")
        lines = {line for name in names for line in _text(f"{self.root}/bases/{name}").split("\n")}
        whole = "".join(f"{line}\n" for line in sorted(lines - {""}))
        if _text(f"{self.root}/protected") != whole:
            files.write_atomic(f"{self.root}/protected", os.fsencode(whole))

    # -- the tip ledger, and announcements

    def tip(self, branch: str) -> str:
        """Where the hooks last saw the branch, empty when they never did."""
        return _text(f"{self.root}/tips/{branch}~t").strip()

    def save_tip(self, branch: str, commit: str) -> None:
        """Record where the branch is, as accepted."""
        if self.tip(branch) != commit:
            files.write_atomic(f"{self.root}/tips/{branch}~t", f"{commit}\n".encode())

    def allow(self, branch: str, commit: str) -> None:
        """Record that the branch may be moved to `commit`; the hook makes it the tip when git has done so."""
        files.write_plain(f"{self.root}/tips/{branch}~p", f"{commit}\n".encode())

    def announce(self, branch: str, old: str, new: str) -> None:
        """Say that okstra is about to move the branch from `old` to `new`."""
        files.write_atomic(f"{self.root}/announced/{branch}~a", f"{old} {new}\n".encode())

    def withdraw(self, branch: str) -> None:
        """Take an announcement back, if it was not used."""
        files.remove(f"{self.root}/announced/{branch}~a")

    def announced(self, branch: str, old: str, new: str) -> bool:
        """Whether just this was announced; the announcement is used up."""
        path = f"{self.root}/announced/{branch}~a"
        if _text(path).split() != [old, new]:
            return False
        files.remove(path)
        return True


def place(key: TaskKey) -> str:
    """How these files name a task: `<group>,<task>`."""
    return f"{key.group},{key.task}"


def stamp(path: str) -> str:
    """What tells whether a file is still the same: its inode, size and time of change; `-` when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return "-"
    return f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}"


def _text(path: str) -> str:
    """The content of a file, empty when there is none that can be read."""
    try:
        return os.fsdecode(files.read(path) or b"")
    except OkstraError:
        return ""


def _entries(path: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(path) if not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
