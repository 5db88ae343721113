"""The command of an agent, and the ports of a worktree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import agent_defaults, agents, ports, settings
from git_okstra.core.errors import OkstraError
from git_okstra.core.settings import Scope, Settings

VALUES = {name: f"<{name}>" for name in agents.PLACEHOLDERS}


def test_placeholders_are_filled_once_and_other_braces_stay() -> None:
    words = ["run", "--json={}", "{stage}{Stage}", "{{brief}}", "{ task }"]
    agents.require_sound("x", words)
    filled = agents.filled(words, VALUES | {"brief": "{task}"})
    assert filled == ("run", "--json={}", "<stage>{Stage}", "{{task}}", "{ task }")


@pytest.mark.parametrize("words", [[], ["run", "{worktre}"], ["{stage} {N} {x}"]])
def test_what_cannot_be_run_is_refused(words: list[str]) -> None:
    with pytest.raises(OkstraError) as refused:
        agents.require_sound("x", words)
    assert refused.value.code == "bad-config"
    assert "agents.x.command" in refused.value.message


@pytest.mark.parametrize("name", agent_defaults.COMMANDS)
def test_the_agents_that_come_along_are_sound_and_get_the_brief(name: str) -> None:
    words = Settings([]).get(agents.setting(name))
    agents.require_sound(name, words)
    assert words[0] == name
    assert any("{brief}" in word for word in words)


def test_an_agent_of_any_name_has_a_command_in_the_scopes_that_rules_may_stand_in() -> None:
    own = Scope("clone", {"agents.my-bot_2.command": ("bot",)}, lambda _key: "here")
    found = Settings([own])
    assert found.get("agents.my-bot_2.command") == ("bot",)
    assert found.get("agents.other.command") == ()
    assert found.origin("agents.other.command").scope == "built-in"
    assert found.every_key()[-1] == "agents.my-bot_2.command"
    assert settings.misplaced("agents.my-bot_2.command", "environment")
    for key in (
        "agents",
        "agents.x",
        "agents.x.y.command",
        "agents..command",
        "agents.a b.command",
        "agents.x.commands",
    ):
        assert settings.known(key) is None, key
    document = {"agents": {"bot": {"command": ["bot", "{brief}"]}, "worse": {"comand": ["x"]}, "worst": 3}}
    scope, faults = settings.read_table("clone", document, lambda path: ".".join(path))
    assert dict(scope.values) == {"agents.bot.command": ("bot", "{brief}")}
    assert len(faults) == 2
    assert settings.not_a_section("agents.worst") in faults[1]


@given(st.text(max_size=20))
def test_the_blocks_of_a_worktree_are_the_same_each_time_and_apart(path: str) -> None:
    found = list(ports.blocks(path))
    assert found == list(ports.blocks(path))
    assert len(set(found)) == ports.BLOCKS
    assert {first % ports.BLOCK for first in found} == {0}
    assert min(found) == ports.FIRST
    assert max(found) + ports.BLOCK <= 30000
