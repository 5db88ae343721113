"""The door: what the console script calls.

`--version` and the plain forms of `path` are answered here, before anything else is imported. Everything else goes to
the click commands. Whatever happens, the user sees one message and an exit status of the specification, no traceback.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line in `sys.argv` and exit."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from git_okstra import __version__

        sys.stdout.write(f"git-okstra version {__version__}\n")
        sys.exit(0)
    if arguments[:1] == ["path"]:
        from git_okstra.cli import quick

        found = quick.path(arguments[1:], os.environ)
        if found is not None:
            sys.stdout.write(found + "\n")
            sys.exit(0)
    try:
        from git_okstra.cli import dispatch
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(dispatch.run(arguments))
