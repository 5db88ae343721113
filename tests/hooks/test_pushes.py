"""pre-push, through real pushes from the main worktree, a governed one, and one that has nothing to do with okstra."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.operations import policing
from support.hooked import Held, require_refused
from support.processes import Ended


@pytest.fixture
def there(held: Held, tmp_path: Path) -> str:
    """A remote that has main and the branches as they are."""
    path = os.fspath(tmp_path / "there.git")
    held.git("init", "-q", "--bare", path)
    held.git("remote", "add", "origin", path)
    held.git("push", "-q", "--no-verify", "origin", "--all")
    return path


def push(held: Held, *words: str, number: int | None = None) -> Ended:
    cwd = held.repository.path if number is None else held.path(number)
    return held.git.run("push", "-q", *words, cwd=cwd)


REFUSED = {
    ("origin", "main"): "push-protected",
    ("origin", "HEAD:main"): "push-protected",
    ("origin", "main:refs/heads/main"): "push-protected",
    ("origin", "feat-dev-1-s1:main"): "push-protected",
    ("--all", "origin"): "push-protected",
    ("origin", "main:master"): "push-protected",
    ("--mirror", "origin"): "push-protected",
    ("origin", ":main"): "push-deletion",
    ("origin", "--delete", "feat-dev-1"): "push-deletion",
    ("--prune", "origin", "refs/heads/gone/*:refs/heads/*"): "push-deletion",
    ("--force", "origin", "feat-dev-1-s1"): "push-forced",
    ("-f", "origin", "feat-dev-1-s1"): "push-forced",
    ("--force-with-lease", "origin", "feat-dev-1-s1"): "push-forced",
    ("origin", "+feat-dev-1-s1:feat-dev-1-s1"): "push-forced",
    ("origin", "+feat-dev-1-s1:elsewhere"): None,
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused_and_allowed(held: Held, there: str, words: tuple[str, ...]) -> None:
    held.base_commit({"base": "x\n"})
    held.git("commit", "-q", "--amend", "-m", "other", cwd=held.path(1))
    held.commit(2)
    rule = REFUSED[words]
    for number in (None, 2):
        if rule is None:
            push(held, *words, number=number).require_success()
        else:
            ended = push(held, *words, number=number)
            assert ended.status != 0, f"{ended}"
            assert f"BLOCKED [{rule}]" in ended.err, f"{ended}"
    assert held.git("rev-parse", "main~1") == held.git("rev-parse", "main", cwd=there)


def test_what_is_allowed(held: Held, there: str) -> None:
    held.commit(1, {"s1/x": "x\n"})
    held.git("branch", "own")
    for words in (("origin", "feat-dev-1-s1"), ("origin", "own"), ("origin", ":own"), ("-f", "origin", "own"),
                  ("origin", "--tags"), ("-n", "origin", "own"), ("origin", "main:refs/heads/pr-1")):  # fmt: skip
        for number in (None, 1):
            assert "okstra" not in push(held, *words, number=number).err
    held.git("push", "-q", "-u", "origin", "HEAD", cwd=held.path(1))


def test_full_tasks_push_when_they_are_handed_off(held: Held, there: str) -> None:
    from dataclasses import replace

    ctx = held.context()
    for phase, allowed in (("implementation", False), ("final-verification", False), ("release-handoff", True)):
        task = ctx.store.task(*held.task.key)
        assert task is not None
        with ctx.store.locked():
            ctx.store.save_task(replace(task, lifecycle="full", phase=phase))
        policing.renew(ctx)
        held.git("branch", "-f", "copy", held.branch(1))
        if allowed:
            push(held, "origin", held.branch()).require_success()
        else:
            require_refused(push(held, "origin", f"{held.branch()}:refs/heads/x"), "push-phase")
        require_refused(push(held, "origin", f"{held.branch(1)}:refs/heads/{phase}"), "push-phase")
        require_refused(push(held, "origin", f"HEAD:refs/heads/y-{phase}", number=1), "push-phase")
        push(held, "origin", f"main:refs/heads/z-{phase}").require_success()


def test_the_list_of_protected_branches_follows_the_settings(held: Held, there: str) -> None:
    (held.repository.path / ".git" / "okstra" / "config.toml").write_text('[policy]\nprotected = ["release-*"]\n')
    held.base_commit({"base": "x\n"})
    held.git("branch", "release-1")
    require_refused(push(held, "origin", "release-1"), "push-protected")
    require_refused(push(held, "origin", "main"), "push-protected")  # the task's base


def test_nothing_is_lost_of_what_the_hook_reads(held: Held, there: str, tmp_path: Path) -> None:
    """A ref may have any name, and many may be pushed at once."""
    names = ["한글", "a'b", 'a"b', "a$b", "a\u2028b", "x" * 200]
    for name in names:
        held.git("branch", name)
    assert not push(held, "origin", *names).require_success().err
    for number in range(300):
        (held.repository.path / ".git" / "refs" / "heads" / f"n{number}").write_text(
            held.git("rev-parse", "main") + "\n"
        )
    assert not push(held, "origin", "refs/heads/n*:refs/heads/n*").require_success().err
