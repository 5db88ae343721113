"""Bringing one branch up to date, step by step: begun, concluded, given up, put right after a process that died.

All of this is called with the hold (`sync_intent.at_work`). Git never moves the branch itself: the commit is made, or
the rebase run on a detached HEAD, and then the branch goes there in one step that the hooks are told of. State follows
the refs: when the branch has the commit it was to have, it is up to date, whoever did it.
"""

from __future__ import annotations

import os
import tempfile

from git_okstra.core import closing, journal, names, syncing
from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.core.tasks import Reservation, Task
from git_okstra.git import changes, commit_facts, committing, merges, process, rebasing, refs, repository, unfinished
from git_okstra.operations import claiming, ground, merge_recovery, moving, provisioning, sync_intent
from git_okstra.operations.context import Context
from git_okstra.operations.sync_intent import Intent
from git_okstra.state import locks


def carry_out(ctx: Context, task: Task, place: Reservation, intent: Intent, message: str, hold: locks.Hold) -> str:
    """Do what the intent says; where the branch is then. `message` is that of a merge.

    Raises `merge-conflict`, `merge-in-progress` where a person has to go on, `git-failed`.
    """
    commit = None if intent.rebase else _clean_merge(ctx, place, intent, message)
    intent = sync_intent.save(ctx, task, replace(intent, commit=commit or ""))
    if intent.rebase:
        result = rebasing.rebase(place.path, intent.onto, intent.base, intent.before, hold.fd)
        return _after_rebase(ctx, task, place, intent, result)
    if commit is not None:
        try:
            rebasing.advance(place.path, intent.before, commit, hold.fd)
        except OkstraError:
            if not changes.status(place.path).dirty:
                sync_intent.drop(ctx, task, intent.number)
            raise
        tip = _move(ctx, task, place, intent, commit)
        rebasing.run_post_merge_hook(place.path)
        return tip
    result = merges.begin(place.path, intent.onto, message, hold.fd)
    if merges.merge_head(place.path) != intent.onto:
        if not changes.status(place.path).dirty:
            sync_intent.drop(ctx, task, intent.number)
        raise process.failure(["merge"], result)
    conflicted = changes.status(place.path).conflicted
    if conflicted:
        sync_intent.save(ctx, task, replace(intent, stopped=True))
        raise _conflict(place, intent, conflicted)
    return _commit_merge(ctx, task, place, intent)


def settle(ctx: Context, task: Task, place: Reservation, hold: locks.Hold) -> str | None:
    """Put right what was begun and is not over; where the branch is when it could be concluded, else None.

    Raises `merge-in-progress` when a person has to go on with it.
    """
    intent = sync_intent.load(ctx, task, place.number)
    if intent is None:
        return None
    tip = recorded(ctx, task, place, intent)
    if tip is not None:
        return tip
    if intent.rebase:
        return _settle_rebase(ctx, task, place, intent)
    begun = merges.merge_head(place.path)
    if begun not in (None, intent.onto):
        raise merge_recovery.foreign(place, "merge")
    if begun is not None:
        conflicted = changes.status(place.path).conflicted
        if intent.stopped or conflicted:
            raise _waiting(place, intent, conflicted)
        return _commit_merge(ctx, task, place, intent)
    if not intent.stopped:
        if _is_written(ctx, place, intent):
            return _move(ctx, task, place, intent, intent.commit)
        certain = merge_recovery.clear_dead_locks(ctx, place)
        _put_back(ctx, place, intent, certain=certain)
    sync_intent.drop(ctx, task, intent.number)
    return None


def conclude(ctx: Context, task: Task, place: Reservation, hold: locks.Hold) -> str:
    """Go on on a person's word, the conflicts being resolved; where the branch is then.

    Raises `no-merge`, `merge-conflict` while conflicts are left, or at the next commit of a rebase.
    """
    intent = sync_intent.load(ctx, task, place.number)
    if intent is None:
        raise none(place)
    tip = recorded(ctx, task, place, intent)
    if tip is not None:
        return tip
    conflicted = changes.status(place.path).conflicted
    begun = unfinished.kind(place.path)
    if conflicted and begun in ("merge", "rebase"):
        raise _conflict(place, intent, conflicted)
    if intent.rebase and begun == "rebase":
        return _after_rebase(ctx, task, place, intent, rebasing.go_on(place.path, hold.fd))
    if not intent.rebase and merges.merge_head(place.path) == intent.onto:
        return _commit_merge(ctx, task, place, intent)
    tip = settle(ctx, task, place, hold)
    if tip is None:
        raise none(place)  # it was given up by hand meanwhile
    return tip


def give_up(ctx: Context, task: Task, place: Reservation, *, dry_run: bool) -> None:
    """Take it back and forget it. Raises `no-merge`, `merge-in-progress`."""
    try:
        intent = sync_intent.load(ctx, task, place.number)
    except OkstraError as error:
        if error.code != "damaged-file":
            raise
        if not dry_run:
            if unfinished.kind(place.path) == "rebase":
                _end_rebase(ctx, place)
            merge_recovery.take_back(ctx, place)
            sync_intent.drop(ctx, task, place.number)
        return
    if intent is None:
        raise none(place)
    begun = unfinished.kind(place.path)
    if begun not in ("", "rebase" if intent.rebase else "merge"):
        raise merge_recovery.foreign(place, begun)
    if dry_run:
        return
    if recorded(ctx, task, place, intent) is not None:
        ctx.note(f"{names.label(intent.number)} was brought up to date already, and stays so")
        return
    if not intent.stopped:
        certain = merge_recovery.clear_dead_locks(ctx, place)
        if not begun:
            _put_back(ctx, place, intent, certain=certain)
    if intent.rebase:
        _end_rebase(ctx, place)
    else:
        merge_recovery.take_back(ctx, place)
    sync_intent.drop(ctx, task, intent.number)


def recorded(ctx: Context, task: Task, place: Reservation, intent: Intent) -> str | None:
    """Where the branch is, its new base now in registry and journal and the intent forgotten; None while the branch
    lacks what it was to have."""
    tip = refs.branch(ctx.common_dir, place.branch)
    if tip is None or not ground.contained(ctx, [intent.onto], tip):
        return None
    if intent.rebase:
        rebasing.attach(place.path, place.branch)
    elif unfinished.kind(place.path) == "merge" and merges.merge_head(place.path) == intent.onto:
        unfinished.forget_merge(place.path)
    record(ctx, task, intent.number, old=intent.base, base=intent.onto, head=tip, rebased=intent.rebase)
    sync_intent.drop(ctx, task, intent.number)
    return tip


def record(ctx: Context, task: Task, number: int, *, old: str, base: str, head: str, rebased: bool) -> None:
    """Write the new base of a stage into registry and journal; of the task, what its branch has taken in.

    A stage that does not stand on `old` any more was recorded already, or has been opened anew since.
    """
    with ctx.registry.locked():
        held = ctx.registry.record(task.key)
        entry = held.reservation(number) if held else None
        if number != names.TASK and held is not None and entry is not None and entry.base == old != base:
            ctx.registry.save(claiming.with_reservation(held, replace(entry, base=base)))
        with ctx.store.locked():
            stage = None if number == names.TASK else number
            events = ctx.store.events(task.key.group, task.key.task)
            if stage is None:
                last = [journal.text(one, "base") for one in events if one.event == journal.SYNCED and not one.stage]
                known = bool(last) and last[-1] == base
            else:
                known = journal.fold(events).stage(number).base != old or base == old
            if not known:
                data = {"old": old, "base": base, "head": head, "rebased": rebased}
                ctx.store.append(task.key.group, task.key.task, ctx.event(journal.SYNCED, stage, **data))


def _clean_merge(ctx: Context, place: Reservation, intent: Intent, message: str) -> str | None:
    """The commit that brings the branch up to date without a conflict, made but nowhere yet; None when there are any.

    Without commits of its own the branch just goes forward.
    """
    if ground.contained(ctx, [intent.before], intent.onto):
        return intent.onto
    merged = merges.merged_tree(ctx.common_dir, intent.before, intent.onto)
    if merged is None or merged.conflicted:
        return None
    text = _checked(place, intent, message)
    return committing.commit_tree(place.path, merged.tree, [intent.before, intent.onto], text)


def _commit_merge(ctx: Context, task: Task, place: Reservation, intent: Intent) -> str:
    """Commit the merge that is under way in the worktree, its conflicts being resolved, and move the branch there."""
    here = refs.head_branch(place.path)
    if here != place.branch:
        raise closing.wrong_branch(place.path, here, place.branch)
    admin, tip = repository.admin_directory(place.path), refs.branch(ctx.common_dir, place.branch)
    if admin is None or tip is None:
        raise ground.branch_missing(place.branch)
    tree = committing.staged_tree(place.path)
    text = _checked(place, intent, rebasing.prepared_message(admin))
    commit = committing.commit_tree(place.path, tree, [tip, intent.onto], text)
    intent = sync_intent.save(ctx, task, replace(intent, before=tip, commit=commit, stopped=False))
    return _move(ctx, task, place, intent, commit)


def _checked(place: Reservation, intent: Intent, message: str) -> str:
    """The message as the commit-msg hook leaves it."""
    with tempfile.TemporaryDirectory(prefix="okstra-message-") as scratch:
        path = os.path.join(scratch, "MERGE_MSG")
        with open(path, "wb") as file:
            file.write(os.fsencode(message))
        try:
            return committing.checked_message(place.path, path)
        except OkstraError as error:
            hint = f"make that merge yourself: git -C {names.quoted(place.path)} merge {intent.onto[:12]}"
            raise OkstraError(error.code, error.message, hint) from None


def _move(ctx: Context, task: Task, place: Reservation, intent: Intent, commit: str) -> str:
    """Have the branch at the commit, and write down that it is up to date."""
    admin = repository.admin_directory(place.path)
    change = (f"refs/heads/{place.branch}", commit, intent.before)
    moving.update(ctx.common_dir, [change], "okstra sync", git_dir=admin)
    return recorded(ctx, task, place, intent) or commit


def _is_written(ctx: Context, place: Reservation, intent: Intent) -> bool:
    """Whether index and files are those of the commit that the branch was to be moved to: git writes the index last."""
    if not intent.commit or refs.branch(ctx.common_dir, place.branch) != intent.before:
        return False
    if refs.head_branch(place.path) != place.branch or changes.status(place.path).conflicted:
        return False
    return committing.staged_tree(place.path) == commit_facts.tree(ctx.common_dir, intent.commit)


def _put_back(ctx: Context, place: Reservation, intent: Intent, *, certain: bool) -> None:
    way = f"git okstra sync {syncing.name(intent.number)} --abort"
    merge_recovery.put_back(ctx, place, intent.before, intent.onto, certain=certain, abort=way)


# -- rebasing


def _after_rebase(ctx: Context, task: Task, place: Reservation, intent: Intent, result: process.Result) -> str:
    """What comes after git has stopped, or ended, a rebase."""
    if unfinished.kind(place.path) == "rebase":
        intent = sync_intent.save(ctx, task, replace(intent, stopped=True))
        conflicted = changes.status(place.path).conflicted
        if conflicted:
            raise _conflict(place, intent, conflicted)
        raise _not_committed(place, intent, result)
    if result.status != 0:
        _end_rebase(ctx, place)
        sync_intent.drop(ctx, task, intent.number)
        raise process.failure(["rebase"], result)
    return _finish_rebase(ctx, task, place, intent)


def _finish_rebase(ctx: Context, task: Task, place: Reservation, intent: Intent) -> str:
    """Move the branch to where the rebase has ended, and check it out again."""
    head = process.git(["rev-parse", "HEAD"], cwd=place.path).text
    return _move(ctx, task, place, sync_intent.save(ctx, task, replace(intent, commit=head, stopped=False)), head)


def _settle_rebase(ctx: Context, task: Task, place: Reservation, intent: Intent) -> str | None:
    if unfinished.kind(place.path) == "rebase":
        conflicted = changes.status(place.path).conflicted
        if intent.stopped or conflicted:
            raise _waiting(place, intent, conflicted)
        merge_recovery.clear_dead_locks(ctx, place)
        _end_rebase(ctx, place)
    elif refs.head_branch(place.path) is None:
        head = process.git(["rev-parse", "HEAD"], cwd=place.path).text
        if ground.contained(ctx, [intent.onto], head):
            made = rebasing.commits(ctx.common_dir, intent.onto, head)
            if len(made) < len(rebasing.commits(ctx.common_dir, intent.base, intent.before)) and not intent.commit:
                raise _waiting(place, intent, ())
            return _finish_rebase(ctx, task, place, intent)
        rebasing.attach(place.path, place.branch)
    elif not intent.stopped:
        _put_back(ctx, place, intent, certain=merge_recovery.clear_dead_locks(ctx, place))
    sync_intent.drop(ctx, task, intent.number)
    return None


def _end_rebase(ctx: Context, place: Reservation) -> None:
    """Give a rebase up, if one is under way, and have the branch checked out as it was; nothing edited is lost."""
    if unfinished.kind(place.path) == "rebase":
        status = changes.status(place.path)
        edited = [path for path in (*status.changed, *status.conflicted) if _is_file(place, path)]
        provisioning.keep_copies(ctx, place.path, edited)
        result = rebasing.abort(place.path)
        if result.status != 0:
            raise process.failure(["rebase", "--abort"], result)
    if not rebasing.attach(place.path, place.branch):
        at = f"git -C {names.quoted(place.path)}"
        raise OkstraError(
            "wrong-branch",
            f"the worktree '{names.printable(place.path)}' has another commit checked out than '{place.branch}'",
            f"go back to the branch, which is as it was: {at} switch {place.branch}",
        )


def _is_file(place: Reservation, path: str) -> bool:
    full = os.path.join(place.path, path)
    return os.path.islink(full) or os.path.isfile(full)


# -- what is said


def _ways_on(intent: Intent) -> str:
    name = syncing.name(intent.number)
    return (
        f"resolve them, git add them, then: git okstra sync {name} --continue\n"
        f"or give it up: git okstra sync {name} --abort"
    )


def _conflict(place: Reservation, intent: Intent, conflicted: tuple[str, ...]) -> OkstraError:
    return OkstraError(
        "merge-conflict",
        f"{names.label(intent.number)} conflicts with {intent.onto[:12]}, its new base, in "
        f"{closing.shown_paths(conflicted)}, in '{names.printable(place.path)}'",
        _ways_on(intent),
    )


def _waiting(place: Reservation, intent: Intent, conflicted: tuple[str, ...]) -> OkstraError:
    name = syncing.name(intent.number)
    what = f"with conflicts in {closing.shown_paths(conflicted)}" if conflicted else "and no conflict is left"
    ways = _ways_on(intent) if conflicted else f"go on: git okstra sync {name} --continue\n"
    return OkstraError(
        "merge-in-progress",
        f"bringing {names.label(intent.number)} up to date is not over in '{names.printable(place.path)}', {what}",
        ways if conflicted else f"{ways}or give it up: git okstra sync {name} --abort",
    )


def _not_committed(place: Reservation, intent: Intent, result: process.Result) -> OkstraError:
    said = "".join(f"\n    {names.printable(line)}" for line in (result.complaint or result.text).splitlines()[-15:])
    name = syncing.name(intent.number)
    return OkstraError(
        "merge-in-progress",
        f"git stopped the rebase of {names.label(intent.number)} in '{names.printable(place.path)}':{said}",
        f"when that is mended: git okstra sync {name} --continue\nor give it up: git okstra sync {name} --abort",
    )


def none(place: Reservation) -> OkstraError:
    """The refusal when there is nothing to continue or to give up."""
    begun = unfinished.kind(place.path)
    if begun:
        return merge_recovery.foreign(place, begun)
    what = names.label(place.number)
    return OkstraError(
        "no-merge", f"{what} is not being brought up to date", f"begin: git okstra sync {syncing.name(place.number)}"
    )
