"""`git okstra list --json` and `status --json`, which other programs call all the time, without click.

Only the plain forms, and only when all goes well: whatever else is typed, and whatever is wrong, is for the full
command, which answers or refuses as it always does. What is answered here is what that would have answered: the
operation and the document are the same.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from git_okstra.cli import documents, json_answer
from git_okstra.core.errors import OkstraError
from git_okstra.operations.context import Context

_LIST = {"--json", "--no-dirty", "--all"}
"""The options of `list`; `cli/list.py` has them for people."""


def document(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """What the command line answers, or None when the full command has to."""
    name, *options = arguments
    try:
        context = Context(os.getcwd(), environ)
        found = _list(context, options) if name == "list" else _status(context, options)
        return None if found is None else json_answer.answer(name, found, context.notes)
    except (OkstraError, OSError, ValueError):
        return None


def _list(context: Context, options: Sequence[str]) -> dict[str, object] | None:
    if not _LIST.issuperset(options):
        return None
    from git_okstra.operations import listing

    everywhere = "--all" in options
    if not everywhere:
        _ = context.common_dir
    return documents.tasks(listing.rows(context, everywhere=everywhere, dirty="--no-dirty" not in options))


def _status(context: Context, options: Sequence[str]) -> dict[str, object] | None:
    if any(option != "--json" for option in options):
        return None
    from git_okstra.operations import status, targets

    # Without a name typed, the commands that lead on need none either.
    return documents.status(status.status(context, targets.task(context, None)))
