"""pre-push: what `core.pushing` says of each update. Runs in the whole repository, for a push can be made anywhere."""

from __future__ import annotations

from git_okstra.core import pushing
from git_okstra.core.refusals import Refusal
from git_okstra.git import refs
from git_okstra.hooks import ground, ledger


def judge(common_dir: str, git_dir: str, lines: str) -> list[Refusal]:
    """Every refusal of a push, its lines being `<local ref> <local id> <remote ref> <remote id>` (githooks(5))."""
    known = ground.load(common_dir)
    head = _head(git_dir)
    updates = []
    for line in lines.split("\n"):
        words = line.rsplit(" ", 3)
        if len(words) != 4:
            continue
        local_ref, local_id, remote_ref, remote_id = words
        update = pushing.Update(pushing.resolved(local_ref, head), local_id, remote_ref, remote_id, None)
        if pushing.concerns(known, update):
            update.fast_forward = _fast_forward(common_dir, remote_id, local_id)
            updates.append(update)
    refused = pushing.judge(known, updates)
    return refused or ledger.judge(common_dir, [name for one in updates for name in pushing.governed_by(known, one)])


def _head(git_dir: str) -> str:
    """The full name of the branch that HEAD is on, empty when it is detached."""
    try:
        with open(f"{git_dir}/HEAD", encoding="utf-8", errors="surrogateescape") as file:
            line = file.read().strip()
    except OSError:
        return ""
    return line.removeprefix("ref: ") if line.startswith("ref: refs/heads/") else ""


def _fast_forward(common_dir: str, old: str, new: str) -> bool | None:
    """Whether a remote's ref would move forward; None when its commit is not known here."""
    if not old.strip("0") or not new.strip("0"):
        return True
    if refs.commit(common_dir, old) is None:
        return None
    return refs.is_ancestor(common_dir, old, new)
