"""Remotes' addresses: which forge, and where a pull request is opened by hand."""

from __future__ import annotations

import pytest

from git_okstra.core import forges
from git_okstra.core.forges import Forge


@pytest.mark.parametrize(
    ("address", "kind", "page"),
    [
        ("https://github.com/ada/shop.git", "github", "https://github.com/ada/shop"),
        ("https://github.com/ada/shop/", "github", "https://github.com/ada/shop"),
        ("https://ada:secret@github.com/ada/shop", "github", "https://github.com/ada/shop"),
        ("https://GitHub.com:443/ada/shop.git", "github", "https://github.com/ada/shop"),
        ("http://gitlab.local:8080/group/sub/shop.git", "gitlab", "http://gitlab.local:8080/group/sub/shop"),
        ("git@github.com:ada/shop.git", "github", "https://github.com/ada/shop"),
        ("github.com:ada/shop", "github", "https://github.com/ada/shop"),
        ("git@git.example.com:/ada/shop.git", "", "https://git.example.com/ada/shop"),
        ("ssh://git@ssh.github.com:443/ada/shop.git", "github", "https://github.com/ada/shop"),
        ("ssh://git@gitlab.example.com:2222/group/shop.git", "gitlab", "https://gitlab.example.com/group/shop"),
        ("git+ssh://git@codeberg.org/ada/shop", "gitea", "https://codeberg.org/ada/shop"),
        ("git@forgejo.example.org:ada/shop.git", "gitea", "https://forgejo.example.org/ada/shop"),
        ("git@salsa.debian.org:team/shop.git", "gitlab", "https://salsa.debian.org/team/shop"),
        ("git@bitbucket.org:ada/shop.git", "bitbucket", "https://bitbucket.org/ada/shop"),
        ("git@[2001:db8::1]:ada/shop.git", "", "https://[2001:db8::1]/ada/shop"),
        ("git://notgithub.example/ada/shop", "", "https://notgithub.example/ada/shop"),
    ],
)
def test_what_an_address_tells(address: str, kind: str, page: str) -> None:
    found = forges.parse(address)
    assert found is not None
    assert (found.kind, found.address) == (kind, page)


@pytest.mark.parametrize(
    "address",
    [
        *("/srv/git/shop.git", "../shop", "file:///srv/git/shop.git", "C:/git/shop", "", "ext::ssh x"),
        *("https://github.com/", "https://github.com/shop", "git@github.com:shop", "https://github.com/a\nb/c"),
        "https:///ada/shop",
    ],
)
def test_what_has_no_forge(address: str) -> None:
    assert forges.parse(address) is None


def test_the_kind_may_be_said_and_known() -> None:
    address = "git@code.example.com:ada/shop.git"
    assert forges.parse(address, "gitea") == Forge("gitea", "code.example.com", "ada/shop")
    assert forges.parse(address, known={"code.example.com": "github"}) == Forge(
        "github", "code.example.com", "ada/shop"
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("git@github.com:ada/shop", "https://github.com/ada/shop/compare/main...feat-dev-1?expand=1"),
        ("https://codeberg.org/ada/shop", "https://codeberg.org/ada/shop/compare/main...feat-dev-1"),
        (
            "git@gitlab.com:group/sub/shop.git",
            "https://gitlab.com/group/sub/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=feat-dev-1"
            "&merge_request%5Btarget_branch%5D=main",
        ),
        (
            "git@bitbucket.org:ada/shop.git",
            "https://bitbucket.org/ada/shop/pull-requests/new?source=feat-dev-1&dest=main",
        ),
        (
            "https://bitbucket.example.com/scm/team/shop.git",
            "https://bitbucket.example.com/projects/team/repos/shop/pull-requests?create"
            "&sourceBranch=refs%2Fheads%2Ffeat-dev-1&targetBranch=refs%2Fheads%2Fmain",
        ),
        ("git@git.example.com:ada/shop", "https://git.example.com/ada/shop"),
    ],
)
def test_where_a_pull_request_is_opened_by_hand(address: str, expected: str) -> None:
    found = forges.parse(address)
    assert found is not None
    assert forges.compare(found, "main", "feat-dev-1") == expected


def test_a_branch_cannot_leave_its_place_in_the_address() -> None:
    found = forges.parse("git@github.com:ada/shop")
    assert found is not None
    address = forges.compare(found, "a?b#c&d", "결제/x y%")
    assert address == ("https://github.com/ada/shop/compare/a%3Fb%23c%26d...%EA%B2%B0%EC%A0%9C/x%20y%25?expand=1")


def test_a_fork_is_named_with_its_owner() -> None:
    into, fork = forges.parse("git@github.com:ada/shop"), forges.parse("git@github.com:grace/shop")
    assert into is not None
    assert forges.compare(into, "main", "x", fork).endswith("/ada/shop/compare/main...grace:x?expand=1")
    assert forges.compare(into, "main", "x", into).endswith("/ada/shop/compare/main...x?expand=1")


def test_nobody_is_shown_a_password() -> None:
    assert forges.without_login("https://ada:secret@github.com/ada/shop") == "https://github.com/ada/shop"
    assert forges.without_login("git@github.com:ada/shop") == "git@github.com:ada/shop"
    assert forges.without_login("/srv/a@b/c") == "/srv/a@b/c"
