"""What the hooks know of a repository: the policies in the small files, made anew when their sources have changed."""

from __future__ import annotations

import os

from git_okstra.core import policy
from git_okstra.core.errors import OkstraError
from git_okstra.state.policies import Policies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_okstra.core import pushing
    from git_okstra.operations.context import Context


def task(common_dir: str, place: str) -> policy.Task:
    """The policy of the task at `<group>,<task>`.

    Raises `damaged-file`, `newer-format`, `bad-config`, `no-such-task`.
    """
    return Policies(common_dir).task(place) or _made_anew(common_dir, place)


def load(common_dir: str) -> pushing.Ground:
    """What pushes are judged by: the protected branches, and every governed one with its tip."""
    from git_okstra.core import pushing
    from git_okstra.git import refs

    kept = Policies(common_dir)
    if not kept.whole:
        from git_okstra.operations import policing

        policing.refresh_all(context(common_dir))
    holders = kept.holders()
    tasks = {place: task(common_dir, place) for place in {place for place, _ in holders.values()}}
    tips = refs.listed(common_dir, *(f"refs/heads/{branch}" for branch in holders)) if holders else {}
    governed = {}
    for branch, (place, number) in holders.items():
        one = tasks[place]
        tip = tips.get(f"refs/heads/{branch}", "")
        own = tip if number == 0 or (number in one.stages and tip != one.stages[number].base) else ""
        governed[branch] = pushing.Branch(one.id, number, one.lifecycle, one.phase, own if own != one.base else "")
    return pushing.Ground(kept.protected(), governed)


def context(common_dir: str, home: str = "") -> Context:
    """An invocation in the repository, for what is too rare to be read from the small files; `home` is `$OKSTRA_HOME`,
    empty for that of the environment."""
    from git_okstra.operations.context import Context

    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return Context(common_dir, environ | ({"OKSTRA_HOME": home} if home else {}))


def _made_anew(common_dir: str, place: str) -> policy.Task:
    from git_okstra.core.names import TaskKey
    from git_okstra.operations import policing, projects

    ctx = context(common_dir, Policies(common_dir).home(place))
    group, _, name = place.partition(",")
    made = policing.refresh(ctx, TaskKey(projects.require_project(ctx), group, name))
    if made is None:
        raise OkstraError("no-such-task", f"the task {group}/{name} is not held here any more", "git okstra doctor")
    return made
