"""What may be committed where, and which moves of a branch are allowed: the table of section 6, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import lifecycle, patterns, policy, policy_text
from git_okstra.core.policy import Commit, Stage, Task
from support.plans import UNHURRIED

PHASES = [phase.name for phase in lifecycle.PHASES]
EARLY, IMPLEMENTATION, LATE = PHASES[:3], PHASES[3], PHASES[4:]

paths = st.sampled_from(["README.md", "docs/a.txt", "s1/a", "s2/b", "s1/deep/c.py", "결제/x", "a b", "-n", "s1\nx"])
commits = st.builds(
    lambda changed, merge, new: Commit("c" * 40, changed, merge=merge, new_parents=new if merge else 0),
    st.lists(paths, max_size=3),
    st.booleans(),
    st.integers(0, 1),
)


@dataclass(frozen=True)
class Where:
    """A branch of a task: number 0 is the task's."""

    task: Task
    number: int


def task(phase: str = IMPLEMENTATION, plan: str = policy.APPROVED, *, flat: bool = False, state: str = "open") -> Task:
    stages = {
        1: Stage(1, "feat-x" if flat else "feat-x-s1", state, "b" * 40, "", ["s1/**"], flat=flat),
        2: Stage(2, "feat-x-s2", "done", "b" * 40, "d" * 40, ["s2/**"], [1]),
    }
    docs = ["docs/**", "*.md"]
    return Task("X", "g,x", "feat-x", phase=phase, plan=plan, docs=docs, base="b" * 40, anchor="b" * 40, stages=stages)


places = st.builds(
    Where,
    st.builds(
        task,
        st.sampled_from(PHASES),
        st.sampled_from([policy.NO_PLAN, policy.APPROVED, policy.CHANGED]),
        flat=st.booleans(),
        state=st.sampled_from(["open", "done", ""]),
    ),
    st.integers(0, 2),
)


def rules(where: Where, *added: Commit) -> list[str]:
    return [refusal.rule for refusal in policy.judge(where.task, where.number, added)]


@pytest.mark.parametrize("phase", LATE)
@given(number=st.integers(0, 2), commit=commits)
@UNHURRIED
def test_after_the_implementation_no_branch_takes_a_commit(phase: str, number: int, commit: Commit) -> None:
    assert rules(Where(task(phase), number), commit) == ["commit-phase"]


@pytest.mark.parametrize("phase", EARLY)
@given(number=st.integers(1, 2), commit=commits)
@UNHURRIED
def test_before_it_no_stage_takes_one(phase: str, number: int, commit: Commit) -> None:
    assert rules(Where(task(phase), number), commit) == ["commit-phase"]


@pytest.mark.parametrize("phase", EARLY)
@given(commit=commits)
@UNHURRIED
def test_before_it_the_task_takes_documents_alone(phase: str, commit: Commit) -> None:
    allowed = all(patterns.any_match(["docs/**", "*.md"], path) for path in commit.paths)
    assert rules(Where(task(phase), 0), commit) == ([] if allowed else ["commit-docs"])


@given(number=st.integers(1, 2), commit=commits)
@UNHURRIED
def test_a_stage_takes_what_the_plan_lists_for_it_and_nothing_else(number: int, commit: Commit) -> None:
    allowed = all(path.startswith(f"s{number}/") for path in commit.paths)
    assert rules(Where(task(), number), commit) == ([] if allowed else ["commit-plan"])


@given(number=st.integers(0, 2), commit=commits)
@UNHURRIED
def test_a_plan_that_was_changed_lets_nothing_through(number: int, commit: Commit) -> None:
    judged = rules(Where(task(plan=policy.CHANGED), number), commit)
    if number == 0:
        assert judged == rules(Where(task(), 0), commit)
    else:
        assert judged == (["commit-plan"] if commit.paths else [])


@given(commit=commits)
@UNHURRIED
def test_without_a_plan_the_task_takes_anything(commit: Commit) -> None:
    assert rules(Where(task(plan=policy.NO_PLAN), 0), commit) == []


@given(commit=commits)
@UNHURRIED
def test_with_a_plan_the_task_takes_merges_of_what_is_known_alone(commit: Commit) -> None:
    planned = all(path.startswith(("s1/", "s2/")) for path in commit.paths)
    allowed = commit.merge and commit.new_parents == 0 and planned
    assert rules(Where(task(), 0), commit) == ([] if allowed else ["commit-task"])


@given(commit=commits)
@UNHURRIED
def test_the_task_branch_serves_its_flat_stage(commit: Commit) -> None:
    allowed = all(path.startswith("s1/") for path in commit.paths)
    assert rules(Where(task(flat=True), 0), commit) == ([] if allowed else ["commit-plan"])


@given(where=places, one=commits, other=commits)
@UNHURRIED
def test_more_commits_are_never_judged_more_kindly(where: Where, one: Commit, other: Commit) -> None:
    assert set(rules(where, one)) <= set(rules(where, one, other))


@given(where=places, commit=commits)
@UNHURRIED
def test_what_pre_commit_allows_the_ref_takes(where: Where, commit: Commit) -> None:
    plain = Commit("c" * 40, commit.paths)
    before = [one.rule for one in policy.judge_paths(where.task, where.number, commit.paths)]
    assert before == rules(where, plain)


@given(where=places, commit=commits, keeps=st.booleans())
@UNHURRIED
def test_every_refusal_is_in_the_table_and_says_what_to_type(where: Where, commit: Commit, keeps: bool) -> None:
    refused = policy.judge(where.task, where.number, [commit])
    rewound = policy.judge_rewind(where.task, where.number, new="e" * 40, keeps_start=keeps)
    for one in [*refused, *([rewound] if rewound else []), policy.deletion(where.task, where.number)]:
        assert one.rule in policy.RULES
        assert "git " in one.hint


@given(keeps=st.booleans(), state=st.sampled_from(["open", "done", ""]), phase=st.sampled_from(PHASES))
@UNHURRIED
def test_only_an_open_stage_may_rewrite_its_own_commits(keeps: bool, state: str, phase: str) -> None:
    refusal = policy.judge_rewind(task(phase, state=state), 1, new="e" * 40, keeps_start=keeps)
    assert (refusal is None) == (keeps and state == "open" and phase == IMPLEMENTATION)


@given(keeps=st.booleans(), plan=st.sampled_from([policy.NO_PLAN, policy.APPROVED]), flat=st.booleans())
@UNHURRIED
def test_the_task_branch_is_rewritten_only_where_nobody_stands_on_it(keeps: bool, plan: str, flat: bool) -> None:
    refusal = policy.judge_rewind(task(plan=plan, flat=flat), 0, new="e" * 40, keeps_start=keeps)
    assert (refusal is None) == (keeps and (plan == policy.NO_PLAN or flat))


# -- as text

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(
    st.builds(
        Stage,
        st.integers(1, 999),
        text,
        st.sampled_from(["open", "done", ""]),
        text,
        text,
        st.lists(text, max_size=3),
        st.lists(st.integers(1, 9), max_size=3),
        flat=st.booleans(),
    ),
    st.lists(text, max_size=3),
    text,
    st.dictionaries(text, st.sampled_from(["-", "1:2:3"]), max_size=3),
)
@UNHURRIED
def test_a_policy_is_read_as_it_was_written(stage: Stage, docs: list[str], id: str, stamps: dict[str, str]) -> None:  # noqa: A002
    one = Task(id, "g,x", "feat-x", docs=docs, stages={stage.number: stage}, base_ref="main")
    read, its_stamps = policy_text.decode(policy_text.encode(one, stamps))
    assert its_stamps == stamps
    assert fields(read) == fields(one)


@given(st.text(max_size=60))
@UNHURRIED
def test_garbage_is_no_policy(garbage: str) -> None:
    with pytest.raises(ValueError, match="not a policy"):
        policy_text.decode(garbage)


def test_a_policy_that_was_cut_short_is_none() -> None:
    whole = policy_text.encode(task(), {"/a": "1:2:3"})
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="policy"):
            policy_text.decode(whole[:length])


def fields(one: Task | Stage) -> dict[str, object]:
    """What an object holds, the stages too."""
    found: dict[str, object] = {name: getattr(one, name) for name in one.__slots__}
    if isinstance(one, Task):
        found["stages"] = {number: fields(stage) for number, stage in one.stages.items()}
    return found
