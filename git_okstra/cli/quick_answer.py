"""`git okstra list` and `status`, which people and programs call all the time, without click.

Only the plain forms, and only when all goes well: whatever else is typed, and whatever is wrong, is for the full
command, which answers or refuses as it always does. What is answered here is what that would have answered: both call
`cli/answers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_okstra.cli import answers, speaking
from git_okstra.core.errors import OkstraError
from git_okstra.git import stopping
from git_okstra.operations import targets

_LIST = {"--json", "--no-dirty", "--all", "--long"}
"""The options of `list`; `cli/list.py` has them for people."""

_STATUS = {"--json"}
"""The options of `status` that are answered here."""


def answer(arguments: Sequence[str]) -> int | None:
    """Answer the command line; the exit status, or None when the full command has to, and nothing was answered."""
    name, *options = arguments
    if not (_LIST if name == "list" else _STATUS).issuperset(options):
        return None
    run = speaking.Speaker(name, "--json" in options)
    stopping.listen()
    try:
        if name == "list":
            answers.listed(run, everywhere="--all" in options, fast="--no-dirty" in options, long="--long" in options)
        else:
            # Without a name typed, the commands that lead on need none either.
            answers.status(run, targets.task(run.context, None))
    except KeyboardInterrupt:
        from git_okstra.cli import dispatch

        return dispatch.interrupted(run.as_json)
    except (OkstraError, OSError, ValueError) as error:
        if not run.begun:
            return None
        # What stands on the terminal is not printed twice.
        from git_okstra.cli import output

        return output.fail(error, False) if isinstance(error, OkstraError) else 1
    stopping.deaf()
    return 0
