"""Reading command lines: what a shell would run, whatever the text; it never raises and always ends."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from git_okstra.core import shell_calls, shell_reading, shell_words
from git_okstra.core.shell_words import UNKNOWN

WORDS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), min_size=1)
SHELLISH = st.lists(
    st.sampled_from(
        [
            *"'\"\\`$(){}[]<>|&;#=!*? \n\t-ax0",
            *("$(", "$((", "))", "${", "<<", "<<-", "<<<", "&&", "||", ";;", "$'", "EOF", "\nEOF\n", "\\\n", "2>&1"),
            *(
                "if ",
                "then ",
                "fi",
                "for ",
                " in ",
                "do ",
                "done",
                "case ",
                "esac",
                "[[ ",
                " ]]",
                "git ",
                "sh -c ",
                "f() ",
            ),
            *(
                "eval ",
                "xargs ",
                "env ",
                "echo ",
                "cd ",
                "x=",
                "&>",
                "<(",
                "|&",
                ";&",
                "function ",
                "select ",
                "alias ",
            ),
        ]
    ),
    max_size=60,
).map("".join)


def read(text: str, variables: dict[str, str] | None = None) -> list[list[str]]:
    """The words of each command in `text`, expanded."""
    known = variables or {}
    return [
        [field for word in each.words for field in shell_words.expand(word, known.get, lambda _: None)]
        for each in shell_reading.commands(text)
    ]


@given(WORDS)
@example(["if", "x"])
@example(["[[", "]]"])
@example(["a{b,c}"])
def test_words_that_were_quoted_come_out_as_they_went_in(words: list[str]) -> None:
    # shlex leaves plain words unquoted: reserved ones, assignments and braces mean something then.
    line = " ".join(["run", *("'" + word.replace("'", "'\"'\"'") + "'" for word in words)])
    assert read(line) == [["run", *words]]
    if not any(sign in word for word in words for sign in "{}"):
        assert read(f"run {shlex.join(words)}") == [["run", *words]]


@given(SHELLISH)
@settings(max_examples=400)
def test_any_text_is_read_to_its_end(text: str) -> None:
    for call in shell_calls.calls(text, "/", {}):
        assert all(isinstance(word, str) for word in call.words)


@given(SHELLISH)
def test_what_stands_in_single_quotes_is_never_run(text: str) -> None:
    quoted = "'" + text.replace("'", "") + "'"
    assert read(f"echo {quoted}") == [["echo", text.replace("'", "")]]


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "$(" * 5000, "`" * 5001, '"$(' * 2000, "${a:-" * 3000, "$((" * 3000, "{a," * 5000, "x<<E\n" * 2000],
)
def test_what_lies_too_deep_is_marked_and_not_followed(text: str) -> None:
    shell_reading.commands(text)
    list(shell_calls.calls(text, "/", {}))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a b", [["a", "b"]]),
        ("a 'b c' \"d e\"", [["a", "b c", "d e"]]),
        ("a; b & c && d || e | f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a \\\nb", [["a", "b"]]),
        ("a #b\nc#d", [["a"], ["c#d"]]),
        ("$'a\\tb\\x41\\101\\u0042'", [["a\tbAAB"]]),
        ("(a; (b))", [["a"], ["b"]]),
        ("{ a; }", [["a"]]),
        ("if a; then b; elif c; then d; else e; fi", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("for x in 1 2; do a $x; done", [[], ["a", UNKNOWN]]),
        ("for ((i=0; i<3; i++)); do a; done", [[], ["i"], ["i++"], ["a"]]),
        ("case $x in (a|b) c;; d) e;& *) f;; esac; g", [["c"], ["e"], ["f"], ["g"]]),
        ("case x in\na) b;;\nesac", [["b"]]),
        ("f() { a; }\nfunction g() { b; }", [["a"], ["b"]]),
        ("[[ a > b && ( c ) ]] && d", [["d"]]),
        ("a > b 2>&1 < c", [["a"]]),
        ("a <<E b\n$(c)\nE\nd", [["c"], ["a", "b"], ["d"]]),
        ("a <<'E'\n$(c)\nE\nd", [["a"], ["d"]]),
        ("a <<-E\n\tx\n\tE\nd", [["a"], ["d"]]),
        ("a <<A <<B\n1\nA\n2\nB\nc", [["a"], ["c"]]),
        ("a $(b $(c)) `d`", [["c"], ["b", UNKNOWN], ["d"], ["a", UNKNOWN, UNKNOWN]]),
        ('a "x$(b)y"', [["b"], ["a", f"x{UNKNOWN}y"]]),
        ("a $((1 + 2)) x", [["a", UNKNOWN, "x"]]),
        ("a <(b) >(c)", [["b"], ["c"], ["a", UNKNOWN, UNKNOWN]]),
        ("x=1 y=2 a", [["a"]]),
        ("a ${x} ${y:-d} ${z%e} $1", [["a", UNKNOWN, "d", UNKNOWN, UNKNOWN]]),
        ("a{1,2} b{c", [["a1", "a2", "b{c"]]),
        ("! time a", [["time", "a"]]),
        ("a 'never closed", [["a", "never closed"]]),
        ('a "$(b', [["b"], ["a", UNKNOWN]]),
        (") a", [["a"]]),
        ("", []),
    ],
)
def test_the_commands_of_a_line(text: str, wanted: list[list[str]]) -> None:
    assert read(text) == wanted


def test_values_are_split_only_where_they_are_not_quoted() -> None:
    assert read('$x "$x" a$x', {"x": " b  c "}) == [["b", "c", " b  c ", "a", "b", "c"]]
    assert read("$x '' \"$x\"", {"x": ""}) == [["", ""]]


def where(text: str) -> dict[str, str]:
    """The directory of each call, by its program."""
    return {call.program: call.cwd for call in shell_calls.calls(text, "/w", {"HOME": "/h"})}


def test_the_directory_follows_cd_in_its_own_shell() -> None:
    found = where("a; cd x; b; (cd y; c); d; { cd z; }; e; cd; f; cd /q | g; h")
    assert {name: found[name] for name in "abcdefh"} == {
        "a": "/w", "b": "/w/x", "c": "/w/x/y", "d": "/w/x", "e": "/w/x/z", "f": "/h", "h": "/h",
    }  # fmt: skip


def test_variables_count_in_their_own_shell() -> None:
    found = [call.words for call in shell_calls.calls("x=1; a $x; (x=2; b $x); c $x; x=3 d $x", "/", {"x": "0"})]
    assert [words for words in found if words] == [("a", "1"), ("b", "2"), ("c", "1"), ("d", "1")]
