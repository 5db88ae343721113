"""What one task with a plan is to people, in memory: who has which stage, what it is built on, what was merged.

It knows the specification and nothing of git okstra; commits are names, a branch is the set of those it contains. Each
verb says whether it goes through (and then changes the model), or is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

FREE, OPEN, DONE, ABANDONED = "free", "open", "done", "abandoned"

Commits = frozenset[str]


@dataclass(frozen=True)
class Stage:
    """`owner` is None when nobody has it; `tip` are the commits of its branch, `head` those that were recorded, each
    None when there is no such branch or record; `base` where it began. `dirty` are its uncommitted files."""

    state: str = FREE
    owner: str | None = None
    base: Commits = frozenset()
    tip: Commits | None = None
    head: Commits | None = None
    worktree: bool = False
    dirty: frozenset[str] = frozenset()

    @property
    def stale(self) -> bool:
        """Whether commits were added since it was done."""
        return self.state == DONE and self.tip is not None and self.tip != self.head


@dataclass
class Model:
    """The task: its plan, its stages, what its branch contains, and what was removed (the newest last)."""

    depends_on: Mapping[int, Sequence[int]]
    stages: dict[int, Stage] = field(default_factory=dict)
    task: Commits = frozenset()
    trash: list[tuple[int, Stage]] = field(default_factory=list)

    def __getitem__(self, number: int) -> Stage:
        return self.stages.get(number, Stage())

    def is_merged(self, number: int) -> bool:
        """Whether its recorded head is in the task branch."""
        stage = self[number]
        return stage.state == DONE and stage.head is not None and stage.head <= self.task

    def shown(self, number: int) -> str:
        """The state that `status` gives it."""
        stage = self[number]
        if stage.state == DONE:
            return "stale" if stage.stale else "merged" if self.is_merged(number) else "done"
        if stage.state == OPEN:
            return "open"
        if stage.state == ABANDONED:
            return "abandoned"
        return "ready" if self.dependencies_done(number) else "waiting"

    def dependencies_done(self, number: int) -> bool:
        """Whether all it depends on is done."""
        return all(self[other].state == DONE for other in self.depends_on[number])

    def base_of(self, number: int) -> Commits | None:
        """What it would begin with now; None when it cannot be opened."""
        others = self.depends_on[number]
        if not self.dependencies_done(number):
            return None
        if len(others) == 1:
            return self[others[0]].head
        if others:
            return self.task if all(self.is_merged(other) for other in others) else None
        return frozenset()

    # Each verb: True when it goes through.

    def stage(self, number: int, who: str) -> bool:
        """Open it, or be given it again."""
        stage = self[number]
        if stage.state == DONE:
            return False
        if stage.owner is not None:
            return stage.owner == who
        if stage.state == OPEN:
            self.stages[number] = replace(stage, owner=who, worktree=True, tip=stage.tip or stage.head or stage.base)
            return True
        base = self.base_of(number)
        if base is None:
            return False
        self.stages[number] = Stage(OPEN, who, base, base, worktree=True)
        return True

    def commit(self, number: int, name: str) -> None:
        """Everything that is uncommitted goes into one commit of that name."""
        stage = self[number]
        assert stage.tip is not None
        self.stages[number] = replace(stage, tip=stage.tip | {name}, dirty=frozenset())

    def write(self, number: int, name: str) -> None:
        """Leave a file in its worktree."""
        self.stages[number] = replace(self[number], dirty=self[number].dirty | {name})

    def done(self, number: int, who: str) -> bool:
        """Close it."""
        stage = self[number]
        if stage.owner == who and stage.state == DONE and not stage.stale:
            return True
        if stage.owner != who or stage.state not in (OPEN, DONE) or stage.dirty or stage.tip == stage.base:
            return False
        self.stages[number] = replace(stage, state=DONE, head=stage.tip)
        return True

    def reopen(self, number: int, who: str) -> bool:
        """Take it back to open; one that is open stays so."""
        stage = self[number]
        if stage.owner not in (None, who) or stage.state not in (OPEN, DONE):
            return False
        self.stages[number] = replace(stage, state=OPEN)
        return True

    def to_merge(self) -> list[int]:
        """What `merge` brings in: what is done and not in yet, unless something that it stands on was taken back."""
        return [
            number
            for number in self.depends_on
            if self[number].state == DONE and not self.is_merged(number) and self._stands(number)
        ]

    def _stands(self, number: int) -> bool:
        return all(self[other].state == DONE and self._stands(other) for other in self.depends_on[number])

    def can_merge(self) -> bool:
        """Whether `merge` goes through."""
        return not any(self[number].stale for number in self.to_merge())

    def merge(self, commits: Sequence[str]) -> None:
        """Merge; `commits` are the merge commits that were made."""
        for number in self.to_merge():
            self.task |= self[number].head or frozenset()
        self.task |= set(commits)

    def built_on(self, number: int) -> list[int]:
        """The stages that are open or done and began from this one's."""
        return [
            other for other, others in self.depends_on.items() if number in others and self[other].state in (OPEN, DONE)
        ]

    def _is_anothers(self, stage: Stage, who: str) -> bool:
        """Whether somebody else is at work there; what is done may be taken away by anybody."""
        return stage.state == OPEN and stage.owner not in (None, who)

    def abandon(self, number: int, who: str, *, force: bool) -> bool:
        """Give it up."""
        stage = self[number]
        if stage.state not in (OPEN, DONE) or self._is_anothers(stage, who) or self.is_merged(number):
            return False
        if self.built_on(number) or (stage.dirty and not force):
            return False
        self.trash.append((number, replace(stage, owner=None)))
        self.stages[number] = Stage(ABANDONED)
        return True

    def remove(self, number: int, who: str, *, dirty: bool, unmerged: bool) -> bool:
        """Have it go to the trash."""
        stage = self[number]
        if stage.owner is None or self._is_anothers(stage, who) or (stage.dirty and not dirty):
            return False
        elsewhere = self.task.union(*(other.tip or () for key, other in self.stages.items() if key != number))
        based = [] if self.is_merged(number) else self.built_on(number)
        if (based or not (stage.tip or frozenset()) <= elsewhere) and not unmerged:
            return False
        self.trash.append((number, stage))
        kept = self.is_merged(number)
        self.stages[number] = (
            replace(stage, owner=None, tip=None, worktree=False, dirty=frozenset()) if kept else Stage()
        )
        return True

    def restore(self, number: int, who: str) -> bool:
        """Bring the newest back."""
        found = next((at for at in reversed(range(len(self.trash))) if self.trash[at][0] == number), None)
        if found is None or self[number].owner is not None or self[number].tip is not None:
            return False
        _, was = self.trash.pop(found)
        self.stages[number] = replace(was, owner=who)
        return True

    def release(self, number: int, who: str) -> bool:
        """Give it back, and leave everything where it is."""
        stage = self[number]
        if stage.owner != who:
            return False
        self.stages[number] = replace(stage, owner=None)
        return True
