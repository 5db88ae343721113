"""What one worker of a run does: open the stage, have the command work in its worktree, close the stage.

It tells how it goes on (`supervising.Channel`). However it ends, nothing that it started runs on, and what it has done
is there for the next run: the stage is open in its own name, or done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from git_okstra.core import agents, closing, names
from git_okstra.core.errors import OkstraError
from git_okstra.core.tasks import Task
from git_okstra.git import descent
from git_okstra.git.supervising import Channel
from git_okstra.operations import brief, done, leasing, recording, run_files, stage
from git_okstra.operations.brief import Brief
from git_okstra.operations.context import Context
from git_okstra.state import files

PASSED = ("held", "busy", "stage-closed")
"""What refuses to open a stage that somebody else was faster to take."""

SIGNS = 4
"""How many signs of life a lease gets in the time in which it would expire."""

WITHIN = "OKSTRA_WITHIN"
"""The variable with the stages in which a command runs, as their keys, separated by blanks, the outermost first."""

CLOSING = """

## This is a run

`git okstra run` has given you this stage. Commit everything and end with exit status 0: the stage is then checked,
closed and merged for you. Any other exit status says that it failed. Your environment has `OKSTRA_TASK`,
`OKSTRA_STAGE`, `OKSTRA_BRIEF` (this file) and `OKSTRA_PORT`, the first of ten ports that are yours.
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one stage. `run` is the run's directory; `words` the command, with placeholders when it is an
    `agent`'s; `again` what to type to have the stage run again; `render` makes the text of a brief."""

    task: Task
    number: int
    attempt: int
    run: str
    owner: str
    words: tuple[str, ...]
    agent: bool
    port: int
    timeout: float | None
    again: str
    render: Callable[[Brief], str]


def work(ctx: Context, job: Job, channel: Channel) -> None:
    """Do it, in a process of its own; `ctx` is the run's."""
    recording.leave()
    mine = Context(ctx.directory, {**ctx.environ, "OKSTRA_OWNER": job.owner}, ctx.options)
    hold = run_files.take(mine, job.task, job.number)
    if hold is None:
        channel.tell("passed", code="busy", message=f"another run works on stage {job.number}", hint="")
        return
    try:
        _work(mine, job, channel)
    finally:
        _tell_notes(mine, channel)
        run_files.drop(mine, hold)


def _tell_notes(ctx: Context, channel: Channel) -> None:
    for note in ctx.notes:
        channel.tell("note", text=note)
    ctx.notes.clear()


def _work(ctx: Context, job: Job, channel: Channel) -> None:
    number = job.number
    tried = False
    try:
        _end_earlier(ctx, job)
        opened = stage.open_stage(ctx, job.task, number)
        _tell_notes(ctx, channel)
        lease = leasing.lease(ctx, job.task.key, number)
        # What we do from here on is refused, too, once somebody has taken the stage over.
        ours = Context(ctx.directory, {**ctx.environ, **lease.environment}, ctx.options)
        try:
            channel.tell("opened", status=opened.status, path=opened.path, branch=opened.branch, base=opened.base)
            _write_brief(ours, job)
            tried = True
            _run(ours, job, opened.path, lease, channel)
            closed = done.done(ours, job.task, number)
            channel.tell("done", head=closed.head, commits=closed.commits, files=list(closed.files))
        finally:
            _tell_notes(ours, channel)
            lease.end()
    except OkstraError as error:
        kind = "passed" if error.code in PASSED and not tried else "refused"
        hint = _theirs(error.hint, job)
        channel.tell(kind, code=error.code, message=error.message, hint=hint, tried=tried)


def _theirs(hint: str, job: Job) -> str:
    """The hint for a person, who is not the owner of the stage: the command that closes it says in whose name."""
    close = f"git okstra done {job.number}"
    return hint.replace(close, f"OKSTRA_OWNER={names.typed(job.owner)} {close}")


def _end_earlier(ctx: Context, job: Job) -> None:
    """End what the command of an earlier run that was killed has left running: it would write into the worktree."""

    def fits(path: str) -> bool:
        return run_files.is_earlier_brief(ctx, job.task, job.run, job.number, path)

    left = descent.marked("OKSTRA_BRIEF", fits)
    if left:
        descent.end(left)
        ctx.note(f"stage {job.number}: ended what an earlier run had left running: {_listed(left)}")


def _listed(processes: list[descent.Process]) -> str:
    return ", ".join(f"'{names.printable(one.command[:60])}' (process {one.pid})" for one in processes)


def _write_brief(ctx: Context, job: Job) -> None:
    found = brief.stage(ctx, ctx.store.task(*job.task.key) or job.task, job.number)
    text = job.render(found) + CLOSING
    files.write_plain(run_files.brief(job.run, job.number), text.encode("utf-8", "surrogateescape"))


def _run(ctx: Context, job: Job, path: str, lease: leasing.Lease, channel: Channel) -> None:
    """Run the command. Raises OkstraError `command-failed`, `timed-out`, and `taken-over` when somebody else has the
    stage by then."""
    log = run_files.log(job.run, job.number, job.attempt)
    env: dict[str, str | None] = {
        **lease.environment,
        "OKSTRA_BRIEF": run_files.brief(job.run, job.number),
        "OKSTRA_OWNER": job.owner,
        "OKSTRA_PORT": str(job.port),
        WITHIN: f"{ctx.environ.get(WITHIN, '')} {names.stage_key(job.task.key, job.number)}".lstrip(),
    }
    words = job.words
    if job.agent:
        words = agents.filled(
            words,
            {
                "worktree": path,
                "brief": run_files.brief(job.run, job.number),
                "task": str(job.task.key),
                "stage": str(job.number),
                "main": ctx.main_worktree or ctx.common_dir,
                "git_common_dir": ctx.common_dir,
            },
        )
    began = time.monotonic()
    with files.Log(log) as file:
        kept = _Kept(file)
        channel.tell("started", log=log, port=job.port, attempt=job.attempt)
        ended = channel.run(
            words,
            cwd=path,
            env=env,
            heard=kept.write,
            timeout=job.timeout,
            sign=lease.renew,
            every=max(1.0, ctx.settings.get("lease.expires") / SIGNS),
        )
    seconds = time.monotonic() - began
    channel.tell("exited", status=ended.status, seconds=round(seconds, 1), left=list(ended.left))
    if ended.timed_out:
        raise OkstraError(
            "timed-out",
            f"its command did not end within {job.timeout:g} s, and was ended{_last_lines(kept.tail)}",
            _hints(log, path, job, "give it more time, or see what it waits for"),
        )
    if ended.status != 0:
        how = f"was ended by signal {-ended.status}" if ended.status < 0 else f"ended with exit status {ended.status}"
        raise OkstraError(
            "command-failed", f"its command {how}{_last_lines(kept.tail)}", _hints(log, path, job, "mend the cause")
        )


def _hints(log: str, path: str, job: Job, first: str) -> str:
    return (
        f"see all that it wrote: less {names.quoted(log)}\n"
        f"{first}, then go on where it stands: {job.again}\n"
        f"or finish it by hand, in {names.quoted(path)}, then: git okstra done {job.number}"
    )


def _last_lines(tail: bytes) -> str:
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in tail.decode("utf-8", "replace").split("\n")]
    shown = [names.printable(line.expandtabs())[:200] for line in lines if line.strip()][-closing.SHOWN :]
    return "".join(f"\n    {line}" for line in shown)


class _Kept:
    """A log that takes no more than `run_files.LARGEST_LOG` bytes, and remembers the end of all that was written."""

    def __init__(self, file: files.Log) -> None:
        self._file = file
        self._left = run_files.LARGEST_LOG
        self.tail = b""

    def write(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-4096:]
        if self._left > 0:
            self._file.write(data[: self._left])
            self._left -= len(data)
            if self._left <= 0:
                self._file.write(b"\nokstra: the log is full; what else it wrote is not kept\n")
