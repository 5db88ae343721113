"""Ancestry against git and against the truth, on histories of every shape, however they are stored."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core.errors import OkstraError
from git_okstra.git.ancestry import Ancestry

sys.path.insert(0, os.path.dirname(__file__))
histories = importlib.import_module("histories")

# How the commit-graph may stand to the history: name -> what writes it, given a repository.


def graph_none(repository: Any) -> None:
    """There is none."""


def graph_levels(repository: Any) -> None:
    histories.write_graph(repository.path, generations=1)


def graph_dates(repository: Any) -> None:
    histories.write_graph(repository.path, "--changed-paths")


def graph_split(repository: Any) -> None:
    for number in (len(repository.ids) // 3, len(repository.ids) // 2):
        write_split(repository, number)
    histories.write_graph(repository.path, "--split=no-merge")
    assert len(chain_of(repository)) == 3


def graph_split_of_both_kinds(repository: Any) -> None:
    """Corrected dates count only when every layer has them, so here they must not."""
    write_split(repository, len(repository.ids) // 2, generations=1)
    histories.write_graph(repository.path, "--split=no-merge")
    assert len(chain_of(repository)) == 2


def graph_older(repository: Any) -> None:
    """Written when a fifth of the history was there."""
    middle = "".join(f"{oid}\n" for oid in repository.ids[: len(repository.ids) // 5])
    histories.run(repository.path, "commit-graph", "write", "--stdin-commits", stdin=middle.encode())


def write_split(repository: Any, number: int, generations: int = 2) -> None:
    histories.run(
        repository.path, "-c", f"commitGraph.generationVersion={generations}", "commit-graph", "write",
        "--stdin-commits", "--split=no-merge", stdin=f"{repository.ids[number]}\n".encode(),
    )  # fmt: skip


def chain_of(repository: Any) -> list[str]:
    return Path(repository.path, "objects/info/commit-graphs/commit-graph-chain").read_text().split()


GRAPHS = [graph_none, graph_levels, graph_dates, graph_split, graph_split_of_both_kinds, graph_older]


def check(repository: Any, truth: Any, seed: int, *, count: int = 200) -> set[str]:
    """Hold `count` random questions of either kind against the truth; returns what answered them."""
    answered: set[str] = set()
    pairs = histories.pairs_of(repository.ids, count, seed)
    with Ancestry(repository.path) as ancestry:
        for head, candidates in histories.by_second(pairs).items():
            wanted = {candidate: truth.is_ancestor(candidate, head) for candidate in candidates}
            assert ancestry.are_ancestors(candidates, head) == wanted
            answered.add(ancestry.answered_by)
        for some in (pairs[:1], pairs[1:3], pairs[3:]):
            assert ancestry.ahead_behind(some) == {pair: truth.counts(*pair) for pair in some}
            answered.add(ancestry.answered_by)
    return answered


@pytest.mark.parametrize("write_graph", GRAPHS)
@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "loose"])
def test_answers_are_those_of_git(
    tmp_path: Path, write_graph: Callable[[Any], None], object_format: str, packed: bool
) -> None:
    shape = histories.shape_of(160, seed=7)
    repository = histories.build(str(tmp_path / "r"), shape, object_format=object_format, packed=packed)
    write_graph(repository)
    truth = histories.Truth.of(shape, repository.ids)
    assert check(repository, truth, seed=1) == {"objects" if write_graph is graph_none else "graph"}
    with Ancestry(repository.path) as ancestry:
        for pair in histories.pairs_of(repository.ids, 6, seed=2):
            assert ancestry.is_ancestor(*pair) == repository.says_ancestor(*pair)


@pytest.mark.parametrize("write_graph", GRAPHS)
@pytest.mark.parametrize("skew", [True, False], ids=["skewed", "unskewed"])
def test_answers_are_those_of_git_where_not_all_commits_can_be_read_here(
    tmp_path: Path, write_graph: Callable[[Any], None], skew: bool
) -> None:
    shape = histories.shape_of(3000, seed=11, skew=skew)
    repository = histories.build(str(tmp_path / "r"), shape)
    write_graph(repository)
    truth = histories.Truth.of(shape, repository.ids)
    answered = check(repository, truth, seed=3, count=12 if write_graph in (graph_none, graph_older) else 300)
    if write_graph is graph_none:
        assert "git" in answered
    elif write_graph is not graph_older:
        assert answered == {"graph"}
    for pair in histories.pairs_of(repository.ids, 5, seed=4):
        assert repository.says_ancestor(*pair) == truth.is_ancestor(*pair)
        # Under skew `git rev-list` may miscount; a full walk is the truth then.
        assert skew or repository.says_counts(*pair) == truth.counts(*pair)


SHAPES = {
    "one commit": [((), 100)],
    "linear": [((), 100), ((0,), 200), ((1,), 300), ((2,), 400)],
    "clock skew": [((), 200), ((0,), 50), ((1,), 100)],
    "clock skew at a fork": [((), 300), ((0,), 50), ((0,), 900), ((1, 2), 10), ((1,), 500), ((4, 2), 5)],
    "merge": [((), 100), ((0,), 200), ((0,), 210), ((1, 2), 300)],
    "criss-cross": [((), 1), ((0,), 2), ((0,), 2), ((1, 2), 3), ((2, 1), 3), ((3,), 4), ((4,), 4)],
    "octopus": [((), 1), ((0,), 2), ((0,), 3), ((0,), 4), ((), 5), ((1, 2, 3, 4), 6), ((5, 0), 7)],
    "octopus of skewed parents": [((), 9), ((0,), 8), ((0,), 7), ((0,), 20), ((1, 2, 3), 1), ((3, 1, 2), 30)],
    "several roots": [((), 1), ((), 2), ((), 3), ((0, 1), 4), ((2,), 5), ((3, 4), 6)],
    "nothing in common": [((), 1), ((), 2), ((0,), 3), ((1,), 4)],
    "equal dates": [((), 5), ((0,), 5), ((0,), 5), ((1, 2), 5), ((2, 1), 5), ((3,), 5)],
    "dates of zero": [((), 0), ((0,), 0), ((1,), 0), ((1,), 0)],
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("write_graph", [graph_none, graph_levels, graph_dates])
def test_every_pair_of_a_small_history(tmp_path: Path, name: str, write_graph: Callable[[Any], None]) -> None:
    shape = SHAPES[name]
    repository = histories.build(str(tmp_path / "r"), shape, packed=False)
    write_graph(repository)
    truth = histories.Truth.of(shape, repository.ids)
    pairs = [(one, two) for one in repository.ids for two in repository.ids]
    with Ancestry(repository.path) as ancestry:
        for one, two in pairs:
            assert ancestry.is_ancestor(one, two) == truth.is_ancestor(one, two)
        assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}
        assert ancestry.git_calls == 0
    if write_graph is graph_none:
        for one, two in pairs:
            assert repository.says_ancestor(one, two) == truth.is_ancestor(one, two)
            assert repository.says_counts(one, two) == truth.counts(one, two)


@st.composite
def shapes(draw: st.DrawFn) -> list[tuple[tuple[int, ...], int]]:
    shape: list[tuple[tuple[int, ...], int]] = []
    for number in range(draw(st.integers(1, 20))):
        parents = draw(st.lists(st.integers(0, number - 1), max_size=4, unique=True)) if number else []
        shape.append((tuple(parents), draw(st.integers(1, 40))))
    return shape


@given(shapes(), st.sampled_from(GRAPHS[:3]), st.data())
@settings(max_examples=40, deadline=None)
def test_any_shape(shape: Any, write_graph: Callable[[Any], None], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        repository = histories.build(directory, shape)
        write_graph(repository)
        truth = histories.Truth.of(shape, repository.ids)
        with Ancestry(directory) as ancestry:
            for head in repository.ids:
                wanted = {oid: truth.is_ancestor(oid, head) for oid in repository.ids}
                assert ancestry.are_ancestors(repository.ids, head) == wanted
            some = st.tuples(st.sampled_from(repository.ids), st.sampled_from(repository.ids))
            pairs = data.draw(st.lists(some, max_size=12))
            assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}


# How much is read.


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """20,000 commits in a line with a merged side branch at every tenth, and a commit-graph."""
    shape: list[tuple[tuple[int, ...], int]] = [((), 1_000_000_000)]
    for number in range(1, 20_000):
        parents: tuple[int, ...] = (number - 1,)
        if number % 10 == 8:
            parents = (number - 2,)
        elif number > 10 and number % 10 == 9:
            parents = (number - 2, number - 1)
        shape.append((parents, 1_000_000_000 + 60 * number))
    repository = histories.build(str(tmp_path_factory.mktemp("large") / "r"), shape)
    histories.write_graph(repository.path)
    return repository


def test_fifty_questions_cost_one_walk_that_looks_no_farther_than_the_farthest_alone(large: Any) -> None:
    candidates = large.ids[10_000:20_000:200]
    with Ancestry(large.path) as ancestry:
        assert ancestry.is_ancestor(candidates[0], large.ids[-1])
        rows, alone = ancestry.rows_read, ancestry.walks
        answers = ancestry.are_ancestors(candidates, large.ids[-1])
        assert len(answers) == 50
        assert all(answers[oid] for oid in candidates)
        assert ancestry.walks == alone + 1
        assert ancestry.rows_read - rows <= 1.2 * rows
        assert (ancestry.objects_read, ancestry.git_calls, ancestry.answered_by) == (0, 0, "graph")


def test_a_recent_answer_does_not_look_at_old_history(large: Any) -> None:
    with Ancestry(large.path) as ancestry:
        assert ancestry.is_ancestor(large.ids[-30], large.ids[-1])
        assert not ancestry.is_ancestor(large.ids[-1], large.ids[-30])
        assert not ancestry.is_ancestor(large.ids[-2], large.ids[-3])
        # 100 commits back, two of ten to the side.
        assert ancestry.ahead_behind([(large.ids[-1], large.ids[-101])]) == {(large.ids[-1], large.ids[-101]): (100, 0)}
        assert ancestry.rows_read < 400
        assert (ancestry.objects_read, ancestry.git_calls) == (0, 0)


def test_commits_newer_than_the_graph_are_read_once_for_all_questions(large: Any, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy")
    histories.run(large.path, "clone", "--quiet", "--bare", "--no-local", large.path, copy)
    histories.write_graph(copy)
    newer = histories.add(
        copy, [((-1 if not number else number - 1,), 1_100_000_000) for number in range(40)], below=[large.ids[-1]]
    )
    candidates = [*large.ids[10_000:20_000:200], *newer[::4]]
    with Ancestry(copy) as ancestry:
        assert all(ancestry.are_ancestors(candidates, newer[-1]).values())
        assert ancestry.answered_by == "graph"
        assert ancestry.objects_read == len(newer)
        assert ancestry.ahead_behind([(newer[-1], large.ids[-1])]) == {(newer[-1], large.ids[-1]): (40, 0)}
        assert (ancestry.objects_read, ancestry.git_calls, ancestry.walks) == (len(newer), 0, 2)


def test_git_is_asked_when_very_many_commits_are_newer_than_the_graph(tmp_path: Path) -> None:
    shape = [((number - 1,) if number else (), 1_000_000_000 + number) for number in range(1500)]
    repository = histories.build(str(tmp_path / "r"), shape)
    histories.run(
        repository.path, "commit-graph", "write", "--stdin-commits", stdin=f"{repository.ids[200]}\n".encode()
    )
    with Ancestry(repository.path) as ancestry:
        assert ancestry.is_ancestor(repository.ids[100], repository.ids[-1])
        assert ancestry.answered_by == "git"
        assert not ancestry.is_ancestor(repository.ids[-1], repository.ids[100])
        assert ancestry.answered_by == "graph"
        pair = (repository.ids[-1], repository.ids[100])
        assert ancestry.ahead_behind([pair]) == {pair: (1399, 0)}
        assert (ancestry.answered_by, ancestry.git_calls) == ("git", 2)
        assert ancestry.objects_read < 1200


def test_without_a_graph_recent_questions_start_no_git_and_old_ones_few(
    large: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = str(tmp_path / "copy")
    histories.run(large.path, "clone", "--quiet", "--bare", "--no-local", large.path, copy)
    log = tmp_path / "log"
    monkeypatch.setenv("OKSTRA_CRASH_LOG", str(log))
    head, ids = large.ids[-1], large.ids
    with Ancestry(copy) as ancestry:
        assert ancestry.are_ancestors(ids[-50:], head) == dict.fromkeys(ids[-50:], True)
        assert ancestry.answered_by == "objects"
        assert ancestry.ahead_behind([(ids[-1], ids[-41])]) == {(ids[-1], ids[-41]): (40, 0)}
        assert ancestry.answered_by == "objects"
        assert not log.exists()
        old = ids[0:10_000:200]
        assert ancestry.are_ancestors(old, head) == dict.fromkeys(old, True)
        assert ancestry.answered_by == "git"
        pairs = [(head, oid) for oid in old[-20:]]
        counted = ancestry.ahead_behind(pairs)
        assert counted[head, old[-1]] == (20_000 - 9_800 - 1, 0)
        assert len(counted) == 20
        started = [line for line in log.read_text().splitlines() if line.endswith(": before")]
        assert len(started) == ancestry.git_calls <= 4


def test_a_question_that_the_graph_answers_loads_no_dulwich_and_no_loose_object_does(tmp_path: Path) -> None:
    shape = histories.shape_of(60, seed=5)
    for packed, write_graph in ((True, graph_dates), (False, graph_none)):
        repository = histories.build(str(tmp_path / f"{packed}"), shape, packed=packed)
        write_graph(repository)
        program = (
            "import sys; from git_okstra.git.ancestry import Ancestry\n"
            "with Ancestry(sys.argv[1]) as a: print(a.is_ancestor(sys.argv[2], sys.argv[3]), 'dulwich' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, repository.path, repository.ids[0], repository.ids[-1]],
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout.split() == [str(histories.Truth.of(shape, repository.ids).is_ancestor(
            repository.ids[0], repository.ids[-1])), "False"]  # fmt: skip


# What is refused, and tidiness.


@pytest.mark.parametrize("write_graph", [graph_none, graph_dates])
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "loose"])
@pytest.mark.parametrize("special", [True, False], ids=["by git", "here"])
def test_what_is_no_commit_is_refused(
    tmp_path: Path, write_graph: Callable[[Any], None], packed: bool, special: bool
) -> None:
    repository = histories.build(str(tmp_path / "r"), histories.shape_of(20, seed=1), packed=packed)
    write_graph(repository)
    blob = histories.out(repository.path, "hash-object", "-w", "--stdin", stdin=b"text").strip()
    histories.run(repository.path, "tag", "-a", "-m", "v1", "v1", repository.ids[3])
    tag = histories.out(repository.path, "rev-parse", "v1").strip()
    tree = histories.out(repository.path, "rev-parse", "main^{tree}").strip()
    if packed:
        histories.run(repository.path, "repack", "-a", "-d", "--keep-unreachable", "-q")
    if special:
        histories.run(repository.path, "replace", "--graft", repository.ids[4])
    good = repository.ids[-1]
    for bad in ("1" * 40, blob, tag, tree):
        with Ancestry(repository.path) as ancestry:
            for ask in (
                lambda bad=bad: ancestry.is_ancestor(bad, good),
                lambda bad=bad: ancestry.is_ancestor(good, bad),
                lambda bad=bad: ancestry.are_ancestors([repository.ids[0], bad, *repository.ids[2:5]], good),
                lambda bad=bad: ancestry.ahead_behind([(good, repository.ids[0]), (good, bad)]),
            ):
                with pytest.raises(OkstraError) as refused:
                    ask()
                assert refused.value.code == "bad-revision"
                assert bad in refused.value.message


@pytest.mark.parametrize("text", ["", "main", "abc", "0" * 39, "0" * 64, "zz" * 20, "0 " * 20, "--all", "0" * 41])
def test_what_is_no_full_id_is_refused(tmp_path: Path, text: str) -> None:
    repository = histories.build(str(tmp_path / "r"), SHAPES["linear"])
    with Ancestry(repository.path) as ancestry, pytest.raises(OkstraError) as refused:
        ancestry.is_ancestor(text, repository.ids[0])
    assert refused.value.code == "bad-revision"


def test_a_directory_that_is_no_repository_is_git_s_to_complain_about(tmp_path: Path) -> None:
    with Ancestry(str(tmp_path)) as ancestry, pytest.raises(OkstraError) as refused:
        ancestry.is_ancestor("1" * 40, "2" * 40)
    assert refused.value.code == "git-failed"


def test_a_history_with_a_hole_is_refused_and_answered_where_the_hole_does_not_matter(tmp_path: Path) -> None:
    shape = [((), 100), ((0,), 200), ((1,), 300), ((2,), 400)]
    repository = histories.build(str(tmp_path / "r"), shape, packed=False)
    lost = repository.ids[1]
    os.unlink(os.path.join(repository.path, "objects", lost[:2], lost[2:]))
    with Ancestry(repository.path) as ancestry:
        with pytest.raises(OkstraError) as refused:
            ancestry.is_ancestor(repository.ids[0], repository.ids[3])
        assert refused.value.code == "git-failed"
        with pytest.raises(OkstraError) as refused:
            ancestry.is_ancestor(lost, repository.ids[3])
        assert refused.value.code == "bad-revision"


def test_no_question_gives_no_answer(tmp_path: Path) -> None:
    repository = histories.build(str(tmp_path / "r"), SHAPES["linear"])
    with Ancestry(repository.path) as ancestry:
        assert ancestry.are_ancestors([], repository.ids[0]) == {}
        assert ancestry.ahead_behind([]) == {}


def test_it_goes_on_while_git_repacks_and_leaves_nothing_open(tmp_path: Path) -> None:
    shape = histories.shape_of(120, seed=9)
    repository = histories.build(str(tmp_path / "r"), shape, packed=False)
    truth = histories.Truth.of(shape, repository.ids)
    pairs = histories.pairs_of(repository.ids, 30, seed=1)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    with Ancestry(repository.path) as ancestry:
        assert ancestry.ahead_behind(pairs[:2]) == {pair: truth.counts(*pair) for pair in pairs[:2]}
        for work in (
            ["repack", "-a", "-d", "-q"],
            ["gc", "-q", "--prune=now"],
            ["commit-graph", "write", "--reachable"],
        ):
            histories.run(repository.path, *work)
            assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}
        ancestry.close()
        assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}
        assert ancestry.answered_by == "graph"
    gc.collect()
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) <= before
