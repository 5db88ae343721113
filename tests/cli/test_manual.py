"""The manual pages and the commands agree: what there is, what it takes, what it says of itself. Both ways."""

from __future__ import annotations

import contextlib
import datetime
import re
import shlex
import shutil
import subprocess

import click
import pytest

from git_okstra import __version__
from git_okstra.cli import dispatch
from git_okstra.cli import help as help_command
from support import commands, manual_pages
from support.commands import Leaf
from support.manual_pages import Page

# Section 5 of the specification, as far as this version goes, in its order.
SPECIFIED = (
    "init start plan stage done reopen abandon takeover merge run conflicts sync phase verify handoff list status "
    "watch who path exec brief log graph timeline remove prune restore release undo config hooks guard doctor tour "
    "shell-init help"
)

MAIN = "git-okstra.1"
PAGES = manual_pages.load_all()
LEAVES = list(commands.leaves())
GROUPED = [page for page in PAGES if page != MAIN and len({leaf.name for leaf in LEAVES if leaf.page == page}) > 1]

every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
every_leaf = pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)


def test_the_commands_are_those_of_the_specification() -> None:
    assert " ".join(dispatch.COMMANDS) == SPECIFIED


def test_every_command_has_a_page_and_every_page_a_command() -> None:
    assert {leaf.page for leaf in LEAVES} == set(PAGES)


# -- form


@every_page
@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_has_nothing_to_say(page: Page) -> None:
    words = ["groff", "-man", "-Tutf8", "-ww", "-z", str(manual_pages.DIRECTORY / page.name)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stderr
    assert [line for line in said.splitlines() if "font" not in line] == []


@every_page
@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
def test_mandoc_has_nothing_to_say(page: Page) -> None:
    words = ["mandoc", "-T", "lint", "-W", "warning", str(manual_pages.DIRECTORY / page.name)]
    assert subprocess.run(words, capture_output=True, text=True, check=False).stdout == ""


@every_page
def test_the_title_line_tells_name_date_and_version(page: Page) -> None:
    name, section, date, version, manual = page.title
    assert name == page.name.removesuffix(".1").upper()
    assert (section, version, manual) == ("1", f'"git okstra {__version__}"', '"Git Manual"')
    assert date == PAGES[MAIN].title[2]
    datetime.date.fromisoformat(date.strip('"'))


@every_page
def test_a_page_has_the_sections_of_a_git_page(page: Page) -> None:
    headings = list(page.sections)
    assert headings[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"]
    assert headings[-1] == "SEE ALSO"
    assert {"EXAMPLES", "EXIT STATUS"} <= set(headings)


@every_page
def test_the_name_section_names_every_command_of_the_page(page: Page) -> None:
    names, _, what = " ".join(manual_pages.plain(line) for line in page.sections["NAME"]).partition(" - ")
    told = {f"git-okstra-{leaf.words[0]}" for leaf in LEAVES if leaf.page == page.name}
    assert set(names.split(", ")) == (told if page.name != MAIN else {"git-okstra"})
    assert what


@every_page
def test_references_to_other_pages_lead_somewhere(page: Page) -> None:
    text = "\n".join(map(manual_pages.plain, (line for line in page.lines if not line.startswith((".TH", ".IP")))))
    named = {f"{name}.1" for name in re.findall(r"(git-okstra[a-z-]*)\(1\)", text)}
    assert named <= set(PAGES)
    if page.name == MAIN:
        assert named == set(PAGES) - {MAIN}
    else:
        assert MAIN in named


# -- commands and their options


def test_the_table_of_commands_is_complete_and_says_what_the_help_says() -> None:
    found = {}
    for heading in PAGES[MAIN].subsections("COMMANDS"):
        page = re.search(r"git-okstra[a-z-]*(?=\(1\))", heading)
        for entry in PAGES[MAIN].entries("COMMANDS", heading):
            found[entry.label] = (" ".join(entry.sentences), f"{page[0]}.1" if page else MAIN)
    assert found == {
        name: (commands.first_sentence(command), help_command.page(name)) for name, command in commands.top()
    }


@pytest.mark.parametrize("name", [*GROUPED, MAIN])
def test_a_page_of_several_commands_has_a_section_for_each_with_its_arguments(name: str) -> None:
    headings = PAGES[name].subsections("COMMANDS" if name != MAIN else "OTHER COMMANDS")
    usages = [f"git okstra {leaf.name} {leaf.arguments.strip('{}')}".rstrip() for leaf in LEAVES if leaf.page == name]
    assert sorted(headings) == sorted(usages)


def documented(leaf: Leaf) -> list[str]:
    """The labels under `.TP` in the section about a command."""
    page = PAGES[leaf.page]
    if leaf.page != MAIN and leaf.page not in GROUPED:
        return [entry.label for entry in page.entries("OPTIONS")]
    section = "COMMANDS" if leaf.page != MAIN else "OTHER COMMANDS"
    heading = next(each for each in page.subsections(section) if f"{each} ".startswith(f"git okstra {leaf.name} "))
    return [entry.label for entry in page.entries(section, heading) if entry.label.startswith("-")]


@every_leaf
def test_the_options_of_a_command_are_documented_and_those_documented_exist(leaf: Leaf) -> None:
    assert sorted(documented(leaf)) == sorted(map(commands.label, leaf.own_options))


@pytest.mark.parametrize("leaf", [leaf for leaf in LEAVES if leaf.page != MAIN], ids=lambda leaf: leaf.name)
def test_the_synopsis_of_a_command_agrees_with_its_usage(leaf: Leaf) -> None:
    start = f"git okstra {leaf.name}"
    lines = [line.removeprefix(start) for line in PAGES[leaf.page].synopsis() if f"{line} ".startswith(f"{start} ")]
    assert lines, f"the synopsis lacks {start}"
    option = re.compile(r"[\[(](-[^])]*)[\])]")
    named = {each for line in lines for group in option.findall(line) for each in group.split(" | ")}
    assert named == {
        f"{name} {commands.value(one)}".rstrip() if name == commands.names(one)[-1] else name
        for one in leaf.own_options
        for name in commands.names(one)
    }
    assert " ".join(option.sub("", lines[0]).split()) == leaf.arguments


def test_the_synopses_name_no_other_commands() -> None:
    words = {leaf.name for leaf in LEAVES}
    for name, page in PAGES.items():
        for line in page.synopsis() if name != MAIN else []:
            assert any(f"{line} ".startswith(f"git okstra {word} ") for word in words), line


def test_the_common_options_are_documented_once_with_the_commands_that_have_them() -> None:
    told = {entry.label: entry for entry in PAGES[MAIN].entries("COMMON OPTIONS")}
    assert set(told) == {"--json", "-n, --dry-run", "-h, --help", "--version"}
    without = next(line for line in told["--json"].lines if line.startswith("Every command has it but"))
    assert set(manual_pages.bold([without])) == {leaf.name for leaf in LEAVES if not leaf.takes("as_json")}
    changing = next(line for line in told["-n, --dry-run"].lines if line.startswith("Commands that would change"))
    assert set(manual_pages.bold([changing])) == {leaf.name for leaf in LEAVES if leaf.takes("dry_run")}


@every_leaf
def test_the_common_options_are_spelt_alike_everywhere(leaf: Leaf) -> None:
    spelt = {one.name: commands.names(one) for one in commands.options(leaf.command)}
    assert spelt.get("as_json", ["--json"]) == ["--json"]
    assert spelt.get("dry_run", ["-n", "--dry-run"]) == ["-n", "--dry-run"]


# -- what the pages mention on the way


@every_page
def test_options_that_are_mentioned_exist(page: Page) -> None:
    known = {name for leaf in LEAVES for one in commands.options(leaf.command) for name in commands.names(one)}
    known |= {"-", "--", "-h", "--help", "--version"}
    # "-f, --force" and "--lifecycle" are labels; a page sets options of other programs in bold with the whole command.
    mentioned = {text.split()[0] for text in manual_pages.bold(page.lines) if text.startswith("-")}
    assert mentioned <= known


@every_page
def test_commands_that_are_mentioned_exist(page: Page) -> None:
    for text in manual_pages.bold(page.lines):
        words = text.split()
        if words[:2] != ["git", "okstra"]:
            continue
        # A value may follow in italics, or is not what the sentence is about.
        with contextlib.suppress(click.MissingParameter, click.BadOptionUsage):
            commands.parse(words[2:])


@every_page
def test_examples_are_command_lines_that_click_accepts(page: Page) -> None:
    examples = [line for block in page.shown("EXAMPLES") for line in block.splitlines() if line.startswith("$ ")]
    assert examples
    found = [words for line in examples for words in invocations(line)]
    assert found, "no example shows git okstra"
    for words in found:
        commands.parse(words)


def test_the_usual_course_is_a_series_of_command_lines_that_click_accepts() -> None:
    (course,) = PAGES[MAIN].shown("DESCRIPTION")
    lines = [words for line in course.splitlines() for words in invocations(line)]
    assert len(lines) == len(course.splitlines())
    for words in lines:
        commands.parse(words)


def invocations(line: str) -> list[list[str]]:
    """What is given to `git okstra` in a line of shell."""
    parts = re.findall(r"git(?: -C \S+)? okstra ((?:'[^']*'|[^|>)&;'])*)", line)
    return [shlex.split(part.replace('"', "")) for part in parts]
