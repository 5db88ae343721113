"""What a part of the history, read from the top, already proves about the whole.

Pure. A `History` holds some commits with their parents; a parent that is no key is *open*: it exists, and what lies
below it is not known. Commit dates are not looked at, so no answer depends on anybody's clock. The one argument is that
history has no cycles: a commit that reaches an open commit cannot lie below it. It is what lets git's own
`paint_down_to_common` (commit-reach.c) stop, made to hold for several questions, and for counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

History = dict[bytes, tuple[bytes, ...]]
"""Commits with their parents, by any kind of id."""


def judge_ancestors(known: History, sought: Iterable[bytes], head: bytes) -> dict[bytes, bool]:
    """Those answers that hold whatever lies below the open commits of `known`.

    An ancestor not met yet can only lie below an open commit that the head reaches. If the candidate itself reaches
    that commit, it cannot lie below it: history has no cycles.
    """
    order = children_first(known)
    reached = spread(known, order, {head: 1})
    opened = [oid for oid in reached if oid not in known]
    below = _below(known, order, opened)
    everything = (1 << len(opened)) - 1
    answers: dict[bytes, bool] = {}
    for oid in sought:
        if oid in reached:
            answers[oid] = True
        elif below.get(oid, 0) == everything:
            answers[oid] = False
    return answers


def judge_counts(known: History, sought: Sequence[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], tuple[int, int]]:
    """Those counts that hold whatever lies below the open commits of `known`.

    A count is final when both sides reach each open commit that one of them reaches, so that nothing is left to be
    counted, and when each counted commit reaches all of these too, so that it cannot lie below one and be common.
    """
    order = children_first(known)
    marks = marks_of(sought)
    bits = spread(known, order, marks)
    opened = [oid for oid in bits if oid not in known]
    below = _below(known, order, opened)
    counts: dict[int, int] = {}
    shared: dict[int, int] = {}  # for each set of marks: the open commits that all of its commits reach
    for oid in order:
        mask = bits.get(oid, 0)
        counts[mask] = counts.get(mask, 0) + 1
        shared[mask] = shared.get(mask, -1) & below[oid]
    answers: dict[tuple[bytes, bytes], tuple[int, int]] = {}
    for pair, (one, two) in zip(sought, bits_of(sought, marks), strict=True):
        if pair[0] not in known or pair[1] not in known:
            continue
        needed = sum(1 << number for number, oid in enumerate(opened) if bits[oid] & (one | two))
        final = all(bits[oid] & (one | two) in (0, one | two) for oid in opened) and all(
            shared[mask] & needed == needed for mask in counts if bool(mask & one) != bool(mask & two)
        )
        if final:
            answers[pair] = difference(counts, one, two)
    return answers


def children_first(known: History) -> list[bytes]:
    """The commits of `known`, each before its parents."""
    children: dict[bytes, int] = {}
    for parents in known.values():
        for parent in parents:
            children[parent] = children.get(parent, 0) + 1
    ready = [oid for oid in known if oid not in children]
    order: list[bytes] = []
    while ready:
        oid = ready.pop()
        order.append(oid)
        for parent in known[oid]:
            children[parent] -= 1
            if not children[parent] and parent in known:
                ready.append(parent)
    return order


def spread(known: History, order: Iterable[bytes], marks: Mapping[bytes, int]) -> dict[bytes, int]:
    """For each commit that a marked one reaches, open ones too: the union of the marks that reach it."""
    bits = dict(marks)
    for oid in order:
        mask = bits.get(oid)
        if mask:
            for parent in known[oid]:
                bits[parent] = bits.get(parent, 0) | mask
    return bits


def _below(known: History, order: Sequence[bytes], opened: Iterable[bytes]) -> dict[bytes, int]:
    """For each commit of `known` the set of `opened` that it reaches, a bit each in their order."""
    below = {oid: 1 << number for number, oid in enumerate(opened)}
    for oid in reversed(order):
        mask = 0
        for parent in known[oid]:
            mask |= below.get(parent, 0)
        below[oid] = mask
    return below


def tips_of(pairs: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    return list(dict.fromkeys(oid for pair in pairs for oid in pair))


def marks_of(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, int]:
    """A bit for each commit of `pairs`."""
    return {oid: 1 << number for number, oid in enumerate(tips_of(pairs))}


def bits_of(pairs: Iterable[tuple[bytes, bytes]], marks: Mapping[bytes, int]) -> list[tuple[int, int]]:
    """The bits of each pair."""
    return [(marks[head], marks[base]) for head, base in pairs]


def difference(counts: Mapping[int, int], one: int, two: int) -> tuple[int, int]:
    """From commits counted by their marks: those with the mark `one` and not `two`, and the other way round."""
    ahead = sum(count for mask, count in counts.items() if mask & one and not mask & two)
    behind = sum(count for mask, count in counts.items() if mask & two and not mask & one)
    return ahead, behind
