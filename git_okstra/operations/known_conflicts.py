"""What `conflicts` has found out is kept, by the commits it was asked about, for the next `conflicts` and for `list`.

Derived: whatever cannot be read is not known. Loaded by `list`, so that nothing but the store is needed here.
"""

from __future__ import annotations

import contextlib
import os

from git_okstra.core import readiness
from git_okstra.core.conflicts import BASE, TASK
from git_okstra.core.errors import OkstraError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from git_okstra.core.tasks import Task
    from git_okstra.state.store import Store

    Pairs = Mapping[str, Sequence[tuple[str, Sequence[tuple[int, int]]]]]
    """`<commit>..<commit>` -> the files in conflict, each with its marked ranges of lines."""

LOOKED_AT = (readiness.OPEN, readiness.DONE, readiness.STALE)
"""The states of the stages whose conflicts matter: what is merged has had them."""


def load(store: Store, task: Task) -> Pairs:
    """What is known."""
    path = _path(store, task)
    if not os.path.exists(path):
        return {}
    try:
        pairs = (store.load_json(path) or {}).get("pairs", {})
        return {
            str(pair): [(str(one["path"]), [(int(a), int(b)) for a, b in one["hunks"]]) for one in files]
            for pair, files in pairs.items()
        }
    except (OkstraError, AttributeError, KeyError, TypeError, ValueError):
        return {}


def keep(store: Store, task: Task, pairs: Pairs) -> None:
    """Write what is known now; where that cannot be written, it is asked again."""
    found = {pair: [{"path": path, "hunks": hunks} for path, hunks in files] for pair, files in pairs.items()}
    with contextlib.suppress(OkstraError), store.locked():
        store.save_json(_path(store, task), {"pairs": found})


def marks(
    store: Store, task: Task, heads: Mapping[int, str], task_head: str | None, base: str | None
) -> dict[int, tuple[str, ...]]:
    """For each stage the lines of work with which it is known to conflict, all of them being at these commits now."""
    clashing = {frozenset(pair.split("..")) for pair, files in load(store, task).items() if files}
    if not clashing:
        return {}
    others = [(str(number), head) for number, head in sorted(heads.items())]
    others += [(name, commit) for name, commit in ((TASK, task_head), (BASE, base)) if commit]
    return {
        number: tuple(name for name, commit in others if name != str(number) and frozenset((head, commit)) in clashing)
        for number, head in heads.items()
    }


def _path(store: Store, task: Task) -> str:
    return f"{store.task_directory(task.key.group, task.key.task)}/conflicts.json"
