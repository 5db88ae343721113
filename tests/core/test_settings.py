"""The table of settings, the scopes and their order, near misses, and faults reported all at once."""

from __future__ import annotations

import pytest

from git_okstra.core import setting_values, settings
from git_okstra.core.errors import OkstraError
from git_okstra.core.setting_values import Fault
from git_okstra.core.settings import SETTINGS, Given, Scope, Settings


def place(path: tuple[str, ...]) -> str:
    return "FILE:" + "/".join(path)


def scope(name: str, **values: setting_values.Value) -> Scope:
    return Scope(name, {key.replace("__", "."): value for key, value in values.items()}, lambda key: f"{name}:{key}")


@pytest.mark.parametrize("key", list(SETTINGS))
def test_every_row_of_the_table_is_in_order(key: str) -> None:
    row = SETTINGS[key]
    assert row.key == key
    assert key.count(".") == (2 if key.startswith(("profiles.", "agents.")) else 1)
    assert key == key.lower()
    assert setting_values.check(row, row.default) == row.default
    assert setting_values.parse(row, setting_values.as_text(row, row.default)) == row.default
    assert row.scopes
    assert set(row.scopes) <= set(settings.SCOPES[1:])
    assert (row.kind == "choice") == bool(row.choices)
    assert row.doc
    assert "\n" not in row.doc
    assert not row.doc.endswith(".")


def test_every_setting_has_one_variable_and_none_is_taken() -> None:
    assert len(set(settings.VARIABLES)) == len(SETTINGS) + 1
    assert set(settings.VARIABLES.values()) == set(SETTINGS)
    assert not set(settings.VARIABLES) & set(settings.OTHER_VARIABLES)
    assert not any(variable.startswith("OKSTRA_CRASH") for variable in settings.VARIABLES)


def test_the_built_in_values_are_those_of_the_specification() -> None:
    built_in = Settings([])
    names = "feat fix hotfix chore docs refactor perf test build ci style"
    assert built_in.get("categories.names") == tuple(names.split())
    assert built_in.get("categories.aliases") == {"feature": "feat", "bugfix": "fix", "bug": "fix"}
    assert built_in.get("policy.protected") == ("main", "master", "dev", "develop", "staging", "preprod", "prod")
    assert built_in.get("policy.docs") == ("docs/**", "*.md")
    assert built_in.get("worktree.link") == ()
    assert built_in.get("start.lifecycle") == "light"
    assert built_in.get("trash.keep") == 7 * 86400
    assert built_in.text("trash.keep") == "7d"
    assert built_in.get("lock.timeout") == 60
    assert built_in.get("checkout.workers") == 0
    assert built_in.origin("start.base") == Given("built-in", "", "")


def test_later_scopes_win_and_every_value_can_be_seen() -> None:
    found = Settings(
        [scope("global", start__base="g"), scope("project"), scope("clone", start__base="c"), scope("option")]
    )
    assert found.get("start.base") == "c"
    assert found.origin("start.base") == Given("clone", "c", "clone:start.base")
    assert found.every("start.base") == [
        Given("built-in", "", ""),
        Given("global", "g", "global:start.base"),
        Given("clone", "c", "clone:start.base"),
    ]


def test_a_list_replaces_the_one_before_and_an_empty_one_counts() -> None:
    found = Settings([scope("global", worktree__link=("a", "b")), scope("clone", worktree__link=())])
    assert found.get("worktree.link") == ()


def test_tables_are_merged_entry_by_entry() -> None:
    found = Settings(
        [scope("global", categories__aliases={"doc": "docs"}), scope("clone", categories__aliases={"bug": "hotfix"})]
    )
    assert found.get("categories.aliases") == {"feature": "feat", "bugfix": "fix", "bug": "hotfix", "doc": "docs"}
    assert found.text("categories.aliases") == "feature=feat,bugfix=fix,bug=hotfix,doc=docs"
    assert found.origin("categories.aliases").value == {"bug": "hotfix"}
    assert SETTINGS["categories.aliases"].default == {"feature": "feat", "bugfix": "fix", "bug": "fix"}


def test_a_duration_is_seconds_for_the_program_and_text_for_people() -> None:
    found = Settings([scope("clone", trash__keep="1h 30m")])
    assert found.get("trash.keep") == 5400
    assert found.text("trash.keep") == "1h 30m"


def test_the_place_of_a_value_is_only_looked_up_when_asked_for() -> None:
    def never(key: str) -> str:
        raise AssertionError(key)

    assert Settings([Scope("clone", {"start.base": "x"}, never)]).get("start.base") == "x"


@pytest.mark.parametrize("ask", ["get", "text", "origin", "every"])
def test_an_unknown_key_is_refused_with_the_near_miss(ask: str) -> None:
    with pytest.raises(OkstraError) as caught:
        getattr(Settings([]), ask)("worktree.lnik")
    assert caught.value.code == "bad-config"
    assert caught.value.message == "there is no setting 'worktree.lnik'; did you mean worktree.link?"
    assert caught.value.hint == settings.HINT


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("worktree.links", "worktree.link"),
        ("Start.Base", "start.base"),
        ("base", "start.base"),
        ("task.base", "start.base"),
        ("start.lifecyle", "start.lifecycle"),
        ("lock.timout", "lock.timeout"),
        ("verify.time_out", "verify.timeout"),
        ("worktree_link", "worktree.link"),
        ("zzz", None),
        ("", None),
        ("user.email", None),
    ],
)
def test_suggest(typed: str, meant: str | None) -> None:
    assert settings.suggest(typed) == meant


def test_an_unknown_key_cannot_write_to_the_terminal() -> None:
    assert settings.unknown("\x1b[2J") == "there is no setting '\\x1b[2J'"


def test_check_value_and_parse_text_know_the_key() -> None:
    assert settings.check_value("start.fetch", True) is True
    assert settings.check_value("start.fetch", "true") == Fault("start.fetch must be true or false, not 'true'")
    assert settings.check_value("strat.fetch", True) == Fault(
        "there is no setting 'strat.fetch'; did you mean start.fetch?"
    )
    assert settings.parse_text("start.fetch", "true") is True
    assert settings.parse_text("strat.fetch", "true") == settings.check_value("strat.fetch", True)


def test_a_table_is_read_into_a_scope() -> None:
    document = {
        "start": {"base": "main", "fetch": True},
        "worktree": {"link": ["node_modules"]},
        "categories": {"aliases": {"doc": "docs"}},
        "ui": {},
    }
    found, faults = settings.read_table("global", document, place)
    assert faults == []
    assert found.name == "global"
    assert found.values == {
        "start.base": "main",
        "start.fetch": True,
        "worktree.link": ("node_modules",),
        "categories.aliases": {"doc": "docs"},
    }
    assert found.where("start.base") == "FILE:start/base"


def test_all_faults_of_a_table_are_reported_at_once_and_the_rest_is_read() -> None:
    document = {
        "start": {"bsae": "main", "fetch": "yes", "base": "dev"},
        "worktree": 5,
        "statr": {"lifecycle": "full"},
        "nonsense": {},
        "trash": {"keep": 7},
        "ui": {"color": {"a": 1}},
        "start.base": "x",
        "policy": [{"docs": []}],
        "a": {"b": {"c": 1}},
        "profiles": {"implementation": 5, "planning": {"agents": []}, "error-analysis": {}},
    }
    found, faults = settings.read_table("clone", document, place)
    assert faults == [
        "FILE:start/bsae: there is no setting 'start.bsae'; did you mean start.base?",
        "FILE:start/fetch: start.fetch must be true or false, not 'yes'",
        "FILE:worktree: worktree is a section of settings and must be a table",
        "FILE:statr/lifecycle: there is no setting 'statr.lifecycle'; did you mean start.lifecycle?",
        "FILE:nonsense: there is no setting 'nonsense'",
        'FILE:trash/keep: trash.keep must be a duration such as "90s", "30m" or "7d", not 7',
        "FILE:ui/color: ui.color must be one of auto, always, never, not a table",
        "FILE:start.base: 'start.base' in quotes is one name; write start.base without them, or base below [start]",
        "FILE:policy: policy is a section of settings and must be a table",
        "FILE:a/b/c: there is no setting 'a.b.c'",
        "FILE:profiles/implementation: profiles.implementation is a section of settings and must be a table",
        "FILE:profiles/planning/agents: there is no setting 'profiles.planning.agents'; "
        "did you mean profiles.implementation.agents?",
    ]
    assert found.values == {"start.base": "dev"}


@pytest.mark.parametrize(
    ("key", "refused"),
    [
        ("project.id", {"global", "environment", "option"}),
        ("trash.keep", {"project"}),
        ("lock.timeout", {"project"}),
        ("ui.color", {"project"}),
        ("checkout.workers", {"project"}),
        ("policy.protected", {"environment", "option"}),
        ("policy.docs", {"environment", "option"}),
        ("worktree.setup", set()),
        ("pr.template", {"environment", "option"}),
        ("profiles.implementation.agents", {"environment", "option"}),
    ],
)
def test_where_a_setting_may_not_stand(key: str, refused: set[str]) -> None:
    assert {name for name in settings.SCOPES[1:] if settings.misplaced(key, name)} == refused


@pytest.mark.parametrize(
    ("scope", "path", "fault"),
    [
        ("project", "docs/pr.md", None),
        ("project", "/etc/passwd", "must lie in the project"),
        ("project", "~/pr.md", "must lie in the project"),
        ("project", "~ada/pr.md", "must lie in the project"),
        ("project", "docs/../../pr.md", "must lie in the project"),
        ("global", "/srv/pr.md", None),
        ("global", "~/pr.md", None),
        ("global", "pr.md", "must be absolute"),
        ("global", "~ada/pr.md", "must be absolute"),
        ("clone", "/srv/pr.md", None),
        ("clone", "~/pr.md", None),
        ("clone", "pr.md", None),
        ("clone", "../pr.md", "must lie in the project"),
        ("clone", "", None),
    ],
)
def test_where_a_path_may_lead(scope: str, path: str, fault: str | None) -> None:
    found, faults = settings.read_table(scope, {"pr": {"template": path}}, place)
    if fault is None:
        assert (found.values, faults) == ({"pr.template": path}, [])
    else:
        assert found.values == {}
        assert len(faults) == 1 and faults[0].startswith(f"FILE:pr/template: pr.template {fault}")


def test_a_setting_in_the_wrong_scope_is_a_fault_in_each_kind_of_scope() -> None:
    found, faults = settings.read_table("project", {"trash": {"keep": "0s"}}, place)
    assert faults == [
        "FILE:trash/keep: trash.keep may not stand in the project scope, only in: global, clone, environment, option"
    ]
    assert found.values == {}
    wrong = "policy.docs may not stand in the {} scope, only in: global, project, clone"
    found, faults = settings.read_environment({"OKSTRA_POLICY_DOCS": "**"})
    assert (dict(found.values), faults) == ({}, ["OKSTRA_POLICY_DOCS: " + wrong.format("environment")])
    found, faults = settings.read_options({"policy.docs": ("**",)})
    assert faults == [wrong.format("option")]


def test_the_environment() -> None:
    found, faults = settings.read_environment(
        {
            "HOME": "/nowhere",
            "OKSTRA_START_BASE": "dev",
            "OKSTRA_START_FETCH": "yes",
            "OKSTRA_WORKTREE_COPY": ".env, .npmrc",
            "OKSTRA_WORKTREE_SETUP": "npm ci",
            "OKSTRA_CATEGORIES_ALIASES": "doc=docs",
            "OKSTRA_TRASH_KEEP": "1d",
        }
    )
    assert faults == []
    assert found.name == "environment"
    assert found.values == {
        "start.base": "dev",
        "start.fetch": True,
        "worktree.copy": (".env", ".npmrc"),
        "worktree.setup": ("npm ci",),
        "categories.aliases": {"doc": "docs"},
        "trash.keep": "1d",
    }
    assert found.where("trash.keep") == "OKSTRA_TRASH_KEEP"


@pytest.mark.parametrize(
    "variable", [*settings.OTHER_VARIABLES, "OKSTRA_CRASH_AT", "OKSTRA_CRASH_LOG", "XOKSTRA_FOO", "GIT_OKSTRA_FOO"]
)
def test_variables_that_are_no_settings_are_ignored(variable: str) -> None:
    found, faults = settings.read_environment({variable: "anything"})
    assert (dict(found.values), faults) == ({}, [])


def test_sync_dirs_is_a_second_name_for_worktree_link() -> None:
    found, faults = settings.read_environment({"OKSTRA_WORKTREE_SYNC_DIRS": "node_modules,.venv"})
    assert faults == []
    assert found.values == {"worktree.link": ("node_modules", ".venv")}
    assert found.where("worktree.link") == "OKSTRA_WORKTREE_SYNC_DIRS"


@pytest.mark.parametrize("first", ["OKSTRA_WORKTREE_LINK", "OKSTRA_WORKTREE_SYNC_DIRS"])
def test_the_own_name_of_a_variable_counts_before_the_second_one(first: str) -> None:
    both = {"OKSTRA_WORKTREE_LINK": "own", "OKSTRA_WORKTREE_SYNC_DIRS": "second"}
    ordered = {first: both.pop(first), **both}
    found, faults = settings.read_environment(ordered)
    assert faults == []
    assert found.values == {"worktree.link": ("own",)}
    assert found.where("worktree.link") == "OKSTRA_WORKTREE_LINK"


def test_an_empty_variable_is_an_empty_list_or_not_set() -> None:
    found, faults = settings.read_environment(
        {
            "OKSTRA_WORKTREE_LINK": "",
            "OKSTRA_WORKTREE_SETUP": "",
            "OKSTRA_START_BASE": "",
            "OKSTRA_UI_COLOR": "",
            "OKSTRA_CATEGORIES_ALIASES": "",
        }
    )
    assert faults == []
    assert found.values == {"worktree.link": (), "worktree.setup": ()}


def test_faults_of_the_environment_name_the_variable() -> None:
    found, faults = settings.read_environment(
        {
            "OKSTRA_START_BSAE": "dev",
            "OKSTRA_ONWER": "me",
            "OKSTRA_ZZZ": "",
            "OKSTRA_UI_COLOR": "blue",
            "OKSTRA_LOCK_TIMEOUT": "5",
            "OKSTRA_START_LIFECYCLE": "full",
        }
    )
    assert faults == [
        "the environment variable OKSTRA_START_BSAE is no setting; did you mean OKSTRA_START_BASE?",
        "the environment variable OKSTRA_ONWER is no setting; did you mean OKSTRA_OWNER?",
        "the environment variable OKSTRA_ZZZ is no setting; unset it",
        "OKSTRA_UI_COLOR: ui.color must be one of auto, always, never, not 'blue'",
        'OKSTRA_LOCK_TIMEOUT: lock.timeout must be a duration such as "90s", "30m" or "7d", not \'5\'',
    ]
    assert found.values == {"start.lifecycle": "full"}


def test_options() -> None:
    found, faults = settings.read_options({"start.base": "dev", "start.fetch": None, "worktree.link": ["a"]})
    assert faults == []
    assert found.values == {"start.base": "dev", "worktree.link": ("a",)}
    assert found.where("start.base") == "command line"
    _, faults = settings.read_options({"start.base": 1, "start.lifecycle": "heavy"})
    assert faults == [
        "start.base must be a string, not 1",
        "start.lifecycle must be one of light, full, not 'heavy'",
    ]


def test_faults_become_one_error_with_a_line_each() -> None:
    error = settings.fault_error(["one", "two"])
    assert (error.code, error.status, error.message) == ("bad-config", 2, "one\ntwo")
