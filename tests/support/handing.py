"""A ticket whose stages are merged and accepted, with a bare remote beside it, ready to be handed over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import handoff, plans
from git_okstra.operations.handoff import HandedOff, Planned, Wish
from support.repositories import Git, ScratchRepository, make_repository
from support.workbench import Ticket

PLAN = Plan(tuple(PlannedStage(n, title, (), (f"s{n}/**",)) for n, title in ((1, "Model"), (2, "Page"))))


class Desk(Ticket):
    """A ticket of two merged stages; the remote `origin` has `main`."""

    def __init__(self, repository: ScratchRepository, *, planned: bool = True, **request: Any) -> None:
        """Start the task in `repository`; without a plan it is one commit on the task branch."""
        self.planned = planned
        super().__init__(repository, PLAN, **{"title": "Vouchers", **request})
        self.remote = Git(repository.path.parent / "remote.git")
        self.git("init", "-q", "--bare", f"{self.remote.cwd}")
        self.git("remote", "add", "origin", f"{self.remote.cwd}")
        self.git("push", "-q", "origin", "main")
        if planned:
            self.work(1)
            self.work(2)
            self.merge()
        else:
            self.commit(0, {"a.txt": "a\n"}, "add a page\n\nCloses #7")
        self.accept()

    def approve(self, plan: Plan) -> None:
        """Import the plan and approve it, if there is to be one."""
        if self.planned:
            super().approve(plan)

    def accept(self, **more: Any) -> None:
        """Have the task accepted as it is."""
        ctx, group, name = self.context(), self.task.key.group, self.task.key.task
        stored = plans.stored(ctx, self.task)
        report = Path(ctx.store.task_directory(group, name), "reports", "r1", "report.json")
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps({"commands": [{"command": "make test", "status": 0, "seconds": 1.5}]}))
        tree = self.git("rev-parse", f"{self.branch()}^{{tree}}")
        data = {"verdict": "accepted", "commit": self.tip(), "tree": tree, "report": "r1"}
        data |= {"plan": stored.plan.digest() if stored else None, **more}
        with ctx.store.locked():
            ctx.store.append(group, name, ctx.event("verified", None, **data))

    def plan(self, *, dry_run: bool = False, **wish: Any) -> Planned:
        """What a hand-off comes to."""
        ctx = self.context(self.path())
        asked = Wish(**{"action": "pr", "base": "main", **wish})
        return handoff.plan(ctx, handoff.ready(ctx, self.task, asked), asked, dry_run=dry_run)

    def handoff(self, **wish: Any) -> HandedOff:
        """Hand the task over with the drafted text."""
        ctx = self.context(self.path())
        asked = Wish(**{"action": "pr", "base": "main", **wish})
        found = handoff.ready(ctx, self.task, asked)
        self.notes = ctx.notes
        return handoff.carry_out(ctx, found, handoff.plan(ctx, found, asked))

    def there(self, branch: str | None = None) -> str | None:
        """Where the remote's branch is."""
        found = self.remote.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch or self.branch()}")
        return found.out.strip() or None

    @property
    def phase(self) -> str:
        """The phase that the store has."""
        found = self.context().store.task(*self.task.key)
        assert found is not None
        return found.phase

    def tree(self, revision: str) -> str:
        """The tree of a commit."""
        return self.git("rev-parse", f"{revision}^{{tree}}")

    def clone(self, name: str = "other") -> ScratchRepository:
        """Somebody else's clone of the remote, in which commits can be made."""
        path = self.repository.path.parent / name
        self.git("clone", "-q", f"{self.remote.cwd}", f"{path}")
        return ScratchRepository(path)


class Kept:
    """A desk that is made once and had again, as it was, by each test that asks for it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        """Make it in `root`; `patch` lasts as long as this."""
        self.now, self.then = root / "now", root / "then"
        self._go(patch)
        self.desk = Desk(make_repository(self.now / "shop"))
        shutil.copytree(self.now, self.then, symlinks=True)

    def again(self, patch: pytest.MonkeyPatch) -> Desk:
        """The desk as it was made; `patch` lasts as long as the test."""
        self._go(patch)
        shutil.rmtree(self.now)
        shutil.copytree(self.then, self.now, symlinks=True)
        task = self.desk.context().store.task(*self.desk.task.key)
        assert task is not None
        self.desk.task = task
        return self.desk

    def _go(self, patch: pytest.MonkeyPatch) -> None:
        home = self.now / "home"
        home.mkdir(parents=True, exist_ok=True)
        for name, value in {"HOME": home, "OKSTRA_HOME": home / ".okstra"}.items():
            patch.setenv(name, f"{value}")
