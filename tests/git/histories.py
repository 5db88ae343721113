"""Histories of any shape as real repositories, and the truth about them worked out without git's or our own walks.

A `Shape` lists commits in the order they were made: each with the numbers of its parents and its committer date.
`build` turns it into a bare repository with `git fast-import`; `Truth` knows all ancestors of every commit. Nothing
here reads the developer's configuration.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Shape = Sequence[tuple[tuple[int, ...], int]]

SEALED = {
    "HOME": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
    "GIT_AUTHOR_DATE": "1500000000 +0000",
    "GIT_COMMITTER_DATE": "1500000000 +0000",
    "LC_ALL": "C",
    "PATH": os.environ["PATH"],
}


def run(path: str, *args: str, stdin: bytes | None = None, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """git in `path`, sealed from the developer's settings."""
    return subprocess.run(["git", *args], cwd=path, input=stdin, capture_output=True, check=check, env=SEALED)


def out(path: str, *args: str, stdin: bytes | None = None) -> str:
    return run(path, *args, stdin=stdin).stdout.decode()


class Repository(NamedTuple):
    """A bare repository at `path` whose commit number n has the id `ids[n]`."""

    path: str
    ids: list[str]

    def says_ancestor(self, ancestor: str, descendant: str) -> bool:
        """What `git merge-base --is-ancestor` answers."""
        status = run(self.path, "merge-base", "--is-ancestor", ancestor, descendant, check=False).returncode
        assert status in (0, 1)
        return status == 0

    def says_counts(self, head: str, base: str) -> tuple[int, int]:
        """What `git rev-list --left-right --count` answers."""
        ahead, behind = out(self.path, "rev-list", "--left-right", "--count", f"{head}...{base}").split()
        return int(ahead), int(behind)


class Truth:
    """All ancestors of every commit, as a set of bits, from parents given as numbers or read from git."""

    def __init__(self, parents: dict[str, Sequence[str]]) -> None:
        """`parents` in any order; a parent that is not among the keys is ignored."""
        self._numbers = {oid: number for number, oid in enumerate(parents)}
        self._reach: dict[str, int] = {}
        stack = list(parents)
        while stack:
            oid = stack[-1]
            below = [parent for parent in parents[oid] if parent in parents]
            unknown = [parent for parent in below if parent not in self._reach]
            if unknown:
                stack += unknown
                continue
            stack.pop()
            bits = 1 << self._numbers[oid]
            for parent in below:
                bits |= self._reach[parent]
            self._reach[oid] = bits

    @classmethod
    def listed(cls, path: str, *tips: str) -> Truth:
        """From one `git rev-list --parents` over everything: with replacements, grafts and boundaries applied."""
        lines = out(path, "rev-list", "--parents", *(tips or ("--all",))).splitlines()
        return cls({words[0]: words[1:] for words in map(str.split, lines)})

    @classmethod
    def of(cls, shape: Shape, ids: Sequence[str]) -> Truth:
        return cls({ids[number]: [ids[one] for one in parents] for number, (parents, _) in enumerate(shape)})

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return bool(self._reach[descendant] >> self._numbers[ancestor] & 1)

    def counts(self, head: str, base: str) -> tuple[int, int]:
        one, two = self._reach[head], self._reach[base]
        return (one & ~two).bit_count(), (two & ~one).bit_count()


def init(path: str, *, object_format: str = "sha1") -> None:
    os.makedirs(path, exist_ok=True)
    run(path, "init", "--quiet", "--bare", "--initial-branch=main", f"--object-format={object_format}", ".")


def build(path: str, shape: Shape, *, object_format: str = "sha1", packed: bool = True) -> Repository:
    """A bare repository with the commits of `shape`, all in one pack or all loose.

    A branch `tip-N` for each commit without children, and `main` at the last commit.
    """
    init(path, object_format=object_format)
    ids = add(path, shape, packed=packed)
    return Repository(path, ids)


def add(path: str, shape: Shape, *, packed: bool = True, below: Sequence[str] = ()) -> list[str]:
    """Import `shape` into the repository at `path`; parents numbered from -1 downwards are those in `below`.

    Returns the ids in order.
    """
    stream: list[bytes] = []
    inner = {parent for parents, _ in shape for parent in parents}
    for number, (parents, date) in enumerate(shape):
        text = b"commit %d of %d\n" % (number, len(below))
        names = [f":{parent + 1}" if parent >= 0 else below[-parent - 1] for parent in parents]
        if not names:
            stream.append(b"reset refs/heads/main\n\n")
        stream.append(
            b"commit refs/heads/main\nmark :%d\ncommitter C <c@example.com> %d +0000\ndata %d\n%s"
            % (number + 1, date, len(text), text)
        )
        stream += [b"%s %s\n" % (b"merge" if place else b"from", name.encode()) for place, name in enumerate(names)]
    for number in range(len(shape)):
        if number not in inner:
            stream.append(b"reset refs/heads/tip-%d-%d\nfrom :%d\n\n" % (len(below), number, number + 1))
    stream.append(b"reset refs/heads/main\nfrom :%d\n\n" % len(shape))
    limit = "0" if packed else str(10 * len(shape) + 10)
    marks = os.path.join(path, "marks")
    run(
        path, "-c", f"fastimport.unpackLimit={limit}", "fast-import", "--quiet", "--force", f"--export-marks={marks}",
        stdin=b"".join(stream),
    )  # fmt: skip
    with open(marks, encoding="ascii") as file:
        found = dict(line.split() for line in file)
    return [found[f":{number + 1}"] for number in range(len(shape))]


def write_graph(path: str, *options: str, generations: int = 2) -> None:
    """`git commit-graph write`, of all refs, with generation numbers of version 1 or 2."""
    run(path, "-c", f"commitGraph.generationVersion={generations}", "commit-graph", "write", "--reachable", *options)


def skewed(number: int, clock: random.Random) -> int:
    """A date near where `number` commits should be, and now and then far off in either direction."""
    way = clock.random()
    if way < 0.1:
        return 1_000_000_000 + clock.randrange(100) * 1_000_000
    return 1_500_000_000 + number * 60 + clock.randrange(-600, 600)


def shape_of(count: int, seed: int, *, skew: bool = True) -> list[tuple[tuple[int, ...], int]]:
    """A history of `count` commits with branches, merges, criss-cross merges, octopus merges and several roots."""
    dice = random.Random(seed)
    tips: list[int] = []
    shape: list[tuple[tuple[int, ...], int]] = []
    for number in range(count):
        way = dice.random()
        parents: tuple[int, ...]
        if not tips or way < 0.02:
            parents = ()
        elif way < 0.15:
            parents = (dice.randrange(number),)
        elif way < 0.3 and len(tips) > 1:
            parents = tuple(dice.sample(tips, 2))
        elif way < 0.34 and len(tips) > 2:
            parents = tuple(dice.sample(tips, min(len(tips), dice.randrange(3, 6))))
        elif way < 0.4 and number > 10:
            # A criss-cross: the parents of a recent merge merged once more, the other way round.
            merges = [other for other in shape[-10:] if len(other[0]) == 2]
            parents = merges[-1][0][::-1] if merges else (number - 1,)
        else:
            parents = (dice.choice(tips),)
        date = skewed(number, dice) if skew else 1_500_000_000 + number * 60
        shape.append((parents, date))
        tips = [tip for tip in tips if tip not in parents or dice.random() < 0.1] + [number]
    return shape


def pairs_of(ids: Sequence[str], count: int, seed: int) -> list[tuple[str, str]]:
    """Pairs of commits, some of them equal."""
    dice = random.Random(seed)
    return [(dice.choice(ids), dice.choice(ids)) for _ in range(count)]


def by_second(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The first members of `pairs`, gathered by the second."""
    gathered: dict[str, list[str]] = {}
    for first, second in pairs:
        gathered.setdefault(second, []).append(first)
    return gathered
