"""`git okstra start` as people type it: the base, names that clash, what is there already, and what it leaves alone."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest

from support import tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

Make = Callable[[str], ScratchRepository]


@pytest.fixture
def start(okstra: Command, repository: ScratchRepository) -> Callable[..., Ended]:
    """`start(…)` in the main worktree, as JSON; refusals are returned like anything else."""

    def run(*args: str, cwd: os.PathLike[str] | None = None, **env: str) -> Ended:
        return okstra("start", *args, "--json", cwd=cwd or repository, env=env, check=False)

    return run


def message(ended: Ended, code: str) -> str:
    """The message of the refusal, which has this code and a hint."""
    error = ended.require_error(code).json()["error"]
    assert error["hint"] or code == "held"
    return str(error["message"])


def path_of(*parts: str) -> str:
    return os.path.join(tickets.home(), "worktrees", *parts)


def snapshot(*roots: Path) -> dict[str, tuple[object, ...]]:
    """Every file below: mode, time of change and content, so that nothing can have been written unnoticed."""
    found: dict[str, tuple[object, ...]] = {}
    for root in roots:
        for directory, directories, names in os.walk(root):
            for name in [".", *directories, *names]:
                path = os.path.join(directory, name)
                about = os.lstat(path)
                content = hashlib.sha256(Path(path).read_bytes()).hexdigest() if stat.S_ISREG(about.st_mode) else ""
                found[os.path.normpath(path)] = (about.st_mode, about.st_ino, about.st_mtime_ns, content)
    return found


# -- what it does


def test_a_task_gets_its_branch_and_worktree(start: Callable[..., Ended], repository: ScratchRepository) -> None:
    document = start("feat", "DEV-9436", "--title", "Pay by card", OKSTRA_OWNER="ada").require_success().json()
    path = path_of("shop", "dev", "dev-9436")
    assert document["schema"] == "okstra.start/1"
    assert (document["status"], document["path"], document["owner"]) == ("created", path, "ada")
    task = document["task"]
    assert {name: task[name] for name in ("key", "id", "category", "group", "title", "branch", "phase")} == {
        "key": "shop/dev/dev-9436",
        "id": "DEV-9436",
        "category": "feat",
        "group": "dev",
        "title": "Pay by card",
        "branch": "feat-dev-9436",
        "phase": "implementation",
    }
    assert task["base"] == {"ref": "main", "commit": repository.head}
    assert tickets.worktrees(repository) == {path: "feat-dev-9436"}
    tickets.require_order(repository)


def test_the_path_alone_is_on_standard_output(okstra: Command, repository: ScratchRepository) -> None:
    ended = okstra("start", "feat", "DEV-1", cwd=repository)
    assert ended.out == path_of("shop", "dev", "dev-1") + "\n"
    assert all(line.startswith("okstra: ") for line in ended.err.splitlines())


def test_again_it_gives_the_same_path(start: Callable[..., Ended], repository: ScratchRepository) -> None:
    first = start("feat", "DEV-1").require_success().json()
    (repository.path / "deep").mkdir()
    for where in (repository.path, repository.path / "deep", Path(first["path"])):
        again = start("feat", "DEV-1", cwd=where).require_success().json()
        assert again["status"] == "reused"
        assert {name: again[name] for name in ("path", "since", "pid", "owner")} == {
            name: first[name] for name in ("path", "since", "pid", "owner")
        }
    assert len(tickets.reservations()) == 1


def test_again_with_exclusive_it_is_refused(start: Callable[..., Ended]) -> None:
    start("feat", "DEV-1", "--exclusive").require_success()
    assert "task DEV-1 is held by " in message(start("feat", "DEV-1", "--exclusive"), "held")


def test_what_someone_else_has_is_refused_with_who_since_when_and_where(start: Callable[..., Ended]) -> None:
    first = start("feat", "DEV-1", OKSTRA_OWNER="ada").json()
    refused = start("feat", "DEV-1", OKSTRA_OWNER="bob")
    assert refused.status == 3
    assert message(refused, "held") == f"task DEV-1 is held by ada since {first['since']}, in '{first['path']}'"


def test_a_task_given_back_can_be_had_by_another(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    path = start("feat", "DEV-1", OKSTRA_OWNER="ada").json()["path"]
    commit = repository.commit({"new": "x\n"}, cwd=path)
    okstra("release", "dev-1", cwd=repository, env={"OKSTRA_OWNER": "ada"})
    document = start("feat", "DEV-1", OKSTRA_OWNER="bob").require_success().json()
    assert (document["status"], document["path"], document["owner"]) == ("created", path, "bob")
    assert repository.git("rev-parse", "HEAD", cwd=path) == commit
    message(start("feat", "DEV-1", OKSTRA_OWNER="ada"), "held")
    tickets.require_order(repository)


def test_a_removed_task_can_be_started_anew(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    start("feat", "DEV-1").require_success()
    okstra("remove", "dev-1", cwd=repository)
    base = repository.commit({"later": "x\n"})
    document = start("feat", "DEV-1").require_success().json()
    assert (document["status"], document["task"]["base"]["commit"]) == ("created", base)
    tickets.require_order(repository)


def test_a_worktree_that_was_deleted_is_reported(start: Callable[..., Ended], repository: ScratchRepository) -> None:
    path = Path(start("feat", "DEV-1").json()["path"])
    repository.git("worktree", "list")
    for file in path.iterdir():
        file.unlink()
    path.rmdir()
    assert f"'{path}' is gone" in message(start("feat", "DEV-1"), "worktree-missing")


# -- the base


def test_the_only_branch_of_the_menu_is_taken_and_told(start: Callable[..., Ended]) -> None:
    notes = start("feat", "DEV-1").json()["notes"]
    assert notes[0].startswith("starting from 'main', the only one of main master dev develop staging preprod prod")


def test_several_branches_of_the_menu_need_a_base(start: Callable[..., Ended], repository: ScratchRepository) -> None:
    for name in ("prod", "develop", "topic"):
        repository.git("branch", name)
    repository.git("switch", "-q", "topic")
    refused = start("feat", "DEV-1")
    assert refused.status == 2
    assert "main, develop, prod" in message(refused, "base-required")
    assert "--base main" in refused.json()["error"]["hint"]
    assert tickets.reservations() == {}
    assert start("feat", "DEV-1", "--base", "topic").json()["task"]["base"]["ref"] == "topic"
    # Once it is started nobody asks again.
    assert start("feat", "DEV-1").json()["status"] == "reused"


def test_without_any_branch_of_the_menu_the_current_one_is_offered(okstra: Command, make_repository: Make) -> None:
    repository = make_repository("other")
    repository.git("branch", "-m", "trunk")
    refused = okstra("start", "feat", "X-1", "--json", cwd=repository, check=False)
    message(refused, "base-required")
    assert "--base trunk" in refused.json()["error"]["hint"]
    okstra("config", "set", "start.base", "trunk", cwd=repository)
    assert okstra("start", "feat", "X-1", "--json", cwd=repository).json()["task"]["base"]["ref"] == "trunk"


def test_a_configured_base_is_taken(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    repository.git("branch", "dev")
    older = repository.head
    repository.commit(message="ahead")
    okstra("config", "set", "start.base", "dev", cwd=repository)
    assert start("feat", "DEV-1").json()["task"]["base"] == {"ref": "dev", "commit": older}


@pytest.mark.parametrize("ref", ["v1", "main~1", ":/first commit", "{short}"])
def test_any_commit_can_be_the_base(start: Callable[..., Ended], repository: ScratchRepository, ref: str) -> None:
    first = repository.head
    repository.git("tag", "-a", "v1", "-m", "a tag of a tag's kind")
    repository.commit(message="second")
    document = start("feat", "DEV-1", "--base", ref.format(short=first[:7])).require_success().json()
    assert document["task"]["base"]["commit"] == first
    assert repository.git("rev-parse", "feat-dev-1") == first


@pytest.mark.parametrize("ref", ["nowhere", "main:README.md", "-x", "--all", "main..main", ""])
def test_what_names_no_commit_is_refused(start: Callable[..., Ended], ref: str) -> None:
    message(start("feat", "DEV-1", f"--base={ref}"), "bad-revision")
    assert tickets.reservations() == {}


def cloned(repository: ScratchRepository, tmp_path: Path) -> ScratchRepository:
    path = tmp_path / "clones" / "shop"
    path.parent.mkdir()
    repository.git("clone", "-q", f"{repository.path}", f"{path}")
    return ScratchRepository(path)


def test_a_remote_branch_as_base_sets_no_upstream(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    clone = cloned(repository, tmp_path)
    clone.git("config", "branch.autoSetupMerge", "always")
    okstra("start", "feat", "DEV-1", "--base", "origin/main", cwd=clone)
    assert clone.git.run("config", "--get-regexp", r"^branch\.feat-dev-1\.").out == ""
    assert clone.git.run("rev-parse", "feat-dev-1@{upstream}").status != 0
    row = okstra("list", "--json", cwd=clone).json()["tasks"][0]
    assert (row["ahead"], row["behind"]) == (0, 0)


def test_fetch_brings_what_the_remote_has(okstra: Command, repository: ScratchRepository, tmp_path: Path) -> None:
    clone = cloned(repository, tmp_path)
    newer = repository.commit(message="newer")
    before = okstra("start", "feat", "DEV-1", "--base", "origin/main", "--json", cwd=clone).json()
    fetched = okstra("start", "feat", "DEV-2", "--base", "origin/main", "--fetch", "--json", cwd=clone).json()
    assert before["task"]["base"]["commit"] != newer
    assert fetched["task"]["base"]["commit"] == newer


# -- at a terminal


def terminal(okstra: Command, *args: str, cwd: os.PathLike[str]) -> pexpect.spawn:
    words = okstra.words(*args)
    return pexpect.spawn(words[0], words[1:], cwd=os.fspath(cwd), encoding="utf-8", timeout=30, dimensions=(50, 200))


@pytest.mark.parametrize(("typed", "base"), [("2", "dev"), ("", "main"), ("topic~1", "topic~1")])
def test_the_base_is_asked_for_at_a_terminal(
    okstra: Command, repository: ScratchRepository, typed: str, base: str
) -> None:
    repository.git("branch", "dev")
    repository.git("switch", "-q", "-c", "topic")
    repository.commit(message="on topic")
    asked = terminal(okstra, "start", "feat", "DEV-1", cwd=repository)
    asked.expect("which commit shall the branch start from")
    for line in (r"1\) main", r"2\) dev", r"3\) topic"):
        asked.expect(line)
    asked.expect(r"\[main\]: ")
    asked.sendline(typed)
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 0, asked.before
    assert path_of("shop", "dev", "dev-1") in asked.before
    assert repository.git("rev-parse", "feat-dev-1") == repository.git("rev-parse", base)

    again = terminal(okstra, "start", "feat", "DEV-1", cwd=repository)
    again.expect(pexpect.EOF)
    again.close()
    assert again.exitstatus == 0
    assert "which commit" not in again.before


@pytest.mark.parametrize("arguments", [["--base", "dev"], ["--json"]])
def test_nothing_is_asked_when_it_is_said_or_json_is_wanted(
    okstra: Command, repository: ScratchRepository, arguments: list[str]
) -> None:
    repository.git("branch", "dev")
    run = terminal(okstra, "start", "feat", "DEV-1", *arguments, cwd=repository)
    run.expect(pexpect.EOF)
    run.close()
    assert "1) main" not in run.before
    assert run.exitstatus == (0 if "--base" in arguments else 2), run.before


def test_nothing_is_asked_for_a_task_of_someone_else(okstra: Command, repository: ScratchRepository) -> None:
    repository.git("branch", "dev")
    okstra("start", "feat", "DEV-1", "--base", "dev", cwd=repository, env={"OKSTRA_OWNER": "ada"})
    run = terminal(okstra, "start", "feat", "DEV-1", cwd=repository)
    run.expect(pexpect.EOF)
    run.close()
    assert run.exitstatus == 3, run.before
    assert "which commit" not in run.before


def test_an_interrupt_at_the_question_changes_nothing(okstra: Command, repository: ScratchRepository) -> None:
    repository.git("branch", "dev")
    asked = terminal(okstra, "start", "feat", "DEV-1", cwd=repository)
    asked.expect(r"\[main\]: ")
    asked.sendintr()
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 130, asked.before
    assert "Traceback" not in asked.before
    assert tickets.reservations() == {}


# -- categories and names


@pytest.mark.parametrize(
    ("typed", "category"),
    [("feature", "feat"), ("bugfix", "fix"), ("bug", "fix"), ("FEAT", "feat"), ("hotfix", "hotfix"), ("ci", "ci")],
)
def test_categories_and_their_aliases(start: Callable[..., Ended], typed: str, category: str) -> None:
    assert start(typed, "DEV-1").json()["task"]["branch"] == f"{category}-dev-1"


def test_an_unknown_category_is_refused_with_the_near_miss(start: Callable[..., Ended]) -> None:
    refused = start("faet", "DEV-1")
    assert "'faet' is no category; there are: feat fix" in message(refused, "unknown-category")
    assert "feat" in refused.json()["error"]["hint"]


def test_a_task_has_one_category(start: Callable[..., Ended]) -> None:
    start("feat", "DEV-1").require_success()
    refused = start("fix", "DEV-1")
    assert message(refused, "task-exists") == "task DEV-1 exists already, as 'feat'"
    assert "start feat" in refused.json()["error"]["hint"]


@pytest.mark.parametrize(
    ("typed", "group", "task"),
    [
        ("결제-12", "결제", "결제-12"),
        ("결제-12".encode().decode("utf-8"), "결제", "결제-12"),
        ("My Task 7", "default", "my-task-7"),
        ('it\'s "so"', "default", "it-s-so"),
        ("🚀 launch 🚀", "default", "launch"),
        ("a$(touch pwned)b", "default", "a-touch-pwned-b"),
        ("../../etc/passwd", "default", "etc-passwd"),
        ("x" * 64, "default", "x" * 64),
        ("GROẞ-1", "gross", "gross-1"),
        ("v1..2", "default", "v1.2"),
        ("한" * 64, "default", "한" * 64),
    ],
)
def test_ids_of_all_kinds(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository, typed: str, group: str, task: str
) -> None:
    document = start("feat", typed).require_success().json()
    assert document["task"]["key"] == f"shop/{group}/{task}"
    assert document["path"] == path_of("shop", group, task)
    assert tickets.worktrees(repository) == {document["path"]: f"feat-{task}"}
    assert okstra("path", task, cwd=repository).out == document["path"] + "\n"
    assert okstra("list", "--json", cwd=repository).json()["tasks"][0]["id"] == typed
    assert start("feat", typed).json()["status"] == "reused"
    assert not (repository.path / "pwned").exists()


def test_an_id_with_a_leading_dash(okstra: Command, repository: ScratchRepository) -> None:
    ended = okstra("start", "feat", "--json", "--", "-x", cwd=repository).json()
    assert (ended["task"]["id"], ended["task"]["branch"]) == ("-x", "feat-x")
    assert okstra("path", "--", "-x", cwd=repository).out == ended["path"] + "\n"


@pytest.mark.parametrize(
    "typed",
    ["a\nb", "a\tb", "", " ", "...", "🚀", "x" * 65, "한" * 67, "a.lock", "dev-1-s3", "a\x1bb", "a\udc80b"],
)
def test_ids_that_cannot_be_a_name_are_refused(
    okstra: Command, repository: ScratchRepository, typed: str, tmp_path: Path
) -> None:
    before = snapshot(repository.path, tmp_path)
    refused = okstra("start", "feat", typed, "--json", cwd=repository, check=False)
    assert "\n" not in message(refused, "bad-name")
    assert "\x1b" not in refused.out
    assert snapshot(repository.path, tmp_path) == before
    assert not tickets.home().exists()


@pytest.mark.parametrize("other", ["dev-1", "Dev-1", " DEV-1 "])
def test_ids_that_differ_by_case_alone_are_the_same(start: Callable[..., Ended], other: str) -> None:
    first = start("feat", "DEV-1").json()
    again = start("feat", other).require_success().json()
    assert (again["status"], again["path"], again["task"]["id"]) == ("reused", first["path"], "DEV-1")


def test_ids_that_differ_by_unicode_form_alone_are_the_same(start: Callable[..., Ended]) -> None:
    composed, decomposed = "CAF\u00c9-1", "cafe\u0301-1"
    first = start("feat", composed).json()
    assert start("feat", decomposed).json()["path"] == first["path"]


def test_different_ids_of_one_name_are_refused_and_branch_is_the_way_out(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    start("feat", "DEV/1").require_success()
    refused = start("feat", "DEV:1")
    assert refused.status == 2
    assert message(refused, "name-collision") == "the ids 'DEV:1' and 'DEV/1' give the same name 'dev-1'"
    assert "--branch" in refused.json()["error"]["hint"]
    other = start("feat", "DEV:1", "--branch", "feat-dev-colon-1").require_success().json()
    assert other["task"]["key"] == "shop/default/dev-colon-1"
    again = start("feat", "DEV:1", "--branch", "feat-dev-colon-1").require_success().json()
    assert (again["status"], again["path"]) == ("reused", other["path"])
    tickets.require_order(repository)
    # Named by its id it is found, though the segment of that id is another's.
    assert okstra("path", "DEV:1", cwd=repository).out == other["path"] + "\n"
    assert okstra("path", "DEV/1", cwd=repository).out == path_of("shop", "default", "dev-1") + "\n"


def test_one_branch_for_two_groups_is_refused_and_branch_is_the_way_out(
    start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    start("feat", "x", "--group", "one").require_success()
    refused = message(start("feat", "x", "--group", "two"), "name-collision")
    assert "shop/one/x" in refused
    assert "shop/two/x" in refused
    other = start("feat", "x", "--group", "two", "--branch", "feat/two/x").require_success().json()
    assert tickets.worktrees(repository)[other["path"]] == "feat/two/x"
    tickets.require_order(repository)


def test_a_collision_with_another_clone_has_the_way_out_too(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository, tmp_path: Path
) -> None:
    start("feat", "DEV/1").require_success()
    clone = cloned(repository, tmp_path)
    message(start("feat", "DEV:1", cwd=clone), "name-collision")
    start("feat", "DEV:1", "--branch", "feat-colon", cwd=clone).require_success()


@pytest.mark.parametrize("name", ["-x", "a..b", "a b", "a~1", "@{-1}", "x.lock", "a/"])
def test_what_git_refuses_as_a_branch_is_refused(start: Callable[..., Ended], name: str) -> None:
    message(start("feat", "DEV-1", f"--branch={name}"), "bad-name")
    assert tickets.reservations() == {}


# -- what is there already


def test_a_branch_that_is_not_ours_is_refused_and_adopted_when_asked(
    start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    base = repository.head
    repository.git("switch", "-q", "-c", "feat-dev-1")
    work = repository.commit({"work": "x\n"})
    repository.git("switch", "-q", "main")
    repository.commit(message="main goes on")
    refused = start("feat", "DEV-1")
    assert f"the branch 'feat-dev-1' exists already (at {work[:12]})" in message(refused, "branch-exists")
    assert "--adopt" in refused.json()["error"]["hint"]
    assert tickets.reservations() == {}
    adopted = start("feat", "DEV-1", "--adopt").require_success().json()
    assert adopted["status"] == "created"
    assert adopted["task"]["base"] == {"ref": "main", "commit": base}
    assert repository.git("rev-parse", "HEAD", cwd=adopted["path"]) == work
    tickets.require_order(repository)


def test_adopt_without_a_branch_makes_one(start: Callable[..., Ended]) -> None:
    assert start("feat", "DEV-1", "--adopt").json()["status"] == "created"


def test_a_branch_that_is_checked_out_cannot_be_adopted(
    start: Callable[..., Ended], repository: ScratchRepository
) -> None:
    repository.git("switch", "-q", "-c", "feat-dev-1")
    refused = start("feat", "DEV-1", "--adopt", "--base", "main")
    assert f"checked out in '{repository.path}'" in message(refused, "branch-exists")
    assert tickets.reservations() == {}


@pytest.mark.parametrize("kind", ["file", "directory", "symlink", "repository", "worktree"])
def test_a_path_that_is_not_ours_is_refused(
    start: Callable[..., Ended], repository: ScratchRepository, tmp_path: Path, kind: str
) -> None:
    path = Path(path_of("shop", "dev", "dev-1"))
    path.parent.mkdir(parents=True)
    if kind == "file":
        path.touch()
    elif kind == "directory":
        path.mkdir()
        (path / "theirs").touch()
    elif kind == "symlink":
        (tmp_path / "elsewhere").mkdir()
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "repository":
        repository.git("init", "-q", f"{path}")
    else:
        repository.git("worktree", "add", "-q", "-b", "theirs", f"{path}")
    before = snapshot(path)
    assert f"'{path}' exists already" in message(start("feat", "DEV-1"), "path-exists")
    assert snapshot(path) == before
    assert tickets.reservations() == {}
    assert "feat-dev-1" not in tickets.branches(repository)


def test_an_empty_directory_is_no_obstacle(start: Callable[..., Ended], repository: ScratchRepository) -> None:
    Path(path_of("shop", "dev", "dev-1")).mkdir(parents=True)
    start("feat", "DEV-1").require_success()
    tickets.require_order(repository)


# -- in a linked worktree that okstra did not make


@pytest.fixture
def foreign(repository: ScratchRepository, tmp_path: Path) -> Path:
    path = tmp_path / "foreign"
    repository.git("worktree", "add", "-q", "-b", "their-work", f"{path}")
    return path


def test_in_a_foreign_worktree_the_task_is_bound_to_it(
    okstra: Command, start: Callable[..., Ended], repository: ScratchRepository, foreign: Path
) -> None:
    base = repository.head
    repository.commit({"theirs": "x\n"}, cwd=foreign)
    document = start("feat", "DEV-1", cwd=foreign).require_success().json()
    assert (document["status"], document["path"]) == ("skipped-in-worktree", f"{foreign}")
    assert document["task"]["branch"] == "their-work"
    assert document["task"]["base"]["commit"] == base
    assert tickets.worktrees(repository) == {f"{foreign}": "their-work"}
    assert tickets.branches(repository).keys() == {"main", "their-work"}
    for where in (foreign, repository.path):
        again = start("feat", "DEV-1", cwd=where).require_success().json()
        assert (again["status"], again["path"]) == ("reused", f"{foreign}")
    assert okstra("path", cwd=foreign).out == f"{foreign}\n"
    assert okstra("list", "--json", cwd=repository).json()["tasks"][0]["in_place"] is True


def test_worktree_has_a_new_one_made(start: Callable[..., Ended], repository: ScratchRepository, foreign: Path) -> None:
    document = start("feat", "DEV-1", "--worktree", cwd=foreign).require_success().json()
    assert (document["status"], document["path"]) == ("created", path_of("shop", "dev", "dev-1"))


def test_from_a_worktree_of_ours_a_new_one_is_made(start: Callable[..., Ended]) -> None:
    first = start("feat", "DEV-1").json()
    second = start("feat", "DEV-2", cwd=Path(first["path"])).require_success().json()
    assert (second["status"], second["path"]) == ("created", path_of("shop", "dev", "dev-2"))


@pytest.mark.parametrize("how", ["detached", "base"])
def test_a_foreign_worktree_without_a_branch_of_its_own_is_refused(
    start: Callable[..., Ended], repository: ScratchRepository, foreign: Path, how: str
) -> None:
    repository.git("switch", "-q", *(["--detach"] if how == "detached" else ["-c", "dev"]), cwd=foreign)
    refused = start("feat", "DEV-1", "--base", "dev" if how == "base" else "main", cwd=foreign)
    message(refused, "wrong-branch")
    assert tickets.reservations() == {}


# -- dry runs, other places, hooks


@pytest.mark.parametrize("used", [False, True], ids=["never used", "used"])
def test_a_dry_run_changes_nothing(okstra: Command, repository: ScratchRepository, tmp_path: Path, used: bool) -> None:
    clone = cloned(repository, tmp_path)
    repository.commit(message="not fetched")
    if used:
        okstra("start", "feat", "OTHER-1", cwd=clone)
    roots = (clone.path, tickets.home().parent)
    before = snapshot(*roots)
    foretold = okstra("start", "feat", "DEV-1", "--dry-run", "--fetch", "--json", cwd=clone).json()
    assert snapshot(*roots) == before
    assert (foretold["status"], foretold["dry_run"]) == ("created", True)
    told = okstra("start", "feat", "DEV-1", "-n", cwd=clone)
    assert snapshot(*roots) == before
    assert "nothing was changed" in told.err
    done = okstra("start", "feat", "DEV-1", "--json", cwd=clone).json()
    assert {name: done[name] for name in ("status", "path")} == {name: foretold[name] for name in ("status", "path")}
    assert done["task"]["branch"] == foretold["task"]["branch"]
    before = snapshot(*roots)
    assert okstra("start", "feat", "DEV-1", "-n", "--json", cwd=clone).json()["status"] == "reused"
    assert snapshot(*roots) == before


def test_a_dry_run_foretells_refusals(start: Callable[..., Ended], repository: ScratchRepository) -> None:
    repository.git("branch", "feat-dev-1")
    message(start("feat", "DEV-1", "-n"), "branch-exists")
    start("feat", "DEV-2", OKSTRA_OWNER="ada").require_success()
    message(start("feat", "DEV-2", "-n", OKSTRA_OWNER="bob"), "held")
    Path(path_of("shop", "dev", "dev-3")).mkdir(parents=True)
    Path(path_of("shop", "dev", "dev-3", "theirs")).touch()
    message(start("feat", "DEV-3", "-n"), "path-exists")
    message(start("feat", "dev-2", "-n", "--group", "two"), "name-collision")


def test_outside_a_repository(okstra: Command, tmp_path: Path) -> None:
    refused = okstra("start", "feat", "DEV-1", "--json", cwd=tmp_path, check=False)
    assert refused.status == 128
    message(refused, "not-a-repository")
    skipped = okstra("start", "feat", "DEV-1", "--skip-ok", "--json", cwd=tmp_path)
    assert skipped.json()["status"] == "skipped-not-git"
    assert okstra("start", "feat", "DEV-1", "--skip-ok", cwd=tmp_path).out == ""
    assert not tickets.home().exists()


HOOK = """\
#!/bin/sh
echo "$(pwd -P) $*" >>"{log}"
env | grep -E '^GIT_(DIR|INDEX_FILE|WORK_TREE)=' >>"{log}"
exit {status}
"""


@pytest.mark.parametrize("status", [0, 7])
def test_the_post_checkout_hook_runs_once_as_git_itself_would_run_it(
    start: Callable[..., Ended], repository: ScratchRepository, tmp_path: Path, status: int
) -> None:
    log = tmp_path / "log"
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit"):
        hook = repository.path / ".git" / "hooks" / name
        text = HOOK.format(log=log, status=status) if name == "post-checkout" else "#!/bin/sh\nexit 1\n"
        hook.write_text(text)
        hook.chmod(0o755)
    document = start("feat", "DEV-1").require_success().json()
    lines = [line for line in log.read_text().splitlines() if not line.startswith("GIT_")]
    assert lines == [f"{document['path']} {'0' * 40} {repository.head} 1"]
    hooked = [note for note in document["notes"] if "post-checkout" in note]
    assert bool(hooked) == bool(status)
    assert start("feat", "DEV-1").json()["status"] == "reused"
    assert len([line for line in log.read_text().splitlines() if not line.startswith("GIT_")]) == 1
