"""The agent guard: reads one tool call on standard input, judges it, and answers as the agent's client wants it.

The forms are those of the clients' own pages: Claude Code (https://code.claude.com/docs/en/hooks, PreToolUse), Codex
(https://developers.openai.com/codex/hooks, PreToolUse), Gemini CLI (https://geminicli.com/docs/hooks/reference,
BeforeTool) and Cursor (https://cursor.com/docs/agent/hooks, beforeShellExecution and preToolUse). All of them block on
exit status 2 and go on after any other failure, so every fault ends with 2. A call that may go on is answered by
silence, never by an allowance, which would skip what the client itself asks a person; Cursor takes silence for a
failure of the hook and gets an object that says nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from git_okstra.core.errors import OkstraError
from git_okstra.core.refusals import Refusal, text

FORMATS = ("claude", "codex", "gemini", "cursor")
REFUSED = 2
LARGEST = 1 << 24
"""The most bytes of a tool call that are read."""

_SHELLS = frozenset(
    {
        "bash", "shell", "local_shell", "shell_command", "exec_command", "run_shell_command", "run_terminal_cmd",
        "unified_exec", "container.exec", "powershell",
    }
)  # fmt: skip
_EDITORS = frozenset(
    {
        "write", "edit", "multiedit", "notebookedit", "strreplace", "tabwrite", "delete", "apply_patch", "applypatch",
        "write_file", "replace", "edit_file", "search_replace", "delete_file", "create_file",
    }
)  # fmt: skip
_OTHER_SHELLS = ("shell", "bash", "exec", "terminal", "command")
_OTHER_EDITORS = ("write", "edit", "create", "delete", "move", "replace", "patch", "rename")
_COMMANDS = ("command", "cmd", "script")
_DIRECTORIES = ("workdir", "dir_path", "directory", "cwd", "working_directory")
_PATHS = (
    "file_path", "notebook_path", "path", "filePath", "target_file", "absolute_path", "filename",
    "relative_workspace_path", "source", "destination", "new_path",
)  # fmt: skip
_PATCHES = ("command", "input", "patch")


class Answer(NamedTuple):
    """The exit status, and what is written to standard output and standard error."""

    status: int
    out: str
    err: str


class _Unreadable(Exception):
    """The tool call is not of a form that can be judged."""


def main(arguments: list[str], environ: Mapping[str, str]) -> int | None:
    """Answer the tool call on standard input; the exit status. None when `arguments` ask for something else."""
    if arguments and (len(arguments) != 2 or arguments[0] != "--format" or arguments[1] not in FORMATS):
        return None
    given = arguments[1] if arguments else ""
    try:
        # Nobody types a tool call: at a terminal it would look as if it hung.
        data = b"" if sys.stdin.isatty() else sys.stdin.buffer.read(LARGEST + 1)
        directory = os.getcwd()
    except OSError as error:
        answer = _answered(given, [_unreadable(f"the tool call cannot be read: {error.strerror}")], [])
    else:
        answer = judge(data, given, directory, environ)
    try:
        for stream, said in ((sys.stdout, answer.out), (sys.stderr, answer.err)):
            stream.buffer.write(said.encode("utf-8", "backslashreplace"))
            stream.flush()
    except OSError:
        return REFUSED
    return answer.status


def judge(data: bytes, given: str, directory: str, environ: Mapping[str, str]) -> Answer:
    """The answer to the tool call in `data`, in the format called `given`, or recognised when that is empty.

    `directory` is where the call runs when it does not say so itself. Never raises.
    """
    client, warnings = given, []
    try:
        call = _parsed(data)
        client = given or _recognised(call)
        refusals, edited = _judged(call, client, directory, environ)
        if edited is not None and not refusals:
            warnings = _warned(*edited, environ)
    except _Unreadable as error:
        refusals = [_unreadable(str(error))]
    except OkstraError as error:
        refusals = [Refusal("unreadable", f"the call cannot be judged: {error.message}", error.hint)]
    except Exception as error:  # the last line of defence: whatever goes wrong, nothing passes unseen
        refusals = [_unreadable(f"a fault in git okstra: {type(error).__name__}: {error}")]
    return _answered(client, refusals, warnings)


class _Edited(NamedTuple):
    """The files that a call would write, as it names them, and where it runs."""

    paths: list[str]
    where: str


def _warned(paths: list[str], where: str, environ: Mapping[str, str]) -> list[str]:
    """What is said beside allowing an edit."""
    from git_okstra.operations import guard_warning

    try:
        return guard_warning.lines(paths, where, environ)
    except Exception:  # the edit is allowed: what is only said beside that never stands in its way
        return []


def _told(client: str, warnings: list[str]) -> Answer:
    """The call goes on, and what is said of it reaches person and agent as far as the client has a way for that."""
    import json

    said = "".join(f"okstra: {line}\n" for line in warnings).rstrip("\n")
    document: dict[str, Any]
    if client == "cursor":
        document = {"user_message": said, "agent_message": said}
    else:
        document = {"systemMessage": said}
        if client in ("claude", "codex"):
            document["hookSpecificOutput"] = {"hookEventName": "PreToolUse", "additionalContext": said}
    return Answer(0, json.dumps(document) + "\n", "")


def _answered(client: str, refusals: list[Refusal], warnings: list[str]) -> Answer:
    import json

    if warnings and not refusals:
        return _told(client, warnings)
    if not refusals:
        return Answer(0, "{}\n" if client == "cursor" else "", "")
    said = text(refusals)
    if client != "cursor":
        return Answer(REFUSED, "", said)
    told = said.rstrip("\n")
    document = {"permission": "deny", "user_message": told, "agent_message": told}
    # Names of earlier versions of Cursor.
    document |= {"userMessage": told, "agentMessage": told}
    return Answer(REFUSED, json.dumps(document) + "\n", said)


def _unreadable(why: str) -> Refusal:
    return Refusal(
        "unreadable", why, "the guard refuses what it cannot read; ask the person you work for: git okstra help guard"
    )


def _parsed(data: bytes) -> dict[str, Any]:
    import json

    if len(data) > LARGEST:
        raise _Unreadable(f"the tool call is larger than {LARGEST >> 20} MiB")
    try:
        found = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise _Unreadable("the tool call is not JSON" if data.strip() else "there is no tool call") from None
    if not isinstance(found, dict):
        raise _Unreadable("the tool call is not a JSON object")
    return found


def _recognised(call: dict[str, Any]) -> str:
    event = call.get("hook_event_name")
    if event == "BeforeTool":
        return "gemini"
    if event == "PreToolUse":
        return "codex" if "turn_id" in call else "claude"
    if "cursor_version" in call or "workspace_roots" in call or event in ("preToolUse", "beforeShellExecution"):
        return "cursor"
    if isinstance(event, str) and event:
        return "claude"
    raise _Unreadable("the tool call has no hook_event_name; name the client: git okstra guard --format CLIENT")


def _judged(
    call: dict[str, Any], client: str, directory: str, environ: Mapping[str, str]
) -> tuple[list[Refusal], _Edited | None]:
    """What speaks against the call, and the files that it would edit."""
    event = call.get("hook_event_name")
    if client == "cursor" and event == "beforeShellExecution":
        return _shell(call, call, directory, environ), None
    if event not in (None, "PreToolUse", "BeforeTool", "preToolUse"):
        if isinstance(event, str):
            return [], None  # another moment than before a tool: nothing to judge
        raise _Unreadable("hook_event_name is no text")
    name, given = call.get("tool_name"), call.get("tool_input")
    if not isinstance(name, str) or not name:
        raise _Unreadable("the tool call has no tool_name")
    if isinstance(given, str) and name.lower() not in _EDITORS | _SHELLS:
        given = {}
    if isinstance(given, str):
        given = {"command": given}
    if not isinstance(given, dict):
        raise _Unreadable("the tool call has no tool_input")
    low = name.lower()
    if low in _SHELLS:
        return _shell(given, call, directory, environ), None
    if low in _EDITORS:
        return _edit(low, given, call, directory, environ)
    short = low.rpartition("__")[2].rpartition(":")[2]
    if any(word in short for word in _OTHER_SHELLS) and isinstance(given.get("command"), (str, list)):
        return _shell(given, call, directory, environ), None
    if any(word in short for word in _OTHER_EDITORS) and any(isinstance(given.get(key), str) for key in _PATHS):
        return _edit(low, given, call, directory, environ)
    return [], None


def _directory(given: dict[str, Any], call: dict[str, Any], directory: str) -> str:
    """Where the call runs: what it says itself, relative to what the client says."""
    found = call.get("cwd")
    if not isinstance(found, str) or not found.startswith("/"):
        roots = call.get("workspace_roots")
        found = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], str) else ""
    found = os.path.join(directory, found)
    if given is not call:
        for name in _DIRECTORIES:
            own = given.get(name)
            if isinstance(own, str) and own and "\0" not in own:
                return os.path.join(found, own)
    if "\0" in found:
        raise _Unreadable("the directory of the call holds a null byte")
    return found


def _shell(given: dict[str, Any], call: dict[str, Any], directory: str, environ: Mapping[str, str]) -> list[Refusal]:
    from git_okstra.core import guarding
    from git_okstra.operations.guard_facts import RealWorld

    command = next((given[name] for name in _COMMANDS if name in given), None)
    where = _directory(given, call, directory)
    if isinstance(command, str):
        if "\0" in command:
            raise _Unreadable("the command holds a null byte")
        return guarding.line(command, where, RealWorld(where, environ))
    if isinstance(command, list) and command and all(isinstance(word, str) and "\0" not in word for word in command):
        return guarding.words(command, where, RealWorld(where, environ))
    raise _Unreadable("the tool call has no command")


def _edit(
    name: str, given: dict[str, Any], call: dict[str, Any], directory: str, environ: Mapping[str, str]
) -> tuple[list[Refusal], _Edited]:
    from git_okstra.core import guarding
    from git_okstra.operations.guard_facts import RealWorld

    paths = [given[key] for key in _PATHS if isinstance(given.get(key), str) and given[key]]
    if "patch" in name and not paths:
        patch = next((given[key] for key in _PATCHES if isinstance(given.get(key), str)), "")
        paths = guarding.patched_files(patch)
    if not paths:
        raise _Unreadable("the tool call names no file")
    if any("\0" in path for path in paths):
        raise _Unreadable("a path holds a null byte")
    where = _directory({}, call, directory)
    return list(guarding.edits(paths, where, RealWorld(where, environ))), _Edited(paths, where)
