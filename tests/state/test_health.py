"""What surrounds our files: who else may write there, what was left behind, how large it is."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import health


def _me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _group(patch: pytest.MonkeyPatch, name: str, *members: str) -> None:
    """Have the group of whatever is asked about be one of this name and these members."""
    patch.setattr(grp, "getgrgid", lambda gid: grp.struct_group((name, "x", gid, list(members))))


@pytest.mark.parametrize(
    ("mode", "why"),
    [(0o700, ""), (0o755, ""), (0o777, "writable by everybody"), (0o1757, ""), (0o775, "writable by its group")],
)
def test_who_may_write_makes_a_directory_unsafe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, why: str
) -> None:
    _group(monkeypatch, "staff", "somebody")
    tmp_path.chmod(mode)
    assert health.unsafe(f"{tmp_path}").startswith(why)
    assert bool(health.unsafe(f"{tmp_path}")) == bool(why)


def test_a_group_of_ones_own_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o775)
    _group(monkeypatch, _me(), _me())
    assert health.unsafe(f"{tmp_path}") == ""
    _group(monkeypatch, _me(), _me(), "somebody")
    assert health.unsafe(f"{tmp_path}").startswith("writable by its group")


def test_a_group_that_nobody_knows_is_not_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(gid: int) -> grp.struct_group:
        raise KeyError(gid)

    tmp_path.chmod(0o775)
    monkeypatch.setattr(grp, "getgrgid", unknown)
    assert health.unsafe(f"{tmp_path}").startswith("writable by its group")


def test_what_another_user_owns_is_unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    assert health.unsafe(f"{tmp_path}") == f"owned by another user (uid {uid})"
    with pytest.raises(OkstraError) as caught:
        health.require_safe(f"{tmp_path}")
    assert (caught.value.code, f"{tmp_path}" in caught.value.message) == ("unsafe-home", True)


def test_what_is_not_there_is_safe(tmp_path: Path) -> None:
    assert health.unsafe(f"{tmp_path}/none") == ""
    tmp_path.chmod(0o700)
    health.require_safe(f"{tmp_path}/none")


def test_a_home_that_everybody_can_put_another_in_the_place_of_is_unsafe(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    tmp_path.chmod(0o777)
    assert health.unsafe_directories(f"{home}") == ((f"{tmp_path}", "writable by everybody"),)


def test_locks_are_known_here_and_nothing_is_said_of_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert health.can_lock(f"{tmp_path}/file")
    assert health.can_lock(f"{tmp_path}/none")


def test_temporary_files_are_found_with_whether_their_writer_lives(tmp_path: Path) -> None:
    deep = tmp_path / "deep"
    deep.mkdir()
    alive, dead = f".task.toml.{os.getpid()}.tmp", ".task.toml.99999999999.tmp"
    for name in (alive, "task.toml", "other.tmp"):
        (deep / name).write_text("")
    (tmp_path / dead).mkdir()
    os.utime(deep / alive, (0, 0))
    in_trees = {path: lives for path, _, lives in health.temporaries([f"{tmp_path}"], [])}
    assert in_trees == {f"{deep}/{alive}": True}
    found = {path: (age > 1_000_000, lives) for path, age, lives in health.temporaries([], [f"{tmp_path}", f"{deep}"])}
    assert found == {f"{tmp_path}/{dead}": (False, True), f"{deep}/{alive}": (True, True)}
    assert list(health.temporaries([], [f"{tmp_path}/none"])) == []
    assert health.age(f"{tmp_path}/none") is None


def test_a_process_that_has_ended_does_not_live(tmp_path: Path) -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    (tmp_path / f".x.{child}.tmp").write_text("")
    assert [lives for _, _, lives in health.temporaries([], [f"{tmp_path}"])] == [False]


def test_size_counts_what_is_inside_and_no_link(tmp_path: Path) -> None:
    assert health.size(f"{tmp_path}/none") == 0
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "file").write_bytes(b"x" * 100_000)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "link").symlink_to("../one/file")
    assert health.size(f"{tmp_path}/one") >= 100_000 > health.size(f"{tmp_path}/two")
