"""Starting a program: everything gets across both ways, and nothing is left behind or handed on."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_okstra.git import spawning
from support import processes

MANY = bytes(range(256)) * 4096 * 5  # 5 MiB, many times what a pipe holds


def spawned(*words: str, **more: object) -> tuple[int, bytes, bytes]:
    return spawning.spawned(words, os.environ, **more)  # type: ignore[arg-type]


def sh(script: str, **more: object) -> tuple[int, bytes, bytes]:
    return spawned("sh", "-c", script, **more)


def python(code: str, *args: str, **more: object) -> tuple[int, bytes, bytes]:
    return spawned(sys.executable, "-c", code, *args, **more)


def children() -> list[str]:
    """Processes whose parent is this one, zombies too, but for that of support/preloaded.py."""
    ended = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", f"{os.getpid()}"], capture_output=True, text=True)
    return [
        line for line in ended.stdout.splitlines() if " ps -o" not in f" {line}" and " -c  import atexit" not in line
    ]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    # The process that runs the console script for other tests may be a child of this one all the while.
    before = sorted(os.listdir("/dev/fd")), children()
    yield
    assert (sorted(os.listdir("/dev/fd")), children()) == before


@pytest.mark.parametrize("status", [0, 1, 128, 255])
def test_what_it_says_and_how_it_ends(status: int) -> None:
    assert sh(f"echo out; echo err >&2; exit {status}") == (status, b"out\n", b"err\n")


def test_a_signal_is_a_negative_status() -> None:
    assert sh("echo so far; kill -TERM $$") == (-signal.SIGTERM, b"so far\n", b"")


@pytest.mark.parametrize("given", [b"", b"x", MANY], ids=["empty", "a byte", "much"])
def test_input_comes_back_whole(given: bytes) -> None:
    assert spawned("cat", input=given) == (0, given, b"")


def test_without_input_standard_input_is_empty() -> None:
    assert spawned("cat") == (0, b"", b"")


def test_much_in_both_outputs_while_much_is_read() -> None:
    code = "import sys, shutil; d = sys.stdin.buffer.read(65536)\n" + (
        "while d:\n    sys.stdout.buffer.write(d); sys.stderr.buffer.write(d); d = sys.stdin.buffer.read(65536)"
    )
    assert python(code, input=MANY) == (0, MANY, MANY)


def test_much_is_said_before_anything_is_read() -> None:
    code = f"import sys; sys.stdout.buffer.write(b'o' * {len(MANY)}); sys.stderr.buffer.write(b'e' * {len(MANY)}); "
    status, out, err = python(code + "print(len(sys.stdin.buffer.read()))", input=MANY)
    assert (status, out.strip(b"o"), err) == (0, b"%d\n" % len(MANY), b"e" * len(MANY))


def test_input_that_nobody_reads_is_no_fault() -> None:
    assert sh("exec <&-; echo done; exit 3", input=MANY) == (3, b"done\n", b"")
    assert spawned("head", "-c", "2", input=MANY) == (0, MANY[:2], b"")


def test_output_is_complete_when_the_last_of_its_children_has_closed_it() -> None:
    assert sh("(sleep 0.2; echo later) & echo now") == (0, b"now\nlater\n", b"")


def test_streams_closed_long_before_the_end() -> None:
    assert sh("exec >&- 2>&- <&-; sleep 0.2; exit 7", input=b"x") == (7, b"", b"")
    assert sh("exec >&- 2>&- <&-; sleep 0.2; exit 7", timeout=60) == (7, b"", b"")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("echo $$ >pid; exec sleep 1000", id="says nothing"),
        pytest.param("echo $$ >pid; exec sleep 1000 >&- 2>&-", id="has closed its streams"),
        pytest.param("echo $$ >pid; exec yes", id="never stops talking"),
        pytest.param("trap '' TERM INT HUP; echo $$ >pid; while :; do sleep 0.01; done", id="ignores what it can"),
    ],
)
@pytest.mark.parametrize("given", [None, MANY], ids=["no input", "input it does not read"])
def test_a_time_limit_kills(script: str, given: bytes | None) -> None:
    with pytest.raises(TimeoutError):
        sh(script, input=given, timeout=0.3)
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


def test_a_limit_does_not_wait_for_children_that_keep_the_output_open() -> None:
    with pytest.raises(TimeoutError):
        sh("(sleep 1000 & echo $! >pid); exec sleep 1000", timeout=0.3)
    os.kill(int(Path("pid").read_text()), signal.SIGKILL)  # it was still there


def test_a_limit_ends_what_the_program_had_started() -> None:
    with pytest.raises(TimeoutError):
        sh("sh -c 'echo $$ >inner; exec sleep 1000' & wait", timeout=0.3)
    inner = int(await_file("inner"))
    end = time.monotonic() + 10
    while Path(f"/proc/{inner}").exists() and time.monotonic() < end:
        time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(inner, 0)


def test_what_is_not_there_cannot_be_started() -> None:
    with pytest.raises(FileNotFoundError):
        spawned("no-such-program-anywhere")
    Path("plain").write_text("")
    with pytest.raises(PermissionError):
        spawned("./plain")
    with pytest.raises(OSError, match="Argument list too long"):
        spawned("true", "x" * (1 << 22))
    with pytest.raises(ValueError, match="null byte"):
        spawned("true", "a\0b")


def test_the_program_is_looked_up_on_our_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "greet").write_text("#!/bin/sh\necho hello\n")
    (tmp_path / "bin" / "greet").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}")
    assert spawned("greet") == (0, b"hello\n", b"")


def test_the_environment_is_the_one_given() -> None:
    assert spawning.spawned(["env"], {"A": "1", "B": "\udcff"}) == (0, b"A=1\nB=\xff\n", b"")


def test_undecodable_words_arrive_as_they_are() -> None:
    assert spawned("printf", "%s", os.fsdecode(b"caf\xe9 \xff"))[1] == b"caf\xe9 \xff"


INODES = (
    "import os\nfor n in range(3, 400):\n"
    "    try:\n        s = os.fstat(n)\n    except OSError:\n        continue\n    print(s.st_ino)"
)
"""Prints which files are open besides the standard streams."""


def test_it_gets_its_three_streams_and_nothing_else(tmp_path: Path) -> None:
    # As those that a shell left open (`exec 7>file`), or a caller with close_fds=False.
    left_open = os.open(tmp_path / "left-open", os.O_CREAT | os.O_RDWR)
    os.set_inheritable(left_open, True)
    high = fcntl.fcntl(left_open, fcntl.F_DUPFD, 300)
    try:
        assert python(INODES) == (0, b"", b"")
        assert python(INODES, input=b"x") == (0, b"", b"")
        assert os.get_inheritable(left_open)
    finally:
        os.close(left_open)
        os.close(high)


@pytest.mark.parametrize("inheritable", [False, True])
@pytest.mark.parametrize("given", [None, b"x"], ids=["no input", "input"])
def test_the_one_descriptor_to_share_is_shared(tmp_path: Path, inheritable: bool, given: bytes | None) -> None:
    hold = os.open(tmp_path / "hold", os.O_CREAT | os.O_RDWR)
    try:
        os.set_inheritable(hold, inheritable)
        inode = os.fstat(hold).st_ino
        _, out, _ = python(INODES, input=given, inherit=hold)
        assert set(out.split()) == {b"%d" % inode}
        assert os.get_inheritable(hold) == inheritable
    finally:
        os.close(hold)


def test_a_lock_is_kept_by_the_child_that_shares_it(tmp_path: Path) -> None:
    hold = os.open(tmp_path / "hold", os.O_CREAT | os.O_RDWR)
    fcntl.flock(hold, fcntl.LOCK_EX)
    asking = os.open(tmp_path / "hold", os.O_RDWR)

    def taken() -> bool:
        try:
            fcntl.flock(asking, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

    try:
        with pytest.raises(TimeoutError):
            sh("(sleep 1000 >/dev/null 2>&1 & echo $! >pid2); exec sleep 1000", inherit=hold, timeout=0.3)
        os.close(hold)
        assert taken()  # by the one that nobody could tell was its
        os.kill(int(Path("pid2").read_text()), signal.SIGKILL)
        end = time.monotonic() + 10
        while taken() and time.monotonic() < end:
            time.sleep(0.01)
        assert not taken()
    finally:
        os.close(asking)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_signals_that_python_ignores_are_not_ignored_by_the_child() -> None:
    ignored = int(spawned("sed", "-n", r"s/^SigIgn:\s*//p", "/proc/self/status")[1], 16)
    own = int(re.findall(r"^SigIgn:\s*(\w+)", Path("/proc/self/status").read_text(), re.MULTILINE)[0], 16)
    python_ignores = {signal.SIGPIPE, signal.SIGXFSZ}
    assert {one for one in python_ignores if own >> (one - 1) & 1} == python_ignores
    assert {one for one in python_ignores if ignored >> (one - 1) & 1} == set()


def test_a_writer_into_a_closed_pipe_dies_as_in_a_shell() -> None:
    assert sh("(yes; echo $? >status) | head -n 1") == (0, b"y\n", b"")
    assert Path("status").read_text() == f"{128 + signal.SIGPIPE}\n"


def as_a_command(code: str, **more: object) -> subprocess.Popen[bytes]:
    """A Python that runs `code`, with `spawned` at hand."""
    head = "import os, signal, sys, time\nfrom git_okstra.git.spawning import spawned\n"
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", head + code], stdout=pipe, stderr=pipe, **more)  # type: ignore[call-overload, no-any-return]


def await_file(name: str) -> str:
    end = time.monotonic() + processes.PATIENCE
    while time.monotonic() < end:
        if os.path.exists(name) and (text := Path(name).read_text()).endswith("\n"):
            return text
        time.sleep(0.005)
    raise AssertionError(name)


@pytest.mark.parametrize("whom", ["us alone", "the group"])
@pytest.mark.parametrize("streams", ["", ">&- 2>&-"], ids=["open", "closed"])
def test_ctrl_c_ends_the_child(whom: str, streams: str) -> None:
    child = as_a_command(
        f"spawned(['sh', '-c', 'echo $$ >pid; exec sleep 1000 {streams}'], os.environ, timeout=900)",
        start_new_session=True,
    )
    inner = int(await_file("pid"))
    if whom == "us alone":
        os.kill(child.pid, signal.SIGINT)
    else:
        os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=processes.PATIENCE)
    assert b"KeyboardInterrupt" in err
    assert ends(inner)


def ends(pid: int) -> bool:
    """Whether the process is gone, or is within a second: one whose parent ended first waits for init to bury it."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_a_child_may_clean_up_after_ctrl_c() -> None:
    script = "trap 'echo cleaned >cleaned; exit' INT; echo $$ >pid; while :; do sleep 0.01; done"
    child = as_a_command(f"spawned(['sh', '-c', {script!r}], os.environ)", start_new_session=True)
    await_file("pid")
    os.killpg(child.pid, signal.SIGINT)
    child.communicate(timeout=processes.PATIENCE)
    assert Path("cleaned").read_text() == "cleaned\n"


def test_a_signal_that_is_handled_does_not_disturb() -> None:
    code = (
        "seen = []\nsignal.signal(signal.SIGALRM, lambda *_: seen.append(1))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)\n"
        "data = b'x' * 3_000_000\n"
        "got = spawned(['sh', '-c', 'sleep 0.2; cat; exec >&- 2>&-; sleep 0.2'], os.environ, input=data)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "assert got == (0, data, b''), got[0]\nassert len(seen) > 3\nprint('whole')\n"
    )
    child = as_a_command(code)
    assert child.communicate(timeout=processes.PATIENCE) == (b"whole\n", b"")


def test_how_it_ended_is_known_though_our_parent_ignores_the_end_of_children() -> None:
    words = [sys.executable, "-c", "import os; from git_okstra.git.spawning import spawned\n"
             "print(spawned(['sh', '-c', 'sh -c \"exit 4\"; exit $?'], os.environ))"]  # fmt: skip
    ignore = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    assert python(ignore, *words) == (0, b"(4, b'', b'')\n", b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("given", [None, b"in"], ids=["no input", "input"])
def test_it_works_where_standard_streams_are_closed(closed: str, given: bytes | None) -> None:
    code = (
        "import os\nfrom git_okstra.git.spawning import spawned\n"
        f"got = spawned(['sh', '-c', 'cat; echo out; echo err >&2; exit 5'], os.environ, input={given!r})\n"
        "open('got', 'w').write(repr(got))"
    )
    expected = repr((5, (given or b"") + b"out\n", b"err\n"))
    assert sh(f"{sys.executable} -c {shlex.quote(code)} {closed}")[0] == 0
    assert Path("got").read_text() == expected


def test_threads_may_start_programs_at_once() -> None:
    results: list[tuple[int, bytes, bytes]] = []
    given = [b"%d" % i * 200_000 for i in range(8)]
    threads = [threading.Thread(target=lambda i=i: results.append(spawned("cat", input=given[i]))) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == sorted((0, one, b"") for one in given)


def each(scripts: list[str], at_once: int = 2) -> list[tuple[int, bytes, bytes]]:
    return spawning.each_spawned([["sh", "-c", script] for script in scripts], os.environ, at_once)


def test_several_programs_answer_in_their_order_whichever_ends_first() -> None:
    scripts = ["sleep 0.3; echo slow", "echo quick", "echo wrong >&2; exit 3", "kill -9 $$", "printf ''"]
    expected = [(0, b"slow\n", b""), (0, b"quick\n", b""), (3, b"", b"wrong\n"), (-9, b"", b""), (0, b"", b"")]
    for at_once in (1, 2, 9):
        assert each(scripts, at_once) == expected
    assert each([]) == []


def test_no_more_programs_run_at_a_time_than_is_allowed(tmp_path: Path) -> None:
    script = f'cd "{tmp_path}"; mkdir $$; sleep 0.05; ls | wc -l; rmdir $$'
    counts = [int(out) for _, out, _ in each([script] * 8, 3)]
    assert max(counts) <= 3


def test_what_several_programs_say_at_once_is_kept_apart() -> None:
    script = "head -c 3000000 /dev/zero | tr '\\0' {0}; head -c 300000 /dev/zero | tr '\\0' {0} >&2"
    for letter, (status, out, err) in zip("abcd", each([script.format(one) for one in "abcd"], 4), strict=True):
        assert status == 0
        assert (out, err) == (letter.encode() * 3000000, letter.encode() * 300000)


def test_nothing_is_left_when_one_of_several_programs_cannot_be_started() -> None:
    with pytest.raises(FileNotFoundError):
        spawning.each_spawned([["sleep", "60"], ["no-such-program-anywhere"]], os.environ, 2)


def test_interrupt_ends_several_programs() -> None:
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        each(["sleep 60"] * 3, 2)
