"""Leases: whether the owner of a key is still there, and what a process that lost it may do no more.

Each reservation has a generation. Who works under a lease knows the generation that it began with, renews the
reservation while it works, and is refused once the generation is another: somebody took the key over.
"""

from __future__ import annotations

from datetime import datetime

from git_okstra.core import names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, TaskRecord

VARIABLE = "OKSTRA_LEASE"
"""The generation under which a process works, in its environment."""

NONE = "none"
LIVE = "live"
VALID = "valid"
EXPIRED = "expired"
GONE = "gone"

MINE = "mine"
TAKE = "take"
ASK = "ask"


def idle(reservation: Reservation, now: str) -> float:
    """The seconds from the last sign of life in the record to `now`: the last renewal, else when it was taken.

    Never negative, and 0 where a time cannot be read.
    """
    try:
        last, present = (datetime.fromisoformat(time) for time in (reservation.renewed or reservation.since, now))
        return max((present - last).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def state(reservation: Reservation, now: str, expires: float, *, held: bool | None, alive: bool) -> str:
    """How it stands with the owner: one of the five words above.

    `held` says whether a process holds the lease's flock, None when there is no such file; `alive` whether the
    recorded process is seen to live. `live` and `gone` are certain; `valid` and `expired` go by the last renewal and
    `expires` seconds; `none` is an owner without a lease, of whom nothing is known.
    """
    if held or alive:
        return LIVE
    if held is False:
        return GONE
    if not reservation.renewed:
        return NONE
    return EXPIRED if idle(reservation, now) > expires else VALID


def decide_takeover(record: TaskRecord, number: int, *, owner: str, repository: str, state: str) -> str:
    """What `owner`, working in `repository`, may do about an active key whose owner is as `state` says.

    `MINE`: it is the caller's already; `TAKE`: its owner is certainly gone; `ASK`: nobody can know, so a person has to
    say so. Raises OkstraError `held` while its owner lives or its lease holds, or when another repository has it.
    """
    reservation = record.reservations[number]
    if record.repository != repository:
        raise tasks.held(record, reservation, elsewhere=True)
    if reservation.owner == owner:
        return MINE
    if state == GONE:
        return TAKE
    if state in (NONE, EXPIRED):
        return ASK
    has = f"{tasks.held(record, reservation).message}, and "
    back = f"if {names.printable(reservation.owner)} agreed: OKSTRA_OWNER={names.typed(reservation.owner)} "
    back += f"git okstra release {number}"
    if state == LIVE:
        pid = reservation.pid
        why, hint = f"process {pid} is at work for it", f"see what it does: ps -p {pid}\n{back}"
    else:
        why = f"its lease was renewed at {reservation.renewed}"
        hint = f"see when that expires: git okstra config get lease.expires\n{back}"
    raise OkstraError("held", has + why, hint)


def generation(given: str) -> int | None:
    """The generation that `OKSTRA_LEASE` names; None when it is not set. Raises `bad-config` when it is no number."""
    if not given:
        return None
    if not (given.isascii() and given.isdecimal()):
        raise OkstraError(
            "bad-config",
            f"{VARIABLE} must be the number of a lease, not '{names.printable(given)}'",
            f"what works on a stage sets it; to do without: unset {VARIABLE}",
        )
    return int(given)


def require_present(record: TaskRecord, number: int, generation: int | None) -> None:
    """Raise OkstraError `taken-over` when the caller's lease of the key is not the present one; None is no lease."""
    reservation = record.reservation(number)
    if generation is None or reservation is None or reservation.generation == generation:
        return
    raise taken_over(record, reservation, generation)


def taken_over(record: TaskRecord, reservation: Reservation, generation: int) -> OkstraError:
    """The refusal of who worked under an earlier lease: says who has it now, and since when."""
    return OkstraError(
        "taken-over",
        f"{tasks.describe(record, reservation.number)} was taken over: {names.printable(reservation.owner)} has it "
        f"since {reservation.since}, under lease {reservation.generation}; yours, {generation}, is over",
        f"leave its worktree to them; see who has what: git okstra who --task {record.key.task}",
    )


def given_back(key: TaskKey, number: int) -> OkstraError:
    """The refusal to renew what nobody holds any more."""
    return OkstraError(
        "taken-over",
        f"{names.label(number)} of {key.task} was given back meanwhile, and its lease is over",
        f"see who has what: git okstra who --task {key.task}",
    )
