"""Who descends from whom: exact answers, in process where that is possible.

Three sources, in this order: git's commit-graph file (commits newer than it are read as objects), a bounded number of
commit objects, and git itself. git is asked at once where stored objects do not tell the whole history (replacement
refs, grafts, shallow or partial clones, reftable: `objects.obstacle`), and where the bound is not enough.

Promises: every answer equals that of a full walk over all parents, whatever the clocks of the committers said; commit
dates choose what is read first and decide nothing. `git rev-list --left-right --count`, which trusts dates where there
is no commit-graph, may differ under clock skew: then it is git that miscounts. What an `Ancestry` saw when it first
looked is what it answers from; keep it for one command, not longer.
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from types import TracebackType

from git_okstra.core.errors import OkstraError
from git_okstra.git import commit_graph, known_history, objects, process

_READ_WITHOUT_GRAPH = 256
"""Commit objects read beyond the commits asked about before git is asked instead: about what starting git costs."""

_READ_BESIDE_GRAPH = 1024
"""The same for commits newer than the commit-graph; more, because everything below them is quick."""

_LISTED = 8192
"""Commits taken from git at a time where its whole history may be long: 40 milliseconds, and nearly always enough."""

_FEW = 8
"""Up to so many questions, `git merge-base` one by one, which can stop early; more are worth listing all history."""


class Ancestry:
    """Answers about the history of one repository. Opened at the first question; a context manager, or `close` it."""

    def __init__(self, common_dir: str) -> None:
        """`common_dir` is the repository's common directory, as `git rev-parse --git-common-dir` names it."""
        self._common_dir = common_dir
        self._opened = False
        self._obstacle = ""
        self._size = 20
        self._objects = objects.Objects([], 20)
        self._graph: commit_graph.CommitGraph | None = None
        self.answered_by = ""
        """What the last answer needed in the end: `graph`, `objects` or `git`."""
        self.walks = 0
        """How many walks over the commit-graph were made."""
        self.git_calls = 0
        """How many git processes were started."""

    def __enter__(self) -> Ancestry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back files and maps; may be called again, and a later question opens anew."""
        self._objects.close()
        self._drop_graph()
        self._opened = False

    @property
    def objects_read(self) -> int:
        """How many objects were read from the object store since it was opened."""
        return self._objects.reads

    @property
    def rows_read(self) -> int:
        """How many commits were looked at in the commit-graph since it was opened."""
        return self._graph.rows_read if self._graph else 0

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether `ancestor` is `descendant` or reachable from it by parents, as `git merge-base --is-ancestor` says.

        Both are full ids in hexadecimal. Raises OkstraError `bad-revision` when one does not name a commit that is
        here, `git-failed` when git is needed and fails.
        """
        return self.are_ancestors([ancestor], descendant)[ancestor]

    def are_ancestors(self, candidates: Sequence[str], head: str) -> dict[str, bool]:
        """`is_ancestor(candidate, head)` for each candidate, in one walk. Raises as `is_ancestor` does."""
        self._open()
        ids = {candidate: self._id(candidate) for candidate in candidates}
        top = self._id(head)
        sought = list(dict.fromkeys(ids.values()))
        if not sought:
            return {}
        self._refuse_other_objects([top, *sought])
        answers: dict[bytes, bool] = {}
        if not self._obstacle:
            answers = self._ancestors_in_process(sought, top)
        rest = [oid for oid in sought if oid not in answers]
        if rest:
            answers |= self._ancestors_by_git(rest, top)
        return {candidate: answers[oid] for candidate, oid in ids.items()}

    def ahead_behind(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
        """For each `(head, base)`: how many commits only the head reaches, and how many only the base.

        In process, or with one git process for all pairs. Raises as `is_ancestor` does.
        """
        self._open()
        ids = {pair: (self._id(pair[0]), self._id(pair[1])) for pair in pairs}
        sought = list(dict.fromkeys(ids.values()))
        if not sought:
            return {}
        self._refuse_other_objects(known_history.tips_of(sought))
        answers: dict[tuple[bytes, bytes], tuple[int, int]] = {}
        if not self._obstacle:
            answers = self._counts_in_process(sought)
        rest = [pair for pair in sought if pair not in answers]
        if rest:
            answers |= self._counts_by_git(rest)
        return {pair: answers[oids] for pair, oids in ids.items()}

    # What is opened, and what may be asked about.

    def _open(self) -> None:
        if self._opened:
            return
        self._opened = True
        self._size = objects.hash_size(self._common_dir)
        self._obstacle = objects.obstacle(self._common_dir)
        places = objects.directories(self._common_dir)
        self._objects = objects.Objects(places, self._size)
        if not self._obstacle:
            self._graph = commit_graph.load(places, self._size)

    def _drop_graph(self) -> None:
        if self._graph is not None:
            self._graph.close()
        self._graph = None

    def _id(self, text: str) -> bytes:
        try:
            oid = bytes.fromhex(text)
        except ValueError:
            oid = b""
        if len(oid) != self._size or len(text) != 2 * self._size:
            raise OkstraError("bad-revision", f"'{text}' is not a full commit id", f"git rev-parse {text}^{{commit}}")
        return oid

    def _refuse_other_objects(self, oids: Iterable[bytes]) -> None:
        """Raise `bad-revision` for a tree, blob or tag. What is not here is left to git, which may fetch it."""
        for oid in oids:
            if self._graph is None or self._graph.find(oid) is None:
                self._objects.commit(oid)

    # In process.

    def _ancestors_in_process(self, sought: Collection[bytes], head: bytes) -> dict[bytes, bool]:
        """As much of the answer as the commit-graph or a bounded number of objects gives."""
        if self._graph is not None:
            try:
                return self._ancestors_in_graph(self._graph, sought, head)
            except commit_graph.DAMAGE:
                self._drop_graph()
        answers: dict[bytes, bool] = {}
        for known in self._newest_first([head, *sought]):
            answers = known_history.judge_ancestors(known, sought, head)
            if len(answers) == len(sought):
                self.answered_by = "objects"
                break
        return answers

    def _ancestors_in_graph(
        self, graph: commit_graph.CommitGraph, sought: Iterable[bytes], head: bytes
    ) -> dict[bytes, bool]:
        outside = self._outside(graph, [head])
        if outside is None:
            return {}
        newer, entries = outside
        self.walks += 1
        self.answered_by = "graph"
        positions = {oid: graph.find(oid) for oid in sought}
        found = graph.reach(entries.values(), {at for at in positions.values() if at is not None})
        # What the graph does not hold cannot lie below it, and must be a commit that is here.
        return {
            oid: at in found if at is not None else oid in newer
            for oid, at in positions.items()
            if at is not None or self._objects.commit(oid) is not None
        }

    def _counts_in_process(self, sought: Sequence[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], tuple[int, int]]:
        """As many of the counts as the commit-graph or a bounded number of objects gives."""
        if self._graph is not None:
            try:
                return self._counts_in_graph(self._graph, sought)
            except commit_graph.DAMAGE:
                self._drop_graph()
        answers: dict[tuple[bytes, bytes], tuple[int, int]] = {}
        for known in self._newest_first(known_history.tips_of(sought)):
            answers = known_history.judge_counts(known, sought)
            if len(answers) == len(sought):
                self.answered_by = "objects"
                break
        return answers

    def _counts_in_graph(
        self, graph: commit_graph.CommitGraph, sought: Sequence[tuple[bytes, bytes]]
    ) -> dict[tuple[bytes, bytes], tuple[int, int]]:
        marks = known_history.marks_of(sought)
        outside = self._outside(graph, marks)
        if outside is None:
            return {}
        newer, entries = outside
        bits = known_history.spread(newer, known_history.children_first(newer), marks)
        entered = {at: bits[oid] for oid, at in entries.items()}
        wanted = known_history.bits_of(sought, marks)
        self.walks += 1
        matters = functools.cache(lambda mask: any(bool(mask & one) != bool(mask & two) for one, two in wanted))
        counts = graph.spread(entered, matters)
        if counts is None:
            return {}
        self.answered_by = "graph"
        for oid in newer:
            counts[bits[oid]] = counts.get(bits[oid], 0) + 1
        return {
            pair: known_history.difference(counts, one, two) for pair, (one, two) in zip(sought, wanted, strict=True)
        }

    def _outside(
        self, graph: commit_graph.CommitGraph, tips: Iterable[bytes]
    ) -> tuple[known_history.History, dict[bytes, int]] | None:
        """All commits from `tips` down to the graph, and the positions at which it is entered.

        None when they are too many, or one cannot be read.
        """
        newer: known_history.History = {}
        entries: dict[bytes, int] = {}
        stack = list(tips)
        while stack:
            oid = stack.pop()
            if oid in newer or oid in entries:
                continue
            position = graph.find(oid)
            if position is not None:
                entries[oid] = position
                continue
            commit = self._objects.commit(oid) if len(newer) < _READ_BESIDE_GRAPH else None
            if commit is None:
                return None
            newer[oid] = commit.parents
            stack += commit.parents
        return newer, entries

    def _newest_first(self, tips: Collection[bytes]) -> Iterator[known_history.History]:
        """What is known of the history below `tips`, again and again while more of it is read, up to the bound.

        Ends early when a commit cannot be read.
        """
        known: known_history.History = {}
        queue: list[tuple[int, bytes]] = []
        look, bound = 16, _READ_WITHOUT_GRAPH + len(tips)
        wanted: Iterable[bytes] = tips
        while True:
            for oid in wanted:
                if oid not in known:
                    commit = self._objects.commit(oid)
                    if commit is None:
                        return
                    known[oid] = commit.parents
                    heapq.heappush(queue, (-commit.date, oid))
            if not queue or len(known) >= bound:
                yield known
                return
            if len(known) >= look:
                yield known
                look = 2 * len(known)
            wanted = known[heapq.heappop(queue)[1]]

    # By git.

    def _ancestors_by_git(self, sought: Sequence[bytes], head: bytes) -> dict[bytes, bool]:
        """The whole answer, from one process if the newest commits settle it or there is one question only."""
        answers: dict[bytes, bool] = {}
        tips = [head, *sought]
        if len(sought) > 1:
            answers = known_history.judge_ancestors(self._listed(tips), sought, head)
        rest = [oid for oid in sought if oid not in answers]
        if len(rest) <= _FEW:
            for oid in rest:
                question = ["merge-base", "--is-ancestor", oid.hex(), head.hex()]
                answers[oid] = self._git(question, None, tips, no=1).status == 0
        else:
            history = self._git(["rev-list", head.hex()], None, tips).out
            # Ids of one length on lines of their own: a match is a whole line.
            answers |= {oid: oid.hex().encode() in history for oid in rest}
        return answers

    def _counts_by_git(self, sought: Sequence[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], tuple[int, int]]:
        """All counts by one process, which lists the history, newest first, until they are settled."""
        answers: dict[tuple[bytes, bytes], tuple[int, int]] = {}
        known: known_history.History = {}
        look, rest = _LISTED, b""

        def read(chunk: bytes) -> bool:
            nonlocal answers, look, rest
            *lines, rest = (rest + chunk).split(b"\n")
            known.update(map(_commit_of, lines))
            if len(known) < look:
                return False
            look = 4 * len(known)
            answers = known_history.judge_counts(known, sought)
            return len(answers) == len(sought)

        tips = known_history.tips_of(sought)
        self._git(["rev-list", "--parents", "--stdin"], _lines(tips), tips, reader=read)
        return answers if len(answers) == len(sought) else known_history.judge_counts(known, sought)

    def _listed(self, tips: Collection[bytes]) -> known_history.History:
        """The newest commits below `tips` as git lists them, with replacements, grafts and boundaries applied."""
        listing = self._git(["rev-list", "--parents", f"--max-count={_LISTED}", "--stdin"], _lines(tips), tips)
        return dict(map(_commit_of, listing.out.splitlines()))

    def _git(
        self,
        args: Sequence[str],
        stdin: bytes | None,
        tips: Iterable[bytes],
        no: int = 0,
        reader: Callable[[bytes], bool] | None = None,
    ) -> process.Result:
        """Run git without a time limit; `no` is an exit status that answers too, `tips` are the ids asked about."""
        self.git_calls += 1
        self.answered_by = "git"
        result = process.git(args, git_dir=self._common_dir, input=stdin, check=False, timeout=None, reader=reader)
        # Older gits take a commit that they cannot read for one without parents, say so, and answer "no".
        if result.status == 0 or (result.status == no and "error:" not in result.complaint):
            return result
        for oid in tips:
            if oid.hex() in result.complaint:
                raise OkstraError(
                    "bad-revision", f"'{oid.hex()}' is no commit of this repository", "see what is damaged: git fsck"
                )
        raise process.failure(args, result)


def _commit_of(line: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """The commit and its parents in a line of `git rev-list --parents`."""
    oid, *parents = map(bytes.fromhex, line.decode("ascii").split())
    return oid, tuple(parents)


def _lines(oids: Iterable[bytes]) -> bytes:
    return "".join(f"{oid.hex()}\n" for oid in oids).encode()
