"""What would conflict is told before anybody merges, held against what git does when somebody does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core.plan import Plan, PlannedStage
from git_okstra.git import merges
from git_okstra.operations import conflicts, listing
from support.repositories import ScratchRepository
from support.snapshots import snapshot
from support.workbench import Ticket

STORY = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"


def shared(count: int) -> Plan:
    """Stages that depend on nothing and may all change what lies in `shared`, and in a directory of their own."""
    return Plan(
        tuple(
            PlannedStage(number, f"stage {number}", (), ("shared/**", f"s{number}/**"))
            for number in range(1, count + 1)
        )
    )


@pytest.fixture
def ticket(repository: ScratchRepository) -> Ticket:
    repository.commit({"shared/story.txt": STORY, "shared/other.txt": STORY}, "a story")
    return Ticket(repository, shared(4))


def between(found: conflicts.Found) -> dict[tuple[str, str], list[str]]:
    return {(one.one, one.other): [file.path for file in one.files] for one in found.conflicts}


def find(ticket: Ticket, *, uncommitted: bool = True) -> conflicts.Found:
    return conflicts.find(ticket.context(), ticket.task, uncommitted=uncommitted)


def changed(line: str, text: str) -> dict[str, str]:
    return {"shared/story.txt": STORY.replace(line, text)}


def test_two_stages_that_change_the_same_lines_conflict(ticket: Ticket) -> None:
    for number, line, text in ((1, "two", "2"), (2, "two", "zwei"), (3, "six", "6")):
        ticket.open(number)
        ticket.commit(number, changed(line, text))
    found = find(ticket)
    assert between(found) == {("1", "2"): ["shared/story.txt"]}
    assert found.conflicts[0].files[0].hunks == ((2, 6),)


def test_uncommitted_changes_count_unless_they_are_not_wanted_and_nothing_is_touched(ticket: Ticket) -> None:
    ticket.open(1)
    ticket.commit(1, changed("two", "2"))
    place = ticket.open(2)
    (place / "shared" / "story.txt").write_text(STORY.replace("two", "zwei"))
    (place / "shared" / "new.txt").write_text("new\n")
    admin = Path(ticket.git("rev-parse", "--absolute-git-dir", cwd=place))
    before = (snapshot(place, admin), ticket.git("for-each-ref"))

    assert between(find(ticket)) == {("1", "2"): ["shared/story.txt"]}
    assert between(find(ticket, uncommitted=False)) == {}
    assert (snapshot(place, admin), ticket.git("for-each-ref")) == before


def test_each_is_held_against_the_task_and_the_base(ticket: Ticket) -> None:
    for number, text in ((1, "2"), (2, "zwei")):
        ticket.open(number)
        ticket.commit(number, changed("two", text))
    ticket.done(1)
    ticket.merge(1)
    ticket.repository.commit(changed("two", "deux"), "the base moves")
    assert between(find(ticket)) == {("2", "task"): ["shared/story.txt"], ("2", "base"): ["shared/story.txt"]}


def test_a_file_against_a_directory_and_a_moved_directory_are_found(ticket: Ticket) -> None:
    ticket.open(1)
    ticket.commit(1, {"shared/thing": "a file\n"})
    ticket.open(2)
    ticket.commit(2, {"shared/thing/inside": "in a directory\n"})
    place = ticket.open(3)
    ticket.git("mv", "shared/story.txt", "s3-story.txt", cwd=place)
    assert ("1", "2") in between(find(ticket))


def test_what_it_says_is_what_merging_does(ticket: Ticket) -> None:
    edits = {1: {"shared/story.txt": STORY + "end\n"}, 2: {"shared/story.txt": "begin\n" + STORY}}
    edits |= {3: {"shared/story.txt": STORY + "ende\n"}, 4: {"shared/other.txt": STORY + "x\n"}}
    for number, files in edits.items():
        ticket.open(number)
        ticket.commit(number, files)
    said = between(find(ticket)).keys()
    for one in range(1, 5):
        for other in range(one + 1, 5):
            merged = merges.merged_tree(str(ticket.context().common_dir), ticket.tip(one), ticket.tip(other))
            assert merged is not None
            assert ((str(one), str(other)) in said) == bool(merged.conflicted)


def test_git_is_asked_once_for_a_pair_and_not_at_all_where_nothing_is_shared(ticket: Ticket) -> None:
    for number in (1, 2, 3):
        ticket.open(number)
        ticket.commit(number, {f"s{number}/a.txt": "a\n"} if number == 3 else changed("two", str(number)))
    assert find(ticket).asked == 1
    assert find(ticket).asked == 0
    ticket.commit(1, changed("two", "another"))
    assert find(ticket).asked == 1


def test_what_one_has_taken_back_that_others_have_is_asked_about(ticket: Ticket) -> None:
    # Stage 2 goes on from what stage 1 did, and stage 1 takes that back: against where all began it changed nothing.
    plan = Plan((PlannedStage(1, "One", (), ("shared/**",)), PlannedStage(2, "Two", (1,), ("shared/**",))))
    ticket.approve(plan)
    ticket.open(1)
    ticket.commit(1, changed("two", "2"))
    ticket.done(1)
    ticket.open(2)
    ticket.commit(2, changed("two", "zwei"))
    ticket.reopen(1)
    ticket.commit(1, {"shared/story.txt": STORY})
    merged = merges.merged_tree(ticket.context().common_dir, ticket.tip(1), ticket.tip(2))
    assert merged is not None
    assert merged.conflicted
    assert ("1", "2") in between(find(ticket))


def test_what_is_committed_is_known_still_after_looking_at_what_is_not(ticket: Ticket) -> None:
    for number in (1, 2):
        ticket.open(number)
        ticket.commit(number, changed("two", str(number)))
    assert find(ticket).asked == 1
    (ticket.path(2) / "shared" / "story.txt").write_text(STORY.replace("two", "drei"))
    assert find(ticket).asked == 1
    assert find(ticket, uncommitted=False).asked == 0


def test_list_marks_what_is_known_of_just_these_commits(ticket: Ticket) -> None:
    def marks() -> dict[int, tuple[str, ...]]:
        (row,) = listing.rows(ticket.context())
        return {stage.number: stage.conflicts for stage in row.stages if stage.conflicts}

    for number in (1, 2):
        ticket.open(number)
        ticket.commit(number, changed("two", str(number)))
    assert marks() == {}
    find(ticket)
    assert marks() == {1: ("2",), 2: ("1",)}
    ticket.commit(1, {"s1/more.txt": "more\n"})
    assert marks() == {}


def test_hooks_and_a_split_index_have_no_part_in_looking(ticket: Ticket, tmp_path: Path) -> None:
    place = ticket.open(1)
    ticket.git("update-index", "--split-index", cwd=place)
    (place / "shared" / "story.txt").write_text("mine\n")
    hook = ticket.repository.path / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    admin = Path(ticket.git("rev-parse", "--absolute-git-dir", cwd=place))
    (tmp_path / "ran").unlink(missing_ok=True)
    before = {path.name: path.read_bytes() for path in admin.iterdir() if path.is_file()}
    assert [line.uncommitted for line in find(ticket).lines if line.name == "1"] == [True]
    assert {path.name: path.read_bytes() for path in admin.iterdir() if path.is_file()} == before
    assert not (tmp_path / "ran").exists()


def test_what_is_uncommitted_on_another_branch_is_not_the_stages(ticket: Ticket) -> None:
    place = ticket.open(1)
    ticket.commit(1, changed("two", "2"))
    ticket.git("switch", "-q", "--detach", "main", cwd=place)
    (place / "shared" / "story.txt").write_text("mine\n")
    assert [line.uncommitted for line in find(ticket).lines if line.name == "1"] == [False]


def test_answers_that_cannot_be_read_are_asked_for_again(ticket: Ticket) -> None:
    for number in (1, 2):
        ticket.open(number)
        ticket.commit(number, changed("two", str(number)))
    first = find(ticket)
    kept = Path(ticket.context().store.task_directory(ticket.task.key.group, ticket.task.key.task)) / "conflicts.json"
    for garbage in ("", "{", "[]", '{"format": 1, "pairs": 3}', '{"format": 1, "pairs": {"a": [{}]}}'):
        kept.write_text(garbage)
        assert find(ticket).conflicts == first.conflicts


def test_every_pair_of_twenty_stages_is_answered_by_one_command(
    make_repository: Callable[[str], ScratchRepository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = make_repository("twenty")
    repository.commit({"shared/story.txt": STORY}, "a story")
    monkeypatch.setenv("OKSTRA_CHECKOUT_WORKERS", "1")
    many = Ticket(repository, shared(20))
    for number in range(1, 21):
        many.open(number)
        many.commit(number, {"shared/story.txt": STORY.replace("two", str(number))})
    shim = tmp_path / "bin"
    shim.mkdir()
    real = shutil.which("git")
    log = tmp_path / "asked"
    (shim / "git").write_text(f'#!/bin/sh\ncase " $* " in *" merge-tree "*) echo x >>{log} ;; esac\nexec {real} "$@"\n')
    (shim / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim}:{os.environ['PATH']}")

    found = find(many)
    assert len(found.conflicts) == 190
    assert len(log.read_text().splitlines()) == found.asked == 190
    log.unlink()
    assert find(many).asked == 0
    assert not log.exists()
