"""The door: what the console script calls.

`--version`, the plain forms of `path`, `list` and `status`, and `guard`, which runs before every tool
call of an agent, are answered here, before anything else is imported. Everything else goes to the click commands.
Whatever happens, the user sees one message and an exit status of the specification, no traceback.
"""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Run the command line in `sys.argv` and exit."""
    try:
        sys.exit(_main())
    except KeyboardInterrupt:  # so early that nothing was begun, or again while it was said
        sys.exit(130)


def _main() -> int:
    _open_missing_streams()
    _write_as_git_does()
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from git_okstra import __version__

        if _answered(f"git-okstra version {__version__}\n"):
            return 0
    if arguments[:1] == ["path"]:
        from git_okstra.cli import quick

        found = quick.path(arguments[1:], os.environ)
        if found is not None and _answered(found + "\n"):
            return 0
    if arguments[:1] in (["list"], ["status"]):
        from git_okstra.cli import quick_answer

        status = quick_answer.answer(arguments)
        if status is not None:
            return status
    if arguments[:1] == ["guard"]:
        from git_okstra.hooks import guard

        status = guard.main(arguments[1:], os.environ)
        if status is not None:
            return status
    from git_okstra.cli import dispatch
    from git_okstra.git import stopping

    stopping.listen()
    try:
        return dispatch.run(arguments)
    finally:
        stopping.deaf()


def _open_missing_streams() -> None:
    """Have a standard stream that the caller closed be /dev/null, as git does: no file of ours may get its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.set_inheritable(number, True)
            stream = open(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _write_as_git_does() -> None:
    """Have names come out as the bytes they are, whatever encoding the locale or PYTHONIOENCODING asks for."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            try:  # noqa: SIM105 (contextlib takes long to import, and this is the door)
                stream.reconfigure(encoding="utf-8", errors=errors)
            except OSError:
                pass  # it has taken the encoding; only where it stands it cannot say, as its file was exchanged


def _answered(text: str) -> bool:
    """Whether standard output took the text; if not, the full command meets the same and says so."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        return False
    return True
