"""`git okstra who`."""

from __future__ import annotations

from typing import Any

from git_okstra.cli import output, tables
from git_okstra.core import leases, names
from git_okstra.operations import targets, who
from git_okstra.operations.who import Held, Holder

_SAID = {
    leases.NONE: "",
    leases.LIVE: "at work",
    leases.VALID: "renewed",
    leases.EXPIRED: "expired",
    leases.GONE: "process is gone",
}


@output.command("who")
@output.task_option
def command(run: output.Invocation, task_name: str | None) -> None:
    """Say who holds which task and stage, since when, and for how long nobody has been seen at work there.

    What is seen are commits, uncommitted files, and the signs of life of an owner who works under a lease.
    """
    ctx = run.context
    _ = ctx.common_dir  # a clear error outside a repository
    found = who.who(ctx, targets.task(ctx, task_name) if task_name is not None else None)
    rows = [_row(held, one) for held in found for one in held.holders]
    table = tables.draw(["WHAT", "STATE", "OWNER", "SINCE", "IDLE", "LEASE"], rows) if rows and not run.as_json else ""
    run.answer(
        {"tasks": [_task(held) for held in found]},
        table,
        "" if rows else "nobody holds anything here; begin with: git okstra start feat ID",
    )


def _row(held: Held, one: Holder) -> list[str]:
    entry = one.reservation
    what = held.task.id if one.number == names.TASK else f"  {names.label(one.number)}"
    return [what, one.state, entry.owner, entry.since, tables.age(one.active), _SAID[one.lease]]


def _task(held: Held) -> dict[str, Any]:
    head = {"key": str(held.task.key), "id": held.task.id}
    own = [_holder(one) for one in held.holders if one.number == names.TASK]
    stages = [
        {"key": names.stage_key(held.task.key, one.number), "number": one.number, **_holder(one)}
        for one in held.holders
        if one.number != names.TASK
    ]
    return {**head, **(own[0] if own else {}), "stages": stages}


def _holder(one: Holder) -> dict[str, Any]:
    entry = one.reservation
    return {
        "state": one.state,
        "owner": entry.owner,
        "since": entry.since,
        "active": one.active,
        "idle": one.idle,
        "alive": one.alive,
        "pid": entry.pid,
        "lease": one.lease,
        "renewed": entry.renewed or None,
        "generation": entry.generation,
        "branch": entry.branch,
        "path": entry.path,
    }
