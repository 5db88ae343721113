"""The table of rules in the manual is the one in the code."""

from __future__ import annotations

from git_okstra.core import policy, pushing
from support import manual_pages


def test_the_rules_are_those_of_the_code_with_their_meaning() -> None:
    page = manual_pages.load_all()["git-okstra-hooks.1"]
    told = {entry.label: entry.sentences[0] for entry in page.entries("RULES")}
    rules = {**policy.RULES, **pushing.RULES}
    assert told == {rule: f"{text[0].upper()}{text[1:]}." for rule, text in rules.items()}
