"""File patterns, held against regular expressions and against all short paths there are."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import git_okstra
from git_okstra.core import patterns

MEANING = [
    # pattern, paths it covers, paths it does not
    ("README.md", ["README.md", "README.md/x"], ["docs/README.md", "readme.md", "README.md2", "READMEXmd"]),
    ("src", ["src", "src/a", "src/a/b"], ["src2", "lib/src", "src2/a"]),
    ("src/api", ["src/api", "src/api/v1/x.py"], ["src", "src/apis", "api"]),
    ("src/", ["src/a", "src/a/b"], ["src", "lib/src/a"]),
    ("*.md", ["a.md", "x/y/a.md", ".md"], ["a.mdx", "a.md/b", "md"]),
    ("?.py", ["a.py", "x/é.py"], ["ab.py", ".py", "a.py/b"]),
    ("src/*.py", ["src/a.py", "src/.py"], ["src/x/a.py", "a.py", "src/a.pyc", "x/src/a.py"]),
    ("src/*", ["src/a"], ["src/a/b", "src"]),
    ("src/**", ["src/a", "src/a/b/c"], ["src", "srcs/a"]),
    ("src/**/test.py", ["src/test.py", "src/a/b/test.py"], ["test.py", "src/test.py/x", "src/atest.py"]),
    ("**/test.py", ["test.py", "a/b/test.py"], ["test.pyc"]),
    ("**", ["a", "a/b", ".hidden"], []),
    ("a/**/b/**/c", ["a/b/c", "a/x/b/b/y/c", "a/b/b/c"], ["a/c", "a/b/x/d"]),
    ("**/x/*", ["x/a", "p/x/q/x/a"], ["x", "x/a/b/c"]),
    ("packages/*/src/", ["packages/p/src/a/b"], ["packages/src/a", "packages/p/q/src/a"]),
    ("a**b", ["ab", "axxb", "d/axb"], ["a/b"]),
    ("[abc].py", ["a.py", "x/c.py"], ["d.py", "ab.py"]),
    ("v[0-9].py", ["v7.py"], ["vx.py", "v77.py"]),
    ("v[!0-9].py", ["vx.py"], ["v7.py", "v.py"]),
    ("v[^0-9].py", ["vx.py"], ["v7.py"]),
    ("a[]]b", ["a]b"], ["ab"]),
    ("a[!]]b", ["axb"], ["a]b"]),
    ("a[b-]c", ["abc", "a-c"], ["adc"]),
    ("a[z-a]c", ["a[z-a]c"], ["abc", "azc"]),
    ("app/[slug]/page.tsx", ["app/[slug]/page.tsx", "app/s/page.tsx"], ["app/slug/page.tsx"]),
    ("app/[...all].ts", ["app/[...all].ts"], ["app/all.ts"]),
    ("a[b", ["a[b", "a[b/c"], ["ab"]),
    ("결제/*.py", ["결제/청구.py"], ["결제/x/청구.py"]),
    ("a.b", ["a.b"], ["axb"]),
    ("with space/*", ["with space/x y"], ["with"]),
]


@pytest.mark.parametrize(("pattern", "covered", "other"), MEANING, ids=[each[0] for each in MEANING])
def test_what_a_pattern_covers(pattern: str, covered: list[str], other: list[str]) -> None:
    assert [path for path in covered if not patterns.matches(pattern, path)] == []
    assert [path for path in other if patterns.matches(pattern, path)] == []


def test_any_match_needs_one() -> None:
    assert patterns.any_match(("docs/", "*.py"), "src/a.py")
    assert not patterns.any_match(("docs/", "*.py"), "src/a.c")
    assert not patterns.any_match((), "src/a.c")


FAULTS = {
    "": "is empty",
    "/etc/passwd": "is absolute",
    "/": "is absolute",
    "..": "leaves the repository",
    "../x": "leaves the repository",
    "src/../../x": "leaves the repository",
    "src/..": "leaves the repository",
    "../": "leaves the repository",
    ".git": "leads into '.git'",
    ".git/config": "leads into '.git'",
    "sub/.GIT/hooks/": "leads into '.git'",
    ".Git/**": "leads into '.git'",
    "C:/x": "drive letter",
    "c:x": "drive letter",
    "~/x": "home directory",
    "~root/x": "home directory",
    "src\\a.py": "backslash",
    "src//a": "'//'",
    "src//": "'//'",
    "./a": "component '.'",
    "a/./b": "component '.'",
    "a\0b": "U+0000",
    "a\nb": "U+000A",
    "a\x1b[31m": "U+001B",
    "a\x9bb": "U+009B",
    "a\u202eb": "U+202E",
    "a\udc80": "U+DC80",
    "a" * 1025: "longer than 1024",
}


@pytest.mark.parametrize("pattern", FAULTS, ids=[repr(each[:20]) for each in FAULTS])
def test_faults(pattern: str) -> None:
    assert FAULTS[pattern] in (patterns.fault(pattern) or "no fault")
    assert not patterns.matches(pattern, pattern)
    assert not patterns.may_overlap(pattern, "**")


@pytest.mark.parametrize(
    "pattern", [*(each[0] for each in MEANING), ".github/**", ".gitignore", "a~", "...", "a..b", "ab:c", "👩‍💻/x"]
)
def test_no_fault(pattern: str) -> None:
    assert patterns.fault(pattern) is None


@pytest.mark.parametrize("pattern", ["src/*.{ts,tsx}", "!docs/**", "src/**.py", "a**b"])
def test_doubtful(pattern: str) -> None:
    assert patterns.fault(pattern) is None
    assert patterns.doubt(pattern)


@pytest.mark.parametrize("pattern", ["src/**/x", "**", "a!b", "{name}.py", "a,b", "**/a/**"])
def test_not_doubtful(pattern: str) -> None:
    assert patterns.doubt(pattern) is None


def expression(pattern: str) -> re.Pattern[str]:
    """The meaning of a faultless pattern once more, as a regular expression."""
    directory = "(?:[^/]+/)*"
    beneath = pattern.endswith("/")
    parts = pattern.removesuffix("/").split("/")
    texts = [one_component(part) for part in parts]
    literal = all(text == re.escape(part) for text, part in zip(texts, parts, strict=True))
    # Each component but the last brings its "/" along, so that `**` can stand for nothing.
    path = "".join(directory if part == "**" else f"{text}/" for part, text in zip(parts, texts, strict=True))
    if beneath:
        path += ".+"
    elif parts[-1] == "**":
        path += "[^/]+"
    elif literal:
        path = f"{path[:-1]}(?:/.+)?"
    else:
        path = (directory if len(parts) == 1 else "") + path[:-1]
    return re.compile(path, re.DOTALL)


def one_component(text: str) -> str:
    out = ""
    while text:
        found = re.match(r"\[([!^]?)(.[^]]*)\]", text, re.DOTALL)
        if found:
            allowed = "".join(
                re.escape(each[0]) + (f"-{re.escape(each[2])}" if len(each) == 3 else "")
                for each in re.findall(r".-.|.", found[2], re.DOTALL)
                if len(each) == 1 or each[0] <= each[2]
            )
            if found[1]:
                member = f"[^/{allowed}]"
            else:
                member = f"(?!/)[{allowed}]" if allowed else "(?!)"
            out += f"(?:{member}|{re.escape(found[0])})"
            text = text[found.end() :]
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(text[0], re.escape(text[0]))
            text = text[1:]
    return out


TOKENS = ["a", "b", "*", "?", "/", "**", "[ab]", "[!a]"]
# A class stands for itself too, hence as a part of names.
_PARTS = ["a", "b", "[ab]", "[!a]"]
_NAMES = ["".join(each) for length in (1, 2, 3) for each in itertools.product(_PARTS, repeat=length)]
SHORT_PATHS = [
    *_NAMES,
    *map("/".join, itertools.product([name for name in _NAMES if len(name) < 4 or name.count("]") == 1], _NAMES)),
    *map("/".join, itertools.product("ab", "ab", _PARTS)),
]
token_patterns = st.lists(st.sampled_from([*TOKENS, "[a-b]", "[]", "-", "!", "^"]), min_size=1, max_size=9).map("".join)
sound_patterns = token_patterns.filter(lambda pattern: patterns.fault(pattern) is None)


@given(sound_patterns, st.lists(st.text("ab[]-!^", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join))
def test_matches_agrees_with_a_regular_expression(pattern: str, path: str) -> None:
    assert patterns.matches(pattern, path) == bool(expression(pattern).fullmatch(path))


def test_short_patterns_match_and_overlap_exactly() -> None:
    """All patterns of up to three tokens with all short paths, and with each other.

    Any two of these patterns that overlap at all do so on one of the paths.
    """
    known = {"".join(each) for length in (1, 2, 3) for each in itertools.product(TOKENS, repeat=length)}
    covered: dict[str, set[str]] = {}
    for pattern in sorted(each for each in known if patterns.fault(each) is None):
        covered[pattern] = set(filter(expression(pattern).fullmatch, SHORT_PATHS))
        assert {path for path in SHORT_PATHS if patterns.matches(pattern, path)} == covered[pattern], pattern
    assert len(covered) > 300
    wrong = [
        (one, other)
        for (one, ours), (other, theirs) in itertools.combinations_with_replacement(covered.items(), 2)
        if patterns.may_overlap(one, other) == ours.isdisjoint(theirs)
    ]
    assert wrong == []


@given(sound_patterns, sound_patterns)
def test_patterns_that_share_a_short_path_overlap(one: str, other: str) -> None:
    ours, theirs = expression(one), expression(other)
    shared = next((path for path in SHORT_PATHS if ours.fullmatch(path) and theirs.fullmatch(path)), None)
    overlap = patterns.may_overlap(one, other)
    assert overlap == patterns.may_overlap(other, one)
    assert overlap or shared is None


@given(sound_patterns, sound_patterns)
def test_overlap_needs_one_fixed_directory_above_the_other(one: str, other: str) -> None:
    ours, theirs = patterns.fixed_directory(one), patterns.fixed_directory(other)
    related = ours[: len(theirs)] == theirs[: len(ours)]
    assert related or not patterns.may_overlap(one, other)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("src/**", "src/api/**", True),
        ("src/**", "*.md", True),
        ("src/*.py", "src/*.md", False),
        ("src/a*.py", "src/*b.py", True),
        ("src/api.py", "src/api.py", True),
        ("src/api", "src/api/v1.py", True),
        ("src/api/", "src/api", True),
        ("src/api.py", "src/api", False),
        ("docs/**", "src/**", False),
        ("**/test_*.py", "src/**", True),
        ("**/test_*.py", "src/*/conftest.py", False),
        ("[a-m]*", "[n-z]*", False),
        ("[a-m]*", "[m-z]*", True),
        ("[!a]", "a", True),  # the file "a/x" for the directory "a" has another base name
        ("app/[id]/page.tsx", "app/[[]id]/page.tsx", True),
        ("src/", "src/*", True),
        ("*", "결제/**", True),
    ],
)
def test_overlap(one: str, other: str, overlap: bool) -> None:
    assert patterns.may_overlap(one, other) is overlap
    assert patterns.may_overlap(other, one) is overlap


def test_hostile_patterns_end() -> None:
    stars = "*a" * 500
    assert not patterns.matches(stars, "a" * 499)
    assert patterns.matches(stars, "a" * 600)
    assert patterns.may_overlap("**/a/" * 200 + "**/b", "**/c/" * 200 + "**/b")
    assert not patterns.matches("**/a/" * 200 + "b", "a/" * 1500 + "c")


def test_loads_without_regular_expressions() -> None:
    """Hooks load this module: it must not bring `re`, which costs them more than all else."""
    root = os.path.dirname(os.path.dirname(git_okstra.__file__))
    code = "import sys; sys.path.insert(0, sys.argv[1]); import git_okstra.core.patterns as p; "
    code += "p.matches('a/*[b]', 'a/b'); print(*{'re', 'dataclasses', 'functools'} & sys.modules.keys())"
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", code, root], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
