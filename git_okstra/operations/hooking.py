"""`git okstra hooks`: the hooks are set beside what is there, and taken out again leaving all as it was.

Two ways, by the age of git. Where git runs hooks that the configuration names (`hook.<name>.command`, 2.54), ours are
named there and nothing else is touched. Before that a directory of ours stands in front (`core.hooksPath`), whose
scripts run what was there before:

- in governed worktrees always, through an `includeIf` that names each of them, so that the others notice nothing;
- elsewhere only pre-push and post-checkout, as files in git's own hooks directory, the hook that was there put aside;
  but through a directory of ours where `core.hooksPath` was set already (husky, for instance).
"""

from __future__ import annotations

import os
import shlex
import sys

from git_okstra.core import push_guard as wire
from git_okstra.core.records import dataclass
from git_okstra.git import admin, configuration, repository, worktrees
from git_okstra.operations import policing
from git_okstra.operations.context import Context
from git_okstra.state import config, files, resources
from git_okstra.state.policies import stamp

BLOCK = "[include]\n\tpath = okstra/git.config\n"
"""What stands in the repository's own configuration; everything else is in files of ours."""

STUB_LINE = "# git okstra: leads to the hooks in okstra/hooks"
ASIDE = ".before-okstra"
FOUND = ".found-by-okstra"
MADE = "made-directory"
"""A file that says that there was no directory for hooks before ours."""
EVERYWHERE = ("pre-push", "post-checkout")
GOVERNED = ("pre-commit", "pre-push", "post-checkout", "reference-transaction")
SHIPPED = ("common.sh", "chain", "push-guard", *GOVERNED)

CLIENT_EVENTS = (
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "post-rewrite",
    "pre-auto-gc",
)
"""Events that are handed on also when their hook comes later than ours; others (githooks(5)) when ours are installed,
for being there tells git something."""

OTHER_EVENTS = (
    "pre-receive",
    "update",
    "proc-receive",
    "post-receive",
    "post-update",
    "reference-transaction",
    "push-to-checkout",
    "sendemail-validate",
    "fsmonitor-watchman",
    "post-index-change",
    "p4-changelist",
    "p4-prepare-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
)

UNFINISHED = "unfinished"
"""A file beside the scripts for as long as they are being installed."""

CONFIGURED_SINCE = (2, 54)
ONE_TRANSACTION_SINCE = (2, 51)
"""From this git on a fetch is one ref transaction, so that a hook for the whole repository costs one call."""


@dataclass(frozen=True, slots=True)
class Event:
    """What runs on one event in one worktree: `runs` are the hooks in their order, `active` whether ours is among
    them."""

    worktree: str
    governed: bool
    event: str
    active: bool
    runs: tuple[str, ...]


def directory(ctx: Context) -> str:
    """Where our hooks are."""
    return f"{ctx.common_dir}/okstra/hooks"


def installed(ctx: Context) -> bool:
    """Whether the hooks were installed here (whatever became of them since)."""
    return os.path.exists(f"{directory(ctx)}/common.sh")


def begun(ctx: Context) -> bool:
    """Whether an installation was begun that did not come to its end."""
    return os.path.exists(f"{directory(ctx)}/{UNFINISHED}")


def install(ctx: Context, *, push_guard: bool | None = None, dry_run: bool = False) -> bool:
    """Install the hooks, or bring them up to date; whether anything was to be changed.

    Raises `cannot-write`, `git-failed`, `bad-config`.
    """
    guarded = ctx.settings.get("hooks.push_guard")
    changed = not installed(ctx) or not _is_whole(ctx) or push_guard not in (None, guarded)
    if dry_run:
        return changed
    with ctx.store.worktrees_locked():
        files.write_plain(f"{directory(ctx)}/{UNFINISHED}", b"")
        if push_guard is not None:
            config.set_value(_clone_settings(ctx), "hooks.push_guard", push_guard)
            ctx.reread_settings()
        if not ctx.settings.get("hooks.install"):
            config.unset_value(_clone_settings(ctx), "hooks.install")
        mode = _mode(ctx)
        _write_scripts(ctx, mode)
        _write_configuration(ctx, mode)
        configuration.append_block(ctx.common_dir, BLOCK)
        _write_stubs(ctx, mode)
        _remember_before(ctx, mode)
    policing.refresh_all(ctx)
    files.remove(f"{directory(ctx)}/{UNFINISHED}")
    return changed


def uninstall(ctx: Context, *, dry_run: bool = False) -> bool:
    """Take the hooks out, and put back what was there, byte for byte; whether there was anything to do.

    The next `start` will not install them again. Raises `cannot-write`, `git-failed`.
    """
    there = installed(ctx) or configuration.has_block(ctx.common_dir, BLOCK)
    if dry_run or not there:
        return there
    with ctx.store.worktrees_locked():
        # First, or one that died before it would have the next `start` install them again.
        config.set_value(_clone_settings(ctx), "hooks.install", False)
        configuration.remove_block(ctx.common_dir, BLOCK)
        for event in EVERYWHERE:
            _remove_stub(f"{ctx.common_dir}/hooks/{event}")
        for name in ("git.config", "governed.config"):
            files.remove(f"{ctx.common_dir}/okstra/{name}")
        made = os.path.exists(f"{directory(ctx)}/{MADE}")
        files.remove_tree(directory(ctx))
        if made and not os.listdir(f"{ctx.common_dir}/hooks"):
            os.rmdir(f"{ctx.common_dir}/hooks")
    return True


def leave_out(ctx: Context) -> None:
    """Remember that this repository is to have no hooks."""
    config.set_value(_clone_settings(ctx), "hooks.install", False)


def govern(ctx: Context) -> None:
    """Let the configuration name the worktrees that are governed now. Called under the repository lock."""
    if installed(ctx):
        mode = _installed_mode(ctx)
        _write_configuration(ctx, mode)
        _remember_before(ctx, mode)


def runs_after_checkout(ctx: Context, worktree: str) -> bool:
    """Whether git would run a post-checkout hook in a new worktree, other than ours, which has nothing to do in it.

    True as well where only git can tell: without our hooks, beside hooks that the configuration names, or with
    configuration of the worktree's own.
    """
    git_dir = repository.admin_directory(worktree)
    own = files.read(f"{git_dir}/config.worktree") if git_dir is not None else None
    if git_dir is None or any(word in (own or b"").lower() for word in (b"hookspath", b"include", b"[hook")):
        return True
    if not installed(ctx) or _installed_mode(ctx) == "configured":
        return True
    there = f"{_hooks_before(ctx, worktree)}/post-checkout"
    return os.access(f"{ctx.common_dir}/hooks/post-checkout{ASIDE}" if is_stub(there) else there, os.X_OK)


def status(ctx: Context) -> list[Event]:
    """What runs on each of our events in each worktree, as git would find it."""
    found = []
    for worktree in worktrees.listed(ctx.common_dir):
        if not os.path.isdir(worktree.path):
            continue
        governed = _marker(ctx, worktree.path)
        git_dir = _git_directory(ctx, worktree)
        values = configuration.every(git_dir, "core.hooksPath")
        place = _absolute(values[-1], worktree.path) if values else f"{ctx.common_dir}/hooks"
        for event in GOVERNED if governed else EVERYWHERE:
            runs = _runs(ctx, event, place, values, worktree.path, git_dir)
            active = any(one.startswith(directory(ctx)) and is_script(one) for one in runs)
            found.append(Event(worktree.path, governed, event, active, tuple(runs)))
    return found


def _runs(ctx: Context, event: str, place: str, values: list[str], worktree: str, git_dir: str) -> list[str]:
    """The hooks that run, ours where they stand in the order."""
    ours = f"{directory(ctx)}/{event}"
    if _mode(ctx) == "configured":
        named = configuration.every(git_dir, f"hook.okstra-{event}.event")
        first = [ours] if named and os.access(ours, os.X_OK) else []
        return [*first, *([f"{place}/{event}"] if os.access(f"{place}/{event}", os.X_OK) else [])]
    here = f"{place}/{event}"
    if not os.access(here, os.X_OK):
        return []
    if is_stub(here):
        return [ours, *_present([here + ASIDE])]
    if not is_script(here):
        legacy = [ours] if is_stub(f"{here}.legacy") else []
        return [here, *legacy]
    before = [value for value in values if not _is_ours(ctx, value)]
    old = f"{_absolute(before[-1], worktree) if before else f'{ctx.common_dir}/hooks'}/{event}"
    chain = [old + ASIDE if is_stub(old) else old]
    after = event in ("pre-push", "reference-transaction")
    return [ours, *_present(chain)] if after else [*_present(chain), ours]


def _present(paths: list[str]) -> list[str]:
    return [path for path in paths if os.access(path, os.X_OK)]


# -- writing


def _write_scripts(ctx: Context, mode: str) -> None:
    """The scripts, with what they need to know filled in; names that lead to `chain` for every other event."""
    root = directory(ctx)
    for place in (root, f"{root}/everywhere"):
        _rehome(ctx, place)
    words = {
        "@HOOKS@": root,
        "@COMMON@": ctx.common_dir,
        "@PYTHON@": sys.executable,
        "@ROOT@": resources.package_root(),
        "@MODE@": mode,
    }
    for name in SHIPPED:
        text = resources.read(f"hooks/{name}")
        for word, value in words.items():
            text = text.replace(f"'{word}'", shlex.quote(value))
        path = f"{root}/{name}"
        if files.read(path) != os.fsencode(text) or not os.access(path, os.X_OK):
            files.write_atomic(path, os.fsencode(text), 0o755)
    if mode == "configured":
        return
    everywhere = set(EVERYWHERE) | ({"reference-transaction"} if _scope(ctx) == "repository" else set())
    _lead(root, "", set(GOVERNED), _with_hooks(ctx))
    _lead(f"{root}/everywhere", "../", everywhere, {*CLIENT_EVENTS, *_with_hooks(ctx)}, link_ours=True)


def _rehome(ctx: Context, place: str) -> None:
    """Move the hooks that another tool has written into a directory of ours to where they belong.

    Seen from a governed worktree ours is the hooks directory (`lefthook install` there renames our scripts).
    """
    known = {*SHIPPED, *CLIENT_EVENTS, *OTHER_EVENTS}
    for name in os.listdir(place) if os.path.isdir(place) else ():
        path = f"{place}/{name}"
        event = name.partition(".")[0]
        if event not in known or name == "common.sh" or os.path.isdir(path):
            continue
        if is_script(path):
            if name != event:
                files.remove(path)
            continue
        before = _before(ctx)
        home = f"{before if before.startswith('/') else f'{ctx.common_dir}/hooks'}/{name}"
        home += ASIDE if is_stub(home) else ""
        files.make_directory(os.path.dirname(home))
        if os.path.lexists(home) and files.read(home) == files.read(path):
            files.remove(path)
        elif os.path.lexists(home):
            ctx.note(
                f"another tool had put its '{name}' in the place of ours; it is kept in '{_put_beside(path, home)}'"
            )
        else:
            files.move(path, home)


def _put_beside(path: str, home: str) -> str:
    """Rename a file to a free name beside `home`; the name."""
    number = 1
    while os.path.lexists(f"{home}{FOUND}.{number}"):
        number += 1
    files.move(path, f"{home}{FOUND}.{number}")
    return f"{home}{FOUND}.{number}"


def is_script(path: str) -> bool:
    """Whether the file, or what a link leads to, is one of our scripts as they are installed."""
    return b"\nokstra_hooks=" in files.beginning(path, 1024)


def _lead(where: str, up: str, ours: set[str], others: set[str], *, link_ours: bool = False) -> None:
    """Make the names of the events in the directory lead to their scripts."""
    files.make_directory(where)
    wanted = dict.fromkeys(others - ours, f"{up}chain")
    if link_ours:
        wanted |= {event: f"{up}{event}" for event in ours}
    for event in os.listdir(where):
        if os.path.islink(f"{where}/{event}") and event not in wanted:
            files.remove(f"{where}/{event}")
    for event, target in wanted.items():
        if not os.path.islink(f"{where}/{event}"):
            files.link(target, f"{where}/{event}")


def _with_hooks(ctx: Context) -> set[str]:
    """The events for which somebody has a hook now; the scripts see to those that come later."""
    places = [f"{ctx.common_dir}/hooks"]
    before = _before(ctx)
    if before:
        places.append(_absolute(before, ctx.main_worktree or ctx.common_dir))
    events = (*CLIENT_EVENTS, *OTHER_EVENTS)
    return {event for event in events for place in places if os.access(f"{place}/{event}", os.X_OK)}


def _write_configuration(ctx: Context, mode: str) -> None:
    """`git.config`, which the repository's configuration includes, and `governed.config`, which only governed
    worktrees read."""
    root = directory(ctx)
    rows = ["# Derived: git okstra hooks install"]
    governed = ["# Derived: git okstra hooks install"]
    if mode == "configured":
        everywhere = [*EVERYWHERE, *(["reference-transaction"] if _scope(ctx) == "repository" else [])]
        rows += [row for event in everywhere for row in _hook(root, event)]
        governed += [row for event in GOVERNED if event not in everywhere for row in _hook(root, event)]
    else:
        governed += ["[core]", f"\thooksPath = {configuration.quoted(root)}"]
        if _before(ctx):
            rows += ["[core]", f"\thooksPath = {configuration.quoted(f'{root}/everywhere')}"]
    if ctx.settings.get("hooks.push_guard"):
        governed += wire.lines(f"{root}/push-guard")
    for name in admin.marked(ctx.common_dir):
        pattern = configuration.quoted(f"gitdir:{configuration.literal(f'{ctx.common_dir}/worktrees/{name}')}")
        rows += [f"[includeIf {pattern}]", "\tpath = governed.config"]
    for path, lines in (("git.config", rows), ("governed.config", governed)):
        text = "".join(f"{line}\n" for line in lines)
        if files.read(f"{ctx.common_dir}/okstra/{path}") != os.fsencode(text):
            files.write_atomic(f"{ctx.common_dir}/okstra/{path}", os.fsencode(text))


def _hook(root: str, event: str) -> list[str]:
    script = shlex.quote(f"{root}/{event}")
    # A script that is gone stands in nobody's way; exec, so that its parent is the git that asks.
    command = configuration.quoted(f"[ ! -x {script} ] || exec {script}")
    return [f'[hook "okstra-{event}"]', f"\tevent = {event}", f"\tcommand = {command}"]


def _write_stubs(ctx: Context, mode: str) -> None:
    """The files in git's own hooks directory, when that is the one that counts."""
    if mode == "configured" or _before(ctx):
        for event in EVERYWHERE:
            _remove_stub(f"{ctx.common_dir}/hooks/{event}")
        return
    root = directory(ctx)
    if not os.path.isdir(f"{ctx.common_dir}/hooks"):
        files.write_atomic(f"{root}/{MADE}", b"")
    for event in EVERYWHERE:
        path = f"{ctx.common_dir}/hooks/{event}"
        if os.path.lexists(path) and not is_stub(path):
            if is_stub(f"{path}.legacy"):
                continue  # pre-commit put itself in front, and runs ours
            if is_stub(f"{path}.old"):
                files.remove(f"{path}.old")  # lefthook put it there, and does not run it
            _put_aside(path)
        script = f"{root}/{event}"
        text = (
            f"#!/bin/sh\n{STUB_LINE}\n"
            f"okstra={shlex.quote(script)}\n"
            'if [ -r "$okstra" ]; then . "$okstra"; exit; fi\n'
            f'[ ! -x "$0{ASIDE}" ] || exec "$0{ASIDE}" "$@"\n'
        )
        if files.read(path) != os.fsencode(text) or not os.access(path, os.X_OK):
            _place(f"{root}/stub", path, os.fsencode(text))


def _place(ours: str, path: str, content: bytes) -> None:
    """Put a script into git's own directory at once, and nothing else: it is written in a directory of ours first."""
    files.write_atomic(ours, content, 0o755)
    files.make_directory(os.path.dirname(path))
    try:
        files.rename(ours, path)
    except OSError:  # git's directory is on another file system
        files.write_atomic(path, content, 0o755)
        files.remove(ours)


def _put_aside(path: str) -> None:
    """Keep a hook beside the place where ours is to stand; it stays in its own until ours takes that.

    One that was put aside before is never lost.
    """
    aside = path + ASIDE
    if os.path.lexists(aside) and not files.is_same(path, aside):
        number = 1
        while os.path.lexists(f"{aside}.{number}"):
            number += 1
        files.move(aside, f"{aside}.{number}")
    if not os.path.lexists(aside):
        files.share(path, aside)


def _remove_stub(path: str) -> None:
    """Take our file away, where another tool has moved it too, and put back what was put aside for it."""
    aside = path + ASIDE
    places = [one for one in (path, f"{path}.legacy", f"{path}.old") if is_stub(one)]
    if os.path.lexists(path) and files.is_same(path, aside):
        files.remove(aside)
    elif os.path.lexists(aside) and (places or not os.path.lexists(path)):
        files.move(aside, places.pop(0) if places else path)
    for one in places:
        files.remove(one)


def is_stub(path: str) -> bool:
    """Whether the file is one of those that we put into git's own hooks directory."""
    return STUB_LINE.encode() in files.beginning(path, 256)


def _remember_before(ctx: Context, mode: str) -> None:
    """Write down which hooks directory would count without ours; the hooks trust it until the configuration changes."""
    if mode == "configured":
        return
    path = f"{directory(ctx)}/before"
    # Newer than our own change of the configuration, older than anybody else's: clocks of file systems are coarse.
    # Looked at before it is asked: what changes it meanwhile is newer still.
    dated = os.stat(f"{ctx.common_dir}/config").st_mtime_ns + 1
    content = os.fsencode(f"{_before(ctx)}\n")
    if files.read(path) != content or os.stat(path).st_mtime_ns != dated:
        files.write_atomic(path, content)
        files.date(path, dated)


def _before(ctx: Context) -> str:
    """`core.hooksPath` as it would be without ours, empty when it is not set; asked again when git's configuration of
    the repository or of the user was written since."""
    stamps = [stamp(path) for path in _configuration_files(ctx)]
    if ctx.hooks_path is None or ctx.hooks_path[0] != stamps:
        values = [value for value in configuration.every(ctx.common_dir, "core.hooksPath") if not _is_ours(ctx, value)]
        ctx.hooks_path = stamps, values[-1] if values else ""
    return ctx.hooks_path[1]


def _configuration_files(ctx: Context) -> list[str]:
    home = os.environ.get("HOME", "")
    return [
        f"{ctx.common_dir}/config",
        os.environ.get("GIT_CONFIG_GLOBAL") or f"{home}/.gitconfig",
        f"{os.environ.get('XDG_CONFIG_HOME') or f'{home}/.config'}/git/config",
    ]


def _hooks_before(ctx: Context, worktree: str) -> str:
    """The hooks directory that would count in the worktree without ours."""
    before = _before(ctx)
    return _absolute(before, worktree) if before else f"{ctx.common_dir}/hooks"


def _is_ours(ctx: Context, path: str) -> bool:
    return path == directory(ctx) or path.startswith(f"{directory(ctx)}/")


def _absolute(path: str, worktree: str) -> str:
    return os.path.normpath(os.path.join(worktree, path))


def _mode(ctx: Context) -> str:
    return "configured" if ctx.git_version >= CONFIGURED_SINCE else "dispatching"


def _installed_mode(ctx: Context) -> str:
    """The mode for which the scripts that stand there were written, as they say themselves: another git than that of
    then changes nothing before they are installed again."""
    said = files.read(f"{directory(ctx)}/common.sh") or b""
    return "configured" if b"\nokstra_mode=configured\n" in said.replace(b"'", b"") else "dispatching"


def _scope(ctx: Context) -> str:
    chosen = ctx.settings.get("hooks.scope")
    if chosen != "auto":
        return str(chosen)
    return "repository" if ctx.git_version >= ONE_TRANSACTION_SINCE else "worktrees"


def _is_whole(ctx: Context) -> bool:
    """Whether everything that `install` would write is there."""
    if not configuration.has_block(ctx.common_dir, BLOCK):
        return False
    return all(event.active for event in status(ctx))


def _clone_settings(ctx: Context) -> str:
    return config.paths(ctx.home, ctx.common_dir, None)["clone"]


def _marker(ctx: Context, worktree: str) -> bool:
    place = repository.admin_directory(worktree)
    return place is not None and place != ctx.common_dir and os.path.isfile(f"{place}/{worktrees.MARKER}")


def _git_directory(ctx: Context, worktree: worktrees.Worktree) -> str:
    return repository.admin_directory(worktree.path) or ctx.common_dir
