"""A stand-in for the part of GitHub's interface that `gh pr` and `gh api` use, on a loopback address.

`gh` speaks plain http with the host `github.localhost`, and every such request goes to the proxy that the environment
names: that is this server. What it is asked is kept; a request it does not know fails the call.
"""

from __future__ import annotations

import http.server
import json
import re
import threading
from typing import Any

HOST = "github.localhost"
OWNER, NAME = "ada", "shop"


class Forge:
    """The repository ada/shop with its pull requests; `asked` are (method, path, body), in their order."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.has_classic_projects = True
        self.is_down = False
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def environment(self, directory: str) -> dict[str, str]:
        """What `gh` needs to find us, its own files being in `directory`."""
        proxy = f"http://127.0.0.1:{self._server.server_port}"
        return {"http_proxy": proxy, "HTTP_PROXY": proxy, "GH_TOKEN": "t0ken", "GH_CONFIG_DIR": directory}

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, **given: Any) -> dict[str, Any]:
        """A pull request that is open."""
        number = len(self.requests) + 1
        made = {
            "id": f"PR_{number}",
            "number": number,
            "url": f"https://{HOST}/{OWNER}/{NAME}/pull/{number}",
            "state": "OPEN",
            "owner": OWNER,
            **given,
        }
        self.requests.append(made)
        return made

    def answer(self, method: str, path: str, asked: Any) -> Any:
        """The answer to one request; None when nobody knows it."""
        rest = re.fullmatch(rf"/repos/{OWNER}/{NAME}/pulls/(\d+)", path)
        if method == "PATCH" and rest:
            self.requests[int(rest[1]) - 1] |= asked
            return {"number": int(rest[1])}
        if method != "POST" or path != "/graphql":
            return None
        query, given = asked["query"], asked.get("variables", {})
        operation = re.search(r"(?:query|mutation)\s+(\w+)", query)
        return self._graphql(operation[1] if operation else "", query, given)

    def _graphql(self, operation: str, query: str, given: dict[str, Any]) -> Any:
        page = {"hasNextPage": False, "endCursor": ""}
        if operation in ("PullRequestList", "PullRequestForBranch"):
            branch = given.get("headBranch") or given.get("headRefName")
            found = [self._node(one) for one in self.requests if one["state"] == "OPEN" and one["head"] == branch]
            listed = {"totalCount": len(found), "nodes": found, "pageInfo": page}
            return _data(repository={"pullRequests": listed, "defaultBranchRef": {"name": "main"}})
        if operation == "RepositoryInfo":
            return _data(repository={**_repository(), "parent": None})
        if operation == "PullRequestCreate":
            asked = given["input"]
            texts = {"title": asked["title"], "body": asked["body"], "base": asked["baseRefName"]}
            made = self.add(head=asked["headRefName"], **texts)
            return _data(createPullRequest={"pullRequest": {"id": made["id"], "url": made["url"]}})
        if operation == "PullRequestByNumber":
            if not self.has_classic_projects and "projectCards" in query:
                gone = "Projects (classic) is being deprecated in favor of the new Projects experience"
                return {"data": {"repository": None}, "errors": [{"message": gone}]}
            return _data(repository={"pullRequest": self._node(self.requests[given["pr_number"] - 1])})
        if operation == "PullRequestProjectItems":
            return _data(repository={"pullRequest": {"projectItems": {"nodes": [], "pageInfo": page}}})
        if operation == "PullRequestUpdate":
            asked = given["input"]
            one = next(one for one in self.requests if one["id"] == asked["pullRequestId"])
            one |= {"title": asked["title"], "body": asked["body"], "base": asked.get("baseRefName", one["base"])}
            return _data(updatePullRequest={"__typename": ""})
        return None

    def _node(self, one: dict[str, Any]) -> dict[str, Any]:
        none = {"nodes": [], "totalCount": 0}
        return {
            **{name: one.get(name) for name in ("id", "number", "url", "state", "title", "body")},
            "baseRefName": one["base"],
            "headRefName": one["head"],
            "isCrossRepository": one["owner"] != OWNER,
            "headRepositoryOwner": {"id": "U", "login": one["owner"]},
            **dict.fromkeys(("reviewRequests", "assignees", "labels", "projectCards"), none),
            "milestone": None,
        }


def _repository() -> dict[str, Any]:
    return {
        "id": "R_1",
        "name": NAME,
        "owner": {"login": OWNER},
        "hasIssuesEnabled": True,
        "description": "",
        "hasWikiEnabled": False,
        "viewerPermission": "WRITE",
        "defaultBranchRef": {"name": "main"},
        "mergeCommitAllowed": True,
        "rebaseMergeAllowed": True,
        "squashMergeAllowed": True,
    }


def _data(**found: Any) -> dict[str, Any]:
    return {"data": found}


def _handler(forge: Forge) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            asked = json.loads(self.rfile.read(length) or b"null")
            host, _, path = self.path.removeprefix("http://").partition("/")
            forge.asked.append((self.command, f"/{path}", asked))
            known = host == f"api.{HOST}" and self.headers.get("authorization") == "token t0ken"
            found = forge.answer(self.command, f"/{path}", asked) if known and not forge.is_down else None
            body = json.dumps(found or {"message": "the forge is down"}).encode()
            self.send_response(200 if found is not None else 502)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", f"{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 (the names that http.server asks for)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
