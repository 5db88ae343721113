"""What a second look with ill will found: work that went, changes that slipped through, and faults on odd input."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support import processes, tickets
from support.repositories import ScratchRepository
from support.tickets import Command


@pytest.fixture
def task(okstra: Command, repository: ScratchRepository) -> Path:
    """The task worktree of DEV-1, whose stages 1 and 2 depend on nothing."""
    return tickets.start(okstra, repository, {1: [], 2: []})


def opened(okstra: Command, task: Path, number: int = 1) -> Path:
    return Path(okstra("stage", str(number), cwd=task).out.rstrip("\n"))


def submodule(repository: ScratchRepository, origin: ScratchRepository) -> None:
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"{origin.path}", "sub")
    repository.git("commit", "-qm", "a submodule")


# -- lost work


def test_a_worktree_that_somebody_made_inside_stays(okstra: Command, repository: ScratchRepository, task: Path) -> None:
    stage = opened(okstra, task)
    (repository.path / ".git/info/exclude").write_text(".inner/\n")
    repository.git("worktree", "add", "-q", "-b", "theirs", f"{stage}/.inner/w")
    (stage / ".inner/w/precious").write_text("nowhere else\n")
    for words in (["remove", "1", "-f", "-D"], ["abandon", "1", "-f"], ["remove", "task", "-f", "-D"]):
        refused = okstra(*words, cwd=repository, check=False).require_error("worktree-occupied")
        assert f"git worktree move '{stage}/.inner/w'" in refused.err
    assert (stage / ".inner/w/precious").read_text() == "nowhere else\n"
    repository.git("worktree", "remove", "--force", f"{stage}/.inner/w")
    okstra("remove", "1", cwd=repository)


def test_a_branch_that_ours_stands_for_is_not_deleted(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    stage = opened(okstra, task)
    tip = repository.commit({"s1/file": "x\n"}, cwd=stage)
    repository.git("branch", "-m", "feat-dev-1-s1", "theirs")
    repository.git("symbolic-ref", "refs/heads/feat-dev-1-s1", "refs/heads/theirs")
    okstra("remove", "1", cwd=repository)
    assert repository.git("rev-parse", "refs/heads/theirs") == tip


def test_an_embedded_clone_without_gitmodules_speaks_for_itself(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    stage = opened(okstra, task)
    repository.git("init", "-q", "s1/clone", cwd=stage)
    repository.commit({"file": "x\n"}, cwd=stage / "s1/clone")
    repository.git("add", "s1/clone", cwd=stage)
    repository.git("commit", "-qm", "embedded", cwd=stage)
    repository.git("branch", "elsewhere", "feat-dev-1-s1")
    okstra("remove", "1", cwd=repository, check=False).require_error("submodule-work")


def test_a_merge_that_is_given_up_keeps_what_was_done_about_it(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    stage = opened(okstra, task)
    repository.commit({"s1/file": "theirs\n"}, cwd=stage)
    okstra("done", "1", cwd=task)
    repository.commit({"s1/file": "ours\n"}, cwd=task)
    okstra("merge", cwd=task, check=False).require_error("merge-conflict")
    assert "rescued-" not in okstra("merge", "--abort", cwd=task).err  # nobody did anything about it
    okstra("merge", cwd=task, check=False).require_error("merge-conflict")
    (task / "s1/file").write_text("resolved with care\n")
    (task / "new 파일").write_text("staged only\n")
    repository.git("add", ".", cwd=task)
    assert "kept 2 edited files in" in okstra("merge", "--abort", cwd=task).err
    (rescued,) = (tickets.home() / "worktrees/.trash").glob("rescued-*")
    assert (rescued / "s1/file").read_text() == "resolved with care\n"
    assert (rescued / "new 파일").read_text() == "staged only\n"
    assert (task / "s1/file").read_text() == "ours\n"


# -- changes outside the plan


def test_no_file_name_hides_a_change_or_upsets_the_check(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    stage = opened(okstra, task)
    names = ["s1\x01/file", "x\x01", "\ns1/file", ":100644", "0" * 40]
    for name in names:
        place = Path(os.path.join(stage, name))
        place.parent.mkdir(exist_ok=True)
        place.write_text("x\n")
    repository.git("add", ".", cwd=stage)
    repository.git("commit", "-qm", "odd names", cwd=stage)
    refused = okstra("done", "1", cwd=task, check=False).require_error("outside-plan")
    assert "5 files are changed" in refused.err


@pytest.mark.parametrize(
    ("key", "value"), [("diff.ignoreSubmodules", "all"), ("submodule.sub.ignore", "all"), ("log.showRoot", "false")]
)
def test_no_setting_hides_a_submodule(
    okstra: Command,
    repository: ScratchRepository,
    make_repository: object,
    tmp_path: Path,
    key: str,
    value: str,
) -> None:
    origin = make_repository("sub")  # type: ignore[operator]
    submodule(repository, origin)
    task = tickets.start(okstra, repository, {1: []})
    stage = opened(okstra, task)
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", cwd=stage)
    repository.git("config", key, value)
    repository.commit({"file": "newer\n"}, cwd=stage / "sub")
    okstra("done", "1", "--allow-empty", cwd=task, check=False).require_error("dirty-worktree")
    repository.git(
        "update-index", "--cacheinfo", f"160000,{repository.git('rev-parse', 'HEAD', cwd=stage / 'sub')},sub", cwd=stage
    )
    repository.git("-c", "diff.ignoreSubmodules=none", "commit", "-qm", "bump", cwd=stage)
    okstra("done", "1", cwd=task, check=False).require_error("outside-plan")


def test_an_order_file_that_is_gone_keeps_nobody_from_closing(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    tickets.work(okstra, repository, task, 1, close=False)
    repository.git("config", "diff.orderFile", "/nowhere/at/all")
    okstra("done", "1", cwd=task)


def test_a_merge_cannot_put_back_what_the_base_branch_changed(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    stage = opened(okstra, task)
    repository.commit({"s1/file": "x\n"}, cwd=stage)
    repository.commit({"mended": "x\n"})
    repository.git("merge", "-q", "-m", "as before", "-s", "ours", "main", cwd=stage)
    refused = okstra("done", "1", cwd=task, check=False).require_error("outside-plan")
    assert "mended" in refused.err
    repository.git("reset", "-q", "--hard", "HEAD~1", cwd=stage)
    repository.git("merge", "-q", "--no-edit", "main", cwd=stage)
    okstra("done", "1", cwd=task)


# -- odd input and odd surroundings


@pytest.mark.parametrize("command", ["path", "stage", "done", "remove", "merge", "reopen", "abandon"])
def test_a_number_without_end_is_used_wrongly(okstra: Command, task: Path, command: str) -> None:
    assert okstra(command, "9" * 5000, cwd=task, check=False).status == 2


@pytest.mark.parametrize("command", ["list", "list --json", "path", "--version", "help", "-h", "stage 1"])
def test_a_full_disk_behind_standard_output_is_said(okstra: Command, task: Path, command: str) -> None:
    line = f"{okstra.words()[0]} {command} >/dev/full"
    ended = processes.run(["sh", "-c", line], cwd=task)
    assert ended.error == "cannot-write", f"{ended}"
    assert "Traceback" not in ended.err
    assert ended.status == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_streams_that_are_closed_or_full_change_no_exit_status(okstra: Command, task: Path, closed: str) -> None:
    script = okstra.words()[0]
    for command, status in (
        ("--version", 0),
        ("path", 0),
        ("list", 0),
        ("list --json", 0),
        ("stage 1", 0),
        ("stage 99", 2),
        ("stage 99 --json", 2),
        ("plan import -", 1),
    ):
        ended = processes.run(["sh", "-c", f"{script} {command} {closed}"], cwd=task, input="")
        assert ended.status == status, f"{ended}"
        assert "Traceback" not in ended.err


def test_a_reader_who_has_gone_is_no_fault(okstra: Command, task: Path) -> None:
    script = okstra.words()[0]
    ended = processes.run(["sh", "-c", f"{script} stage 99 --json | true; {script} list --json | true"], cwd=task)
    assert ended.err == ""


def test_an_identity_that_names_no_project_is_damaged(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    identity = repository.path / ".git/okstra/identity.json"
    identity.write_text('{"format": 1}\n')
    for words in (["list"], ["status"], ["start", "feat", "DEV-2"]):
        okstra(*words, cwd=repository, check=False).require_error("damaged-file")
    assert "damaged-identity" in okstra("doctor", cwd=repository, check=False).out
    okstra("doctor", "--repair", cwd=repository, check=False)
    assert json.loads(identity.read_text())["project"] == "shop"
    okstra("status", cwd=repository)


# -- what reaches a terminal


def test_what_git_says_reaches_the_terminal_without_control_characters(
    okstra: Command, repository: ScratchRepository
) -> None:
    repository.git("config", "remote.origin.url", "/no\u009b31mwhere")
    refused = okstra("start", "feat", "DEV-1", "--fetch", cwd=repository, check=False).require_error("git-failed")
    assert "\u009b" not in refused.err
    assert "\\x9b31m" in refused.err


def test_json_escapes_what_steers_a_terminal(okstra: Command, repository: ScratchRepository) -> None:
    title = "a\u009b31m \u202eb \x7f"
    tickets.start(okstra, repository, None, "DEV-1", "--title", title)
    ended = okstra("list", "--json", cwd=repository)
    assert not {"\u009b", "\u202e", "\x7f"} & set(ended.out)
    assert ended.json()["tasks"][0]["title"] == title


def test_a_store_that_was_tampered_with_does_not_steer_the_terminal(
    okstra: Command, repository: ScratchRepository, task: Path
) -> None:
    path = repository.path / ".git/okstra/tasks/dev/dev-1/task.toml"
    path.write_text(path.read_text().replace('branch = "feat-dev-1"', 'branch = "feat-dev-1\\u0007\\u202e"'))
    out = okstra("status", "--task", "dev-1", cwd=repository, check=False).out
    assert "feat-dev-1\\x07\\u202e" in out
    assert not {"\a", "\u202e"} & set(out)


# -- the directory one stands in: git protects it, as it does when it is typed there


def test_the_directory_one_stands_in_survives_the_merge_that_empties_it(
    okstra: Command, repository: ScratchRepository
) -> None:
    repository.commit({"s1/deep/file": "x\n"})
    task = tickets.start(okstra, repository, {1: [], 2: []})
    stage = opened(okstra, task)
    repository.git("rm", "-q", "s1/deep/file", cwd=stage)
    repository.commit({"s1/other": "y\n"}, cwd=stage)
    okstra("done", "1", cwd=task)
    okstra("merge", cwd=task / "s1/deep")
    assert sorted((task / "s1").rglob("*")) == [task / "s1/deep", task / "s1/other"]
    assert repository.git("status", "--porcelain", cwd=task) == ""


def test_a_file_does_not_take_the_place_of_the_directory_one_stands_in(
    okstra: Command, repository: ScratchRepository
) -> None:
    repository.commit({"s1/deep/file": "x\n"})
    task = tickets.start(okstra, repository, {1: [], 2: []})
    stage = opened(okstra, task)
    repository.git("rm", "-q", "s1/deep/file", cwd=stage)
    repository.commit({"s1/deep": "y\n"}, cwd=stage)
    okstra("done", "1", cwd=task)
    refused = okstra("merge", cwd=task / "s1/deep", check=False).require_error("git-failed")
    assert "Refusing to remove the current working directory" in refused.err
    assert (task / "s1/deep/file").read_text() == "x\n"
    assert repository.git("status", "--porcelain", cwd=task) == ""
    okstra("merge", cwd=task)
    assert (task / "s1/deep").read_text() == "y\n"
