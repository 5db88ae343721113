"""Which setup commands would write through a link into the main worktree.

`npm ci` empties the directory that a linked `node_modules` points to, `bun install` fills it, `cp .env.example .env`
overwrites the main worktree's `.env`. The answer is read off the command's text, so it is a warning and no guard: it
knows the common tools and what they write, and the commands that write what they name. A script hides what it does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from git_okstra.core import linking


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VENV = (".venv", "venv", "env")
_NODE_VERBS = _words(
    "add ci cit clean-install dedupe ddp i import in install install-clean install-test it link ln patch prune r rb "
    "rebuild remove rm un uninstall unlink up update upgrade"
)
_PYTHON_VERBS = _words("add install pip remove sync uninstall update upgrade venv")
_RUBY_VERBS = _words("add cache clean config install package update")
_CARGO_VERBS = _words("b bench build c check clean clippy d doc install r run t test vendor")

# program -> (verbs that write, whether it writes when called without any verb, last names of what it writes)
_TOOLS: dict[str, tuple[frozenset[str], bool, tuple[str, ...]]] = {
    "npm": (_NODE_VERBS, False, ("node_modules",)),
    "pnpm": (_NODE_VERBS, False, ("node_modules",)),
    "yarn": (_NODE_VERBS, True, ("node_modules", ".yarn")),
    "bun": (_NODE_VERBS, False, ("node_modules",)),
    "lerna": (frozenset({"bootstrap", "clean"}), False, ("node_modules",)),
    "pip": (frozenset({"install", "uninstall"}), False, _VENV),
    "uv": (_PYTHON_VERBS | {"run"}, False, _VENV),
    "poetry": (_PYTHON_VERBS, False, _VENV),
    "pdm": (_PYTHON_VERBS, False, (*_VENV, "__pypackages__")),
    "pipenv": (_PYTHON_VERBS, False, _VENV),
    "bundle": (_RUBY_VERBS, True, ("vendor", "vendor/bundle", ".bundle")),
    "composer": (frozenset({"i", "install", "u", "update", "require", "remove"}), False, ("vendor",)),
    "go": (frozenset({"vendor"}), False, ("vendor",)),
    "cargo": (_CARGO_VERBS, False, ("target", "vendor")),
    "mvn": (_words("clean compile install package test verify"), False, ("target",)),
    "gradle": (_words("assemble build check clean test"), False, ("build", ".gradle")),
    "pod": (frozenset({"install", "update"}), False, ("Pods",)),
    "mix": (frozenset({"compile", "deps.get", "deps.update", "setup"}), False, ("deps", "_build")),
    "terraform": (frozenset({"get", "init"}), False, (".terraform",)),
}
_SAME = {"pip3": "pip", "bundler": "bundle", "gradlew": "gradle", "mvnw": "mvn", "tofu": "terraform"}
# Where these come first, what follows is the name of something to run and no verb.
_RUNNERS = frozenset({"run", "run-script", "exec", "x", "test", "start", "dlx"})

# Programs that write every path they name, only the last one, or only what lies inside the paths they name.
_WRITE_ALL = _words("chgrp chmod chown dd ed mkdir patch sed tee touch truncate unzip venv virtualenv")
_WRITE_LAST = _words("cp install ln mv rsync")
_WRITE_INSIDE = frozenset({"rm", "rmdir", "unlink"})

_WRAPPERS = _words(
    "! { builtin command corepack do doas else env exec if nice nohup npx stdbuf sudo then time timeout until while"
)
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})


class _Call(NamedTuple):
    """One simple command: its words, and the files that its output is redirected to."""

    words: list[str]
    outputs: list[str]


def written_through(command: str, links: Sequence[str]) -> list[str]:
    """Those of `links` (paths in normal form) that a setup command, run at the root, seems to write through."""
    found: set[str] = set()
    where = ""
    for call in _calls(command):
        if call.words[:1] == ["cd"]:
            where = posixpath.normpath(posixpath.join(where, call.words[-1])) if len(call.words) > 1 else where
            continue
        found.update(each for each in links if _writes(call, where, each))
    return [each for each in links if each in found]


def _writes(call: _Call, where: str, link: str) -> bool:
    if any(_at_or_in(_resolved(where, path), link) for path in call.outputs):
        return True
    if not call.words:
        return False
    program = _SAME.get(posixpath.basename(call.words[0]), posixpath.basename(call.words[0]))
    words = call.words[1:]
    paths = [_resolved(where, _value(word)) for word in words if not word.startswith("-") or "=" in word]
    if program in _TOOLS:
        return _runs_installer(program, words) and (
            _at_or_in(where, link) or any(f"/{link}".endswith(f"/{name}") for name in _TOOLS[program][2])
        )
    if program in _WRITE_ALL:
        return any(_at_or_in(path, link) for path in paths)
    if program in _WRITE_LAST:
        return any(_at_or_in(path, link) for path in paths[-1:])
    return program in _WRITE_INSIDE and any(path != link and _at_or_in(path, link) for path in paths)


def _runs_installer(program: str, words: Sequence[str]) -> bool:
    verbs, bare, _ = _TOOLS[program]
    # Two, because the first may be the value of an option: npm --prefix web ci.
    plain = [word for word in words if not word.startswith("-")][:2]
    if not plain:
        return bare
    return (plain[0] in verbs or plain[0] not in _RUNNERS) and any(word in verbs for word in plain)


def _calls(command: str) -> Iterator[_Call]:
    """The simple commands in a command line, in order, without assignments and wrappers such as `env`."""
    words: list[str] = []
    outputs: list[str] = []
    redirection = ""
    for token in [*_tokens(command), ";"]:
        if redirection:
            if ">" in redirection:
                outputs.append(token)
            redirection = ""
        elif token and not token.strip("<>&|") and ("<" in token or ">" in token):
            redirection = token
        elif token and not token.strip("();|&\n"):
            yield from _unwrapped(words, outputs)
            words, outputs = [], []
        else:
            words.append(token)


def _unwrapped(words: Sequence[str], outputs: list[str]) -> Iterator[_Call]:
    rest = list(words)
    while rest and (rest[0] in _WRAPPERS or _is_assignment(rest[0])):
        rest.pop(0)
        while rest and (rest[0].startswith("-") or rest[0][:1].isdigit()):  # nice -n 5, timeout -k 5s 10m
            rest.pop(0)
    if len(rest) > 2 and posixpath.basename(rest[0]).startswith("python") and rest[1] == "-m":
        rest = rest[2:]
    if len(rest) > 2 and posixpath.basename(rest[0]) in _SHELLS and rest[1].startswith("-") and rest[1].endswith("c"):
        yield from _calls(rest[2])
        rest = []
    if rest or outputs:
        yield _Call(rest, outputs)


def _tokens(command: str) -> list[str]:
    import shlex

    lexer = shlex.shlex(command, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:  # a quote that is not closed: the shell will say so
        return command.split()


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _value(word: str) -> str:
    """The path in a word: `--target=DIR` and `of=FILE` name one behind the sign."""
    return word.partition("=")[2] if "=" in word and not word.startswith(("/", ".")) else word


def _resolved(where: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(where, path))


def _at_or_in(path: str, link: str) -> bool:
    return linking.normal(path) == link or linking.normal(path).startswith(f"{link}/")
