"""File patterns: which paths a stage may change, and whether two stages may want the same path.

A pattern is read from the repository's root and is case-sensitive. What it means:

- without a wildcard it is that path and, should that be a directory, everything beneath it;
- `*` and `?` stand for characters other than `/`, and so does a class such as `[a-z]` or `[!0-9]`; a class also
  stands for itself as written, because web frameworks name files `[id].tsx`;
- `**` as a whole component stands for any number of directories, also none, and at the end for everything beneath;
- a `/` at the end means everything beneath;
- a wildcard and no `/` (`*.md`) matches the last component at any depth.

There is no escape character, no `{a,b}` and no exclusion. Paths are those of git: relative, with `/`. Both answers are
exact: a component is a small automaton (Thompson, "Regular expression search algorithm", CACM 11(6), 1968), and two
patterns overlap when the product of theirs can reach an end. Loaded by hooks, hence without `re`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 1024
"""The most characters a pattern may have."""

_Ranges = tuple[tuple[int, int], ...]
"""Code points, as sorted ranges with both ends included."""

# A component holds neither "/" nor NUL.
_ANY: _Ranges = ((1, 46), (48, 0x10FFFF))
_MANY = None
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class _Glob:
    """One component with a wildcard, as an automaton whose states are numbers, 0 at the start."""

    __slots__ = ("accepting", "edges", "loops", "prefix", "simple", "suffix")

    def __init__(self, text: str) -> None:
        self.edges: list[list[tuple[_Ranges, int]]] = [[]]
        self.loops: set[int] = set()
        state = at = 0
        while at < len(text):
            character = text[at]
            if character == "*":
                self.loops.add(state)
                at += 1
                continue
            end = _class_end(text, at)
            target = self._state()
            if end:
                self.edges[state].append((_class_ranges(text[at + 1 : end - 1]), target))
                self._literally(text[at:end], state, target)
            else:
                self.edges[state].append((_ANY if character == "?" else _single(character), target))
            state = target
            at = end or at + 1
        self.accepting = state
        # A single `*` needs no automaton.
        self.prefix, _, self.suffix = text.partition("*")
        self.simple = text.count("*") == 1 and "?" not in text and "[" not in text

    def _state(self) -> int:
        self.edges.append([])
        return len(self.edges) - 1

    def _literally(self, text: str, state: int, target: int) -> None:
        for character in text[:-1]:
            following = self._state()
            self.edges[state].append((_single(character), following))
            state = following
        self.edges[state].append((_single(text[-1]), target))

    def accepts(self, name: str) -> bool:
        if self.simple:
            enough = len(name) >= len(self.prefix) + len(self.suffix)
            return enough and name.startswith(self.prefix) and name.endswith(self.suffix)
        states = {0}
        for character in name:
            code = ord(character)
            following = states & self.loops
            for state in states:
                for ranges, target in self.edges[state]:
                    if any(low <= code <= high for low, high in ranges):
                        following.add(target)
            states = following
        return self.accepting in states

    def steps(self, state: int) -> list[tuple[_Ranges, int]]:
        return [*self.edges[state], (_ANY, state)] if state in self.loops else self.edges[state]

    def meets(self, other: _Glob) -> bool:
        """Whether some component fits both."""
        seen = {(0, 0)}
        ahead = [(0, 0)]
        while ahead:
            mine, theirs = ahead.pop()
            if mine == self.accepting and theirs == other.accepting:
                return True
            for ranges, target in self.steps(mine):
                for other_ranges, other_target in other.steps(theirs):
                    pair = target, other_target
                    if pair not in seen and _share(ranges, other_ranges):
                        seen.add(pair)
                        ahead.append(pair)
        return False


_Component = str | _Glob
_Token = _Component | None
"""`_MANY` stands for any number of components, everything else for exactly one."""

_REST = _Glob("*")


class _Pattern:
    """A pattern taken apart: `literal` when it has no wildcard and no `/` at the end, and what it matches in turn."""

    __slots__ = ("literal", "tokens")

    def __init__(self, text: str) -> None:
        beneath = text.endswith("/")
        tokens: list[_Token] = [_token(part) for part in (text[:-1] if beneath else text).split("/")]
        wild = not all(isinstance(token, str) for token in tokens)
        self.literal = "" if wild or beneath else text
        if beneath:
            tokens += [_MANY, _REST]
        elif not wild:
            tokens.append(_MANY)
        elif tokens[-1] is _MANY:
            tokens.append(_REST)
        elif "/" not in text:
            tokens.insert(0, _MANY)
        self.tokens = tokens

    def matches(self, path: str) -> bool:
        if self.literal:
            return path == self.literal or path.startswith(f"{self.literal}/")
        names = path.split("/")
        tokens = self.tokens
        token = name = after_many = 0
        resume = -1
        # After a `**` has found its earliest end, only the latest `**` can need to take more.
        while name < len(names):
            if token < len(tokens) and tokens[token] is _MANY:
                token += 1
                after_many, resume = token, name
            elif token < len(tokens) and _fits(tokens[token], names[name]):
                token += 1
                name += 1
            elif resume >= 0:
                resume += 1
                token, name = after_many, resume
            else:
                return False
        return all(each is _MANY for each in tokens[token:])


_known: dict[str, _Pattern | None] = {}


def matches(pattern: str, path: str) -> bool:
    """Whether `pattern` covers `path` (relative to the root, with `/`). A faulty pattern covers nothing."""
    parsed = _parsed(pattern)
    return parsed is not None and bool(path) and parsed.matches(path)


def any_match(patterns: Iterable[str], path: str) -> bool:
    """Whether one of `patterns` covers `path`."""
    return any(matches(pattern, path) for pattern in patterns)


def may_overlap(one: str, other: str) -> bool:
    """Whether there is a path that both patterns cover; exact. Faulty patterns cover nothing."""
    left, right = _parsed(one), _parsed(other)
    if left is None or right is None:
        return False
    ours, theirs = left.tokens, right.tokens
    # below[j]: whether the tokens from i + 1 of ours and from j of theirs have a path in common.
    below = [all(token is _MANY for token in theirs[start:]) for start in range(len(theirs) + 1)]
    for mine in reversed(ours):
        row = [mine is _MANY and below[-1]]
        for index in range(len(theirs) - 1, -1, -1):
            yours = theirs[index]
            if mine is _MANY or yours is _MANY:
                # The `**` stands for nothing more, or takes one component more.
                row.append(below[index] or row[-1])
            else:
                row.append(below[index + 1] and _meet(mine, yours))
        below = row[::-1]
    return below[0]


def fixed_directory(pattern: str) -> tuple[str, ...]:
    """The components at the beginning that have no wildcard.

    Two patterns can overlap only when the ones of the one begin with those of the other, which spares most comparisons.
    """
    parsed = _parsed(pattern)
    fixed: list[str] = []
    for token in parsed.tokens if parsed else ():
        if not isinstance(token, str):
            break
        fixed.append(token)
    return tuple(fixed)


def fault(pattern: str) -> str | None:
    """Why `pattern` may not stand in a plan, as the end of a sentence that begins with it; None when it may.

    What leads out of the repository or into `.git` is refused, and what would mean something else than it seems to.
    """
    if not pattern:
        return "is empty"
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if odd := unprintable(pattern):
        return f"holds the character {odd}"
    if "\\" in pattern:
        return "holds a backslash; components are separated by '/', and nothing is escaped"
    if pattern.startswith("/"):
        return "is absolute; patterns begin at the repository's root without a '/'"
    if pattern.startswith("~"):
        return "begins with '~', which is a home directory"
    if pattern[1:2] == ":" and pattern[0].isascii() and pattern[0].isalpha():
        return "begins with a drive letter"
    for part in pattern.removesuffix("/").split("/"):
        if part == "..":
            return "leaves the repository through '..'"
        if part.casefold() == ".git":
            return "leads into '.git'"
        if part == ".":
            return "holds the component '.'"
        if not part:
            return "holds '//'"
    return None


def doubt(pattern: str) -> str | None:
    """Why `pattern` seems to mean something else than its author thinks, worded as in `fault`; else None."""
    if pattern.startswith("!"):
        return "begins with '!', which excludes nothing here"
    if any("**" in part and part != "**" for part in pattern.split("/")):
        return "holds '**' inside a component, where it stays within one directory like '*'"
    opening = pattern.find("{")
    if opening >= 0 and "," in pattern[opening : pattern.find("}", opening) + 1]:
        return "holds braces, which are not expanded; write one pattern for each"
    return None


def unprintable(text: str) -> str:
    """The first character of `text` that could deceive a reader or steer a terminal, as `U+001B`; empty when none does.

    These are control characters, line and paragraph separators, overrides of the writing direction, and surrogates.
    """
    for character in text:
        if not " " <= character <= "~" and (
            character < "\xa0" or character in "\u2028\u2029" or character in _BIDI or "\ud800" <= character <= "\udfff"
        ):
            return f"U+{ord(character):04X}"
    return ""


def _parsed(pattern: str) -> _Pattern | None:
    if pattern not in _known:
        if len(_known) >= 4096:
            _known.clear()
        _known[pattern] = None if fault(pattern) else _Pattern(pattern)
    return _known[pattern]


def _token(part: str) -> _Token:
    if part == "**":
        return _MANY
    wild = "*" in part or "?" in part or any(_class_end(part, at) for at in range(len(part)))
    return _Glob(part) if wild else part


def _fits(token: _Token, name: str) -> bool:
    return token == name if isinstance(token, str) else token is not None and token.accepts(name)


def _meet(one: _Component, other: _Component) -> bool:
    if isinstance(one, str):
        return _fits(other, one)
    return one.accepts(other) if isinstance(other, str) else one.meets(other)


def _class_end(text: str, at: int) -> int:
    """Where the class that begins at `at` ends; 0 when none begins there. A `]` at its very beginning belongs to it."""
    if text[at] != "[":
        return 0
    first = at + (2 if text[at + 1 : at + 2] in ("!", "^") else 1)
    return text.find("]", first + 1) + 1


def _class_ranges(inside: str) -> _Ranges:
    negated = inside[0] in "!^"
    body = inside[1:] if negated else inside
    ranges: list[tuple[int, int]] = []
    at = 0
    while at < len(body):
        if body[at + 1 : at + 2] == "-" and at + 2 < len(body):
            ranges.append((ord(body[at]), ord(body[at + 2])))
            at += 3
        else:
            ranges.append((ord(body[at]), ord(body[at])))
            at += 1
    if not negated:
        return _common(tuple(ranges), _ANY)
    left: _Ranges = _ANY
    for low, high in ranges:
        if low <= high:
            left = _common(left, ((0, low - 1), (high + 1, 0x10FFFF)))
    return left


def _single(character: str) -> _Ranges:
    return ((ord(character), ord(character)),)


def _common(one: _Ranges, other: _Ranges) -> _Ranges:
    return tuple(
        (max(low, other_low), min(high, other_high))
        for low, high in one
        for other_low, other_high in other
        if max(low, other_low) <= min(high, other_high)
    )


def _share(one: _Ranges, other: _Ranges) -> bool:
    return any(max(low, other_low) <= min(high, other_high) for low, high in one for other_low, other_high in other)
