"""What a command line would call: each program with its arguments, directory, variables and input, as far as known.

Sees through wrappers (`sudo`, `env`, `xargs`, …), through shells that are given their text (`sh -c`, a heredoc, a pipe
from `echo`), `eval`, `find -exec`, and text in `python -c` and its like that is plainly handed to a shell. A variable
counts with the value it was given on the line, or else in the environment; `cd` counts for what follows it; where the
directory cannot be known, the one before is taken.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from git_okstra.core import shell_reading, shell_words
from git_okstra.core.shell_words import UNKNOWN, Command

TOO_DEEP = "\0too deep"
"""The only word of a call that stands for commands which lie too deep to be looked into."""

DEEPEST = 12
"""How many shells and wrappers may lie inside each other."""

MOST = 20_000
"""How many calls one line may come to. `eval` can double a line again and again; the rest is not looked into."""

MOST_TEXT = 1 << 24
"""Characters that the words of one line may come to."""


class Call(NamedTuple):
    """One program that would be run. `words` holds its name as written and its arguments, each perhaps with UNKNOWN in
    it; no words are an assignment or redirection alone. `cwd` is absolute, `env` what the line sets for it. `writes`
    are the files that its output goes to, as written. `stdin` is the text of its input, None when that is not known."""

    words: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    writes: tuple[str, ...] = ()
    stdin: str | None = ""

    @property
    def program(self) -> str:
        """The name of the program without its directory."""
        return program(self.words[0]) if self.words else ""


def program(word: str) -> str:
    """The name of the program that `word` starts."""
    return posixpath.basename(word.rstrip("/")).removesuffix(".exe")


def calls(text: str, cwd: str, environ: Mapping[str, str], env: Mapping[str, str] | None = None) -> Iterator[Call]:
    """The calls that a shell in `cwd` would make for `text`. `env` is what was set for that shell on the way to it."""
    walker = _Walker(environ)
    walker.directories[()] = cwd
    walker.exported.update(env or {})
    yield from walker.run(text, (), "", 0)


def of_words(words: Sequence[str], cwd: str, environ: Mapping[str, str], env: Mapping[str, str]) -> Iterator[Call]:
    """The calls that running `words` in `cwd` makes."""
    walker = _Walker(environ)
    walker.directories[()] = cwd
    yield from walker.unwrapped(Call(tuple(words), cwd, dict(env)), (), 0)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHELLS = _words("sh bash dash zsh ksh ash mksh fish rbash posh yash")
_PLACES = {"--git-dir": ".git", "--absolute-git-dir": ".git", "--git-common-dir": ".git", "--show-toplevel": ""}
_ECHOES = frozenset({"echo", "printf"})

# program -> (its one-letter options that take a value, how many arguments stand before the command)
_WRAPPERS: dict[str, tuple[str, int]] = {
    "sudo": ("aCcDgghpRrTtUu", 0),
    "doas": ("aCu", 0),
    "builtin": ("", 0),
    "nohup": ("", 0),
    "nice": ("n", 0),
    "ionice": ("cnpPu", 0),
    "chrt": ("TPD", 1),
    "taskset": ("", 1),
    "time": ("fo", 0),
    "timeout": ("ks", 1),
    "gtimeout": ("ks", 1),
    "stdbuf": ("ioe", 0),
    "setsid": ("", 0),
    "setarch": ("", 0),
    "unbuffer": ("", 0),
    "caffeinate": ("tw", 0),
    "strace": ("abeEIopPsSuX", 0),
    "ltrace": ("abeEIopPsSuX", 0),
    "chroot": ("", 1),
    "busybox": ("", 0),
    "toybox": ("", 0),
    "catchsegv": ("", 0),
    "systemd-run": ("ptuHM", 0),
    "npx": ("pc", 0),
    "bunx": ("p", 0),
    "uvx": ("p", 0),
    "flock": ("wE", 1),
    "exec": ("a", 0),
    "command": ("", 0),
    "-": ("", 0),
}
# program -> the words after it that run the command behind them
_RUNNERS: dict[str, frozenset[str]] = {
    "pnpm": _words("dlx exec"),
    "yarn": _words("dlx exec"),
    "npm": _words("exec x"),
    "bun": _words("x"),
    "uv": _words("run"),
    "poetry": _words("run"),
    "pipenv": _words("run"),
    "pipx": _words("run"),
    "pdm": _words("run"),
    "hatch": _words("run"),
    "bundle": _words("exec"),
    "mise": _words("exec x"),
    "direnv": _words("exec"),
}
# Long options of any of these that take their value as a word of its own.
_LONG_WITH_VALUE = _words(
    "--user --group --host --prompt --chdir --close-from --role --type --other-user --signal --kill-after --adjustment "
    "--class --classdata --unset --output --error --input --interval --max-args --max-procs --max-lines --max-chars "
    "--delimiter --arg-file --eof --package --wait --timeout --format --jobs --rcfile --init-file --with --from "
    "--python --command-timeout --command"
)
# One-letter options of xargs and parallel that take a value.
_GATHERERS = {"xargs": "aEdILnPs", "gxargs": "aEdILnPs", "parallel": "ajnNSI"}

_STARTS_PROCESS = re.compile(
    r"\bos\s*\.\s*(?:system|popen|exec|spawn|posix_spawn)|\bsubprocess\b|\bchild_process\b|\bpty\s*\.\s*spawn"
    r"|\b(?:exec|spawn|execFile)(?:Sync)?\s*\(|\bsystem\b|\bqx\b|\bshell_exec\b|\bpassthru\b|\bBun\.|\bDeno\.|`|\bexec\b"
)
_STRING = r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`"
_STRINGS = re.compile(rf"(?:{_STRING})(?:[\s\[\]()]*,[\s\[\](),]*(?:{_STRING}))*")
_ONE_STRING = re.compile(_STRING)
# interpreter -> its options behind which code stands
_CODE = {
    "python": ("-c",),
    "pypy": ("-c",),
    "node": ("-e", "-p", "-pe", "--eval", "--print"),
    "bun": ("-e", "--eval"),
    "deno": ("eval",),
    "perl": ("-e", "-E", "-ne", "-pe", "-le"),
    "ruby": ("-e",),
    "php": ("-r",),
    "awk": (),
    "gawk": (),
    "mawk": (),
    "lua": ("-e",),
}


class _Walker:
    """The state of the shells on one line."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.directories: dict[tuple[int, ...], str] = {}
        self.variables: dict[tuple[int, ...], dict[str, str]] = {}
        self.exported: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.shells = 0
        self.spent = 0
        self.text = 0

    def run(self, text: str, base: tuple[int, ...], stdin: str | None, depth: int) -> Iterator[Call]:
        """The calls of `text`, run by the shell `base`."""
        if depth > DEEPEST or self.spent > MOST or self.text > MOST_TEXT:
            yield Call((TOO_DEEP,), self.directory(base), {})
            return
        outputs: list[str | None] = []
        for command in shell_reading.commands(text):
            scope = (*base, *command.scope)
            given = outputs[command.piped] if command.piped >= 0 else stdin
            call = self.expanded(command, scope, given)
            outputs.append(_printed(call))
            yield from self.effects(command, call, scope, depth)

    def expanded(self, command: Command, scope: tuple[int, ...], stdin: str | None) -> Call:
        """The command with its words expanded."""

        def lookup(name: str) -> str | None:
            return self.value(name, scope)

        def printed(commands: tuple[Command, ...]) -> str | None:
            if len(commands) != 1:
                return None
            return _printed(self.expanded(commands[0], scope, ""))

        env = dict(self.exported)
        for name, values in command.assignments:
            env[name] = " ".join(shell_words.joined(value, lookup, printed) for value in values)
            self.text += len(env[name])
        words: list[str] = []
        for word in command.words:
            fields = shell_words.expand(word, lookup, printed)
            self.text += sum(map(len, fields))
            words += fields
            if self.text > MOST_TEXT or any(len(field) > shell_words.LONGEST for field in fields):
                words = [TOO_DEEP]
                break
        if any(len(value) > shell_words.LONGEST for value in env.values()):
            words = [TOO_DEEP]
            env = {}
        writes = []
        for operator, target in command.redirections:
            text = shell_words.joined(target, lookup, printed)
            if operator in ("<<", "<<<"):
                stdin = text if operator == "<<" else text + "\n"
            elif operator == "<":
                stdin = None
            elif operator != "<&":
                writes.append(text)
        return Call(tuple(words), self.directory(scope), env, tuple(writes), stdin)

    def effects(self, command: Command, call: Call, scope: tuple[int, ...], depth: int) -> Iterator[Call]:
        """The calls that come of `call`, and what it changes in its shell."""
        name = call.program
        if call.words[:1] == (TOO_DEEP,):
            yield call
            return
        given = {name: call.env[name] for name, _ in command.assignments}
        if not call.words or name in ("export", "declare", "typeset", "readonly", "local"):
            self.variables.setdefault(scope, {}).update(given)
            # Whether a variable is exported is not followed: one that git reads counts as if it were.
            self.exported.update({key: value for key, value in given.items() if key.startswith("GIT_")})
            yield call
            return
        if name in ("cd", "pushd", "chdir"):
            self.change(call.words[1:], scope)
        if name == "alias":
            self.aliases.update({one: text for one, sign, text in (word.partition("=") for word in call.words) if sign})
        if name == "unset":
            for word in call.words[1:]:
                self.exported.pop(word, None)
        if name == "eval":
            yield from self.run(" ".join(call.words[1:]), scope, call.stdin, depth + 1)
            return
        if name in ("source", ".") and call.words[1:2] in (("/dev/stdin",), ("-",)) and call.stdin:
            yield from self.run(call.stdin, scope, "", depth + 1)
            return
        if call.words[0] in self.aliases:
            text = self.aliases.pop(call.words[0])
            yield from self.run(" ".join((text, *map(quoted, call.words[1:]))), scope, call.stdin, depth + 1)
            return
        yield from self.unwrapped(call, scope, depth)

    def directory(self, scope: tuple[int, ...]) -> str:
        """Where the shell `scope` stands."""
        for length in range(len(scope), -1, -1):
            if scope[:length] in self.directories:
                return self.directories[scope[:length]]
        return "/"

    def change(self, words: Sequence[str], scope: tuple[int, ...]) -> None:
        """`cd WORDS`."""
        plain = [word for word in words if not word.startswith("-")]
        if not plain and "-" in words:
            return
        target = self.tilde(plain[0] if plain else "~")
        if UNKNOWN not in target:
            self.directories[scope] = posixpath.join(self.directory(scope), target)

    def tilde(self, word: str) -> str:
        """`~` at the beginning of a word replaced by the home directory."""
        return self.environ.get("HOME", "~") + word[1:] if word == "~" or word.startswith("~/") else word

    def value(self, name: str, scope: tuple[int, ...]) -> str | None:
        """The value of a variable in the shell `scope`."""
        for length in range(len(scope), -1, -1):
            found = self.variables.get(scope[:length], {}).get(name)
            if found is not None:
                return found
        if name == "IFS":
            return " \t\n"
        if name == "PWD":
            return self.directory(scope)
        return self.environ.get(name)

    # -- wrappers

    def unwrapped(self, call: Call, scope: tuple[int, ...], depth: int) -> Iterator[Call]:
        """The calls that `call` comes to: itself, or what it runs."""
        self.spent += 1
        if depth > DEEPEST or self.spent > MOST:
            yield call._replace(words=(TOO_DEEP,))
            return
        name, words = call.program, call.words
        inner: Call | None = None
        if name == "env":
            inner = self.env(call)
        elif name in ("su", "runuser", "script", "flock") and _behind(words, "-c") is not None:
            yield from self.shell(call, _behind(words, "-c") or "", (), depth)
            return
        elif name in _WRAPPERS and not (name == "command" and set(words[1:2]) & {"-v", "-V"}):
            options, before = _WRAPPERS[name]
            rest = _after_options(words[1:], options)[before:]
            inner = call._replace(words=rest) if rest else None
        elif name in _RUNNERS and words[1:2] and words[1] in _RUNNERS[name]:
            rest = _after_options(words[2:], "p")
            inner = call._replace(words=rest) if rest else None
        elif name in _SHELLS or (name == UNKNOWN and _behind(words, "-c") is not None):
            yield from self.shell_call(call, depth)
            return
        elif name in _GATHERERS:
            for each in _gathered(call, _GATHERERS[name]):
                yield from self.unwrapped(each, scope, depth + 1)
            return
        elif name == "watch":
            yield from self.shell(call, " ".join(_after_options(words[1:], "nq")), (), depth)
            return
        elif name == "trap" and len(words) > 1:
            yield from self.shell(call, words[1], (), depth)
            return
        if inner is not None and inner.words:
            # What the wrapper's own redirections write is written all the same.
            yield from self.unwrapped(inner, scope, depth + 1)
            return
        yield call
        if name == "find":
            for words in _executed(call.words):
                yield from self.unwrapped(call._replace(words=words, writes=()), scope, depth + 1)
        yield from self.code(call, scope, depth)

    def env(self, call: Call) -> Call | None:
        """What `env` runs, with the variables that it sets."""
        env = dict(call.env)
        cwd = call.cwd
        words = list(call.words[1:])
        while words:
            word = words.pop(0)
            if word in ("-u", "--unset", "-C", "--chdir", "-S", "--split-string") and words:
                value = words.pop(0)
            elif word.startswith(("-u", "-C", "-S")):
                value = word[2:]
            elif word.startswith(("--unset=", "--chdir=", "--split-string=")):
                value = word.partition("=")[2]
            elif word.startswith("-") and word != "-":
                # -iS 'git push': short options joined together.
                value = words.pop(0) if word[-1:] == "S" and words and not word.startswith("--") else ""
                word = "-S" if value else word
            elif "=" in word:
                name, _, value = word.partition("=")
                env[name] = value
                continue
            elif word == "-":
                continue
            else:
                return call._replace(words=(word, *words), env=env, cwd=cwd)
            if word.startswith(("-C", "--chdir")) and UNKNOWN not in value:
                cwd = posixpath.join(cwd, value)
            elif word.startswith(("-S", "--split")):
                split = [
                    field
                    for command in shell_reading.commands(value)
                    for each in command.words
                    for field in shell_words.expand(each, self.environ.get, lambda _: None)
                ]
                for command in shell_reading.commands(value):
                    for name, values in command.assignments:
                        env[name] = "".join(
                            shell_words.joined(each, self.environ.get, lambda _: None) for each in values
                        )
                words = split + words
        return call._replace(words=(), env=env) if not call.words[1:] else None

    def shell_call(self, call: Call, depth: int) -> Iterator[Call]:
        """`sh …`: the text behind `-c`, or its input."""
        words = list(call.words[1:])
        has_text = False
        while words and words[0][:1] in ("-", "+") and words[0] not in ("-", "--"):
            word = words.pop(0)
            if word.startswith("--"):
                if word in _LONG_WITH_VALUE and words:
                    words.pop(0)
                has_text = has_text or word == "--command"
                continue
            has_text = has_text or "c" in word[1:]
            if word[-1:] in ("o", "O") and words:
                words.pop(0)
        if words[:1] in (["-"], ["--"]):
            words.pop(0)
        if has_text and words:
            yield from self.shell(call, words[0], words[1:], depth)
        elif call.stdin and (not words or words[0] in ("/dev/stdin", "-")):
            yield from self.shell(call, call.stdin, words, depth)
        else:
            yield call

    def shell(self, call: Call, text: str, arguments: Sequence[str], depth: int) -> Iterator[Call]:
        """A shell of its own that runs `text`, started by `call`."""
        yield call._replace(words=())
        self.shells += 1
        scope = (-1000000 - self.shells,)
        self.directories[scope] = call.cwd
        own = {name: value for name, value in call.env.items() if UNKNOWN not in value}
        numbered = {str(index): word for index, word in enumerate(arguments)}
        everything = " ".join(arguments[1:])
        self.variables[scope] = {**own, **numbered, "@": everything, "*": everything}
        before = dict(self.exported)
        self.exported.update({name: value for name, value in call.env.items() if name.startswith("GIT_")})
        yield from self.run(text, scope, call.stdin, depth + 1)
        self.exported = before

    def code(self, call: Call, scope: tuple[int, ...], depth: int) -> Iterator[Call]:
        """The calls in the code that an interpreter is given, where it plainly starts processes."""
        options = _CODE.get(call.program.rstrip("0123456789."))
        if options is None:
            return
        texts = [value for option in options if (value := _behind(call.words, option)) is not None]
        if not options:
            texts = [word for word in call.words[1:] if not word.startswith("-")][:1]
        if call.stdin and not texts:
            texts = [call.stdin]
        for text in texts:
            if not _STARTS_PROCESS.search(text):
                continue
            for found in _STRINGS.finditer(text):
                strings = [each[1:-1].replace("\\", "") for each in _ONE_STRING.findall(found[0])]
                for each in strings:
                    yield from self.run(each, (*scope, -1), "", depth + 1)
                if len(strings) > 1:
                    inner = call._replace(words=tuple(strings), writes=(), stdin="")
                    yield from self.unwrapped(inner, scope, depth + 1)


def _printed(call: Call) -> str | None:
    """What the call prints, when it is plain: `echo`, `printf`, `cat` of a heredoc, `pwd`, where git's directories are.

    The git directory is taken for `.git` and the root of the worktree for the directory itself: what is judged by
    these is in the same repository and the same worktree.
    """
    name, words = call.program, list(call.words[1:])
    if name == "pwd":
        return call.cwd
    if name == "git" and words[:1] == ["rev-parse"]:
        found = [_PLACES[word] for word in words if word in _PLACES]
        path = _behind(call.words, "--git-path")
        found += [f".git/{path}"] if path else []
        return posixpath.join(call.cwd, found[0]) if found else None
    if name == "cat" and not words:
        return call.stdin
    if name not in _ECHOES or any(UNKNOWN in word for word in words):
        return None
    if name == "printf":
        words = words[1:] if words[:1] == ["--"] else words
        form, values = (words[0], words[1:]) if words else ("", [])
        while "%s" in form:
            form = form.replace("%s", values.pop(0) if values else "", 1)
        return " ".join([form, *values]).replace("\\n", "\n")
    while words and words[0].startswith("-") and words[0].strip("-neE") == "" and len(words[0]) > 1:
        words.pop(0)
    return " ".join(words).replace("\\n", "\n") + "\n"


def _after_options(words: Sequence[str], with_value: str) -> tuple[str, ...]:
    """`words` from the first that is no option, nor the value of one, nor (for sudo) an assignment."""
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return tuple(words[at + 1 :])
        if word.startswith("--"):
            at += 2 if word in _LONG_WITH_VALUE else 1
        elif word.startswith("-") and len(word) > 1:
            takes = next((index for index, letter in enumerate(word[1:], 1) if letter in with_value), 0)
            at += 2 if takes and takes == len(word) - 1 else 1
        elif "=" in word and word.partition("=")[0].isidentifier():
            at += 1
        else:
            break
    return tuple(words[at:])


def _behind(words: Sequence[str], option: str) -> str | None:
    """The word behind `option`, also when its letter ends several joined ones."""
    for index, word in enumerate(words[1:], 1):
        joined = len(option) == 2 and word.startswith("-") and not word.startswith("--") and word.endswith(option[1])
        if (word == option or joined) and index + 1 < len(words):
            return words[index + 1]
        if option.startswith("--") and word.startswith(option + "="):
            return word.partition("=")[2]
    return None


def _gathered(call: Call, with_value: str) -> Iterator[Call]:
    """What xargs or parallel runs, with the arguments that it reads where they are known."""
    words = list(_after_options(call.words[1:], with_value)) or ["echo"]
    lines = call.stdin.splitlines() if call.stdin else [UNKNOWN]
    if ":::" in words:
        at = words.index(":::")
        words, lines = words[:at], words[at + 1 :]
    place = _behind(call.words, "-I") or next((word[2:] for word in call.words if word.startswith("-I")), "") or "{}"
    if any(place in word for word in words):
        # One run for each line.
        for line in lines[:100]:
            yield call._replace(words=tuple(word.replace(place, line.strip()) for word in words), stdin="")
    else:
        more = [piece for line in lines for piece in (line.split() or [line])]
        yield call._replace(words=(*words, *more), stdin="")


def _executed(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The commands that `find` runs; `{}` becomes something in each place where it looks."""
    starts = []
    for word in words[1:]:
        if word.startswith(("-", "(", "!")):
            break
        starts.append(word)
    for index, word in enumerate(words):
        if word in ("-exec", "-execdir", "-ok", "-okdir"):
            rest = words[index + 1 :]
            end = next((at for at, each in enumerate(rest) if each in (";", "+")), len(rest))
            for start in starts or ["."]:
                yield tuple(each.replace("{}", f"{start}/{UNKNOWN}") for each in rest[:end])


def quoted(word: str) -> str:
    """`word` so written that a shell reads exactly it."""
    import shlex

    return shlex.quote(word)
