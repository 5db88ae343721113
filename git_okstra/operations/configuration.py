"""`git okstra config`: reading, setting and explaining settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from git_okstra.core import agents, setting_values, settings
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.core.setting_values import Fault, Value
from git_okstra.git import repository
from git_okstra.operations.context import Context
from git_okstra.state import config, trust
from git_okstra.state.registry import Registry
from git_okstra.state.store import Store

COMMANDS = tuple(key for key, setting in settings.SETTINGS.items() if setting.kind == "commands")
"""The settings that hold commands which are run by themselves."""


@dataclass(frozen=True, slots=True)
class Line:
    """One setting in one scope: the value as JSON knows it and as text, where it comes from, whether it wins."""

    key: str
    scope: str
    value: Value
    text: str
    origin: str
    wins: bool


def every(ctx: Context, key: str) -> list[Line]:
    """What each scope that sets `key` says, the winner last. Raises `bad-config` for an unknown key."""
    given = ctx.settings.every(key)
    return [_line(key, one, one is given[-1]) for one in given]


def winning(ctx: Context, key: str) -> Line:
    """The value that counts. Raises `bad-config` for an unknown key."""
    return _line(key, ctx.settings.origin(key), True)


def listed(ctx: Context) -> list[Line]:
    """The value that counts of every setting."""
    return [winning(ctx, key) for key in ctx.settings.every_key()]


def set_value(ctx: Context, key: str, words: Sequence[str], scope: str, *, dry_run: bool) -> tuple[str, Value]:
    """Write the setting into the file of `scope`; the file and the value. Raises `bad-config`."""
    setting = settings.require(key)
    value = _parsed(key, setting.kind, words)
    wrong = settings.misplaced(key, scope) or settings.stray(key, scope, value)
    if wrong:
        raise OkstraError("bad-config", wrong, settings.HINT)
    path = _path(ctx, scope)
    if not dry_run:
        with _locked(ctx):
            config.set_value(path, key, value, draft=_draft(ctx, scope))
    return path, value


def unset_value(ctx: Context, key: str, scope: str, *, dry_run: bool) -> tuple[str, bool]:
    """Take the setting out of the file of `scope`; the file, and whether it was there. Raises `bad-config`."""
    settings.require(key)
    path = _path(ctx, scope)
    if dry_run:
        return path, any(given.scope == scope for given in ctx.settings.every(key))
    with _locked(ctx):
        return path, config.unset_value(path, key, draft=_draft(ctx, scope))


def project_commands(ctx: Context) -> tuple[tuple[str, ...], ...]:
    """The lists of commands that the project's committed file asks for; one that another scope decides is left out.

    The command of an agent is a list of one line.
    """
    lists = (ctx.settings.get(key) for key in COMMANDS if ctx.settings.origin(key).scope == "project")
    ours = (key for key in ctx.settings.every_key() if key.startswith("agents."))
    from_project = [key for key in ours if ctx.settings.origin(key).scope == "project"]
    started = ((agents.trusted_text(key.split(".")[1], ctx.settings.get(key)),) for key in from_project)
    return (*(commands for commands in lists if commands), *started)


def is_trusted(ctx: Context, lists: Sequence[Sequence[str]]) -> bool:
    """Whether exactly these commands were approved in this clone."""
    return all(trust.trusted(ctx.common_dir, commands) for commands in lists)


def trust_commands(ctx: Context, lists: Sequence[Sequence[str]]) -> None:
    """Approve exactly these commands of the project's file, in this clone."""
    with _locked(ctx):
        for commands in lists:
            trust.trust(ctx.common_dir, commands, ctx.owner, ctx.now())


def untrust_commands(ctx: Context, *, dry_run: bool) -> bool:
    """Take back every approval in this clone; whether there was any. Works on a damaged record, too."""
    if dry_run:
        return trust.recorded(ctx.common_dir)
    with _locked(ctx):
        return trust.untrust(ctx.common_dir)


def _locked(ctx: Context) -> AbstractContextManager[None]:
    """The lock over the files that are written: the repository's store, outside of one the user's registry.

    Made without reading any setting: a damaged file must not keep anybody from mending it.
    """
    found = repository.discover(ctx.directory, ctx.environ)
    return Store(found.common_dir).locked() if found else Registry(ctx.home).locked()


def _draft(ctx: Context, scope: str) -> str | None:
    """Where the temporary file is: nothing of ours is left in the project's own directory by a crash."""
    return ctx.store.root if scope == "project" else None


def _parsed(key: str, kind: str, words: Sequence[str]) -> Value:
    if kind in ("strings", "commands") and len(words) != 1:
        checked = settings.check_value(key, list(words))
    else:
        checked = settings.parse_text(key, " ".join(words))
    if isinstance(checked, Fault):
        raise OkstraError("bad-config", checked.text, settings.HINT)
    return checked


def _path(ctx: Context, scope: str) -> str:
    found = repository.discover(ctx.directory, ctx.environ)
    paths = config.paths(ctx.home, found.common_dir if found else None, found.worktree if found else None)
    if scope not in paths:
        if found is None:
            repository.require_repository(ctx.directory, ctx.environ)
        raise OkstraError("bad-config", f"there is no worktree here for the scope '{scope}'", "use --scope clone")
    return paths[scope]


def _line(key: str, given: settings.Given, wins: bool) -> Line:
    text = setting_values.as_text(settings.require(key), given.value)
    return Line(key, given.scope, given.value, text, given.where, wins)
