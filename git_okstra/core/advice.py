"""What to type next, from the states of a task and its stages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from git_okstra.core import readiness


def following(
    states: Mapping[int, str],
    *,
    ready: Sequence[int],
    merging: bool,
    task_state: str,
    start: str,
    has_plan: bool,
    approved: bool,
    trouble: bool,
    own: Collection[int],
    accepted: bool,
    behind: Collection[int] = (),
    syncing: Sequence[str] = (),
) -> tuple[str, ...]:
    """The commands that lead on, most urgent first; never empty. `ready` are the stages to open now, `own` those that
    the caller holds, `start` is the command that starts the task again; `merging` says that a merge is not over,
    `accepted` that a verdict holds; `behind` are the stages that can be brought up to date, and
    `syncing` what is typed for those where that is not over.
    """
    if task_state in ("removed", "released"):
        back = ("git okstra restore",) if task_state == "removed" else ()
        return (*back, start)
    if not has_plan:
        return ("git okstra plan edit", "git okstra plan import FILE")
    if merging:
        return ("git okstra merge --continue", "git okstra merge --abort")
    lines = ["git okstra doctor"] if trouble else []
    if not approved:
        return (*lines, "git okstra plan check", "git okstra plan approve")
    by_state = {state: [n for n, now in states.items() if now == state] for state in set(states.values())}
    stale = by_state.get(readiness.STALE, [])
    lines += [f"git okstra sync {name} --{way}" for name in syncing for way in ("continue", "abort")]
    own = [number for number in own if str(number) not in syncing]
    lines += [f"git okstra sync {number}" for number in behind if number in own]
    lines += [f"git okstra done {number}" for number in stale if number in own and number not in behind]
    if len(ready) == 1:
        lines.append(f"git okstra stage {ready[0]}")
    elif ready:
        lines.append("git okstra stage auto")
    lines += [f"git okstra done {number}" for number in by_state.get(readiness.OPEN, []) if number in own]
    if by_state.get(readiness.DONE):
        lines.append("git okstra merge")
    if not lines and states and set(states.values()) == {readiness.MERGED}:
        lines.append("the task is accepted" if accepted else "git okstra verify")
    return tuple(lines or ["git okstra list"])
