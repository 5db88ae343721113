"""Recognising what is merged already. A wrong "no" costs an option on the command line, a wrong "yes" costs work."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.git import containment
from support.repositories import Git, ScratchRepository

LINES = [f"line {number}\n" for number in range(40)]


@pytest.fixture
def repository(make_repository: Callable[[str], ScratchRepository]) -> ScratchRepository:
    """`main` holds a file of 40 lines; `topic` begins there and is checked out."""
    made = make_repository("shop")
    made.commit({"file": "".join(LINES)}, "forty lines")
    made.git("switch", "-q", "-c", "topic")
    return made


def contained(repository: ScratchRepository, tip: str = "topic", into: str = "main") -> bool:
    ids = [repository.git("rev-parse", name) for name in (tip, into)]
    return containment.is_contained(f"{repository.path}/.git", *ids)


def edit(repository: ScratchRepository, *changes: tuple[int, str], message: str = "edit") -> str:
    """Replace lines of the file, and commit."""
    lines = (repository.path / "file").read_text().splitlines(keepends=True)
    for number, text in changes:
        lines[number] = text
    return repository.commit({"file": "".join(lines)}, message)


def on_main(repository: ScratchRepository) -> Git:
    repository.git("switch", "-q", "main")
    return repository.git


# -- recognised


def test_a_rebased_branch_is_recognised(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    edit(repository, (30, "thirty\n"))
    git = on_main(repository)
    edit(repository, (15, "fifteen\n"))
    git("cherry-pick", "main..topic")
    edit(repository, (31, "later, beside it\n"))
    assert contained(repository)


def test_cherry_picks_among_other_commits_are_recognised(repository: ScratchRepository) -> None:
    repository.commit({"a": "a\n"})
    repository.commit({"b": "b\n"})
    git = on_main(repository)
    for name in ("topic", "topic~1"):  # in another order, too
        repository.commit({f"other-{name[-1]}": "x\n"})
        git("cherry-pick", name)
    repository.commit({"a": "changed since\n"})
    repository.commit({"b": "changed since\n"})
    assert contained(repository)


def test_a_squash_merge_is_recognised(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    edit(repository, (3, "drei\n"), (4, "vier\n"))
    git = on_main(repository)
    git("merge", "--squash", "topic")
    git("commit", "-q", "-m", "squashed")
    assert contained(repository)


def test_a_squash_merge_is_recognised_after_the_same_lines_changed_again(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    edit(repository, (4, "four\n"))
    git = on_main(repository)
    git("merge", "--squash", "topic")
    git("commit", "-q", "-m", "squashed")
    edit(repository, (3, "and changed again\n"))
    assert contained(repository)


def test_a_squash_merge_is_recognised_when_main_moved_beside_it(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    edit(repository, (5, "five\n"))
    git = on_main(repository)
    edit(repository, (6 + 1, "seven\n"))  # within the context of the change, so that the patch is another one
    git("merge", "--squash", "topic")
    git("commit", "-q", "-m", "squashed")
    assert contained(repository)


def test_a_squash_merge_is_recognised_when_the_branch_had_merged_main(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    git = on_main(repository)
    edit(repository, (20, "twenty\n"))
    git("switch", "-q", "topic")
    git("merge", "-q", "--no-edit", "main")
    edit(repository, (4, "four\n"))
    on_main(repository)
    git("merge", "--squash", "topic")
    git("commit", "-q", "-m", "squashed")
    assert contained(repository)


def test_a_rebased_branch_that_deletes_renames_and_changes_modes_is_recognised(repository: ScratchRepository) -> None:
    repository.git("mv", "README.md", "READ ME.md")
    repository.git("commit", "-q", "-m", "rename")
    (repository.path / "file").chmod(0o755)
    repository.git("commit", "-q", "-a", "-m", "mode")
    repository.git("rm", "-q", "READ ME.md")
    repository.git("commit", "-q", "-m", "delete")
    git = on_main(repository)
    repository.commit({"other": "x\n"})
    git("cherry-pick", "main..topic")
    assert contained(repository)


def test_binary_and_oddly_named_files_are_recognised(repository: ScratchRepository) -> None:
    names = ["결제 b.bin", 'quo"te', "-dash", ":(top)magic", "new\nline"]
    for name in names:
        (repository.path / name).write_bytes(bytes(range(256)))
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "binary")
    git = on_main(repository)
    repository.commit({"other": "x\n"})
    git("cherry-pick", "topic")
    assert contained(repository)


def test_nothing_to_account_for_is_contained(repository: ScratchRepository) -> None:
    assert contained(repository)


# -- not recognised, for it is not there


def test_new_work_is_not_there(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    assert not contained(repository)
    on_main(repository)
    edit(repository, (20, "twenty\n"))
    assert not contained(repository)


def test_one_commit_of_two_is_not_enough(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    edit(repository, (30, "thirty\n"))
    on_main(repository)("cherry-pick", "topic~1")
    assert not contained(repository)


def test_work_after_the_squash_merge_is_not_there(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    git = on_main(repository)
    git("merge", "--squash", "topic")
    git("commit", "-q", "-m", "squashed")
    git("switch", "-q", "topic")
    edit(repository, (30, "thirty\n"))
    assert not contained(repository)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("    return 1\n", "return 1\n"), ("\treturn 1\n", "        return 1\n"), ("return  1\n", "return 1\n")],
)
def test_white_space_is_work(repository: ScratchRepository, ours: str, theirs: str) -> None:
    edit(repository, (3, ours))
    on_main(repository)
    edit(repository, (3, theirs))
    # git-cherry(1), which wrappers lean on, says that it is there.
    assert repository.git("cherry", "main", "topic").startswith("-")
    assert not contained(repository)


def test_line_ends_are_work(repository: ScratchRepository) -> None:
    (repository.path / "file").write_bytes(b"new\r\n")
    repository.git("commit", "-q", "-a", "-m", "crlf")
    on_main(repository)
    repository.commit({"file": "new\n"})
    assert not contained(repository)


def test_the_mode_of_a_file_is_work(repository: ScratchRepository) -> None:
    (repository.path / "file").chmod(0o755)
    repository.git("commit", "-q", "-a", "-m", "may be run")
    git = on_main(repository)
    for mode in (0o755, 0o644):
        (repository.path / "README.md").chmod(mode)
        git("commit", "-q", "-a", "-m", "another file's mode, to and fro")
    assert not contained(repository)


def test_a_message_in_an_empty_commit_is_work(repository: ScratchRepository) -> None:
    repository.commit(message="what I found out")
    on_main(repository)
    repository.commit(message="something else")
    assert repository.git("cherry", "main", "topic").startswith("-")
    assert not contained(repository)


def test_a_binary_file_is_told_from_another(repository: ScratchRepository) -> None:
    (repository.path / "image").write_bytes(b"\0one")
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "image")
    on_main(repository)
    (repository.path / "image").write_bytes(b"\0two")
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "image")
    assert not contained(repository)


def test_what_undid_itself_again_is_work(repository: ScratchRepository) -> None:
    edit(repository, (3, "an experiment\n"))
    repository.git("revert", "--no-edit", "HEAD")
    on_main(repository)
    edit(repository, (20, "twenty\n"))
    assert not contained(repository)


def test_the_same_change_in_two_places_is_two_changes(repository: ScratchRepository) -> None:
    block = "begin\n1\n2\n3\n4\n5\n6\nend\n"
    repository.commit({"blocks": block * 3})
    repository.git("branch", "-f", "main", "topic")
    (repository.path / "blocks").write_text(block + block.replace("4\n", "4\nnew\n") + block)
    repository.git("commit", "-q", "-a", "-m", "second block")
    (repository.path / "blocks").write_text(block + 2 * block.replace("4\n", "4\nnew\n"))
    repository.git("commit", "-q", "-a", "-m", "third block")
    on_main(repository)("cherry-pick", "topic~1")
    assert not contained(repository)


def test_an_evil_merge_is_work(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    git = on_main(repository)
    edit(repository, (20, "twenty\n"))
    git("switch", "-q", "topic")
    git("merge", "-q", "--no-commit", "main")
    (repository.path / "slipped in").write_text("only here\n")
    git("add", "-A")
    git("commit", "-q", "-m", "merge, and more")
    on_main(repository)
    git("cherry-pick", "topic^1")
    assert not contained(repository)


def test_a_clean_merge_in_a_rebased_branch_is_no_reason_to_give_up(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    git = on_main(repository)
    edit(repository, (20, "twenty\n"))
    git("switch", "-q", "topic")
    git("merge", "-q", "--no-edit", "main")
    on_main(repository)
    git("cherry-pick", "topic^1")
    assert contained(repository)


@pytest.mark.parametrize("driver", ["ours", "a=b"])
@pytest.mark.parametrize("where", [".gitattributes", ".git/info/attributes"])
def test_a_merge_driver_that_keeps_ours_proves_nothing(repository: ScratchRepository, where: str, driver: str) -> None:
    repository.git("config", f"merge.{driver}.driver", "true")
    edit(repository, (3, "three\n"))
    edit(repository, (3, "drei\n"))
    on_main(repository)
    edit(repository, (3, "quite another\n"))
    (repository.path / where).parent.mkdir(exist_ok=True)
    (repository.path / where).write_text(f"file merge={driver}\n")
    if where == ".gitattributes":
        repository.commit({".gitattributes": f"file merge={driver}\n"})
    assert not contained(repository)


def test_unrelated_histories_have_nothing_in_common(repository: ScratchRepository) -> None:
    repository.git("switch", "-q", "--orphan", "alone")
    repository.commit({"file": "".join(LINES)})
    assert not contained(repository, "alone")


def test_configuration_of_diffs_changes_nothing(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    edit(repository, (30, "\n"))
    git = on_main(repository)
    edit(repository, (20, "twenty\n"))
    git("cherry-pick", "main..topic")
    for name, value in {
        "diff.noprefix": "true",
        "diff.external": "false",
        "diff.context": "0",
        "diff.suppressBlankEmpty": "true",
        "diff.orderFile": os.devnull,
        "diff.renames": "copies",
        "diff.algorithm": "patience",
        "diff.relative": "true",
        "color.ui": "always",
        "log.showSignature": "true",
        "core.quotePath": "false",
    }.items():
        git("config", name, value)
    assert contained(repository)


def test_only_the_commits_that_are_asked_about_have_to_be_there(repository: ScratchRepository) -> None:
    edit(repository, (3, "three\n"))
    own = edit(repository, (30, "thirty\n"))
    on_main(repository)("cherry-pick", "topic")
    main = repository.git("rev-parse", "main")
    git_dir = f"{repository.path}/.git"
    assert not containment.is_contained(git_dir, own, main)
    assert containment.is_contained(git_dir, own, main, [own])


def test_random_histories_never_give_a_wrong_yes(make_repository: Callable[[str], ScratchRepository]) -> None:
    """Each commit writes one line that nothing else writes: it is there when that line once was on main."""
    chance = random.Random(1)
    for round_ in range(6):
        repository = make_repository(f"round-{round_}")
        repository.commit({"file": "".join(LINES)})
        git = repository.git
        git("switch", "-q", "-c", "topic")
        commits = [
            edit(repository, (chance.randrange(40), f"topic {number}\n"), message=f"topic {number}")
            for number in range(chance.randrange(1, 5))
        ]
        git("switch", "-q", "main")
        edit(repository, (chance.randrange(40), "main\n"))
        taken = [commit for commit in commits if chance.random() < 0.7]
        for commit in taken:
            picked = git.run("cherry-pick", "--keep-redundant-commits", "-X", "theirs", commit)
            if picked.status != 0:
                git("cherry-pick", "--skip")
        there = git("log", "-p", "main")
        really = all(f"+topic {number}\n" in f"{there}\n" for number in range(len(commits)))
        assert contained(repository) <= really, f"round {round_}"


def test_the_directory_of_the_worktree_is_left_alone(repository: ScratchRepository, tmp_path: Path) -> None:
    edit(repository, (3, "three\n"))
    (repository.path / "file").write_text("uncommitted\n")
    repository.git("add", "file")
    before = repository.git("status", "--porcelain=v2"), (repository.path / ".git" / "index").read_bytes()
    contained(repository)
    assert (repository.git("status", "--porcelain=v2"), (repository.path / ".git" / "index").read_bytes()) == before
    assert list(tmp_path.iterdir()) == [repository.path]
