"""An agent that edits a file which another open stage changes is told so, quickly, and is let through."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.hooks import guard
from git_okstra.operations import guard_warning
from git_okstra.state import config
from support.repositories import ScratchRepository
from support.workbench import Ticket

PLAN = Plan(tuple(PlannedStage(n, f"Stage {n}", (), ("shared/**", f"s{n}/**")) for n in (1, 2, 3)))


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    """Stages 1 and 2 are open."""
    repository.commit({"shared/a.txt": "a\n", "shared/b.txt": "b\n"})
    ticket = Ticket(repository, PLAN)
    ticket.open(1)
    ticket.open(2)
    return ticket


def answer(ticket: Ticket, path: str, client: str = "claude") -> guard.Answer:
    """What the guard says of an edit of that file by who works on stage 1."""
    place = ticket.path(1)
    call = {"hook_event_name": "PreToolUse", "tool_name": "Write", "cwd": f"{place}"}
    call |= {"tool_input": {"file_path": f"{place / path}"}}
    return guard.judge(json.dumps(call).encode(), client, "/", os.environ)


def told(ticket: Ticket, path: str) -> str:
    """What is said beside letting it through; empty when nothing is."""
    found = answer(ticket, path)
    assert (found.status, found.err) == (0, "")
    return str(json.loads(found.out)["systemMessage"]) if found.out else ""


def test_what_another_stage_has_committed_is_told(ticket: Ticket) -> None:
    ticket.commit(2, {"shared/a.txt": "theirs\n", "shared/new.txt": "new\n"})
    assert told(ticket, "shared/a.txt").startswith("okstra: stage 2 (")
    assert "has changed 'shared/a.txt', too" in told(ticket, "shared/a.txt")
    assert "has changed 'shared/new.txt', too" in told(ticket, "shared/new.txt")
    assert told(ticket, "shared/b.txt") == told(ticket, "s1/own.txt") == ""


def test_what_another_stage_has_not_committed_yet_is_told(ticket: Ticket) -> None:
    (ticket.path(2) / "shared" / "a.txt").write_text("theirs\n")
    (ticket.path(2) / "shared" / "new.txt").write_text("new\n")
    (ticket.path(2) / "shared" / "b.txt").unlink()
    for name in ("a", "b", "new"):
        assert f"is changing 'shared/{name}.txt', too" in told(ticket, f"shared/{name}.txt")


def test_what_only_filters_make_of_a_file_is_no_change(ticket: Ticket) -> None:
    (ticket.repository.path / ".git" / "info" / "attributes").write_text("shared/a.txt text eol=crlf\n")
    place = ticket.path(2)
    (place / "shared" / "a.txt").unlink()
    ticket.git("checkout", "-q", "--", "shared/a.txt", cwd=place)
    assert (place / "shared" / "a.txt").read_bytes() == b"a\r\n"
    assert ticket.git("status", "--porcelain", cwd=place) == ""
    assert told(ticket, "shared/a.txt") == ""


def test_a_stage_that_is_done_or_not_begun_is_not_told_of(ticket: Ticket) -> None:
    ticket.commit(2, {"shared/a.txt": "theirs\n"})
    ticket.done(2)
    assert told(ticket, "shared/a.txt") == ""


def test_each_client_is_told_in_its_own_form(ticket: Ticket) -> None:
    ticket.commit(2, {"shared/a.txt": "theirs\n"})
    said = told(ticket, "shared/a.txt")
    context = {"hookSpecificOutput": {"hookEventName": "PreToolUse", "additionalContext": said}}
    expected = {
        "claude": {"systemMessage": said, **context},
        "codex": {"systemMessage": said, **context},
        "gemini": {"systemMessage": said},
        "cursor": {"user_message": said, "agent_message": said},
    }
    for client, document in expected.items():
        found = answer(ticket, "shared/a.txt", client)
        assert (found.status, json.loads(found.out), found.err) == (0, document, "")


def test_the_setting_keeps_it_silent(ticket: Ticket) -> None:
    ticket.commit(2, {"shared/a.txt": "theirs\n"})
    config.set_value(f"{ticket.context().common_dir}/okstra/config.toml", guard_warning.SETTING, False)
    assert told(ticket, "shared/a.txt") == ""


def test_a_refusal_is_a_refusal(ticket: Ticket) -> None:
    ticket.commit(2, {"shared/a.txt": "theirs\n"})
    refused = answer(ticket, "elsewhere.txt")
    assert (refused.status, refused.out) == (2, "")


def test_git_is_asked_a_few_times_at_most_and_not_at_all_where_no_plan_covers_the_file(
    ticket: Ticket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket.open(3)
    for number in (2, 3):
        (ticket.path(number) / "shared" / "a.txt").write_text("theirs\n")
    shim, log = tmp_path / "bin", tmp_path / "asked"
    shim.mkdir()
    (shim / "git").write_text(f'#!/bin/sh\necho x >>{log}\nexec {shutil.which("git")} "$@"\n')
    (shim / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim}:{os.environ['PATH']}")
    assert told(ticket, "shared/a.txt").count("is changing") == 2
    assert len(log.read_text().splitlines()) == guard_warning.MOST_PROCESSES
    log.unlink()
    assert told(ticket, "s1/own.txt") == ""
    assert not log.exists()


def test_damaged_files_of_ours_keep_it_silent(ticket: Ticket) -> None:
    ticket.commit(2, {"shared/a.txt": "theirs\n"})
    plan = Path(ticket.context().store.plan_path(ticket.task.key.group, ticket.task.key.task))
    place = f"{ticket.path(1)}"
    plan.write_text("[[")
    assert guard_warning.lines(["shared/a.txt"], place, os.environ) == []
