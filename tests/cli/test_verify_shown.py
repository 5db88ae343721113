"""What verify shows while its commands run: plain lines in a pipe, the command and its time on a terminal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from git_okstra.operations import report_checking
from support import gates, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    return tickets.start(okstra, repository)


def test_lines_come_as_they_are_written_whatever_they_hold(okstra: Command, task: Path) -> None:
    commands = "printf 'one\\r50%%\\r100%%\\ntwo \\033[2J\\nno end'"
    okstra("config", "set", "verify.commands", commands, cwd=task)
    ended = okstra("verify", cwd=task)
    lines = ended.err.splitlines()
    assert lines[0] == "okstra: [1/1] " + commands
    assert lines[1:4] == ["okstra:   | 100%", "okstra:   | two \\x1b[2J", "okstra:   | no end"]
    assert re.fullmatch(r"okstra:   exit status 0, [0-9.]+ s", lines[4])
    (log,) = Path(ended.out.strip()).parent.glob("*.log")
    assert log.read_bytes() == b"one\r50%\r100%\ntwo \x1b[2J\nno end"


def test_with_json_there_is_only_the_document_and_a_rejection_ends_with_1(okstra: Command, task: Path) -> None:
    okstra("config", "set", "verify.commands", "echo said; false", cwd=task)
    ended = okstra("verify", "--json", cwd=task, check=False)
    assert (ended.status, ended.err) == (1, "")
    document = ended.json()
    assert (document["schema"], document["verdict"], document["phase"]) == (
        "okstra.verify/1",
        "rejected",
        "implementation",
    )
    assert [reason["code"] for reason in document["reasons"]] == ["verify-failed"]
    report = json.loads(Path(document["report"]).read_bytes())
    assert report["reasons"] == document["reasons"]
    assert Path(document["rendered"]).read_text().startswith("# Verification report: DEV-1, rejected\n")


def test_on_a_terminal_the_command_that_runs_is_shown(okstra: Callable[..., Ended], task: Path) -> None:
    okstra("config", "set", "verify.commands", "echo first; sleep 0.6; echo second", cwd=task)
    env = {**os.environ, "TERM": "xterm"}
    words = okstra.words("verify")  # type: ignore[attr-defined]
    child = pexpect.spawn(words[0], words[1:], cwd=f"{task}", env=env, dimensions=(40, 100), encoding="utf-8")
    said = child.read()
    child.close()
    assert child.exitstatus == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said)
    assert "[1/1] echo first; sleep 0.6; echo second" in plain
    assert plain.index("  | first") < plain.index("  | second") < plain.index("exit status 0")
    assert "DEV-1 at " in plain


def test_interrupted_it_leaves_no_verdict_and_no_child(
    okstra: Callable[..., Ended], task: Path, repository: ScratchRepository, tmp_path: Path
) -> None:
    okstra("config", "set", "verify.commands", f"echo $$ >{tmp_path}/pid; exec sleep 600", cwd=task)
    env = {**os.environ, "TERM": "dumb"}
    words = okstra.words("verify")  # type: ignore[attr-defined]
    child = pexpect.spawn(words[0], words[1:], cwd=f"{task}", env=env, encoding="utf-8", timeout=60)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        child.expect([pexpect.TIMEOUT, r"\n"], timeout=0.1)
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
    events = [event["event"] for event in okstra("log", "--json", cwd=task).json()["events"]]
    assert events == ["task-started"]


@pytest.mark.parametrize("data", [b"\xff", b"[]", b"{", b"[" * 100_000, b"null"])
def test_what_is_no_report_is_refused(okstra: Command, task: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "report.json").write_bytes(data)
    from git_okstra.core.errors import OkstraError
    from git_okstra.operations.context import Context

    with pytest.raises(OkstraError) as refused:
        report_checking.check(Context(f"{task}", os.environ), data, gates.SCHEMA)
    assert refused.value.code == "report-invalid"
