"""What came with the program is found, and what is missing of it is named."""

from __future__ import annotations

import os

import pytest

from git_okstra.core.errors import OkstraError
from git_okstra.state import resources


def test_what_came_along_is_there() -> None:
    assert os.path.isdir(resources.path("share/templates"))


def test_what_is_missing_is_named_with_the_way_to_get_it() -> None:
    with pytest.raises(OkstraError, match="share/none' is missing") as caught:
        resources.path("share/none")
    assert (caught.value.code, "install it again" in caught.value.hint) == ("damaged-file", True)
