"""The door of the hooks: the shell scripts call it when something governed or protected is touched.

Says what is refused on standard error and gives the exit status. Whatever goes wrong in here refuses
too, in one line: it is asked about governed and protected branches only.
"""

from __future__ import annotations

import os
import sys

from git_okstra.core.errors import OkstraError
from git_okstra.core.refusals import Refusal, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


REFUSED = 3


def main(words: Sequence[str]) -> int:
    """Judge one event: `words` are the event, the git common directory, the git directory, the event again, and the
    arguments that belong to it. The exit status, `REFUSED` for a refusal; the scripts take any other for a fault."""
    event, common_dir, git_dir, _, *rest = words
    try:
        refused = _judge(event, common_dir, git_dir, rest)
    except KeyboardInterrupt:
        return 130  # Ctrl-C ends git too
    except OkstraError as error:
        refused = [_broken(error.message, error.hint or "git okstra doctor")]
    except Exception as error:  # a fault of ours must not let a governed branch through, nor show a traceback
        refused = [_broken(f"{type(error).__name__}: {error}", "git okstra doctor")]
    if refused:
        sys.stderr.write(_printable(text(refused)))
    return REFUSED if refused else 0


def _judge(event: str, common_dir: str, git_dir: str, rest: Sequence[str]) -> list[Refusal]:
    if event == "pre-commit":
        from git_okstra.hooks import pre_commit

        return pre_commit.judge(common_dir, rest[0], sys.stdin.buffer.read())
    if event == "reference-transaction":
        from git_okstra.hooks import reference_transaction

        return reference_transaction.judge(common_dir, git_dir, rest[0], os.fsdecode(sys.stdin.buffer.read()))
    if event == "pre-push":
        from git_okstra.hooks import pre_push

        return pre_push.judge(common_dir, git_dir, os.fsdecode(sys.stdin.buffer.read()))
    from git_okstra.hooks import post_checkout

    return post_checkout.report(common_dir, git_dir, rest[0])


def _broken(what: str, hint: str) -> Refusal:
    return Refusal("hook-broken", f"the update cannot be judged: {what}".replace("\n", "; "), hint)


def _printable(said: str) -> str:
    """Nothing that a file name or an id holds may steer the terminal."""
    from git_okstra.core import names

    return "".join(f"{names.printable(line)}\n" for line in said.splitlines())
