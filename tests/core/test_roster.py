"""The roster: who may work in which phase."""

from __future__ import annotations

import pytest

from git_okstra.core import lifecycle, roster, settings
from git_okstra.core.errors import OkstraError

PROFILES = {"implementation": ("claude", "Codex"), "final-verification": (), "release-handoff": ("claude", "*")}


@pytest.mark.parametrize(
    ("phase", "agent"),
    [
        ("implementation", "claude"),
        ("implementation", "codex"),
        ("implementation", " Claude "),
        ("error-analysis", "anyone"),
        ("release-handoff", "anyone"),
    ],
)
def test_whom_the_roster_lets_in(phase: str, agent: str) -> None:
    roster.require_agent(PROFILES, phase, agent)


def test_others_are_refused_with_those_who_may() -> None:
    with pytest.raises(OkstraError) as caught:
        roster.require_agent(PROFILES, "implementation", "gem\x1bini")
    assert caught.value.code == "agent-not-allowed"
    assert caught.value.message == (
        "the agent 'gem\\x1bini' may not work in the phase implementation; those who may: Codex, claude"
    )
    assert caught.value.hint.splitlines()[0] == "name one that may: --agent Codex"
    assert "profiles.implementation.agents" in caught.value.hint


def test_an_empty_list_lets_nobody_in() -> None:
    with pytest.raises(OkstraError) as caught:
        roster.require_agent(PROFILES, "final-verification", "claude")
    assert caught.value.message.endswith("those who may: none")


@pytest.mark.parametrize("phase", lifecycle.PHASES, ids=lambda phase: phase.name)
def test_every_phase_has_its_setting_and_is_open_to_anyone_at_first(phase: lifecycle.Phase) -> None:
    key = roster.setting(phase.name)
    roster.require_agent({phase.name: settings.Settings([]).get(key)}, phase.name, "anyone")
