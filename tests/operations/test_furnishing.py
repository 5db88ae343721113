"""A new worktree gets links and copies, nothing of the repository's or outside is touched, and setup commands run."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.operations import furnishing
from git_okstra.state import linking
from support import processes
from support.processes import Ended
from support.repositories import ScratchRepository

NASTY = [
    "with space",
    "trailing ",
    'it\'s "quoted"',
    "결제/설정",
    "👩‍💻",
    "-rf",
    "a[x]",
    "#a",
    "!b",
    "*",
    "back\\slash",
]


class Place:
    """A repository, a new worktree of it, and `furnish` for the two."""

    def __init__(self, repository: ScratchRepository, worktree: Path) -> None:
        self.repository = repository
        self.main = repository.path
        self.worktree = worktree
        self.exclude = self.main / ".git/info/exclude"
        repository.git("worktree", "add", "-q", "-b", "feat-x", os.fspath(worktree))

    def furnish(self, link: list[str] | None = None, copy: list[str] | None = None) -> list[str]:
        return furnishing.furnish(
            common_dir=f"{self.main}/.git",
            main_worktree=str(self.main),
            worktree=str(self.worktree),
            link=link or [],
            copy=copy or [],
        )

    def refused(self, link: list[str] | None = None, copy: list[str] | None = None) -> OkstraError:
        """The refusal, after making sure that it came before anything was changed."""
        exclude, before = self.exclude.read_bytes(), sorted(self.worktree.rglob("*"))
        with pytest.raises(OkstraError) as refused:
            self.furnish(link, copy)
        assert refused.value.code == "bad-link"
        assert self.exclude.read_bytes() == exclude
        assert sorted(self.worktree.rglob("*")) == before
        return refused.value

    def status(self) -> str:
        return self.repository.git("status", "--porcelain", "-uall", cwd=self.worktree)


@pytest.fixture
def place(repository: ScratchRepository, tmp_path: Path) -> Place:
    return Place(repository, tmp_path / "home dir" / "feat 결제")


def make_tree(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "index.js").write_text("x\n")


def test_links_and_copies_are_made_and_told(place: Place) -> None:
    make_tree(place.main / "node_modules")
    (place.main / ".env").write_text("KEY=1\n")
    notes = place.furnish(["node_modules/", "missing"], [".env"])
    assert notes == [
        "linked 'node_modules'",
        "skipped 'missing': the main worktree has none",
        "copied '.env'",
        "now ignored in every worktree of this repository, by info/exclude: '/node_modules', '/.env'",
    ]
    assert os.readlink(place.worktree / "node_modules") == f"{place.main}/node_modules"
    assert (place.worktree / ".env").read_text() == "KEY=1\n"
    assert not (place.worktree / ".env").is_symlink()
    assert place.status() == ""


def test_nothing_asked_for_nothing_done(
    place: Place, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKSTRA_TRACE", "1")
    before = place.exclude.read_bytes()
    assert place.furnish() == []
    assert place.exclude.read_bytes() == before
    assert capfd.readouterr().err == ""  # no git was started
    assert not (place.main / ".git/okstra").exists()


@pytest.mark.parametrize("how", ["link", "copy"])
@pytest.mark.parametrize("name", NASTY)
def test_any_name_is_placed_and_status_stays_clean(place: Place, name: str, how: str) -> None:
    before = place.exclude.read_bytes()
    make_tree(place.main / name)
    place.furnish(**{how: [name]})
    assert (place.worktree / name / "index.js").read_text() == "x\n"
    assert (place.worktree / name).is_symlink() == (how == "link")
    assert place.status() == ""
    (place.worktree / "other").write_text("")
    assert place.status() == "?? other"  # the pattern hides what it names and no more
    assert linking.take_out_of_exclude(f"{place.main}/.git")
    assert place.exclude.read_bytes() == before
    assert place.status() != "?? other"


def test_a_link_is_clean_where_the_project_ignores_only_directories(place: Place) -> None:
    place.repository.commit({".gitignore": "node_modules/\n"}, cwd=place.worktree)
    make_tree(place.main / "node_modules")
    (place.worktree / "node_modules").symlink_to(place.main / "node_modules")
    assert place.status() == "?? node_modules"  # what the block is for
    place.furnish(["node_modules"])
    assert place.status() == ""


def test_again_changes_nothing_and_says_only_what_was_left(place: Place) -> None:
    make_tree(place.main / "node_modules")
    make_tree(place.main / "cache")
    place.furnish(["node_modules"], ["cache"])
    (place.worktree / "cache/mine").write_text("kept")
    exclude = place.exclude.read_bytes()
    assert place.furnish(["node_modules"], ["cache"]) == ["left 'cache' alone: a directory stands there already"]
    assert place.exclude.read_bytes() == exclude
    assert (place.worktree / "cache/mine").read_text() == "kept"


def test_the_names_of_earlier_worktrees_stay_ignored(place: Place, tmp_path: Path) -> None:
    make_tree(place.main / "old")
    make_tree(place.main / "young")
    place.furnish(["old"])
    other = Place.__new__(Place)
    other.repository, other.main, other.exclude, other.worktree = (
        place.repository,
        place.main,
        place.exclude,
        tmp_path / "2",
    )
    place.repository.git("worktree", "add", "-q", "-b", "feat-y", os.fspath(other.worktree))
    other.furnish(["young"])
    assert (place.status(), other.status()) == ("", "")


def test_what_stands_there_is_left_alone(place: Place) -> None:
    (place.main / ".env").write_text("main\n")
    make_tree(place.main / "lib")
    (place.worktree / ".env").write_text("mine\n")
    (place.worktree / "lib").symlink_to("/nowhere")
    notes = place.furnish([".env", "lib"])
    assert notes == [
        "left '.env' alone: a file stands there already",
        "left 'lib' alone: a link to '/nowhere' stands there already",
    ]
    assert (place.worktree / ".env").read_text() == "mine\n"
    assert os.readlink(place.worktree / "lib") == "/nowhere"


def test_every_offender_is_named_at_once(place: Place) -> None:
    place.repository.commit({"src/a.py": ""}, cwd=place.worktree)
    place.repository.commit({"docs/b.md": ""})
    make_tree(place.main / "fine")
    error = place.refused(["/etc", "../x", "fine", "src", "README.md"], [".GIT/config", "docs", "", "a\nb"])
    assert error.message.split("\n") == [
        "'/etc' cannot be linked: it is absolute, and has to be relative to the root of the main worktree",
        "'../x' cannot be linked: '..' leads out of the worktree",
        "'.GIT/config' cannot be copied: '.git' belongs to git",
        "'' cannot be copied: it names nothing below the root of the main worktree",
        "'a\\nb' cannot be copied: it holds a control character",
        "'src' cannot be linked: git tracks files in it, such as 'src/a.py'",
        "'README.md' cannot be linked: git tracks it",
        "'docs' cannot be copied: git tracks files in it, such as 'docs/b.md'",
    ]


def test_a_link_that_the_repository_brings_is_not_followed_in_the_new_worktree(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (place.worktree / "data").symlink_to(outside)
    place.repository.git("add", "data", cwd=place.worktree)
    place.repository.git("commit", "-qm", "hostile", cwd=place.worktree)
    make_tree(place.main / "data/models")
    for how in ("link", "copy"):
        assert "git tracks 'data' as a link" in place.refused(**{how: ["data/models"]}).message
    assert list(outside.iterdir()) == []


def test_a_link_that_the_repository_brings_is_not_followed_in_the_main_worktree(place: Place, tmp_path: Path) -> None:
    make_tree(tmp_path / "outside/secrets")
    (place.main / "data").symlink_to(tmp_path / "outside")
    place.repository.git("add", "data")
    place.repository.git("commit", "-qm", "hostile")
    for path in ("data", "data/secrets"):
        for how in ("link", "copy"):
            place.refused(**{how: [path]})


def test_a_link_that_nobody_tracks_is_not_followed_as_a_parent_either(place: Place, tmp_path: Path) -> None:
    make_tree(tmp_path / "outside/models")
    make_tree(place.main / "here/models")
    (place.main / "data").symlink_to(tmp_path / "outside")
    (place.worktree / "here").symlink_to(tmp_path / "outside")
    error = place.refused(["data/models"], ["here/models"])
    assert "'data' in the main worktree is a link" in error.message
    assert "'here' in the new worktree is a link" in error.message
    assert os.listdir(tmp_path / "outside") == ["models"]


def test_the_users_own_link_is_linked_and_copied_as_it_is(place: Place, tmp_path: Path) -> None:
    make_tree(tmp_path / "disk/node_modules")
    (place.main / "node_modules").symlink_to(tmp_path / "disk/node_modules")
    (place.main / "store").symlink_to(tmp_path / "disk")
    (place.main / "beside").symlink_to("../disk")
    notes = place.furnish(["node_modules"], ["store", "beside"])
    assert os.readlink(place.worktree / "node_modules") == f"{place.main}/node_modules"
    assert os.readlink(place.worktree / "store") == f"{tmp_path}/disk"
    assert not os.path.lexists(place.worktree / "beside")
    assert notes[2] == "skipped 'beside': a copy of a link to '../disk' would lead elsewhere; link it instead"
    assert place.status() == ""


def test_a_path_in_a_submodule_is_refused(place: Place, make_repository: Callable[[str], ScratchRepository]) -> None:
    library = make_repository("library")
    for where in (place.main, place.worktree):
        args = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", os.fspath(library), "lib"]
        place.repository.git(*args, cwd=where)
    make_tree(place.main / "lib/node_modules")
    assert "git tracks 'lib'" in place.refused(["lib/node_modules"]).message


def test_the_directory_that_holds_the_new_worktree_is_refused(repository: ScratchRepository) -> None:
    place = Place(repository, repository.path / ".okstra/worktrees/x")
    for how in ("link", "copy"):
        assert "the new worktree lies in it" in place.refused(**{how: [".okstra"]}).message


def test_a_repository_that_tracks_the_name_of_growing_copies_cannot_be_copied_into(place: Place) -> None:
    place.repository.commit({".okstra-partial/x": ""}, cwd=place.worktree)
    (place.main / ".env").write_text("")
    assert "needed while it is copied" in place.refused(copy=[".env"]).message
    assert place.furnish([".env"])[0] == "linked '.env'"


def test_a_bare_repository_has_nothing_to_give(tmp_path: Path, repository: ScratchRepository) -> None:
    bare, worktree = tmp_path / "bare.git", tmp_path / "tree"
    repository.git("clone", "-q", "--bare", os.fspath(repository), os.fspath(bare))
    repository.git("worktree", "add", "-q", "-b", "x", os.fspath(worktree), cwd=bare)

    def furnish(link: list[str]) -> list[str]:
        return furnishing.furnish(common_dir=str(bare), main_worktree=None, worktree=str(worktree), link=link, copy=[])

    assert furnish([]) == []
    assert furnish(["a"]) == ["nothing is linked or copied: the repository has no main worktree to take it from"]
    with pytest.raises(OkstraError):
        furnish(["/a"])


def test_git_directories_in_the_environment_lead_nowhere_else(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.main / ".env").write_text("")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert place.furnish([".env"])[0] == "linked '.env'"
    assert "git tracks it" in place.refused(["README.md"]).message


def test_cut_short_anywhere_it_is_finished_by_the_next_and_never_shows_in_status(
    place: Place, crash: Callable[..., Ended], crash_points: Callable[..., list[str]]
) -> None:
    make_tree(place.main / "node_modules/a")
    make_tree(place.main / "cache/b")
    words = [sys.executable, "-c", _SCRIPT, f"{place.main}/.git", str(place.main), str(place.worktree)]
    undo = ["rm", "-rf", "node_modules", "cache", ".okstra-partial"]
    before = place.exclude.read_bytes()
    names = crash_points(words)
    assert {"link: before", "copy: whole", "rename exclude: before"} <= set(names)
    for at in range(1, len(names) + 1):
        processes.run(undo, cwd=place.worktree).require_success()
        place.exclude.write_bytes(before)
        assert crash(words, at=at).killed
        assert place.status() == "", names[at - 1]
        processes.run(words).require_success()
        assert place.status() == "", names[at - 1]
        assert sorted(os.listdir(place.worktree)) == [".git", "README.md", "cache", "node_modules"]
        assert (place.worktree / "cache/b/index.js").read_text() == "x\n"


_SCRIPT = """
import sys
from git_okstra.operations import furnishing
furnishing.furnish(
    common_dir=sys.argv[1], main_worktree=sys.argv[2], worktree=sys.argv[3], link=["node_modules"], copy=["cache"]
)
"""


# -- setup commands


def test_setup_commands_run_in_the_worktree_in_order(tmp_path: Path) -> None:
    notes = furnishing.run_setup(
        ['pwd > one; printf %s "$OKSTRA_TASK" > two', "cat one two > three\ntrue"],
        worktree=str(tmp_path),
        env={"OKSTRA_TASK": "결제 12"},
        timeout=60,
    )
    assert notes == ["ran 'pwd > one; printf %s \"$OKSTRA_TASK\" > two'", "ran 'cat one two > three …'"]
    assert (tmp_path / "three").read_text() == f"{tmp_path}\n결제 12"
    assert furnishing.run_setup([], worktree=str(tmp_path), env={}, timeout=None) == []


def failed(tmp_path: Path, *commands: str, timeout: float | None = 60) -> OkstraError:
    with pytest.raises(OkstraError) as stopped:
        furnishing.run_setup(commands, worktree=str(tmp_path), env={}, timeout=timeout)
    assert stopped.value.code == "setup-failed"
    return stopped.value


def test_the_first_that_fails_stops_with_status_and_last_lines(tmp_path: Path) -> None:
    where = tmp_path / "it's here"
    where.mkdir()
    noisy = "seq 1 100; printf 'a\\rb\\033[31mred\\033[0m\\n\\n'; echo oops >&2; exit 7"
    error = failed(where, "true", noisy, "touch never", "touch 'no; never'")
    lines = error.message.split("\n")
    assert lines[0] == f"setup command '{noisy}' failed with exit status 7"
    assert lines[-3:] == ["  100", "  bred", "  oops"]
    assert len(lines) == 1 + furnishing.LAST_LINES
    assert os.listdir(where) == []
    quoted = shlex.quote(str(where))
    assert error.hint.split("\n") == [
        f"mend the cause and run it again: cd {quoted} && sh -c {shlex.quote(noisy)}",
        f"then what was not run: cd {quoted} && touch never",
        f"cd {quoted} && sh -c {shlex.quote(chr(116) + 'ouch ' + chr(39) + 'no; never' + chr(39))}",
    ]


def test_the_hint_can_be_typed(tmp_path: Path) -> None:
    error = failed(tmp_path, 'test -e ready && echo "it\'s done" > done', "echo 결제 > last")
    (tmp_path / "ready").write_text("")
    for line in error.hint.split("\n"):
        processes.run(["sh", "-c", line.rpartition(": ")[2]], cwd="/").require_success()
    assert (tmp_path / "done").read_text() == "it's done\n"
    assert (tmp_path / "last").read_text() == "결제\n"


def test_other_ways_to_fail(tmp_path: Path) -> None:
    assert "failed with exit status 127" in failed(tmp_path, "no-such-command-here").message
    assert "was ended by signal 9" in failed(tmp_path, "kill -9 $$").message
    assert "did not finish within 0.2 seconds" in failed(tmp_path, "echo begun; exec sleep 60", timeout=0.2).message
    assert "No such file or directory" in failed(tmp_path / "gone", "true").message


def test_a_command_that_would_write_through_a_link_is_warned_about() -> None:
    warnings = furnishing.warn_about_links(["make", "npm ci"], ["./node_modules/", ".env", "/bad"])
    assert len(warnings) == 1
    assert warnings[0].startswith("setup command 'npm ci' writes through the link 'node_modules'")
    assert "worktree.copy" in warnings[0]
    assert furnishing.warn_about_links(["npm ci"], []) == []
