"""What the plan allows works with the hooks as it does without them, and says nothing."""

from __future__ import annotations

import os

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import abandon, merge, prune, remove, restore, targets
from support.hooked import PLAN, Held, require_refused
from support.processes import Ended


def run(held: Held, *args: str, number: int = 1, **more: object) -> Ended:
    ended = held.git.run(*args, cwd=held.path(number), **more).require_success()  # type: ignore[arg-type]
    assert "okstra" not in ended.err, f"{ended}"
    return ended


def test_commits(held: Held) -> None:
    for number, options in enumerate((("-m", "plain"), ("-nm", "no-verify"), ("-m", "a", "--amend"), ("-anm", "all"))):
        held.write(1, f"s1/{number}")
        run(held, "commit", "-q", *options)
    run(held, "commit", "-q", "--allow-empty", "-m", "empty")
    held.write(1, "s1/only")
    held.write(1, "src/not-yet")
    run(held, "commit", "-q", "-m", "only", "--only", "s1/only")
    run(held, "reset", "-q", "--hard")
    run(held, "rm", "-q", "s1/a.txt")
    run(held, "commit", "-q", "-m", "removed")
    run(held, "revert", "--no-edit", "HEAD")
    assert held.done(1).commits == 8


def test_own_commits_are_rewritten(held: Held) -> None:
    for name in "bcd":
        held.commit(1, {f"s1/{name}": name})
    run(
        held,
        "rebase",
        "-q",
        "-i",
        "HEAD~3",
        env={"GIT_SEQUENCE_EDITOR": "sed -i 2s/pick/squash/", "GIT_EDITOR": "true"},
    )
    run(held, "reset", "-q", "--hard", "HEAD~1")
    run(held, "reset", "-q", "--soft", "HEAD~1")
    run(held, "commit", "-q", "-m", "again")
    run(held, "checkout", "-q", "-B", held.branch(1), "HEAD~1")


def test_a_newer_base_is_taken_in(held: Held) -> None:
    held.base_commit({"base.txt": "1\n", "README.md": "changed\n"})
    run(held, "merge", "-q", "--no-edit", "main")
    held.base_commit({"base.txt": "2\n"})
    run(held, "rebase", "-q", "main")
    held.base_commit({"base.txt": "3\n"})
    run(held, "rebase", "-q", "--apply", "main")
    run(held, "merge", "-q", "--ff-only", "main", number=2)
    run(held, "merge", "-q", "--no-edit", "main", number=0)
    held.commit(1, {"s1/b": "b\n"})
    assert held.done(1).commits == 2


def test_a_rebase_with_a_conflict(held: Held) -> None:
    held.base_commit({"s1/a.txt": "theirs\n"})
    for way in ((), ("--apply",)):
        assert held.git.run("rebase", *way, "main", cwd=held.path(1)).status != 0
        run(held, "rebase", "--abort")
    assert held.git.run("rebase", "main", cwd=held.path(1)).status != 0
    held.write(1, "s1/a.txt", "both\n")
    run(held, "rebase", "--continue", env={"GIT_EDITOR": "true"})
    assert held.git("rev-list", "--count", "main..HEAD", cwd=held.path(1)) == "1"


def test_a_merge_of_the_base_with_a_conflict(held: Held) -> None:
    held.base_commit({"s1/a.txt": "theirs\n", "README.md": "changed\n"})
    assert held.git.run("merge", "main", cwd=held.path(1)).status != 0
    run(held, "merge", "--abort")
    assert held.git.run("merge", "main", cwd=held.path(1)).status != 0
    held.write(1, "s1/a.txt", "both\n")
    run(held, "commit", "-q", "--no-edit")
    held.done(1)


def test_picking_and_applying_what_is_allowed(held: Held) -> None:
    picked = held.loose({"s1/picked": "x\n"}, "main")
    run(held, "cherry-pick", picked)
    patch = held.git("format-patch", "--stdout", "-1", held.loose({"s1/patched": "x\n"}, "main"))
    run(held, "am", "-q", input=patch + "\n")
    conflicting = held.loose({"s1/a.txt": "theirs\n"}, "main")
    assert held.git.run("cherry-pick", conflicting, cwd=held.path(1)).status != 0
    held.write(1, "s1/a.txt", "both\n")
    run(held, "cherry-pick", "--continue", env={"GIT_EDITOR": "true"})


def test_the_rest_of_a_day_with_git(held: Held) -> None:
    held.write(1, "src/idea", "x\n")
    run(held, "stash", "push", "-q")
    run(held, "stash", "pop", "-q")
    run(held, "reset", "-q", "--hard")
    run(held, "pack-refs", "--all")
    run(held, "gc", "-q")
    run(held, "commit", "-q", "--allow-empty", "-m", "after gc")
    run(held, "pack-refs", "--all", "--prune")
    run(held, "branch", "own", "HEAD")
    run(held, "branch", "-m", "own", "mine")
    run(held, "update-ref", "refs/heads/mine", held.loose({"src/x": "x\n"}, "main"))
    run(held, "branch", "-D", "mine")
    run(held, "tag", "v1")
    run(held, "fetch", "-q", ".", "main:refs/remotes/o/main")
    run(held, "worktree", "add", "-q", "-b", "side", os.fspath(held.repository.path.parent / "side"))
    run(held, "bisect", "start", "HEAD", "HEAD~1")
    run(held, "bisect", "reset")
    git_dir = held.git("rev-parse", "--absolute-git-dir", cwd=held.path(1))
    there = {"GIT_DIR": git_dir, "GIT_WORK_TREE": os.fspath(held.path(1))}
    run(held, "commit", "-q", "--allow-empty", "-m", "from elsewhere", env=there)


def test_detached_work_is_judged_when_it_comes_to_the_branch(held: Held) -> None:
    where = held.path(1)
    switched = held.git.run("switch", "-q", "--detach", cwd=where).require_success()
    assert "its branch is 'feat-dev-1-s1'" in switched.err
    held.write(1, "src/x")
    run(held, "commit", "-q", "-m", "anything")
    held.git.run("switch", "-q", held.branch(1), cwd=where).require_success()
    require_refused(held.git.run("merge", "-q", "--ff-only", "@{-1}", cwd=where), "commit-plan")


def test_the_whole_life_of_stages(held: Held) -> None:
    held.done(1)
    held.commit(2)
    held.done(2)
    held.reopen(2)
    held.commit(2, {"s2/more": "x\n"})
    held.done(2)
    assert [number for number, _ in held.merge().merged] == [1, 2]
    held.open(3)
    held.commit(3)
    held.done(3)
    assert [number for number, _ in held.merge().merged] == [3]
    assert held.git("status", "--porcelain", cwd=held.path()) == ""


def test_a_merge_of_stages_with_a_conflict(held: Held) -> None:
    wide = Plan(tuple(PlannedStage(one.number, one.title, one.depends_on, ("s*/**",)) for one in PLAN.stages))
    held.approve(wide)
    held.done(1)
    held.commit(2, {"s1/a.txt": "other\n"})
    held.done(2)
    with pytest.raises(OkstraError, match="conflict"):
        held.merge()
    held.write(0, "s1/a.txt", "both\n")
    merge.resume(held.context(), held.task)
    assert held.git("status", "--porcelain", cwd=held.path()) == ""


def test_removal_and_return(held: Held) -> None:
    remove.remove(held.context(), targets.Target(held.task, 1), force_unmerged=True)
    assert not held.git.run("rev-parse", "--verify", "-q", held.branch(1)).out
    restore.restore(held.context(), "1")
    held.commit(1, {"s1/back": "x\n"})
    held.write(1, "src/evil")
    require_refused(held.git.run("commit", "-nm", "evil", cwd=held.path(1)), "commit-plan")
    abandon.abandon(held.context(), held.task, 2)
    prune.prune(held.context())
    assert held.path(1).exists()
