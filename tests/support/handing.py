"""A ticket whose stages are merged and accepted, with a bare remote beside it, ready to be handed over."""

from __future__ import annotations

import shutil
import types
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.operations import handoff, phase, verify
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
        (repository.path / ".git/okstra/config.toml").write_text('[verify]\ncommands = ["true"]\n')
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

    def accept(self, **otherwise: Any) -> None:
        """Have the gate judge the task as it is; it runs `true`. `otherwise` is what the journal is made to say instead
        of what was found."""
        ctx = self.context(self.path())
        watcher = types.SimpleNamespace(begins=lambda *_: None, wrote=lambda _: None, ended=lambda _: None)
        judged = verify.verify(ctx, self.task, render=lambda _: "", watcher=watcher)
        assert judged.accepted, judged.reasons
        self.task = judged.task
        if otherwise:
            found = self.events("verified")[-1]
            with ctx.store.locked():
                event = ctx.event("verified", None, **{**found.data, **otherwise})
                ctx.store.append(self.task.key.group, self.task.key.task, event)

    def back(self) -> None:
        """Have the task go back to the implementation."""
        self.task = phase.change(self.context(), self.task, "implementation").task

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
