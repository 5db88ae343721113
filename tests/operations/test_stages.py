"""Several stages at once: each as it would be by itself, what refuses one apart from the others, nothing half done."""

from __future__ import annotations

from pathlib import Path

from git_okstra.operations import stages
from support import belongings, plans, preloaded, tickets
from support.repositories import ScratchRepository
from support.tickets import Command
from support.workbench import Ticket

BOB = {"OKSTRA_OWNER": "bob"}


def codes(found: list[stages.Outcome]) -> dict[int, str]:
    """For each stage the code of what refused it, or its status."""
    return {one.number: one.error.code if one.error else one.opened.status for one in found if one.error or one.opened}


def test_they_are_as_if_opened_one_by_one(repository: ScratchRepository) -> None:
    repository.commit({"a/b": "1\n", "c": "2\n"})
    (repository.path / "link").symlink_to("a/b")
    repository.git("add", "link")
    repository.git("commit", "-qm", "a link")
    ticket = Ticket(repository, plans.of(dict.fromkeys(range(1, 7), ())))
    alone = ticket.open(6)
    found = stages.open_several(ticket.context(), ticket.task, [5, 3, 1, 3, 2, 4])
    assert codes(found) == dict.fromkeys((5, 3, 1, 2, 4), "created")
    for one in found:
        assert one.opened is not None
        path = Path(one.opened.path)
        assert (path, one.opened.branch) == (ticket.path(one.number), ticket.branch(one.number))
        assert belongings.files(path) == belongings.files(alone)
        assert repository.git("status", "--porcelain", cwd=path) == ""
        assert repository.git("rev-parse", "HEAD", cwd=path) == one.opened.base == repository.head
    assert len(ticket.events("started")) == 6
    again = stages.open_several(ticket.context(), ticket.task, [1, 6])
    assert codes(again) == {1: "reused", 6: "reused"}
    tickets.require_order(repository)


def test_what_refuses_one_says_nothing_about_the_others(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: (1,), 3: (), 4: (), 5: ()}))
    stages.open_several(ticket.context(**BOB), ticket.task, [3])
    repository.git("branch", ticket.branch(4))
    found = stages.open_several(ticket.context(), ticket.task, [9, 4, 3, 2, 1, 5])
    assert codes(found) == {
        9: "no-such-stage",
        4: "branch-exists",
        3: "held",
        2: "stage-not-ready",
        1: "created",
        5: "created",
    }
    record = ticket.context().registry.record(ticket.task.key)
    assert record is not None
    assert {number for number, entry in record.reservations.items() if entry.state == "active"} == {0, 1, 3, 5}
    assert 4 not in record.reservations


def test_a_checkout_that_fails_takes_back_that_one_alone(
    repository: ScratchRepository,
) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: ()}))
    failing = 'test "$(basename "$(pwd)")" != dev-1-s1 && cat'
    (repository.path / ".gitattributes").write_text("README.md filter=odd\n")
    repository.git("add", ".gitattributes")
    repository.git("commit", "-qm", "a filter", "-n")
    repository.git("config", "filter.odd.smudge", failing)
    repository.git("config", "filter.odd.clean", "cat")
    repository.git("config", "filter.odd.required", "true")
    repository.git("-c", "core.hooksPath=/dev/null", "merge", "-q", "--ff-only", "main", cwd=ticket.path())
    found = stages.open_several(ticket.context(), ticket.task, [1, 2])
    assert codes(found) == {1: "git-failed", 2: "created"}
    repository.git("config", "filter.odd.smudge", "cat")
    assert codes(stages.open_several(ticket.context(), ticket.task, [1])) == {1: "created"}
    assert (ticket.path(1) / "README.md").read_text() == (ticket.path(2) / "README.md").read_text()
    tickets.require_order(repository)


def test_all_that_are_ready_are_opened_and_nothing_that_somebody_has(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: (1,), 3: (), 4: ()}))
    stages.open_several(ticket.context(**BOB), ticket.task, [3])
    foretold = stages.open_all_ready(ticket.context(), ticket.task, dry_run=True)
    assert codes(foretold) == {1: "created", 4: "created"}
    assert not ticket.path(1).exists()
    assert codes(stages.open_all_ready(ticket.context(), ticket.task)) == {1: "created", 4: "created"}
    assert belongings.refusal(lambda: stages.open_all_ready(ticket.context(), ticket.task)).code == "nothing-ready"


def test_setup_commands_run_in_each_new_worktree_and_one_that_fails_is_told(repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of({1: (), 2: (), 3: ()}))
    ticket.open(3)
    repository.git("okstra", "config", "set", "worktree.setup", 'pwd >.set-up; test "$(basename "$(pwd)")" != dev-1-s1')
    stages.open_several(ticket.context(), ticket.task, [1, 2, 3], dry_run=True)
    found = stages.open_several(ticket.context(), ticket.task, [1, 2, 3])
    assert codes(found) == {1: "setup-failed", 2: "created", 3: "reused"}
    assert [one.opened is not None for one in found] == [True] * 3
    assert [(ticket.path(number) / ".set-up").exists() for number in (1, 2, 3)] == [True, True, False]


def test_killed_on_the_way_the_same_command_finishes_all(okstra: Command, repository: ScratchRepository) -> None:
    ticket = Ticket(repository, plans.of(dict.fromkeys(range(1, 17), ())))
    ticket.open(16)
    points = preloaded.crash_points(okstra.words("stage", "14", "15"), cwd=ticket.path())
    for turn in range(6):
        pair = [f"{2 * turn + 1}", f"{2 * turn + 2}"]
        at = 1 + len(points) * (2 * turn + 1) // 12
        assert preloaded.crash(okstra.words("stage", *pair), at=at, cwd=ticket.path()).killed
        ended = okstra("stage", *pair, cwd=ticket.path())
        assert ended.out.splitlines() == [f"{ticket.path(int(number))}" for number in pair]
    held = tickets.reservations()
    assert {entry.state for entry in held.values()} == {"active"}
    assert len(ticket.events("started")) == 15
    for number in range(1, 13):
        assert repository.git("status", "--porcelain", cwd=ticket.path(number)) == ""
    assert set(tickets.worktrees(repository)) == {entry.path for entry in held.values()}
    # Temporary files of the killed are for doctor to take away, in time.
    assert [path for path in tickets.leftovers(repository) if not path.endswith(".tmp")] == []
