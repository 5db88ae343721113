"""Leases: an owner who works for long says that it is still there, and a process that lost its key is refused.

`lease` begins one and holds its flock while the process lives, so that others know for certain when it was killed;
`renew` is its sign of life, for whoever cannot see the flock. What works under the lease finds its generation in
`OKSTRA_LEASE`, and its stage in `OKSTRA_TASK` and `OKSTRA_STAGE`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from git_okstra.core import leases, names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, TaskRecord
from git_okstra.git import worktrees
from git_okstra.operations import claiming
from git_okstra.operations.context import Context
from git_okstra.state import locks

idle = leases.idle
"""The seconds since the owner's last sign of life in the record."""


@dataclass(slots=True)
class Lease:
    """A lease that this process has; `environment` is for what works under it. `end` gives it back."""

    ctx: Context
    key: TaskKey
    number: int
    generation: int
    hold: locks.Hold

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a process under the lease is known."""
        return {
            "OKSTRA_TASK": str(self.key),
            "OKSTRA_STAGE": str(self.number),
            leases.VARIABLE: str(self.generation),
        }

    def renew(self) -> Reservation:
        """Say that the owner is still there. Raises `taken-over`."""
        return renew(self.ctx, self.key, self.number, self.generation)

    def end(self) -> None:
        """Give the lease back; the reservation stays, as that of an owner without one. One that was taken over stays
        as it is."""
        with self.ctx.registry.locked():
            record = self.ctx.registry.record(self.key)
            present = record.reservation(self.number) if record else None
            if record is not None and present is not None and present.generation == self.generation:
                self.ctx.registry.save(claiming.with_reservation(record, replace(present, renewed="")))
            self.hold.drop()


def lease(ctx: Context, key: TaskKey, number: int) -> Lease:
    """Begin a lease of a key that the caller holds, in place of one that an earlier process of the caller's had.

    The generation grows when there was one, so that what works under that is refused. Raises `stage-not-open` when
    nobody holds the key, `held` when it is someone else's, `busy` while another process has the lease, or while the key
    is being opened or removed.
    """
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        present = record.reservation(number) if record else None
        if record is None or present is None:
            raise OkstraError(
                "stage-not-open",
                f"nobody holds {names.label(number)} of {key.task}",
                f"open it: git okstra stage {number}",
            )
        if record.repository != ctx.common_dir or present.owner != ctx.owner:
            raise tasks.held(record, present, elsewhere=record.repository != ctx.common_dir)
        before = ctx.registry.lease_path(key, number, present.generation)
        if present.state != tasks.ACTIVE or locks.is_held(before):
            raise OkstraError(
                "busy",
                f"{tasks.describe(record, number)} is at work under another process of yours ({present.pid})",
                "wait for it, or stop it and run the same command again",
            )
        earlier = bool(present.renewed) or os.path.exists(before)
        generation = present.generation + earlier
        hold = locks.Hold(ctx.registry.lease_path(key, number, generation))
        now = replace(present, generation=generation, renewed=ctx.now(), pid=ctx.pid, pid_start=ctx.pid_start)
        try:
            ctx.registry.save(claiming.with_reservation(record, now))
        except OkstraError:
            hold.drop()
            raise
        if generation != present.generation:
            claiming.forget_lease(ctx, key, present)
    return Lease(ctx, key, number, generation, hold)


def renew(ctx: Context, key: TaskKey, number: int, generation: int) -> Reservation:
    """Say that the owner of the key, who has it under the lease `generation`, is still there; the reservation as it is
    then. One write. Raises `taken-over` when the generation is another, or nobody has it any more."""
    with ctx.registry.locked():
        record = ctx.registry.record(key)
        present = record.reservation(number) if record else None
        if record is None or present is None:
            raise leases.given_back(key, number)
        leases.require_present(record, number, generation)
        now = replace(present, renewed=ctx.now())
        ctx.registry.save(claiming.with_reservation(record, now))
    return now


def require_present(ctx: Context, record: TaskRecord, number: int) -> None:
    """Raise OkstraError `taken-over` when this process works under a lease of the key that is over.

    A lease of another key says nothing of this one. Raises `bad-config` for an `OKSTRA_LEASE` that is no number.
    """
    generation = leases.generation(ctx.environ.get(leases.VARIABLE, ""))
    if generation is None or number == names.TASK or ctx.environ.get("OKSTRA_STAGE", str(number)) != str(number):
        return
    if ctx.environ.get("OKSTRA_TASK", str(record.key)) != str(record.key):
        return
    leases.require_present(record, number, generation)


def state(ctx: Context, key: TaskKey, reservation: Reservation) -> str:
    """How it stands with the owner of the reservation: a word of `core.leases`."""
    path = ctx.registry.lease_path(key, reservation.number, reservation.generation)
    held = locks.is_held(path) if os.path.exists(path) else None
    return leases.state(
        reservation, ctx.now(), ctx.settings.get("lease.expires"), held=held, alive=_seen_alive(ctx, reservation)
    )


def _seen_alive(ctx: Context, reservation: Reservation) -> bool:
    """Whether the recorded process is to be seen here. A process that is not seen may live elsewhere."""
    if reservation.pid == ctx.pid or not reservation.pid_start:
        return False
    return worktrees.pid_start(reservation.pid) == reservation.pid_start
