"""The commit-graph file: read as git wrote it, and never believed when it does not fit together."""

from __future__ import annotations

import importlib
import os
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from git_okstra.git import commit_graph, objects
from git_okstra.git.ancestry import Ancestry

sys.path.insert(0, os.path.dirname(__file__))
histories = importlib.import_module("histories")

SINGLE = "objects/info/commit-graph"
CHAIN = "objects/info/commit-graphs/commit-graph-chain"


@pytest.fixture(scope="module")
def shape() -> Any:
    # Enough octopus merges, and dates so far off that the offsets of corrected dates need the long form.
    shape = histories.shape_of(90, seed=33)
    shape[5] = (shape[5][0], 2**32 + 2**31)
    assert sum(len(parents) > 2 for parents, _ in shape) > 2
    return shape


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory, shape: Any) -> Any:
    repository = histories.build(str(tmp_path_factory.mktemp("single") / "r"), shape)
    histories.write_graph(repository.path)
    assert b"EDGE" in Path(repository.path, SINGLE).read_bytes()
    assert b"GDO2" in Path(repository.path, SINGLE).read_bytes()
    return repository


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory, shape: Any) -> Any:
    repository = histories.build(str(tmp_path_factory.mktemp("split") / "r"), shape)
    for number in (30, 60, 89):
        histories.run(
            repository.path, "commit-graph", "write", "--stdin-commits", "--split=no-merge",
            stdin="".join(f"{oid}\n" for oid in repository.ids[: number + 1]).encode(),
        )  # fmt: skip
    assert len(Path(repository.path, CHAIN).read_text().split()) == 3
    return repository


def load(repository: Any) -> commit_graph.CommitGraph | None:
    return commit_graph.load(objects.directories(repository.path), objects.hash_size(repository.path))


def layers(repository: Any) -> list[Path]:
    names = Path(repository.path, CHAIN).read_text().split()
    return [Path(repository.path, "objects/info/commit-graphs", f"graph-{name}.graph") for name in names]


@pytest.mark.parametrize("which", ["single", "split"])
def test_it_holds_every_commit_and_no_other(which: str, request: pytest.FixtureRequest) -> None:
    repository = request.getfixturevalue(which)
    graph = load(repository)
    assert graph is not None
    positions = [graph.find(bytes.fromhex(oid)) for oid in repository.ids]
    assert sorted(positions) == list(range(len(repository.ids)))
    assert graph.size == len(repository.ids)
    for other in ("00" * 20, "ff" * 20, *(oid[:-2] + f"{int(oid[-2:], 16) ^ 1:02x}" for oid in repository.ids[:20])):
        assert graph.find(bytes.fromhex(other)) is None
    graph.close()


@pytest.mark.parametrize("which", ["single", "split"])
def test_its_walks_find_what_a_full_walk_finds(which: str, request: pytest.FixtureRequest, shape: Any) -> None:
    repository = request.getfixturevalue(which)
    truth = histories.Truth.of(shape, repository.ids)
    graph = load(repository)
    assert graph is not None
    position = {oid: graph.find(bytes.fromhex(oid)) for oid in repository.ids}
    for head in repository.ids[::3]:
        found = graph.reach([position[head]], position.values())
        assert found == {position[oid] for oid in repository.ids if truth.is_ancestor(oid, head)}
    for one, two in histories.pairs_of(repository.ids, 60, seed=1):
        marks = {position[one]: 1, position[two]: 2} if one != two else {position[one]: 3}
        counts = graph.spread(marks, lambda bits: bits in (1, 2))
        assert counts is not None
        assert (counts.get(1, 0), counts.get(2, 0)) == truth.counts(one, two)
    graph.close()
    graph.close()


def test_a_saturated_or_missing_level_bounds_nothing(tmp_path: Path) -> None:
    """As gits wrote before they computed levels, or past the limit of the format; set by hand."""
    plain = [((number - 1,) if number else (), 100 + number) for number in range(12)]
    for level in (0, 0x3FFFFFFF):
        repository = histories.build(str(tmp_path / f"{level}"), plain)
        histories.write_graph(repository.path, generations=1)
        file = Path(repository.path, SINGLE)
        content = bytearray(file.read_bytes())
        rows = content.index(b"CDAT", 0, 100)
        start = struct.unpack_from(">Q", content, rows + 4)[0]
        for number in range(len(plain)):
            at = start + number * 36 + 28
            struct.pack_into(">I", content, at, level << 2 | struct.unpack_from(">I", content, at)[0] & 3)
        file.chmod(0o644)
        file.write_bytes(content)
        truth = histories.Truth.of(plain, repository.ids)
        pairs = [(one, two) for one in repository.ids for two in repository.ids]
        with Ancestry(repository.path) as ancestry:
            assert all(ancestry.is_ancestor(*pair) == truth.is_ancestor(*pair) for pair in pairs)
            assert ancestry.answered_by == "graph"
            assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}


def test_dates_count_only_where_every_layer_has_them(split: Any, tmp_path: Path, shape: Any) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(split.path, path)
    copy = histories.Repository(path, split.ids)
    for file in layers(copy):
        intact = file.read_bytes()
        rewrite(file, put(intact.index(b"GDA2"), b"XXXX"))
        assert answers_right(path, split.ids, shape) == "graph"
        file.write_bytes(intact)


def test_once_the_oldest_is_found_the_walk_stops_above_the_rest(tmp_path: Path) -> None:
    """A short first-parent line with a long branch merged at its top, and a target beside it at the branch's height."""
    shape: list[tuple[tuple[int, ...], int]] = [((), 1000), ((0,), 1001), ((1,), 1002)]
    shape += [((1 if number == 3 else number - 1,), 1000 + number) for number in range(3, 103)]
    shape += [((2, 102), 1200), ((102,), 1201)]
    repository = histories.build(str(tmp_path / "r"), shape)
    histories.write_graph(repository.path)
    graph = load(repository)
    assert graph is not None
    old, top, beside = (graph.find(bytes.fromhex(repository.ids[number])) for number in (1, 103, 104))
    assert graph.reach([top], [old, beside]) == {old}
    assert graph.rows_read < 10
    graph.close()


# Damage.


def answers_right(path: str, ids: list[str], shape: Any) -> str:
    """Hold some questions against the truth; returns what answered the last."""
    truth = histories.Truth.of(shape, ids)
    pairs = histories.pairs_of(ids, 12, seed=2)
    with Ancestry(path) as ancestry:
        for pair in pairs:
            assert ancestry.is_ancestor(*pair) == truth.is_ancestor(*pair)
        assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}
        return ancestry.answered_by


def rewrite(path: Path, change: Callable[[bytearray], object]) -> None:
    content = bytearray(path.read_bytes())
    change(content)
    path.unlink()
    path.write_bytes(content)


def put(at: int, value: bytes) -> Callable[[bytearray], object]:
    def change(content: bytearray) -> None:
        content[at % len(content) : at % len(content) + len(value)] = value

    return change


def cut(length: int) -> Callable[[bytearray], object]:
    def change(content: bytearray) -> None:
        del content[length:]

    return change


DAMAGE = {
    "empty": cut(0),
    "one byte": cut(1),
    "the header alone": cut(8),
    "cut in the table": cut(50),
    "cut in the middle": cut(2000),
    "without its last byte": cut(-1),
    "without its checksum": cut(-20),
    "one byte more": lambda content: content.append(0),
    "wrong magic": put(0, b"CGPX"),
    "newer version": put(4, b"\2"),
    "other hash": put(5, b"\2"),
    "unknown hash": put(5, b"\7"),
    "more chunks": put(6, b"\xff"),
    "no chunk": put(6, b"\0"),
    "layers below": put(7, b"\5"),
    "zeros": lambda content: content.__setitem__(slice(None), bytes(len(content))),
    "zeros at the end": put(-20, bytes(20)),
    "chunks beyond the end": put(12, b"\xff" * 8),
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("which", ["single", "split"])
def test_a_damaged_file_is_not_used(
    name: str, which: str, request: pytest.FixtureRequest, tmp_path: Path, shape: Any
) -> None:
    repository = request.getfixturevalue(which)
    path = str(tmp_path / "copy")
    shutil.copytree(repository.path, path)
    copy = histories.Repository(path, repository.ids)
    files = layers(copy) if which == "split" else [Path(path, SINGLE)]
    for file in (files[0], files[-1]):
        intact = file.read_bytes()
        rewrite(file, DAMAGE[name])
        assert load(copy) is None
        assert answers_right(path, repository.ids, shape) in ("objects", "git")
        file.write_bytes(intact)
    assert answers_right(path, repository.ids, shape) == "graph"


def test_a_layer_that_is_another_than_its_name_or_its_place_says_is_not_used(
    split: Any, tmp_path: Path, shape: Any
) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(split.path, path)
    copy = histories.Repository(path, split.ids)
    _, middle, top = layers(copy)
    intact = top.read_bytes()
    base = struct.unpack_from(">Q", intact, intact.index(b"BASE") + 4)[0]
    for change in (put(-20, b"\x11" * 20), put(base, b"\x11" * 20), put(base, bytes.fromhex(middle.stem[6:]))):
        rewrite(top, change)
        assert load(copy) is None
        answers_right(path, split.ids, shape)
        top.write_bytes(intact)


def test_no_flipped_bit_in_header_or_table_misleads(single: Any, tmp_path: Path, shape: Any) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(single.path, path)
    file = Path(path, SINGLE)
    intact = file.read_bytes()
    for at in range(8 + 12 * (intact[6] + 1)):
        for bit in (1, 4, 128):
            rewrite(file, put(at, bytes([intact[at] ^ bit])))
            answers_right(path, single.ids, shape)
            file.write_bytes(intact)


def test_a_fan_out_that_falls_is_not_used(single: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(single.path, path)
    file = Path(path, SINGLE)
    fan_out = struct.unpack_from(">Q", file.read_bytes(), file.read_bytes().index(b"OIDF") + 4)[0]
    rewrite(file, put(fan_out + 4 * 9, b"\xff\xff\xff\xff"))
    assert load(histories.Repository(path, single.ids)) is None


def test_parents_that_lead_nowhere_are_met_by_doing_without(single: Any, tmp_path: Path, shape: Any) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(single.path, path)
    file = Path(path, SINGLE)
    content = file.read_bytes()
    edges = struct.unpack_from(">Q", content, content.index(b"EDGE") + 4)[0]
    rows = struct.unpack_from(">Q", content, content.index(b"CDAT") + 4)[0]
    for number in range(len(single.ids)):
        rewrite(file, put(rows + number * 36 + 20, b"\x0f\0\0\0"))
        answers_right(path, single.ids, shape)
        file.write_bytes(content)
    rewrite(file, put(edges, b"\x6f\0\0\0" * 3))
    answers_right(path, single.ids, shape)


@pytest.mark.parametrize(
    "change",
    [
        lambda names: names[1:],
        lambda names: names[::-1],
        lambda names: [names[0], names[2]],
        lambda names: [names[0], "0" * 40, names[2]],
        lambda names: ["../../../config"],
        lambda names: ["not hexadecimal"],
        lambda names: [],
    ],
)
def test_a_chain_that_does_not_fit_together_is_not_used(
    split: Any, tmp_path: Path, shape: Any, change: Callable[[list[str]], list[str]]
) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(split.path, path)
    chain = Path(path, CHAIN)
    names = chain.read_text().split()
    chain.unlink()
    chain.write_text("".join(f"{name}\n" for name in change(names)))
    assert load(histories.Repository(path, split.ids)) is None
    answers_right(path, split.ids, shape)


def test_a_chain_that_lacks_its_newest_layers_is_an_older_graph(split: Any, tmp_path: Path, shape: Any) -> None:
    path = str(tmp_path / "copy")
    shutil.copytree(split.path, path)
    chain = Path(path, CHAIN)
    first = chain.read_text().split()[0]
    chain.unlink()
    chain.write_text(f"{first}\n")
    graph = load(histories.Repository(path, split.ids))
    assert graph is not None
    assert graph.size < len(split.ids)
    graph.close()
    assert answers_right(path, split.ids, shape) == "graph"


def test_a_graph_of_the_other_hash_is_not_used(single: Any) -> None:
    assert commit_graph.load(objects.directories(single.path), 32) is None
