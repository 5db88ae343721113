"""`git okstra guard` as the agents' clients call it: their forms in, their answers out, never a silent pass."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core.guard_world import RULES
from git_okstra.hooks import guard
from support import processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

PLAN: dict[int, tuple[int, ...]] = {1: (), 2: ()}


@pytest.fixture
def stage(okstra: Command, repository: ScratchRepository) -> Path:
    """The worktree of stage 1; stage 2 is open too."""
    task = tickets.start(okstra, repository, PLAN)
    okstra("stage", "2", cwd=task)
    return Path(okstra("stage", "1", cwd=task).out.rstrip("\n"))


def claude(tool: str, cwd: Path, **given: Any) -> dict[str, Any]:
    common = {"session_id": "s", "transcript_path": "/t", "permission_mode": "default", "tool_use_id": "u"}
    return {**common, "cwd": f"{cwd}", "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": given}


def codex(tool: str, cwd: Path, **given: Any) -> dict[str, Any]:
    return {**claude(tool, cwd, **given), "turn_id": "t", "model": "m"}


def gemini(tool: str, cwd: Path, **given: Any) -> dict[str, Any]:
    common = {"session_id": "s", "transcript_path": "/t", "timestamp": "2026-11-24T12:00:00Z"}
    return {**common, "cwd": f"{cwd}", "hook_event_name": "BeforeTool", "tool_name": tool, "tool_input": given}


def cursor(event: str, cwd: Path, **given: Any) -> dict[str, Any]:
    common = {"conversation_id": "c", "generation_id": "g", "cursor_version": "2.0.77", "model": "m"}
    return {**common, "hook_event_name": event, "workspace_roots": [f"{cwd}"], "cwd": f"{cwd}", **given}


def asked(okstra: Command, call: object, *args: str, cwd: Path | None = None) -> Ended:
    return okstra("guard", *args, input=call if isinstance(call, str) else json.dumps(call), check=False, cwd=cwd)


def require_refused(ended: Ended, rule: str) -> None:
    assert ended.status == 2, f"{ended}"
    assert f"okstra: BLOCKED [{rule}] " in ended.err
    assert "okstra: hint: " in ended.err


def test_each_client_is_understood_and_answered_in_its_way(okstra: Command, stage: Path) -> None:
    bad = "git commit -anm x"
    patch = "*** Begin Patch\n*** Add File: ../dev-1-s2/x\n+a\n*** End Patch"
    refused = [
        (claude("Bash", stage, command=bad), "hook-bypass"),
        (claude("Write", stage, file_path=f"{stage}/README.md", content="x"), "edit-unplanned"),
        (claude("NotebookEdit", stage, notebook_path=f"{stage}/x.ipynb", new_source="x"), "edit-unplanned"),
        (codex("Bash", stage, command=bad), "hook-bypass"),
        (codex("shell", stage, command=["bash", "-lc", bad]), "hook-bypass"),
        (codex("apply_patch", stage, command=patch), "edit-outside"),
        (gemini("run_shell_command", stage, command=bad), "hook-bypass"),
        (gemini("run_shell_command", stage.parent, command=bad, dir_path=stage.name), "hook-bypass"),
        (gemini("replace", stage, file_path="README.md", old_string="a", new_string="b"), "edit-unplanned"),
        (cursor("beforeShellExecution", stage, command=bad, sandbox=False), "hook-bypass"),
        (cursor("preToolUse", stage, tool_name="Write", tool_input={"file_path": "README.md"}), "edit-unplanned"),
        (claude("mcp__files__write_file", stage, path=f"{stage}/README.md"), "edit-unplanned"),
    ]
    for call, rule in refused:
        ended = asked(okstra, call)
        require_refused(ended, rule)
        if "cursor_version" in call:
            answer = ended.json()
            assert answer["permission"] == "deny"
            assert f"[{rule}]" in answer["agent_message"]
        else:
            assert ended.out == ""
    allowed = [
        claude("Bash", stage, command="git commit -m 'no -n here'"),
        claude("Edit", stage, file_path=f"{stage}/s1/x", old_string="a", new_string="b"),
        claude("Read", stage, file_path="/r/.git/config"),
        claude("TodoWrite", stage, todos=[]),
        {**claude("Bash", stage, command=bad), "hook_event_name": "PostToolUse"},
        codex("apply_patch", stage, command="*** Begin Patch\n*** Add File: s1/x\n+a\n*** End Patch"),
        gemini("write_file", stage, file_path="s1/x", content="x"),
        gemini("read_file", stage, file_path="README.md"),
        cursor("beforeShellExecution", stage, command="git status"),
        cursor("beforeReadFile", stage, file_path="README.md", content="x"),
    ]
    for call in allowed:
        ended = asked(okstra, call)
        assert (ended.status, ended.out, ended.err) == (0, "{}\n" if "cursor_version" in call else "", "")


def test_the_format_can_be_named(okstra: Command, stage: Path) -> None:
    call = {"command": "git push -f", "cwd": f"{stage}", "hook_event_name": "beforeShellExecution"}
    assert asked(okstra, call, "--format", "cursor").json()["permission"] == "deny"
    plain = {"tool_name": "Bash", "tool_input": {"command": "git push -f"}}
    require_refused(asked(okstra, plain, "--format", "claude", cwd=stage), "forced-push")
    require_refused(asked(okstra, plain, cwd=stage), "unreadable")
    okstra("guard", "--format", "x", check=False, input="").require_error("usage")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "[]", "null", "1", '"x"', "{}", '{"hook_event_name": 1}', '{"hook_event_name": "PreToolUse"}',
        '{"hook_event_name": "PreToolUse", "tool_name": "Bash"}',
        '{"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}}',
        '{"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": 1}}',
        '{"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "a\\u0000b"}}',
        '{"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"content": "x"}}',
        '{"hook_event_name": "PreToolUse", "tool_name": 1, "tool_input": {}}',
        '{"hook_event_name": "beforeShellExecution"}',
        "[" * 100000, '{"hook_event_name": "PreToolUse", "tool_name": "Bash"', "\ufeff{}",
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_words(text: str, tmp_path: Path) -> None:
    answer = guard.judge(text.encode(), "", f"{tmp_path}", os.environ)
    assert answer.status == 2
    assert answer.err.startswith("okstra: BLOCKED [unreadable] ")


def test_a_closed_standard_input_is_refused(okstra: Command, tmp_path: Path) -> None:
    ended = processes.run(["sh", "-c", 'exec "$@" <&-', "sh", *okstra.words("guard")], cwd=tmp_path)
    require_refused(ended, "unreadable")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "hook_event_name": st.sampled_from(["PreToolUse", "BeforeTool", "preToolUse", "beforeShellExecution"]) | JSON,
        "tool_name": st.sampled_from(["Bash", "Write", "Edit", "apply_patch", "shell", "mcp__x__write"]) | JSON,
        "tool_input": st.dictionaries(st.sampled_from(["command", "file_path", "path", "cwd", "input"]), JSON) | JSON,
        "command": JSON,
        "cwd": JSON,
        "workspace_roots": JSON,
    },
)


@given(CALLS, st.sampled_from(["", *guard.FORMATS]))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_in_an_answer_comes_out(call: dict[str, Any], given_format: str) -> None:
    answer = guard.judge(json.dumps(call).encode(), given_format, "/", {"HOME": "/nowhere"})
    assert answer.status in (0, 2)
    assert "a fault in git okstra" not in answer.err
    assert (answer.status == 0) == (answer.err == "")


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_bytes_that_are_no_call_are_refused(data: bytes) -> None:
    assert guard.judge(data, "", "/", {"HOME": "/nowhere"}).status == 2


# -- what the guard knows of the real world


def judged(command: str, cwd: Path) -> str:
    """The rule that refuses `command`; empty when none does."""
    answer = guard.judge(json.dumps(claude("Bash", cwd, command=command)).encode(), "", "/", os.environ)
    return answer.err.partition("[")[2].partition("]")[0]


def test_places_branches_aliases_and_settings_are_those_of_the_repository(
    okstra: Command, repository: ScratchRepository, stage: Path, tmp_path: Path
) -> None:
    task = stage.parent / "dev-1"
    repository.git("config", "alias.ci", "commit -n")
    repository.git("branch", "trunk")
    (tmp_path / "link").symlink_to(repository.path / ".git")
    (tmp_path / "plain").mkdir()
    hooks = f"{repository.path}/.git/hooks/x"
    wanted = {
        "git ci": "hook-bypass",
        "git push origin HEAD:main": "protected-push",
        "git push origin HEAD:trunk": "",
        "git push -f": "forced-push",
        f"git -C {repository.path} push": "protected-push",
        f"rm -rf {task}": "worktree-removal",
        f"rm -rf {repository.path}": "git-directory",
        "rm -rf $OKSTRA_HOME": "okstra-files",
        f"echo x > {tmp_path}/link/hooks/x": "git-directory",
        f"rm {tmp_path}/link": "",
        f"echo x > {hooks}": "git-directory",
        "echo x > .git": "git-directory",
        "echo x > $(git rev-parse --git-dir)/x": "git-directory",
        "git branch -D feat-dev-1-s2": "governed-branch",
        "npm publish": "publish",
        f"cd {tmp_path}/plain && git commit -n": "",
        "git push origin x --no-verify": "hook-bypass",
    }
    assert {command: judged(command, stage) for command in wanted} == wanted
    okstra("config", "set", "guard.publish", "make release", cwd=repository)
    okstra("config", "set", "policy.protected", "trunk", cwd=repository)
    changed = {"npm publish": "", "make release": "publish", "git push origin HEAD:trunk": "protected-push"}
    assert {command: judged(command, stage) for command in changed} == changed
    # The base of a task stays protected, whatever the settings say; what the branch itself says takes nothing away.
    (stage / ".okstra.toml").write_text('[policy]\nprotected = ["x"]\n')
    again = {"git push origin HEAD:trunk": "protected-push", "git push origin HEAD:main": "protected-push"}
    assert {command: judged(command, stage) for command in again} == again


def test_other_repositories_and_finished_tasks_are_let_be(
    okstra: Command, repository: ScratchRepository, stage: Path, make_repository: Any, tmp_path: Path
) -> None:
    other = make_repository("other")
    for command in ("git commit -n", "git push -f origin main", "echo x > .git/hooks/x", "npm publish"):
        assert judged(command, other.path) == ""
        assert judged(command, tmp_path) == ""
        assert judged(command, repository.path) != ""
    okstra("remove", "DEV-1", cwd=repository)
    assert judged("git commit -n", repository.path) == ""


def test_a_flat_stage_binds_the_task_worktree(okstra: Command, repository: ScratchRepository) -> None:
    task = tickets.start(okstra, repository, PLAN)

    def edit(path: str) -> int:
        return guard.judge(json.dumps(claude("Write", task, file_path=path)).encode(), "", "/", os.environ).status

    assert edit("README.md") == 0
    okstra("stage", "1", "--flat", cwd=task)
    assert edit("README.md") == 2
    assert edit("s1/x") == 0


def test_damaged_records_refuse_what_needs_them_and_nothing_else(stage: Path) -> None:
    record = tickets.home() / "registry/tasks/shop/dev/dev-1.json"
    record.write_text("{")
    assert judged("git push", stage) == "unreadable"
    assert judged("ls -la", stage) == ""


def test_faulty_settings_refuse_pushes_and_nothing_else(stage: Path) -> None:
    (stage / ".okstra.toml").write_text("[policy\n")
    wanted = {"git push": "unreadable", "ls -la > s1/x": "", "git commit -m x": "", "npm publish": "publish"}
    assert {command: judged(command, stage) for command in wanted} == wanted


def test_how_many_gits_it_starts(okstra: Command, stage: Path, tmp_path: Path) -> None:
    log, place = tmp_path / "calls", tmp_path / "first-on-path"
    place.mkdir()
    (place / "git").write_text(f'#!/bin/sh\necho "$*" >>"{log}"\nexit 1\n')
    (place / "git").chmod(0o755)
    env = {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}

    def count(command: str) -> int:
        log.write_text("")
        okstra("guard", input=json.dumps(claude("Bash", stage, command=command)), env=env, check=False)
        return len(log.read_text().splitlines())

    assert count("ls -la > s1/x; git commit -m x && npm test; git push origin HEAD") == 0
    assert count("git lg; git push; git st; git -C /tmp x") <= 3


def test_it_is_answered_without_click(stage: Path) -> None:
    code = "import sys; sys.argv = ['x', 'guard']; from git_okstra.cli.entry import main; main()"
    call = json.dumps(claude("Bash", stage, command="ls && git status"))
    ended = processes.run([sys.executable, "-X", "importtime", "-c", code], input=call, cwd=stage)
    assert ended.status == 0
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ended.err.splitlines()}
    assert loaded & {"click", "dulwich", "filelock", "rich", "asyncio"} == set()


def test_the_rules_have_words() -> None:
    assert all(text and not text.endswith(".") for text in RULES.values())
