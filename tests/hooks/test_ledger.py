"""What moved while hooks were off is refused with the next commit, named, and there is a way back that works."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.operations import release, targets
from support.hooked import HOOKS_OFF, Held, require_refused


def off(held: Held, number: int, name: str = "src/evil.py") -> str:
    """Commit with hooks off; the commit."""
    held.write(number, name)
    held.git(*HOOKS_OFF, "commit", "-q", "-m", "evil", cwd=held.path(number))
    return held.tip(number)


def from_main(held: Held) -> str:
    """The main worktree is outside of what is judged on every git."""
    commit = held.loose({"src/evil.py": "x\n"}, held.tip(1))
    held.git(*HOOKS_OFF, "update-ref", f"refs/heads/{held.branch(1)}", commit)
    held.git("reset", "-q", "--hard", cwd=held.path(1))
    return commit


def copied_over(held: Held) -> str:
    """`git branch -M` shows hooks the deletion of its source alone."""
    commit = held.loose({"src/evil.py": "x\n"}, held.tip(1))
    held.git("branch", "side", commit)
    held.git("switch", "-q", "--detach", cwd=held.path(1))
    if held.git.run("branch", "-M", "side", held.branch(1)).status != 0:
        pytest.skip("this git runs its hooks for the whole repository")
    held.git("switch", "-q", held.branch(1), cwd=held.path(1))
    return commit


def written(held: Held) -> str:
    """No git at all."""
    commit = held.loose({"src/evil.py": "x\n"}, held.tip(1))
    (held.repository.path / ".git" / "refs" / "heads" / held.branch(1)).write_text(f"{commit}\n")
    held.git("reset", "-q", "--hard", cwd=held.path(1))
    return commit


@pytest.mark.parametrize("number", [1, 2])  # with commits that the hooks have seen, and with none
def test_what_got_past_is_refused_with_the_next_commit(held: Held, number: int) -> None:
    seen = held.tip(number)
    evil = off(held, number)
    held.write(number, f"s{number}/fine")
    ended = held.git.run("commit", "-m", "fine", cwd=held.path(number))
    require_refused(ended, "commit-plan")
    assert evil[:12] in ended.err and "src/evil.py" in ended.err
    assert f"git reset --soft {seen[:12]}" in ended.err
    held.git("reset", "-q", "--soft", seen[:12], cwd=held.path(number))
    held.git("restore", "--staged", "--", "src/evil.py", cwd=held.path(number))
    assert "okstra" not in held.git.run("commit", "-m", "fine", cwd=held.path(number)).require_success().err


@pytest.mark.parametrize("way", [from_main, copied_over, written])
def test_other_ways_past(held: Held, way: Callable[[Held], str]) -> None:
    evil = way(held)
    assert held.tip(1) == evil
    held.write(1, "s1/fine")
    ended = held.git.run("commit", "-nm", "fine", cwd=held.path(1))
    assert evil[:12] in require_refused(ended, "commit-plan").err


@pytest.mark.parametrize("words", [("pack-refs", "--all"), ("gc", "-q"), ("stash", "-q"), ("reset", "-q", "--hard")])
def test_nothing_accepts_it_in_passing(held: Held, words: tuple[str, ...]) -> None:
    off(held, 1)
    held.write(1, "s1/unsaved")
    held.git(*words, cwd=held.path(1))
    held.write(1, "s1/fine")
    require_refused(held.git.run("commit", "-m", "fine", cwd=held.path(1)), "commit-plan")


def test_it_is_not_pushed(held: Held, tmp_path: Path) -> None:
    evil = off(held, 1)
    held.git("init", "-q", "--bare", os.fspath(tmp_path / "there.git"))
    for where in (held.path(1), held.repository.path):
        ended = held.git.run("push", "-q", os.fspath(tmp_path / "there.git"), held.branch(1), cwd=where)
        assert evil[:12] in require_refused(ended, "commit-plan").err
    held.git("push", "-q", os.fspath(tmp_path / "there.git"), held.branch(2))


def test_nobody_held_it_for_a_moment(held: Held) -> None:
    release.release(held.context(), targets.Target(held.task, 1))
    held.write(1, "src/evil.py")
    held.git("commit", "-qm", "evil", cwd=held.path(1))
    evil = held.tip(1)
    held.open(1)
    held.write(1, "s1/fine")
    assert evil[:12] in require_refused(held.git.run("commit", "-qm", "fine", cwd=held.path(1)), "commit-plan").err


def test_what_is_allowed_is_accepted_afterwards(held: Held) -> None:
    off(held, 1, "s1/unseen")
    held.write(1, "s1/fine")
    held.git("commit", "-q", "-m", "fine", cwd=held.path(1))
    assert (held.policy() / "tips" / f"{held.branch(1)}~t").read_text().strip() == held.tip(1)


def test_a_task_branch_that_was_rewound_may_come_back(held: Held) -> None:
    held.done(1)
    held.merge()
    seen = held.tip()
    held.git(*HOOKS_OFF, "reset", "-q", "--hard", "HEAD~1", cwd=held.path())
    base = held.base_commit({"base.txt": "x\n"})
    require_refused(held.git.run("merge", "-q", "--no-edit", base, cwd=held.path()), "ref-rewound")
    held.git("reset", "-q", "--hard", cwd=held.path())
    held.git("reset", "-q", "--hard", seen, cwd=held.path())
    held.git("merge", "-q", "--no-edit", base, cwd=held.path())


def test_an_aborted_commit_leaves_nothing_that_could_be_used(held: Held) -> None:
    """pre-commit allowed it, and then there was no message; what it left is not for another commit."""
    held.write(1, "s1/fine")
    assert held.git.run("commit", cwd=held.path(1)).status != 0
    seen = held.tip(1)
    held.git("commit", "-q", "-n", "-m", "fine", cwd=held.path(1))
    assert held.tip(1) != seen
