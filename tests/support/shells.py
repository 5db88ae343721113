"""Interactive shells as a test drives them: what they offer for a line, and what Tab makes of one.

Each is started without the user's own files and with our completion loaded as `git okstra shell-init` gives it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pexpect

from support import completion_lists, processes
from support.processes import Where

_GITS_OWN = (
    "/usr/share/bash-completion/completions/git",
    "/usr/share/git/completion/git-completion.bash",
    "/usr/share/git-core/contrib/completion/git-completion.bash",
    "/etc/bash_completion.d/git-completion.bash",
    "/usr/local/etc/bash_completion.d/git-completion.bash",
    "/opt/homebrew/etc/bash_completion.d/git-completion.bash",
)

GITS_OWN = next((path for path in _GITS_OWN if os.path.exists(path)), None)
"""git's completion for bash, where it is installed."""


class Shell:
    """One kind of shell; `directory` is for its files."""

    name = ""

    def __init__(self, directory: Path, where: Where) -> None:
        self.directory, self.where = directory, os.fspath(where)
        self.script = completion_lists.path(self.name)

    def offers(self, lines: Sequence[str]) -> list[set[str]]:
        """What is offered for each line, the cursor at its end."""
        raise NotImplementedError

    def after_tab(self, line: str) -> str:
        """The line after Tab was pressed at its end."""
        raise NotImplementedError

    def run(self, code: str) -> processes.Ended:
        """Run code after our script, in a shell that is not interactive."""
        words = [self.name, "-c", f". {shlex.quote(str(self.script))}\n{code}"]
        return processes.run(words, cwd=self.where)

    def _press_tab(self, child: pexpect.spawn, line: str, told: Path) -> str:
        """Type the line, Tab, and Ctrl-X Ctrl-O, which the shell was told to answer by writing the line to `told`."""
        child.send(f"{line}\t\x18\x0f")
        return _awaited(told, child)


class Bash(Shell):
    """bash, with git's own completion where there is one."""

    name = "bash"

    def offers(self, lines: Sequence[str]) -> list[set[str]]:
        code = [f". {shlex.quote(GITS_OWN)}" if GITS_OWN else ":", f". {shlex.quote(str(self.script))}"]
        code.append("offer() { COMPREPLY=(); $1; printf '%s\\n' \"${COMPREPLY[@]}\"; printf '%s\\n' =====; }")
        for line in lines:
            words = [part for word in line.split(" ") for part in re.split(r"([=:])", word) if part or not word]
            code.append(f"COMP_WORDS=({shlex.join(words)}) COMP_CWORD={len(words) - 1}")
            code.append(f"COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}; offer {self._function(words[0])}")
        ended = processes.run(["bash", "--norc", "--noprofile", "-c", "\n".join(code)], cwd=self.where)
        # compopt has something to say where no completion is going on.
        assert [line for line in ended.err.splitlines() if "compopt" not in line] == []
        return [set(block.replace(" \n", "\n").split("\n")) - {""} for block in ended.out.split("=====\n")[:-1]]

    def _function(self, command: str) -> str:
        if command == "git":
            return "__git_wrap__git_main" if GITS_OWN else "_git_okstra"
        return {"git-okstra": "__okstra_standalone", "okcd": "__okstra_okcd"}[command]

    def after_tab(self, line: str) -> str:
        told = self.directory / "told"
        start = self.directory / "bashrc"
        bind = f"""bind -x '"\\C-x\\C-o": printf "%s\\n" "$READLINE_LINE" >{told}'"""
        own = f". {shlex.quote(GITS_OWN)}\n" if GITS_OWN else ""
        start.write_text(f"""PS1='READY'\n{own}eval "$(git okstra shell-init bash)"\n{bind}\n""")
        child = pexpect.spawn("bash", ["--noprofile", "--rcfile", f"{start}", "-i"], cwd=self.where, timeout=60)
        try:
            child.expect_exact("READY")
            return self._press_tab(child, line, told)
        finally:
            child.close(force=True)


class Zsh(Shell):
    """zsh, with its own completion of git."""

    name = "zsh"
    fpath: Path | None = None
    """A directory of functions to load our completion from, instead of by `shell-init`."""

    def offers(self, lines: Sequence[str]) -> list[set[str]]:
        recorded = (
            "compadd() {\n"
            "    local -a hits\n"
            '    (( ${argv[(I)-[OAD]]} )) || { builtin compadd -O hits "$@"; print -rl -- $hits >>$TOLD.hits }\n'
            '    builtin compadd "$@"\n'
            "}\n"
        )
        child = self._started(recorded)
        found = []
        try:
            for line in lines:
                hits = Path(f"{self.directory}/told.hits")
                hits.write_text("")
                self._press_tab(child, line, self.directory / "told")
                found.append({hit.strip() for hit in hits.read_text().splitlines()} - {""})
        finally:
            child.close(force=True)
        return found

    def after_tab(self, line: str) -> str:
        child = self._started("")
        try:
            return self._press_tab(child, line, self.directory / "told")
        finally:
            child.close(force=True)

    def _started(self, more: str) -> pexpect.spawn:
        before = f"fpath=({self.fpath} $fpath)" if self.fpath else ""
        after = "" if self.fpath else 'eval "$(git okstra shell-init zsh)"'
        (self.directory / ".zshrc").write_text(
            f"PS1=READY\nTOLD={self.directory}/told\n{before}\n"
            f"autoload -Uz compinit; compinit -u -D\nzstyle ':completion:*' menu no\n{after}\n{more}"
            'tell() { print -r -- "$BUFFER" >$TOLD; BUFFER= }; zle -N tell; bindkey "^X^O" tell\n'
        )
        env = {**os.environ, "ZDOTDIR": f"{self.directory}"}
        child = pexpect.spawn("zsh", ["-d", "-i"], cwd=self.where, env=env, timeout=60, dimensions=(60, 160))
        child.expect_exact("READY")
        return child


class Fish(Shell):
    """fish, with its own completion of git."""

    name = "fish"

    def offers(self, lines: Sequence[str]) -> list[set[str]]:
        code = "".join(f"complete -C {shlex.quote(line)}\necho =====\n" for line in lines)
        ended = self.run(code)
        assert ended.err == ""
        blocks = ended.out.split("=====\n")[:-1]
        return [{hit.partition("\t")[0] for hit in block.splitlines()} for block in blocks]

    def after_tab(self, line: str) -> str:
        told = self.directory / "told"
        start = f"git okstra shell-init fish | source; bind \\cx\\co 'commandline >{told}; commandline \"\"'"
        start += "; function fish_prompt; echo READY; end"
        env = {**os.environ, "TERM": "xterm"}
        child = pexpect.spawn("fish", ["--private", "-C", start], cwd=self.where, env=env, timeout=60)
        try:
            child.expect_exact("READY")
            return self._press_tab(child, line, told)
        finally:
            child.close(force=True)


SHELLS: dict[str, type[Shell]] = {shell.name: shell for shell in (Bash, Zsh, Fish)}


def missing(name: str) -> bool:
    """Whether the shell is not installed."""
    return shutil.which(name) is None


def _awaited(told: Path, child: pexpect.spawn) -> str:
    """What the file holds, once it does; it is taken away again.

    What the shell shows meanwhile is read, or it would wait for room in the terminal once enough has been listed.
    """
    end = time.monotonic() + processes.PATIENCE
    while not (told.exists() and told.read_text().endswith("\n")):
        assert time.monotonic() < end, "the shell does not answer"
        with contextlib.suppress(pexpect.TIMEOUT):
            child.read_nonblocking(65536, 0.02)
    said = told.read_text().removesuffix("\n")
    told.unlink()
    return said
