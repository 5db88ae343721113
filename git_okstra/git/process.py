"""The one place that starts processes: git itself, and the commands users configure.

Argument lists only; a shell is started for a user's own command line and for nothing else. The environment of every
child is scrubbed of git's repository variables (a hook's `GIT_DIR` and `GIT_INDEX_FILE` would redirect a call meant for
another worktree, githooks(5)), and git's messages are kept in English so that they can be recognised.
`OKSTRA_TRACE=1` prints every call to standard error. How git is started stands in `spawning.py`; subprocess, slow to
import, is for a user's command.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from git_okstra import crashpoints
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import dataclass
from git_okstra.git import spawning, stopping

PLUMBING_TIMEOUT = 120.0
"""Seconds that a git call may take when it only reads or writes refs, objects or registrations."""

LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
)
"""`git rev-parse --local-env-vars`: what means one repository, and is nothing to another one."""

# What changes the meaning of objects, diffs or pathspecs goes, too.
_REPOSITORY_VARIABLES = frozenset(
    {
        *LOCAL_VARIABLES,
        "GIT_NAMESPACE",
        "GIT_QUARANTINE_PATH",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_EXTERNAL_DIFF",
        "GIT_DIFF_OPTS",
        "GIT_LITERAL_PATHSPECS",
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_REFLOG_ACTION",
        "GIT_MERGE_AUTOEDIT",
    }
)

# For calls made while a hold is inherited: nothing may daemonise and keep the hold.
_NO_DAEMONS = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false")


AS_MADE = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": "/dev/null"}
"""Environment in which commits are judged as they were made, not as git-replace(1) or a graft would show them."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a child ended: exit status (negative: a signal), and what it wrote."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text without its final newline; undecodable bytes survive as surrogates."""
        return os.fsdecode(self.out).rstrip("\n")

    @property
    def complaint(self) -> str:
        """What it said on standard error, for a message to a person."""
        return self.err.decode("utf-8", "replace").strip()


def scrubbed_environment(extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """This process's environment without git's repository variables, plus `extra`; None takes a variable out."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in _REPOSITORY_VARIABLES and not name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    for name, value in (extra or {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    return env


def _git_environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    env = scrubbed_environment()
    # LC_ALL would override LC_MESSAGES; its value goes on as LANG so that file names and editors keep their encoding.
    everything = env.pop("LC_ALL", None)
    if everything:
        env["LANG"] = everything
    env.update(LC_MESSAGES="C", LANGUAGE="C", GIT_MERGE_AUTOEDIT="no")
    if extra:
        env.update(extra)
    return env


def trace(words: Sequence[str], cwd: str | None) -> None:
    """Print a call to standard error when `OKSTRA_TRACE` is set."""
    if os.environ.get("OKSTRA_TRACE", "0") not in ("", "0"):
        import shlex

        sys.stderr.write(f"okstra: trace: {'(cd ' + shlex.quote(cwd) + ') ' if cwd else ''}{shlex.join(words)}\n")


def git(
    args: Sequence[str],
    *,
    cwd: str | None = None,
    git_dir: str | None = None,
    input: bytes | None = None,  # noqa: A002 (subprocess's own word)
    env: Mapping[str, str] | None = None,
    hooks: bool = True,
    hold: int | None = None,
    check: bool = True,
    timeout: float | None = PLUMBING_TIMEOUT,
    slow: str = "",
    reader: Callable[[bytes], bool] | None = None,
) -> Result:
    """Run `git ARGS` and return how it ended.

    `cwd` is a worktree to work in, `git_dir` a git directory to work on (one of the two is given). `hooks=False` runs
    it without any hook. `hold` is the descriptor of a lock that must outlive this process if git does. `timeout` is in
    seconds, None for no limit; `slow` says what to do when it is over. git is then told to end, so that it takes its
    lock files away, and with it all that it started.

    With `reader` what git prints is handed to it as it comes, and git is ended, as if all were well, once that returns
    True: for a question of which nobody knows how much of a long answer it needs.

    Raises OkstraError `git-failed` when git cannot be started, exceeds the time, or (with `check`) exits non-zero.
    """
    words = ["git"]
    if git_dir is not None:
        cwd = cwd or git_dir
    if cwd is not None:
        words += ["-C", cwd]
    if git_dir is not None:
        words.append(f"--git-dir={git_dir}")
    if not hooks:
        words += ["-c", "core.hooksPath=/dev/null"]
    if hold is not None:
        words += _NO_DAEMONS
    words += args
    trace(words, None)
    verb = _verb(args)
    try:
        crashpoints.reach(f"git {verb}: before")
        if cwd == "":
            os.stat(cwd)  # `git -C ""` would work on wherever we are
        result = Result(
            *spawning.spawned(words, _git_environment(env), input=input, inherit=hold, timeout=timeout, reader=reader)
        )
        if cwd is not None and result.status == 128 and result.err.startswith(b"fatal: cannot change to '"):
            os.stat(os.path.join(cwd, "."))  # raises what git met
    except TimeoutError:
        raise OkstraError(
            "git-failed",
            f"git {verb} did not finish within {timeout:g} seconds",
            slow
            or "see each call: OKSTRA_TRACE=1 git okstra …\nthen run the last one by hand to see what it waits for",
        ) from None
    except FileNotFoundError as error:
        if cwd is not None and not os.path.isdir(cwd):
            raise OkstraError("worktree-missing", f"the directory '{cwd}' is gone", "git okstra doctor") from None
        raise OkstraError(
            "git-failed", f"git cannot be started: {error.strerror}", "install git and put it on PATH"
        ) from None
    except ValueError:
        if all(map(_can_be_said, words)):
            raise
        raise OkstraError(
            "git-failed", f"git {verb} cannot be given such a name", "see which file of ours has it: git okstra doctor"
        ) from None
    except OSError as error:
        raise OkstraError(
            "git-failed", f"git cannot be started: {error.strerror}", "see each call: OKSTRA_TRACE=1 git okstra …"
        ) from None
    crashpoints.reach(f"git {verb}: after")
    if check and result.status != 0:
        raise failure(args, result)
    return result


def git_in_each(
    args: Sequence[str],
    worktrees: Sequence[str],
    at_once: int,
    ended: Callable[[int, int, bytes], None] | None = None,
) -> list[Result]:
    """Run `git ARGS` in each of the worktrees, `at_once` of them at a time, without a time limit; how each ended.

    `ended` is told of each as it ends: its index, exit status and standard output. One whose directory is gone ends
    with status 128. Raises OkstraError `git-failed` when git cannot be started.
    """
    commands = [["git", "-C", worktree, *args] for worktree in worktrees]
    for words in commands:
        trace(words, None)
    verb = _verb(args)
    try:
        crashpoints.reach(f"git {verb}: before")
        results = [Result(*ended) for ended in spawning.each_spawned(commands, _git_environment(None), at_once, ended)]
    except OSError as error:
        raise OkstraError(
            "git-failed", f"git cannot be started: {error.strerror}", "see each call: OKSTRA_TRACE=1 git okstra …"
        ) from None
    crashpoints.reach(f"git {verb}: after")
    return results


def _can_be_said(word: str) -> bool:
    """Whether a process can be given the word: no NUL, and no surrogate that stands for nothing."""
    try:
        return b"\0" not in os.fsencode(word)
    except UnicodeEncodeError:
        return False


def _verb(args: Sequence[str]) -> str:
    """The git command among the arguments, which `-c name=value` may precede."""
    words = iter(args)
    for word in words:
        if word == "-c":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return "git"


def failure(args: Sequence[str], result: Result) -> OkstraError:
    """The error for a git call that ended badly, quoting what git said."""
    verb = _verb(args)
    said = result.complaint or f"exit status {result.status}"
    if "No space left on device" in said or "Disk quota exceeded" in said:
        hint = "make room on the file system, then run the same command again"
    else:
        hint = "see each call: OKSTRA_TRACE=1 git okstra …"
    return OkstraError("git-failed", f"git {verb} failed: {said}", hint)


def run(
    command: Sequence[str] | str,
    *,
    cwd: str,
    env: Mapping[str, str | None] | None = None,
    timeout: float | None = None,
    capture: bool = True,
    joined: bool = True,
) -> Result:
    """Run a user's command in `cwd`: a string through `sh -c`, a list as it is.

    With `capture` its standard input is empty and what it writes is returned, standard error joined to standard output
    in the order written (apart when it is not `joined`); without, it shares this process's three streams and has no
    time limit. A command that exceeds `timeout` seconds is ended with all it started and reported with status 124, as
    timeout(1) does; one that cannot be started with 127, as a shell does.
    """
    import subprocess

    words = ["sh", "-c", command] if isinstance(command, str) else list(command)
    trace(words, cwd)
    with contextlib.ExitStack() as ends:
        try:
            with stopping.shielded():
                child = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env=scrubbed_environment(env),
                    stdin=subprocess.DEVNULL if capture else None,
                    stdout=subprocess.PIPE if capture else None,
                    stderr=(subprocess.STDOUT if joined else subprocess.PIPE) if capture else None,
                    process_group=0 if capture else None,
                )
                ends.push(child)
                if capture:
                    ends.push(lambda kind, _error, _trace: _end_unless_over(child.pid, kind))
        except OSError as error:
            return Result(127, b"", (error.strerror or str(error)).encode())
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            end_group(child.pid)
            out, _ = child.communicate()
            return Result(124, out or b"", f"did not finish within {timeout:g} seconds".encode())
    return Result(child.returncode, out or b"", err or b"")


def _end_unless_over(leader: int, kind: object) -> None:
    """When a signal stops us, which reaches us alone as the child has a process group of its own, it ends with us."""
    if kind is not None:
        end_group(leader)


def end_group(leader: int) -> None:
    """End the child that leads a process group of its own, and everything it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def replace(command: Sequence[str], *, cwd: str, env: Mapping[str, str] | None = None) -> None:
    """Become `command` in `cwd`: its exit status, signals and streams are then its own. Returns only by raising.

    Raises OkstraError `usage` when there is no such command.
    """
    trace(command, cwd)
    try:
        os.chdir(cwd)
        os.execvpe(command[0], list(command), {**scrubbed_environment(env), "PWD": cwd})
    except OSError as error:
        raise OkstraError(
            "usage", f"cannot run '{command[0]}': {error.strerror}", "name a command that is on PATH"
        ) from None
