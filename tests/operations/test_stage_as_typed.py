"""`git okstra stage` as people type it: what it prints, who is refused and told what, and what `auto` takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.snapshots import snapshot
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (), 3: (1,), 4: (1, 2), 5: (3, 4)}


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    """The worktree of a task with that plan."""
    return tickets.start(okstra, repository, PLAN)


@pytest.fixture
def stage(okstra: Command, task: Path) -> Callable[..., Ended]:
    """`stage(…)` in the task worktree, as JSON; refusals are returned like anything else."""

    def run(*args: str, cwd: os.PathLike[str] | None = None, **env: str) -> Ended:
        return okstra("stage", "--json", *args, cwd=cwd or task, env=env, check=False)

    return run


def opened(ended: Ended) -> Any:
    return ended.require_success().json()["stage"]


def message(ended: Ended, code: str) -> str:
    error = ended.require_error(code).json()["error"]
    assert error["hint"]
    return str(error["message"])


def hint(ended: Ended) -> str:
    return str(ended.json()["error"]["hint"])


# -- what it does


def test_a_stage_gets_its_branch_and_worktree_beside_the_tasks(
    stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    document = stage("1", OKSTRA_OWNER="ada").require_success().json()
    assert (document["schema"], document["status"], document["path"]) == ("okstra.stage/1", "created", f"{task}-s1")
    told = document["stage"]
    assert {name: told[name] for name in ("key", "number", "title", "branch", "path", "base", "rule", "owner")} == {
        "key": "shop/dev/dev-1#stage-1",
        "number": 1,
        "title": "stage 1",
        "branch": "feat-dev-1-s1",
        "path": f"{task}-s1",
        "base": repository.head,
        "rule": "anchor",
        "owner": "ada",
    }
    assert repository.git("status", "--porcelain", cwd=task) == ""
    tickets.require_order(repository)


def test_the_path_alone_is_on_standard_output(okstra: Command, task: Path) -> None:
    assert okstra("stage", "1", cwd=task).out == f"{task}-s1\n"


def test_from_any_place_the_task_is_known(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    opened(stage("1", cwd=repository.path))
    Path(f"{task}-s1", "deep").mkdir()
    assert opened(stage("2", cwd=Path(f"{task}-s1", "deep")))["path"] == f"{task}-s2"
    tickets.start(okstra, repository, None, "DEV-2")
    refused = stage("1", cwd=repository.path)
    assert "DEV-1" in message(refused, "ambiguous-task")
    assert "DEV-2" in message(refused, "ambiguous-task")
    assert opened(stage("1", "--task", "dev-1", cwd=repository.path))["path"] == f"{task}-s1"


def test_again_it_is_given_to_its_owner_and_with_exclusive_to_nobody(stage: Callable[..., Ended], task: Path) -> None:
    first = opened(stage("1", OKSTRA_OWNER="ada"))
    again = stage("1", OKSTRA_OWNER="ada").require_success().json()
    assert again["status"] == "reused"
    assert again["stage"] == first | {"rule": "reused"}
    where = f"stage 1 of DEV-1 is held by ada since {first['since']}, in '{task}-s1'"
    refused = stage("1", OKSTRA_OWNER="bob")
    assert (refused.status, message(refused, "held")) == (3, where)
    refused = stage("1", "--exclusive", OKSTRA_OWNER="ada")
    assert (refused.status, message(refused, "held")) == (3, where)


def test_an_abandoned_stage_is_opened_anew(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    opened(stage("1"))
    given_up = repository.commit({"s1/x": "1\n"}, cwd=f"{task}-s1")
    okstra("abandon", "1", "-f", cwd=task)
    told = opened(stage("auto"))
    assert told["number"] == 1
    assert repository.git("rev-parse", "feat-dev-1-s1") == told["base"] != given_up
    tickets.require_order(repository)


# -- merging what it depends on


def test_what_is_missing_is_named_with_the_merge_that_brings_it_in(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    for number in (1, 2):
        tickets.work(okstra, repository, task, number)
    refused = stage("4")
    assert "does not have stages 1 and 2" in message(refused, "dependencies-not-merged")
    assert "git okstra merge 1 2" in hint(refused)
    assert "--merge-deps" in hint(refused)
    okstra("merge", "1", cwd=task)
    refused = stage("4")
    assert "does not have stage 2" in message(refused, "dependencies-not-merged")
    assert "git okstra merge 2" in hint(refused)
    assert "feat-dev-1-s4" not in tickets.branches(repository)


def test_merge_deps_merges_only_for_a_stage_that_is_opened_now(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    message(stage("4", "--merge-deps"), "stage-not-ready")
    for number in (1, 2):
        tickets.work(okstra, repository, task, number)
    head = repository.git("rev-parse", "feat-dev-1")
    foretold = stage("4", "--merge-deps", "-n").require_success().json()
    assert "would first merge stages 1, 2 into 'feat-dev-1'" in foretold["notes"]
    assert repository.git("rev-parse", "feat-dev-1") == head
    opened(stage("4", "--merge-deps"))
    merged = repository.git("rev-parse", "feat-dev-1")
    okstra("reopen", "1", cwd=task)
    repository.commit({"s1/more": "2\n"}, cwd=f"{task}-s1")
    okstra("done", "1", cwd=task)
    assert stage("4", "--merge-deps").json()["status"] == "reused"
    assert repository.git("rev-parse", "feat-dev-1") == merged


# -- refusals


def test_what_it_depends_on_must_be_done(stage: Callable[..., Ended]) -> None:
    assert "stage 4 depends on stages 1 and 2, which are not done" in message(stage("4"), "stage-not-ready")
    opened(stage("1"))
    assert "stage 3 depends on stage 1, which is not done" in message(stage("3"), "stage-not-ready")


def test_a_stage_that_is_done_is_closed(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    tickets.work(okstra, repository, task, 1)
    assert "stage 1 of DEV-1 is done" in message(stage("1"), "stage-closed")
    assert "git okstra reopen 1" in hint(stage("1"))
    message(stage("1", "-n"), "stage-closed")
    okstra("reopen", "1", cwd=task)
    assert stage("1").require_success().json()["status"] == "reused"


def test_numbers_that_are_none(stage: Callable[..., Ended]) -> None:
    message(stage("6"), "no-such-stage")
    for word in ("0", "x", "1.5", "１", "-1"):
        assert stage("--", word).require_error("usage").status == 2


def test_a_plan_is_needed_and_must_be_approved(okstra: Command, repository: ScratchRepository) -> None:
    task = tickets.start(okstra, repository)
    refused = okstra("stage", "1", "--json", cwd=task, check=False)
    message(refused, "plan-missing")
    okstra("plan", "import", "-", "--format", "toml", cwd=task, input=tickets.plan_text({1: ()}))
    message(okstra("stage", "1", "--json", cwd=task, check=False), "plan-not-approved")
    message(okstra("stage", "auto", "--json", cwd=task, check=False), "plan-not-approved")
    assert list(tickets.reservations()) == ["shop/dev/dev-1#0"]


def test_what_a_dry_run_foretells_is_refused_too(
    stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    repository.git("branch", "feat-dev-1-s1")
    Path(f"{task}-s2").mkdir()
    Path(f"{task}-s2", "theirs").touch()
    before = snapshot(repository.path, tickets.home())
    assert "the branch 'feat-dev-1-s1' exists already" in message(stage("1", "-n"), "branch-exists")
    assert f"'{task}-s2' exists already" in message(stage("2", "-n"), "path-exists")
    assert snapshot(repository.path, tickets.home()) == before
    message(stage("1"), "branch-exists")
    message(stage("2"), "path-exists")
    assert list(tickets.reservations()) == ["shop/dev/dev-1#0"]
    assert tickets.branches(repository).keys() == {"main", "feat-dev-1", "feat-dev-1-s1"}
    repository.git("branch", "-D", "feat-dev-1-s1")
    opened(stage("1"))


def test_the_task_must_be_held(okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository) -> None:
    okstra("release", "dev-1", cwd=repository)
    refused = stage("1")
    message(refused, "no-such-task")
    assert "start feat" in hint(refused)


# -- auto


def test_auto_takes_the_lowest_that_is_ready_and_never_an_open_one(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    assert opened(stage("2"))["number"] == 2
    assert opened(stage("auto"))["number"] == 1
    refused = stage("auto")
    assert refused.status == 1
    assert "1, 2 are open" in message(refused, "nothing-ready")
    assert "3, 4, 5 are waiting" in message(refused, "nothing-ready")
    repository.commit({"s1/x": "1\n"}, cwd=f"{task}-s1")
    okstra("done", "1", cwd=task)
    assert opened(stage("auto"))["number"] == 3


def test_auto_says_when_merging_is_all_that_is_missing_and_takes_a_later_one_that_needs_none(
    okstra: Command, repository: ScratchRepository
) -> None:
    task = tickets.start(okstra, repository, {1: (), 2: (), 3: (1, 2), 4: (1,)})
    for number in (1, 2):
        tickets.work(okstra, repository, task, number)
    assert okstra("stage", "auto", "--json", cwd=task).json()["stage"]["number"] == 4
    refused = okstra("stage", "auto", "--json", cwd=task, check=False)
    assert "does not have stages 1 and 2" in message(refused, "dependencies-not-merged")
    merged = okstra("stage", "auto", "--merge-deps", "--json", cwd=task).json()["stage"]
    assert (merged["number"], merged["rule"]) == (3, "task-head")


def test_auto_says_when_everything_is_done(okstra: Command, repository: ScratchRepository) -> None:
    task = tickets.start(okstra, repository, {1: ()})
    tickets.work(okstra, repository, task, 1)
    refused = okstra("stage", "auto", "--json", cwd=task, check=False)
    assert "every stage is done" in message(refused, "nothing-ready")


# -- without a worktree of its own


def test_a_flat_stage_is_worked_on_in_the_task_worktree(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    told = opened(stage("1", "--flat"))
    assert (told["flat"], told["branch"], told["path"]) == (True, "feat-dev-1", f"{task}")
    assert tickets.worktrees(repository) == {f"{task}": "feat-dev-1"}
    assert "stage 1 is open in the task's own worktree" in message(stage("2", "--flat"), "open-stages")
    assert opened(stage("2"))["flat"] is False
    head = repository.commit({"s1/x": "1\n"}, cwd=task)
    assert okstra("done", "1", "--json", cwd=task).json()["stage"]["head"] == head
    third = opened(stage("3", "--flat"))
    assert (third["base"], third["rule"]) == (head, "task-head")
    assert okstra("merge", "--json", cwd=task).json()["skipped"] == [1]
    tickets.require_order(repository)


def test_a_flat_stage_needs_what_it_depends_on_in_the_task_branch(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path
) -> None:
    tickets.work(okstra, repository, task, 1)
    assert "does not have stage 1" in message(stage("3", "--flat"), "dependencies-not-merged")
    assert opened(stage("3", "--flat", "--merge-deps"))["flat"] is True


def test_stages_of_a_task_bound_in_place_are_flat(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    repository.git("worktree", "add", "-q", "-b", "their-work", f"{foreign}")
    assert tickets.start(okstra, repository, {1: (), 2: ()}, cwd=foreign) == foreign
    told = okstra("stage", "1", "--json", cwd=foreign).json()["stage"]
    assert (told["flat"], told["branch"], told["path"]) == (True, "their-work", f"{foreign}")
    message(okstra("stage", "auto", "--json", cwd=foreign, check=False), "open-stages")
    repository.commit({"s1/x": "1\n"}, cwd=foreign)
    okstra("done", "1", cwd=foreign)
    assert okstra("stage", "auto", "--json", cwd=foreign).json()["stage"]["number"] == 2
    assert tickets.worktrees(repository) == {f"{foreign}": "their-work"}


# -- dry runs


@pytest.mark.parametrize("which", ["auto", "3"])
def test_a_dry_run_says_what_comes_of_it(
    okstra: Command, stage: Callable[..., Ended], repository: ScratchRepository, task: Path, which: str
) -> None:
    if which == "3":
        tickets.work(okstra, repository, task, 1)
    roots = (repository.path, tickets.home())
    before = snapshot(*roots)
    foretold = stage(which, "--dry-run").require_success().json()
    assert snapshot(*roots) == before
    assert foretold["dry_run"] is True
    done = stage(which).require_success().json()
    same = ("number", "branch", "path", "base", "rule", "flat")
    assert {name: done["stage"][name] for name in same} == {name: foretold["stage"][name] for name in same}
    before = snapshot(*roots)
    assert stage(f"{done['stage']['number']}", "-n").json()["status"] == "reused"
    message(stage(f"{done['stage']['number']}", "-n", OKSTRA_OWNER="else"), "held")
    assert snapshot(*roots) == before
