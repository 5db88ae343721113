"""Commands that are suggested can be pasted into a shell, whatever the paths in them are called."""

from __future__ import annotations

import os
import re
from pathlib import Path

from support import processes, tickets
from support.repositories import ScratchRepository
from support.tickets import Command

SOURCE = Path(__file__).resolve().parents[2] / "git_okstra"


def test_a_quote_in_a_path_does_not_break_the_command(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    env = {"OKSTRA_HOME": f"{tmp_path}/it's a home"}
    task = okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository, env=env).out.rstrip("\n")
    okstra("plan", "import", "-", cwd=task, env=env, input=tickets.plan_text({1: ()}))
    okstra("plan", "approve", "--yes", cwd=task, env=env)
    path = okstra("stage", "1", cwd=task, env=env).out.rstrip("\n")
    assert "it's a home" in path
    repository.commit({"s1/a": "a\n"}, cwd=path)
    Path(path, "s1", "a").write_text("changed\n")
    hint = okstra("done", "1", cwd=task, env=env, check=False).require_error("dirty-worktree").err
    typed = re.search("hint: look at them: (.*)", hint)
    assert typed is not None
    assert "modified:   s1/a" in processes.run(["sh", "-c", typed[1]], cwd=tmp_path).require_success().out


def test_no_path_is_put_between_bare_quotes_in_a_command() -> None:
    bare = re.compile(r"\b(git -C|git worktree \w+|mv|chmod \S+|fuser|unlink|ls -la) '\{")
    found = [
        f"{os.path.relpath(path, SOURCE)}: {line.strip()}"
        for path in SOURCE.rglob("*.py")
        for line in path.read_text().splitlines()
        if bare.search(line)
    ]
    assert found == []
