"""Ports that somebody listens on are not free."""

from __future__ import annotations

import socket

from git_okstra.state import ports


def test_a_port_is_free_until_somebody_listens_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        taken = one.getsockname()[1]
        assert not ports.are_free([taken])
        assert not ports.are_free([taken, taken])
    assert ports.are_free([taken])
    assert ports.are_free([])
