"""The rule for a commit on the task branch, and which commits it is asked of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import judging, lifecycle
from git_okstra.core.closing import Change
from git_okstra.core.judging import Branch
from git_okstra.core.lifecycle import Interval

DOCS = ("docs/**", "*.md")
COMMIT = ("a",)
MERGE = ("a", "b")


@pytest.mark.parametrize(
    ("phase", "parents", "paths", "bound", "stage", "why"),
    [
        ("", COMMIT, ("x.py",), True, False, None),
        ("requirements-discovery", COMMIT, ("docs/a", "b.md"), False, False, None),
        ("requirements-discovery", COMMIT, ("docs/a", "x.py"), False, False, judging.OUTSIDE_DOCS),
        ("implementation-planning", MERGE, (), False, False, None),
        ("implementation-planning", MERGE, ("x.py",), False, False, judging.OUTSIDE_DOCS),
        ("implementation-planning", MERGE, (), False, True, judging.STAGE_TOO_EARLY),
        ("implementation", COMMIT, ("x.py",), False, False, None),
        ("implementation", COMMIT, ("docs/a",), True, False, judging.UNPLANNED),
        ("implementation", COMMIT, (), True, False, judging.UNPLANNED),
        ("implementation", MERGE, (), True, True, None),
        ("implementation", MERGE, ("x.py",), True, True, judging.MERGE_CHANGES),
        ("final-verification", COMMIT, (), False, False, judging.FORBIDDEN),
        ("final-verification", MERGE, (), True, False, judging.FORBIDDEN),
        ("release-handoff", COMMIT, ("b.md",), False, False, judging.FORBIDDEN),
    ],
)
def test_the_table(
    phase: str, parents: tuple[str, ...], paths: tuple[str, ...], bound: bool, stage: bool, why: str | None
) -> None:
    found = judging.judge(Change("c", parents, paths), phase, bound=bound, brings_stage=stage, docs=DOCS)
    assert (found.why if found else None) == why
    if found is not None and why == judging.OUTSIDE_DOCS:
        assert found.paths == ("x.py",)


def line(*commits: str, start: str = "base") -> dict[str, Change]:
    """Commits one after the other, the newest first as git lists them."""
    parents = [start, *commits]
    return {commit: Change(commit, (parents[at],), ()) for at, commit in reversed(list(enumerate(commits)))}


def branch(changes: dict[str, Change], head: str, intervals: list[Interval], **more: object) -> Branch:
    known: dict[str, object] = {"bound_at": None, "stages": (), "handed_off": {}}
    return Branch(head, changes, intervals, **{**known, **more})  # type: ignore[arg-type]


def test_a_commit_belongs_to_the_interval_it_was_added_in() -> None:
    intervals = [Interval("p", "1"), Interval("q", "gone"), Interval("r", None), Interval("s", "3"), Interval("t")]
    found = judging.unaccounted(branch(line("1", "2", "3", "4"), "4", intervals))
    assert [(one.change.commit, one.phase) for one in found] == [("1", "p"), ("2", "s"), ("3", "s"), ("4", "t")]


def test_a_branch_that_was_reset_keeps_the_intervals_of_what_is_left() -> None:
    changes = {**line("x", "y", start="1"), **line("1", "2")}
    found = judging.unaccounted(branch(changes, "2", [Interval("p", "y"), Interval("q")]))
    assert [(one.change.commit, one.phase) for one in found] == [("1", "p"), ("2", "q")]


def test_a_plan_binds_what_came_after_it() -> None:
    found = judging.unaccounted(branch(line("1", "2", "3"), "3", [Interval("p")], bound_at="2"))
    assert [one.bound for one in found] == [False, False, True]
    # The plan was approved at the base: everything came after.
    found = judging.unaccounted(branch(line("1"), "1", [Interval("p")], bound_at="base"))
    assert [one.bound for one in found] == [True]


def test_what_stages_and_hand_offs_made_is_not_judged() -> None:
    changes = {
        "m": Change("m", ("1", "s2"), ()),
        **line("s1", "s2", start="1"),
        **line("1"),
    }
    given_stages = branch(changes, "m", [Interval("p")], stages=[("1", "s2")])
    assert [(one.change.commit, one.brings_stage) for one in judging.unaccounted(given_stages)] == [
        ("1", False),
        ("m", True),
    ]
    squashed = {"q": Change("q", ("base",), ()), **changes}
    handed = branch(squashed, "q", [Interval("p", "m"), Interval("t")], stages=[("1", "s2")], handed_off={"q": "m"})
    assert [(one.change.commit, one.phase) for one in judging.unaccounted(handed)] == [("1", "p"), ("m", "p")]
    # Without what it took the place of, only what the branch has is asked about.
    plain = branch(squashed, "q", [Interval("p", "m"), Interval("t")], stages=[("1", "s2")])
    assert [(one.change.commit, one.phase) for one in judging.unaccounted(plain)] == [("q", "t")]


@given(st.lists(st.sampled_from([phase.name for phase in lifecycle.PHASES]), min_size=1, max_size=6), st.data())
def test_every_commit_of_a_line_is_judged_once(phases: list[str], data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    commits = [str(number) for number in range(count)]
    heads = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=len(phases) - 1, max_size=len(phases) - 1)))
    intervals = [Interval(phase, str(at)) for phase, at in zip(phases, heads, strict=False)] + [Interval(phases[-1])]
    found = judging.unaccounted(branch(line(*commits), commits[-1], intervals))
    assert [one.change.commit for one in found] == commits
    for one in found:
        at = next((place for place, head in enumerate(heads) if head >= int(one.change.commit)), len(phases) - 1)
        assert one.phase == phases[at]
