"""Plans for tests: sound ones by hypothesis, and small ones from their dependencies alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from git_okstra.core.plan import Plan, PlannedStage

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine must not fail a test of what is true."""

# What a sound plan may hold in a line of text: no control character, override of direction or surrogate.
line_text = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"),
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ),
    max_size=20,
)
patterns = st.sampled_from(["src/**", "docs/", "*.md", "a b.py", "결제/*.py", "app/[id]/page.tsx", "x,y", '"q"', "'q'"])


def of(dependencies: Mapping[int, Iterable[int]], title: str = "stage {}") -> Plan:
    """A plan with these stages, each with a directory of its own as its files."""
    return Plan(
        tuple(
            PlannedStage(number, title.format(number), tuple(others), (f"s{number}/**",))
            for number, others in dependencies.items()
        )
    )


@st.composite
def graphs(draw: st.DrawFn, largest: int = 12) -> dict[int, set[int]]:
    """Dependencies without a cycle. Numbers do not follow the order, which a careless algorithm might lean on."""
    numbers = draw(st.permutations(range(1, draw(st.integers(1, largest)) + 1)))
    return {
        number: draw(st.sets(st.sampled_from(numbers[:index]), max_size=4)) if index else set()
        for index, number in enumerate(numbers)
    }


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A sound plan with all kinds of text in it."""
    stages = [
        PlannedStage(
            number,
            draw(line_text),
            tuple(others),
            tuple(draw(st.lists(patterns, min_size=1, max_size=4))),
            tuple(draw(st.lists(line_text.filter(str.strip), max_size=3))),
        )
        for number, others in draw(graphs(6)).items()
    ]
    return Plan(tuple(stages), draw(line_text))
