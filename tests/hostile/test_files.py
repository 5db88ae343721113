"""Files of ours that somebody damaged or forged: no fault, no hang, nothing touched, and nothing run, elsewhere."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import mutations
from support.worlds import World

TASK = ("--task", "dev-1")
COMMANDS = [
    *(["list", *more] for more in ([], ["--all"], ["--json"])),
    *([verb, *TASK] for verb in ("status", "log", "brief", "path", "verify", "done", "abandon", "remove", "release")),
    ["doctor"], ["doctor", "--json"], ["doctor", "--repair"],
    ["restore"], ["restore", "4"], ["prune"], ["prune", "--dry-run"],
    ["config", "list"], ["config", "get", "policy.docs", "--scope", "all"],
    ["hooks", "status"], ["hooks", "install"], ["hooks", "uninstall", "--yes"],
    *(["plan", verb, *TASK] for verb in ("show", "check")), ["plan", "approve", "--yes", *TASK],
    *(["stage", number, *TASK] for number in ("auto", "1", "2", "3", "4")),
    ["done", "3", "--allow-empty", *TASK], ["reopen", "2", *TASK], ["abandon", "3", "-f", *TASK],
    ["remove", "3", "-f", "-D", *TASK], ["remove", "task", "-f", "-D", *TASK], ["release", "3", *TASK],
    ["merge", *TASK], ["merge", "--abort", *TASK], ["merge", "--continue", *TASK],
    ["phase", *TASK], ["phase", "next", "--yes", *TASK], ["verify", "--dry-run", *TASK],
    ["handoff", "--yes", *TASK], ["handoff", "--action", "skip", *TASK],
    ["handoff", "--action", "commit", "--yes", *TASK],
    ["start", "feat", "DEV-1", "--base", "main"], ["start", "fix", "DEV-2", "--base", "main"],
]  # fmt: skip
PLACES = ("shop", "home/worktrees/shop/dev/dev-1", "home/worktrees/shop/dev/dev-1-s3")


def attack(world: World, data: st.DataObject) -> None:
    world.restore()
    told = []
    for _ in range(data.draw(st.integers(1, 2), "damaged files")):
        name = data.draw(st.sampled_from(world.files()), "file")
        damage = data.draw(mutations.damages(name.name, f"{world.canary}"), "damage")
        path = world.root / name
        try:
            content = damage.apply(path.read_bytes())
        except (ValueError, IndexError, TypeError, KeyError):
            continue  # damaged beyond its form already
        path.write_bytes(content)
        told.append(f"{name}: {damage.how}")
    for words in data.draw(st.lists(st.sampled_from(COMMANDS), min_size=1, max_size=3), "commands"):
        world.run(words, data.draw(st.sampled_from(PLACES), "where"))


@settings(settings.get_profile("hostile"), max_examples=20)
@given(data=st.data())
def test_a_damaged_file_is_no_fault(world: World, data: Any) -> None:
    attack(world, data)


@pytest.mark.soak
@pytest.mark.timeout(0)
@settings(settings.get_profile("hostile"), max_examples=int(os.environ.get("SOAK", "1500")))
@given(data=st.data())
def test_damaged_files_at_length(world: World, data: Any) -> None:
    attack(world, data)
