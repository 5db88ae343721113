"""How much a repository holds, and whether git keeps a commit-graph of it: from the files, without a process.

A pack's index ends its fan-out table with the number of its objects (gitformat-pack(5)).
"""

from __future__ import annotations

import os

_FAN_OUT_END = 8 + 255 * 4
_VERSION_2 = b"\377tOc\0\0\0\2"


def objects(common_dir: str) -> int:
    """The number of objects in the repository's own packs."""
    place = f"{common_dir}/objects/pack"
    try:
        names = [name for name in os.listdir(place) if name.endswith(".idx")]
    except OSError:
        return 0
    return sum(_in_pack(f"{place}/{name}") for name in names)


def lacks_commit_graph(common_dir: str) -> bool:
    """Whether there is no commit-graph, though git would use one: where history is shallow or grafted it does not."""
    info = f"{common_dir}/objects/info"
    there = [f"{info}/commit-graph", f"{info}/commit-graphs/commit-graph-chain"]
    useless = [f"{common_dir}/shallow", f"{common_dir}/info/grafts", f"{info}/alternates"]
    return not any(os.path.exists(path) for path in [*there, *useless])


def _in_pack(index: str) -> int:
    try:
        with open(index, "rb") as file:
            head = file.read(_FAN_OUT_END + 4)
    except OSError:
        return 0
    return int.from_bytes(head[_FAN_OUT_END:], "big") if head.startswith(_VERSION_2) else 0
