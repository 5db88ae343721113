"""Start-up is a feature: what the hot commands load, and how many processes the listing starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.operations import listing
from git_okstra.operations.context import Context
from git_okstra.state import locks
from support.processes import Ended
from support.repositories import ScratchRepository

HEAVY = {
    "click",
    "rich",
    "filelock",
    "tomllib",
    "tomli_w",
    "dataclasses",
    "json",
    "subprocess",
    "dulwich",
    "re",
    "typing",
    "importlib.metadata",
}

PROBE = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
sys.argv = ["git-okstra", *sys.argv[2:]]
from git_okstra.cli import entry
try:
    entry.main()
except SystemExit as end:
    status = end.code
after = set(sys.modules)
import json
print(json.dumps([status, sorted(after - before)]))
"""


def loaded(arguments: list[str], cwd: Path) -> set[str]:
    """The modules that a command loads beyond those of the bare interpreter (-I -S: nothing of the site's)."""
    words = [sys.executable, "-I", "-S", "-c", PROBE, str(Path(__file__).parents[2]), *arguments]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=True)
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stderr
    return set(modules)


@pytest.fixture
def stages(okstra: Callable[..., Ended], repository: ScratchRepository, tmp_path: Path) -> Path:
    """A repository with one task and nine open stages: ten worktrees."""
    plan = tmp_path / "plan.toml"
    plan.write_text("".join(f'[[stage]]\nnumber={n}\ntitle="s{n}"\nfiles=["d{n}/**"]\n' for n in range(1, 10)))
    okstra("start", "feat", "DEV-1", cwd=repository)
    okstra("plan", "import", str(plan), cwd=repository)
    okstra("plan", "approve", "--yes", cwd=repository)
    for number in range(1, 10):
        okstra("stage", str(number), cwd=repository)
    return repository.path


def test_the_version_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    modules = loaded(["--version"], tmp_path)
    assert not modules & HEAVY
    assert ours(modules) == {"git_okstra", "git_okstra.cli", "git_okstra.cli.entry"}


def test_a_path_is_told_from_one_small_file(stages: Path) -> None:
    for arguments in (["path"], ["path", "3"], ["path", "task"]):
        modules = loaded(arguments, stages)
        assert not modules & HEAVY
        assert ours(modules) == {
            "git_okstra",
            "git_okstra.cli",
            "git_okstra.cli.entry",
            "git_okstra.cli.quick",
            "git_okstra.core",
            "git_okstra.core.errors",
            "git_okstra.git",
            "git_okstra.git.repository",
        }


def ours(modules: set[str]) -> set[str]:
    """Those of the program itself."""
    return {name for name in modules if name.startswith("git_okstra")}


def calls(okstra: Callable[..., Ended], cwd: Path, *arguments: str) -> list[str]:
    """The git calls that a command makes."""
    ended = okstra(*arguments, cwd=cwd, env={"OKSTRA_TRACE": "1"})
    return [line for line in ended.err.splitlines() if line.startswith("okstra: trace:")]


def test_a_listing_starts_at_most_one_git_a_worktree_and_two(okstra: Callable[..., Ended], stages: Path) -> None:
    made = calls(okstra, stages, "list", "--json")
    assert len(made) <= 10 + 2
    assert sum(" status " in line for line in made) == 10
    assert len(calls(okstra, stages, "list", "--json", "--no-dirty")) <= 2
    assert calls(okstra, stages, "path", "3") == []
    before = len(locks.taken)
    assert len(listing.rows(Context(str(stages), os.environ))[0].stages) == 9
    assert len(locks.taken) == before, "a listing takes no lock"
