"""Remote addresses come apart as git takes them apart: git itself is asked (`git fetch-pack --diag-url`)."""

from __future__ import annotations

import subprocess

import pytest

from git_okstra.core import addresses
from git_okstra.core.addresses import Address
from git_okstra.core.errors import OkstraError
from support.repositories import ScratchRepository

ASKED = [
    "ssh://example.org/x.git",
    "ssh://ada@example.org:2222/x.git",
    "ssh://example.org:/x.git",
    "ssh://example.org:port/x.git",
    "ssh://example.org/~ada/x.git",
    "ssh://[::1]:22/x.git",
    "ssh://ada@[::1]/x.git",
    "ssh://example.org/a%20b%2fc%zz.git",
    "git+ssh://example.org/x",
    "ssh+git://example.org/x",
    "git://example.org/x.git",
    "git://example.org:9419/~ada/x",
    "git://[::1]:9419/x",
    "file:///a/b",
    "file:///a%20b",
    "file://host/a/b",
    "/a/b",
    "a/b:c",
    "./a:b",
    "../x",
    "x",
    "example.org:x.git",
    "ada@example.org:a/b c.git",
    "example.org:/x",
    "example.org:~ada/x",
    "example.org:/~ada/x",
    "[::1]:x.git",
    "[example.org:22]:x.git",
    "ada@[::1]:x",
    "[ada@::1]:x",
    "[ada@example.org:22]:x",
    "host:결제/x",
]


def test_git_agrees(repository: ScratchRepository) -> None:
    for address in ASKED:
        lines = repository.git("fetch-pack", "--diag-url", address).splitlines()
        said = dict(line.removeprefix("Diag: ").split("=", 1) for line in lines)
        found = addresses.parse(address)
        assert (found.kind, found.path) == (said["protocol"], said["path"]), address
        if found.kind == "ssh":
            assert (found.host, found.port or "NONE") == (said["userandhost"], said["port"]), address
        elif found.kind == "git":
            host = f"[{found.host}]" if ":" in found.host else found.host
            assert said["hostandport"] == (f"{host}:{found.port}" if found.port else host)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org/x", Address("helper", "https", "", "https://example.org/x")),
        ("http://u:p@example.org/x", Address("helper", "http", "", "http://u:p@example.org/x")),
        ("ext::git %s x", Address("helper", "ext", "", "git %s x")),
        ("keybase://private/x", Address("helper", "keybase", "", "keybase://private/x")),
        ("okstra::okstra::x", Address("helper", "okstra", "", "okstra::x")),
    ],
)
def test_what_is_for_a_helper(address: str, expected: Address) -> None:
    assert addresses.parse(address) == expected


@pytest.mark.parametrize(
    "address",
    ["", "ssh://example.org", "ssh://-oProxyCommand=x/y", "host:-x", "-x", "-host:x", "git://a", "host:", "file://"],
)
def test_what_git_would_not_connect_to(address: str) -> None:
    with pytest.raises(OkstraError) as caught:
        addresses.parse(address)
    assert caught.value.code == "git-failed"
    done = subprocess.run(["git", "ls-remote", "--", address], capture_output=True, check=False, timeout=20)
    assert done.returncode == 128


def test_the_longest_prefix_rewrites() -> None:
    rules = [("A:", "https://"), ("B:", "https://example.org/"), ("C:", "https://"), ("D:", "")]
    assert addresses.rewritten("https://example.org/x", rules) == "B:x"
    assert addresses.rewritten("https://other/x", rules) == "A:other/x"
    assert addresses.rewritten("x", rules) == "D:x"
    assert addresses.rewritten("x", rules[:3]) == "x"
