"""Runs every session of tests/transcripts, and holds them together with the catalogue of errors and the manual."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from git_okstra.core import errors
from support import transcripts

HERE = Path(__file__).parent / "transcripts"
SESSIONS = sorted(HERE.glob("*.t"))


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_transcript(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    outcome = session(path.read_bytes(), tmp_path, monkeypatch, path)
    if request.config.getoption("--update-transcripts"):
        path.write_bytes(transcripts.updated(outcome))
    elif outcome.difference:
        pytest.fail(outcome.difference, pytrace=False)


def session(
    lines: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: Path = HERE / "x.t"
) -> transcripts.Outcome:
    root = tmp_path.resolve()
    monkeypatch.setenv("TMPDIR", f"{root}")
    monkeypatch.chdir(root)
    return transcripts.run(lines, path.relative_to(HERE.parents[1]), root, HERE)


def test_every_session_types_something() -> None:
    assert [path.name for path in SESSIONS if b"\n  $ " not in b"\n" + path.read_bytes()] == []


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        pytest.param(b"  $ echo hi\n  bye\n", "-  bye\n+  hi\n", id="another output"),
        pytest.param(b"  $ false\n", "+  [1]\n", id="an exit status nobody expected"),
        pytest.param(b"  $ true\n  [1]\n", "-  [1]\n", id="an exit status that is missing"),
        pytest.param(b"  $ echo hi\n  b* (glob)\n", "-  b* (glob)\n+  hi\n", id="a pattern that does not match"),
        pytest.param(b"  $ exit 0\n  $ echo hi\n  hi\n", "-  hi\n", id="a session that ends early"),
        pytest.param(b"  $ exit 80\n", "exit status 80", id="prysk's way to skip"),
    ],
)
def test_a_session_that_goes_otherwise_fails_and_shows_the_difference(
    lines: bytes, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown in session(lines, tmp_path, monkeypatch).difference


def test_an_update_writes_what_was_printed_and_keeps_patterns_that_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = b"Some text.\n  $ echo one; echo two; echo three; pwd\n  o?e (glob)\n  2\n  t[a-z]+ (re)\n  /somewhere\n"
    outcome = session(before, tmp_path, monkeypatch)
    after = b"Some text.\n  $ echo one; echo two; echo three; pwd\n  o?e (glob)\n  two\n  t[a-z]+ (re)\n  $TMPDIR\n"
    assert transcripts.updated(outcome) == after


def test_a_session_reads_nothing_of_the_developers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b"  $ git config --list --show-origin | cut -f 1 | sort -u\n  file:$TMPDIR/home/.gitconfig\n"
    assert session(lines, tmp_path, monkeypatch).difference == ""


def test_every_error_has_a_session_in_which_a_user_meets_it() -> None:
    sessions = "".join(path.read_text() for path in SESSIONS)
    met = set(re.findall(r"^  okstra: error \[([a-z-]+)\]: .", sessions, re.MULTILINE))
    # A session that shows "internal" would be a fault to mend.
    missing = [code for code in errors.CODES if code not in met | {"internal"}]
    assert not missing, f"no transcript shows: {', '.join(missing)}"
    assert met <= errors.CODES.keys() - {"internal"}
