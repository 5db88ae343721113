"""A hook that cannot judge says so in one line, refuses what is governed, and lets everything else pass."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support import processes
from support.hooked import Held, require_refused


def scripts(held: Held) -> Path:
    return held.repository.path / ".git" / "okstra" / "hooks"


def replace(held: Held, name: str, value: str) -> None:
    path = scripts(held) / "common.sh"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(f"{name}='{value}'\n" if line.startswith(f"{name}=") else line for line in lines))


def python_gone(held: Held) -> None:
    replace(held, "okstra_python", "/nowhere/python3")


def python_is_a_directory(held: Held) -> None:
    replace(held, "okstra_python", "/")


def python_broken(held: Held) -> None:
    replace(held, "okstra_python", "/bin/false")


def package_gone(held: Held) -> None:
    replace(held, "okstra_root", "/nowhere")


def package_broken(held: Held) -> None:
    root = held.repository.path.parent / "package"
    (root / "git_okstra" / "hooks").mkdir(parents=True)
    replace(held, "okstra_root", os.fspath(root))


def policy_garbage(held: Held) -> None:
    """The policy is made anew; where that cannot be done, nothing passes."""
    (held.policy() / "tasks" / "dev,dev-1").write_bytes(b"\0\xff")
    (held.repository.path / ".git" / "okstra" / "tasks" / "dev" / "dev-1" / "task.toml").write_text("[[[")


def store_gone(held: Held) -> None:
    shutil.rmtree(held.repository.path / ".git" / "okstra" / "tasks")


def holder_garbage(held: Held) -> None:
    (held.policy() / "branches" / f"{held.branch(1)}~b").write_text("garbage\n")


def home_gone(held: Held) -> None:
    (held.policy() / "tasks" / "dev,dev-1").unlink()
    shutil.rmtree(os.environ["OKSTRA_HOME"] + "/registry")


@pytest.mark.parametrize(
    "cause",
    [python_gone, python_is_a_directory, python_broken, package_gone, package_broken, policy_garbage, store_gone,
     holder_garbage, home_gone],
)  # fmt: skip
def test_governed_is_refused_and_the_rest_passes(held: Held, cause: Callable[[Held], None]) -> None:
    where = held.path(1)
    cause(held)
    held.write(1, "s1/x")
    for options in ((), ("-n",)):
        ended = held.git.run("commit", "-qm", "x", *options, cwd=where)
        assert ended.status != 0, f"{ended}"
        assert "Traceback" not in ended.err
        require_refused(ended, "hook-broken")
        assert ended.err.count("okstra: BLOCKED") == 1, f"{ended}"
    held.git("branch", "own", cwd=where)
    held.git("stash", "-q", cwd=where)
    held.git("switch", "-q", "own", cwd=where)
    held.write(1, "src/x")
    held.git("commit", "-qm", "x", cwd=where)
    held.git("gc", "-q", cwd=where)
    held.base_commit({"base": "x\n"})


def test_scripts_that_are_gone_stand_in_nobody_s_way(held: Held, tmp_path: Path) -> None:
    shutil.rmtree(scripts(held))
    held.commit(1, {"src/x": "x\n"})
    held.git("init", "-q", "--bare", os.fspath(tmp_path / "there.git"))
    held.git("push", "-q", os.fspath(tmp_path / "there.git"), "main:main")


def test_an_environment_without_okstra_home_and_path(held: Held) -> None:
    """A program with windows starts git with next to nothing in its environment."""
    held.done(1)
    held.write(1, "src/x")
    git = shutil.which("git")
    assert git
    words = ["env", "-i", f"HOME={held.repository.path.parent}", "PATH=/usr/bin:/bin", "GIT_AUTHOR_NAME=a"]
    words += ["GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com"]
    ended = processes.run([*words, git, "commit", "-nqm", "x"], cwd=held.path(1))
    require_refused(ended, "commit-plan")
    held.git("reset", "-q", "--hard", cwd=held.path(1))
    held.write(1, "s1/x")
    processes.run([*words, git, "commit", "-qm", "x"], cwd=held.path(1)).require_success()


def test_a_forged_home_loosens_nothing(held: Held, tmp_path: Path) -> None:
    """Global settings lie in `$OKSTRA_HOME`; the one that counts is where the task is held."""
    (tmp_path / "forged").mkdir()
    (tmp_path / "forged" / "config.toml").write_text('[policy]\ndocs = ["**"]\n')
    held.done(1)
    held.write(1, "src/x")
    ended = held.git.run("commit", "-nqm", "x", cwd=held.path(1), env={"OKSTRA_HOME": os.fspath(tmp_path / "forged")})
    require_refused(ended, "commit-plan")
