"""What the manual lists one by one agrees with the program, both ways: codes, settings, findings, phases, variables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from git_okstra.core import bases, errors, findings, lifecycle, plan_checking, readiness, setting_values, settings
from git_okstra.operations import start
from support import manual_pages
from support.manual_pages import Entry, Page

PAGES = manual_pages.load_all()
MAIN = PAGES["git-okstra.1"]
CORE = Path(plan_checking.__file__).parent


def sentence(text: str) -> str:
    """A meaning from a catalogue as the manual writes it."""
    return f"{text[0].upper()}{text[1:]}."


def same(entry: Entry, meaning: str) -> bool:
    """Whether the entry begins with the meaning; a command may stay in small letters at the beginning."""
    return entry.sentences[0] in (sentence(meaning), f"{meaning}.", sentence(meaning).replace("'", ""))


# -- errors


def documented_errors() -> dict[str, tuple[int, Entry]]:
    found = {}
    for heading in MAIN.subsections("ERROR CODES"):
        number = re.match(r"Exit status (\d+): ", heading)
        assert number, heading
        for entry in MAIN.entries("ERROR CODES", heading):
            assert entry.label not in found, f"{entry.label} is there twice"
            found[entry.label] = (int(number[1]), entry)
    return found


def test_the_error_codes_are_those_of_the_catalogue_with_their_exit_status() -> None:
    assert {code: status for code, (status, _) in documented_errors().items()} == {
        code: status for code, (status, _) in errors.CODES.items()
    }


@pytest.mark.parametrize("code", errors.CODES)
def test_an_error_code_means_what_the_catalogue_says(code: str) -> None:
    entry = documented_errors()[code][1]
    assert same(entry, errors.CODES[code][1]), (
        f"the catalogue: {errors.CODES[code][1]}; the manual: {entry.sentences[0]}"
    )


def test_the_exit_statuses_are_those_that_errors_have() -> None:
    told = [int(entry.label) for entry in MAIN.entries("EXIT STATUS")]
    assert told == sorted({0, *(status for status, _ in errors.CODES.values())})


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_error_codes_that_are_mentioned_exist(page: Page) -> None:
    """Sentences that say "refused with", "the error" or name a code in brackets."""
    text = " ".join(line for line in page.lines if not line.startswith("."))
    named = re.findall(r"(?:[Tt]he error|with(?: the error)?|ends with|is) \\fB([a-z]+(?:\\-[a-z]+)+)\\fR", text)
    named += re.findall(r"\(\\fB([a-z]+(?:\\-[a-z]+)*)\\fR\)", text)
    known = set(errors.CODES) | set(CODES_OF_FINDINGS) | {"skipped-in-worktree", "trash", "worktree"}
    assert {name.replace("\\-", "-") for name in named} <= known


# -- settings


def documented_settings() -> dict[str, Entry]:
    return {entry.label: entry for entry in PAGES["git-okstra-config.1"].entries("SETTINGS")}


def test_the_settings_are_those_there_are_in_their_order() -> None:
    assert list(documented_settings()) == list(settings.SETTINGS)


@pytest.mark.parametrize("setting", settings.SETTINGS.values(), ids=settings.SETTINGS)
def test_a_setting_has_the_meaning_type_default_and_scopes_that_it_is_documented_with(
    setting: setting_values.Setting,
) -> None:
    entry = documented_settings()[setting.key]
    kind = f"choice of {', '.join(setting.choices)}" if setting.choices else setting.kind
    default = setting_values.as_text(setting, setting.default) or "empty"
    assert entry.sentences[0] == sentence(setting.doc)
    assert entry.sentences[-1] == f"Type: {kind}. Default: {default}. Scopes: {', '.join(setting.scopes)}."


def test_the_types_and_scopes_are_explained() -> None:
    page = PAGES["git-okstra-config.1"]
    assert {entry.label for entry in page.entries("TYPES")} == {one.kind for one in settings.SETTINGS.values()}
    assert [entry.label for entry in page.entries("DESCRIPTION")] == list(settings.SCOPES)


def test_the_variables_are_documented_and_those_mentioned_exist() -> None:
    labels = {name for entry in MAIN.entries("ENVIRONMENT") for name in entry.label.split(", ")}
    others = {name for name, key in settings.VARIABLES.items() if name != settings.variable_of(key)}
    assert {name for name in labels if name.startswith("OKSTRA_")} == {
        *settings.OTHER_VARIABLES, *others, "OKSTRA_SECTION_KEY"
    }  # fmt: skip
    mentioned = {
        name
        for page in PAGES.values()
        for line in page.lines
        for name in re.findall(r"OKSTRA_[A-Z_]*[A-Z]", manual_pages.plain(line) if not line.startswith(".") else "")
    }
    assert mentioned <= {*settings.VARIABLES, *settings.OTHER_VARIABLES, "OKSTRA_SECTION_KEY"}


# -- plans


def codes_of_findings() -> dict[str, set[str]]:
    """Every code with the levels that the modules of the plan give it, read from their source."""
    found: dict[str, set[str]] = {}
    for path in CORE.glob("plan*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            given = [one.value for one in call.args[:2] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if name in ("Finding", "_note") and len(given) == 2:
                found.setdefault(given[1], set()).add(given[0])
            elif (name == "_error" and given) or (name == "fault" and len(given) == 1 and " " not in given[0]):
                found.setdefault(given[0], set()).add("error")
    return found


CODES_OF_FINDINGS = codes_of_findings()


def test_the_findings_of_a_plan_are_documented_and_those_documented_exist() -> None:
    page = PAGES["git-okstra-plan.1"]
    errors_told = {entry.label for entry in page.entries("FINDINGS", "Errors")}
    warnings_told = {entry.label for entry in page.entries("FINDINGS", "Warnings")}
    # A code that is now an error and now a warning stands under the errors, with the difference explained.
    assert errors_told == {code for code, levels in CODES_OF_FINDINGS.items() if "error" in levels}
    assert warnings_told == {code for code, levels in CODES_OF_FINDINGS.items() if levels == {"warning"}}


def test_the_same_plan_is_shown_in_three_formats() -> None:
    page = PAGES["git-okstra-plan.1"]
    shown = {heading: page.shown("FORMATS", heading)[0] for heading in page.subsections("FORMATS")}
    digests = set()
    for heading, text in shown.items():
        for name in (heading.lower(), None):
            plan, findings = plan_checking.examine(text, name)  # type: ignore[arg-type]
            assert findings == ()
            assert plan is not None
            digests.add(plan.digest())
    assert len(shown) == 3
    assert len(digests) == 1


def test_the_patterns_in_the_manual_mean_what_it_says() -> None:
    from git_okstra.core import patterns

    listed = [entry.label for entry in PAGES["git-okstra-plan.1"].entries("FILE PATTERNS")]
    assert [pattern for pattern in listed if patterns.fault(pattern) or patterns.doubt(pattern)] == []
    for pattern, path, other in (
        ("src/api.py", "src/api.py", "src/api.pyc"),
        ("src/api", "src/api/v1/x.py", "src/apis"),
        ("src/api/", "src/api/x.py", "src/api"),
        ("src/*.py", "src/x.py", "src/a/x.py"),
        ("src/v[0-9].py", "src/v7.py", "src/vx.py"),
        ("src/**/test_*.py", "src/test_x.py", "src/a/x.py"),
        ("src/**", "src/a/b", "srcs/a"),
        ("*.md", "docs/a/b.md", "docs/md"),
        ("**", "anything/at/all", ""),
    ):
        listed.remove(pattern)
        assert patterns.matches(pattern, path)
        assert not patterns.matches(pattern, other)
    assert listed == [], "a pattern is documented that this test does not try"
    assert patterns.matches("app/[id].tsx", "app/[id].tsx")


# -- doctor, phases, states, bases


def test_the_findings_of_doctor_are_documented_and_those_documented_exist() -> None:
    page = PAGES["git-okstra-doctor.1"]
    titles = {"Errors": findings.ERROR, "Warnings": findings.WARNING, "Notes": findings.NOTE}
    told = {
        entry.label: (titles[heading], entry)
        for heading in page.subsections("FINDINGS")
        for entry in page.entries("FINDINGS", heading)
    }
    assert {code: severity for code, (severity, _) in told.items()} == {
        code: severity for code, (severity, _) in findings.FINDINGS.items()
    }
    for code, (_, meaning) in findings.FINDINGS.items():
        assert same(told[code][1], meaning), f"{code}: the catalogue says: {meaning}"


def test_the_phases_are_documented_with_what_they_permit() -> None:
    told = {entry.label: entry.sentences for entry in PAGES["git-okstra-start.1"].entries("LIFECYCLE")}
    assert told == {
        phase.name: [
            f"commits on the task branch: {phase.task_commits}; on stage branches: {phase.stage_commits}; "
            f"push: {phase.push}"
        ]
        for phase in lifecycle.PHASES
    }


def test_the_states_of_a_stage_are_explained() -> None:
    states = {value for name, value in vars(readiness).items() if name.isupper() and isinstance(value, str)}
    concepts = {entry.label for entry in MAIN.entries("CONCEPTS")}
    assert states <= concepts


def test_the_branches_offered_as_base_are_documented() -> None:
    section = PAGES["git-okstra-start.1"].sections["THE BASE"]
    line = next(line for line in section if line.startswith("on a terminal, what is chosen"))
    assert manual_pages.bold([line]) == list(start.MENU)


def test_the_rows_of_the_table_of_bases_are_those_that_json_names() -> None:
    page = PAGES["git-okstra-stage.1"]
    assert len(page.entries("BASES")) == 3
    line = next(line for line in page.sections["JSON"] if "which row of BASES" in line)
    assert manual_pages.bold([line])[1:] == [bases.ANCHOR, bases.DEPENDENCY, bases.TASK_HEAD, "reused"]
