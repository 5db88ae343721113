"""Locks: exclusion between real processes, interoperation with filelock, order, time limit, holds."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import filelock
import pytest

from git_okstra.core.errors import HELD, OkstraError
from git_okstra.state import locks


def child(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A Python process running `code`; what it prints can be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


HOLDER = """
    import sys
    from git_okstra.state import locks
    with locks.locked(sys.argv[1], locks.STORE, timeout=10):
        print("held")
        sys.stdin.readline()
"""

FILELOCK_HOLDER = """
    import sys, filelock
    with filelock.FileLock(sys.argv[1], fallback_to_soft=False):
        print("held")
        sys.stdin.readline()
"""


def opened_by(pid: int) -> list[str]:
    """The files that a process has open (proc(5))."""
    found = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return found


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=30)
    assert process.returncode == 0


def test_a_waiter_gets_the_lock_when_it_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = child(HOLDER, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    waiter = child(HOLDER, path)
    with pytest.raises(OkstraError) as caught, locks.locked(str(path), locks.STORE, timeout=0.05):
        pass
    assert caught.value.code == "busy" and caught.value.status == HELD
    finish(holder)
    assert waiter.stdout is not None and waiter.stdout.readline() == "held\n"
    finish(waiter)


def test_the_time_limit_holds_in_other_threads_too(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    holder = child(HOLDER, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    codes: list[str] = []

    def wait() -> None:
        try:
            with locks.locked(path, locks.STORE, timeout=0.05):
                codes.append("taken")
        except OkstraError as error:
            codes.append(error.code)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert codes == ["busy"]
    finish(holder)


def test_filelock_excludes_us(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = child(FILELOCK_HOLDER, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(OkstraError) as caught, locks.locked(str(path), locks.STORE, timeout=0.05):
        pass
    assert caught.value.code == "busy"
    finish(holder)
    with locks.locked(str(path), locks.STORE, timeout=5):
        pass


def test_we_exclude_filelock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = child(HOLDER, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(filelock.Timeout), filelock.FileLock(path, timeout=0.05, fallback_to_soft=False):
        pass
    finish(holder)
    with filelock.FileLock(path, timeout=5, fallback_to_soft=False):
        pass


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = child(HOLDER, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate()
    with locks.locked(str(path), locks.STORE, timeout=5):
        assert path.exists()


def test_a_removed_lock_file_does_not_let_two_in(tmp_path: Path) -> None:
    """Somebody deletes the file while we wait on it: we must not hold a lock that nobody else will meet."""
    path = tmp_path / "lock"
    holder = child(HOLDER, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    waiter = child(HOLDER, path)
    while str(path) not in opened_by(waiter.pid):
        time.sleep(0.01)
    path.unlink()
    other = child(HOLDER, path)
    assert other.stdout is not None and other.stdout.readline() == "held\n"
    finish(holder)
    with pytest.raises(OkstraError), locks.locked(str(path), locks.STORE, timeout=0.1):
        pass
    finish(other)
    assert waiter.stdout is not None and waiter.stdout.readline() == "held\n"
    finish(waiter)


def test_a_hundred_increments_by_ten_processes_are_all_counted(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    code = """
        import pathlib, sys
        from git_okstra.state import locks
        counter = pathlib.Path(sys.argv[2])
        for _ in range(10):
            with locks.locked(sys.argv[1], locks.REGISTRY, timeout=60):
                counter.write_text(str(int(counter.read_text()) + 1))
    """
    workers = [child(code, tmp_path / "lock", counter) for _ in range(10)]
    for worker in workers:
        finish(worker)
    assert counter.read_text() == "100"


def test_the_order_is_registry_repository_store(tmp_path: Path) -> None:
    path = str(tmp_path)
    with (
        locks.locked(f"{path}/a", locks.REGISTRY, timeout=1),
        locks.locked(f"{path}/b", locks.REPOSITORY, timeout=1),
        locks.locked(f"{path}/c", locks.STORE, timeout=1),
    ):
        pass
    for first, second in (
        (locks.STORE, locks.REGISTRY),
        (locks.REPOSITORY, locks.REGISTRY),
        (locks.STORE, locks.STORE),
    ):
        with (
            locks.locked(f"{path}/a", first, timeout=1),
            pytest.raises(RuntimeError, match="lock order"),
            locks.locked(f"{path}/b", second, timeout=1),
        ):
            pass


@pytest.mark.skipif(os.getuid() == 0, reason="root writes anywhere")
def test_a_lock_in_a_read_only_place_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OkstraError) as caught, locks.locked(str(tmp_path / "x" / "lock"), locks.STORE, timeout=1):
        pass
    assert caught.value.code == "cannot-write"


def test_a_hold_is_seen_while_its_process_lives(tmp_path: Path) -> None:
    path = str(tmp_path / "hold")
    assert not locks.is_held(path)
    code = """
        import sys
        from git_okstra.state import locks
        hold = locks.Hold(sys.argv[1])
        print("held")
        sys.stdin.readline()
    """
    holder = child(code, path)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    assert locks.is_held(path)
    assert not locks.await_hold(path, timeout=0.05)
    holder.kill()
    holder.communicate()
    assert not locks.is_held(path)
    assert locks.await_hold(path, timeout=1)


def test_a_hold_outlives_its_process_in_a_child_that_inherited_it(tmp_path: Path) -> None:
    """A git that goes on after its parent was killed is still at work: the key is not free."""
    path = str(tmp_path / "hold")
    code = """
        import subprocess, sys
        from git_okstra.state import locks
        hold = locks.Hold(sys.argv[1])
        worker = subprocess.Popen(["sleep", "100"], pass_fds=[hold.fd])
        print(worker.pid)
        sys.stdin.readline()
    """
    with child(code, path) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    assert locks.is_held(path)
    os.kill(worker, 9)
    assert locks.await_hold(path, timeout=10)


def test_dropping_a_hold_frees_it_for_children_as_well(tmp_path: Path) -> None:
    path = str(tmp_path / "hold")
    hold = locks.Hold(path)
    with subprocess.Popen(["sleep", "100"], pass_fds=[hold.fd]) as lingering:
        again = tmp_path / "again"
        os.link(path, again)
        assert locks.is_held(str(again))
        hold.drop()
        assert not locks.is_held(str(again))
        assert not os.path.exists(path)
        lingering.kill()


def test_asking_does_not_hinder_the_next_hold(tmp_path: Path) -> None:
    path = str(tmp_path / "hold")
    for _ in range(50):
        hold = locks.Hold(path)
        assert locks.is_held(path)
        hold.drop()
        assert not locks.is_held(path)


def test_a_file_where_the_locks_directory_belongs_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(OkstraError) as caught, locks.locked(f"{tmp_path}/x/lock", locks.STORE, timeout=1):
        pass
    assert caught.value.code == "cannot-write"
    with pytest.raises(OkstraError) as caught:
        locks.Hold(f"{tmp_path}/x/hold")
    assert caught.value.code == "cannot-write"
    assert not locks.is_held(f"{tmp_path}/x/hold")


def test_a_file_system_without_locks_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_fd: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unknown)
    with pytest.raises(OkstraError) as caught, locks.locked(f"{tmp_path}/lock", locks.STORE, timeout=1):
        pass
    assert (caught.value.code, os.strerror(errno.ENOLCK) in caught.value.message) == ("cannot-write", True)


def test_where_there_is_no_flock_filelock_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    path = f"{tmp_path}/lock"
    with locks.locked(path, locks.STORE, timeout=1):
        holder = child(FILELOCK_HOLDER, path)
        assert holder.poll() is None
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(OkstraError) as caught, locks.locked(path, locks.STORE, timeout=0.05):
        pass
    assert (caught.value.code, caught.value.status) == ("busy", HELD)
    finish(holder)


def test_the_time_limit_holds_for_who_waits_in_the_main_thread(tmp_path: Path) -> None:
    holder = child(HOLDER, tmp_path / "lock")
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(OkstraError) as caught, locks.locked(f"{tmp_path}/lock", locks.STORE, timeout=0.02):
        pass
    assert (caught.value.code, signal.getsignal(signal.SIGALRM)) == ("busy", before)
    finish(holder)


def test_a_hold_that_was_given_back_is_given_back_once(tmp_path: Path) -> None:
    hold = locks.Hold(f"{tmp_path}/hold")
    hold.drop()
    again = locks.Hold(f"{tmp_path}/hold")
    hold.drop()
    assert locks.is_held(f"{tmp_path}/hold")
    again.drop()
