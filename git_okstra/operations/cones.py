"""Which part of the files a stage's worktree is given: the directories that its plan and the settings need."""

from __future__ import annotations

from git_okstra.core import names
from git_okstra.core import sparse as rules
from git_okstra.core.plan import PlannedStage
from git_okstra.core.tasks import Reservation
from git_okstra.git import repository, sparse
from git_okstra.operations.context import Context

_SHOWN = 8
"""Directories that a note names."""


def needed(ctx: Context, stage: PlannedStage, commit: str, wish: bool | None) -> list[str] | None:
    """The directories of `commit` to check out for the stage, None for all there is.

    `wish` is what was asked for; None: as `worktree.sparse` has it. Where the stage may need anything all of it is
    checked out, and a note says why. Raises `bad-config`.
    """
    if not (ctx.settings.get("worktree.sparse") if wish is None else wish):
        return None
    files = rules.wanted(stage.files)
    if files.anywhere:
        shown = ", ".join(f"'{names.printable(pattern)}'" for pattern in files.anywhere)
        ctx.note(f"stage {stage.number} is checked out whole: {shown} may mean a file in any directory")
        return None
    always = rules.always(ctx.settings.get("worktree.sparse_always"))
    found = sparse.directories(ctx.common_dir, commit, (files, always))
    if found is None:
        ctx.note(f"stage {stage.number} is checked out whole: a symlink of what it needs leads to the root")
    else:
        more = ", …" if len(found) > _SHOWN else ""
        listed = ", ".join(names.printable(directory) for directory in found[:_SHOWN]) or "the files of the root"
        ctx.note(f"stage {stage.number} is sparse, with {listed}{more}; for more: git sparse-checkout add DIRECTORY")
    return found


def standing(path: str) -> bool | None:
    """Whether the worktree that stands at `path` is sparse; None when none does."""
    admin = repository.admin_directory(path)
    return None if admin is None else sparse.is_sparse(admin)


def tell_form(ctx: Context, reservation: Reservation, wish: bool | None) -> None:
    """Note how to make the worktree of an open stage what was asked for, when it is the other thing: it stays."""
    if wish is None or wish == reservation.sparse or reservation.flat:
        return
    is_now, how = ("sparse", "disable") if reservation.sparse else ("whole", "set --cone DIRECTORY")
    ctx.note(
        f"stage {reservation.number} is open and stays {is_now}; to change that: "
        f"git -C {names.quoted(reservation.path)} sparse-checkout {how}"
    )
