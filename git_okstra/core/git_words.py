"""The arguments of a git command: its global options, the command, and the command's options.

Follows git(1), gitcli(7) (long options may be abbreviated, short ones joined, `--` ends them) and the manual pages of
the commands for which options take a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from git_okstra.core.shell_words import UNKNOWN


class GitCall(NamedTuple):
    """A git command. `config` are the settings given by `-c` and `--config-env` (whose value is not known), with the
    names in lower case; `directories` those of `-C`; `located` whether `--git-dir` or `--work-tree` is given."""

    command: str
    words: tuple[str, ...]
    config: tuple[tuple[str, str], ...] = ()
    directories: tuple[str, ...] = ()
    git_dir: str = ""
    work_tree: str = ""
    exec_path: str = ""


class Options(NamedTuple):
    """The options of a command in order, each with its value or None, and what is no option."""

    given: tuple[tuple[str, str | None], ...]
    rest: tuple[str, ...]

    def names(self) -> frozenset[str]:
        """The options that are given, without their values."""
        return frozenset(name for name, _ in self.given)

    def value(self, name: str) -> str | None:
        """The last value of an option."""
        return next((value for each, value in reversed(self.given) if each == name), None)


class Known(NamedTuple):
    """What options a command has, as far as it matters: letters and names that take a value in the next word (or
    attached), letters that take one only attached, and the names of others that may be abbreviated."""

    letters: str = ""
    attached: str = ""
    names: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_GLOBAL_WITH_VALUE = ("--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env", "--attr-source")

# Options that merge, rebase, cherry-pick, revert and pull hand on to each other.
_MERGING = ("--strategy", "--strategy-option")

KNOWN: dict[str, Known] = {
    "commit": Known(
        "mFcCt",
        "uS",
        _names(
            "--message --file --author --date --reedit-message --reuse-message --fixup --squash --trailer --template "
            "--cleanup --pathspec-from-file"
        ),
        ("--no-verify", "--amend", "--all", "--dry-run"),
    ),
    "merge": Known(
        "msXF", "S", (*_MERGING, "--cleanup", "--message", "--file", "--into-name"), ("--no-verify", "--no-verbose")
    ),
    "push": Known(
        "o",
        "",
        ("--repo", "--receive-pack", "--exec", "--push-option", "--recurse-submodules"),
        (
            *("--no-verify", "--force", "--force-with-lease", "--force-if-includes", "--delete", "--mirror", "--all"),
            *("--branches", "--prune", "--tags", "--follow-tags", "--dry-run", "--no-dry-run", "--no-force"),
            *("--no-force-with-lease", "--no-delete", "--no-mirror", "--no-all", "--no-prune", "--no-tags"),
        ),
    ),
    "am": Known(
        "Cp",
        "S",
        (
            *("--quoted-cr", "--whitespace", "--directory", "--exclude", "--include", "--patch-format", "--resolvemsg"),
            *("--empty",),
        ),
        ("--no-verify",),
    ),
    "rebase": Known(
        "CxsX", "rS", (*_MERGING, "--onto", "--whitespace", "--empty", "--exec"), ("--no-verify", "--dry-run")
    ),
    "pull": Known(
        "sXjo",
        "rS",
        (*_MERGING, "--cleanup", "--upload-pack", "--depth", "--deepen", "--refmap", "--server-option", "--jobs"),
        ("--no-verify",),
    ),
    "cherry-pick": Known("mX", "S", (*_MERGING, "--cleanup", "--mainline"), ("--no-verify",)),
    "revert": Known("mX", "S", (*_MERGING, "--cleanup", "--mainline"), ("--no-verify",)),
    "config": Known(
        "ft",
        "",
        ("--file", "--blob", "--type", "--default", "--comment", "--value", "--url"),
        (
            *("--get", "--get-all", "--get-regexp", "--get-urlmatch", "--get-color", "--get-colorbool", "--list"),
            *("--edit", "--unset", "--unset-all", "--add", "--replace-all", "--rename-section", "--remove-section"),
        ),
    ),
    "branch": Known(
        "u",
        "t",
        ("--set-upstream-to", "--sort", "--format", "--points-at"),
        ("--delete", "--move", "--copy", "--force", "--list", "--unset-upstream", "--edit-description"),
    ),
    "checkout": Known("bB", "t", ("--orphan", "--conflict", "--pathspec-from-file"), ("--force", "--detach")),
    "switch": Known("cC", "t", ("--create", "--force-create", "--orphan", "--conflict"), ("--force", "--detach")),
    "worktree": Known("bB", "", ("--reason", "--expire"), ("--force", "--dry-run")),
    "update-ref": Known("m", "", (), ("--stdin",)),
    "symbolic-ref": Known("m", "", (), ("--delete", "--short", "--recurse")),
    "fetch": Known(
        "jo",
        "",
        (
            *("--upload-pack", "--depth", "--deepen", "--shallow-since", "--shallow-exclude", "--refmap", "--jobs"),
            *("--server-option", "--negotiation-tip", "--filter"),
        ),
        ("--force", "--all"),
    ),
    "tag": Known("mFu", "", ("--message", "--file", "--local-user", "--cleanup", "--sort", "--format"), ("--delete",)),
    "bisect": Known(),
    "submodule": Known("b", "", ("--branch", "--name", "--reference", "--depth", "--jobs"), ()),
    "okstra": Known("n", "", ("--task", "--scope", "--format", "--max-count", "--stage"), ("--dry-run", "--help")),
    "okstra graph": Known("o", "", ("--task", "--format", "--output"), ()),
}
"""The commands that are judged; an alias never stands for one of git's own commands (git-config(1), alias)."""

OTHERS = frozenset(
    _names(
        "add annotate archive blame cat-file check-attr check-ignore count-objects describe diff diff-files diff-index "
        "diff-tree difftool for-each-ref format-patch fsck grep help log ls-files ls-remote ls-tree merge-base "
        "merge-tree mv name-rev notes range-diff reflog remote restore rev-list rev-parse rm shortlog show show-branch "
        "show-ref stash status var verify-commit verify-tag version whatchanged init clone gc apply clean mergetool "
        "sparse-checkout maintenance bundle hash-object write-tree read-tree update-index commit-graph reset replace "
        "filter-branch fast-import send-pack http-push commit-tree pack-refs repack prune"
    )
)
"""Other commands of git, which an alias cannot stand for either."""


def parse(words: Sequence[str]) -> GitCall:
    """The git command in `words`, the first of which is `git`, or `git-COMMAND`."""
    name = words[0].rpartition("/")[2].removesuffix(".exe")
    config: list[tuple[str, str]] = []
    directories: list[str] = []
    found = {"--git-dir": "", "--work-tree": "", "--exec-path": ""}
    if name.startswith("git-"):
        return GitCall(name.removeprefix("git-"), tuple(words[1:]))
    at = 1
    while at < len(words):
        word = words[at]
        option, equals, value = word.partition("=")
        if word == "-c" and at + 1 < len(words):
            at += 1
            config.append(_setting(words[at]))
        elif word == "-C" and at + 1 < len(words):
            at += 1
            directories.append(words[at])
        elif option in _GLOBAL_WITH_VALUE or option == "--exec-path":
            if not equals and option in _GLOBAL_WITH_VALUE:
                at += 1
                value = words[at] if at < len(words) else ""
            if option == "--config-env":
                config.append((value.partition("=")[0].lower(), UNKNOWN))
            elif option in found:
                found[option] = value
        elif not word.startswith("-"):
            break
        elif word in ("--help", "-h", "--version", "-v"):
            return GitCall("help", ())
        at += 1
    command = words[at] if at < len(words) else "help"
    return GitCall(
        command,
        tuple(words[at + 1 :]),
        tuple(config),
        tuple(directories),
        found["--git-dir"],
        found["--work-tree"],
        found["--exec-path"],
    )


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return name.lower(), value if equals else "true"


def options(command: str, words: Sequence[str]) -> Options:
    """The options among the arguments of a command of `KNOWN`; abbreviated names are given in full.

    A joined `-anm text` gives `-a`, `-n` and `-m`. A name that fits several is given as the first it fits.
    """
    known = KNOWN[command]
    given: list[tuple[str, str | None]] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            rest += words[at:]
            break
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            name = _full_name(name, known)
            if name in known.names and not equals:
                value = words[at] if at < len(words) else ""
                at += 1
                given.append((name, value))
            else:
                given.append((name, value if equals else None))
        elif word.startswith("-") and len(word) > 1:
            for index, letter in enumerate(word[1:], 1):
                if letter in known.letters:
                    attached = word[index + 1 :]
                    if not attached:
                        attached = words[at] if at < len(words) else ""
                        at += 1
                    given.append((f"-{letter}", attached))
                    break
                if letter in known.attached:
                    given.append((f"-{letter}", word[index + 1 :]))
                    break
                given.append((f"-{letter}", None))
        else:
            rest.append(word)
    return Options(tuple(given), tuple(rest))


def _full_name(name: str, known: Known) -> str:
    every = (*known.flags, *known.names)
    if name in every or len(name) < 4:
        return name
    return next((each for each in every if each.startswith(name)), name)


def split_refspec(refspec: str) -> tuple[bool, str, str]:
    """Whether a refspec forces, its source and its destination; the source stands for both when there is one only."""
    force = refspec.startswith("+")
    source, colon, target = refspec.removeprefix("+").partition(":")
    return force, source, target if colon else source


def branch_of(ref: str) -> str:
    """The branch that `ref` names when it stands for one on the other side: `refs/heads/x`, `heads/x` or `x`."""
    for prefix in ("refs/heads/", "heads/"):
        if ref.startswith(prefix):
            return ref.removeprefix(prefix)
    return ref


def from_environment(env: Mapping[str, str]) -> list[tuple[str, str]]:
    """The settings that git would take from GIT_CONFIG_COUNT and GIT_CONFIG_PARAMETERS (git-config(1), ENVIRONMENT)."""
    found = []
    for name, value in env.items():
        if name.startswith("GIT_CONFIG_KEY_"):
            found.append((value.lower(), env.get(name.replace("_KEY_", "_VALUE_"), UNKNOWN)))
        elif name == "GIT_CONFIG_PARAMETERS":
            for piece in value.replace("'='", "=").split("'"):
                if piece.strip():
                    found.append(_setting(piece.strip()))
    return found
