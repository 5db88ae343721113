"""The TOML line editor: places are found, one key changes, everything else stays byte for byte."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from git_okstra.core import toml_text

EVERYTHING = """\
# a file with one of everything
top = 1 # at the top
"quoted key" = 'literal # no comment'
dotted.base = "x"   # said so
dotted . "ba.se2" = 2

[start]  # the start
  base = "main"  # indented
  fetch = true

[worktree]
link = [
  "node_modules", # big
  ".env]",
  '#',
]
setup = ["a", ["b"]]
text = \"\"\"
[not.a.header]
key = "value" \\\"\"\" \"\"\"\"\"
raw = '''
base = 'x'
''''' # two quotes more
when = 2024-01-02T03:04:05Z
inline = { a = 1, "b c" = { d = "}" } }

[[people]]
name = "x"
[[people]]
name = "y"

[categories.aliases]
doc = "docs"
"""


def test_items_of_a_file_with_one_of_everything() -> None:
    found = [(item.path, item.header, EVERYTHING[item.value : item.value_end]) for item in toml_text.items(EVERYTHING)]
    assert found == [
        (("top",), False, "1"),
        (("quoted key",), False, "'literal # no comment'"),
        (("dotted", "base"), False, '"x"'),
        (("dotted", "ba.se2"), False, "2"),
        (("start",), True, ""),
        (("start", "base"), False, '"main"'),
        (("start", "fetch"), False, "true"),
        (("worktree",), True, ""),
        (("worktree", "link"), False, '[\n  "node_modules", # big\n  ".env]",\n  \'#\',\n]'),
        (("worktree", "setup"), False, '["a", ["b"]]'),
        (("worktree", "text"), False, '"""\n[not.a.header]\nkey = "value" \\""" """""'),
        (("worktree", "raw"), False, "'''\nbase = 'x'\n'''''"),
        (("worktree", "when"), False, "2024-01-02T03:04:05Z"),
        (("worktree", "inline"), False, '{ a = 1, "b c" = { d = "}" } }'),
        (("people",), True, ""),
        (("people", "name"), False, '"x"'),
        (("people",), True, ""),
        (("people", "name"), False, '"y"'),
        (("categories", "aliases"), True, ""),
        (("categories", "aliases", "doc"), False, '"docs"'),
    ]


def test_spans_of_items_cover_whole_lines() -> None:
    for item in toml_text.items(EVERYTHING):
        assert item.start == 0 or EVERYTHING[item.start - 1] == "\n"
        assert EVERYTHING[item.end - 1] == "\n"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("start", "base"), 8),
        (("start",), 7),
        (("worktree", "setup"), 17),
        (("worktree", "inline", "b c", "d"), 25),
        (("categories",), 32),
        (("categories", "aliases", "doc"), 33),
        (("dotted",), 4),
        (("absent", "key"), 0),
    ],
)
def test_line_of(path: tuple[str, ...], line: int) -> None:
    assert toml_text.line_of(EVERYTHING, path) == line


def test_escaped_key_is_read_as_tomllib_reads_it() -> None:
    text = '"st\\u0061rt".base = 1\n'
    assert toml_text.line_of(text, ("start", "base")) == 1
    assert toml_text.assign(text, ("start", "base"), 2) == '"st\\u0061rt".base = 2\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # nothing there yet
        ("", '[start]\nbase = "new"\n'),
        ("# only a comment", '# only a comment\n\n[start]\nbase = "new"\n'),
        ("[other]\na = 1\n\n", '[other]\na = 1\n\n[start]\nbase = "new"\n'),
        # the value alone is replaced
        ("[start]\nbase = 'old' # why\n", '[start]\nbase = "new" # why\n'),
        ("start.base='old'", 'start.base="new"'),
        ('[start]\nbase = [ # odd\n "x",\n] # why\nfetch = true\n', '[start]\nbase = "new" # why\nfetch = true\n'),
        ("start = { fetch = true } # in line\n", 'start = { fetch = true, base = "new" } # in line\n'),
        # the section is there, the key is not
        ("[start]\n", '[start]\nbase = "new"\n'),
        ("[start]", '[start]\nbase = "new"\n'),
        (
            "[start]\n\tfetch = true # f\n# end\n\n[b]\n",
            '[start]\n\tfetch = true # f\n\tbase = "new"\n# end\n\n[b]\n',
        ),
        ("start.fetch = true\n[b]\nc = 1\n", 'start.fetch = true\nstart.base = "new"\n[b]\nc = 1\n'),
        ("[start.deeper]\na = 1\n", '[start.deeper]\na = 1\n\n[start]\nbase = "new"\n'),
        ("[start]\r\nfetch = true\r\n", '[start]\r\nfetch = true\r\nbase = "new"\r\n'),
        ("[other]\r\na = 1\r\n", '[other]\r\na = 1\r\n\r\n[start]\r\nbase = "new"\r\n'),
    ],
)
def test_assign_changes_no_more_than_it_must(before: str, after: str) -> None:
    assert toml_text.assign(before, ("start", "base"), "new") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[categories.aliases] # ours\na = 'b' # first\n", '[categories]\naliases = { doc = "docs" }\n'),
        ("[categories]\nnames = []\naliases.a = 'b'\n", '[categories]\nnames = []\naliases = { doc = "docs" }\n'),
        ("categories.aliases.a = 'b'\n", '[categories]\naliases = { doc = "docs" }\n'),
    ],
)
def test_a_table_is_replaced_whole_however_it_was_written(before: str, after: str) -> None:
    assert toml_text.assign(before, ("categories", "aliases"), {"doc": "docs"}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# top\n\n[start]\nbase = 'x' # why\n", "# top\n"),
        ("[start]\nbase = 'x'\nfetch = true\n", "[start]\nfetch = true\n"),
        ("[start]\n# kept\nbase = 'x'\n", "[start]\n# kept\n"),
        ("[start]\nbase = [\n  'x', # gone\n]\n[b]\n", "[b]\n"),
        ("start.base = 'x'\na = 1", "a = 1"),
        ("start = { base = 'x', fetch = true } # c\n", "start = { fetch = true } # c\n"),
        ("start = { base = 'x' }\na = 1\n", "a = 1\n"),
        ("[start]\r\nbase = 'x'\r\n\r\n[b]\r\nc = 1\r\n", "[b]\r\nc = 1\r\n"),
        ("[start.base]\nx = 1\n[start.base.y]\nz = 1\n[b]\n", "[b]\n"),
        ("[a]\nb = 1\n", "[a]\nb = 1\n"),
    ],
)
def test_remove_takes_the_key_and_a_header_that_is_left_bare(before: str, after: str) -> None:
    assert toml_text.remove(before, ("start", "base")) == after


def test_what_cannot_be_written_on_a_line_is_left_to_a_rewrite() -> None:
    text = "start = { when = 2024-01-02, base = 'x' }\n"
    assert toml_text.assign(text, ("start", "base"), "new") is None
    assert toml_text.remove(text, ("start", "base")) is None


def test_assign_below_what_is_no_table_raises() -> None:
    with pytest.raises(KeyError):
        toml_text.assign("start = 1\n", ("start", "base"), "x")
    with pytest.raises(KeyError):
        toml_text.assign("[[start]]\na = 1\n", ("start", "base"), "x")


# --- generated files -------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
PARTS = st.sampled_from(["start", "base", "fetch", "worktree", "link", "a b", "c.d", "é", '"', "x\ny"])
PATHS = st.tuples(PARTS, PARTS) | st.tuples(PARTS, PARTS, PARTS)


@given(VALUES)
def test_literal_is_read_back_by_tomllib(value: Any) -> None:
    written = toml_text.literal(value)
    assert written is not None
    assert "\n" not in written
    assert tomllib.loads(f"x = {written}")["x"] == value


@st.composite
def comments(draw: st.DrawFn) -> str:
    return "# " + draw(st.text(st.sampled_from("ab [=]\"'.#é{"), max_size=12))


@st.composite
def written_keys(draw: st.DrawFn, path: tuple[str, ...]) -> str:
    gap = draw(st.sampled_from(["", " "]))
    parts = []
    for part in path:
        plain = toml_text.dotted((part,))
        quoted = f'"{part}"' if plain == part and draw(st.booleans()) else plain
        parts.append(quoted)
    return f"{gap}.{gap}".join(parts)


@st.composite
def written_values(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(st.sampled_from(["2024-01-02", "1.5", "nan", "0x_f".replace("_", ""), "07:32:00"]))
    if kind == 1:
        return "'" + draw(st.text(st.sampled_from('ab[]#{}"=.\\'), max_size=8)) + "'"
    if kind == 2:
        quote = draw(st.sampled_from(["'''", '"""']))
        inner = draw(st.text(st.sampled_from("ab[]#\n=."), max_size=12))
        return quote + inner + quote
    if kind == 3:
        lines = ["["]
        for element in draw(st.lists(TEXT, max_size=3)):
            lines.append(f"  {toml_text.literal(element)}, {draw(comments())}")
            if draw(st.booleans()):
                lines.append("  " + draw(comments()))
        return "\n".join([*lines, "]"])
    return str(toml_text.literal(draw(VALUES)))


@st.composite
def files(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 9))):
        kind = draw(st.integers(0, 6))
        indent = draw(st.sampled_from(["", "  ", "\t"]))
        tail = " " + draw(comments()) if draw(st.booleans()) else ""
        if kind == 0:
            lines.append(draw(st.sampled_from(["", "  "])))
        elif kind == 1:
            lines.append(indent + draw(comments()))
        elif kind <= 3:
            path = draw(st.lists(PARTS, min_size=1, max_size=2))
            opening, closing = draw(st.sampled_from([("[", "]"), ("[", "]"), ("[ ", " ]"), ("[[", "]]")]))
            lines.append(f"{indent}{opening}{draw(written_keys(tuple(path)))}{closing}{tail}")
        else:
            path = draw(st.lists(PARTS, min_size=1, max_size=3))
            equals = draw(st.sampled_from(["=", " = ", "\t= "]))
            lines.append(f"{indent}{draw(written_keys(tuple(path)))}{equals}{draw(written_values())}{tail}")
        try:
            tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError:
            lines.pop()
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def flat(document: Any) -> str:
    """For comparing what tomllib read: `nan` equals itself, and 1 is not True."""
    if isinstance(document, dict):
        inner = {key: flat(value) for key, value in sorted(document.items())}
        return repr({key: value for key, value in inner.items() if value != "{}"})
    return repr([flat(each) for each in document]) if isinstance(document, list) else repr(document)


SLOW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(files())
def test_the_scan_sees_exactly_the_values_that_tomllib_reads(text: str) -> None:
    document = tomllib.loads(text)
    for item in toml_text.items(text):
        if item.header:
            continue
        found: Any = document
        for part in item.path:
            found = found[-1] if isinstance(found, list) else found
            if part not in found:  # a value of an array's element other than the last
                break
            found = found[part]
        else:
            if not any(
                other.header and text[other.start : other.end].lstrip()[:2] == "[[" for other in toml_text.items(text)
            ):
                value = tomllib.loads("x = " + text[item.value : item.value_end])["x"]
                assert flat(value) == flat(found)


@SLOW
@given(files(), PATHS, VALUES)
def test_assign_changes_exactly_the_key_meant(text: str, path: tuple[str, ...], value: Any) -> None:
    before = tomllib.loads(text)
    try:
        wanted = toml_text.assigned(before, path, value)
    except KeyError:
        assume(False)
    after = toml_text.assign(text, path, value)
    if after is None:
        # Only a date, a float or `nan` stands in the way: all others are written on a line.
        assert any(word in text for word in ("2024-01-02", "1.5", "nan", "07:32:00"))
        return
    assert flat(tomllib.loads(after)) == flat(wanted)
    touched = [
        item for item in toml_text.items(text) if item.path[: len(path)] == path or path[: len(item.path)] == item.path
    ]
    kept = text
    for item in reversed([item for item in touched if not item.header or item.path[: len(path)] == path]):
        kept = kept[: item.start] + kept[item.end :]
    after_lines = after.splitlines()
    position = 0
    for line in kept.splitlines():  # every line that has nothing to do with the key is there still, in order
        position = after_lines.index(line, position) + 1


@SLOW
@given(files(), PATHS)
def test_remove_takes_exactly_the_key_meant(text: str, path: tuple[str, ...]) -> None:
    before = tomllib.loads(text)
    after = toml_text.remove(text, path)
    if after is None:
        assert any(word in text for word in ("2024-01-02", "1.5", "nan", "07:32:00"))
        return
    assert flat(tomllib.loads(after)) == flat(toml_text.removed(before, path))
    if not toml_text.holds(before, path):
        assert after == text


@SLOW
@given(files(), PATHS, st.text(st.sampled_from("ab#]"), max_size=5))
def test_setting_and_unsetting_again_and_again_does_not_grow_the_file(
    text: str, path: tuple[str, ...], value: str
) -> None:
    assume(not toml_text.holds(tomllib.loads(text), path))
    try:
        once = toml_text.assign(text, path, value)
    except KeyError:
        assume(False)
    if once is None:
        return
    rounds = []
    for _ in range(4):
        once = toml_text.assign(text, path, value)
        assert once is not None
        removed = toml_text.remove(once, path)
        assert removed is not None
        text = removed
        rounds.append(text)
    lines = [[line for line in text.splitlines() if line.strip()] for text in rounds]
    assert lines[0] == lines[-1]
    assert len(rounds[-1]) <= len(rounds[1])
