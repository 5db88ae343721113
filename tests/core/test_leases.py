"""What is known of an owner from the record, a lock and a process; and which generation a process works under."""

from __future__ import annotations

import pytest

from git_okstra.core import leases
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Reservation

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
