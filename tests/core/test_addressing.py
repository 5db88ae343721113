"""Which commands in a text get `--task`, and where it is put."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from git_okstra.core import addressing


def takes_task(words: Sequence[str]) -> bool:
    return words[0] != "list"


@pytest.mark.parametrize(
    ("said", "completed"),
    [
        ("git okstra stage 1", "git okstra stage 1 --task a-1"),
        ("if so: git okstra done 1 --allow-empty", "if so: git okstra done 1 --allow-empty --task a-1"),
        ("first: git okstra stage 1\nor: git okstra list", "first: git okstra stage 1 --task a-1\nor: git okstra list"),
        ("git okstra exec 3 -- make test", "git okstra exec 3 --task a-1 -- make test"),
        ("git okstra merge (takes all)", "git okstra merge --task a-1 (takes all)"),
        ("git okstra stage 2; then go on", "git okstra stage 2 --task a-1; then go on"),
        ("OKSTRA_OWNER=ann git okstra done 1", "OKSTRA_OWNER=ann git okstra done 1 --task a-1"),
        ("git okstra plan import '/a b/plan.md'", "git okstra plan import '/a b/plan.md' --task a-1"),
        # named already, only mentioned, or no command at all
        ("git okstra stage 1 --task b-1", "git okstra stage 1 --task b-1"),
        ("git okstra stage 1 --task=b-1", "git okstra stage 1 --task=b-1"),
        ("git okstra remove a-1", "git okstra remove a-1"),
        ("what 'git okstra merge' brings in", "what 'git okstra merge' brings in"),
        ("see each call: OKSTRA_TRACE=1 git okstra …", "see each call: OKSTRA_TRACE=1 git okstra …"),
        ("switch back: git switch main", "switch back: git switch main"),
    ],
)
def test_each_command_that_takes_a_task_names_it_once(said: str, completed: str) -> None:
    assert addressing.addressed(said, "a-1", takes_task) == completed
    assert addressing.addressed(completed, "a-1", takes_task) == completed
