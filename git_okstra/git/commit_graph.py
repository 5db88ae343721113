"""git's commit-graph file, memory-mapped, and the two walks over it.

Follows gitformat-commit-graph(5): one file `info/commit-graph`, or a chain of layers whose positions are numbered on
from the base. A commit's *level* (topological level, generation number v1) and its *corrected date* (generation number
v2) are each above those of all its ancestors, whatever the clocks said; that is what lets a walk stop early and stay
exact (commit-graph.txt in git's technical documentation, "Using Generation Numbers").

Promises: a file whose size, header, chunk table or chain does not fit together is not used at all (`load` gives None);
a contradiction met later raises one of `DAMAGE`, and the caller then does without. Object ids are raw bytes, positions
are counted over all layers. Two limits are git's as well: a commit that only the file still knows, its object being
pruned, counts as present; and committer dates from the year 2514 on, which the format cannot hold, can mislead.
"""

from __future__ import annotations

import heapq
import mmap
import os
import struct
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

DAMAGE = (IndexError, struct.error)
"""What reading a contradictory file raises."""

_NO_PARENT = 0x70000000
_HIGH_BIT = 0x80000000
_LEVEL_UNKNOWN = 0
_LEVEL_SATURATED = 0x3FFFFFFF

_row = struct.Struct(">IIII").unpack_from
_word = struct.Struct(">I").unpack_from
_long = struct.Struct(">Q").unpack_from


class _Layer(NamedTuple):
    """One file: its map, the positions first..end-1 it holds, and where its chunks begin (0: it has none)."""

    data: mmap.mmap
    first: int
    end: int
    fan_out: int
    ids: int
    rows: int
    offsets: int
    long_offsets: int
    long_offsets_end: int
    edges: int
    edges_end: int


def load(object_directories: Iterable[str], hash_size: int) -> CommitGraph | None:
    """The commit-graph of a repository, or None when there is none that can be trusted.

    The first directory that has one decides; layers of a chain may lie in any of them, as with alternates in git.
    """
    places = list(object_directories)
    for place in places:
        single = os.path.join(place, "info", "commit-graph")
        chain = os.path.join(place, "info", "commit-graphs", "commit-graph-chain")
        if os.path.exists(single):
            layer = _open_layer(single, hash_size, [], None)
            return CommitGraph([layer], hash_size) if layer else None
        if os.path.exists(chain):
            layers = _open_chain(chain, places, hash_size)
            return CommitGraph(layers, hash_size) if layers else None
    return None


class CommitGraph:
    """All layers of one commit-graph, as `load` opened them; close it."""

    def __init__(self, layers: Sequence[_Layer], hash_size: int) -> None:
        self._layers = layers
        self._hash_size = hash_size
        self._dated = all(layer.offsets for layer in layers)
        self.size = layers[-1].end
        """How many commits it holds."""
        self.rows_read = 0
        """How many commits the walks looked at so far."""

    def find(self, oid: bytes) -> int | None:
        """The position of a commit, or None when the graph does not hold it."""
        size = self._hash_size
        for layer in reversed(self._layers):
            data, ids = layer.data, layer.ids
            low = _word(data, layer.fan_out + 4 * (oid[0] - 1))[0] if oid[0] else 0
            high = min(_word(data, layer.fan_out + 4 * oid[0])[0], layer.end - layer.first)
            while low < high:
                middle: int = (low + high) // 2
                at = ids + size * middle
                found = data[at : at + size]
                if found < oid:
                    low = middle + 1
                elif found > oid:
                    high = middle
                else:
                    return layer.first + middle
        return None

    def reach(self, starts: Iterable[int], targets: Collection[int]) -> set[int]:
        """Those of `targets` that are among `starts` or their ancestors, found in one walk.

        Depth first, first parent first. A commit is not looked beyond when its level or its corrected date is not
        above the least of what is still sought: then nothing sought can lie below it.
        """
        sought = set(targets)
        found: set[int] = set()
        seen = bytearray(self.size)
        stride, skip = self._hash_size + 16, self._hash_size
        first = end = rows = offsets = 0
        level_floor, date_floor = self._floors(sought)
        layer, data = self._layers[0], self._layers[0].data
        stack = list(starts)[::-1]
        while stack and sought:
            position = stack.pop()
            while not seen[position]:
                seen[position] = 1
                if position in sought:
                    sought.remove(position)
                    found.add(position)
                    if not sought:
                        break
                    level_floor, date_floor = self._floors(sought)
                if not first <= position < end:
                    layer = self._layer(position)
                    data, first, end, rows, offsets = (
                        layer.data,
                        layer.first,
                        layer.end,
                        layer.rows + skip,
                        layer.offsets,
                    )
                at = position - first
                one, two, high, low = _row(data, rows + at * stride)
                if _LEVEL_UNKNOWN < high >> 2 <= level_floor:
                    break
                if date_floor >= 0:
                    offset = _word(data, offsets + 4 * at)[0]
                    if offset & _HIGH_BIT:
                        offset = self._long_offset(layer, offset)
                    if ((high & 3) << 32 | low) + offset <= date_floor:
                        break
                if one == _NO_PARENT:
                    break
                if two & _HIGH_BIT:
                    stack += self._edges(layer, two)[::-1]
                elif two != _NO_PARENT:
                    stack.append(two)
                position = one
        self.rows_read += seen.count(1)
        return found

    def spread(self, marks: Mapping[int, int], matters: Callable[[int], bool]) -> dict[int, int] | None:
        """How many commits each set of marks reaches, found in one walk; None when the graph lacks generations.

        `marks` gives positions a bit set; a commit's set is the union over the marked commits that reach it. Walks in
        the order of generations, in which a set is complete when its commit is taken, until no commit is left whose set
        matters; so the result counts every commit whose set matters, and some whose set does not.
        `matters(bits)` must be false for the union of two sets for which it is false.
        """
        pending = dict(marks)
        counts: dict[int, int] = {}
        queue = [self._step(position) for position in pending]
        heapq.heapify(queue)
        mattering = sum(1 for bits in pending.values() if matters(bits))
        while mattering:
            generation, position, parents = heapq.heappop(queue)
            if not generation:
                return None
            bits = pending.pop(position)
            counts[bits] = counts.get(bits, 0) + 1
            self.rows_read += 1
            mattering -= matters(bits)
            for parent in parents:
                before = pending.get(parent)
                if before is None:
                    step = self._step(parent)
                    if step[0] <= generation:
                        raise IndexError("the generations of the commit-graph contradict its parents")
                    heapq.heappush(queue, step)
                    pending[parent] = bits
                    mattering += matters(bits)
                elif before | bits != before:
                    pending[parent] = before | bits
                    mattering += matters(before | bits) - matters(before)
        return counts

    def close(self) -> None:
        """Give the maps back; may be called again."""
        for layer in self._layers:
            layer.data.close()

    def _layer(self, position: int) -> _Layer:
        for layer in reversed(self._layers):
            if layer.first <= position < layer.end:
                return layer
        raise IndexError(f"the commit-graph has no position {position}")

    def _row(self, layer: _Layer, position: int) -> tuple[int, int, int, int]:
        """The four words behind a commit's tree id: parents, level and date."""
        at = layer.rows + (position - layer.first) * (self._hash_size + 16) + self._hash_size
        one, two, high, low = _row(layer.data, at)
        return one, two, high, low

    def _corrected_date(self, layer: _Layer, position: int, high: int, low: int) -> int:
        """The committer date of a row's last two words with the offset that puts it above all ancestors' dates."""
        offset: int = _word(layer.data, layer.offsets + 4 * (position - layer.first))[0]
        if offset & _HIGH_BIT:
            offset = self._long_offset(layer, offset)
        return ((high & 3) << 32 | low) + offset

    def _floors(self, positions: Iterable[int]) -> tuple[int, int]:
        """The least level among `positions`, and the least corrected date or -1; a saturated level bounds nothing."""
        levels, dates = [_LEVEL_SATURATED - 1], []
        for position in positions:
            layer = self._layer(position)
            _, _, high, low = self._row(layer, position)
            levels.append(high >> 2)
            if self._dated:
                dates.append(self._corrected_date(layer, position, high, low))
        return min(levels), min(dates, default=-1)

    def _step(self, position: int) -> tuple[int, int, Sequence[int]]:
        """What orders a walk by generations, later ones first; the position; and those of its parents.

        The generation is the corrected date, else the level, and 0 when neither is known.
        """
        layer = self._layer(position)
        one, two, high, low = self._row(layer, position)
        generation = 0 if high >> 2 == _LEVEL_SATURATED else high >> 2
        if self._dated:
            generation = self._corrected_date(layer, position, high, low)
        if one == _NO_PARENT:
            return -generation, position, ()
        if two == _NO_PARENT:
            return -generation, position, (one,)
        return -generation, position, (one, *self._edges(layer, two)) if two & _HIGH_BIT else (one, two)

    def _long_offset(self, layer: _Layer, offset: int) -> int:
        at = layer.long_offsets + 8 * (offset & ~_HIGH_BIT)
        if at >= layer.long_offsets_end:
            raise IndexError("the commit-graph lacks a date offset that it refers to")
        value: int = _long(layer.data, at)[0]
        return value

    def _edges(self, layer: _Layer, word: int) -> list[int]:
        """The second and further parents of an octopus merge."""
        at = layer.edges + 4 * (word & ~_HIGH_BIT)
        parents: list[int] = []
        while at < layer.edges_end:
            edge = _word(layer.data, at)[0]
            parents.append(edge & ~_HIGH_BIT)
            if edge & _HIGH_BIT:
                return parents
            at += 4
        raise IndexError("an octopus merge of the commit-graph has no end")


def _open_chain(path: str, object_directories: Sequence[str], hash_size: int) -> list[_Layer] | None:
    """The layers named by a `commit-graph-chain` file, base first; None unless all of them fit together."""
    layers: list[_Layer] = []
    names: list[bytes] = []
    try:
        with open(path, encoding="ascii") as chain:
            names = [bytes.fromhex(line) for line in chain.read().split()]
    except (OSError, ValueError):
        return None
    for number, name in enumerate(names):
        files = (
            os.path.join(place, "info", "commit-graphs", f"graph-{name.hex()}.graph") for place in object_directories
        )
        file = next(filter(os.path.exists, files), None)
        layer = _open_layer(file, hash_size, names[:number], name, layers[-1].end if layers else 0) if file else None
        if layer is None:
            for opened in layers:
                opened.data.close()
            return None
        layers.append(layer)
    return layers


def _open_layer(path: str, hash_size: int, below: Sequence[bytes], name: bytes | None, first: int = 0) -> _Layer | None:
    """One file mapped and checked; `below` are the names of the layers under it, `name` its own (None: not a chain)."""
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: an empty file cannot be mapped
        return None
    layer = _check_layer(data, hash_size, below, name, first)
    if layer is None:
        data.close()
    return layer


def _check_layer(
    data: mmap.mmap, hash_size: int, below: Sequence[bytes], name: bytes | None, first: int
) -> _Layer | None:
    """The layer in `data`, or None when it is not what the format and the chain say it must be."""
    if len(data) < 8 or data[:5] != b"CGPH\x01" or data[5] != (1 if hash_size == 20 else 2) or data[7] != len(below):
        return None
    number = data[6]
    trailer = len(data) - hash_size
    if 8 + 12 * (number + 1) > trailer:
        return None
    # The checksum is not computed, as git does not either; zeros are what a power cut leaves of a file's end.
    if data[trailer:] == bytes(hash_size) or name not in (None, data[trailer:]):
        return None
    # Chunks lie in file order and end where the next begins; the last table entry, without a name, is their end.
    table = [(data[at : at + 4], _long(data, at + 4)[0]) for at in range(8, 8 + 12 * (number + 1), 12)]
    if table[-1] != (b"\0\0\0\0", trailer) or table[0][1] < 8 + 12 * (number + 1):
        return None
    chunks: dict[bytes, tuple[int, int]] = {}
    for (chunk, start), (_, end) in pairwise(table):
        if end < start or chunk in chunks:
            return None
        chunks[chunk] = (start, end - start)
    fan_out, fan_out_size = chunks.get(b"OIDF", (0, 0))
    if fan_out_size != 1024:
        return None
    fan = struct.unpack_from(">256I", data, fan_out)
    count = fan[-1]
    if not count or any(one > two for one, two in pairwise(fan)):
        return None
    sizes = {b"OIDL": count * hash_size, b"CDAT": count * (hash_size + 16)}
    if b"GDA2" in chunks:
        sizes[b"GDA2"] = count * 4
    if below:
        sizes[b"BASE"] = len(below) * hash_size
    if any(chunks.get(chunk, (0, -1))[1] != size for chunk, size in sizes.items()):
        return None
    base, base_size = chunks.get(b"BASE", (0, 0))
    if below and data[base : base + base_size] != b"".join(below):
        return None
    edges, edges_size = chunks.get(b"EDGE", (0, 0))
    long_offsets, long_offsets_size = chunks.get(b"GDO2", (0, 0))
    return _Layer(
        data=data,
        first=first,
        end=first + count,
        fan_out=fan_out,
        ids=chunks[b"OIDL"][0],
        rows=chunks[b"CDAT"][0],
        offsets=chunks.get(b"GDA2", (0, 0))[0],
        long_offsets=long_offsets,
        long_offsets_end=long_offsets + long_offsets_size,
        edges=edges,
        edges_end=edges + edges_size,
    )
