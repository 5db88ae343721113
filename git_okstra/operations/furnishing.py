"""Furnishing a new worktree: links and copies of what git does not track, then the setup commands.

Called when the worktree is checked out and outside every lock; run again after being cut short, it does what is
missing. What a repository brings along can make it refuse but not reach outside the two worktrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from git_okstra.core import link_writers, linking, names
from git_okstra.core.errors import OkstraError
from git_okstra.git import process, tracked
from git_okstra.state import linking as placing

LAST_LINES = 12
"""How much of a failed command's output an error shows."""


def furnish(
    *, common_dir: str, main_worktree: str | None, worktree: str, link: Sequence[str], copy: Sequence[str]
) -> list[str]:
    """Link and copy paths of the main worktree into a new one; returns notes for the user.

    Paths are relative to the root of both worktrees; directories are absolute, `main_worktree` None when the repository
    has none. What is linked or copied is named in the repository's `info/exclude` first, which all its worktrees share.

    Raises OkstraError `bad-link` with everything that is not allowed, before anything is changed; `cannot-write`.
    """
    wishes, faults = linking.wishes(link, copy)
    decisions: list[tuple[linking.Wish, linking.Decision]] = []
    if main_worktree is not None and wishes:
        faults |= _tracked((worktree, main_worktree), wishes)
        decisions = [(wish, _decision(main_worktree, worktree, wish)) for wish in wishes]
    for wish, decision in decisions:
        if decision.action == linking.REFUSE:
            faults.setdefault(wish, decision.note)
    if faults:
        raise linking.refusal(faults)
    if main_worktree is None:
        return ["nothing is linked or copied: the repository has no main worktree to take it from"] if wishes else []
    return _carry_out(common_dir, main_worktree, worktree, decisions)


def _decision(main_worktree: str, worktree: str, wish: linking.Wish) -> linking.Decision:
    return linking.decide(
        wish,
        main_worktree,
        placing.look(main_worktree, wish.path),
        placing.look(worktree, wish.path),
        placing.encloses(f"{main_worktree}/{wish.path}", worktree),
    )


def _tracked(worktrees: Sequence[str], wishes: Sequence[linking.Wish]) -> dict[linking.Wish, str]:
    """The wishes that are refused for what git tracks in one of the worktrees: the branches of the two differ."""
    needed = {wish: [wish.path] for wish in wishes}
    for wish in wishes:
        if wish.how == linking.COPY:
            needed[wish].append(linking.partial(wish.path))
    asked = list(dict.fromkeys(path for paths in needed.values() for path in paths))
    faults: dict[linking.Wish, str] = {}
    for worktree in worktrees:
        entries = tracked.entries(worktree, asked)
        for wish, paths in needed.items():
            entry = next((entries[path] for path in paths if path in entries), None)
            if entry is not None:
                faults.setdefault(wish, linking.tracked_fault(wish.path, entry))
    return faults


def _carry_out(
    common_dir: str, main_worktree: str, worktree: str, decisions: Sequence[tuple[linking.Wish, linking.Decision]]
) -> list[str]:
    patterns = [linking.exclude_pattern(wish.path) for wish, decision in decisions if decision.action != linking.SKIP]
    growing = [linking.PARTIAL] if any(decision.action == linking.COPY for _, decision in decisions) else []
    # First of all, so that at no moment `git add -A` would take a link or a copied secret along.
    named = placing.exclude(common_dir, [*patterns, *growing])
    notes = []
    for wish, decision in decisions:
        if decision.action == linking.LINK:
            placing.link(main_worktree, worktree, wish.path)
        elif decision.action == linking.COPY:
            passed_over = placing.copy(main_worktree, worktree, wish.path)
            notes += [
                f"not copied: '{names.printable(path)}' is a socket, pipe or device" for path in sorted(passed_over)
            ]
        if decision.note:
            notes.append(decision.note)
    shown = ", ".join(f"'{names.printable(pattern)}'" for pattern in named if pattern in patterns)
    if shown:
        notes.append(f"now ignored in every worktree of this repository, by info/exclude: {shown}")
    return notes


def run_setup(commands: Sequence[str], *, worktree: str, env: Mapping[str, str], timeout: float | None) -> list[str]:
    """Run the setup commands in the worktree, each through `sh -c`; returns a note for each that was run.

    `env` is added to the environment, `timeout` is in seconds for each command. Whether they may be run at all the
    caller has decided. Raises OkstraError `setup-failed` at the first that fails; those after it are not run.
    """
    notes = []
    for n, command in enumerate(commands):
        result = process.run(command, cwd=worktree, env=env, timeout=timeout)
        if result.status != 0:
            raise _setup_failed(command, result, worktree, commands[n + 1 :])
        notes.append(f"ran {_shown(command)}")
    return notes


def warn_about_links(commands: Sequence[str], link: Sequence[str]) -> list[str]:
    """A warning for each link that a setup command would, by its text, write through into the main worktree."""
    links = [linking.normal(path) for path in link if linking.fault(path) is None]
    return [
        f"setup command {_shown(command)} writes through the link '{names.printable(path)}' into the main worktree; "
        "name it in worktree.copy instead of worktree.link, or take the command out of worktree.setup"
        for command in commands
        for path in link_writers.written_through(command, links)
    ]


def by_hand(commands: Sequence[str], worktree: str) -> list[str]:
    """What to type to run each of the commands in the worktree."""
    return [f"cd {names.typed(worktree)} && {_typed(each)}" for each in commands]


def _setup_failed(command: str, result: process.Result, worktree: str, rest: Sequence[str]) -> OkstraError:
    if result.complaint:
        how = result.complaint  # it was stopped or never began; a command's own words are all in `out`
    elif result.status < 0:
        how = f"was ended by signal {-result.status}"
    else:
        how = f"failed with exit status {result.status}"
    lines = [f"setup command {_shown(command)} {how}", *(f"  {line}" for line in _last_lines(result.out))]
    hints = by_hand([command, *rest], worktree)
    hints[0] = f"mend the cause and run it again: {hints[0]}"
    if rest:
        hints[1] = f"then what was not run: {hints[1]}"
    return OkstraError("setup-failed", "\n".join(lines), "\n".join(hints))


def _last_lines(out: bytes) -> list[str]:
    """The end of what a command wrote, fit for a terminal: without colours, and of a progress line its last state."""
    import re

    text = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", out.decode("utf-8", "replace")).replace("\r\n", "\n")
    lines = [names.printable(line.rsplit("\r", 1)[-1].expandtabs()).rstrip() for line in text.split("\n")]
    return [line for line in lines if line][-LAST_LINES:]


def _shown(command: str) -> str:
    """A command in a message: its first line."""
    first, newline, _ = command.strip().partition("\n")
    return f"'{names.printable(first)}{' …' if newline else ''}'"


def _typed(command: str) -> str:
    """A command as it can be typed behind `&&`: as it is when it is simple enough, else through a shell of its own."""
    import shlex

    plain = names.printable(command) == command and not any(character in ";|&\n" for character in command)
    return command if plain else f"sh -c {shlex.quote(command)}"
