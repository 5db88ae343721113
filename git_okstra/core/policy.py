"""What may be committed to a governed branch, and where such a branch may be moved (specification, sections 6 and 8).

Pure rules over plain data: a task as the hooks know it, the commits that an update would add, and what the update does
to the branch. Each rule has a name, which its refusal carries; `RULES` is the table of the manual.

Loaded by the hooks, hence without anything from the standard library.
"""

from __future__ import annotations

from git_okstra.core import patterns
from git_okstra.core.refusals import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RULES: dict[str, str] = {
    "commit-phase": "the phase allows no commit on the branch",
    "commit-docs": "before implementation only paths in policy.docs may be committed to the task branch",
    "commit-plan": "a commit on a stage branch changes only files that the approved plan lists for the stage",
    "commit-task": "once the plan is approved, only merges of done stages and of the base come to the task branch",
    "ref-rewound": "the branch is moved to something that is not a descendant, and its commits are not its own",
    "ref-deletion": "a governed branch is deleted behind okstra's back",
    "hook-broken": "the hook cannot judge the update: the store or the interpreter is unreadable or gone",
}
"""Rule -> what it refuses, in the manual's order. `core.pushing.RULES` has those about pushes."""

EARLY = ("requirements-discovery", "error-analysis", "implementation-planning")
IMPLEMENTATION = "implementation"

NO_PLAN = "none"
APPROVED = "approved"
CHANGED = "changed"
"""Whether the plan binds: a plan binds from its approval, and one that was changed since lets nothing through."""

SHOWN = 5
"""How many paths a message names."""


class Stage:
    """One stage: its branch, the journal's word for it ("open", "done", "" when neither), its base and recorded head
    (empty when there is none), the patterns of its files, the stages it depends on, directly or not, whether the task
    branch serves as its branch, and the bases it had before it was brought up to date."""

    __slots__ = ("base", "branch", "earlier", "files", "flat", "head", "needs", "number", "state")

    def __init__(
        self,
        number: int,
        branch: str,
        state: str = "",
        base: str = "",
        head: str = "",
        files: Sequence[str] = (),
        needs: Sequence[int] = (),
        *,
        flat: bool = False,
        earlier: Sequence[str] = (),
    ) -> None:
        self.number = number
        self.branch = branch
        self.state = state
        self.base = base
        self.head = head
        self.files = tuple(files)
        self.needs = tuple(needs)
        self.flat = flat
        self.earlier = tuple(earlier)


class Task:
    """A task as the hooks know it. `place` is `<group>/<task>`; `plan` is `NO_PLAN`, `APPROVED` or `CHANGED`; `docs` is
    `policy.docs`; `base` the commit the task branch started from, `base_ref` the ref that was asked for, `anchor` empty
    before the first stage."""

    __slots__ = ("anchor", "base", "base_ref", "branch", "docs", "id", "lifecycle", "phase", "place", "plan", "stages")

    def __init__(
        self,
        id: str,  # noqa: A002 (the word of the specification)
        place: str,
        branch: str,
        *,
        lifecycle: str = "light",
        phase: str = IMPLEMENTATION,
        plan: str = "none",
        docs: Sequence[str] = (),
        base_ref: str = "",
        base: str = "",
        anchor: str = "",
        stages: Mapping[int, Stage] | None = None,
    ) -> None:
        self.id = id
        self.place = place
        self.branch = branch
        self.lifecycle = lifecycle
        self.phase = phase
        self.plan = plan
        self.docs = tuple(docs)
        self.base_ref = base_ref
        self.base = base
        self.anchor = anchor
        self.stages = dict(stages or {})

    def open_flat(self) -> Stage | None:
        """The stage that is open on the task branch itself, if there is one."""
        return next((one for one in self.stages.values() if one.flat and one.state == "open"), None)

    def branch_of(self, number: int) -> str:
        """The branch of a stage, or of the task for 0."""
        return self.branch if number == 0 else self.stages[number].branch

    def known_to(self, number: int) -> list[str]:
        """The commits whose history is not the branch's own: bases, anchor, and what other stages recorded when done;
        of a stage's branch only those that the stage depends on."""
        stages = [self.stages[one] for one in self.stages[number].needs] if number else list(self.stages.values())
        heads = [one.head for one in stages if one.state == "done"]
        earlier = self.stages[number].earlier if number else ()
        return [one for one in dict.fromkeys([self.start_of(number), *earlier, self.anchor, *heads]) if one]

    def start_of(self, number: int) -> str:
        """The commit at which a branch's own history begins, empty when that is not known."""
        flat = self.open_flat()
        if number:
            return self.stages[number].base
        return flat.base if flat else self.base


class Commit:
    """One commit that an update adds: the paths it changes (a merge: by itself), and how many of its parents beyond the
    first are new too (0 for a merge of what is known: the base, a done stage)."""

    __slots__ = ("id", "merge", "new_parents", "paths")

    def __init__(self, id: str, paths: Sequence[str], *, merge: bool = False, new_parents: int = 0) -> None:  # noqa: A002
        self.id = id
        self.paths = tuple(paths)
        self.merge = merge
        self.new_parents = new_parents


def closed(task: Task, number: int) -> Refusal | None:
    """The refusal when the phase allows no commit at all on the branch of `number` (0: the task)."""
    if task.phase == IMPLEMENTATION or (number == 0 and task.phase in EARLY):
        return None
    what = f"the branch '{task.branch_of(number)}' takes no commits in the phase {task.phase}"
    if task.phase in EARLY:
        hint = "when the plan is approved: git okstra phase implementation"
    else:
        hint = "for more work: git okstra phase implementation"
    return Refusal("commit-phase", what, f"see what is allowed: git okstra phase\n{hint}")


def judge(task: Task, number: int, commits: Iterable[Commit]) -> list[Refusal]:
    """Every refusal of the commits that an update adds to the branch of `number`; empty when it may be.

    Commits that the base branch or other done stages have are not among them.
    """
    shut = closed(task, number)
    if shut is not None:
        return [shut]
    if number:
        stage = task.stages[number]
        return _outside(task, stage, commits)
    if task.phase in EARLY:
        return _beyond_docs(task, commits)
    if task.plan == NO_PLAN:
        return []
    flat = task.open_flat()
    return _outside(task, flat, commits) if flat is not None else _not_merges(task, commits)


def judge_paths(task: Task, number: int, paths: Sequence[str]) -> list[Refusal]:
    """Every refusal of a commit that is about to be made on the branch of `number` and changes `paths`."""
    return judge(task, number, [Commit("", paths)])


def judge_rewind(task: Task, number: int, *, new: str, keeps_start: bool) -> Refusal | None:
    """The refusal of a move to a commit that does not descend from where the branch is.

    `keeps_start` says that it still descends from where the branch's own history begins, so that what is dropped is
    the branch's own. An open stage may rewrite that; so may a task without a plan, which is its own only stage.
    """
    branch = task.branch_of(number)
    own = task.open_flat() is not None or task.plan == NO_PLAN
    rewritable = task.stages[number].state == "open" if number else own
    if rewritable and keeps_start and closed(task, number) is None:
        return None
    start = task.start_of(number)[:12]
    if rewritable and not keeps_start:
        why, hint = f"{new[:12]} does not descend from {start}, where it began", f"put it on that: git rebase {start}"
    elif number:
        why = f"stage {number} is not open, and what is recorded of it would be lost"
        hint = f"take the stage back first: git okstra reopen {number}"
    else:
        why, hint = "other stages stand on its commits", "add a commit instead: git revert COMMIT"
    return Refusal("ref-rewound", f"'{branch}' may not be moved to {new[:12]}, which is no descendant: {why}", hint)


def unplanned(task: Task, number: int) -> Refusal:
    """The refusal of anything on the branch of a stage that the plan does not have any more."""
    what = f"the plan of {task.id} has no stage {number} any more"
    return Refusal("commit-plan", what, f"put it back: git okstra plan edit\nor give it up: git okstra remove {number}")


def deletion(task: Task, number: int) -> Refusal:
    """The refusal of deleting a governed branch."""
    which = f"stage {number} of {task.id}" if number else f"task {task.id}"
    verb = f"git okstra remove {number}" if number else "git okstra remove task"
    return Refusal("ref-deletion", f"'{task.branch_of(number)}' is the branch of {which}", f"remove it with: {verb}")


def _outside(task: Task, stage: Stage, commits: Iterable[Commit]) -> list[Refusal]:
    changed = task.plan != APPROVED
    astray = [
        (one, path) for one in commits for path in one.paths if changed or not patterns.any_match(stage.files, path)
    ]
    if not astray:
        return []
    if changed:
        what = f"the plan of {task.id} is not approved as it is, so stage {stage.number} may change nothing"
        return [
            Refusal("commit-plan", what, "look at it: git okstra plan show\nthen a person: git okstra plan approve")
        ]
    listed = ", ".join(stage.files[:SHOWN]) + (", …" if len(stage.files) > SHOWN else "")
    what = f"stage {stage.number} of {task.id} may not change {_shown(astray)}; the plan lists {listed or 'no file'}"
    return [Refusal("commit-plan", what, f"{_take_out(astray)}\nor have the plan list it: git okstra plan edit")]


def _beyond_docs(task: Task, commits: Iterable[Commit]) -> list[Refusal]:
    astray = [(one, path) for one in commits for path in one.paths if not patterns.any_match(task.docs, path)]
    if not astray:
        return []
    allowed = " ".join(task.docs) or "nothing"
    what = f"in the phase {task.phase} only {allowed} may be committed to '{task.branch}', not {_shown(astray)}"
    return [Refusal("commit-docs", what, f"{_take_out(astray)}\nor begin the work: git okstra phase implementation")]


def _not_merges(task: Task, commits: Iterable[Commit]) -> list[Refusal]:
    """On the task branch of a planned task: a merge of what is known, changing by itself only what the plan lists."""
    planned = [pattern for stage in task.stages.values() for pattern in stage.files]
    bad = [
        one
        for one in commits
        if not one.merge or one.new_parents or not all(patterns.any_match(planned, path) for path in one.paths)
    ]
    if not bad:
        return []
    named = f"{bad[0].id[:12]} is" if bad[0].id else "this is"
    what = f"'{task.branch}' takes only merges of done stages, and {named} "
    what += "a merge of something else, or changes more" if bad[0].merge else "a commit of its own"
    return [
        Refusal(
            "commit-task", what, "commit it to a stage: git okstra stage auto\nthen: git okstra done; git okstra merge"
        )
    ]


def _shown(astray: Sequence[tuple[Commit, str]]) -> str:
    paths = list(dict.fromkeys(path for _, path in astray))
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    named = ", ".join(f"'{path}'" for path in paths[:SHOWN]) + more
    ids = list(dict.fromkeys(one.id[:12] for one, _ in astray if one.id))
    return f"{named} (in {', '.join(ids[:3])}{', …' if len(ids) > 3 else ''})" if ids else named


def _take_out(astray: Sequence[tuple[Commit, str]]) -> str:
    from git_okstra.core import names

    return f"leave it out: git restore --staged -- {names.typed(astray[0][1])}"
