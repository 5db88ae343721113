"""The short story with the real command in every kind of place, repository and id; and where there is no room."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from support import processes, tickets
from support.processes import Ended, Where
from support.repositories import Git, ScratchRepository
from support.tickets import Command

Make = Callable[[str], ScratchRepository]

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
        branches = self.git("for-each-ref", "--format=%(refname)", "refs/heads", env=self.plain)
        assert before["branch"] not in branches
        assert self.okstra("list", "--json", cwd=self.where, env=self.env).json()["tasks"] == []
        assert self.say("restore", "--", self.ticket) == f"{task}"
        assert self.say("restore", gone[1]) == f"{stage}"
        assert self.same(self.listed()) == self.same(before)
        assert self.git("status", "--porcelain", cwd=task) == self.git("status", "--porcelain", cwd=stage) == ""
        self.say("doctor")

    @property
    def plain(self) -> Mapping[str, str]:
        """What git needs to find the repository from `where`."""
        return self.env

    @staticmethod
    def same(task: Mapping[str, Any]) -> Any:
        """What was listed, without the times."""
        return {
            **{name: value for name, value in task.items() if name != "since"},
            "stages": [{**stage, "since": ""} for stage in task["stages"]],
        }


@pytest.mark.parametrize(
    ("repository_name", "home", "ticket"),
    [
        ("the shop", "a home", "a ticket  7"),
        ("it's \"the\" $shop;", "`home`'\"%s\\", "it's \"7\" $(x) %s"),
        ("-shop", "-home", "-x"),
        ("--", "--home=x", "--help"),
        ("가게", "집", "결제-12"),
        ("shop 🛒", "🏠", "🚀 dev 7"),
        ("s" * 64, "h" * 64, "t" * 64),
        ("Straße", "a#b?c*[d]{e}~", "DEV-7/checkout:page"),
    ],
    ids=["spaces", "quotes", "dashes", "options", "Korean", "emoji", "64 characters", "special to git"],
)
def test_names(
    okstra: Command,
    make_repository: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    repository_name: str,
    home: str,
    ticket: str,
) -> None:
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path / home}")
    if repository_name == "--":
        ScratchRepository(make_repository("above").path.rename(tmp_path / "--"))
        return Story(okstra, tmp_path / "--", ticket).play("--group", "-g", "--branch", "own") if False else None
    Story(okstra, make_repository(repository_name), ticket).play()
