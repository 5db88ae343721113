"""What the first released format left on disk is read and carried on; what a newer one wrote stays untouched."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import format_1, tickets
from support.format_1 import FIXTURE
from support.repositories import ScratchRepository
from support.tickets import Command

READING = (
    ("list",), ("list", "--json"), ("status", "--task", "dev-1"), ("status", "--task", "dev-1", "--json"),
    ("path", "dev-1-s3"), ("log", "--task", "dev-1"), ("plan", "show", "--task", "dev-1"), ("restore",),
    ("plan", "check", "--task", "dev-1"), ("brief", "3", "--task", "dev-1"), ("conflicts", "--task", "dev-1"),
    ("config", "list"), ("phase", "--task", "dev-1"), ("doctor",),
)  # fmt: skip
CHANGING = (
    ("restore", "dev-1-s4"), ("done", "3", "--task", "dev-1"), ("merge", "--task", "dev-1"),
    ("stage", "5", "--task", "dev-1"), ("reopen", "2", "--task", "dev-1"), ("done", "2", "--task", "dev-1"),
    ("abandon", "5", "--task", "dev-1"), ("start", "fix", "DEV-2"), ("release", "dev-2"),
    ("config", "set", "verify.timeout", "60s"), ("hooks", "install"), ("remove", "4", "-f", "--task", "dev-1"),
    ("plan", "approve", "--yes", "--task", "dev-1"), ("phase", "implementation", "--yes", "--task", "dev-1"),
    ("doctor", "--repair"), ("prune",), ("list",),
)  # fmt: skip
TOUCHING = (
    ("restore", "dev-1-s4"), ("merge", "--task", "dev-1"), ("stage", "5", "--task", "dev-1"), ("start", "fix", "DEV-2"),
    ("remove", "2", "-f", "-D", "--task", "dev-1"), ("doctor", "--repair"), ("prune",),
)  # fmt: skip
"""Commands that would write each of the files."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("format-1").resolve()


@pytest.fixture
def old(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScratchRepository]:
    """Laid out once, and as it was for each test."""
    monkeypatch.setenv("OKSTRA_HOME", f"{kept}/now/home")
    monkeypatch.setenv("OKSTRA_OWNER", "ann")
    monkeypatch.setenv("OKSTRA_HOOKS_INSTALL", "false")
    if not (kept / "then").exists():
        format_1.lay_out(kept / "now")
        shutil.copytree(kept / "now", kept / "then", symlinks=True)
    yield ScratchRepository(kept / "now" / "shop")
    shutil.rmtree(kept / "now")
    shutil.copytree(kept / "then", kept / "now", symlinks=True)


def test_what_the_first_format_left_is_read(old: ScratchRepository, okstra: Command) -> None:
    for words in READING:
        okstra(*words, cwd=old)
    report = next((FIXTURE / "okstra" / "tasks" / "dev" / "dev-1" / "reports").glob("*/report.json"))
    okstra("verify", "--check", f"{report}", cwd=old)
    task = okstra("status", "--task", "dev-1", "--json", cwd=old).json()["task"]
    found = {stage["number"]: (stage["state"], stage["owner"]) for stage in task["stages"]}
    assert found == {
        1: ("merged", "ann"),
        2: ("done", "ann"),
        3: ("open", "ann"),
        4: ("ready", None),
        5: ("ready", None),
    }
    assert task["title"] == "Vouchers"
    looked = okstra("doctor", "--json", cwd=old).json()["findings"]
    assert {one["code"] for one in looked} <= {"worktree-unheld", "trash"}


def test_what_the_first_format_left_is_carried_on(old: ScratchRepository, okstra: Command) -> None:
    (tickets.home() / "worktrees/shop/dev/dev-1-s3/s3/draft").unlink()
    for words in CHANGING:
        okstra(*words, cwd=old)
    assert (next((tickets.home() / "worktrees" / ".trash").glob("*-s4")) / "worktree/untracked").read_text() == "kept\n"
    for words in READING:
        okstra(*words, cwd=old)


def of_a_format() -> list[str]:
    """The files that say of which format they are, below the root."""
    found = [path for path in FIXTURE.rglob("*") if path.suffix in (".json", ".toml")]
    names = [f"{path.relative_to(FIXTURE)}" for path in found if re.search(r'"?format"? *[:=] 1', path.read_text())]
    return sorted(f"shop/.git/{name}" if name.startswith("okstra/") else name for name in names)


@pytest.mark.parametrize("name", of_a_format())
def test_a_file_of_a_newer_format_is_refused_and_left_alone(name: str, old: ScratchRepository, okstra: Command) -> None:
    path = old.path.parent / name
    newer = re.sub(r'("?format"? *[:=]) 1', r"\1 2", path.read_text())
    path.write_text(newer)
    refused = 0
    clone = old.path.parent / "elsewhere" / "shop"
    old.git("clone", "-q", f"{old.path}", f"{clone}")
    for words, where in [
        *((words, old.path) for words in TOUCHING),
        (("restore", path.parent.name), old.path),
        (("start", "feat", "DEV-3"), clone),
    ]:
        ended = okstra(*words, cwd=where, check=False)
        refused += ended.error == "newer-format"
        assert path.read_text() == newer, f"{ended}"
    assert refused
    assert "newer-format" in okstra("doctor", cwd=old, check=False).out
