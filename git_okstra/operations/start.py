"""`git okstra start`: a ticket gets its worktree and branch."""

from __future__ import annotations

import os
from collections.abc import Callable

from git_okstra.core import journal, names, tasks
from git_okstra.core.errors import OkstraError
from git_okstra.core.names import TASK, TaskKey
from git_okstra.core.records import dataclass, replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import process, refs, worktrees
from git_okstra.operations import claiming, hooking, policing, projects, provisioning, releasing
from git_okstra.operations.context import Context

MENU = ("main", "master", "dev", "develop", "staging", "preprod", "prod")

CREATED = "created"
REUSED = "reused"
IN_PLACE = "skipped-in-worktree"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. `group`, `branch`, `base` and `title` are None when not given."""

    category: str
    id: str
    base: str | None = None
    group: str | None = None
    title: str | None = None
    lifecycle: str | None = None
    branch: str | None = None
    fetch: bool = False
    adopt: bool = False
    own_worktree: bool = False
    exclusive: bool = False
    hooks: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """`status` is `created`, `reused` or `skipped-in-worktree`; `owner`, `pid`, `since`: who has it open since when."""

    status: str
    task: Task
    path: str
    since: str
    owner: str
    pid: int


def base_menu(ctx: Context) -> list[str]:
    """The branches offered as base: those of the menu that exist, then the current branch."""
    existing = {name.removeprefix("refs/heads/") for name in refs.listed(ctx.common_dir, "refs/heads")}
    menu = [name for name in MENU if name in existing]
    current = refs.head_branch(ctx.repository.worktree) if ctx.repository.worktree else None
    return menu + ([current] if current and current in existing and current not in menu else [])


def needs_base(ctx: Context, request: Request) -> bool:
    """Whether the base has to be asked for: the task is new, and nothing says what it starts from."""
    if request.base is not None or ctx.settings.get("start.base"):
        return False
    return ctx.store.task(*_key(ctx, request, projects.foretold(ctx))) is None


def start(ctx: Context, request: Request) -> Started:
    """Reserve the task, make its branch and worktree, record it; or give the one that is there again.

    Raises `unknown-category`, `bad-name`, `bad-config`, `name-collision`, `task-exists`, `base-required`,
    `bad-revision`, `unborn`, `branch-exists`, `path-exists`, `held`, and what provisioning raises.
    """
    settings = ctx.settings
    _require_storable(ctx, request)
    category = names.category(request.category, settings.get("categories.names"), settings.get("categories.aliases"))
    _key(ctx, request, "-")  # a bad name is refused before anything is written
    project = projects.foretold(ctx) if request.dry_run else projects.ensure_project(ctx)
    key = _key(ctx, request, project)
    stored = ctx.store.task(*key)
    _require_same(ctx, request, key, category, stored)
    if stored is not None and _is_known(ctx, key):
        _tell_of_what_stays(ctx, request, stored)
    decision = claiming.foretell(ctx, key, TASK, exclusive=request.exclusive)  # before anything is asked for
    known = stored is not None and _is_known(ctx, key)
    task = stored if stored is not None and known else _new_task(ctx, request, key, category, stored)

    def wanted() -> Reservation:
        if not task.in_place:
            projects.require_home_outside(ctx)
        path = _bound_place(ctx, task) if task.in_place else names.worktree_path(ctx.home, key)
        return claiming.new_reservation(
            ctx, TASK, branch=task.branch, path=path, base=task.base_commit, in_place=task.in_place
        )

    if request.dry_run:
        return _foretell(ctx, request, task, decision, wanted, known=known)
    _install_hooks(ctx, request)
    claim = claiming.claim(
        ctx, task, TASK, wanted, exclusive=request.exclusive, settle=lambda: releasing.settle(ctx, key, TASK)
    )
    reservation, hold, resumed = claim.reservation, claim.hold, claim.decision == tasks.RESUME
    if hold is None:
        provisioning.require_worktree(reservation)
        return _started(REUSED, ctx.store.task(*key) or task, reservation)
    if resumed:
        task = replace(task, base_commit=reservation.base, branch=reservation.branch, in_place=reservation.in_place)
    try:
        with ctx.store.locked():
            ctx.store.save_task(task)
        if reservation.in_place:
            with ctx.store.worktrees_locked():
                provisioning.govern(ctx, key, reservation.path, TASK)
        else:
            ours = request.adopt or known or resumed
            provisioning.provision(ctx, key, reservation, hold, ours=ours, resumed=resumed)
    except OkstraError:
        releasing.withdraw_unmade(ctx, key, reservation, hold, made=resumed and not known)
        if ctx.registry.record(key) is None and not known:
            with ctx.store.locked():
                ctx.store.forget_task(key.group, key.task)
        raise
    with ctx.store.locked():
        if ctx.store.history(key.group, key.task).task != journal.STARTED:
            # What an adopted branch has already is not the task's: no phase of it judges these commits.
            before = {"head": refs.branch(ctx.common_dir, task.branch)} if task.in_place or request.adopt else {}
            told = {"category": task.category, "branch": task.branch, "base": task.base_commit, **before}
            event = ctx.event("task-started", None, **told)
            ctx.store.append(key.group, key.task, event)
    claiming.confirm(ctx, key, TASK, hold)
    policing.refresh(ctx, key)
    if reservation.in_place:
        return _started(IN_PLACE, task, reservation)
    provisioning.set_up(ctx, reservation.path)
    return _started(CREATED, task, reservation)


def _install_hooks(ctx: Context, request: Request) -> None:
    """Install the hooks with the first start, unless they are not wanted."""
    if not request.hooks:
        hooking.leave_out(ctx)
    elif (
        ctx.settings.get("hooks.install")
        and (not hooking.installed(ctx) or hooking.begun(ctx))
        and hooking.install(ctx)
    ):
        ctx.note("installed the hooks that hold the plan; see them: git okstra hooks status")


def _require_storable(ctx: Context, request: Request) -> None:
    """Raise OkstraError `bad-name` or `bad-config` for what our files, which are UTF-8 and have lines, cannot hold."""
    for what, text in (("title", request.title), ("branch", request.branch), ("base", request.base)):
        if text and any("\ud800" <= character <= "\udfff" for character in text):
            shown = names.printable(text)
            raise OkstraError("bad-name", f"the {what} '{shown}' is not valid UTF-8", "type it again as UTF-8")
    if "\n" in ctx.home:
        raise OkstraError(
            "bad-config",
            f"the directory of git okstra, '{names.printable(ctx.home)}', has a newline in its name",
            "choose another one: OKSTRA_HOME=DIR git okstra …",
        )
    if projects.project(ctx) is None:
        projects.require_home_outside(ctx)


def _foretell(
    ctx: Context, request: Request, task: Task, decision: str, wanted: Callable[[], Reservation], *, known: bool
) -> Started:
    """What would come of it, or the refusal."""
    record = ctx.registry.record(task.key)
    present = record.reservation(TASK) if record else None
    if present is not None and decision in (tasks.REUSE, tasks.WAIT):
        provisioning.require_worktree(present)
        return _started(REUSED, task, present)
    reservation = present if present is not None and decision == tasks.RESUME else wanted()
    if reservation.in_place:
        return _started(IN_PLACE, task, reservation)
    if present is None:
        claiming.require_free_branch(ctx, task, reservation.branch)
        if not known:
            provisioning.require_makeable(ctx, task.key, reservation, ours=request.adopt, task=task)
    return _started(CREATED, task, reservation)


def _key(ctx: Context, request: Request, project: str) -> TaskKey:
    group = names.segment(request.group, "group") if request.group else names.default_group(request.id)
    key = TaskKey(project, group, names.task_segment(request.id))
    if request.branch and project != "-":
        # Another id may have the segment already: then the branch, which is the way out, names the task too.
        holders = (ctx.store.task(*key), ctx.registry.record(key))
        if any(one is not None and not names.same_id(one.id, request.id) for one in holders):
            own = request.branch.rpartition("/")[2]
            return TaskKey(project, group, names.task_segment(own.removeprefix(f"{request.category}-")))
    return key


def _require_same(ctx: Context, request: Request, key: TaskKey, category: str, stored: Task | None) -> None:
    record = ctx.registry.record(key)
    for other_id, other_category in ((one.id, one.category) for one in (stored, record) if one is not None):
        if not names.same_id(other_id, request.id):
            raise OkstraError(
                "name-collision",
                f"the ids '{names.printable(request.id)}' and '{names.printable(other_id)}' give the same name "
                f"'{key.task}'",
                f"give this one a branch of its own: {_typed(request)} --branch NAME",
            )
        if other_category != category and record is not None:
            raise OkstraError(
                "task-exists",
                f"task {names.printable(other_id)} exists already, as '{other_category}'",
                f"go on with it: {tasks.start_command(other_id, other_category, key.group)}",
            )


def _is_known(ctx: Context, key: TaskKey) -> bool:
    """Whether the task was started and not removed since: then what was said at its start holds."""
    return ctx.store.history(key.group, key.task).task in (journal.STARTED, journal.RELEASED)


def _tell_of_what_stays(ctx: Context, request: Request, task: Task) -> None:
    """A note for each option that would have to change the task that exists; raises `task-exists` for its branch."""
    named = names.printable(task.id)
    if request.branch not in (None, task.branch) and not task.in_place:
        raise OkstraError(
            "task-exists",
            f"task {named} exists already, on the branch '{task.branch}'",
            f"go on with it: {tasks.start_command(task.id, task.category, task.key.group)}",
        )
    asked = {"base": request.base, "title": request.title, "lifecycle": request.lifecycle}
    stays = {"base": task.base_ref, "title": task.title, "lifecycle": task.lifecycle}
    for option, value in asked.items():
        if value not in (None, stays[option]):
            stay = f"'{names.printable(stays[option])}'" if stays[option] else "empty"
            ctx.note(f"task {named} exists already; its {option} stays {stay}")


def _foreign_worktree(ctx: Context, request: Request) -> str | None:
    """The linked worktree we stand in when okstra did not make it: the task is bound to it in place."""
    repo = ctx.repository
    if not repo.linked or repo.worktree is None or request.own_worktree:
        return None
    if os.path.exists(f"{repo.git_dir}/{worktrees.MARKER}"):
        return None  # ours, or bound already
    return None if ctx.main_worktree is None else repo.worktree


def _new_task(ctx: Context, request: Request, key: TaskKey, category: str, stored: Task | None) -> Task:
    if (request.fetch or ctx.settings.get("start.fetch")) and not request.dry_run:
        process.git(["fetch", "--quiet"], git_dir=ctx.common_dir, timeout=None)
    base_ref = request.base
    if base_ref is None:
        base_ref = stored.base_ref if stored else _default_base(ctx, request)
    base = refs.require_commit(ctx.common_dir, base_ref)
    branch = request.branch or names.task_branch(category, key.task)
    place = _foreign_worktree(ctx, request)
    if place is not None:
        branch = _branch_in_place(place, base_ref, request)
        base = _fork(ctx, "HEAD", base, place)
    elif not refs.valid_branch(ctx.common_dir, branch):
        raise OkstraError(
            "bad-name", f"'{names.printable(branch)}' is not a valid branch name", "see: git help check-ref-format"
        )
    elif request.adopt and refs.branch(ctx.common_dir, branch):
        base = _fork(ctx, branch, base, None)
    lifecycle = request.lifecycle or ctx.settings.get("start.lifecycle")
    return Task(
        key,
        id=request.id.strip(),
        category=category,
        branch=branch,
        base_ref=base_ref,
        base_commit=base,
        since=ctx.now(),
        title=request.title or "",
        lifecycle=lifecycle,
        phase="requirements-discovery" if lifecycle == "full" else "implementation",
        in_place=place is not None,
    )


def _bound_place(ctx: Context, task: Task) -> str:
    """The worktree that has the branch of a task bound in place checked out."""
    for worktree in worktrees.listed(ctx.common_dir):
        if worktree.branch == task.branch:
            return worktree.path
    raise OkstraError(
        "wrong-branch",
        f"no worktree has the branch '{task.branch}' of task {names.printable(task.id)} checked out",
        f"git switch {task.branch}",
    )


def _fork(ctx: Context, tip: str, base: str, worktree: str | None) -> str:
    """The commit where existing work left the base; the base itself when they have none in common."""
    git_dir = None if worktree else ctx.common_dir
    return process.git(["merge-base", tip, base], cwd=worktree, git_dir=git_dir, check=False).text or base


def _default_base(ctx: Context, request: Request) -> str:
    configured = ctx.settings.get("start.base")
    if configured:
        return str(configured)
    menu = base_menu(ctx)
    known = [name for name in menu if name in MENU]
    if len(known) == 1:
        ctx.note(f"starting from '{known[0]}', the only one of {' '.join(MENU)} that exists")
        return known[0]
    if not menu and not refs.listed(ctx.common_dir, "refs"):
        refs.require_commit(ctx.common_dir, "HEAD")
    first = names.typed(menu[0] if menu else "HEAD")
    raise OkstraError(
        "base-required",
        f"several branches could be the base: {', '.join(known)}"
        if known
        else f"none of the usual branches exists that could be the base: {' '.join(MENU)}",
        f"name one: {_typed(request)} --base {first}\nor once for this clone: git okstra config set start.base {first}",
    )


def _branch_in_place(place: str, base_ref: str, request: Request) -> str:
    branch = refs.head_branch(place)
    if branch is None or branch == base_ref:
        raise OkstraError(
            "wrong-branch",
            f"the worktree '{place}' has {'the base branch' if branch else 'a detached HEAD'} checked out, "
            "so the task cannot be bound to it",
            f"give it a branch: git switch -c NAME\nor have a worktree made: {_typed(request)} --worktree",
        )
    return branch


def _typed(request: Request) -> str:
    """What was typed, without its options."""
    grouped = f" --group {names.typed(request.group)}" if request.group else ""
    return f"git okstra start {names.typed(request.category)} {names.typed(request.id)}{grouped}"


def _started(status: str, task: Task, reservation: Reservation) -> Started:
    return Started(status, task, reservation.path, reservation.since, reservation.owner, reservation.pid)
