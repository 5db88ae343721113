"""How git is called: where, with which environment, and what is said when it cannot work."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.git import process
from support import processes
from support.repositories import ScratchRepository


def script(text: str) -> list[str]:
    """Arguments with which git runs a shell script, as it runs a user's alias."""
    return ["-c", f"alias.script=!{text}", "script"]


def refused(*args: str, **more: object) -> OkstraError:
    with pytest.raises(OkstraError) as caught:
        process.git(args, **more)  # type: ignore[arg-type]
    return caught.value


def test_it_works_where_it_is_told_and_not_where_we_are(repository: ScratchRepository, tmp_path: Path) -> None:
    inner = repository.path / "inner"
    inner.mkdir()
    assert process.git(["rev-parse", "--show-prefix"], cwd=f"{inner}").text == "inner/"
    assert process.git(["rev-parse", "--show-toplevel"], cwd=f"{repository.path}").text == f"{repository.path}"
    common = f"{repository.path}/.git"
    assert process.git(["rev-parse", "--absolute-git-dir"], git_dir=common).text == common
    assert process.git(["rev-parse", "HEAD"], git_dir=common, cwd=f"{tmp_path}").text == repository.head
    assert Path.cwd() == tmp_path


@pytest.mark.parametrize("name", ["-q", "a b", "'", "$HOME", "\n", os.fsdecode(b"\xff"), "한"])
def test_odd_names_of_directories(name: str, tmp_path: Path) -> None:
    where = tmp_path / name
    where.mkdir()
    process.git(["init", "-q"], cwd=f"{where}")
    process.git(["config", "a.b", "c"], cwd=f"{where}")
    assert (where / ".git" / "config").read_text().endswith("b = c\n")
    where.rename(tmp_path / "elsewhere")
    assert refused("status", cwd=f"{where}").code == "worktree-missing"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("given", [None, b"x" * 1_000_000], ids=["no input", "input"])
def test_a_directory_that_is_gone(tmp_path: Path, check: bool, given: bytes | None) -> None:
    for gone in (f"{tmp_path}/gone", f"{tmp_path}/gone/deeper", ""):
        error = refused("cat-file", "--batch", cwd=gone, check=check, input=given)
        assert (error.code, error.message) == ("worktree-missing", f"the directory '{gone}' is gone")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert refused("status", cwd=f"{tmp_path}/dangling", check=check).code == "worktree-missing"
    assert refused("status", git_dir=f"{tmp_path}/gone", check=check).code == "worktree-missing"


@pytest.mark.parametrize("check", [True, False])
def test_a_directory_that_cannot_be_entered(tmp_path: Path, check: bool) -> None:
    (tmp_path / "file").write_text("")
    error = refused("status", cwd=f"{tmp_path}/file", check=check)
    assert (error.code, error.message) == ("git-failed", "git cannot be started: Not a directory")
    if os.geteuid() != 0:
        (tmp_path / "locked").mkdir(0o600)
        error = refused("status", cwd=f"{tmp_path}/locked", check=check)
        assert (error.code, error.message) == ("git-failed", "git cannot be started: Permission denied")


def test_gits_own_trouble_with_a_directory_is_told_as_it_is(repository: ScratchRepository) -> None:
    args = script("git -C gone status")
    result = process.git(args, cwd=f"{repository.path}", check=False)
    assert (result.status, result.complaint) == (128, "fatal: cannot change to 'gone': No such file or directory")
    assert refused(*args, cwd=f"{repository.path}").code == "git-failed"


def test_git_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    error = refused("status", cwd=f"{tmp_path}")
    assert error.code == "git-failed"
    assert error.message == f"git cannot be started: {os.strerror(errno.ENOENT)}"
    assert error.hint == "install git and put it on PATH"
    assert refused("status", cwd=f"{tmp_path}/gone").code == "worktree-missing"
    (tmp_path / "bin" / "git").write_text("")
    error = refused("status", cwd=f"{tmp_path}")
    assert error.message == f"git cannot be started: {os.strerror(errno.EACCES)}"
    assert refused("version", "x" * (1 << 22)).message.startswith("git cannot be started: ")


def test_it_says_what_git_said(repository: ScratchRepository) -> None:
    error = refused("rev-parse", "--verify", "nothing", cwd=f"{repository.path}")
    assert (error.code, error.message) == ("git-failed", "git rev-parse failed: fatal: Needed a single revision")
    result = process.git(["rev-parse", "--verify", "nothing"], cwd=f"{repository.path}", check=False)
    assert (result.status, result.out, result.complaint) == (128, b"", "fatal: Needed a single revision")


def test_messages_are_english_whatever_the_locale(
    repository: ScratchRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    shown = process.git(script("env"), cwd=f"{repository.path}").text.split("\n")
    assert {"LC_MESSAGES=C", "LANGUAGE=C", "LANG=ko_KR.UTF-8"} <= set(shown)
    assert not [line for line in shown if line.startswith("LC_ALL=")]


def test_a_hooks_variables_redirect_nothing(
    repository: ScratchRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
        monkeypatch.setenv(name, f"{tmp_path}/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    assert process.git(["status", "--porcelain"], cwd=f"{repository.path}").out == b""
    result = process.git(["rev-parse", "--is-bare-repository"], cwd=f"{repository.path}", env={"GIT_PREFIX": "x"})
    assert result.text == "false"


def test_much_goes_in_and_comes_out(repository: ScratchRepository) -> None:
    where = f"{repository.path}"
    blobs = [b"%d\n" % i * 20_000 for i in range(40)]
    for i, content in enumerate(blobs):
        (repository.path / f"{i}").write_bytes(content)
    paths = b"".join(b"%d\n" % i for i in range(40))
    names = process.git(["hash-object", "-w", "--stdin-paths"], cwd=where, input=paths).out.split()
    # git answers each line before it reads the next: both pipes are full at the same time
    asked = b"\n".join(names * 25) + b"\n"
    out = process.git(["cat-file", "--batch"], cwd=where, input=asked).out
    blocks = b"".join(b"%s blob %d\n%s\n" % (name, len(one), one) for name, one in zip(names, blobs, strict=True))
    assert out == blocks * 25


def test_git_that_takes_too_long_is_ended(repository: ScratchRepository) -> None:
    args = script("echo $PPID >pid; exec sleep 1000")
    error = refused(*args, cwd=f"{repository.path}", timeout=0.3)
    assert (error.code, error.message) == ("git-failed", "git script did not finish within 0.3 seconds")
    with pytest.raises(ProcessLookupError):
        os.kill(int((repository.path / "pid").read_text()), 0)


def test_git_ended_by_a_signal(repository: ScratchRepository) -> None:
    args = script("kill -KILL $PPID")
    assert process.git(args, cwd=f"{repository.path}", check=False).status == -signal.SIGKILL
    assert refused(*args, cwd=f"{repository.path}").message == "git script failed: exit status -9"


@pytest.mark.parametrize("hooks", [True, False])
def test_hooks_run_unless_they_are_told_not_to(repository: ScratchRepository, hooks: bool) -> None:
    hook = repository.path / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n: >ran\n")
    hook.chmod(0o755)
    process.git(["commit", "-q", "--allow-empty", "-m", "x"], cwd=f"{repository.path}", hooks=hooks)
    assert (repository.path / "ran").exists() == hooks


def test_a_hold_is_shared_and_nothing_may_keep_it(repository: ScratchRepository, tmp_path: Path) -> None:
    hold = os.open(tmp_path / "hold", os.O_CREAT | os.O_RDWR)
    try:
        # git's own children share it too
        look = script("ls -l /dev/fd/ | grep -c /hold; git config gc.auto")
        assert process.git(look, cwd=f"{repository.path}", hold=hold).text == "1\n0"
        assert process.git(script("ls -l /dev/fd/ | grep -c /hold || :"), cwd=f"{repository.path}").text == "0"
    finally:
        os.close(hold)


def test_a_traced_call_can_be_typed_as_it_stands(
    repository: ScratchRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OKSTRA_TRACE", "1")
    head = process.git(["rev-parse", "HEAD"], cwd=f"{repository.path}", hooks=False).text
    line = capsys.readouterr().err
    assert line.startswith(f"okstra: trace: git -C {repository.path} ")
    assert processes.run(["sh", "-c", line.removeprefix("okstra: trace: ")]).out == head + "\n"


def test_git_starts_without_subprocess(repository: ScratchRepository) -> None:
    code = (
        "import sys; from git_okstra.git import process\n"
        f"process.git(['version'], cwd={str(repository.path)!r}, timeout=60)\n"
        "print(sorted({'subprocess', 'threading', 'selectors'} & sys.modules.keys()))"
    )
    assert processes.run([sys.executable, "-c", code]).require_success().out == "[]\n"
