"""Who may claim what: the pure decision behind start and stage."""

from __future__ import annotations

import itertools

import pytest

from git_okstra.core import tasks
from git_okstra.core.errors import HELD, OkstraError
from git_okstra.core.names import TaskKey
from git_okstra.core.tasks import Reservation, TaskRecord

KEY = TaskKey("shop", "dev", "dev-1")


def record(state: str, owner: str = "ann", repository: str = "/repo/.git", number: int = 3) -> TaskRecord:
    held = Reservation(number, state, owner, "feat-dev-1-s3", "/w", "c0ffee", "2026-11-22T08:00:00Z", 7, 9)
    return TaskRecord(KEY, "DEV-1", "feat", "feat-dev-1", repository, {number: held})


def decide(taken: TaskRecord | None, **more: object) -> str:
    known: dict[str, object] = {"owner": "ann", "repository": "/repo/.git", "alive": False, "exclusive": False}
    return tasks.decide_claim(taken, 3, **{**known, **more})  # type: ignore[arg-type]


def test_what_is_free_is_taken() -> None:
    assert decide(None) == tasks.TAKE
    assert decide(record(tasks.ACTIVE, number=2)) == tasks.TAKE


def test_what_one_has_is_given_again() -> None:
    assert decide(record(tasks.ACTIVE)) == tasks.REUSE


def test_ones_own_process_is_waited_for_and_a_dead_one_resumed() -> None:
    assert decide(record(tasks.RESERVING), alive=True) == tasks.WAIT
    assert decide(record(tasks.RESERVING), alive=False) == tasks.RESUME


def test_a_dead_process_of_another_owner_is_resumed_too() -> None:
    assert decide(record(tasks.RESERVING, owner="ben"), alive=False) == tasks.RESUME


def test_a_release_cut_short_is_settled_first() -> None:
    assert decide(record(tasks.RELEASING), alive=False) == tasks.SETTLE


@pytest.mark.parametrize(
    ("taken", "more", "code"),
    [
        (record(tasks.ACTIVE, owner="ben"), {}, "held"),
        (record(tasks.RESERVING, owner="ben"), {"alive": True}, "held"),
        (record(tasks.ACTIVE), {"exclusive": True}, "held"),
        (record(tasks.RESERVING), {"alive": True, "exclusive": True}, "held"),
        (record(tasks.RELEASING), {"alive": True}, "busy"),
        (record(tasks.ACTIVE, repository="/clone/.git"), {}, "held"),
        (record(tasks.ACTIVE, repository="/clone/.git", number=2), {}, "held"),
    ],
)
def test_refusals_name_owner_and_end_with_3(taken: TaskRecord, more: dict[str, object], code: str) -> None:
    with pytest.raises(OkstraError) as caught:
        decide(taken, **more)
    assert caught.value.code == code
    assert caught.value.status == HELD
    assert caught.value.hint


def test_nobody_but_the_owner_ever_gets_a_live_reservation() -> None:
    """Over every combination: a key that somebody else holds alive is never taken, reused or resumed."""
    states = [tasks.ACTIVE, tasks.RESERVING]
    for state, alive, exclusive in itertools.product(states, [True, False], [True, False]):
        if state == tasks.RESERVING and not alive:
            continue
        with pytest.raises(OkstraError):
            decide(record(state, owner="ben"), alive=alive, exclusive=exclusive)


def test_no_stage_is_opened_while_its_task_is_being_removed() -> None:
    taken = record(tasks.RELEASING, number=0)
    with pytest.raises(OkstraError) as caught:
        decide(taken)
    assert caught.value.code == "busy"


def test_an_owner_is_named_without_control_characters() -> None:
    with pytest.raises(OkstraError) as caught:
        decide(record(tasks.ACTIVE, owner="ben\x1b[2J"))
    assert "\x1b" not in caught.value.message
