"""What may be pushed: the table of phases both ways, whatever the spelling, and nothing said about anybody else's."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import lifecycle, pushing
from git_okstra.core.pushing import Branch, Ground, Update

ZEROS = "0" * 40
TASK_TIP, STAGE_TIP, OTHER, THERE = "a" * 40, "b" * 40, "c" * 40, "d" * 40
PROTECTED = ("main", "prod", "release-*", "hot/*", "old/")
PHASES = [phase.name for phase in lifecycle.PHASES]


def ground(phase: str = "implementation", cycle: str = "full") -> Ground:
    return Ground(
        PROTECTED,
        {
            "feat-x": Branch("X", 0, cycle, phase, TASK_TIP),
            "feat-x-s1": Branch("X", 1, cycle, phase, STAGE_TIP),
            "feat-new": Branch("NEW", 0, cycle, phase, ""),
        },
    )


def update(source: str, local_id: str, target: str, remote_id: str = ZEROS, fast_forward: bool | None = True) -> Update:
    return Update(source, local_id, target, remote_id, fast_forward)


def rules(where: Ground, *updates: Update) -> list[str]:
    return [refusal.rule for refusal in pushing.judge(where, updates)]


def allowed_by_the_table(phase: str, cycle: str, number: int) -> bool:
    if phase == "release-handoff":
        return number == 0
    return phase == "implementation" and cycle == "light"


@pytest.mark.parametrize("cycle", ["light", "full"])
@pytest.mark.parametrize("phase", PHASES)
def test_the_table_of_phases(phase: str, cycle: str) -> None:
    where = ground(phase, cycle)
    for name, number, tip in (("feat-x", 0, TASK_TIP), ("feat-x-s1", 1, STAGE_TIP)):
        expected = [] if allowed_by_the_table(phase, cycle, number) else ["push-phase"]
        ref = f"refs/heads/{name}"
        assert rules(where, update(ref, tip, ref)) == expected
        assert rules(where, update(ref, tip, ref, THERE)) == expected
        # No phase and no lifecycle allows force or deletion.
        assert rules(where, update(ref, tip, ref, THERE, False)) == ["push-forced", *expected]
        assert rules(where, update(ref, tip, ref, THERE, None)) == ["push-forced", *expected]
        assert rules(where, update("(delete)", ZEROS, ref, THERE, None)) == ["push-deletion"]


@pytest.mark.parametrize("phase", PHASES)
def test_what_the_table_of_phases_says_to_people_is_what_is_judged(phase: str) -> None:
    said = lifecycle.require(phase).push
    full = [pushing.allowed(Branch("X", number, "full", phase, "")) for number in (0, 1)]
    light = [pushing.allowed(Branch("X", number, "light", phase, "")) for number in (0, 1)]
    assert full == ([True, False] if said.startswith("the task branch only") else [False, False])
    assert light == ([True, True] if "light: plain pushes" in said else full)


def test_what_is_unknown_is_not_allowed() -> None:
    assert not pushing.allowed(Branch("X", 0, "light", "some-later-phase", ""))
    assert not pushing.allowed(Branch("X", 0, "some-lifecycle", "implementation", ""))


# How one commit of a governed branch can be named, as (local ref, commit).
SPELLINGS = [
    ("refs/heads/feat-x", TASK_TIP),
    ("HEAD", TASK_TIP),
    ("", TASK_TIP),
    (TASK_TIP, TASK_TIP),
    ("feat-x", TASK_TIP),
    ("feat-x~1", OTHER),
    ("feat-x^0", TASK_TIP),
    ("heads/feat-x^{commit}", TASK_TIP),
    ("refs/heads/feat-x@{1}", OTHER),
    ("refs/tags/v1", TASK_TIP),
    ("refs/remotes/origin/feat-x", TASK_TIP),
]
TARGETS = ["refs/heads/feat-x", "refs/heads/backup", "refs/heads/me/backup", "refs/for/main", "refs/for/main%topic=x"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("spelling", SPELLINGS, ids=[name or "only the id" for name, _ in SPELLINGS])
def test_no_spelling_evades(spelling: tuple[str, str], target: str) -> None:
    pushed = update(*spelling, target)
    assert rules(ground(), pushed) == ["push-phase"]
    assert rules(ground(cycle="light"), pushed) == []
    assert rules(ground("release-handoff"), pushed) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("HEAD", "refs/heads/feat-x"),
        ("@", "refs/heads/feat-x"),
        ("HEAD~1", "refs/heads/feat-x~1"),
        ("@^2", "refs/heads/feat-x^2"),
        ("HEAD@{1}", "refs/heads/feat-x@{1}"),
        ("@{u}", "@{u}"),
        ("HEADER", "HEADER"),
        ("refs/heads/HEAD", "refs/heads/HEAD"),
        ("", ""),
    ],
)
def test_head_stands_for_its_branch(typed: str, expected: str) -> None:
    assert pushing.resolved(typed, "refs/heads/feat-x") == expected
    assert pushing.resolved(typed, "") == typed


@pytest.mark.parametrize("source", ["refs/heads/topic", "HEAD", "", OTHER, "topic~3", "refs/tags/v1"])
def test_the_name_at_the_remote_is_enough(source: str) -> None:
    assert rules(ground(), update(source, OTHER, "refs/heads/feat-x", THERE)) == ["push-phase"]
    assert rules(ground(), update(source, OTHER, "refs/heads/main", THERE)) == ["push-protected"]
    assert rules(ground(), update(source, OTHER, "refs/heads/main")) == ["push-protected"]


def test_another_branch_at_the_same_commit_is_somebodys_own() -> None:
    assert rules(ground(), update("refs/heads/topic", TASK_TIP, "refs/heads/topic")) == []


def test_a_branch_without_a_commit_of_its_own_has_no_tip_to_be_known_by() -> None:
    assert rules(ground(), update("HEAD", OTHER, "refs/heads/x")) == []
    assert rules(ground(), update("", "", "refs/heads/x", THERE)) == []


def test_a_deletion_is_one_refusal() -> None:
    assert rules(ground(), update("(delete)", ZEROS, "refs/heads/main", THERE, False)) == ["push-deletion"]
    assert rules(ground(), update("", ZEROS, "refs/heads/feat-x-s1", THERE, None)) == ["push-deletion"]
    assert rules(ground(), update("", "0" * 64, "refs/heads/prod", "e" * 64, None)) == ["push-deletion"]


def test_what_is_there_already_is_no_push() -> None:
    assert rules(ground(), update("refs/heads/main", OTHER, "refs/heads/main", OTHER)) == []
    assert rules(ground(), update("refs/heads/feat-x", TASK_TIP, "refs/heads/feat-x", TASK_TIP)) == []


def test_every_refusal_in_order() -> None:
    # As `git push --mirror` sends them.
    pushed = [
        update("refs/heads/feat-x", TASK_TIP, "refs/heads/main", THERE, False),
        update("refs/heads/topic", OTHER, "refs/heads/topic", THERE, False),
        update("refs/heads/feat-x-s1", STAGE_TIP, "refs/heads/feat-x", THERE),
        update("", ZEROS, "refs/heads/release-1", THERE, None),
        update("refs/tags/v1", TASK_TIP, "refs/tags/v1", THERE, False),
    ]
    found = pushing.judge(ground(), pushed)
    assert [refusal.rule for refusal in found] == [
        "push-protected", "push-forced", "push-phase", "push-phase", "push-deletion",
    ]  # fmt: skip
    assert list(pushing.RULES) == ["push-protected", "push-deletion", "push-forced", "push-phase"]


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("main", True),
        ("main/x", False),
        ("mains", False),
        ("MAIN", False),
        ("me/main", False),
        ("release-1", True),
        ("release-", True),
        ("me/release-1", False),
        ("hot/1", True),
        ("hot/1/2", False),
        ("hot", False),
        ("old/1/2", True),
        ("old", False),
    ],
)
def test_which_branches_are_protected(branch: str, expected: bool) -> None:
    assert pushing.is_protected(PROTECTED, branch) == expected
    assert rules(ground(), update("HEAD", OTHER, f"refs/heads/{branch}")) == (["push-protected"] if expected else [])


def test_everything_may_be_protected() -> None:
    assert pushing.is_protected(("**",), "a/b")
    assert pushing.is_protected(("*",), "a")
    assert not pushing.is_protected((), "main")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("cycle", ["light", "full"])
def test_a_refusal_names_the_ref_and_the_way_on(phase: str, cycle: str) -> None:
    for target in ("feat-x", "feat-x-s1", "main", "backup"):
        for local in (STAGE_TIP, ZEROS):
            for refusal in pushing.judge(
                ground(phase, cycle), [update("HEAD", local, f"refs/heads/{target}", THERE, None)]
            ):
                assert f"'{target}'" in refusal.what
                assert ": git " in refusal.hint
                assert "\n" not in refusal.what


def test_an_id_with_a_blank_is_quoted_in_the_hint() -> None:
    where = Ground((), {"feat-a-b": Branch("A b's", 2, "full", "implementation", "")})
    (refusal,) = pushing.judge(where, [update("", ZEROS, "refs/heads/feat-a-b", THERE)])
    assert r"git okstra remove 2 --task 'A b'\''s'" in refusal.hint


IDS = st.sampled_from([ZEROS, TASK_TIP, STAGE_TIP, OTHER, THERE])
FORWARD = st.sampled_from([True, False, None])
NOT_OURS = st.sampled_from(["topic", "me/feat-x", "feat-x2", "feat-x-s12", "me/main", "mainline"])
ELSEWHERE = st.sampled_from(["refs/tags/", "refs/notes/", "refs/changes/", "refs/meta/", "refs/"])


@given(st.sampled_from(PHASES), NOT_OURS, NOT_OURS, IDS, IDS, FORWARD)
def test_other_branches_are_never_refused(
    phase: str, source: str, target: str, local: str, remote: str, forward: bool | None
) -> None:
    pushed = Update(f"refs/heads/{source}", local, f"refs/heads/{target}", remote, forward)
    assert pushing.judge(ground(phase), [pushed]) == []


@given(
    st.sampled_from(PHASES), st.sampled_from([*SPELLINGS, ("", ZEROS)]), ELSEWHERE,
    st.sampled_from(["feat-x", "main", "v1"]), IDS, FORWARD,
)  # fmt: skip
def test_other_refs_are_never_refused(
    phase: str, spelling: tuple[str, str], prefix: str, name: str, remote: str, forward: bool | None
) -> None:
    assert pushing.judge(ground(phase), [Update(*spelling, prefix + name, remote, forward)]) == []


ANY = st.builds(
    Update,
    st.sampled_from([name for name, _ in SPELLINGS] + ["refs/heads/topic", "refs/heads/main"]),
    IDS,
    st.sampled_from([*TARGETS, "refs/heads/main", "refs/heads/topic", "refs/tags/v1"]),
    IDS,
    FORWARD,
)


@given(st.sampled_from(PHASES), st.sampled_from(["light", "full"]), st.lists(ANY, max_size=5))
def test_updates_are_judged_one_by_one(phase: str, cycle: str, updates: list[Update]) -> None:
    where = ground(phase, cycle)
    together = pushing.judge(where, updates)
    assert together == [refusal for each in updates for refusal in pushing.judge(where, [each])]
    for each in updates:
        found = rules(where, each)
        assert found == [rule for rule in pushing.RULES if rule in found], "once each, in the order of the table"
        if each.local_id != each.remote_id and each.remote_ref == "refs/heads/main":
            assert found


def test_nothing_is_loaded() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules); from git_okstra.core import pushing; "
        "pushing.judge(pushing.Ground(('main',), {}), [pushing.Update('HEAD', 'a', 'refs/heads/main', '0', None)]); "
        "print(*sorted(set(sys.modules) - before))"
    )
    root = pushing.__file__.rpartition("/git_okstra/")[0]
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, root], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(loaded) <= {
        "__future__", "git_okstra", "git_okstra.core", "git_okstra.core.pushing", "git_okstra.core.refusals",
    }  # fmt: skip
