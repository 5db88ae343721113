"""The settings' files: every scope read in its order, faults with file and line, edits that keep the user's layout."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from git_okstra.core import setting_values, settings
from git_okstra.core.errors import OkstraError
from git_okstra.state import config


class Place:
    """The three files of a made-up home, worktree and repository."""

    def __init__(self, root: Path) -> None:
        self.home, self.project, self.common = root / "home", root / "shop", root / "shop" / ".git"
        self.files = {
            "global": self.home / "config.toml",
            "project": self.project / ".okstra.toml",
            "clone": self.common / "okstra" / "config.toml",
        }

    def write(self, scope: str, content: str | bytes) -> Path:
        path = self.files[scope]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(
        self, environ: dict[str, str] | None = None, options: dict[str, object] | None = None
    ) -> settings.Settings:
        return config.load(str(self.home), str(self.common), str(self.project), environ or {}, options)

    def faults(self, environ: dict[str, str] | None = None, options: dict[str, object] | None = None) -> list[str]:
        with pytest.raises(OkstraError) as caught:
            self.load(environ, options)
        assert caught.value.code == "bad-config"
        assert caught.value.status == 2
        assert caught.value.hint
        return caught.value.message.split("\n")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def refused(path: Path, key: str, value: object) -> str:
    with pytest.raises(OkstraError) as caught:
        config.set_value(str(path), key, value)
    assert caught.value.code == "bad-config"
    return caught.value.message


# --- reading ---------------------------------------------------------------------------------------------------------


def test_without_any_file_everything_is_built_in_and_nothing_is_made(place: Place) -> None:
    found = place.load()
    assert {found.origin(key).scope for key in settings.SETTINGS} == {"built-in"}
    assert not place.home.exists()
    assert not place.project.exists()


def test_paths_leave_out_what_is_not_there() -> None:
    assert config.paths("/h", None, None) == {"global": "/h/config.toml"}
    assert config.paths("/h", "/c", None) == {"global": "/h/config.toml", "clone": "/c/okstra/config.toml"}
    assert list(config.paths("/h", "/c", "/p").items()) == [
        ("global", "/h/config.toml"),
        ("project", "/p/.okstra.toml"),
        ("clone", "/c/okstra/config.toml"),
    ]
    assert set(config.paths("/h", "/c", "/p")) == {"global", "project", "clone"}


def test_scopes_win_in_the_order_of_the_specification(place: Place) -> None:
    for scope in ("global", "project", "clone"):
        place.write(scope, f'# {scope}\n[start]\nbase = "{scope}"\n')
    environ = {"OKSTRA_START_BASE": "environment"}
    options: dict[str, object] = {"start.base": "option"}
    found = place.load(environ, options)
    assert [tuple(given) for given in found.every("start.base")] == [
        ("built-in", "", ""),
        ("global", "global", f"{place.files['global']}:3"),
        ("project", "project", f"{place.files['project']}:3"),
        ("clone", "clone", f"{place.files['clone']}:3"),
        ("environment", "environment", "OKSTRA_START_BASE"),
        ("option", "option", "command line"),
    ]
    assert place.load(environ, options).get("start.base") == "option"
    assert place.load(environ).get("start.base") == "environment"
    assert place.load().get("start.base") == "clone"
    place.files["clone"].unlink()
    assert place.load().get("start.base") == "project"
    place.files["project"].unlink()
    assert place.load().get("start.base") == "global"


def test_a_bare_repository_and_no_repository_have_fewer_scopes(place: Place) -> None:
    place.write("project", '[start]\nbase = "project"\n')
    place.write("clone", "[start]\nfetch = true\n")
    bare = config.load(str(place.home), str(place.common), None, {})
    assert (bare.get("start.base"), bare.get("start.fetch")) == ("", True)
    outside = config.load(str(place.home), None, None, {})
    assert (outside.get("start.base"), outside.get("start.fetch")) == ("", False)


def test_every_fault_of_every_scope_is_reported_at_once_with_its_place(place: Place) -> None:
    one = place.write("global", '[worktree]\n# comment\nlnik = ["a"]\n\n[start]\nfetch = "yes"\n')
    two = place.write("project", 'trash.keep = "1d"\nstart = { bsae = "x" }\n')
    three = place.write("clone", '[ui]\ncolor = "auto"\ncolor = "never"\n')
    assert place.faults({"OKSTRA_UI_COLOR": "blue"}, {"start.base": 3}) == [
        f"{one}:3: there is no setting 'worktree.lnik'; did you mean worktree.link?",
        f"{one}:6: start.fetch must be true or false, not 'yes'",
        f"{two}:1: trash.keep may not stand in the project scope, only in: global, clone, environment, option",
        f"{two}:2: there is no setting 'start.bsae'; did you mean start.base?",
        f"{three}:3:16: cannot overwrite a value",
        "OKSTRA_UI_COLOR: ui.color must be one of auto, always, never, not 'blue'",
        "start.base must be a string, not 3",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"[start]\nbase = main\n", ":2:8: invalid value"),
        (b"[start\n", ":1:7: expected ']' at the end of a table declaration"),
        (b'[start]\nbase = """\n\n', ":4: unterminated string at the end of the file"),
        (b"[start]\nbase\n", ":2:5: expected '=' after a key in a key/value pair"),
        (b"[start]\n\n# caf\xe9\n", ":3: is not UTF-8"),
        (b"x = " + b"[" * 100_000, ": is nested too deeply"),
        (b"x = " + b"9" * 5000, ": exceeds the limit (4300 digits)"),
        (b"#" * (config.LARGEST + 1), ": is larger than a settings file may be (1024 KiB)"),
    ],
    ids=["value", "header", "end", "key", "encoding", "nesting", "digits", "size"],
)
def test_what_is_no_toml_is_named_with_file_and_line(place: Place, content: bytes, fault: str) -> None:
    path = place.write("clone", content)
    (found,) = place.faults()
    assert found.startswith(f"{path}{fault}")
    # Neither can it be changed, nor is it touched.
    assert refused(path, "start.base", "x").startswith(f"{path}{fault}")
    with pytest.raises(OkstraError):
        config.unset_value(str(path), "start.base")
    assert path.read_bytes() == content


def test_a_file_as_large_as_allowed_is_read(place: Place) -> None:
    text = '[start]\nbase = "x"\n'
    place.write("clone", text + "#" * (config.LARGEST - len(text)))
    assert place.load().get("start.base") == "x"


def test_what_is_not_a_file_is_refused_without_waiting(place: Place) -> None:
    place.files["project"].mkdir(parents=True)
    place.home.mkdir()
    os.mkfifo(place.files["global"])
    assert place.faults() == [f"{place.files['global']}: is not a file", f"{place.files['project']}: is not a file"]
    assert refused(place.files["global"], "start.base", "x") == f"{place.files['global']}: is not a file"


def test_an_endless_device_behind_a_committed_link_is_refused(place: Place) -> None:
    place.project.mkdir()
    place.files["project"].symlink_to("/dev/zero")
    assert place.faults() == [f"{place.files['project']}: is not a file"]


def test_links_are_followed_and_a_link_to_nothing_or_itself_is_refused(place: Place, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text('[start]\nbase = "linked"\n')
    place.home.mkdir()
    place.files["global"].symlink_to(kept)
    found = place.load()
    assert found.get("start.base") == "linked"
    assert found.origin("start.base").where == f"{place.files['global']}:2"
    kept.unlink()
    assert place.faults() == [f"{place.files['global']}: is a symbolic link to nothing"]
    kept.symlink_to(place.files["global"])
    assert place.faults() == [f"{place.files['global']}: too many levels of symbolic links"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(place: Place) -> None:
    place.write("clone", "").chmod(0)
    (fault,) = place.faults()
    assert "permission denied" in fault.lower()


def test_a_home_that_is_a_file_has_no_settings(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    assert config.load(str(tmp_path / "home"), None, None, {}).get("start.base") == ""


def test_what_is_read_from_elsewhere_has_its_places_too() -> None:
    scope, faults = config.read_file("project", "abc123:.okstra.toml", b'\n[policy]\ndocs = ["*.txt"]\nx = 1\n')
    assert scope.values == {"policy.docs": ("*.txt",)}
    assert scope.where("policy.docs") == "abc123:.okstra.toml:3"
    assert faults == ["abc123:.okstra.toml:4: there is no setting 'policy.x'; did you mean policy.docs?"]


def fresh(code: str) -> subprocess.CompletedProcess[str]:
    """What a fresh interpreter says to `code`."""
    root = Path(config.__file__).parents[2]
    script = f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"
    return subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True)


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running `code`."""
    done = fresh(f"{code}\nprint(*sys.modules)")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_without_a_file_nothing_heavy_is_imported(place: Place) -> None:
    load = "from git_okstra.state import config\n"
    load += f"config.load({str(place.home)!r}, {str(place.common)!r}, {str(place.project)!r}, "
    load += "{'OKSTRA_START_BASE': 'x', 'OKSTRA_LOCK_TIMEOUT': '5s'}).get('lock.timeout')"
    heavy = {"tomllib", "tomli_w", "difflib", "json", "subprocess", "dataclasses", "inspect", "click", "datetime"}
    assert not modules_after(load) & (heavy | {"git_okstra.core.toml_text"})
    place.write("clone", '[start]\nbase = "x"\n')
    assert "tomllib" in modules_after(load)
    assert not modules_after(load) & {"tomli_w", "difflib", "git_okstra.core.toml_text"}


# --- changing --------------------------------------------------------------------------------------------------------


def test_setting_makes_the_file_and_its_directory(place: Place) -> None:
    path = place.files["clone"]
    assert config.set_value(str(path), "worktree.link", ["node_modules", ".env"])
    assert path.read_text() == '[worktree]\nlink = ["node_modules", ".env"]\n'
    assert place.load().get("worktree.link") == ("node_modules", ".env")
    assert [entry.name for entry in path.parent.iterdir()] == ["config.toml"]


def test_setting_what_is_set_already_writes_nothing(place: Place) -> None:
    path = place.write("clone", "[start]\nbase   =   'x'\n")
    before = path.stat()
    assert not config.set_value(str(path), "start.base", "x")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_comments_and_layout_stay(place: Place) -> None:
    path = place.write("clone", "# mine\n[start]\nbase = 'x'   # why\n\n[ui] # colours\ncolor = 'auto'\n# end\n")
    assert config.set_value(str(path), "start.base", "y")
    assert config.set_value(str(path), "start.fetch", True)
    assert config.set_value(str(path), "lock.timeout", "5s")
    assert path.read_text() == (
        "# mine\n[start]\nbase = \"y\"   # why\nfetch = true\n\n[ui] # colours\ncolor = 'auto'\n# end\n"
        '\n[lock]\ntimeout = "5s"\n'
    )
    assert config.unset_value(str(path), "lock.timeout")
    assert config.unset_value(str(path), "start.fetch")
    assert config.unset_value(str(path), "ui.color")
    assert path.read_text() == '# mine\n[start]\nbase = "y"   # why\n\n[ui] # colours\n# end\n'


def test_windows_line_ends_stay(place: Place) -> None:
    path = place.write("clone", b"[start]\r\nbase = 'x'\r\n")
    config.set_value(str(path), "start.fetch", True)
    assert path.read_bytes() == b"[start]\r\nbase = 'x'\r\nfetch = true\r\n"


def test_the_mode_and_the_link_of_a_file_stay(place: Place, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("")
    kept.chmod(0o600)
    place.home.mkdir()
    path = place.files["global"]
    path.symlink_to(kept)
    assert config.set_value(str(path), "start.base", "x")
    assert path.is_symlink()
    assert kept.read_text() == '[start]\nbase = "x"\n'
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_edited_in_place_is_written_anew(place: Place) -> None:
    path = place.write("clone", "# lost\nstart = { when = 2024-01-02, base = 'x' }\n")
    assert config.set_value(str(path), "start.base", "y")
    assert tomllib.loads(path.read_text())["start"]["base"] == "y"
    assert str(tomllib.loads(path.read_text())["start"]["when"]) == "2024-01-02"
    assert config.unset_value(str(path), "start.base")
    assert list(tomllib.loads(path.read_text())["start"]) == ["when"]


def test_setting_refuses_what_could_not_be_read_back(place: Place) -> None:
    path = place.files["clone"]
    assert refused(path, "strat.base", "x") == "there is no setting 'strat.base'; did you mean start.base?"
    assert refused(path, "start.fetch", "yes") == "start.fetch must be true or false, not 'yes'"
    assert not path.exists()
    place.write("clone", "# first\nstart = 5\n")
    assert refused(path, "start.base", "x") == f"{path}:2: start is a section of settings and must be a table"
    place.write("clone", "[[start]]\nbase = 'x'\n")
    assert refused(path, "start.base", "x") == f"{path}:1: start is a section of settings and must be a table"


def test_unsetting_mends_a_file_with_unknown_settings(place: Place) -> None:
    path = place.write("clone", "\"start.base\" = 1\n[start]\nbsae = 'x'\nbase = 'y'\n[worktree.lnik]\na = 1\n")
    assert len(place.faults()) == 3
    assert config.unset_value(str(path), "start.bsae")
    assert config.unset_value(str(path), "worktree.lnik")
    assert path.read_text() == "\"start.base\" = 1\n[start]\nbase = 'y'\n"
    assert config.unset_value(str(path), "start.base")
    assert path.read_text() == '"start.base" = 1\n'
    assert config.unset_value(str(path), "start.base")
    assert path.read_text() == ""
    assert place.load().get("start.base") == ""


def test_unsetting_what_is_not_there_writes_nothing(place: Place) -> None:
    path = place.files["clone"]
    assert not config.unset_value(str(path), "start.base")
    assert not path.exists()
    place.write("clone", "[start] # kept\n")
    assert not config.unset_value(str(path), "start.base")
    assert path.read_text() == "[start] # kept\n"


def test_a_section_is_not_unset_whole(place: Place) -> None:
    path = place.write("clone", "[start]\nbase = 'x'\n")
    with pytest.raises(OkstraError) as caught:
        config.unset_value(str(path), "start")
    assert caught.value.code == "bad-config"
    assert path.read_text() == "[start]\nbase = 'x'\n"


def test_a_full_disk_is_a_clear_error_and_leaves_the_file_as_it_was(place: Place) -> None:
    path = place.write("clone", "[start]\nbase = 'x'\n")
    code = (
        "import resource; from git_okstra.core.errors import OkstraError; from git_okstra.state import config\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))\n"
        f"try: config.set_value({str(path)!r}, 'start.base', 'y')\n"
        "except OkstraError as error: sys.exit(error.code)\n"
    )
    done = fresh(code)
    assert (done.returncode, done.stderr) == (1, "cannot-write\n")
    assert path.read_text() == "[start]\nbase = 'x'\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["config.toml"]


# --- generated -------------------------------------------------------------------------------------------------------

LINE = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=10)
FILLED = LINE.filter(str.strip)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "string": LINE,
    "path": FILLED.map(lambda text: f"/{text}"),
    "strings": st.lists(FILLED, max_size=4),
    "commands": st.lists(FILLED | st.just("make\n\tall"), max_size=3),
    "boolean": st.booleans(),
    "integer": st.integers(0, setting_values.GREATEST_INTEGER),
    "duration": st.builds("{}{}".format, st.integers(0, 500), st.sampled_from("smhdw")),
    "table": st.dictionaries(FILLED, FILLED, max_size=3),
}


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, object]:
    """A key, and the value it is set to; None unsets it."""
    key = draw(st.sampled_from([key for key, row in settings.SETTINGS.items() if "clone" in row.scopes]))
    row = settings.SETTINGS[key]
    value = st.sampled_from(row.choices) if row.kind == "choice" else VALUES[row.kind]
    return key, draw(st.none() | value | value)


STARTS = (
    "",
    "# mine, with no newline",
    "# top\r\n[start] # c1\r\nbase = 'a' # c2\r\n# c3\r\n",
    "start.base = 'a' # c1\nstart.fetch = true\n\n[categories.aliases] # c2\ndoc = 'docs'\n",
    "start = { base = 'a' } # c1\nworktree = { link = ['b'], copy = [] }\n",
    "[worktree]\nlink = [ # c1\n  'a', # c2\n  # c3\n]\n\n[ 'policy' ]\n  docs = [] # c4\n",
    "[categories]\naliases.doc = 'docs'\n  names = ['feat'] # c1\n\n\n[trash]\n\n# c2\n[ui]\ncolor = 'auto'",
)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STARTS), st.lists(changes(), min_size=1, max_size=12))
def test_any_row_of_changes_leaves_what_was_set_and_nothing_else(start: str, row: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "okstra", "config.toml")
        os.mkdir(os.path.dirname(path))
        Path(path).write_bytes(start.encode())

        def held() -> dict[str, object]:
            found = config.load(os.path.join(directory, "none"), directory, None, {})
            given = {key: found.every(key)[-1] for key in settings.SETTINGS}
            return {key: each.value for key, each in given.items() if each.scope == "clone"}

        expected = held()
        for key, value in row:
            if value is None:
                assert config.unset_value(path, key) == (key in expected)
                expected.pop(key, None)
            else:
                changed = settings.check_value(key, value)
                assert config.set_value(path, key, value) == (expected.get(key) != changed)
                expected[key] = changed
            assert held() == expected
        after = Path(path).read_bytes().decode()
        if not any(key.partition(".")[0] in start for key, _ in row):
            assert after.startswith(start.rstrip())
        assert "\n\n\n\n" not in after.replace("\r", "")
