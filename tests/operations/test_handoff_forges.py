"""`handoff` opens and updates pull requests: the real `gh` with a stand-in of the forge, a stand-in of `glab`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.forge import HOST, NAME, OWNER, Forge
from support.handing import Desk

needs_gh = pytest.mark.skipif(not shutil.which("gh"), reason="gh is not installed")


def call_it(desk: Desk, address: str) -> None:
    """Have `origin` at an address of a forge; git goes to the bare repository all the same."""
    desk.git("config", "remote.origin.url", address)
    desk.git("config", f"url.{desk.remote.cwd}.insteadOf", address)


@pytest.fixture
def forge(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Forge]:
    call_it(desk, f"git@{HOST}:{OWNER}/{NAME}.git")
    found = Forge()
    for name, value in found.environment(f"{tmp_path}/gh").items():
        monkeypatch.setenv(name, value)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield found
    found.close()


@needs_gh
def test_a_pull_request_is_opened_and_then_updated(desk: Desk, forge: Forge) -> None:
    title = '$(touch x) "quoted" --web'
    done = desk.handoff(title=title)
    assert done.request is not None, done.why
    assert (done.request.status, done.request.number) == ("created", 1)
    assert done.request.url == f"https://{HOST}/{OWNER}/{NAME}/pull/1"
    (one,) = forge.requests
    assert (one["title"], one["body"], one["base"], one["head"]) == (title, done.intent.body, "main", desk.branch())
    assert desk.events("handed-off")[-1].data["url"] == one["url"]

    again = desk.handoff(title="-x", message="Other\n\nwords")
    assert again.request is not None, again.why
    assert (again.request.status, again.request.url) == ("updated", one["url"])
    assert len(forge.requests) == 1
    assert (one["title"], one["body"]) == ("-x", again.intent.body)
    assert "words" in one["body"]


@needs_gh
def test_an_older_client_that_asks_for_what_the_forge_no_longer_has(desk: Desk, forge: Forge) -> None:
    forge.add(head=desk.branch(), base="develop", title="old", body="old")
    forge.has_classic_projects = False
    done = desk.handoff(title="-new @x")
    assert done.request is not None, done.why
    assert done.request.status == "updated"
    (one,) = forge.requests
    assert (one["title"], one["body"], one["base"]) == ("-new @x", done.intent.body, "main")


@needs_gh
def test_the_pull_request_of_somebody_elses_fork_is_not_ours(desk: Desk, forge: Forge) -> None:
    forge.add(head=desk.branch(), base="main", title="theirs", body="theirs", owner="grace")
    forge.add(head="another", base="main", title="other", body="other")
    forge.add(head=desk.branch(), base="main", title="closed", body="closed", state="CLOSED")
    done = desk.handoff()
    assert done.request is not None, done.why
    assert done.request.status == "created"
    assert [one["title"] for one in forge.requests[:3]] == ["theirs", "other", "closed"]


@needs_gh
def test_a_forge_that_is_down_leaves_the_text_and_the_address(desk: Desk, forge: Forge) -> None:
    forge.is_down = True
    done = desk.handoff()
    assert done.request is None
    assert done.why.startswith("gh failed: ")
    assert done.compare == f"https://{HOST}/{OWNER}/{NAME}/compare/main...feat-dev-1?expand=1"
    assert done.body is not None
    assert Path(done.body).read_text() == done.intent.body
    assert desk.there() == desk.tip()
    # Another time it works.
    forge.is_down = False
    again = desk.handoff()
    assert again.request is not None
    assert (again.pushed, again.request.status) == (False, "created")


@needs_gh
def test_nothing_is_asked_of_the_forge_by_a_commit_or_a_dry_run(desk: Desk, forge: Forge) -> None:
    desk.plan(dry_run=True)
    desk.handoff(action="commit", base=None)
    assert forge.asked == []
    assert desk.there() is None


def stand_in(directory: Path, name: str, script: str) -> Path:
    """A program that notes its arguments in a file of its own; `script` is Python, its words in `words`."""
    directory.mkdir(exist_ok=True)
    path, log = directory / name, directory / f"{name}.log"
    head = f"#!/usr/bin/env python3\nimport json, sys\nwords = sys.argv[1:]\nopen({f'{log}'!r}, 'a')"
    path.write_text(f"{head}.write(json.dumps(words) + '\\n')\n{script}\n")
    path.chmod(0o755)
    log.touch()
    return log


GLAB = """
if "--method" not in words:
    print(json.dumps([{"iid": 7, "web_url": "x"}] if %r else []))
else:
    print(json.dumps({"iid": 7, "web_url": "https://gitlab.example.com/g/shop/-/merge_requests/7"}))
"""


@pytest.mark.parametrize("there", [False, True])
def test_a_merge_request_is_opened_or_updated(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    call_it(desk, "https://ada:secret@gitlab.example.com/g/sub/shop.git")
    log = stand_in(tmp_path / "bin", "glab", GLAB % there)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    done = desk.handoff(title="-t; rm")
    assert done.request is not None, done.why
    assert (done.request.status, done.request.number) == ("updated" if there else "created", 7)
    listed, changed = map(json.loads, log.read_text().splitlines())
    api = ["api", "--hostname", "gitlab.example.com"]
    assert listed == [*api, "projects/g%2Fsub%2Fshop/merge_requests?state=opened&source_branch=feat-dev-1"]
    texts = ["--raw-field", "title=-t; rm", "--raw-field", "target_branch=main", "--field", f"description=@{done.body}"]
    if there:
        assert changed == [*api, "--method", "PUT", "projects/g%2Fsub%2Fshop/merge_requests/7", *texts]
    else:
        words = [
            "--method",
            "POST",
            "projects/g%2Fsub%2Fshop/merge_requests",
            "--raw-field",
            "source_branch=feat-dev-1",
        ]
        assert changed == [*api, *words, *texts]


@pytest.mark.parametrize("said", ["print('no JSON')", "print('{}')", "print('[{}]')", "sys.exit('who are you?')"])
def test_a_client_that_answers_something_else(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    call_it(desk, "https://gitlab.example.com/g/shop.git")
    stand_in(tmp_path / "bin", "glab", said)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    done = desk.handoff()
    assert done.request is None
    assert done.why.startswith("glab ")
    assert str(done.compare).startswith("https://gitlab.example.com/g/shop/-/merge_requests/new?")
    assert desk.there() == desk.tip()


def test_a_pull_request_from_a_fork(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base is named with the remote that it is of; the branch goes to the fork."""
    call_it(desk, "git@github.com:grace/shop.git")
    upstream = tmp_path / "upstream.git"
    desk.git("clone", "-q", "--bare", f"{desk.remote.cwd}", f"{upstream}")
    desk.git("remote", "add", "upstream", "https://github.com/ada/shop")
    desk.git("config", f"url.{upstream}.insteadOf", "https://github.com/ada/shop")
    log = stand_in(tmp_path / "bin", "gh", "print('[]' if 'list' in words else 'https://github.com/ada/shop/pull/3')")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    done = desk.handoff(base="upstream/main", remote="origin")
    assert done.request is not None
    assert (done.request.url, done.request.number) == ("https://github.com/ada/shop/pull/3", 3)
    assert desk.there() == desk.tip()
    assert desk.git.run("rev-parse", desk.branch(), cwd=upstream).status != 0
    created: list[Any] = json.loads(log.read_text().splitlines()[-1])
    assert created[:6] == ["pr", "create", "--repo", "github.com/ada/shop", "--head", "grace:feat-dev-1"]


@pytest.mark.parametrize(
    ("address", "start"),
    [
        ("git@codeberg.org:ada/shop.git", "https://codeberg.org/ada/shop/compare/main...feat-dev-1"),
        ("git@bitbucket.org:ada/shop.git", "https://bitbucket.org/ada/shop/pull-requests/new?source=feat-dev-1"),
        ("https://git.example.com/ada/shop.git", "https://git.example.com/ada/shop"),
    ],
)
def test_a_forge_without_a_client_leaves_the_text_and_the_address(desk: Desk, address: str, start: str) -> None:
    call_it(desk, address)
    done = desk.handoff()
    assert (done.request, done.pushed) == (None, True)
    assert str(done.compare).startswith(start)
    desk.repository.path.joinpath(".git/okstra/config.toml").write_text('[pr]\nforge = "gitea"\n')
    assert "/compare/main...feat-dev-1" in str(desk.handoff().compare)
