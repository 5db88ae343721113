"""A command that is suggested for one task, typed where one stands, never reaches another task."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pexpect
import pytest

from support import tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: (1,), 3: (1, 2)}


@pytest.fixture
def other(okstra: Command, repository: ScratchRepository) -> Path:
    """The worktree of the task B-1, in which everything is typed; there is a task A-1 too. Both have a plan."""
    for name in ("A-1", "B-1"):
        path = tickets.start(okstra, repository, None, name)
        okstra("plan", "import", "-", "--format", "toml", cwd=path, input=tickets.plan_text(PLAN))
    return path


def commands(text: str) -> list[str]:
    return re.findall("git okstra .*", text)


def refused(ended: Ended, code: str) -> list[str]:
    return commands(ended.require_error(code).err)


def test_what_is_suggested_names_the_task_unless_one_stands_in_it(
    okstra: Command, other: Path, repository: ScratchRepository
) -> None:
    def typed(*words: str, **env: str) -> Ended:
        return okstra(*words, "--task", "a-1", cwd=other, env=env, check=False)

    assert refused(typed("stage", "1"), "plan-not-approved") == [
        "git okstra plan show --task a-1",
        "git okstra plan approve --task a-1",
    ]
    assert refused(okstra("stage", "1", cwd=other, check=False), "plan-not-approved") == [
        "git okstra plan show",
        "git okstra plan approve",
    ]
    assert refused(typed("plan", "approve"), "needs-yes") == ["git okstra plan approve --yes --task a-1"]
    said = okstra("plan", "import", "-", "--task", "a-1", cwd=other, input=tickets.plan_text({**PLAN, 4: ()})).err
    assert commands(said) == ["git okstra plan approve --task a-1"]
    assert typed("status", "--json").json()["next"] == [
        "git okstra plan check --task a-1",
        "git okstra plan approve --task a-1",
    ]
    okstra("plan", "approve", "--yes", "--task", "a-1", cwd=other)
    assert refused(typed("stage", "2"), "stage-not-ready") == [
        "git okstra stage 1 --task a-1",
        "git okstra stage auto --task a-1",
    ]
    path = typed("stage", "1").require_success().out.rstrip("\n")
    assert refused(typed("done", "1"), "no-commits") == ["git okstra done 1 --allow-empty --task a-1"]
    assert refused(typed("stage", "1", OKSTRA_OWNER="ben"), "held") == [
        "git okstra stage auto --task a-1",
        "git okstra who --task a-1",
    ]
    repository.commit({"s1/a": "a\n"}, cwd=path)
    typed("done", "1").require_success()
    assert "git okstra stage auto --task a-1" in refused(typed("stage", "1"), "stage-closed")
    assert "next: git okstra stage auto --task a-1" in typed("status").out
    repository.commit({"s1/b": "b\n"}, cwd=path)
    assert refused(typed("merge", "1"), "stage-stale") == ["git okstra done 1 --task a-1"]
    # typed where nothing tells the two apart, and where one stands in it
    assert refused(okstra("merge", "1", "--task", "a-1", cwd=repository, check=False), "stage-stale") == [
        "git okstra done 1 --task a-1"
    ]
    assert refused(okstra("merge", "1", cwd=path, check=False), "stage-stale") == ["git okstra done 1"]


def test_two_tasks_of_one_name_are_told_apart_by_their_groups(okstra: Command, repository: ScratchRepository) -> None:
    okstra("start", "feat", "X", "--base", "main", "--group", "one", cwd=repository)
    okstra("start", "feat", "X", "--base", "main", "--group", "two", "--branch", "x-two", cwd=repository)
    hints = refused(okstra("stage", "1", "--task", "one/x", cwd=repository, check=False), "plan-missing")
    assert hints == ["git okstra plan edit --task one/x", "git okstra plan import FILE --task one/x"]


# -- the question for the task


def terminal(okstra: Command, where: ScratchRepository, *words: str) -> pexpect.spawn:
    command, *args = okstra.words(*words)
    return pexpect.spawn(command, args, cwd=os.fspath(where), timeout=60, encoding="utf-8")


@pytest.mark.parametrize("answer", ["2", "b-1", "B-1"])
def test_on_a_terminal_the_task_is_asked_for(
    okstra: Command, repository: ScratchRepository, other: Path, answer: str
) -> None:
    child = terminal(okstra, repository, "plan", "approve", "--yes")
    child.expect_exact("which one?")
    child.expect_exact("1) A-1")
    child.expect_exact("2) B-1")
    child.expect_exact("number, or a task")
    child.sendline(answer)
    child.expect_exact("the plan of B-1 is approved")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    # what is suggested after the question names what was chosen
    assert refused(okstra("stage", "1", "--task", "a-1", cwd=repository, check=False), "plan-not-approved")
    child = terminal(okstra, repository, "stage", "2")
    child.expect_exact("number, or a task")
    child.sendline(answer)
    child.expect_exact("git okstra stage 1 --task b-1")
    child.expect(pexpect.EOF)


def test_nothing_is_asked_where_nobody_can_answer_or_a_task_is_named(
    okstra: Command, repository: ScratchRepository, other: Path
) -> None:
    ended = okstra("status", cwd=repository, check=False).require_error("ambiguous-task")
    assert "several tasks are open: A-1, B-1" in ended.err
    child = terminal(okstra, repository, "status", "--json")
    child.expect_exact('"code": "ambiguous-task"')
    child.expect(pexpect.EOF)
    child = terminal(okstra, repository, "status", "--task", "C-1")
    child.expect_exact("no-such-task")
    child.expect(pexpect.EOF)
