"""Which git commands are refused: what goes past the hooks, or behind okstra's back.

What the hooks judge rightly by themselves is left to them: they know the commits, the guard knows only the words.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from git_okstra.core import git_words, guarded_files, guarded_pushes, names
from git_okstra.core.git_words import GitCall
from git_okstra.core.guard_world import Place, World
from git_okstra.core.refusals import Refusal
from git_okstra.core.shell_calls import Call
from git_okstra.core.shell_words import UNKNOWN

# The commands whose --no-verify goes past a hook, and the letter that means the same.
_BYPASS = {
    "commit": "-n",
    "merge": "",
    "push": "",
    "am": "-n",
    "rebase": "",
    "pull": "",
    "cherry-pick": "",
    "revert": "",
}
_CHANGING = frozenset(
    {
        *_BYPASS, "reset", "update-ref", "branch", "checkout", "switch", "fetch", "symbolic-ref", "worktree", "stash",
        "filter-branch", "fast-import", "replace", "tag", "submodule", "bisect", "hook", "notes", "okstra",
    }
)  # fmt: skip
_WORKING = frozenset({*_BYPASS, "reset", "checkout", "switch", "stash", "filter-branch"}) - {"push"}
_LOOK_ELSEWHERE = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH", "GIT_CONFIG")
_LOCATE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR")


def watched(key: str) -> bool:
    """Whether a setting of git decides which hooks run, or which settings count."""
    low = key.lower()
    return (
        low == "core.hookspath"
        or low.startswith("hook.")
        or low == "include.path"
        or (low.startswith("includeif.") and low.endswith(".path"))
        or (low.startswith("url.") and (low.endswith(".pushinsteadof") or "okstra" in low))
        or low == "core.worktree"
    )


def settings_of(env: Mapping[str, str]) -> Iterator[Refusal]:
    """What is refused of the variables that a line sets, whether or not git follows on the same line."""
    for key, _ in git_words.from_environment(env):
        if watched(key):
            yield _setting(key)
            return


def judge(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    """What is refused of a git command that runs at `place`."""
    command = git.command
    yield from _overridden(call, git)
    if command in _BYPASS:
        given = git_words.options(command, git.words).names()
        if "--no-verify" in given or (_BYPASS[command] and _BYPASS[command] in given):
            option = "--no-verify" if "--no-verify" in given else _BYPASS[command]
            yield Refusal(
                "hook-bypass",
                f"git {command} {option} keeps the hooks of this repository from running",
                f"run it without {option}, and mend what the hooks report",
            )
    if command == "push":
        yield from guarded_pushes.judge(call, git, place, world)
    elif command in ("send-pack", "http-push"):
        yield Refusal("send-pack", f"git {command} pushes past every hook", "git push")
    elif command in _RULES:
        yield from _RULES[command](call, git, place, world)


def _overridden(call: Call, git: GitCall) -> Iterator[Refusal]:
    """Settings given on the way to the command, and variables that move it elsewhere."""
    for key, _ in (*git.config, *git_words.from_environment(call.env)):
        if watched(key) or UNKNOWN in key:
            yield _setting(key)
            return
    if git.command not in _CHANGING:
        return
    for name in _LOOK_ELSEWHERE:
        if name in call.env or (name == "GIT_EXEC_PATH" and git.exec_path):
            yield Refusal(
                "hooks-config",
                f"{name} makes git look for its settings or programs elsewhere",
                f"run git {git.command} without it",
            )
            return
    located = [name for name in _LOCATE if name in call.env]
    if git.command in _WORKING and (located or git.git_dir or git.work_tree):
        how = located[0] if located else "--git-dir" if git.git_dir else "--work-tree"
        yield Refusal(
            "elsewhere",
            f"{how} makes git {git.command} work on another repository or tree than the one it stands in",
            f"name the worktree: git -C WORKTREE {git.command}",
        )


def _setting(key: str) -> Refusal:
    shown = names.printable(key.replace(UNKNOWN, "…"))
    return Refusal(
        "hooks-config",
        f"the setting '{shown}' decides which hooks and settings count",
        "leave it as it is; see which hooks run: git okstra hooks status",
    )


def _config(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    options = git_words.options("config", git.words)
    given = options.names()
    rest = list(options.rest)
    verb = rest.pop(0) if rest and rest[0] in _CONFIG_VERBS else ""
    if verb in ("get", "list") or given & {"--get", "--get-all", "--get-regexp", "--get-urlmatch", "--list", "-l"}:
        return
    if (verb == "edit" or given & {"--edit", "-e"}) and not given & {"--global", "--system", "--file", "-f"}:
        yield Refusal(
            "hooks-config",
            "an editor on git's settings could change which hooks run",
            "change one setting at a time: git config set NAME VALUE",
        )
    if verb.endswith("-section") or given & {"--remove-section", "--rename-section"}:
        section = rest[0].lower() if rest else ""
        if watched(f"{section}.x") or watched(f"{section}.path") or section == "core" or "okstra" in section:
            yield _setting(section)
        return
    changes = verb in ("set", "unset") or given & {"--unset", "--unset-all", "--add", "--replace-all"}
    if rest and (changes or len(rest) > 1) and (watched(rest[0]) or rest[0].startswith(UNKNOWN)):
        yield _setting(rest[0])


_CONFIG_VERBS = ("get", "set", "unset", "list", "edit", "rename-section", "remove-section")


def _governed(place: Place, branch: str, what: str, hint: str) -> Iterator[Refusal]:
    """The refusal when `branch` is a governed one."""
    name = git_words.branch_of(branch)
    if name in place.held:
        yield Refusal("governed-branch", f"{what} the governed branch '{names.printable(name)}'", hint)


_LET_OKSTRA = "let okstra do it: git okstra remove, git okstra merge, git okstra restore"


def _branch(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    options = git_words.options("branch", git.words)
    given, rest = options.names(), options.rest
    if given & {"-r", "--remotes"}:
        return
    if given & {"-d", "-D", "--delete"}:
        for branch in rest:
            yield from _governed(place, branch, f"git branch {_first(given, 'dD', '--delete')} deletes", _LET_OKSTRA)
    elif given & {"-m", "-M", "--move"}:
        for branch in rest if len(rest) > 1 else (place.head, *rest):
            yield from _governed(place, branch, "git branch -m renames or replaces", _LET_OKSTRA)
    elif given & {"-c", "-C", "--copy"}:
        for branch in rest[-1:]:
            yield from _governed(place, branch, "git branch -c replaces", _LET_OKSTRA)
    elif given & {"-f", "--force"}:
        for branch in rest[:1]:
            yield from _governed(place, branch, "git branch -f moves", _LET_OKSTRA)


def _first(given: frozenset[str], letters: str, name: str) -> str:
    return next((f"-{letter}" for letter in letters if f"-{letter}" in given), name)


def _checkout(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    options = git_words.options(git.command, git.words)
    branch = options.value("-B") or options.value("-C") or options.value("--force-create")
    if branch and not (branch == place.head and place.own is not None):
        yield from _governed(place, branch, f"git {git.command} would move", _LET_OKSTRA)


def _update_ref(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    options = git_words.options("update-ref", git.words)
    refs = list(options.rest[:1])
    if "--stdin" in options.names():
        refs += (call.stdin or "").replace("\0", " ").split()
    for ref in refs:
        if ref.startswith("refs/okstra/"):
            yield Refusal(
                "okstra-files",
                f"'{names.printable(ref)}' is a ref that okstra keeps",
                "see the trash: git okstra restore",
            )
            return
        if ref.startswith("refs/heads/") and not (place.own and git_words.branch_of(ref) == place.own.branch):
            yield from _governed(place, ref, "git update-ref moves", _LET_OKSTRA)


def _symbolic_ref(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    options = git_words.options("symbolic-ref", git.words)
    if len(options.rest) < 2 and not options.names() & {"-d", "--delete"}:
        return
    ref = options.rest[0] if options.rest else ""
    if ref == "HEAD" and place.own is not None:
        yield Refusal(
            "governed-branch",
            f"git symbolic-ref HEAD takes '{names.printable(place.worktree)}' off its governed branch unseen",
            f"git switch {names.typed(place.own.branch)}",
        )
    yield from _governed(place, ref, "git symbolic-ref replaces", _LET_OKSTRA)


def _worktree(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    options = git_words.options("worktree", git.words)
    verb, rest = (options.rest[0] if options.rest else ""), options.rest[1:]
    cwd = posixpath.join(call.cwd, *git.directories)
    if verb in ("remove", "move") and rest:
        yield from guarded_files.worktree_moved(rest[0], cwd, place, world)
    elif verb == "prune" and not options.names() & {"-n", "--dry-run"}:
        yield Refusal(
            "worktree-removal",
            "git worktree prune unregisters worktrees that others hold and that are only out of sight",
            "git okstra prune",
        )
    elif verb == "add":
        yield from _governed(place, options.value("-B") or "", "git worktree add -B moves", _LET_OKSTRA)


def _fetch(call: Call, git: GitCall, place: Place, world: World) -> Iterator[Refusal]:
    for refspec in git_words.options(git.command, git.words).rest[1:]:
        _, source, target = git_words.split_refspec(refspec)
        if target != source and not (place.own and git_words.branch_of(target) == place.own.branch):
            yield from _governed(place, target, f"git {git.command} {refspec} moves", "fetch without naming a target")


_RULES = {
    "config": _config,
    "branch": _branch,
    "checkout": _checkout,
    "switch": _checkout,
    "update-ref": _update_ref,
    "symbolic-ref": _symbolic_ref,
    "worktree": _worktree,
    "fetch": _fetch,
    "pull": _fetch,
}
