"""`git okstra handoff` as it is typed: three questions on a real terminal, and an option for each in scripts."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.handing import Desk


class Terminal:
    """A hand-off on a terminal of 100 columns."""

    def __init__(self, desk: Desk, *words: str, **env: str) -> None:
        self.child = pexpect.spawn(
            "git",
            ["okstra", "handoff", *words],
            cwd=f"{desk.path()}",
            env={**os.environ, **env},
            dimensions=(60, 100),
            encoding="utf-8",
            timeout=60,
        )

    def sees(self, text: str) -> str:
        """Wait for the text; what came before it."""
        self.child.expect_exact(text)
        return str(self.child.before)

    def answers(self, question: str, answer: str) -> str:
        """Wait for the question and answer it; what was shown before it."""
        shown = self.sees(question)
        self.child.expect(r"(number|number, or any branch) \[[^]]*\]: ")
        shown += str(self.child.before)
        self.child.sendline(answer)
        return shown

    def ends(self, status: int | None = 0) -> str:
        """Wait for its end; what was shown last. None: git itself, which started it, was interrupted."""
        said = self.child.read()
        self.child.close()
        assert self.child.exitstatus == status, said
        return str(said).replace("\r\n", "\n")


def test_three_questions_and_nothing_else_lead_to_the_push(desk: Desk) -> None:
    terminal = Terminal(desk)
    shown = terminal.answers("what shall be done?", "2")
    assert [line.strip() for line in re.findall(r"okstra:   (.*)", shown)] == [
        "1) commit only", "2) commit + pull request", "3) skip"
    ]  # fmt: skip
    assert "1) main" in terminal.answers("which branch is the pull request for?", "")
    shown = terminal.answers("is the text right?", "use as is")
    assert "feat: Vouchers (DEV-1)" in shown
    assert "## Test plan" in shown
    said = terminal.ends()
    assert "okstra: 'feat-dev-1' at " in said
    assert said.endswith(f"{desk.tip()}\n")
    assert desk.there() == desk.tip()


def test_the_text_is_edited_until_it_is_right(desk: Desk, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i -e "1s/.*/Edited \\$(touch x)/" -e "s/- Model/- The model/" "$1"\n')
    editor.chmod(0o755)
    terminal = Terminal(desk, "--action", "pr", "--squash", GIT_EDITOR=f"{editor}")
    terminal.answers("which branch is the pull request for?", "main")
    shown = terminal.answers("is the text right?", "edit")
    assert "the commit message:" in shown and "the pull request into 'main' of origin:" in shown
    shown = terminal.answers("is the text right?", "1")
    assert shown.count("Edited $(touch x)") == 2
    terminal.ends()
    assert desk.there() == desk.tip()
    assert desk.git("log", "-1", "--format=%B", desk.tip()).startswith("Edited $(touch x)\n\n- The model\n- Page\n")
    body = desk.context().store.task_directory("dev", "dev-1") + "/handoff/pull-request.md"
    assert "## Summary\n\n- The model" in Path(body).read_text()


@pytest.mark.parametrize(("answer", "status"), [("3", 1), ("cancel", 1)])
def test_cancel_leaves_everything_as_it_is(desk: Desk, answer: str, status: int) -> None:
    before = (desk.git("for-each-ref"), desk.phase, desk.events("handed-off"))
    terminal = Terminal(desk, "--action", "pr", "--pr-base", "main")
    terminal.answers("is the text right?", "neither")
    terminal.sees("number [1]: ")
    terminal.child.sendline(answer)
    assert "nothing was done" in terminal.ends(status)
    assert (desk.git("for-each-ref"), desk.phase, desk.events("handed-off")) == before
    assert desk.there() is None


def test_skip_and_ctrl_c(desk: Desk) -> None:
    terminal = Terminal(desk)
    terminal.answers("what shall be done?", "skip")
    assert "nothing was done" in terminal.ends()
    terminal = Terminal(desk)
    terminal.sees("what shall be done?")
    terminal.child.sendintr()
    assert "error [interrupted]" in terminal.ends(None)
    assert (desk.there(), desk.phase) == (None, "final-verification")


def test_what_was_begun_is_gone_on_with_without_a_question(desk: Desk) -> None:
    hook = Path(f"{desk.remote.cwd}/hooks/pre-receive")
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    terminal = Terminal(desk, "--action", "pr", "--pr-base", "main", "--yes")
    assert "error [push-refused]" in terminal.ends(1)
    hook.unlink()
    said = Terminal(desk).ends()
    assert "going on with the hand-off of 20" in said
    assert desk.there() == desk.tip()


def test_no_editor_is_a_clear_error_and_nothing_was_done(desk: Desk) -> None:
    terminal = Terminal(desk, "--action", "commit", GIT_EDITOR="false")
    terminal.answers("is the text right?", "2")
    assert "error [usage]: there was a problem with the editor 'false'" in terminal.ends(2)
    assert desk.phase == "final-verification"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "usage"),
        (["--action", "pr", "--pr-base", "main"], "needs-yes"),
        (["--action", "commit"], "needs-yes"),
        (["--action", "commit", "--message-file", "nowhere"], "usage"),
        (["--action", "commit", "--yes", "--template", "nowhere"], "usage"),
        (["--action", "pull"], "usage"),
    ],
)
def test_a_script_is_told_which_option_answers(desk: Desk, okstra: Any, words: list[str], code: str) -> None:
    ended = okstra("handoff", *words, cwd=desk.path(), check=False).require_error(code)
    assert "git okstra h" in ended.err
    assert (desk.there(), desk.phase) == (None, "final-verification")


def test_a_script_says_everything_with_options(desk: Desk, okstra: Any, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Mine\n\nand why\n")
    words = ["--action", "pr", "--pr-base", "main", "--squash", "--message-file"]
    told = okstra("handoff", *words, "-", "--dry-run", "--json", cwd=desk.path(), input="Mine\n").json()
    assert (told["dry_run"], told["title"], told["base"], desk.there()) == (True, "Mine", "main", None)
    done = okstra("handoff", *words, f"{tmp_path}/text", "--json", cwd=desk.path()).json()
    assert done["head"] == done["made"] == done["squashed"]["new"] == desk.tip() == desk.there()
    assert (done["pushed"], done["pull_request"], done["message"]) == (True, None, "Mine\n\nand why\n")
    assert "## Summary\n\nand why" in done["body"]
    assert okstra("handoff", "--action", "skip", "--json", cwd=desk.path()).json()["action"] == "skip"
