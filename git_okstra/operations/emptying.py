"""Emptying the trash of what is older than `trash.keep`. Only what this repository put there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime

from git_okstra.core.errors import OkstraError
from git_okstra.core.records import replace
from git_okstra.git import keeping, process, refs
from git_okstra.operations import trashing
from git_okstra.operations.context import Context
from git_okstra.state import trash
from git_okstra.state.trash import Entry


def expired(ctx: Context, entries: Iterable[Entry]) -> list[Entry]:
    """Those that have been in the trash for as long as `trash.keep`, and those whose deletion was cut short."""
    now, keep = datetime.fromisoformat(ctx.now()).timestamp(), ctx.settings.get("trash.keep")
    return [entry for entry in entries if entry.emptying or now - entry.removed >= keep]


def empty(ctx: Context, *, dry_run: bool = False) -> list[str]:
    """Delete what is expired, for good; the ids. An entry that is on its way in or back is left alone.

    The directory goes first and the entry last, so that whatever stops it, the next time goes on with it.
    """
    gone = []
    for entry in expired(ctx, trash.entries(ctx.store)):
        try:
            if not dry_run:
                if not _claim(ctx, entry):
                    continue
                _delete(ctx, entry)
            gone.append(entry.id)
        except OkstraError as error:
            ctx.note(f"'{entry.id}' stays in the trash: {error.message}")
    if not dry_run:
        _sweep(ctx)
    return gone


def _claim(ctx: Context, entry: Entry) -> bool:
    """Mark the entry, so that nobody brings it back from here on."""
    with ctx.registry.locked():
        now = trash.load(ctx.store, entry.id)
        record = ctx.registry.record(entry.key)
        reservation = record.reservation(entry.number) if record else None
        if now is None or (reservation is not None and reservation.trash == entry.id):
            return False
        if not now.emptying:
            trash.save(ctx.store, replace(now, emptying=True))
    return True


def _delete(ctx: Context, entry: Entry) -> None:
    trashing.delete_place(entry)
    keeping.forget(ctx.common_dir, entry.id)
    if refs.branch(ctx.common_dir, entry.branch) is None:
        # As `git branch -d` does; it was kept so that the branch came back with its upstream.
        args = ["config", "--remove-section", f"branch.{entry.branch}"]
        process.git(args, git_dir=ctx.common_dir, check=False)
    trashing.discard(ctx, entry.id)


def _sweep(ctx: Context) -> None:
    """What deletions left that were cut short, and half-made registrations that were set aside long ago."""
    now, keep = datetime.fromisoformat(ctx.now()).timestamp(), ctx.settings.get("trash.keep")
    for path in trash.leftovers(ctx.store):
        name = os.path.basename(path)
        made = name.rpartition("-")[2]
        old = name.startswith(".half-made-") and made.isdecimal() and now - int(made) / 1e9 > keep
        if old or name.startswith(".gone-"):
            trash.delete_tree(path)
