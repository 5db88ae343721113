"""Judges one tool call of an agent before it is carried out: a command line, or an edit of files.

Pure: the world is asked through `guard_world.World`. The answer is a list of refusals, empty when all may go on. A line
is judged as a whole, for it runs as a whole: one refused command refuses it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from git_okstra.core import git_words, guarded_files, guarded_git, guarded_programs, shell_calls
from git_okstra.core.git_words import GitCall
from git_okstra.core.guard_world import Place, World
from git_okstra.core.refusals import Refusal
from git_okstra.core.shell_calls import TOO_DEEP, Call
from git_okstra.core.shell_words import UNKNOWN

LONGEST_LINE = 1 << 20
"""Characters; a longer line is refused unread, for reading it would take seconds."""

DEEPEST = 8
"""How many aliases and commands that git runs may stand for each other."""

MOST = 40_000
"""How many calls are judged for one line, with those that aliases come to."""

SHOWN = 10
"""How many refusals are told of at once."""


class _Trail:
    """How deep the judge is in aliases, and how many calls it has seen on the whole line."""

    def __init__(self, depth: int = 0, seen: list[int] | None = None) -> None:
        self.depth = depth
        self.seen = seen if seen is not None else [0]

    def deeper(self) -> _Trail:
        return _Trail(self.depth + 1, self.seen)

    def ended(self) -> bool:
        """Whether this is enough; each time it is asked counts as one call."""
        self.seen[0] += 1
        return self.depth > DEEPEST or self.seen[0] > MOST


def line(text: str, cwd: str, world: World) -> list[Refusal]:
    """Why the command line `text` may not be run in `cwd` (absolute)."""
    if len(text) > LONGEST_LINE:
        return [_unreadable(f"a command line of {len(text)} characters", "put it into a script a person can read")]
    return _unique(_calls(shell_calls.calls(text, cwd, world.environ), world, _Trail()))


def words(given: Sequence[str], cwd: str, world: World) -> list[Refusal]:
    """The same for a command that is given as a list of words."""
    return _unique(_calls(shell_calls.of_words(given, cwd, world.environ, {}), world, _Trail()))


def edits(paths: Sequence[str], cwd: str, world: World) -> list[Refusal]:
    """Why the files `paths`, relative to `cwd`, may not be edited."""
    return _unique(refusal for path in paths for refusal in guarded_files.edited(path, cwd, world))


def patched_files(patch: str) -> list[str]:
    """The files that a patch in the form of `apply_patch` adds, updates, deletes or moves to."""
    heads = ("*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: ")
    lines = (each.strip() for each in patch.splitlines())
    return [each[len(head) :] for each in lines for head in heads if each.startswith(head)]


def _unique(refusals: Iterator[Refusal]) -> list[Refusal]:
    found: dict[Refusal, None] = {}
    for refusal in refusals:
        found[refusal] = None
        # What cannot be judged may go on for ever, and one refusal is enough.
        if len(found) == SHOWN or refusal.rule == "unreadable":
            break
    return list(found)


def _unreadable(what: str, hint: str) -> Refusal:
    return Refusal("unreadable", f"{what} cannot be judged", hint)


def _calls(calls: Iterator[Call], world: World, trail: _Trail) -> Iterator[Refusal]:
    for call in calls:
        yield from _call(call, world, trail)


def _call(call: Call, world: World, trail: _Trail) -> Iterator[Refusal]:
    if call.words[:1] == (TOO_DEEP,) or trail.ended():
        yield _unreadable("a line with so many commands inside each other", "run the commands one by one")
        return
    yield from guarded_files.judge(call, world)
    if call.env and world.place(call.cwd) is not None:
        yield from guarded_git.settings_of(call.env)
    if not call.words:
        return
    name = call.program
    if name in ("apply_patch", "applypatch"):
        patch = call.words[1] if len(call.words) > 1 else call.stdin or ""
        for path in patched_files(patch):
            yield from guarded_files.edited(path, call.cwd, world)
    elif name == "git" or name.startswith("git-") or _may_be_git(call.words[0]):
        yield from _git(call, world, trail)
    elif _may_publish(name, world) and world.place(call.cwd) is not None:
        yield from guarded_programs.publishing(call, world)


def _may_be_git(word: str) -> bool:
    """Whether a name that is not known, or a pattern, may come to stand for git."""
    import fnmatch

    name = word.rpartition("/")[2]
    return name == UNKNOWN or (any(sign in name for sign in "*?[") and fnmatch.fnmatchcase("git", name))


def _may_publish(name: str, world: World) -> bool:
    plain = name.rstrip("0123456789.")
    return plain in ("python", "pypy", "py") or any(each.split(" ", 1)[0] == name for each in world.publishing)


def _git(call: Call, world: World, trail: _Trail) -> Iterator[Refusal]:
    git = git_words.parse(call.words)
    directory = posixpath.join(call.cwd, *(each for each in git.directories if UNKNOWN not in each))
    if git.command == "okstra":
        yield from guarded_programs.deciding(git.words)
        if git.words[:1] in (("graph",), ("timeline",)):
            for option, path in git_words.options("okstra graph", git.words).given:
                if option in ("-o", "--output") and path:
                    yield from guarded_files.written(path, directory, world)
        if git.words[:1] == ("exec",):
            yield from _calls(_executed(call, git, directory, world), world, trail.deeper())
        return
    place = _place(call, git, directory, world)
    if place is None:
        return
    if UNKNOWN in git.command:
        if call.program == "git":
            yield _unreadable("a git command whose name is not written out", "write the command out")
        return
    if not call.program.startswith("git") and git.command not in git_words.KNOWN:
        return  # a program that is not known: not every one of them is git
    if git.command not in git_words.KNOWN and git.command not in git_words.OTHERS:
        yield from _alias(call, git, directory, world, trail)
    yield from guarded_git.judge(call, git, place, world)
    for text in _run_by_git(git):
        yield from _calls(shell_calls.calls(text, directory, world.environ, call.env), world, trail.deeper())


def _place(call: Call, git: GitCall, directory: str, world: World) -> Place | None:
    """Where git would work: in the git directory that is named, else around `directory`."""
    named = git.git_dir or call.env.get("GIT_DIR", "")
    if named and UNKNOWN not in named:
        found = world.place(posixpath.join(directory, named))
        if found is not None:
            return found
    return world.place(directory)


def _alias(call: Call, git: GitCall, directory: str, world: World, trail: _Trail) -> Iterator[Refusal]:
    """What is refused of the command that an alias stands for."""
    key = f"alias.{git.command.lower()}"
    values = [value for name, value in git.config if name == key] or list(world.git_settings(directory).get(key, ()))
    if not values:
        return
    yield from _expansion(values[-1], git.words, call, git, directory, world, trail)


def _expansion(
    value: str, arguments: Sequence[str], call: Call, git: GitCall, directory: str, world: World, trail: _Trail
) -> Iterator[Refusal]:
    if value.startswith("!"):
        text = " ".join((value[1:], *map(shell_calls.quoted, arguments)))
        yield from _calls(shell_calls.calls(text, directory, world.environ, call.env), world, trail.deeper())
        return
    split = [one.words for one in shell_calls.calls(value, directory, world.environ) if one.words]
    settings = [piece for name, text in git.config for piece in ("-c", f"{name}={text}")]
    for one in split[:1]:
        yield from _call(
            call._replace(words=("git", *settings, *one, *arguments), cwd=directory, writes=()), world, trail.deeper()
        )


def _executed(call: Call, git: GitCall, directory: str, world: World) -> Iterator[Call]:
    """What `git okstra exec WHAT -- CMD` runs, judged where the caller stands."""
    rest = git.words[1:]
    at = rest.index("--") + 1 if "--" in rest else 1
    if rest[at:]:
        yield from shell_calls.of_words(rest[at:], directory, world.environ, call.env)


def _run_by_git(git: GitCall) -> Iterator[str]:
    """The command lines that a git command is told to run, or to keep as an alias."""
    if git.command == "rebase":
        for name, value in git_words.options("rebase", git.words).given:
            if name in ("-x", "--exec") and value:
                yield value
    elif git.command == "bisect" and git.words[:1] == ("run",):
        yield " ".join(map(shell_calls.quoted, git.words[1:]))
    elif git.command == "submodule" and "foreach" in git.words:
        yield " ".join(each for each in git.words[git.words.index("foreach") + 1 :] if not each.startswith("--"))
    elif git.command == "filter-branch":
        for index, word in enumerate(git.words[:-1]):
            if word.endswith("-filter"):
                yield git.words[index + 1]
    elif git.command == "config":
        rest = [each for each in git_words.options("config", git.words).rest if each != "set"]
        if len(rest) > 1 and rest[0].lower().startswith("alias."):
            yield rest[1][1:] if rest[1].startswith("!") else f"git {rest[1]}"
