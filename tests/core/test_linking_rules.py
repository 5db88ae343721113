"""Which paths may be linked or copied, and what is decided from what stands at their two places."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from git_okstra.core import linking
from git_okstra.core.linking import COPY, KEEP, LINK, REFUSE, SKIP, Found, Wish
from support.repositories import ScratchRepository

NOTHING = Found(linking.NOTHING)
FILE = Found(linking.FILE)
DIRECTORY = Found(linking.DIRECTORY)

ALLOWED = [
    "node_modules",
    ".env",
    "packages/web/node_modules",
    "with space",
    " leading and trailing ",
    'it\'s "quoted"',
    "결제/설정",
    "👩‍💻",
    "-rf",
    "a[x]",
    "*?!#\\",
    "~/x",
    ".gitignore",
    ".github",
    ".git-x",
    "git",
    "a..b",
    "...",
]
REFUSED = {
    "": "names nothing",
    ".": "names nothing",
    "./": "names nothing",
    "/": "absolute",
    "/etc": "absolute",
    "//etc": "absolute",
    "..": "leads out",
    "../x": "leads out",
    "a/../b": "leads out",
    "a/..": "leads out",
    "./..": "leads out",
    ".git": "belongs to git",
    ".git/": "belongs to git",
    "./.git/hooks": "belongs to git",
    ".GIT/config": "belongs to git",
    "sub/.Git": "belongs to git",
    ".g\u200cit": "belongs to git",
    ".git. ": "belongs to git",
    "GIT~1": "belongs to git",
    "a\0b": "control character",
    "a\nb": "control character",
    "a\x7f": "control character",
    "a\x85b": "control character",
    "a\udcff": "control character",
    "a/.okstra-partial": "uses that name itself",
    "a" * 256: "too long",
    "가" * 86: "too long",
    "/".join(["abcdefgh"] * 300): "too long",
}


@pytest.mark.parametrize("path", ALLOWED)
def test_a_relative_path_is_allowed(path: str) -> None:
    assert linking.fault(path) is None
    assert linking.fault(f"./{path}//") is None


@pytest.mark.parametrize("path", REFUSED, ids=ascii)
def test_what_could_lead_out_or_cannot_be_named_is_refused(path: str) -> None:
    assert REFUSED[path] in (linking.fault(path) or "allowed")


@pytest.mark.parametrize(
    ("written", "normal"),
    [("node_modules/", "node_modules"), ("./a//b/./", "a/b"), ("/a/", "/a"), ("/", "/"), ("../a", "../a"), (".", "")],
)
def test_a_path_has_one_normal_form(written: str, normal: str) -> None:
    assert linking.normal(written) == normal
    assert linking.normal(normal) == normal


def test_wishes_keep_their_order_and_come_once() -> None:
    assert linking.wishes(["node_modules/", "./node_modules", ".cache"], [".env", ".env"]) == (
        [Wish("node_modules", LINK), Wish(".cache", LINK), Wish(".env", COPY)],
        {},
    )


def test_every_fault_is_reported_at_once_with_its_setting() -> None:
    sound, faults = linking.wishes(["/etc", "ok", "../x"], [".git", "ok2"])
    assert sound == [Wish("ok", LINK), Wish("ok2", COPY)]
    assert set(faults) == {Wish("/etc", LINK), Wish("../x", LINK), Wish(".git", COPY)}
    error = linking.refusal(faults)
    assert error.code == "bad-link"
    lines = error.message.split("\n")
    assert [line.split(":")[0] for line in lines] == [
        "'/etc' cannot be linked",
        "'../x' cannot be linked",
        "'.git' cannot be copied",
    ]
    assert "get worktree.link" in error.hint
    assert "get worktree.copy" in error.hint


def test_a_refusal_shows_no_control_characters() -> None:
    error = linking.refusal({Wish("a\x1b[31m\n", LINK): "it holds a control character"})
    assert "\x1b" not in error.message
    assert "\n" not in error.message
    assert "worktree.copy" not in error.hint


def test_a_path_cannot_be_both_linked_and_copied() -> None:
    sound, faults = linking.wishes(["a/"], ["./a"])
    assert sound == [Wish("a", LINK)]
    assert list(faults) == [Wish("a", COPY)]


@pytest.mark.parametrize(
    ("link", "copy"), [(["a"], ["a/b/c"]), (["a/b/c"], ["a"]), (["a/b/c", "a"], []), ([], ["a", "a/b/c"])]
)
def test_a_path_inside_another_is_refused(link: list[str], copy: list[str]) -> None:
    _, faults = linking.wishes(link, copy)
    assert [wish.path for wish in faults] == ["a/b/c"]


def test_namesakes_do_not_overlap() -> None:
    assert linking.wishes(["a"], ["ab", "b/a"])[1] == {}


@pytest.mark.parametrize("how", [LINK, COPY])
@pytest.mark.parametrize("source", [FILE, DIRECTORY])
def test_what_is_there_is_placed_where_nothing_is(how: str, source: Found) -> None:
    assert linking.decide(Wish("a", how), "/main", source, NOTHING, False).action == how


@pytest.mark.parametrize("how", [LINK, COPY])
def test_a_missing_source_is_skipped_with_a_note(how: str) -> None:
    decision = linking.decide(Wish("a b", how), "/main", NOTHING, NOTHING, False)
    assert decision.action == SKIP
    assert decision.note == "skipped 'a b': the main worktree has none"


def test_our_own_link_is_kept_and_another_left_alone() -> None:
    ours = Found(linking.SYMLINK, "/main/a")
    assert linking.decide(Wish("a", LINK), "/main", DIRECTORY, ours, False).action == KEEP
    assert linking.decide(Wish("a", LINK), "/main", NOTHING, ours, False).action == KEEP
    assert linking.decide(Wish("a", COPY), "/main", DIRECTORY, ours, False).action == SKIP
    other = linking.decide(Wish("a", LINK), "/moved", DIRECTORY, ours, False)
    assert other == (SKIP, "left 'a' alone: a link to '/main/a' stands there already")


@pytest.mark.parametrize("how", [LINK, COPY])
@pytest.mark.parametrize(
    "target", [FILE, DIRECTORY, Found(linking.SPECIAL), Found(linking.UNKNOWN, "Permission denied")]
)
def test_what_stands_in_the_place_is_left_alone(how: str, target: Found) -> None:
    decision = linking.decide(Wish("a", how), "/main", FILE, target, False)
    assert decision.action == SKIP
    assert "left 'a' alone" in decision.note


@pytest.mark.parametrize("how", [LINK, COPY])
@pytest.mark.parametrize("other", [NOTHING, FILE, DIRECTORY])
def test_a_parent_that_is_a_link_is_refused_on_either_side(how: str, other: Found) -> None:
    blocked = Found(linking.UNKNOWN, blocked="data")
    source = linking.decide(Wish("data/x", how), "/main", blocked, other, False)
    target = linking.decide(Wish("data/x", how), "/main", other, blocked, False)
    assert (source.action, target.action) == (REFUSE, REFUSE)
    assert "'data' in the main worktree" in source.note
    assert "'data' in the new worktree" in target.note


@pytest.mark.parametrize("how", [LINK, COPY])
def test_what_the_new_worktree_lies_in_is_refused(how: str) -> None:
    assert linking.decide(Wish("a", how), "/main", DIRECTORY, NOTHING, True).action == REFUSE


def test_a_source_that_is_a_link_itself() -> None:
    def decided(how: str, path: str, text: str) -> str:
        return linking.decide(Wish(path, how), "/main", Found(linking.SYMLINK, text), NOTHING, False).action

    for text in ("/etc", "../out", "in"):
        assert decided(LINK, "a", text) == LINK
    assert decided(COPY, "a", "/etc") == COPY
    assert decided(COPY, "a", "b/c") == COPY
    assert decided(COPY, "x/a", "../b") == COPY
    assert decided(COPY, "a", "../out") == SKIP  # would mean another place there
    assert decided(COPY, "x/a", "../../out") == SKIP
    assert decided(COPY, "x/a", "b/../../../out") == SKIP


def test_a_socket_can_be_linked_but_not_copied() -> None:
    assert linking.decide(Wish("s", LINK), "/main", Found(linking.SPECIAL), NOTHING, False).action == LINK
    assert linking.decide(Wish("s", COPY), "/main", Found(linking.SPECIAL), NOTHING, False).action == SKIP


def test_a_fault_names_what_is_tracked() -> None:
    assert linking.tracked_fault("a/b", "a/b") == "git tracks it"
    assert "'a/b/c'" in linking.tracked_fault("a/b", "a/b/c")
    assert "'a' as a link" in linking.tracked_fault("a/b", "a")
    assert "needed while it is copied" in linking.tracked_fault("a/b", "a/.okstra-partial")


def test_each_exclude_pattern_matches_its_own_path_and_no_other(repository: ScratchRepository) -> None:
    chance = random.Random(20)
    letters = [
        "a",
        "b",
        "*",
        "?",
        "[",
        "]",
        "\\",
        "!",
        "#",
        " ",
        "-",
        "^",
        "~",
        "'",
        '"',
        "$",
        "결",
        "👍",
        "/",
        "[a-b]",
        "**",
    ]
    made = {"".join(chance.choices(letters, k=chance.randint(1, 6))) for _ in range(1500)}
    paths = sorted({linking.normal(path) for path in [*made, *ALLOWED] if linking.fault(path) is None})
    assert len(paths) > 900
    patterns = "".join(f"{linking.exclude_pattern(path)}\n" for path in paths)
    (repository.path / ".git/info/exclude").write_text(patterns)
    # A path inside another is ignored with it: only outermost ones show which pattern matched.
    outer = [path for path in paths if not set(linking.parents(path)) & set(paths)]
    asked = "\0".join(outer)
    told = repository.git("check-ignore", "--no-index", "-v", "-z", "--stdin", input=asked).split("\0")
    lines = {told[n + 3]: int(told[n + 1]) for n in range(0, len(told) - 3, 4)}
    assert lines == {path: paths.index(path) + 1 for path in outer}


def test_the_pattern_of_a_link_matches_at_the_root_alone(repository: ScratchRepository, tmp_path: Path) -> None:
    (repository.path / ".git/info/exclude").write_text(linking.exclude_pattern("node_modules") + "\n")
    (repository.path / "sub").mkdir()
    for place in (repository.path, repository.path / "sub"):
        (place / "node_modules").symlink_to(tmp_path)
    assert repository.git("status", "--porcelain", "-uall") == "?? sub/node_modules"
