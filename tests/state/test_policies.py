"""The small files that the hooks read: a branch is found by its name, whatever names the other branches have."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state.policies import Policies

ONE = "1" * 40


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    """Of a repository that has hooks, as they look to this door: their common part is there."""
    hooks = tmp_path / "okstra" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "common.sh").write_text("")
    return Policies(str(tmp_path))


def test_no_branch_is_in_the_way_of_another(policies: Policies) -> None:
    branches = {0: "x", 1: "x.b/y", 2: "x.t/y", 3: "x.p/y", 4: "x.a/y", 5: "x.json/y"}
    policies.govern("shop,dev-1", branches)
    for branch in branches.values():
        policies.save_tip(branch, ONE)
        policies.announce(branch, ONE, ONE)
    assert policies.holders() == {branch: ("shop,dev-1", number) for number, branch in branches.items()}
    assert {policies.tip(branch) for branch in branches.values()} == {ONE}


def test_a_branch_that_the_task_no_longer_has_is_not_governed(policies: Policies) -> None:
    policies.govern("shop,dev-1", {0: "x", 1: "x-s1"})
    policies.save_tip("x-s1", ONE)
    policies.govern("shop,dev-1", {0: "x"})
    assert policies.holders() == {"x": ("shop,dev-1", 0)}
    assert policies.tip("x-s1") == ""


def test_a_file_that_does_not_say_whose_branch_it_is_is_named(policies: Policies) -> None:
    policies.govern("shop,dev-1", {0: "x"})
    Path(policies.root, "branches", "x~b").write_text("shop,dev-1\n")
    with pytest.raises(OkstraError, match="does not say whose branch it is"):
        policies.holder("x")
