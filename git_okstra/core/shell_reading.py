"""Reads command lines as a shell does: the simple commands that may run, in the order in which they begin to.

Follows POSIX.1-2017, "Shell Command Language", 2.2 to 2.10, and what bash adds (bash(1): `$'…'`, `<<<`, `<( )`, `[[`,
`&>`). It is written for judging a line before it runs, so it is wider than a shell: a command in a branch that may not
be taken, in a function's body or in a substitution counts as one that may run. It promises never to raise and to end
after a time proportional to the length of the text; what a shell would call a syntax error is read as far as it goes.
"""

from __future__ import annotations

from git_okstra.core.shell_words import DEEPEST, TOO_DEEP, UNKNOWN, Command, Part, Redirection, Word


def commands(text: str, depth: int = 0) -> list[Command]:
    """The simple commands that may run when a shell is given `text`, in the order in which they begin to."""
    reader = _Reader(text, [], depth)
    reader.read((), "")
    return reader.found


_BLANK = " \t\r"
_ENDS_WORD = frozenset(" \t\r\n;&|<>()")
_PASSED_OVER = frozenset({"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "coproc"})
_SPECIAL = frozenset("@*#?-$!0123456789")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}


class _Reader:
    """Reads `text` from `at` on; the commands go to `found`."""

    def __init__(self, text: str, found: list[Command], depth: int) -> None:
        self.text = text
        self.at = 0
        self.found = found
        self.depth = depth
        self.scopes = 0
        self.resume: dict[int, int] = {}

    def read(self, scope: tuple[int, ...], end: str) -> None:
        """A list of commands, up to `end` (`)`, or the end of the text), which is passed."""
        _List(self, scope, end).read()

    def inner_scope(self, scope: tuple[int, ...]) -> tuple[int, ...]:
        """A new scope inside `scope`."""
        self.scopes += 1
        return (*scope, self.scopes)

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def blanks(self) -> None:
        """Pass over blanks and continued lines."""
        while self.at < len(self.text):
            if self.text[self.at] in _BLANK:
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            else:
                return

    def line_end(self) -> None:
        """Pass over a newline and the heredocs that follow it."""
        self.at = self.resume.get(self.at, self.at + 1)

    def heredoc(self, delimiter: str, strips: bool) -> str:
        """The text of a heredoc whose operator was just read: it begins after this line and those before it."""
        line_end = self.text.find("\n", self.at)
        if line_end < 0:
            return ""
        at = self.resume.get(line_end, line_end + 1)
        lines = []
        while at < len(self.text):
            stop = self.text.find("\n", at)
            stop = len(self.text) if stop < 0 else stop
            line = self.text[at:stop].lstrip("\t") if strips else self.text[at:stop]
            at = stop + 1
            if line == delimiter:
                break
            lines.append(line + "\n")
        self.resume[line_end] = at
        return "".join(lines)

    def inside(self, text: str) -> Word:
        """`text` as between double quotes, where `"` itself means nothing: a heredoc, a default value."""
        if self.depth >= DEEPEST:
            self.too_deep()
            return Word((Part(),))
        inner = _Reader(text, self.found, self.depth + 1)
        inner.scopes = self.scopes + len(self.found) + 1
        parts: list[Part] = []
        inner.double_quoted(parts, "")
        return Word(tuple(parts))

    def too_deep(self) -> None:
        """Leave the rest unread, and a mark that says so."""
        self.at = len(self.text)
        if TOO_DEEP not in self.found[-1:]:
            self.found.append(TOO_DEEP)

    # -- words

    def word(self) -> Word:
        """The word that begins here; it may be empty where an operator stands."""
        parts: list[Part] = []
        plain: list[str] = []

        def flush() -> None:
            if plain:
                parts.append(Part("".join(plain), False))
                plain.clear()

        while self.at < len(self.text):
            char = self.text[self.at]
            if char in _ENDS_WORD:
                if char in "<>" and self.peek(2) in ("<(", ">(") and not parts and not plain:
                    self.at += 2
                    self.substitution(")")
                    parts.append(Part())
                    continue
                break
            if char == "\\":
                flush()
                if self.peek(2) != "\\\n":
                    parts.append(Part(self.text[self.at + 1 : self.at + 2]))
                self.at += 2
            elif char == "'":
                flush()
                stop = self.text.find("'", self.at + 1)
                stop = len(self.text) if stop < 0 else stop
                parts.append(Part(self.text[self.at + 1 : stop]))
                self.at = stop + 1
            elif char == '"':
                flush()
                self.at += 1
                parts.append(Part(""))
                self.double_quoted(parts, '"')
            elif char == "$" and self.peek(2) == "$'":
                flush()
                parts.append(Part(self.ansi_quoted()))
            elif char == "$" and self.peek(2) == '$"':
                self.at += 1
            elif char in "$`":
                flush()
                self.dollar(parts, False)
            else:
                plain.append(char)
                self.at += 1
        flush()
        return Word(tuple(parts))

    def double_quoted(self, parts: list[Part], end: str) -> None:
        """Up to `end`, which is passed; expansions are made, words are not split."""
        plain: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == end:
                break
            if char == "\\":
                after = self.text[self.at + 1 : self.at + 2]
                plain.append("" if after == "\n" else after if after in '$`"\\' else "\\" + after)
                self.at += 2
            elif char in "$`":
                parts.append(Part("".join(plain)))
                plain = []
                self.dollar(parts, True)
            else:
                plain.append(char)
                self.at += 1
        parts.append(Part("".join(plain)))
        self.at += 1

    def ansi_quoted(self) -> str:
        """The text of `$'…'`, which is passed."""
        self.at += 2
        out: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != "'":
            char = self.text[self.at]
            self.at += 1
            if char != "\\":
                out.append(char)
                continue
            kind = self.peek()
            self.at += 1
            if kind in ("x", "u", "U"):
                out.append(self.code(16, {"x": 2, "u": 4, "U": 8}[kind]))
            elif kind in "01234567" and kind:
                self.at -= 1
                out.append(self.code(8, 3))
            else:
                out.append(_ESCAPES.get(kind, kind))
        self.at += 1
        return "".join(out)

    def code(self, base: int, longest: int) -> str:
        """The character whose number stands here in digits of `base`."""
        allowed = "01234567" if base == 8 else "0123456789abcdefABCDEF"
        stop = self.at
        while stop < len(self.text) and stop - self.at < longest and self.text[stop] in allowed:
            stop += 1
        digits = self.text[self.at : stop]
        self.at = stop
        number = int(digits, base) if digits else 0
        return chr(number) if 0 < number < 0x110000 else UNKNOWN

    def dollar(self, parts: list[Part], quoted: bool) -> None:
        """What begins with `$` or a back quote here."""
        if self.text[self.at] == "`":
            self.back_quoted(parts, quoted)
            return
        after = self.text[self.at + 1 : self.at + 2]
        if self.peek(3) == "$((" and self.arithmetic():
            parts.append(Part(UNKNOWN, quoted))
        elif after == "(":
            self.at += 2
            parts.append(Part(UNKNOWN, quoted, commands=self.substitution(")")))
        elif after == "{":
            self.braced_variable(parts, quoted)
        elif after in _SPECIAL and after:
            self.at += 2
            parts.append(Part("", quoted, after))
        elif after.isalpha() or after == "_":
            stop = self.at + 1
            while stop < len(self.text) and (self.text[stop].isalnum() or self.text[stop] == "_"):
                stop += 1
            parts.append(Part("", quoted, self.text[self.at + 1 : stop]))
            self.at = stop
        else:
            self.at += 1
            parts.append(Part("$", quoted))

    def arithmetic(self) -> bool:
        """Whether `$(( … ))` stands here; if so it is passed."""
        level = 0
        for index in range(self.at + 1, min(len(self.text), self.at + 4000)):
            char = self.text[index]
            if char == "(":
                level += 1
            elif char == ")":
                level -= 1
                if level == 0:
                    if self.text[index - 1] != ")":
                        return False
                    self.inside(self.text[self.at + 3 : index - 1])
                    self.at = index + 1
                    return True
        return False

    def substitution(self, end: str) -> tuple[Command, ...]:
        """The commands up to `end`, which is passed."""
        before = len(self.found)
        self.depth += 1
        if self.depth > DEEPEST:
            self.too_deep()
        else:
            # A scope of its own that no other can begin with: its changes are lost when it ends.
            self.read(self.inner_scope((-1 - len(self.found),)), end)
        self.depth -= 1
        return tuple(self.found[before:])

    def back_quoted(self, parts: list[Part], quoted: bool) -> None:
        """`…`, whose text is a command line once a level of backslashes is taken away."""
        self.at += 1
        out: list[str] = []
        while self.at < len(self.text) and self.text[self.at] != "`":
            if self.text[self.at] == "\\" and self.text[self.at + 1 : self.at + 2] in ("`", "\\", "$"):
                self.at += 1
            out.append(self.peek())
            self.at += 1
        self.at += 1
        made = commands("".join(out), self.depth + 1) if self.depth < DEEPEST else [TOO_DEEP]
        base = len(self.found)
        for each in made:
            moved = each.piped + base if each.piped >= 0 else -1
            self.found.append(each._replace(scope=(-1 - base, *each.scope), piped=moved))
        parts.append(Part(UNKNOWN, quoted, commands=tuple(made)))

    def braced_variable(self, parts: list[Part], quoted: bool) -> None:
        """`${…}`."""
        start = self.at + 2
        stop, level = start, 1
        while stop < len(self.text):
            char = self.text[stop]
            if char == "\\":
                stop += 1
            elif char == "{":
                level += 1
            elif char == "}":
                level -= 1
                if level == 0:
                    break
            stop += 1
        inner = self.text[start:stop]
        self.at = stop + 1
        name = inner
        for index, char in enumerate(inner):
            if not (char.isalnum() or char == "_"):
                name = inner[:index]
                break
        rest = inner[len(name) :]
        default = self.inside(rest.lstrip(":")[1:]) if rest else None
        if name and not name[0].isdigit() and not rest:
            parts.append(Part("", quoted, name))
        elif name and not name[0].isdigit() and rest.startswith((":-", "-", ":=", "=")):
            parts.append(Part("", quoted, name, default))
        else:
            parts.append(Part(UNKNOWN, quoted))


class _List:
    """Reads one list of commands: what stands between two brackets, or the whole text."""

    def __init__(self, reader: _Reader, scope: tuple[int, ...], end: str) -> None:
        self.reader = reader
        self.scope = scope
        self.end = end
        self.words: list[Word] = []
        self.assignments: list[tuple[str, tuple[Word, ...]]] = []
        self.redirections: list[Redirection] = []
        self.cases = 0
        self.pattern = False
        self.piped = -1
        self.in_pipe = False

    def read(self) -> None:
        """Up to the end, which is passed."""
        reader = self.reader
        while True:
            reader.blanks()
            char = reader.peek()
            if not char:
                break
            if char == "#":
                stop = reader.text.find("\n", reader.at)
                reader.at = len(reader.text) if stop < 0 else stop
            elif char == "\n":
                self.finish()
                reader.line_end()
            elif char == ")":
                reader.at += 1
                if self.pattern:
                    self.drop()
                    self.pattern = False
                elif self.end == ")":
                    break
                else:
                    self.finish()
            elif char == "(":
                self.bracket()
            elif char in ";&|" and not (char == "&" and reader.peek(2) == "&>"):
                self.operator()
            elif char in "<>&" and reader.peek(2) not in ("<(", ">("):
                self.redirection("1")
            else:
                self.take_word()
        self.finish()

    def drop(self) -> None:
        self.words, self.assignments, self.redirections = [], [], []

    def finish(self, to_pipe: bool = False) -> None:
        """The command that was read, if any, is done; with `to_pipe` the next one reads its output."""
        piped, self.piped = self.piped, -1
        if self.words or self.assignments or self.redirections:
            scope = self.reader.inner_scope(self.scope) if to_pipe or self.in_pipe else self.scope
            if to_pipe:
                self.piped = len(self.reader.found)
            self.reader.found.append(
                Command(tuple(self.words), tuple(self.assignments), tuple(self.redirections), scope, piped)
            )
        self.in_pipe = to_pipe
        self.drop()

    def operator(self) -> None:
        """`;`, `&`, `|` and what begins with them."""
        reader = self.reader
        known = next((each for each in (";;&", "&&", "||", ";;", ";&", "|&") if reader.peek(len(each)) == each), "")
        operator = known or reader.peek()
        reader.at += len(operator)
        if self.pattern:
            self.drop()
            return
        self.finish(to_pipe=operator in ("|", "|&"))
        if operator in (";;", ";&", ";;&") and self.cases:
            self.pattern = True

    def bracket(self) -> None:
        """`(`: a subshell, a function's empty brackets, or part of a pattern."""
        reader = self.reader
        reader.at += 1
        if self.pattern:
            return
        if len(self.words) == 1:
            start = reader.at
            reader.blanks()
            if reader.peek() == ")":
                reader.at += 1
                self.drop()
                return
            reader.at = start
        self.finish()
        reader.depth += 1
        if reader.depth > DEEPEST:
            reader.too_deep()
        else:
            reader.read(reader.inner_scope(self.scope), ")")
        reader.depth -= 1

    def take_word(self) -> None:
        reader = self.reader
        start = reader.at
        word = reader.word()
        if reader.at == start:  # nothing that a word can begin with: never stand still
            reader.at += 1
            return
        text = reader.text[start : reader.at]
        if text.isdigit() and reader.peek() and reader.peek() in "<>":
            self.redirection(text)
            return
        if self.pattern:
            if word.literal() == "esac" and not self.words:
                self.cases -= 1
                self.pattern = False
                return
            self.words.append(word)
            return
        if not self.words:
            if self.assignment(word) or self.reserved(word.literal()):
                return
        elif self.words[0].literal() in ("export", "declare", "local", "readonly", "typeset"):
            # What is exported is also assigned, so that it counts for the commands after it.
            kept = self.words
            self.assignment(word)
            self.words = kept
        self.words.append(word)

    def assignment(self, word: Word) -> bool:
        """Whether `word` assigns; if so it is noted."""
        if not word.parts or word.parts[0].quoted or word.parts[0].variable or word.parts[0].commands:
            return False
        name, sign, value = word.parts[0].text.partition("=")
        name = name.removesuffix("+")
        if not sign or not name.isidentifier() or not name.isascii():
            return False
        reader = self.reader
        values = [Word((word.parts[0]._replace(text=value), *word.parts[1:]))]
        if reader.peek() == "(" and not value and len(word.parts) == 1:
            reader.at += 1
            values = self.words_until(")")
            reader.at += 1
        self.assignments.append((name, tuple(values)))
        return True

    def words_until(self, ends: str) -> list[Word]:
        """The words up to one of `ends`, which stays."""
        reader = self.reader
        found: list[Word] = []
        while True:
            reader.blanks()
            char = reader.peek()
            if not char or char in ends:
                return found
            start = reader.at
            word = reader.word()
            if reader.at == start:
                reader.at += 1
            else:
                found.append(word)

    def reserved(self, text: str | None) -> bool:
        """Whether a reserved word stands where a command begins; if so it is dealt with."""
        reader = self.reader
        if text in _PASSED_OVER:
            return True
        if text == "esac" and self.cases:
            self.cases -= 1
            return True
        if text == "case":
            reader.blanks()
            reader.word()
            self.blank_lines()
            if reader.peek(2) == "in":
                reader.at += 2
            self.cases += 1
            self.pattern = True
            return True
        if text in ("for", "select"):
            return self.loop()
        if text == "function":
            reader.blanks()
            reader.word()
            reader.blanks()
            if reader.peek(2) == "()":
                reader.at += 2
            return True
        if text == "[[":
            self.test()
            return True
        return False

    def blank_lines(self) -> None:
        """Pass over blanks and newlines."""
        self.reader.blanks()
        while self.reader.peek() == "\n":
            self.reader.line_end()
            self.reader.blanks()

    def loop(self) -> bool:
        """`for NAME in WORDS`: an assignment of all the values."""
        reader = self.reader
        reader.blanks()
        if reader.peek() == "(":
            return True
        name = reader.word().literal() or ""
        self.blank_lines()
        if reader.peek(2) == "in" and reader.text[reader.at + 2 : reader.at + 3].isspace():
            reader.at += 2
            values = self.words_until(";\n&|")
            if name.isidentifier() and name.isascii():
                self.assignments.append((name, tuple(values)))
                self.finish()
        return True

    def test(self) -> None:
        """`[[ … ]]`: operators in it are no redirections and no pipes."""
        reader = self.reader
        while reader.at < len(reader.text):
            reader.blanks()
            if reader.peek() == "\n":
                reader.line_end()
                continue
            start = reader.at
            if reader.word().literal() == "]]":
                return
            if reader.at == start:
                reader.at += 1

    def redirection(self, number: str) -> None:
        reader = self.reader
        operator = ""
        for known in ("<<<", "<<-", "&>>", "<<", ">>", ">|", "<>", "<&", ">&", "&>", "<", ">"):
            if reader.peek(len(known)) == known:
                operator = known
                break
        if not operator:  # a lone `&`, which the caller takes for an operator
            reader.at += 1
            return
        reader.at += len(operator)
        reader.blanks()
        start = reader.at
        target = reader.word()
        if operator in (">&", "<&") and reader.text[start : reader.at].rstrip("-").isdigit():
            return
        if operator in ("<<", "<<-"):
            body = reader.heredoc("".join(part.text for part in target.parts), operator == "<<-")
            plain = any(part.quoted for part in target.parts)
            target = Word((Part(body),)) if plain else reader.inside(body)
            operator = "<<"
        if operator == "<" and number not in ("0", "1"):
            return
        self.redirections.append(Redirection(operator, target))
