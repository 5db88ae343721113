"""`git okstra verify`: the whole-task gate. Facts are gathered, commands run, all reasons told, the verdict recorded.

The report's files are written first, the journal's line after them: a run that dies in between leaves files that
nothing speaks of. An accepted task then goes to final-verification; a move cut short is completed by `phase.settle`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from git_okstra import __version__
from git_okstra.core import final_report, gate, lifecycle, names, verdicts
from git_okstra.core.errors import OkstraError
from git_okstra.core.gate import Ran, Reason
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import refs
from git_okstra.operations import gate_commands, gate_facts, judged_by, phase, verdict
from git_okstra.operations.context import Context
from git_okstra.operations.gate_commands import Watcher
from git_okstra.state import files

Render = Callable[[Mapping[str, Any]], str]
"""Makes the Markdown form of a report."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The report, the directory it was written to (None in a dry run), the reasons, and the task as it is now."""

    report: Mapping[str, Any]
    directory: str | None
    reasons: tuple[Reason, ...]
    task: Task

    @property
    def accepted(self) -> bool:
        """Whether nothing speaks against the task."""
        return not self.reasons


def verify(ctx: Context, task: Task, *, render: Render, watcher: Watcher, dry_run: bool = False) -> Verified:
    """Judge the task as it is. In a dry run no command is run, nothing is written and the phase stays.

    A rejection is a result and no error. Raises `branch-missing`, `cannot-write`, `bad-config`, and `busy` when
    somebody worked on the task meanwhile.
    """
    task = phase.settle(ctx, task)
    events = ctx.store.events(task.key.group, task.key.task)
    gathered = gate_facts.gather(ctx, task)
    facts = gathered.facts
    found = gate.reasons(facts)
    ran = tuple(Ran(command) for command in facts.commands)
    directory = None if dry_run else verdict.new_directory(ctx, task, facts.head)
    if directory is not None and facts.commands and facts.settled and not facts.untrusted and facts.path:
        timeout = judged_by.settings_of(ctx, task, ctx.environ, ctx.options).get("verify.timeout")
        ran = gate_commands.run(task, facts.commands, path=facts.path, logs=directory, timeout=timeout, watcher=watcher)
        found += gate.reasons_of_commands(facts, ran, refs.branch(ctx.common_dir, task.branch))
    report = final_report.document(
        task,
        facts,
        ran,
        found,
        time=ctx.now(),
        owner=ctx.owner,
        program=f"git okstra {__version__}",
        approved_by=gathered.approved_by,
        commits=gathered.commits,
    )
    if directory is None:
        return Verified(report, None, tuple(found), task)
    data = json.dumps(report, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"
    files.write_atomic(f"{directory}/{verdict.RENDERED}", render(report).encode("utf-8", "backslashreplace"))
    files.write_atomic(f"{directory}/{verdict.REPORT}", data)
    with ctx.store.locked():
        if ctx.store.events(task.key.group, task.key.task) != events:
            raise OkstraError(
                "busy",
                f"somebody worked on {names.printable(task.id)} while it was verified",
                "see what: git okstra log\nthen judge what there is now: git okstra verify",
            )
        event = ctx.event(
            verdicts.EVENT,
            verdict=report["verdict"],
            commit=facts.head,
            tree=facts.tree,
            plan=facts.digest,
            report=os.path.basename(directory),
            sha256=hashlib.sha256(data).hexdigest(),
        )
        ctx.store.append(task.key.group, task.key.task, event)
        if not found and lifecycle.voids(task.phase):
            task = phase.move(ctx, task, lifecycle.VERIFICATION)
    return Verified(report, directory, tuple(found), task)
