"""How `git okstra list` and `status` are answered, whether click read the command line or nobody had to.

What draws for a person is imported only then.
"""

from __future__ import annotations

from git_okstra.cli import documents, speaking
from git_okstra.core.records import replace
from git_okstra.operations import listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_okstra.core.tasks import Task
    from git_okstra.operations.status import Status


def listed(run: speaking.Speaker, *, everywhere: bool, fast: bool, long: bool) -> None:
    """Answer `list`, with what its options ask for."""
    if not everywhere:
        _ = run.context.common_dir  # a clear error outside a repository
    if not run.as_json:
        from git_okstra.cli import list_text

        list_text.show(run, everywhere=everywhere, fast=fast, long=long)
        return
    rows = listing.rows(run.context, everywhere=everywhere, dirty=not fast)
    usage = None
    if long:
        from git_okstra.operations import usage as measuring

        usage = measuring.measure(measuring.worktrees(rows))
    run.answer(documents.tasks(rows, usage))


def status(run: speaking.Speaker, task: Task) -> None:
    """Answer `status` for the task."""
    if not run.as_json:
        from git_okstra.cli import status_text

        status_text.show(run, task, lambda shown: addressed(run, shown))
        return
    from git_okstra.operations import status as operation

    run.answer(documents.status(addressed(run, operation.status(run.context, task))))


def addressed(run: speaking.Speaker, shown: Status) -> Status:
    """The status, its commands naming the task where they would reach another without it."""
    return replace(shown, advice=tuple(run.addressed(line) for line in shown.advice))
