"""The guard in the clients' settings: put in beside what is there, taken out without a trace."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from git_okstra.core import json_text
from git_okstra.operations import guarding
from git_okstra.operations.context import Context
from support import processes
from support.repositories import ScratchRepository
from support.tickets import Command

CLIENTS = list(guarding.CLIENTS)

EXISTING = {
    "two spaces": '{\n  "permissions": {"allow": ["Bash(ls)"]},\n  "hooks": {\n    "PreToolUse": [\n      {\n'
    '        "matcher": "Bash",\n        "hooks": [{"type": "command", "command": "mine"}]\n      }\n    ],\n'
    '    "Stop": []\n  },\n  "z": 1,\n  "a": 2\n}\n',
    "tabs": '{\n\t"hooks": {\n\t\t"PreToolUse": [],\n\t\t"BeforeTool": [],\n\t\t"preToolUse": []\n\t}\n}',
    "one line": '{"b": 1, "hooks": {"BeforeTool": [{"hooks": []}], "beforeShellExecution": [ ]}, "a": [1,2]}',
    "empty object": "{}",
    "blank object": "{\n}\n",
    "windows": '{\r\n  "version": 1,\r\n  "hooks": {}\r\n}\r\n',
    "unicode": '{"name": "결제 \\u00e9", "hooks":{}}\n',
    "four spaces": '{\n    "version": 1\n}\n',
}


def commands(client: str, path: Path) -> list[str]:
    """The commands of every hook in the file."""
    return [text for text in strings(json.loads(path.read_bytes())) if "guard" in text and "--format" in text]


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("client", CLIENTS)
def test_into_nothing_and_out_again(client: str, okstra: Command, repository: ScratchRepository) -> None:
    path = repository.path / guarding.CLIENTS[client].file
    ended = okstra("guard", "install", client, "--dry-run", cwd=repository)
    assert ended.out == f"{path}\n"
    assert not path.exists()
    okstra("guard", "install", client, cwd=repository)
    first = path.read_bytes()
    assert commands(client, path) == [f"git okstra guard --format {client} || exit 2"] * (
        2 if client == "cursor" else 1
    )
    again = okstra("guard", "install", client, cwd=repository)
    assert "already" in again.err
    assert path.read_bytes() == first
    okstra("guard", "uninstall", client, "-n", cwd=repository)
    assert path.read_bytes() == first
    okstra("guard", "uninstall", client, cwd=repository)
    assert not path.exists()
    assert "was not in" in okstra("guard", "uninstall", client, cwd=repository).err


def test_beside_what_is_there_and_out_again_byte_for_byte(repository: ScratchRepository) -> None:
    ctx = Context(f"{repository.path}", os.environ)
    for client in CLIENTS:
        path = repository.path / guarding.CLIENTS[client].file
        path.parent.mkdir()
        for name, text in EXISTING.items():
            path.write_bytes(text.encode())
            path.chmod(0o600)
            assert guarding.change(ctx, "install", client).changed
            before, after = json.loads(text), json.loads(path.read_bytes())
            assert commands(client, path), name
            assert [key for key in after if key in before] == list(before), name
            assert without_empty(without_guard(after)) == without_empty(before), name
            assert path.stat().st_mode & 0o777 == 0o600
            assert guarding.change(ctx, "uninstall", client).changed
            assert path.read_bytes() == text.encode(), f"{client}: {name}"


def without_guard(value: Any) -> Any:
    """The document without our entries."""
    if isinstance(value, dict):
        return {key: without_guard(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_guard(part) for part in value if not any("okstra guard" in text for text in strings(part))]
    return value


def without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        found = {key: without_empty(part) for key, part in value.items()}
        return {key: part for key, part in found.items() if part not in ({}, [])}
    return [without_empty(part) for part in value] if isinstance(value, list) else value


def test_what_was_changed_since_stays(okstra: Command, repository: ScratchRepository) -> None:
    path = repository.path / ".claude/settings.json"
    path.parent.mkdir()
    path.write_text(EXISTING["two spaces"])
    okstra("guard", "install", "claude", cwd=repository)
    path.write_text(path.read_text().replace('"z": 1', '"z": 3'))
    okstra("guard", "uninstall", "claude", cwd=repository)
    assert path.read_text() == EXISTING["two spaces"].replace('"z": 1', '"z": 3')


def test_in_another_worktree_the_entries_are_known_by_what_they_say(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    okstra("guard", "install", "claude", cwd=repository)
    repository.commit({".claude/settings.json": (repository.path / ".claude/settings.json").read_text()})
    repository.git("worktree", "add", "-q", "-b", "x", f"{tmp_path}/x")
    okstra("guard", "uninstall", "claude", cwd=tmp_path / "x")
    assert json.loads((tmp_path / "x/.claude/settings.json").read_text()) == {}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", '{"hooks": []}', '{"hooks": {"PreToolUse": {}}}', '{"hooks": null}', "// a comment\n{}",
        '{"a": 1,}', "[" * 100000, b"\xff{}".decode("latin-1"),
    ],
    ids=lambda text: text[:30] or "empty",
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_left_alone(text: str, okstra: Command, repository: ScratchRepository) -> None:
    path = repository.path / ".claude/settings.json"
    path.parent.mkdir()
    data = text.encode("latin-1")
    path.write_bytes(data)
    for action in ("install", "uninstall"):
        if text == "":  # an empty file says nothing
            continue
        ended = okstra("guard", action, "claude", cwd=repository, check=False).require_error("bad-config")
        assert ".claude/settings.json" in ended.err
        assert path.read_bytes() == data


def test_used_wrongly(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    okstra("guard", "install", cwd=repository, check=False).require_error("usage")
    okstra("guard", "install", "vim", cwd=repository, check=False).require_error("usage")
    okstra("guard", "frob", "claude", cwd=repository, check=False).require_error("usage")
    okstra("guard", "install", "claude", "--format", "claude", cwd=repository, check=False).require_error("usage")
    okstra("guard", "install", "claude", cwd=tmp_path, check=False).require_error("not-a-repository")


def test_the_command_in_the_settings_refuses(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository)
    okstra("guard", "install", "claude", cwd=repository)
    (command,) = commands("claude", repository.path / ".claude/settings.json")

    def run(line: str, **env: str) -> int:
        call = {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": line}}
        return processes.run(["/bin/sh", "-c", command], input=json.dumps(call), cwd=repository, env=env).status

    assert run("git status") == 0
    assert run("git commit -n") == 2
    # Where git okstra cannot be found nothing passes.
    assert run("git status", PATH=f"{tmp_path}") == 2


def test_an_entry_is_added_and_taken_out_of_any_json() -> None:
    entry = {"a": [1, {"b": None}]}
    for text in EXISTING.values():
        for path in (("x", "y"), ("hooks", "New"), ("hooks", "PreToolUse")):
            made = json_text.added(text, path, entry)
            assert json.loads(made) != json.loads(text)
            back = json_text.without(made, path, entry)
            assert without_empty(json.loads(back)) == without_empty(json.loads(text))
