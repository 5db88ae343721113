"""The settings: what there is, where each may stand, and which scope wins (specification, section 9).

A scope is a set of settings with their places; later scopes win. Tables are merged entry by entry, so that a project's
alias stands beside the ones that come with the program; everything else is replaced whole. What is wrong in a scope is
collected and reported all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from git_okstra.core import agent_defaults, guard_defaults, names, setting_values
from git_okstra.core.errors import OkstraError
from git_okstra.core.setting_values import Fault, Setting, Value

SCOPES = ("built-in", "global", "project", "clone", "environment", "option")
"""Later wins."""

HINT = "see every setting and its type: git okstra help config"

_ALL = ("global", "project", "clone", "environment", "option")
# A committed file decides for everybody who clones: it has no business with a person's machine, locks or trash.
_PERSONAL = ("global", "clone", "environment", "option")
# What holds people to the rules must not be loosened by a variable of the very process that is held to them.
_RULES = ("global", "project", "clone")
# An agent can write the project's file in its own worktree: what holds the agent must not stand there.
_GUARD = ("global", "clone")

# Those of core.lifecycle, which loads more than settings may.
_PHASES = (
    "requirements-discovery",
    "error-analysis",
    "implementation-planning",
    "implementation",
    "final-verification",
    "release-handoff",
)


def _table(*rows: Setting) -> dict[str, Setting]:
    return {row.key: row for row in rows}


SETTINGS: dict[str, Setting] = _table(
    Setting(
        "project.id",
        "string",
        "",
        "the project's id; empty: the name of the main worktree's directory",
        ("project", "clone"),
    ),
    Setting("start.base", "string", "", "the base a task starts from; empty: ask", _ALL),
    Setting("start.fetch", "boolean", False, "fetch before a task is started", _ALL),
    Setting("start.lifecycle", "choice", "light", "the lifecycle of new tasks", _ALL, ("light", "full")),
    Setting(
        "categories.names",
        "strings",
        ("feat", "fix", "hotfix", "chore", "docs", "refactor", "perf", "test", "build", "ci", "style"),
        "the categories a task may have",
        _ALL,
    ),
    Setting(
        "categories.aliases",
        "table",
        {"feature": "feat", "bugfix": "fix", "bug": "fix"},
        "other words for categories; added to those of the scopes before",
        _ALL,
    ),
    Setting("worktree.link", "strings", (), "symlinked from the main worktree into each new one", _ALL),
    Setting("worktree.copy", "strings", (), "copied from the main worktree into each new one", _ALL),
    Setting("worktree.setup", "commands", (), "commands that are run in each new worktree", _ALL),
    Setting("worktree.sparse", "boolean", False, "check out only the directories that a stage needs", _ALL),
    Setting("worktree.sparse_always", "strings", (), "what a sparse worktree has besides what its stage needs", _ALL),
    Setting("trash.keep", "duration", "7d", "how long the trash keeps what was removed", _PERSONAL),
    Setting("undo.keep", "duration", "30d", "how long the operation log keeps an operation", _PERSONAL),
    Setting(
        "policy.protected",
        "strings",
        ("main", "master", "dev", "develop", "staging", "preprod", "prod"),
        "branches that nobody pushes to directly",
        _RULES,
    ),
    Setting(
        "policy.docs",
        "strings",
        ("docs/**", "*.md"),
        "what may be committed before the implementation phase",
        _RULES,
    ),
    Setting("hooks.install", "boolean", True, "install the hooks with the first start", _PERSONAL),
    Setting(
        "hooks.scope",
        "choice",
        "auto",
        "where ref updates are judged: in governed worktrees, or in the whole repository; auto: as git makes it cheap",
        ("global", "clone"),
        ("auto", "worktrees", "repository"),
    ),
    Setting(
        "hooks.push_guard",
        "boolean",
        False,
        "judge pushes on the wire too, against push --no-verify",
        ("global", "clone"),
    ),
    Setting("lock.timeout", "duration", "60s", "how long to wait for a lock", _PERSONAL),
    Setting(
        "lease.expires",
        "duration",
        "30m",
        "how long an owner who works under a lease may give no sign of life",
        _PERSONAL,
    ),
    Setting("verify.timeout", "duration", "30m", "how long one verify command may take", _ALL),
    Setting("verify.commands", "commands", (), "commands that verify runs in the task worktree", _RULES),
    Setting("report.lang", "choice", "en", "the language of the gate's reports", _ALL, ("en", "ko")),
    Setting("checkout.workers", "integer", 0, "processes that check out at once; 0: one a processor", _PERSONAL),
    Setting("checkout.timeout", "duration", "30m", "how long one checkout or merge of git may take", _PERSONAL),
    Setting(
        "guard.publish",
        "strings",
        guard_defaults.PUBLISHING,
        "commands that publish a release, which the guard refuses agents",
        _GUARD,
    ),
    Setting(
        "guard.scratch",
        "strings",
        guard_defaults.SCRATCH,
        "directories outside of the stage in which agents may edit files",
        _GUARD,
    ),
    Setting(
        "guard.warn",
        "boolean",
        True,
        "tell an agent that edits a file which another open stage changes, too",
        _GUARD,
    ),
    Setting("ui.color", "choice", "auto", "colours on a terminal", _PERSONAL, ("auto", "always", "never")),
    Setting(
        "pr.template",
        "path",
        "",
        "the template of pull requests; empty: the one that ships",
        ("global", "project", "clone"),
    ),
    Setting(
        "pr.forge",
        "choice",
        "auto",
        "what kind of forge the remote is on; auto: told from its address",
        _ALL,
        ("auto", "github", "gitlab", "gitea", "bitbucket"),
    ),
    *(
        Setting(
            f"profiles.{phase}.agents",
            "strings",
            ("*",),
            f"the agents that may work in the phase {phase}; '*' is anyone",
            _RULES,
        )
        for phase in _PHASES
    ),
    *(
        Setting(f"agents.{name}.command", "strings", words, f"how git okstra run starts the agent {name}", _RULES)
        for name, words in agent_defaults.COMMANDS.items()
    ),
)


def known(key: str) -> Setting | None:
    """The setting called `key`: a row of the table, or the command of an agent of any name; None when it is none."""
    found = SETTINGS.get(key)
    if found is None and _is_agents(key):
        pattern = SETTINGS["agents.claude.command"]
        name = key.split(".")[1]
        return pattern._replace(key=key, default=(), doc=f"how git okstra run starts the agent {name}")
    return found


def _is_agents(key: str) -> bool:
    """Whether it is `agents.NAME.command`, the name being of letters, digits, `-` and `_`."""
    parts = key.split(".")
    return (
        (len(parts), parts[0], parts[-1]) == (3, "agents", "command")
        and parts[1].isascii()
        and parts[1].replace("-", "a").replace("_", "a").isalnum()
    )


def variable_of(key: str) -> str:
    """The environment variable of a setting: `OKSTRA_START_BASE` for `start.base`."""
    return f"OKSTRA_{key.replace('.', '_').replace('-', '_').upper()}"


VARIABLES: dict[str, str] = {variable_of(key): key for key in SETTINGS} | {"OKSTRA_WORKTREE_SYNC_DIRS": "worktree.link"}
"""The environment variables that are settings. A second name counts only where the first one is not set."""

OTHER_VARIABLES = (
    "OKSTRA_HOME",
    "OKSTRA_OWNER",
    "OKSTRA_TRACE",
    "OKSTRA_TASK",
    "OKSTRA_STAGE",
    "OKSTRA_BRIEF",
    "OKSTRA_PORT",
    "OKSTRA_LEASE",
    "OKSTRA_WITHIN",
)
"""Variables of ours that are no settings; so is everything that begins with `OKSTRA_CRASH` (for tests)."""


class Scope(NamedTuple):
    """The settings of one scope."""

    name: str
    values: Mapping[str, Value]
    where: Callable[[str], str]
    """The place of a key: `FILE:LINE`, a variable, `command line`; empty for built-in."""


class Given(NamedTuple):
    """A value, the scope that gives it, and its place there."""

    scope: str
    value: Value
    """As it was written: a duration is text, a table has only this scope's entries."""
    where: str


class Settings:
    """What counts, and where it comes from. Every method raises OkstraError `bad-config` for an unknown key."""

    def __init__(self, scopes: Sequence[Scope]) -> None:
        """From `scopes` in the order of `SCOPES`, without the built-in one, which is always there."""
        self._scopes = (BUILT_IN, *scopes)

    def get(self, key: str) -> Any:
        """The value that counts, as it is used: str, bool, int, tuple, dict; a duration as its seconds."""
        value = self._merged(key)
        if require(key).kind == "duration":
            return setting_values.seconds(str(value))
        return value

    def text(self, key: str) -> str:
        """The value that counts as `parse_text` reads it, a duration as it was written."""
        return setting_values.as_text(require(key), self._merged(key))

    def origin(self, key: str) -> Given:
        """The scope that decides `key`: the last that gives it. Of a table it decides only what it names."""
        return self.every(key)[-1]

    def every(self, key: str) -> list[Given]:
        """What each scope that has `key` says, the winner last."""
        setting = require(key)
        found = [
            Given(scope.name, scope.values[key], scope.where(key)) for scope in self._scopes if key in scope.values
        ]
        return found or [Given(BUILT_IN.name, setting.default, "")]

    def every_key(self) -> list[str]:
        """Every setting there is, those of the table first, then the commands of agents that a scope adds."""
        added = {key for scope in self._scopes for key in scope.values if key not in SETTINGS}
        return [*SETTINGS, *sorted(added)]

    def _merged(self, key: str) -> Value:
        setting = require(key)
        given = [scope.values[key] for scope in self._scopes if key in scope.values]
        if setting.kind == "table":
            return {name: each for table in given if isinstance(table, dict) for name, each in table.items()}
        return given[-1] if given else setting.default


BUILT_IN = Scope("built-in", {key: setting.default for key, setting in SETTINGS.items()}, lambda _key: "")


def require(key: str) -> Setting:
    """The setting called `key`. Raises OkstraError `bad-config` with the near miss."""
    setting = known(key)
    if setting is None:
        raise fault_error([unknown(key)])
    return setting


def unknown(key: str) -> str:
    """The fault of a key that is none, with the near miss if there is one."""
    near = suggest(key)
    text = f"there is no setting '{names.printable(key)}'"
    return f"{text}; did you mean {near}?" if near else text


def suggest(key: str) -> str | None:
    """The setting that was probably meant by `key`, or None."""
    lower = key.lower()
    by_name = [known for known in SETTINGS if known.rpartition(".")[2] == lower.rpartition(".")[2]]
    if len(by_name) == 1:
        return by_name[0]
    import difflib

    return next(iter(difflib.get_close_matches(lower, SETTINGS, 1, 0.7)), None)


def check_value(key: str, value: object) -> Value | Fault:
    """`value`, of a type that TOML has, as the value of `key`; or the fault, of the key or of the value."""
    setting = known(key)
    return Fault(unknown(key)) if setting is None else setting_values.check(setting, value)


def parse_text(key: str, text: str) -> Value | Fault:
    """The value of `key` written as `text` in a variable or on the command line; or the fault."""
    setting = known(key)
    return Fault(unknown(key)) if setting is None else setting_values.parse(setting, text)


def misplaced(key: str, scope: str) -> str | None:
    """The fault of `key` standing in `scope`, where it may not; None when it may. The key is a known one."""
    allowed = require(key).scopes
    if scope in allowed:
        return None
    return f"{key} may not stand in the {scope} scope, only in: {', '.join(allowed)}"


def stray(key: str, scope: str, value: Value) -> str | None:
    """The fault of a path that leads where none may from `scope`; None for a path that may, or what is no path.

    One in a committed file stays in the project; one in a file of all repositories belongs to no project.
    """
    path = str(value)
    if require(key).kind != "path" or not path:
        return None
    anchored = path.startswith(("/", "~/"))
    if scope == "global" and not anchored:
        return f"{key} must be absolute or begin with '~/' in the global scope, not be '{names.printable(path)}'"
    if (scope == "project" and anchored) or (not anchored and (path.startswith("~") or ".." in path.split("/"))):
        return f"{key} must lie in the project, named from its root, in the {scope} scope: '{names.printable(path)}'"
    return None


def not_a_section(name: str) -> str:
    """The fault of a section's name standing for something else."""
    return f"{name} is a section of settings and must be a table"


def read_table(
    name: str, document: Mapping[str, object], where: Callable[[tuple[str, ...]], str]
) -> tuple[Scope, list[str]]:
    """The scope called `name` from what a TOML file holds, and the faults in it.

    `where` answers with the place of a path, such as `FILE:LINE`; it is asked only when a place is needed.
    """
    values: dict[str, Value] = {}
    faults: list[str] = []
    for path, value in _leaves(document, ()):
        key = ".".join(path)
        if known(key) is None or len(path) != key.count(".") + 1:
            faults.append(f"{where(path)}: {_unknown_path(path)}")
            continue
        checked = check_value(key, value)
        wrong = misplaced(key, name) or (checked.text if isinstance(checked, Fault) else stray(key, name, checked))
        if wrong is not None:
            faults.append(f"{where(path)}: {wrong}")
        elif not isinstance(checked, Fault):
            values[key] = checked
    return Scope(name, values, lambda key: where(tuple(key.split(".")))), faults


def read_environment(environ: Mapping[str, str]) -> tuple[Scope, list[str]]:
    """The scope `environment` from the variables that begin with `OKSTRA_`, and the faults in it.

    An empty variable is an empty list where a list is asked for, and as good as not set everywhere else.
    """
    values: dict[str, Value] = {}
    places: dict[str, str] = {}
    faults: list[str] = []
    for variable in environ:
        if not variable.startswith("OKSTRA_") or variable in OTHER_VARIABLES:
            continue
        if variable.startswith("OKSTRA_CRASH"):
            continue
        key = VARIABLES.get(variable)
        if key is None:
            faults.append(_unknown_variable(variable))
            continue
        own = variable_of(key)
        text = environ[variable]
        if (variable != own and own in environ) or (not text and SETTINGS[key].kind not in ("strings", "commands")):
            continue
        value = parse_text(key, text)
        wrong = misplaced(key, "environment") or (value.text if isinstance(value, Fault) else None)
        if wrong is not None:
            faults.append(f"{variable}: {wrong}")
        elif not isinstance(value, Fault):
            values[key] = value
            places[key] = variable
    return Scope("environment", values, places.__getitem__), faults


def read_options(options: Mapping[str, object]) -> tuple[Scope, list[str]]:
    """The scope `option` from what was given on the command line, by key; None is not given."""
    given = {key: value for key, value in options.items() if value is not None}
    checked = {key: check_value(key, value) for key, value in given.items()}
    faults = [value.text for value in checked.values() if isinstance(value, Fault)]
    faults += [wrong for key in given if key in SETTINGS and (wrong := misplaced(key, "option"))]
    values = {key: value for key, value in checked.items() if not isinstance(value, Fault)}
    return Scope("option", values, lambda _key: "command line"), faults


def fault_error(faults: Sequence[str]) -> OkstraError:
    """The error that reports `faults`, one a line."""
    return OkstraError("bad-config", "\n".join(faults), HINT)


def _leaves(table: Mapping[str, object], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """What `table` holds by path: the values, the tables that are a setting themselves, and what is no section."""
    for name, value in table.items():
        path = (*above, name)
        if isinstance(value, Mapping) and value and not (len(path) == 2 and ".".join(path) in SETTINGS):
            yield from _leaves(value, path)
        elif value != {} or not is_section(".".join(path)):
            yield path, value


def is_section(name: str) -> bool:
    """Whether settings stand below `name`."""
    return any(key.startswith(f"{name}.") for key in SETTINGS) or _is_agents(f"{name}.command")


def _unknown_path(path: tuple[str, ...]) -> str:
    key = ".".join(path)
    if is_section(key):
        return not_a_section(key)
    if known(key) is not None:
        section, _, name = key.partition(".")
        return f"'{key}' in quotes is one name; write {key} without them, or {name} below [{section}]"
    return unknown(key)


def _unknown_variable(variable: str) -> str:
    import difflib

    near = difflib.get_close_matches(variable, [*VARIABLES, *OTHER_VARIABLES], 1, 0.7)
    text = f"the environment variable {names.printable(variable)} is no setting"
    return f"{text}; did you mean {near[0]}?" if near else f"{text}; unset it"
