"""Every command that changes something is one entry of the operation log (`state/operation_log.py`).

What a command changes is seen at the one door of our files: before the first write to a task's record, or to a file of
settings, what it was like is written down. Who changes nothing writes nothing. No git is started: where the branches
are is read from git's files.

An operation that was cut short is completed by the next one: it ends as things stand now. If the next is the same
command by the same owner, or takes back the same operation, it takes the earlier one over, with what had been before
it, so that both are undone as one. The next one's own lines are written first: killed between, both are cut short.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.git import refs, repository
from git_okstra.operations.context import Context
from git_okstra.state import files, locks, operation_log
from git_okstra.state.operation_log import Change, Entry
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

_OF_A_TASK = ("task.toml", "plan.toml", "journal.jsonl", "merge.json", "handoff.json")
_HOOKS = "git.config"
_SETTINGS = ("config.toml", "trusted.json")
_ANYWHERE = ("config", "guard")
"""Commands that write files of settings which lie outside of what is ours."""
FILE = "file:"
HOOKS = "hooks"
TRASH = "trash"

_active: _Recorder | None = None


@contextlib.contextmanager
def recorded(ctx: Context, words: Sequence[str]) -> Iterator[None]:
    """Record what is changed in the block; `words` are the command as it was typed, after `git okstra`."""
    found = repository.discover(ctx.directory, ctx.environ)
    if found is None or files.watcher is not None:
        yield
        return
    global _active
    recorder = _active = _Recorder(ctx, Store(found.common_dir), words)
    files.watcher = recorder.told
    try:
        yield
    except BaseException as error:
        files.watcher = None
        # Killed or interrupted, it is left as cut short: the same command again goes on with it.
        if isinstance(error, Exception):
            recorder.end(operation_log.FAILED)
        raise
    finally:
        files.watcher = _active = None
    recorder.end(operation_log.DONE)


def state(ctx: Context, store: Store, name: str) -> dict[str, Any]:
    """What `name` (`<group>/<task>`, `hooks`, `trash` or `file:<path>`) is like: its files, where its branches are."""
    if name == HOOKS:
        return {"text": "installed" if os.path.exists(f"{store.root}/{_HOOKS}") else None}
    if name == TRASH:
        return {"entries": store.trash_ids()}
    if name.startswith(FILE):
        path = name.removeprefix(FILE)
        return {"text": _text(path), "mode": _mode(path)}
    group, task = name.split("/", 1)
    directory = store.task_directory(group, task)
    project = _project(store)
    found: dict[str, Any] = {
        "task": _text(f"{directory}/task.toml"),
        "plan": _text(f"{directory}/plan.toml"),
        "journal": _size(f"{directory}/journal.jsonl"),
        "reservations": {},
        "refs": {},
    }
    if project is None:
        return found
    key = TaskKey(project, group, task)
    with contextlib.suppress(OkstraError):
        record = Registry(ctx.home).record(key)
        if record is not None and record.repository == store.common_dir:
            # Who does what at the moment is no part of what was.
            found["reservations"] = {
                str(number): {name: getattr(one, name) for name in one.__slots__}
                for number, one in sorted(record.reservations.items())
            }
        known = store.task(*key)
        branch = known.branch if known is not None else record.branch if record is not None else None
        if branch is not None:
            found["refs"] = refs.glance(store.common_dir, branch)
    return found


def expect(name: str, *, undoes: str | None = None) -> None:
    """Record `name` as it is now, whatever is going to be changed of it first. `undoes` is the id of the operation that
    is taken back; then OkstraError `busy` is raised while another process takes any back."""
    if _active is not None:
        _active.undoes = undoes
        _active.expect(name)


def leave() -> None:
    """In a process that was forked from the one that records: what it changes is no operation of its own."""
    global _active
    files.watcher = _active = None


def is_settings(name: str) -> bool:
    """Whether `name` is that of a file of settings."""
    return name.startswith(FILE)


def is_task(name: str) -> bool:
    """Whether `name` is that of a task."""
    return "/" in name and not is_settings(name)


def complete(ctx: Context, store: Store, entry: Entry) -> Entry:
    """The operation, which was cut short, ended as things stand now. Nothing is written."""
    for change in entry.changes.values():
        change.after = summary(state(ctx, store, change.name))
        change.events = _events_since(store, change, entry.owner)
    entry.outcome = operation_log.INTERRUPTED if _is_changed(entry) else operation_log.NOTHING
    return entry


def forget_old(ctx: Context) -> int:
    """Take out of the log what is older than `undo.keep`; how many operations. Called without any lock."""
    import datetime

    keep, now = ctx.settings.get("undo.keep"), datetime.datetime.fromisoformat(ctx.now())
    old = set()
    for entry in operation_log.entries(ctx.store):
        with contextlib.suppress(ValueError):
            age = (now - datetime.datetime.fromisoformat(entry.time)).total_seconds()
            if entry.outcome is not None and age >= keep:
                old.add(entry.id)
    if old:
        with ctx.store.locked():
            operation_log.forget(ctx.store, old)
    return len(old)


def summary(found: Mapping[str, Any]) -> dict[str, Any]:
    """A state with its texts as digests, to tell whether it still is the same."""
    return {
        name: digest(value) if name in ("task", "plan", "text") and value is not None else value
        for name, value in found.items()
    }


def digest(text: str) -> str:
    """What stands for a text in the log."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


class _Recorder:
    def __init__(self, ctx: Context, store: Store, words: Sequence[str]) -> None:
        self.ctx, self.store, self.words = ctx, store, tuple(words)
        self.entry: Entry | None = None
        self.undoes: str | None = None
        self.taken: list[Entry] = []
        self.hold: locks.Hold | None = None
        self.events: dict[str, list[Mapping[str, Any]]] = {}
        self.busy = False

    def told(self, path: str, line: bytes) -> None:
        """A file is about to be changed; see `files.watcher`."""
        name = None if self.busy else self._name(path)
        if name is None:
            return
        self.expect(name)
        if line and path.endswith("/journal.jsonl"):
            self.events.setdefault(name, []).append(json.loads(line.decode("utf-8", "surrogateescape")))

    def expect(self, name: str) -> None:
        """Record what `name` is like, unless that was done."""
        if self.entry is None or name not in self.entry.changes:
            self.busy = True
            try:
                self._begin(name)
            finally:
                self.busy = False

    def end(self, outcome: str) -> None:
        """The command is over. What cannot be written is left for the next one to complete."""
        entry = self.entry
        if entry is None:
            return
        with contextlib.suppress(OkstraError):
            for change in entry.changes.values():
                change.after = summary(state(self.ctx, self.store, change.name))
                change.events = tuple(self.events.get(change.name, ()))
                if any(change.name in one.changes for one in self.taken):
                    change.events = _events_since(self.store, change, entry.owner)
            entry.outcome = outcome if _is_changed(entry) else operation_log.NOTHING
            with self.store.locked():
                operation_log.end(self.store, entry, self.ctx.now())
                operation_log.trim(self.store)
                if self.hold is not None:
                    self.hold.drop()

    def _name(self, path: str) -> str | None:
        parts = path.split("/")
        if path.startswith(f"{self.store.root}/tasks/") and _is_of_a_task(parts[-1]):
            return "/".join(parts[-3:-1])
        if path.startswith(f"{self.ctx.home}/registry/tasks/"):
            return f"{parts[-2]}/{parts[-1].removesuffix('.json')}"
        if path == f"{self.store.root}/{_HOOKS}":
            return HOOKS
        top = os.path.dirname(path)
        if parts[-1] == ".okstra.toml" or (parts[-1] in _SETTINGS and top in (self.store.root, self.ctx.home)):
            return f"{FILE}{path}"
        ours = path.startswith((f"{self.store.root}/", f"{self.ctx.home}/registry/", f"{self.store.common_dir}/"))
        return f"{FILE}{path}" if "".join(self.words[:1]) in _ANYWHERE and not ours else None

    def _begin(self, name: str) -> None:
        with contextlib.nullcontext() if locks.has(locks.STORE) else self.store.locked():
            gone: list[str] = []
            left: list[Entry] = []
            if self.entry is None:
                gone = operation_log.cut_short(self.store)
                known = operation_log.entries(self.store) if gone or self.undoes else []
                if any(one.undoes and operation_log.is_alive(self.store, one) for one in known) and self.undoes:
                    hint = "run the same command again when it is through"
                    raise OkstraError("busy", "another process is taking an operation back", hint)
                time = self.ctx.now()
                stamp = time.replace("-", "").replace(":", "").removesuffix("Z")
                operation = f"{stamp}-{os.urandom(4).hex()}"
                self.entry = Entry(operation, time, self.ctx.owner, self.words, undoes=self.undoes)
                self.hold = locks.Hold(operation_log.hold_path(self.store, self.entry.id))
                left = [one for one in known if one.id in gone and one.outcome is None]
                self.taken = [one for one in left if _continues(self.entry, one)]
            for what in (name, *(other for taken in self.taken for other in taken.changes)):
                if what not in self.entry.changes:
                    earlier = [taken.changes[what].before for taken in self.taken if what in taken.changes]
                    change = Change(what, earlier[0] if earlier else state(self.ctx, self.store, what))
                    operation_log.begin(self.store, self.entry, change)
                    self.entry.changes[what] = change
            for one in left:
                if one in self.taken:
                    one.outcome = operation_log.CONTINUED
                else:
                    complete(self.ctx, self.store, one)
                operation_log.end(self.store, one, self.ctx.now())
            for operation in gone:
                files.remove(operation_log.hold_path(self.store, operation))


def _is_of_a_task(name: str) -> bool:
    """Whether a file of this name, in a task's directory, is written before something of the task is changed."""
    return name in _OF_A_TASK or (name.startswith("sync-") and name.endswith(".json"))


def _continues(entry: Entry, left: Entry) -> bool:
    """Whether the operation is the one that was cut short, run again."""
    same = entry.undoes == left.undoes if entry.undoes or left.undoes else entry.command == left.command
    return same and entry.owner == left.owner


def _is_changed(entry: Entry) -> bool:
    return any(one.events or not _same(summary(one.before), one.after) for one in entry.changes.values())


def _same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)


def _events_since(store: Store, change: Change, owner: str) -> tuple[Mapping[str, Any], ...]:
    """The events that the owner wrote into the task's journal since the operation began."""
    if "/" not in change.name or change.name.startswith(FILE):
        return ()
    directory = store.task_directory(*change.name.split("/", 1))
    data = (files.read(f"{directory}/journal.jsonl") or b"")[int(change.before.get("journal", 0)) :]
    found = []
    for line in data.split(b"\n"):
        with contextlib.suppress(ValueError, RecursionError):
            document = json.loads(line.decode("utf-8", "surrogateescape"))
            if isinstance(document, dict) and document.get("owner") == owner:
                found.append(document)
    return tuple(found)


def _project(store: Store) -> str | None:
    with contextlib.suppress(OkstraError):
        identity = store.identity()
        return str(identity["project"]) if identity else None
    return None


def _text(path: str) -> str | None:
    data = files.read(path)
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        return None


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
