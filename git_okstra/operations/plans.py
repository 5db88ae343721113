"""`git okstra plan`: reading, storing, checking and approving the plan of a task."""

from __future__ import annotations

from git_okstra.core import names, plan_reading
from git_okstra.core.errors import OkstraError
from git_okstra.core.plan import Finding, Plan
from git_okstra.core.records import dataclass
from git_okstra.core.tasks import Task
from git_okstra.git import process, refs
from git_okstra.operations.context import Context
from git_okstra.state import files
from git_okstra.state.store import Store, toml_text


@dataclass(frozen=True, slots=True)
class Stored:
    """A plan in the store: `approved` is the digest it was approved under, by whom and when; empty when it was not."""

    plan: Plan
    approved: str = ""
    approved_by: str = ""
    approved_at: str = ""

    @property
    def valid(self) -> bool:
        """Whether the plan is approved as it is now."""
        return bool(self.approved) and self.approved == self.plan.digest()


def stored(ctx: Context, task: Task) -> Stored | None:
    """The plan of the task, or None. Raises `damaged-file`, `newer-format`."""
    return load(ctx.store, task)


def load(store: Store, task: Task) -> Stored | None:
    """The plan of the task in any repository's store, or None. Raises `damaged-file`, `newer-format`."""
    document = store.plan_document(task.key.group, task.key.task)
    if document is None:
        return None
    try:
        plan = plan_reading.from_document(document)
    except OkstraError as error:
        path = store.plan_path(task.key.group, task.key.task)
        raise OkstraError(
            "damaged-file",
            f"'{path}' cannot be used: {error.message}",
            "import the plan again: git okstra plan import FILE",
        ) from None
    approved = document.get("approved")
    if not isinstance(approved, dict):
        return Stored(plan)
    return Stored(plan, *(str(approved.get(name, "")) for name in ("digest", "by", "time")))


def require_stored(ctx: Context, task: Task) -> Stored:
    """Like `stored`, but raises OkstraError `plan-missing`."""
    found = stored(ctx, task)
    if found is None:
        raise OkstraError(
            "plan-missing",
            f"task {names.printable(task.id)} has no plan",
            "write one: git okstra plan edit\nor read one in: git okstra plan import FILE",
        )
    return found


def require_approved(ctx: Context, task: Task) -> Plan:
    """The plan, approved as it is. Raises `plan-missing`, `plan-not-approved`."""
    found = require_stored(ctx, task)
    if not found.valid:
        why = "was changed since it was approved" if found.approved else "is not approved"
        raise OkstraError(
            "plan-not-approved",
            f"the plan of {names.printable(task.id)} {why}",
            "look at it: git okstra plan show\nthen have a person approve it: git okstra plan approve",
        )
    return found.plan


def read(text: str, name: str, format_name: plan_reading.Format | None = None) -> plan_reading.Reading:
    """The plan in `text` (a file called `name`) and everything that is wrong with it; no plan when it has errors."""
    from git_okstra.core import plan_checking

    return plan_checking.examine(text, format_name, name)


def require_sound(
    plan: Plan | None, findings: tuple[Finding, ...], name: str, again: str = "git okstra plan edit"
) -> Plan:
    """The plan, unless it has errors. Raises `plan-invalid` with all of them, each with its line.

    `again` is what to type to mend it, or once it is mended.
    """
    errors = [finding for finding in findings if finding.level == "error"]
    if plan is None or errors:
        lines = "".join(f"\n  {described(finding, name)}" for finding in errors)
        count = f"{len(errors)} fault{'' if len(errors) == 1 else 's'}"
        raise OkstraError("plan-invalid", f"the plan has {count}:{lines}", f"mend it: {again}")
    return plan


def described(finding: Finding, name: str) -> str:
    """A finding as one line: `plan.md:12: error: …`."""
    place = f"{name}:{finding.line}: " if finding.line is not None else f"{name}: "
    return f"{names.printable(place)}{finding.level}: {names.printable(finding.message)}"


def import_plan(ctx: Context, task: Task, plan: Plan, *, dry_run: bool = False) -> Stored:
    """Store the plan; one that is the same keeps its approval, another must be approved anew.

    Raises `plan-strands-stage` when a started stage would lose its ground.
    """
    before = stored(ctx, task)
    _require_not_stranding(ctx, task, before, plan)
    if before is not None and before.plan.digest() == plan.digest():
        return before
    after = Stored(plan)
    if not dry_run:
        with ctx.store.locked():
            _save(ctx, task, after)
            ctx.store.append(task.key.group, task.key.task, ctx.event("plan-imported", digest=plan.digest()))
    return after


def approve(ctx: Context, task: Task, *, dry_run: bool = False) -> Stored:
    """Record that a person approves the plan as it is. Raises `plan-missing`, `plan-invalid`, `plan-strands-stage`."""
    from git_okstra.core import plan_checking

    found = require_stored(ctx, task)
    require_sound(found.plan, plan_checking.check(found.plan), "plan.toml")
    after = Stored(found.plan, found.plan.digest(), ctx.owner, ctx.now())
    if found.valid or dry_run:
        return found if found.valid else after
    with ctx.store.locked():
        _save(ctx, task, after)
        # The plan binds the task branch from here on.
        head = refs.branch(ctx.common_dir, task.branch)
        event = ctx.event("plan-approved", digest=after.approved, head=head)
        ctx.store.append(task.key.group, task.key.task, event)
    return after


def _require_not_stranding(ctx: Context, task: Task, before: Stored | None, plan: Plan) -> None:
    from git_okstra.core import plan_checking

    started = ctx.store.history(task.key.group, task.key.task).started()
    if before is None or not started:
        return
    findings = plan_checking.strands(before.plan, plan, started)
    if findings:
        lines = "".join(f"\n  {names.printable(finding.message)}" for finding in findings)
        raise OkstraError(
            "plan-strands-stage",
            f"the new plan would take the ground from what was started:{lines}",
            f"give the stage up first: git okstra abandon {findings[0].stage}\nor keep it in the plan as it is",
        )


def _save(ctx: Context, task: Task, plan: Stored) -> None:
    document = plan_reading.to_toml_document(plan.plan)
    if plan.approved:
        document["approved"] = {"digest": plan.approved, "by": plan.approved_by, "time": plan.approved_at}
    ctx.store.save_plan_document(task.key.group, task.key.task, document)


def faults(plan: Plan) -> tuple[Finding, ...]:
    """Everything that is wrong with a plan."""
    from git_okstra.core import plan_checking

    return tuple(plan_checking.check(plan))


def as_toml(plan: Plan) -> str:
    """The plan as a person edits it."""
    document = {name: value for name, value in plan_reading.to_toml_document(plan).items() if name != "format"}
    return toml_text(document)


def editor() -> str | None:
    """The editor that git would open (git-var(1)), None when git knows of none."""
    found = process.git(["var", "GIT_EDITOR"], check=False)
    return found.text if found.status == 0 and found.text else None


def keep_draft(ctx: Context, task: Task, text: str) -> str:
    """Keep an edited plan that was refused; where it is."""
    path = f"{ctx.store.task_directory(task.key.group, task.key.task)}/plan-draft.toml"
    files.write_atomic(path, text.encode())
    return path
