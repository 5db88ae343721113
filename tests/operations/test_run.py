"""A run with real processes: a plan of twelve stages whose commands do everything a command can do wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from support import processes, tickets
from support.processes import Ended
from support.repositories import ScratchRepository
from support.tickets import Command

DIAMONDS: dict[int, tuple[int, ...]] = {
    1: (),
    2: (),
    3: (1, 2),
    4: (1, 2),
    5: (3, 4),
    6: (3,),
    7: (4, 5),
    8: (2,),
    9: (8,),
    10: (8,),
    11: (9, 10),
    12: (7, 11),
}

GOOD = 'mkdir -p s$OKSTRA_STAGE && echo x >>s$OKSTRA_STAGE/f && git add . && git commit -qm "work on $OKSTRA_STAGE"'


class Events(list[dict[str, Any]]):
    """What a run told with --json."""

    @classmethod
    def of(cls, ended: Ended) -> Events:
        return cls(json.loads(line) for line in ended.out.splitlines())

    def about(self, kind: str) -> dict[int, dict[str, Any]]:
        """The last event of a kind by stage."""
        return {one["stage"]: one for one in self if one.get("event") == kind and "stage" in one}

    @property
    def last(self) -> dict[str, Any]:
        return self[-1]

    def codes(self) -> dict[int, str]:
        return {number: one["code"] for number, one in self.about("failed").items()}


@pytest.fixture
def start(okstra: Command, repository: ScratchRepository) -> Callable[[Mapping[int, tuple[int, ...]]], Path]:
    """Starts a task with that plan; its worktree."""
    return lambda plan: tickets.start(okstra, repository, plan)


def script(path: Path, cases: Mapping[int, str], otherwise: str = GOOD) -> list[str]:
    """A command that does for a stage what its case says."""
    told = "".join(f"{number}) {body} ;;\n" for number, body in cases.items())
    path.write_text(f"#!/bin/sh\ncase $OKSTRA_STAGE in\n{told}*) {otherwise} ;;\nesac\n")
    path.chmod(0o755)
    return [f"{path}"]


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_for(path: Path, what: Callable[[], bool] | None = None) -> None:
    end = time.monotonic() + 60
    while not (what() if what else path.exists() and path.read_text().strip()):
        assert time.monotonic() < end, f"waited in vain for {path}"
        time.sleep(0.02)


def test_every_stage_of_a_plan_full_of_diamonds_comes_in_after_what_it_stands_on(
    okstra: Command, repository: ScratchRepository, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start(DIAMONDS)
    seen = 'ls -d s*/ | tr -d "s/" | tr "\\n" " " >s$OKSTRA_STAGE/seen'
    words = script(tmp_path / "work", {}, f"mkdir -p s$OKSTRA_STAGE && {seen} && {GOOD}")
    ended = okstra("run", "--json", "-j", "4", "--", *words, cwd=task)
    events = Events.of(ended)
    assert events.last["event"] == "ended"
    assert (events.last["complete"], sorted(events.last["merged"])) == (True, list(DIAMONDS))
    order = [one["stage"] for one in events if one["event"] in ("merged", "opening")]
    for number, others in DIAMONDS.items():
        assert all(order.index(other, order.index(other) + 1) < order.index(number) for other in others)
        there = set(repository.git("show", f"feat-dev-1-s{number}:s{number}/seen").split())
        assert {str(other) for other in others} <= there
    running = most = 0
    for one in events:
        running += {"opening": 1, "done": -1}.get(one["event"], 0)
        most = max(most, running)
    assert 1 < most <= 4
    assert repository.git("log", "--merges", "--format=%s", "feat-dev-1").count("Merge stage") == 12
    tickets.require_order(repository)
    again = Events.of(okstra("run", "--json", "--", *words, cwd=task))
    assert [one["event"] for one in again] == ["began", "ended"]


def test_each_wrong_end_has_its_words_and_stops_its_dependents_alone(
    okstra: Command, repository: ScratchRepository, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start(DIAMONDS)
    left = f"setsid sh -c 'echo $$ >{tmp_path}/away; exec sleep 600' & sleep 600 & echo $! >{tmp_path}/beside"
    wait = f"while ! [ -s {tmp_path}/away ]; do sleep 0.01; done"
    words = script(
        tmp_path / "work",
        {
            1: f"{left}; {wait}; {GOOD}",
            3: "echo told on the way; echo and at the end >&2; exit 7",
            4: f"echo stray >elsewhere && {GOOD}",
            6: "exit 0",
            9: f"{GOOD}; echo dirt >s9/dirt",
            10: f"{GOOD}; echo $$ >{tmp_path}/hangs; exec sleep 600",
        },
    )
    ended = okstra("run", "--json", "-j", "4", "--timeout", "2", "--", *words, cwd=task, check=False)
    events = Events.of(ended)
    assert ended.status == 1
    assert events.codes() == {3: "command-failed", 4: "outside-plan", 9: "dirty-worktree", 10: "timed-out"}
    assert "exit status 7" in events.about("failed")[3]["message"]
    assert "and at the end" in events.about("failed")[3]["message"]
    assert "elsewhere" in events.about("failed")[4]["message"]
    assert "s9/dirt" in events.about("failed")[9]["message"]
    assert events.about("left")[5]["because"] == [3, 4]
    assert events.about("left")[6]["because"] == [3]
    assert events.about("left")[11]["because"] == [9, 10]
    assert events.about("left")[12]["because"] == [3, 4, 9, 10]
    assert sorted(events.last["merged"]) == [1, 2, 8]
    # What outlived the commands is ended, and told, also where it had left for a session of its own.
    told = events.about("exited")[1]["left"]
    assert len(told) == 2
    assert all("sleep 600" in one for one in told)
    for name in ("away", "beside", "hangs"):
        assert is_gone(int((tmp_path / name).read_text()))
    log = Path(events.about("started")[3]["log"])
    assert log.read_text() == "told on the way\nand at the end\n"
    # Mended by hand, or by another command, the run goes on where it stands.
    for number in (4, 9):
        place = Path(f"{task}-s{number}")
        repository.git("rm", "-q", "elsewhere", cwd=place) if number == 4 else (place / "s9" / "dirt").unlink()
        if number == 4:
            repository.git("commit", "-q", "--amend", "-m", "mended", cwd=place)
    again = Events.of(okstra("run", "--json", "--", *script(tmp_path / "work", {6: "exit 0"}), cwd=task, check=False))
    assert again.codes() == {6: "no-commits"}
    assert sorted(again.last["merged"]) == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]
    assert {one["resumed"] for number, one in again.about("opening").items() if number in (3, 4, 9, 10)} == {True}


def test_killed_the_run_leaves_nothing_running_and_the_next_one_goes_on(
    okstra: Command, repository: ScratchRepository, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: (), 2: (), 3: (1, 2)})
    hang = f"sh -c 'sleep 600 & echo $! >{tmp_path}/below; wait' & echo $$ >{tmp_path}/hangs; exec sleep 600"
    words = script(tmp_path / "work", {2: hang})
    child = subprocess.Popen(okstra.words("run", "-j", "2", "--", *words), cwd=task, stderr=subprocess.DEVNULL)
    for name in ("hangs", "below"):
        wait_for(tmp_path / name)
    child.kill()
    child.wait()
    pids = [int((tmp_path / name).read_text()) for name in ("hangs", "below")]
    wait_for(tmp_path, lambda: all(map(is_gone, pids)))
    ended = okstra("run", "--json", "--", *script(tmp_path / "work", {}), cwd=task)
    events = Events.of(ended)
    assert sorted(events.last["merged"]) == [1, 2, 3]
    assert events.about("opening")[2]["resumed"]
    tickets.require_order(repository)


def test_what_outlived_even_the_workers_is_found_by_the_next_run(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: ()})
    away = f"setsid sh -c 'echo $$ >{tmp_path}/away; exec sleep 600' & echo $PPID >{tmp_path}/worker; exec sleep 600"
    words = script(tmp_path / "work", {1: away})
    child = subprocess.Popen(okstra.words("run", "--", *words), cwd=task, stderr=subprocess.PIPE)
    for name in ("away", "worker"):
        wait_for(tmp_path / name)
    child.send_signal(signal.SIGSTOP)
    os.kill(int((tmp_path / "worker").read_text()), signal.SIGKILL)
    child.kill()
    child.communicate()
    pid = int((tmp_path / "away").read_text())
    assert not is_gone(pid)
    # The variable alone is no proof: whoever started this run may have it, too.
    words = okstra.words("run", "--", *script(tmp_path / "work", {}))
    (run,) = (tmp_path / "shop/.git/okstra/tasks/dev/dev-1/runs").glob("*Z-*")
    env = {"OKSTRA_BRIEF": f"{run}/stage-1.md"}
    ended = processes.run(["sh", "-c", '"$@" && echo went on', "sh", *words], cwd=task, env=env)
    assert ended.out.endswith("\nwent on\n")
    assert f"ended what an earlier run had left running: 'sleep 600' (process {pid})" in ended.err
    assert is_gone(pid)
    # What it has done since would have been refused.
    lease = tickets.reservations()["shop/dev/dev-1#1"]
    assert (lease.generation, lease.renewed) == (2, "")


def test_told_to_stop_it_ends_the_commands_and_leaves_all_resumable(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: (), 2: ()})
    gently = f"trap 'echo gently >{tmp_path}/heard; exit 9' TERM; echo $$ >{tmp_path}/hangs; sleep 600 & wait"
    words = script(tmp_path / "work", {2: gently})
    child = subprocess.Popen(okstra.words("run", "--", *words), cwd=task, stderr=subprocess.PIPE)
    wait_for(tmp_path / "hangs")
    child.send_signal(signal.SIGTERM)
    said = os.fsdecode(child.communicate()[1])
    assert child.returncode == 143, said
    assert "error [interrupted]" in said
    assert (tmp_path / "heard").read_text() == "gently\n"
    assert is_gone(int((tmp_path / "hangs").read_text()))
    assert Events.of(okstra("run", "--json", "--", *script(tmp_path / "work", {}), cwd=task)).last["complete"]


def test_two_runs_at_once_share_the_stages(
    okstra: Command,
    start: Callable[..., Path],
    tmp_path: Path,
    race: Callable[..., list[Ended]],
) -> None:
    task = start({1: (), 2: (), 3: (), 4: (1, 2), 5: (3, 4)})
    words = script(tmp_path / "work", {}, f"echo $OKSTRA_STAGE >>{tmp_path}/worked; {GOOD}")
    both = race(2, lambda _: okstra.words("run", "--json", "-j", "2", "--", *words), cwd=task)
    for ended in both:
        assert ended.status == 0, f"{ended}"
        assert sorted(Events.of(ended).last["merged"]) == [1, 2, 3, 4, 5]
    assert sorted((tmp_path / "worked").read_text().split()) == ["1", "2", "3", "4", "5"]


def test_a_conflict_is_taken_back_and_the_others_go_on(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    task = tickets.start(okstra, repository)
    plan = tickets.plan_text({1: (), 2: (), 3: (1, 2), 4: ()}).replace('["s1/**"]', '["x/**"]')
    okstra("plan", "import", "-", "--format", "toml", cwd=task, input=plan.replace('["s2/**"]', '["x/**"]'))
    okstra("plan", "approve", "--yes", cwd=task)
    wait = f"while ! [ -e {tmp_path}/both ]; do sleep 0.01; done"
    same = "mkdir x && echo $OKSTRA_STAGE >x/f && git add . && git commit -qm same"
    words = script(tmp_path / "work", {1: f"{wait}; {same}", 2: f"touch {tmp_path}/both; {same}"})
    ended = okstra("run", "--json", "-j", "2", "--", *words, cwd=task, check=False)
    events = Events.of(ended)
    (number,) = events.codes()
    assert events.codes()[number] == "merge-conflict"
    assert f"git okstra merge {number}" in events.about("failed")[number]["hint"]
    assert events.about("left")[3]["because"] == [number]
    assert set(events.last["merged"]) == {1, 2, 4} - {number}
    assert repository.git("status", "--porcelain", cwd=task) == ""
    tickets.require_order(repository)
    okstra("merge", str(number), cwd=task, check=False).require_error("merge-conflict")
    (task / "x" / "f").write_text("both\n")
    repository.git("add", "x/f", cwd=task)
    okstra("merge", "--continue", cwd=task)
    assert Events.of(okstra("run", "--json", "--", *words, cwd=task)).last["complete"]


def test_a_failed_stage_is_tried_again_as_often_as_asked(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: (), 2: (1,)})
    count = f"echo x >>{tmp_path}/tries; [ $(wc -l <{tmp_path}/tries) -ge 3 ] || exit 1; {GOOD}"
    words = script(tmp_path / "work", {1: count})
    first = Events.of(okstra("run", "--json", "--retry", "1", "--", *words, cwd=task, check=False))
    assert (first.codes(), len(first.about("retrying"))) == ({1: "command-failed"}, 1)
    assert Path(first.about("started")[1]["log"]).name == "stage-1.2.log"
    assert Events.of(okstra("run", "--json", "--retry", "1", "--", *words, cwd=task)).last["complete"]


def test_fail_fast_ends_what_runs_and_begins_nothing_more(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: (), 2: (), 3: (), 4: (2,)})
    hang = f"echo $$ >{tmp_path}/hangs; exec sleep 600"
    words = script(tmp_path / "work", {1: f"while ! [ -s {tmp_path}/hangs ]; do sleep 0.01; done; exit 1", 2: hang})
    ended = okstra("run", "--json", "-j", "2", "--fail-fast", "--", *words, cwd=task, check=False)
    last = Events.of(ended).last
    assert (last["failed"], last["stopped"], last["left"]) == ({"1": "command-failed"}, [2], [3, 4])
    assert is_gone(int((tmp_path / "hangs").read_text()))


def test_what_a_person_has_open_is_theirs(okstra: Command, start: Callable[..., Path], tmp_path: Path) -> None:
    task = start({1: (), 2: (1,), 3: ()})
    okstra("stage", "1", cwd=task)
    events = Events.of(okstra("run", "--json", "--", *script(tmp_path / "work", {}), cwd=task, check=False))
    assert (events.codes(), events.last["merged"], events.last["left"]) == ({1: "held"}, [3], [2])
    assert "git okstra release 1" in events.about("failed")[1]["hint"]
    okstra("release", "1", cwd=task)
    assert Events.of(okstra("run", "--json", "--", *script(tmp_path / "work", {}), cwd=task)).last["complete"]


def test_a_run_inside_a_run_does_not_wait_for_what_it_runs_in(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: (), 2: (), 3: (1, 2)})
    inner = " ".join(okstra.words("run"))
    # Stage 2 is run by a run in stage 1, and is asked for what cannot end before it does: stage 3, for both.
    innermost = f"{inner} --json 3 -- true >{tmp_path}/innermost; {GOOD}"
    own = script(tmp_path / "own", {}, innermost)
    words = script(tmp_path / "work", {1: f"{inner} --json 2 -- {own[0]} >{tmp_path}/inner && {GOOD}"})
    ended = okstra("run", "--json", "--timeout", "60", "1", "--", *words, cwd=task, check=False)
    assert Events.of(ended).last["complete"], ended
    innermost_events = Events(map(json.loads, (tmp_path / "innermost").read_text().splitlines()))
    assert innermost_events.codes() == {1: "held", 2: "held"}
    failed = innermost_events.about("failed")[1]
    assert failed["message"] == "stage 1 is the one in which this command runs, and stage 3 waits for it"
    assert failed["hint"].endswith("after that: git okstra run 3 -- true")
    assert (innermost_events.about("left")[3]["because"], innermost_events.last["left"]) == ([1, 2], [3])
    assert Events(map(json.loads, (tmp_path / "inner").read_text().splitlines())).last["merged"] == [2]


def test_an_agent_gets_its_command_line_the_brief_and_a_lease(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: ()})
    script(tmp_path / "codex", {}, f'printf "%s\\n" "$@" >{tmp_path}/words; env >{tmp_path}/env; {GOOD}')
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    git_dir = f"{tmp_path}/shop/.git/worktrees/dev-1"
    okstra("run", "--agent", "codex", cwd=task, env={"PATH": path, "GIT_DIR": git_dir, "OKSTRA_OWNER": "ann"})
    words = (tmp_path / "words").read_text().splitlines()
    common = f"{tmp_path}/shop/.git"
    assert words[:7] == ["exec", "--sandbox", "workspace-write", "--cd", f"{task}-s1", "--add-dir", common]
    env = dict(line.partition("=")[::2] for line in (tmp_path / "env").read_text().splitlines())
    assert (env["OKSTRA_TASK"], env["OKSTRA_STAGE"], env["OKSTRA_LEASE"]) == ("shop/dev/dev-1", "1", "1")
    assert env["OKSTRA_OWNER"] == "ann/s1"
    assert "GIT_DIR" not in env
    assert env["OKSTRA_BRIEF"] in words[-1]
    brief = Path(env["OKSTRA_BRIEF"]).read_text()
    assert brief.startswith("# Stage 1 of DEV-1: stage 1\n")
    assert "`s1/**`" in brief


def test_ports_are_the_same_each_time_and_passed_over_when_in_use(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: ()})
    words = script(tmp_path / "work", {}, "exit 1")

    def port() -> int:
        return int(Events.of(okstra("run", "--json", "--", *words, cwd=task, check=False)).about("started")[1]["port"])

    first = port()
    assert port() == first
    with socket.create_server(("127.0.0.1", first + 3)):
        assert port() == 20000 + (first - 20000 + 10) % 10000


def test_what_would_keep_every_stage_from_being_merged_is_told_first(
    okstra: Command, repository: ScratchRepository, start: Callable[..., Path]
) -> None:
    task = start({1: (), 2: ()})
    (task / "dirt").write_text("x")
    okstra("run", "--", "true", cwd=task, check=False).require_error("dirty-worktree")
    (task / "dirt").unlink()
    okstra("run", "--", "no such program", cwd=task, check=False).require_error("usage")
    assert len(tickets.worktrees(repository)) == 1


def test_a_task_bound_in_place_has_one_stage_after_the_other(
    okstra: Command, repository: ScratchRepository, tmp_path: Path
) -> None:
    place = tmp_path / "foreign"
    repository.git("worktree", "add", "-q", f"{place}", "-b", "mine")
    tickets.start(okstra, repository, {1: (), 2: (1,), 3: ()}, cwd=place)
    last = Events.of(okstra("run", "--json", "-j", "3", "--", "sh", "-c", GOOD, cwd=place)).last
    assert last["complete"]
    assert repository.git("log", "--format=%s", "main..mine") == "work on 3\nwork on 2\nwork on 1"


def test_old_runs_are_pruned_and_of_many_the_newest_are_kept(
    okstra: Command, repository: ScratchRepository, start: Callable[..., Path]
) -> None:
    task = start({1: ()})
    runs = repository.path / ".git/okstra/tasks/dev/dev-1/runs"
    old = [runs / f"20200101T0000{number:02}Z-1" for number in range(30)]
    for one in old:
        one.mkdir(parents=True)
        (one / "stage-1.log").write_text("x")
    okstra("run", "--", "false", cwd=task, check=False)
    (new,) = set(runs.glob("*Z-*")) - set(old)
    assert sorted(runs.glob("*Z-*")) == [*old[11:], new]
    foretold = okstra("prune", "--json", "--dry-run", cwd=task).json()["runs"]
    pruned = okstra("prune", "--json", cwd=task).json()["runs"]
    # The process 1 runs, so none of these counts as old.
    assert foretold == pruned == []
    for one in old[11:]:
        one.rename(runs / one.name.replace("Z-1", "Z-4194999"))
    assert len(okstra("prune", "--json", cwd=task).json()["runs"]) == 19
    assert list(runs.glob("*Z-*")) == [new]


def test_a_stage_of_another_owner_whose_run_was_killed_is_taken_over(
    okstra: Command, start: Callable[..., Path], tmp_path: Path
) -> None:
    task = start({1: ()})
    hang = script(tmp_path / "work", {1: f"echo $PPID >{tmp_path}/worker; exec sleep 600"})
    env = {**os.environ, "OKSTRA_OWNER": "bob"}
    child = subprocess.Popen(okstra.words("run", "--", *hang), cwd=task, env=env, stderr=subprocess.PIPE)
    wait_for(tmp_path / "worker")
    child.send_signal(signal.SIGSTOP)
    os.kill(int((tmp_path / "worker").read_text()), signal.SIGKILL)
    child.kill()
    child.communicate()
    good, ann = script(tmp_path / "work", {}), {"OKSTRA_OWNER": "ann"}
    events = Events.of(okstra("run", "--json", "--", *good, cwd=task, env=ann, check=False))
    assert events.codes() == {1: "held"}
    hint = events.about("failed")[1]["hint"]
    assert hint.endswith(": OKSTRA_OWNER=ann/s1 git okstra takeover 1")
    okstra("takeover", "1", "--yes", cwd=task, env={"OKSTRA_OWNER": "ann/s1"})
    assert Events.of(okstra("run", "--json", "--", *good, cwd=task, env=ann)).last["complete"]


def test_a_run_is_one_operation_however_its_stages_end(
    okstra: Command, repository: ScratchRepository, start: Callable[..., Path]
) -> None:
    task = start({1: (), 2: ()})
    okstra("run", "-j", "2", "--", "false", cwd=task, check=False)
    okstra("run", "1", "--", "sh", "-c", GOOD, cwd=task)
    found = okstra("log", "--operations", "--json", cwd=task).json()["operations"]
    runs = [one for one in found if one["command"][0] == "run"]
    assert [one["outcome"] for one in runs] == ["done", "done"]
    lines = (repository.path / ".git/okstra/operations.jsonl").read_text()
    assert len({json.loads(line)["id"] for line in lines.splitlines()}) == len(found)
