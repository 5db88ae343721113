"""File patterns: what they cover and whether two overlap, held against a slow automaton."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
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


class Machine:
    """The meaning of a faultless pattern once more: one slow automaton over the characters of a whole path."""

    def __init__(self, pattern: str) -> None:
        # For each state the characters that lead on (None: it leads on by itself), and where to.
        self.edges: list[list[tuple[Callable[[str], bool] | None, int]]] = [[]]
        beneath = pattern.endswith("/")
        *directories, last = pattern.removesuffix("/").split("/")
        wild = any(set("*?") & set(part) or CLASS.search(part) for part in (*directories, last))
        at = 0
        if beneath:
            directories.append(last)
        elif wild and not directories:
            at = self.directories(at)
        for part in directories:
            at = self.directories(at) if part == "**" else self.one(self.component(at, part), "/".__eq__)
        if beneath or last == "**":
            at = self.anything(at)
        else:
            at = self.component(at, last)
            if not wild:
                end = self.anything(self.one(at, "/".__eq__))
                at = self.one(at, None)
                self.edges[end].append((None, at))
        self.end = at

    def one(self, at: int, accepts: Callable[[str], bool] | None) -> int:
        self.edges.append([])
        self.edges[at].append((accepts, len(self.edges) - 1))
        return len(self.edges) - 1

    def name(self, at: int) -> int:
        end = self.one(at, in_a_name)
        self.edges[end].append((in_a_name, end))
        return end

    def directories(self, at: int) -> int:
        start = self.one(at, None)
        self.edges[self.name(start)].append(("/".__eq__, start))
        return start

    def anything(self, at: int) -> int:
        return self.name(self.directories(at))

    def component(self, at: int, text: str) -> int:
        while text:
            found = CLASS.match(text)
            token = found[0] if found else text[0]
            text = text[len(token) :]
            if found:
                end = self.one(at, member(found[1], found[2]))
                for character in token:
                    at = self.one(at, character.__eq__)
                self.edges[at].append((None, end))
                at = end
            elif token == "*":
                at = self.one(at, None)
                self.edges[at].append((in_a_name, at))
            else:
                at = self.one(at, in_a_name if token == "?" else token.__eq__)
        return at

    def free(self, states: set[int]) -> set[int]:
        """These states and the ones they lead to without a character."""
        ahead = list(states)
        while ahead:
            more = {target for accepts, target in self.edges[ahead.pop()] if accepts is None} - states
            states |= more
            ahead += more
        return states

    def after(self, states: set[int], character: str) -> set[int]:
        return self.free(
            {target for state in states for accepts, target in self.edges[state] if accepts and accepts(character)}
        )

    def accepts(self, path: str) -> bool:
        states = self.free({0})
        for character in path:
            states = self.after(states, character)
        return self.end in states

    def shared(self, other: Machine) -> str | None:
        """A shortest path that both accept, over an alphabet with a letter that no pattern here names."""
        ahead = [(self.free({0}), other.free({0}), "")]
        seen = set()
        for ours, theirs, path in ahead:
            between = not path or path.endswith("/")
            if self.end in ours and other.end in theirs and not between:
                return path
            for character in "abc[]!^-*?" if between else "abc[]!^-*?/":
                following = self.after(ours, character), other.after(theirs, character)
                key = frozenset(following[0]), frozenset(following[1]), character == "/"
                if all(following) and key not in seen:
                    seen.add(key)
                    ahead.append((*following, path + character))
        return None


CLASS = re.compile(r"\[([!^]?+)(.[^]]*)\]")


def in_a_name(character: str) -> bool:
    return character != "/"


def member(negation: str, inside: str) -> Callable[[str], bool]:
    ranges = re.findall(r"(.)-(.)|(.)", inside)
    return lambda character: (
        character != "/"
        and any(low <= character <= high or character == single for low, high, single in ranges) != bool(negation)
    )


TOKENS = ["a", "b", "*", "?", "/", "**", "[ab]", "[!a]", "[a-b]", "[", "]", "-", "!", "^"]
sound_patterns = (
    st.lists(st.sampled_from(TOKENS), min_size=1, max_size=9)
    .map("".join)
    .filter(lambda pattern: patterns.fault(pattern) is None)
)
paths = st.lists(st.text("ab[]-!^*", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join)


@settings(max_examples=300, deadline=None)
@given(sound_patterns, paths)
def test_matches_agrees_with_a_slow_automaton(pattern: str, path: str) -> None:
    machine = Machine(pattern)
    assert patterns.matches(pattern, path) == machine.accepts(path)
    # A random path is rarely covered, this one always.
    covered = machine.shared(machine)
    assert covered is not None
    assert patterns.matches(pattern, covered)
    for wrong in (f"{covered}c", f"{covered}/c", f"c/{covered}", covered[1:]):
        if wrong and "" not in wrong.split("/"):
            assert patterns.matches(pattern, wrong) == machine.accepts(wrong)


@settings(max_examples=300, deadline=None)
@given(sound_patterns, sound_patterns)
def test_overlap_is_exact(one: str, other: str) -> None:
    shared = Machine(one).shared(Machine(other))
    assert patterns.may_overlap(one, other) == (shared is not None)
    assert patterns.may_overlap(other, one) == (shared is not None)
    if shared is not None:
        assert patterns.matches(one, shared)
        assert patterns.matches(other, shared)
        ours, theirs = patterns.fixed_directory(one), patterns.fixed_directory(other)
        assert ours[: len(theirs)] == theirs[: len(ours)]


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
