"""What the hooks know of a repository: the protected branches and the governed ones."""

from __future__ import annotations

import os

from git_okstra.core import pushing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_okstra.operations.context import Context


def load(common_dir: str) -> pushing.Ground:
    """What pushes are judged by: the protected branches, and every governed one with its tip. Raises `damaged-file`,
    `newer-format`, `bad-config`."""
    from git_okstra.core.errors import OkstraError
    from git_okstra.git import refs

    ctx = context(common_dir)
    store = ctx.store
    identity = store.identity()
    governed: dict[str, pushing.Branch] = {}
    project = "" if identity is None else str(identity["project"])
    for path, error in ctx.registry.damaged(project):
        raise OkstraError(error.code, f"{path}: {error.message}", error.hint)
    for record in ctx.registry.records(project):
        task = store.task(record.key.project, record.key.group, record.key.task)
        if record.repository != common_dir or task is None:
            continue
        for number, entry in record.reservations.items():
            tip = refs.branch(common_dir, entry.branch) or ""
            own = "" if tip in (entry.base, task.base_commit) else tip
            governed.setdefault(entry.branch, pushing.Branch(task.id, number, task.lifecycle, task.phase, own))
    return pushing.Ground(tuple(ctx.settings.get("policy.protected")), governed)


def context(common_dir: str) -> Context:
    """An invocation in the repository."""
    from git_okstra.operations.context import Context

    return Context(common_dir, {name: value for name, value in os.environ.items() if not name.startswith("GIT_")})
