"""A few of many cases, chosen by a seed that can be given again."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SEED = int(
    os.environ.get("OKSTRA_TEST_SEED")
    or random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID")).randrange(1 << 32)  # what workers of one run have alike
)
"""Read when the tests are collected, since every test seals its environment."""


def of(cases: Sequence[T], most: int | None, purpose: str) -> list[T]:
    """At most so many of the cases, in their order, all if None; says with which seed they can be had again."""
    if most is None or len(cases) <= most:
        return list(cases)
    print(f"OKSTRA_TEST_SEED={SEED} chooses {most} of {len(cases)}: {purpose}")
    chosen = random.Random(f"{SEED} {purpose}").sample(range(len(cases)), most)
    return [cases[number] for number in sorted(chosen)]
