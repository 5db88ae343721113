"""Records behave as dataclasses would, and dataclasses' own functions know them."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from git_okstra.core import records


def make(decorate: Callable[..., Any], field: Callable[..., Any]) -> tuple[type, type]:
    """The same two classes, a frozen one and one that can be changed, made by either module."""

    @decorate(frozen=True, slots=True)
    class Point:
        """Somewhere."""

        x: int
        y: int = 2
        names: dict[str, int] = field(default_factory=dict)
        note: str = field(default="", compare=False, repr=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "x", abs(self.x))

        @property
        def total(self) -> int:
            return self.x + self.y

    @decorate(slots=True)
    class Loose:
        x: int
        names: tuple[str, ...] = ()

    return Point, Loose


OURS = make(records.dataclass, records.field)
THEIRS = make(dataclasses.dataclass, dataclasses.field)


@pytest.mark.parametrize(
    "ask",
    [
        lambda point, _: repr(point(-1)).rpartition(".")[2],
        lambda point, _: (point(-1).x, point(1).y, point(1).total, point(1, 3, note="n").note, point.__doc__),
        lambda point, _: point(1, note="a") == point(1, note="b"),
        lambda point, _: (point(1) == point(2), point(1) != point(2), point(1) == 1),
        lambda point, _: point(1).names is point(1).names,
        lambda point, _: point.__match_args__,
        lambda point, _: point(),
        lambda point, _: point(1, z=1),
        lambda point, _: point(1, 2, {}, "", 5),
        lambda point, _: setattr(point(1), "x", 2),
        lambda point, _: delattr(point(1), "x"),
        lambda point, _: dataclasses.asdict(point(1, names={"a": 1})),
        lambda point, _: [each.name for each in dataclasses.fields(point)],
        lambda point, _: repr(dataclasses.replace(point(1, note="n"), y=5)).rpartition(".")[2],
        lambda point, _: hash(point(1)),
        lambda _, loose: hash(loose(1)),
        lambda _, loose: setattr(loose(1), "x", 2),
        lambda _, loose: setattr(loose(1), "other", 2),
        lambda _, loose: (loose(1, ("a",)) == loose(1, ("a",)), repr(loose(1)).rpartition(".")[2]),
        lambda _, loose: copy.deepcopy(loose(1)) == loose(1),
    ],
)
def test_a_record_does_what_a_dataclass_does(ask: Callable[[type, type], object]) -> None:
    assert outcome(ask, OURS) == outcome(ask, THEIRS)


def outcome(ask: Callable[[type, type], object], classes: tuple[type, type]) -> object:
    try:
        return ask(*classes)
    except (TypeError, AttributeError) as error:
        return TypeError if isinstance(error, TypeError) else AttributeError


@records.dataclass(frozen=True, slots=True)
class Name:
    text: str
    number: int = 0


def test_equal_records_are_one_key_and_a_changed_one_is_another() -> None:
    name = Name("a")
    assert {name: 1}[Name("a", 0)] == 1
    changed = records.replace(name, number=1)
    assert (changed, name.number) == (Name("a", 1), 0)
    assert hash(changed) != hash(name)
    with pytest.raises(TypeError):
        records.replace(name, other=1)


def test_records_are_made_without_dataclasses() -> None:
    code = "import sys; from git_okstra.core import tasks, plan, journal; print('dataclasses' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
