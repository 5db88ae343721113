"""`stage`: which commit a stage starts from, whose it is, and what stays as it was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from git_okstra.core.names import TASK
from git_okstra.operations import stage
from support import plans, tickets
from support.belongings import Belongings, refusal
from support.repositories import ScratchRepository
from support.tickets import Command

BOB = {"OKSTRA_OWNER": "bob"}


class Stages(Belongings):
    """A ticket that tells where its stages start."""

    def opened(self, number: int, *, env: dict[str, str] | None = None, **more: Any) -> stage.Opened:
        """Open a stage."""
        ctx = self.context(**(env or {}))
        return stage.open_stage(ctx, ctx.store.task(*self.task.key) or self.task, number, **more)

    def auto(self, *, env: dict[str, str] | None = None, **more: Any) -> stage.Opened:
        """Open the next one."""
        ctx = self.context(**(env or {}))
        return stage.open_next(ctx, ctx.store.task(*self.task.key) or self.task, **more)


def everything(ticket: Stages) -> dict[str, tuple[int, int, int]]:
    """Every path of the repository and of okstra's home with its mode, size and time of last change."""
    found = {}
    for root in (ticket.repository.path, tickets.home()):
        for path in [root, *root.rglob("*")]:
            told = path.lstat()
            found[f"{path}"] = (told.st_mode, told.st_size, told.st_mtime_ns)
    return found


def test_the_anchor_is_where_the_task_was_at_the_first_stage_and_stays(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: (), 2: (), 3: (1, 2)}))
    anchor = ticket.commit(TASK, {"plan.md": "first\n"})
    one = ticket.opened(1)
    assert (one.base, one.rule) == (anchor, "anchor")
    ticket.commit(TASK, {"later.md": "later\n"})
    two = ticket.opened(2)
    assert (two.base, two.rule) == (anchor, "anchor")
    assert not Path(two.path, "later.md").exists()
    ticket.commit(1)
    ticket.done(1)
    ticket.merge(1)
    ticket.remove(2)
    assert ticket.opened(2).base == anchor


def test_one_dependency_is_taken_at_its_recorded_head_though_its_branch_moved(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: (), 2: (1,)}))
    head = ticket.work(1)
    moved = ticket.commit(1, {"s1/late": "late\n"})
    two = ticket.opened(2)
    assert (two.base, two.rule) == (head, "dependency")
    assert ticket.git("rev-parse", "HEAD", cwd=two.path) == head
    assert ticket.tip(1) == moved


def test_several_dependencies_are_merged_on_request(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: (), 2: (), 3: (1, 2), 4: ()}))
    heads = [ticket.work(1), ticket.work(2)]
    ticket.work(4)
    assert refusal(lambda: ticket.opened(3)).code == "dependencies-not-merged"
    before = everything(ticket)
    assert ticket.opened(3, merge_deps=True, dry_run=True).rule == "task-head"
    assert everything(ticket) == before
    three = ticket.opened(3, merge_deps=True)
    assert (three.base, three.rule) == (ticket.tip(), "task-head")
    assert {f"{Path(three.path, f's{number}', 'a.txt').exists()}" for number in (1, 2)} == {"True"}
    assert not Path(three.path, "s4").exists()  # only what it depends on
    parents = ticket.git("rev-list", "--merges", "--parents", f"{ticket.branch()}").split()
    assert set(heads) <= set(parents)
    assert ticket.opened(3, merge_deps=True).status == "reused"


def test_a_conflict_among_dependencies_stops_before_the_stage_is_taken(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: (), 2: (), 3: (1, 2)}))
    for number in (1, 2):
        path = ticket.open(number)
        (path / "README.md").write_text(f"{number}\n")
    for number in (1, 2):
        repository.git("commit", "-q", "-a", "-m", "x", cwd=ticket.path(number))
    ticket.approve(plans_with_readme())
    for number in (1, 2):
        ticket.done(number)
    assert refusal(lambda: ticket.opened(3, merge_deps=True)).code == "merge-conflict"
    assert ticket.entry(3) is None
    (ticket.path() / "README.md").write_text("both\n")
    ticket.git("add", "README.md", cwd=ticket.path())
    ticket.git("-c", "core.editor=true", "okstra", "merge", "--continue", cwd=ticket.path())
    three = ticket.opened(3, merge_deps=True)
    assert (three.base, Path(three.path, "README.md").read_text()) == (ticket.tip(), "both\n")


def plans_with_readme() -> Any:
    """The plan of three stages, the first two of which change README.md."""
    plan = plans.of({1: (), 2: (), 3: (1, 2)})
    return replace(plan, stages=tuple(replace(one, files=("README.md",)) for one in plan.stages))


def test_a_released_stage_goes_to_whoever_takes_it_next_as_it_is(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: (), 2: (1,)}))
    one = ticket.opened(1)
    head = ticket.commit(1)
    (Path(one.path) / "s1" / "draft").write_text("draft\n")
    assert refusal(lambda: ticket.opened(1, env=BOB)).code == "held"
    ticket.release(1)
    taken = ticket.opened(1, env=BOB)
    assert (taken.number, taken.owner, taken.path, taken.base) == (1, "bob", one.path, one.base)
    assert ticket.tip(1) == head
    assert (Path(one.path) / "s1" / "draft").read_text() == "draft\n"
    refused = refusal(lambda: ticket.opened(1))
    assert (refused.code, "held by bob since" in refused.message) == ("held", True)
    assert len(ticket.events("started")) == 1


def test_a_stage_released_after_its_worktree_was_removed_starts_from_its_branch(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: ()}))
    one = ticket.opened(1)
    head = ticket.commit(1)
    ticket.release(1)
    ticket.git("worktree", "remove", one.path)
    taken = ticket.opened(1, env=BOB)
    assert (taken.base, ticket.git("rev-parse", "HEAD", cwd=taken.path)) == (one.base, head)


def test_a_worktree_that_was_deleted_is_named_and_made_again_by_doctor(
    okstra: Command, repository: ScratchRepository
) -> None:
    ticket = Stages(repository, plans.of({1: ()}))
    path = ticket.open(1)
    head = ticket.commit(1)
    shutil.rmtree(path)
    for more in ({}, {"dry_run": True}):
        refused = refusal(lambda more=more: ticket.opened(1, **more))
        assert (refused.code, f"{path}" in refused.message) == ("worktree-missing", True)
    okstra("doctor", "--repair", cwd=repository)
    assert ticket.opened(1).status == "reused"
    assert ticket.git("rev-parse", "HEAD", cwd=path) == head
    tickets.require_order(repository)


def test_the_post_checkout_hook_runs_once_when_all_is_there(repository: ScratchRepository, tmp_path: Path) -> None:
    ticket = Stages(repository, plans.of({1: ()}))
    hook = repository.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\necho "$*|$(pwd)|$(cat README.md)" >>"{tmp_path / "log"}"\n')
    hook.chmod(0o755)
    path = ticket.open(1)
    ticket.open(1)
    ticket.release(1)
    ticket.open(1)
    assert (tmp_path / "log").read_text() == f"{'0' * 40} {repository.head} 1|{path}|# shop\n"


def test_a_stage_branch_that_exists_and_is_not_ours_stays_as_it_is(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: ()}))
    repository.git("branch", "feat-dev-1-s1")
    for more in ({"dry_run": True}, {}):
        assert refusal(lambda more=more: ticket.opened(1, **more)).code == "branch-exists"
    assert ticket.entry(1) is None
    repository.git("branch", "-m", "feat-dev-1-s1", "feat-dev-1-s1-old")
    assert ticket.opened(1).status == "created"


def test_a_dry_run_leaves_everything_as_it_was(repository: ScratchRepository) -> None:
    ticket = Stages(repository, plans.of({1: (), 2: (), 3: (1,)}))
    before = everything(ticket)
    foretold = ticket.opened(1, dry_run=True)
    assert replace(ticket.auto(dry_run=True), since=foretold.since) == foretold
    assert ticket.opened(2, dry_run=True, flat=True).path == f"{ticket.path()}"
    assert refusal(lambda: ticket.opened(3, dry_run=True)).code == "stage-not-ready"
    assert refusal(lambda: ticket.opened(9, dry_run=True)).code == "no-such-stage"
    assert everything(ticket) == before
    made = ticket.opened(1)
    assert (made.base, made.path, made.branch, made.rule) == (
        foretold.base,
        foretold.path,
        foretold.branch,
        foretold.rule,
    )
    before = everything(ticket)
    assert ticket.opened(1, dry_run=True).status == "reused"
    assert refusal(lambda: ticket.opened(1, dry_run=True, env=BOB)).code == "held"
    assert ticket.auto(dry_run=True).number == 2
    assert everything(ticket) == before
