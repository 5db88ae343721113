"""The verdict on a task as it stands now: the journal's last one, held against branch, plan and report file."""

from __future__ import annotations

import hashlib
import os

from git_okstra.core import verdicts
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.core.verdicts import Present, Verdict
from git_okstra.git import commit_facts, refs
from git_okstra.operations import plans
from git_okstra.operations.context import Context
from git_okstra.state import files

REPORT = "report.json"
RENDERED = "report.md"


@dataclass(frozen=True, slots=True)
class Standing:
    """The last verdict (None: none yet), and what took its force away (empty: nothing)."""

    verdict: Verdict | None
    weakness: str = ""

    @property
    def objection(self) -> str:
        """Why there is no accepted verdict that holds now; empty when there is one."""
        return verdicts.objection(self.verdict, self.weakness)

    @property
    def holds(self) -> bool:
        """Whether the task is accepted as it is."""
        return not self.objection


def standing(ctx: Context, task: Task, commit: str | None = None) -> Standing:
    """How the task stands, or stood while its branch was at `commit`. Raises `damaged-file` when its plan cannot be
    read."""
    found = verdicts.last(ctx.store.events(task.key.group, task.key.task))
    if found is None:
        return Standing(None)
    head = commit or refs.branch(ctx.common_dir, task.branch)
    tree = commit_facts.tree(ctx.common_dir, head) if head else None
    data = files.read(report_path(ctx, task, found))
    sha256 = None if data is None else hashlib.sha256(data).hexdigest()
    return Standing(found, verdicts.weakness(found, Present(head, tree, plan_digest(ctx, task), sha256)))


def plan_digest(ctx: Context, task: Task) -> str | None:
    """The digest of the plan as it is approved: None without a plan, empty when it is not approved as it is."""
    stored = plans.stored(ctx, task)
    return None if stored is None else stored.approved if stored.valid else ""


def report_path(ctx: Context, task: Task, found: Verdict) -> str:
    """The JSON file of the report that goes with a verdict."""
    return f"{ctx.store.reports_path(task.key.group, task.key.task)}/{found.report}/{REPORT}"


def new_directory(ctx: Context, task: Task, commit: str, kind: str = "") -> str:
    """A directory of its own for a report: `[<kind>-]<time>-<short commit>`. Raises OkstraError `cannot-write`."""
    stamp = ctx.now().replace(":", "").replace("-", "")
    root = ctx.store.reports_path(task.key.group, task.key.task)
    files.make_directory(root)
    wanted, n = f"{root}/{kind and f'{kind}-'}{stamp}-{commit[:12]}", 1
    path = wanted
    while True:
        try:
            os.mkdir(path)
        except FileExistsError:
            n += 1
            path = f"{wanted}-{n}"
        except OSError as error:
            raise files.cannot_write(path, error) from None
        else:
            return path
