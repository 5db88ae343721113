"""`git okstra doctor`: says what registry, store and git disagree about, and mends what can be mended without loss.

`examine` writes nothing and takes no lock. It looks twice before it calls anything wrong, so that a command which
finishes between two readings is not taken for a fault. `repair` mends in the order of `findings.FINDINGS`, and looks
again after each kind, for one cause often has several faces.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from git_okstra.core import diagnosis, findings, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.evidence import Evidence, StoredTask
from git_okstra.core.findings import NOTE, Finding
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Reservation, TaskRecord
from git_okstra.operations import examination, hooking, mending, rebuilding
from git_okstra.operations.context import Context
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

SECOND_LOOK = 0.1
"""Seconds between the two looks: longer than a command needs from one of its writes to the next."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a finding: `done` says what was done about it (or would be, in a dry run), `left` why not."""

    finding: Finding
    done: str | None
    left: str | None


def examine(ctx: Context) -> list[Finding]:
    """Everything that is wrong, worst first. Raises `not-a-repository`, `git-failed`."""
    return _look(ctx)[1]


def repair(ctx: Context, *, dry_run: bool = False) -> list[Repair]:
    """Mend what can be mended; every finding but mere notes, with what became of it."""
    _prepare(ctx)
    repairs: list[Repair] = []
    tried: set[tuple[str, str]] = set()
    while True:
        found, wrong = _look(ctx)
        if dry_run:
            return [_foretold(one) for one in wrong if one.repairable or one.severity != NOTE]
        todo = [one for one in wrong if one.repairable and (one.code, one.subject) not in tried]
        if not todo:
            rest = [one for one in wrong if not one.repairable and one.severity != NOTE]
            return repairs + [Repair(one, None, _reason(one)) for one in rest]
        for one in todo:
            if one.code != todo[0].code:
                break
            tried.add((one.code, one.subject))
            repairs.append(_mended(ctx, found, one))


def _look(ctx: Context) -> tuple[Evidence, list[Finding]]:
    found = examination.gather(ctx)
    wrong = diagnosis.diagnose(found)
    if findings.is_clean(wrong):
        return found, wrong
    time.sleep(SECOND_LOOK)
    first = {(one.code, one.subject) for one in wrong}
    found = examination.gather(ctx)
    return found, [one for one in diagnosis.diagnose(found) if (one.code, one.subject) in first]


def _prepare(ctx: Context) -> None:
    """Let registry and store be used although the settings cannot be read."""
    try:
        ctx.settings.get("lock.timeout")
    except OkstraError:
        ctx.registry, ctx.store = Registry(ctx.home), Store(ctx.common_dir)


def _foretold(one: Finding) -> Repair:
    return Repair(one, f"would {one.remedy}", None) if one.repairable else Repair(one, None, _reason(one))


def _reason(one: Finding) -> str:
    return one.hint.replace("\n", "; ") or "nothing can be done about it here"


def _mended(ctx: Context, found: Evidence, one: Finding) -> Repair:
    try:
        return Repair(one, _mend(ctx, found, one), None)
    except OkstraError as error:
        hint = f"; {error.hint.splitlines()[0]}" if error.hint else ""
        return Repair(one, None, f"{error.message}{hint}")


def _mend(ctx: Context, found: Evidence, one: Finding) -> str:
    if one.code in _FILES:
        return _FILES[one.code](ctx, found, one)
    if one.code in _ENTRIES:
        record, entry = _entry(found, one.subject)
        return _ENTRIES[one.code](ctx, found, record, entry)
    if one.code in ("entry-missing", "worktree-unrecorded"):
        return mending.entry_missing(ctx, found, *_unrecorded(found, one))
    if one.code == "task-missing":
        return mending.task_missing(ctx, found, one.subject)
    if one.code == "held-elsewhere":
        return mending.held_elsewhere(ctx, found, _stored(found, one.subject))
    if one.code == "derived-stale":
        return mending.derived_stale(ctx, found, _stored(found, one.subject))
    if one.code in ("hooks-missing", "hooks-overwritten"):
        hooking.install(ctx)
        return "installed ours again"
    if one.code == "half-made-worktree":
        return mending.half_made(ctx, found, next(each for each in found.registrations if each.admin == one.subject))
    if one.code == "dead-link":
        link = next(each for each in found.dead_links if f"{each.worktree}/{each.name}" == one.subject)
        return mending.dead_link(ctx, link)
    assert one.code == "leftover-temporary", one.code
    return mending.leftover(ctx, one.subject)


def _record(ctx: Context, found: Evidence, one: Finding) -> str:
    damaged = next(each for each in found.unreadable if one.subject in (each.key, each.path) and each.kind == "record")
    return rebuilding.record(ctx, found, damaged.path) if damaged.key else rebuilding.misplaced(ctx, damaged.path)


_FILES: dict[str, Callable[[Context, Evidence, Finding], str]] = {
    "damaged-identity": lambda ctx, found, one: rebuilding.identity(ctx, found, one.subject),
    "damaged-project": lambda ctx, found, one: rebuilding.project_file(ctx, found, one.subject),
    "damaged-task": lambda ctx, found, one: rebuilding.task_file(ctx, found, one.subject),
    "damaged-record": _record,
    "damaged-plan": lambda ctx, found, one: rebuilding.plan(ctx, found, one.subject),
    "damaged-trust": lambda ctx, found, one: rebuilding.trust(ctx, one.subject),
    "repository-moved": lambda ctx, found, one: rebuilding.moved(ctx, found),
    "repository-copied": lambda ctx, found, one: rebuilding.copied(ctx, found),
}

_ENTRIES: dict[str, Callable[[Context, Evidence, TaskRecord, Reservation], str]] = {
    "reserving-stale": mending.reserving_stale,
    "releasing-stale": mending.releasing_stale,
    "worktree-moved": mending.worktree_moved,
    "worktree-missing": mending.worktree_missing,
    "worktree-unlinked": mending.worktree_unlinked,
    "branch-missing": mending.branch_missing,
    "marker-missing": mending.marker_missing,
    "journal-incomplete": mending.journal_incomplete,
    "takeover-unjournaled": mending.takeover_unjournaled,
}


def _entry(found: Evidence, subject: str) -> tuple[TaskRecord, Reservation]:
    return next(
        (record, entry)
        for record in found.records
        for number, entry in record.reservations.items()
        if names.stage_key(record.key, number) == subject
    )


def _stored(found: Evidence, key: str) -> StoredTask:
    return next(one for one in found.tasks if str(one.key) == key)


def _unrecorded(found: Evidence, one: Finding) -> tuple[StoredTask, int]:
    """The task and number of an entry that is missing: the subject is its key, or the worktree that bears its mark."""
    key, _, number = one.subject.partition("#stage-")
    for stored in found.tasks:
        if str(stored.key) == key:
            return stored, int(number or names.TASK)
    mark = next(each.marker for each in found.registrations if one.subject in (each.path, each.found) and each.marker)
    return next(stored for stored in found.tasks if (stored.key.group, stored.key.task) == mark[:2]), mark[2]
