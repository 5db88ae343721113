"""What is known of an owner from the record, a lock and a process; and which generation a process works under."""

from __future__ import annotations

import pytest

from git_okstra.core import leases
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, TaskRecord

SINCE = "2026-01-05T10:00:00Z"


def reservation(renewed: str = "", since: str = SINCE) -> Reservation:
    return Reservation(1, "active", "ann", "b", "/p", "0" * 40, since, 1, 2, renewed=renewed)


@pytest.mark.parametrize(
    ("renewed", "now", "expected"),
    [
        ("", "2026-01-05T10:01:00Z", 60),
        ("2026-01-05T10:00:50Z", "2026-01-05T10:01:00Z", 10),
        ("2026-01-05T10:02:00Z", "2026-01-05T10:01:00Z", 0),  # a clock that was set back
        ("yesterday", "2026-01-05T10:01:00Z", 0),
        ("2026-01-05T10:00:50", "2026-01-05T10:01:00Z", 0),
    ],
)
def test_idle_counts_from_the_last_sign_of_life(renewed: str, now: str, expected: float) -> None:
    assert leases.idle(reservation(renewed), now) == expected


@pytest.mark.parametrize(
    ("held", "alive", "renewed", "expected"),
    [
        (True, False, "", leases.LIVE),
        (True, False, "2026-01-05T09:00:00Z", leases.LIVE),
        (False, True, "2026-01-05T10:00:00Z", leases.LIVE),
        (False, False, "2026-01-05T10:00:59Z", leases.GONE),
        (None, True, "", leases.LIVE),
        (None, False, "", leases.NONE),
        (None, False, "2026-01-05T10:00:55Z", leases.VALID),
        (None, False, "2026-01-05T10:00:00Z", leases.EXPIRED),
    ],
)
def test_what_is_certain_goes_before_what_the_clock_says(
    held: bool | None, alive: bool, renewed: str, expected: str
) -> None:
    assert leases.state(reservation(renewed), "2026-01-05T10:01:00Z", 30, held=held, alive=alive) == expected


def test_the_generation_is_a_number_or_nothing() -> None:
    assert (leases.generation(""), leases.generation("12")) == (None, 12)
    for text in ("x", "-1", "1.5", " 1", "٣"):
        with pytest.raises(OkstraError, match="OKSTRA_LEASE"):
            leases.generation(text)


def record(renewed: str = "") -> TaskRecord:
    return TaskRecord(TaskKey("shop", "dev", "dev-1"), "DEV-1", "feat", "b", "/r", {1: reservation(renewed)})


@pytest.mark.parametrize(
    ("state", "expected"), [(leases.GONE, leases.TAKE), (leases.NONE, leases.ASK), (leases.EXPIRED, leases.ASK)]
)
def test_who_is_certainly_gone_is_taken_over_from_and_others_are_asked_for(state: str, expected: str) -> None:
    assert leases.decide_takeover(record(), 1, owner="bob", repository="/r", state=state) == expected
    assert leases.decide_takeover(record(), 1, owner="ann", repository="/r", state=state) == leases.MINE


@pytest.mark.parametrize(
    ("state", "said", "hint"),
    [(leases.LIVE, "process 1 is at work", "ps -p 1"), (leases.VALID, "was renewed at", "lease.expires")],
)
def test_who_is_at_work_is_not_taken_over_from(state: str, said: str, hint: str) -> None:
    with pytest.raises(OkstraError, match=said) as refused:
        leases.decide_takeover(record("2026-01-05T10:00:30Z"), 1, owner="bob", repository="/r", state=state)
    assert refused.value.code == "held"
    assert hint in refused.value.hint
    assert "OKSTRA_OWNER=ann git okstra release 1" in refused.value.hint


def test_what_another_repository_has_is_not_taken_over() -> None:
    with pytest.raises(OkstraError, match="of the repository '/r'") as refused:
        leases.decide_takeover(record(), 1, owner="ann", repository="/other", state=leases.GONE)
    assert refused.value.code == "held"
