"""Opening a pull request, or updating the one that is open, with the forge's own client: `gh` or `glab`.

They are given argument lists, and the body by the name of its file; they are told to ask nothing.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from git_okstra.core import forges
from git_okstra.core.forges import Forge
from git_okstra.core.records import dataclass
from git_okstra.git import process
from git_okstra.operations.context import Context

TIMEOUT = 120.0
"""Seconds that one call of a client may take."""

CLIENTS = {forges.GITHUB: "gh", forges.GITLAB: "glab"}

_SILENT = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_PAGER": "cat",
    "GH_REPO": None,
    "GH_FORCE_TTY": None,
    "GLAB_CHECK_UPDATE": "false",
    "NO_PROMPT": "1",
    "NO_COLOR": "1",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pull request of the branch `head` of `source` into the branch `base` of `into`; `body` is a file."""

    into: Forge
    source: Forge
    base: str
    head: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Opened:
    """`status` is `created` or `updated`."""

    status: str
    url: str
    number: int | None


def known_hosts(ctx: Context) -> dict[str, str]:
    """The forges that the clients' own variables name."""
    found = {}
    for variable, kind in (("GH_HOST", forges.GITHUB), ("GITLAB_HOST", forges.GITLAB)):
        host = ctx.environ.get(variable, "").rpartition("://")[2].strip("/").lower()
        if host:
            found[host] = kind
    return found


def open_or_update(cwd: str, wanted: Wanted) -> Opened | str:
    """The pull request, or why there is none, as half a sentence. Asks the network; raises nothing."""
    client = CLIENTS.get(wanted.into.kind)
    if client is None:
        return "git okstra knows no client for this forge"
    if shutil.which(client) is None:
        return f"{client} is not installed"
    try:
        return _github(cwd, wanted) if client == "gh" else _gitlab(cwd, wanted)
    except _Failed as failed:
        return f"{client} failed: {failed}"
    except (KeyError, TypeError, ValueError):
        return f"{client} gave an answer that git okstra does not understand"


class _Failed(Exception):
    """A client ended badly, or gave what nobody understands."""


def _github(cwd: str, wanted: Wanted) -> Opened:
    repo = ["--repo", f"{wanted.into.host}/{wanted.into.path}"]
    texts = ["--title", wanted.title, "--body-file", wanted.body, "--base", wanted.base]
    fields = ["--limit", "100", "--json", "number,url,headRepositoryOwner"]
    listed = _json(cwd, ["gh", "pr", "list", *repo, "--head", wanted.head, "--state", "open", *fields])
    mine = [one for one in _objects(listed) if _owner(one) == wanted.source.owner.lower()]
    if mine:
        number, url = int(mine[0]["number"]), str(mine[0]["url"])
        try:
            _run(cwd, ["gh", "pr", "edit", f"{number}", *repo, *texts])
        except _Failed:
            # Older clients also ask for classic projects, which the forge no longer has, and then change nothing.
            place = ["--hostname", wanted.into.host, "--method", "PATCH", f"repos/{wanted.into.path}/pulls/{number}"]
            fields = ["--raw-field", f"title={wanted.title}", "--raw-field", f"base={wanted.base}"]
            _run(cwd, ["gh", "api", *place, *fields, "--field", f"body=@{wanted.body}"])
        return Opened("updated", url, number)
    elsewhere = wanted.source.path != wanted.into.path
    head = f"{wanted.source.owner}:{wanted.head}" if elsewhere else wanted.head
    said = _run(cwd, ["gh", "pr", "create", *repo, "--head", head, *texts])
    url = next((line for line in reversed(said.split()) if line.startswith(("https://", "http://"))), "")
    number_text = url.rpartition("/")[2]
    return Opened("created", url, int(number_text) if number_text.isdecimal() else None)


def _gitlab(cwd: str, wanted: Wanted) -> Opened:
    import urllib.parse

    api = ["glab", "api", "--hostname", wanted.into.host]
    into, source = (f"projects/{urllib.parse.quote(each.path, safe='')}" for each in (wanted.into, wanted.source))
    texts = ["--raw-field", f"title={wanted.title}", "--raw-field", f"target_branch={wanted.base}"]
    texts += ["--field", f"description=@{wanted.body}"]
    target: list[str] = []
    asked = urllib.parse.urlencode({"state": "opened", "source_branch": wanted.head})
    listed = _objects(_json(cwd, [*api, f"{into}/merge_requests?{asked}"]))
    if source != into:
        target = ["--raw-field", f"target_project_id={_one(_json(cwd, [*api, into]))['id']}"]
        ours = _one(_json(cwd, [*api, source]))["id"]
        listed = [one for one in listed if one.get("source_project_id") == ours]
    if listed:
        number = int(listed[0]["iid"])
        found = _one(_json(cwd, [*api, "--method", "PUT", f"{into}/merge_requests/{number}", *texts]))
        return Opened("updated", str(found["web_url"]), number)
    words = [*api, "--method", "POST", f"{source}/merge_requests", "--raw-field", f"source_branch={wanted.head}"]
    found = _one(_json(cwd, [*words, *texts, *target]))
    return Opened("created", str(found["web_url"]), int(found["iid"]))


def _run(cwd: str, words: list[str]) -> str:
    result = process.run(words, cwd=cwd, env=_SILENT, timeout=TIMEOUT, joined=False)
    if result.status != 0:
        said = result.complaint or result.text.strip()
        raise _Failed(" ".join(said.split())[:400] or f"exit status {result.status}")
    return result.text


def _json(cwd: str, words: list[str]) -> Any:
    said = _run(cwd, words)
    try:
        return json.loads(said)
    except ValueError:
        raise _Failed("it did not answer with JSON") from None


def _objects(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _Failed("it did not answer with a list")
    return found


def _one(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _Failed("it did not answer with an object")
    return found


def _owner(one: dict[str, Any]) -> str:
    owner = one.get("headRepositoryOwner")
    return str(owner.get("login", "")).lower() if isinstance(owner, dict) else ""
