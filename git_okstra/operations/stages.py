"""`git okstra stage 1 2 3` and `stage --all-ready`: several stages opened by one command.

They are claimed and registered one after the other, then filled side by side, as many at a time as there are
processors, and finished one after the other in the order asked for. Each is on its own: what refuses one says nothing
about the others, and a process that dies leaves each as `stage N` would leave it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.operations import plans, policing, provisioning, stage
from git_okstra.operations.context import Context


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one stage: `opened`, or why not. Both when it is open and its setup commands failed."""

    number: int
    opened: stage.Opened | None = None
    error: OkstraError | None = None


def open_several(
    ctx: Context,
    task: Task,
    numbers: Sequence[int],
    *,
    exclusive: bool = False,
    merge_deps: bool = False,
    flat: bool = False,
    sparse: bool | None = None,
    dry_run: bool = False,
) -> list[Outcome]:
    """Open each of the stages, or give it again to its owner; one outcome for each, in their order.

    Raises `plan-missing`, `plan-not-approved`; what refuses one stage is in its outcome.
    """
    plans.require_approved(ctx, task)
    begun: dict[int, Outcome | stage.Opening] = {}
    for number in numbers:
        if number in begun:
            continue
        try:
            # Read anew: the first stage of a task fixes its anchor.
            now = ctx.store.task(*task.key) or task
            one = stage.begin(
                ctx,
                now,
                number,
                exclusive=exclusive,
                merge_deps=merge_deps,
                flat=flat,
                sparse=sparse,
                dry_run=dry_run,
            )
            begun[number] = Outcome(number, one) if isinstance(one, stage.Opened) else one
        except OkstraError as error:
            begun[number] = Outcome(number, error=error)
    return _completed(ctx, task, begun)


def open_all_ready(
    ctx: Context,
    task: Task,
    *,
    merge_deps: bool = False,
    flat: bool = False,
    sparse: bool | None = None,
    dry_run: bool = False,
) -> list[Outcome]:
    """Open every stage that is ready and that nobody has; one outcome for each that was opened or refused.

    One that somebody else takes first is passed over. Raises `nothing-ready` saying why there is none.
    """
    plan = plans.require_approved(ctx, task)
    found = open_several(
        ctx,
        task,
        stage.to_open(ctx, task, plan, {}),
        exclusive=True,
        merge_deps=merge_deps,
        flat=flat,
        sparse=sparse,
        dry_run=dry_run,
    )
    return [one for one in found if one.error is None or one.error.code not in ("held", "busy", "stage-closed")]


def _completed(ctx: Context, task: Task, begun: dict[int, Outcome | stage.Opening]) -> list[Outcome]:
    from concurrent.futures import ThreadPoolExecutor

    openings = [one for one in begun.values() if isinstance(one, stage.Opening)]
    at_once = max(1, min(len(openings), os.cpu_count() or 1))
    # One process each is the cheapest way to check out, and all processors are busy.
    workers = 1 if at_once > 1 else ctx.settings.get("checkout.workers")

    def fill(one: stage.Opening) -> OkstraError | None:
        try:
            stage.populate(ctx, one, workers)
        except OkstraError as error:
            return error
        return None

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        try:
            failures = dict(zip((one.stage.number for one in openings), pool.map(fill, openings), strict=True))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # Ctrl-C: what has not begun is left for the next run
            raise
    for number, one in begun.items():
        if isinstance(one, stage.Opening):
            begun[number] = _finished(ctx, task, one, failures[number])
    if openings:
        policing.refresh(ctx, task.key)
    made = {one.stage.number for one in openings if not one.reservation.flat}
    ended = [one for one in begun.values() if isinstance(one, Outcome)]
    return [_set_up(ctx, one) if one.number in made else one for one in ended]


def _finished(ctx: Context, task: Task, one: stage.Opening, failure: OkstraError | None) -> Outcome:
    number = one.stage.number
    try:
        with stage.giving_back(ctx, task, one):
            if failure is not None:
                raise failure
        return Outcome(number, stage.finish(ctx, task, one))
    except OkstraError as error:
        return Outcome(number, error=error)


def _set_up(ctx: Context, one: Outcome) -> Outcome:
    """Run the setup commands in a worktree that is new."""
    if one.opened is None:
        return one
    try:
        provisioning.set_up(ctx, one.opened.path)
    except OkstraError as error:
        return Outcome(one.number, one.opened, error)
    return one
