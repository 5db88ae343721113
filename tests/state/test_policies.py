"""The small files that the hooks read: a branch is found by its name, whatever names the other branches have."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_okstra.core import policy
from git_okstra.core.errors import OkstraError
from git_okstra.state.policies import Policies, stamp

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


def test_an_announcement_is_used_once_and_only_for_what_it_says(policies: Policies) -> None:
    two = "2" * 40
    policies.announce("x", ONE, two)
    assert not policies.announced("x", two, ONE)
    assert policies.announced("x", ONE, two)
    assert not policies.announced("x", ONE, two)
    policies.announce("x", ONE, two)
    policies.withdraw("x")
    assert not policies.announced("x", ONE, two)


def test_what_is_allowed_is_not_yet_the_tip(policies: Policies) -> None:
    policies.govern("shop,dev-1", {0: "x"})
    policies.save_tip("x", ONE)
    policies.allow("x", "2" * 40)
    assert policies.tip("x") == ONE


def test_what_all_open_tasks_protect_is_protected(policies: Policies) -> None:
    policies.save_protected("shop,one", ["main", "release/*"])
    policies.save_protected("shop,two", ["main", "dev"])
    assert policies.protected() == ("dev", "main", "release/*")
    policies.govern("shop,one", {})
    assert policies.protected() == ("dev", "main")
    policies.save_protected("shop,two", ())
    assert policies.protected() == ()


def test_a_policy_counts_while_what_it_was_made_from_stands(policies: Policies, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text("one")
    task = policy.Task("DEV-1", "shop/dev-1", "feat-dev-1", stages={1: policy.Stage(1, "feat-dev-1-s1", files=["a"])})
    policies.save_task("shop,dev-1", task, {f"{plan}": stamp(f"{plan}")})
    found = policies.task("shop,dev-1")
    assert found is not None
    assert (policies.places(), found.branch, found.stages[1].files) == (["shop,dev-1"], "feat-dev-1", ("a",))
    plan.write_text("another")
    assert policies.task("shop,dev-1") is None
    Path(policies.root, "tasks", "shop,dev-1").write_text("garbage\n")
    assert policies.task("shop,dev-1") is None


def test_the_home_is_told_to_hooks_whose_environment_may_lie(policies: Policies) -> None:
    assert policies.home("shop,dev-1") == ""
    policies.save_home("shop,dev-1", "/somewhere/with space")
    assert policies.home("shop,dev-1") == "/somewhere/with space"


def test_without_hooks_nothing_is_written(tmp_path: Path) -> None:
    found = Policies(f"{tmp_path}")
    found.govern("shop,dev-1", {0: "x"})
    assert (found.governs("x"), found.wanted, found.whole, list(tmp_path.iterdir())) == (False, False, False, [])


def test_what_stands_there_is_not_written_again(policies: Policies) -> None:
    task = policy.Task("DEV-1", "shop/dev-1", "feat-dev-1")
    for _ in range(2):
        policies.govern("shop,dev-1", {0: "x"})
        policies.save_task("shop,dev-1", task, {})
        policies.save_tip("x", ONE)
        policies.save_protected("shop,dev-1", ["main"])
        written = {path: path.stat().st_ino for path in Path(policies.root).rglob("*") if path.is_file()}
    assert written == {path: path.stat().st_ino for path in Path(policies.root).rglob("*") if path.is_file()}
    assert stamp(f"{policies.root}/none") == "-"


def test_a_branch_that_nothing_is_known_of_belongs_to_nobody(policies: Policies) -> None:
    assert policies.holder("main") is None
