"""What a part of the history proves must hold in every history that has this part: judged against whole histories."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.git import known_history

sys.path.insert(0, os.path.dirname(__file__))
histories = importlib.import_module("histories")


@st.composite
def part_and_whole(
    draw: st.DrawFn,
) -> tuple[dict[bytes, tuple[bytes, ...]], dict[bytes, tuple[bytes, ...]], list[bytes]]:
    """A whole history, a part of it read downwards from some tips in any order, and these tips."""
    count = draw(st.integers(1, 24))
    whole: dict[bytes, tuple[bytes, ...]] = {}
    for number in range(count):
        parents = draw(st.sets(st.integers(max(0, number - 8), number - 1), max_size=3)) if number else set()
        whole[b"%d" % number] = tuple(b"%d" % parent for parent in sorted(parents, reverse=True))
    tips = draw(st.lists(st.sampled_from(sorted(whole)), min_size=1, max_size=6, unique=True))
    part = {tip: whole[tip] for tip in tips}
    for _ in range(draw(st.integers(0, count))):
        opened = sorted({parent for parents in part.values() for parent in parents if parent not in part})
        if not opened:
            break
        oid = draw(st.sampled_from(opened))
        part[oid] = whole[oid]
    return part, whole, tips


def truth_of(whole: dict[bytes, tuple[bytes, ...]]) -> Any:
    return histories.Truth({oid.decode(): [one.decode() for one in parents] for oid, parents in whole.items()})


@given(part_and_whole())
@settings(max_examples=400, deadline=None)
def test_no_answer_from_a_part_is_refuted_by_the_whole(
    drawn: tuple[dict[bytes, tuple[bytes, ...]], dict[bytes, tuple[bytes, ...]], list[bytes]],
) -> None:
    part, whole, tips = drawn
    truth = truth_of(whole)
    for head in tips:
        for oid, answer in known_history.judge_ancestors(part, tips, head).items():
            assert answer == truth.is_ancestor(oid.decode(), head.decode())
    pairs = [(one, two) for one in tips for two in tips]
    for (one, two), counts in known_history.judge_counts(part, pairs).items():
        assert counts == truth.counts(one.decode(), two.decode())


@given(part_and_whole())
@settings(max_examples=100, deadline=None)
def test_the_whole_settles_everything(
    drawn: tuple[dict[bytes, tuple[bytes, ...]], dict[bytes, tuple[bytes, ...]], list[bytes]],
) -> None:
    _, whole, tips = drawn
    assert known_history.judge_ancestors(whole, tips, tips[0]).keys() == set(tips)
    pairs = [(one, two) for one in tips for two in tips]
    assert known_history.judge_counts(whole, pairs).keys() == set(pairs)


def test_siblings_are_settled_at_their_fork() -> None:
    part = {b"one": (b"fork",), b"two": (b"fork",), b"fork": (b"older",)}
    assert known_history.judge_ancestors(part, [b"two", b"fork"], b"one") == {b"two": False, b"fork": True}
    assert known_history.judge_counts(part, [(b"one", b"two")]) == {(b"one", b"two"): (1, 1)}


def test_a_commit_that_could_lie_below_an_open_one_is_left_undecided() -> None:
    # `other` is not seen below `head` yet, but nothing says that it does not follow below `older`.
    part = {b"head": (b"older",), b"other": (b"root",)}
    assert known_history.judge_ancestors(part, [b"other"], b"head") == {}
    assert known_history.judge_counts(part, [(b"head", b"other")]) == {}


def test_a_common_commit_below_an_open_one_is_not_counted_as_one_sided() -> None:
    # Under clock skew `x` was read before `open`, which both sides reach and which may reach `x`.
    part = {b"head": (b"x", b"open"), b"base": (b"open",), b"x": ()}
    assert known_history.judge_counts(part, [(b"head", b"base")]) == {}


def test_children_come_before_parents() -> None:
    part = {b"1": (), b"2": (b"1",), b"3": (b"1", b"1"), b"4": (b"3", b"2")}
    order = known_history.children_first(part)
    assert sorted(order) == sorted(part)
    assert all(order.index(oid) < order.index(parent) for oid, parents in part.items() for parent in parents)
