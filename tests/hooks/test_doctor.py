"""`doctor` and `hooks status` on hooks that do not run, and on branches that were moved past them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from git_okstra.operations import doctor, hooking
from support.hooked import CONFIGURED, HOOKS_OFF, Held, require_refused


def codes(held: Held) -> list[str]:
    return [one.code for one in doctor.examine(held.context())]


def overwrite(held: Held) -> None:
    (held.repository.path / ".git" / "hooks" / "pre-push").write_text("#!/bin/sh\nexit 0\n")


def set_path(held: Held) -> None:
    held.git("config", "core.hooksPath", ".husky/_")


def delete_scripts(held: Held) -> None:
    for name in ("pre-commit", "reference-transaction", "everywhere"):
        path = held.repository.path / ".git" / "okstra" / "hooks" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def take_out_of_configuration(held: Held) -> None:
    held.git("config", "--unset", "include.path")


def forget_worktree(held: Held) -> None:
    (held.repository.path / ".git" / "okstra" / "git.config").write_text("")


def not_executable(held: Held) -> None:
    (held.repository.path / ".git" / "okstra" / "hooks" / "reference-transaction").chmod(0o644)


@pytest.mark.parametrize(
    ("cause", "found"),
    [
        *([] if CONFIGURED else [(overwrite, ["hooks-overwritten"]), (set_path, ["hooks-missing"])]),
        (delete_scripts, ["hooks-missing"] * 3),
        (take_out_of_configuration, ["hooks-missing"] * (4 if CONFIGURED else 3)),
        (forget_worktree, ["hooks-missing"] * (4 if CONFIGURED else 3)),
        (not_executable, ["hooks-missing"] * 3),
    ],
)
def test_hooks_that_do_not_run_are_found_and_installed_again(
    held: Held, cause: Callable[[Held], None], found: list[str]
) -> None:
    assert codes(held) == []
    cause(held)
    assert codes(held) == found
    assert not all(one.active for one in hooking.status(held.context()))
    assert all(one.done for one in doctor.repair(held.context()))
    assert codes(held) == []
    held.write(1, "src/x")
    require_refused(held.git.run("commit", "-qnm", "x", cwd=held.path(1)), "commit-plan")


def test_what_got_past_the_hooks_is_named(held: Held) -> None:
    seen = held.tip(1)
    held.write(1, "src/x")
    held.git(*HOOKS_OFF, "commit", "-qm", "x", cwd=held.path(1))
    (one,) = doctor.examine(held.context())
    assert (one.code, one.subject) == ("branch-unjudged", held.branch(1))
    assert held.tip(1)[:12] in one.what and "[commit-plan]" in one.what and "src/x" in one.what
    assert f"git reset --soft {seen[:12]}" in one.hint
    held.git("reset", "-q", "--hard", seen, cwd=held.path(1))
    assert codes(held) == []


def test_what_would_have_been_allowed_is_no_finding(held: Held) -> None:
    held.write(1, "s1/x")
    held.git(*HOOKS_OFF, "commit", "-qm", "x", cwd=held.path(1))
    assert codes(held) == []


def test_hooks_that_come_late_accept_what_is_allowed(held: Held) -> None:
    hooking.uninstall(held.context())
    shutil.rmtree(held.policy())
    held.commit(2)
    held.commit(1, {"src/x": "x\n"})
    hooking.install(held.context())
    assert [one.subject for one in doctor.examine(held.context())] == [held.branch(1)]


def test_nothing_is_found_where_there_are_no_hooks(held: Held) -> None:
    hooking.uninstall(held.context())
    held.write(1, "src/x")
    held.git("commit", "-qm", "x", cwd=held.path(1))
    assert codes(held) == []
    assert hooking.status(held.context())
    assert os.listdir(held.repository.path / ".git" / "okstra" / "policy")
