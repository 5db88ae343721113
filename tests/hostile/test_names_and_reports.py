"""Names that are more than names, reports that nobody's gate wrote, plans and copies that lead elsewhere."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import mutations, snapshots
from support.worlds import World

TASK = ("--task", "dev-1")
GIVEN = st.one_of(
    st.text(max_size=20).filter(lambda text: "\0" not in text),
    st.sampled_from(
        ["-", "--", "-x", "--upload-pack=touch ran", "--base", "a/../b", "..", ".git", "x.lock", "x-s2", "~"]
    ),
    st.builds(lambda text: f"DEV-{text}", st.text("\x1b[31m\r\n\t\u202e/:\\ ", min_size=1, max_size=6)),
).filter(lambda text: text.isprintable() or not any("\ud800" <= letter <= "\udfff" for letter in text))


def name(world: World, given: str, place: int) -> None:
    """Give that as the id, category, group, branch, base or title of a task, or the name of something there is."""
    world.restore()
    start = ["start", "--base", "main"]
    words = [
        [*start, "--", "feat", given], [*start, "--", given, "DEV-9"], [*start, "feat", "DEV-9", f"--group={given}"],
        [*start, "feat", "DEV-9", f"--branch={given}"], ["start", f"--base={given}", "feat", "DEV-9"],
        [*start, "feat", "DEV-9", f"--title={given}"], ["path", "--", given], ["remove", "--dry-run", "--", given],
        ["restore", "--", given], ["status", f"--task={given}"], ["handoff", "--dry-run", f"--remote={given}", *TASK],
    ][place]  # fmt: skip
    world.run(words)
    world.run(["list"])


@settings(settings.get_profile("hostile"), max_examples=8)
@given(text=GIVEN, place=st.integers(0, 10))
def test_a_name_is_a_name(world: World, text: str, place: int) -> None:
    name(world, text, place)


@pytest.mark.soak
@pytest.mark.timeout(0)
@settings(settings.get_profile("hostile"), max_examples=600)
@given(text=GIVEN, place=st.integers(0, 10))
def test_names_at_length(world: World, text: str, place: int) -> None:
    name(world, text, place)


def check_report(world: World, data: Any) -> None:
    """Have a report that was tampered with checked; a file that is none as well."""
    (report,) = world.store.glob("tasks/*/*/reports/*/report.json")
    content = report.read_bytes()
    for _ in range(data.draw(st.integers(1, 2))):
        damage = data.draw(mutations.damages("report.json", f"{world.canary}"))
        try:
            content = damage.apply(content)
        except (ValueError, IndexError, TypeError, KeyError):
            continue
    forged = world.root / "forged.json"
    forged.write_bytes(content)
    before = snapshots.snapshot(world.store)
    world.run(["verify", "--check", f"{forged}"])
    assert snapshots.snapshot(world.store) == before


@settings(settings.get_profile("hostile"), max_examples=8)
@given(data=st.data())
def test_a_forged_report_is_no_fault(world: World, data: Any) -> None:
    check_report(world, data)


@pytest.mark.soak
@pytest.mark.timeout(0)
@settings(settings.get_profile("hostile"), max_examples=1500)
@given(data=st.data())
def test_forged_reports_at_length(world: World, data: Any) -> None:
    check_report(world, data)


def restore_forged(world: World, data: Any) -> None:
    """Bring back what is in the trash when git's directory of it was tampered with there."""
    world.restore()
    (admin,) = world.store.glob("trash/*/admin")
    path = data.draw(st.sampled_from(sorted(path for path in admin.rglob("*") if path.is_file())))
    damage = data.draw(mutations.damages(path.name, f"{world.canary}"))
    path.write_bytes(damage.apply(path.read_bytes()))
    for words in (["restore"], ["restore", "4"], ["doctor", "--repair"], ["remove", "4", "-f", "-D", *TASK], ["prune"]):
        world.run(words)


@settings(settings.get_profile("hostile"), max_examples=2)
@given(data=st.data())
def test_a_forged_copy_in_the_trash_is_no_fault(world: World, data: Any) -> None:
    restore_forged(world, data)


@pytest.mark.soak
@pytest.mark.timeout(0)
@settings(settings.get_profile("hostile"), max_examples=400)
@given(data=st.data())
def test_forged_copies_at_length(world: World, data: Any) -> None:
    restore_forged(world, data)


def test_a_git_directory_that_says_it_is_elsewhere_is_not_followed(world: World) -> None:
    """Neither `commondir` nor `gitdir` of a copy in the trash decides where anything is written."""
    for file in ("commondir", "gitdir"):
        world.restore()
        (admin,) = world.store.glob("trash/*/admin")
        (admin / file).write_text(f"{world.canary}\n")
        world.run(["restore", "4"])
        world.run(["doctor", "--repair"])


def test_a_plan_that_leads_out_of_the_worktree_is_refused(world: World) -> None:
    for pattern in ("../../x", "a/../../x", f"{world.canary}/**", "/etc/**", ".git/hooks/**"):
        plan = world.root / "plan.toml"
        plan.write_text(f'[[stage]]\nnumber = 1\ntitle = "x"\nfiles = {json.dumps([pattern])}\n')
        world.run(["start", "feat", "DEV-9", "--base", "main"])
        ended = world.run(["plan", "import", f"{plan}", "--task", "dev-9"])
        checked = world.run(["plan", "check", "--task", "dev-9"])
        assert ended.status or checked.status, f"{pattern}: {ended}\n{checked}"


def test_a_branch_that_looks_like_an_option_is_none(world: World) -> None:
    bad = f"--upload-pack=touch {world.canary}/ran"
    main = world.ticket.git("rev-parse", "main")
    (world.repository / ".git/refs/heads" / "--orphan").write_text(f"{main}\n")
    for words in (
        ["start", "feat", "DEV-9", f"--branch={bad}", "--base", "main"], ["start", "feat", "DEV-9", f"--base={bad}"],
        ["start", "feat", "DEV-9", "--branch=--orphan", "--adopt", "--base", "main"],
        ["handoff", f"--remote={bad}", "--action", "pr", "--yes", *TASK],
        ["handoff", f"--pr-base={bad}", "--action", "pr", "--yes", *TASK],
    ):  # fmt: skip
        assert world.run(words).status, words
    world.run(["list"]).require_success()


def test_a_registry_that_the_group_may_write_to_is_refused(world: World) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give a directory to another group")
    os.chown(world.home / "registry", -1, 12345)
    (world.home / "registry").chmod(0o770)
    refused = world.run(["stage", "4", *TASK]).require_error("unsafe-home")
    assert "writable by its group (gid 12345)" in refused.err


def test_a_poisoned_environment_changes_nothing_for_a_command(world: World) -> None:
    """What git's own variables would redirect, run or hide reaches no git of ours."""
    ran = f"touch {world.canary}/ran"
    poison = {
        "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": ran,
        "GIT_CONFIG_KEY_1": "core.hooksPath", "GIT_CONFIG_VALUE_1": f"{world.canary}", "GIT_EXTERNAL_DIFF": ran,
        "GIT_OBJECT_DIRECTORY": f"{world.canary}", "GIT_INDEX_FILE": f"{world.canary}/precious",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{world.canary}", "GIT_NAMESPACE": "evil", "GIT_LITERAL_PATHSPECS": "1",
        "GIT_GRAFT_FILE": f"{world.canary}/precious", "GIT_SHALLOW_FILE": f"{world.canary}/precious",
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{ran}'", "GIT_REPLACE_REF_BASE": "refs/evil",
    }  # fmt: skip
    for words in (
        ["stage", "4", *TASK], ["done", "3", "--allow-empty", *TASK], ["merge", "--abort", *TASK], ["status", *TASK],
        ["remove", "2", "-f", "-D", *TASK], ["restore", "2"], ["doctor"],
    ):  # fmt: skip
        ended = world.run(words, **poison)
        assert ended.status in (0, 1), f"{ended}"
        assert ended.error != "git-failed", f"{ended}"
    refs = world.ticket.git("for-each-ref", "--format=%(refname)")
    assert "evil" not in refs
    assert world.ticket.git("rev-parse", "--verify", "refs/heads/feat-dev-1-s4")
