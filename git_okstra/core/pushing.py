"""What may be pushed: protected branches, governed branches, and what the phase allows (specification, section 6).

The rules, by the names under which they are printed:

- `push-protected`  a protected branch is created or updated directly, however it is spelt;
- `push-deletion`   a protected or governed branch is deleted at the remote;
- `push-forced`     a push of a protected or governed branch is not a fast-forward, or nobody here can tell;
- `push-phase`      a governed branch is pushed while its task's phase does not allow that.

A push concerns a governed branch when the remote's ref has its name, when what is pushed is that branch (or an
expression that begins with it, `feat-x~1`), or when no branch is named and the commit is its tip: `HEAD:backup` and
`<id>:backup` do not evade. Another branch that merely stands at the same commit is somebody's own. Refs outside of
`refs/heads/` are never refused, but for a review's (`refs/for/main` of Gerrit), which is a push like any other.

Loaded by hooks under `python -I -S`, hence without anything from the standard library.
"""

from __future__ import annotations

from git_okstra.core.refusals import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROTECTED = "push-protected"
DELETION = "push-deletion"
FORCED = "push-forced"
PHASE = "push-phase"

RULES = {
    PROTECTED: "a protected branch is created or updated directly",
    DELETION: "a protected or governed branch is deleted at the remote",
    FORCED: "a push of a protected or governed branch that is not a fast-forward, or nobody here can tell",
    PHASE: "a governed branch is pushed while its task's phase does not allow it",
}
"""Every rule, in the order in which the refusals of one update come."""

REVIEWS = ("refs/for/", "refs/for-review/", "refs/drafts/", "refs/publish/")
"""Refs of a remote that take a branch for review instead of storing it (Gerrit; `for` also of AGit servers)."""

_HEADS = "refs/heads/"
_HANDOFF = "release-handoff"
_IMPLEMENTATION = "implementation"


class Branch:
    """A governed branch. `task` is the id as typed, `number` the stage (0: the task branch), `lifecycle` `light` or
    `full`, `phase` the task's. `tip` is its commit; empty when it is unknown or when the branch has no commit of its
    own yet, for then its commit is the base's and tells nothing."""

    __slots__ = ("lifecycle", "number", "phase", "task", "tip")

    def __init__(self, task: str, number: int, lifecycle: str, phase: str, tip: str) -> None:
        self.task = task
        self.number = number
        self.lifecycle = lifecycle
        self.phase = phase
        self.tip = tip


class Ground:
    """What the judgement stands on: `protected` are names or patterns of branches, `governed` maps the short name of
    each governed branch to what is known of it."""

    __slots__ = ("governed", "protected")

    def __init__(self, protected: tuple[str, ...], governed: Mapping[str, Branch]) -> None:
        self.protected = protected
        self.governed = governed


class Update:
    """One ref to be updated at the remote. `local_ref` is the full ref that is pushed (`HEAD` where it is not known
    which, empty or `(delete)` for a deletion, empty also when only the id is known), `local_id` its commit (zeros: a
    deletion), `remote_ref` the full ref there, `remote_id` its commit there (zeros: it is new). `fast_forward` is None
    when the remote's commit is not known here."""

    __slots__ = ("fast_forward", "local_id", "local_ref", "remote_id", "remote_ref")

    def __init__(
        self, local_ref: str, local_id: str, remote_ref: str, remote_id: str, fast_forward: bool | None
    ) -> None:
        self.local_ref = local_ref
        self.local_id = local_id
        self.remote_ref = remote_ref
        self.remote_id = remote_id
        self.fast_forward = fast_forward


def judge(ground: Ground, updates: Sequence[Update]) -> list[Refusal]:
    """Every refusal, at most one for each update and rule, in the order of the updates and of `RULES`."""
    return [refusal for update in updates for refusal in _judged(ground, update)]


def concerns(ground: Ground, update: Update) -> bool:
    """Whether a rule may speak of the update at all: it means a protected or a governed branch."""
    remote = _short(update.remote_ref)
    return bool(remote and is_protected(ground.protected, remote)) or bool(governed_by(ground, update))


def is_protected(patterns: Sequence[str], branch: str) -> bool:
    """Whether one of `patterns` covers the branch (short name).

    A pattern without a wildcard is the branch of that name; others are read as `core.patterns` does, from the
    beginning of the name, so that `release-*` is not `me/release-1`. `release/` covers everything beneath.
    """
    return any(_covers(pattern, branch) for pattern in patterns)


def allowed(branch: Branch) -> bool:
    """Whether the phase allows a plain push of the branch (the last column of the table of phases)."""
    if branch.phase == _HANDOFF:
        return branch.number == 0
    return branch.phase == _IMPLEMENTATION and branch.lifecycle == "light"


def resolved(local_ref: str, head: str) -> str:
    """`local_ref` with the branch that HEAD is on (full ref, empty when detached) in the place of `HEAD` or `@`, also
    where more follows: `HEAD~1` is that branch's commit too."""
    for word in ("HEAD", "@"):
        rest = local_ref[len(word) :]
        if head and local_ref.startswith(word) and rest[:1] in ("", "~", "^", "@"):
            return head + rest
    return local_ref


def governed_by(ground: Ground, update: Update) -> list[str]:
    """The governed branches (short names) that the update concerns, the remote's name first; see above."""
    found = []
    remote, local = _short(update.remote_ref), _source(update.local_ref)
    if not remote and not update.remote_ref.startswith(REVIEWS):
        return []
    if remote in ground.governed:
        found.append(remote)
    if _zeros(update.local_id):
        return found
    if local in ground.governed:
        found.append(local)
    elif not update.local_ref.startswith(_HEADS):
        found += [name for name, branch in ground.governed.items() if branch.tip == update.local_id]
    return list(dict.fromkeys(found))


def _judged(ground: Ground, update: Update) -> list[Refusal]:
    if update.local_id == update.remote_id:
        return []
    remote = _short(update.remote_ref)
    protected = bool(remote) and is_protected(ground.protected, remote)
    governed = governed_by(ground, update)
    if not protected and not governed:
        return []
    if _zeros(update.local_id):
        return [_deletion(ground, remote, protected)]
    found = [_protected(remote)] if protected else []
    if not _zeros(update.remote_id) and not update.fast_forward:
        found.append(_forced(update, remote or update.remote_ref, governed))
    held = [name for name in governed if not allowed(ground.governed[name])]
    if held:
        found.append(_phase(ground.governed[held[0]], held[0], remote or update.remote_ref))
    return found


def _protected(remote: str) -> Refusal:
    return Refusal(
        PROTECTED,
        f"'{remote}' is a protected branch: nobody pushes to it directly",
        "push a branch of its own and open a pull request: git push -u origin HEAD:refs/heads/<branch>\n"
        "if it is not meant to be protected: git okstra config set policy.protected …",
    )


def _deletion(ground: Ground, remote: str, protected: bool) -> Refusal:
    if protected:
        return Refusal(
            DELETION,
            f"'{remote}' is a protected branch: nobody deletes it by a push",
            "if it is not meant to be protected: git okstra config set policy.protected …",
        )
    branch = ground.governed[remote]
    return Refusal(
        DELETION,
        f"'{remote}' belongs to {_owner(branch)}: a push must not delete it at the remote",
        f"give the branch back first, then delete it there: git okstra remove {_words(branch)}",
    )


def _forced(update: Update, remote: str, governed: list[str]) -> Refusal:
    whose = f" of the governed branch '{governed[0]}'" if governed and governed[0] != remote else ""
    if update.fast_forward is None:
        why = f"the remote's commit {update.remote_id[:12]} is not known here, so commits there could be lost"
    else:
        why = f"commits that are in {update.remote_id[:12]} there would be lost"
    return Refusal(
        FORCED,
        f"the push{whose} to '{remote}' is not a fast-forward: {why}",
        f"take in what is there, then push without force: git fetch <remote> {_quoted(remote)}, "
        "then git merge FETCH_HEAD",
    )


def _phase(branch: Branch, name: str, remote: str) -> Refusal:
    to = "" if remote == name else f" to '{remote}'"
    if branch.phase == _HANDOFF:
        what = f"{_owner(branch)} is in phase {_HANDOFF}, where only the task branch is pushed"
        way = f"merge it into the task branch and push that: git okstra merge {branch.number}"
    elif branch.phase == _IMPLEMENTATION:
        what = f"the lifecycle of {_owner(branch)} is {branch.lifecycle}, which allows no push before {_HANDOFF}"
        way = "when the work is complete: git okstra verify, then git okstra handoff"
    else:
        what = f"{_owner(branch)} is in phase {branch.phase}, which allows no push"
        way = "when the work is complete: git okstra verify, then git okstra handoff"
    return Refusal(PHASE, f"'{name}' must not be pushed{to}: {what}", f"see what is allowed: git okstra phase\n{way}")


def _owner(branch: Branch) -> str:
    return f"stage {branch.number} of task {branch.task}" if branch.number else f"task {branch.task}"


def _words(branch: Branch) -> str:
    task = _quoted(branch.task)
    return f"{branch.number} --task {task}" if branch.number else task


def _quoted(word: str) -> str:
    plain = all(character.isalnum() or character in "-_./" for character in word)
    return word if plain else "'" + word.replace("'", "'\\''") + "'"


def _short(ref: str) -> str:
    return ref[len(_HEADS) :] if ref.startswith(_HEADS) else ""


def _source(ref: str) -> str:
    """The branch that an expression such as `refs/heads/feat-x`, `feat-x` or `feat-x~2` begins with."""
    for mark in ("~", "^", "@{", ":"):
        ref = ref.partition(mark)[0]
    for prefix in (_HEADS, "heads/"):
        if ref.startswith(prefix):
            return ref[len(prefix) :]
    return ref


def _zeros(commit: str) -> bool:
    return not commit.strip("0")


def _covers(pattern: str, branch: str) -> bool:
    if pattern == branch:
        return True
    if not any(mark in pattern for mark in "*?[") and not pattern.endswith("/"):
        return False
    if "/" not in pattern and "/" in branch and pattern != "**":
        return False
    from git_okstra.core import patterns

    return patterns.matches(pattern, branch)
