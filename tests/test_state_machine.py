"""Random commands of two people, one after the other, on a task with real git underneath, held against a model.

hypothesis draws them and makes what fails short. The model says of each whether it goes through; what people wrote or
committed is found again at the end, wherever it went. `make soak` draws many.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from support import preloaded, processes, repositories, sampling, tickets
from support.model import Model
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN = {1: (), 2: (), 3: (1,), 4: (1, 2)}

numbers = st.sampled_from(sorted(PLAN))
people = st.sampled_from(["ann", "ann", "ann", "bob"])
flags = st.booleans()


class Ground:
    """The task as it is at the beginning, to be had again in the same place."""

    def __init__(self, okstra: Command, root: Path) -> None:
        self.now, self.then = root / "now", root / "then"
        self.repository: ScratchRepository = repositories.make_repository(self.now / "shop")
        self.task = tickets.start(okstra, self.repository, PLAN)
        shutil.copytree(self.now, self.then, symlinks=True)

    def again(self) -> None:
        """As it was."""
        shutil.rmtree(self.now)
        shutil.copytree(self.then, self.now, symlinks=True)


class Work(RuleBasedStateMachine):
    """One history. `ground` is set by the test."""

    ground: Ground

    @initialize()
    def begin(self) -> None:
        self.ground.again()
        self.git = self.ground.repository.git
        self.model = Model(PLAN)
        self.written = 0
        self.commits: set[str] = set()
        self.files: set[str] = set()

    def run(self, who: str, *words: str) -> Ended:
        ended = processes.require_no_fault(
            preloaded.run(
                [preloaded.SCRIPT, *words, *([] if words[0] == "restore" else ["--task", "dev-1"]), "--json"],
                cwd=self.ground.repository.path,
                env={"OKSTRA_OWNER": who},
            )
        )
        assert ended.status in (0, 1, 2, 3), f"{ended}"
        assert ended.error not in ("usage", "git-failed", "damaged-file", "busy"), f"{ended}"
        return ended

    def require(self, ended: Ended, through: bool) -> None:
        assert (ended.status == 0) == through, f"the model says {through}: {ended}"

    def place(self, number: int) -> Path:
        return Path(f"{self.ground.task}-s{number}")

    def fresh(self) -> str:
        self.written += 1
        return f"text {self.written}"

    @rule(number=numbers, who=people)
    def stage(self, number: int, who: str) -> None:
        self.require(self.run(who, "stage", f"{number}"), self.model.stage(number, who))

    @rule(number=numbers)
    def commit(self, number: int) -> None:
        if not self.model[number].worktree:
            return
        text = self.fresh()
        place = self.place(number)
        (place / f"s{number}").mkdir(exist_ok=True)
        (place / f"s{number}" / f"file-{self.written}").write_text(f"{text}\n")
        self.git("add", "-A", cwd=place)
        self.git("commit", "-q", "-m", text, cwd=place)
        commit = self.git("rev-parse", "HEAD", cwd=place)
        self.commits.add(commit)
        self.model.commit(number, commit)

    @rule(number=numbers)
    def through(self, number: int) -> None:
        """What mostly happens."""
        if self.model[number].owner != "bob":
            self.stage(number, "ann")
            self.commit(number)
            self.done(number, "ann")

    @rule(number=numbers)
    def write(self, number: int) -> None:
        if not self.model[number].worktree:
            return
        text = self.fresh()
        (self.place(number) / f"s{number}").mkdir(exist_ok=True)
        (self.place(number) / f"s{number}" / f"file-{self.written}").write_text(f"{text}\n")
        self.files.add(text)
        self.model.write(number, text)

    @rule(number=numbers, who=people)
    def done(self, number: int, who: str) -> None:
        self.require(self.run(who, "done", f"{number}"), self.model.done(number, who))

    @rule(number=numbers, who=people)
    def reopen(self, number: int, who: str) -> None:
        self.require(self.run(who, "reopen", f"{number}"), self.model.reopen(number, who))

    @rule(who=people)
    def merge(self, who: str) -> None:
        can = self.model.can_merge()
        ended = self.run(who, "merge")
        self.require(ended, can)
        if can:
            made = [one["commit"] for one in ended.json()["stages"]]
            self.commits |= set(made)
            self.model.merge(made)

    @rule(number=numbers, who=people, force=flags)
    def abandon(self, number: int, who: str, force: bool) -> None:
        words = ["abandon", f"{number}", *(["-f"] if force else [])]
        self.require(self.run(who, *words), self.model.abandon(number, who, force=force))

    @rule(number=numbers, who=people, dirty=flags, unmerged=flags)
    def remove(self, number: int, who: str, dirty: bool, unmerged: bool) -> None:
        words = ["remove", f"{number}", *(["-f"] if dirty else []), *(["-D"] if unmerged else [])]
        self.require(self.run(who, *words), self.model.remove(number, who, dirty=dirty, unmerged=unmerged))

    @rule(number=numbers, who=people)
    def restore(self, number: int, who: str) -> None:
        self.require(self.run(who, "restore", f"dev-1-s{number}"), self.model.restore(number, who))

    @rule(number=numbers, who=people)
    def release(self, number: int, who: str) -> None:
        self.require(self.run(who, "release", f"{number}"), self.model.release(number, who))

    @invariant()
    def agrees(self) -> None:
        told = self.run("ann", "status").json()
        found = {one["number"]: one["state"] for one in told["task"]["stages"]}
        assert found == {number: self.model.shown(number) for number in PLAN}
        held = {key.rpartition("#")[2]: entry.owner for key, entry in tickets.reservations().items()}
        mine = {f"{number}": self.model[number].owner for number in PLAN if self.model[number].owner}
        assert held == {**mine, "0": held["0"]}

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        reachable = set(self.git("rev-list", "--all").split())
        assert self.commits <= reachable
        kept = {path.read_text().rstrip("\n") for path in (self.ground.now / "home").rglob("file-*")}
        missing = self.files - kept - {self.git("log", "-1", "--format=%s", one) for one in self.commits}
        assert not missing
        looked = preloaded.run([preloaded.SCRIPT, "doctor"], cwd=self.ground.repository.path)
        assert looked.status == 0, f"{looked}"
        assert tickets.leftovers(self.ground.repository) == []


@pytest.fixture
def ground(okstra: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    (tmp_path / "now").mkdir()
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path}/now/home")
    return Ground(okstra, tmp_path)


def work(ground: Ground, examples: int, steps: int, seed: int) -> None:
    from hypothesis import seed as seeded

    machine = type("Work", (Work,), {"ground": ground})
    run_state_machine_as_test(
        seeded(seed)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_two_people_and_a_model_agree(ground: Ground) -> None:
    work(ground, 3, 12, sampling.SEED)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_two_people_and_a_model_agree_for_long(ground: Ground) -> None:
    work(ground, int(os.environ.get("OKSTRA_EXAMPLES", "60")), 30, sampling.SEED)
