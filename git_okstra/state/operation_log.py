"""The operation log of a repository: `<common dir>/okstra/operations.jsonl`, two lines for each command that changed
something.

- `begun`, written before the first change of each thing (a task, the hooks, or a file of settings): what it was like;
- `ended`: what each is like afterwards, and the journal events that the command wrote.

While the command runs it has a hold at `operations/<id>`. A `begun` without `ended` whose hold is free was cut short.
Lines are added under the store lock; only `prune` takes any out. A line that cannot be read is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from git_okstra.core import formats
from git_okstra.state import files, locks
from git_okstra.state.store import Store

DONE = "done"
FAILED = "failed"
INTERRUPTED = "interrupted"
LARGEST = 4 << 20
"""Bytes that the log may have before it is trimmed."""
NOTHING = "nothing"
"""The command wrote files, and in the end they said what they had said before."""
CONTINUED = "continued"
"""It was cut short, and a later operation took it over together with what had been before it."""


@dataclass(slots=True)
class Change:
    """One thing that an operation changed: `name` is `<group>/<task>`, `hooks`, or `file:<path>`.

    `before` and `after` are what the recording wrote; `events` the documents of the journal events, in their order.
    """

    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[Mapping[str, Any], ...] = ()


@dataclass(slots=True)
class Entry:
    """One operation. `outcome` is None while it runs, or when it was cut short; `undoes` is the id of the one that it
    takes back."""

    id: str
    time: str
    owner: str
    command: tuple[str, ...]
    changes: dict[str, Change] = field(default_factory=dict)
    outcome: str | None = None
    undoes: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is an operation of its own that changed something and is over."""
        return self.outcome in (DONE, FAILED, INTERRUPTED)


def path(store: Store) -> str:
    """Where the log is kept."""
    return f"{store.root}/operations.jsonl"


def hold_path(store: Store, operation: str) -> str:
    """What the process that carries an operation out has flocked."""
    return f"{store.root}/operations/{operation}"


def cut_short(store: Store) -> list[str]:
    """The ids of operations whose processes are gone and left no outcome, or died while they gave their hold back."""
    return [name for name in _holds(store) if not locks.is_held(hold_path(store, name))]


def is_alive(store: Store, entry: Entry) -> bool:
    """Whether the operation is being carried out at the moment."""
    return entry.outcome is None and locks.is_held(hold_path(store, entry.id))


def taken_back(known: Sequence[Entry]) -> dict[str, str]:
    """The operations of the log that do not stand: the id of each, and that of the undo which took it back."""
    found: dict[str, str] = {}
    for entry in reversed(known):
        if entry.undoes and entry.outcome == DONE and entry.id not in found:
            found.setdefault(entry.undoes, entry.id)
    return found


def _holds(store: Store) -> list[str]:
    try:
        return sorted(os.listdir(f"{store.root}/operations"))
    except (FileNotFoundError, NotADirectoryError):
        return []


def entries(store: Store) -> list[Entry]:
    """Every operation, the oldest first. Raises `newer-format` when a newer git okstra wrote a line."""
    found: dict[str, Entry] = {}
    for line in _lines(store):
        try:
            _read(found, line)
        except (KeyError, TypeError, AttributeError, ValueError):
            continue
    return list(found.values())


def begin(store: Store, entry: Entry, change: Change) -> None:
    """Write down that the operation is about to change this. Called under the store lock."""
    head: dict[str, Any] = {"id": entry.id, "line": "begun", "time": entry.time, "owner": entry.owner}
    head |= {"command": list(entry.command), **({"undoes": entry.undoes} if entry.undoes else {})}
    _append(store, {**head, "what": change.name, "before": change.before})


def end(store: Store, entry: Entry, time: str) -> None:
    """Write down what became of it. Called under the store lock."""
    after = {change.name: {"after": change.after, "events": list(change.events)} for change in entry.changes.values()}
    _append(store, {"id": entry.id, "line": "ended", "time": time, "outcome": entry.outcome, "changes": after})


def trim(store: Store) -> None:
    """Keep the log from growing without end where nobody prunes: beyond LARGEST the oldest operations go, until it is
    half of that. Called under the store lock."""
    try:
        if os.path.getsize(path(store)) <= LARGEST:
            return
    except OSError:
        return
    room, old = LARGEST // 2, set()
    sizes: dict[str, int] = {}
    for line in (files.read(path(store)) or b"").split(b"\n"):
        sizes[_id(line) or ""] = sizes.get(_id(line) or "", 0) + len(line) + 1
    for operation in reversed(sizes):
        room -= sizes[operation]
        if room < 0 and not locks.is_held(hold_path(store, operation)):
            old.add(operation)
    forget(store, old)


def forget(store: Store, ids: Collection[str]) -> None:
    """Take operations out of the log. Called under the store lock."""
    data = files.read(path(store)) or b""
    kept = [line for line in data.split(b"\n") if line.strip() and _id(line) not in ids]
    files.write_atomic(path(store), b"".join(line + b"\n" for line in kept))


def _append(store: Store, document: Mapping[str, Any]) -> None:
    text = json.dumps({"format": formats.FORMAT, **document}, ensure_ascii=False, separators=(",", ":"))
    files.append_line(path(store), text.encode("utf-8", "surrogateescape"))


def _lines(store: Store) -> list[dict[str, Any]]:
    found = []
    for line in (files.read(path(store)) or b"").split(b"\n"):
        try:
            document = json.loads(line.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            formats.require_known(document, path(store))
            found.append(document)
    return found


def _id(line: bytes) -> str | None:
    try:
        document = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    return document.get("id") if isinstance(document, dict) and isinstance(document.get("id"), str) else None


def _read(found: dict[str, Entry], line: Mapping[str, Any]) -> None:
    operation = str(line["id"])
    if line["line"] == "begun":
        command = tuple(map(str, line["command"]))
        undoes = str(line["undoes"]) if line.get("undoes") else None
        fresh = Entry(operation, str(line["time"]), str(line["owner"]), command, undoes=undoes)
        entry = found.setdefault(operation, fresh)
        entry.changes[str(line["what"])] = Change(str(line["what"]), dict(line["before"]))
    elif line["line"] == "ended" and operation in found:
        entry = found[operation]
        for name, told in dict(line["changes"]).items():
            change = entry.changes.get(name)
            if change is not None:
                change.after = dict(told["after"])
                change.events = tuple(dict(event) for event in told["events"])
        entry.outcome = str(line["outcome"])
