"""Real processes of the real command, let go at the same instant: one owner each, no orphan, everybody told."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from support import preloaded, processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

Race = Callable[..., list[Ended]]

CROWD = 32
FREE: Mapping[int, tuple[int, ...]] = {1: ()}


def owner(i: int) -> dict[str, str]:
    return {"OKSTRA_OWNER": f"agent-{i}"}


def one_owner(_i: int) -> dict[str, str]:
    return {"OKSTRA_OWNER": "agent"}


def statuses(ended: Iterable[Ended]) -> list[str]:
    """What each was told: the `status` of its document, or the code of its error."""
    return sorted(one.json()["status"] if one.status == 0 else f"{one.error}" for one in ended)


def winner(ended: Iterable[Ended]) -> Any:
    """The document of the only one who got it."""
    (document,) = [one.json() for one in ended if one.status == 0]
    assert document["status"] == "created"
    return document


def require_refusals(ended: Iterable[Ended], holder: str, *, status: int = 3) -> list[str]:
    """The messages of all who were refused, each of which names the holder."""
    messages = []
    for one in ended:
        if one.status == 0:
            continue
        assert one.status == status, f"{one}"
        one.require_error("held")
        error = one.json()["error"]
        assert f"held by {holder} since " in error["message"]
        assert error["hint"]
        messages.append(error["message"])
    return messages


def test_32_stages_are_opened_at_once(okstra: Command, repository: ScratchRepository) -> None:
    numbers = list(range(3, 3 + CROWD))
    by_kind: list[tuple[int, ...]] = [(), (1,), (1, 2)]
    plan = {1: (), 2: (), **{number: by_kind[number % 3] for number in numbers}}
    task = tickets.start(okstra, repository, plan)
    anchor = repository.head
    first = tickets.work(okstra, repository, task, 1)
    tickets.work(okstra, repository, task, 2)
    okstra("merge", cwd=task)
    head = repository.git("rev-parse", "feat-dev-1")
    # From the very start of the interpreter; the other races begin with all modules loaded.
    ended = processes.race(CROWD, lambda i: okstra.words("stage", str(numbers[i]), "--json"), cwd=task, env=owner)
    assert statuses(ended) == ["created"] * CROWD, [f"{one}" for one in ended if one.status]
    expected = {0: anchor, 1: first, 2: head}
    for i, one in enumerate(ended):
        document = one.json()["stage"]
        base = expected[numbers[i] % 3]
        assert (document["number"], document["base"], document["owner"]) == (numbers[i], base, f"agent-{i}")
        assert repository.git("rev-parse", "HEAD", cwd=document["path"]) == base
    assert len(tickets.reservations()) == CROWD + 3
    tickets.require_order(repository)
    started = [event for event in journal(okstra, task) if event["event"] == "started"]
    assert sorted(event["stage"] for event in started) == sorted(plan)


def journal(okstra: Command, task: Path) -> list[Any]:
    events = okstra("log", "--json", cwd=task).json()["events"]
    assert isinstance(events, list)
    return events


def test_one_of_32_owners_gets_the_stage(okstra: Command, repository: ScratchRepository, race: Race) -> None:
    task = tickets.start(okstra, repository, FREE)
    ended = race(CROWD, lambda i: okstra.words("stage", "1", "--json"), cwd=task, env=owner)
    stage = winner(ended)["stage"]
    refusals = require_refusals(ended, stage["owner"])
    assert len(refusals) == CROWD - 1
    assert all(stage["path"] in message for message in refusals)
    assert tickets.reservations()["shop/dev/dev-1#1"].owner == stage["owner"]
    tickets.require_order(repository)


def test_32_processes_of_one_owner_get_the_same_stage(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    task = tickets.start(okstra, repository, FREE)
    ended = race(CROWD, lambda i: okstra.words("stage", "1", "--json"), cwd=task, env=one_owner)
    assert statuses(ended) == ["created"] + ["reused"] * (CROWD - 1)
    documents = [one.json()["stage"] for one in ended]
    assert len({(stage["path"], stage["pid"], stage["since"]) for stage in documents}) == 1
    assert [event["event"] for event in journal(okstra, task)].count("started") == 1
    tickets.require_order(repository)


def test_exclusive_gives_the_stage_to_one_of_32_processes_of_one_owner(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    task = tickets.start(okstra, repository, FREE)
    ended = race(CROWD, lambda i: okstra.words("stage", "1", "--exclusive", "--json"), cwd=task, env=one_owner)
    winner(ended)
    assert len(require_refusals(ended, "agent")) == CROWD - 1
    tickets.require_order(repository)


def test_16_autos_share_10_ready_stages(okstra: Command, repository: ScratchRepository, race: Race) -> None:
    plan = {**dict.fromkeys(range(1, 11), ()), 11: (1, 2)}
    task = tickets.start(okstra, repository, plan)
    ended = race(16, lambda i: okstra.words("stage", "auto", "--json"), cwd=task, env=owner)
    opened = sorted(one.json()["stage"]["number"] for one in ended if one.status == 0)
    assert opened == list(range(1, 11))
    empty_handed = [one for one in ended if one.status != 0]
    assert len(empty_handed) == 6
    for one in empty_handed:
        message = one.require_error("nothing-ready").json()["error"]["message"]
        assert message == (
            "nothing is ready: of the stages 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 are open; 11 is waiting for them"
        )
    tickets.require_order(repository)


def test_16_autos_of_one_owner_get_different_stages_too(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    task = tickets.start(okstra, repository, dict.fromkeys(range(1, 17), ()))
    ended = race(16, lambda i: okstra.words("stage", "auto", "--json"), cwd=task, env=one_owner)
    assert sorted(one.json()["stage"]["number"] for one in ended) == list(range(1, 17))
    tickets.require_order(repository)


def test_16_owners_start_the_same_task_as_the_first_ever(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    ended = race(16, lambda i: okstra.words("start", "feat", "DEV-1", "--json"), cwd=repository, env=owner)
    document = winner(ended)
    assert len(require_refusals(ended, document["owner"])) == 15
    assert list(tickets.reservations()) == ["shop/dev/dev-1#0"]
    tickets.require_order(repository)


def test_16_processes_of_one_owner_start_the_same_task(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    ended = race(16, lambda i: okstra.words("start", "feat", "DEV-1", "--json"), cwd=repository, env=one_owner)
    assert statuses(ended) == ["created"] + ["reused"] * 15
    assert len({one.json()["path"] for one in ended}) == 1
    tickets.require_order(repository)


def test_16_tasks_are_started_at_once(okstra: Command, repository: ScratchRepository, race: Race) -> None:
    ended = race(16, lambda i: okstra.words("start", "fix", f"BUG-{i}", "--json"), cwd=repository, env=owner)
    assert statuses(ended) == ["created"] * 16, [f"{one}" for one in ended if one.status]
    assert len(tickets.reservations()) == 16
    assert len(okstra("list", "--json", cwd=repository).json()["tasks"]) == 16
    tickets.require_order(repository)


def two_clones(repository: ScratchRepository, tmp_path: Path, how: str) -> list[ScratchRepository]:
    """Two repositories called `shop`, which are clones of one origin, or copies without any."""
    made = []
    for place in ("here", "there"):
        path = tmp_path / place / "shop"
        path.parent.mkdir()
        repository.git("clone", "-q", os.fspath(repository), os.fspath(path))
        clone = ScratchRepository(path)
        if how == "root commit":
            clone.git("remote", "remove", "origin")
        made.append(clone)
    return made


@pytest.mark.parametrize("how", ["origin", "root commit"])
def test_two_clones_cannot_take_the_same_task(
    okstra: Command, repository: ScratchRepository, race: Race, tmp_path: Path, how: str
) -> None:
    clones = two_clones(repository, tmp_path, how)
    ended = race(16, lambda i: okstra.words("start", "feat", "DEV-1", "--json"), cwd=lambda i: clones[i % 2], env=owner)
    document = winner(ended)
    (place,) = [i % 2 for i, one in enumerate(ended) if one.status == 0]
    require_refusals(ended, document["owner"])
    for i, one in enumerate(ended):
        if i % 2 != place:
            assert f"of the repository '{clones[place].path}/.git'" in one.json()["error"]["message"]
    tickets.require_order(clones[place])
    assert tickets.worktrees(clones[1 - place]) == {}
    assert tickets.branches(clones[1 - place]).keys() == {"main"}

    # … not later either, by the very same owner; but another task can be had.
    same = owner(next(i for i, one in enumerate(ended) if one.status == 0))
    refused = okstra("start", "feat", "dev-1", "--json", cwd=clones[1 - place], env=same, check=False)
    assert f"of the repository '{clones[place].path}/.git'" in refused.require_error("held").json()["error"]["message"]
    ended = race(
        8, lambda i: okstra.words("start", "feat", f"DEV-{i + 2}", "--json"), cwd=lambda i: clones[i % 2], env=owner
    )
    assert statuses(ended) == ["created"] * 8, [f"{one}" for one in ended if one.status]
    assert sorted(tickets.reservations()) == [f"shop/dev/dev-{i}#0" for i in range(1, 10)]


@contextmanager
def beside(words: list[str], where: Path) -> Iterator[list[Ended]]:
    """Run a command again and again while the block runs; gives the list of all ends, filled at the end."""
    over = threading.Event()
    ended: list[Ended] = []

    def repeat() -> None:
        while not over.is_set():
            ended.append(preloaded.run(words, cwd=where))

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield ended
    finally:
        over.set()
        thread.join()


def test_readers_never_fail_while_tasks_and_stages_are_opened(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    task = tickets.start(okstra, repository, dict.fromkeys(range(1, 13), ()))

    def words(i: int) -> list[str]:
        if i < 12:
            return okstra.words("stage", str(i + 1), "--json")
        return okstra.words("start", "chore", f"X-{i}", "--base", "main", "--json")

    with beside(okstra.words("list", "--json"), repository.path) as lists:
        ended = race(20, words, cwd=task, env=owner)
    assert statuses(ended) == ["created"] * 20, [f"{one}" for one in ended if one.status]
    assert lists, "no list was made meanwhile"
    for one in lists:
        tasks = one.require_success().json()
        assert tasks["notes"] == [], f"{one}"
        assert "DEV-1" in [task["id"] for task in tasks["tasks"]]
    tickets.require_order(repository)


# As others do it, again and again and without a lock. git may fail them, but it must not fail us.
FOREIGNER = """
for n in 1 2 3 4 5; do
    git worktree add -q -b "foreign-$1-$n" "../foreign/$1-$n" && echo added
    git worktree list --porcelain
    git worktree remove --force "../foreign/$1-$n"
    git branch -q -D "foreign-$1-$n"
done
true
"""


def test_plain_git_worktree_commands_run_beside(
    okstra: Command, repository: ScratchRepository, race: Race, tmp_path: Path
) -> None:
    task = tickets.start(okstra, repository, dict.fromkeys(range(1, 17), ()))
    (tmp_path / "foreign").mkdir()

    def foreigner(name: str) -> AbstractContextManager[list[Ended]]:
        return beside(["sh", "-c", FOREIGNER, "sh", name], repository.path)

    with foreigner("a") as one, foreigner("b") as other:
        ended = race(16, lambda i: okstra.words("stage", str(i + 1), "--json"), cwd=task, env=owner)
    assert statuses(ended) == ["created"] * 16, [f"{one}" for one in ended if one.status]
    assert "added" in "".join(ended.out for ended in (*one, *other)), "nobody else was at work"
    # What their git left half made is theirs.
    repository.git("worktree", "prune")
    tickets.require_order(repository, foreign={name for name in tickets.branches(repository) if "foreign" in name})


def test_a_branch_is_checked_out_once_though_two_tasks_want_it(
    okstra: Command, repository: ScratchRepository, race: Race
) -> None:
    # Ids of two groups that give the same branch: one gets it, the other is told of both.
    ids = ["--group=one", "--group=two"]
    ended = race(8, lambda i: okstra.words("start", "feat", "x", ids[i % 2], "--json"), cwd=repository, env=one_owner)
    assert [one.status for one in ended].count(0) == 4, [f"{one}" for one in ended]
    refused = [one for one in ended if one.status]
    for one in refused:
        message = one.require_error("name-collision").json()["error"]["message"]
        assert "shop/one/x" in message
        assert "shop/two/x" in message
    tickets.require_order(repository)


def test_one_of_16_takes_a_stage_over(okstra: Command, repository: ScratchRepository, race: Race) -> None:
    task = tickets.start(okstra, repository, FREE)
    okstra("stage", "1", cwd=task, env={"OKSTRA_OWNER": "ann"})
    ended = race(16, lambda i: okstra.words("takeover", "1", "--yes", "--json"), cwd=task, env=owner)
    # Whoever looks only afterwards takes it over from the winner: a person said that the owner is gone.
    taken = [event for event in journal(okstra, task) if event["event"] == "taken-over"]
    assert len(taken) == sum(one.status == 0 for one in ended) >= 1
    owners = ["ann", *(event["owner"] for event in taken)]
    assert [event["from"] for event in taken] == owners[:-1]
    assert [event["generation"] for event in taken] == list(range(2, len(owners) + 1))
    assert tickets.reservations()["shop/dev/dev-1#1"].owner == owners[-1]
    for one in ended:
        assert one.status == 0 or one.status == 3, f"{one}"
