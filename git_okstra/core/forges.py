"""What a remote's address tells of the forge behind it: which kind it is, and where a pull request is opened by hand.

Addresses are those of git-fetch(1), "GIT URLS": https, http, ssh, git, and the scp-like form. What may stand in one to
log in with never comes out of here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from git_okstra.core.records import dataclass

GITHUB, GITLAB, GITEA, BITBUCKET = "github", "gitlab", "gitea", "bitbucket"

_HOSTS = {
    "codeberg.org": GITEA,
    "gitea.com": GITEA,
    "salsa.debian.org": GITLAB,
    "framagit.org": GITLAB,
    "invent.kde.org": GITLAB,
}
_WORDS = {"github": GITHUB, "gitlab": GITLAB, "gitea": GITEA, "forgejo": GITEA, "bitbucket": BITBUCKET}
# Where ssh is spoken on port 443, under a name of its own.
_SSH_HOSTS = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}


@dataclass(frozen=True, slots=True)
class Forge:
    """A repository on a forge. `kind` is one of the four words above, empty when it cannot be told.

    `host` has the port of the web address where it is not the usual one; `path` is `OWNER/NAME`, perhaps with groups.
    """

    kind: str
    host: str
    path: str
    scheme: str = "https"

    @property
    def owner(self) -> str:
        """Whose repository it is."""
        return self.path.rpartition("/")[0]

    @property
    def address(self) -> str:
        """The web page of the repository."""
        return f"{self.scheme}://{self.host}/{_quoted(self.path)}"


def parse(address: str, kind: str = "auto", known: Mapping[str, str] | None = None) -> Forge | None:
    """The forge at a remote's address; None for a directory or another address without a host.

    `kind` is what the user says it is (the setting pr.forge), `known` the kinds of hosts that something else knows.
    """
    taken = _taken_apart(address.strip())
    if taken is None:
        return None
    scheme, host, path = taken
    path = path.strip("/").removesuffix(".git").strip("/")
    if not host or "/" not in path or any(character.isspace() or not character.isprintable() for character in address):
        return None
    return Forge(kind if kind != "auto" else _kind(host, known or {}), host, path, scheme)


def compare(into: Forge, base: str, head: str, source: Forge | None = None) -> str:
    """Where a pull request of branch `head` into branch `base` is opened by hand.

    `source` is the repository that has `head`, when it is another one. On a forge of an unknown kind it is the page of
    the repository.
    """
    elsewhere = source is not None and source.path != into.path
    owned = f"{source.owner}:{head}" if source is not None and elsewhere else head
    if into.kind == GITHUB:
        return f"{into.address}/compare/{_quoted(base)}...{_quoted(owned, ':')}?expand=1"
    if into.kind == GITEA:
        return f"{into.address}/compare/{_quoted(base)}...{_quoted(owned, ':')}"
    if into.kind == GITLAB:
        page = (source or into).address
        return (
            f"{page}/-/merge_requests/new?merge_request%5Bsource_branch%5D={_quoted(head, '')}"
            f"&merge_request%5Btarget_branch%5D={_quoted(base, '')}"
        )
    if into.kind == BITBUCKET and into.host == "bitbucket.org":
        page = (source or into).address
        return f"{page}/pull-requests/new?source={_quoted(head, '')}&dest={_quoted(base, '')}"
    if into.kind == BITBUCKET:
        project, _, name = (source or into).path.removeprefix("scm/").rpartition("/")
        place = f"users/{_quoted(project[1:])}" if project.startswith("~") else f"projects/{_quoted(project)}"
        return (
            f"{into.scheme}://{into.host}/{place}/repos/{_quoted(name)}/pull-requests?create"
            f"&sourceBranch={_quoted(f'refs/heads/{head}', '')}&targetBranch={_quoted(f'refs/heads/{base}', '')}"
        )
    return into.address


def without_login(address: str) -> str:
    """The address as it may be shown: without user name and password."""
    return re.sub(r"^([a-z][a-z0-9+.-]*://)[^/@]*@", r"\1", address, flags=re.IGNORECASE)


def _taken_apart(address: str) -> tuple[str, str, str] | None:
    """Scheme, host and path of the web page that belongs to an address."""
    url = re.fullmatch(r"(https?|ssh|git|git\+ssh|ssh\+git)://(?:[^/@]*@)?(\[[^]/]+\]|[^/:]+)(?::(\d*))?/(.+)", address)
    if url:
        scheme, host, port, path = url.groups()
        if scheme not in ("http", "https"):
            return "https", _web(host), path
        usual = {"http": "80", "https": "443"}[scheme]
        return scheme, f"{host.lower()}:{port}" if port and port != usual else host.lower(), path
    scp = None if "://" in address else re.fullmatch(r"(?:[^/@:]*@)?(\[[^]/]+\]|[^/:@]{2,}):/?(?!/)(.+)", address)
    return ("https", _web(scp[1]), scp[2]) if scp else None


def _web(host: str) -> str:
    return _SSH_HOSTS.get(host.lower(), host.lower())


def _kind(host: str, known: Mapping[str, str]) -> str:
    name = host.partition(":")[0] if not host.startswith("[") else host
    for each in (host, name):
        if each in known:
            return known[each]
    if name in _HOSTS:
        return _HOSTS[name]
    return next((kind for word, kind in _WORDS.items() if word in re.split(r"[.-]", name)), "")


def _quoted(text: str, safe: str = "/") -> str:
    import urllib.parse

    return urllib.parse.quote(text, safe=safe if safe != ":" else "/:", errors="surrogateescape")
