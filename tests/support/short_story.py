"""The short story of a ticket, with the real command: started, planned, worked on, merged, removed, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import tickets
from support.processes import Where
from support.repositories import Git, ScratchRepository
from support.tickets import Command

PLAN = tickets.plan_text({1: ()})


class Story:
    """One ticket from its start to its return from the trash. Every command is typed in `where`, with `env`.

    With `inside` those that one would type in a worktree of the ticket's are typed there.
    """

    def __init__(
        self, okstra: Command, where: Where, ticket: str = "DEV-1", env: Mapping[str, str] | None = None
    ) -> None:
        self.okstra, self.where, self.ticket, self.env = okstra, where, ticket, env or {}
        self.git = Git(where)

    def say(self, *words: str, cwd: Where | None = None, input: str | None = None) -> str:  # noqa: A002
        return self.okstra(*words, cwd=cwd or self.where, env=self.env, input=input).out.removesuffix("\n")

    def listed(self) -> Any:
        """What `list` shows."""
        (task,) = self.okstra("list", "--json", cwd=self.where, env=self.env).json()["tasks"]
        return task

    def play(self, *options: str, inside: bool = True) -> None:
        """The whole story; `options` are for `start`."""
        task = Path(self.say("start", "--base", "main", *options, "--", "feat", self.ticket))
        assert self.git("status", "--porcelain", "--branch", cwd=task) == f"## {self.listed()['branch']}"
        assert (task / "README.md").exists()
        there = task if inside else self.where
        self.say("plan", "import", "-", "--format", "toml", cwd=there, input=PLAN)
        self.say("plan", "approve", "--yes", f"--task={self.ticket}")
        stage = Path(self.say("stage", "1", cwd=there))
        assert (stage.parent, stage.name) == (task.parent, f"{task.name}-s1")
        assert self.say("path", "1", cwd=there) == f"{stage}"
        commit = ScratchRepository(stage).commit({"s1/한글 file": "one\n"}, "work on 1")
        assert self.say("done", *([] if inside else ["1"]), cwd=stage if inside else None) == commit
        merged = self.say("merge", f"--task={self.ticket}").partition(" ")[2]
        assert (task / "s1" / "한글 file").read_text() == "one\n"
        assert self.git("rev-parse", "HEAD", "HEAD^2", cwd=task).split() == [merged, commit]
        before = self.listed()
        assert (before["id"], before["path"], before["head"]) == (self.ticket, f"{task}", merged)
        assert [(one["state"], one["path"], one["head"]) for one in before["stages"]] == [
            ("merged", f"{stage}", commit)
        ]
        gone = self.say("remove", "-D", "--", self.ticket).splitlines()
        assert len(gone) == 2
        assert not task.exists()
        assert not stage.exists()
        branches = self.git("for-each-ref", "--format=%(refname)", "refs/heads", env=self.env)
        assert before["branch"] not in branches
        assert self.okstra("list", "--json", cwd=self.where, env=self.env).json()["tasks"] == []
        assert self.say("restore", "--", self.ticket) == f"{task}"
        assert self.say("restore", gone[1]) == f"{stage}"
        assert self.same(self.listed()) == self.same(before)
        assert self.git("status", "--porcelain", cwd=task) == self.git("status", "--porcelain", cwd=stage) == ""
        self.say("doctor")

    @staticmethod
    def same(task: Mapping[str, Any]) -> Any:
        """What was listed, without the times."""
        return {
            **{name: value for name, value in task.items() if name != "since"},
            "stages": [{**stage, "since": ""} for stage in task["stages"]],
        }
