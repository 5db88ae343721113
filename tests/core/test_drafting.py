"""The draft of a hand-off: messages, templates, issues, and text that cannot do anything but be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_okstra.core import drafting
from git_okstra.core.drafting import Changed, Check, Material
from support import plans

TEMPLATE = (Path(__file__).parents[2] / "share/templates/pull-request.md").read_text()

MATERIAL = Material(
    "DEV-9436",
    "Vouchers in the checkout",
    "feat",
    stages=[(1, "Voucher model"), (2, "Price")],
    commits=[("1" * 40, "add the model", "Fixes #12\n"), ("2" * 40, "use *it* in <b>", "closes ada/shop#3, #4 and #5")],
    files=[Changed("shop/voucher.py", 10, 2), Changed("logo.png", None, None)],
    checks=[Check("make test", 0, 1.5), Check("make `slow`", None)],
    verdict="accepted at 222222222222",
)


def test_the_commit_message_names_task_stages_and_issues() -> None:
    assert drafting.draft(MATERIAL, TEMPLATE).message == (
        "feat: Vouchers in the checkout (DEV-9436)\n\n"
        "- Voucher model\n- Price\n\n"
        "Fixes #12\nCloses ada/shop#3\nCloses #4\nCloses #5\nTask: DEV-9436\n"
    )


def test_without_plan_and_title_the_commits_speak() -> None:
    text = drafting.draft(Material("DEV-1", "", "fix", commits=[("1" * 40, "mend it", "")]), TEMPLATE)
    assert text.message == "fix: DEV-1\n\n- mend it\n\nTask: DEV-1\n"
    assert text.title == "fix: DEV-1"


def test_the_body_fills_the_template_that_ships() -> None:
    assert drafting.draft(MATERIAL, TEMPLATE).body == (
        "## Summary\n\nVouchers in the checkout\n\n"
        "## Changes\n\n- stage 1: Voucher model\n- stage 2: Price\n\n"
        "- 111111111111 add the model\n- 222222222222 use \\*it\\* in \\<b>\n\n"
        "2 files, 10 lines added, 2 removed:\n\n- `shop/voucher.py` +10 -2\n- `logo.png` (binary)\n\n"
        "## Test plan\n\n- [x] `make test`\n- [ ] `` make `slow` `` (not run)\n\n"
        "git okstra verify: accepted at 222222222222\n\n"
        "## Linked issues\n\n- DEV-9436\n- Fixes #12\n- Closes ada/shop#3\n- Closes #4\n- Closes #5\n"
    )


def test_a_given_message_and_title_take_the_place_of_the_drafted() -> None:
    text = drafting.draft(MATERIAL, TEMPLATE, message="Add vouchers\r\n\r\nFor #12.  \n", title="  Vouchers\n now ")
    assert text.message == "Add vouchers\n\nFor #12.\n"
    assert text.title == "Vouchers now"
    assert text.body.startswith("## Summary\n\nFor #12.\n\n## Changes\n\n- stage 1: Voucher model")
    assert drafting.draft(MATERIAL, TEMPLATE, message="Add vouchers\n").title == "Add vouchers"
    assert drafting.draft(MATERIAL, TEMPLATE, title="Vouchers").message.startswith("Vouchers\n\n- Voucher model")


def test_a_projects_own_template_keeps_its_headings_and_its_text() -> None:
    template = (
        "Thanks!\n\n# Description\n<!-- why -->\n\n### How was this tested?\n\n- [ ] on a phone\n\n"
        "```sh\n# Summary\n<!-- kept -->\n```\n\n## Risks\n"
    )
    assert drafting.body(MATERIAL, template) == (
        "Thanks!\n\n# Description\n\nVouchers in the checkout\n\n### How was this tested?\n\n"
        "- [x] `make test`\n- [ ] `` make `slow` `` (not run)\n\ngit okstra verify: accepted at 222222222222\n\n"
        "- [ ] on a phone\n\n```sh\n# Summary\n<!-- kept -->\n```\n\n## Risks\n"
    )


def test_a_template_without_the_headings_gets_the_draft_in_front() -> None:
    body = drafting.body(MATERIAL, "- [ ] I have read CONTRIBUTING\n")
    assert body.startswith("## Summary\n\nVouchers")
    assert body.endswith("- Closes #5\n\n- [ ] I have read CONTRIBUTING\n")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a <!-- b --> c\n", "a  c\n"),
        ("a\n<!-- b\n\n## c\n-->\nd\n", "a\n\nd\n"),
        ("a <!-- b\n", "a \n"),
        ("`<!-- a -->` <!-- b -->\n", "`<!-- a -->` \n"),
        ("~~~\n<!-- a -->\n~~~\n<!-- ~~~ -->b\n", "~~~\n<!-- a -->\n~~~\nb\n"),
        ("<!-- ``` -->\na <!-- b -->\n", "a \n"),
        ("<!-- a --><!-- b -->c<!---->d\n", "cd\n"),
    ],
)
def test_comments_are_stripped_but_not_from_code(markdown: str, expected: str) -> None:
    assert drafting.without_comments(markdown) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fix: the price", ()),
        ("This fixes #7.", ("Fixes #7",)),
        ("Fixed: #7\nfixed #7", ("Fixed #7",)),
        ("prefixes #7", ()),
        ("resolves https://example.com/ada/shop/-/issues/7", ("Resolves https://example.com/ada/shop/-/issues/7",)),
        ("close #1, #2, and a/b#3", ("Close #1", "Close #2", "Close a/b#3")),
    ],
)
def test_issues_are_found_as_a_forge_finds_them(text: str, expected: tuple[str, ...]) -> None:
    assert drafting.issues([text]) == expected


def test_long_lists_and_titles_are_cut() -> None:
    many = Material(
        "X-1",
        "t" * 300,
        "feat",
        commits=[(f"{n:040x}", f"change {n}", "") for n in range(120)],
        files=[Changed(f"f{n}", 1, 0) for n in range(60)],
    )
    text = drafting.draft(many, TEMPLATE)
    assert len(text.title) == drafting.LONGEST_TITLE
    assert "change 119" in text.body and "- … and 70 earlier commits" in text.body
    assert "- … and 10 more files" in text.body


HOSTILE = st.text(st.sampled_from("a \n\r\t\x00\x1b\x7f\x85\u2028\u202e\ud800`*[<>!-\\$();&|'\"#")) | plans.line_text


@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_is_quoted_stays_text(title: str, subject: str, path: str) -> None:
    material = Material("X-1", title, "feat", [(1, title)], [("1" * 40, subject, subject)], [Changed(path, 1, 1)])
    text = drafting.draft(material, TEMPLATE, message=None)
    for each in (text.message, text.body, text.title + "\n"):
        assert each.endswith("\n") and each.encode()
        assert not any((c < " " and c not in "\n\t") or c in "\x7f\x85\u2028\u202e" for c in each)
    assert "\n" not in text.title
    assert [line for line in text.body.splitlines() if line.startswith("## ")] == [
        "## Summary", "## Changes", "## Test plan", "## Linked issues"
    ]  # fmt: skip


@given(st.text())
def test_cleaning_comes_to_rest(text: str) -> None:
    once = drafting.clean(text)
    assert drafting.clean(once) == once
    assert once.endswith("\n")
