"""`git okstra remove`: worktree, branch and reservation go to the trash, and nothing is lost unasked."""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.core import removal
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task, TaskRecord
from git_okstra.operations import leasing, releasing, removable, trashing
from git_okstra.operations.context import Context
from git_okstra.operations.removable import Examined
from git_okstra.operations.targets import Target
from git_okstra.state import locks
from git_okstra.state.trash import Entry


@dataclass(frozen=True, slots=True)
class Gone:
    """What was removed of one key. `trash` is empty in a dry run, and where nothing of its own was there to remove.

    `uncommitted` is how many paths went along that no commit holds; `restore` the line that brings it all back.
    """

    key: TaskKey
    number: int
    trash: str
    path: str
    branch: str
    tip: str | None
    uncommitted: int

    @property
    def restore(self) -> str:
        """What to type to have it back; empty when there is nothing to bring back."""
        return f"git okstra restore {self.trash}" if self.trash else ""


@dataclass(frozen=True, slots=True)
class Removed:
    """Everything that was removed, in that order."""

    items: tuple[Gone, ...]


def remove(
    ctx: Context, target: Target, *, force_dirty: bool = False, force_unmerged: bool = False, dry_run: bool = False
) -> Removed:
    """Remove a stage, or a task with all its stages.

    `force_dirty` takes uncommitted changes and untracked files along, `force_unmerged` commits that are on no other
    branch. All worktrees are looked at before the first one goes, and everything that speaks against it is reported at
    once: raises `held`, `worktree-locked`, `worktree-occupied`, `wrong-branch`, `merge-in-progress`, `dirty-worktree`,
    `submodule-work`, `unmerged-commits`; also `busy`, `stage-not-open`, `no-such-task`, and what moving raises.
    """
    task, number = target.task, target.number
    settled = {} if dry_run else releasing.settle_task(ctx, task)
    record = ctx.registry.record(task.key)
    if record is None or record.reservation(number) is None:
        if number in settled:
            return Removed(tuple(from_entry(entry) for _, entry in sorted(settled.items(), reverse=True)))
        raise removable.nothing_held(task, number)
    going = sorted(record.reservations, reverse=True) if number == TASK else [number]
    examined = examine_all(ctx, task, record, going, "remove")
    found = [
        reason
        for one in examined
        for reason in removal.reasons(one.facts, force_dirty=force_dirty, force_unmerged=force_unmerged)
    ]
    if found:
        given = [flag for flag, on in (("-f", force_dirty), ("-D", force_unmerged)) if on]
        command = " ".join([removable.short_command(ctx, "remove", task, number), *given])
        raise removal.refusal(found, command)
    if dry_run:
        return Removed(tuple(foretold(task, one) for one in examined))
    return Removed(tuple(take_away(ctx, task, one, trashing.REMOVE) for one in examined))


def examine_all(
    ctx: Context,
    task: Task,
    record: TaskRecord,
    numbers: Sequence[int],
    verb: str,
    *,
    anyone: bool = False,
    deletes_branch: bool = True,
) -> list[Examined]:
    """The reservations looked at, to go in that order. Raises `busy` when another process is at one of them,
    `taken-over` when the caller's lease of one is over.

    `anyone` lets everybody take away what someone else has, `deletes_branch` is False when the branches are kept.
    """
    _require_quiet(ctx, task, record, numbers)
    for number in () if anyone else numbers:
        leasing.require_present(ctx, record, number)
    try:
        return [
            removable.examine(
                ctx, task, record, number, verb, together=numbers, anyone=anyone, deletes_branch=deletes_branch
            )
            for number in numbers
        ]
    except OkstraError:
        # What is looked at may be taken away by another process meanwhile; then that is what there is to say.
        _require_quiet(ctx, task, ctx.registry.record(task.key), numbers)
        raise


def _require_quiet(ctx: Context, task: Task, record: TaskRecord | None, numbers: Sequence[int]) -> None:
    """Raise OkstraError `busy` when another process is at one of them, `stage-not-open` when one is not held."""
    for number in numbers:
        if record is None or record.reservation(number) is None:
            raise removable.nothing_held(task, number)
        alive = locks.is_held(ctx.registry.hold_path(task.key, number))
        removable.require_quiet(ctx, record, number, alive=alive)


def take_away(ctx: Context, task: Task, one: Examined, purpose: str) -> Gone:
    """Remove one reservation that nothing speaks against."""
    entry = releasing.remove(
        ctx,
        task,
        one.reservation,
        purpose,
        tip=one.tip,
        uncommitted=one.facts.uncommitted,
        require=lambda present: removable.require_as_examined(ctx, task, one, present),
    )
    return from_entry(entry) if entry else foretold(task, one)


def foretold(task: Task, one: Examined) -> Gone:
    """What would be removed."""
    reservation = one.reservation
    return Gone(
        task.key,
        reservation.number,
        "",
        one.facts.path,
        reservation.branch,
        one.tip,
        one.facts.uncommitted,
    )


def from_entry(entry: Entry) -> Gone:
    """What a trash entry says was removed."""
    return Gone(entry.key, entry.number, entry.id, entry.path, entry.branch, entry.tip, entry.uncommitted)
