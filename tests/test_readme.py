"""The README's console examples are true: they are run, in order, as one session."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import transcripts

ROOT = Path(__file__).parents[1]


def run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    root = tmp_path.resolve()
    monkeypatch.setenv("TMPDIR", f"{root}")
    monkeypatch.chdir(root)
    return transcripts.run(
        transcripts.from_markdown(page), Path("README.md"), root, ROOT / "tests" / "transcripts"
    ).difference


def test_what_the_readme_shows_is_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "README.md").read_text()
    assert "\n```console\n$ " in page, "the README has no ```console block"
    difference = run(page, tmp_path, monkeypatch)
    if difference:
        pytest.fail(difference, pytrace=False)


def test_the_readme_shows_how_to_try_and_to_test_it() -> None:
    page = (ROOT / "README.md").read_text()
    assert "make tour" in page
    assert "make test" in page


PAGE = """\
# Title

    $ echo indented code is no example

```sh
make no-example-either
```

<!-- console
$ mkdir shop
-->

```console
$ cd shop && pwd
…/shop
$ for n in 1 2
> do echo "is it * $n?"; done
is it * …?
is it * 2?
$ false
[1]
```
"""


def test_blocks_and_hidden_preparations_make_one_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert transcripts.from_markdown(PAGE).decode() == (
        "  $ mkdir shop\n"
        "  $ cd shop && pwd\n"
        "  */shop (glob)\n"
        "  $ for n in 1 2\n"
        '  > do echo "is it * $n?"; done\n'
        "  is it \\* *\\? (glob)\n"
        "  is it * 2?\n"
        "  $ false\n"
        "  [1]\n"
    )
    assert run(PAGE, tmp_path, monkeypatch) == ""


def test_an_example_that_is_not_true_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "-  is it * 2?\n+  is it * 3?\n" in run(PAGE.replace("in 1 2", "in 1 3"), tmp_path, monkeypatch)
