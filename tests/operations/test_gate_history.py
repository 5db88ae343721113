"""On a long history with many stages the gate walks once, and reads what is new and no more."""

from __future__ import annotations

from typing import Any

import pytest

from git_okstra.git import ancestry
from git_okstra.operations import gate_facts
from support import plans
from support.repositories import ScratchRepository
from support.workbench import Ticket

STAGES = 40
MAIN = 3000

WHO = "committer Ada <ada@example.com> 1767607200 +0000\n"


def imported(repository: ScratchRepository, branch: str) -> None:
    """That many commits on main, written to a commit-graph; on them the task branch with all stages merged."""
    lines = [f"commit refs/heads/main\n{WHO}data 1\nx\nfrom refs/heads/main^0\n\n"]
    lines += [f"commit refs/heads/main\n{WHO}data 1\nx\n\n" for _ in range(MAIN)]
    repository.git("fast-import", "--quiet", input="".join(lines))
    repository.git("commit-graph", "write", "--reachable")
    lines = [f"reset refs/heads/{branch}\nfrom refs/heads/main^0\n\n"]
    for number in range(1, STAGES + 1):
        file = f"M 100644 inline s{number}/a.txt\ndata 1\na\n"
        stage = f"refs/heads/{branch}-s{number}"
        lines.append(f"commit {stage}\nmark :{number}\n{WHO}data 1\ns\nfrom refs/heads/main^0\n{file}\n")
        lines.append(f"commit refs/heads/{branch}\n{WHO}data 1\nm\nmerge :{number}\n{file}\n")
    repository.git("fast-import", "--quiet", "--force", input="".join(lines))


def test_the_ancestry_of_all_stages_is_decided_in_one_walk(
    repository: ScratchRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = Ticket(repository, plans.of(dict.fromkeys(range(1, STAGES + 1), ())))
    ticket.git("switch", "-q", "--detach", cwd=ticket.path())
    imported(repository, ticket.task.branch)
    ticket.git("switch", "-q", ticket.task.branch, cwd=ticket.path())
    ctx = ticket.context()
    base = repository.git("rev-parse", "main")
    with ctx.store.locked():
        for number in range(1, STAGES + 1):
            for event in ("started", "done"):
                data = {"base": base, "head": ticket.tip(number)}
                ctx.store.append(*ticket.task.key[1:], ctx.event(event, number, **data))

    asked: list[tuple[int, int, int, int]] = []

    class Watched(ancestry.Ancestry):
        """Tells what was read for a question."""

        def are_ancestors(self, candidates: Any, head: str) -> dict[str, bool]:
            answer = super().are_ancestors(candidates, head)
            asked.append((len(candidates), self.walks, self.git_calls, self.objects_read))
            return answer

    monkeypatch.setattr(ancestry, "Ancestry", Watched)
    facts = gate_facts.gather(ctx, ticket.task).facts
    assert all(stage.merged for stage in facts.stages)
    assert facts.foreign == ()
    ((candidates, walks, git_calls, objects_read),) = asked
    assert (candidates, walks, git_calls) == (STAGES, 1, 0)
    # The merges and the stages' heads, each once or twice; nothing of main's history.
    assert objects_read <= 4 * STAGES
