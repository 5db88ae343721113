"""The trash of one repository: what was removed, and everything needed to bring it back.

`<store>/trash/<id>/entry.json` says what it is, `<store>/trash/<id>/admin/` is git's directory of the worktree. The
worktree's own directory lies on the file system it came from, where the entry says. An entry without `entry.json` is
one that was never finished or is being deleted; nobody sees it. The entry is written before anything is moved.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any

from git_okstra.core import names
from git_okstra.core.errors import OkstraError
from git_okstra.core.journal import StageRecord
from git_okstra.core.names import TaskKey
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, Task
from git_okstra.state import files
from git_okstra.state.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One removed worktree, of a stage or of a task.

    `task` and `reservation` are as they were; `record` is what the journal said of the stage, and `keeps` whether it
    still says so after the removal. `tip` is the branch's commit, None when the branch was gone. `path` is where the
    directory was and `place` where it lies now, empty when there was none; `admin` is the name of git's directory,
    empty when git had forgotten it, and `dot_git` what the file `.git` said. `abandoned` is the ref that keeps the
    branch of an abandoned stage. `opened` is False for what was cut short while it was made. `emptying` says that it is
    being deleted and cannot come back.
    """

    id: str
    task: Task
    reservation: Reservation
    purpose: str
    removed_at: str
    removed_by: str
    tip: str | None
    path: str
    place: str = ""
    admin: str = ""
    dot_git: str = ""
    uncommitted: int = 0
    record: StageRecord | None = None
    keeps: bool = False
    abandoned: str = ""
    opened: bool = True
    emptying: bool = False

    @property
    def key(self) -> TaskKey:
        """The task's key."""
        return self.task.key

    @property
    def number(self) -> int:
        """The stage, or `names.TASK`."""
        return self.reservation.number

    @property
    def branch(self) -> str:
        """The branch that was removed."""
        return self.reservation.branch

    @property
    def removed(self) -> float:
        """When it was removed, in seconds since the epoch; infinity (it never gets old) when the file does not say."""
        from datetime import datetime

        try:
            return datetime.fromisoformat(self.removed_at).timestamp()
        except ValueError:
            return float("inf")

    @property
    def owner(self) -> str:
        """Who held it."""
        return self.reservation.owner


def free_id(store: Store, now: str, key: TaskKey, number: int, home_trash: str) -> str:
    """An id that nothing has, here or in `home_trash`, and that the task's journal never saw.

    `now` is RFC 3339. Called under the registry lock.
    """
    seen = {event.data.get("operation") for event in store.events(key.group, key.task)}
    stamp = now.replace("-", "").replace(":", "").removesuffix("Z")
    wanted = names.branch(f"{stamp}-{key.task}", number)
    free, count = wanted, 1
    while free in seen or os.path.lexists(store.trash_path(free)) or os.path.lexists(f"{home_trash}/{free}"):
        count += 1
        free = f"{wanted}.{count}"
    return free


def save(store: Store, entry: Entry) -> None:
    """Write the entry."""
    store.save_json(
        f"{store.trash_path(entry.id)}/entry.json",
        {
            "key": str(entry.key),
            "number": entry.number,
            "purpose": entry.purpose,
            "removed_at": entry.removed_at,
            "removed_by": entry.removed_by,
            "tip": entry.tip,
            "path": entry.path,
            "place": entry.place,
            "admin": entry.admin,
            "dot_git": entry.dot_git,
            "uncommitted": entry.uncommitted,
            "keeps": entry.keeps,
            "abandoned": entry.abandoned,
            "opened": entry.opened,
            "emptying": entry.emptying,
            "task": {**_plain(entry.task), "key": str(entry.key), "links": list(entry.task.links)},
            "reservation": _plain(entry.reservation),
            "record": {**_plain(entry.record), "merges": list(entry.record.merges)} if entry.record else None,
        },
    )


def load(store: Store, trash_id: str) -> Entry | None:
    """The entry, or None when there is none of that id. Raises `damaged-file`, `newer-format`."""
    path = f"{store.trash_path(trash_id)}/entry.json"
    document = store.load_json(path)
    if document is None:
        return None
    try:
        task = document["task"]
        record = document["record"]
        entry = Entry(
            trash_id,
            Task(
                **{
                    **_known(Task, task),
                    "key": names.parse_key(task["key"]),
                    "links": tuple(task.get("links", ())),
                }
            ),
            Reservation(**_known(Reservation, document["reservation"])),
            record=None
            if record is None
            else StageRecord(**{**_known(StageRecord, record), "merges": tuple(record.get("merges", ()))}),
            **{name: document[name] for name in _PLAIN},
        )
    except (KeyError, TypeError, AttributeError, OkstraError) as error:
        raise _damaged(path, f"a field is missing or malformed ({error})") from None
    whose = (entry.removed_at, entry.removed_by, entry.purpose)
    texts = (*whose, entry.path, entry.place, entry.admin, entry.dot_git, entry.branch, entry.abandoned)
    if not all(isinstance(text, str) for text in texts) or type(entry.number) is not int or "/" in entry.admin:
        raise _damaged(path, "a field has the wrong type")
    return entry


def entries(store: Store) -> list[Entry]:
    """Every entry that can be read, oldest first, those that are being deleted among them."""
    found = []
    for trash_id in store.trash_ids():
        with contextlib.suppress(OkstraError):  # doctor names it
            entry = load(store, trash_id)
            if entry is not None:
                found.append(entry)
    return found


def admin_path(store: Store, trash_id: str) -> str:
    """Where git's directory of the worktree lies while it is in the trash."""
    return f"{store.trash_path(trash_id)}/admin"


def discard(store: Store, trash_id: str) -> None:
    """Delete the entry and git's directory in it. It is gone from sight at once, whatever happens on the way."""
    path, hidden = store.trash_path(trash_id), f"{store.root}/trash/.gone-{trash_id}"
    if os.path.lexists(path):
        delete_tree(hidden)
        try:
            files.rename(path, hidden)
        except OSError as error:
            raise files.cannot_write(path, error) from None
    delete_tree(hidden)


def delete_tree(path: str) -> None:
    """Delete a directory and all that is in it, read-only directories too; no error when it is gone already."""
    import shutil
    import stat

    def make_writable(_function: object, failed: str, _error: object) -> None:
        # A directory that may not be written keeps what is in it (a module cache, for one): it is ours to open.
        parent = os.path.dirname(failed)
        for directory in (parent, failed):
            with contextlib.suppress(OSError):
                if os.path.isdir(directory) and not os.path.islink(directory):
                    os.chmod(directory, stat.S_IRWXU)

    if not os.path.lexists(path):
        return
    shutil.rmtree(path, onerror=make_writable)
    if not os.path.lexists(path):
        return
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise files.cannot_write(path, error) from None


def leftovers(store: Store) -> list[str]:
    """The hidden directories in the trash: entries whose deletion was cut short, and half-made worktrees set aside."""
    try:
        return sorted(f"{store.root}/trash/{name}" for name in os.listdir(f"{store.root}/trash") if name[0] == ".")
    except (FileNotFoundError, NotADirectoryError):
        return []


_PLAIN = tuple(name for name in Entry.__match_args__ if name not in ("id", "task", "reservation", "record"))


def _plain(value: Task | Reservation | StageRecord) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__match_args__ if name != "before"}


def _known(kind: type[Task | Reservation | StageRecord], document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in kind.__match_args__ if name in document}


def _damaged(path: str, why: str) -> OkstraError:
    return OkstraError("damaged-file", f"'{path}' cannot be used: {why}", "git okstra doctor")
