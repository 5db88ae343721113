"""Whether ports are free at this moment, found out by binding them."""

from __future__ import annotations

import socket
from collections.abc import Iterable


def are_free(ports: Iterable[int]) -> bool:
    """Whether nobody listens on any of the ports of this machine's loopback address."""
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
