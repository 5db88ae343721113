"""Ancestry where stored objects do not tell the whole history: the answer is git's there, with few processes.

The dates rise here, so that git's own counts are right.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.git import objects
from git_okstra.git.ancestry import Ancestry

sys.path.insert(0, os.path.dirname(__file__))
histories = importlib.import_module("histories")

COUNT = 80


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Any:
    shape = histories.shape_of(COUNT, seed=21, skew=False)
    return histories.build(str(tmp_path_factory.mktemp("original") / "r"), shape)


@pytest.fixture
def copy(original: Any, tmp_path: Path) -> Any:
    """A copy of the original that a test may change."""
    path = str(tmp_path / "copy")
    shutil.copytree(original.path, path)
    return histories.Repository(path, original.ids)


def check(repository: Any, ids: list[str], seed: int, *, git_calls: int | None = None) -> None:
    """Hold random questions against git itself, and against one full listing by it."""
    truth = histories.Truth.listed(repository.path, *ids)
    pairs = histories.pairs_of(ids, 60, seed)
    with Ancestry(repository.path) as ancestry:
        for one, two in pairs[:6]:
            assert ancestry.is_ancestor(one, two) == repository.says_ancestor(one, two) == truth.is_ancestor(one, two)
        head = pairs[0][1]
        before = ancestry.git_calls
        assert ancestry.are_ancestors(ids, head) == {oid: truth.is_ancestor(oid, head) for oid in ids}
        assert ancestry.git_calls - before == (git_calls or 0)
        before = ancestry.git_calls
        assert ancestry.ahead_behind(pairs) == {pair: truth.counts(*pair) for pair in pairs}
        assert ancestry.git_calls - before == (git_calls or 0)
        for pair in pairs[:4]:
            assert ancestry.ahead_behind([pair])[pair] == repository.says_counts(*pair)


def graft(repository: Any) -> None:
    """Gives commit 30 other parents, so that answers change."""
    histories.run(repository.path, "replace", "--graft", repository.ids[30], repository.ids[70 - 60], repository.ids[2])


def replace_loose(repository: Any) -> None:
    graft(repository)


def replace_packed(repository: Any) -> None:
    graft(repository)
    histories.run(repository.path, "pack-refs", "--all")
    assert not os.listdir(os.path.join(repository.path, "refs", "replace"))


def replace_with_graph(repository: Any) -> None:
    """Written before, so it tells what is true no more."""
    histories.write_graph(repository.path)
    graft(repository)


def grafts(repository: Any) -> None:
    with open(os.path.join(repository.path, "info", "grafts"), "w", encoding="ascii") as file:
        file.write(f"{repository.ids[30]} {repository.ids[5]}\n{repository.ids[40]}\n")


def grafts_with_graph(repository: Any) -> None:
    histories.write_graph(repository.path)
    grafts(repository)


@pytest.mark.parametrize("change", [replace_loose, replace_packed, replace_with_graph, grafts, grafts_with_graph])
def test_changed_parents_are_seen(original: Any, copy: Any, change: Callable[[Any], None]) -> None:
    change(copy)
    assert objects.obstacle(copy.path) == change.__name__.split("_")[0]
    check(copy, copy.ids, seed=1, git_calls=1)
    with Ancestry(copy.path) as changed, Ancestry(original.path) as unchanged:
        answers = changed.are_ancestors(copy.ids, copy.ids[30])
        assert answers != unchanged.are_ancestors(copy.ids, copy.ids[30])


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_shallow_clones_end_where_git_says(original: Any, tmp_path: Path, depth: int) -> None:
    path = str(tmp_path / "shallow")
    histories.run(
        original.path,
        "clone",
        "-q",
        "--bare",
        f"--depth={depth}",
        "--no-single-branch",
        f"file://{original.path}",
        path,
    )
    assert objects.obstacle(path) == "shallow"
    ids = histories.out(path, "rev-list", "--all").split()
    check(histories.Repository(path, ids), ids, seed=2, git_calls=1)
    lacking = next(oid for oid in original.ids if oid not in ids)
    with Ancestry(path) as ancestry, pytest.raises(OkstraError) as refused:
        ancestry.is_ancestor(lacking, ids[0])
    assert refused.value.code == "bad-revision"


def test_partial_clones_are_left_to_git(original: Any, tmp_path: Path) -> None:
    source, path = str(tmp_path / "source"), str(tmp_path / "partial")
    shutil.copytree(original.path, source)
    histories.run(source, "config", "uploadpack.allowFilter", "true")
    histories.run(source, "clone", "-q", "--bare", "--filter=blob:none", f"file://{source}", path)
    assert objects.obstacle(path) == "partial-clone"
    check(histories.Repository(path, original.ids), original.ids, seed=3, git_calls=1)


def test_reftable_is_left_to_git(original: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "reftable")
    if histories.run(str(tmp_path), "init", "-q", "--bare", "--ref-format=reftable", path, check=False).returncode:
        pytest.skip("this git has no reftable")
    histories.run(path, "fetch", "-q", original.path, "refs/*:refs/*")
    histories.run(path, "replace", "--graft", original.ids[30], original.ids[2])
    assert objects.obstacle(path) == "reftable"
    check(histories.Repository(path, original.ids), original.ids, seed=3, git_calls=1)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[extensions]\n\trefStorage = reftable\n", "reftable"),
        ('[extensions "x"] REFSTORAGE=reftable\n', "reftable"),
        ("[extensions] partialClone = origin\n", "partial-clone"),
        ('[remote "origin"]\n\tpromisor = true\n', "partial-clone"),
        ("[extensions]\n\tcompatObjectFormat = sha256\n", "compatible-hash"),
        ("[extensions]\n\tworktreeConfig = true\n", ""),
    ],
)
def test_extensions_that_stand_in_the_way_are_noticed(copy: Any, line: str, why: str) -> None:
    assert objects.obstacle(copy.path) == ""
    with open(os.path.join(copy.path, "config"), "a", encoding="ascii") as file:
        file.write(line)
    assert objects.obstacle(copy.path) == why


@pytest.mark.parametrize(
    ("line", "size"),
    [
        ("", 20),
        ("[extensions]\n\tobjectFormat = sha256\n", 32),
        ('[Extensions] ObjectFormat="sha256"\n', 32),
        ("[extensions]\n\tobjectformat = sha1\n", 20),
        ("[extensions]\n\tcompatobjectformat = sha256\n", 20),
    ],
)
def test_the_length_of_an_id_follows_the_configuration(copy: Any, line: str, size: int) -> None:
    with open(os.path.join(copy.path, "config"), "a", encoding="ascii") as file:
        file.write(line)
    assert objects.hash_size(copy.path) == size


# Alternates are read here, whatever their form, or left to git.


def borrowed(original: Any, path: str, line: str, object_format: str = "sha1") -> Any:
    """An empty repository with `line` as its alternates, and some commits of its own on top of the original's."""
    histories.init(path, object_format=object_format)
    with open(os.path.join(path, "objects", "info", "alternates"), "w", encoding="utf-8") as file:
        file.write(line)
    own = [((-1,), 1_600_000_000), ((0, -2), 1_600_000_060), ((-3,), 1_600_000_120), ((1, 2), 1_600_000_180)]
    newer = histories.add(path, own, below=[original.ids[-1], original.ids[40], original.ids[50]], packed=False)
    return histories.Repository(path, [*original.ids, *newer])


@pytest.mark.parametrize("graph", [True, False], ids=["graph", "no graph"])
@pytest.mark.parametrize("form", ["{0}", "# comment\n\n{0}\n/nowhere/objects\n", "{1}", "{2}"])
def test_borrowed_objects_are_read_and_the_lender_s_graph_too(
    original: Any, copy: Any, tmp_path: Path, form: str, graph: bool
) -> None:
    if graph:
        histories.write_graph(copy.path, "--split")
    middle = str(tmp_path / "middle")
    histories.init(middle)
    Path(middle, "objects/info/alternates").write_text(f"{copy.path}/objects\n")
    repository = borrowed(
        copy, str(tmp_path / "b"), form.format(f"{copy.path}/objects", "../../copy/objects", f"{middle}/objects") + "\n"
    )
    assert objects.obstacle(repository.path) == ""
    check(repository, repository.ids, seed=5)
    with Ancestry(repository.path) as ancestry:
        ancestry.is_ancestor(repository.ids[3], repository.ids[-1])
        assert ancestry.answered_by == ("graph" if graph else "objects")


def test_a_chain_of_graphs_may_be_spread_over_borrower_and_lender(copy: Any, tmp_path: Path) -> None:
    histories.write_graph(copy.path, "--split=no-merge")
    repository = borrowed(copy, str(tmp_path / "b"), f"{copy.path}/objects\n")
    histories.write_graph(repository.path, "--split=no-merge")
    chain = Path(repository.path, "objects/info/commit-graphs/commit-graph-chain").read_text().split()
    assert len(chain) == 2
    assert not Path(repository.path, f"objects/info/commit-graphs/graph-{chain[0]}.graph").exists()
    check(repository, repository.ids, seed=6)
    with Ancestry(repository.path) as ancestry:
        assert ancestry.is_ancestor(repository.ids[3], repository.ids[-1]) is not None
        assert (ancestry.answered_by, ancestry.objects_read) == ("graph", 0)


def test_a_quoted_alternate_is_left_to_git(copy: Any, tmp_path: Path) -> None:
    lender = str(tmp_path / "odd\tname")
    shutil.move(copy.path, lender)
    quoted = '"' + lender.replace("\t", "\\t") + '/objects"\n'
    repository = borrowed(copy, str(tmp_path / "b"), quoted)
    assert objects.obstacle(repository.path) == "alternates"
    check(repository, repository.ids, seed=7, git_calls=1)


def test_alternates_that_form_a_circle_do_no_harm(copy: Any, tmp_path: Path) -> None:
    repository = borrowed(copy, str(tmp_path / "b"), f"{copy.path}/objects\n")
    Path(copy.path, "objects/info/alternates").write_text(f"{repository.path}/objects\n")
    assert objects.directories(repository.path) == [f"{repository.path}/objects", f"{copy.path}/objects"]
    check(repository, repository.ids, seed=8)
    with Ancestry(repository.path) as ancestry, pytest.raises(OkstraError) as refused:
        ancestry.is_ancestor("1" * 40, repository.ids[0])
    assert refused.value.code == "bad-revision"


def test_alternates_come_in_git_s_order(tmp_path: Path) -> None:
    lenders = {"a": "b c", "b": "d", "c": "e d", "d": "", "e": "a"}
    for name, lines in lenders.items():
        histories.init(str(tmp_path / name))
        listed = "".join(f"{tmp_path}/{other}/objects\n" for other in lines.split())
        Path(tmp_path, name, "objects/info/alternates").write_text(listed)
    assert objects.directories(str(tmp_path / "a")) == [f"{tmp_path}/{name}/objects" for name in "abdce"]
    said = histories.out(str(tmp_path / "a"), "count-objects", "-v").splitlines()
    assert [line for line in said if line.startswith("alternate:")] == [
        f"alternate: {tmp_path}/{name}/objects" for name in "bdce"
    ]


def test_borrowed_objects_with_long_ids_are_read(tmp_path: Path) -> None:
    shape = histories.shape_of(40, seed=3, skew=False)
    lender = histories.build(str(tmp_path / "a"), [*shape, *[((39,), 1_600_000_000)] * 11], object_format="sha256")
    repository = borrowed(lender, str(tmp_path / "b"), f"{lender.path}/objects\n", object_format="sha256")
    check(repository, repository.ids, seed=9)


# Other ways of storing.


def test_many_packs_with_an_index_over_them_and_loose_objects_beside(tmp_path: Path) -> None:
    repository = histories.build(str(tmp_path / "r"), histories.shape_of(30, seed=4, skew=False))
    ids = list(repository.ids)
    for number in range(3):
        more = [((-1,), 1_600_000_000 + number), ((0, -2), 1_600_000_001 + number)]
        ids += histories.add(repository.path, more, below=[ids[-1], ids[-9]])
    histories.run(repository.path, "multi-pack-index", "write")
    ids += histories.add(repository.path, [((-1,), 1_600_000_009)], below=[ids[-1]], packed=False)
    repository = histories.Repository(repository.path, ids)
    check(repository, ids, seed=10)
    histories.write_graph(repository.path)
    check(repository, ids, seed=11)


def test_a_damaged_loose_object_is_left_to_git(tmp_path: Path) -> None:
    repository = histories.build(str(tmp_path / "r"), [((), 1), ((0,), 2), ((1,), 3)], packed=False)
    middle = repository.ids[1]
    file = Path(repository.path, "objects", middle[:2], middle[2:])
    intact = file.read_bytes()
    content = zlib.decompress(intact)
    file.chmod(0o644)
    file.write_bytes(zlib.compress(content[: content.index(b"parent")]))
    with Ancestry(repository.path) as ancestry:
        # Some gits believe that there is no parent, others fail: that is theirs to judge.
        with contextlib.suppress(OkstraError):
            ancestry.is_ancestor(repository.ids[0], repository.ids[2])
        assert ancestry.answered_by == "git"
    file.write_bytes(intact[: len(intact) // 2])
    with Ancestry(repository.path) as ancestry, pytest.raises(OkstraError) as refused:
        ancestry.is_ancestor(repository.ids[0], repository.ids[2])
    assert refused.value.code == "git-failed"


def test_deltas_between_commits_are_resolved(tmp_path: Path) -> None:
    repository = histories.build(str(tmp_path / "r"), histories.shape_of(COUNT, seed=6, skew=False))
    histories.run(repository.path, "repack", "-a", "-d", "-f", "-q", "--depth=50", "--window=50")
    check(repository, repository.ids, seed=12)


def test_a_linked_worktree_s_common_directory_answers_for_all(original: Any, copy: Any, tmp_path: Path) -> None:
    tree = str(tmp_path / "tree")
    histories.run(copy.path, "worktree", "add", "-q", "--detach", tree, original.ids[-1])
    head = histories.out(tree, "rev-parse", "HEAD").strip()
    common = histories.out(tree, "rev-parse", "--git-common-dir").strip()
    with Ancestry(os.path.join(tree, common)) as ancestry:
        truth = histories.Truth.listed(copy.path)
        assert ancestry.are_ancestors(copy.ids, head) == {oid: truth.is_ancestor(oid, head) for oid in copy.ids}
        assert ancestry.answered_by == "objects"


def test_a_hook_s_environment_does_not_redirect_the_question(
    original: Any, copy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graft(copy)
    truth = histories.Truth.listed(copy.path)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_NO_REPLACE_OBJECTS", "1")
    with Ancestry(copy.path) as ancestry:
        head = copy.ids[30]
        assert ancestry.are_ancestors(copy.ids, head) == {oid: truth.is_ancestor(oid, head) for oid in copy.ids}


@pytest.mark.parametrize("name", ["공유 저장소", 'quote"d', "-dash", "new\nline"])
def test_odd_paths(original: Any, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    shutil.copytree(original.path, path)
    check(histories.Repository(path, original.ids), original.ids, seed=13)
    histories.run(path, "replace", "--graft", original.ids[30], original.ids[2])
    check(histories.Repository(path, original.ids), original.ids, seed=13, git_calls=1)
