"""Random and forged input to the hooks and from the environment: one line of refusal at most, and never a fault."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_okstra.core import settings as known_settings
from git_okstra.hooks import door
from git_okstra.operations.context import Context
from support import mutations, processes
from support.worlds import LETTERS_THAT_STEER, World

IDS = st.sampled_from(["0" * 40, "f" * 40, "", "0", "HEAD", "x" * 300, "-n", "--output=x", "main"])
REFS = st.one_of(
    st.sampled_from(
        [
            "HEAD", "(delete)", "refs/heads/feat-dev-1", "refs/heads/feat-dev-1-s3", "refs/heads/main", "refs/heads/",
            "refs/heads/../../x", "refs/heads/-f", "main-worktree/refs/heads/feat-dev-1", "refs/stash",
            "refs/heads/" + mutations.ESCAPE, "worktrees/dev-1-s3/HEAD", "refs/for/main", "$(touch x)",
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip
LINES = st.lists(st.tuples(IDS | REFS, IDS, REFS, IDS), max_size=3)


def _stdin(data: Any) -> bytes:
    kind = data.draw(st.sampled_from(["lines", "list", "bytes"]))
    if kind == "bytes":
        return bytes(data.draw(st.binary(max_size=60)))
    if kind == "list":  # as pre-commit gets it
        names = data.draw(st.lists(REFS | st.sampled_from(["../x", "/etc/passwd", ".git/config"]), max_size=4))
        return "".join(f"{name}\0" for name in names).encode("utf-8", "replace") + b"/"
    width = data.draw(st.sampled_from([3, 4]))
    text = "".join(" ".join(line[:width]) + "\n" for line in data.draw(LINES))
    return text.encode("utf-8", "replace")


def knock(world: World, data: Any, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    common = f"{world.repository}/.git"
    git_dir = data.draw(st.sampled_from([common, f"{common}/worktrees/dev-1-s3", f"{common}/worktrees/none", "", "."]))
    event, arguments = data.draw(
        st.sampled_from(
            [
                ("pre-commit", ["feat-dev-1-s3"]), ("pre-commit", ["none"]), ("pre-commit", ["../../x"]),
                ("reference-transaction", ["prepared"]), ("reference-transaction", ["preparing"]),
                ("pre-push", ["origin", "ext::touch x"]), ("pre-push", []),
                ("post-checkout", ["switched"]), ("post-checkout", ["made"]),
            ]
        )
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(_stdin(data))))
        patch.chdir(world.repository)
        status = door.main([event, common, git_dir, event, *arguments])
    said = capfd.readouterr()
    assert status in (0, door.REFUSED)
    assert said.out == ""
    assert "Traceback" not in said.err
    # A fault of ours is refused as one that names its kind.
    assert not any(f"{kind}:" in said.err for kind in ("KeyError", "IndexError", "TypeError", "AttributeError"))
    assert not LETTERS_THAT_STEER & set(said.err)
    world.require_untouched(said.err)


@settings(settings.get_profile("hostile"), max_examples=60)
@given(data=st.data())
def test_the_door_of_the_hooks_takes_anything(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any, data: Any
) -> None:
    knock(world, data, monkeypatch, capfd)


@pytest.mark.soak
@pytest.mark.timeout(0)
@settings(settings.get_profile("hostile"), max_examples=2000)
@given(data=st.data())
def test_the_door_at_length(world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any, data: Any) -> None:
    knock(world, data, monkeypatch, capfd)


VARIABLES = [*known_settings.VARIABLES, "OKSTRA_OWNER", "OKSTRA_TASK", "OKSTRA_STAGE", "OKSTRA_HOME", "OKSTRA_NONE"]


@settings(settings.get_profile("hostile"), max_examples=12)
@given(data=st.data())
def test_no_variable_upsets_a_command(world: World, data: Any) -> None:
    values = st.sampled_from([str(value) for value in mutations.poison(f"{world.canary}")]).filter(
        lambda text: "\0" not in text and "\ud800" not in text
    )
    chosen = data.draw(st.dictionaries(st.sampled_from(VARIABLES), values, min_size=1, max_size=3))
    if chosen.get("OKSTRA_HOME", "").startswith((f"{world.canary}", "../")):
        del chosen["OKSTRA_HOME"]  # whoever says so wants us to write there
    for words in (["list"], ["start", "feat", "DEV-9", "--base", "main", "--dry-run"]):
        world.run(words, **chosen)


def test_settings_from_forged_variables_touch_no_file_elsewhere(world: World) -> None:
    for value in mutations.poison(f"{world.canary}"):
        if isinstance(value, str) and "\0" not in value and "\ud800" not in value:
            context = Context(f"{world.repository}", {**os.environ, "OKSTRA_OWNER": value})
            assert context.owner.strip()


def test_a_poisoned_environment_changes_nothing_for_the_hooks(world: World, tmp_path: Path) -> None:
    ticket = world.ticket
    world.run(["hooks", "install"])
    evil = tmp_path / "evil"
    evil.mkdir()
    for name in ("sitecustomize", "usercustomize", "os", "git_okstra", "encodings"):
        (evil / f"{name}.py").write_text(f"open({f'{world.canary}/ran'!r}, 'w')\n")
    (evil / "start").write_text(f"open({f'{world.canary}/ran'!r}, 'w')\n")
    poison = {
        "PYTHONPATH": f"{evil}", "PYTHONSTARTUP": f"{evil}/start", "PYTHONHOME": f"{evil}", "PYTHONINSPECT": "1",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "diff.external", "GIT_CONFIG_VALUE_0": f"touch {world.canary}/ran",
        "GIT_EXTERNAL_DIFF": f"touch {world.canary}/ran", "GIT_DIFF_OPTS": "-O/dev/null", "GIT_LITERAL_PATHSPECS": "1",
        "GIT_REPLACE_REF_BASE": "refs/evil", "OKSTRA_HOME": f"{evil}",
    }  # fmt: skip
    stage = ticket.path(3)
    for name, status in (("s3/allowed", 0), ("elsewhere", 1)):
        (stage / name).parent.mkdir(exist_ok=True)
        (stage / name).write_text("x\n")
        ticket.git("add", name, cwd=stage)
        ended = processes.run(["git", "commit", "-qm", name], cwd=stage, env=poison)
        assert ended.status == status, f"{ended}"
        assert "hook-broken" not in ended.err
    world.require_untouched("the commits")
