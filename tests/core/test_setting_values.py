"""The kinds of setting: what each takes, what each refuses, and the way to text and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import setting_values
from git_okstra.core.setting_values import Fault, Kind, Setting


def setting(kind: Kind) -> Setting:
    return Setting("a.b", kind, "", "", (), ("light", "full"))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "main", "main"),
        ("string", "", ""),
        ("string", "결제 🙂", "결제 🙂"),
        ("path", "~/pr.md", "~/pr.md"),
        ("strings", ["a", "b c"], ("a", "b c")),
        ("strings", [], ()),
        ("commands", ["npm ci", "make\n\tall"], ("npm ci", "make\n\tall")),
        ("boolean", True, True),
        ("integer", 0, 0),
        ("integer", 2**31 - 1, 2**31 - 1),
        ("duration", "1h 30m", "1h 30m"),
        ("choice", "full", "full"),
        ("table", {"a": "b"}, {"a": "b"}),
        ("table", {}, {}),
    ],
)
def test_check_takes(kind: Kind, value: object, expected: object) -> None:
    checked = setting_values.check(setting(kind), value)
    assert checked == expected
    assert type(checked) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("string", 1, "a.b must be a string, not 1"),
        ("string", ["x"], "a.b must be a string, not a list"),
        ("string", "a\nb", "a.b must be one line of text, not 'a\\nb'"),
        ("string", "\udc80", "a.b must be one line of text, not '\\udc80'"),
        ("strings", "a", "a.b must be a list of strings, not 'a'"),
        ("strings", ["a", 2], "a.b must be a list of strings; 2 is none"),
        ("strings", ["a", " "], "a.b holds an empty string"),
        ("strings", ["a\nb"], "a.b holds a control character in 'a\\nb'"),
        ("commands", "npm ci", "a.b must be a list of commands, not 'npm ci'"),
        ("commands", ["a\x1b[2J"], "a.b holds a control character in 'a\\x1b[2J'"),
        ("boolean", "yes", "a.b must be true or false, not 'yes'"),
        ("boolean", 1, "a.b must be true or false, not 1"),
        ("integer", True, "a.b must be a whole number, not true"),
        ("integer", 1.0, "a.b must be a whole number, not 1.0"),
        ("integer", "4", "a.b must be a whole number, not '4'"),
        ("integer", -1, "a.b must lie between 0 and 2147483647, not be -1"),
        ("integer", 2**31, "a.b must lie between 0 and 2147483647, not be 2147483648"),
        ("duration", 7, 'a.b must be a duration such as "90s", "30m" or "7d", not 7'),
        ("duration", "7", 'a.b must be a duration such as "90s", "30m" or "7d", not \'7\''),
        ("duration", "", 'a.b must be a duration such as "90s", "30m" or "7d", not \'\''),
        ("duration", "101000d", "a.b is longer than a hundred years: '101000d'"),
        ("choice", "heavy", "a.b must be one of light, full, not 'heavy'"),
        ("choice", {}, "a.b must be one of light, full, not a table"),
        ("table", [], "a.b must be a table of strings, not a list"),
        ("table", {"a": 1}, "a.b: the value of 'a' must be a string, not 1"),
        ("table", {"": "x"}, "a.b must name things in plain text, not '' = 'x'"),
        ("table", {"a": "x\ny"}, "a.b must name things in plain text, not 'a' = 'x\\ny'"),
    ],
)
def test_check_refuses(kind: Kind, value: object, fault: str) -> None:
    assert setting_values.check(setting(kind), value) == Fault(fault)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("string", " main ", " main "),
        ("strings", "a, b c ,,d,", ("a", "b c", "d")),
        ("strings", "", ()),
        ("strings", ' ["a,b", "c"] ', ("a,b", "c")),
        ("commands", "npm ci --omit=dev,optional\n\nmake", ("npm ci --omit=dev,optional", "make")),
        ("commands", '["make\\nall"]', ("make\nall",)),
        ("boolean", "Yes", True),
        ("boolean", "1", True),
        ("boolean", "off", False),
        ("integer", " 12 ", 12),
        ("duration", "2w", "2w"),
        ("table", "a=b, c = d", {"a": "b", "c": "d"}),
        ("table", '{ a = "b,c" }', {"a": "b,c"}),
        ("table", "", {}),
    ],
)
def test_parse_takes(kind: Kind, text: str, expected: object) -> None:
    parsed = setting_values.parse(setting(kind), text)
    assert parsed == expected
    assert type(parsed) is type(expected)


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("boolean", "maybe", "a.b must be true or false, not 'maybe'"),
        ("boolean", "", "a.b must be true or false, not ''"),
        ("integer", "1e3", "a.b must be a whole number, not '1e3'"),
        ("integer", "٣", "a.b must be a whole number, not '٣'"),
        ("integer", "-1", "a.b must lie between 0 and 2147483647, not be -1"),
        ("integer", "9" * 5000, f"a.b must be a whole number, not '{'9' * 57}…'"),
        ("strings", "[1, 2]", "a.b must be a list of strings; 1 is none"),
        ("strings", "[a", "a.b must be a list of strings, not '[a'"),
        ("strings", "[" * 5000, f"a.b must be a list of strings, not '{'[' * 57}…'"),
        ("strings", '["a"]\nother = 1', "a.b must be a list of strings, not '[\"a\"]\\nother = 1'"),
        ("table", "a=b,c", "a.b takes pairs such as 'a=b,c=d', not 'c'"),
        ("table", "a=", "a.b must name things in plain text, not 'a' = ''"),
    ],
)
def test_parse_refuses(kind: Kind, text: str, fault: str) -> None:
    assert setting_values.parse(setting(kind), text) == Fault(fault)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("30m", 1800),
        ("2h", 7200),
        ("7d", 604800),
        ("1w", 604800),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("007s", 7),
        ("", None),
        (" ", None),
        ("7", None),
        ("d", None),
        ("1.5h", None),
        ("-1s", None),
        ("1h30", None),
        ("1D", None),
        ("²s", None),
        ("1" * 20 + "s", None),
    ],
)
def test_seconds(text: str, seconds: int | None) -> None:
    assert setting_values.seconds(text) == seconds


PLAIN = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=10).filter(str.strip)


@given(st.lists(PLAIN | st.sampled_from(["a,b", "[", "[a]", " x", "a=b"]), max_size=4))
def test_lists_go_to_text_and_back(value: list[str]) -> None:
    expected = setting_values.check(setting("strings"), value)
    assert isinstance(expected, tuple)
    assert setting_values.parse(setting("strings"), setting_values.as_text(setting("strings"), expected)) == expected


@given(st.lists(PLAIN | st.sampled_from(["make\nall", "a,b", "[ -f x ] && y", "\ta"]), max_size=4))
def test_commands_go_to_text_and_back(value: list[str]) -> None:
    expected = setting_values.check(setting("commands"), value)
    assert isinstance(expected, tuple)
    assert setting_values.parse(setting("commands"), setting_values.as_text(setting("commands"), expected)) == expected


@given(st.dictionaries(PLAIN, PLAIN | st.sampled_from(["a,b", "a=b"]), max_size=4))
def test_tables_go_to_text_and_back(value: dict[str, str]) -> None:
    assert setting_values.parse(setting("table"), setting_values.as_text(setting("table"), value)) == value


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("boolean", True, "true"),
        ("integer", 3, "3"),
        ("duration", "7d", "7d"),
        ("strings", ("a", "b"), "a,b"),
        ("strings", ("a,b",), '["a,b"]'),
        ("commands", ("npm ci", "make"), "npm ci\nmake"),
        ("table", {"a": "b", "c": "d"}, "a=b,c=d"),
        ("strings", (), ""),
    ],
)
def test_as_text(kind: Kind, value: setting_values.Value, text: str) -> None:
    assert setting_values.as_text(setting(kind), value) == text
