"""Any file of store or registry gone, or cut anywhere: what can be read is read, `doctor --repair` rebuilds the rest.

By default a seed, which is printed, chooses some of the damages; `make soak` takes all. OKSTRA_TEST_SEED=N replays one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from support import repositories, sampling, tickets
from support.arena import files
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN = tickets.plan_text({1: (), 2: (), 3: (), 4: ()})


class Case(NamedTuple):
    """A file below the root, and how many bytes are left of it: None for no file at all."""

    name: str
    left: int | None


class Story:
    """A ticket with a stage merged, one done, one open with a draft, one removed; and the gate's report."""

    def __init__(self, root: Path, okstra: Command) -> None:
        self.root, self.kept = root / "now", root / "kept"
        self.repository = repositories.make_repository(self.root / "shop")
        okstra("config", "set", "verify.commands", "true", cwd=self.repository)
        self.task = tickets.start(okstra, self.repository, {1: (), 2: (), 3: (), 4: ()})
        (self.root / "plan.toml").write_text(PLAN)
        tickets.work(okstra, self.repository, self.task, 1)
        okstra("merge", cwd=self.task)
        tickets.work(okstra, self.repository, self.task, 2)
        tickets.work(okstra, self.repository, self.task, 4)
        okstra("remove", "4", "-D", cwd=self.task)
        tickets.work(okstra, self.repository, self.task, 3, close=False)
        self.stage = Path(f"{self.task}-s3")
        (self.stage / "s3" / "draft").write_text("draft\n")
        okstra("verify", cwd=self.task, check=False)
        subprocess.run(["cp", "-a", self.root, self.kept], check=True)
        self.refs = self.all_refs()

    def all_refs(self) -> set[str]:
        """Every ref with its commit."""
        return set(self.repository.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines())

    def cases(self) -> list[Case]:
        """Every file gone, empty, and cut after the first byte, in the middle and before the last byte."""
        found = []
        for place in (self.root / "okstra" / "registry", self.root / "shop" / ".git" / "okstra"):
            for path in sorted(files(place)):
                if "/admin/" in f"{path}" or path.name.endswith("lock") or path.is_symlink():
                    continue
                size, name = path.stat().st_size, os.fspath(path.relative_to(self.root))
                found += [Case(name, left) for left in (None, *sorted({0, 1, size // 2, size - 1})) if (left or 0) >= 0]
        return found

    def damage(self, case: Case) -> None:
        """Put everything back as it was, but for that file."""
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-a", self.kept, self.root], check=True)
        path = self.root / case.name
        if case.left is None:
            path.unlink()
        elif path.stat().st_size > case.left:
            os.truncate(path, case.left)


@pytest.fixture(scope="module")
def kept() -> dict[str, Story]:
    return {}


@pytest.fixture
def story(
    kept: dict[str, Story], okstra: Command, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Story:
    root = Path(kept["story"].root.parent if kept else tmp_path_factory.mktemp("recovery").resolve())
    monkeypatch.setenv("OKSTRA_HOME", f"{root}/now/okstra")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", "")
    if not kept:
        kept["story"] = Story(root, okstra)
    return kept["story"]


READING = (("list", "--json"), ("status",), ("path", "3"), ("log",), ("plan", "show"), ("brief", "3"), ("restore",))
ASKED_FOR = {"damaged-file", "plan-missing", "no-such-stage", "no-such-task", "stage-not-open", "plan-unapproved"}
"""What a reading command may answer instead: that a file is damaged, or that what it held is not there."""


def require_recovery(story: Story, case: Case, okstra: Command) -> None:
    """Damage that file, and see that everything goes on."""
    story.damage(case)

    def run(*words: str, where: Path | ScratchRepository = story.task) -> tuple[int, str | None, str]:
        ended = okstra(*words, cwd=where, check=False)
        return ended.status, ended.error, f"{ended}"

    if case.name.endswith("config.toml") and run("list")[1] == "bad-config":
        return  # a person wrote it, and is told the line
    for words in READING:
        status, error, shown = run(*words)
        assert status == 0 or error in ASKED_FOR, shown
    assert run("doctor")[0] in (0, 1)
    _, _, repaired = run("doctor", "--repair")
    assert story.all_refs() >= story.refs, repaired
    assert (story.stage / "s3" / "draft").read_text() == "draft\n"
    status, error, after = run("doctor")
    assert status == 0 or error is not None or "hint" in after or "damaged" in after, after
    for words in READING:
        status, error, shown = run(*words)
        assert status == 0 or error in ASKED_FOR, f"after the repair: {shown}"
    okstra("start", "feat", "DEV-2", "--base", "main", cwd=story.repository)
    status, error, shown = run("stage", "4")
    if error is not None:
        if error == "no-such-task":
            okstra("start", "feat", "DEV-1", "--base", "main", cwd=story.repository)
        okstra("plan", "import", f"{story.root / 'plan.toml'}", cwd=story.task)
        okstra("plan", "approve", "--yes", cwd=story.task)
        status, error, shown = run("stage", "4")
    assert status == 0, f"{shown}\nwhen doctor had said {after}"
    (story.stage / "s3" / "draft").unlink()
    status, error, shown = run("done", "3")
    assert status == 0 or error == "stage-not-open", shown
    if error:
        status, _, shown = run("stage", "3")
        assert status == 0, shown
        status, _, shown = run("done", "3")
        assert status == 0, f"{shown}\nwhen doctor --repair had said {repaired}"


def test_a_file_that_is_damaged(story: Story, okstra: Command) -> None:
    for case in sampling.of(story.cases(), 6, "damaged files"):
        try:
            require_recovery(story, case, okstra)
        except AssertionError as error:
            raise AssertionError(f"{case}\n{error}") from None


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_each_file_that_is_damaged_anywhere(story: Story, okstra: Command) -> None:
    wrong = []
    for case in story.cases():
        try:
            require_recovery(story, case, okstra)
        except AssertionError as error:
            wrong.append(f"{case}\n{error}")
    assert not wrong, "\n\n".join(wrong)
