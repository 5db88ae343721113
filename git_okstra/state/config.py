"""The settings' files: reading those of every scope, and changing one key in one of them.

`load` promises that nothing is read but what is there, that every fault of every file and variable is reported at once
with file and line, and that tomllib is imported only when there is a file. `set_value` and `unset_value` keep the
user's comments and layout. Somebody who changes a file at the same moment may lose one of the two changes, never the
file: hold the store lock around them where that matters.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from typing import Any

from git_okstra.core import settings
from git_okstra.core.errors import OkstraError
from git_okstra.core.setting_values import Fault
from git_okstra.core.settings import Scope, Settings
from git_okstra.state import files

LARGEST = 1 << 20
"""The most bytes a settings file may have."""


def paths(okstra_home: str, common_dir: str | None, project_root: str | None) -> dict[str, str]:
    """The file of each scope that has one here: `global`, `project`, `clone`."""
    found = {"global": os.path.join(okstra_home, "config.toml")}
    if project_root is not None:
        found["project"] = os.path.join(project_root, ".okstra.toml")
    if common_dir is not None:
        found["clone"] = os.path.join(common_dir, "okstra", "config.toml")
    return found


def load(
    okstra_home: str,
    common_dir: str | None,
    project_root: str | None,
    environ: Mapping[str, str],
    options: Mapping[str, object] | None = None,
    *,
    committed: bytes | None = None,
) -> Settings:
    """The settings that count here.

    `project_root` is the root of the worktree whose `.okstra.toml` counts; `committed` is that file's content where
    another than the worktree's counts. `options` are values from the command line by key; None is not given. Raises
    OkstraError `bad-config` with all faults, one a line.
    """
    scopes: list[Scope] = []
    faults: list[str] = []
    for name, path in paths(okstra_home, common_dir, project_root).items():
        try:
            data = committed if name == "project" and committed is not None else _read(path)
            if data is None:
                continue
            scope, wrong = read_file(name, path, data)
        except OkstraError as error:
            faults.append(error.message)
            continue
        scopes.append(scope)
        faults += wrong
    for scope, wrong in (settings.read_environment(environ), settings.read_options(options or {})):
        scopes.append(scope)
        faults += wrong
    if faults:
        raise settings.fault_error(faults)
    return Settings(scopes)


def read_file(name: str, path: str, data: bytes) -> tuple[Scope, list[str]]:
    """The scope called `name` from the content of a file, and its faults. `path` is only for messages.

    Raises OkstraError `bad-config` when the content is no TOML.
    """
    text = _decoded(path, data)
    document = _parsed(path, text)

    def where(place: tuple[str, ...]) -> str:
        from git_okstra.core import toml_text

        return f"{path}:{toml_text.line_of(text, place)}"

    return settings.read_table(name, document, where)


def set_value(path: str, key: str, value: object, *, draft: str | None = None) -> bool:
    """Set `key` in the settings file at `path`, which is made if it is missing; False when it stood there so already.

    `draft` is as in `files.write_atomic`.

    Raises OkstraError `bad-config` for an unknown key, a wrong value, or a file that is no TOML.
    """
    settings.require(key)
    checked = settings.check_value(key, value)
    if isinstance(checked, Fault):
        raise settings.fault_error([checked.text])
    plain = list(checked) if isinstance(checked, tuple) else checked
    place = tuple(key.split("."))
    text = _decoded(path, _read(path) or b"")
    document = _parsed(path, text)

    from git_okstra.core import toml_text

    try:
        wanted = toml_text.assigned(document, place, plain)
    except KeyError:
        above = next(place[:end] for end in range(1, len(place)) if not toml_text.is_table(document, place[:end]))
        line = toml_text.line_of(text, above)
        raise settings.fault_error([f"{path}:{line}: {settings.not_a_section('.'.join(above))}"]) from None
    if wanted == document:
        return False
    _write(path, _edited(toml_text.assign, text, wanted, place, plain), draft)
    return True


def unset_value(path: str, key: str, *, draft: str | None = None) -> bool:
    """Take `key`, which may be unknown, out of the settings file at `path`; False when it is not there.

    `draft` is as in `files.write_atomic`.

    Raises OkstraError `bad-config` for a whole section, or a file that is no TOML.
    """
    data = _read(path)
    if data is None:
        return False
    text = _decoded(path, data)
    document = _parsed(path, text)

    from git_okstra.core import toml_text

    if settings.is_section(key):
        raise settings.fault_error([f"{key} is a section of settings; unset one key of it at a time"])
    # An unknown key may be a name with a dot in it; that one is meant when there is no other.
    place = tuple(key.split("."))
    if not toml_text.holds(document, place):
        place = (key,)
        if not toml_text.holds(document, place):
            return False
    _write(path, _edited(toml_text.remove, text, toml_text.removed(document, place), place), draft)
    return True


def _edited(edit: Callable[..., str | None], text: str, wanted: Mapping[str, Any], *change: object) -> str:
    """The outcome of `edit`, or the whole of `wanted` written anew when the layout could not be kept."""
    edited = edit(text, *change)
    if edited is not None:
        return edited
    import tomli_w

    return tomli_w.dumps(wanted)


def _read(path: str) -> bytes | None:
    """The content of a settings file, None when there is none. Links are followed; what is no file, or too large for a
    settings file, is refused before it is opened (a committed `.okstra.toml` may point to anything)."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(path):
            raise settings.fault_error([f"{path}: is a symbolic link to nothing"]) from None
        return None
    except OSError as error:
        raise settings.fault_error([f"{path}: {_reason(error)}"]) from None
    if not stat.S_ISREG(found.st_mode):
        raise settings.fault_error([f"{path}: is not a file"])
    if found.st_size > LARGEST:
        raise settings.fault_error([f"{path}: is larger than a settings file may be ({LARGEST >> 10} KiB)"])
    try:
        return files.read(path)
    except OkstraError as error:
        raise settings.fault_error([error.message]) from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _decoded(path: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise settings.fault_error([f"{path}:{line}: is not UTF-8"]) from None


def _parsed(path: str, text: str) -> dict[str, Any]:
    if not text:
        return {}
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise settings.fault_error([f"{path}: is nested too deeply"]) from None
    except ValueError as error:
        raise settings.fault_error([_syntax_fault(path, text, str(error))]) from None


def _syntax_fault(path: str, text: str, message: str) -> str:
    """tomllib's message with its place moved to the front: `FILE:LINE:COLUMN: what`."""
    what, _, place = message.rpartition(" (at ")
    line, _, column = place.rstrip(")").removeprefix("line ").partition(", column ")
    if line.isdecimal() and column.isdecimal():
        return f"{path}:{line}:{column}: {what[:1].lower()}{what[1:]}"
    if what:
        return f"{path}:{text.count(chr(10)) + 1}: {what[:1].lower()}{what[1:]} at the end of the file"
    return f"{path}: {message[:1].lower()}{message[1:]}"


def _write(path: str, text: str, draft: str | None) -> None:
    """Replace the file's content, keeping its mode, and the link if it is reached through one."""
    target = os.path.realpath(path)
    try:
        mode = stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        mode = 0o644
    files.write_atomic(target, text.encode(), mode, draft=draft)
