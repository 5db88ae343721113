"""Remote addresses, taken apart as git takes them apart (git-push(1), "GIT URLS"; its connect.c, `parse_connect_url`).

Loaded by the push guard, which reaches the remote itself instead of git.
"""

from __future__ import annotations

from git_okstra.core.errors import OkstraError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SSH = "ssh"
LOCAL = "file"
DAEMON = "git"
HELPER = "helper"

_SCHEMES = {"ssh": SSH, "git+ssh": SSH, "ssh+git": SSH, "git": DAEMON, "file": LOCAL}


class Address:
    """Where a remote is. `kind` is one of the four above; `host` is as ssh wants it (with the user, without the
    brackets), `port` its number or empty, `path` what the other side opens. For `HELPER`, `host` is the name of the
    remote helper (gitremote-helpers(7)) and `path` the address that it is given."""

    __slots__ = ("host", "kind", "path", "port")

    def __init__(self, kind: str, host: str, port: str, path: str) -> None:
        self.kind = kind
        self.host = host
        self.port = port
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return f"Address{self._fields()}"

    def _fields(self) -> tuple[str, str, str, str]:
        return self.kind, self.host, self.port, self.path


def rewritten(address: str, rules: Sequence[tuple[str, str]]) -> str:
    """`address` after `url.<base>.insteadOf`: `rules` are (base, prefix) in the order of the configuration; the longest
    prefix wins, the first of equals."""
    best: tuple[str, str] | None = None
    for base, prefix in rules:
        if address.startswith(prefix) and (best is None or len(prefix) > len(best[1])):
            best = base, prefix
    return address if best is None else best[0] + address[len(best[1]) :]


def parse(address: str) -> Address:
    """`address` taken apart. Raises OkstraError `git-failed` for one that git would not connect to either."""
    helper = _helper(address)
    if helper is not None:
        return helper
    scheme, separator, rest = address.partition("://")
    if separator and scheme in _SCHEMES:
        kind, rest = _SCHEMES[scheme], _decoded(rest)
        return (
            _local(rest[rest.find("/") :] if "/" in rest else "")
            if kind == LOCAL
            else _remote(kind, rest, "/", address)
        )
    if _is_local(address):
        return _local(address)
    return _remote(SSH, address, ":", address)


def _helper(address: str) -> Address | None:
    end = 0
    while end < len(address) and _in_scheme(address[end], first=end == 0):
        end += 1
    if address.startswith("::", end):
        return Address(HELPER, address[:end], "", address[end + 2 :])
    if address.startswith("://", end) and end and address[:end] not in _SCHEMES:
        return Address(HELPER, address[:end], "", address)
    return None


def _local(path: str) -> Address:
    if not path:
        raise _unusable("no path specified")
    return Address(LOCAL, "", "", _safe("pathname", path))


def _remote(kind: str, rest: str, separator: str, address: str) -> Address:
    end = rest.find(separator, _bracket_end(rest))
    if end < 0:
        raise _unusable(f"no path specified in '{address}'")
    host, path = rest[:end], rest[end + (separator == ":") :]
    if path[1:2] == "~":
        path = path[1:]
    if not path:
        raise _unusable(f"no path specified in '{address}'")
    if kind == DAEMON and "\n" in host + path:
        raise _unusable("a newline in host or path")
    host, port = _port(host)
    if kind == SSH and not port:  # `[example.org:22]:path`, an old spelling
        name, _, number = host.partition(":")
        host, port = (name, number) if _is_port(number) else (host, "")
    return Address(kind, _safe("hostname", host), _safe("port", port), _safe("pathname", path))


def _bracket_end(host: str) -> int:
    """Where to look for what follows the host: after the brackets of an IPv6 address, else at the beginning."""
    start = host.find("@[") + 1
    if host[start : start + 1] != "[":
        return 0
    return max(host.find("]", start), 0)


def _port(host: str) -> tuple[str, str]:
    start = host.find("@[") + 1
    end = _bracket_end(host)
    if end:
        host = host[:start] + host[start + 1 : end] + host[end + 1 :]
        end -= 1
    colon = host.find(":", end)
    if colon < 0:
        return host, ""
    port = host[colon + 1 :]
    return (host[:colon], port) if not port or _is_port(port) else (host, "")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < 65536


def _is_local(address: str) -> bool:
    colon, slash = address.find(":"), address.find("/")
    return colon < 0 or 0 <= slash < colon


def _in_scheme(character: str, *, first: bool) -> bool:
    return character.isascii() and (character.isalnum() or (not first and character in "+-."))


def _decoded(text: str) -> str:
    """`%41` and the like replaced; a `%` that begins none stays."""
    raw = text.encode("utf-8", "surrogateescape")
    out = bytearray()
    at = 0
    while at < len(raw):
        digits = raw[at + 1 : at + 3]
        if raw[at] == 0x25 and len(digits) == 2 and digits.isalnum() and digits != b"00":
            try:
                out.append(int(digits, 16))
            except ValueError:
                out.append(raw[at])
                at += 1
                continue
            at += 3
        else:
            out.append(raw[at])
            at += 1
    return out.decode("utf-8", "surrogateescape")


def _safe(what: str, text: str) -> str:
    if text.startswith("-"):
        raise _unusable(f"strange {what} '{text}' blocked")
    return text


def _unusable(why: str) -> OkstraError:
    return OkstraError("git-failed", f"the remote's address cannot be used: {why}", "see it: git remote -v")
