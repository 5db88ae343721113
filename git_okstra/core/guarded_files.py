"""Which files may be written, removed and edited: judges paths, and the programs that write what they name."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator, Sequence

from git_okstra.core import names, patterns
from git_okstra.core.guard_world import Place, World
from git_okstra.core.refusals import Refusal
from git_okstra.core.shell_calls import Call
from git_okstra.core.shell_words import UNKNOWN

SETTINGS_FILES = (
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/hooks.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".cursor/hooks.json",
)
"""The files from which the agents' clients learn that there is a guard."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_REMOVE = _words("rm rmdir unlink shred trash trash-put gio")
_WRITE_ALL = _words(
    "tee touch truncate chmod chown chgrp chattr setfacl mkdir mkfifo mknod ed ex vi vim nvim nano emacs sponge patch "
    "gzip gunzip xz bzip2 dos2unix unix2dos"
)
_WRITE_LAST = _words("cp install ln mv rsync scp ditto")
_IN_PLACE = _words("sed gsed perl ruby awk gawk")
# program -> the options behind which a file or directory to write stands
_WRITE_OPTION = {
    "curl": ("-o", "--output", "--output-dir"),
    "wget": ("-O", "--output-document", "-P", "--directory-prefix"),
    "sort": ("-o", "--output"),
    "tar": ("-C", "--directory"),
    "bsdtar": ("-C", "--directory"),
    "unzip": ("-d",),
    "cp": ("-t", "--target-directory"),
    "mv": ("-t", "--target-directory"),
    "ln": ("-t", "--target-directory"),
    "install": ("-t", "--target-directory"),
    "split": ("--additional-suffix",),
}


def judge(call: Call, world: World) -> Iterator[Refusal]:
    """What is refused of the files that a call writes or removes."""
    for path in call.writes:
        yield from written(path, call.cwd, world)
    program, words = call.program, call.words[1:]
    plain = [word for word in words if not word.startswith("-") or UNKNOWN in word]
    for option in _WRITE_OPTION.get(program, ()):
        for path in _values(words, option):
            yield from written(path, call.cwd, world)
    if program in _REMOVE or program == "mv":
        for path in plain if program != "mv" or _values(words, "-t") else plain[:-1]:
            yield from removed(path, call.cwd, world)
    if program in _WRITE_ALL or program in _REMOVE:
        for path in plain:
            yield from written(path, call.cwd, world, follow=program not in _REMOVE)
    elif program in _WRITE_LAST:
        for path in plain[-1:] if len(plain) > 1 else ():
            yield from written(path, call.cwd, world)
        if program == "ln" and len(plain) == 1:
            yield from written(posixpath.basename(plain[0]), call.cwd, world)
        if program in ("mv", "ln"):
            # A link into a git directory would be a way to write there.
            for path in plain[:-1]:
                yield from written(path, call.cwd, world, follow=program == "ln")
    elif program in _IN_PLACE and any(_is_in_place(word, program) for word in words):
        for path in plain:
            yield from written(path, call.cwd, world)
    elif program == "dd":
        for word in words:
            if word.startswith("of="):
                yield from written(word[3:], call.cwd, world)
    elif program == "find" and "-delete" in words:
        yield from _found(words, call, world)


def _found(words: Sequence[str], call: Call, world: World) -> Iterator[Refusal]:
    """`find … -delete`."""
    starts = []
    for word in words:
        if word.startswith(("-", "(", "!")):
            break
        starts.append(word)
    everything = not any(word in words for word in ("-name", "-path", "-iname", "-regex", "-type", "-newer", "-size"))
    for start in starts or ["."]:
        yield from written(start, call.cwd, world)
        if everything:
            yield from removed(start, call.cwd, world)


def _is_in_place(word: str, program: str) -> bool:
    if program in ("awk", "gawk"):
        return word in ("inplace", "-iinplace")
    if word.startswith("--"):
        return word.startswith("--in-place")
    return word.startswith("-") and "i" in word and not word.startswith(("-e", "-f", "-I"))


def _values(words: Sequence[str], option: str) -> list[str]:
    found = []
    for index, word in enumerate(words):
        if word == option and index + 1 < len(words):
            found.append(words[index + 1])
        elif option.startswith("--") and word.startswith(f"{option}="):
            found.append(word[len(option) + 1 :])
        elif not option.startswith("--") and word.startswith(option) and not word.startswith("--") and len(word) > 2:
            found.append(word[2:])
    return found


def written(path: str, cwd: str, world: World, *, follow: bool = True) -> Iterator[Refusal]:
    """Why `path` may not be written by a program that runs in `cwd`; nothing when it may.

    Without `follow` it is removed: when it is a link, what it leads to does not change.
    """
    if not path or path in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-"):
        return
    full = posixpath.join(cwd, _home(path, world))
    before = _before_dot_git(full)
    if before is not None and world.place(before) is not None:
        yield _in_git_directory(path)
        return
    if UNKNOWN in path:
        return
    real = world.resolve(full) if follow else _entry(full, world)
    if _within(real, world.home) and not real.startswith(f"{world.home}/worktrees/"):
        yield Refusal(
            "okstra-files",
            f"'{names.printable(path)}' belongs to okstra's own records",
            "let okstra change them: git okstra -h",
        )
        return
    before = _before_dot_git(real)
    there = world.place(posixpath.dirname(real))
    here = world.place(cwd)
    in_git = before is not None and world.place(before) is not None
    in_git = in_git or (there is not None and not there.worktree)
    in_git = in_git or (here is not None and (_within(real, here.common_dir) or _within(real, here.git_dir)))
    if in_git:
        yield _in_git_directory(path)
    elif real.endswith(SETTINGS_FILES) and (there is not None or (here is not None and _is_personal(real, world))):
        yield Refusal(
            "guard-settings",
            f"'{names.printable(path)}' decides whether the guard is asked",
            "have a person change it: git okstra guard install, git okstra guard uninstall",
        )


def _is_personal(real: str, world: World) -> bool:
    home = world.resolve(world.environ.get("HOME") or "/")
    return any(real == f"{home}/{name}" for name in SETTINGS_FILES)


def _in_git_directory(path: str) -> Refusal:
    return Refusal(
        "git-directory",
        f"'{names.printable(path)}' lies in a git directory, where hooks, refs and settings are kept",
        "change refs and settings with git's own commands",
    )


def _before_dot_git(path: str) -> str | None:
    """What stands before a component `.git`, or a pattern that stands for it."""
    parts = path.split("/")
    for index, part in enumerate(parts):
        low = part.lower()
        if low == ".git" or (low[:1] in (".", "[") and any(sign in low for sign in "*?[") and _matches(low)):
            return "/".join(parts[:index]) or "/"
    return None


def _matches(pattern: str) -> bool:
    return fnmatch.fnmatchcase(".git", pattern)


def removed(path: str, cwd: str, world: World) -> Iterator[Refusal]:
    """Why `path` may not be removed or moved away by a program that runs in `cwd`."""
    if not path or UNKNOWN in path.rpartition("/")[0] or path == UNKNOWN:
        return
    # Whatever stands there may be meant by what is not known.
    path = path.replace(UNKNOWN, "*")
    full = posixpath.join(cwd, _home(path, world))
    real = world.resolve(full) if path.endswith("/") else _entry(full, world)
    if _covers(real, world.home) or real == f"{world.home}/worktrees":
        yield Refusal(
            "okstra-files",
            f"'{names.printable(path)}' holds okstra's records and worktrees",
            "remove a task through okstra: git okstra remove TASK",
        )
        return
    for place in (world.place(cwd), world.place(real)):
        refused = list(_removed_of(path, real, place)) if place is not None else []
        if refused:
            yield from refused
            return
    if real.startswith(f"{world.home}/worktrees/") and real[len(world.home) + 11 :].count("/") < 2:
        yield _worktree_removal(path, "TASK")


def _entry(full: str, world: World) -> str:
    """`full` without links, but for its last name: a link is removed itself, not what it leads to."""
    full = full.rstrip("/") or "/"
    name = posixpath.basename(full)
    return world.resolve(full) if name in ("", ".", "..") else posixpath.join(world.resolve(full[: -len(name)]), name)


def _removed_of(path: str, real: str, place: Place) -> Iterator[Refusal]:
    for holding in place.held.values():
        if holding.path and _covers(real, holding.path):
            yield _worktree_removal(path, str(holding.number or holding.task))
            return
    if _covers(real, place.common_dir):
        yield _in_git_directory(path)
    elif place.own is not None and real == place.worktree:
        yield _worktree_removal(path, str(place.own.number or place.own.task))


def _worktree_removal(path: str, what: str) -> Refusal:
    return Refusal(
        "worktree-removal",
        f"'{names.printable(path)}' holds a governed worktree: removed so, its reservation stays and work may be lost",
        f"git okstra remove {names.typed(what)}",
    )


def worktree_moved(path: str, cwd: str, place: Place, world: World) -> Iterator[Refusal]:
    """Why `git worktree remove` or `move` may not take `path`, which may be a name that fits the end of one."""
    real = world.resolve(posixpath.join(cwd, _home(path, world)))
    for holding in place.held.values():
        if holding.path and (holding.path == real or f"{holding.path}/".endswith(f"/{path.strip('/')}/")):
            yield _worktree_removal(path, str(holding.number or holding.task))
            return


def edited(path: str, cwd: str, world: World) -> Iterator[Refusal]:
    """Why an agent that stands in `cwd` may not edit the file `path`."""
    refused = list(written(path, cwd, world))
    if refused:
        yield from refused
        return
    real = world.resolve(posixpath.join(cwd, _home(path, world)))
    here, there = world.place(cwd), world.place(posixpath.dirname(real))
    if any(_within(real, world.resolve(_home(each, world))) for each in world.scratch):
        return
    if here is not None and here.own is not None and not _within(real, here.worktree):
        in_the_repository = there is not None and there.common_dir == here.common_dir
        if here.own.number or world.files(here) is not None or (in_the_repository and there and there.own is None):
            what = f"stage {here.own.number}" if here.own.number else f"task {names.printable(here.own.task)}"
            yield Refusal(
                "edit-outside",
                f"'{names.printable(path)}' lies outside the worktree of {what}, '{names.printable(here.worktree)}'",
                "edit the file of that name in the worktree; see where it is: git okstra path",
            )
            return
    if there is None or there.own is None:
        return
    allowed = world.files(there)
    relative = real[len(there.worktree) + 1 :]
    if allowed is not None and not patterns.any_match(allowed, relative):
        listed = ", ".join(names.printable(each) for each in allowed[:5]) + (", …" if len(allowed) > 5 else "")
        yield Refusal(
            "edit-unplanned",
            f"the plan does not list '{names.printable(relative)}' for stage {there.own.number or '(on the task)'}: "
            f"it may change {listed or 'nothing'}",
            "see the plan: git okstra plan show\nif the file belongs to the stage, have a person change the plan: "
            "git okstra plan edit",
        )


def _home(path: str, world: World) -> str:
    return world.environ.get("HOME", "~") + path[1:] if path == "~" or path.startswith("~/") else path


def _covers(pattern: str, path: str) -> bool:
    """Whether what `pattern` stands for is `path` or lies above it; `*` stands for no name that begins with a dot."""
    if not any(sign in pattern for sign in "*?["):
        return _within(path, pattern)
    wanted, parts = pattern.strip("/").split("/"), path.strip("/").split("/")
    return len(wanted) <= len(parts) and all(
        part == want or (fnmatch.fnmatchcase(part, want) and (part[:1] != "." or want[:1] == "."))
        for want, part in zip(wanted, parts, strict=False)
    )


def _within(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
