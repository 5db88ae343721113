"""Completion in real shells: commands, options and what can be known of tasks, stages, trash, branches and settings."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from git_okstra.cli import dispatch
from git_okstra.core import lifecycle, settings
from support import completion_lists, shells
from support.processes import Ended, Where
from support.repositories import ScratchRepository

PLAN = """\
[[stage]]
number = 1
title = "Model: the \\"first\\" piece"
files = ["a/**"]

[[stage]]
number = 2
title = "Page"
files = ["b/**"]

[[stage]]
number = 3
title = "Manual"
files = ["c/**"]
depends_on = [1, 2]
"""

every_shell = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skipif(shells.missing(name), reason=f"{name} is not installed"))
        for name in shells.SHELLS
    ],
)


@dataclass(frozen=True)
class Desk:
    """A repository with the task DEV-1, its stage 1 open and its stage 2 in the trash."""

    repository: ScratchRepository
    okstra: Callable[..., Ended]
    stage: Path
    trash: str


@pytest.fixture
def desk(okstra: Callable[..., Ended], repository: ScratchRepository, tmp_path: Path) -> Desk:
    (tmp_path / "plan.toml").write_text(PLAN)
    repository.git("branch", "develop")
    okstra("start", "feat", "DEV-1", "--base", "main", cwd=repository)
    okstra("plan", "import", f"{tmp_path}/plan.toml", cwd=repository)
    okstra("plan", "approve", "--yes", cwd=repository)
    stage = okstra("stage", "1", cwd=repository).out.strip()
    okstra("stage", "2", cwd=repository)
    trash = okstra("remove", "2", cwd=repository).out.strip()
    return Desk(repository, okstra, Path(stage), trash)


def shell(name: str, directory: Path, where: Where) -> shells.Shell:
    made = directory / f"shell-{name}"
    made.mkdir(exist_ok=True)
    return shells.SHELLS[name](made, where)


# -- the scripts


@pytest.mark.parametrize("name", completion_lists.SHELLS)
def test_the_lists_in_the_scripts_are_those_of_the_commands(name: str) -> None:
    now, wanted = completion_lists.path(name).read_text(), completion_lists.wanted(name)
    assert now == wanted, "write them anew with: python tests/support/completion_lists.py"


@pytest.mark.parametrize("name", completion_lists.SHELLS)
def test_shell_init_prints_the_script(name: str, okstra: Callable[..., Ended]) -> None:
    assert okstra("shell-init", name).out == completion_lists.path(name).read_text()


# -- what is offered


def expected(desk: Desk) -> dict[str, set[str]]:
    """Line to what is offered for it, in the main worktree."""
    categories = set(desk.okstra("config", "get", "categories.names").out.strip().split(","))
    return {
        "git okstra ": set(dispatch.COMMANDS),
        "git-okstra ": set(dispatch.COMMANDS),
        "git okstra re": {"remove", "reopen", "restore", "release"},
        "git okstra --ver": {"--version"},
        "git okstra plan ": {"import", "show", "check", "approve", "edit", "template"},
        "git-okstra config un": {"unset", "untrust"},
        "git okstra stage ": {"1", "2", "3", "auto"},
        "git-okstra stage ": {"1", "2", "3", "auto"},
        "git okstra stage 1 --e": {"--exclusive"},
        "git okstra merge 1 ": {"1", "2", "3"},
        "git okstra done ": {"1"},
        "git okstra abandon -f ": {"1"},
        "git okstra remove ": {"1", "task", "dev-1"},
        "git okstra path ": {"1", "task", "dev-1"},
        "git okstra remove --un": {"--unmerged"},
        "git okstra restore ": {desk.trash},
        "git okstra status d": {"dev-1"},
        "git okstra log --stage ": {"1", "2", "3"},
        "git okstra log -n ": set(),
        "git okstra list --no": {"--no-dirty"},
        "git okstra start ": categories,
        "git okstra start feat ": set(),
        "git okstra start feat X --base d": {"develop"},
        "git okstra start --base main ": categories,
        "git okstra start --group ": {"dev"},
        "git okstra start feat X --lifecycle ": {"light", "full"},
        "git okstra plan import --format ": {"toml", "json", "markdown"},
        "git okstra plan show --format ": {"text", "mermaid", "dot", "json"},
        "git okstra phase ": {*(phase.name for phase in lifecycle.PHASES), "next"},
        "git okstra verify --lang ": {"en", "ko"},
        "git okstra brief ": {"1", "2", "3"},
        "git okstra config get ": set(settings.SETTINGS),
        "git okstra config set start.lifecycle ": {"light", "full"},
        "git okstra config set --scope global start.fetch ": {"true", "false"},
        "git okstra config set start.base ": set(),
        "git okstra config get --scope bu": {"built-in"},
        "git okstra handoff --action ": {"commit", "pr", "skip"},
        "git okstra handoff --action pr --pr-base d": {"develop"},
        "git okstra exec ": {"1", "task", "dev-1"},
        "git okstra shell-init ": {"bash", "zsh", "fish"},
        "git okstra help sh": {"shell-init"},
        "okcd ": {"1", "task", "dev-1"},
    }


@every_shell
def test_what_is_offered(name: str, desk: Desk, tmp_path: Path) -> None:
    wanted = expected(desk)
    found = shell(name, tmp_path, desk.repository).offers(list(wanted))
    assert dict(zip(wanted, found, strict=True)) == wanted


@every_shell
def test_where_one_stands_and_task_decide_whose_stages_are_offered(name: str, desk: Desk, tmp_path: Path) -> None:
    desk.okstra("start", "fix", "OPS-2", "--base", "main", cwd=desk.repository)
    desk.okstra("start", "fix", "X", "--base", "main", "--group", "one", cwd=desk.repository)
    desk.okstra("start", "docs", "X", "--base", "main", "--group", "two", cwd=desk.repository)
    tasks = {"dev-1", "ops-2", "one/x", "two/x"}
    lines = {
        "git okstra stage ": {"auto"},
        "git okstra stage --task dev-1 ": {"1", "2", "3", "auto"},
        "git okstra stage --task=DEV-1 ": {"1", "2", "3", "auto"},
        "git okstra stage --task dev/dev-1 ": {"1", "2", "3", "auto"},
        "git okstra stage --task ops-2 ": {"auto"},
        "git okstra stage --task ": tasks,
        "git okstra path ": tasks,
    }
    assert dict(zip(lines, shell(name, tmp_path, desk.repository).offers(list(lines)), strict=True)) == lines
    standing = {"git okstra stage ": {"1", "2", "3", "auto"}, "git-okstra path ": {"1", "task", *tasks}}
    assert dict(zip(standing, shell(name, tmp_path, desk.stage).offers(list(standing)), strict=True)) == standing


@every_shell
def test_the_categories_are_those_of_the_settings(name: str, desk: Desk, tmp_path: Path) -> None:
    desk.okstra("config", "set", "categories.names", "feat", "spike", cwd=desk.repository)
    assert shell(name, tmp_path, desk.repository).offers(["git okstra start "]) == [{"feat", "spike"}]


@every_shell
def test_outside_of_a_repository_only_words_are_offered(name: str, tmp_path: Path) -> None:
    lines = {"git okstra stage ": {"auto"}, "git okstra path ": set(), "git okstra start feat X --base ": set()}
    assert dict(zip(lines, shell(name, tmp_path, tmp_path).offers(list(lines)), strict=True)) == lines


@every_shell
def test_the_directory_given_to_git_is_looked_into(name: str, desk: Desk, tmp_path: Path) -> None:
    lines = {f"git -C {desk.repository.path} okstra done ": {"1"}, f"git -C {desk.stage} okstra restore ": {desk.trash}}
    assert dict(zip(lines, shell(name, tmp_path, tmp_path).offers(list(lines)), strict=True)) == lines


@every_shell
def test_files_and_commands_are_offered_where_they_belong(name: str, desk: Desk, tmp_path: Path) -> None:
    (desk.repository.path / "plan-of-mine.md").write_text("")
    used = shell(name, tmp_path, desk.repository)
    assert used.after_tab("git-okstra plan import plan-of").rstrip() == "git-okstra plan import plan-of-mine.md"
    assert used.after_tab("git-okstra verify --check plan-of").rstrip() == "git-okstra verify --check plan-of-mine.md"
    assert used.after_tab("git-okstra exec 1 -- git-oks").rstrip() == "git-okstra exec 1 -- git-okstra"
    assert used.after_tab("git-okstra init plan-of").rstrip() == "git-okstra init plan-of"


@every_shell
def test_tab_completes_below_git(name: str, desk: Desk, tmp_path: Path) -> None:
    if name == "bash" and shells.GITS_OWN is None:
        pytest.skip("git's own completion for bash is not installed")
    used = shell(name, tmp_path, desk.repository)
    assert used.after_tab("git okst") == "git okstra "
    assert used.after_tab("git okstra stage au") == "git okstra stage auto "
    assert used.after_tab(f"git okstra restore {desk.trash[:8]}") == f"git okstra restore {desk.trash} "


@every_shell
def test_values_behind_an_equals_sign_are_completed(name: str, desk: Desk, tmp_path: Path) -> None:
    used = shell(name, tmp_path, desk.repository)
    assert used.after_tab("git-okstra start feat X --base=dev").rstrip() == "git-okstra start feat X --base=develop"


@pytest.mark.skipif(shells.missing("bash"), reason="bash is not installed")
def test_a_branch_name_is_never_run(desk: Desk, tmp_path: Path) -> None:
    desk.repository.git("branch", "x$(touch${IFS}pwned)")
    line = shell("bash", tmp_path, desk.repository).after_tab("git-okstra start feat Y --base x")
    assert shlex.split(line)[-1] == "x$(touch${IFS}pwned)"
    assert not list(desk.repository.path.glob("*pwned*"))


@pytest.mark.skipif(shells.missing("zsh"), reason="zsh is not installed")
def test_zsh_finds_the_script_in_its_path(desk: Desk, tmp_path: Path) -> None:
    functions = tmp_path / "functions"
    functions.mkdir()
    (functions / "_git-okstra").symlink_to(completion_lists.path("zsh"))

    used = shell("zsh", tmp_path, desk.repository)
    assert isinstance(used, shells.Zsh)
    used.fpath = functions
    assert used.after_tab("git okstra stage au") == "git okstra stage auto "
    assert used.after_tab("git-okstra done ") == "git-okstra done 1 "


# -- okcd


@every_shell
def test_okcd_changes_into_a_worktree(name: str, desk: Desk, tmp_path: Path) -> None:
    used = shell(name, tmp_path, desk.repository)
    task = desk.okstra("path", "task", cwd=desk.repository).out.strip()
    assert used.run("okcd 1; and pwd" if name == "fish" else "okcd 1 && pwd").out == f"{desk.stage}\n"
    assert used.run("okcd; and pwd" if name == "fish" else "okcd && pwd").out == f"{task}\n"


@every_shell
def test_okcd_stays_where_it_is_when_there_is_no_such_worktree(name: str, desk: Desk, tmp_path: Path) -> None:
    used = shell(name, tmp_path, desk.repository)
    status = "$status" if name == "fish" else "$?"
    removed = used.run(f"okcd 2; echo {status}; pwd")
    assert removed.out == f"1\n{desk.repository.path}\n"
    assert removed.error == "stage-not-open"
    unplanned = used.run(f"okcd 9; echo {status}; pwd")
    assert unplanned.out == f"2\n{desk.repository.path}\n"
    assert unplanned.error == "no-such-stage"
    assert used.run("okcd nobody").error == "no-such-task"
    assert used.run("okcd -h; pwd").out.endswith(f"\n{desk.repository.path}\n")
    assert used.run("okcd -h").out.startswith("Usage: git okstra path ")


@every_shell
def test_okcd_takes_any_directory(
    name: str,
    okstra: Callable[..., Ended],
    repository: ScratchRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OKSTRA_HOME", f"{tmp_path}/-a 'home' of *결제*")
    path = okstra("start", "feat", "결제-12", "--base", "main", cwd=repository).out.rstrip("\n")
    assert shell(name, tmp_path, repository).run("okcd task; pwd").out == f"{path}\n"
